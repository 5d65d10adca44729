/* Choosing between values, element by element: where, maximum and minimum, fmax and
 * fmin, clamp in its forms.
 *
 * Operands broadcast and are promoted as in arith.c.  Formulas are those of
 * derivatives.yaml and FunctionsManual.cpp. */
#include "core/pointwise.h"
#include "ops.h"

#include <math.h>

/* ---- where ---- */

static Tensor *zero_like(Ctx *c, const Tensor *t) {
    return tensor_scalar(c, (DType)t->dtype, value_int(0));
}

static bool condition_check(Ctx *c, const Tensor *condition) {
    static const char key;
    if (condition->dtype == DT_bool) return true;
    if (condition->dtype == DT_uint8) {
        warn_once(
            c, &key, UserWarning,
            "where received a uint8 condition tensor. This behavior is deprecated "
            "and will be removed in a future version of PyTorch. Use a boolean "
            "condition instead.");
        return !ctx_failed(c);
    }
    error_raise(
        c, RuntimeError,
        "where expected condition to be a boolean tensor, but got a tensor with "
        "dtype %s",
        dtype_scalar_name((DType)condition->dtype));
    return false;
}

/* PyTorch's kernel asserts that out= has the dtype of the operands, after it has given
 * it their shape. */
static Value raise_uncast(Ctx *c, Call *k, const Pointwise *p) {
    Shape s;
    if (!pointwise_shape(c, p, &s) || !out_resize(c, k, 0, s.ndim, s.dims))
        return value_null();
    return value_raise(c, RuntimeError,
                       "!needs_dynamic_casting<func_t>::check(iter) INTERNAL ASSERT "
                       "FAILED at \"./aten/src/ATen/native/cpu/Loops.h\":308, please "
                       "report a bug to PyTorch. ");
}

/* condition ? self : other. RuntimeError for a condition that is not bool. Source:
 * TensorCompare.cpp. */
static Value where_forward(Ctx *c, Call *k) {
    Tensor *condition = call_tensor(k, 0);
    Pointwise p = pointwise_args(c, k, 0, kernel_where);
    p.n = 3;
    for (int i = 1; i < 3; i++) {
        p.in[i] = call_tensor(k, i);
        if (!p.in[i]) p.in[i] = tensor_wrap_number(c, call_scalar(k, i));
        if (!p.in[i]) return value_null();
    }
    if (!condition_check(c, condition)) return value_null();
    p.in[0] = condition;
    p.first_is_raw = true;
    p.compute = p.result = result_type(c, 2, p.in + 1);
    if (k->form == CALL_OUT && (DType)k->target[0]->dtype != p.result)
        return raise_uncast(c, k, &p);
    return value_obj(pointwise(c, k, &p));
}

static Value where_true_forward(Ctx *c, Call *k) {
    return t_nonzero_tuple(c, call_tensor(k, 0));
}
static const OpDef op_where_true = {
    .schema = "where(Tensor condition) -> Tensor[]",
    .doc = "The indices where condition is true, a vector a dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = where_true_forward,
};

static void where_backward(Ctx *c, Grad *g) {
    Tensor *condition = saved_tensor(c, g, 0), *zero = zero_like(c, g->grad);
    if (grad_wanted(g, 1)) grad_set(g, 1, t_where(c, condition, zero, g->grad));
    if (grad_wanted(g, 0)) grad_set(g, 0, t_where(c, condition, g->grad, zero));
}

static const OpDef op_where = {
    .schema = "where.self(Tensor condition, Tensor self, Tensor other) -> Tensor",
    .doc = "self where condition is true, else other",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "condition",
    .constants = "condition",
    .forward = where_forward,
    .backward = where_backward,
};
/* x.where(condition, y), whose self comes second in the schema. */
static Value where_method_forward(Ctx *c, Call *k) {
    return value_obj(
        t_where(c, call_tensor(k, 1), call_tensor(k, 0), call_tensor(k, 2)));
}
static const OpDef op_where_method = {
    .schema = "where(Tensor self, Tensor condition, Tensor other) -> Tensor",
    .doc = "self where condition is true, else other",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = where_method_forward,
};

