/* See activation.h. */
#include "activation.h"

#include "by_blocks.h"
#include "loops.h"

#include <math.h>

#define SIGMOID(v) (1 / (1 + MATH(exp, -(v))))

/* The numbers. */
#define X ((T)f->x)
#define Y ((T)f->y)
#define Z ((T)f->z)

enum { LOOP1_OPERANDS = 2, LOOP2_OPERANDS, LOOP3_OPERANDS };
#define FLOAT_KERNEL(name, LOOP, expr)                                                 \
    BLOCK_KERNEL(name, Activation, LOOP##_OPERANDS, FLOATING(LOOP, (expr)))

/* ---- made of lines ----
 *
 * PyTorch's vectors and its single elements ask from opposite sides, so that they
 * disagree about nan, and about what lies on a border. */

FLOAT_KERNEL(kernel_leaky_relu, LOOP1, a > 0 ? a : X * a)
FLOAT_KERNEL(kernel_leaky_relu_backward, LOOP2, a > 0 ? b : X * b)
FLOAT_KERNEL(kernel_hardshrink, LOOP1, a >= -X && a <= X ? (T)0 : a)
FLOAT_KERNEL(kernel_softshrink, LOOP1, a > X ? a - X : a < -X ? a + X : (T)0)
FLOAT_KERNEL(kernel_shrink_backward, LOOP2,
             (IN_BLOCK ? !(b < -X || b > X) : b >= -X && b <= X) ? (T)0 : a)
FLOAT_KERNEL(kernel_hardtanh_backward, LOOP2,
             (IN_BLOCK ? !(b > X && b < Y) : b <= X || b >= Y) ? (T)0 : a)
FLOAT_KERNEL(kernel_prelu, LOOP2, a > 0 ? a : b * a)

KERNEL(kernel_threshold) {
    const KernelNumbers *limit = arg;
    switch (d) {
        INTEGER(LOOP2, (a <= (T)limit->i[0] ? (T)limit->i[1] : b))
        FLOATING(LOOP2, (a <= (T)limit->f[0] ? (T)limit->f[1] : b))
        NO_OTHERS
    }
}

/* nan stays nan. */
#define ZERO_TO_SIX(v) ((v) < 0 ? (T)0 : (v) > 6 ? (T)6 : (v))

FLOAT_KERNEL(kernel_hardsigmoid, LOOP1, ZERO_TO_SIX(a + 3) / 6)
FLOAT_KERNEL(kernel_hardsigmoid_backward, LOOP2,
             b > -3 && b < 3 ? a * (T)(1.0F / 6) : (T)0)
FLOAT_KERNEL(kernel_hardswish, LOOP1, ZERO_TO_SIX(a + 3) * a / 6)
FLOAT_KERNEL(kernel_hardswish_backward, LOOP2,
             b < -3                            ? (T)0
             : (IN_BLOCK ? !(b >= 3) : b <= 3) ? a * (b / 3 + (T)0.5)
                                               : a)

/* ---- with exponentials ---- */

FLOAT_KERNEL(kernel_elu, LOOP1, a <= 0 ? (MATH(exp, (Y * a)) - 1) * X : a * Z)
#define BELOW_ZERO(v) (IN_BLOCK ? !((v) > 0) : (v) <= 0)
FLOAT_KERNEL(kernel_elu_backward, LOOP2,
             BELOW_ZERO(b) ? Y *a *X *MATH(exp, (Y * b)) : a *Z)
FLOAT_KERNEL(kernel_elu_backward_result, LOOP2, BELOW_ZERO(b) ? Y *a *(b + X) : a *Z)

/* bfloat16 is rounded at every step, as PyTorch does here. */
#define R(v) bfloat16_rounded(v)
BLOCK_KERNEL(kernel_silu, Activation, LOOP1_OPERANDS,
             FULL_FLOATING(LOOP1, a / (1 + MATH(exp, -a)))
                 BFLOAT16(LOOP1, a / R(1 + R(MATH(exp, -a)))))

static inline float silu_gradient(float grad, float v, float exp) {
    float sigmoid = R(1 / R(1 + R(exp)));
    return R(grad * sigmoid) * R(1 + R(v * R(1 - sigmoid)));
}
BLOCK_KERNEL(kernel_silu_backward, Activation, LOOP2_OPERANDS,
             FULL_FLOATING(LOOP2, a *SIGMOID(b) * FMA(b, 1 - SIGMOID(b), 1))
                 FLOAT16(LOOP2, a *SIGMOID(b) * FMA(b, 1 - SIGMOID(b), 1))
                     BFLOAT16(LOOP2, silu_gradient(a, b, MATH(exp, -b))))
FLOAT_KERNEL(kernel_glu, LOOP2, SIGMOID(b) * a)

#define TANH_SOFTPLUS(v) MATH(tanh, MATH(log1p, MATH(exp, v)))
FLOAT_KERNEL(kernel_mish, LOOP1, TANH_SOFTPLUS(a) * a)
FLOAT_KERNEL(kernel_mish_backward, LOOP2,
             FMA(b *SIGMOID(b), FMA(-TANH_SOFTPLUS(b), TANH_SOFTPLUS(b), 1),
                 TANH_SOFTPLUS(b)) *
                 a)

/* The normal distribution up to v, and its density. */
#define CUMULATIVE(v) ((T)0.5 * (1 + MATH(erf, (v) * (T)M_SQRT1_2)))
#define DENSITY(v) (MATH(exp, (v) * (v) * (T)-0.5) * (T)(M_2_SQRTPI * M_SQRT1_2 * 0.5))
FLOAT_KERNEL(kernel_gelu, LOOP1, (T)0.5 * a * (1 + MATH(erf, (a * (T)M_SQRT1_2))))
FLOAT_KERNEL(kernel_gelu_backward, LOOP2,
             FMA_WHERE(IN_BLOCK, b, DENSITY(b), CUMULATIVE(b)) * a)

#define GELU_BETA (M_SQRT2 * M_2_SQRTPI * 0.5)
#define GELU_KAPPA 0.044715
#define GELU_INNER(v) MATH(tanh, FMA((T)GELU_KAPPA, (v) * (v) * (v), v) * (T)GELU_BETA)
#define GELU_SLOPE(v) ((T)GELU_BETA * FMA((T)3 * (T)GELU_KAPPA, (v) * (v), 1))
#define GELU_TANH_BACKWARD(v, t)                                                       \
    ((T)0.5 * (v)*FMA(-(t), t, 1) * GELU_SLOPE(v) + (T)0.5 * (1 + (t)))
static inline float gelu_inner_stepwise(float v) {
    return R(R((float)GELU_BETA) * R(v + R(R((float)GELU_KAPPA) * R(R(v * v) * v))));
}
static inline float gelu_slope_stepwise(float v, float tanh) {
    float slope = R(1 + R(R(3 * R((float)GELU_KAPPA)) * R(v * v)));
    float inner = R(R(0.5F * v) * R(1 - R(tanh * tanh)));
    return R(R(0.5F * R(1 + tanh)) + R(inner * R(R((float)GELU_BETA) * slope)));
}
BLOCK_KERNEL(kernel_gelu_tanh, Activation, LOOP1_OPERANDS,
             FULL_FLOATING(LOOP1, (T)0.5 * a * (1 + GELU_INNER(a)))
                 BFLOAT16(LOOP1,
                          R(0.5F * a) * R(1 + R(MATH(tanh, gelu_inner_stepwise(a))))))
BLOCK_KERNEL(kernel_gelu_tanh_backward, Activation, LOOP2_OPERANDS,
             FULL_FLOATING(LOOP2, GELU_TANH_BACKWARD(b, GELU_INNER(b)) * a)
                 BFLOAT16(LOOP2, a *gelu_slope_stepwise(
                                     b, R(MATH(tanh, gelu_inner_stepwise(b))))))

FLOAT_KERNEL(kernel_softplus, LOOP1, a *X > Y ? a : MATH(log1p, MATH(exp, (X * a))) / X)
FLOAT_KERNEL(kernel_softplus_backward, LOOP2,
             b *X > Y ? a : a * MATH(exp, (X * b)) / (MATH(exp, (X * b)) + 1))

SLEEF_KERNEL(kernel_exp_minus_abs, Activation, FLOATING(LOOP1, MATH(exp, -(T)fabs(a))))
SLEEF_KERNEL(kernel_log_sigmoid, Activation,
             FLOATING(LOOP1,
                      (a < 0 || a != a ? a : 0) - MATH(log1p, MATH(exp, -(T)fabs(a)))))
FLOAT_KERNEL(kernel_log_sigmoid_backward, LOOP3,
             (b < 0 ? 1 - c / (1 + c) : c / (1 + c)) * a)
