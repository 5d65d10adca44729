/* See native.h. The texts and the order of the checks are those of CPython 3.11's
 * argument parsing: METH_NOARGS, METH_O, _PyArg_CheckPositional and
 * _PyArg_UnpackKeywords. */
#include "runner/values/native.h"

#include "runner/values/kinds.h"
#include "runner/values/protocol.h"

#include <string.h>

/* What a parameter string says. */
typedef struct Declared {
    struct {
        const char *name, *type; /* type: NULL, or behind the colon */
        size_t len, type_len;
        bool optional;
    } of[NATIVE_MAX_PARAMS];
    size_t n;
    size_t required; /* without '?', counted from the front */
    size_t pos_only; /* before '/' */
    size_t max_pos;  /* before '*' */
    bool by_name;    /* '/' is not the last word */
    bool any_number; /* "*args /" */
    bool is_def;     /* "def" is the first word */
    bool is_arg;     /* "arg" is */
} Declared;

const char *native_name(const Native *n) {
    const char *dot = strrchr(n->name, '.');
    return dot ? dot + 1 : n->name;
}

const Native *native_find(const Native *table, const Str *name) {
    if (!table) return NULL;
    for (const Native *n = table; n->name; n++)
        if (str_equals(name, native_name(n))) return n;
    return NULL;
}

static void take_word(Declared *p, const char *word, size_t len) {
    p->by_name = true;
    if (len == 1 && word[0] == '/') {
        p->pos_only = p->n;
        p->by_name = false;
    } else if (len == 1 && word[0] == '*') {
        p->max_pos = p->n;
    } else if (word[0] == '*') {
        p->any_number = true;
    } else if (p->n == 0 && !p->is_def && len == 3 && memcmp(word, "def", 3) == 0) {
        p->is_def = true;
    } else if (p->n == 0 && !p->is_arg && len == 3 && memcmp(word, "arg", 3) == 0) {
        p->is_arg = true;
    } else if (p->n < NATIVE_MAX_PARAMS) {
        bool optional = word[len - 1] == '?';
        const char *colon = memchr(word, ':', len);
        len -= optional;
        p->of[p->n].name = word;
        p->of[p->n].len = colon ? (size_t)(colon - word) : len;
        p->of[p->n].type = colon ? colon + 1 : NULL;
        p->of[p->n].type_len = colon ? len - (size_t)(colon + 1 - word) : 0;
        p->of[p->n++].optional = optional;
        if (!optional) p->required = p->n;
    }
}

static Declared read_params(const char *text) {
    Declared p = {.max_pos = SIZE_MAX};
    while (*text) {
        size_t len = strcspn(text, " ");
        take_word(&p, text, len);
        text += len;
        text += strspn(text, " ");
    }
    if (p.max_pos == SIZE_MAX) p.max_pos = p.n;
    return p;
}

/* f's name with its type: nodes of the graph have a type each. */
static const char *full_name(Ctx *c, const Native *f, Value self) {
    if (!value_node(self)) return f->name;
    Buf b;
    buf_init(&b, &c->mem);
    buf_printf(&b, "%s.%s", type_name(self), native_name(f));
    return text_take(c, &b);
}

static bool check_count(Ctx *c, const Native *f, const Declared *p, Value self,
                        size_t n) {
    const char *name = native_name(f);
    if (n >= p->required && n <= p->n) return true;
    if (p->n == 0)
        error_raise(c, TypeError, "%s() takes no arguments (%zu given)",
                    full_name(c, f, self), n);
    else if (p->n == 1 && p->required == 1)
        error_raise(c, TypeError, "%s() takes exactly one argument (%zu given)",
                    full_name(c, f, self), n);
    else {
        bool few = n < p->required;
        size_t bound = few ? p->required : p->n;
        const char *how = p->required == p->n ? "" : few ? "at least " : "at most ";
        error_raise(c, TypeError, "%s expected %s%zu argument%s, got %zu", name, how,
                    bound, bound == 1 ? "" : "s", n);
    }
    return false;
}

