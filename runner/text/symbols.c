/* See symbols.h.  Both tables probe linearly and stay at most half full. */
#include "runner/text/symbols.h"

#include <string.h>

enum { FIRST_CAP = 64 };

static uint64_t hash_bytes(const char *bytes, size_t n) {
    const uint64_t k = 0x9e3779b97f4a7c15u;
    uint64_t h = n * k;
    for (; n >= 8; n -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * k;
        h ^= h >> 32;
    }
    uint32_t first = 0, last = 0; /* of the rest; they may overlap */
    if (n >= 4) {
        memcpy(&first, bytes, 4);
        memcpy(&last, bytes + n - 4, 4);
    } else if (n) {
        first = (uint32_t)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[n / 2];
        last = (unsigned char)bytes[n - 1];
    }
    h = (h ^ ((uint64_t)first << 32 | last)) * k;
    return h ^ (h >> 32);
}

void symbols_init(Symbols *s, Ctx *c) {
    *s = (Symbols){.ctx = c};
}

void symbols_close(Symbols *s) {
    for (size_t i = 0; i < s->cap; i++) obj_release(s->ctx, s->table[i]);
    ctx_free(s->ctx, s->table, s->cap * sizeof *s->table);
    *s = (Symbols){.ctx = s->ctx};
}

/* Where the bytes are, or the free place where they would go. */
static Str **place(const Symbols *s, const char *bytes, size_t n) {
    size_t mask = s->cap - 1;
    for (size_t i = (size_t)hash_bytes(bytes, n) & mask;; i = (i + 1) & mask) {
        Str *at = s->table[i];
        if (!at || (at->len == n && memcmp(at->data, bytes, n) == 0))
            return &s->table[i];
    }
}

static bool symbols_grow(Symbols *s) {
    size_t cap = s->cap ? s->cap * 2 : FIRST_CAP;
    Symbols bigger = {s->ctx, NULL, s->n, cap};
    bigger.table = ctx_alloc_zero(s->ctx, cap * sizeof *s->table);
    if (!bigger.table) return false;
    for (size_t i = 0; i < s->cap; i++) {
        Str *at = s->table[i];
        if (at) *place(&bigger, at->data, at->len) = at;
    }
    ctx_free(s->ctx, s->table, s->cap * sizeof *s->table);
    *s = bigger;
    return true;
}

Str *symbols_intern(Symbols *s, const char *bytes, size_t n) {
    Str *found = s->cap ? *place(s, bytes, n) : NULL;
    if (found) return found;
    if (s->n * 2 >= s->cap && !symbols_grow(s)) return NULL;
    Str *made = str_new(s->ctx, bytes, n);
    if (!made) return NULL;
    *place(s, bytes, n) = made;
    s->n++;
    return made;
}

Str *symbols_from(Symbols *s, const char *text) {
    return symbols_intern(s, text, strlen(text));
}

void globals_init(GlobalTable *g, Ctx *c) {
    *g = (GlobalTable){.ctx = c};
}

void globals_close(GlobalTable *g) {
    ctx_free(g->ctx, g->names, (size_t)g->cap * sizeof *g->names);
    ctx_free(g->ctx, g->table, g->table_cap * sizeof *g->table);
    *g = (GlobalTable){.ctx = g->ctx};
}

/* Names are interned: the address is the name. */
static int32_t *global_place(const GlobalTable *g, const Str *name) {
    size_t mask = g->table_cap - 1;
    size_t i = (size_t)(((uintptr_t)name >> 4) * 0x9e3779b97f4a7c15u >> 32) & mask;
    for (;; i = (i + 1) & mask) {
        int32_t at = g->table[i];
        if (at == 0 || g->names[at - 1] == name) return &g->table[i];
    }
}

static bool globals_grow(GlobalTable *g) {
    int32_t cap = g->cap ? g->cap * 2 : FIRST_CAP;
    const Str **names = ctx_resize(g->ctx, g->names, (size_t)g->cap * sizeof *names,
                                   (size_t)cap * sizeof *names);
    if (!names) return false;
    g->names = names;
    g->cap = cap;
    return true;
}

static bool globals_rehash(GlobalTable *g) {
    size_t cap = (size_t)g->cap * 2;
    if (g->table_cap == cap) return true;
    int32_t *table = ctx_alloc_zero(g->ctx, cap * sizeof *table);
    if (!table) return false;
    ctx_free(g->ctx, g->table, g->table_cap * sizeof *table);
    g->table = table;
    g->table_cap = cap;
    for (int32_t slot = 0; slot < g->n; slot++)
        *global_place(g, g->names[slot]) = slot + 1;
    return true;
}

int32_t globals_find(const GlobalTable *g, const Str *name) {
    return g->table_cap ? *global_place(g, name) - 1 : -1;
}

int32_t globals_slot(GlobalTable *g, const Str *name) {
    int32_t found = globals_find(g, name);
    if (found >= 0) return found;
    if (g->n == g->cap && !globals_grow(g)) return -1;
    if (!globals_rehash(g)) return -1;
    g->names[g->n++] = name;
    *global_place(g, name) = g->n;
    return g->n - 1;
}
