/* softmax: softmax and log_softmax of contiguous rows, and their gradients.
 *
 * Rows of n >= 1 elements of float32 or float64.
 * Sums are taken in PyTorch's order (moments.h).
 */
#ifndef CORE_KERNEL_SOFTMAX_H
#define CORE_KERNEL_SOFTMAX_H

#include "core/dtype.h"
#include "vecmath.h"

#include <stdbool.h>

/* out = exp(x) / sum(exp(x)), or its logarithm. */
void kernel_softmax(DType d, const VecMath *math, bool log, const void *x, int64_t rows,
                    int64_t n, void *out);
/* From grad and the results y: (grad - sum(grad y)) y, or grad - exp(y) sum(grad). */
void kernel_softmax_backward(DType d, const VecMath *math, bool log, const void *grad,
                             const void *y, int64_t rows, int64_t n, void *out);

#endif
