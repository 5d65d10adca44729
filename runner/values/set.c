/* See set.h. The table follows Objects/setobject.c of CPython 3.11 step by step. */
#include "runner/values/set.h"

#include "runner/values/types.h"

#include <string.h>

enum { LEAST_SLOTS = 8, NEIGHBOURS = 9, PERTURB_SHIFT = 5, DUMMY = -1 };

/* ---- the object ---- */

void set_swap(Set *a, Set *b) {
    Set held = *a;
    uint64_t version = a->version + b->version + 1;
    *a = *b;
    a->head = held.head;
    Tracked head = b->head;
    *b = held;
    b->head = head;
    b->finger = a->finger; /* the fingers stay where they are */
    a->finger = held.finger;
    a->version = b->version = version;
}

void set_clear(Ctx *c, Set *s) {
    Set old = *s;
    s->items = NULL;
    s->table = NULL;
    s->n = s->cap = s->slots = s->fill = s->used = 0;
    s->unordered = false;
    s->version++;
    for (size_t i = 0; i < old.n; i++) value_release(c, old.items[i].key);
    ctx_free(c, old.items, old.cap * sizeof *old.items);
    ctx_free(c, old.table, old.slots * sizeof *old.table);
}

static void clear_object(Ctx *c, Obj *o) {
    set_clear(c, (Set *)o);
}

static void destroy(Ctx *c, Obj *o) {
    set_clear(c, (Set *)o);
    obj_free_tracked(c, o, sizeof(Set));
}
const ObjType set_type = {"set", OBJ_SET, destroy, clear_object};
const ObjType frozenset_type = {"frozenset", OBJ_SET, destroy, clear_object};

Set *set_new(Ctx *c, const ObjType *type) {
    return pool_add(c, obj_new_tracked(c, type, sizeof(Set)));
}

/* ---- order ---- */

/* Whether Python's hash of v is the same in every run. */
static bool hashes_the_same(Value v, int depth) {
    switch (v.tag) {
    case VAL_NONE:
    case VAL_BOOL:
    case VAL_INT:
    case VAL_FLOAT: return true;
    case VAL_OBJ: break;
    default: return false;
    }
    if (value_is_kind(v, OBJ_BIGINT) || value_is_kind(v, OBJ_RANGE)) return true;
    const Set *s = value_set_object(v);
    if (s) return !s->unordered;
    const Tuple *t = value_tuple(v);
    if (!t || depth > 8) return false;
    for (size_t i = 0; i < t->n; i++)
        if (!hashes_the_same(t->items[i], depth + 1)) return false;
    return true;
}

bool set_next(const Set *s, size_t *at, SetItem *out) {
    size_t end = s->unordered ? s->n : s->slots;
    while (*at < end) {
        int32_t index = s->unordered ? (int32_t)*at + 1 : s->table[*at];
        ++*at;
        if (index <= 0) continue;
        *out = s->items[index - 1];
        if (!value_is_null(out->key)) return true;
    }
    return false;
}

/* ---- the table ---- */

/* The probes of a key: each slot to look at, in turn. */
typedef struct Probe {
    size_t slot, base, perturb;
    int neighbours;
} Probe;

static void probe_base(const Set *s, Probe *p, size_t base) {
    p->base = p->slot = base & (s->slots - 1);
    p->neighbours = p->base + NEIGHBOURS <= s->slots - 1 ? NEIGHBOURS : 0;
}

static Probe probe_start(const Set *s, uint64_t hash) {
    Probe p = {.perturb = hash};
    probe_base(s, &p, hash);
    return p;
}

static void probe_next(const Set *s, Probe *p) {
    if (p->neighbours-- > 0) {
        p->slot++;
        return;
    }
    p->perturb >>= PERTURB_SHIFT;
    probe_base(s, p, p->base * 5 + 1 + p->perturb);
}

/* Puts an item that is not there yet into a table without dummies. */
static void place(Set *s, uint64_t hash, int32_t index) {
    Probe p = probe_start(s, hash);
    while (s->table[p.slot]) probe_next(s, &p);
    s->table[p.slot] = index;
    s->fill++;
}

/* Takes the holes out of the items; moved[i] becomes the new index of item i. */
static void close_holes(Set *s, int32_t *moved) {
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        moved[i] = (int32_t)kept;
        if (!value_is_null(s->items[i].key)) s->items[kept++] = s->items[i];
    }
    s->n = kept;
    if (s->unordered) s->finger = 0;
}

