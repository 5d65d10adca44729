/* Sums, products, means and truth over dimensions; extremes.c has the largest and
 * smallest.
 * Sources: ReduceOps.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "linalg.h"
#include "ops.h"

#include "core/kernel/number.h"
#include "core/kernel/reduce.h"
#include "core/kernel/sum.h"
#include "core/pointwise.h"
#include "core/reduction.h"

/* ---- shared ---- */

/* Where a kernel may write values of dtype d that shall become the result of dtype
 * `final`: the result itself when the dtypes agree. */
static Tensor *scratch(Ctx *c, Call *k, DType final, DType d, const Shape *s) {
    Tensor *r = call_result(c, k, 0, final, s->ndim, s->dims);
    if (!r || (final == d && r->contiguous)) return r;
    return tensor_make(c, d, s->ndim, s->dims);
}
static Value finish(Call *k, Tensor *computed) {
    if (!computed) return value_null();
    if (k->result[0] != computed) tensor_copy(k->result[0], computed);
    return value_obj(k->result[0]);
}

/* The sum in dtype d; half types come as float, in self's memory order. */
static Tensor *run_sum(Ctx *c, Call *k, const Reduction *r, DType dtype) {
    DType d = sum_dtype(dtype);
    Tensor *out = scratch(c, k, dtype, d, &r->shape);
    Tensor *self = out ? t_to_dtype(c, call_tensor(k, 0), dtype) : NULL;
    self = t_to_dtype(c, self, d);
    if (!self) return NULL;
    SumShape shape = {self->ndim, self->sizes, self->strides, r->reduced, dtype};
    kernel_sum(d, shape, tensor_data(self), tensor_data(out));
    return out;
}

static Tensor *run_prod(Ctx *c, Call *k, const Reduction *r, DType dtype) {
    DType d = sum_dtype(dtype);
    Tensor *out = scratch(c, k, dtype, d, &r->shape);
    Tensor *self = out ? t_to_dtype(c, call_tensor(k, 0), dtype) : NULL;
    self = t_to_dtype(c, self, d);
    Tensor *rows = self ? reduction_rows(c, self, r, d) : NULL;
    if (!rows) return NULL;
    kernel_prod(d, tensor_data(rows), r->rows, r->n, rows == self, tensor_data(out));
    return out;
}

/* The dtype of a sum: the one asked for, which out= must have, or that of out=, else
 * int64 for integers and bool. */
static bool promoted(Ctx *c, const Call *k, int dtype_at, DType *d) {
    DType own = (DType)call_tensor(k, 0)->dtype;
    DType fallback = dtype_is_integral(own, true) ? DT_int64 : own;
    if (k->form == CALL_OUT) fallback = (DType)k->target[0]->dtype;
    *d = call_dtype(k, dtype_at, fallback);
    return out_dtype_check(c, k, 0, *d);
}

/* grad of a reduction, expanded to its operand: sizes, dims and keepdim were saved. */
static Tensor *expand_grad(Ctx *c, const Grad *g) {
    int64_t sizes[MAX_DIMS], dims[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    int n_dims = saved_ints(g, 1, dims, MAX_DIMS);
    Tensor *t = reduction_restore(c, g->grad, n, n_dims, dims, saved_bool(g, 2));
    return t_expand(c, t, n, sizes);
}

static Tensor *expand_whole_grad(Ctx *c, const Grad *g, size_t sizes_at) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, sizes_at, sizes, MAX_DIMS);
    return t_expand(c, g->grad, n, sizes);
}

/* ---- sum ---- */

