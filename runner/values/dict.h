/* dict: the hash map that keeps the order of insertion.
 *
 * Entries stand in an array in the order they came; a table of slots, three eighths
 * of them free, holds indexes into it. Deleting leaves a hole (key VAL_NULL) that the
 * next growth removes. Keys are compared by identity first, then by hash and
 * value_equals; a str key that meets a str key never leaves this file. A user's __eq__
 * may change the dict under way: lookups notice by `version` and start again.
 *
 * Keys and values are retained. Functions given a Ctx may raise what hashing or
 * comparing a key raises: TypeError "unhashable type: 'list'".
 */
#ifndef RUNNER_DICT_H
#define RUNNER_DICT_H

#include "runner/values/kinds.h"

typedef struct DictEntry {
    uint64_t hash;
    Value key; /* VAL_NULL: a hole */
    Value value;
} DictEntry;

typedef struct Dict {
    Tracked head;
    size_t used;      /* entries that are not holes */
    size_t n;         /* entries in use, holes included */
    size_t slots;     /* a power of two, or 0 */
    size_t fill;      /* slots in use; those of entries popped off the end stay */
    uint64_t version; /* grows whenever entries appear, vanish or move */
    DictEntry *entries;
    uint32_t *table; /* index of an entry plus 1; 0 free */
} Dict;

extern const ObjType dict_type;

Dict *dict_new(Ctx *c);
static inline Dict *value_dict(Value v) { /* NULL when v is no dict */
    return value_is_kind(v, OBJ_DICT) ? (Dict *)v.as.obj : NULL;
}

/* d[key], borrowed; VAL_NULL when absent or an error is pending. */
Value dict_get(Ctx *c, Dict *d, Value key);
bool dict_set(Ctx *c, Dict *d, Value key, Value value);
/* 1 removed, 0 absent, -1 error. The value goes to *out (the pool's) if out is given.
 */
int dict_remove(Ctx *c, Dict *d, Value key, Value *out);
/* The same for a str key. It meets only str keys, so it runs no user code; get cannot
 * fail, and set and remove fail for memory alone. */
Value dict_get_str(const Dict *d, Str *key);
bool dict_set_str(Ctx *c, Dict *d, Str *key, Value value);
bool dict_remove_str(Ctx *c, Dict *d, Str *key); /* false: absent */
/* The key as a C string; VAL_NULL when absent. */
Value dict_get_text(const Dict *d, const char *key);

void dict_clear(Ctx *c, Dict *d);
Dict *dict_copy(Ctx *c, const Dict *d); /* one reference for the caller */
/* Sets every item of `from` in d, by the hashes that from has; no key is compared when
 * d is empty. RuntimeError "dict mutated during update" when __eq__ changes from's size
 * meanwhile. */
bool dict_merge(Ctx *c, Dict *d, Dict *from);
/* d.update(*args, **kwargs), with `name` for messages: "update", "dict". */
bool dict_update(Ctx *c, Dict *d, const char *name, const Args *args);

/* The entry at *at or the next one, and moves *at behind it; false at the end. Start
 * with 0. Safe whatever happens to d in between; the entry stands until d changes. */
bool dict_next(const Dict *d, size_t *at, DictEntry *out);
/* Keeps the key and the value of an entry while code runs that may change the dict. */
static inline void entry_hold(DictEntry e) {
    value_retain(e.key);
    value_retain(e.value);
}
static inline void entry_release(Ctx *c, DictEntry e) {
    value_release(c, e.key);
    value_release(c, e.value);
}
/* The last entry before *at; start with d->n. */
bool dict_previous(const Dict *d, size_t *at, DictEntry *out);

#endif
