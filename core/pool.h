/* pool: references that end with the statement.
 *
 * Every computed object belongs to the pool: pool_add takes over the caller's one
 * reference, pool_drain gives up all references added since the mark.  A statement,
 * each turn of a comprehension and each node of a backward pass has a mark of its own.
 * pool_add and its relatives stand in ctx.h: they are part of every operation, and to
 * be inlined they must know the context.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include "value.h"

typedef struct Pool {
    Obj **items;
    size_t n, cap;
} Pool;

/* Room for one more; false with MemoryError. */
bool pool_grow(Ctx *c);
/* Ends the scope opened at `mark` but hands v on to the scope around it. */
Value pool_drain_keep(Ctx *c, size_t mark, Value v);

#endif
