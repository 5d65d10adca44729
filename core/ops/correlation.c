/* cov, corrcoef; Vandermonde matrices.  Composed as PyTorch composes them, for the
 * graph shows it.  Sources: Correlation.cpp, TensorFactories.cpp, LinearAlgebra.cpp. */
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>

/* ---- cov ---- */

static bool any_negative(Ctx *c, Tensor *t) {
    Tensor *least = t_amin(c, t_detach(c, t), 0, NULL, false);
    if (!least) return true;
    Value v = tensor_item(c, least);
    return v.tag == VAL_FLOAT ? !(v.as.f >= 0) : v.as.i < 0;
}

/* fweights (whole numbers) or aweights (floats) of n observations. */
static bool weights_check(Ctx *c, Tensor *w, const char *name, bool whole, int64_t n) {
    if (!w) return true;
    DType d = (DType)w->dtype;
    if (w->ndim > 1) {
        error_raise(
            c, RuntimeError,
            "cov(): expected %s to have one or fewer dimensions but got %s with "
            "%d dimensions",
            name, name, w->ndim);
    } else if (whole ? !dtype_is_integral(d, false) : !dtype_is_floating(d)) {
        error_raise(c, RuntimeError,
                    "cov(): expected %s to have %s dtype but got %s with %s dtype",
                    name, whole ? "integral" : "floating point", name,
                    dtype_scalar_name(d));
    } else if (w->numel != n) {
        error_raise(
            c, RuntimeError,
            "cov(): expected %s to have the same numel as there are observations "
            "in the input but got %" PRId64 " != %" PRId64,
            name, w->numel, n);
    } else if (n > 0 && any_negative(c, w)) {
        error_raise(c, RuntimeError, "cov(): %s cannot be negative", name);
    }
    return !ctx_failed(c);
}

/* Whether the 0-d tensor compares to 0 so; what backward needs not know. */
static bool at_most_zero(Ctx *c, Tensor *t) {
    Tensor *r = t ? t_le_scalar(c, t, value_int(0)) : NULL;
    return r && tensor_item(c, r).as.b;
}
static bool equals_zero(Ctx *c, Tensor *t) {
    Tensor *r = t ? t_eq_scalar(c, t, value_int(0)) : NULL;
    return r && tensor_item(c, r).as.b;
}

/* What the sum of products is divided by: the weights' sum less the correction. */
static Tensor *cov_divisor(Ctx *c, Tensor *sum, Tensor *w, Tensor *aweights,
                           int64_t correction) {
    Value n = value_int(correction);
    if (!w || !aweights || correction == 0) return t_sub_scalar(c, sum, n);
    Tensor *t = t_mul_scalar(c, t_sum(c, t_mul(c, w, aweights)), n);
    return t_sub(c, sum, t_div(c, t, sum));
}

/* self [variables, observations] -> [variables, variables]. */
static Tensor *covariance(Ctx *c, Tensor *x, Tensor *w, Tensor *aweights,
                          int64_t correction) {
    int64_t observations = 1;
    Tensor *sum = w ? t_sum(c, w) : tensor_scalar(c, DT_int64, value_int(x->sizes[1]));
    if (w && equals_zero(c, sum))
        return error_raise(c, RuntimeError,
                           "cov(): weights sum to zero, can't be normalized");
    Tensor *total = t_sum_dims(c, w ? t_mul(c, x, w) : x, 1, &observations, false);
    Tensor *mean = t_div(c, total, sum);
    Tensor *divisor = cov_divisor(c, sum, w, aweights, correction);
    if (at_most_zero(c, divisor)) {
        warn(c, UserWarning, "cov(): degrees of freedom is <= 0");
        t_zero_(c, divisor);
    }
    x = t_sub(c, x, t_unsqueeze(c, mean, 1));
    Tensor *products = t_mm(c, x, t_t(c, w ? t_mul(c, x, w) : x));
    return t_squeeze_all(c, t_div(c, products, divisor));
}

static Value cov_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *f = call_tensor(k, 2), *a = call_tensor(k, 3);
    if (x->ndim > 2)
        return value_raise(c, RuntimeError,
                           "cov(): expected input to have two or fewer dimensions but "
                           "got an input with %d dimensions",
                           x->ndim);
    if (x->dtype == DT_bool)
        return value_raise(c, RuntimeError,
                           "cov(): bool dtype is not supported for input");
    int64_t row[2] = {1, x->numel};
    if (x->ndim < 2) x = t_view(c, x, 2, row);
    if (!x || !weights_check(c, f, "fweights", true, x->sizes[1]) ||
        !weights_check(c, a, "aweights", false, x->sizes[1]))
        return value_null();
    Tensor *w = f && a ? t_mul(c, f, a) : f ? f : a;
    return value_obj(ctx_failed(c) ? NULL : covariance(c, x, w, a, call_int(k, 1)));
}
static const OpDef op_cov = {
    .schema = "cov(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? "
              "aweights=None) -> Tensor",
    .doc = "The covariances of variables, each a row of observations.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = cov_forward,
};

