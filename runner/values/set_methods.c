/* set_methods: what set and frozenset answer to the questions of protocol.h, and their
 * methods. */
#include "runner/values/iterator.h"
#include "runner/values/set.h"
#include "runner/values/types.h"

static Set *as_set(Value v) {
    return value_set_object(v);
}

/* ---- text, hash, size ---- */

static void put_items(Ctx *c, Buf *out, const Set *s) {
    SetItem item;
    bool first = true;
    for (size_t at = 0; !ctx_failed(c) && set_next(s, &at, &item); first = false) {
        value_retain(item.key);
        if (!first) buf_puts(out, ", ");
        value_repr(c, out, item.key);
        value_release(c, item.key);
    }
}

static void repr(Ctx *c, Buf *out, Value v) {
    const Set *s = as_set(v);
    bool frozen = set_is_frozen(s);
    ReprFrame frame;
    if (s->used == 0) {
        buf_printf(out, "%s()", type_name(v));
        return;
    }
    if (!repr_enter(c, out, &frame, v, frozen ? "frozenset(...)" : "set(...)")) return;
    buf_puts(out, frozen ? "frozenset({" : "{");
    put_items(c, out, s);
    buf_puts(out, frozen ? "})" : "}");
    repr_leave(c, &frame);
}

static bool frozen_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = set_hash(as_set(v));
    return true;
}

static int64_t length(Ctx *c, Value v) {
    (void)c;
    return (int64_t)as_set(v)->used;
}

static int contains(Ctx *c, Value v, Value item) {
    return set_contains(c, as_set(v), item);
}

/* ---- iteration ---- */

static Value next(Ctx *c, Iterator *it) {
    const Set *s = as_set(it->source);
    if ((int64_t)s->used != it->end) {
        it->end = -1; /* it stays an error */
        return value_raise(c, RuntimeError, "Set changed size during iteration");
    }
    SetItem item;
    size_t at = (size_t)it->at;
    if (!set_next(s, &at, &item)) return iterator_finish(c, it);
    it->at = (int64_t)at;
    return value_share(c, item.key);
}

static const IteratorType set_iterator = ITERATOR_TYPE("set_iterator", next);

static Value iterate(Ctx *c, Value v) {
    Iterator *it = iterator_new(c, &set_iterator, v);
    if (it) it->end = (int64_t)as_set(v)->used;
    return value_obj(it);
}

/* ---- operators ---- */

static int is_proper_subset(Ctx *c, Set *a, Set *b) {
    return a->used < b->used ? set_is_subset(c, a, b) : 0;
}

static int are_equal(Ctx *c, Set *a, Set *b) {
    return a->used == b->used ? set_is_subset(c, a, b) : 0;
}

static Value truth_value(int truth) {
    return truth < 0 ? value_null() : value_bool(truth);
}

static Value compare_sets(Ctx *c, CompareOp op, Set *s, Set *t) {
    int equal;
    switch (op) {
    case COMPARE_EQ: return truth_value(are_equal(c, s, t));
    case COMPARE_NE:
        equal = are_equal(c, s, t);
        return truth_value(equal < 0 ? equal : !equal);
    case COMPARE_LE: return truth_value(set_is_subset(c, s, t));
    case COMPARE_GE: return truth_value(set_is_subset(c, t, s));
    case COMPARE_LT: return truth_value(is_proper_subset(c, s, t));
    case COMPARE_GT: return truth_value(is_proper_subset(c, t, s));
    default: return value_not_implemented();
    }
}

static Value compare(Ctx *c, CompareOp op, Value a, Value b) {
    if (!as_set(a) || !as_set(b)) return value_not_implemented();
    if (!value_enter(c, " in comparison")) return value_null();
    Value r = compare_sets(c, op, as_set(a), as_set(b));
    value_leave(c);
    return r;
}

static Value binary(Ctx *c, BinaryOp op, Value a, Value b) {
    if (!as_set(a) || !as_set(b)) return value_not_implemented();
    switch (op) {
    case BINARY_OR: return value_obj(set_union(c, as_set(a), b));
    case BINARY_AND: return value_obj(set_intersection(c, as_set(a), b));
    case BINARY_SUB: return value_obj(set_difference(c, as_set(a), b));
    case BINARY_XOR: return value_obj(set_symmetric_difference(c, as_set(a), b));
    default: return value_not_implemented();
    }
}

static Value inplace(Ctx *c, BinaryOp op, Value a, Value b) {
    Set *s = as_set(a);
    bool went;
    if (!as_set(b)) return value_not_implemented();
    switch (op) {
    case BINARY_OR: went = set_update(c, s, b); break;
    case BINARY_AND: went = set_intersection_update(c, s, b); break;
    case BINARY_SUB: went = set_difference_update(c, s, b); break;
    case BINARY_XOR: went = set_symmetric_update(c, s, b); break;
    default: return value_not_implemented();
    }
    return went ? a : value_null();
}

/* ---- methods that change a set ---- */

static Value done(bool worked) {
    return worked ? value_none() : value_null();
}

static Value add(Ctx *c, Value self, const Args *args) {
    return done(set_add(c, as_set(self), args->pos[0]));
}

static Value clear(Ctx *c, Value self, const Args *args) {
    (void)args;
    set_clear(c, as_set(self));
    return value_none();
}

static Value discard(Ctx *c, Value self, const Args *args) {
    return done(set_discard(c, as_set(self), args->pos[0]) >= 0);
}

