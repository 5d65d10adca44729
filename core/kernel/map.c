/* Kernels that apply a function of vecmath.h; see pointwise.h.
 *
 * Contiguous floats and doubles go through whole vectors where the processor has them;
 * element by element gives the same bits.  float16 and bfloat16 go through float. */
#include "loops.h"
#include "pointwise.h"
#include "vecmath.h"

#include <string.h>

/* What is made of f(a): itself, or the logistic function, f being exp. */
typedef enum Form { PLAIN, SIGMOID } Form;

/* ---- whole vectors ---- */

#if defined(__x86_64__)

typedef float Float8 __attribute__((vector_size(32)));
typedef float Float16 __attribute__((vector_size(64)));
typedef double Double4 __attribute__((vector_size(32)));
typedef double Double8 __attribute__((vector_size(64)));
#define WITH_AVX2 __attribute__((target("avx2,fma")))
#define WITH_AVX512 __attribute__((target("avx512f")))

/* f: a function V -> V. What does not fill a vector is filled up with zeros. */
#define WIDE_ONE(V, T)                                                                 \
    V (*f)(V) = (V(*)(V))wide;                                                         \
    const T *x = from;                                                                 \
    T *r = to;                                                                         \
    const int64_t lanes = (int64_t)(sizeof(V) / sizeof(T));                            \
    V a = {0};                                                                         \
    for (; n >= lanes; n -= lanes, x += lanes, r += lanes) {                           \
        memcpy(&a, x, sizeof a);                                                       \
        a = form == SIGMOID ? 1 / (1 + f(-a)) : f(a);                                  \
        memcpy(r, &a, sizeof a);                                                       \
    }                                                                                  \
    if (n == 0) return;                                                                \
    T rest[sizeof(V) / sizeof(T)] = {0};                                               \
    for (int64_t i = 0; i < n; i++) rest[i] = x[i];                                    \
    memcpy(&a, rest, sizeof a);                                                        \
    a = form == SIGMOID ? 1 / (1 + f(-a)) : f(a);                                      \
    memcpy(rest, &a, sizeof a);                                                        \
    for (int64_t i = 0; i < n; i++) r[i] = rest[i];

WITH_AVX2 static void one_float8(MathWide wide, Form form, const void *from, void *to,
                                 int64_t n){WIDE_ONE(Float8, float)} WITH_AVX2
    static void one_double4(MathWide wide, Form form, const void *from, void *to,
                            int64_t n){WIDE_ONE(Double4, double)} WITH_AVX512
    static void one_float16(MathWide wide, Form form, const void *from, void *to,
                            int64_t n){WIDE_ONE(Float16, float)} WITH_AVX512
    static void one_double8(MathWide wide, Form form, const void *from, void *to,
                            int64_t n){WIDE_ONE(Double8, double)}

/* f: a function V, V -> V, for whole vectors only. Either operand may stand still. */
#define WIDE_TWO(V, T)                                                                 \
    V (*f)(V, V) = (V(*)(V, V))wide;                                                   \
    const T *x = (const T *)p[1], *y = (const T *)p[2];                                \
    T *r = (T *)p[0];                                                                  \
    const int64_t lanes = (int64_t)(sizeof(V) / sizeof(T));                            \
    V a, b;                                                                            \
    for (int64_t j = 0; j < lanes; j++) {                                              \
        a[j] = x[0];                                                                   \
        b[j] = y[0];                                                                   \
    }                                                                                  \
    for (int64_t i = 0; i + lanes <= n; i += lanes) {                                  \
        if (s[1]) memcpy(&a, x + i, sizeof a);                                         \
        if (s[2]) memcpy(&b, y + i, sizeof b);                                         \
        V c = f(a, b);                                                                 \
        memcpy(r + i, &c, sizeof c);                                                   \
    }

WITH_AVX2 static void two_float8(MathWide wide, char *const *p, const int64_t *s,
                                 int64_t n){WIDE_TWO(Float8, float)} WITH_AVX2
    static void two_double4(MathWide wide, char *const *p, const int64_t *s,
                            int64_t n){WIDE_TWO(Double4, double)} WITH_AVX512
    static void two_float16(MathWide wide, char *const *p, const int64_t *s,
                            int64_t n){WIDE_TWO(Float16, float)} WITH_AVX512
    static void two_double8(MathWide wide, char *const *p, const int64_t *s,
                            int64_t n) {
    WIDE_TWO(Double8, double)
}

static void wide_one(DType d, int width, MathWide wide, Form form, const void *from,
                     void *to, int64_t n) {
    if (d == DT_float32)
        (width == 64 ? one_float16 : one_float8)(wide, form, from, to, n);
    else
        (width == 64 ? one_double8 : one_double4)(wide, form, from, to, n);
}

static void wide_two(DType d, int width, MathWide wide, char *const *p,
                     const int64_t *s, int64_t n) {
    if (d == DT_float32)
        (width == 64 ? two_float16 : two_float8)(wide, p, s, n);
    else
        (width == 64 ? two_double8 : two_double4)(wide, p, s, n);
}

#else /* no vectors: MathFunction.wide is NULL everywhere */

static void wide_one(DType d, int width, MathWide wide, Form form, const void *from,
                     void *to, int64_t n) {
    (void)d, (void)width, (void)wide, (void)form, (void)from, (void)to, (void)n;
}

static void wide_two(DType d, int width, MathWide wide, char *const *p,
                     const int64_t *s, int64_t n) {
    (void)d, (void)width, (void)wide, (void)p, (void)s, (void)n;
}

#endif

/* ---- the kernels ---- */

#define APPLY(g, a) (form == SIGMOID ? 1 / (1 + g(-(a))) : g(a))

#define MAP_ONE(T, single, in_block, whole_vectors)                                    \
    {                                                                                  \
        int64_t i = 0, whole = f->blocks ? n - n % (MATH_BLOCK / STEP(T)) : n;         \
        bool together = s[0] == STEP(T) && s[1] == STEP(T);                            \
        if (together && f->whole_vectors && whole) {                                   \
            wide_one(d, f->width, f->whole_vectors, form, p[1], p[0], whole);          \
            i = whole;                                                                 \
        }                                                                              \
        for (; together && i < whole; i++)                                             \
            ((T *)p[0])[i] = APPLY(f->in_block, ((const T *)p[1])[i]);                 \
        for (; i < n; i++)                                                             \
            *(T *)(p[0] + i * s[0]) = APPLY(f->single, *(const T *)(p[1] + i * s[1])); \
    }

static void map_one(DType d, char *const *p, const int64_t *s, int64_t n,
                    const MathFunction *f, Form form) {
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
    map_one(d, p, s, n, arg, PLAIN);
}

KERNEL(kernel_sigmoid) {
    map_one(d, p, s, n, arg, SIGMOID);
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
