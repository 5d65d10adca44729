/* Activation functions and their backwards, which are operators too.
 *
 * self [...] -> [...].  Sources: Activation.cpp, derivatives.yaml, FunctionsManual.cpp.
 */
#include "core/pointwise.h"
#include "ops.h"

#include <math.h>
#include <string.h>

static Value number(double f) {
    return value_float(f);
}
static Tensor *wrapped(Ctx *c, double f) {
    return tensor_wrap_number(c, number(f));
}

/* t, computed by other operators, as the result of k. */
static Value give(Ctx *c, Call *k, Tensor *t) {
    Tensor *r = t ? call_result(c, k, 0, (DType)t->dtype, t->ndim, t->sizes) : NULL;
    if (!r) return value_null();
    tensor_copy(r, t);
    return value_obj(r);
}

static bool is_float(Ctx *c, const Call *k, const char *kernel) {
    DType d = (DType)call_tensor(k, 0)->dtype;
    if (dtype_is_floating(d)) return true;
    error_raise(c, RuntimeError, "\"%s\" not implemented for '%s'", kernel,
                dtype_scalar_name(d));
    return false;
}

/* The backward of an operator that is linear in its first argument and constant in the
 * second: the same operator on the new gradient, and zeros. */
static void linear_backward(Ctx *c, Grad *g, const OpDef *def, const Value *args) {
    if (grad_wanted(g, 0)) grad_set(g, 0, op_tensor(c, def, args));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

/* ---- threshold, relu ---- */

/* self > threshold ? grad : 0 */
static Value threshold_back_forward(Ctx *c, Call *k) {
    Tensor *mask = t_gt_scalar(c, call_tensor(k, 1), call_scalar(k, 2));
    return give(c, k, t_where(c, mask, call_tensor(k, 0), wrapped(c, 0)));
}
static void threshold_back_backward(Ctx *c, Grad *g);
static const OpDef op_threshold_backward = {
    .schema =
        "threshold_backward(Tensor grad_output, Tensor self, Scalar threshold) -> "
        "Tensor",
    .doc = "The gradient where self is above a threshold, else 0.",
    .forms = OP_FUNCTION,
    .saves = "self threshold",
    .node = "ThresholdBackwardBackward0",
    .forward = threshold_back_forward,
    .backward = threshold_back_backward,
};
static Tensor *t_threshold_backward(Ctx *c, Tensor *grad, Tensor *self,
                                    Value threshold) {
    return op_tensor(c, &op_threshold_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), threshold});
}
static void threshold_back_backward(Ctx *c, Grad *g) {
    Value args[3] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1)};
    linear_backward(c, g, &op_threshold_backward, args);
}

/* max(x, 0); nan stays. Its derivative at 0 is 0. */
static Value relu_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->dtype == DT_bool)
        return value_raise(c, RuntimeError, "Boolean inputs not supported for relu");
    return give(c, k, t_clamp_min(c, self, value_int(0)));
}
static void relu_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_threshold_backward(c, g->grad, saved_tensor(c, g, 0), value_int(0)));
}
static const OpDef op_relu = {
    .schema = "relu(Tensor self) -> Tensor",
    .doc = "self where it is positive, else 0.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE | OP_FUNCTION_INPLACE,
    .saves = "result",
    .forward = relu_forward,
    .backward = relu_backward,
};

/* self > threshold ? self : value */
static Value threshold_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Tensor *mask = t_gt_scalar(c, self, call_scalar(k, 1));
    Tensor *value = tensor_scalar(c, (DType)self->dtype, call_scalar(k, 2));
    return give(c, k, t_where(c, mask, self, value));
}
static void threshold_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        t_threshold_backward(c, g->grad, saved_tensor(c, g, 0), saved_value(g, 1)));
}
static const OpDef op_threshold = {
    .schema = "threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
    .doc = "self where it is above a threshold, else a number.",
    .forms = OP_FUNCTION | OP_OUT | OP_FUNCTION_INPLACE,
    .saves = "self threshold",
    .forward = threshold_forward,
    .backward = threshold_backward,
};

/* ---- leaky_relu ---- */

