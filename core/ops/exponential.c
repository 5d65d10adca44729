/* Exponentials, logarithms, roots and the functions made of them, element by element.
 *
 * self [...] -> [...]. Integers and bool give the default float dtype; float16 is
 * refused where PyTorch refuses it. Formulas are those of derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

#include <math.h>

/* ---- exponentials ---- */

/* e^x; (e^x)' = e^x */
static Value exp_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->exp, "exp_vml_cpu") : value_null();
}

static void exp_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, result));
}

static const OpDef op_exp = {
    .schema = "exp(Tensor self) -> Tensor",
    .doc = "e to the power of self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = exp_forward,
    .backward = exp_backward,
};

Tensor *t_exp(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_exp, (Value[]){arg_tensor(self)});
}
Tensor *t_exp_(Ctx *c, Tensor *self) {
    return value_tensor(op_call_inplace(c, &op_exp, (Value[]){arg_tensor(self)}));
}

/* 2^x; (2^x)' = 2^x ln 2. PyTorch has it for float16 too. */
static Value exp2_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    if (!m) return value_null();
    return pointwise_float(
        c, k, &(const PointwiseKernel){.kernel = kernel_map1, .arg = &m->exp2});
}

static void exp2_backward(Ctx *c, Grad *g) {
    Tensor *slope = t_mul(c, g->grad, saved_tensor(c, g, 0));
    grad_set(g, 0, t_mul_scalar(c, slope, value_float(M_LN2)));
}

const OpDef op_exp2 = {
    .schema = "exp2(Tensor self) -> Tensor",
    .doc = "2 to the power of self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = exp2_forward,
    .backward = exp2_backward,
};

/* e^x - 1; its derivative is the result + 1 */
static Value expm1_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->expm1, "expm1_vml_cpu") : value_null();
}

static void expm1_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, g->grad, t_add_scalar(c, result, value_int(1))));
}

const OpDef op_expm1 = {
    .schema = "expm1(Tensor self) -> Tensor",
    .doc = "exp(self) - 1, exact near 0",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = expm1_forward,
    .backward = expm1_backward,
};

/* ---- logarithms ---- */

/* ln x; (ln x)' = 1 / x */
static Value log_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->log, "log_vml_cpu") : value_null();
}

static void log_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_div(c, g->grad, self));
}

static const OpDef op_log = {
    .schema = "log(Tensor self) -> Tensor",
    .doc = "natural logarithm",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = log_forward,
    .backward = log_backward,
};

Tensor *t_log(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_log, (Value[]){arg_tensor(self)});
}
Tensor *t_log_(Ctx *c, Tensor *self) {
    return value_tensor(op_call_inplace(c, &op_log, (Value[]){arg_tensor(self)}));
}

/* (log2 x)' = 1 / (x ln 2) */
static Value log2_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->log2, "log2_vml_cpu") : value_null();
}

static void log2_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_div(c, g->grad, t_mul_scalar(c, self, value_float(M_LN2))));
}

static const OpDef op_log2 = {
    .schema = "log2(Tensor self) -> Tensor",
    .doc = "logarithm to base 2",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = log2_forward,
    .backward = log2_backward,
};

/* (log10 x)' = 1 / (x ln 10) */
static Value log10_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->log10, "log10_vml_cpu") : value_null();
}

#define LN10 2.3025850929940456 /* PyTorch's, an ulp less than M_LN10 */
static void log10_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_div(c, g->grad, t_mul_scalar(c, self, value_float(LN10))));
}

static const OpDef op_log10 = {
    .schema = "log10(Tensor self) -> Tensor",
    .doc = "logarithm to base 10",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = log10_forward,
    .backward = log10_backward,
};

/* (ln(1 + x))' = 1 / (1 + x) */
static Value log1p_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->log1p, "log1p_vml_cpu") : value_null();
}

static void log1p_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_div(c, g->grad, t_add_scalar(c, self, value_int(1))));
}

const OpDef op_log1p = {
    .schema = "log1p(Tensor self) -> Tensor",
    .doc = "log(1 + self), exact near 0",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .node = "Log1PBackward0",
    .forward = log1p_forward,
    .backward = log1p_backward,
};

Tensor *t_log1p(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_log1p, (Value[]){arg_tensor(self)});
}

/* ---- roots and inverses ---- */

/* The root; its derivative is 1 / (2 root), inf at 0. */
static Value sqrt_forward(Ctx *c, Call *k) {
    return pointwise_float(
        c, k, &(const PointwiseKernel){kernel_sqrt, "sqrt_vml_cpu", DTYPES_HALF, NULL});
}

static void sqrt_backward(Ctx *c, Grad *g) {
    Tensor *twice = t_mul_scalar(c, saved_tensor(c, g, 0), value_int(2));
    grad_set(g, 0, t_div(c, g->grad, twice));
}

static const OpDef op_sqrt = {
    .schema = "sqrt(Tensor self) -> Tensor",
    .doc = "square root",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = sqrt_forward,
    .backward = sqrt_backward,
};

Tensor *t_sqrt(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_sqrt, (Value[]){arg_tensor(self)});
}

/* x^-1/2; its derivative is -1/2 result^3. */
static Value rsqrt_forward(Ctx *c, Call *k) {
    return pointwise_float(
        c, k, &(const PointwiseKernel){kernel_rsqrt, "rsqrt_cpu", DTYPES_HALF, NULL});
}

