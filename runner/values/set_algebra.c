/* set_algebra: union, intersection and the rest, as CPython 3.11 computes them: which
 * of two sets is walked, and whether the table is copied or refilled, shows in the
 * order of the result. */
#include "runner/values/set.h"

#include "runner/values/dict.h"
#include "runner/values/types.h"

#include <string.h>

/* Holds the key while it is used: user code may take it out of its set meanwhile. */
typedef bool (*ItemFn)(Ctx *c, Set *target, Set *other, SetItem item);

static bool for_each(Ctx *c, Set *from, ItemFn f, Set *target, Set *other) {
    SetItem item;
    for (size_t at = 0; set_next(from, &at, &item);) {
        value_retain(item.key);
        bool went = f(c, target, other, item);
        value_release(c, item.key);
        if (!went) return false;
    }
    return true;
}

/* The same for the items of any iterable. */
static bool for_each_of(Ctx *c, Value from, ItemFn f, Set *target, Set *other) {
    if (value_set_object(from))
        return for_each(c, value_set_object(from), f, target, other);
    Value iterator = value_iterate(c, from);
    while (!value_is_null(iterator) && !ctx_failed(c)) {
        size_t mark = pool_mark(c);
        SetItem item = {.key = value_next(c, iterator)};
        bool went = !value_is_null(item.key) && value_hash(c, item.key, &item.hash) &&
                    f(c, target, other, item);
        pool_drain(c, mark);
        if (!went) break;
    }
    return !ctx_failed(c);
}

/* ---- adding ---- */

static bool add(Ctx *c, Set *target, Set *other, SetItem item) {
    (void)other;
    return set_add_hashed(c, target, item.key, item.hash);
}

/* Makes s, which is empty, look exactly like `other`, which has no dummies. */
static bool copy_table(Ctx *c, Set *s, const Set *other) {
    size_t table_size = other->slots * sizeof *other->table;
    int32_t *table = ctx_alloc(c, table_size);
    SetItem *items = ctx_alloc(c, other->cap * sizeof *items);
    if (!table || !items) {
        ctx_free(c, table, table_size);
        ctx_free(c, items, other->cap * sizeof *items);
        return false;
    }
    memcpy(table, other->table, table_size);
    memcpy(items, other->items, other->n * sizeof *items);
    for (size_t i = 0; i < other->n; i++) value_retain(items[i].key);
    set_clear(c, s);
    s->table = table;
    s->items = items;
    s->slots = other->slots;
    s->n = other->n;
    s->cap = other->cap;
    s->fill = other->fill;
    s->used = other->used;
    s->unordered = other->unordered;
    return true;
}

static bool merge(Ctx *c, Set *s, Set *other) {
    if (s == other || other->used == 0) return true;
    if (!set_presize(c, s, other->used)) return false;
    if (s->fill == 0 && s->slots == other->slots && other->fill == other->used)
        return copy_table(c, s, other);
    return for_each(c, other, add, s, NULL);
}

static bool merge_dict(Ctx *c, Set *s, const Dict *d) {
    if (!set_presize(c, s, d->used)) return false;
    DictEntry e;
    for (size_t at = 0; dict_next(d, &at, &e);) {
        value_retain(e.key);
        bool added = set_add_hashed(c, s, e.key, e.hash);
        value_release(c, e.key);
        if (!added) return false;
    }
    return true;
}

bool set_update(Ctx *c, Set *s, Value iterable) {
    if (value_set_object(iterable)) return merge(c, s, value_set_object(iterable));
    if (value_dict(iterable)) return merge_dict(c, s, value_dict(iterable));
    return for_each_of(c, iterable, add, s, NULL);
}

Set *set_from(Ctx *c, const ObjType *type, Value iterable) {
    Set *s = set_new(c, type);
    return s && set_update(c, s, iterable) ? s : NULL;
}

Set *set_of_constants(Ctx *c, const Value *items, size_t n) {
    Set *first = set_new(c, &frozenset_type), *second = set_new(c, &frozenset_type);
    for (size_t i = 0; first && i < n; i++)
        if (!set_add(c, first, items[i])) return NULL;
    if (!first || !second || !for_each(c, first, add, second, NULL)) return NULL;
    return set_from(c, &set_type, value_obj(second));
}

Set *set_copy(Ctx *c, Set *a, const ObjType *type) {
    return set_from(c, type, value_obj(a));
}