/* A number beside `other` as a 0-d tensor, which needs no gradient. */
static Tensor *where_number(Ctx *c, const Call *k, int i) {
    if (call_tensor(k, i)) return call_tensor(k, i);
    Tensor *in[2] = {tensor_wrap_number(c, call_scalar(k, i)), call_tensor(k, 3 - i)};
    if (!in[0]) return NULL;
    DType d = in[1] ? result_type(c, 2, in) : result_type(c, 1, in);
    return scalar_fits(c, call_scalar(k, i), d) ? in[0] : NULL;
}
static Value where_number_forward(Ctx *c, Call *k) {
    Tensor *self = where_number(c, k, 1), *other = where_number(c, k, 2);
    return value_obj(t_where(c, call_tensor(k, 0), self, other));
}
static const OpDef op_where_scalar_self = {
    .schema = "where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor",
    .doc = "self where condition is true, else other",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = where_number_forward,
};
static const OpDef op_where_scalar_other = {
    .schema =
        "where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor",
    .doc = "self where condition is true, else other",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = where_number_forward,
};
static const OpDef op_where_scalar = {
    .schema = "where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor",
    .doc = "self where condition is true, else other",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = where_number_forward,
};

Tensor *t_where(Ctx *c, Tensor *condition, Tensor *self, Tensor *other) {
    return op_tensor(
        c, &op_where,
        (Value[]){arg_tensor(condition), arg_tensor(self), arg_tensor(other)});
}

/* ---- maximum, minimum ---- */

/* The larger of each pair; nan wins. Ties halve the gradient. */
static Value maximum_forward(Ctx *c, Call *k) {
    return pointwise_binary(c, k, &(const PointwiseKernel){.kernel = kernel_maximum});
}

static Value minimum_forward(Ctx *c, Call *k) {
    return pointwise_binary(c, k, &(const PointwiseKernel){.kernel = kernel_minimum});
}

/* grad, halved where the operands are equal, 0 where the other one won. */
static Tensor *winner_gradient(Ctx *c, Grad *g, Tensor *equal, Tensor *lost) {
    Tensor *half = t_div_scalar(c, g->grad, value_int(2));
    Tensor *share = t_where(c, equal, half, g->grad);
    return t_masked_fill_scalar_(c, share, lost, value_int(0));
}

static void maximum_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 winner_gradient(c, g, t_eq(c, self, other), t_gt(c, self, other)));
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 winner_gradient(c, g, t_eq(c, self, other), t_lt(c, self, other)));
}

static void minimum_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 winner_gradient(c, g, t_eq(c, self, other), t_lt(c, self, other)));
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 winner_gradient(c, g, t_eq(c, self, other), t_gt(c, self, other)));
}

const OpDef op_maximum = {
    .schema = "maximum(Tensor self, Tensor other) -> Tensor",
    .doc = "the larger of self and other; nan wins",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = maximum_forward,
    .backward = maximum_backward,
};
const OpDef op_minimum = {
    .schema = "minimum(Tensor self, Tensor other) -> Tensor",
    .doc = "the smaller of self and other; nan wins",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = minimum_forward,
    .backward = minimum_backward,
};

Tensor *t_maximum(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_maximum, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_minimum(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_minimum, (Value[]){arg_tensor(self), arg_tensor(other)});
}

/* The larger (smaller) of each pair; a number wins over nan. */
static Value fmax_forward(Ctx *c, Call *k) {
    return pointwise_binary(c, k, &(const PointwiseKernel){.kernel = kernel_fmax});
}

static Value fmin_forward(Ctx *c, Call *k) {
    return pointwise_binary(c, k, &(const PointwiseKernel){.kernel = kernel_fmin});
}

/* The gradient goes to self where first says so or other is nan, else to other. */
static void divide_gradient(Ctx *c, Grad *g, Tensor *first, Tensor *other) {
    Tensor *to_self = t_logical_or(c, first, t_isnan(c, other));
    Value zero = value_int(0);
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_masked_fill_scalar(c, g->grad, to_self, zero));
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_masked_fill_scalar(c, g->grad, t_logical_not(c, to_self), zero));
}

