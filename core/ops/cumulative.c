/* Running sums and products.  Sources: ReduceOps.cpp, FunctionsManual.cpp. */
#include "ops.h"

#include "core/kernel/reduce.h"
#include "core/pointwise.h"
#include "core/reduction.h"

#include <float.h>
#include <math.h>

typedef void (*ScanKernel)(DType d, const void *x, int64_t rows, int64_t n, void *out);

/* out[..., i, ...] from elements 0 ... i along dim. self [...] -> [...]; integers give
 * int64 unless a dtype is asked for. */
static Value scan(Ctx *c, Call *k, const char *name, ScanKernel f) {
    Tensor *self = call_tensor(k, 0);
    DType own = (DType)self->dtype;
    DType fallback = dtype_is_integral(own, true) ? DT_int64 : own;
    if (k->form != CALL_NEW) fallback = (DType)k->target[0]->dtype;
    DType dtype = call_dtype(k, 2, fallback);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !out_dtype_check(c, k, 0, dtype)) return value_null();
    if (k->form == CALL_INPLACE && dtype != own)
        return value_raise(c, RuntimeError,
                           "Bad in-place call: input tensor dtype %s and output tensor "
                           "dtype %s should match",
                           dtype_type_name(own), dtype_type_name(dtype));
    DType d = sum_dtype(dtype);
    Tensor *r = call_result(c, k, 0, dtype, self->ndim, self->sizes);
    if (self->numel && self->ndim &&
        dtype_refused(c, name, DTYPES_HALF | DTYPES_BOOL, dtype))
        return value_null();
    Tensor *from = r ? tensor_dim_last(c, self, dim) : NULL;
    Tensor *rows = from ? tensor_make(c, d, from->ndim, from->sizes) : NULL;
    Tensor *out = rows ? tensor_make(c, d, from->ndim, from->sizes) : NULL;
    if (!out) return value_null();
    tensor_copy(rows, from);
    int64_t n = self->ndim ? self->sizes[dim] : 1;
    if (self->numel) f(d, tensor_data(rows), self->numel / n, n, tensor_data(out));
    /* -0.0 stays where there is nothing to add. */
    tensor_copy(tensor_dim_last(c, r, dim), self->ndim ? out : rows);
    return value_obj(r);
}

/* ---- cumsum ---- */

static Value cumsum_forward(Ctx *c, Call *k) {
    return scan(c, k, "cumsum_out_cpu", kernel_cumsum);
}
static void cumsum_backward(Ctx *c, Grad *g) {
    int64_t dim = saved_int(g, 0);
    if (g->grad->numel <= 1 ||
        g->grad->sizes[dim < 0 ? dim + g->grad->ndim : dim] == 1) {
        grad_set(g, 0, g->grad);
        return;
    }
    Tensor *t = t_flip(c, g->grad, 1, &dim);
    grad_set(g, 0, t_flip(c, t_cumsum(c, t, dim), 1, &dim));
}
static const OpDef op_cumsum = {
    .schema = "cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
    .doc = "Running sums along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_ASSERTS_FLOATING,
    .saves = "dim",
    .forward = cumsum_forward,
    .backward = cumsum_backward,
};
static const OpDef op_cumsum_name = {
    .schema = "cumsum.dimname(Tensor self, Dimname dim, *, ScalarType? dtype=None) -> "
              "Tensor",
    .forms = OP_USUAL_INPLACE,
};
Tensor *t_cumsum(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_cumsum,
                     (Value[]){arg_tensor(self), value_int(dim), value_none()});
}

/* ---- cumprod ---- */

static Value cumprod_forward(Ctx *c, Call *k) {
    return scan(c, k, "cumprod_out_cpu", kernel_cumprod);
}

static Tensor *reversed_cumsum(Ctx *c, Tensor *t, int64_t dim) {
    return t_flip(c, t_cumsum(c, t_flip(c, t, 1, &dim), dim), 1, &dim);
}

static Tensor *part_of(Ctx *c, Tensor *t, int64_t dim, int64_t from, int64_t to) {
    return t_slice(c, t, dim, from, to, 1);
}

