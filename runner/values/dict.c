/* See dict.h. */
#include "runner/values/dict.h"

#include "runner/values/protocol.h"

#include <string.h>

enum { LEAST_SLOTS = 8 };
static const size_t most_slots = (size_t)1 << 31;

static size_t capacity(size_t slots) {
    return slots / 2 + slots / 8;
}

/* Fibonacci hashing: small ints hash to themselves, and steps of a power of two must
 * not fall on one another. */
static size_t slot_of(const Dict *d, uint64_t hash) {
    return (size_t)((hash * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (d->slots - 1);
}

/* ---- the object ---- */

static void free_parts(Ctx *c, DictEntry *entries, size_t n, uint32_t *table,
                       size_t slots) {
    for (size_t i = 0; i < n; i++) {
        value_release(c, entries[i].key);
        value_release(c, entries[i].value);
    }
    ctx_free(c, entries, capacity(slots) * sizeof *entries);
    ctx_free(c, table, slots * sizeof *table);
}

void dict_clear(Ctx *c, Dict *d) {
    Dict old = *d;
    d->entries = NULL;
    d->table = NULL;
    d->used = d->n = d->slots = d->fill = 0;
    d->version++;
    free_parts(c, old.entries, old.n, old.table, old.slots);
}

static void clear_object(Ctx *c, Obj *o) {
    dict_clear(c, (Dict *)o);
}

static void destroy(Ctx *c, Obj *o) {
    dict_clear(c, (Dict *)o);
    obj_free_tracked(c, o, sizeof(Dict));
}
const ObjType dict_type = {"dict", OBJ_DICT, destroy, clear_object};

Dict *dict_new(Ctx *c) {
    return obj_new_tracked(c, &dict_type, sizeof(Dict));
}

/* ---- the table ---- */

static void place(Dict *d, uint64_t hash, size_t entry) {
    size_t at = slot_of(d, hash);
    while (d->table[at]) at = (at + 1) & (d->slots - 1);
    d->table[at] = (uint32_t)entry + 1;
}

/* Gives room for one more entry, and removes the holes. */
static bool grow(Ctx *c, Dict *d) {
    Dict old = *d;
    size_t slots = LEAST_SLOTS;
    while (capacity(slots) < d->used + d->used / 2 + 1) slots *= 2;
    if (slots > most_slots) return error_raise(c, MemoryError, "%s", "");
    DictEntry *entries = ctx_alloc(c, capacity(slots) * sizeof *entries);
    uint32_t *table = ctx_alloc_zero(c, slots * sizeof *table);
    if (!entries || !table) {
        free_parts(c, entries, 0, table, slots);
        return false;
    }
    d->entries = entries;
    d->table = table;
    d->slots = slots;
    d->n = 0;
    d->version++;
    for (size_t i = 0; i < old.n; i++) {
        if (value_is_null(old.entries[i].key)) continue;
        place(d, old.entries[i].hash, d->n);
        entries[d->n++] = old.entries[i];
    }
    d->fill = d->n;
    free_parts(c, old.entries, 0, old.table, old.slots);
    return true;
}

/* The entry that the slot at *at or a following one names, NULL where the probe ends.
 * Slots of entries popped off the end are passed over. */
static DictEntry *probe(const Dict *d, size_t *at) {
    for (;; *at = (*at + 1) & (d->slots - 1)) {
        uint32_t index = d->table[*at];
        if (index == 0) return NULL;
        if (index <= d->n) return &d->entries[index - 1];
    }
}

static void step(const Dict *d, size_t *at) {
    *at = (*at + 1) & (d->slots - 1);
}

static DictEntry *find_bytes(const Dict *d, const char *key, size_t len,
                             uint64_t hash) {
    if (!d->used) return NULL;
    DictEntry *e;
    for (size_t at = slot_of(d, hash); (e = probe(d, &at)); step(d, &at)) {
        if (e->hash != hash) continue;
        const Str *s = value_str(e->key);
        if (!s) continue;
        if (s->data == key || (s->len == len && memcmp(s->data, key, len) == 0))
            return e;
    }
    return NULL;
}

static DictEntry *find_str(const Dict *d, Str *key, uint64_t hash) {
    return find_bytes(d, key->data, key->len, hash);
}

enum { NOT_EQUAL, EQUAL, CHANGED, FAILED };

/* Compares the key of entry e with another, where __eq__ may change the dict. */
static int compare_key(Ctx *c, Dict *d, const DictEntry *e, Value key) {
    if (value_same(e->key, key)) return EQUAL;
    uint64_t version = d->version;
    Value stands = value_retain(e->key);
    int equal = value_equals(c, stands, key);
    value_release(c, stands);
    if (equal < 0) return FAILED;
    if (d->version != version) return CHANGED;
    return equal ? EQUAL : NOT_EQUAL;
}

/* NULL: absent, or an error is pending. */
static DictEntry *find(Ctx *c, Dict *d, Value key, uint64_t hash) {
restart:
    if (!d->used) return NULL;
    DictEntry *e;
    for (size_t at = slot_of(d, hash); (e = probe(d, &at)); step(d, &at)) {
        if (e->hash != hash || value_is_null(e->key)) continue;
        switch (compare_key(c, d, e, key)) {
        case EQUAL: return e;
        case CHANGED: goto restart;
        case FAILED: return NULL;
        default: break;
        }
    }
    return NULL;
}

static bool append(Ctx *c, Dict *d, Value key, uint64_t hash, Value value) {
    if (d->fill >= capacity(d->slots) && !grow(c, d)) return false;
    place(d, hash, d->n);
    d->fill++;
    d->entries[d->n++] = (DictEntry){
        .hash = hash, .key = value_retain(key), .value = value_retain(value)};
    d->used++;
    d->version++;
    return true;
}

/* Makes e a hole; its references go to the caller. The slot keeps pointing at it, so
 * that probes run on past it. Holes at the end go at once, or popping a dict empty
 * would walk over ever more of them. */
static DictEntry take(Dict *d, DictEntry *e) {
    DictEntry old = *e;
    e->key = e->value = value_null();
    d->used--;
    while (d->n > 0 && value_is_null(d->entries[d->n - 1].key)) d->n--;
    d->version++;
    return old;
}

/* ---- any key ---- */

Value dict_get(Ctx *c, Dict *d, Value key) {
    Str *s = value_str(key);
    uint64_t hash;
    if (!value_hash(c, key, &hash)) return value_null();
    DictEntry *e = s ? find_str(d, s, hash) : NULL;
    if (!e) e = find(c, d, key, hash);
    return e ? e->value : value_null();
}

static bool set_hashed(Ctx *c, Dict *d, Value key, uint64_t hash, Value value) {
    DictEntry *e = find(c, d, key, hash);
    if (e) {
        value_set(c, &e->value, value);
        return true;
    }
    return !ctx_failed(c) && append(c, d, key, hash, value);
}

bool dict_set(Ctx *c, Dict *d, Value key, Value value) {
    uint64_t hash;
    return value_hash(c, key, &hash) && set_hashed(c, d, key, hash, value);
}

int dict_remove(Ctx *c, Dict *d, Value key, Value *out) {
    uint64_t hash;
    if (!value_hash(c, key, &hash)) return -1;
    DictEntry *e = find(c, d, key, hash);
    if (!e) return ctx_failed(c) ? -1 : 0;
    DictEntry old = take(d, e);
    if (out) *out = pool_value(c, value_retain(old.value));
    entry_release(c, old);
    return ctx_failed(c) ? -1 : 1;
}

/* ---- a str key ---- */

Value dict_get_str(const Dict *d, Str *key) {
    DictEntry *e = find_str(d, key, str_hash(key));
    return e ? e->value : value_null();
}

bool dict_set_str(Ctx *c, Dict *d, Str *key, Value value) {
    uint64_t hash = str_hash(key);
    DictEntry *e = find_str(d, key, hash);
    if (!e) return append(c, d, value_obj(key), hash, value);
    value_set(c, &e->value, value);
    return true;
}

bool dict_remove_str(Ctx *c, Dict *d, Str *key) {
    DictEntry *e = find_str(d, key, str_hash(key));
    if (!e) return false;
    entry_release(c, take(d, e));
    return true;
}

Value dict_get_text(const Dict *d, const char *key) {
    size_t len = strlen(key);
    DictEntry *e = find_bytes(d, key, len, text_hash(key, len));
    return e ? e->value : value_null();
}

/* ---- the whole ---- */

Dict *dict_copy(Ctx *c, const Dict *d) {
    Dict *copy = dict_new(c);
    for (size_t i = 0; copy && i < d->n; i++) {
        const DictEntry *e = &d->entries[i];
        if (value_is_null(e->key)) continue;
        if (append(c, copy, e->key, e->hash, e->value)) continue;
        obj_release(c, copy);
        return NULL;
    }
    return copy;
}

bool dict_merge(Ctx *c, Dict *d, Dict *from) {
    if (d == from) return true;
    DictEntry e;
    size_t n = from->n;
    bool fresh = d->used == 0; /* the keys of from differ from one another */
    for (size_t at = 0; dict_next(from, &at, &e);) {
        entry_hold(e);
        bool set = fresh ? append(c, d, e.key, e.hash, e.value)
                         : set_hashed(c, d, e.key, e.hash, e.value);
        entry_release(c, e);
        if (!set) return false;
        if (from->n != n)
            return error_raise(c, RuntimeError, "dict mutated during update");
    }
    return true;
}

bool dict_next(const Dict *d, size_t *at, DictEntry *out) {
    while (*at < d->n) {
        *out = d->entries[(*at)++];
        if (!value_is_null(out->key)) return true;
    }
    return false;
}

bool dict_previous(const Dict *d, size_t *at, DictEntry *out) {
    if (*at > d->n) *at = d->n;
    while (*at > 0) {
        *out = d->entries[--*at];
        if (!value_is_null(out->key)) return true;
    }
    return false;
}
