/* Smooth activation functions: ELU and its kind, SiLU, Mish, GELU, softplus and
 * log-sigmoid.
 *
 * self [...] -> [...], floats. Each gradient is an operator of its own, so that second
 * derivatives exist.
 * Sources: Activation.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "activation.h"

#include "ops.h"

#include <math.h>
#include <string.h>

static const Value one = {.tag = VAL_INT, .as.i = 1};

/* ---- elu, selu, celu ---- */

/* The numbers of elu: scale times self, below 0 scale alpha (exp(input_scale self) -
 * 1).
 */
static Activation elu_numbers(const Call *k) {
    double alpha = call_float(k, 1), scale = call_float(k, 2);
    return (Activation){.x = alpha * scale, .y = call_float(k, 3), .z = scale};
}

static Value elu_backward_forward(Ctx *c, Call *k) {
    bool is_result = call_bool(k, 4);
    Tensor *in[2] = {call_tensor(k, 0), call_tensor(k, 5)};
    if (is_result && call_float(k, 1) < 0)
        return value_raise(
            c, RuntimeError,
            "In-place elu backward calculation is triggered with a negative slope "
            "which is not supported. This is caused by calling in-place forward "
            "function with a negative slope, please call out-of-place version "
            "instead.");
    return activation_of(c, k, 2, in,
                         (ActivationCall){.kernel = is_result
                                                        ? kernel_elu_backward_result
                                                        : kernel_elu_backward,
                                          .name = "elu_backward_cpu",
                                          .numbers = elu_numbers(k)});
}

/* alpha, scale, input_scale, as elu_backward takes them. */
typedef struct Elu {
    Value alpha, scale, input_scale;
    bool is_result;
} Elu;

static const OpDef op_elu_backward;
static Tensor *t_elu_backward(Ctx *c, Tensor *grad, Elu e, Tensor *self_or_result) {
    return op_tensor(c, &op_elu_backward,
                     (Value[]){arg_tensor(grad), e.alpha, e.scale, e.input_scale,
                               value_bool(e.is_result), arg_tensor(self_or_result)});
}

static void elu_backward_backward(Ctx *c, Grad *g) {
    Tensor *grad_output = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 5);
    Elu e = {saved_value(g, 1), saved_value(g, 2), saved_value(g, 3), saved_bool(g, 4)};
    if (grad_wanted(g, 0)) grad_set(g, 0, t_elu_backward(c, g->grad, e, x));
    if (!grad_wanted(g, 1)) return;
    Tensor *slope = t_mul_scalar(c, t_mul(c, g->grad, grad_output), e.input_scale);
    if (!e.is_result) slope = t_elu_backward(c, slope, e, x);
    Tensor *below = t_lt_scalar(c, x, value_int(0));
    grad_set(g, 1, t_mul(c, slope, t_to_dtype(c, below, (DType)g->grad->dtype)));
}

static const OpDef op_elu_backward = {
    .schema = "elu_backward(Tensor grad_output, Scalar alpha, Scalar scale, Scalar "
              "input_scale, bool is_result, Tensor self_or_result) -> Tensor",
    .doc = "The gradient of elu.",
    .traits = OP_POINTWISE,
    .saves =
        "grad_output?self_or_result alpha scale input_scale is_result self_or_result",
    .node = "EluBackwardBackward0",
    .forward = elu_backward_forward,
    .backward = elu_backward_backward,
};

static Value elu_forward(Ctx *c, Call *k) {
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel_elu,
                                       .name = "elu_cpu",
                                       .numbers = elu_numbers(k)});
}

static void elu_gradient(Ctx *c, Grad *g, bool is_result) {
    Elu e = {saved_value(g, 1), saved_value(g, 2), saved_value(g, 3), is_result};
    grad_set(g, 0, t_elu_backward(c, g->grad, e, saved_tensor(c, g, 0)));
}

static void elu_backward(Ctx *c, Grad *g) {
    elu_gradient(c, g, false);
}