static Value remove_item(Ctx *c, Value self, const Args *args) {
    int removed = set_discard(c, as_set(self), args->pos[0]);
    return removed ? done(removed > 0) : value_key_error(c, args->pos[0]);
}

static Value pop(Ctx *c, Value self, const Args *args) {
    (void)args;
    Value v = set_pop(c, as_set(self));
    if (!value_is_null(v) || ctx_failed(c)) return v;
    return value_key_error_text(c, "pop from an empty set");
}

typedef bool (*Updater)(Ctx *c, Set *s, Value other);

static Value update_with(Ctx *c, Value self, const Args *args, Updater f) {
    for (size_t i = 0; i < args->n; i++)
        if (!f(c, as_set(self), args->pos[i])) return value_null();
    return value_none();
}

static Value update(Ctx *c, Value self, const Args *args) {
    return update_with(c, self, args, set_update);
}

static Value difference_update(Ctx *c, Value self, const Args *args) {
    return update_with(c, self, args, set_difference_update);
}

static Value symmetric_difference_update(Ctx *c, Value self, const Args *args) {
    return done(set_symmetric_update(c, as_set(self), args->pos[0]));
}

/* ---- methods that make a set ---- */

static Value copy(Ctx *c, Value self, const Args *args) {
    (void)args;
    Set *s = as_set(self);
    return set_is_frozen(s) ? self : value_obj(set_copy(c, s, &set_type));
}

typedef Set *(*Combiner)(Ctx *c, Set *s, Value other);

static Set *combine_with(Ctx *c, Value self, const Args *args, Combiner f) {
    Set *s = as_set(self);
    if (args->n == 0) return set_copy(c, s, s->head.obj.type);
    for (size_t i = 0; s && i < args->n; i++) s = f(c, s, args->pos[i]);
    return s;
}

static Value union_of(Ctx *c, Value self, const Args *args) {
    Set *s = set_copy(c, as_set(self), as_set(self)->head.obj.type);
    for (size_t i = 0; s && i < args->n; i++)
        if (!set_update(c, s, args->pos[i])) s = NULL;
    return value_obj(s);
}

static Value intersection(Ctx *c, Value self, const Args *args) {
    return value_obj(combine_with(c, self, args, set_intersection));
}

static Value intersection_update(Ctx *c, Value self, const Args *args) {
    Set *s = combine_with(c, self, args, set_intersection);
    if (s) set_swap(as_set(self), s);
    return done(s);
}

static Value difference(Ctx *c, Value self, const Args *args) {
    if (args->n == 0) return copy(c, self, args);
    Set *s = set_difference(c, as_set(self), args->pos[0]);
    for (size_t i = 1; s && i < args->n; i++)
        if (!set_difference_update(c, s, args->pos[i])) s = NULL;
    return value_obj(s);
}

static Value symmetric_difference(Ctx *c, Value self, const Args *args) {
    return value_obj(set_symmetric_difference(c, as_set(self), args->pos[0]));
}

/* ---- methods that ask ---- */

/* The set that v is, or one of its items. */
static Set *set_of(Ctx *c, Value v) {
    return as_set(v) ? as_set(v) : set_from(c, &set_type, v);
}

static Value is_disjoint(Ctx *c, Value self, const Args *args) {
    Set *both = set_intersection(c, as_set(self), args->pos[0]);
    return both ? value_bool(both->used == 0) : value_null();
}

static Value is_subset(Ctx *c, Value self, const Args *args) {
    Set *other = set_of(c, args->pos[0]);
    return other ? truth_value(set_is_subset(c, as_set(self), other)) : value_null();
}

static Value is_superset(Ctx *c, Value self, const Args *args) {
    Set *other = set_of(c, args->pos[0]);
    return other ? truth_value(set_is_subset(c, other, as_set(self))) : value_null();
}

/* clang-format off */
#define METHODS_OF_BOTH(type)                                                          \
    {type ".copy", "", copy},                                                          \
    {type ".difference", "*others /", difference},                                     \
    {type ".intersection", "*others /", intersection},                                 \
    {type ".isdisjoint", "other /", is_disjoint},                                      \
    {type ".issubset", "other /", is_subset},                                          \
    {type ".issuperset", "other /", is_superset},                                      \
    {type ".symmetric_difference", "other /", symmetric_difference},                   \
    {type ".union", "*others /", union_of}

static const Native set_methods[] = {
    METHODS_OF_BOTH("set"),
    {"set.add", "object /", add},
    {"set.clear", "", clear},
    {"set.difference_update", "*others /", difference_update},
    {"set.discard", "object /", discard},
    {"set.intersection_update", "*others /", intersection_update},
    {"set.pop", "", pop},
    {"set.remove", "object /", remove_item},
    {"set.symmetric_difference_update", "other /", symmetric_difference_update},
    {"set.update", "*others /", update},
    {NULL, NULL, NULL},
};
static const Native frozenset_methods[] = {
    METHODS_OF_BOTH("frozenset"),
    {NULL, NULL, NULL},
};
/* clang-format on */

const TypeOps set_ops = {
    .hash = hash_refused,
    .compare = compare,
    .repr = repr,
    .iterate = iterate,
    .length = length,
    .contains = contains,
    .binary = binary,
    .inplace = inplace,
    .methods = set_methods,
};
const TypeOps frozenset_ops = {
    .hash = frozen_hash,
    .compare = compare,
    .repr = repr,
    .iterate = iterate,
    .length = length,
    .contains = contains,
    .binary = binary,
    .methods = frozenset_methods,
};