/* sum(x) = x_0 + x_1 + ...; integers in int64. self [...] -> []. */
static Value sum_forward(Ctx *c, Call *k) {
    Reduction r;
    DType d;
    if (!reduction_plan(c, call_tensor(k, 0), 0, NULL, false, &r) ||
        !promoted(c, k, 1, &d))
        return value_null();
    return finish(k, run_sum(c, k, &r, d));
}
static void sum_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, expand_whole_grad(c, g, 0));
}
static const OpDef op_sum = {
    .schema = "sum(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    .doc = "The sum of all elements.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_ASSERTS_FLOATING,
    .saves = "self.sym_sizes",
    .forward = sum_forward,
    .backward = sum_backward,
};
static Value sum_dim_forward(Ctx *c, Call *k) {
    Reduction r;
    DType d;
    if (!reduction_dims_exist(c, k, 1) ||
        !reduction_from_call(c, k, 1, call_bool(k, 2), &r) || !promoted(c, k, 3, &d))
        return value_null();
    return finish(k, run_sum(c, k, &r, d));
}
static void sum_dim_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, expand_grad(c, g));
}
static const OpDef op_sum_dim = {
    .schema = "sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, "
              "ScalarType? dtype=None) -> Tensor",
    .doc = "Sums over dimensions.",
    .forms = OP_USUAL,
    .traits = OP_ASSERTS_FLOATING,
    .saves = "self.sym_sizes dim keepdim",
    .node = "SumBackward1",
    .forward = sum_dim_forward,
    .backward = sum_dim_backward,
};
static const OpDef op_sum_names = NAMES_ROW(
    OP_USUAL, "sum.dim_DimnameList(Tensor self, Dimname[1] dim, bool keepdim=False, *, "
              "ScalarType? dtype=None) -> Tensor");

Tensor *t_sum(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_sum, (Value[]){arg_tensor(self), value_none()});
}
Tensor *t_sum_dims(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim) {
    return op_tensor(c, &op_sum_dim,
                     (Value[]){arg_tensor(self), arg_ints(c, n, dims),
                               value_bool(keepdim), value_none()});
}

/* Sums over what broadcasting had added: one sum, then a view without leading ones. */
Tensor *t_sum_to_size(Ctx *c, Tensor *self, int n, const int64_t *sizes) {
    if (!self || ctx_failed(c)) return NULL;
    int64_t dims[MAX_DIMS];
    int n_dims = 0, lead = self->ndim - n;
    if (n == 0) return self->ndim ? t_sum(c, self) : self;
    for (int i = 0; i < lead; i++) dims[n_dims++] = i;
    for (int i = lead; i < self->ndim; i++)
        if (sizes[i - lead] == 1 && self->sizes[i] != 1) dims[n_dims++] = i;
    Tensor *t = n_dims ? t_sum_dims(c, self, n_dims, dims, true) : self;
    return lead > 0 ? t_view(c, t, n, sizes) : t;
}

static Value sum_to_size_forward(Ctx *c, Call *k) {
    int64_t sizes[MAX_DIMS];
    Tensor *self = call_tensor(k, 0);
    int n = call_ints(c, k, 1, sizes, MAX_DIMS);
    if (n < 0) return value_null();
    if (n == 0) return value_obj(t_sum(c, self));
    if (shape_expands_to(n, sizes, self->ndim, self->sizes))
        return value_obj(t_sum_to_size(c, self, n, sizes));
    return value_raise(c, RuntimeError, "size {%s} is not expandable to size {%s}.",
                       dims_text(c, n, sizes), shape_text(c, self));
}
static const OpDef op_sum_to_size = {
    .schema = "sum_to_size(Tensor self, int[] size) -> Tensor",
    .doc = "Sums self until it has the given sizes, to which it must broadcast.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = sum_to_size_forward,
};

/* ---- mean ---- */

static bool mean_dtype(Ctx *c, const Call *k, int dtype_at, DType *d) {
    *d = call_dtype(k, dtype_at, (DType)call_tensor(k, 0)->dtype);
    if (!dtype_is_floating(*d)) {
        error_raise(c, RuntimeError,
                    "mean(): could not infer output dtype. %s dtype must be either a "
                    "floating point or complex dtype. Got: %s",
                    call_is_none(k, dtype_at) ? "Input" : "Optional",
                    dtype_scalar_name(*d));
        return false;
    }
    if (k->form != CALL_OUT) return true;
    if (call_is_none(k, dtype_at)) *d = (DType)k->target[0]->dtype;
    return true;
}

