/* See combine.h. */
#include "runner/evaluate/combine.h"

#include "runner/evaluate/function.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/state.h"
#include "runner/values/iterator.h"
#include "runner/values/number.h"
#include "runner/values/types.h"

/* ---- the object ---- */

static void combiner_clear(Ctx *c, Obj *o) {
    Combiner *k = (Combiner *)o;
    k->done = true;
    value_set(c, &k->fn, value_none());
    for (size_t i = 0; i < k->n; i++) value_set(c, &k->sources[i], value_none());
}

static void combiner_destroy(Ctx *c, Obj *o) {
    Combiner *k = (Combiner *)o;
    combiner_clear(c, o);
    obj_free_tracked(c, o, sizeof *k + k->n * sizeof *k->sources);
}

#define COMBINER_TYPE(name)                                                            \
    const ObjType name##_type = {#name, OBJ_COMBINER, combiner_destroy, combiner_clear};
COMBINER_TYPE(zip)
COMBINER_TYPE(map)
COMBINER_TYPE(filter)
COMBINER_TYPE(enumerate)

/* A combiner of the pool over iter(v) of each value. */
static Combiner *make(Ctx *c, const ObjType *type, Value fn, const Value *over,
                      size_t n) {
    Combiner *k = pool_add(c, obj_new_tracked(c, type, sizeof *k + n * sizeof *over));
    if (!k) return NULL;
    k->fn = value_retain(fn);
    k->n = n;
    for (size_t i = 0; i < n; i++) {
        k->sources[i] = value_retain(value_iterate(c, over[i]));
        if (value_is_null(k->sources[i])) return NULL;
    }
    return k;
}

/* ---- zip ---- */

static Value zip_ended(Ctx *c, Combiner *k, size_t at) {
    k->done = true;
    if (ctx_failed(c) || !k->strict) return value_null();
    for (size_t i = at ? at : 1; i < k->n; i++) {
        if (at) break;
        Value v = value_next(c, k->sources[i]);
        if (ctx_failed(c)) return v;
        if (!value_is_null(v))
            return value_raise(c, ValueError,
                               "zip() argument %zu is longer than argument%s", i + 1,
                               i == 1 ? " 1" : "s 1-");
    }
    if (at)
        return value_raise(c, ValueError,
                           "zip() argument %zu is shorter than argument%s", at + 1,
                           at == 1 ? " 1" : "s 1-");
    return value_null();
}

static Value zip_next(Ctx *c, Combiner *k) {
    if (k->n == 0) return value_null();
    Tuple *t = pool_add(c, tuple_new(c, NULL, k->n, NULL));
    for (size_t i = 0; t && i < k->n; i++) {
        Value v = value_next(c, k->sources[i]);
        if (value_is_null(v)) return zip_ended(c, k, i);
        t->items[i] = value_retain(v);
    }
    return value_obj(t);
}

static bool check_iterables(Ctx *c, const Args *args) {
    for (size_t i = 0; i < args->n; i++)
        if (!value_is_iterable(c, args->pos[i])) {
            error_raise(c, TypeError, "'%s' object is not iterable",
                        type_name(args->pos[i]));
            return false;
        }
    return true;
}

Value zip_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    Ctx *c = in->c;
    int strict = 0;
    for (size_t i = 0; i < args->n_named; i++) {
        if (!str_equals(args->named[i].name, "strict"))
            return value_raise(c, TypeError,
                               "zip() got an unexpected keyword argument '%s'",
                               args->named[i].name->data);
        strict = value_truth(c, args->named[i].value);
    }
    if (strict < 0 || !check_iterables(c, args)) return value_null();
    Combiner *k = make(c, &zip_type, value_none(), args->pos, args->n);
    if (k) k->strict = strict;
    return value_obj(k);
}

/* ---- map, filter ---- */

enum { MAP_INLINE = 4 };

static Value map_next(Ctx *c, Combiner *k) {
    Value few[MAP_INLINE], *items = few;
    if (k->n > MAP_INLINE) items = ctx_alloc(c, k->n * sizeof *items);
    if (!items) return value_null();
    size_t got = 0;
    while (got < k->n) {
        items[got] = value_next(c, k->sources[got]);
        if (value_is_null(items[got])) break;
        got++;
    }
    Value r = got == k->n ? call_positional(c, k->fn, items, k->n) : value_null();
    if (items != few) ctx_free(c, items, k->n * sizeof *items);
    return r;
}

Value map_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    if (args->n_named)
        return value_raise(in->c, TypeError, "map() takes no keyword arguments");
    if (args->n < 2)
        return value_raise(in->c, TypeError, "map() must have at least two arguments.");
    return value_obj(make(in->c, &map_type, args->pos[0], args->pos + 1, args->n - 1));
}

static Value filter_next(Ctx *c, Combiner *k) {
    for (;;) {
        Value v = value_next(c, k->sources[0]);
        if (value_is_null(v)) return v;
        Value verdict = value_is_none(k->fn) ? v : call_positional(c, k->fn, &v, 1);
        int truth = value_truth(c, verdict);
        if (truth < 0) return value_null();
        if (truth) return v;
    }
}

Value filter_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    if (args->n_named)
        return value_raise(in->c, TypeError, "filter() takes no keyword arguments");
    if (args->n != 2)
        return value_raise(in->c, TypeError, "filter expected 2 arguments, got %zu",
                           args->n);
    return value_obj(make(in->c, &filter_type, args->pos[0], args->pos + 1, 1));
}

/* ---- enumerate ---- */

static Value enumerate_next(Ctx *c, Combiner *k) {
    Value v = value_next(c, k->sources[0]);
    if (value_is_null(v)) return v;
    Value pair[2] = {value_int(k->count++), v};
    return tuple_of(c, 2, pair);
}

static Value enumerate_call(Ctx *c, Value self, const Args *args) {
    (void)self;
    int64_t start = 0;
    if (!value_is_null(args->pos[1]) && !value_to_index(c, args->pos[1], &start))
        return value_null();
    Combiner *k = make(c, &enumerate_type, value_none(), args->pos, 1);
    if (k) k->count = start;
    return value_obj(k);
}
static const Native enumerate_native = {"enumerate", "iterable start?", enumerate_call};

Value enumerate_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    return native_call(in->c, &enumerate_native, value_null(), args);
}

/* ---- the protocol ---- */

static Value combiner_next(Ctx *c, Value v) {
    Combiner *k = (Combiner *)v.as.obj;
    const ObjType *type = v.as.obj->type;
    if (k->done) return value_null();
    if (type == &zip_type) return zip_next(c, k);
    if (type == &map_type) return map_next(c, k);
    if (type == &filter_type) return filter_next(c, k);
    return enumerate_next(c, k);
}

const TypeOps combiner_ops = {.iterate = iterate_itself, .next = combiner_next};
