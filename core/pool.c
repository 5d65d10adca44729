/* See pool.h. */
#include "ctx.h"

static bool grow(Ctx *c) {
    size_t cap = c->pool.cap ? c->pool.cap * 2 : 64;
    Obj **items =
        ctx_resize(c, c->pool.items, c->pool.cap * sizeof *items, cap * sizeof *items);
    if (!items) return false;
    c->pool.items = items;
    c->pool.cap = cap;
    return true;
}

void *pool_add(Ctx *c, void *o) {
    if (!o) return NULL;
    if (c->pool.n == c->pool.cap && !grow(c)) {
        obj_release(c, o);
        return NULL;
    }
    c->pool.items[c->pool.n++] = o;
    return o;
}

Value pool_value(Ctx *c, Value v) {
    return v.tag == VAL_OBJ ? value_obj(pool_add(c, v.as.obj)) : v;
}

size_t pool_mark(const Ctx *c) {
    return c->pool.n;
}

void pool_drain(Ctx *c, size_t mark) {
    while (c->pool.n > mark) obj_release(c, c->pool.items[--c->pool.n]);
}

Value pool_drain_keep(Ctx *c, size_t mark, Value v) {
    value_retain(v);
    pool_drain(c, mark);
    return pool_value(c, v);
}
