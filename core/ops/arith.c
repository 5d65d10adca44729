/* Sums, differences, products, quotients: add, sub, rsub, mul, div, neg and their other
 * names.
 *
 * Operands broadcast, self [...], other [...] -> [...], and are promoted to one dtype.
 * The overloads with a Scalar are for formulas: users' numbers become 0-d tensors.
 * Formulas are those of PyTorch's derivatives.yaml. */
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"
#include "zeros.h"

static const Value one = {.tag = VAL_INT, .as.i = 1};

static bool is_one(Value v) {
    return v.tag == VAL_INT && v.as.i == 1;
}

Tensor *t_maybe_multiply(Ctx *c, Tensor *self, Value number) {
    bool same = number.tag == VAL_FLOAT ? number.as.f == 1
                : number.tag == VAL_INT ? number.as.i == 1
                                        : number.as.b;
    return same ? self : t_mul_scalar(c, self, number);
}

/* Calls def(self, number) where the schema says Tensor: as with users' numbers. */
static Tensor *with_number(Ctx *c, const OpDef *def, Tensor *self, Value number) {
    return op_tensor(
        c, def, (Value[]){arg_tensor(self), arg_tensor(tensor_wrap_number(c, number))});
}

/* The same for a gradient: PyTorch makes the number a tensor of doubles, which decides
 * the dtype of what has no dimensions. */
static Tensor *with_double(Ctx *c, const OpDef *def, Tensor *grad, Value number) {
    if (!grad || grad->ndim) return with_number(c, def, grad, number);
    Tensor *t = with_number(c, def, t_to_dtype(c, grad, DT_float64), number);
    return t_to_dtype(c, t, (DType)grad->dtype);
}

/* ---- add ---- */

static Value negative(Value number) {
    if (number.tag == VAL_FLOAT) return value_float(-number.as.f);
    uint64_t i = number.tag == VAL_BOOL ? number.as.b : (uint64_t)number.as.i;
    return value_int((int64_t)(0 - i));
}

/* a + sign * alpha * b */
static Value add_scaled(Ctx *c, Call *k, Tensor *a, Tensor *b, Value alpha, int sign) {
    Pointwise p = pointwise_args(c, k, 1, kernel_add_scaled);
    p.n = 2;
    p.in[0] = a;
    p.in[1] = b;
    p.compute = p.result = result_type(c, 2, p.in);
    if (zeros_among(k, a, b))
        return zeros_sum(c, &p, sign < 0 ? negative(alpha) : alpha);
    KernelNumbers x = pointwise_number(p.compute, alpha);
    p.alpha = sign < 0 && alpha.tag == VAL_INT ? negative(alpha) : alpha;
    x.f[0] *= sign;
    x.i[0] = (int64_t)((uint64_t)x.i[0] * (uint64_t)(int64_t)sign);
    p.arg = &x;
    return value_obj(pointwise(c, k, &p));
}
/* a + sign * b */
static Value add_plain(Ctx *c, Call *k, Kernel kernel, int sign) {
    if (!zeros_among(k, call_tensor(k, 0), call_tensor(k, 1)))
        return pointwise_binary(c, k, &(const PointwiseKernel){.kernel = kernel});
    Pointwise p = pointwise_args(c, k, 2, kernel);
    return zeros_sum(c, &p, value_int(sign));
}

/* self + alpha * other. Source: BinaryOps.cpp. */
static Value add_forward(Ctx *c, Call *k) {
    Value alpha = call_scalar(k, 2);
    if (is_one(alpha)) return add_plain(c, k, kernel_add, 1);
    return add_scaled(c, k, call_tensor(k, 0), call_tensor(k, 1), alpha, 1);
}

static void add_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_maybe_multiply(c, g->grad, saved_value(g, 0)));
}

const OpDef op_add = {
    .schema = "add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .doc = "self + alpha * other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NUMBERS_AS_TENSORS,
    .saves = "alpha",
    .forward = add_forward,
    .backward = add_backward,
};

/* Deprecated: the factor before the operand. */
static const OpDef op_add_factor = {
    .schema = "add.factor(Tensor self, Scalar alpha, Tensor other) -> Tensor",
    .doc = "self + alpha * other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_add,
};

Tensor *t_add(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_add, (Value[]){arg_tensor(self), arg_tensor(other), one});
}

Tensor *t_add_(Ctx *c, Tensor *self, Tensor *other) {
    Value args[] = {arg_tensor(self), arg_tensor(other), one};
    return value_tensor(op_call_inplace(c, &op_add, args));
}

/* self + number, as formulas write it. */
static Value add_scalar_forward(Ctx *c, Call *k) {
    return value_obj(t_add(c, call_tensor(k, 0), tensor_wrap_number(c, k->args[1])));
}

static const OpDef op_add_scalar = {
    .schema = "add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .doc = "self + other",
    .node = "AddBackward1",
    .forward = add_scalar_forward,
    .backward = gradient_passes,
};

Tensor *t_add_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_add_scalar, (Value[]){arg_tensor(self), other, one});
}

/* ---- sub ---- */

