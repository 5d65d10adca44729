/* range: range objects, of ints that fit 64 bits. */
#ifndef RUNNER_RANGE_H
#define RUNNER_RANGE_H

#include "runner/values/kinds.h"

typedef struct Range {
    Obj obj;
    int64_t start, stop, step; /* step is not 0 */
    uint64_t n;                /* how many there are */
} Range;

extern const ObjType range_type;

static inline Range *value_range(Value v) { /* NULL when v is none */
    return value_is_kind(v, OBJ_RANGE) ? (Range *)v.as.obj : NULL;
}
/* A range of the pool. ValueError "range() arg 3 must not be zero". */
Value range_new(Ctx *c, int64_t start, int64_t stop, int64_t step);
/* range(*args): one to three ints; see native.h for "range", "a b? c? /". */
Value range_call(Ctx *c, Value self, const Args *args);
/* Item i, which exists. */
static inline int64_t range_item(const Range *r, uint64_t i) {
    return (int64_t)((uint64_t)r->start + i * (uint64_t)r->step);
}
Value range_reversed(Ctx *c, Value v);

#endif
