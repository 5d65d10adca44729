/* pool: references that end with the statement.
 *
 * Every computed object belongs to the pool: pool_add takes over the caller's one
 * reference, pool_drain gives up all references added since the mark.  A statement,
 * each turn of a comprehension and each node of a backward pass has a mark of its own.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include "value.h"

typedef struct Pool {
    Obj **items;
    size_t n, cap;
} Pool;

/* Takes over one reference and returns o; NULL for NULL. When the pool cannot grow,
 * o is released, MemoryError is pending, and the result is NULL. */
void *pool_add(Ctx *c, void *o);
/* pool_add for a value; immediates pass through. */
Value pool_value(Ctx *c, Value v);
size_t pool_mark(const Ctx *c);
void pool_drain(Ctx *c, size_t mark);
/* Ends the scope opened at `mark` but hands v on to the scope around it. */
Value pool_drain_keep(Ctx *c, size_t mark, Value v);

#endif
