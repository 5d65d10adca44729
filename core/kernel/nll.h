/* nll: losses that pick the element of the target class.
 *
 * x [batch, classes, inner], target [batch, inner], weight [classes] or NULL: all
 * contiguous, of dtype d (float32, float64, bfloat16; target int64).  Targets are valid
 * or the ignored one, which picks 0.  Every step is rounded to d, and sums are taken in
 * PyTorch's levels.
 */
#ifndef CORE_KERNEL_NLL_H
#define CORE_KERNEL_NLL_H

#include "core/dtype.h"

typedef struct Nll {
    int64_t batch, classes, inner;
    const int64_t *target;
    int64_t ignore;
    const void *weight;
} Nll;

/* out[i] = -weight[target[i]] * x[target[i]], out [batch, inner]. */
void kernel_nll(DType d, const Nll *n, const void *x, void *out);
/* Their sum, divided by that of the weights when `mean`; and the sum of the weights. */
void kernel_nll_sum(DType d, const Nll *n, bool mean, const void *x, void *out,
                    void *total);
/* The gradient into out [batch, classes, inner], which holds zeros: from grad
 * [batch, inner]; or from that of the sum, of the mean when total is not NULL. */
void kernel_nll_backward(DType d, const Nll *n, const void *grad, void *out);
void kernel_nll_sum_backward(DType d, const Nll *n, const void *grad, const void *total,
                             void *out);

#endif
