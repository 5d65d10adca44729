/* Reading and writing along one dimension by an index tensor: gather, scatter,
 * index_select, index_add and relatives.
 *
 * Each turns its index into byte offsets along the dimension and runs the kernels of
 * advanced_index.h over the shape of the index.  Source: TensorAdvancedIndexing.cpp. */
#include "ops.h"

#include "core/iter.h"
#include "core/kernel/advanced_index.h"

#include <inttypes.h>
#include <string.h>

/* ---- shared ---- */

/* index * stride of dim in bytes, contiguous; RuntimeError when out of bounds. */
static Tensor *byte_offsets(Ctx *c, const Tensor *index, const Tensor *t, int dim) {
    Tensor *r = tensor_make(c, DT_int64, index->ndim, index->sizes);
    if (!r) return NULL;
    tensor_copy(r, index);
    int64_t *at = tensor_data(r), size = t->ndim ? t->sizes[dim] : 1;
    int64_t step =
        (t->ndim ? t->strides[dim] : 1) * (int64_t)dtype_size((DType)t->dtype);
    for (int64_t i = 0; i < r->numel; i++) {
        if (at[i] < 0 || at[i] >= size)
            return error_raise(c, RuntimeError,
                               "index %" PRId64
                               " is out of bounds for dimension %d with size %" PRId64,
                               at[i], dim, size);
        at[i] *= step;
    }
    return r;
}

/* t seen through the shape of index: its strides, but 0 along dim. */
static void add_along(Iter *it, Tensor *t, const Tensor *shape, int dim) {
    int64_t strides[MAX_DIMS];
    for (int i = 0; i < t->ndim; i++) strides[i] = i == dim ? 0 : t->strides[i];
    iter_add(it, tensor_data(t), (DType)t->dtype, t->ndim, shape->sizes, strides);
}
static void add_part(Iter *it, const Tensor *t, const Tensor *shape) {
    iter_add(it, tensor_data(t), (DType)t->dtype, t->ndim, shape->sizes, t->strides);
}

static int dims_of(const Tensor *t) {
    return t->ndim ? t->ndim : 1;
}
static int64_t size_of(const Tensor *t, int d) {
    return t->ndim ? t->sizes[d] : 1;
}

static bool index_is_long(Ctx *c, const char *name, const Tensor *index) {
    if (index->dtype == DT_int64) return true;
    error_raise(c, RuntimeError, "%s(): Expected dtype int64 for index", name);
    return false;
}

/* ---- gather ---- */

static bool gather_check(Ctx *c, const Tensor *self, const Tensor *index, int dim) {
    if (!index_is_long(c, "gather", index)) return false;
    if (index->numel == 0) return true;
    if (dims_of(index) != dims_of(self)) {
        error_raise(
            c, RuntimeError,
            "Index tensor must have the same number of dimensions as input tensor");
        return false;
    }
    for (int d = 0; d < index->ndim; d++) {
        if (d == dim || index->sizes[d] <= size_of(self, d)) continue;
        error_raise(c, RuntimeError,
                    "Size does not match at dimension %d expected index %s to be "
                    "smaller than self %s apart from dimension %d",
                    d, shape_text(c, index), shape_text(c, self), dim);
        return false;
    }
    return true;
}

