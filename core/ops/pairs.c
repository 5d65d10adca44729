/* Functions of two operands: atan2, hypot, copysign, heaviside, gcd, lcm, logaddexp,
 * xlogy and xlog1py, nextafter, ldexp.
 *
 * Operands broadcast, self [...], other [...] -> [...], and are promoted to one dtype.
 * Formulas are those of derivatives.yaml and FunctionsManual.cpp. */
#include "core/kernel/special.h"
#include "core/pointwise.h"
#include "ops.h"

#include <math.h>

/* The first two arguments as operands; numbers among them become 0-d tensors. `floats`:
 * integers become the default float dtype. */
static bool pair(Ctx *c, const Call *k, bool floats, Pointwise *p) {
    *p = pointwise_args(c, k, 0, NULL);
    p->n = 2;
    for (int i = 0; i < 2; i++) {
        p->in[i] = call_tensor(k, i);
        if (!p->in[i]) p->in[i] = tensor_wrap_number(c, call_scalar(k, i));
        if (!p->in[i]) return false;
    }
    p->compute = floats ? result_type_float(c, 2, p->in) : result_type(c, 2, p->in);
    p->result = p->compute;
    return true;
}

static Value run_pair(Ctx *c, Call *k, bool floats, PointwiseKernel f) {
    Pointwise p;
    if (!pair(c, k, floats, &p)) return value_null();
    p.kernel = f.kernel;
    p.name = f.name;
    p.refused = f.refused;
    p.arg = f.arg;
    return value_obj(pointwise(c, k, &p));
}

/* ---- atan2, hypot ---- */

/* The angle of (other, self), in radians from -pi to pi. */
static Value atan2_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    if (!m) return value_null();
    return run_pair(
        c, k, true,
        (PointwiseKernel){kernel_map2, "atan2_cpu", DTYPES_HALF, &m->atan2});
}

static void atan2_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    Tensor *square = t_add(c, t_mul(c, self, self), t_mul(c, other, other));
    Tensor *inverse = t_reciprocal(c, square);
    if (grad_wanted(g, 0)) grad_set(g, 0, t_mul(c, t_mul(c, g->grad, other), inverse));
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_mul(c, t_mul(c, g->grad, t_neg(c, self)), inverse));
}

static const OpDef op_atan2 = {
    .schema = "atan2(Tensor self, Tensor other) -> Tensor",
    .doc = "the angle of the point (other, self)",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = atan2_forward,
    .backward = atan2_backward,
};
static const OpDef op_arctan2 = {
    .schema = "arctan2(Tensor self, Tensor other) -> Tensor",
    .doc = "atan2",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_atan2,
};

/* sqrt(self^2 + other^2) without overflow; floats only. */
static Value hypot_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    if (!m) return value_null();
    return run_pair(c, k, false,
                    (PointwiseKernel){kernel_map2, "hypot_cpu",
                                      DTYPES_HALF | DTYPES_INTEGRAL, &m->hypot});
}

static void hypot_backward(Ctx *c, Grad *g) {
    Tensor *result = saved_tensor(c, g, 2);
    for (size_t i = 2; i-- > 0;)
        if (grad_wanted(g, i))
            grad_set(g, i,
                     t_div(c, t_mul(c, g->grad, saved_tensor(c, g, 1 - i)), result));
}

static const OpDef op_hypot = {
    .schema = "hypot(Tensor self, Tensor other) -> Tensor",
    .doc = "the length of the hypotenuse",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "other self result",
    .forward = hypot_forward,
    .backward = hypot_backward,
};

/* ---- copysign, heaviside ---- */

/* self with the sign of other. */
static Value copysign_forward(Ctx *c, Call *k) {
    return run_pair(c, k, true, (PointwiseKernel){.kernel = kernel_copysign});
}

