/* The largest and the smallest: max, min, amax, amin, argmax, argmin.
 * Sources: ReduceOps.cpp, TensorCompare.cpp, FunctionsManual.cpp. */
#include "ops.h"

#include "core/kernel/reduce.h"
#include "core/reduction.h"

#include <inttypes.h>
#include <math.h>

/* ---- max and min of everything ---- */

typedef void (*ExtremeKernel)(DType d, const void *x, int64_t rows, int64_t n,
                              void *out, int64_t *index);

static bool has_elements(Ctx *c, const Call *k, const Reduction *r, const char *name,
                         ErrorKind kind, const char *tail) {
    if (r->n > 0 || (r->rows == 0 && call_tensor(k, 0)->numel == 0 && r->n != 0))
        return true;
    error_raise(
        c, kind,
        "%s(): Expected reduction dim to be specified for input.numel() == 0.%s", name,
        tail);
    return false;
}
#define SPECIFY " Specify the reduction dim with the 'dim' argument."

static Value extreme(Ctx *c, Call *k, const char *name, ExtremeKernel f) {
    Tensor *self = call_tensor(k, 0);
    Reduction r;
    if (!reduction_plan(c, self, 0, NULL, false, &r) ||
        !has_elements(c, k, &r, name, RuntimeError, SPECIFY))
        return value_null();
    Tensor *rows = reduction_rows(c, self, &r, (DType)self->dtype);
    Tensor *out = rows ? call_result(c, k, 0, (DType)self->dtype, 0, NULL) : NULL;
    if (out) f((DType)self->dtype, tensor_data(rows), 1, r.n, tensor_data(out), NULL);
    return value_obj(out);
}

/* The gradient goes in equal parts to all elements that are the extreme. */
void extreme_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *value = saved_tensor(c, g, 1);
    if (!x || !value) return;
    Value v = tensor_item(c, value);
    bool is_nan = v.tag == VAL_FLOAT && isnan(v.as.f);
    Tensor *mask = is_nan ? t_isnan(c, x) : t_eq(c, x, value);
    Tensor *zeros = t_zeros(c, x->ndim, x->sizes, (DType)g->grad->dtype);
    grad_set(g, 0, t_masked_fill_(c, zeros, mask, t_div(c, g->grad, t_sum(c, mask))));
}

static Value max_forward(Ctx *c, Call *k) {
    return extreme(c, k, "max", kernel_max);
}
static const OpDef op_max = {
    .schema = "max(Tensor self) -> Tensor",
    .doc = "The largest element; nan wins.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self result",
    .node = "MaxBackward1",
    .forward = max_forward,
    .backward = extreme_backward,
};
static Value min_forward(Ctx *c, Call *k) {
    return extreme(c, k, "min", kernel_min);
}
static const OpDef op_min = {
    .schema = "min(Tensor self) -> Tensor",
    .doc = "The smallest element; nan wins.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self result",
    .node = "MinBackward1",
    .forward = min_forward,
    .backward = extreme_backward,
};

/* max(x, y) is another name of maximum. */
static Value max_other_forward(Ctx *c, Call *k) {
    return call_as(c, k, &op_maximum);
}
static const OpDef op_max_other = {
    .schema = "max.other(Tensor self, Tensor other) -> Tensor",
    .doc = "Another name of maximum.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = max_other_forward,
};
static Value min_other_forward(Ctx *c, Call *k) {
    return call_as(c, k, &op_minimum);
}
static const OpDef op_min_other = {
    .schema = "min.other(Tensor self, Tensor other) -> Tensor",
    .doc = "Another name of minimum.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = min_other_forward,
};

/* ---- max and min of a dimension, with indices ---- */

static const char *const value_fields[] = {"values", "indices", NULL};
RETURN_KIND(max, value_fields)
RETURN_KIND(min, value_fields)

/* The message has the dimension as it was given. */
static bool has_size(Ctx *c, const char *name, const Tensor *self, int dim,
                     int64_t given) {
    if (self->ndim == 0 || self->sizes[dim] > 0) return true;
    error_raise(c, IndexError,
                "%s(): Expected reduction dim %" PRId64 " to have non-zero size.", name,
                given);
    return false;
}
bool nonzero_dim(Ctx *c, const char *name, const Tensor *self, int dim) {
    return has_size(c, name, self, dim, dim);
}