static Value mean(Ctx *c, Call *k, const Reduction *r, DType d) {
    Tensor *t = out_dtype_check(c, k, 0, d) ? run_sum(c, k, r, d) : NULL;
    if (t && !cast_check(c, c->default_dtype, d)) return value_null();
    /* The sum is divided as a tensor of dtype d. */
    double n = number_rounded(d, (double)r->n);
    for (int64_t i = 0; t && i < t->numel; i++) {
        DType in = (DType)t->dtype;
        double sum = number_rounded(d, number_load(in, tensor_data(t), i));
        number_store(in, tensor_data(t), i, sum / n);
    }
    return finish(k, t);
}

/* mean(x) = sum(x) / n. self [...] -> []; RuntimeError for integers. */
static Value mean_forward(Ctx *c, Call *k) {
    Reduction r;
    DType d;
    if (!mean_dtype(c, k, 1, &d) ||
        !reduction_plan(c, call_tensor(k, 0), 0, NULL, false, &r))
        return value_null();
    return mean(c, k, &r, d);
}
static void mean_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *t = t_expand(c, g->grad, n, sizes);
    grad_set(g, 0, t_div_scalar(c, t, value_int(shape_numel(n, sizes))));
}
static const OpDef op_mean = {
    .schema = "mean(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    .doc = "The mean of all elements.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self.sizes_numel",
    .forward = mean_forward,
    .backward = mean_backward,
};
static Value mean_dim_forward(Ctx *c, Call *k) {
    Reduction r;
    DType d;
    if (!mean_dtype(c, k, 3, &d) || !reduction_dims_exist(c, k, 1) ||
        !reduction_from_call(c, k, 1, call_bool(k, 2), &r))
        return value_null();
    return mean(c, k, &r, d);
}
/* How many elements the saved dims reduce to one. */
static int64_t reduced_count(const Grad *g) {
    int64_t sizes[MAX_DIMS], dims[MAX_DIMS], count = 1;
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    int n_dims = saved_ints(g, 1, dims, MAX_DIMS);
    if (n_dims == 0) return shape_numel(n, sizes);
    for (int i = 0; i < n_dims && n; i++)
        count *= sizes[dims[i] < 0 ? dims[i] + n : dims[i]];
    return count;
}
static void mean_dim_backward(Ctx *c, Grad *g) {
    Tensor *t = expand_grad(c, g);
    saved_tensor(c, g, 3); /* not needed, but PyTorch notices when it was written */
    grad_set(g, 0, t_div_scalar(c, t, value_int(reduced_count(g))));
}
static const OpDef op_mean_dim = {
    .schema = "mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? "
              "dtype=None) -> Tensor",
    .doc = "Means over dimensions.",
    .forms = OP_USUAL,
    .saves = "self.sym_sizes dim keepdim self",
    .node = "MeanBackward1",
    .forward = mean_dim_forward,
    .backward = mean_dim_backward,
};
static const OpDef op_mean_names = NAMES_ROW(
    OP_USUAL, "mean.names_dim(Tensor self, Dimname[1] dim, bool keepdim=False, *, "
              "ScalarType? dtype=None) -> Tensor");
Tensor *t_mean(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_mean, (Value[]){arg_tensor(self), value_none()});
}
Tensor *t_mean_dims(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim) {
    return op_tensor(c, &op_mean_dim,
                     (Value[]){arg_tensor(self), arg_ints(c, n, dims),
                               value_bool(keepdim), value_none()});
}

/* ---- prod ---- */

/* The product in dtype d, for which PyTorch has no kernel of half types; without
 * elements none is needed. */
static Value product(Ctx *c, Call *k, const Reduction *r, DType d) {
    if (!out_prepare(c, k, 0, d, r->shape.ndim, r->shape.dims) ||
        (r->n && r->rows &&
         dtype_refused(c, "prod_cpu", DTYPES_HALF | DTYPES_BFLOAT16, d)))
        return value_null();
    return finish(k, run_prod(c, k, r, d));
}

/* The product of all others, element by element: products of what comes before times
 * products of what comes after, so that zeros do no harm. */