/* grad * result / self, 0 where self is 0; nothing to other. */
static void copysign_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0)) {
        Tensor *ratio = t_div(c, result, self);
        Tensor *zero = t_eq_scalar(c, self, value_int(0));
        ratio = t_masked_fill_scalar_(c, ratio, zero, value_int(0));
        grad_set(g, 0, t_mul(c, g->grad, ratio));
    }
    if (g->n_inputs > 1 && grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

static const OpDef op_copysign = {
    .schema = "copysign.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self with the sign of other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .forward = copysign_forward,
    .backward = copysign_backward,
};
static const OpDef op_copysign_scalar = {
    .schema = "copysign.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self with the sign of other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .node = "CopysignBackward1",
    .forward = copysign_forward,
    .backward = copysign_backward,
};

/* 0 or 1 by the sign of self, values where it is 0. */
static Value heaviside_forward(Ctx *c, Call *k) {
    DType d = (DType)call_tensor(k, 0)->dtype;
    if (call_tensor(k, 1)->dtype != d ||
        (k->form == CALL_OUT && k->target[0]->dtype != d))
        return value_raise(
            c, RuntimeError,
            "heaviside is not yet implemented for tensors with different "
            "dtypes.");
    return run_pair(c, k, false, (PointwiseKernel){.kernel = kernel_heaviside});
}
static const OpDef op_heaviside = {
    .schema = "heaviside(Tensor self, Tensor values) -> Tensor",
    .doc = "0 for negative elements, 1 for positive ones, values for 0",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = heaviside_forward,
};

/* ---- gcd, lcm ---- */

static Value gcd_forward(Ctx *c, Call *k) {
    return run_pair(c, k, false,
                    (PointwiseKernel){.kernel = kernel_gcd,
                                      .name = "gcd_cpu",
                                      .refused = DTYPES_FLOATING | DTYPES_BOOL});
}
static const OpDef op_gcd = {
    .schema = "gcd(Tensor self, Tensor other) -> Tensor",
    .doc = "the greatest common divisor",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = gcd_forward,
};

static Value lcm_forward(Ctx *c, Call *k) {
    return run_pair(c, k, false,
                    (PointwiseKernel){.kernel = kernel_lcm,
                                      .name = "lcm_cpu",
                                      .refused = DTYPES_FLOATING | DTYPES_BOOL});
}
static const OpDef op_lcm = {
    .schema = "lcm(Tensor self, Tensor other) -> Tensor",
    .doc = "the least common multiple",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = lcm_forward,
};

/* ---- logaddexp ---- */

static Value log_add(Ctx *c, Call *k, Kernel kernel, const char *name) {
    SpecialArgs args = {.math = math_of(c)};
    if (!args.math) return value_null();
    return run_pair(
        c, k, false,
        (PointwiseKernel){kernel, name, DTYPES_HALF | DTYPES_INTEGRAL, &args});
}

/* log(e^self + e^other) without overflow; floats only. */
static Value logaddexp_forward(Ctx *c, Call *k) {
    return log_add(c, k, kernel_logaddexp, "logaddexp_cpu");
}

/* grad / (1 + base^(the other one - this one)) */
static void log_add_backward(Ctx *c, Grad *g, bool base2) {
    for (size_t i = 2; i-- > 0;) {
        if (!grad_wanted(g, i)) continue;
        Tensor *gap = t_sub(c, saved_tensor(c, g, 1 - i), saved_tensor(c, g, i));
        Tensor *power = base2 ? t_scalar_pow(c, value_int(2), gap) : t_exp(c, gap);
        grad_set(g, i, t_div(c, g->grad, t_add_scalar(c, power, value_int(1))));
    }
}

static void logaddexp_backward(Ctx *c, Grad *g) {
    log_add_backward(c, g, false);
}

static const OpDef op_logaddexp = {
    .schema = "logaddexp(Tensor self, Tensor other) -> Tensor",
    .doc = "log(exp(self) + exp(other))",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = logaddexp_forward,
    .backward = logaddexp_backward,
};

static Value logaddexp2_forward(Ctx *c, Call *k) {
    return log_add(c, k, kernel_logaddexp2, "logaddexp2_cpu");
}

static void logaddexp2_backward(Ctx *c, Grad *g) {
    log_add_backward(c, g, true);
}

static const OpDef op_logaddexp2 = {
    .schema = "logaddexp2(Tensor self, Tensor other) -> Tensor",
    .doc = "log2(2 ** self + 2 ** other)",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = logaddexp2_forward,
    .backward = logaddexp2_backward,
};

/* ---- xlogy, xlog1py ---- */

/* self * log(other), or * log(1 + other); 0 where self is 0 and other is a number. */
static Value times_log(Ctx *c, Call *k, Kernel kernel) {
    SpecialArgs args = {.math = math_of(c)};
    if (!args.math) return value_null();
    return run_pair(c, k, true, (PointwiseKernel){.kernel = kernel, .arg = &args});
}

static Value xlogy_forward(Ctx *c, Call *k) {
    return times_log(c, k, kernel_xlogy);
}

/* The gradient of self, 0 where self is 0 and other is not above `limit`. */
static Tensor *masked_log(Ctx *c, Tensor *slope, Tensor *self, Tensor *other,
                          double limit) {
    Tensor *mask = t_logical_and(c, t_eq_scalar(c, self, value_float(0)),
                                 t_le_scalar(c, other, value_float(limit)));
    return t_masked_fill_scalar(c, slope, mask, value_float(0));
}

static Tensor *t_xlogy(Ctx *c, Tensor *self, Tensor *other);
static Tensor *t_xlogy_scalar(Ctx *c, Tensor *self, Value other);

static void xlogy_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1)) grad_set(g, 1, t_div(c, t_mul(c, g->grad, self), other));
    if (grad_wanted(g, 0))
        grad_set(g, 0, masked_log(c, t_xlogy(c, g->grad, other), self, other, 0));
}