/* out[i][j] = self[index[i][j]][j] for dim 0. index [...] -> [...]. */
static Value gather_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !gather_check(c, self, index, dim)) return value_null();
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, index->ndim, index->sizes);
    Tensor *offsets = r && r->numel ? byte_offsets(c, index, self, dim) : NULL;
    if (!offsets) return value_obj(r && !ctx_failed(c) ? r : NULL);
    Iter it;
    iter_begin(&it, index->ndim, index->sizes);
    add_part(&it, r, index);
    add_along(&it, self, index, dim);
    add_part(&it, offsets, index);
    iter_run(&it, kernel_index_get, (DType)self->dtype, NULL);
    return value_obj(r);
}
static void gather_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
    grad_set(g, 0,
             t_scatter_add(c, zeros, saved_int(g, 1), saved_tensor(c, g, 2), g->grad));
}
static const OpDef op_gather = {
    .schema = "gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) "
              "-> Tensor",
    .doc =
        "Elements of self picked along a dimension by an index of the result's shape.",
    .forms = OP_USUAL,
    .saves = "self.sizes dim index sparse_grad",
    .constants = "index",
    .forward = gather_forward,
    .backward = gather_backward,
};
static const OpDef op_gather_name = {
    .schema = "gather.dimname(Tensor self, Dimname dim, Tensor index, *, bool "
              "sparse_grad=False) -> Tensor",
    .forms = OP_USUAL,
};
Tensor *t_gather(Ctx *c, Tensor *self, int64_t dim, Tensor *index) {
    return op_tensor(c, &op_gather,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index),
                               value_bool(false)});
}

/* ---- scatter ---- */

static bool scatter_check(Ctx *c, const char *name, const Tensor *self,
                          const Tensor *index, const Tensor *src, int dim) {
    if (!index_is_long(c, name, index)) return false;
    if (src && src->dtype != self->dtype) {
        error_raise(c, RuntimeError,
                    "%s(): Expected self.dtype to be equal to src.dtype", name);
        return false;
    }
    if (index->numel == 0) return true;
    if (dims_of(index) != dims_of(self)) {
        error_raise(
            c, RuntimeError,
            "Index tensor must have the same number of dimensions as self tensor");
        return false;
    }
    if (src && dims_of(index) != dims_of(src)) {
        error_raise(
            c, RuntimeError,
            "Index tensor must have the same number of dimensions as src tensor");
        return false;
    }
    bool fits = true;
    for (int d = 0; d < index->ndim; d++) {
        fits &= d == dim || index->sizes[d] <= size_of(self, d);
        fits &= !src || index->sizes[d] <= size_of(src, d);
    }
    if (fits) return true;
    if (src)
        error_raise(c, RuntimeError,
                    "Expected index %s to be smaller than self %s apart from dimension "
                    "%d and to be smaller size than src %s",
                    shape_text(c, index), shape_text(c, self), dim, shape_text(c, src));
    else
        error_raise(
            c, RuntimeError,
            "Expected index %s to be smaller than self %s apart from dimension %d",
            shape_text(c, index), shape_text(c, self), dim);
    return false;
}

static Value scatter(Ctx *c, Call *k, const char *name, Kernel f, Tensor *src,
                     Value number) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !scatter_check(c, name, self, index, src, dim)) return value_null();
    DType d = (DType)self->dtype;
    Tensor *one = src ? NULL : tensor_scalar(c, d, number);
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    if (!r) return value_null();
    tensor_copy(r, self);
    Tensor *offsets = index->numel ? byte_offsets(c, index, r, dim) : NULL;
    if (!offsets) return value_obj(ctx_failed(c) ? NULL : r);
    Iter it;
    iter_begin(&it, index->ndim, index->sizes);
    add_along(&it, r, index, dim);
    if (src)
        add_part(&it, src, index);
    else
        iter_add_scalar(&it, tensor_data(one));
    add_part(&it, offsets, index);
    iter_run(&it, f, d, NULL);
    return value_obj(r);
}

