/* Functions around the normal distribution (erfcx, ndtr, log_ndtr, ndtri, entr) and the
 * gamma function (igamma, igammac, zeta).
 *
 * self [...] -> [...], or self [...], other [...], broadcast -> [...]; integers and
 * bool give the default float dtype but in igamma, which refuses them.  Formulas are
 * those of derivatives.yaml. */
#include "core/kernel/special.h"
#include "core/pointwise.h"
#include "ops.h"
#include "special.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

static void raise_no_derivative(Ctx *c, const char *name) {
    error_raise(c, NotImplementedError, "the derivative for '%s' is not implemented.",
                name);
}

/* ---- the error function ---- */

static Value erfcx_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_erfcx, "erfcx_cpu",
                         DTYPES_HALF | DTYPES_BFLOAT16);
}
/* 2 self result - 2 / sqrt(pi) */
static void erfcx_backward(Ctx *c, Grad *g) {
    Tensor *twice = t_mul_scalar(c, saved_tensor(c, g, 0), value_float(2));
    Tensor *slope = t_mul(c, twice, saved_tensor(c, g, 1));
    slope = t_sub_scalar(c, slope, value_float(2 / sqrt(pi)));
    grad_set(g, 0, t_mul(c, slope, g->grad));
}
static const OpDef op_erfcx = {
    .schema = "special_erfcx(Tensor self) -> Tensor",
    .doc = "e^(self^2) erfc(self)",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .forward = erfcx_forward,
    .backward = erfcx_backward,
};

/* (1 + erf(self / sqrt(2))) / 2 */
static Value ndtr_forward(Ctx *c, Call *k) {
    if (k->form == CALL_OUT) {
        DType d = result_type_float(c, 1, (Tensor *[]){call_tensor(k, 0)});
        if (!dtype_can_cast(d, (DType)k->target[0]->dtype))
            return value_raise(c, RuntimeError,
                               "result type %s can't be cast to the desired output "
                               "type %s",
                               dtype_scalar_name(d),
                               dtype_scalar_name((DType)k->target[0]->dtype));
    }
    Tensor *t = t_mul_scalar(c, call_tensor(k, 0), value_float(M_SQRT1_2));
    t = t_add_scalar(c, t_erf(c, t), value_int(1));
    return value_obj(t_mul_scalar(c, t, value_float(0.5)));
}
static const OpDef op_ndtr = {
    .schema = "special_ndtr(Tensor self) -> Tensor",
    .doc = "the share of the normal distribution below self",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = ndtr_forward,
};

static Value log_ndtr_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_log_ndtr, "log_ndtr_cpu",
                         DTYPES_HALF | DTYPES_BFLOAT16);
}
/* e^-(result + self^2 / 2) / sqrt(2 pi) */
static void log_ndtr_backward(Ctx *c, Grad *g) {
    Tensor *square = t_pow_scalar(c, saved_tensor(c, g, 0), value_int(2));
    Tensor *sum =
        t_add(c, saved_tensor(c, g, 1), t_div_scalar(c, square, value_int(2)));
    Tensor *grad = t_div_scalar(c, g->grad, value_float(sqrt(2 * pi)));
    grad_set(g, 0, t_mul(c, grad, t_exp(c, t_neg(c, sum))));
}
static const OpDef op_log_ndtr = {
    .schema = "special_log_ndtr(Tensor self) -> Tensor",
    .doc = "the logarithm of ndtr",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self result",
    .forward = log_ndtr_forward,
    .backward = log_ndtr_backward,
};

static Value ndtri_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_ndtri, "ndtri_cpu",
                         DTYPES_HALF | DTYPES_BFLOAT16);
}
/* sqrt(2 pi) e^(result^2 / 2) */
static void ndtri_backward(Ctx *c, Grad *g) {
    Tensor *square = t_pow_scalar(c, saved_tensor(c, g, 0), value_int(2));
    Tensor *grad = t_mul_scalar(c, g->grad, value_float(sqrt(2 * pi)));
    Tensor *exp = t_exp(c, t_div_scalar(c, square, value_int(2)));
    grad_set(g, 0, t_mul(c, grad, exp));
}
static const OpDef op_ndtri = {
    .schema = "special_ndtri(Tensor self) -> Tensor",
    .doc = "the inverse of ndtr",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "result",
    .forward = ndtri_forward,
    .backward = ndtri_backward,
};

static Value entr_forward(Ctx *c, Call *k) {
    return special_float(c, k, kernel_entr, "entr_cpu", DTYPES_HALF);
}
/* -(log(self) + 1) */
static void entr_backward(Ctx *c, Grad *g) {
    Tensor *slope = t_log(c, saved_tensor(c, g, 0));
    slope = t_neg(c, t_add_scalar(c, slope, value_int(1)));
    grad_set(g, 0, t_mul(c, g->grad, slope));
}
static const OpDef op_entr = {
    .schema = "special_entr(Tensor self) -> Tensor",
    .doc = "-self log(self), 0 at 0, -inf below",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = entr_forward,
    .backward = entr_backward,
};

/* ---- the incomplete gamma function ---- */

static Value incomplete(Ctx *c, Call *k, Kernel kernel, const char *name) {
    SpecialArgs args = {.math = math_of(c)};
    if (!args.math) return value_null();
    return pointwise_binary(c, k,
                            &(PointwiseKernel){kernel, name, DTYPES_INTEGRAL, &args});
}

