/* Kernels that apply a function of vecmath.h; see pointwise.h.
 *
 * Contiguous floats and doubles go through whole vectors where the processor has them;
 * element by element gives the same bits.  float16 and bfloat16 go through float. */
#include "by_blocks.h"
#include "copy.h"
#include "loops.h"
#include "map_wide.h"
#include "pointwise.h"
#include "vecmath.h"

#include <math.h>

#if defined(__x86_64__)

static void wide_one(DType d, int width, MathWide f, bool logistic, const void *from,
                     void *to, int64_t n) {
    (width == 64 ? map_one_avx512 : map_one_avx2)(d, f, logistic, from, to, n);
}

static void wide_two(DType d, int width, MathWide f, char *const *p, const int64_t *s,
                     int64_t n) {
    (width == 64 ? map_two_avx512 : map_two_avx2)(d, f, p, s, n);
}

#else /* no vectors: MathFunction.wide is NULL everywhere */

static void wide_one(DType d, int width, MathWide f, bool logistic, const void *from,
                     void *to, int64_t n) {
    (void)d, (void)width, (void)f, (void)logistic, (void)from, (void)to, (void)n;
}

static void wide_two(DType d, int width, MathWide f, char *const *p, const int64_t *s,
                     int64_t n) {
    (void)d, (void)width, (void)f, (void)p, (void)s, (void)n;
}

#endif

/* ---- the kernels ---- */

#define APPLY(g, a) (logistic ? 1 / (1 + g(-(a))) : g(a))

#define MAP_ONE(T, single, in_block, whole_vectors)                                    \
    {                                                                                  \
        int64_t i = 0, whole = f->blocks ? n - n % (MATH_BLOCK / STEP(T)) : n;         \
        bool together = s[0] == STEP(T) && s[1] == STEP(T);                            \
        if (together && f->whole_vectors && whole) {                                   \
            wide_one(d, f->width, f->whole_vectors, logistic, p[1], p[0], whole);      \
            i = whole;                                                                 \
        }                                                                              \
        for (; together && i < whole; i++)                                             \
            ((T *)p[0])[i] = APPLY(f->in_block, ((const T *)p[1])[i]);                 \
        for (; i < n; i++)                                                             \
            *(T *)(p[0] + i * s[0]) = APPLY(f->single, *(const T *)(p[1] + i * s[1])); \
    }

static void map_one(DType d, char *const *p, const int64_t *s, int64_t n,
                    const MathFunction *f, bool logistic) {
    switch (d) {
    case DT_float32: MAP_ONE(float, one_float, block_float, wide_float) break;
    case DT_float64:
        MAP_ONE(double, one, block, wide)
        break;
        HALF_FLOATING(LOOP1, APPLY(f->block_float, a))
        NO_OTHERS
    }
}

KERNEL(kernel_map1) {
    map_one(d, p, s, n, arg, false);
}

KERNEL(kernel_sigmoid) {
    map_one(d, p, s, n, arg, true);
}

#define MAP_TWO(T, single, in_block, whole_vectors)                                    \
    {                                                                                  \
        int64_t i = 0, whole = f->blocks ? n - n % (MATH_BLOCK / STEP(T)) : n;         \
        bool together = s[0] == STEP(T) && (s[1] == STEP(T) || s[1] == 0) &&           \
                        (s[2] == STEP(T) || s[2] == 0);                                \
        if (together && f->whole_vectors && whole) {                                   \
            wide_two(d, f->width, f->whole_vectors, p, s, whole);                      \
            i = whole;                                                                 \
        }                                                                              \
        for (; i < n; i++) {                                                           \
            T a = *(const T *)(p[1] + i * s[1]), b = *(const T *)(p[2] + i * s[2]);    \
            bool in_a_block = together && i < whole;                                   \
            *(T *)(p[0] + i * s[0]) =                                                  \
                in_a_block ? f->in_block(a, b) : f->single(a, b);                      \
        }                                                                              \
    }

KERNEL(kernel_map2) {
    const MathFunction2 *f = arg;
    switch (d) {
    case DT_float32: MAP_TWO(float, one_float, block_float, wide_float) break;
    case DT_float64:
        MAP_TWO(double, one, block, wide)
        break;
        HALF_FLOATING(LOOP2, f->one_float(a, b))
        NO_OTHERS
    }
}

/* Behind whole blocks the exponent of a float is a double and so is the power. */
static void powers(DType d, char *const *p, const int64_t *s, int64_t n,
                   const VecMath *math, const void *arg) {
    const PowerArgs *f = arg;
    _Alignas(8) char e[8];
    if (math != &c_math) {
        cast_element(d, e, DT_float64, &f->exponent);
        kernel_map2(d, (char *const[]){p[0], p[1], e}, (int64_t[]){s[0], s[1], 0}, n,
                    &math->pow);
        return;
    }
    switch (d) {
        FULL_FLOATING(LOOP1, (T)pow((double)a, f->exponent))
        NO_OTHERS
    }
}

KERNEL(kernel_pow_number) {
    const PowerArgs *f = arg;
    if (d == DT_float32 || d == DT_float64)
        by_blocks(powers, 2, d, p, s, n, f->math, f);
    else
        powers(d, p, s, n, f->math, f);
}
