/* bigint_mp: between Values and libtommath's numbers, for the files of bigint. */
#ifndef RUNNER_BIGINT_MP_H
#define RUNNER_BIGINT_MP_H

#include "runner/values/bigint.h"

#include <tommath.h>

/* An int as libtommath reads it; nothing to free, never written to. */
typedef struct MpView {
    mp_int mp;
    mp_digit small[(64 + MP_DIGIT_BIT - 1) / MP_DIGIT_BIT];
} MpView;
/* Points into *out and into v. */
const mp_int *mp_view(MpView *out, Value v);

/* The value of r as an int of the pool; clears r. MemoryError when err is not MP_OKAY
 * (then r must still be one that mp_clear takes) or r is too large. */
Value mp_take(Ctx *c, mp_int *r, mp_err err);
/* mp_init; false with MemoryError pending. */
bool mp_start(Ctx *c, mp_int *r);
/* MemoryError for results of that many bits? */
bool mp_refuses(Ctx *c, int64_t bits);

static inline int64_t int_small(Value v) { /* of a bool or VAL_INT */
    return v.tag == VAL_INT ? v.as.i : v.as.b;
}
static inline bool int_is_small(Value v) {
    return v.tag == VAL_INT || v.tag == VAL_BOOL;
}

#endif
