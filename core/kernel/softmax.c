/* See softmax.h.  Rows are computed by the text of softmax_body.h, compiled for every
 * processor and for those with fused multiply-add; several threads share them.
 * Source: SoftMaxKernel.cpp. */
#include "softmax.h"

#include "core/parallel.h"
#include "cpu.h"
#include "pointwise.h"

#include <math.h>

#define INLINE static inline __attribute__((always_inline))

/* x = exp(x), where it lies. */
static void exponentials(DType d, const VecMath *math, void *x, int64_t n) {
    char *const p[] = {x, x};
    const int64_t size = (int64_t)dtype_size(d), strides[] = {size, size};
    kernel_map1(d, p, strides, n, &math->exp);
}

#define T float
#define LANES 8
#define FMA fmaf
#define EXPONENTIALS(math, x, n) exponentials(DT_float32, math, x, n)
#define LOG log.one_float
#define R(name) name##_float
#include "softmax_body.h"
#undef T
#undef LANES
#undef FMA
#undef EXPONENTIALS
#undef LOG
#undef R
#define T double
#define LANES 4
#define FMA fma
#define EXPONENTIALS(math, x, n) exponentials(DT_float64, math, x, n)
#define LOG log.one
#define R(name) name##_double
#include "softmax_body.h"

/* ---- rows ---- */

typedef struct Rows {
    DType d;
    const VecMath *math;
    bool log;
    const void *x, *grad; /* grad: of a gradient, else NULL; then x is the result */
    void *out;
    int64_t rows, n;
    int64_t grain; /* rows of a part */
} Rows;

INLINE void run_rows(const Rows *s, int64_t from, int64_t end) {
    for (int64_t at = from * s->n; at < end * s->n; at += s->n)
        if (s->d == DT_float32) {
            const float *x = (const float *)s->x + at, *grad = s->grad;
            float *out = (float *)s->out + at;
            if (grad)
                backward_float(s->math, s->log, grad + at, x, s->n, out);
            else
                forward_float(s->math, s->log, x, s->n, out);
        } else {
            const double *x = (const double *)s->x + at, *grad = s->grad;
            double *out = (double *)s->out + at;
            if (grad)
                backward_double(s->math, s->log, grad + at, x, s->n, out);
            else
                forward_double(s->math, s->log, x, s->n, out);
        }
}

static void plain_rows(const Rows *s, int64_t from, int64_t end) {
    run_rows(s, from, end);
}
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void fused_rows(const Rows *s, int64_t from,
                                                           int64_t end) {
    run_rows(s, from, end);
}
#else
#define fused_rows plain_rows
#endif

static void rows_part(const void *work, int64_t part) {
    const Rows *s = work;
    int64_t from = part * s->grain, end = from + s->grain;
    if (end > s->rows) end = s->rows;
    (cpu_level() >= CPU_AVX2 ? fused_rows : plain_rows)(s, from, end);
}

static void share_rows(Rows *s) {
    enum { GRAIN = PARALLEL_GRAIN / 4 }; /* an exponential is dear */
    s->grain = s->n < GRAIN ? GRAIN / s->n : 1;
    if (s->rows * s->n < PARALLEL_GRAIN) s->grain = s->rows;
    parallel_run(rows_part, s, parallel_parts(s->rows, s->grain));
}

void kernel_softmax(DType d, const VecMath *math, bool log, const void *x, int64_t rows,
                    int64_t n, void *out) {
    share_rows(&(Rows){d, math, log, x, NULL, out, rows, n, 0});
}

void kernel_softmax_backward(DType d, const VecMath *math, bool log, const void *grad,
                             const void *y, int64_t rows, int64_t n, void *out) {
    share_rows(&(Rows){d, math, log, y, grad, out, rows, n, 0});
}
