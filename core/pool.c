/* See pool.h. */
#include "ctx.h"

bool pool_grow(Ctx *c) {
    size_t cap = c->pool.cap ? c->pool.cap * 2 : 64;
    Obj **items =
        ctx_resize(c, c->pool.items, c->pool.cap * sizeof *items, cap * sizeof *items);
    if (!items) return false;
    c->pool.items = items;
    c->pool.cap = cap;
    return true;
}

Value pool_drain_keep(Ctx *c, size_t mark, Value v) {
    value_retain(v);
    pool_drain(c, mark);
    return pool_value(c, v);
}
