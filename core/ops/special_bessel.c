/* Bessel functions of order 0 and 1; Airy's function.
 *
 * self [...] -> [...]; integers and bool give the default float dtype.  Formulas are
 * those of derivatives.yaml and FunctionsManual.cpp. */
#include "core/kernel/special.h"
#include "core/pointwise.h"
#include "ops.h"
#include "special.h"

#include <float.h>

#define BESSEL_OPERATOR(name)                                                          \
    static Tensor *t_##name(Ctx *c, Tensor *self) {                                    \
        return op_tensor(c, &op_##name, (Value[]){arg_tensor(self)});                  \
    }

static Tensor *t_i0(Ctx *c, Tensor *self);
static Tensor *t_i0e(Ctx *c, Tensor *self);
static Tensor *t_i1(Ctx *c, Tensor *self);
static Tensor *t_i1e(Ctx *c, Tensor *self);

/* ---- order 0 ---- */

static Value i0_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_i0, "i0_vml_cpu", DTYPES_HALF);
}
static void i0_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_mul(c, g->grad, t_i1(c, saved_tensor(c, g, 0))));
}
static const OpDef op_i0 = {
    .schema = "i0(Tensor self) -> Tensor",
    .doc = "the modified Bessel function of the first kind of order 0",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = i0_forward,
    .backward = i0_backward,
};
static const OpDef op_special_i0 = {
    .schema = "special_i0(Tensor self) -> Tensor",
    .doc = "i0",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_i0,
};
BESSEL_OPERATOR(i0)

static Value i0e_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_i0e, "i0e_cpu", DTYPES_HALF);
}
/* i1e - sgn(self) result */
static void i0e_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 1);
    Tensor *slope = t_sub(c, t_i1e(c, self), t_mul(c, t_sgn(c, self), result));
    grad_set(g, 0, t_mul(c, g->grad, slope));
}
static const OpDef op_i0e = {
    .schema = "special_i0e(Tensor self) -> Tensor",
    .doc = "e^-|self| i0(self)",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .node = "SpecialI0EBackward0",
    .forward = i0e_forward,
    .backward = i0e_backward,
};
BESSEL_OPERATOR(i0e)

/* ---- order 1 ---- */

/* What a number is where self is not tiny, else the number itself. */
typedef struct Tiny {
    Tensor *large; /* bool: where self is not tiny */
    Tensor *safe;  /* self, but no smaller */
} Tiny;

static Tiny guard_tiny(Ctx *c, Tensor *self) {
    if (!self) return (Tiny){NULL, NULL};
    DType d = (DType)self->dtype;
    double eps = d == DT_float64 ? DBL_EPSILON : (double)FLT_EPSILON;
    Tensor *large = t_gt_scalar(c, t_abs(c, t_detach(c, self)), value_float(eps));
    Tensor *least = tensor_scalar(c, d, value_float(eps));
    return (Tiny){large, t_where(c, large, self, least)};
}

/* grad times the slope, which is 1/2 at 0. */
static void give_slope(Ctx *c, Grad *g, const Tiny *t, Tensor *slope) {
    if (!slope) return;
    Tensor *half = tensor_scalar(c, (DType)slope->dtype, value_float(0.5));
    grad_set(g, 0, t_mul(c, g->grad, t_where(c, t->large, slope, half)));
}

static Value i1_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_i1, "i1_cpu", DTYPES_HALF | DTYPES_BFLOAT16);
}
/* i0(self) - result / self */
static void i1_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 1);
    Tiny t = guard_tiny(c, saved_tensor(c, g, 0));
    Tensor *rest = t_mul(c, result, t_reciprocal(c, t.safe));
    give_slope(c, g, &t, t_sub(c, t_i0(c, t.safe), rest));
}
static const OpDef op_i1 = {
    .schema = "special_i1(Tensor self) -> Tensor",
    .doc = "the modified Bessel function of the first kind of order 1",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .forward = i1_forward,
    .backward = i1_backward,
};
BESSEL_OPERATOR(i1)

