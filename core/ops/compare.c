/* Comparisons, element by element: eq, ne, lt, le, gt, ge and their other names;
 * isclose, allclose, equal.
 *
 * self [...], other [...], broadcast together -> [...] of bool. Operands are promoted
 * to one dtype first; a number takes on the tensor's dtype and may wrap in it. In
 * place, self keeps its dtype and receives 0 and 1; the gradient of that is zero. */
#include "core/pointwise.h"
#include "ops.h"

/* (Tensor, number): the number as a 0-d tensor. */
static Value compare_number(Ctx *c, Call *k, Kernel kernel) {
    Pointwise p = pointwise_args(c, k, 1, kernel);
    p.n = 2;
    p.in[1] = tensor_wrap_number(c, call_scalar(k, 1));
    if (!p.in[1]) return value_null();
    p.compute = result_type(c, 2, p.in);
    p.result = DT_bool;
    return value_obj(pointwise(c, k, &p));
}

/* What a comparison wrote over does not depend on what it compared. */
static void in_place_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    if (grad_wanted(g, 0)) grad_set(g, 0, t_zeros_like(c, g->grad));
    if (!grad_wanted(g, 1)) return;
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    grad_set(g, 1, t_zeros(c, n, sizes, (DType)g->grad->dtype));
}

/* ---- eq ---- */

static Value eq_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_eq});
}
static const OpDef op_eq = {
    .schema = "eq.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self == other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .saves = "other.sizes",
    .node = "EqBackward1",
    .forward = eq_forward,
    .backward = in_place_backward,
};

static Value eq_scalar_forward(Ctx *c, Call *k) {
    return compare_number(c, k, kernel_eq);
}
static const OpDef op_eq_scalar = {
    .schema = "eq.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self == other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = eq_scalar_forward,
    .backward = in_place_backward,
};

Tensor *t_eq(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_eq, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_eq_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_eq_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- ne ---- */

static Value ne_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_ne});
}
static const OpDef op_ne = {
    .schema = "ne.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self != other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .saves = "other.sizes",
    .node = "NeBackward1",
    .forward = ne_forward,
    .backward = in_place_backward,
};

static Value ne_scalar_forward(Ctx *c, Call *k) {
    return compare_number(c, k, kernel_ne);
}
static const OpDef op_ne_scalar = {
    .schema = "ne.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self != other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = ne_scalar_forward,
    .backward = in_place_backward,
};

Tensor *t_ne(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_ne, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_ne_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_ne_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- lt ---- */

static Value lt_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_lt});
}
static const OpDef op_lt = {
    .schema = "lt.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self < other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .saves = "other.sizes",
    .node = "LtBackward1",
    .forward = lt_forward,
    .backward = in_place_backward,
};

static Value lt_scalar_forward(Ctx *c, Call *k) {
    return compare_number(c, k, kernel_lt);
}
static const OpDef op_lt_scalar = {
    .schema = "lt.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self < other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = lt_scalar_forward,
    .backward = in_place_backward,
};

Tensor *t_lt(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_lt, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_lt_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_lt_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- le ---- */

static Value le_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_le});
}
static const OpDef op_le = {
    .schema = "le.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self <= other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .saves = "other.sizes",
    .node = "LeBackward1",
    .forward = le_forward,
    .backward = in_place_backward,
};

static Value le_scalar_forward(Ctx *c, Call *k) {
    return compare_number(c, k, kernel_le);
}
static const OpDef op_le_scalar = {
    .schema = "le.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self <= other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = le_scalar_forward,
    .backward = in_place_backward,
};

Tensor *t_le(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_le, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_le_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_le_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- gt ---- */

static Value gt_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_gt});
}
static const OpDef op_gt = {
    .schema = "gt.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self > other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .saves = "other.sizes",
    .node = "GtBackward1",
    .forward = gt_forward,
    .backward = in_place_backward,
};

static Value gt_scalar_forward(Ctx *c, Call *k) {
    return compare_number(c, k, kernel_gt);
}
static const OpDef op_gt_scalar = {
    .schema = "gt.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self > other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = gt_scalar_forward,
    .backward = in_place_backward,
};

Tensor *t_gt(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_gt, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_gt_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_gt_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- ge ---- */

static Value ge_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_ge});
}
static const OpDef op_ge = {
    .schema = "ge.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self >= other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .saves = "other.sizes",
    .node = "GeBackward1",
    .forward = ge_forward,
    .backward = in_place_backward,
};

static Value ge_scalar_forward(Ctx *c, Call *k) {
    return compare_number(c, k, kernel_ge);
}
static const OpDef op_ge_scalar = {
    .schema = "ge.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self >= other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = ge_scalar_forward,
    .backward = in_place_backward,
};