/* self with src[i][j] written to [index[i][j]][j] for dim 0; the last write stays. */
static Value scatter_forward(Ctx *c, Call *k) {
    return scatter(c, k, "scatter", kernel_index_put, call_tensor(k, 3), value_null());
}
static void scatter_backward(Ctx *c, Grad *g) {
    int64_t dim = saved_int(g, 0);
    Tensor *index = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_scatter_value(c, g->grad, dim, index, value_int(0)));
    if (g->n_inputs > 1 && grad_wanted(g, 1))
        grad_set(g, 1, t_gather(c, g->grad, dim, index));
}
static const OpDef op_scatter = {
    .schema = "scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
    .doc = "self with elements of src written where index says along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .forward = scatter_forward,
    .backward = scatter_backward,
};
static Value scatter_value_forward(Ctx *c, Call *k) {
    return scatter(c, k, "scatter", kernel_index_put, NULL, call_scalar(k, 3));
}
static const OpDef op_scatter_value = {
    .schema =
        "scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
    .doc = "self with a number written where index says along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .node = "ScatterBackward1",
    .forward = scatter_value_forward,
    .backward = scatter_backward,
};
/* scatter with reduce: "add" or "multiply" instead of writing; no derivative. */
static Value scatter_reduce(Ctx *c, Call *k, Tensor *src, Value number) {
    const char *how = call_string(k, 4);
    bool add = strcmp(how, "add") == 0;
    if (!add && strcmp(how, "multiply") != 0)
        return value_raise(c, RuntimeError,
                           "reduce argument must be either add or multiply.");
    return scatter(c, k, "scatter",
                   add ? kernel_index_accumulate : kernel_index_multiply, src, number);
}
static Value scatter_reduce_forward(Ctx *c, Call *k) {
    return scatter_reduce(c, k, call_tensor(k, 3), value_null());
}
static const OpDef op_scatter_reduce_src = {
    .schema = "scatter.reduce(Tensor self, int dim, Tensor index, Tensor src, *, str "
              "reduce) -> Tensor",
    .doc = "self with elements of src added or multiplied in where index says.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "index",
    .forward = scatter_reduce_forward,
};
static Value scatter_reduce_value_forward(Ctx *c, Call *k) {
    return scatter_reduce(c, k, NULL, call_scalar(k, 3));
}
static const OpDef op_scatter_reduce_value = {
    .schema = "scatter.value_reduce(Tensor self, int dim, Tensor index, Scalar value, "
              "*, str reduce) -> Tensor",
    .doc = "self with a number added or multiplied in where index says.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "index",
    .forward = scatter_reduce_value_forward,
};
static const OpDef op_scatter_name = {
    .schema = "scatter.dimname_src(Tensor self, Dimname dim, Tensor index, Tensor src) "
              "-> Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
static const OpDef op_scatter_value_name = {
    .schema = "scatter.dimname_value(Tensor self, Dimname dim, Tensor index, Scalar "
              "value) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
Tensor *t_scatter(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *src) {
    return op_tensor(c, &op_scatter,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index),
                               arg_tensor(src)});
}
Tensor *t_scatter_(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *src) {
    return value_tensor(op_call_inplace(c, &op_scatter,
                                        (Value[]){arg_tensor(self), value_int(dim),
                                                  arg_tensor(index), arg_tensor(src)}));
}
Tensor *t_scatter_value(Ctx *c, Tensor *self, int64_t dim, Tensor *index,
                        Value number) {
    return op_tensor(
        c, &op_scatter_value,
        (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index), number});
}

static Value scatter_add_forward(Ctx *c, Call *k) {
    return scatter(c, k, "scatter", kernel_index_accumulate, call_tensor(k, 3),
                   value_null());
}
static void scatter_add_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_gather(c, g->grad, saved_int(g, 0), saved_tensor(c, g, 1)));
}
static const OpDef op_scatter_add = {
    .schema = "scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
    .doc = "self with elements of src added where index says along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .forward = scatter_add_forward,
    .backward = scatter_add_backward,
};
static const OpDef op_scatter_add_name = {
    .schema = "scatter_add.dimname(Tensor self, Dimname dim, Tensor index, Tensor src) "
              "-> Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
Tensor *t_scatter_add(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *src) {
    return op_tensor(c, &op_scatter_add,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index),
                               arg_tensor(src)});
}

/* ---- whole rows by index ---- */

