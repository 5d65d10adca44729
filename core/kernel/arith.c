/* Kernels of arithmetic, but for the four basic ones (basic.c); see pointwise.h. */
#include "by_blocks.h"
#include "loops.h"
#include "pointwise.h"

#include <math.h>

KERNEL(kernel_square) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP1, a * a)
        FLOATING(LOOP1, a * a)
        NO_OTHERS
    }
}

KERNEL(kernel_cube) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP1, a * a * a)
        FULL_FLOATING(LOOP1, a * a * a)
        FLOAT16(LOOP1, a * a * a)
        BFLOAT16(LOOP1, bfloat16_rounded(a * a) * a)
        NO_OTHERS
    }
}

/* ---- division ---- */

/* Notes a division of integers by zero; its result is of no account. */
static int64_t by_zero(const void *arg) {
    const DivisionCheck *check = arg;
    if (check) __atomic_store_n(check->by_zero, true, __ATOMIC_RELAXED);
    return 0;
}

/* The one quotient that overflows, of the smallest integer by -1, wraps. */
static inline int64_t quotient(int64_t a, int64_t b) {
    return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline int64_t c_remainder(int64_t a, int64_t b) {
    return b == -1 ? 0 : a % b;
}

static inline int64_t floor_quotient(int64_t a, int64_t b) {
    int64_t q = quotient(a, b);
    return q - ((a < 0) != (b < 0) && c_remainder(a, b) != 0);
}

static inline int64_t floor_remainder(int64_t a, int64_t b) {
    int64_t r = c_remainder(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* Python's algorithm: the exact remainder first, so that the quotient is never one
 * too large by rounding. */
static inline double floor_quotient_float(double a, double b) {
    if (b == 0) return a / b;
    double mod = fmod(a, b), div = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) div -= 1;
    if (div == 0) return copysign(0, a / b);
    double floored = floor(div);
    return div - floored > 0.5 ? floored + 1 : floored;
}

static inline double floor_remainder_float(double a, double b) {
    double mod = fmod(a, b);
    return mod != 0 && (b < 0) != (mod < 0) ? mod + b : mod;
}

KERNEL(kernel_div_trunc) {
    switch (d) {
        INTEGER(LOOP2, b == 0 ? by_zero(arg) : quotient(a, b))
        FLOATING(LOOP2, trunc((double)(a / b)))
        NO_OTHERS
    }
}

KERNEL(kernel_div_floor) {
    switch (d) {
        INTEGER(LOOP2, b == 0 ? by_zero(arg) : floor_quotient(a, b))
        FLOATING(LOOP2, floor_quotient_float(a, b))
        NO_OTHERS
    }
}

KERNEL(kernel_remainder) {
    switch (d) {
        INTEGER(LOOP2, b == 0 ? by_zero(arg) : floor_remainder(a, b))
        FLOATING(LOOP2, floor_remainder_float(a, b))
        NO_OTHERS
    }
}

KERNEL(kernel_fmod) {
    switch (d) {
        INTEGER(LOOP2, b == 0 ? by_zero(arg) : c_remainder(a, b))
        FLOATING(LOOP2, fmod(a, b))
        NO_OTHERS
    }
}

/* ---- powers of integers ---- */

static inline int64_t power(int64_t base, int64_t exponent) {
    if (exponent < 0) {
        if (base == 1) return 1;
        if (base == -1) return exponent % 2 ? -1 : 1;
        return 0;
    }
    uint64_t result = 1, square = (uint64_t)base;
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) result *= square;
        square *= square;
    }
    return (int64_t)result;
}

KERNEL(kernel_pow) {
    (void)arg;
    switch (d) {
        INTEGER(LOOP2, power(a, b))
        NO_OTHERS
    }
}

/* ---- three operands ---- */

KERNEL(kernel_addcdiv) {
    const KernelNumbers *x = arg;
    double f = x->f[0];
    switch (d) {
        FLOATING(LOOP3, a + (T)f * b / c)
        NO_OTHERS
    }
}

/* Of the two products another one is fused in whole blocks than behind them. */
#define BETA ((T)f->beta)
#define ALPHA ((T)f->alpha)
BLOCK_KERNEL(kernel_addr, AddrArgs, 4,
             FULL_FLOATING(LOOP3, (IN_BLOCK ? FMA(ALPHA * b, c, BETA *a)
                                            : FMA(BETA, a, ALPHA *b *c))))

/* ---- number theory ---- */

static inline int64_t absolute(int64_t a) {
    return a < 0 ? (int64_t)(0 - (uint64_t)a) : a;
}

static inline int64_t gcd(int64_t a, int64_t b) {
    uint64_t x = (uint64_t)absolute(a), y = (uint64_t)absolute(b);
    while (y) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return (int64_t)x;
}

static inline int64_t lcm(int64_t a, int64_t b) {
    int64_t g = gcd(a, b);
    if (g == 0) return 0;
    return absolute((int64_t)((uint64_t)quotient(a, g) * (uint64_t)b));
}

KERNEL(kernel_gcd) {
    (void)arg;
    switch (d) {
        INTEGER(LOOP2, gcd(a, b))
        NO_OTHERS
    }
}

KERNEL(kernel_lcm) {
    (void)arg;
    switch (d) {
        INTEGER(LOOP2, lcm(a, b))
        NO_OTHERS
    }
}

/* ---- signs ---- */

KERNEL(kernel_copysign) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP2, copysign(a, b))
        NO_OTHERS
    }
}

KERNEL(kernel_heaviside) {
    (void)arg;
    switch (d) {
        INTEGER(LOOP2, a == 0 ? b : (T)(a > 0))
        FLOATING(LOOP2, a == 0 ? b : (T)(a > 0))
        BOOLEAN(LOOP2, a || b)
        NO_OTHERS
    }
}

KERNEL(kernel_neg) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP1, 0 - a)
        FLOATING(LOOP1, -a)
        NO_OTHERS
    }
}

KERNEL(kernel_abs) {
    (void)arg;
    switch (d) {
        INTEGER(LOOP1, absolute(a))
        FLOATING(LOOP1, fabs(a))
        NO_OTHERS
    }
}
