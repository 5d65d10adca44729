/* Activation functions made of straight lines.  The smooth ones are in
 * activation_smooth.c, those of several operands in activation_pairs.c.
 *
 * self [...] -> [...], floats; those that only clamp take integers too. Each gradient
 * is an operator of its own, so that second derivatives exist.
 * Sources: Activation.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "activation.h"

#include "dense.h"
#include "ops.h"

/* ---- shared ---- */

/* What PyTorch's functions of one operand ask of out=. */
static bool same_dtype_out(Ctx *c, const Call *k, const Tensor *self) {
    return k->form != CALL_OUT ||
           found_dtype_check(c, (DType)k->target[0]->dtype, (DType)self->dtype);
}

/* The set of arguments that are numbers. */
static unsigned scalars_of(const Call *k) {
    unsigned set = 0;
    for (int i = 0; i < k->op->schema.n; i++)
        if (k->op->schema.params[i].type == PARAM_SCALAR) set |= 1u << i;
    return set;
}

Value activation_of(Ctx *c, Call *k, int n, Tensor *const *in, ActivationCall f) {
    f.numbers.math = math_of(c);
    if (!f.numbers.math || !in[0]) return value_null();
    if (n == 1 && !same_dtype_out(c, k, in[0])) return value_null();
    Pointwise p = {.kernel = f.kernel,
                   .arg = &f.numbers,
                   .name = f.name,
                   .refused = f.refused | DTYPES_INTEGRAL | DTYPES_HALF,
                   .n = n};
    for (int i = 0; i < n; i++) p.in[i] = in[i];
    p.compute = p.result = result_type(c, n, in);
    p.scalars = scalars_of(k);
    p.held = dense_dtype(p.compute);
    return value_obj(pointwise(c, k, &p));
}

Value activation(Ctx *c, Call *k, int n, ActivationCall f) {
    Tensor *in[POINTWISE_OPERANDS];
    for (int i = 0; i < n; i++) in[i] = call_tensor(k, i);
    return activation_of(c, k, n, in, f);
}

void zero_gradient(Ctx *c, Grad *g) {
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

Tensor *product3(Ctx *c, Tensor *a, Tensor *b, Tensor *d) {
    return t_mul(c, t_mul(c, a, b), d);
}

/* ---- threshold ---- */

/* other where self is above the limit or nan, else value. */
static Value above(Ctx *c, Call *k, Tensor *other, Value value) {
    Tensor *self = call_tensor(k, k->op->schema.n_tensors - 1);
    Pointwise p = {.kernel = kernel_threshold,
                   .name = "threshold_cpu",
                   .refused = DTYPES_BOOL | DTYPES_HALF,
                   .n = 2,
                   .in = {self, other}};
    DType d = p.compute = p.result = result_type(c, 2, p.in);
    int limit = k->op->schema.n_tensors;
    p.scalars = scalars_of(k);
    p.held = d;
    KernelNumbers x = pointwise_number(d, call_scalar(k, limit)),
                  y = pointwise_number(d, value);
    x.f[1] = y.f[0];
    x.i[1] = y.i[0];
    p.arg = &x;
    return value_obj(pointwise(c, k, &p));
}

static Value threshold_backward_forward(Ctx *c, Call *k) {
    return above(c, k, call_tensor(k, 0), value_int(0));
}

static void threshold_backward_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(
            g, 0,
            t_threshold_backward(c, g->grad, saved_tensor(c, g, 0), saved_value(g, 1)));
    zero_gradient(c, g);
}

static const OpDef op_threshold_backward = {
    .schema =
        "threshold_backward(Tensor grad_output, Tensor self, Scalar threshold) -> "
        "Tensor",
    .doc = "The gradient of threshold.",
    .traits = OP_POINTWISE,
    .saves = "self?grad_output threshold",
    .node = "ThresholdBackwardBackward0",
    .forward = threshold_backward_forward,
    .backward = threshold_backward_backward,
};

Tensor *t_threshold_backward(Ctx *c, Tensor *grad_output, Tensor *self, Value limit) {
    return op_tensor(c, &op_threshold_backward,
                     (Value[]){arg_tensor(grad_output), arg_tensor(self), limit});
}