/* The products of x_j, j <= k, j != i, for k from i on. */
static Tensor *products_without(Ctx *c, Tensor *x, int64_t dim, int64_t i) {
    int64_t n = x->sizes[dim], sizes[MAX_DIMS];
    if (i == 0) {
        for (int d = 0; d < x->ndim; d++) sizes[d] = d == dim ? 1 : x->sizes[d];
        Tensor *one = t_ones(c, x->ndim, sizes, (DType)x->dtype);
        return t_cat_pair(c, one, t_cumprod(c, part_of(c, x, dim, 1, n), dim), dim);
    }
    Tensor *before = t_unsqueeze(c, t_prod_dim(c, part_of(c, x, dim, 0, i), dim), dim);
    if (i == n - 1) return before;
    Tensor *after = t_cumprod(c, part_of(c, x, dim, i + 1, n), dim);
    return t_cat_pair(c, before, t_mul(c, before, after), dim);
}

/* Where x holds zeros the quotient formula breaks down: each element of the gradient is
 * the sum of grad times the products without that element of x. */
static Tensor *cumprod_gradient(Ctx *c, Tensor *grad, Tensor *x, int64_t dim) {
    int64_t n = x->sizes[dim];
    Tensor *t = t_zeros_like(c, x);
    for (int64_t i = 0; t && !ctx_failed(c) && i < n; i++) {
        Tensor *product =
            t_mul(c, part_of(c, grad, dim, i, n), products_without(c, x, dim, i));
        t_copy_(c, t_select(c, t, dim, i), t_sum_dims(c, product, 1, &dim, false));
    }
    return t;
}

static Tensor *equals(Ctx *c, Tensor *t, int64_t n) {
    return t_eq(c, t, tensor_wrap_number(c, value_int(n)));
}

/* t where the mask holds, `rest` elsewhere. */
static Tensor *only(Ctx *c, Tensor *t, Tensor *mask, double rest) {
    return t_masked_fill_scalar(c, t, t_logical_not(c, mask), value_float(rest));
}

/* The same in time proportional to the elements, where no second derivative is wanted:
 * the quotient formula before the first zero of a row; for that zero itself the product
 * of all before it times the sum over the products up to the next zero; 0 beyond. */
static Tensor *cumprod_gradient_linear(Ctx *c, Tensor *grad, Tensor *x, Tensor *result,
                                       int64_t dim) {
    int64_t n = x->sizes[dim];
    Tensor *is_zero = equals(c, x, 0);
    Tensor *zeros = is_zero ? t_cumsum(c, is_zero, dim) : NULL;
    if (!zeros) return NULL;
    Tensor *before = equals(c, zeros, 0), *from_first = equals(c, zeros, 1);
    Tensor *first = t_logical_and(c, from_first, is_zero);
    Tensor *between = t_logical_and(c, from_first, t_logical_not(c, is_zero));
    Tensor *w = only(c, t_mul(c, result, grad), before, 0);
    Tensor *t = only(c, t_div(c, reversed_cumsum(c, w, dim), x), before, 0);
    Tensor *sums = t_mul(c, t_cumprod(c, only(c, x, between, 1), dim),
                         only(c, grad, from_first, 0));
    sums = t_sum_dims(c, sums, 1, &dim, true);
    Tensor *reached = t_cumprod(c, only(c, x, before, 1), dim);
    sums = t_mul(c, sums, part_of(c, reached, dim, n - 1, n));
    return t_where(c, first, sums, t);
}

static void cumprod_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 2), *grad = g->grad;
    int64_t dim = saved_int(g, 1);
    if (!x || !result) return;
    if (x->ndim == 0 || x->numel == 0) {
        grad_set(g, 0, grad);
        return;
    }
    if (dim < 0) dim += x->ndim;
    if (x->sizes[dim] == 1) {
        grad_set(g, 0, grad);
        return;
    }
    Value zeros = value_int(0);
    bool was = c->grad_enabled;
    c->grad_enabled = false;
    Tensor *count = t_sum(c, t_eq(c, x, tensor_wrap_number(c, value_int(0))));
    if (count) zeros = tensor_item(c, count);
    c->grad_enabled = was;
    if (zeros.as.i == 0) {
        Tensor *t = reversed_cumsum(c, t_mul(c, result, grad), dim);
        grad_set(g, 0, t_div(c, t, x));
        return;
    }
    grad_set(g, 0,
             c->grad_enabled ? cumprod_gradient(c, grad, x, dim)
                             : cumprod_gradient_linear(c, grad, x, result, dim));
}
static const OpDef op_cumprod = {
    .schema = "cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
    .doc = "Running products along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_ASSERTS_FLOATING,
    .saves = "self dim result",
    .forward = cumprod_forward,
    .backward = cumprod_backward,
};
static const OpDef op_cumprod_name = {
    .schema = "cumprod.dimname(Tensor self, Dimname dim, *, ScalarType? dtype=None) -> "
              "Tensor",
    .forms = OP_USUAL_INPLACE,
};
Tensor *t_cumprod(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_cumprod,
                     (Value[]){arg_tensor(self), value_int(dim), value_none()});
}

