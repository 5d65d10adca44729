/* moments: means, variances and sums of rows of n elements, in the order in which
 * PyTorch's vectors of 32 bytes add them, for normalization.
 *
 * Rows are contiguous, of a floating dtype d; float16 and bfloat16 count in float32.
 */
#ifndef CORE_KERNEL_MOMENTS_H
#define CORE_KERNEL_MOMENTS_H

#include "number.h"

/* float64 for float64, else float32. */
static inline DType moments_dtype(DType d) {
    return d == DT_float64 ? d : DT_float32;
}
/* a b + c, rounded once to `in`, which is float32 or float64. */
double moments_fma(DType in, double a, double b, double c);

/* Welford's mean of x[at], ..., x[at + n - 1], and the mean of their squared distances
 * from it; 0 and nan for no elements. */
typedef struct Moments {
    double mean, variance;
} Moments;
Moments kernel_moments(DType d, const void *x, int64_t at, int64_t n);

/* The sum over i < n of a[i], of (a[i] - shift) b[i], or of that times c[i]. NULL
 * for a factor that is not there. */
typedef struct Products {
    DType d;
    const void *a, *b, *c;
    int64_t a_at, b_at, c_at;
    double shift;
} Products;
double kernel_sum_of_products(const Products *p, int64_t n);

#endif