static Tensor *leaky(Ctx *c, Tensor *mask_of, Tensor *t, Value slope) {
    Tensor *mask = t_gt_scalar(c, mask_of, value_int(0));
    return t_where(c, mask, t, t_mul_scalar(c, t, slope));
}
static Value leaky_back_forward(Ctx *c, Call *k) {
    return give(c, k,
                leaky(c, call_tensor(k, 1), call_tensor(k, 0), call_scalar(k, 2)));
}
static void leaky_back_backward(Ctx *c, Grad *g);
static const OpDef op_leaky_relu_backward = {
    .schema =
        "leaky_relu_backward(Tensor grad_output, Tensor self, Scalar negative_slope, "
        "bool self_is_result) -> Tensor",
    .doc = "The gradient, times the slope where self is not positive.",
    .forms = OP_NN,
    .saves = "self negative_slope",
    .node = "LeakyReluBackwardBackward0",
    .forward = leaky_back_forward,
    .backward = leaky_back_backward,
};
static void leaky_back_backward(Ctx *c, Grad *g) {
    Value args[4] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1), value_bool(false)};
    linear_backward(c, g, &op_leaky_relu_backward, args);
}
static Value leaky_relu_forward(Ctx *c, Call *k) {
    if (!is_float(c, k, "leaky_relu_cpu")) return value_null();
    return give(c, k,
                leaky(c, call_tensor(k, 0), call_tensor(k, 0), call_scalar(k, 1)));
}
static void leaky_relu_backward(Ctx *c, Grad *g) {
    Value args[4] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1), value_bool(false)};
    grad_set(g, 0, op_tensor(c, &op_leaky_relu_backward, args));
}
static const OpDef op_leaky_relu = {
    .schema = "leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
    .doc = "self, times a slope where it is negative.",
    .forms = OP_NN | OP_OUT | OP_INPLACE,
    .saves = "self negative_slope",
    .forward = leaky_relu_forward,
    .backward = leaky_relu_backward,
};

/* ---- elu, celu, selu ---- */

/* x > 0 ? scale t : t factor exp(input_scale x), factor = alpha scale input_scale */
static Tensor *elu_slope(Ctx *c, Tensor *t, Tensor *x, double alpha, double scale,
                         double input_scale) {
    Tensor *e = t_exp(c, t_mul_scalar(c, x, number(input_scale)));
    Tensor *low = t_mul(c, t_mul_scalar(c, t, number(alpha * scale * input_scale)), e);
    Tensor *mask = t_gt_scalar(c, x, value_int(0));
    return t_where(c, mask, t_mul_scalar(c, t, number(scale)), low);
}
static Value elu_back_forward(Ctx *c, Call *k) {
    return give(c, k,
                elu_slope(c, call_tensor(k, 0), call_tensor(k, 5), call_float(k, 1),
                          call_float(k, 2), call_float(k, 3)));
}
static void elu_back_backward(Ctx *c, Grad *g);
static const OpDef op_elu_backward = {
    .schema = "elu_backward(Tensor grad_output, Scalar alpha, Scalar scale, Scalar "
              "input_scale, bool is_result, Tensor self_or_result) -> Tensor",
    .doc = "The gradient of elu.",
    .forms = OP_NN,
    .saves = "grad_output alpha scale input_scale is_result self_or_result",
    .node = "EluBackwardBackward0",
    .forward = elu_back_forward,
    .backward = elu_back_backward,
};
static void elu_back_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 5);
    double alpha = saved_float(g, 1), scale = saved_float(g, 2), in = saved_float(g, 3);
    if (grad_wanted(g, 0)) {
        Value args[6] = {arg_tensor(g->grad), saved_value(g, 1), saved_value(g, 2),
                         saved_value(g, 3),   value_bool(false), arg_tensor(x)};
        grad_set(g, 0, op_tensor(c, &op_elu_backward, args));
    }
    if (!grad_wanted(g, 1)) return;
    Tensor *product = t_mul(c, g->grad, saved_tensor(c, g, 0));
    Tensor *low = t_mul(c, t_mul_scalar(c, product, number(alpha * scale * in * in)),
                        t_exp(c, t_mul_scalar(c, x, number(in))));
    Tensor *mask = t_gt_scalar(c, x, value_int(0));
    grad_set(g, 1, t_where(c, mask, t_zeros_like(c, low), low));
}
/* scale x for x > 0, else scale alpha (exp(input_scale x) - 1) */
static Value elu_forward(Ctx *c, Call *k) {
    if (!is_float(c, k, "elu_cpu")) return value_null();
    Tensor *x = call_tensor(k, 0);
    double alpha = call_float(k, 1), scale = call_float(k, 2), in = call_float(k, 3);
    Tensor *e = t_expm1(c, t_mul_scalar(c, x, number(in)));
    Tensor *mask = t_gt_scalar(c, x, value_int(0));
    return give(c, k,
                t_where(c, mask, t_mul_scalar(c, x, number(scale)),
                        t_mul_scalar(c, e, number(alpha * scale))));
}
static void elu_backward(Ctx *c, Grad *g) {
    Value args[6] = {arg_tensor(g->grad), saved_value(g, 1),
                     saved_value(g, 2),   saved_value(g, 3),
                     value_bool(false),   arg_tensor(saved_tensor(c, g, 0))};
    grad_set(g, 0, op_tensor(c, &op_elu_backward, args));
}
static const OpDef op_elu = {
    .schema =
        "elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> "
        "Tensor",
    .doc = "self where it is positive, else alpha (exp(self) - 1).",
    .forms = OP_NN | OP_OUT | OP_INPLACE,
    .saves = "self alpha scale input_scale",
    .forward = elu_forward,
    .backward = elu_backward,
};
static Tensor *elu(Ctx *c, Tensor *x, double alpha, double scale, double input_scale) {
    return op_tensor(
        c, &op_elu,
        (Value[]){arg_tensor(x), number(alpha), number(scale), number(input_scale)});
}
static Value selu_forward(Ctx *c, Call *k) {
    return value_obj(elu(c, call_tensor(k, 0), 1.6732632423543772848170429916717,
                         1.0507009873554804934193349852946, 1));
}
static const OpDef op_selu = {
    .schema = "selu(Tensor self) -> Tensor",
    .doc = "elu scaled so that mean and variance are kept.",
    .forms = OP_FUNCTION | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = selu_forward,
};
static Value celu_forward(Ctx *c, Call *k) {
    double alpha = call_float(k, 1);
    if (alpha == 0)
        return value_raise(c, RuntimeError,
                           "ZeroDivisionError: alpha cannot be 0 for CELU");
    return value_obj(elu(c, call_tensor(k, 0), alpha, 1, 1 / alpha));
}
static const OpDef op_celu = {
    .schema = "celu(Tensor self, Scalar alpha=1.0) -> Tensor",
    .doc = "elu whose derivative is continuous for every alpha.",
    .forms = OP_FUNCTION | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = celu_forward,
};

