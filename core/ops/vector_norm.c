/* Norms over dimensions: norm with PyTorch's ways of calling it, frobenius_norm,
 * linalg.vector_norm, dist.
 *
 * |x|_p = (sum |x|^p)^(1/p); p = 0 counts what is not zero, p = inf and -inf give the
 * largest and the smallest |x|.
 * Sources: ReduceOps.cpp, LinearAlgebra.cpp, FunctionsManual.cpp, functional.py. */
#include "core/kernel/norms.h"
#include "core/pointwise.h"
#include "core/reduction.h"
#include "linalg.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef struct Dims {
    int n; /* 0: all */
    int64_t at[MAX_DIMS];
    bool keepdim;
} Dims;

/* ---- the norm itself ---- */

/* The p-norm of self, converted to d, over dims; result 0 of the call. */
static Value norm_of(Ctx *c, Call *k, double p, const Dims *dims, DType d) {
    Tensor *self = t_to_dtype(c, call_tensor(k, 0), d);
    Reduction r;
    if (!self || !reduction_plan(c, self, dims->n, dims->at, dims->keepdim, &r))
        return value_null();
    DType in = d == DT_float64 ? d : DT_float32;
    Tensor *out = call_result(c, k, 0, d, r.shape.ndim, r.shape.dims);
    Tensor *norms = t_zeros(c, r.shape.ndim, r.shape.dims, in);
    Tensor *rows = norms ? reduction_rows(c, self, &r, in) : NULL;
    if (!rows || !out) return value_null();
    /* A converted copy of rows that lay together is as good as they are. */
    bool together = rows == self || (in != d && reduction_in_place(self, &r));
    if (r.n)
        kernel_norm(d, tensor_data(rows), r.rows, r.n, p, together, tensor_data(norms));
    tensor_copy(out, norms);
    return value_obj(out);
}

/* ---- its gradient ---- */

static Tensor *zero_where(Ctx *c, Tensor *t, Tensor *where_zero) {
    Tensor *mask = t_eq_scalar(c, where_zero, value_int(0));
    return t_masked_fill_scalar_(c, t, mask, value_int(0));
}

/* |self|^e, the power being taken in place as in PyTorch's formula. */
static Tensor *abs_power(Ctx *c, Tensor *self, double e) {
    return t_pow_scalar_(c, t_abs(c, self), value_float(e));
}

static Tensor *extreme_gradient(Ctx *c, Tensor *grad, Tensor *self, Tensor *norm,
                                const Dims *dims) {
    Tensor *size = t_abs(c, self);
    Tensor *mask = t_logical_or(c, t_eq(c, size, norm), t_isnan(c, size));
    Tensor *count = t_sum_dims(c, mask, dims->n, dims->at, true);
    return t_mul(c, t_sgn(c, self), t_mul(c, t_div(c, grad, count), mask));
}

/* grad and norm of the reduced shape -> gradient of self; NULL for p = 0. */
static Tensor *norm_gradient(Ctx *c, Tensor *grad, Tensor *self, Tensor *norm, double p,
                             const Dims *dims) {
    if (!self || !norm) return NULL;
    bool keep = dims->keepdim || self->ndim == 0;
    grad = reduction_restore(c, grad, self->ndim, dims->n, dims->at, keep);
    norm = reduction_restore(c, norm, self->ndim, dims->n, dims->at, keep);
    if (p == 0) return NULL;
    if (p == 1) return t_mul(c, t_sgn(c, self), grad);
    if (p == 2) return t_mul(c, grad, zero_where(c, t_div(c, self, norm), norm));
    if (isinf(p)) return extreme_gradient(c, grad, self, norm, dims);
    if (p < 1) {
        Tensor *slope = zero_where(c, abs_power(c, self, p - 1), self);
        slope = t_mul(c, t_mul(c, t_sgn(c, self), slope), grad);
        return t_mul(c, slope, t_pow_scalar(c, norm, value_float(1 - p)));
    }
    Tensor *scaled = p < 2 ? t_mul(c, t_sgn(c, self), abs_power(c, self, p - 1))
                           : t_mul(c, self, abs_power(c, self, p - 2));
    Tensor *scale = t_div(c, grad, t_pow_scalar(c, norm, value_float(p - 1)));
    return t_mul(c, scaled, zero_where(c, scale, norm));
}

/* ---- norm ---- */

/* Whether norms can be computed in d, self's own dtype or the one that was `asked` for.
 */
