/* See bind.h and bind_parts.h. */
#include "bind_parts.h"

#include <string.h>

/* ---- methods without parameters ---- */

/* Python itself refuses arguments to a method that has none, in its own words. */
static bool refuse_arguments(Ctx *c, const Signature *s, const Args *a) {
    if (a->n_named)
        error_raise(c, TypeError, "_TensorBase.%.*s%s() takes no keyword arguments",
                    SIGNATURE_NAME(s));
    else if (a->n)
        error_raise(c, TypeError, "_TensorBase.%.*s%s() takes no arguments (%zu given)",
                    SIGNATURE_NAME(s), a->n);
    return !ctx_failed(c);
}

/* ---- the search ---- */

typedef struct Search {
    Ctx *c;
    const OverloadSet *set;
    const Args *a;
    Signature s; /* of the row that fits */
    Given g;
} Search;

static bool is_hidden(const OpDef *def) {
    return def->traits & OP_HIDDEN;
}

static bool make_row(Search *f, size_t i) {
    const Op *op = op_get(f->c, f->set->defs[i]);
    if (op) signature_make(&f->s, op, f->set->form);
    return op;
}

static bool match_only_row(Search *f) {
    if (!make_row(f, 0)) return false;
    if (f->s.n == 0 && form_is_method(f->set->form))
        return refuse_arguments(f->c, &f->s, f->a);
    return signature_match(f->c, &f->s, f->a, true, &f->g) && !ctx_failed(f->c);
}

/* Deprecated rows are tried after all others. */
static bool match_rows(Search *f, bool hidden) {
    for (size_t i = 0; i < f->set->n; i++) {
        if (is_hidden(f->set->defs[i]) != hidden) continue;
        if (!make_row(f, i)) return false;
        if (signature_match(f->c, &f->s, f->a, false, &f->g)) return !ctx_failed(f->c);
        if (ctx_failed(f->c)) return false;
    }
    return false;
}

static bool is_plausible(const Search *f) {
    size_t given = f->a->n + f->a->n_named;
    return given >= f->s.n_required && given <= f->s.n;
}

/* The row that alone takes as many arguments says what is wrong with them. */
static void raise_plausible(Search *f) {
    size_t plausible = 0, which = 0;
    for (size_t i = 0; i < f->set->n; i++) {
        if (is_hidden(f->set->defs[i])) continue;
        if (!make_row(f, i)) return;
        if (!is_plausible(f)) continue;
        which = i;
        plausible++;
    }
    if (plausible == 1 && make_row(f, which))
        signature_match(f->c, &f->s, f->a, true, &f->g);
}

static bool search(Search *f) {
    if (f->set->n == 1) return match_only_row(f);
    if (match_rows(f, false)) return true;
    if (!ctx_failed(f->c) && match_rows(f, true)) {
        warn_deprecated(f->c, f->set, &f->s);
        return !ctx_failed(f->c);
    }
    if (!ctx_failed(f->c)) raise_plausible(f);
    if (!ctx_failed(f->c)) raise_no_match(f->c, f->set, f->a);
    return false;
}

/* ---- rows without a forward ---- */

/* names=None asks for nothing; the call without it fits the row that has a forward. */
static bool names_are_none(const Search *f) {
    const Named *named = f->a->named;
    for (size_t i = 0; i < f->a->n_named; i++)
        if (str_equals(named[i].name, "names")) return value_is_none(named[i].value);
    return false;
}

static bool bind_without_names(const Search *f, Value self, Bound *out) {
    Named named[MAX_SLOTS];
    Args a = *f->a;
    a.named = named;
    a.n_named = 0;
    for (size_t i = 0; i < f->a->n_named; i++)
        if (!str_equals(f->a->named[i].name, "names"))
            named[a.n_named++] = f->a->named[i];
    return bind_call(f->c, f->set, self, &a, out);
}

static bool bind(Search *f, Value self, Bound *out) {
    if (ctx_failed(f->c) || !search(f)) return false;
    if (!f->s.op->def->forward && names_are_none(f))
        return bind_without_names(f, self, out);
    if (!given_convert(f->c, &f->s, f->a, self, &f->g, out)) return false;
    if (f->s.op->def->forward) return true;
    names_raise(f->c, &f->s, out);
    return false;
}

bool bind_call(Ctx *c, const OverloadSet *set, Value self, const Args *a, Bound *out) {
    Search f = {.c = c, .set = set, .a = a};
    return bind(&f, self, out);
}

/* ---- the call ---- */

static Value set_requires_grad(Ctx *c, Value v) {
    Tensor *t = value_tensor(v);
    if (!t) return v;
    if (!dtype_is_floating((DType)t->dtype))
        return value_raise(
            c, RuntimeError,
            "Only Tensors of floating point and complex dtype can require "
            "gradients");
    t->requires_grad = true;
    return v;
}

static Value call_bound(Ctx *c, const OverloadSet *set, const Bound *b) {
    Value v;
    if (b->n_out)
        v = op_call_out(c, b->op->def, b->args, b->out, b->n_out);
    else if (set->form & OP_ANY_INPLACE)
        v = op_call_inplace(c, b->op->def, b->args);
    else
        v = op_run(c, b->op, b->args);
    return b->requires_grad ? set_requires_grad(c, v) : v;
}

/* What a call gives that does not bind: x.__and__(y) leaves it to y. */
static Value unbound(Ctx *c, const OverloadSet *set) {
    bool method = set->form == OP_METHOD || set->form == OP_INPLACE;
    if (!method || strncmp(set->name, "__", 2) != 0 || c->error.kind != TypeError)
        return value_null();
    error_clear(c);
    return value_not_implemented();
}

static bool overridden(Ctx *c, const OverloadSet *set, Value self, const Args *a,
                       Value *out) {
    return c->overriding && !ctx_failed(c) && c->host.override &&
           c->host.override(c, set, self, a, out);
}

Value bind_and_call(Ctx *c, const OverloadSet *set, Value self, const Args *a) {
    Bound b;
    Value v;
    if (overridden(c, set, self, a, &v)) return v;
    return bind_call(c, set, self, a, &b) ? call_bound(c, set, &b) : unbound(c, set);
}

Value bind_and_call_cached(Ctx *c, BindCache *cache, const OverloadSet *set, Value self,
                           const Args *a) {
    Bound b;
    Value v;
    if (ctx_failed(c)) return value_null();
    if (overridden(c, set, self, a, &v)) return v;
    if (cache_bind(c, cache, set, self, a, &b)) return call_bound(c, set, &b);
    Search f = {.c = c, .set = set, .a = a};
    if (ctx_failed(c) || !bind(&f, self, &b)) return unbound(c, set);
    if (f.s.op == b.op) cache_remember(cache, set, &f.s, a, &f.g);
    return call_bound(c, set, &b);
}