/* self's part `at` of dim, whole; dim of a 0-d tensor is the tensor. */
static Tensor *row(Ctx *c, Tensor *t, int dim, int64_t at) {
    return t->ndim ? t_select(c, t, dim, at) : t;
}

static bool index_vector(Ctx *c, const Tensor *index, Tensor **rows) {
    if (index->ndim > 1) {
        error_raise(c, IndexError, "index_select(): Index is supposed to be a vector");
        return false;
    }
    if (index->dtype != DT_int64 && index->dtype != DT_int32) {
        error_raise(c, RuntimeError,
                    "index_select(): Expected dtype int32 or int64 for index");
        return false;
    }
    *rows = tensor_make(c, DT_int64, index->ndim, index->sizes);
    if (*rows) tensor_copy(*rows, index);
    return *rows;
}

/* The parts of a dimension that index [n] names, in its order. */
static Value index_select_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index;
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !index_vector(c, call_tensor(k, 2), &index)) return value_null();
    Shape s = tensor_shape(self);
    if (s.ndim) s.dims[dim] = index->numel;
    const int64_t *at = tensor_data(index);
    for (int64_t i = 0; i < index->numel; i++)
        if (at[i] < 0 || at[i] >= size_of(self, dim))
            return value_raise(c, IndexError, "index out of range in self");
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, s.ndim, s.dims);
    for (int64_t i = 0; r && i < index->numel; i++) {
        Tensor *to = row(c, r, dim, i), *from = row(c, self, dim, at[i]);
        if (!to || !from) return value_null();
        tensor_copy(to, from);
    }
    return value_obj(r);
}
static void index_select_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 0, sizes, MAX_DIMS);
    Tensor *zeros = t_zeros(c, n, sizes, (DType)g->grad->dtype);
    grad_set(g, 0,
             t_index_add(c, zeros, saved_int(g, 1), saved_tensor(c, g, 2), g->grad));
}
static const OpDef op_index_select = {
    .schema = "index_select(Tensor self, int dim, Tensor index) -> Tensor",
    .doc = "The parts of a dimension that an index vector names.",
    .forms = OP_USUAL,
    .saves = "self.sizes dim index",
    .constants = "index",
    .forward = index_select_forward,
    .backward = index_select_backward,
};
static const OpDef op_index_select_name = {
    .schema = "index_select.dimname(Tensor self, Dimname dim, Tensor index) -> Tensor",
    .forms = OP_USUAL,
};
Tensor *t_index_select(Ctx *c, Tensor *self, int64_t dim, Tensor *index) {
    return op_tensor(c, &op_index_select,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index)});
}

/* ---- index_add, index_copy, index_fill ---- */

static bool check_rows(Ctx *c, const char *name, const Tensor *self,
                       const Tensor *index, const Tensor *source) {
    if (index->ndim > 1) {
        error_raise(c, IndexError,
                    "%s_(): Index is supposed to be a vector, but got dim: %d with "
                    "type: %s and size: %s",
                    name, index->ndim, dtype_scalar_name((DType)index->dtype),
                    shape_text(c, index));
        return false;
    }
    if (self->dtype != source->dtype) {
        error_raise(c, RuntimeError,
                    "%s_(): self (%s) and source (%s) must have the same scalar type",
                    name, dtype_scalar_name((DType)self->dtype),
                    dtype_scalar_name((DType)source->dtype));
        return false;
    }
    return true;
}

static bool row_in_bounds(Ctx *c, ErrorKind kind, const char *prefix, int64_t at,
                          const Tensor *self, int dim) {
    if (at >= 0 && at < size_of(self, dim)) return true;
    error_raise(c, kind,
                "%sindex %" PRId64
                " is out of bounds for dimension %d with size %" PRId64,
                prefix, at, dim, size_of(self, dim));
    return false;
}