static bool norm_dtype_check(Ctx *c, DType d, bool asked) {
    if (dtype_is_floating(d)) return true;
    error_raise(
        c, RuntimeError,
        "norm(): %s dtype should be either floating point or complex. Got %s instead.",
        asked ? "the desired output" : "input", dtype_scalar_name(d));
    return false;
}

/* norm.ScalarOpt_dim and, with a dtype as argument 4, norm.ScalarOpt_dim_dtype. */
static Value norm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    double p = call_is_none(k, 1) ? 2 : value_as_double(call_scalar(k, 1));
    DType d = (DType)self->dtype;
    if (k->op->schema.n > 4) d = call_dtype(k, 4, d);
    Dims dims = {.keepdim = call_bool(k, 3)};
    Reduction r;
    dims.n = call_ints(c, k, 2, dims.at, MAX_DIMS);
    if (dims.n < 0 || !norm_dtype_check(c, d, k->op->schema.n > 4) ||
        !reduction_dims_exist(c, k, 2) ||
        !reduction_plan(c, self, dims.n, dims.at, dims.keepdim, &r))
        return value_null();
    if (k->form == CALL_OUT) d = (DType)k->target[0]->dtype;
    if (!out_prepare(c, k, 0, d, r.shape.ndim, r.shape.dims) ||
        (self->numel && dtype_refused(c, "norm_cpu", DTYPES_INTEGRAL, d)))
        return value_null();
    if (self->numel && call_scalar(k, 1).tag == VAL_BOOL)
        return value_raise(
            c, RuntimeError,
            "norm_kernel_tensor_iterator_impl expects norm to be integer "
            "or float");
    return norm_of(c, k, p, &dims, d);
}

/* Saves self p dim keepdim result. */
static void norm_backward(Ctx *c, Grad *g) {
    Dims dims = {.keepdim = saved_bool(g, 3)};
    Tensor *self = saved_tensor(c, g, 0), *norm = saved_tensor(c, g, 4);
    double p = saved_is_none(g, 1) ? 2 : value_as_double(saved_value(g, 1));
    dims.n = saved_ints(g, 2, dims.at, MAX_DIMS);
    self = t_to_dtype(c, self, (DType)g->grad->dtype);
    grad_set(g, 0, norm_gradient(c, g->grad, self, norm, p, &dims));
}

static const OpDef op_norm_dim = {
    .schema = "norm.ScalarOpt_dim(Tensor self, Scalar? p, int[1] dim, bool "
              "keepdim=False) -> Tensor",
    .doc = "The p-norm over dimensions.",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "self p dim keepdim result",
    .node = "NormBackward1",
    .forward = norm_forward,
    .backward = norm_backward,
};
static const OpDef op_norm_dim_dtype = {
    .schema = "norm.ScalarOpt_dim_dtype(Tensor self, Scalar? p, int[1] dim, bool "
              "keepdim, *, ScalarType dtype) -> Tensor",
    .doc = "The p-norm over dimensions.",
    .forms = OP_FUNCTION | OP_OUT,
    .saves = "self p dim keepdim result",
    .node = "NormBackward3",
    .forward = norm_forward,
    .backward = norm_backward,
};

/* Without dims: of all elements. Saves self p result. */
static void norm_whole_backward(Ctx *c, Grad *g) {
    Dims all = {.keepdim = true};
    Tensor *self = saved_tensor(c, g, 0), *norm = saved_tensor(c, g, 2);
    double p = saved_is_none(g, 1) ? 2 : value_as_double(saved_value(g, 1));
    self = t_to_dtype(c, self, (DType)g->grad->dtype);
    grad_set(g, 0, norm_gradient(c, g->grad, self, norm, p, &all));
}