/* ---- gelu ---- */

static const double gelu_cubic = 0.044715;
#define SQRT_2_OVER_PI 0.79788456080286535588

/* The first (order 1) or second derivative of gelu at x, or gelu itself (0). */
static Tensor *gelu_erf(Ctx *c, Tensor *x, int order) {
    Tensor *cdf = t_erf(c, t_mul_scalar(c, x, number(M_SQRT1_2)));
    cdf = t_mul_scalar(c, t_add_scalar(c, cdf, value_int(1)), number(0.5));
    if (order == 0) return t_mul(c, x, cdf);
    Tensor *square = t_mul(c, x, x);
    Tensor *pdf = t_exp(c, t_mul_scalar(c, square, number(-0.5)));
    pdf = t_mul_scalar(c, pdf, number(M_2_SQRTPI * M_SQRT1_2 * 0.5));
    if (order == 1) return t_add(c, cdf, t_mul(c, x, pdf));
    return t_mul(c, pdf, t_scalar_sub(c, value_int(2), square));
}
static Tensor *gelu_tanh(Ctx *c, Tensor *x, int order) {
    Tensor *square = t_mul(c, x, x);
    Tensor *inner = t_mul_scalar(c, t_mul(c, square, x), number(gelu_cubic));
    inner = t_mul_scalar(c, t_add(c, x, inner), number(SQRT_2_OVER_PI));
    Tensor *t = t_tanh(c, inner);
    Tensor *half = t_mul_scalar(c, t_add_scalar(c, t, value_int(1)), number(0.5));
    if (order == 0) return t_mul(c, x, half);
    Tensor *s = t_scalar_sub(c, value_int(1), t_mul(c, t, t));
    Tensor *d1 =
        t_add_scalar(c, t_mul_scalar(c, square, number(3 * gelu_cubic)), value_int(1));
    d1 = t_mul_scalar(c, d1, number(SQRT_2_OVER_PI));
    Tensor *sd = t_mul(c, s, d1);
    if (order == 1)
        return t_add(c, half, t_mul_scalar(c, t_mul(c, x, sd), number(0.5)));
    Tensor *d2 = t_mul_scalar(c, x, number(6 * gelu_cubic * SQRT_2_OVER_PI));
    Tensor *bend = t_mul_scalar(c, t_mul(c, t_mul(c, t, sd), d1), number(-2));
    bend = t_add(c, bend, t_mul(c, s, d2));
    return t_add(c, sd, t_mul_scalar(c, t_mul(c, x, bend), number(0.5)));
}
static Tensor *gelu_of(Ctx *c, Tensor *x, Value approximate, int order) {
    const Str *s = value_str(approximate);
    if (!s || str_equals(s, "none")) return gelu_erf(c, x, order);
    if (str_equals(s, "tanh")) return gelu_tanh(c, x, order);
    return error_raise(c, RuntimeError,
                       "approximate argument must be either none or tanh.");
}
static Value gelu_back_forward(Ctx *c, Call *k) {
    return give(
        c, k,
        t_mul(c, call_tensor(k, 0), gelu_of(c, call_tensor(k, 1), k->args[2], 1)));
}
static void gelu_back_backward(Ctx *c, Grad *g);
static const OpDef op_gelu_backward = {
    .schema =
        "gelu_backward(Tensor grad_output, Tensor self, *, str approximate='none') -> "
        "Tensor",
    .doc = "The gradient of gelu.",
    .forms = OP_NN,
    .saves = "grad_output self approximate",
    .node = "GeluBackwardBackward0",
    .forward = gelu_back_forward,
    .backward = gelu_back_backward,
};
static void gelu_back_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0)) {
        Value args[3] = {arg_tensor(g->grad), arg_tensor(x), saved_value(g, 2)};
        grad_set(g, 0, op_tensor(c, &op_gelu_backward, args));
    }
    if (grad_wanted(g, 1)) {
        Tensor *product = t_mul(c, g->grad, saved_tensor(c, g, 0));
        grad_set(g, 1, t_mul(c, product, gelu_of(c, x, saved_value(g, 2), 2)));
    }
}
/* x times the normal distribution function at x, or its approximation by tanh. */
static Value gelu_forward(Ctx *c, Call *k) {
    if (!is_float(c, k, "GeluKernelImpl")) return value_null();
    return give(c, k, gelu_of(c, call_tensor(k, 0), k->args[1], 0));
}
static void gelu_backward(Ctx *c, Grad *g) {
    Value args[3] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1)};
    grad_set(g, 0, op_tensor(c, &op_gelu_backward, args));
}
static const OpDef op_gelu = {
    .schema = "gelu(Tensor self, *, str approximate='none') -> Tensor",
    .doc = "self times the normal distribution function at self.",
    .forms = OP_NN | OP_OUT,
    .saves = "self approximate",
    .forward = gelu_forward,
    .backward = gelu_backward,
};

