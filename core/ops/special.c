/* Special functions of one operand: lgamma, digamma and polygamma, mvlgamma, erfinv,
 * sinc, logit, angles, nan_to_num; and the names torch.special has for others.
 *
 * self [...] -> [...]. Integers and bool give the default float dtype; float16 is
 * refused where PyTorch refuses it. Formulas are those of derivatives.yaml and
 * FunctionsManual.cpp. */
#include "core/kernel/special.h"
#include "core/kernel/copy.h"
#include "core/pointwise.h"
#include "linalg.h"
#include "ops.h"

#include <float.h>
#include <math.h>

/* A kernel of special.h on argument `at`. */
static Value special(Ctx *c, Call *k, int at, Kernel kernel, const char *name,
                     SpecialArgs *args) {
    args->math = math_of(c);
    if (!args->math) return value_null();
    Pointwise p = pointwise_args(c, k, 0, kernel);
    p.n = 1;
    p.in[0] = call_tensor(k, at);
    p.compute = p.result = result_type_float(c, 1, p.in);
    p.arg = args;
    p.name = name;
    p.refused = DTYPES_HALF;
    return value_obj(pointwise(c, k, &p));
}

/* ---- the gamma function and its relatives ---- */

/* log |gamma(self)| */
static Value lgamma_forward(Ctx *c, Call *k) {
    const VecMath *m = math_of(c);
    return m ? pointwise_math(c, k, &m->lgamma, "lgamma_vml_cpu") : value_null();
}

static void lgamma_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_mul(c, g->grad, t_digamma(c, saved_tensor(c, g, 0))));
}

static const OpDef op_lgamma = {
    .schema = "lgamma(Tensor self) -> Tensor",
    .doc = "the logarithm of |gamma(self)|",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = lgamma_forward,
    .backward = lgamma_backward,
};

Tensor *t_lgamma(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_lgamma, (Value[]){arg_tensor(self)});
}

/* The derivative of lgamma. */
static Value digamma_forward(Ctx *c, Call *k) {
    return special(c, k, 0, kernel_digamma, "digamma", &(SpecialArgs){NULL, {0}});
}

static void digamma_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_mul(c, g->grad, t_polygamma(c, 1, saved_tensor(c, g, 0))));
}

static const OpDef op_digamma = {
    .schema = "digamma(Tensor self) -> Tensor",
    .doc = "the derivative of lgamma",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = digamma_forward,
    .backward = digamma_backward,
};

Tensor *t_digamma(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_digamma, (Value[]){arg_tensor(self)});
}

/* Derivative number n of digamma; RuntimeError for a negative n. */
static Value polygamma_at(Ctx *c, Call *k, int64_t n, int at) {
    if (n < 0)
        return value_raise(c, RuntimeError,
                           "polygamma(n, x) does not support negative n.");
    /* PyTorch's kernel takes an int, of which large numbers leave the low bits. */
    SpecialArgs args = {.numbers = {(double)(int32_t)n}};
    if (n == 0) return special(c, k, at, kernel_digamma, "digamma", &args);
    return special(c, k, at, kernel_polygamma, n == 1 ? "trigamma" : "polygamma",
                   &args);
}

static Value polygamma_forward(Ctx *c, Call *k) {
    return polygamma_at(c, k, call_int(k, 0), 1);
}

static void polygamma_backward(Ctx *c, Grad *g) {
    /* Beyond the largest number comes a negative one, which is refused. */
    int64_t n = (int64_t)((uint64_t)saved_int(g, 1) + 1);
    grad_set(g, 0, t_mul(c, g->grad, t_polygamma(c, n, saved_tensor(c, g, 0))));
}

static const OpDef op_polygamma = {
    .schema = "polygamma(int n, Tensor self) -> Tensor",
    .doc = "derivative number n of digamma",
    .forms = OP_FUNCTION | OP_METHOD | OP_OUT,
    .saves = "self n",
    .forward = polygamma_forward,
    .backward = polygamma_backward,
};