/* ---- cummax, cummin ---- */

typedef void (*RunningKernel)(DType d, const void *x, int64_t rows, int64_t n,
                              void *out, int64_t *index);

static bool dtype_of_out(Ctx *c, const Call *k, int nr, DType d) {
    if (k->form != CALL_OUT || (DType)k->target[nr]->dtype == d) return true;
    error_raise(c, RuntimeError, "expected scalar_type %s but found %s",
                dtype_scalar_name(d), dtype_scalar_name((DType)k->target[nr]->dtype));
    return false;
}

/* The extreme of elements 0 ... i along dim and where it last occurred. */
static Value running(Ctx *c, Call *k, const TupleKind *kind, const char *name,
                     RunningKernel f) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    if (!dtype_of_out(c, k, 0, d) || !dtype_of_out(c, k, 1, DT_int64))
        return value_null();
    bool whole = self->ndim == 0 || self->numel == 0; /* dim is not looked at */
    int dim = whole ? 0 : shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0) return value_null();
    Tensor *values = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *at =
        values ? call_result(c, k, 1, DT_int64, self->ndim, self->sizes) : NULL;
    if (self->numel && self->ndim && dtype_refused(c, name, DTYPES_HALF, d))
        return value_null();
    Tensor *from = at ? tensor_dim_last(c, self, dim) : NULL;
    Tensor *rows = from ? t_contiguous(c, from) : NULL;
    Tensor *out = rows ? tensor_make(c, d, rows->ndim, rows->sizes) : NULL;
    Tensor *index = out ? tensor_make(c, DT_int64, rows->ndim, rows->sizes) : NULL;
    if (!index) return value_null();
    int64_t n = self->ndim ? self->sizes[dim] : 1;
    if (self->numel)
        f(d, tensor_data(rows), self->numel / n, n, tensor_data(out),
          tensor_data(index));
    tensor_copy(tensor_dim_last(c, values, dim), out);
    tensor_copy(tensor_dim_last(c, at, dim), index);
    return return_tuple(c, kind, 2, (Tensor *[]){values, at});
}

/* Each gradient is added where its value came from. Saves: self dim indices. */
static void running_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *index = saved_tensor(c, g, 2);
    if (!self || !index) return;
    if (self->numel == 0) { /* PyTorch hands the input back */
        grad_set(g, 0, self);
        return;
    }
    Tensor *zeros = t_zeros_like(c, self);
    grad_set(g, 0, t_scatter_add(c, zeros, saved_int(g, 1), index, g->grad));
}

static const char *const value_fields[] = {"values", "indices", NULL};
RETURN_KIND(cummax, value_fields)
RETURN_KIND(cummin, value_fields)

static Value cummax_forward(Ctx *c, Call *k) {
    return running(c, k, &cummax_kind, "cummax_cpu", kernel_cummax);
}
static const OpDef op_cummax = {
    .schema = "cummax(Tensor self, int dim) -> (Tensor values, Tensor indices)",
    .doc = "Running maxima along a dimension and where they last occurred.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self dim result1",
    .forward = cummax_forward,
    .backward = running_backward,
};
static const OpDef op_cummax_name = {
    .schema = "cummax.dimname(Tensor self, Dimname dim) -> (Tensor values, Tensor "
              "indices)",
    .forms = OP_USUAL,
};

static Value cummin_forward(Ctx *c, Call *k) {
    return running(c, k, &cummin_kind, "cummin_cpu", kernel_cummin);
}
static const OpDef op_cummin = {
    .schema = "cummin(Tensor self, int dim) -> (Tensor values, Tensor indices)",
    .doc = "Running minima along a dimension and where they last occurred.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self dim result1",
    .forward = cummin_forward,
    .backward = running_backward,
};
static const OpDef op_cummin_name = {
    .schema = "cummin.dimname(Tensor self, Dimname dim) -> (Tensor values, Tensor "
              "indices)",
    .forms = OP_USUAL,
};