static bool bind_positional(Ctx *c, const Native *f, const Declared *p, Value self,
                            const Args *args, Value *out) {
    if (args->n_named) {
        error_raise(c, TypeError, "%s() takes no keyword arguments",
                    full_name(c, f, self));
        return false;
    }
    if (p->any_number) return true;
    if (!check_count(c, f, p, self, args->n)) return false;
    for (size_t i = 0; i < args->n; i++) out[i] = args->pos[i];
    return true;
}

static bool check_positional_part(Ctx *c, const Native *f, const Declared *p,
                                  const Args *args) {
    const char *name = native_name(f);
    size_t given = args->n + args->n_named;
    size_t least = p->pos_only < p->required ? p->pos_only : p->required;
    if (given > p->n) {
        error_raise(c, TypeError, "%s() takes at most %zu %sargument%s (%zu given)",
                    name, p->n, args->n ? "" : "keyword ", p->n == 1 ? "" : "s", given);
    } else if (args->n > p->max_pos && p->max_pos == 0) {
        error_raise(c, TypeError, "%s() takes no positional arguments", name);
    } else if (args->n > p->max_pos) {
        error_raise(c, TypeError, "%s() takes %s %zu positional argument%s (%zu given)",
                    name, p->required < p->max_pos ? "at most" : "exactly", p->max_pos,
                    p->max_pos == 1 ? "" : "s", args->n);
    } else if (args->n < least) {
        error_raise(c, TypeError, "%s() takes %s %zu positional argument%s (%zu given)",
                    name, least < p->max_pos ? "at least" : "exactly", least,
                    least == 1 ? "" : "s", args->n);
    }
    return !ctx_failed(c);
}

static bool is_param(const Declared *p, size_t i, const Str *name) {
    return name->len == p->of[i].len &&
           memcmp(name->data, p->of[i].name, name->len) == 0;
}

static void raise_extra_name(Ctx *c, const Native *f, const Declared *p,
                             const Args *args) {
    const char *name = native_name(f);
    for (size_t i = p->pos_only; i < args->n; i++)
        for (size_t k = 0; k < args->n_named; k++)
            if (is_param(p, i, args->named[k].name)) {
                error_raise(c, TypeError,
                            "argument for %s() given by name ('%s') and position (%zu)",
                            name, args->named[k].name->data, i + 1);
                return;
            }
    for (size_t k = 0; k < args->n_named; k++) {
        bool known = false;
        for (size_t i = p->pos_only; i < p->n; i++)
            known = known || is_param(p, i, args->named[k].name);
        if (!known)
            error_raise(c, TypeError, "'%s' is an invalid keyword argument for %s()",
                        args->named[k].name->data, name);
    }
}

static bool bind_by_name(Ctx *c, const Native *f, const Declared *p, const Args *args,
                         Value *out) {
    if (!check_positional_part(c, f, p, args)) return false;
    for (size_t i = 0; i < args->n; i++) out[i] = args->pos[i];
    size_t used = 0;
    for (size_t i = args->n; i < p->n; i++) {
        for (size_t k = 0; k < args->n_named && i >= p->pos_only; k++)
            if (is_param(p, i, args->named[k].name)) {
                out[i] = args->named[k].value;
                used++;
            }
        if (value_is_null(out[i]) && i < p->required) {
            error_raise(c, TypeError, "%s() missing required argument '%.*s' (pos %zu)",
                        native_name(f), (int)p->of[i].len, p->of[i].name, i + 1);
            return false;
        }
    }
    if (used < args->n_named) raise_extra_name(c, f, p, args);
    return !ctx_failed(c);
}

/* ---- as a function that `def` made ---- */