Tensor *others_product(Ctx *c, Tensor *x, int64_t dim) {
    if (!x || ctx_failed(c)) return NULL;
    int64_t n = x->sizes[dim], sizes[MAX_DIMS];
    for (int i = 0; i < x->ndim; i++) sizes[i] = i == dim ? 1 : x->sizes[i];
    Tensor *one = t_ones(c, x->ndim, sizes, (DType)x->dtype);
    Tensor *before = t_slice(c, x, dim, 0, n - 1, 1);
    Tensor *after = t_flip(c, t_slice(c, x, dim, 1, n, 1), 1, &dim);
    before = t_cumprod(c, t_cat_pair(c, one, before, dim), dim);
    after = t_cumprod(c, t_cat_pair(c, one, after, dim), dim);
    return t_mul(c, before, t_flip(c, after, 1, &dim));
}

static int64_t count_zeros(Ctx *c, Tensor *x) {
    Tensor *zero = tensor_wrap_number(c, value_int(0));
    bool was = c->grad_enabled;
    c->grad_enabled = false;
    Tensor *n = t_sum(c, t_eq(c, x, zero));
    c->grad_enabled = was;
    return n ? tensor_item(c, n).as.i : 0;
}

static Value prod_forward(Ctx *c, Call *k) {
    Reduction r;
    DType d;
    if (!reduction_plan(c, call_tensor(k, 0), 0, NULL, false, &r) ||
        !promoted(c, k, 1, &d))
        return value_null();
    return product(c, k, &r, d);
}
static void prod_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 1);
    if (!x || !result) return;
    if (x->ndim == 0) {
        grad_set(g, 0, t_clone(c, g->grad));
        return;
    }
    int64_t zeros = count_zeros(c, x), flat = -1;
    if (zeros == 0)
        grad_set(g, 0, t_mul(c, g->grad, t_div(c, result, x)));
    else if (zeros > 1)
        grad_set(g, 0, t_zeros_like(c, x));
    else {
        Tensor *others =
            x->numel == 1
                ? NULL
                : others_product(c, t_view(c, t_contiguous(c, x), 1, &flat), 0);
        Tensor *t = others ? t_mul(c, g->grad, others) : g->grad;
        grad_set(g, 0, t_view(c, t, x->ndim, x->sizes));
    }
}
static const OpDef op_prod = {
    .schema = "prod(Tensor self, *, ScalarType? dtype=None) -> Tensor",
    .doc = "The product of all elements.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_ASSERTS_FLOATING,
    .saves = "self result",
    .forward = prod_forward,
    .backward = prod_backward,
};
static Value prod_dim_forward(Ctx *c, Call *k) {
    Reduction r;
    DType d;
    if (!reduction_from_call(c, k, 1, call_bool(k, 2), &r) || !promoted(c, k, 3, &d))
        return value_null();
    return product(c, k, &r, d);
}
static void prod_dim_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 3);
    int64_t dim = saved_int(g, 1);
    if (!x || !result) return;
    if (x->ndim == 0) {
        grad_set(g, 0, t_clone(c, g->grad));
        return;
    }
    if (dim < 0) dim += x->ndim;
    Tensor *grad = g->grad;
    if (!saved_bool(g, 2)) {
        grad = t_unsqueeze(c, grad, dim);
        result = t_unsqueeze(c, result, dim);
    }
    if (count_zeros(c, x) == 0)
        grad_set(g, 0, t_mul(c, grad, t_div(c, result, x)));
    else if (x->sizes[dim] == 1)
        grad_set(g, 0, grad);
    else
        grad_set(g, 0, t_mul(c, grad, others_product(c, x, dim)));
}
static const OpDef op_prod_dim = {
    .schema = "prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? "
              "dtype=None) -> Tensor",
    .doc = "Products over a dimension.",
    .forms = OP_USUAL,
    .traits = OP_ASSERTS_FLOATING,
    .saves = "self dim keepdim result",
    .node = "ProdBackward1",
    .forward = prod_dim_forward,
    .backward = prod_dim_backward,
};
Tensor *t_prod_dim(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(
        c, &op_prod_dim,
        (Value[]){arg_tensor(self), value_int(dim), value_bool(false), value_none()});
}
static const OpDef op_prod_names = NAMES_ROW(
    OP_USUAL, "prod.dim_Dimname(Tensor self, Dimname dim, bool keepdim=False, *, "
              "ScalarType? dtype=None) -> Tensor");

