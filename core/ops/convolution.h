/* convolution: what the operators around convolution share.
 *
 * A convolution takes input [n, channels, in...] and weight [out channels, channels /
 * groups, kernel...] to [n, out channels, out...]; the weight of a transposed one,
 * which goes the way back, is [channels, out channels / groups, kernel...].
 */
#ifndef CORE_OPS_CONVOLUTION_H
#define CORE_OPS_CONVOLUTION_H

#include "core/op.h"

/* How the window moves, by spatial dimension. */
typedef struct Conv {
    int dims;
    bool transposed;
    int64_t groups;
    int64_t stride[MAX_DIMS], pad[MAX_DIMS], dilation[MAX_DIMS];
    int64_t output_pad[MAX_DIMS]; /* added at the end of what a transposed one gives */
} Conv;

extern const OpDef op_convolution;
/* The convolution, recorded; bias may be NULL. */
Tensor *t_convolution(Ctx *c, Tensor *input, Tensor *weight, Tensor *bias,
                      const Conv *v);
/* The second derivative: node convolution_backward has saved grad_output input weight
 * stride padding dilation transposed output_padding groups. */
void convolution_double_backward(Ctx *c, Grad *g);

#endif
