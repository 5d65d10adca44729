/* Reading and writing along one dimension by an index tensor: gather, scatter and
 * relatives.
 *
 * Each turns its index into byte offsets along the dimension and runs the kernels of
 * advanced_index.h over the shape of the index.  Source: TensorAdvancedIndexing.cpp. */
#include "gather.h"

#include "core/kernel/advanced_index.h"
#include "core/pointwise.h"

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
    if (index->numel == 0) return true;
    if (!index_is_long(c, "gather", index)) return false;
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
    if (dim < 0 ||
        !out_prepare(c, k, 0, (DType)self->dtype, index->ndim, index->sizes) ||
        !call_apart(c, k, self) || !gather_check(c, self, index, dim))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, index->ndim, index->sizes);
    Tensor *offsets = r && r->numel ? byte_offsets(c, index, self, dim) : NULL;
    if (!offsets) return value_obj(r && !ctx_failed(c) ? r : NULL);
    Iter it;
    iter_begin(&it, index->ndim, index->sizes);
    add_part(&it, r, index);
    add_along(&it, self, index, dim);
    add_part(&it, offsets, index);
    iter_run_parallel(&it, kernel_index_get, (DType)self->dtype, NULL);
    return value_obj(r);
}
static void gather_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    if (!self) return;
    Tensor *zeros = t_zeros(c, self->ndim, self->sizes, (DType)g->grad->dtype);
    grad_set(g, 0,
             t_scatter_add(c, zeros, saved_int(g, 1), saved_tensor(c, g, 2), g->grad));
}
const OpDef op_gather = {
    .schema = "gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) "
              "-> Tensor",
    .doc =
        "Elements of self picked along a dimension by an index of the result's shape.",
    .forms = OP_USUAL,
    .traits = OP_OUT_EXACT,
    .saves = "self dim index sparse_grad",
    .constants = "index",
    .forward = gather_forward,
    .backward = gather_backward,
    .example = "torch.gather(m, 0, i[None])",
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

bool scatter_check(Ctx *c, const char *name, const Tensor *self, const Tensor *index,
                   const Tensor *src, int dim) {
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
    bool fits = true;
    for (int d = 0; d < index->ndim && fits; d++)
        fits = d == dim || index->sizes[d] <= size_of(self, d);
    for (int d = 0; d < index->ndim && fits && src; d++) {
        if (src->ndim && shape_wrap_dim(c, d, src->ndim) < 0) return false;
        fits = index->sizes[d] <= size_of(src, d);
    }
    if (src && dims_of(index) != dims_of(src)) {
        error_raise(
            c, RuntimeError,
            "Index tensor must have the same number of dimensions as src tensor");
        return false;
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

bool scatter_run(Ctx *c, Kernel f, Tensor *self, int dim, const Tensor *index,
                 const Tensor *src) {
    if (index->numel == 0) return true;
    Tensor *offsets = byte_offsets(c, index, self, dim);
    if (!offsets) return false;
    Iter it;
    iter_begin(&it, index->ndim, index->sizes);
    add_along(&it, self, index, dim);
    if (src->ndim)
        add_part(&it, src, index);
    else
        iter_add_scalar(&it, tensor_data(src));
    add_part(&it, offsets, index);
    iter_run(&it, f, (DType)self->dtype, NULL);
    return true;
}

static Kernel reduce_kernel(Ctx *c, const char *how) {
    if (strcmp(how, "add") == 0) return kernel_index_accumulate;
    if (strcmp(how, "multiply") == 0) return kernel_index_multiply;
    error_raise(c, RuntimeError, "reduce argument must be either add or multiply.");
    return NULL;
}

/* f NULL: what `reduce`, argument 4, says, which PyTorch looks at last. */
static Value scatter(Ctx *c, Call *k, const char *name, Kernel f, Tensor *src,
                     Value number) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 2);
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    DType d = (DType)self->dtype;
    if (dim < 0 || !scatter_check(c, name, self, index, src, dim) ||
        !call_apart(c, k, index) || (src && !call_apart(c, k, src)) ||
        !out_dtype_check(c, k, 0, d))
        return value_null();
    if (!src && index->numel && !scalar_fits(c, number, d)) return value_null();
    if (!src) src = tensor_scalar(c, d, number);
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    if (r && !f) f = reduce_kernel(c, call_string(k, 4));
    if (!r || !src || !f) return value_null();
    tensor_copy(r, self);
    return value_obj(scatter_run(c, f, r, dim, index, src) ? r : NULL);
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
    .traits = OP_OUT_EXACT,
    .saves = "dim index",
    .constants = "index",
    .forward = scatter_forward,
    .backward = scatter_backward,
    .example = "torch.scatter(m, 0, i[None], m)",
};
static Value scatter_value_forward(Ctx *c, Call *k) {
    return scatter(c, k, "scatter", kernel_index_put, NULL, call_scalar(k, 3));
}
static const OpDef op_scatter_value = {
    .schema =
        "scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
    .doc = "self with a number written where index says along a dimension.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_OUT_EXACT,
    .saves = "dim index",
    .constants = "index",
    .node = "ScatterBackward1",
    .forward = scatter_value_forward,
    .backward = scatter_backward,
    .example = "torch.scatter(m, 0, i[None], 2)",
};
/* scatter with reduce: "add" or "multiply" instead of writing; no derivative. */
static Value scatter_reduce_forward(Ctx *c, Call *k) {
    return scatter(c, k, "scatter", NULL, call_tensor(k, 3), value_null());
}
static const OpDef op_scatter_reduce_src = {
    .schema = "scatter.reduce(Tensor self, int dim, Tensor index, Tensor src, *, str "
              "reduce) -> Tensor",
    .doc = "self with elements of src added or multiplied in where index says.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_DERIVATIVE_MISSING | OP_OUT_EXACT,
    .constants = "index",
    .forward = scatter_reduce_forward,
    .example = "torch.scatter(m, 0, i[None], m, reduce='add')",
};
static Value scatter_reduce_value_forward(Ctx *c, Call *k) {
    return scatter(c, k, "scatter", NULL, NULL, call_scalar(k, 3));
}
static const OpDef op_scatter_reduce_value = {
    .schema = "scatter.value_reduce(Tensor self, int dim, Tensor index, Scalar value, "
              "*, str reduce) -> Tensor",
    .doc = "self with a number added or multiplied in where index says.",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_DERIVATIVE_MISSING | OP_OUT_EXACT,
    .constants = "index",
    .forward = scatter_reduce_value_forward,
    .example = "torch.scatter(m, 0, i[None], 2, reduce='add')",
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
    .traits = OP_OUT_EXACT,
    .saves = "dim index",
    .constants = "index",
    .forward = scatter_add_forward,
    .backward = scatter_add_backward,
    .example = "torch.scatter_add(m, 0, i[None], m)",
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
    NULL,
};