const OpDef op_xlogy = {
    .schema = "xlogy.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self * log(other)",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = xlogy_forward,
    .backward = xlogy_backward,
};

static void xlogy_self_backward(Ctx *c, Grad *g) {
    Tensor *t = t_mul_scalar(c, g->grad, saved_value(g, 0));
    grad_set(g, 0, t_div(c, t, saved_tensor(c, g, 1)));
}

const OpDef op_xlogy_self = {
    .schema = "xlogy.Scalar_Self(Scalar self, Tensor other) -> Tensor",
    .doc = "self * log(other)",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "self other",
    .node = "XlogyBackward1",
    .forward = xlogy_forward,
    .backward = xlogy_self_backward,
};

static void xlogy_other_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    Value other = saved_value(g, 1);
    Tensor *slope = t_xlogy_scalar(c, g->grad, other);
    if (value_as_double(other) <= 0)
        slope = t_masked_fill_scalar(c, slope, t_eq_scalar(c, self, value_float(0)),
                                     value_float(0));
    grad_set(g, 0, slope);
}

const OpDef op_xlogy_other = {
    .schema = "xlogy.Scalar_Other(Tensor self, Scalar other) -> Tensor",
    .doc = "self * log(other)",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .node = "XlogyBackward2",
    .forward = xlogy_forward,
    .backward = xlogy_other_backward,
};

static Tensor *t_xlogy(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_xlogy, (Value[]){arg_tensor(self), arg_tensor(other)});
}

static Tensor *t_xlogy_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_xlogy_other, (Value[]){arg_tensor(self), other});
}

static Value xlog1py_forward(Ctx *c, Call *k) {
    return times_log(c, k, kernel_xlog1py);
}

static Tensor *t_xlog1py(Ctx *c, Tensor *self, Tensor *other);
static Tensor *t_xlog1py_scalar(Ctx *c, Tensor *self, Value other);