/* ---- softplus ---- */

static Tensor *softplus_tail(Ctx *c, Tensor *x, double beta, double threshold) {
    return t_gt_scalar(c, t_mul_scalar(c, x, number(beta)), number(threshold));
}
/* grad sigmoid(beta x), or grad itself beyond the threshold. */
static Value softplus_back_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *x = call_tensor(k, 1);
    double beta = call_float(k, 2);
    Tensor *slope = t_sigmoid(c, t_mul_scalar(c, x, number(beta)));
    return give(c, k,
                t_where(c, softplus_tail(c, x, beta, call_float(k, 3)), grad,
                        t_mul(c, grad, slope)));
}
static void softplus_back_backward(Ctx *c, Grad *g);
static const OpDef op_softplus_backward = {
    .schema = "softplus_backward(Tensor grad_output, Tensor self, Scalar beta, Scalar "
              "threshold) -> Tensor",
    .doc = "The gradient of softplus.",
    .forms = OP_NN,
    .saves = "grad_output self beta threshold",
    .node = "SoftplusBackwardBackward0",
    .forward = softplus_back_forward,
    .backward = softplus_back_backward,
};
static void softplus_back_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 1);
    double beta = saved_float(g, 2);
    if (grad_wanted(g, 0)) {
        Value args[4] = {arg_tensor(g->grad), arg_tensor(x), saved_value(g, 2),
                         saved_value(g, 3)};
        grad_set(g, 0, op_tensor(c, &op_softplus_backward, args));
    }
    if (!grad_wanted(g, 1)) return;
    Tensor *s = t_sigmoid(c, t_mul_scalar(c, x, number(beta)));
    Tensor *bend =
        t_mul_scalar(c, t_mul(c, s, t_scalar_sub(c, value_int(1), s)), number(beta));
    Tensor *t = t_mul(c, t_mul(c, g->grad, saved_tensor(c, g, 0)), bend);
    Tensor *tail = softplus_tail(c, x, beta, saved_float(g, 3));
    grad_set(g, 1, t_where(c, tail, t_zeros_like(c, t), t));
}
/* log(1 + exp(beta x)) / beta, or x beyond the threshold. */
static Value softplus_forward(Ctx *c, Call *k) {
    if (!is_float(c, k, "softplus_cpu")) return value_null();
    Tensor *x = call_tensor(k, 0);
    double beta = call_float(k, 1);
    Tensor *soft = t_log1p(c, t_exp(c, t_mul_scalar(c, x, number(beta))));
    soft = t_div_scalar(c, soft, number(beta));
    return give(c, k, t_where(c, softplus_tail(c, x, beta, call_float(k, 2)), x, soft));
}
static void softplus_backward(Ctx *c, Grad *g) {
    Value args[4] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1), saved_value(g, 2)};
    grad_set(g, 0, op_tensor(c, &op_softplus_backward, args));
}
static const OpDef op_softplus = {
    .schema = "softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
    .doc = "log(1 + exp(beta self)) / beta.",
    .forms = OP_NN | OP_OUT,
    .saves = "self beta threshold",
    .forward = softplus_forward,
    .backward = softplus_backward,
};

