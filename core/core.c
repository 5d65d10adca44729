/* See core.h. */
#include "core.h"

#include "pointwise.h"

bool core_open(Ctx *c) {
    ctx_open(c);
    c->generator = generator_new(c, 0);
    if (c->generator) return true;
    error_clear(c);
    ctx_close(c);
    return false;
}

void core_close(Ctx *c) {
    pool_drain(c, 0);
    error_clear(c);
    ctx_break_cycles(c); /* nodes use the parsed operators until they die */
    op_table_close(c);
    math_close(c);
    obj_release(c, c->generator);
    c->generator = NULL;
    ctx_close(c);
}