/* Row i of source is added, times alpha, to row index[i] of self. */
static Value index_add_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *source = call_tensor(k, 3);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !check_rows(c, "index_add", self, index, source))
        return value_null();
    if (index->numel != size_of(source, dim))
        return value_raise(c, RuntimeError,
                           "index_add_(): Number of indices (%" PRId64
                           ") should be equal to source.size(dim): (%" PRId64
                           "), for dim: %d",
                           index->numel, size_of(source, dim), dim);
    Tensor *rows = tensor_make(c, DT_int64, index->ndim, index->sizes);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    if (!r || !rows) return value_null();
    tensor_copy(rows, index);
    tensor_copy(r, self);
    const int64_t *at = tensor_data(rows);
    for (int64_t i = 0; i < rows->numel; i++) {
        if (!row_in_bounds(c, RuntimeError, "", at[i], self, dim)) return value_null();
        Tensor *part = t_maybe_multiply(c, row(c, source, dim, i), call_scalar(k, 4));
        if (!t_add_(c, row(c, r, dim, at[i]), part)) return value_null();
    }
    return value_obj(r);
}
/* The gradient of rows: those that index names; a 0-d source takes the only one. */
static Tensor *rows_gradient(Ctx *c, Grad *g, size_t dim_at, size_t index_at,
                             size_t sizes_at) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, sizes_at, sizes, MAX_DIMS);
    Tensor *t =
        t_index_select(c, g->grad, saved_int(g, dim_at), saved_tensor(c, g, index_at));
    if (n == 0) return t_squeeze(c, t, 0);
    return t_expand(c, t, n, sizes);
}
static void index_add_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 t_maybe_multiply(c, rows_gradient(c, g, 0, 1, 2), saved_value(g, 3)));
}
static const OpDef op_index_add = {
    .schema = "index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar "
              "alpha=1) -> Tensor",
    .doc = "self with the rows of source added to those that index names.",
    .forms = OP_USUAL_INPLACE,
    .saves = "dim index source.sizes alpha",
    .constants = "index",
    .forward = index_add_forward,
    .backward = index_add_backward,
};
static const OpDef op_index_add_name = {
    .schema = "index_add.dimname(Tensor self, Dimname dim, Tensor index, Tensor "
              "source, *, Scalar alpha=1) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
Tensor *t_index_add(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *source) {
    return op_tensor(c, &op_index_add,
                     (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index),
                               arg_tensor(source), value_int(1)});
}

