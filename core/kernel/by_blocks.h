/* by_blocks: where PyTorch's vectorised kernels have which bits.
 *
 * They run SLEEF's functions over whole blocks of MATH_BLOCK bytes, and the C library's
 * over what is left behind them and over elements that do not lie side by side.
 */
#ifndef CORE_KERNEL_BY_BLOCKS_H
#define CORE_KERNEL_BY_BLOCKS_H

#include "core/dtype.h"
#include "core/kernel/vecmath.h"

#include <math.h>

/* An inner loop with the functions that it is to use. */
typedef void (*MathLoop)(DType d, char *const *p, const int64_t *s, int64_t n,
                         const VecMath *math, const void *arg);

enum { BLOCK_OPERANDS = 4 };

/* Elements side by side; one operand may be a number. */
static inline bool lie_together(DType d, const int64_t *s, int operands) {
    int64_t size = (int64_t)dtype_size(d);
    int numbers = 0;
    for (int i = 1; i < operands; i++) {
        if (s[i] != 0 && s[i] != size) return false;
        numbers += s[i] == 0;
    }
    return s[0] == size && numbers < 2;
}

/* The loop over n elements of `operands` operands, the result among them. */
static inline void by_blocks(MathLoop loop, int operands, DType d, char *const *p,
                             const int64_t *s, int64_t n, const VecMath *math,
                             const void *arg) {
    int64_t block = MATH_BLOCK / (int64_t)dtype_size(d);
    int64_t whole = lie_together(d, s, operands) ? n - n % block : 0;
    char *rest[BLOCK_OPERANDS];
    loop(d, p, s, whole, math, arg);
    if (whole == n) return;
    for (int i = 0; i < operands; i++) rest[i] = p[i] + whole * s[i];
    loop(d, rest, s, n - whole, &c_math, arg);
}

/* A function of mathematics, in the type T that is computed in. */
#define MATH(name, v)                                                                  \
    _Generic((T)0, float : math->name.block_float, default : math->name.block)(v)
#define MATH2(name, v, w)                                                              \
    _Generic((T)0, float : math->name.block_float, default : math->name.block)(v, w)

/* x y + z, rounded once, where PyTorch's compiler fuses them. */
#define FMA(x, y, z) _Generic((T)0, float : fmaf, default : fma)(x, y, z)
/* The same for sums of which it fuses another product in whole blocks than elsewhere.
 */
#define IN_BLOCK (math != &c_math)
#define FMA_WHERE(fused, x, y, z) ((fused) ? FMA(x, y, z) : (x) * (y) + (z))

/* KERNEL name, by blocks, with the cases of a switch over the dtype; ARGS has the
 * member `math`. */
#define BLOCK_KERNEL(name, ARGS, operands, ...)                                        \
    MATH_LOOP(name, ARGS, __VA_ARGS__)                                                 \
    KERNEL(name) {                                                                     \
        by_blocks(name##_loop, operands, d, p, s, n, ((const ARGS *)arg)->math, arg);  \
    }
/* The same with SLEEF's functions everywhere, or with the C library's. */
#define SLEEF_KERNEL(name, ARGS, ...)                                                  \
    MATH_LOOP(name, ARGS, __VA_ARGS__)                                                 \
    KERNEL(name) {                                                                     \
        name##_loop(d, p, s, n, ((const ARGS *)arg)->math, arg);                       \
    }
#define C_KERNEL(name, ARGS, ...)                                                      \
    MATH_LOOP(name, ARGS, __VA_ARGS__)                                                 \
    KERNEL(name) {                                                                     \
        name##_loop(d, p, s, n, &c_math, arg);                                         \
    }
#define MATH_LOOP(name, ARGS, ...)                                                     \
    static void name##_loop(DType d, char *const *p, const int64_t *s, int64_t n,      \
                            const VecMath *math, const void *arg) {                    \
        const ARGS *f = arg;                                                           \
        (void)math, (void)f;                                                           \
        switch (d) { __VA_ARGS__ NO_OTHERS }                                           \
    }

#endif