static void elu_inplace_backward(Ctx *c, Grad *g) {
    elu_gradient(c, g, true);
}

static const OpDef op_elu = {
    .schema = "elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) "
              "-> Tensor",
    .doc = "self where it is positive, else alpha (exp(self) - 1).",
    .forms = OP_NN | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self alpha scale input_scale",
    .forward = elu_forward,
    .backward = elu_backward,
};
static const OpDef op_elu_inplace = {
    .schema = "elu_(Tensor(a!) self, Scalar alpha=1, Scalar scale=1, Scalar "
              "input_scale=1) -> Tensor(a!)",
    .doc = "elu in place.",
    .forms = OP_NN,
    .traits = OP_POINTWISE,
    .saves = "result alpha scale input_scale",
    .node = "EluBackward1",
    .forward = elu_forward,
    .backward = elu_inplace_backward,
};

/* Numbers with which normalised inputs stay so. Source: Klambauer et al. (2017). */
static const double selu_alpha = 1.6732632423543772848170429916717;
static const double selu_scale = 1.0507009873554804934193349852946;

static Value selu_forward(Ctx *c, Call *k) {
    Value args[4] = {k->args[0], value_float(selu_alpha), value_float(selu_scale),
                     value_int(1)};
    return k->form == CALL_INPLACE ? op_call(c, &op_elu_inplace, args)
                                   : op_call(c, &op_elu, args);
}

static const OpDef op_selu = {
    .schema = "selu(Tensor self) -> Tensor",
    .doc = "elu with the numbers that keep normalised inputs normalised.",
    .forms = OP_FUNCTION | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = selu_forward,
};

/* self where it is positive, else alpha (exp(self / alpha) - 1). */
static Value celu_forward(Ctx *c, Call *k) {
    double alpha = call_float(k, 1);
    if (alpha == 0)
        return value_raise(c, RuntimeError,
                           "ZeroDivisionError: alpha cannot be 0 for CELU");
    return activation(
        c, k, 1,
        (ActivationCall){.kernel = kernel_elu,
                         .name = "elu_cpu",
                         .numbers = {.x = alpha, .y = 1 / alpha, .z = 1}});
}

/* PyTorch takes 1 / alpha of alpha as a float. */
static void celu_gradient(Ctx *c, Grad *g, bool is_result) {
    double inverse = 1.0 / (double)(float)saved_float(g, 1);
    Elu e = {saved_value(g, 1), value_int(1), value_float(inverse), is_result};
    grad_set(g, 0, t_elu_backward(c, g->grad, e, saved_tensor(c, g, 0)));
}

static void celu_backward(Ctx *c, Grad *g) {
    celu_gradient(c, g, false);
}

static void celu_inplace_backward(Ctx *c, Grad *g) {
    celu_gradient(c, g, true);
}

static const OpDef op_celu = {
    .schema = "celu(Tensor self, Scalar alpha=1.0) -> Tensor",
    .doc = "self where it is positive, else alpha (exp(self / alpha) - 1).",
    .forms = OP_FUNCTION,
    .traits = OP_POINTWISE,
    .saves = "self alpha",
    .forward = celu_forward,
    .backward = celu_backward,
};
static const OpDef op_celu_inplace = {
    .schema = "celu_(Tensor(a!) self, Scalar alpha=1.0) -> Tensor(a!)",
    .doc = "celu in place.",
    .forms = OP_FUNCTION,
    .traits = OP_POINTWISE,
    .saves = "result alpha",
    .node = "CeluBackward1",
    .forward = celu_forward,
    .backward = celu_inplace_backward,
};

/* ---- silu ---- */

/* a b c ... are multiplied from the left, as the formulas are written. */
static Value silu_backward_forward(Ctx *c, Call *k) {
    return activation(
        c, k, 2,
        (ActivationCall){.kernel = kernel_silu_backward, .name = "silu_backward_cpu"});
}