/* self where it is above the limit, else value. */
static Value threshold_forward(Ctx *c, Call *k) {
    return above(c, k, call_tensor(k, 0), call_scalar(k, 2));
}

static void threshold_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_threshold_backward(c, g->grad, self, saved_value(g, 1)));
}

static const OpDef op_threshold = {
    .schema = "threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
    .doc = "self where it is above a threshold, else a value.",
    .forms = OP_FUNCTION | OP_FUNCTION_INPLACE | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self threshold",
    .inplace_node = "ThresholdBackward1",
    .forward = threshold_forward,
    .backward = threshold_backward,
};

/* ---- relu ---- */

/* max(self, 0); nan stays. At 0 the gradient is 0. */
static Value relu_forward(Ctx *c, Call *k) {
    if (call_tensor(k, 0)->dtype == DT_bool)
        return value_raise(c, RuntimeError, "Boolean inputs not supported for relu");
    KernelNumbers zero = {.f = {0}};
    Pointwise p = pointwise_args(c, k, 1, kernel_clamp_min_number);
    p.arg = &zero;
    p.name = "clamp_min_cpu";
    p.refused = DTYPES_HALF;
    return value_obj(pointwise(c, k, &p));
}

static void relu_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 0);
    grad_set(g, 0, t_threshold_backward(c, g->grad, result, value_int(0)));
}

static const OpDef op_relu = {
    .schema = "relu(Tensor self) -> Tensor",
    .doc = "self where it is positive, else 0.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = relu_forward,
    .backward = relu_backward,
};

/* ---- hardtanh, relu6 ---- */

static Value hardtanh_backward_forward(Ctx *c, Call *k) {
    return activation(
        c, k, 2,
        (ActivationCall){.kernel = kernel_hardtanh_backward,
                         .name = "hardshrink_backward_cpu",
                         .numbers = {.x = call_float(k, 2), .y = call_float(k, 3)},
                         .refused = DTYPES_BFLOAT16});
}

static const OpDef op_hardtanh_backward;
static Tensor *t_hardtanh_backward(Ctx *c, Tensor *grad, Tensor *self, Value lo,
                                   Value hi) {
    return op_tensor(c, &op_hardtanh_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), lo, hi});
}

static void hardtanh_backward_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_hardtanh_backward(c, g->grad, saved_tensor(c, g, 0),
                                     saved_value(g, 1), saved_value(g, 2)));
    zero_gradient(c, g);
}

static const OpDef op_hardtanh_backward = {
    .schema =
        "hardtanh_backward(Tensor grad_output, Tensor self, Scalar min_val, Scalar "
        "max_val) -> Tensor",
    .doc = "The gradient of hardtanh.",
    .traits = OP_POINTWISE,
    .saves = "self?grad_output min_val max_val",
    .node = "HardtanhBackwardBackward0",
    .forward = hardtanh_backward_forward,
    .backward = hardtanh_backward_backward,
};

static bool hardtanh_check(Ctx *c, const Tensor *self, const KernelNumbers *limits) {
    if (self->dtype == DT_bool)
        error_raise(c, RuntimeError, "Bool inputs not supported for hardtanh");
    else if (self->dtype == DT_uint8 && (limits->i[0] < 0 || limits->i[1] < 0))
        error_raise(c, RuntimeError,
                    "cannot do hardtanh on an unsigned type with negative limits");
    return !ctx_failed(c);
}

/* The limits as numbers of dtype d; those of bytes may be negative still. */
static KernelNumbers hardtanh_limits(const Call *k, DType d) {
    if (d == DT_uint8) d = DT_int64;
    KernelNumbers x = pointwise_number(d, call_scalar(k, 1));
    KernelNumbers y = pointwise_number(d, call_scalar(k, 2));
    x.f[1] = y.f[0];
    x.i[1] = y.i[0];
    return x;
}

