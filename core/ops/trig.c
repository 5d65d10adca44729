/* Trigonometric and hyperbolic functions and their inverses, element by element, in
 * radians.
 *
 * self [...] -> [...]. Integers and bool give the default float dtype; float16 is
 * refused. Formulas are those of derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

static const Value one = {.tag = VAL_INT, .as.i = 1};
static const Value two = {.tag = VAL_INT, .as.i = 2};

/* 1 - x^2 and x^2 + 1 and the like, in the terms of derivatives.yaml. */
static Tensor *one_minus_square(Ctx *c, Tensor *self) {
    return t_add_scalar(c, t_mul(c, t_neg(c, self), self), one);
}

/* ---- trigonometric ---- */

/* (sin x)' = cos x */
static Value sin_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->sin, "sin_vml_cpu") : value_null();
}

static void sin_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, t_cos(c, self)));
}

static const OpDef op_sin = {
    .schema = "sin(Tensor self) -> Tensor",
    .doc = "sine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = sin_forward,
    .backward = sin_backward,
};

Tensor *t_sin(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_sin, (Value[]){arg_tensor(self)});
}

/* (cos x)' = -sin x */
static Value cos_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->cos, "cos_vml_cpu") : value_null();
}

static void cos_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, t_neg(c, t_sin(c, self))));
}

static const OpDef op_cos = {
    .schema = "cos(Tensor self) -> Tensor",
    .doc = "cosine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = cos_forward,
    .backward = cos_backward,
};

Tensor *t_cos(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_cos, (Value[]){arg_tensor(self)});
}

/* (tan x)' = 1 + tan^2 x */
static Value tan_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->tan, "tan_vml_cpu") : value_null();
}

static void tan_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 0);
    Tensor *slope = t_add_scalar(c, t_pow_scalar(c, result, two), one);
    grad_set(g, 0, t_mul(c, g->grad, slope));
}

static const OpDef op_tan = {
    .schema = "tan(Tensor self) -> Tensor",
    .doc = "tangent",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = tan_forward,
    .backward = tan_backward,
};

/* (asin x)' = 1 / sqrt(1 - x^2) */
static Value asin_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->asin, "asin_vml_cpu") : value_null();
}

static void asin_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, t_rsqrt(c, one_minus_square(c, self))));
}

static const OpDef op_asin = {
    .schema = "asin(Tensor self) -> Tensor",
    .doc = "inverse sine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = asin_forward,
    .backward = asin_backward,
};

/* (acos x)' = -1 / sqrt(1 - x^2) */
static Value acos_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->acos, "acos_vml_cpu") : value_null();
}

static void acos_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    Tensor *slope = t_neg(c, t_rsqrt(c, one_minus_square(c, self)));
    grad_set(g, 0, t_mul(c, g->grad, slope));
}

static const OpDef op_acos = {
    .schema = "acos(Tensor self) -> Tensor",
    .doc = "inverse cosine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = acos_forward,
    .backward = acos_backward,
};

/* (atan x)' = 1 / (1 + x^2) */
static Value atan_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->atan, "atan_vml_cpu") : value_null();
}

static void atan_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    Tensor *square = t_mul(c, self, self);
    grad_set(g, 0, t_div(c, g->grad, t_add_scalar(c, square, one)));
}

static const OpDef op_atan = {
    .schema = "atan(Tensor self) -> Tensor",
    .doc = "inverse tangent",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = atan_forward,
    .backward = atan_backward,
};

/* ---- hyperbolic ---- */

/* (sinh x)' = cosh x */
static Value sinh_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->sinh, "sinh_cpu") : value_null();
}

static void sinh_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, t_cosh(c, self)));
}

static const OpDef op_sinh = {
    .schema = "sinh(Tensor self) -> Tensor",
    .doc = "hyperbolic sine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = sinh_forward,
    .backward = sinh_backward,
};

static Tensor *t_sinh(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_sinh, (Value[]){arg_tensor(self)});
}

/* (cosh x)' = sinh x */
static Value cosh_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->cosh, "cosh_cpu") : value_null();
}

static void cosh_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, t_sinh(c, self)));
}

static const OpDef op_cosh = {
    .schema = "cosh(Tensor self) -> Tensor",
    .doc = "hyperbolic cosine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = cosh_forward,
    .backward = cosh_backward,
};

Tensor *t_cosh(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_cosh, (Value[]){arg_tensor(self)});
}

/* grad_output * (1 - output^2), the derivative of tanh. */
static Value tanh_backward_forward(Ctx *c, Call *k) {
    Pointwise p = pointwise_args(c, k, 2, kernel_tanh_backward);
    return value_obj(pointwise(c, k, &p));
}

static void tanh_backward_backward(Ctx *c, Grad *g) {
    Tensor *grad_output = saved_tensor(c, g, 0), *output = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0)) grad_set(g, 0, t_tanh_backward(c, g->grad, output));
    if (!grad_wanted(g, 1)) return;
    Tensor *slope = t_mul(c, t_mul_scalar(c, output, value_int(-2)), grad_output);
    grad_set(g, 1, t_mul(c, g->grad, slope));
}