/* Only called while no gradients are recorded; see silu_backward. */
static const OpDef op_silu_backward = {
    .schema = "silu_backward(Tensor grad_output, Tensor self) -> Tensor",
    .doc = "The gradient of silu.",
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = silu_backward_forward,
};

/* self sigmoid(self) */
static Value silu_forward(Ctx *c, Call *k) {
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel_silu, .name = "silu_cpu"});
}

/* grad sigmoid (1 + self (1 - sigmoid)) */
static void silu_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    if (!c->grad_enabled) {
        Value args[2] = {arg_tensor(g->grad), arg_tensor(self)};
        grad_set(g, 0, op_tensor(c, &op_silu_backward, args));
        return;
    }
    Tensor *sigmoid = t_sigmoid(c, self);
    Tensor *slope = t_mul(c, self, t_scalar_sub(c, one, sigmoid));
    slope = t_add_scalar(c, slope, one);
    grad_set(g, 0, product3(c, g->grad, sigmoid, slope));
}

static const OpDef op_silu = {
    .schema = "silu(Tensor self) -> Tensor",
    .doc = "self times its sigmoid.",
    .forms = OP_NN | OP_NN_INPLACE | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self",
    .forward = silu_forward,
    .backward = silu_backward,
};

/* ---- mish ---- */

static Value mish_backward_forward(Ctx *c, Call *k) {
    return activation(c, k, 2,
                      (ActivationCall){.kernel = kernel_mish_backward,
                                       .name = "mish_backward_cpu",
                                       .refused = DTYPES_BFLOAT16});
}

/* Only called while no gradients are recorded; see mish_backward. */
static const OpDef op_mish_backward = {
    .schema = "mish_backward(Tensor grad_output, Tensor self) -> Tensor",
    .doc = "The gradient of mish.",
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = mish_backward_forward,
};

/* self tanh(softplus(self)) */
static Value mish_forward(Ctx *c, Call *k) {
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel_mish,
                                       .name = "mish_cpu",
                                       .refused = DTYPES_BFLOAT16});
}

/* grad (t + self sigmoid (1 - t t)) where t = tanh(softplus(self)) */
static void mish_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    if (!c->grad_enabled) {
        Value args[2] = {arg_tensor(g->grad), arg_tensor(self)};
        grad_set(g, 0, op_tensor(c, &op_mish_backward, args));
        return;
    }
    Tensor *t = t_tanh(c, t_log1p(c, t_exp(c, self)));
    Tensor *sigmoid = t_sigmoid(c, self);
    Tensor *slope = product3(c, self, sigmoid, t_scalar_sub(c, one, t_mul(c, t, t)));
    grad_set(g, 0, t_mul(c, g->grad, t_add(c, t, slope)));
}

static const OpDef op_mish = {
    .schema = "mish(Tensor self) -> Tensor",
    .doc = "self times the tanh of its softplus.",
    .forms = OP_NN | OP_NN_INPLACE | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self",
    .forward = mish_forward,
    .backward = mish_backward,
};

/* ---- gelu ---- */

/* Whether argument i asks for the approximation by tanh; false after raising, too. */
static bool gelu_is_tanh(Ctx *c, const Call *k, int i) {
    const char *s = call_string(k, i);
    if (strcmp(s, "tanh") == 0) return true;
    if (strcmp(s, "none") != 0)
        error_raise(c, RuntimeError,
                    "approximate argument must be either none or tanh.");
    return false;
}

/* Whether PyTorch gives self to its library. */
static bool gelu_by_library(const Tensor *self) {
    bool taken = self->dtype == DT_float32 || self->dtype == DT_bfloat16;
    return taken && self->contiguous && self->numel != 1;
}

static Value gelu_backward_forward(Ctx *c, Call *k) {
    Kernel kernel = gelu_is_tanh(c, k, 2)                ? kernel_gelu_tanh_backward
                    : gelu_by_library(call_tensor(k, 1)) ? kernel_gelu_library_backward
                                                         : kernel_gelu_backward;
    if (ctx_failed(c)) return value_null();
    return activation(
        c, k, 2, (ActivationCall){.kernel = kernel, .name = "GeluBackwardKernelImpl"});
}