static Value extreme_dim(Ctx *c, Call *k, const TupleKind *kind, const char *name,
                         ExtremeKernel f) {
    Tensor *self = call_tensor(k, 0);
    Reduction r;
    if (!reduction_from_call(c, k, 1, call_bool(k, 2), &r)) return value_null();
    if (!nonzero_dim(c, name, self, shape_wrap_dim(c, call_int(k, 1), self->ndim)))
        return value_null();
    DType d = (DType)self->dtype;
    Tensor *rows = reduction_rows(c, self, &r, d);
    Tensor *values = rows ? call_result(c, k, 0, d, r.shape.ndim, r.shape.dims) : NULL;
    Tensor *at =
        values ? call_result(c, k, 1, DT_int64, r.shape.ndim, r.shape.dims) : NULL;
    if (!at) return value_null();
    f(d, tensor_data(rows), r.rows, r.n, tensor_data(values), tensor_data(at));
    return return_tuple(c, kind, 2, (Tensor *[]){values, at});
}

/* The gradient goes to the element that was chosen. Saves: sizes dim keepdim indices.
 */
void chosen_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS], dim = saved_int(g, 1);
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *grad = g->grad, *index = saved_tensor(c, g, 3);
    if (!grad || !index) return;
    if (!saved_bool(g, 2) && n > 0) {
        grad = t_unsqueeze(c, grad, dim);
        index = t_unsqueeze(c, index, dim);
    }
    Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
    grad_set(g, 0, t_scatter_(c, zeros, dim, index, grad));
}

static Value max_dim_forward(Ctx *c, Call *k) {
    return extreme_dim(c, k, &max_kind, "max", kernel_max);
}
static const OpDef op_max_dim = {
    .schema = "max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, "
              "Tensor indices)",
    .doc = "The largest elements of a dimension and where they are first.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "self.sizes dim keepdim result1",
    .node = "MaxBackward0",
    .forward = max_dim_forward,
    .backward = chosen_backward,
};
static const OpDef op_max_names = NAMES_ROW(
    OP_USUAL, "max.names_dim(Tensor self, Dimname dim, bool keepdim=False) -> (Tensor "
              "values, Tensor indices)");
static Value min_dim_forward(Ctx *c, Call *k) {
    return extreme_dim(c, k, &min_kind, "min", kernel_min);
}
static const OpDef op_min_dim = {
    .schema = "min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, "
              "Tensor indices)",
    .doc = "The smallest elements of a dimension and where they are first.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "self.sizes dim keepdim result1",
    .node = "MinBackward0",
    .forward = min_dim_forward,
    .backward = chosen_backward,
};
static const OpDef op_min_names = NAMES_ROW(
    OP_USUAL, "min.names_dim(Tensor self, Dimname dim, bool keepdim=False) -> (Tensor "
              "values, Tensor indices)");

/* ---- amax, amin ---- */

static bool same_dtype_out(Ctx *c, const Call *k, const Tensor *self) {
    if (k->form != CALL_OUT || k->target[0]->dtype == self->dtype) return true;
    error_raise(c, RuntimeError,
                "Expected the dtype for input and out to match, but got %s for input's "
                "dtype and %s for out's dtype.",
                dtype_scalar_name((DType)self->dtype),
                dtype_scalar_name((DType)k->target[0]->dtype));
    return false;
}

