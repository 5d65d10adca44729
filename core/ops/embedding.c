/* Tables of embeddings: embedding, embedding_renorm_, one_hot.
 *
 * weight [rows, dim], indices [...] -> [..., dim]. Gradients are dense: there are no
 * sparse tensors.
 * Source: Embedding.cpp, Onehot.cpp, FunctionsManual.cpp. */
#include "core/kernel/embedding.h"
#include "core/pointwise.h"
#include "embedding.h"
#include "ops.h"

#include <inttypes.h>

/* ---- shared with embedding_bag ---- */

bool embedding_check_indices(Ctx *c, const char *fn, int at, const char *name,
                             const Tensor *t) {
    if (t->dtype == DT_int64 || t->dtype == DT_int32) return true;
    error_raise(c, RuntimeError,
                "Expected tensor for argument #%d '%s' to have one of the following "
                "scalar types: Long, Int; but got %s instead (while checking arguments "
                "for %s)",
                at, name, tensor_cpp_type(t), fn);
    return false;
}

int64_t *embedding_counts(Ctx *c, int64_t rows, const Tensor *index) {
    Tensor *counts = t_zeros(c, 1, &rows, DT_int64);
    if (!counts) return NULL;
    int64_t *n = tensor_data(counts);
    const int64_t *i = tensor_data(index);
    for (int64_t j = 0; j < index->numel; j++) n[i[j]]++;
    return n;
}

Tensor *embedding_indices(Ctx *c, Tensor *index) {
    return t_contiguous(c, t_to_dtype(c, index, DT_int64));
}

bool embedding_in_range(Ctx *c, const Tensor *index, int64_t rows) {
    const int64_t *i = tensor_data(index);
    for (int64_t j = 0; j < index->numel; j++) {
        if (i[j] >= 0 && i[j] < rows) continue;
        error_raise(c, IndexError, "index out of range in self");
        return false;
    }
    return true;
}

bool embedding_refuse_sparse(Ctx *c) {
    error_raise(c, NotImplementedError,
                "sparse gradients are not supported: use sparse=False");
    return false;
}

/* ---- embedding ---- */

/* The rows of `table` [rows, dim] at index [...] -> [..., dim]. */
static Tensor *rows_at(Ctx *c, Tensor *table, Tensor *index) {
    int64_t sizes[MAX_DIMS];
    if (!table || !index) return NULL;
    if (index->ndim == 1) return t_index_select(c, table, 0, index);
    for (int i = 0; i < index->ndim; i++) sizes[i] = index->sizes[i];
    sizes[index->ndim] = table->sizes[1];
    Tensor *t = t_index_select(c, table, 0, t_reshape(c, index, 1, (int64_t[]){-1}));
    return t_view(c, t, index->ndim + 1, sizes);
}

static Value dense_backward_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *index = call_tensor(k, 1);
    int64_t rows = call_int(k, 2), padding = call_int(k, 3);
    if (!embedding_check_indices(c, "embedding_backward", 1, "indices", index))
        return value_null();
    int64_t sizes[2] = {rows, grad->ndim ? grad->sizes[grad->ndim - 1] : 1};
    grad = t_contiguous(c, grad);
    index = embedding_indices(c, index);
    Tensor *t = grad ? t_zeros(c, 2, sizes, (DType)grad->dtype) : NULL;
    if (!t || !index || !embedding_in_range(c, index, rows)) return value_null();
    Shape rows_at = tensor_shape(index);
    rows_at.dims[rows_at.ndim++] = sizes[1];
    if (!saved_check(c, grad, (DType)grad->dtype, rows_at.ndim, rows_at.dims))
        return value_null();
    Lookup l = {.n = index->numel,
                .dim = sizes[1],
                .padding = padding,
                .index = tensor_data(index)};
    if (call_bool(k, 4) && !(l.counts = embedding_counts(c, rows, index)))
        return value_null();
    kernel_embedding_backward((DType)t->dtype, &l, tensor_data(grad), tensor_data(t));
    return call_give(c, k, t);
}

/* The rows of the gradient's gradient; those of padding are zero. Saves indices,
 * padding_idx. */
static void dense_backward_backward(Ctx *c, Grad *g) {
    Tensor *index = saved_tensor(c, g, 0);
    int64_t padding = saved_int(g, 1);
    if (!index) return;
    Tensor *flat = t_reshape(c, index, 1, (int64_t[]){-1});
    Tensor *t = t_index_select(c, g->grad, 0, flat);
    if (padding >= 0) {
        Tensor *mask = t_eq_scalar(c, index, value_int(padding));
        mask = t_reshape(c, mask, 2, (int64_t[]){-1, 1});
        t = t_masked_fill_scalar_(c, t, mask, value_int(0));
    }
    if (!t) return;
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < index->ndim; i++) sizes[i] = index->sizes[i];
    sizes[index->ndim] = t->sizes[1];
    grad_set(g, 0, t_view(c, t, index->ndim + 1, sizes));
}
static const OpDef op_embedding_dense_backward = {
    .schema = "embedding_dense_backward(Tensor grad_output, Tensor indices, SymInt "
              "num_weights, SymInt padding_idx, bool scale_grad_by_freq) -> Tensor",
    .doc = "The gradient of embedding.",
    .forms = OP_INTERNAL,
    .saves = "indices padding_idx",
    .constants = "indices",
    .node = "EmbeddingDenseBackwardBackward0",
    .forward = dense_backward_forward,
    .backward = dense_backward_backward,
};

