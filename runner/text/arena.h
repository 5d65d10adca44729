/* arena: memory that is given back all at once.
 *
 * Blocks come from chunks on Mem and are never freed one by one.  A failed request
 * raises MemoryError and returns NULL.  The owner calls arena_free.
 */
#ifndef RUNNER_ARENA_H
#define RUNNER_ARENA_H

#include "core/core.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct Arena {
    Ctx *ctx;
    ArenaChunk *chunks; /* newest first */
    size_t used;        /* bytes of the newest chunk that are taken */
} Arena;

void arena_init(Arena *a, Ctx *c);
void arena_free(Arena *a);
/* Zero-filled, aligned to 16 bytes. */
void *arena_alloc(Arena *a, size_t size);
/* `count` items of `size` bytes copied from `from` (which may be NULL when count is 0).
 */
void *arena_copy(Arena *a, const void *from, size_t count, size_t size);
/* Room for one more than n items of `size` bytes, of which there are *cap; the old room
 * stays in the arena. */
bool arena_grow(Arena *a, void **items, size_t n, size_t *cap, size_t size);
/* A NUL-terminated copy of n bytes. */
char *arena_text(Arena *a, const char *bytes, size_t n);

#endif