/* The second derivative of gelu: 2 pdf - self^2 pdf. */
static Tensor *gelu_second(Ctx *c, Tensor *x) {
    double beta = M_2_SQRTPI * M_SQRT1_2 * 0.5;
    Tensor *square = t_mul(c, x, x);
    Tensor *pdf = t_exp(c, t_mul_scalar(c, square, value_float(-0.5)));
    pdf = t_mul_scalar(c, pdf, value_float(beta));
    return t_sub(c, t_mul_scalar(c, pdf, value_int(2)), t_mul(c, square, pdf));
}

/* The second derivative of the form with tanh, 2 f' g h + f g' h + f g h' for
 * f = x / 2, g = 1 - tanh(inner)^2, h = inner'. */
static Tensor *gelu_tanh_second(Ctx *c, Tensor *x) {
    double beta = M_SQRT2 * M_2_SQRTPI * 0.5, kappa = 0.044715;
    Tensor *cube =
        t_mul_scalar(c, t_pow_scalar(c, x, value_int(3)), value_float(kappa));
    Tensor *inner = t_mul_scalar(c, t_add(c, x, cube), value_float(beta));
    Tensor *t = t_tanh(c, inner);
    Tensor *sech = t_scalar_div(c, one, t_cosh(c, inner));
    Tensor *f = t_mul_scalar(c, x, value_float(0.5));
    Tensor *g = t_scalar_sub(c, one, t_mul(c, t, t));
    Tensor *h = t_mul(c, t_mul_scalar(c, x, value_float(3 * kappa)), x);
    h = t_mul_scalar(c, t_add_scalar(c, h, one), value_float(beta));
    Tensor *with_f = t_mul(c, t_mul_scalar(c, g, value_float(0.5)), h);
    Tensor *slope = t_mul(c, t_neg(c, sech), t);
    Tensor *with_g = product3(c, t_mul_scalar(c, sech, value_int(2)), slope, h);
    with_g = product3(c, f, h, with_g);
    Tensor *with_h = t_mul_scalar(c, x, value_float(6 * kappa));
    with_h = product3(c, f, g, t_mul_scalar(c, with_h, value_float(beta)));
    Tensor *sum = t_add(c, t_mul_scalar(c, with_f, value_int(2)), with_g);
    return t_add(c, sum, with_h);
}

static const OpDef op_gelu_backward;
static Tensor *t_gelu_backward(Ctx *c, Tensor *grad, Tensor *self, Value approximate) {
    return op_tensor(c, &op_gelu_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), approximate});
}

static void gelu_backward_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 1);
    Value approximate = saved_value(g, 2);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_gelu_backward(c, g->grad, self, approximate));
    if (!grad_wanted(g, 1)) return;
    Tensor *both = t_mul(c, g->grad, saved_tensor(c, g, 0));
    bool tanh_form = strcmp(value_str(approximate)->data, "tanh") == 0;
    Tensor *second = tanh_form ? gelu_tanh_second(c, self) : gelu_second(c, self);
    grad_set(g, 1, t_mul(c, both, second));
}

static const OpDef op_gelu_backward = {
    .schema = "gelu_backward(Tensor grad_output, Tensor self, *, str "
              "approximate=\"none\") -> Tensor",
    .doc = "The gradient of gelu.",
    .traits = OP_POINTWISE,
    .saves = "grad_output?self self approximate",
    .node = "GeluBackwardBackward0",
    .forward = gelu_backward_forward,
    .backward = gelu_backward_backward,
};

/* self times the normal distribution up to it. */
static Value gelu_forward(Ctx *c, Call *k) {
    Kernel kernel = gelu_is_tanh(c, k, 1)                ? kernel_gelu_tanh
                    : gelu_by_library(call_tensor(k, 0)) ? kernel_gelu_library
                                                         : kernel_gelu;
    if (ctx_failed(c)) return value_null();
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel, .name = "GeluKernelImpl"});
}