/* In place self comes first: a row of its own. */
static Value polygamma_in_place_forward(Ctx *c, Call *k) {
    return polygamma_at(c, k, call_int(k, 1), 0);
}
static const OpDef op_polygamma_ = {
    .schema = "polygamma_(Tensor(a!) self, int n) -> Tensor(a!)",
    .doc = "derivative number n of digamma",
    .forms = OP_METHOD,
    .saves = "self n",
    .node = "PolygammaBackward1",
    .forward = polygamma_in_place_forward,
    .backward = polygamma_backward,
    .example = "m.polygamma_(1)",
};

Tensor *t_polygamma(Ctx *c, int64_t n, Tensor *self) {
    return op_tensor(c, &op_polygamma, (Value[]){value_int(n), arg_tensor(self)});
}

/* self[..., None] + (0, -1/2, ... (1 - p) / 2): the arguments of the p gammas. */
static Tensor *gamma_arguments(Ctx *c, Tensor *self, int64_t p) {
    DType d = self ? (DType)self->dtype : DT_float32;
    Tensor *steps = tensor_make(c, d, 1, &p);
    if (!steps || !self) return NULL;
    for (int64_t i = 0; i < p; i++)
        element_store(d, (char *)tensor_data(steps) + i * (int64_t)dtype_size(d),
                      value_float((double)(i - p + 1) * 0.5));
    return t_add(c, steps, t_unsqueeze(c, self, -1));
}

/* The logarithm of the multivariate gamma function of p dimensions. Source:
 * UnaryOps.cpp. */
static Value mvlgamma_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t p = call_int(k, 1), last = -1;
    if (self->dtype == DT_bool)
        return value_raise(c, RuntimeError,
                           "The input tensor may not be a boolean tensor.");
    if (p < 1)
        return value_raise(c, RuntimeError, "p has to be greater than or equal to 1");
    if (k->form == CALL_INPLACE && !dtype_is_floating((DType)self->dtype))
        return value_raise(c, RuntimeError, "step must be nonzero");
    if (!dtype_is_floating((DType)self->dtype))
        self = t_to_dtype(c, self, c->default_dtype);
    Tensor *logs =
        op_tensor(c, &op_lgamma, (Value[]){arg_tensor(gamma_arguments(c, self, p))});
    Tensor *sum = t_sum_dims(c, logs, 1, &last, false);
    const VecMath *m = math_of(c);
    if (!sum || !m) return value_null();
    double constant = (double)(p * p - p) / 4 * m->log.one(3.14159265358979323846);
    sum = t_add_scalar(c, sum, value_float(constant));
    if (sum && k->form == CALL_OUT &&
        !dtype_can_cast((DType)sum->dtype, (DType)k->target[0]->dtype))
        return value_raise(
            c, RuntimeError,
            "mvlgamma: result type %s can't be cast to the desired output type %s",
            dtype_scalar_name((DType)call_tensor(k, 0)->dtype),
            dtype_scalar_name((DType)sum->dtype));
    Tensor *r =
        sum ? call_result(c, k, 0, (DType)sum->dtype, sum->ndim, sum->sizes) : NULL;
    if (r) tensor_copy(r, sum);
    return value_obj(r);
}

static void mvlgamma_backward(Ctx *c, Grad *g) {
    int64_t last = -1;
    Tensor *t = gamma_arguments(c, saved_tensor(c, g, 0), saved_int(g, 1));
    t = t_sum_dims(c, t_digamma(c, t), 1, &last, false);
    grad_set(g, 0, t_mul(c, g->grad, t));
}

static const OpDef op_mvlgamma = {
    .schema = "mvlgamma(Tensor self, int p) -> Tensor",
    .doc = "the logarithm of the gamma function of p dimensions",
    .forms = OP_USUAL_INPLACE,
    .saves = "self p",
    .forward = mvlgamma_forward,
    .backward = mvlgamma_backward,
};

