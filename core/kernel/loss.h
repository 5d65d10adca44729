/* loss: inner loops of losses of pairs of elements, and of their gradients.
 *
 * Types and operands are those of pointwise.h; only floats.  Operand a is the input,
 * operand b the target and operand c, in a gradient, the gradient of the loss.  `arg`
 * points to a LossNumbers.  Which halves are rounded at every step, and which once, is
 * as in PyTorch's kernels.
 */
#ifndef CORE_KERNEL_LOSS_H
#define CORE_KERNEL_LOSS_H

#include "pointwise.h"
#include "vecmath.h"

typedef struct LossNumbers {
    const VecMath *math; /* see by_blocks.h; none of its functions is called */
    double width;        /* beta or delta: where squares give way to lines */
    double norm;         /* of gradients: what one element counts */
} LossNumbers;

KERNEL(kernel_mse);          /* (a - b)^2 */
KERNEL(kernel_mse_backward); /* norm (a - b) c */
KERNEL(kernel_smooth_l1); /* z = |a - b|; z < width ? z^2 / 2 width : z - width / 2 */
KERNEL(kernel_smooth_l1_backward);
KERNEL(kernel_huber); /* z < width ? z^2 / 2 : width (z - width / 2) */
KERNEL(kernel_huber_backward);
/* (b - 1) log(1 - a) - b log(a), logarithms at least -100; float32 and float64 */
KERNEL(kernel_bce);
KERNEL(kernel_bce_backward); /* c (a - b) / max((1 - a) a, 1e-12) */

#endif