/* Row i of source replaces row index[i] of self. */
static Value index_copy_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *source = call_tensor(k, 3);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0 || !check_rows(c, "index_copy", self, index, source))
        return value_null();
    if (source->ndim && index->numel != size_of(source, dim))
        return value_raise(c, IndexError,
                           "index_copy_(): Number of indices (%" PRId64
                           ") should be equal to source.size(dim) (%" PRId64 ")",
                           index->numel, size_of(source, dim));
    Tensor *rows = tensor_make(c, DT_int64, index->ndim, index->sizes);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    if (!r || !rows) return value_null();
    tensor_copy(rows, index);
    tensor_copy(r, self);
    const int64_t *at = tensor_data(rows);
    for (int64_t i = 0; i < rows->numel; i++) {
        if (!row_in_bounds(c, IndexError, "index_copy_(): ", at[i], self, dim))
            return value_null();
        if (!t_copy_(c, row(c, r, dim, at[i]), row(c, source, dim, i)))
            return value_null();
    }
    return value_obj(r);
}
static void index_copy_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_index_fill(c, g->grad, saved_int(g, 0), saved_tensor(c, g, 1),
                              value_int(0)));
    if (grad_wanted(g, 1)) grad_set(g, 1, rows_gradient(c, g, 0, 1, 2));
}
static const OpDef op_index_copy = {
    .schema = "index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor",
    .doc = "self with the rows that index names replaced by those of source.",
    .forms = OP_USUAL_INPLACE,
    .saves = "dim index source.sizes",
    .constants = "index",
    .forward = index_copy_forward,
    .backward = index_copy_backward,
};
static const OpDef op_index_copy_name = {
    .schema = "index_copy.dimname(Tensor self, Dimname dim, Tensor index, Tensor "
              "source) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};

/* The rows that index names are filled with one value. */
static Value index_fill_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    Tensor *value = call_tensor(k, 3);
    if (value && value->ndim)
        return value_raise(c, RuntimeError,
                           "index_fill_ only supports a 0-dimensional value tensor, "
                           "but got tensor with %d dimension(s).",
                           value->ndim);
    if (index->dtype != DT_int64)
        return value_raise(c, IndexError,
                           "index_fill_(): Expected dtype int64 for index.");
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0) return value_null();
    if (index->ndim > 1)
        return value_raise(c, RuntimeError, "Index has to be a vector/scalar");
    Tensor *rows = tensor_make(c, DT_int64, index->ndim, index->sizes);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    Tensor *one = r ? tensor_scalar(c, (DType)r->dtype, call_scalar(k, 3)) : NULL;
    if (!one || !rows) return value_null();
    tensor_copy(rows, index);
    tensor_copy(r, self);
    int64_t *at = tensor_data(rows), size = size_of(self, dim);
    for (int64_t i = 0; i < rows->numel; i++) {
        int64_t where = at[i] < 0 ? at[i] + size : at[i];
        if (!row_in_bounds(c, IndexError, "", where < 0 ? at[i] : where, self, dim))
            return value_null();
        Tensor *to = row(c, r, dim, where);
        if (!to) return value_null();
        tensor_copy(to, one);
    }
    return value_obj(r);
}
static void index_fill_backward(Ctx *c, Grad *g) {
    int64_t dim = saved_int(g, 0);
    Tensor *index = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_index_fill(c, g->grad, dim, index, value_int(0)));
    if (g->n_inputs > 1 && grad_wanted(g, 1))
        grad_set(g, 1, t_sum(c, t_index_select(c, g->grad, dim, index)));
}
static const OpDef op_index_fill_tensor = {
    .schema = "index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) "
              "-> Tensor",
    .doc = "self with the rows that index names filled with a 0-d tensor's element.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .node = "IndexFillBackward1",
    .forward = index_fill_forward,
    .backward = index_fill_backward,
};
static const OpDef op_index_fill = {
    .schema = "index_fill.int_Scalar(Tensor self, int dim, Tensor index, Scalar value) "
              "-> Tensor",
    .doc = "self with the rows that index names filled with a number.",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .saves = "dim index",
    .constants = "index",
    .forward = index_fill_forward,
    .backward = index_fill_backward,
};
Tensor *t_index_fill(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Value number) {
    return op_tensor(
        c, &op_index_fill,
        (Value[]){arg_tensor(self), value_int(dim), arg_tensor(index), number});
}

static const OpDef op_index_fill_tensor_name = {
    .schema = "index_fill.Dimname_Tensor(Tensor self, Dimname dim, Tensor index, "
              "Tensor value) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};
static const OpDef op_index_fill_name = {
    .schema = "index_fill.Dimname_Scalar(Tensor self, Dimname dim, Tensor index, "
              "Scalar value) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};

const OpDef *const gather_ops[] = {
    &op_gather,
    &op_gather_name,
    &op_scatter,
    &op_scatter_reduce_src,
    &op_scatter_name,
    &op_scatter_value,
    &op_scatter_reduce_value,
    &op_scatter_value_name,
    &op_scatter_add,
    &op_scatter_add_name,
    &op_index_select,
    &op_index_select_name,
    &op_index_add,
    &op_index_add_name,
    &op_index_copy,
    &op_index_copy_name,
    &op_index_fill_tensor,
    &op_index_fill_tensor_name,
    &op_index_fill,
    &op_index_fill_name,
    NULL,
};