/* ---- corrcoef ---- */

static Value corrcoef_forward(Ctx *c, Call *k) {
    static const int64_t column[2] = {-1, 1}, row[2] = {1, -1};
    Tensor *self = call_tensor(k, 0);
    if (self->ndim > 2)
        return value_raise(c, RuntimeError,
                           "corrcoef(): expected input to have two or fewer dimensions "
                           "but got an input with %d dimensions",
                           self->ndim);
    Value args[] = {k->args[0], value_int(1), value_none(), value_none()};
    Tensor *t = op_tensor(c, &op_cov, args);
    if (!t) return value_null();
    if (t->ndim == 0) return value_obj(t_div(c, t, t));
    Tensor *deviation = t_sqrt(c, t_diagonal(c, t, 0, 0, 1));
    t = t_div(c, t, t_view(c, deviation, 2, column));
    t = t_div(c, t, t_view(c, deviation, 2, row));
    return value_obj(t_clamp(c, t, value_int(-1), value_int(1)));
}
static const OpDef op_corrcoef = {
    .schema = "corrcoef(Tensor self) -> Tensor",
    .doc = "The correlations of variables, each a row of observations.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = corrcoef_forward,
};

/* ---- Vandermonde matrices ---- */

/* x [n] -> [n, N]: its powers, the highest first. */
static Value vander_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0);
    if (x->ndim != 1)
        return value_raise(c, RuntimeError, "x must be a one-dimensional tensor.");
    int64_t n = call_is_none(k, 1) ? x->numel : call_int(k, 1), one = 1;
    if (n < 0) return value_raise(c, RuntimeError, "N must be non-negative.");
    int64_t sizes[2] = {x->numel, n};
    Tensor *r = t_zeros(c, 2, sizes, dtype_promote((DType)x->dtype, DT_int64));
    if (r && n > 0)
        t_fill_(c, t_select(c, r, 1, 0), t_ones(c, 0, NULL, (DType)r->dtype));
    if (r && n > 1) {
        t_copy_(c, t_slice(c, r, 1, 1, INT64_MAX, 1), t_unsqueeze(c, x, 1));
        Tensor *powers = t_cumprod(c, t_slice(c, r, 1, 1, INT64_MAX, 1), 1);
        t_copy_(c, t_slice(c, r, 1, 1, INT64_MAX, 1), powers);
    }
    return value_obj(call_bool(k, 2) ? r : t_flip(c, r, 1, &one));
}
static const OpDef op_vander = {
    .schema = "vander(Tensor x, int? N=None, bool increasing=False) -> Tensor",
    .doc = "The powers of the elements of a vector, one row for each.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = vander_forward,
    .example = "torch.vander(v)",
};

/* x [..., n] -> [..., n, N]: its powers from 0 on. */
static Value linalg_vander_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *parts[2];
    DType d = (DType)x->dtype;
    if (d == DT_bool || d == DT_float16 || d == DT_bfloat16)
        return value_raise(
            c, RuntimeError,
            "linalg.vander supports floating point, complex, and integer "
            "tensors, but got %s",
            dtype_scalar_name(d));
    if (x->ndim == 0) x = t_unsqueeze(c, x, -1);
    if (!x) return value_null();
    Shape s = tensor_shape(x);
    int64_t n = call_is_none(k, 1) ? s.dims[s.ndim - 1] : call_int(k, 1);
    if (n <= 1) return value_raise(c, RuntimeError, "N must be greater than 1.");
    s.dims[s.ndim++] = n - 1;
    x = t_expand(c, t_unsqueeze(c, x, -1), s.ndim, s.dims);
    parts[1] = t_cumprod(c, x, -1);
    s.dims[s.ndim - 1] = 1;
    parts[0] = parts[1] ? t_ones(c, s.ndim, s.dims, (DType)parts[1]->dtype) : NULL;
    return value_obj(t_cat_pair(c, parts[0], parts[1], -1));
}
static const OpDef op_linalg_vander = {
    .schema = "linalg_vander(Tensor x, *, int? N=None) -> Tensor",
    .doc = "The powers of the elements of vectors, from 0 on, one row for each.",
    .forms = OP_LINALG,
    .traits = OP_COMPOSITE,
    .forward = linalg_vander_forward,
    .example = "torch.linalg.vander(v)",
};

const OpDef *const correlation_ops[] = {
    &op_cov, &op_corrcoef, &op_vander, &op_linalg_vander, NULL,
};
