/* Kernels of one operand; see pointwise.h. */
#include "by_blocks.h"
#include "loops.h"
#include "pointwise.h"

#include <math.h>

KERNEL(kernel_sign) {
    (void)arg;
    switch (d) {
        INTEGER(LOOP1, (a > 0) - (a != 0 && !(a > 0)))
        FLOATING(LOOP1, (a > 0) - (a < 0))
        BOOLEAN(LOOP1, a)
        NO_OTHERS
    }
}

/* ---- rounding ---- */

KERNEL(kernel_floor) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, floor(a))
        NO_OTHERS
    }
}

KERNEL(kernel_ceil) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, ceil(a))
        NO_OTHERS
    }
}

KERNEL(kernel_round) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, rint(a))
        NO_OTHERS
    }
}

KERNEL(kernel_trunc) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, trunc(a))
        NO_OTHERS
    }
}

KERNEL(kernel_frac) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, a - trunc(a))
        NO_OTHERS
    }
}

KERNEL(kernel_round_decimals) {
    const KernelNumbers *x = arg;
    double ten = x->f[0];
    bool divide = x->i[0];
    switch (d) {
        FULL_FLOATING(LOOP1, (divide ? (T)rint(a / (T)ten) * (T)ten
                                     : (T)rint(a * (T)ten) / (T)ten))
        BFLOAT16(LOOP1, (divide ? rintf(bfloat16_rounded(a / (float)ten)) * (float)ten
                                : rintf(bfloat16_rounded(a * (float)ten)) / (float)ten))
        NO_OTHERS
    }
}

/* ---- roots and inverses ---- */

KERNEL(kernel_reciprocal) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, 1 / a)
        NO_OTHERS
    }
}

KERNEL(kernel_inverse_square) {
    (void)arg;
    switch (d) {
        FULL_FLOATING(LOOP1, 1 / (a * a))
        FLOAT16(LOOP1, 1 / (a * a))
        BFLOAT16(LOOP1, 1 / bfloat16_rounded(a * a))
        NO_OTHERS
    }
}

KERNEL(kernel_sqrt) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP1, sqrt(a))
        NO_OTHERS
    }
}

/* bfloat16 is rounded on the way, but for whole blocks. */
static void rsqrt_loop(DType d, char *const *p, const int64_t *s, int64_t n,
                       const VecMath *math, const void *arg) {
    (void)arg;
    bool rounded = !IN_BLOCK;
    switch (d) {
        FULL_FLOATING(LOOP1, 1 / (T)sqrt(a))
        FLOAT16(LOOP1, 1 / (T)sqrt(a))
        BFLOAT16(LOOP1, 1 / (rounded ? bfloat16_rounded(sqrtf(a)) : sqrtf(a)))
        NO_OTHERS
    }
}

KERNEL(kernel_rsqrt) {
    by_blocks(rsqrt_loop, 2, d, p, s, n, NULL, arg);
}

/* ---- derivatives in one step ---- */

KERNEL(kernel_sigmoid_backward) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP2, a * (1 - b) * b)
        NO_OTHERS
    }
}

/* ---- tests ---- */

KERNEL(kernel_logical_not) {
    (void)arg;
    switch (d) {
        INTEGER(TEST1, !a)
        FLOATING(TEST1, a == 0)
        BOOLEAN(TEST1, !a)
        NO_OTHERS
    }
}

/* A test that gives `rest` for every integer and bool. */
#define FLOAT_TEST(name, test, rest)                                                   \
    KERNEL(name) {                                                                     \
        (void)arg;                                                                     \
        switch (d) {                                                                   \
            INTEGER(TEST1, ((void)a, rest))                                            \
            FLOATING(TEST1, test)                                                      \
            BOOLEAN(TEST1, ((void)a, rest))                                            \
            NO_OTHERS                                                                  \
        }                                                                              \
    }

FLOAT_TEST(kernel_isnan, a != a, false)
FLOAT_TEST(kernel_isinf, fabs(a) == INFINITY, false)
FLOAT_TEST(kernel_isfinite, fabs(a) < INFINITY, true)
FLOAT_TEST(kernel_isposinf, a == INFINITY, false)
FLOAT_TEST(kernel_isneginf, a == -INFINITY, false)

static inline bool is_negative(int64_t a) {
    return a < 0;
}

KERNEL(kernel_signbit) {
    (void)arg;
    switch (d) {
        INTEGER(TEST1, is_negative(a))
        FLOATING(TEST1, signbit(a))
        BOOLEAN(TEST1, ((void)a, false))
        NO_OTHERS
    }
}