static void rsqrt_backward(Ctx *c, Grad *g) {
    Tensor *cube = t_pow_scalar(c, saved_tensor(c, g, 0), value_int(3));
    grad_set(g, 0, t_mul(c, t_mul_scalar(c, g->grad, value_float(-0.5)), cube));
}

static const OpDef op_rsqrt = {
    .schema = "rsqrt(Tensor self) -> Tensor",
    .doc = "1 / sqrt(self)",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = rsqrt_forward,
    .backward = rsqrt_backward,
};

Tensor *t_rsqrt(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_rsqrt, (Value[]){arg_tensor(self)});
}

/* 1 / x; its derivative is -result^2. */
static Value reciprocal_forward(Ctx *c, Call *k) {
    return pointwise_float(c, k, &(const PointwiseKernel){.kernel = kernel_reciprocal});
}

static void reciprocal_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 0);
    grad_set(g, 0, t_mul(c, t_neg(c, g->grad), t_mul(c, result, result)));
}

static const OpDef op_reciprocal = {
    .schema = "reciprocal(Tensor self) -> Tensor",
    .doc = "1 / self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = reciprocal_forward,
    .backward = reciprocal_backward,
};

Tensor *t_reciprocal(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_reciprocal, (Value[]){arg_tensor(self)});
}

/* ---- sigmoid ---- */

/* grad_output * (1 - output) * output, the derivative of sigmoid. */
static Value sigmoid_backward_forward(Ctx *c, Call *k) {
    Pointwise p = pointwise_args(c, k, 2, kernel_sigmoid_backward);
    return value_obj(pointwise(c, k, &p));
}

static void sigmoid_backward_backward(Ctx *c, Grad *g) {
    Tensor *grad_output = saved_tensor(c, g, 0), *output = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0)) grad_set(g, 0, t_sigmoid_backward(c, g->grad, output));
    if (!grad_wanted(g, 1)) return;
    Tensor *slope = t_mul_scalar(c, output, value_int(-2));
    slope = t_add_scalar(c, slope, value_int(1));
    grad_set(g, 1, t_mul(c, t_mul(c, g->grad, grad_output), slope));
}

static const OpDef op_sigmoid_backward = {
    .schema = "sigmoid_backward(Tensor grad_output, Tensor output) -> Tensor",
    .doc = "the gradient of sigmoid",
    .traits = OP_POINTWISE,
    .saves = "grad_output?output output",
    .node = "SigmoidBackwardBackward0",
    .forward = sigmoid_backward_forward,
    .backward = sigmoid_backward_backward,
};

Tensor *t_sigmoid_backward(Ctx *c, Tensor *grad_output, Tensor *output) {
    return op_tensor(c, &op_sigmoid_backward,
                     (Value[]){arg_tensor(grad_output), arg_tensor(output)});
}

/* 1 / (1 + e^-x). */
static Value sigmoid_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    if (!m) return value_null();
    return pointwise_float(c, k,
                           &(const PointwiseKernel){kernel_sigmoid, "sigmoid_cpu",
                                                    DTYPES_HALF, &m->sigmoid_exp});
}

static void sigmoid_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_sigmoid_backward(c, g->grad, saved_tensor(c, g, 0)));
}

const OpDef op_sigmoid = {
    .schema = "sigmoid(Tensor self) -> Tensor",
    .doc = "1 / (1 + exp(-self))",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
};

Tensor *t_sigmoid(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_sigmoid, (Value[]){arg_tensor(self)});
}

/* ---- the error function ---- */

/* factor * e^(-x^2) * grad */
static Tensor *bell(Ctx *c, Grad *g, double factor) {
    Tensor *square = t_pow_scalar(c, saved_tensor(c, g, 0), value_int(2));
    Tensor *curve = t_mul_scalar(c, t_exp(c, t_neg(c, square)), value_float(factor));
    return t_mul(c, curve, g->grad);
}

/* erf; its derivative is 2 / sqrt(pi) e^(-x^2) */
static Value erf_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->erf, "erf_vml_cpu") : value_null();
}

static void erf_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, bell(c, g, M_2_SQRTPI));
}

const OpDef op_erf = {
    .schema = "erf(Tensor self) -> Tensor",
    .doc = "error function",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = erf_forward,
    .backward = erf_backward,
};

Tensor *t_erf(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_erf, (Value[]){arg_tensor(self)});
}

/* erfc; its derivative is -2 / sqrt(pi) e^(-x^2) */
static Value erfc_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->erfc, "erfc_vml_cpu") : value_null();
}

static void erfc_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, bell(c, g, -M_2_SQRTPI));
}

const OpDef op_erfc = {
    .schema = "erfc(Tensor self) -> Tensor",
    .doc = "1 - erf(self)",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = erfc_forward,
    .backward = erfc_backward,
};

const OpDef *const exponential_ops[] = {
    &op_exp,
    &op_exp2,
    &op_expm1,
    &op_log,
    &op_log2,
    &op_log10,
    &op_log1p,
    &op_sqrt,
    &op_rsqrt,
    &op_reciprocal,
    &op_sigmoid_backward,
    &op_sigmoid,
    &op_erf,
    &op_erfc,
    NULL,
};