Tensor *t_ge(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_ge, (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_ge_scalar(Ctx *c, Tensor *self, Value other) {
    return op_tensor(c, &op_ge_scalar, (Value[]){arg_tensor(self), other});
}

/* ---- other names ---- */

static const OpDef op_not_equal = {
    .schema = "not_equal.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "ne",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_ne,
};
static const OpDef op_not_equal_scalar = {
    .schema = "not_equal.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "ne",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_ne_scalar,
};
static const OpDef op_less = {
    .schema = "less.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "lt",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_lt,
};
static const OpDef op_less_scalar = {
    .schema = "less.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "lt",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_lt_scalar,
};
static const OpDef op_less_equal = {
    .schema = "less_equal.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "le",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_le,
};
static const OpDef op_less_equal_scalar = {
    .schema = "less_equal.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "le",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_le_scalar,
};
static const OpDef op_greater = {
    .schema = "greater.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "gt",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_gt,
};
static const OpDef op_greater_scalar = {
    .schema = "greater.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "gt",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_gt_scalar,
};
static const OpDef op_greater_equal = {
    .schema = "greater_equal.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "ge",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_ge,
};
static const OpDef op_greater_equal_scalar = {
    .schema = "greater_equal.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "ge",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_ge_scalar,
};

/* ---- closeness ---- */

static bool tolerance_check(Ctx *c, const char *name, double value) {
    if (value >= 0) return true;
    error_raise(c, RuntimeError, "%s must be greater than or equal to zero, but got %g",
                name, value);
    return false;
}

/* |self - other| <= atol + |rtol * other|, with equal ones close at any distance from
 * infinity. Errors: dtypes that differ, a negative tolerance. Source:
 * TensorCompare.cpp. */
static Tensor *close(Ctx *c, Tensor *self, Tensor *other, double rtol, double atol,
                     bool equal_nan) {
    if (self->dtype != other->dtype)
        return error_raise(c, RuntimeError, "%s did not match %s",
                           dtype_scalar_name((DType)self->dtype),
                           dtype_scalar_name((DType)other->dtype));
    if (!tolerance_check(c, "rtol", rtol) || !tolerance_check(c, "atol", atol))
        return NULL;
    Tensor *same = t_eq(c, self, other);
    bool whole = !dtype_is_floating((DType)self->dtype);
    if (equal_nan && !whole) { /* in place, as in PyTorch, which shows by its error */
        Tensor *both = t_logical_and_(c, t_isnan(c, self), t_isnan(c, other));
        same = t_logical_or(c, same, both);
    }
    if (rtol == 0 && atol == 0) return same;
    if (whole) {
        self = t_to_dtype(c, self, c->default_dtype);
        other = t_to_dtype(c, other, c->default_dtype);
    }
    Tensor *allowed = t_abs(c, t_mul_scalar(c, other, value_float(rtol)));
    allowed = t_add_scalar(c, allowed, value_float(atol));
    Tensor *distance = t_abs(c, t_sub(c, self, other));
    Tensor *near =
        t_logical_and(c, t_isfinite(c, distance), t_le(c, distance, allowed));
    return t_logical_or(c, same, near);
}

static Tensor *close_args(Ctx *c, const Call *k) {
    return close(c, call_tensor(k, 0), call_tensor(k, 1), call_float(k, 2),
                 call_float(k, 3), call_bool(k, 4));
}

static Value isclose_forward(Ctx *c, Call *k) {
    return value_obj(close_args(c, k));
}
static const OpDef op_isclose = {
    .schema = "isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, "
              "bool equal_nan=False) -> Tensor",
    .doc = "whether elements differ by at most atol + |rtol * other|",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = isclose_forward,
};

static bool all_true(const Tensor *t) {
    const bool *bits = tensor_data(t);
    for (int64_t i = 0; i < t->numel; i++)
        if (!bits[i]) return false;
    return true;
}

/* One bool for all elements. */
static Value allclose_forward(Ctx *c, Call *k) {
    Tensor *t = t_contiguous(c, close_args(c, k));
    return t ? value_bool(all_true(t)) : value_null();
}
static const OpDef op_allclose = {
    .schema = "allclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, "
              "bool equal_nan=False) -> bool",
    .doc = "whether all elements are close, see isclose",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = allclose_forward,
};

/* Same shape and equal elements; one bool. */
static Value equal_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *other = call_tensor(k, 1);
    if (!tensor_same_sizes(self, other)) return value_bool(false);
    Tensor *t = t_contiguous(c, t_eq(c, self, other));
    return t ? value_bool(all_true(t)) : value_null();
}
static const OpDef op_equal = {
    .schema = "equal(Tensor self, Tensor other) -> bool",
    .doc = "whether shapes and all elements are equal",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = equal_forward,
};

const OpDef *const compare_ops[] = {
    &op_eq,
    &op_eq_scalar,
    &op_ne,
    &op_ne_scalar,
    &op_lt,
    &op_lt_scalar,
    &op_le,
    &op_le_scalar,
    &op_gt,
    &op_gt_scalar,
    &op_ge,
    &op_ge_scalar,
    &op_not_equal,
    &op_not_equal_scalar,
    &op_less,
    &op_less_scalar,
    &op_less_equal,
    &op_less_equal_scalar,
    &op_greater,
    &op_greater_scalar,
    &op_greater_equal,
    &op_greater_equal_scalar,
    &op_isclose,
    &op_allclose,
    &op_equal,
    NULL,
};