static void fmax_backward(Ctx *c, Grad *g) {
    Tensor *other = saved_tensor(c, g, 1);
    divide_gradient(c, g, t_ge(c, saved_tensor(c, g, 0), other), other);
}

static void fmin_backward(Ctx *c, Grad *g) {
    Tensor *other = saved_tensor(c, g, 1);
    divide_gradient(c, g, t_le(c, saved_tensor(c, g, 0), other), other);
}

static const OpDef op_fmax = {
    .schema = "fmax(Tensor self, Tensor other) -> Tensor",
    .doc = "the larger of self and other; a number wins over nan",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = fmax_forward,
    .backward = fmax_backward,
};
static const OpDef op_fmin = {
    .schema = "fmin(Tensor self, Tensor other) -> Tensor",
    .doc = "the smaller of self and other; a number wins over nan",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE,
    .saves = "self other",
    .forward = fmin_forward,
    .backward = fmin_backward,
};

/* ---- clamp to numbers ---- */

/* The dtype of self clamped to n numbers, from argument 1 on; floats keep theirs. In
 * place it must be self's. */
static bool clamp_dtype(Ctx *c, const Call *k, int n, DType *d) {
    Tensor *in[3] = {call_tensor(k, 0)};
    int count = 1;
    *d = (DType)in[0]->dtype;
    for (int i = 1; i <= n && !dtype_is_floating(*d); i++) {
        if (call_is_none(k, i)) continue;
        in[count] = tensor_wrap_number(c, call_scalar(k, i));
        if (!in[count++]) return false;
    }
    if (count > 1) *d = result_type(c, count, in);
    if (k->form == CALL_OUT && !found_dtype_check(c, (DType)k->target[0]->dtype, *d))
        return false;
    if (k->form != CALL_INPLACE || *d == (DType)in[0]->dtype) return true;
    static const char *const names[DTYPE_COUNT] = {
        [DT_uint8] = "unsigned char", [DT_int8] = "signed char",
        [DT_int16] = "short int",     [DT_int32] = "int",
        [DT_int64] = "long int",      [DT_bool] = "bool",
    };
    error_raise(c, RuntimeError,
                "result type %s can't be cast to the desired output type %s",
                dtype_scalar_name(*d), names[in[0]->dtype]);
    return false;
}

/* One limit, or two when lo and hi are both given; VAL_NONE where there is none. */
static Value clamp_numbers(Ctx *c, Call *k, DType d, Value lo, Value hi) {
    bool below = !value_is_none(lo), above = !value_is_none(hi);
    KernelNumbers x = {.f = {0}};
    if (below) x = pointwise_number(d, lo);
    if (above) {
        KernelNumbers y = pointwise_number(d, hi);
        x.f[1] = y.f[0];
        x.i[1] = y.i[0];
    }
    Pointwise p = pointwise_args(c, k, 1, kernel_clamp_numbers);
    if (!above) p.kernel = kernel_clamp_min_number;
    if (!below) p.kernel = kernel_clamp_max_number;
    p.name = !above   ? "clamp_min_cpu"
             : !below ? "clamp_max_scalar_cpu"
                      : "clamp_scalar_cpu";
    p.refused = DTYPES_HALF | DTYPES_BOOL;
    p.scalars = k->op->schema.n > 2 ? 1u << 1 | 1u << 2 : 1u << 1;
    p.compute = p.result = p.held = d;
    p.arg = &x;
    return value_obj(pointwise(c, k, &p));
}

static bool is_nan(Value v) {
    return v.tag == VAL_FLOAT && isnan(v.as.f);
}

/* All of self's place filled with one number. */
static Value all_nan(Ctx *c, Call *k, DType d) {
    const Tensor *self = call_tensor(k, 0);
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *value = tensor_scalar(c, d, value_float(NAN));
    if (!r || !value) return value_null();
    tensor_copy(r, value);
    return value_obj(r);
}

static bool limits_check(Ctx *c, const Call *k) {
    if (!call_is_none(k, 1) || !call_is_none(k, 2)) return true;
    error_raise(c, RuntimeError,
                "torch.clamp: At least one of 'min' or 'max' must not be None");
    return false;
}

