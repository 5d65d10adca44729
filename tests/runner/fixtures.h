/* fixtures: what tests are given, fresh for each; the teardown checks that no block is
 * left.
 */
#ifndef TESTS_FIXTURES_H
#define TESTS_FIXTURES_H

#include "core/core.h"
#include "runner/text/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNUSED __attribute__((unused))

/* ---- a context with an arena: the first member of a Fixture ---- */

typedef struct ArenaFixture {
    Ctx ctx;
    Arena arena;
} ArenaFixture;

/* size: that of the whole Fixture, which is zeroed. */
static UNUSED int arena_setup(void **state, size_t size) {
    ArenaFixture *f = calloc(1, size);
    ctx_open(&f->ctx);
    arena_init(&f->arena, &f->ctx);
    *state = f;
    return 0;
}

static UNUSED int arena_teardown(void **state) {
    ArenaFixture *f = *state;
    arena_free(&f->arena);
    ctx_close(&f->ctx);
    size_t left = f->ctx.mem.live_blocks;
    free(f);
    return left != 0;
}

/* ---- a buffer ---- */

typedef struct BufFixture {
    Mem mem;
    Buf out;
} BufFixture;

static UNUSED int buf_setup(void **state) {
    BufFixture *f = calloc(1, sizeof *f);
    mem_init(&f->mem);
    buf_init(&f->out, &f->mem);
    *state = f;
    return 0;
}

static UNUSED int buf_teardown(void **state) {
    BufFixture *f = *state;
    buf_free(&f->out);
    size_t left = f->mem.live_blocks;
    mem_close(&f->mem);
    free(f);
    return left != 0;
}

#endif
