/* See distance.h.  Source: DistanceOpsKernel.cpp. */
#include "core/kernel/distance.h"

#include <math.h>

#define T float
#define NAME(x) x##_float
#define LANES 8
#define FMA fmaf
#define POW(math) (math)->pow.block_float
#define c_pow_float powf
#define c_abs_float fabsf
#define c_ceil_float ceilf
#include "core/kernel/distance_body.h"
#undef T
#undef NAME
#undef LANES
#undef FMA
#undef POW

#define T double
#define NAME(x) x##_double
#define LANES 4
#define FMA fma
#define POW(math) (math)->pow.block
#define c_pow_double pow
#define c_abs_double fabs
#define c_ceil_double ceil
#include "core/kernel/distance_body.h"

void kernel_cdist(const DistanceRows *s, const void *a, int64_t n, const void *b,
                  int64_t k, void *out) {
    if (s->d == DT_float32)
        cdist_float(s, a, n, b, k, out);
    else
        cdist_double(s, a, n, b, k, out);
}

void kernel_cdist_backward(const DistanceRows *s, const void *a, int64_t n,
                           const void *b, int64_t k, const void *grad, const void *dist,
                           void *grad_a) {
    if (s->d == DT_float32)
        cdist_backward_float(s, a, n, b, k, grad, dist, grad_a);
    else
        cdist_backward_double(s, a, n, b, k, grad, dist, grad_a);
}

void kernel_pdist(const DistanceRows *s, const void *x, int64_t n, void *out) {
    if (s->d == DT_float32)
        pdist_float(s, x, n, out);
    else
        pdist_double(s, x, n, out);
}

void kernel_pdist_backward(const DistanceRows *s, const void *x, int64_t n,
                           const void *grad, const void *dist, void *grad_x) {
    if (s->d == DT_float32)
        pdist_backward_float(s, x, n, grad, dist, grad_x);
    else
        pdist_backward_double(s, x, n, grad, dist, grad_x);
}
