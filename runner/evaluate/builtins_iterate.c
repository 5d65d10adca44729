/* builtins_iterate: builtins over iterables: len, iter, next, sorted, any, min ... */
#include "runner/evaluate/builtins.h"
#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/state.h"
#include "runner/values/iterator.h"
#include "runner/values/number.h"
#include "runner/values/sequences.h"
#include "runner/values/types.h"

static Value builtin_len(Ctx *c, Value self, const Args *args) {
    (void)self;
    int64_t n = value_length(c, args->pos[0]);
    return n < 0 ? value_null() : value_int(n);
}

/* ---- iter, next ---- */

static Value builtin_iter(Ctx *c, Value self, const Args *args) {
    (void)self;
    if (value_is_null(args->pos[1])) return value_iterate(c, args->pos[0]);
    if (!value_is_callable(c, args->pos[0]))
        return value_raise(c, TypeError, "iter(v, w): v must be callable");
    return call_iterator_make(c, args->pos[0], args->pos[1]);
}

static Value builtin_next(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0];
    if (!value_is_iterator(c, v))
        return value_raise(c, TypeError, "'%s' object is not an iterator",
                           type_name(v));
    Value item = value_next(c, v);
    if (!value_is_null(item) || ctx_failed(c)) return item;
    if (!value_is_null(args->pos[1])) return args->pos[1];
    return value_raise(c, StopIteration, "%s", "");
}

static Value builtin_reversed(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0], r;
    if (special_call(c, v, NAME__reversed, NULL, 0, &r)) return r;
    const Native *own =
        value_tensor(v) ? type_method(v, special(interp_of(c), NAME__reversed)) : NULL;
    if (own) return native_call(c, own, v, &(Args){NULL, 0, NULL, 0});
    if (value_instance(v) && value_same(value_payload(v), v)) {
        List *l = value_to_list(c, v);
        if (l) v = value_obj(l);
    }
    return ctx_failed(c) ? value_null() : value_reversed(c, value_payload(v));
}

/* ---- any, all ---- */

/* Whether an item has this truth: 1, 0, -1. */
static int find_truth(Ctx *c, Value iterable, int wanted) {
    Value it = value_iterate(c, iterable);
    int found = 0;
    while (!found && !value_is_null(it)) {
        size_t mark = pool_mark(c);
        Value v = value_next(c, it);
        if (value_is_null(v)) break;
        found = value_truth(c, v) == wanted;
        pool_drain(c, mark);
    }
    return ctx_failed(c) ? -1 : found;
}

static Value builtin_any(Ctx *c, Value self, const Args *args) {
    (void)self;
    int found = find_truth(c, args->pos[0], 1);
    return found < 0 ? value_null() : value_bool(found);
}

static Value builtin_all(Ctx *c, Value self, const Args *args) {
    (void)self;
    int found = find_truth(c, args->pos[0], 0);
    return found < 0 ? value_null() : value_bool(!found);
}

/* ---- sorted ---- */

/* The keywords are those of the sort of a list, which complains of others. */
static Value builtin_sorted(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value key = value_none();
    int reverse = 0;
    if (args->n != 1)
        return value_raise(c, TypeError, "sorted expected 1 argument, got %zu",
                           args->n);
    List *l = value_to_list(c, args->pos[0]);
    if (!l) return value_null();
    for (size_t i = 0; i < args->n_named; i++) {
        const Named *k = &args->named[i];
        if (str_equals(k->name, "key"))
            key = k->value;
        else if (str_equals(k->name, "reverse"))
            reverse = value_truth(c, k->value);
        else
            return value_raise(c, TypeError,
                               "'%s' is an invalid keyword argument for sort()",
                               k->name->data);
    }
    if (reverse < 0 || !list_sort(c, l, key, reverse)) return value_null();
    return value_obj(l);
}

/* ---- min, max ---- */

typedef struct Extreme {
    const char *name;
    CompareOp op; /* a candidate that compares so with the best replaces it */
    Value key, otherwise;
} Extreme;

static bool extreme_options(Ctx *c, const Args *args, Extreme *x) {
    for (size_t i = 0; i < args->n_named; i++) {
        const Str *name = args->named[i].name;
        if (str_equals(name, "key")) {
            x->key = args->named[i].value;
        } else if (str_equals(name, "default")) {
            x->otherwise = args->named[i].value;
        } else {
            error_raise(c, TypeError, "'%s' is an invalid keyword argument for %s()",
                        name->data, x->name);
            return false;
        }
    }
    if (args->n > 1 && !value_is_null(x->otherwise))
        error_raise(
            c, TypeError,
            "Cannot specify a default for %s() with multiple positional arguments",
            x->name);
    if (args->n == 0)
        error_raise(c, TypeError, "%s expected at least 1 argument, got 0", x->name);
    return !ctx_failed(c);
}

static Value extreme(Ctx *c, const Args *args, Extreme *x) {
    if (!extreme_options(c, args, x)) return value_null();
    Value it = args->pos[0];
    if (args->n > 1) it = tuple_of(c, args->n, args->pos);
    it = value_is_null(it) ? it : value_iterate(c, it);
    Value best = value_null(), best_key = value_null(), v;
    while (!value_is_null(it) && !value_is_null(v = value_next(c, it))) {
        bool plain = value_is_null(x->key) || value_is_none(x->key);
        Value key = plain ? v : call_positional(c, x->key, &v, 1);
        if (value_is_null(key)) return key;
        int better = value_is_null(best) ? 1 : value_test(c, x->op, key, best_key);
        if (better < 0) return value_null();
        if (better) {
            best = v;
            best_key = key;
        }
    }
    if (ctx_failed(c) || !value_is_null(best))
        return ctx_failed(c) ? value_null() : best;
    if (!value_is_null(x->otherwise)) return x->otherwise;
    return value_raise(c, ValueError, "%s() arg is an empty sequence", x->name);
}

static Value builtin_min(Ctx *c, Value self, const Args *args) {
    (void)self;
    Extreme x = {"min", COMPARE_LT, value_null(), value_null()};
    return extreme(c, args, &x);
}

static Value builtin_max(Ctx *c, Value self, const Args *args) {
    (void)self;
    Extreme x = {"max", COMPARE_GT, value_null(), value_null()};
    return extreme(c, args, &x);
}

const Native builtins_iterate[] = {
    {"len", "obj /", builtin_len},
    {"iter", "object sentinel? /", builtin_iter},
    {"next", "iterator default? /", builtin_next},
    {"reversed", "sequence /", builtin_reversed},
    {"any", "iterable /", builtin_any},
    {"all", "iterable /", builtin_all},
    {"sorted", NULL, builtin_sorted},
    {"min", NULL, builtin_min},
    {"max", NULL, builtin_max},
    {NULL, NULL, NULL},
};