/* min(max(self, lo), hi); nan as one of two limits makes everything nan. */
static Value clamp_forward(Ctx *c, Call *k) {
    DType d;
    if (!limits_check(c, k) || !clamp_dtype(c, k, 2, &d)) return value_null();
    Value lo = call_scalar(k, 1), hi = call_scalar(k, 2);
    bool both = !value_is_none(lo) && !value_is_none(hi);
    if (both && (is_nan(lo) || is_nan(hi))) return all_nan(c, k, d);
    return clamp_numbers(c, k, d, lo, hi);
}

/* grad where the condition holds, else 0. */
static Tensor *gated(Ctx *c, Grad *g, Tensor *condition) {
    return t_where(c, condition, g->grad, zero_like(c, g->grad));
}

/* At a limit the gradient passes. */
static void clamp_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    Value lo = saved_value(g, 1), hi = saved_value(g, 2);
    Tensor *over = value_is_none(lo) ? NULL : t_ge_scalar(c, self, lo);
    Tensor *under = value_is_none(hi) ? NULL : t_le_scalar(c, self, hi);
    if (over && under) over = t_logical_and(c, over, under);
    grad_set(g, 0, gated(c, g, over ? over : under));
}

static const OpDef op_clamp = {
    .schema = "clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
    .doc = "self, at least min and at most max",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self min max",
    .node = "ClampBackward1",
    .forward = clamp_forward,
    .backward = clamp_backward,
    .example = "torch.clamp(m, 1, 2)",
};

/* max(self, min) */
static Value clamp_min_forward(Ctx *c, Call *k) {
    DType d;
    Value lo = call_scalar(k, 1);
    if (!clamp_dtype(c, k, 1, &d)) return value_null();
    if (is_nan(lo)) return all_nan(c, k, d);
    return clamp_numbers(c, k, d, lo, value_none());
}

static void clamp_min_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, gated(c, g, t_ge_scalar(c, self, saved_value(g, 1))));
}

static const OpDef op_clamp_min = {
    .schema = "clamp_min(Tensor self, Scalar min) -> Tensor",
    .doc = "self, at least min",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self min",
    .forward = clamp_min_forward,
    .backward = clamp_min_backward,
};

/* min(self, max) */
static Value clamp_max_forward(Ctx *c, Call *k) {
    DType d;
    Value hi = call_scalar(k, 1);
    if (!clamp_dtype(c, k, 1, &d)) return value_null();
    if (is_nan(hi)) return all_nan(c, k, d);
    return clamp_numbers(c, k, d, value_none(), hi);
}

static void clamp_max_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    grad_set(g, 0, gated(c, g, t_le_scalar(c, self, saved_value(g, 1))));
}

static const OpDef op_clamp_max = {
    .schema = "clamp_max(Tensor self, Scalar max) -> Tensor",
    .doc = "self, at most max",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "self max",
    .forward = clamp_max_forward,
    .backward = clamp_max_backward,
};

Tensor *t_clamp_min(Ctx *c, Tensor *self, Value min) {
    return op_tensor(c, &op_clamp_min, (Value[]){arg_tensor(self), min});
}
Tensor *t_clamp_min_(Ctx *c, Tensor *self, Value min) {
    Value args[] = {arg_tensor(self), min};
    return value_tensor(op_call_inplace(c, &op_clamp_min, args));
}

Tensor *t_clamp(Ctx *c, Tensor *self, Value min, Value max) {
    return op_tensor(c, &op_clamp, (Value[]){arg_tensor(self), min, max});
}

/* ---- clamp to tensors ---- */

/* Arguments 0 and at, the larger or smaller of each pair. */
static Value clamp_side(Ctx *c, Call *k, int at, Kernel kernel) {
    Pointwise p = pointwise_args(c, k, 1, kernel);
    p.n = 2;
    p.in[1] = call_tensor(k, at);
    p.compute = p.result = result_type(c, 2, p.in);
    return value_obj(pointwise(c, k, &p));
}

static Value clamp_tensor_forward(Ctx *c, Call *k) {
    if (!limits_check(c, k)) return value_null();
    if (call_is_none(k, 2)) return clamp_side(c, k, 1, kernel_maximum);
    if (call_is_none(k, 1)) return clamp_side(c, k, 2, kernel_minimum);
    Pointwise p = pointwise_args(c, k, 3, kernel_clamp);
    p.name = "clamp_cpu";
    p.refused = DTYPES_HALF | DTYPES_BOOL;
    return value_obj(pointwise(c, k, &p));
}