static Value extreme_dims(Ctx *c, Call *k, const char *name, ExtremeKernel f) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    Reduction r;
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0 || !same_dtype_out(c, k, self)) return value_null();
    if (n == 0 && self->numel == 0) {
        has_elements(c, k, &(Reduction){.n = 0}, name, RuntimeError, SPECIFY);
        return value_null();
    }
    for (int i = 0; i < n && self->numel == 0; i++) {
        int dim = shape_wrap_dim(c, dims[i], self->ndim);
        if (dim < 0 || !has_size(c, name, self, dim, dims[i])) return value_null();
    }
    if (!reduction_dims_exist(c, k, 1) ||
        !reduction_plan(c, self, n, dims, call_bool(k, 2), &r))
        return value_null();
    DType d = (DType)self->dtype;
    Tensor *rows = reduction_rows(c, self, &r, d);
    Tensor *out = rows ? call_result(c, k, 0, d, r.shape.ndim, r.shape.dims) : NULL;
    if (out && r.n) f(d, tensor_data(rows), r.rows, r.n, tensor_data(out), NULL);
    return value_obj(out);
}
static void extreme_dims_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 3);
    int64_t dims[MAX_DIMS];
    if (!x || !result) return;
    int n = saved_ints(g, 1, dims, MAX_DIMS);
    bool keepdim = saved_bool(g, 2);
    Tensor *grad = reduction_restore(c, g->grad, x->ndim, n, dims, keepdim);
    result = reduction_restore(c, result, x->ndim, n, dims, keepdim);
    Tensor *mask = t_eq(c, result, x);
    Tensor *count = t_sum_dims(c, mask, n, dims, true);
    grad_set(g, 0, t_mul(c, t_div(c, grad, count), mask));
}
static Value amax_forward(Ctx *c, Call *k) {
    return extreme_dims(c, k, "amax", kernel_max);
}
static const OpDef op_amax = {
    .schema = "amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor",
    .doc = "The largest elements over dimensions; equal ones share the gradient.",
    .forms = OP_USUAL,
    .saves = "self dim keepdim result",
    .forward = amax_forward,
    .backward = extreme_dims_backward,
};
static Value amin_forward(Ctx *c, Call *k) {
    return extreme_dims(c, k, "amin", kernel_min);
}
static const OpDef op_amin = {
    .schema = "amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor",
    .doc = "The smallest elements over dimensions; equal ones share the gradient.",
    .forms = OP_USUAL,
    .saves = "self dim keepdim result",
    .forward = amin_forward,
    .backward = extreme_dims_backward,
};
Tensor *t_amax(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim) {
    return op_tensor(
        c, &op_amax,
        (Value[]){arg_tensor(self), arg_ints(c, n, dims), value_bool(keepdim)});
}
Tensor *t_amin(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim) {
    return op_tensor(
        c, &op_amin,
        (Value[]){arg_tensor(self), arg_ints(c, n, dims), value_bool(keepdim)});
}

/* ---- argmax, argmin ---- */

static Value arg_extreme(Ctx *c, Call *k, const char *name, ExtremeKernel f) {
    Tensor *self = call_tensor(k, 0);
    Reduction r;
    bool all = call_is_none(k, 1);
    if (all ? !reduction_plan(c, self, 0, NULL, call_bool(k, 2), &r)
            : !reduction_from_call(c, k, 1, call_bool(k, 2), &r))
        return value_null();
    if (all && !has_elements(c, k, &r, name, IndexError, "")) return value_null();
    if (!all &&
        !nonzero_dim(c, name, self, shape_wrap_dim(c, call_int(k, 1), self->ndim)))
        return value_null();
    if (!out_prepare(c, k, 0, DT_int64, r.shape.ndim, r.shape.dims))
        return value_null();
    /* PyTorch has nothing to look at along a dimension of one. */
    bool looks = r.rows && (all || self->ndim == 0 || r.n != 1);
    if (looks && self->dtype == DT_bool)
        return value_raise(c, RuntimeError, "\"%s_cpu\" not implemented for 'Bool'",
                           name);
    Tensor *rows = reduction_rows(c, self, &r, (DType)self->dtype);
    Tensor *out =
        rows ? call_result(c, k, 0, DT_int64, r.shape.ndim, r.shape.dims) : NULL;
    if (out && r.n)
        f((DType)self->dtype, tensor_data(rows), r.rows, r.n, NULL, tensor_data(out));
    return value_obj(out);
}
static Value argmax_forward(Ctx *c, Call *k) {
    return arg_extreme(c, k, "argmax", kernel_max);
}
static const OpDef op_argmax = {
    .schema = "argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",
    .doc = "The index of the first largest element.",
    .forms = OP_USUAL,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_EXACT,
    .forward = argmax_forward,
};
static Value argmin_forward(Ctx *c, Call *k) {
    return arg_extreme(c, k, "argmin", kernel_min);
}
static const OpDef op_argmin = {
    .schema = "argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",
    .doc = "The index of the first smallest element.",
    .forms = OP_USUAL,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_EXACT,
    .forward = argmin_forward,
};

const OpDef *const extremes_ops[] = {
    &op_max,       &op_max_other, &op_max_dim,   &op_max_names, &op_min,
    &op_min_other, &op_min_dim,   &op_min_names, &op_amax,      &op_amin,
    &op_argmax,    &op_argmin,    NULL,
};