/* self, at least min_val and at most max_val. At the limits the gradient is 0. */
static Value hardtanh_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    KernelNumbers limits = hardtanh_limits(k, (DType)self->dtype);
    if (!hardtanh_check(c, self, &limits) || !same_dtype_out(c, k, self))
        return value_null();
    Pointwise p = pointwise_args(c, k, 1, kernel_clamp_numbers);
    p.arg = &limits;
    p.scalars = scalars_of(k);
    p.held = p.compute;
    p.name = "clamp_scalar_cpu";
    p.refused = DTYPES_HALF;
    p.is_unary = p.keeps_strides = true;
    return value_obj(pointwise(c, k, &p));
}

static void hardtanh_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_hardtanh_backward(c, g->grad, saved_tensor(c, g, 0), saved_value(g, 1),
                                 saved_value(g, 2)));
}

static const OpDef op_hardtanh = {
    .schema = "hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
    .doc = "self, at least min_val and at most max_val.",
    .forms = OP_NN | OP_NN_INPLACE | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self min_val max_val",
    .forward = hardtanh_forward,
    .backward = hardtanh_backward,
};

static Value relu6_forward(Ctx *c, Call *k) {
    Value args[3] = {k->args[0], value_int(0), value_int(6)};
    return k->form == CALL_INPLACE ? op_call_inplace(c, &op_hardtanh, args)
                                   : op_call(c, &op_hardtanh, args);
}

static const OpDef op_relu6 = {
    .schema = "relu6(Tensor self) -> Tensor",
    .doc = "self, at least 0 and at most 6.",
    .forms = OP_NN | OP_NN_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = relu6_forward,
};

/* ---- leaky_relu ---- */

static Value leaky_relu_backward_forward(Ctx *c, Call *k) {
    double slope = call_float(k, 2);
    if (call_bool(k, 3) && slope < 0)
        return value_raise(
            c, RuntimeError,
            "In-place leakyReLu backward calculation is triggered with a negative "
            "slope which is not supported. This is caused by calling in-place forward "
            "function with a negative slope, please call out-of-place version instead. "
            "File an issue at https://github.com/pytorch/pytorch if you do require "
            "supporting in-place leakRelu backward calculation with negative slope");
    Tensor *in[2] = {call_tensor(k, 1), call_tensor(k, 0)};
    return activation_of(c, k, 2, in,
                         (ActivationCall){.kernel = kernel_leaky_relu_backward,
                                          .name = "leaky_relu_backward_cpu",
                                          .numbers = {.x = slope}});
}

static void leaky_relu_backward_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_leaky_relu_backward(c, g->grad, saved_tensor(c, g, 0),
                                       saved_value(g, 1), false));
    zero_gradient(c, g);
}

static const OpDef op_leaky_relu_backward = {
    .schema = "leaky_relu_backward(Tensor grad_output, Tensor self, Scalar "
              "negative_slope, bool self_is_result) -> Tensor",
    .doc = "The gradient of leaky_relu.",
    .traits = OP_POINTWISE,
    .saves = "self?grad_output negative_slope",
    .node = "LeakyReluBackwardBackward0",
    .forward = leaky_relu_backward_forward,
    .backward = leaky_relu_backward_backward,
};

Tensor *t_leaky_relu_backward(Ctx *c, Tensor *grad, Tensor *self, Value slope,
                              bool self_is_result) {
    return op_tensor(c, &op_leaky_relu_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), slope,
                               value_bool(self_is_result)});
}

/* self where it is positive, else negative_slope self. */
static Value leaky_relu_forward(Ctx *c, Call *k) {
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel_leaky_relu,
                                       .name = "leaky_relu_cpu",
                                       .numbers = {.x = call_float(k, 1)}});
}

static void leaky_relu_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, t_leaky_relu_backward(c, g->grad, self, saved_value(g, 1), false));
}

static const OpDef op_leaky_relu = {
    .schema = "leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
    .doc = "self where it is positive, else a multiple of it.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self negative_slope",
    .forward = leaky_relu_forward,
    .backward = leaky_relu_backward,
};

