/* pooling: the largest element, or the mean, of each window over an array.
 *
 * x holds `planes` arrays of three dimensions (the first ones may be of size 1), one
 * after another; so do results.  For every dimension a table holds the windows of all
 * places of the result, whether they slide or adapt to its size.
 */
#ifndef CORE_KERNEL_POOLING_H
#define CORE_KERNEL_POOLING_H

#include "core/dtype.h"

enum { POOL_DIMS = 3 };

/* What one place of the result sees along one dimension. */
typedef struct PoolWindow {
    int64_t begin, end, step; /* begin, begin + step ... below end; all within x */
    int64_t count; /* elements that a mean counts: padding may be among them */
} PoolWindow;

typedef struct Pooling {
    int64_t planes;
    int64_t in[POOL_DIMS], out[POOL_DIMS];
    const PoolWindow *windows[POOL_DIMS];
    int64_t divisor;          /* of means; 0: the product of the counts */
    bool divide_by_dimension; /* one count after another, which rounds differently */
    DType rounding; /* of float32 after every step: float16 or bfloat16; else DT_none */
} Pooling;

/* out = the largest element of each window, nan before all, and in `index`, unless it
 * is NULL, its place in the plane. An empty window gives -inf. float32 or float64. */
void kernel_max_pool(DType d, const Pooling *p, const void *x, void *out,
                     int64_t *index);
/* out = the mean of each window, 0 of an empty one; float32, float64 or int64. */
void kernel_avg_pool(DType d, const Pooling *p, const void *x, void *out);
/* out (zeros) += its share of grad for each element of a window; float32 or float64. */
void kernel_avg_pool_backward(DType d, const Pooling *p, const void *grad, void *out);

/* For each of `planes` planes: out[index[i]] = x[i], in this order, for the n places of
 * the plane, whose counterpart in out has n_out; any dtype. */
void kernel_unpool(DType d, int64_t planes, int64_t n, int64_t n_out,
                   const int64_t *index, const void *x, void *out);
/* For each of `planes` planes: out[index[i]] += grad[i], the same way; places beyond
 * the plane are left out. Floats; each sum is rounded. */
void kernel_unpool_add(DType d, int64_t planes, int64_t n, int64_t n_out,
                       const int64_t *index, const void *grad, void *out);

#endif
