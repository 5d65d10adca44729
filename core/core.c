/* See core.h. */
#include "core.h"

bool core_open(Ctx *c) {
    ctx_open(c);
    return true;
}

void core_close(Ctx *c) {
    pool_drain(c, 0);
    error_clear(c);
    ctx_break_cycles(c); /* nodes use the parsed operators until they die */
    op_table_close(c);
    ctx_close(c);
}