/* In place the result is saved instead of self. */
static void leaky_relu_inplace_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 0);
    grad_set(g, 0, t_leaky_relu_backward(c, g->grad, result, saved_value(g, 1), true));
}

static const OpDef op_leaky_relu_inplace = {
    .schema = "leaky_relu_(Tensor(a!) self, Scalar negative_slope=0.01) -> Tensor(a!)",
    .doc = "leaky_relu in place.",
    .forms = OP_NN,
    .traits = OP_POINTWISE,
    .saves = "result negative_slope",
    .node = "LeakyReluBackward1",
    .forward = leaky_relu_forward,
    .backward = leaky_relu_inplace_backward,
};

/* ---- hardsigmoid, hardswish ---- */

static Value hardsigmoid_backward_forward(Ctx *c, Call *k) {
    return activation(c, k, 2,
                      (ActivationCall){.kernel = kernel_hardsigmoid_backward,
                                       .name = "hardsigmoid_backward"});
}

static const OpDef op_hardsigmoid_backward = {
    .schema = "hardsigmoid_backward(Tensor grad_output, Tensor self) -> Tensor",
    .doc = "The gradient of hardsigmoid.",
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = hardsigmoid_backward_forward,
};

/* (self + 3) / 6, at least 0 and at most 1. */
static Value hardsigmoid_forward(Ctx *c, Call *k) {
    return activation(
        c, k, 1,
        (ActivationCall){.kernel = kernel_hardsigmoid, .name = "hardsigmoid_cpu"});
}

static void hardsigmoid_backward(Ctx *c, Grad *g) {
    Value args[2] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0))};
    grad_set(g, 0, op_tensor(c, &op_hardsigmoid_backward, args));
}

static const OpDef op_hardsigmoid = {
    .schema = "hardsigmoid(Tensor self) -> Tensor",
    .doc = "(self + 3) / 6, at least 0 and at most 1.",
    .forms = OP_NN | OP_NN_INPLACE | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self",
    .forward = hardsigmoid_forward,
    .backward = hardsigmoid_backward,
};

static Value hardswish_backward_forward(Ctx *c, Call *k) {
    return activation(c, k, 2,
                      (ActivationCall){.kernel = kernel_hardswish_backward,
                                       .name = "hardswish_backward_cpu"});
}

static const OpDef op_hardswish_backward;
static Tensor *t_hardswish_backward(Ctx *c, Tensor *grad, Tensor *self) {
    return op_tensor(c, &op_hardswish_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self)});
}

/* The second derivative is 1/3 between -3 and 3. */
static void hardswish_backward_backward(Ctx *c, Grad *g) {
    Tensor *grad_output = saved_tensor(c, g, 0), *self = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0)) grad_set(g, 0, t_hardswish_backward(c, g->grad, self));
    if (!grad_wanted(g, 1)) return;
    Tensor *inside = t_logical_and(c, t_gt_scalar(c, self, value_float(-3)),
                                   t_lt_scalar(c, self, value_float(3)));
    Tensor *slope = t_div_scalar(c, t_mul(c, g->grad, grad_output), value_float(3));
    Tensor *zero = t_zeros(c, 0, NULL, (DType)g->grad->dtype);
    grad_set(g, 1, t_where(c, inside, slope, zero));
}

static const OpDef op_hardswish_backward = {
    .schema = "hardswish_backward(Tensor grad_output, Tensor self) -> Tensor",
    .doc = "The gradient of hardswish.",
    .traits = OP_POINTWISE,
    .saves = "grad_output?self self",
    .node = "HardswishBackwardBackward0",
    .forward = hardswish_backward_forward,
    .backward = hardswish_backward_backward,
};

/* self hardsigmoid(self) */
static Value hardswish_forward(Ctx *c, Call *k) {
    return activation(
        c, k, 1, (ActivationCall){.kernel = kernel_hardswish, .name = "hardswish_cpu"});
}

static void hardswish_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_hardswish_backward(c, g->grad, saved_tensor(c, g, 0)));
}

static const OpDef op_hardswish = {
    .schema = "hardswish(Tensor self) -> Tensor",
    .doc = "self times its hardsigmoid.",
    .forms = OP_NN | OP_NN_INPLACE | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self",
    .forward = hardswish_forward,
    .backward = hardswish_backward,
};

