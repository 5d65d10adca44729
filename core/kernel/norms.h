/* norms: p-norms and moments of rows, with the bits that PyTorch gets: element after
 * element in one order, products and sums fused where its build fuses them.
 *
 * x holds `rows` rows of n elements, one after another, of dtype d: float32 or float64;
 * the norms of float16 and bfloat16 take and give floats that hold such values.
 */
#ifndef CORE_KERNEL_NORMS_H
#define CORE_KERNEL_NORMS_H

#include "core/dtype.h"

/* out[row] = (sum |x|^p)^(1/p); p = 0 counts what is not 0, p = inf and -inf give the
 * largest and the smallest |x|, nan when there is one. `together`: each row lay so in
 * memory, where PyTorch adds squares of floats in eight lanes. */
void kernel_norm(DType d, const void *x, int64_t rows, int64_t n, double p,
                 bool together, void *out);

/* Mean and sum of squared distances from it, by Welford's update. wide: in double, else
 * in float (d float32). */
void kernel_welford(DType d, const void *x, int64_t rows, int64_t n, bool wide,
                    double *mean, double *squares);
/* The sum of squared distances of n elements from a given mean. */
double squared_distances(DType d, const void *x, int64_t n, double mean);

#endif
