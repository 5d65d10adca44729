/* Powers: pow in its three forms, square, float_power.
 *
 * Operands broadcast and are promoted as in arith.c.  Formulas are those of
 * derivatives.yaml and FunctionsManual.cpp. */
#include "core/kernel/copy.h"
#include "core/pointwise.h"
#include "ops.h"

/* The kernel for powers of dtype d, with its argument; RuntimeError for bool. */
static bool choose_kernel(Ctx *c, Pointwise *p) {
    const VecMath *m = math_of(c);
    bool whole = !dtype_is_floating(p->compute);
    p->kernel = whole ? kernel_pow : kernel_map2;
    p->arg = whole || !m ? NULL : &m->pow;
    p->name = "pow";
    p->refused = DTYPES_BOOL;
    return m;
}

/* ---- tensor ** number ---- */

/* A kernel that needs no pow: squares, cubes, roots and their inverses. */
static Kernel simple_power(DType d, double exponent) {
    if (exponent == 2) return kernel_square;
    if (exponent == 3) return kernel_cube;
    if (!dtype_is_floating(d)) return NULL;
    if (exponent == 1) return kernel_copy;
    if (exponent == -1) return kernel_reciprocal;
    if (exponent == -2) return kernel_inverse_square;
    if (exponent == 0.5) return kernel_sqrt;
    return exponent == -0.5 ? kernel_rsqrt : NULL;
}

/* In place the dtype must not change, with a text of its own. */
static bool same_target_dtype(Ctx *c, const Call *k, DType d) {
    return k->form == CALL_NEW || !k->target[0] ||
           found_dtype_check(c, (DType)k->target[0]->dtype, d);
}

/* self ** exponent. Source: Pow.cpp, PowKernel.cpp. */
static Value pow_scalar_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Value exponent = call_scalar(k, 1);
    Pointwise p = pointwise_args(c, k, 1, NULL);
    if (!dtype_is_floating((DType)self->dtype) && exponent.tag != VAL_FLOAT &&
        value_as_double(exponent) < 0)
        return value_raise(c, RuntimeError,
                           "Integers to negative integer powers are not allowed.");
    p.in[1] = tensor_wrap_number(c, exponent);
    if (!p.in[1]) return value_null();
    p.compute = p.result = result_type(c, 2, p.in);
    if (!same_target_dtype(c, k, p.compute)) return value_null();
    p.kernel = simple_power(p.compute, value_as_double(exponent));
    if (p.kernel) return value_obj(pointwise(c, k, &p));
    if (p.compute != DT_float32 && !scalar_fits(c, exponent, p.compute))
        return value_null();
    PowerArgs power = {math_of(c), value_as_double(exponent)};
    if (dtype_is_floating(p.compute)) {
        p.kernel = kernel_pow_number;
        p.arg = &power;
        p.name = "pow";
        return power.math ? value_obj(pointwise(c, k, &p)) : value_null();
    }
    p.n = 2;
    p.is_unary = true;
    return choose_kernel(c, &p) ? value_obj(pointwise(c, k, &p)) : value_null();
}

/* grad * (exponent * self ** (exponent - 1)); zeros for exponent 0, where the formula
 * would give nan at 0. */
static void pow_scalar_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    double e = value_as_double(saved_value(g, 1));
    Tensor *t = e == 0 ? NULL : t_pow_scalar(c, self, value_float(e - 1));
    grad_set(g, 0,
             e == 0 ? t_zeros_like(c, self)
                    : t_mul(c, g->grad, t_mul_scalar(c, t, value_float(e))));
}

static const OpDef op_pow_tensor_scalar = {
    .schema = "pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    .doc = "self to the power of exponent",
    .forms = OP_USUAL | OP_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self exponent",
    .forward = pow_scalar_forward,
    .backward = pow_scalar_backward,
};

Tensor *t_pow_scalar(Ctx *c, Tensor *self, Value exponent) {
    return op_tensor(c, &op_pow_tensor_scalar, (Value[]){arg_tensor(self), exponent});
}

Tensor *t_pow_scalar_(Ctx *c, Tensor *self, Value exponent) {
    Value args[] = {arg_tensor(self), exponent};
    return value_tensor(op_call_inplace(c, &op_pow_tensor_scalar, args));
}

/* ---- tensor ** tensor ---- */

static Value pow_forward(Ctx *c, Call *k) {
    Pointwise p = pointwise_args(c, k, 2, NULL);
    return choose_kernel(c, &p) ? value_obj(pointwise(c, k, &p)) : value_null();
}

static Tensor *zero(Ctx *c, const Tensor *like) {
    return t_zeros(c, 0, NULL, (DType)like->dtype);
}

/* grad * (exponent * self ** (exponent - 1)), 0 where exponent is 0. */
static Tensor *pow_self_backward(Ctx *c, Grad *g, Tensor *self, Tensor *exponent) {
    Tensor *flat = t_eq_scalar(c, exponent, value_float(0));
    Tensor *less = t_sub_scalar(c, exponent, value_int(1));
    Tensor *slope = t_mul(c, exponent, t_pow(c, self, less));
    return t_where(c, flat, zero(c, g->grad), t_mul(c, g->grad, slope));
}

/* grad * (result * log(self)), 0 where self is 0 and exponent is not negative. */
static Tensor *pow_exponent_backward(Ctx *c, Grad *g, Tensor *self, Tensor *exponent,
                                     Tensor *result) {
    Tensor *flat = t_logical_and(c, t_eq_scalar(c, self, value_int(0)),
                                 t_ge_scalar(c, exponent, value_int(0)));
    Tensor *slope = t_mul(c, result, t_log(c, self));
    return t_mul(c, g->grad, t_where(c, flat, zero(c, g->grad), slope));
}

