/* bind_params: from the arguments of a call to the parameters of a function.
 *
 * The order of the steps is CPython's, since it decides which mistake is reported:
 * positions, keywords, too many positions, missing positions, missing keywords.
 */
#include "runner/evaluate/function.h"

#include "runner/evaluate/eval.h"
#include "runner/evaluate/state.h"

/* ---- messages ---- */

static bool raise_too_many(Ctx *c, const Function *fn, const Frame *f, size_t given) {
    const Params *p = &fn->code->params;
    size_t n = p->n_pos, least = n - fn->n_defaults;
    size_t kwonly = 0;
    for (uint32_t i = 0; i < p->n_kwonly; i++)
        kwonly += !value_is_null(f->slots[p->n_pos + i]);
    Buf kw;
    buf_init(&kw, &c->mem);
    if (kwonly)
        buf_printf(&kw, " positional argument%s (and %zu keyword-only argument%s)",
                   given == 1 ? "" : "s", kwonly, kwonly == 1 ? "" : "s");
    const char *were = given == 1 && !kwonly ? "was" : "were";
    if (fn->n_defaults)
        error_raise(
            c, TypeError,
            "%s() takes from %zu to %zu positional arguments but %zu%s %s given",
            fn->qualname->data, least, n, given, buf_text(&kw), were);
    else
        error_raise(
            c, TypeError, "%s() takes %zu positional argument%s but %zu%s %s given",
            fn->qualname->data, n, n == 1 ? "" : "s", given, buf_text(&kw), were);
    buf_free(&kw);
    return false;
}

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'": the unbound ones among parameters
 * [from, to). */
static size_t missing_names(Buf *out, const Frame *f, uint32_t from, uint32_t to) {
    const Params *p = &f->code->params;
    size_t n = 0, at = 0;
    for (uint32_t i = from; i < to; i++) n += value_is_null(f->slots[i]);
    for (uint32_t i = from; i < to; i++) {
        if (!value_is_null(f->slots[i])) continue;
        at++;
        if (at > 1) buf_puts(out, n == 2 ? " and " : at == n ? ", and " : ", ");
        buf_printf(out, "'%s'", p->names[i]->data);
    }
    return n;
}

static bool raise_missing(Ctx *c, const Frame *f, uint32_t from, uint32_t to,
                          const char *kind) {
    Buf names;
    buf_init(&names, &c->mem);
    size_t n = missing_names(&names, f, from, to);
    error_raise(c, TypeError, "%s() missing %zu required %s argument%s: %s",
                f->function->qualname->data, n, kind, n == 1 ? "" : "s",
                buf_text(&names));
    buf_free(&names);
    return false;
}

/* ---- keywords ---- */

static int find_param(const Params *p, const Str *name) {
    for (uint32_t i = p->n_posonly; i < p->n_pos + p->n_kwonly; i++)
        if (p->names[i] == name) return (int)i;
    for (uint32_t i = p->n_posonly; i < p->n_pos + p->n_kwonly; i++)
        if (str_equals(name, p->names[i]->data)) return (int)i;
    return -1;
}

static bool is_posonly(const Params *p, const Str *name) {
    for (uint32_t i = 0; i < p->n_posonly; i++)
        if (str_equals(name, p->names[i]->data)) return true;
    return false;
}

/* All positional-only parameters that the call names. */
static bool raise_posonly(Ctx *c, const Function *fn, const Args *args) {
    const Params *p = &fn->code->params;
    Buf names;
    buf_init(&names, &c->mem);
    for (size_t i = 0; i < args->n_named; i++)
        if (is_posonly(p, args->named[i].name))
            buf_printf(&names, "%s%s", names.len ? ", " : "",
                       args->named[i].name->data);
    error_raise(c, TypeError,
                "%s() got some positional-only arguments passed as keyword arguments: "
                "'%s'",
                fn->qualname->data, buf_text(&names));
    buf_free(&names);
    return false;
}