/* ---- logcumsumexp ---- */

/* log(e^a + e^b) without overflow; nan stays. */
static double log_add_exp(const VecMath *m, double a, double b) {
    if (isnan(a) || isnan(b)) return NAN;
    double low = a < b ? a : b, high = a < b ? b : a;
    if (low == high && isinf(low)) return low;
    return high + m->log1p.one(m->exp.one(low - high));
}

/* log of the running sum of exponentials. self [...] -> [...], floats only. */
static Value logcumsumexp_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    const VecMath *m = math_of(c);
    DType d = (DType)self->dtype;
    if (!dtype_of_out(c, k, 0, d)) return value_null();
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !m ||
        dtype_refused(c, "logcumsumexp_out_cpu", DTYPES_HALF | DTYPES_INTEGRAL, d))
        return value_null();
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    if (!r) return value_null();
    Tensor *from = tensor_dim_last(c, self, dim);
    Tensor *rows = from ? tensor_make(c, DT_float64, from->ndim, from->sizes) : NULL;
    if (!rows) return value_null();
    tensor_copy(rows, from);
    int64_t n = self->ndim ? self->sizes[dim] : 1;
    double *x = tensor_data(rows);
    for (int64_t i = 0; i < rows->numel; i++)
        if (i % n) x[i] = log_add_exp(m, x[i - 1], x[i]);
    tensor_copy(tensor_dim_last(c, r, dim), rows);
    return value_obj(r);
}

static Tensor *t_logcumsumexp(Ctx *c, Tensor *self, int64_t dim);

static Tensor *reversed_logcumsumexp(Ctx *c, Tensor *t, int64_t dim) {
    t = t_logcumsumexp(c, t_flip(c, t, 1, &dim), dim);
    return t_flip(c, t, 1, &dim);
}

/* The part of the gradient that comes from grads of one sign, in logarithms. */
static Tensor *signed_part(Ctx *c, Tensor *logs, Tensor *self, Tensor *result,
                           int64_t dim) {
    Tensor *t = reversed_logcumsumexp(c, t_sub(c, logs, result), dim);
    return t_exp(c, t_add(c, t, self));
}

static void logcumsumexp_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 2);
    Tensor *grad = g->grad;
    int64_t dim = saved_int(g, 1);
    if (grad->ndim == 0 || grad->numel == 0) {
        grad_set(g, 0, grad);
        return;
    }
    DType d = (DType)grad->dtype;
    double lowest = d == DT_float64    ? -DBL_MAX
                    : d == DT_bfloat16 ? -0x1.FEp127
                                       : -(double)FLT_MAX;
    Tensor *least = tensor_scalar(c, d, value_float(lowest));
    Value zero = value_int(0);
    Tensor *positive = t_where(c, t_gt_scalar(c, grad, zero), t_log(c, grad), least);
    Tensor *negative =
        t_where(c, t_lt_scalar(c, grad, zero), t_log(c, t_neg(c, grad)), least);
    positive = signed_part(c, positive, self, result, dim);
    negative = signed_part(c, negative, self, result, dim);
    grad_set(g, 0, t_sub(c, positive, negative));
}

static const OpDef op_logcumsumexp = {
    .schema = "logcumsumexp(Tensor self, int dim) -> Tensor",
    .doc = "The logarithm of running sums of exponentials.",
    .forms = OP_USUAL,
    .saves = "self dim result",
    .forward = logcumsumexp_forward,
    .backward = logcumsumexp_backward,
};
static const OpDef op_logcumsumexp_name = {
    .schema = "logcumsumexp.dimname(Tensor self, Dimname dim) -> Tensor",
    .forms = OP_USUAL,
};

static Tensor *t_logcumsumexp(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_logcumsumexp, (Value[]){arg_tensor(self), value_int(dim)});
}

const OpDef *const cumulative_ops[] = {
    &op_cumsum,       &op_cumsum_name,       &op_cumprod, &op_cumprod_name,
    &op_cummax,       &op_cummax_name,       &op_cummin,  &op_cummin_name,
    &op_logcumsumexp, &op_logcumsumexp_name, NULL,
};