static void pow_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *exponent = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 pow_exponent_backward(c, g, self, exponent, saved_tensor(c, g, 2)));
    if (grad_wanted(g, 0)) grad_set(g, 0, pow_self_backward(c, g, self, exponent));
}

static const OpDef op_pow = {
    .schema = "pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    .doc = "self to the power of exponent",
    .forms = OP_USUAL | OP_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self exponent result",
    .node = "PowBackward1",
    .forward = pow_forward,
    .backward = pow_backward,
};

Tensor *t_pow(Ctx *c, Tensor *self, Tensor *exponent) {
    return op_tensor(c, &op_pow, (Value[]){arg_tensor(self), arg_tensor(exponent)});
}

/* ---- number ** tensor ---- */

static Value scalar_pow_forward(Ctx *c, Call *k) {
    Pointwise p = pointwise_args(c, k, 0, NULL);
    p.n = 2;
    p.in[0] = tensor_wrap_number(c, call_scalar(k, 0));
    p.in[1] = call_tensor(k, 1);
    if (!p.in[0]) return value_null();
    p.compute = p.result = result_type(c, 2, p.in);
    p.is_contiguous = true;
    if (k->form == CALL_OUT && !out_resize(c, k, 0, p.in[1]->ndim, p.in[1]->sizes))
        return value_null();
    Value base = call_scalar(k, 0);
    if (k->form == CALL_OUT && base.tag != VAL_BOOL && value_as_double(base) == 1) {
        Tensor *out = k->target[0];
        tensor_copy(out, tensor_scalar(c, (DType)out->dtype, value_int(1)));
        return value_obj(out);
    }
    return choose_kernel(c, &p) ? value_obj(pointwise(c, k, &p)) : value_null();
}

static void scalar_pow_backward(Ctx *c, Grad *g) {
    double base = value_as_double(saved_value(g, 0));
    const VecMath *m = math_of(c);
    if (!m) return;
    Tensor *result = saved_tensor(c, g, 2);
    Tensor *slope = t_mul_scalar(c, result, value_float(m->log.one(base)));
    if (base == 0) {
        Tensor *flat = t_ge_scalar(c, saved_tensor(c, g, 1), value_int(0));
        slope = t_where(c, flat, zero(c, g->grad), slope);
    }
    grad_set(g, 0, t_mul(c, g->grad, slope));
}

static const OpDef op_pow_scalar = {
    .schema = "pow.Scalar(Scalar self, Tensor exponent) -> Tensor",
    .doc = "a number to the power of exponent",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "self exponent result",
    .node = "PowBackward2",
    .forward = scalar_pow_forward,
    .backward = scalar_pow_backward,
};

Tensor *t_scalar_pow(Ctx *c, Value base, Tensor *exponent) {
    return op_tensor(c, &op_pow_scalar, (Value[]){base, arg_tensor(exponent)});
}

/* ---- square ---- */

/* pow(self, 2), whose node it has. */
static Value square_forward(Ctx *c, Call *k) {
    Call power = *k;
    Value args[] = {k->args[0], value_int(2)};
    power.args = args;
    return call_as(c, &power, &op_pow_tensor_scalar);
}
static const OpDef op_square = {
    .schema = "square(Tensor self) -> Tensor",
    .doc = "self * self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE | OP_OUT_SAME,
    .forward = square_forward,
};

/* ---- float_power ---- */

/* pow in float64. In place self must be float64 already. Source: Pow.cpp. */
static Value float_power(Ctx *c, Call *k, const OpDef *def) {
    Value args[2];
    if (k->form != CALL_NEW && k->target[0]->dtype != DT_float64)
        return value_raise(
            c, RuntimeError,
            k->form == CALL_INPLACE
                ? "the base given to float_power_ has dtype %s but the operation's "
                  "result requires dtype Double"
                : "the output given to float_power has dtype %s but the operation's "
                  "result requires dtype Double",
            dtype_scalar_name((DType)k->target[0]->dtype));
    for (int i = 0; i < 2; i++) {
        Tensor *t = call_tensor(k, i);
        if (t)
            args[i] = arg_tensor(t_to_dtype(c, t, DT_float64));
        else
            args[i] = value_float(value_as_double(k->args[i]));
    }
    Call power = *k;
    power.args = args;
    return ctx_failed(c) ? value_null() : call_as(c, &power, def);
}

static Value float_power_tensors(Ctx *c, Call *k) {
    return float_power(c, k, &op_pow);
}
static const OpDef op_float_power = {
    .schema = "float_power.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor",
    .doc = "self to the power of exponent, in float64",
    .forms = OP_USUAL | OP_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = float_power_tensors,
};

static Value float_power_scalar(Ctx *c, Call *k) {
    return float_power(c, k, &op_pow_scalar);
}
static const OpDef op_float_power_scalar = {
    .schema = "float_power.Scalar(Scalar self, Tensor exponent) -> Tensor",
    .doc = "a number to the power of exponent, in float64",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = float_power_scalar,
};

static Value float_power_tensor_scalar(Ctx *c, Call *k) {
    return float_power(c, k, &op_pow_tensor_scalar);
}
static const OpDef op_float_power_tensor_scalar = {
    .schema = "float_power.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor",
    .doc = "self to the power of exponent, in float64",
    .forms = OP_USUAL | OP_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = float_power_tensor_scalar,
};

const OpDef *const power_ops[] = {
    &op_pow,         &op_pow_scalar,         &op_pow_tensor_scalar,         &op_square,
    &op_float_power, &op_float_power_scalar, &op_float_power_tensor_scalar, NULL,
};