static bool bind_keyword(Frame *f, const Function *fn, const Args *args, size_t k,
                         Dict *kwargs) {
    Ctx *c = f->c;
    const Params *p = &fn->code->params;
    Str *name = (Str *)args->named[k].name;
    int i = find_param(p, name);
    if (i < 0 && kwargs) return dict_set_str(c, kwargs, name, args->named[k].value);
    if (i < 0 && is_posonly(p, name)) return raise_posonly(c, fn, args);
    if (i < 0) {
        error_raise(c, TypeError, "%s() got an unexpected keyword argument '%s'",
                    fn->qualname->data, name->data);
        return false;
    }
    if (!value_is_null(f->slots[i])) {
        error_raise(c, TypeError, "%s() got multiple values for argument '%s'",
                    fn->qualname->data, name->data);
        return false;
    }
    f->slots[i] = value_retain(args->named[k].value);
    return true;
}

/* ---- the whole ---- */

static Value positional(Value self, const Args *args, size_t i) {
    if (value_is_null(self)) return args->pos[i];
    return i == 0 ? self : args->pos[i - 1];
}

static bool bind_rest(Frame *f, Value self, const Args *args, size_t from, size_t given,
                      uint32_t slot) {
    size_t n = given > from ? given - from : 0;
    Tuple *t = tuple_new(f->c, NULL, n, NULL);
    if (!t) return false;
    for (size_t i = 0; i < n; i++)
        t->items[i] = value_retain(positional(self, args, from + i));
    f->slots[slot] = value_obj(t);
    return true;
}

static bool bind_defaults(Frame *f, const Function *fn) {
    const Params *p = &fn->code->params;
    uint32_t first = p->n_pos - fn->n_defaults;
    for (uint32_t i = first; i < p->n_pos; i++)
        if (value_is_null(f->slots[i]))
            f->slots[i] = value_retain(fn->values[i - first]);
    for (uint32_t i = 0; i < first; i++)
        if (value_is_null(f->slots[i]))
            return raise_missing(f->c, f, 0, first, "positional");
    uint32_t end = p->n_pos + p->n_kwonly;
    for (uint32_t i = p->n_pos; i < end; i++)
        if (value_is_null(f->slots[i]))
            f->slots[i] = value_retain(fn->values[fn->n_defaults + i - p->n_pos]);
    for (uint32_t i = p->n_pos; i < end; i++)
        if (value_is_null(f->slots[i]))
            return raise_missing(f->c, f, p->n_pos, end, "keyword-only");
    return true;
}

static bool bind_fully(Frame *f, const Function *fn, Value self, const Args *args,
                       size_t given) {
    const Params *p = &fn->code->params;
    uint32_t slot = p->n_pos + p->n_kwonly;
    Dict *kwargs = NULL;
    if (p->has_kwargs) {
        kwargs = dict_new(f->c);
        if (!kwargs) return false;
        f->slots[slot + p->has_args] = value_obj(kwargs);
    }
    if (p->has_args && !bind_rest(f, self, args, p->n_pos, given, slot)) return false;
    for (size_t k = 0; k < args->n_named; k++)
        if (!bind_keyword(f, fn, args, k, kwargs)) return false;
    if (given > p->n_pos && !p->has_args) return raise_too_many(f->c, fn, f, given);
    return bind_defaults(f, fn);
}

bool bind_params(Frame *f, const Function *fn, Value self, const Args *args) {
    const Params *p = &fn->code->params;
    size_t given = args->n + !value_is_null(self);
    size_t taken = given < p->n_pos ? given : p->n_pos;
    for (size_t i = 0; i < taken; i++)
        f->slots[i] = value_retain(positional(self, args, i));
    bool exact = given == p->n_pos && !p->n_kwonly && !p->has_args && !p->has_kwargs;
    return (exact && args->n_named == 0) || bind_fully(f, fn, self, args, given);
}