/* (self, p) and (self, p, dtype), as (self, p, dim, keepdim, dtype). */
static Value norm_whole_forward(Ctx *c, Call *k) {
    bool typed = k->op->schema.n > 2;
    Value args[5] = {k->args[0], k->args[1], arg_ints(c, 0, NULL), value_bool(false)};
    if (typed) args[4] = k->args[2];
    return op_call(c, typed ? &op_norm_dim_dtype : &op_norm_dim, args);
}
static const OpDef op_norm = {
    .schema = "norm.Scalar(Tensor self, Scalar p=2) -> Tensor",
    .doc = "The p-norm of all elements.",
    .forms = OP_FUNCTION,
    .saves = "self p result",
    .forward = norm_whole_forward,
    .backward = norm_whole_backward,
};
static const OpDef op_norm_dtype = {
    .schema = "norm.ScalarOpt_dtype(Tensor self, Scalar? p, *, ScalarType dtype) -> "
              "Tensor",
    .doc = "The p-norm of all elements.",
    .forms = OP_FUNCTION,
    .saves = "self p result",
    .node = "NormBackward2",
    .forward = norm_whole_forward,
    .backward = norm_whole_backward,
};
static const OpDef op_norm_names_dtype = {
    .schema = "norm.names_ScalarOpt_dim_dtype(Tensor self, Scalar? p, Dimname[1] dim, "
              "bool keepdim, *, ScalarType dtype) -> Tensor",
    .forms = OP_FUNCTION | OP_OUT,
};
static const OpDef op_norm_names = {
    .schema = "norm.names_ScalarOpt_dim(Tensor self, Scalar? p, Dimname[1] dim, bool "
              "keepdim=False) -> Tensor",
    .forms = OP_FUNCTION | OP_OUT,
};

Tensor *t_norm(Ctx *c, Tensor *self, Value p, int n, const int64_t *dims,
               bool keepdim) {
    return op_tensor(
        c, &op_norm_dim,
        (Value[]){arg_tensor(self), p, arg_ints(c, n, dims), value_bool(keepdim)});
}

/* ---- the Frobenius norm ---- */

/* The 2-norm over one or all dimensions, or the root of the sum of squares of two. */
static Tensor *frobenius(Ctx *c, Tensor *self, int n, const int64_t *dims,
                         bool keepdim) {
    if (n > 2)
        return error_raise(c, RuntimeError,
                           "Expected at most 2 dimensions, but got %d dimensions "
                           "instead.",
                           n);
    if (n < 2) return t_norm(c, self, value_int(2), n, dims, keepdim);
    int first = shape_wrap_dim(c, dims[0], self->ndim);
    int second = first < 0 ? -1 : shape_wrap_dim(c, dims[1], self->ndim);
    if (second < 0) return NULL;
    if (first == second)
        return error_raise(c, RuntimeError,
                           "Expected dims to be different, got [%" PRId64 ", %" PRId64
                           "] instead",
                           dims[0], dims[1]);
    if (!dtype_is_floating((DType)self->dtype))
        return error_raise(
            c, RuntimeError,
            "result.scalar_type() == toRealValueType(self.scalar_type()) INTERNAL "
            "ASSERT FAILED at \"./aten/src/ATen/native/LinearAlgebra.cpp\":2694, "
            "please "
            "report a bug to PyTorch. ");
    return t_sqrt(c, t_sum_dims(c, t_mul(c, self, self), n, dims, keepdim));
}

static Value frobenius_forward(Ctx *c, Call *k) {
    return op_call(c, &op_norm, (Value[]){k->args[0], value_int(2)});
}
static Value frobenius_dim_forward(Ctx *c, Call *k) {
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0) return value_null();
    return value_obj(frobenius(c, call_tensor(k, 0), n, dims, call_bool(k, 2)));
}
static const OpDef op_frobenius_norm = {
    .schema = "frobenius_norm(Tensor self) -> Tensor",
    .doc = "The root of the sum of squares.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = frobenius_forward,
};
static const OpDef op_frobenius_norm_dim = {
    .schema = "frobenius_norm.dim(Tensor self, int[1] dim, bool keepdim=False) -> "
              "Tensor",
    .doc = "The root of the sum of squares over dimensions.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = frobenius_dim_forward,
};

/* ---- x.norm(), which PyTorch writes in Python ---- */

static int all_dims(const Tensor *self, int64_t *dims) {
    for (int i = 0; i < self->ndim; i++) dims[i] = i;
    return self->ndim;
}

/* norm(self, p='fro' or 'nuc', dim, keepdim, dtype) */
static Value norm_named_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    const char *p = call_string(k, 1);
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 2, dims, MAX_DIMS);
    bool fro = strcmp(p, "fro") == 0, given = !call_is_none(k, 4);
    if (n < 0) return value_null();
    if (!fro && strcmp(p, "nuc") != 0)
        return value_raise(c, RuntimeError,
                           "only valid string values are 'fro' and 'nuc', found %s", p);
    if (given)
        return value_raise(c, ValueError, "dtype argument is not supported in %s norm",
                           fro ? "frobenius" : "nuclear");
    if (!fro && !nuclear_dims_check(c, call_is_none(k, 2), n)) return value_null();
    if (!fro) return value_obj(t_nuclear_norm(c, self, n, dims, call_bool(k, 3)));
    return value_obj(frobenius(c, self, n, dims, call_bool(k, 3)));
}
static const OpDef op_norm_named = {
    .schema = "norm(Tensor self, str p='fro', int[1]? dim=None, bool keepdim=False, *, "
              "ScalarType? dtype=None) -> Tensor",
    .doc = "The Frobenius norm ('fro') or the nuclear norm ('nuc').",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = norm_named_forward,
};