static bool sub_check(Ctx *c, const Tensor *a, const Tensor *b) {
    bool first = a->dtype == DT_bool, second = b->dtype == DT_bool;
    if (first && second)
        error_raise(c, RuntimeError,
                    "Subtraction, the `-` operator, with two bool tensors is not "
                    "supported. Use the `^` or `logical_xor()` operator instead.");
    else if (first || second)
        error_raise(
            c, RuntimeError,
            "Subtraction, the `-` operator, with a bool tensor is not supported. "
            "If you are trying to invert a mask, use the `~` or `logical_not()` "
            "operator instead.");
    return !first && !second;
}

/* self - alpha * other; RuntimeError for bool. Source: BinaryOps.cpp. */
static Value sub_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *other = call_tensor(k, 1);
    if (!sub_check(c, self, other)) return value_null();
    Value alpha = call_scalar(k, 2);
    if (is_one(alpha)) return add_plain(c, k, kernel_sub, -1);
    return add_scaled(c, k, self, other, alpha, -1);
}

static void sub_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_maybe_multiply(c, t_neg(c, g->grad), saved_value(g, 0)));
}

static const OpDef op_sub = {
    .schema = "sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .doc = "self - alpha * other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NUMBERS_AS_TENSORS,
    .saves = "alpha",
    .forward = sub_forward,
    .backward = sub_backward,
};

/* Deprecated: the factor before the operand. */
static const OpDef op_sub_factor = {
    .schema = "sub.factor(Tensor self, Scalar alpha, Tensor other) -> Tensor",
    .doc = "self - alpha * other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_sub,
};

Tensor *t_sub(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_sub, (Value[]){arg_tensor(self), arg_tensor(other), one});
}

Tensor *t_sub_(Ctx *c, Tensor *self, Tensor *other) {
    Value args[] = {arg_tensor(self), arg_tensor(other), one};
    return value_tensor(op_call_inplace(c, &op_sub, args));
}

static Value sub_scalar_forward(Ctx *c, Call *k) {
    Tensor *other = tensor_wrap_number(c, k->args[1]);
    Value args[] = {k->args[0], arg_tensor(other), k->args[2]};
    if (k->form == CALL_INPLACE) return op_call_inplace(c, &op_sub, args);
    return value_obj(op_tensor(c, &op_sub, args));
}

static const OpDef op_sub_scalar = {
    .schema = "sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .doc = "self - other",
    .node = "SubBackward1",
    .forward = sub_scalar_forward,
    .backward = gradient_passes,
};

Tensor *t_sub_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_sub_scalar, (Value[]){arg_tensor(self), other, one});
}

Tensor *t_scalar_sub(Ctx *c, Value number, Tensor *other) {
    return t_sub(c, t_full_like(c, other, number), other);
}

/* ---- rsub ---- */

/* other - alpha * self; RuntimeError for bool. */
static Value rsub_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *other = call_tensor(k, 1);
    if (!other) other = tensor_wrap_number(c, k->args[1]);
    if (!other || !sub_check(c, other, self)) return value_null();
    return add_scaled(c, k, other, self, call_scalar(k, 2), -1);
}

static void rsub_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_maybe_multiply(c, t_neg(c, g->grad), saved_value(g, 0)));
    if (g->n_inputs > 1 && grad_wanted(g, 1)) grad_set(g, 1, g->grad);
}

static const OpDef op_rsub = {
    .schema = "rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .doc = "other - alpha * self",
    .forms = OP_FUNCTION,
    .saves = "alpha",
    .forward = rsub_forward,
    .backward = rsub_backward,
};
static const OpDef op_rsub_scalar = {
    .schema = "rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .doc = "other - alpha * self",
    .forms = OP_FUNCTION,
    .saves = "alpha",
    .node = "RsubBackward1",
    .forward = rsub_forward,
    .backward = rsub_backward,
};

/* ---- mul ---- */

/* self * other. Source: BinaryOps.cpp. */
static Value mul_forward(Ctx *c, Call *k) {
    if (!zeros_among(k, call_tensor(k, 0), call_tensor(k, 1)))
        return pointwise_binary(c, k, &(const PointwiseKernel){.kernel = kernel_mul});
    Pointwise p = pointwise_args(c, k, 2, kernel_mul);
    return zeros_product(c, &p);
}

static void mul_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 1)) grad_set(g, 1, t_mul(c, g->grad, saved_tensor(c, g, 0)));
    if (grad_wanted(g, 0)) grad_set(g, 0, t_mul(c, g->grad, saved_tensor(c, g, 1)));
}

const OpDef op_mul = {
    .schema = "mul.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self * other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NUMBERS_AS_TENSORS,
    .saves = "self?other other?self",
    .forward = mul_forward,
    .backward = mul_backward,
};

Tensor *t_mul(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_mul, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_mul_(Ctx *c, Tensor *self, Tensor *other) {
    Value args[] = {arg_tensor(self), arg_tensor(other)};
    return value_tensor(op_call_inplace(c, &op_mul, args));
}

static Value mul_scalar_forward(Ctx *c, Call *k) {
    return value_obj(with_number(c, &op_mul, call_tensor(k, 0), k->args[1]));
}

static void mul_scalar_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, with_double(c, &op_mul, g->grad, saved_value(g, 0)));
}