static void gelu_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_gelu_backward(c, g->grad, self, saved_value(g, 1)));
}

static const OpDef op_gelu = {
    .schema = "gelu(Tensor self, *, str approximate=\"none\") -> Tensor",
    .doc = "self times the normal distribution up to it.",
    .forms = OP_NN | OP_NN_INPLACE | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self approximate",
    .forward = gelu_forward,
    .backward = gelu_backward,
};

/* ---- softplus ---- */

static Value softplus_backward_forward(Ctx *c, Call *k) {
    return activation(
        c, k, 2,
        (ActivationCall){.kernel = kernel_softplus_backward,
                         .name = "softplus_backward_cpu",
                         .numbers = {.x = call_float(k, 2), .y = call_float(k, 3)}});
}

static const OpDef op_softplus_backward;
static Tensor *t_softplus_backward(Ctx *c, Tensor *grad, Tensor *self, Value beta,
                                   Value threshold) {
    return op_tensor(c, &op_softplus_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), beta, threshold});
}

static void softplus_backward_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 1);
    Value beta = saved_value(g, 2), threshold = saved_value(g, 3);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_softplus_backward(c, g->grad, self, beta, threshold));
    if (!grad_wanted(g, 1)) return;
    Tensor *both = t_mul(c, g->grad, saved_tensor(c, g, 0));
    Tensor *x = t_mul_scalar(c, self, beta);
    Tensor *below = t_lt_scalar(c, x, threshold);
    Tensor *slope = t_sigmoid_backward(c, both, t_sigmoid(c, x));
    slope = t_mul(c, slope, t_to_dtype(c, below, (DType)g->grad->dtype));
    grad_set(g, 1, t_mul_scalar(c, slope, beta));
}

static const OpDef op_softplus_backward = {
    .schema = "softplus_backward(Tensor grad_output, Tensor self, Scalar beta, Scalar "
              "threshold) -> Tensor",
    .doc = "The gradient of softplus.",
    .traits = OP_POINTWISE,
    .saves = "grad_output?self self beta threshold",
    .node = "SoftplusBackwardBackward0",
    .forward = softplus_backward_forward,
    .backward = softplus_backward_backward,
};

/* log(1 + exp(beta self)) / beta, or self where beta self is above the threshold. */
static Value softplus_forward(Ctx *c, Call *k) {
    return activation(
        c, k, 1,
        (ActivationCall){.kernel = kernel_softplus,
                         .name = "softplus_cpu",
                         .numbers = {.x = call_float(k, 1), .y = call_float(k, 2)}});
}

static void softplus_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_softplus_backward(c, g->grad, saved_tensor(c, g, 0), saved_value(g, 1),
                                 saved_value(g, 2)));
}

static const OpDef op_softplus = {
    .schema = "softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
    .doc = "log(1 + exp(beta self)) / beta.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self beta threshold",
    .forward = softplus_forward,
    .backward = softplus_backward,
};

/* ---- log_sigmoid ---- */

static Value log_sigmoid_backward_forward(Ctx *c, Call *k) {
    return activation(c, k, 3,
                      (ActivationCall){.kernel = kernel_log_sigmoid_backward,
                                       .name = "log_sigmoid_backward_cpu"});
}

static const OpDef op_log_sigmoid_backward;
static Tensor *t_log_sigmoid_backward(Ctx *c, Tensor *grad, Tensor *self,
                                      Tensor *buffer) {
    return op_tensor(c, &op_log_sigmoid_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), arg_tensor(buffer)});
}

static void log_sigmoid_backward_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_log_sigmoid_backward(c, g->grad, self, saved_tensor(c, g, 2)));
    if (!grad_wanted(g, 1)) return;
    Tensor *both = t_mul(c, g->grad, saved_tensor(c, g, 0));
    Tensor *z = t_sigmoid(c, self);
    grad_set(g, 1, product3(c, both, t_sub_scalar(c, z, one), z));
}