/* least and most: how many by position. */
static bool raise_too_many(Ctx *c, const char *name, size_t least, size_t most,
                           size_t given) {
    const char *were = given == 1 ? "was" : "were";
    if (least < most)
        error_raise(c, TypeError,
                    "%s() takes from %zu to %zu positional arguments but %zu %s given",
                    name, least, most, given, were);
    else
        error_raise(c, TypeError,
                    "%s() takes %zu positional argument%s but %zu %s given", name, most,
                    most == 1 ? "" : "s", given, were);
    return false;
}

static bool bind_name(Ctx *c, const Native *f, const Declared *p, const Named *named,
                      Value *out) {
    for (size_t i = 0; i < p->n; i++) {
        if (!is_param(p, i, named->name)) continue;
        if (!value_is_null(out[i])) {
            error_raise(c, TypeError, "%s() got multiple values for argument '%s'",
                        f->name, named->name->data);
            return false;
        }
        out[i] = named->value;
        return true;
    }
    error_raise(c, TypeError, "%s() got an unexpected keyword argument '%s'", f->name,
                named->name->data);
    return false;
}

/* "f() missing 2 required positional arguments: 'x' and 'y'" */
static bool none_missing(Ctx *c, const Native *f, const Declared *p, const Value *out) {
    size_t missing = 0, named = 0;
    for (size_t i = 0; i < p->required; i++) missing += value_is_null(out[i]);
    if (!missing) return true;
    Buf names;
    buf_init(&names, &c->mem);
    for (size_t i = 0; i < p->required; i++) {
        if (!value_is_null(out[i])) continue;
        bool last = ++named == missing;
        const char *before = named == 1   ? ""
                             : !last      ? ", "
                             : named == 2 ? " and "
                                          : ", and ";
        buf_printf(&names, "%s'%.*s'", before, (int)p->of[i].len, p->of[i].name);
    }
    error_raise(c, TypeError, "%s() missing %zu required positional argument%s: %s",
                f->name, missing, missing == 1 ? "" : "s", buf_text(&names));
    buf_free(&names);
    return false;
}

/* The order of the checks is that of bind_params. */
static bool bind_as_def(Ctx *c, const Native *f, const Declared *p, const Args *args,
                        Value *out) {
    for (size_t i = 0; i < args->n && i < p->n; i++) out[i] = args->pos[i];
    for (size_t k = 0; k < args->n_named; k++)
        if (!bind_name(c, f, p, &args->named[k], out)) return false;
    size_t self = strchr(f->name, '.') != NULL;
    if (args->n > p->n)
        return raise_too_many(c, f->name, p->required + self, p->n + self,
                              args->n + self);
    return none_missing(c, f, p, out);
}

/* ---- as PyTorch's parser of arguments does ---- */

/* 'f() missing 1 required positional arguments: "x"': the s is on the wrong side. */
static bool raise_missing(Ctx *c, const Native *f, const Declared *p,
                          const Value *out) {
    size_t missing = 0;
    Buf names;
    buf_init(&names, &c->mem);
    for (size_t i = 0; i < p->required; i++)
        if (value_is_null(out[i]))
            buf_printf(&names, "%s\"%.*s\"", missing++ ? ", " : "", (int)p->of[i].len,
                       p->of[i].name);
    error_raise(c, TypeError, "%s() missing %zu required positional argument%s: %s",
                native_name(f), missing, missing == 1 ? "s" : "", buf_text(&names));
    buf_free(&names);
    return false;
}

static bool is_bool(Ctx *c, Value v) {
    (void)c;
    return v.tag == VAL_BOOL;
}
static bool is_tensor(Ctx *c, Value v) {
    (void)c;
    return value_tensor(v) != NULL;
}
static bool is_memory_format(Ctx *c, Value v) {
    (void)c;
    return v.tag == VAL_MEMORY_FORMAT;
}
static bool is_dtype(Ctx *c, Value v) {
    DType d;
    return v.tag == VAL_DTYPE || c->host.type_dtype(c, v, &d);
}