/* Gradients of the limits: where they cut, min only where it is below max. */
static void limits_backward(Ctx *c, Grad *g, Tensor *self, Tensor *lo, Tensor *hi) {
    if (lo && grad_wanted(g, 1)) {
        Tensor *cut = t_lt(c, self, lo);
        if (hi) cut = t_logical_and(c, cut, t_lt(c, lo, hi));
        grad_set(g, 1, gated(c, g, cut));
    }
    if (hi && grad_wanted(g, 2)) {
        Tensor *cut = t_gt(c, self, hi);
        if (lo) cut = t_logical_or(c, cut, t_lt(c, hi, lo));
        grad_set(g, 2, gated(c, g, cut));
    }
}

static void clamp_tensor_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    Tensor *lo = saved_tensor(c, g, 1), *hi = saved_tensor(c, g, 2);
    limits_backward(c, g, self, lo, hi);
    if (grad_wanted(g, 0)) {
        Tensor *over = lo ? t_ge(c, self, lo) : NULL;
        Tensor *under = hi ? t_le(c, self, hi) : NULL;
        if (over && under) over = t_logical_and(c, over, under);
        grad_set(g, 0, gated(c, g, over ? over : under));
    }
}

static const OpDef op_clamp_tensor = {
    .schema = "clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
    .doc = "self, at least min and at most max",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self min max",
    .forward = clamp_tensor_forward,
    .backward = clamp_tensor_backward,
    .example = "torch.clamp(m, s)",
};

static Value clamp_min_tensor_forward(Ctx *c, Call *k) {
    return clamp_side(c, k, 1, kernel_maximum);
}

static void clamp_min_tensor_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *lo = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1)) grad_set(g, 1, gated(c, g, t_lt(c, self, lo)));
    if (grad_wanted(g, 0)) grad_set(g, 0, gated(c, g, t_ge(c, self, lo)));
}

static const OpDef op_clamp_min_tensor = {
    .schema = "clamp_min.Tensor(Tensor self, Tensor min) -> Tensor",
    .doc = "self, at least min",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self min",
    .node = "ClampMinBackward1",
    .forward = clamp_min_tensor_forward,
    .backward = clamp_min_tensor_backward,
};

static Value clamp_max_tensor_forward(Ctx *c, Call *k) {
    return clamp_side(c, k, 1, kernel_minimum);
}

static void clamp_max_tensor_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *hi = saved_tensor(c, g, 1);
    if (grad_wanted(g, 1)) grad_set(g, 1, gated(c, g, t_gt(c, self, hi)));
    if (grad_wanted(g, 0)) grad_set(g, 0, gated(c, g, t_le(c, self, hi)));
}

static const OpDef op_clamp_max_tensor = {
    .schema = "clamp_max.Tensor(Tensor self, Tensor max) -> Tensor",
    .doc = "self, at most max",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self max",
    .node = "ClampMaxBackward1",
    .forward = clamp_max_tensor_forward,
    .backward = clamp_max_tensor_backward,
};

static const OpDef op_clip = {
    .schema = "clip(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
    .doc = "clamp",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_clamp,
    .example = "torch.clip(m, 1, 2)",
};
static const OpDef op_clip_tensor = {
    .schema = "clip.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
    .doc = "clamp",
    .forms = OP_USUAL_INPLACE | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_clamp_tensor,
    .example = "torch.clip(m, s)",
};

const OpDef *const choose_ops[] = {
    &op_where_true,
    &op_where,
    &op_where_method,
    &op_where_scalar_self,
    &op_where_scalar_other,
    &op_where_scalar,
    &op_maximum,
    &op_minimum,
    &op_fmax,
    &op_fmin,
    &op_clamp_tensor,
    &op_clamp,
    &op_clamp_min_tensor,
    &op_clamp_min,
    &op_clamp_max_tensor,
    &op_clamp_max,
    &op_clip_tensor,
    &op_clip,
    NULL,
};