/* A table of the least size above `least`, without dummies. The items enter it in the
 * order of the old table, as that decides who comes first where they collide. */
static bool resize(Ctx *c, Set *s, size_t least) {
    size_t slots = LEAST_SLOTS, old_n = s->n, old_slots = s->slots;
    while (slots <= least && slots < SIZE_MAX / 16) slots *= 2;
    int32_t *table = ctx_alloc_zero(c, slots * sizeof *table);
    int32_t *moved = ctx_alloc(c, old_n * sizeof *moved), *old = s->table;
    if (table && moved) {
        close_holes(s, moved);
        s->table = table;
        s->slots = slots;
        s->fill = 0;
        s->version++;
        for (size_t i = 0; i < old_slots; i++)
            if (old[i] > 0) {
                int32_t index = moved[old[i] - 1];
                place(s, s->items[index].hash, index + 1);
            }
        ctx_free(c, old, old_slots * sizeof *old);
    } else {
        ctx_free(c, table, slots * sizeof *table);
    }
    ctx_free(c, moved, old_n * sizeof *moved);
    return !ctx_failed(c);
}

/* Takes the holes out of the items; the table stays as it is. */
static bool renumber(Ctx *c, Set *s) {
    size_t n = s->n;
    int32_t *moved = ctx_alloc(c, n * sizeof *moved);
    if (!moved) return false;
    close_holes(s, moved);
    s->version++;
    for (size_t i = 0; i < s->slots; i++)
        if (s->table[i] > 0) s->table[i] = moved[s->table[i] - 1] + 1;
    ctx_free(c, moved, n * sizeof *moved);
    return true;
}

static size_t grown_size(const Set *s) {
    return s->used > 50000 ? s->used * 2 : s->used * 4;
}

static bool is_crowded(const Set *s, size_t more) {
    return (s->fill + more) * 5 >= (s->slots - 1) * 3;
}

/* Room for one more item in the array. */
static bool reserve(Ctx *c, Set *s) {
    if (!s->slots && !resize(c, s, 0)) return false;
    if (s->n < s->cap) return true;
    if (s->used < s->n) return renumber(c, s);
    size_t cap = s->cap ? s->cap * 2 : LEAST_SLOTS;
    if (cap > INT32_MAX) return error_raise(c, MemoryError, "%s", "");
    SetItem *items =
        ctx_resize(c, s->items, s->cap * sizeof *items, cap * sizeof *items);
    if (!items) return false;
    s->items = items;
    s->cap = cap;
    return true;
}

bool set_presize(Ctx *c, Set *s, size_t more) {
    if (!s->slots && !resize(c, s, 0)) return false;
    return !is_crowded(s, more) || resize(c, s, (s->used + more) * 2);
}

bool set_sweep(Ctx *c, Set *s) {
    if (!s->slots || s->fill - s->used <= (s->slots - 1) / 4) return true;
    return resize(c, s, grown_size(s));
}

/* ---- lookup ---- */

enum { ABSENT = 0, FOUND = 1, FAILED = -1, CHANGED = 2 };

/* Compares the key of an item with another, where __eq__ may change the set. */
static int compare_key(Ctx *c, Set *s, Value stands, Value key) {
    if (value_same(stands, key)) return FOUND;
    uint64_t version = s->version;
    value_retain(stands);
    int equal = value_equals(c, stands, key);
    value_release(c, stands);
    if (equal < 0) return FAILED;
    if (s->version != version) return CHANGED;
    return equal ? FOUND : ABSENT;
}

/* One walk along the probes. *slot is where the key is, or is to come: the last dummy
 * on the way, else the free slot at the end. */
static int look(Ctx *c, Set *s, Value key, uint64_t hash, size_t *slot) {
    Probe p = probe_start(s, hash);
    bool dummy = false;
    for (;; probe_next(s, &p)) {
        int32_t index = s->table[p.slot];
        if (index == DUMMY) {
            dummy = true;
            *slot = p.slot;
            continue;
        }
        if (index == 0) {
            if (!dummy) *slot = p.slot;
            return ABSENT;
        }
        if (s->items[index - 1].hash != hash) continue;
        int found = compare_key(c, s, s->items[index - 1].key, key);
        if (found == FOUND) *slot = p.slot;
        if (found != ABSENT) return found;
    }
}