/* ---- any, all ---- */

typedef void (*TruthKernel)(const bool *x, int64_t rows, int64_t n, bool *out);

static bool truth_out_check(Ctx *c, const Call *k) {
    DType d = k->form == CALL_OUT ? (DType)k->target[0]->dtype : DT_bool;
    if (d == DT_bool || d == DT_uint8) return true;
    error_raise(c, RuntimeError, "%.*s only supports bool tensor for result, got: %s",
                k->op->schema.base_len, k->op->schema.text, dtype_scalar_name(d));
    return false;
}

/* bool, but uint8 for uint8. */
static Value truth(Ctx *c, Call *k, bool by_dim, TruthKernel f) {
    Tensor *self = call_tensor(k, 0);
    Reduction r;
    if (!truth_out_check(c, k)) return value_null();
    if (by_dim ? !reduction_from_call(c, k, 1, call_bool(k, 2), &r)
               : !reduction_plan(c, self, 0, NULL, false, &r))
        return value_null();
    DType final = self->dtype == DT_uint8 ? DT_uint8 : DT_bool;
    if (k->form == CALL_OUT) final = (DType)k->target[0]->dtype;
    Tensor *rows = reduction_rows(c, self, &r, DT_bool);
    Tensor *out = rows ? scratch(c, k, final, DT_bool, &r.shape) : NULL;
    if (out) f(tensor_data(rows), r.rows, r.n, tensor_data(out));
    return finish(k, out);
}
#define TRUTH(name, what)                                                              \
    static Value name##_forward(Ctx *c, Call *k) {                                     \
        return truth(c, k, k->op->schema.n > 1, kernel_##name);                        \
    }                                                                                  \
    static const OpDef op_##name = {                                                   \
        .schema = #name "(Tensor self) -> Tensor",                                     \
        .doc = "Whether " what " element is true.",                                    \
        .forms = OP_USUAL,                                                             \
        .traits = OP_NOT_DIFFERENTIABLE,                                               \
        .forward = name##_forward,                                                     \
    };                                                                                 \
    static const OpDef op_##name##_dim = {                                             \
        .schema = #name ".dim(Tensor self, int dim, bool keepdim=False) -> Tensor",    \
        .doc = "Whether " what " element of a dimension is true.",                     \
        .forms = OP_USUAL,                                                             \
        .traits = OP_NOT_DIFFERENTIABLE,                                               \
        .forward = name##_forward,                                                     \
    };                                                                                 \
    static const OpDef op_##name##_names =                                             \
        NAMES_ROW(OP_USUAL, #name                                                      \
                  ".dimname(Tensor self, Dimname dim, bool keepdim=False) -> Tensor")
TRUTH(any, "any");
Tensor *t_any_dim(Ctx *c, Tensor *self, int64_t dim, bool keepdim) {
    return op_tensor(c, &op_any_dim,
                     (Value[]){arg_tensor(self), value_int(dim), value_bool(keepdim)});
}
TRUTH(all, "every");

/* ---- logsumexp ---- */

/* Without dims PyTorch sums over all and adds what it has not squeezed. */
static bool logsumexp_check(Ctx *c, const Call *k, const Tensor *self, int n) {
    DType d = k->form == CALL_OUT ? (DType)k->target[0]->dtype : DT_float32;
    if (!dtype_is_floating(d)) {
        error_raise(c, RuntimeError,
                    "logsumexp(): Expected floating point type for result tensor, but "
                    "got: %s",
                    dtype_scalar_name(d));
        return false;
    }
    if (n || self->ndim == 0 || self->numel == 0 || call_bool(k, 2)) return true;
    if (k->form == CALL_OUT && !out_resize(c, k, 0, 0, NULL)) return false;
    Shape s = tensor_shape(self);
    for (int i = 0; i < s.ndim; i++) s.dims[i] = 1;
    raise_output_shape(c, 0, NULL, s.ndim, s.dims);
    return false;
}

