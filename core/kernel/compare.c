/* Kernels that compare, choose and work on bits; see pointwise.h. */
#include "by_blocks.h"
#include "loops.h"
#include "pointwise.h"

#include <string.h>

/* ---- tests of two operands ---- */

#define COMPARISON(name, test)                                                         \
    KERNEL(name) {                                                                     \
        (void)arg;                                                                     \
        switch (d) {                                                                   \
            INTEGER(TEST2, test)                                                       \
            FLOATING(TEST2, test)                                                      \
            BOOLEAN(TEST2, test)                                                       \
            NO_OTHERS                                                                  \
        }                                                                              \
    }

COMPARISON(kernel_eq, a == b)
COMPARISON(kernel_ne, a != b)
COMPARISON(kernel_lt, a < b)
COMPARISON(kernel_le, a <= b)
COMPARISON(kernel_gt, a > b)
COMPARISON(kernel_ge, a >= b)
COMPARISON(kernel_logical_and, a != 0 && b != 0)
COMPARISON(kernel_logical_or, a != 0 || b != 0)
COMPARISON(kernel_logical_xor, (a != 0) != (b != 0))

/* ---- choosing ---- */

/* CHOICE(name, LOOP, number, any): `any` is for floats, which may be nan. */
#define CHOICE(name, LOOP, number, any)                                                \
    KERNEL(name) {                                                                     \
        (void)arg;                                                                     \
        switch (d) {                                                                   \
            INTEGER(LOOP, number)                                                      \
            FLOATING(LOOP, any)                                                        \
            BOOLEAN(LOOP, number)                                                      \
            NO_OTHERS                                                                  \
        }                                                                              \
    }

#define MAX(x, y) ((x) < (y) ? (y) : (x))
#define MIN(x, y) ((y) < (x) ? (y) : (x))

/* Of equal floats, which are zeros of two signs, the processor's instruction takes the
 * second, and C++'s std::max the first. */
#define CHOICE_BY_BLOCKS(name, number, in_block, behind)                               \
    static void name##_loop(DType d, char *const *p, const int64_t *s, int64_t n,      \
                            const VecMath *math, const void *arg) {                    \
        (void)arg;                                                                     \
        switch (d) {                                                                   \
            INTEGER(LOOP2, number)                                                     \
            FLOATING(LOOP2, a != a ? a : b != b ? b : IN_BLOCK ? in_block : behind)    \
            BOOLEAN(LOOP2, number)                                                     \
            NO_OTHERS                                                                  \
        }                                                                              \
    }                                                                                  \
    KERNEL(name) {                                                                     \
        by_blocks(name##_loop, 3, d, p, s, n, NULL, arg);                              \
    }
CHOICE_BY_BLOCKS(kernel_maximum, MAX(a, b), a > b ? a : b, MAX(a, b))
CHOICE_BY_BLOCKS(kernel_minimum, MIN(a, b), a < b ? a : b, MIN(a, b))
CHOICE(kernel_fmax, LOOP2, MAX(a, b), a != a ? b : MAX(a, b))
CHOICE(kernel_fmin, LOOP2, MIN(a, b), a != a ? b : MIN(a, b))
CHOICE(kernel_clamp, LOOP3, MIN(MAX(a, b), c),
       a != a   ? a
       : b != b ? b
       : c != c ? c
                : MIN(MAX(a, b), c))

#define NUMBER(j) (whole ? (T)x->i[j] : (T)x->f[j])

/* nan compares false, and so stays. */
#define CLAMPING(name, choice)                                                         \
    KERNEL(name) {                                                                     \
        const KernelNumbers *x = arg;                                                  \
        const bool whole = !dtype_is_floating(d);                                      \
        switch (d) {                                                                   \
            INTEGER(LOOP1, choice)                                                     \
            FLOATING(LOOP1, choice)                                                    \
            NO_OTHERS                                                                  \
        }                                                                              \
    }

CLAMPING(kernel_clamp_numbers, MIN(MAX(a, NUMBER(0)), NUMBER(1)))
CLAMPING(kernel_clamp_min_number, MAX(a, NUMBER(0)))
CLAMPING(kernel_clamp_max_number, MIN(a, NUMBER(1)))

/* Elements of N bytes, moved as bytes. The condition may be uint8. */
#define WHERE_LOOP(N)                                                                  \
    for (int64_t i = 0; i < n; i++) {                                                  \
        int from = *(const uint8_t *)(p[1] + i * s[1]) ? 2 : 3;                        \
        memcpy(p[0] + i * s[0], p[from] + i * s[from], N);                             \
    }

KERNEL(kernel_where) {
    (void)arg;
    switch (dtype_size(d)) {
    case 1: WHERE_LOOP(1) break;
    case 2: WHERE_LOOP(2) break;
    case 4: WHERE_LOOP(4) break;
    default: WHERE_LOOP(8) break;
    }
}

/* ---- bits ---- */

#define BITWISE(name, of_bits, of_bools)                                               \
    KERNEL(name) {                                                                     \
        (void)arg;                                                                     \
        switch (d) {                                                                   \
            WRAPPING(LOOP2, of_bits)                                                   \
            BOOLEAN(LOOP2, of_bools)                                                   \
            NO_OTHERS                                                                  \
        }                                                                              \
    }

BITWISE(kernel_bitwise_and, a &b, a &&b)
BITWISE(kernel_bitwise_or, a | b, a || b)
BITWISE(kernel_bitwise_xor, a ^ b, a != b)

KERNEL(kernel_bitwise_not) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP1, ~a)
        BOOLEAN(LOOP1, !a)
        NO_OTHERS
    }
}

/* As x86-64 shifts: the count modulo the width, which is 32 for narrower types. */
#define COUNT(b) ((b) & (sizeof(T) * 8 - 1))

KERNEL(kernel_shift_left) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP2, a << COUNT(b))
        NO_OTHERS
    }
}

static inline int64_t shifted_right(int64_t a, uint64_t count) {
    return a < 0 ? ~(~a >> count) : a >> count;
}

KERNEL(kernel_shift_right) {
    (void)arg;
    uint64_t width = d == DT_int64 ? 63 : 31;
    switch (d) {
        INTEGER(LOOP2, shifted_right(a, (uint64_t)b & width))
        NO_OTHERS
    }
}
