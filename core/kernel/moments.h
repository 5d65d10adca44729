/* moments: means, variances and sums of rows of n elements, in the order in which
 * PyTorch's vectors of 32 bytes add them, for normalization.
 *
 * Rows are contiguous, of dtype float32, float64 or bfloat16.
 */
#ifndef CORE_KERNEL_MOMENTS_H
#define CORE_KERNEL_MOMENTS_H

#include "number.h"

#include <math.h>

/* float64 for float64, else float32: what a kernel computes in that widens bfloat16. */
static inline DType moments_dtype(DType d) {
    return d == DT_float64 ? d : DT_float32;
}
/* a b + c in dtype `in`: rounded once, but in bfloat16, whose product is rounded too.
 */
static inline double moments_fma(DType in, double a, double b, double c) {
    if (in == DT_float64) return fma(a, b, c);
    if (in == DT_float32) return fmaf((float)a, (float)b, (float)c);
    return number_rounded(in, number_rounded(in, a * b) + c);
}
/* 1 / sqrt(variance + eps), every step rounded to `in`. */
double moments_inverse_root(DType in, double variance, double eps);

/* Welford's mean of x[at], ..., x[at + n - 1], and the mean of their squared distances
 * from it; 0 and nan for no elements. Every step is rounded to d, products too. */
typedef struct Moments {
    double mean, variance;
} Moments;
Moments kernel_moments(DType d, const void *x, int64_t at, int64_t n);

/* The sum over i < n of a[i], of (a[i] - shift) b[i], or of that times c[i]. NULL
 * for a factor that is not there. bfloat16 counts in float32. */
typedef struct Products {
    DType d;
    const void *a, *b, *c;
    int64_t a_at, b_at, c_at;
    double shift;
} Products;
double kernel_sum_of_products(const Products *p, int64_t n);

/* A sum of n products as it is for groups: what does not fill a vector is added last,
 * four floats of it without fusing, and bfloat16 rounds every step. Terms are added
 * in turn. */
enum { MOMENTS_LANES = 16 };
typedef struct RestLast {
    DType d;
    int64_t whole, fused; /* terms in whole vectors; from which on the rest is fused */
    double lane[MOMENTS_LANES], rest;
} RestLast;
RestLast rest_last_begin(DType d, int64_t n, int64_t together);
void rest_last_add(RestLast *s, int64_t i, double a, double b);
double rest_last_end(RestLast *s, int64_t n);
/* Of a[i] b[i], four together. */
double kernel_sum_rest_last(const Products *p, int64_t n);

#endif
