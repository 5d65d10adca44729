/* fused: the kernels in which PyTorch's build fuses a product with the sum that follows
 * it, so that they are rounded together: add with a factor, addcmul, lerp and the
 * derivative of tanh (pointwise.h tells what they do).
 *
 * They are compiled twice, since a processor with the instruction for it is much
 * faster; the bits are the same.
 */
#ifndef CORE_KERNEL_FUSED_H
#define CORE_KERNEL_FUSED_H

#include "core/kernel/pointwise.h"

KERNEL(add_scaled_baseline);
KERNEL(addcmul_baseline);
KERNEL(lerp_baseline);
KERNEL(tanh_backward_baseline);

KERNEL(add_scaled_avx2);
KERNEL(addcmul_avx2);
KERNEL(lerp_avx2);
KERNEL(tanh_backward_avx2);

#endif