/* ---- erfinv, sinc, logit ---- */

static Value erfinv_forward(Ctx *c, Call *k) {
    return special(c, k, 0, kernel_erfinv, "erfinv_vml_cpu", &(SpecialArgs){NULL, {0}});
}

static Tensor *t_erfinv(Ctx *c, Tensor *self);

#define SQRT_PI 1.7724538509055159 /* as PyTorch's compiler rounds sqrt(M_PI) */
/* sqrt(pi) / 2 * e^(result^2) */
static void erfinv_backward(Ctx *c, Grad *g) {
    Tensor *result = t_erfinv(c, saved_tensor(c, g, 0));
    Tensor *t = t_exp(c, t_pow_scalar(c, result, value_int(2)));
    t = t_mul_scalar(c, t, value_float(0.5 * SQRT_PI));
    grad_set(g, 0, t_mul(c, t, g->grad));
}

static const OpDef op_erfinv = {
    .schema = "erfinv(Tensor self) -> Tensor",
    .doc = "the inverse of the error function",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = erfinv_forward,
    .backward = erfinv_backward,
};

static Tensor *t_erfinv(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_erfinv, (Value[]){arg_tensor(self)});
}

/* sin(pi self) / (pi self), 1 at 0. */
static Value sinc_forward(Ctx *c, Call *k) {
    return special(c, k, 0, kernel_sinc, "sinc_cpu", &(SpecialArgs){NULL, {0}});
}

static void sinc_backward(Ctx *c, Grad *g) {
    Value pi = value_float(3.14159265358979323846);
    Tensor *self = saved_tensor(c, g, 0), *turned = t_mul_scalar(c, self, pi);
    Tensor *square = t_mul_scalar(c, t_mul(c, self, self), pi);
    Tensor *slope = t_sub(c, t_mul(c, turned, t_cos(c, turned)), t_sin(c, turned));
    slope = t_mul(c, g->grad, t_div(c, slope, square));
    Tensor *zero = t_zeros(c, 0, NULL, (DType)g->grad->dtype);
    grad_set(g, 0, t_where(c, t_eq_scalar(c, square, value_float(0)), zero, slope));
}

static const OpDef op_sinc = {
    .schema = "sinc(Tensor self) -> Tensor",
    .doc = "sin(pi self) / (pi self)",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = sinc_forward,
    .backward = sinc_backward,
};

/* log(self / (1 - self)), self kept within eps and 1 - eps when eps is given. */
static Value logit_forward(Ctx *c, Call *k) {
    double eps = call_is_none(k, 1) ? -INFINITY : call_float(k, 1);
    return special(c, k, 0, kernel_logit, "logit_cpu", &(SpecialArgs){NULL, {eps}});
}

static void logit_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    bool open = saved_is_none(g, 1);
    double low = open ? 0 : saved_float(g, 1);
    Tensor *inside = t_logical_and(c, t_ge_scalar(c, self, value_float(low)),
                                   t_le_scalar(c, self, value_float(1 - low)));
    Tensor *rest = t_scalar_sub(c, value_float(1), self);
    /* PyTorch's kernel, which is not derived further, has one infinity for both 0s. */
    if (!c->grad_enabled) self = t_add_scalar(c, self, value_int(0));
    Tensor *slope = t_div(c, g->grad, t_mul(c, self, rest));
    Tensor *outside =
        tensor_scalar(c, (DType)g->grad->dtype, value_float(open ? NAN : 0));
    grad_set(g, 0, t_where(c, inside, slope, outside));
}

static const OpDef op_logit = {
    .schema = "logit(Tensor self, float? eps=None) -> Tensor",
    .doc = "log(self / (1 - self))",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self eps",
    .forward = logit_forward,
    .backward = logit_backward,
};

/* ---- angles ---- */

