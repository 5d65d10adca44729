/* set: the table behind set and frozenset.
 *
 * Python walks a set in the order of its table, so the table is CPython's: its size,
 * its probing (nine neighbours, then a jump by the perturbed hash), its way to grow and
 * its dummies where items were. Ints, floats, bools and tuples and frozensets of them
 * hash as in Python, and so sets of them print in the same order. The hash of other
 * things differs from one run of Python to the next; a set that has held any of them is
 * walked in the order of insertion instead.
 *
 * Items stand in an array in the order of insertion (holes have key VAL_NULL); the
 * table holds indexes into it. Functions with a Ctx raise what hashing and comparing
 * raise.
 */
#ifndef RUNNER_SET_H
#define RUNNER_SET_H

#include "runner/values/kinds.h"

typedef struct SetItem {
    uint64_t hash;
    Value key; /* VAL_NULL: a hole */
} SetItem;

typedef struct Set {
    Tracked head;
    SetItem *items;
    size_t n, cap;    /* items in use, holes included; room */
    int32_t *table;   /* index of an item plus 1; 0 free, -1 a dummy */
    size_t slots;     /* a power of two, 8 at least; 0 before the first item */
    size_t fill;      /* slots that are not free */
    size_t used;      /* items */
    size_t finger;    /* where pop() looks next */
    bool unordered;   /* holds or held an item whose hash is not Python's */
    uint64_t version; /* grows whenever items appear, vanish or move */
} Set;

extern const ObjType set_type, frozenset_type;

static inline Set *value_set_object(Value v) { /* set or frozenset, or NULL */
    return value_is_kind(v, OBJ_SET) ? (Set *)v.as.obj : NULL;
}
static inline bool set_is_frozen(const Set *s) {
    return s->head.obj.type == &frozenset_type;
}

/* An empty set, of the pool. */
Set *set_new(Ctx *c, const ObjType *type);
/* Grows the table ahead of `more` items, when CPython would. */
bool set_presize(Ctx *c, Set *s, size_t more);
/* Makes a table without dummies when more than a quarter of it are some. */
bool set_sweep(Ctx *c, Set *s);
/* Adds every item of an iterable, by the ways CPython takes for sets, dicts and others.
 */
bool set_update(Ctx *c, Set *s, Value iterable);
/* set(iterable) or frozenset(iterable), of the pool. */
Set *set_from(Ctx *c, const ObjType *type, Value iterable);
/* What the display {1, 2, 3} gives when all of its items, three at least, are
 * constants: CPython keeps a frozenset of them and adds that to an empty set. */
Set *set_of_constants(Ctx *c, const Value *items, size_t n);

bool set_add(Ctx *c, Set *s, Value key);
/* The same with the hash known, as for an item of another set. */
bool set_add_hashed(Ctx *c, Set *s, Value key, uint64_t hash);
int set_contains_hashed(Ctx *c, Set *s, Value key, uint64_t hash);
int set_discard_hashed(Ctx *c, Set *s, Value key, uint64_t hash);
int set_contains(Ctx *c, Set *s, Value key); /* 1, 0, -1 */
int set_discard(Ctx *c, Set *s, Value key);  /* 1 removed, 0 absent, -1 error */
/* Any item, of the pool; VAL_NULL when s is empty. */
Value set_pop(Ctx *c, Set *s);
void set_clear(Ctx *c, Set *s);
/* That of a frozenset; sets are looked up by it too. */
uint64_t set_hash(const Set *s);
/* Exchanges what two sets hold. */
void set_swap(Set *a, Set *b);

/* Walks s in Python's order: the item at *at or the next one. Start with 0. Safe
 * whatever happens to s in between. */
bool set_next(const Set *s, size_t *at, SetItem *out);

/* The sets that operators and methods make, all of the pool, of type a's type. `b` is
 * any iterable. */
Set *set_copy(Ctx *c, Set *a, const ObjType *type);
Set *set_union(Ctx *c, Set *a, Value b);
Set *set_intersection(Ctx *c, Set *a, Value b);
Set *set_difference(Ctx *c, Set *a, Value b);
Set *set_symmetric_difference(Ctx *c, Set *a, Value b);
/* a &= b and so on. */
bool set_intersection_update(Ctx *c, Set *a, Value b);
bool set_difference_update(Ctx *c, Set *a, Value b);
bool set_symmetric_update(Ctx *c, Set *a, Value b);
/* Whether every item of a is in b: 1, 0, -1. */
int set_is_subset(Ctx *c, Set *a, Set *b);

#endif