static Value embedding_forward(Ctx *c, Call *k) {
    Tensor *table = call_tensor(k, 0), *index = call_tensor(k, 1);
    if (table->ndim != 2) return value_raise(c, RuntimeError, "'weight' must be 2-D");
    if (!embedding_check_indices(c, "embedding", 1, "indices", index))
        return value_null();
    return call_give(c, k, rows_at(c, table, index));
}
/* Saves weight indices padding_idx scale_grad_by_freq sparse. */
static void embedding_backward(Ctx *c, Grad *g) {
    Tensor *weight = saved_tensor(c, g, 0); /* for the number of its rows */
    if (!weight || (saved_bool(g, 4) && !embedding_refuse_sparse(c))) return;
    grad_set(g, 0,
             op_tensor(c, &op_embedding_dense_backward,
                       (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 1)),
                                 value_int(weight->sizes[0]), saved_value(g, 2),
                                 saved_value(g, 3)}));
}
static const OpDef op_embedding = {
    .schema = "embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool "
              "scale_grad_by_freq=False, bool sparse=False) -> Tensor",
    .doc = "The rows of weight [rows, dim] at indices [...]: [..., dim].",
    .forms = OP_FUNCTION,
    .saves = "weight indices padding_idx scale_grad_by_freq sparse",
    .constants = "indices",
    .forward = embedding_forward,
    .backward = embedding_backward,
    .example = "torch.embedding(m, i)",
};

/* ---- embedding_renorm_ ---- */

/* Scales one row down when its norm is above the limit. */
static bool renorm_row(Ctx *c, Tensor *row, double limit, double p) {
    Tensor *norm = t_norm(c, row, value_float(p), 0, NULL, false);
    if (!norm) return false;
    double n = tensor_item(c, norm).as.f;
    if (!(n > limit)) return true;
    Tensor *scale = tensor_wrap_number(c, value_float(limit / (n + 1e-7)));
    return t_mul_(c, row, scale);
}
static Value renorm_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *index = call_tensor(k, 1);
    if (self->ndim != 2)
        return value_raise(c, RuntimeError,
                           "Expected 2-dimensional tensor, but got %d-dimensional "
                           "tensor for argument #1 'self' (while checking arguments "
                           "for embedding_renorm_)",
                           self->ndim);
    if (!embedding_check_indices(c, "embedding_renorm_", 2, "indices", index))
        return value_null();
    /* The smallest index first, each once. */
    const int64_t all = -1;
    index = t_reshape(c, embedding_indices(c, index), 1, &all);
    const Tuple *sorted = index ? value_tuple(t_sort(c, index, 0, false)) : NULL;
    if (!sorted) return value_null();
    const int64_t *i = tensor_data(value_tensor(sorted->items[0]));
    for (int64_t j = 0; j < index->numel; j++) {
        if (j && i[j] == i[j - 1]) continue;
        Tensor *row = t_select(c, self, 0, i[j]);
        if (!row || !renorm_row(c, row, call_float(k, 2), call_float(k, 3)))
            return value_null();
    }
    return value_obj(self);
}
static const OpDef op_embedding_renorm_ = {
    .schema = "embedding_renorm_(Tensor(a!) self, Tensor indices, float max_norm, "
              "float norm_type) -> Tensor(a!)",
    .doc = "Scales the rows at indices down to a norm of max_norm.",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "indices",
    .forward = renorm_forward,
};

/* ---- one_hot ---- */

static bool classes_check(Ctx *c, Tensor *self, int64_t *classes) {
    int64_t low = INT64_MAX, high = INT64_MIN;
    self = t_contiguous(c, self);
    if (!self) return false;
    const int64_t *x = tensor_data(self);
    for (int64_t i = 0; i < self->numel; i++) {
        if (x[i] < low) low = x[i];
        if (x[i] > high) high = x[i];
    }
    if (low < 0)
        error_raise(c, RuntimeError, "Class values must be non-negative.");
    else if (*classes == -1)
        *classes = high + 1;
    else if (*classes <= high)
        error_raise(c, RuntimeError, "Class values must be smaller than num_classes.");
    return !ctx_failed(c);
}
static Value one_hot_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t classes = call_int(k, 1);
    if (self->dtype != DT_int64)
        return value_raise(c, RuntimeError,
                           "one_hot is only applicable to index tensor.");
    if (self->numel == 0 && classes <= 0)
        return value_raise(c, RuntimeError,
                           "Can not infer total number of classes from empty tensor.");
    if (self->numel && !classes_check(c, self, &classes)) return value_null();
    Shape shape = tensor_shape(self);
    shape.dims[shape.ndim++] = classes;
    Tensor *t = t_zeros(c, shape.ndim, shape.dims, DT_int64);
    if (t && self->numel)
        t = t_scatter_value(c, t, -1, t_unsqueeze(c, self, -1), value_int(1));
    /* PyTorch writes the zeros and the ones in place, and both writes count. */
    for (int i = 0; t && self->numel && i < 2; i++) tensor_bump_version(t);
    return value_obj(t);
}
static const OpDef op_one_hot = {
    .schema = "one_hot(Tensor self, int num_classes=-1) -> Tensor",
    .doc = "self [...] of classes -> [..., num_classes], 1 at the class, else 0.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = one_hot_forward,
    .example = "torch._C._nn.one_hot(i)",
};

const OpDef *const embedding_ops[] = {
    &op_embedding_dense_backward,
    &op_embedding,
    &op_embedding_renorm_,
    &op_one_hot,
    NULL,
};