/* norm(self, p, dim, keepdim, dtype) */
static Value norm_number_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    int n =
        call_is_none(k, 2) ? all_dims(self, dims) : call_ints(c, k, 2, dims, MAX_DIMS);
    if (n < 0) return value_null();
    Value args[] = {k->args[0], k->args[1], arg_ints(c, n, dims), k->args[3],
                    k->args[4]};
    return op_call(c, call_is_none(k, 4) ? &op_norm_dim : &op_norm_dim_dtype, args);
}
static const OpDef op_norm_number = {
    .schema = "norm.number(Tensor self, Scalar? p, int[1]? dim=None, bool "
              "keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .doc = "The p-norm over dimensions.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = norm_number_forward,
};

/* ---- linalg.vector_norm ---- */

bool linalg_norm_dtype_check(Ctx *c, const char *name, DType own, Value dtype) {
    if (dtype.tag != VAL_DTYPE) return true;
    DType d = dtype.as.dtype;
    if (!dtype_is_floating(d))
        error_raise(c, RuntimeError,
                    "%s: dtype should be floating point or complex, but got %s", name,
                    dtype_scalar_name(d));
    else if (dtype_promote(own, d) != d)
        error_raise(c, RuntimeError,
                    "%s: the dtype of the input (%s) should be convertible without "
                    "narrowing to the specified dtype (%s)",
                    name, dtype_scalar_name(own), dtype_scalar_name(d));
    return !ctx_failed(c);
}

static Value vector_norm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType own = (DType)self->dtype, d = call_dtype(k, 4, own);
    Dims dims = {.keepdim = call_bool(k, 3)};
    Reduction r;
    double p = value_as_double(call_scalar(k, 1));
    if (!dtype_is_floating(own))
        return value_raise(c, RuntimeError,
                           "linalg.vector_norm: Expected a floating point or complex "
                           "tensor as input. Got %s",
                           dtype_scalar_name(own));
    if (!linalg_norm_dtype_check(c, "linalg.vector_norm", own, k->args[4]))
        return value_null();
    dims.n = call_ints(c, k, 2, dims.at, MAX_DIMS);
    if (dims.n < 0 || !reduction_plan(c, self, dims.n, dims.at, dims.keepdim, &r))
        return value_null();
    if (self->numel == 0 && (p < 0 || isinf(p)) && r.n == 0)
        return value_raise(c, RuntimeError,
                           "linalg.vector_norm cannot compute the %g norm on an empty "
                           "tensor because the operation does not have an identity",
                           p);
    return norm_of(c, k, p, &dims, d);
}

const OpDef op_vector_norm = {
    .schema = "linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool "
              "keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .doc = "The norm of vectors along dimensions.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_OUT_EXACT,
    .saves = "self ord dim keepdim result",
    .forward = vector_norm_forward,
    .backward = norm_backward,
};

/* ---- renorm ---- */