/* other^(self - 1) e^-other / gamma(self), times grad; there is none for self. */
static void incomplete_backward(Ctx *c, Grad *g, Tensor *grad, const char *name) {
    if (grad_wanted(g, 0)) {
        raise_no_derivative(c, name);
        return;
    }
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    Tensor *t = t_mul(c, t_sub_scalar(c, self, value_int(1)), t_log(c, other));
    t = t_sub(c, t_sub(c, t, other), t_lgamma(c, self));
    grad_set(g, 1, t_mul(c, grad, t_exp(c, t)));
}

static Value igamma_forward(Ctx *c, Call *k) {
    return incomplete(c, k, kernel_igamma, "igamma_cpu");
}
static void igamma_backward(Ctx *c, Grad *g) {
    incomplete_backward(c, g, g->grad, "igamma: input");
}
static const OpDef op_igamma = {
    .schema = "igamma(Tensor self, Tensor other) -> Tensor",
    .doc = "the share of gamma(self) that is integrated from 0 to other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = igamma_forward,
    .backward = igamma_backward,
};
static const OpDef op_gammainc = {
    .schema = "special_gammainc(Tensor self, Tensor other) -> Tensor",
    .doc = "igamma",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_igamma,
};

static Value igammac_forward(Ctx *c, Call *k) {
    return incomplete(c, k, kernel_igammac, "igammac_cpu");
}
static void igammac_backward(Ctx *c, Grad *g) {
    incomplete_backward(c, g, t_neg(c, g->grad), "igammac: input");
}
static const OpDef op_igammac = {
    .schema = "igammac(Tensor self, Tensor other) -> Tensor",
    .doc = "the share of gamma(self) that is integrated from other on",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = igammac_forward,
    .backward = igammac_backward,
};
static const OpDef op_gammaincc = {
    .schema = "special_gammaincc(Tensor self, Tensor other) -> Tensor",
    .doc = "igammac",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_igammac,
};

/* ---- the zeta function ---- */

Value special_pair(Ctx *c, Call *k, const PointwiseKernel *f) {
    Pointwise p = pointwise_args(c, k, 0, f->kernel);
    p.n = 2;
    for (int i = 0; i < 2; i++) {
        p.in[i] = call_tensor(k, i);
        if (!p.in[i]) p.in[i] = tensor_wrap_number(c, call_scalar(k, i));
        if (!p.in[i]) return value_null();
    }
    p.compute = p.result = result_type_float(c, 2, p.in);
    p.arg = f->arg;
    p.name = f->name;
    p.refused = f->refused;
    return value_obj(pointwise(c, k, &p));
}

/* Hurwitz's. */
static Value zeta_forward(Ctx *c, Call *k) {
    SpecialArgs args = {.math = math_of(c)};
    if (!args.math) return value_null();
    const unsigned refused = DTYPES_HALF | DTYPES_BFLOAT16;
    return special_pair(c, k,
                        &(PointwiseKernel){kernel_zeta, "zeta_cpu", refused, &args});
}

/* -self zeta(self + 1, other), times grad; there is none for self. */
static Tensor *zeta_slope(Ctx *c, Grad *g, Tensor *self, Tensor *other);
static void zeta_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0))
        raise_no_derivative(c, "zeta");
    else
        grad_set(g, 1, zeta_slope(c, g, self, other));
}
static const OpDef op_zeta = {
    .schema = "special_zeta(Tensor self, Tensor other) -> Tensor",
    .doc = "the sum of (other + k)^-self over k = 0, 1, 2 ...",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = zeta_forward,
    .backward = zeta_backward,
};
static Tensor *zeta_slope(Ctx *c, Grad *g, Tensor *self, Tensor *other) {
    Tensor *next = t_add_scalar(c, self, value_float(1));
    next = op_tensor(c, &op_zeta, (Value[]){arg_tensor(next), arg_tensor(other)});
    return t_mul(c, t_mul(c, g->grad, t_neg(c, self)), next);
}

static void zeta_self_backward(Ctx *c, Grad *g) {
    Value self = saved_value(g, 0), args[2];
    double s = value_as_double(self);
    args[0] = arg_tensor(tensor_wrap_number(c, value_float(s + 1)));
    args[1] = arg_tensor(saved_tensor(c, g, 1));
    if (ctx_failed(c)) return;
    Tensor *grad = t_mul_scalar(c, g->grad, value_float(-s));
    grad_set(g, 0, t_mul(c, grad, op_tensor(c, &op_zeta, args)));
}
static const OpDef op_zeta_self = {
    .schema = "special_zeta.self_scalar(Scalar self, Tensor other) -> Tensor",
    .doc = "the sum of (other + k)^-self over k = 0, 1, 2 ...",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .node = "SpecialZetaBackward1",
    .forward = zeta_forward,
    .backward = zeta_self_backward,
};
static void zeta_other_backward(Ctx *c, Grad *g) {
    (void)g;
    raise_no_derivative(c, "zeta");
}
static const OpDef op_zeta_other = {
    .schema = "special_zeta.other_scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "the sum of (other + k)^-self over k = 0, 1, 2 ...",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_POINTWISE,
    .node = "SpecialZetaBackward2",
    .forward = zeta_forward,
    .backward = zeta_other_backward,
};

const OpDef *const special_normal_ops[] = {
    &op_erfcx,     &op_ndtr,       &op_log_ndtr, &op_ndtri,     &op_entr,
    &op_igamma,    &op_gammainc,   &op_igammac,  &op_gammaincc, &op_zeta,
    &op_zeta_self, &op_zeta_other, NULL,
};