static const OpDef op_log_sigmoid_backward = {
    .schema = "log_sigmoid_backward(Tensor grad_output, Tensor self, Tensor buffer) -> "
              "Tensor",
    .doc = "The gradient of log_sigmoid.",
    .traits = OP_POINTWISE,
    .constants = "buffer",
    .saves = "grad_output?self self buffer?grad_output",
    .node = "LogSigmoidBackwardBackward0",
    .forward = log_sigmoid_backward_forward,
    .backward = log_sigmoid_backward_backward,
};

/* exp(-|x|) as result 1. */
static Tensor *log_sigmoid_buffer(Ctx *c, Call *k, Tensor *self, const Activation *f) {
    Call sub = {.op = k->op, .args = k->args, .form = CALL_NEW};
    Pointwise p = {.kernel = kernel_exp_minus_abs,
                   .arg = f,
                   .compute = (DType)self->dtype,
                   .result = (DType)self->dtype,
                   .name = "log_sigmoid_cpu",
                   .refused = DTYPES_INTEGRAL | DTYPES_HALF,
                   .n = 1,
                   .in = {self}};
    return pointwise(c, &sub, &p);
}

/* log(1 / (1 + exp(-self))), and exp(-|self|), of which the gradient is made. */
static Value log_sigmoid_forward_forward(Ctx *c, Call *k) {
    Activation f = {.math = math_of(c)};
    Tensor *self = t_contiguous(c, call_tensor(k, 0));
    Tensor *buffer = f.math && self ? log_sigmoid_buffer(c, k, self, &f) : NULL;
    if (!buffer) return value_null();
    Value items[2] = {activation_of(c, k, 1, &self,
                                    (ActivationCall){.kernel = kernel_log_sigmoid,
                                                     .name = "log_sigmoid_cpu"}),
                      value_obj(buffer)};
    if (ctx_failed(c)) return value_null();
    return tuple_of(c, 2, items);
}

static void log_sigmoid_backward(Ctx *c, Grad *g) {
    if (!g->grad) return;
    grad_set(g, 0,
             t_log_sigmoid_backward(c, g->grad, saved_tensor(c, g, 0),
                                    saved_tensor(c, g, 1)));
}

static const OpDef op_log_sigmoid_forward = {
    .schema = "log_sigmoid_forward(Tensor self) -> (Tensor output, Tensor buffer)",
    .doc = "The logarithm of sigmoid, and exp(-|self|).",
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self result1",
    .node = "LogSigmoidBackward0",
    .forward = log_sigmoid_forward_forward,
    .backward = log_sigmoid_backward,
};

static Value log_sigmoid_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    unsigned refused = DTYPES_INTEGRAL | DTYPES_HALF;
    if (k->form == CALL_OUT && k->target[0]->dtype != self->dtype &&
        !dtype_refused(c, "log_sigmoid_cpu", refused, (DType)self->dtype))
        scalar_type_check(c, (DType)self->dtype, (DType)k->target[0]->dtype);
    const Tuple *both = value_tuple(op_call(c, &op_log_sigmoid_forward, k->args));
    return both ? both->items[0] : value_null();
}

static const OpDef op_log_sigmoid = {
    .schema = "log_sigmoid(Tensor self) -> Tensor",
    .doc = "The logarithm of sigmoid.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_QUIET,
    .out_name = "log_sigmoid_forward",
    .forward = log_sigmoid_forward,
};
Tensor *t_log_sigmoid(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_log_sigmoid, (Value[]){arg_tensor(self)});
}

const OpDef *const activation_smooth_ops[] = {
    &op_elu,
    &op_elu_inplace,
    &op_elu_backward,
    &op_selu,
    &op_celu,
    &op_celu_inplace,
    &op_silu,
    &op_silu_backward,
    &op_mish,
    &op_mish_backward,
    &op_gelu,
    &op_gelu_backward,
    &op_softplus,
    &op_softplus_backward,
    &op_log_sigmoid,
    &op_log_sigmoid_forward,
    &op_log_sigmoid_backward,
    NULL,
};