/* All dimensions of self but dim, kept. */
static bool other_dims(Ctx *c, const Tensor *self, int64_t dim, Dims *dims) {
    int own = shape_wrap_dim(c, dim, self->ndim);
    *dims = (Dims){.keepdim = true};
    for (int i = 0; own >= 0 && i < self->ndim; i++)
        if (i != own) dims->at[dims->n++] = i;
    return own >= 0;
}
/* The gradient has it in double, of all but halves. */
static Tensor *norm_of_slices(Ctx *c, Tensor *self, Value p, const Dims *dims,
                              bool of_gradient) {
    bool half = self->dtype == DT_float16 || self->dtype == DT_bfloat16;
    bool wide = self->dtype == DT_float64 || (of_gradient && !half);
    DType d = wide ? DT_float64 : DT_float32;
    return op_tensor(c, &op_vector_norm,
                     (Value[]){arg_tensor(self), p, arg_ints(c, dims->n, dims->at),
                               value_bool(true), value_dtype(d)});
}
static bool check_renorm(Ctx *c, const Tensor *self, double p, double limit) {
    if (!(p > 0))
        error_raise(c, RuntimeError, "renorm: non-positive-norm not supported");
    else if (!(limit >= 0))
        error_raise(c, RuntimeError, "renorm: expected maxnorm to be >= 0 but got %g",
                    limit);
    else if (self->ndim < 2)
        error_raise(c, RuntimeError,
                    "renorm: input needs at least 2 dimensions, got %d dimensions",
                    self->ndim);
    return !ctx_failed(c);
}
/* Slices whose norm is above maxnorm, times maxnorm / (norm + 1e-7). */
static Value renorm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    double limit = value_as_double(call_scalar(k, 3));
    Dims dims;
    if (!check_renorm(c, self, value_as_double(call_scalar(k, 1)), limit) ||
        !other_dims(c, self, call_int(k, 2), &dims))
        return value_null();
    Tensor *norm = norm_of_slices(c, self, call_scalar(k, 1), &dims, false);
    Tensor *factor = t_add_scalar(c, norm, value_float(1e-7));
    factor = t_scalar_div(c, value_float(limit), factor);
    Tensor *high = t_gt_scalar(c, norm, value_float(limit));
    factor = t_where(c, high, factor, t_ones_like(c, factor));
    factor = t_to_dtype(c, factor, (DType)self->dtype);
    return call_give(c, k, t_mul(c, self, factor));
}
static void renorm_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *grad = g->grad;
    Value limit = saved_value(g, 3);
    Dims dims;
    if (!self || !other_dims(c, self, saved_int(g, 2), &dims)) return;
    Tensor *norm = norm_of_slices(c, self, saved_value(g, 1), &dims, true);
    Tensor *along = t_mul(c, self, grad);
    along = t_sum_dims(c, t_to_dtype(c, along, norm ? (DType)norm->dtype : DT_float64),
                       dims.n, dims.at, true);
    Tensor *slope =
        norm_gradient(c, along, self, norm, value_as_double(saved_value(g, 1)), &dims);
    Tensor *inverse = t_reciprocal(c, t_add_scalar(c, norm, value_float(1e-7)));
    Tensor *t = t_sub(c, grad, t_mul(c, inverse, slope));
    t = t_mul(c, t_mul_scalar(c, inverse, limit), t);
    t = t_to_dtype(c, t, (DType)grad->dtype);
    grad_set(g, 0, t_where(c, t_gt_scalar(c, norm, limit), t, grad));
}
static const OpDef op_renorm = {
    .schema = "renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor",
    .doc = "self with its slices along dim scaled down to a p-norm of maxnorm.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "self p dim maxnorm",
    .forward = renorm_forward,
    .backward = renorm_backward,
};

/* ---- dist ---- */

/* The p-norm of self - other. */
static Value dist_forward(Ctx *c, Call *k) {
    Tensor *difference = t_sub(c, call_tensor(k, 0), call_tensor(k, 1));
    return value_obj(t_norm(c, difference, call_scalar(k, 2), 0, NULL, false));
}

static void dist_backward(Ctx *c, Grad *g) {
    Dims all = {.keepdim = true};
    Tensor *self = saved_tensor(c, g, 0), *other = saved_tensor(c, g, 1);
    Tensor *norm = saved_tensor(c, g, 3);
    double p = value_as_double(saved_value(g, 2));
    for (size_t i = 0; i < 2; i++) {
        if (!grad_wanted(g, i)) continue;
        Tensor *difference = t_sub(c, self, other);
        Tensor *t = norm_gradient(c, g->grad, difference, norm, p, &all);
        if (!t && i > 0 && !ctx_failed(c))
            error_raise(c, RuntimeError,
                        "Expected a proper Tensor but got None (or an undefined Tensor "
                        "in C++) for argument #0 'self'");
        if (t) grad_set(g, i, i == 0 ? t : t_neg(c, t));
    }
}

static const OpDef op_dist = {
    .schema = "dist(Tensor self, Tensor other, Scalar p=2) -> Tensor",
    .doc = "The p-norm of self - other.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self other p result",
    .forward = dist_forward,
    .backward = dist_backward,
};

const OpDef *const vector_norm_ops[] = {
    &op_norm,
    &op_norm_dtype,
    &op_norm_dim_dtype,
    &op_norm_dim,
    &op_norm_names_dtype,
    &op_norm_names,
    &op_norm_named,
    &op_norm_number,
    &op_frobenius_norm,
    &op_frobenius_norm_dim,
    &op_vector_norm,
    &op_dist,
    &op_renorm,
    NULL,
};
