/* See arena.h. */
#include "runner/text/arena.h"

#include <string.h>

/* Chunks begin small, since a cell's program takes little more, and double. */
enum { FIRST_CHUNK = 1024, CHUNK = 4096, GRAIN = 16 };

struct ArenaChunk {
    ArenaChunk *next;
    size_t size; /* bytes of data */
    _Alignas(16) char data[];
};

void arena_init(Arena *a, Ctx *c) {
    *a = (Arena){.ctx = c};
}

void arena_free(Arena *a) {
    while (a->chunks) {
        ArenaChunk *next = a->chunks->next;
        ctx_free(a->ctx, a->chunks, sizeof(ArenaChunk) + a->chunks->size);
        a->chunks = next;
    }
    a->used = 0;
}

static bool add_chunk(Arena *a, size_t least) {
    size_t size = FIRST_CHUNK - sizeof(ArenaChunk);
    if (a->chunks) size = 2 * a->chunks->size + sizeof(ArenaChunk);
    if (size > CHUNK - sizeof(ArenaChunk)) size = CHUNK - sizeof(ArenaChunk);
    if (size < least) size = least;
    ArenaChunk *chunk = ctx_alloc(a->ctx, sizeof(ArenaChunk) + size);
    if (!chunk) return false;
    chunk->next = a->chunks;
    chunk->size = size;
    a->chunks = chunk;
    a->used = 0;
    return true;
}

void *arena_alloc(Arena *a, size_t size) {
    size = (size + GRAIN - 1) & ~(size_t)(GRAIN - 1);
    if (!a->chunks || a->chunks->size - a->used < size)
        if (!add_chunk(a, size)) return NULL;
    void *p = a->chunks->data + a->used;
    a->used += size;
    return memset(p, 0, size);
}

void *arena_copy(Arena *a, const void *from, size_t count, size_t size) {
    void *p = arena_alloc(a, count * size);
    if (p && count) memcpy(p, from, count * size);
    return p;
}

bool arena_grow(Arena *a, void **items, size_t n, size_t *cap, size_t size) {
    if (n < *cap) return true;
    size_t more = *cap ? *cap * 2 : 8;
    void *grown = arena_alloc(a, more * size);
    if (!grown) return false;
    if (n) memcpy(grown, *items, n * size);
    *items = grown;
    *cap = more;
    return true;
}

char *arena_text(Arena *a, const char *bytes, size_t n) {
    char *p = arena_alloc(a, n + 1);
    if (p && n) memcpy(p, bytes, n);
    return p;
}
