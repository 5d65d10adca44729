/* See native.h. The texts and the order of the checks are those of CPython 3.11's
 * argument parsing: METH_NOARGS, METH_O, _PyArg_CheckPositional and
 * _PyArg_UnpackKeywords. */
#include "runner/values/native.h"

#include <string.h>

/* What a parameter string says. */
typedef struct Params {
    struct {
        const char *name;
        size_t len;
    } of[NATIVE_MAX_PARAMS];
    size_t n;
    size_t required; /* without '?', counted from the front */
    size_t pos_only; /* before '/' */
    size_t max_pos;  /* before '*' */
    bool by_name;    /* '/' is not the last word */
    bool any_number; /* "*args /" */
    bool is_def;     /* "def" is the first word */
} Params;

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

static void take_word(Params *p, const char *word, size_t len) {
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
    } else if (p->n < NATIVE_MAX_PARAMS) {
        bool optional = word[len - 1] == '?';
        p->of[p->n].name = word;
        p->of[p->n++].len = len - optional;
        if (!optional) p->required = p->n;
    }
}

static Params read_params(const char *text) {
    Params p = {.max_pos = SIZE_MAX};
    while (*text) {
        size_t len = strcspn(text, " ");
        take_word(&p, text, len);
        text += len;
        text += strspn(text, " ");
    }
    if (p.max_pos == SIZE_MAX) p.max_pos = p.n;
    return p;
}

static bool check_count(Ctx *c, const Native *f, const Params *p, size_t n) {
    const char *name = native_name(f);
    if (n >= p->required && n <= p->n) return true;
    if (p->n == 0)
        error_raise(c, TypeError, "%s() takes no arguments (%zu given)", f->name, n);
    else if (p->n == 1 && p->required == 1)
        error_raise(c, TypeError, "%s() takes exactly one argument (%zu given)",
                    f->name, n);
    else {
        bool few = n < p->required;
        size_t bound = few ? p->required : p->n;
        const char *how = p->required == p->n ? "" : few ? "at least " : "at most ";
        error_raise(c, TypeError, "%s expected %s%zu argument%s, got %zu", name, how,
                    bound, bound == 1 ? "" : "s", n);
    }
    return false;
}

static bool bind_positional(Ctx *c, const Native *f, const Params *p, const Args *args,
                            Value *out) {
    if (args->n_named) {
        error_raise(c, TypeError, "%s() takes no keyword arguments", f->name);
        return false;
    }
    if (p->any_number) return true;
    if (!check_count(c, f, p, args->n)) return false;
    for (size_t i = 0; i < args->n; i++) out[i] = args->pos[i];
    return true;
}

static bool check_positional_part(Ctx *c, const Native *f, const Params *p,
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

static bool is_param(const Params *p, size_t i, const Str *name) {
    return name->len == p->of[i].len &&
           memcmp(name->data, p->of[i].name, name->len) == 0;
}

static void raise_extra_name(Ctx *c, const Native *f, const Params *p,
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

static bool bind_by_name(Ctx *c, const Native *f, const Params *p, const Args *args,
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

static bool raise_too_many(Ctx *c, const Native *f, const Params *p, size_t given) {
    size_t self = strchr(f->name, '.') != NULL, most = p->n + self;
    const char *were = given + self == 1 ? "was" : "were";
    if (p->required < p->n)
        error_raise(c, TypeError,
                    "%s() takes from %zu to %zu positional arguments but %zu %s given",
                    f->name, p->required + self, most, given + self, were);
    else
        error_raise(c, TypeError,
                    "%s() takes %zu positional argument%s but %zu %s given", f->name,
                    most, most == 1 ? "" : "s", given + self, were);
    return false;
}

static bool bind_name(Ctx *c, const Native *f, const Params *p, const Named *named,
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
static bool none_missing(Ctx *c, const Native *f, const Params *p, const Value *out) {
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
static bool bind_as_def(Ctx *c, const Native *f, const Params *p, const Args *args,
                        Value *out) {
    for (size_t i = 0; i < args->n && i < p->n; i++) out[i] = args->pos[i];
    for (size_t k = 0; k < args->n_named; k++)
        if (!bind_name(c, f, p, &args->named[k], out)) return false;
    if (args->n > p->n) return raise_too_many(c, f, p, args->n);
    return none_missing(c, f, p, out);
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
    Params p = read_params(n->params);
    Value bound[NATIVE_MAX_PARAMS] = {{0}};
    bool fits = p.is_def    ? bind_as_def(c, n, &p, args, bound)
                : p.by_name ? bind_by_name(c, n, &p, args, bound)
                            : bind_positional(c, n, &p, args, bound);
    if (!fits) return value_null();
    if (p.any_number) return n->fn(c, self, args);
    Args whole = {.pos = bound, .n = p.n};
    return n->fn(c, self, &whole);
}