static const OpDef op_tanh_backward = {
    .schema = "tanh_backward(Tensor grad_output, Tensor output) -> Tensor",
    .doc = "the gradient of tanh",
    .traits = OP_POINTWISE,
    .saves = "grad_output?output output",
    .node = "TanhBackwardBackward0",
    .forward = tanh_backward_forward,
    .backward = tanh_backward_backward,
};

Tensor *t_tanh_backward(Ctx *c, Tensor *grad_output, Tensor *output) {
    return op_tensor(c, &op_tanh_backward,
                     (Value[]){arg_tensor(grad_output), arg_tensor(output)});
}

/* (tanh x)' = 1 - tanh^2 x */
static Value tanh_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->tanh, "tanh_vml_cpu") : value_null();
}

static void tanh_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_tanh_backward(c, g->grad, saved_tensor(c, g, 0)));
}

static const OpDef op_tanh = {
    .schema = "tanh(Tensor self) -> Tensor",
    .doc = "hyperbolic tangent",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = tanh_forward,
    .backward = tanh_backward,
};

Tensor *t_tanh(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_tanh, (Value[]){arg_tensor(self)});
}

/* True after raising: PyTorch has no derivative of the function written in place. */
static bool refused_in_place(Ctx *c, const Grad *g, const char *name) {
    const Op *op = g->node->cls->op;
    if (g->node->cls != &op->inplace_class) return false;
    error_raise(c, NotImplementedError,
                "the derivative for 'inplace version of %s' is not implemented.", name);
    return true;
}

/* (asinh x)' = 1 / sqrt(x^2 + 1) */
static Value asinh_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->asinh, "asinh_cpu") : value_null();
}

static void asinh_backward(Ctx *c, Grad *g) {
    if (refused_in_place(c, g, "asinh")) return;
    Tensor *self = saved_tensor(c, g, 0);
    Tensor *square = t_add_scalar(c, t_pow_scalar(c, self, two), one);
    grad_set(g, 0, t_mul(c, g->grad, t_rsqrt(c, square)));
}

static const OpDef op_asinh = {
    .schema = "asinh(Tensor self) -> Tensor",
    .doc = "inverse hyperbolic sine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .inplace_node = "AsinhBackward1",
    .forward = asinh_forward,
    .backward = asinh_backward,
};

/* (acosh x)' = 1 / sqrt(x^2 - 1) */
static Value acosh_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->acosh, "acosh_cpu") : value_null();
}

static void acosh_backward(Ctx *c, Grad *g) {
    if (refused_in_place(c, g, "acosh")) return;
    Tensor *self = saved_tensor(c, g, 0);
    Tensor *square = t_sub_scalar(c, t_pow_scalar(c, self, two), one);
    grad_set(g, 0, t_mul(c, g->grad, t_rsqrt(c, square)));
}

static const OpDef op_acosh = {
    .schema = "acosh(Tensor self) -> Tensor",
    .doc = "inverse hyperbolic cosine",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .inplace_node = "AcoshBackward1",
    .forward = acosh_forward,
    .backward = acosh_backward,
};

/* (atanh x)' = 1 / (1 - x^2) */
static Value atanh_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->atanh, "atanh_cpu") : value_null();
}

static void atanh_backward(Ctx *c, Grad *g) {
    if (refused_in_place(c, g, "atanh")) return;
    Tensor *self = saved_tensor(c, g, 0);
    Tensor *rest = t_scalar_sub(c, one, t_pow_scalar(c, self, two));
    grad_set(g, 0, t_div(c, t_mul_scalar(c, g->grad, one), rest));
}

static const OpDef op_atanh = {
    .schema = "atanh(Tensor self) -> Tensor",
    .doc = "inverse hyperbolic tangent",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .inplace_node = "AtanhBackward1",
    .forward = atanh_forward,
    .backward = atanh_backward,
};

/* ---- other names ---- */

static const OpDef op_arcsin = {
    .schema = "arcsin(Tensor self) -> Tensor",
    .doc = "asin",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_asin,
};
static const OpDef op_arccos = {
    .schema = "arccos(Tensor self) -> Tensor",
    .doc = "acos",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_acos,
};
static const OpDef op_arctan = {
    .schema = "arctan(Tensor self) -> Tensor",
    .doc = "atan",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_atan,
};
static const OpDef op_arcsinh = {
    .schema = "arcsinh(Tensor self) -> Tensor",
    .doc = "asinh",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_asinh,
};
static const OpDef op_arccosh = {
    .schema = "arccosh(Tensor self) -> Tensor",
    .doc = "acosh",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_acosh,
};
static const OpDef op_arctanh = {
    .schema = "arctanh(Tensor self) -> Tensor",
    .doc = "atanh",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_atanh,
};

const OpDef *const trig_ops[] = {
    &op_sin,    &op_cos,     &op_tan,     &op_asin,          &op_acos,
    &op_atan,   &op_sinh,    &op_cosh,    &op_tanh_backward, &op_tanh,
    &op_asinh,  &op_acosh,   &op_atanh,   &op_arcsin,        &op_arccos,
    &op_arctan, &op_arcsinh, &op_arccosh, &op_arctanh,       NULL,
};