static Value scaled(Ctx *c, Call *k, double factor) {
    Pointwise p = pointwise_args(c, k, 1, kernel_mul);
    p.n = 2;
    p.in[1] = tensor_wrap_number(c, value_float(factor));
    if (!p.in[1]) return value_null();
    p.compute = p.result = result_type_float(c, 1, p.in);
    p.keeps_strides = true;
    return value_obj(pointwise(c, k, &p));
}

static void scaled_backward(Ctx *c, Grad *g, double factor) {
    grad_set(g, 0, t_mul(c, g->grad, tensor_wrap_number(c, value_float(factor))));
}

static Value deg2rad_forward(Ctx *c, Call *k) {
    return scaled(c, k, 0.017453292519943295769236907684886127);
}
static void deg2rad_backward(Ctx *c, Grad *g) {
    scaled_backward(c, g, 0.017453292519943295769236907684886127);
}
static const OpDef op_deg2rad = {
    .schema = "deg2rad(Tensor self) -> Tensor",
    .doc = "degrees in radians",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .node = "Deg2RadBackward0",
    .forward = deg2rad_forward,
    .backward = deg2rad_backward,
};

static Value rad2deg_forward(Ctx *c, Call *k) {
    return scaled(c, k, 57.295779513082320876798154814105170);
}
static void rad2deg_backward(Ctx *c, Grad *g) {
    scaled_backward(c, g, 57.295779513082320876798154814105170);
}
static const OpDef op_rad2deg = {
    .schema = "rad2deg(Tensor self) -> Tensor",
    .doc = "radians in degrees",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .node = "Rad2DegBackward0",
    .forward = rad2deg_forward,
    .backward = rad2deg_backward,
};

/* pi where self is negative, else 0. */
static Value angle_forward(Ctx *c, Call *k) {
    return pointwise_float(c, k, &(const PointwiseKernel){.kernel = kernel_angle});
}

static void angle_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_zeros_like(c, saved_tensor(c, g, 0)));
}

static const OpDef op_angle = {
    .schema = "angle(Tensor self) -> Tensor",
    .doc = "the angle of self as a complex number",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = angle_forward,
    .backward = angle_backward,
};

/* ---- nan_to_num ---- */

/* nan, inf and -inf replaced by numbers: 0 and the largest and smallest of the dtype
 * when none are given. */
static Value nan_to_num_forward(Ctx *c, Call *k) {
    DType d = (DType)call_tensor(k, 0)->dtype;
    SpecialArgs args = {.numbers = {0, dtype_largest(d), -dtype_largest(d)}};
    for (int i = 0; i < 3; i++)
        if (!call_is_none(k, i + 1)) args.numbers[i] = call_float(k, i + 1);
    if (k->form == CALL_OUT && (DType)k->target[0]->dtype != d)
        return value_raise(
            c, RuntimeError, "nan_to_num: dtype of out: %s should be same as input: %s",
            dtype_scalar_name((DType)k->target[0]->dtype), dtype_scalar_name(d));
    Kernel kernel = dtype_is_floating(d) ? kernel_nan_to_num : kernel_copy;
    Pointwise p = pointwise_args(c, k, 1, kernel);
    p.arg = &args;
    p.is_unary = p.keeps_strides = true;
    return value_obj(pointwise(c, k, &p));
}

static void nan_to_num_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_mul(c, g->grad, t_isfinite(c, saved_tensor(c, g, 0))));
}

static const OpDef op_nan_to_num = {
    .schema = "nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? "
              "neginf=None) -> Tensor",
    .doc = "self with numbers in place of nan and infinities",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self",
    .forward = nan_to_num_forward,
    .backward = nan_to_num_backward,
};
Tensor *t_nan_to_num_(Ctx *c, Tensor *self, double nan, double posinf, double neginf) {
    Value args[] = {arg_tensor(self), value_float(nan), value_float(posinf),
                    value_float(neginf)};
    return value_tensor(op_call_inplace(c, &op_nan_to_num, args));
}

/* ---- names of torch.special ---- */