/* ---- silu ---- */

/* x sigmoid(x) */
static Value silu_forward(Ctx *c, Call *k) {
    if (!is_float(c, k, "silu_cpu")) return value_null();
    Tensor *x = call_tensor(k, 0);
    return give(c, k, t_mul(c, x, t_sigmoid(c, x)));
}
static void silu_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *s = t_sigmoid(c, x);
    Tensor *slope = t_mul(c, x, t_scalar_sub(c, value_int(1), s));
    slope = t_add_scalar(c, slope, value_int(1));
    grad_set(g, 0, t_mul(c, t_mul(c, g->grad, s), slope));
}
static const OpDef op_silu = {
    .schema = "silu(Tensor self) -> Tensor",
    .doc = "self times sigmoid(self).",
    .forms = OP_NN | OP_OUT | OP_INPLACE,
    .saves = "self",
    .forward = silu_forward,
    .backward = silu_backward,
};

/* ---- hardtanh ---- */

static Tensor *inside(Ctx *c, Tensor *x, Value low, Value high) {
    return t_logical_and(c, t_gt_scalar(c, x, low), t_lt_scalar(c, x, high));
}
static Value hardtanh_back_forward(Ctx *c, Call *k) {
    Tensor *mask = inside(c, call_tensor(k, 1), call_scalar(k, 2), call_scalar(k, 3));
    return give(c, k, t_where(c, mask, call_tensor(k, 0), wrapped(c, 0)));
}
static void hardtanh_back_backward(Ctx *c, Grad *g);
static const OpDef op_hardtanh_backward = {
    .schema =
        "hardtanh_backward(Tensor grad_output, Tensor self, Scalar min_val, Scalar "
        "max_val) -> Tensor",
    .doc = "The gradient where self is strictly between the limits, else 0.",
    .forms = OP_NN,
    .saves = "self min_val max_val",
    .node = "HardtanhBackwardBackward0",
    .forward = hardtanh_back_forward,
    .backward = hardtanh_back_backward,
};
static void hardtanh_back_backward(Ctx *c, Grad *g) {
    Value args[4] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1), saved_value(g, 2)};
    linear_backward(c, g, &op_hardtanh_backward, args);
}
static Value hardtanh_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0);
    return give(
        c, k, t_clamp_max(c, t_clamp_min(c, x, call_scalar(k, 1)), call_scalar(k, 2)));
}
static void hardtanh_backward(Ctx *c, Grad *g) {
    Value args[4] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     saved_value(g, 1), saved_value(g, 2)};
    grad_set(g, 0, op_tensor(c, &op_hardtanh_backward, args));
}
static const OpDef op_hardtanh = {
    .schema = "hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
    .doc = "self cut to an interval.",
    .forms = OP_NN | OP_OUT | OP_INPLACE,
    .saves = "self min_val max_val",
    .forward = hardtanh_forward,
    .backward = hardtanh_backward,
};
static Value relu6_forward(Ctx *c, Call *k) {
    return op_call(c, &op_hardtanh, (Value[]){k->args[0], value_int(0), value_int(6)});
}
static const OpDef op_relu6 = {
    .schema = "relu6(Tensor self) -> Tensor",
    .doc = "self cut to the interval from 0 to 6.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = relu6_forward,
};

const OpDef *const activation_ops[] = {
    &op_threshold_backward,
    &op_relu,
    &op_threshold,
    &op_leaky_relu_backward,
    &op_leaky_relu,
    &op_elu_backward,
    &op_elu,
    &op_selu,
    &op_celu,
    &op_gelu_backward,
    &op_gelu,
    &op_softplus_backward,
    &op_softplus,
    &op_silu,
    &op_hardtanh_backward,
    &op_hardtanh,
    &op_relu6,
    NULL,
};