/* log(sum(exp(x))), the largest element taken out of the exponentials. */
static Value logsumexp_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    bool keepdim = call_bool(k, 2);
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0 || !logsumexp_check(c, k, self, n)) return value_null();
    if (!dtype_is_floating((DType)self->dtype))
        self = t_to_dtype(c, self, c->default_dtype);
    for (int i = 0; i < n; i++)
        if (shape_wrap_dim(c, dims[i], self->ndim) < 0) return value_null();
    if (!self) return value_null();
    Tensor *sum;
    if (self->numel == 0) {
        sum = t_log(c, t_sum_dims(c, t_exp(c, self), n, dims, keepdim));
    } else {
        Tensor *largest = t_amax(c, self, n, dims, true);
        Tensor *zero = tensor_wrap_number(c, value_int(0));
        largest = t_masked_fill(c, largest, t_isinf(c, largest), zero);
        Tensor *part = t_exp(c, t_sub(c, self, largest));
        if (k->form == CALL_OUT) part = t_to_dtype(c, part, (DType)k->target[0]->dtype);
        sum = t_log(c, t_sum_dims(c, part, n, dims, keepdim));
        if (sum && largest && !keepdim)
            largest = t_reshape(c, largest, sum->ndim, sum->sizes);
        sum = t_add(c, sum, largest);
    }
    Tensor *r =
        sum ? call_result(c, k, 0, (DType)sum->dtype, sum->ndim, sum->sizes) : NULL;
    if (r) tensor_copy(r, sum);
    return value_obj(r);
}
static void logsumexp_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *result = saved_tensor(c, g, 3), *grad = g->grad;
    int64_t dims[MAX_DIMS];
    if (!x || !result) return;
    int n = saved_ints(g, 1, dims, MAX_DIMS);
    grad = reduction_restore(c, grad, x->ndim, n, dims, saved_bool(g, 2));
    result = reduction_restore(c, result, x->ndim, n, dims, saved_bool(g, 2));
    grad_set(g, 0, t_mul(c, grad, t_exp(c, t_sub(c, x, result))));
}
static const OpDef op_logsumexp = {
    .schema = "logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor",
    .doc = "The logarithm of the sum of exponentials over dimensions.",
    .forms = OP_USUAL,
    .saves = "self dim keepdim result",
    .forward = logsumexp_forward,
    .backward = logsumexp_backward,
};
static const OpDef op_logsumexp_names = NAMES_ROW(
    OP_USUAL,
    "logsumexp.names(Tensor self, Dimname[1] dim, bool keepdim=False) -> Tensor");

/* ---- count_nonzero ---- */

static Value count_nonzero_forward(Ctx *c, Call *k) {
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0) return value_null();
    Tensor *zero = tensor_wrap_number(c, value_int(0));
    Tensor *t = t_sum_dims(c, t_ne(c, call_tensor(k, 0), zero), n, dims, false);
    return value_obj(t);
}
static const OpDef op_count_nonzero = {
    .schema = "count_nonzero(Tensor self, int? dim=None) -> Tensor",
    .doc = "How many elements are not zero.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = count_nonzero_forward,
};
static const OpDef op_count_nonzero_dims = {
    .schema = "count_nonzero.dim_IntList(Tensor self, int[] dim) -> Tensor",
    .doc = "How many elements are not zero, over dimensions.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = count_nonzero_forward,
};

static const OpDef op_special_logsumexp = {
    .schema =
        "special_logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor",
    .doc = "logsumexp",
    .forms = OP_SPECIAL | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_logsumexp,
};

const OpDef *const reduce_ops[] = {
    &op_sum,
    &op_sum_dim,
    &op_sum_names,
    &op_sum_to_size,
    &op_mean,
    &op_mean_dim,
    &op_mean_names,
    &op_prod,
    &op_prod_dim,
    &op_prod_names,
    &op_any,
    &op_any_dim,
    &op_any_names,
    &op_all,
    &op_all_dim,
    &op_all_names,
    &op_logsumexp,
    &op_special_logsumexp,
    &op_logsumexp_names,
    &op_count_nonzero,
    &op_count_nonzero_dims,
    NULL,
};