static void xlog1py_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1)) {
        Tensor *divisor = t_add_scalar(c, other, value_int(1));
        grad_set(g, 1, t_div(c, t_mul(c, g->grad, self), divisor));
    }
    if (grad_wanted(g, 0))
        grad_set(g, 0, masked_log(c, t_xlog1py(c, g->grad, other), self, other, -1));
}

static const OpDef op_xlog1py = {
    .schema = "special_xlog1py(Tensor self, Tensor other) -> Tensor",
    .doc = "self * log(1 + other)",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .node = "SpecialXlog1PyBackward0",
    .forward = xlog1py_forward,
    .backward = xlog1py_backward,
};

static void xlog1py_self_backward(Ctx *c, Grad *g) {
    Tensor *t = t_mul_scalar(c, g->grad, saved_value(g, 0));
    Tensor *divisor = t_add_scalar(c, saved_tensor(c, g, 1), value_int(1));
    grad_set(g, 0, t_div(c, t, divisor));
}

static const OpDef op_xlog1py_self = {
    .schema = "special_xlog1py.self_scalar(Scalar self, Tensor other) -> Tensor",
    .doc = "self * log(1 + other)",
    .forms = OP_SPECIAL | OP_OUT,
    .saves = "self other",
    .node = "SpecialXlog1PyBackward1",
    .forward = xlog1py_forward,
    .backward = xlog1py_self_backward,
};

static void xlog1py_other_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    Value other = saved_value(g, 1);
    Tensor *slope = t_xlog1py_scalar(c, g->grad, other);
    if (value_as_double(other) <= -1)
        slope = t_masked_fill_scalar(c, slope, t_eq_scalar(c, self, value_float(0)),
                                     value_float(0));
    grad_set(g, 0, slope);
}

static const OpDef op_xlog1py_other = {
    .schema = "special_xlog1py.other_scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self * log(1 + other)",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .node = "SpecialXlog1PyBackward2",
    .forward = xlog1py_forward,
    .backward = xlog1py_other_backward,
};

static Tensor *t_xlog1py(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_xlog1py, (Value[]){arg_tensor(self), arg_tensor(other)});
}

static Tensor *t_xlog1py_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_xlog1py_other, (Value[]){arg_tensor(self), other});
}

/* ---- nextafter, ldexp ---- */

/* The next float after self towards other. */
static Value nextafter_forward(Ctx *c, Call *k) {
    return run_pair(c, k, false,
                    (PointwiseKernel){.kernel = kernel_nextafter,
                                      .name = "nextafter_cpu",
                                      .refused = DTYPES_HALF | DTYPES_INTEGRAL});
}

static const OpDef op_nextafter = {
    .schema = "nextafter(Tensor self, Tensor other) -> Tensor",
    .doc = "the next float after self towards other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .forward = nextafter_forward,
    .backward = derivative_missing,
};

/* self * 2 ** other */
static Value ldexp_forward(Ctx *c, Call *k) {
    Tensor *power = t_scalar_pow(c, value_float(2), call_tensor(k, 1));
    Call product = *k;
    Value args[] = {k->args[0], arg_tensor(power)};
    product.args = args;
    if (power && k->form == CALL_INPLACE && c->grad_enabled &&
        (tensor_requires_grad(call_tensor(k, 0)) || tensor_requires_grad(power)))
        return raise_out(c, &op_mul);
    return power ? call_as(c, &product, &op_mul) : value_null();
}
static const OpDef op_ldexp = {
    .schema = "ldexp.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self * 2 ** other",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = ldexp_forward,
};

const OpDef *const pairs_ops[] = {
    &op_atan2,
    &op_arctan2,
    &op_hypot,
    &op_copysign,
    &op_copysign_scalar,
    &op_heaviside,
    &op_gcd,
    &op_lcm,
    &op_logaddexp,
    &op_logaddexp2,
    &op_xlogy,
    &op_xlogy_self,
    &op_xlogy_other,
    &op_xlog1py,
    &op_xlog1py_self,
    &op_xlog1py_other,
    &op_nextafter,
    &op_ldexp,
    NULL,
};