/* ---- hardshrink, softshrink ---- */

static Value shrink_backward_forward(Ctx *c, Call *k) {
    return activation(c, k, 2,
                      (ActivationCall){.kernel = kernel_shrink_backward,
                                       .name = "shrink_backward_cpu",
                                       .numbers = {.x = call_float(k, 2)}});
}

static Tensor *t_shrink_backward(Ctx *c, const OpDef *def, Tensor *grad, Tensor *self,
                                 Value lambd) {
    return op_tensor(c, def, (Value[]){arg_tensor(grad), arg_tensor(self), lambd});
}

/* The same operator on the new gradient. */
static void shrink_backward_backward(Ctx *c, Grad *g) {
    const OpDef *def = g->node->cls->op->def;
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_shrink_backward(c, def, g->grad, saved_tensor(c, g, 0),
                                   saved_value(g, 1)));
    zero_gradient(c, g);
}

static const OpDef op_hardshrink_backward = {
    .schema = "hardshrink_backward(Tensor grad_out, Tensor self, Scalar lambd) -> "
              "Tensor",
    .doc = "The gradient of hardshrink.",
    .traits = OP_POINTWISE,
    .saves = "self?grad_out lambd",
    .node = "HardshrinkBackwardBackward0",
    .forward = shrink_backward_forward,
    .backward = shrink_backward_backward,
};
static const OpDef op_softshrink_backward = {
    .schema = "softshrink_backward(Tensor grad_output, Tensor self, Scalar lambd) -> "
              "Tensor",
    .doc = "The gradient of softshrink.",
    .traits = OP_POINTWISE,
    .saves = "self?grad_output lambd",
    .node = "SoftshrinkBackwardBackward0",
    .forward = shrink_backward_forward,
    .backward = shrink_backward_backward,
};

static void hardshrink_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_shrink_backward(c, &op_hardshrink_backward, g->grad,
                               saved_tensor(c, g, 0), saved_value(g, 1)));
}

static void softshrink_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             t_shrink_backward(c, &op_softshrink_backward, g->grad,
                               saved_tensor(c, g, 0), saved_value(g, 1)));
}

/* self, 0 within [-lambd, lambd]. */
static Value hardshrink_forward(Ctx *c, Call *k) {
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel_hardshrink,
                                       .name = "hardshrink_cpu",
                                       .numbers = {.x = call_float(k, 1)}});
}

static const OpDef op_hardshrink = {
    .schema = "hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
    .doc = "self, 0 within [-lambd, lambd].",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self lambd",
    .forward = hardshrink_forward,
    .backward = hardshrink_backward,
};

/* self moved by lambd towards 0, where it stays. */
static Value softshrink_forward(Ctx *c, Call *k) {
    double lambd = call_float(k, 1);
    if (!(lambd >= 0))
        return value_raise(c, RuntimeError,
                           "lambda must be greater or equal to 0, but found to be %g.",
                           lambd);
    return activation(c, k, 1,
                      (ActivationCall){.kernel = kernel_softshrink,
                                       .name = "softshrink_cpu",
                                       .numbers = {.x = lambd}});
}

static const OpDef op_softshrink = {
    .schema = "softshrink(Tensor self, Scalar lambd=0.5) -> Tensor",
    .doc = "self moved by lambd towards 0, where it stays.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self lambd",
    .forward = softshrink_forward,
    .backward = softshrink_backward,
};

const OpDef *const activation_ops[] = {
    &op_threshold,          &op_threshold_backward,   &op_relu,
    &op_hardtanh,           &op_hardtanh_backward,    &op_relu6,
    &op_leaky_relu,         &op_leaky_relu_inplace,   &op_leaky_relu_backward,
    &op_hardsigmoid,        &op_hardsigmoid_backward, &op_hardswish,
    &op_hardswish_backward, &op_hardshrink,           &op_hardshrink_backward,
    &op_softshrink,         &op_softshrink_backward,  NULL,
};