static int find(Ctx *c, Set *s, Value key, uint64_t hash, size_t *slot) {
    int found = s->slots ? CHANGED : ABSENT;
    while (found == CHANGED) found = s->slots ? look(c, s, key, hash, slot) : ABSENT;
    return found;
}

/* ---- one item ---- */

bool set_add_hashed(Ctx *c, Set *s, Value key, uint64_t hash) {
    size_t slot = 0;
    if (!reserve(c, s)) return false;
    int found = find(c, s, key, hash, &slot);
    if (found != ABSENT) return found == FOUND;
    /* Comparing may have emptied or filled the set. */
    if (!s->slots || s->n == s->cap)
        return reserve(c, s) && set_add_hashed(c, s, key, hash);
    bool reused = s->table[slot] == DUMMY;
    s->items[s->n++] = (SetItem){.hash = hash, .key = value_retain(key)};
    s->table[slot] = (int32_t)s->n;
    s->fill += !reused;
    s->used++;
    s->version++;
    if (!s->unordered && !hashes_the_same(key, 0)) {
        s->unordered = true;
        s->finger = 0;
    }
    return reused || !is_crowded(s, 0) || resize(c, s, grown_size(s));
}

bool set_add(Ctx *c, Set *s, Value key) {
    uint64_t hash;
    return value_hash(c, key, &hash) && set_add_hashed(c, s, key, hash);
}

/* A set is hashed as the frozenset that it equals when it is looked for. */
static bool search_hash(Ctx *c, Value key, uint64_t *out) {
    const Set *s = value_set_object(key);
    if (!s || set_is_frozen(s)) return value_hash(c, key, out);
    *out = set_hash(s);
    return true;
}

int set_contains(Ctx *c, Set *s, Value key) {
    uint64_t hash;
    size_t slot;
    return search_hash(c, key, &hash) ? find(c, s, key, hash, &slot) : FAILED;
}

int set_contains_hashed(Ctx *c, Set *s, Value key, uint64_t hash) {
    size_t slot;
    return find(c, s, key, hash, &slot);
}

/* The key's reference goes to the caller. */
static Value take(Set *s, size_t slot) {
    SetItem *item = &s->items[s->table[slot] - 1];
    Value key = item->key;
    item->key = value_null();
    s->table[slot] = DUMMY;
    s->used--;
    s->version++;
    return key;
}

int set_discard_hashed(Ctx *c, Set *s, Value key, uint64_t hash) {
    size_t slot;
    int found = find(c, s, key, hash, &slot);
    if (found == FOUND) value_release(c, take(s, slot));
    return found;
}

int set_discard(Ctx *c, Set *s, Value key) {
    uint64_t hash;
    return search_hash(c, key, &hash) ? set_discard_hashed(c, s, key, hash) : FAILED;
}

/* The slot of the item that comes first at or after the finger. */
static size_t pop_slot(Set *s) {
    if (s->unordered) {
        while (s->finger >= s->n || value_is_null(s->items[s->finger].key))
            s->finger = s->finger >= s->n ? 0 : s->finger + 1;
        Probe p = probe_start(s, s->items[s->finger].hash);
        while (s->table[p.slot] != (int32_t)s->finger + 1) probe_next(s, &p);
        return p.slot;
    }
    size_t slot = s->finger & (s->slots - 1);
    while (s->table[slot] <= 0) slot = (slot + 1) & (s->slots - 1);
    s->finger = slot + 1;
    return slot;
}

Value set_pop(Ctx *c, Set *s) {
    return s->used ? pool_value(c, take(s, pop_slot(s))) : value_null();
}

/* ---- hash ---- */

static uint64_t shuffled(uint64_t h) {
    return ((h ^ 89869747) ^ (h << 16)) * 3644798167;
}

uint64_t set_hash(const Set *s) {
    uint64_t h = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!value_is_null(s->items[i].key)) h ^= shuffled(s->items[i].hash);
    h ^= (s->used + 1) * 1927868237;
    h ^= (h >> 11) ^ (h >> 25);
    h = h * 69069 + 907133923;
    return h == UINT64_MAX ? 590923713 : h;
}