static const OpDef op_mul_scalar = {
    .schema = "mul.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self * other",
    .saves = "other",
    .node = "MulBackward1",
    .forward = mul_scalar_forward,
    .backward = mul_scalar_backward,
};

Tensor *t_mul_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_mul_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- div ---- */

/* self / other, in floats. Source: BinaryOps.cpp. */
Value div_forward(Ctx *c, Call *k) {
    Pointwise p = pointwise_args(c, k, 2, kernel_div);
    if (!dtype_is_floating(p.compute)) p.compute = p.result = c->default_dtype;
    if (zeros_among(k, p.in[0], p.in[1])) return zeros_quotient(c, &p);
    return value_obj(pointwise(c, k, &p));
}

/* -grad * ((self / other) / other) */
static Tensor *div_other_backward(Ctx *c, Grad *g, Tensor *self, Tensor *other) {
    Tensor *quotient = t_div(c, t_div(c, self, other), other);
    return t_mul(c, t_neg(c, g->grad), quotient);
}

static void div_backward(Ctx *c, Grad *g) {
    Tensor *other = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1))
        grad_set(g, 1, div_other_backward(c, g, saved_tensor(c, g, 0), other));
    if (grad_wanted(g, 0)) grad_set(g, 0, t_div(c, g->grad, other));
}

const OpDef op_div = {
    .schema = "div.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self / other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NUMBERS_AS_TENSORS,
    .saves = "self?other other",
    .forward = div_forward,
    .backward = div_backward,
};

Tensor *t_div(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_div, (Value[]){arg_tensor(self), arg_tensor(other)});
}

static Value div_scalar_forward(Ctx *c, Call *k) {
    return value_obj(with_number(c, &op_div, call_tensor(k, 0), k->args[1]));
}

static void div_scalar_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, with_double(c, &op_div, g->grad, saved_value(g, 0)));
}

static const OpDef op_div_scalar = {
    .schema = "div.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self / other",
    .saves = "other",
    .node = "DivBackward1",
    .forward = div_scalar_forward,
    .backward = div_scalar_backward,
};

Tensor *t_div_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_div_scalar, (Value[]){arg_tensor(self), other});
}

Tensor *t_scalar_div(Ctx *c, Value number, Tensor *other) {
    return t_div(c, t_full_like(c, other, number), other);
}

/* ---- neg ---- */

/* -self; RuntimeError for bool. Source: UnaryOps.cpp. */
static Value neg_forward(Ctx *c, Call *k) {
    if (call_tensor(k, 0)->dtype == DT_bool)
        return value_raise(c, RuntimeError,
                           "Negation, the `-` operator, on a bool tensor is not "
                           "supported. If you are trying to invert a mask, use the `~` "
                           "or `logical_not()` operator instead.");
    return pointwise_unary(c, k, &(const PointwiseKernel){.kernel = kernel_neg});
}

static void neg_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_neg(c, g->grad));
}

static const OpDef op_neg = {
    .schema = "neg(Tensor self) -> Tensor",
    .doc = "-self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = neg_forward,
    .backward = neg_backward,
};

Tensor *t_neg(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_neg, (Value[]){arg_tensor(self)});
}

/* ---- other names ---- */

static const OpDef op_multiply = {
    .schema = "multiply.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "mul",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_mul,
};
static const OpDef op_multiply_scalar = {
    .schema = "multiply.Scalar(Tensor self, Scalar other) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};
static const OpDef op_subtract = {
    .schema = "subtract.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
    .doc = "sub",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_sub,
};
/* sub_ of a number by place is only for this. */
static Value subtract_scalar_forward(Ctx *c, Call *k) {
    if (k->form != CALL_INPLACE) return call_alias(c, k);
    return op_call_inplace(c, &op_sub_scalar, k->args);
}
static const OpDef op_subtract_scalar = {
    .schema = "subtract.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
    .doc = "sub",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = subtract_scalar_forward,
    .alias = &op_sub_scalar,
};
static const OpDef op_true_divide = {
    .schema = "true_divide.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "div",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_div,
};
static const OpDef op_true_divide_scalar = {
    .schema = "true_divide.Scalar(Tensor self, Scalar other) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};
static const OpDef op_negative = {
    .schema = "negative(Tensor self) -> Tensor",
    .doc = "neg",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_neg,
};

const OpDef *const arith_ops[] = {
    &op_add_factor,
    &op_add,
    &op_sub_factor,
    &op_sub,
    &op_rsub,
    &op_rsub_scalar,
    &op_mul,
    &op_div,
    &op_neg,
    &op_multiply,
    &op_multiply_scalar,
    &op_subtract,
    &op_subtract_scalar,
    &op_true_divide,
    &op_true_divide_scalar,
    &op_negative,
    /* only formulas call these */
    &op_add_scalar,
    &op_sub_scalar,
    &op_mul_scalar,
    &op_div_scalar,
    NULL,
};
