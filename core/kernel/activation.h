/* activation: inner loops of activation functions and of their gradients.
 *
 * Types and operands are those of pointwise.h; only floats.  `arg` points to an
 * Activation.  Every step is rounded to the type computed in, as PyTorch's kernels
 * do: exp(x) - 1 keeps few digits near 0, and prints so.
 *
 * In a gradient operand a is the gradient of the result and operand b the input.
 */
#ifndef CORE_KERNEL_ACTIVATION_H
#define CORE_KERNEL_ACTIVATION_H

#include "pointwise.h"
#include "vecmath.h"

/* The numbers of an activation and the functions it needs; what a kernel does not name
 * it does not read. */
typedef struct Activation {
    const VecMath *math;
    double x, y, z;
} Activation;

/* ---- made of lines ---- */
KERNEL(kernel_leaky_relu);          /* a, below 0 x a */
KERNEL(kernel_leaky_relu_backward); /* a is the input, b the gradient */
KERNEL(kernel_threshold);           /* a <= number 0 ? number 1 : b; arg: KernelNumbers;
   integers too */
KERNEL(kernel_hardsigmoid);         /* clamp(a + 3, 0, 6) / 6 */
KERNEL(kernel_hardswish);           /* a hardsigmoid(a) */
KERNEL(kernel_hardshrink);          /* 0 within [-x, x] */
KERNEL(kernel_softshrink);          /* hardshrink, moved by x towards 0 */
KERNEL(kernel_hardtanh_backward);   /* a within (x, y), else 0 */
KERNEL(kernel_hardsigmoid_backward);
KERNEL(kernel_hardswish_backward);
KERNEL(kernel_shrink_backward); /* 0 within [-x, x], else a */
KERNEL(kernel_prelu);           /* a, below 0 b a */

/* ---- with exponentials ---- */
KERNEL(kernel_elu);                 /* z a, below 0 x (exp(y a) - 1) */
KERNEL(kernel_elu_backward);        /* b is the input */
KERNEL(kernel_elu_backward_result); /* b is the result */
KERNEL(kernel_silu);                /* a sigmoid(a) */
KERNEL(kernel_silu_backward);
KERNEL(kernel_mish); /* a tanh(softplus(a)) */
KERNEL(kernel_mish_backward);
KERNEL(kernel_gelu); /* a times the normal distribution up to a */
KERNEL(kernel_gelu_backward);
KERNEL(kernel_gelu_library); /* float32, bfloat16 alone; see gelu.c */
KERNEL(kernel_gelu_library_backward);
KERNEL(kernel_gelu_tanh); /* the same, nearly */
KERNEL(kernel_gelu_tanh_backward);
KERNEL(kernel_softplus); /* log(1 + exp(x a)) / x, or a where x a > y */
KERNEL(kernel_softplus_backward);
KERNEL(kernel_exp_minus_abs);        /* exp(-|a|) */
KERNEL(kernel_log_sigmoid);          /* min(a, 0) - log(1 + exp(-|a|)) */
KERNEL(kernel_log_sigmoid_backward); /* operand c is what kernel_exp_minus_abs gave */
KERNEL(kernel_glu);                  /* a sigmoid(b) */

#endif