static const OpDef op_special_digamma = {
    .schema = "special_digamma(Tensor self) -> Tensor",
    .doc = "digamma",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_digamma,
};
static const OpDef op_special_psi = {
    .schema = "special_psi(Tensor self) -> Tensor",
    .doc = "digamma",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_digamma,
};
static const OpDef op_special_erf = {
    .schema = "special_erf(Tensor self) -> Tensor",
    .doc = "erf",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_erf,
};
static const OpDef op_special_erfc = {
    .schema = "special_erfc(Tensor self) -> Tensor",
    .doc = "erfc",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_erfc,
};
static const OpDef op_special_erfinv = {
    .schema = "special_erfinv(Tensor self) -> Tensor",
    .doc = "erfinv",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_erfinv,
};
static const OpDef op_special_exp2 = {
    .schema = "special_exp2(Tensor self) -> Tensor",
    .doc = "exp2",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_exp2,
};
static const OpDef op_special_expit = {
    .schema = "special_expit(Tensor self) -> Tensor",
    .doc = "sigmoid",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_sigmoid,
};
static const OpDef op_special_expm1 = {
    .schema = "special_expm1(Tensor self) -> Tensor",
    .doc = "expm1",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_expm1,
};
static const OpDef op_special_gammaln = {
    .schema = "special_gammaln(Tensor self) -> Tensor",
    .doc = "lgamma",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_lgamma,
};
static const OpDef op_special_log1p = {
    .schema = "special_log1p(Tensor self) -> Tensor",
    .doc = "log1p",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_log1p,
};
static const OpDef op_special_logit = {
    .schema = "special_logit(Tensor self, float? eps=None) -> Tensor",
    .doc = "logit",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_logit,
};
static const OpDef op_special_sinc = {
    .schema = "special_sinc(Tensor self) -> Tensor",
    .doc = "sinc",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_sinc,
};
static const OpDef op_special_multigammaln = {
    .schema = "special_multigammaln(Tensor self, int p) -> Tensor",
    .doc = "mvlgamma",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_mvlgamma,
};
static const OpDef op_special_polygamma = {
    .schema = "special_polygamma(int n, Tensor self) -> Tensor",
    .doc = "polygamma",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_polygamma,
};
static const OpDef op_special_xlogy = {
    .schema = "special_xlogy(Tensor self, Tensor other) -> Tensor",
    .doc = "xlogy",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_xlogy,
};
static const OpDef op_special_xlogy_self_scalar = {
    .schema = "special_xlogy.self_scalar(Scalar self, Tensor other) -> Tensor",
    .doc = "xlogy",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_xlogy_self,
};
static const OpDef op_special_xlogy_other_scalar = {
    .schema = "special_xlogy.other_scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "xlogy",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_xlogy_other,
};

/* round, decimals 0 included */
static Value special_round_forward(Ctx *c, Call *k) {
    return call_as(c, k, &op_round_decimals);
}
static const OpDef op_special_round = {
    .schema = "special_round(Tensor self, *, int decimals=0) -> Tensor",
    .doc = "round",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = special_round_forward,
};

const OpDef *const special_ops[] = {
    &op_lgamma,
    &op_digamma,
    &op_polygamma,
    &op_polygamma_,
    &op_mvlgamma,
    &op_erfinv,
    &op_sinc,
    &op_logit,
    &op_deg2rad,
    &op_rad2deg,
    &op_angle,
    &op_nan_to_num,
    &op_special_digamma,
    &op_special_psi,
    &op_special_erf,
    &op_special_erfc,
    &op_special_erfinv,
    &op_special_exp2,
    &op_special_expit,
    &op_special_expm1,
    &op_special_gammaln,
    &op_special_log1p,
    &op_special_logit,
    &op_special_sinc,
    &op_special_multigammaln,
    &op_special_polygamma,
    &op_special_xlogy,
    &op_special_xlogy_self_scalar,
    &op_special_xlogy_other_scalar,
    &op_special_round,
    NULL,
};