static Value i1e_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_i1e, "i1e_cpu", DTYPES_HALF | DTYPES_BFLOAT16);
}
/* i0e(self) - result (sgn(self) + 1 / self) */
static void i1e_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 1);
    Tiny t = guard_tiny(c, saved_tensor(c, g, 0));
    Tensor *sum = t_add(c, t_sgn(c, t.safe), t_reciprocal(c, t.safe));
    give_slope(c, g, &t, t_sub(c, t_i0e(c, t.safe), t_mul(c, result, sum)));
}
static const OpDef op_i1e = {
    .schema = "special_i1e(Tensor self) -> Tensor",
    .doc = "e^-|self| i1(self)",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .node = "SpecialI1EBackward0",
    .forward = i1e_forward,
    .backward = i1e_backward,
};
BESSEL_OPERATOR(i1e)

/* ---- those without a derivative: their results need no gradient ---- */

#define WITHOUT_DERIVATIVE(name, operand, kernel, text)                                \
    static Value name##_forward(Ctx *c, Call *k) {                                     \
        return special_float(c, k, kernel, #name "_cpu",                               \
                             DTYPES_HALF | DTYPES_BFLOAT16);                           \
    }                                                                                  \
    static const OpDef op_##name = {                                                   \
        .schema = "special_" #name "(Tensor " operand ") -> Tensor",                   \
        .doc = text,                                                                   \
        .forms = OP_SPECIAL | OP_OUT,                                                  \
        .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,                                \
        .forward = name##_forward,                                                     \
    };
WITHOUT_DERIVATIVE(bessel_j0, "self", kernel_bessel_j0,
                   "the Bessel function of the first kind of order 0")
WITHOUT_DERIVATIVE(bessel_j1, "self", kernel_bessel_j1,
                   "the Bessel function of the first kind of order 1")
WITHOUT_DERIVATIVE(bessel_y0, "self", kernel_bessel_y0,
                   "the Bessel function of the second kind of order 0")
WITHOUT_DERIVATIVE(bessel_y1, "self", kernel_bessel_y1,
                   "the Bessel function of the second kind of order 1")
WITHOUT_DERIVATIVE(modified_bessel_i0, "self", kernel_i0,
                   "the modified Bessel function of the first kind of order 0")
WITHOUT_DERIVATIVE(modified_bessel_i1, "self", kernel_modified_bessel_i1,
                   "the modified Bessel function of the first kind of order 1")
WITHOUT_DERIVATIVE(modified_bessel_k0, "self", kernel_modified_bessel_k0,
                   "the modified Bessel function of the second kind of order 0")
WITHOUT_DERIVATIVE(modified_bessel_k1, "self", kernel_modified_bessel_k1,
                   "the modified Bessel function of the second kind of order 1")
WITHOUT_DERIVATIVE(scaled_modified_bessel_k0, "x", kernel_scaled_modified_bessel_k0,
                   "e^x modified_bessel_k0(x)")
WITHOUT_DERIVATIVE(scaled_modified_bessel_k1, "x", kernel_scaled_modified_bessel_k1,
                   "e^x modified_bessel_k1(x)")
WITHOUT_DERIVATIVE(spherical_bessel_j0, "x", kernel_spherical_bessel_j0, "sin(x) / x")
WITHOUT_DERIVATIVE(airy_ai, "x", kernel_airy_ai, "Airy's function Ai")

const OpDef *const special_bessel_ops[] = {
    &op_i0,
    &op_special_i0,
    &op_i0e,
    &op_i1,
    &op_i1e,
    &op_bessel_j0,
    &op_bessel_j1,
    &op_bessel_y0,
    &op_bessel_y1,
    &op_modified_bessel_i0,
    &op_modified_bessel_i1,
    &op_modified_bessel_k0,
    &op_modified_bessel_k1,
    &op_scaled_modified_bessel_k0,
    &op_scaled_modified_bessel_k1,
    &op_spherical_bessel_j0,
    &op_airy_ai,
    NULL,
};