static bool has_type(Ctx *c, const Declared *p, size_t i, Value v) {
    static const struct {
        const char *name;
        bool (*holds)(Ctx *c, Value v);
        bool none; /* None stands for one that was left out */
    } types[] = {{"bool", is_bool, false},
                 {"Tensor", is_tensor, false},
                 {"torch.dtype", is_dtype, true},
                 {"torch.memory_format", is_memory_format, true}};
    size_t len = p->of[i].type_len;
    for (size_t k = 0; len && k < sizeof types / sizeof *types; k++)
        if (strncmp(types[k].name, p->of[i].type, len) == 0)
            return types[k].holds(c, v) ||
                   (types[k].none && p->of[i].optional && value_is_none(v));
    return true;
}

static bool all_parsed(Ctx *c, const Native *f, const Declared *p, const Value *out,
                       size_t positional) {
    for (size_t i = 0; i < p->n; i++) {
        if (value_is_null(out[i])) {
            if (i < p->required) return raise_missing(c, f, p, out);
            continue;
        }
        if (has_type(c, p, i, out[i])) continue;
        Buf what;
        buf_init(&what, &c->mem);
        buf_printf(&what, "%s(): argument '%.*s'", native_name(f), (int)p->of[i].len,
                   p->of[i].name);
        if (i < positional) buf_printf(&what, " (position %zu)", i + 1);
        error_raise(c, TypeError, "%s must be %.*s, not %s", buf_text(&what),
                    (int)p->of[i].type_len, p->of[i].type, type_name(out[i]));
        buf_free(&what);
        return false;
    }
    return true;
}

static bool none_unexpected(Ctx *c, const Native *f, const Declared *p,
                            const Args *args) {
    for (size_t k = 0; k < args->n_named; k++) {
        const Str *name = args->named[k].name;
        size_t i = 0;
        while (i < p->n && !is_param(p, i, name)) i++;
        if (i < p->n && i >= args->n) continue;
        const char *what = i < p->n ? "multiple values for" : "an unexpected keyword";
        error_raise(c, TypeError, "%s() got %s argument '%s'", native_name(f), what,
                    name->data);
        return false;
    }
    return true;
}

static bool bind_as_parser(Ctx *c, const Native *f, const Declared *p, const Args *args,
                           Value *out) {
    size_t most = p->max_pos < p->n ? p->max_pos : p->n;
    if (args->n > most)
        return raise_too_many(c, native_name(f), p->required, most, args->n);
    for (size_t i = 0; i < args->n; i++) out[i] = args->pos[i];
    for (size_t i = args->n; i < p->n; i++)
        for (size_t k = 0; k < args->n_named; k++)
            if (is_param(p, i, args->named[k].name)) out[i] = args->named[k].value;
    return all_parsed(c, f, p, out, args->n) && none_unexpected(c, f, p, args);
}

/* "x /", the most frequent form, which needs no binding. */
static bool takes_one(const char *params) {
    size_t len = strcspn(params, " ");
    return params[0] != '*' && len > 0 && params[len - 1] != '?' &&
           strcmp(params + len, " /") == 0;
}

Value native_call(Ctx *c, const Native *n, Value self, const Args *args) {
    if (ctx_failed(c)) return value_null();
    if (!n->params) return n->fn(c, self, args);
    bool plain = args->n_named == 0;
    if (plain && args->n == 1 && takes_one(n->params)) return n->fn(c, self, args);
    Declared p = read_params(n->params);
    Value bound[NATIVE_MAX_PARAMS] = {{0}};
    bool fits = p.is_def    ? bind_as_def(c, n, &p, args, bound)
                : p.is_arg  ? bind_as_parser(c, n, &p, args, bound)
                : p.by_name ? bind_by_name(c, n, &p, args, bound)
                            : bind_positional(c, n, &p, self, args, bound);
    if (!fits) return value_null();
    if (p.any_number) return n->fn(c, self, args);
    Args whole = {.pos = bound, .n = p.n};
    return n->fn(c, self, &whole);
}