Set *set_union(Ctx *c, Set *a, Value b) {
    Set *s = set_copy(c, a, a->head.obj.type);
    return s && set_update(c, s, b) ? s : NULL;
}

/* ---- the items of both ---- */

static bool add_if_in(Ctx *c, Set *target, Set *other, SetItem item) {
    int found = set_contains_hashed(c, other, item.key, item.hash);
    if (found <= 0) return found == 0;
    return set_add_hashed(c, target, item.key, item.hash);
}

Set *set_intersection(Ctx *c, Set *a, Value b) {
    Set *s = set_new(c, a->head.obj.type), *other = value_set_object(b);
    if (!s) return NULL;
    if (other == a) return set_copy(c, a, a->head.obj.type);
    if (!other) return for_each_of(c, b, add_if_in, s, a) ? s : NULL;
    bool swap = other->used > a->used;
    return for_each(c, swap ? a : other, add_if_in, s, swap ? other : a) ? s : NULL;
}

bool set_intersection_update(Ctx *c, Set *a, Value b) {
    Set *both = set_intersection(c, a, b);
    if (both) set_swap(a, both);
    return both;
}

/* ---- the items of one ---- */

static bool discard(Ctx *c, Set *target, Set *other, SetItem item) {
    (void)other;
    return set_discard_hashed(c, target, item.key, item.hash) >= 0;
}

bool set_difference_update(Ctx *c, Set *a, Value b) {
    Set *other = value_set_object(b);
    if (other == a) {
        set_clear(c, a);
        return true;
    }
    if (other && other->used / 8 > a->used) {
        other = set_intersection(c, a, b);
        if (!other) return false;
        b = value_obj(other);
    }
    return for_each_of(c, b, discard, a, NULL) && set_sweep(c, a);
}

static bool add_if_not_in(Ctx *c, Set *target, Set *other, SetItem item) {
    int found = set_contains_hashed(c, other, item.key, item.hash);
    if (found) return found > 0;
    return set_add_hashed(c, target, item.key, item.hash);
}

static Set *copy_and_subtract(Ctx *c, Set *a, Value b) {
    Set *s = set_copy(c, a, a->head.obj.type);
    return s && set_difference_update(c, s, b) ? s : NULL;
}

static Set *subtract_dict(Ctx *c, Set *a, Dict *d) {
    Set *s = set_new(c, a->head.obj.type);
    SetItem item;
    for (size_t at = 0; s && set_next(a, &at, &item);) {
        value_retain(item.key);
        Value found = dict_get(c, d, item.key);
        bool went = !ctx_failed(c) && (!value_is_null(found) ||
                                       set_add_hashed(c, s, item.key, item.hash));
        value_release(c, item.key);
        if (!went) return NULL;
    }
    return s;
}

Set *set_difference(Ctx *c, Set *a, Value b) {
    Set *other = value_set_object(b);
    Dict *d = value_dict(b);
    if (d && a->used / 4 <= d->used) return subtract_dict(c, a, d);
    if (!other || a->used / 4 > other->used) return copy_and_subtract(c, a, b);
    Set *s = set_new(c, a->head.obj.type);
    return s && for_each(c, a, add_if_not_in, s, other) ? s : NULL;
}

static bool toggle(Ctx *c, Set *target, Set *other, SetItem item) {
    (void)other;
    int found = set_discard_hashed(c, target, item.key, item.hash);
    if (found) return found > 0;
    return set_add_hashed(c, target, item.key, item.hash);
}

bool set_symmetric_update(Ctx *c, Set *a, Value b) {
    Set *other = value_set_object(b);
    if (other == a) {
        set_clear(c, a);
        return true;
    }
    if (value_dict(b)) return for_each_of(c, b, toggle, a, NULL);
    /* Every item counts once, so what may repeat some becomes a set first. */
    if (!other) other = set_from(c, a->head.obj.type, b);
    return other && for_each(c, other, toggle, a, NULL);
}

Set *set_symmetric_difference(Ctx *c, Set *a, Value b) {
    Set *s = set_from(c, a->head.obj.type, b);
    return s && set_symmetric_update(c, s, value_obj(a)) ? s : NULL;
}

int set_is_subset(Ctx *c, Set *a, Set *b) {
    if (a->used > b->used) return 0;
    SetItem item;
    for (size_t at = 0; set_next(a, &at, &item);) {
        value_retain(item.key);
        int found = set_contains_hashed(c, b, item.key, item.hash);
        value_release(c, item.key);
        if (found <= 0) return found;
    }
    return 1;
}
