/* Signs and rounding, element by element: abs, sign, floor, ceil, round, trunc, frac.
 *
 * self [...] -> [...], in self's dtype; rounding leaves integers as they are. Formulas
 * are those of derivatives.yaml. */
#include "core/kernel/copy.h"
#include "core/pointwise.h"
#include "ops.h"
#include "zeros.h"

#include <math.h>

static void flat_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_zeros_like(c, g->grad));
}

/* ---- signs ---- */

/* |x|; its derivative is the sign, 0 at 0. */
static Value abs_forward(Ctx *c, Call *k) {
    return pointwise_unary(
        c, k, &(const PointwiseKernel){kernel_abs, "abs_cpu", DTYPES_BOOL, NULL});
}

static void abs_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_mul(c, g->grad, t_sgn(c, saved_tensor(c, g, 0))));
}

static const OpDef op_abs = {
    .schema = "abs(Tensor self) -> Tensor",
    .doc = "absolute value",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self",
    .forward = abs_forward,
    .backward = abs_backward,
};

Tensor *t_abs(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_abs, (Value[]){arg_tensor(self)});
}

static const OpDef op_absolute = {
    .schema = "absolute(Tensor self) -> Tensor",
    .doc = "abs",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_abs,
};

/* -1, 0 or 1; nan gives 0. */
static Value sign_forward(Ctx *c, Call *k) {
    return pointwise_unary(c, k, &(const PointwiseKernel){.kernel = kernel_sign});
}

static const OpDef op_sign = {
    .schema = "sign(Tensor self) -> Tensor",
    .doc = "-1, 0 or 1",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = sign_forward,
    .backward = flat_backward,
};

static void sgn_backward(Ctx *c, Grad *g) {
    const Tensor *self = saved_tensor(c, g, 0);
    if (self)
        grad_set(g, 0, zeros_make(c, (DType)self->dtype, self->ndim, self->sizes));
}

static const OpDef op_sgn = {
    .schema = "sgn(Tensor self) -> Tensor",
    .doc = "sign, also of complex numbers",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self result",
    .forward = sign_forward,
    .backward = sgn_backward,
};

Tensor *t_sgn(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_sgn, (Value[]){arg_tensor(self)});
}

/* self itself; RuntimeError for bool. */
static Value positive_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->dtype == DT_bool)
        return value_raise(c, RuntimeError,
                           "The `+` operator, on a bool tensor is not supported.");
    return value_obj(self);
}
static const OpDef op_positive = {
    .schema = "positive(Tensor(a) self) -> Tensor(a)",
    .doc = "self",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = positive_forward,
};

/* ---- rounding ---- */

/* Rounds floats with the kernel; integers are whole already. */
static Value round_with(Ctx *c, Call *k, Kernel kernel, const char *name) {
    bool whole = dtype_is_integral((DType)call_tensor(k, 0)->dtype, false);
    return pointwise_unary(c, k,
                           &(const PointwiseKernel){whole ? kernel_copy : kernel, name,
                                                    DTYPES_HALF | DTYPES_BOOL, NULL});
}

static Value floor_forward(Ctx *c, Call *k) {
    return round_with(c, k, kernel_floor, "floor_vml_cpu");
}
static const OpDef op_floor = {
    .schema = "floor(Tensor self) -> Tensor",
    .doc = "the largest integer not above self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = floor_forward,
    .backward = flat_backward,
};

static Value ceil_forward(Ctx *c, Call *k) {
    return round_with(c, k, kernel_ceil, "ceil_vml_cpu");
}
static const OpDef op_ceil = {
    .schema = "ceil(Tensor self) -> Tensor",
    .doc = "the smallest integer not below self",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = ceil_forward,
    .backward = flat_backward,
};

static Value trunc_forward(Ctx *c, Call *k) {
    return round_with(c, k, kernel_trunc, "trunc_vml_cpu");
}
static const OpDef op_trunc = {
    .schema = "trunc(Tensor self) -> Tensor",
    .doc = "self without its fraction",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = trunc_forward,
    .backward = flat_backward,
};

Tensor *t_ceil_(Ctx *c, Tensor *self) {
    return value_tensor(op_call_inplace(c, &op_ceil, (Value[]){arg_tensor(self)}));
}
Tensor *t_floor_(Ctx *c, Tensor *self) {
    return value_tensor(op_call_inplace(c, &op_floor, (Value[]){arg_tensor(self)}));
}

static const OpDef op_fix = {
    .schema = "fix(Tensor self) -> Tensor",
    .doc = "trunc",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_trunc,
};

/* The nearest integer, ties to the even one. */
static Value round_forward(Ctx *c, Call *k) {
    return round_with(c, k, kernel_round, "round_vml_cpu");
}
static const OpDef op_round = {
    .schema = "round(Tensor self) -> Tensor",
    .doc = "the nearest integer, ties to even",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = round_forward,
    .backward = flat_backward,
};

/* Rounded to `decimals` digits after the point; before it when negative. */
static Value round_decimals_forward(Ctx *c, Call *k) {
    int64_t decimals = call_int(k, 1);
    DType d = (DType)call_tensor(k, 0)->dtype;
    if (dtype_is_integral(d, false)) {
        const Tensor *self = call_tensor(k, 0);
        if (out_prepare(c, k, 0, d, self->ndim, self->sizes))
            dtype_refused(c, decimals ? "round_cpu" : "round_vml_cpu", DTYPES_INTEGER,
                          d);
        return value_null();
    }
    if (decimals == 0) return round_forward(c, k);
    KernelNumbers x = {.i = {decimals < 0}};
    x.f[0] = 1;
    uint64_t places = decimals < 0 ? 0 - (uint64_t)decimals : (uint64_t)decimals;
    for (; places > 0 && !isinf(x.f[0]); places--) x.f[0] *= 10;
    return pointwise_unary(c, k,
                           &(const PointwiseKernel){kernel_round_decimals, "round_cpu",
                                                    DTYPES_HALF | DTYPES_BOOL, &x});
}
Tensor *t_round_(Ctx *c, Tensor *self) {
    return value_tensor(op_call_inplace(c, &op_round, (Value[]){arg_tensor(self)}));
}

const OpDef op_round_decimals = {
    .schema = "round.decimals(Tensor self, *, int decimals) -> Tensor",
    .doc = "self rounded to a number of decimals",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .node = "RoundBackward1",
    .forward = round_decimals_forward,
    .backward = flat_backward,
};

/* self - trunc(self); floats only. */
static Value frac_forward(Ctx *c, Call *k) {
    return pointwise_unary(
        c, k, &(const PointwiseKernel){kernel_frac, "frac_cpu", DTYPES_INTEGRAL, NULL});
}

static const OpDef op_frac = {
    .schema = "frac(Tensor self) -> Tensor",
    .doc = "the fraction of self, with its sign",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .forward = frac_forward,
    .backward = gradient_passes,
};

const OpDef *const rounding_ops[] = {
    &op_abs,  &op_absolute, &op_sign, &op_sgn,   &op_positive,       &op_floor,
    &op_ceil, &op_trunc,    &op_fix,  &op_round, &op_round_decimals, &op_frac,
    NULL,
};
