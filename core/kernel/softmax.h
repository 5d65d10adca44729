/* softmax: softmax and log_softmax along one dimension, and their gradients.
 *
 * Arrays [outer, n, inner], n >= 1, of float32 or float64, with the sums and functions
 * in PyTorch's order (moments.h, by_blocks.h): rows in
 * vectors, columns one element after the other, those that fill no vector by the C
 * library.
 *
 * bfloat16 comes as float32 and is to be rounded when stored; `narrow` says so, since
 * some steps between are rounded, too.
 */
#ifndef CORE_KERNEL_SOFTMAX_H
#define CORE_KERNEL_SOFTMAX_H

#include "core/dtype.h"
#include "vecmath.h"

#include <stdbool.h>

typedef struct Softmax {
    DType d;
    bool log, narrow;
    const VecMath *math;
    bool columns; /* even where inner is 1 */
    int64_t outer, n, inner;
} Softmax;

/* out = exp(x) / sum(exp(x)), or its logarithm. */
void kernel_softmax(const Softmax *s, const void *x, void *out);
/* From grad and the results y: (grad - sum(grad y)) y, or grad - exp(y) sum(grad). */
void kernel_softmax_backward(const Softmax *s, const void *grad, const void *y,
                             void *out);

#endif
