/* embedding_bag: rows of a table, added up, averaged or compared in bags.
 *
 * weight [rows, dim], indices [n], offsets [bags]: bag i holds the indices from
 * offsets[i] to before offsets[i + 1] -> [bags, dim], and for backward: the bag of each
 * index, the sizes of the bags, and the rows that were largest.
 * Source: EmbeddingBag.cpp. */
#include "core/kernel/embedding.h"
#include "core/pointwise.h"
#include "embedding.h"
#include "ops.h"

#include <inttypes.h>

typedef struct BagCall {
    Tensor *weight, *indices, *offsets, *per_sample;
    bool include_last;
    bool narrow; /* the indices were given as int32 */
    Bags b;
} BagCall;

/* ---- checks ---- */

static bool check_weight(Ctx *c, const Tensor *w) {
    DType d = (DType)w->dtype;
    if (d == DT_float16 || d == DT_float32 || d == DT_float64) return true;
    error_raise(c, RuntimeError,
                "Expected tensor for argument #1 'weight' to have one of the following "
                "scalar types: Half, Float, Double; but got %s instead (while checking "
                "arguments for embedding_bag)",
                tensor_cpp_type(w));
    return false;
}

static bool check_ends(Ctx *c, const BagCall *q, int64_t n, const int64_t *offsets) {
    if (n > 0 && offsets[0] != 0)
        error_raise(c, RuntimeError,
                    "offsets[0] has to be 0, i.e., the first sequence in the "
                    "mini-batch has to start from position 0. However, got %" PRId64
                    "\n[ %s{} ]",
                    offsets[0], tensor_cpp_type(q->offsets));
    else if (n > 0 && shape_size_dim(c, 0, q->indices->ndim) < 0)
        return false;
    else if (n > 0 && offsets[n - 1] > q->indices->sizes[0])
        error_raise(c, RuntimeError,
                    "offsets[-1] can not be greater than input's length %" PRId64
                    " but got offsets[-1] of %" PRId64,
                    q->indices->numel, offsets[n - 1]);
    return !ctx_failed(c);
}

static bool check_per_sample(Ctx *c, const BagCall *q) {
    const Tensor *w = q->per_sample;
    if (!w) return true;
    const char *failed = w->ndim != 1 ? "per_sample_weights.value().dim() == 1"
                         : w->numel != q->indices->numel
                             ? "per_sample_weights.value().numel() == indices.numel()"
                             : NULL;
    if (q->b.mode != BAG_SUM)
        error_raise(c, RuntimeError,
                    "embedding_bag: per_sample_weights only supported with mode='sum'");
    else if (w->dtype != q->weight->dtype)
        error_raise(c, RuntimeError,
                    "Expected tensor for argument #1 'weight' to have the same type as "
                    "tensor for argument #1 'per_sample_weights'; but type %s does not "
                    "equal %s (while checking arguments for embedding_bag)",
                    tensor_cpp_type(q->weight), tensor_cpp_type(w));
    else if (failed)
        error_raise(c, RuntimeError,
                    "Expected %s to be true, but got false.  (Could this error message "
                    "be improved?  If so, please report an enhancement request to "
                    "PyTorch.)",
                    failed);
    return !ctx_failed(c);
}

static bool check_padding(Ctx *c, BagCall *q, const Call *k) {
    if (call_is_none(k, 8)) return true;
    if (shape_size_dim(c, 0, q->weight->ndim) < 0) return false;
    int64_t rows = q->weight->sizes[0];
    int64_t padding = call_int(k, 8);
    if (padding >= -rows && padding < rows) {
        q->b.padding = padding < 0 ? padding + rows : padding;
        return true;
    }
    error_raise(c, RuntimeError,
                "padding_idx must be within the number of embeddings, -%" PRId64
                " through %" PRId64 ", but got %" PRId64,
                rows, rows - 1, padding);
    return false;
}

/* float32 and float16 rows are added up by a library of PyTorch's, which has its own
 * texts and rounds once. */
static bool is_fast(const BagCall *q) {
    return q->b.mode != BAG_MAX && q->weight->dtype != DT_float64 && q->b.padding < 0;
}

/* That library has a function for each pair of kinds of weights and indices. */
static int lookup_line(const BagCall *q) {
    return (q->weight->dtype == DT_float16 ? 215 : 213) + !q->narrow;
}

static bool check_rows(Ctx *c, const BagCall *q) {
    const int64_t *index = tensor_data(q->indices);
    int64_t rows = q->weight->sizes[0];
    for (int64_t i = 0; i < q->indices->numel; i++) {
        if (index[i] >= 0 && index[i] < rows) continue;
        if (is_fast(q))
            error_raise(c, RuntimeError,
                        "[enforce fail at embedding_lookup_idx.cc:%d] 0 <= idx && idx "
                        "< data_size. Index %" PRId64 " is out of bounds: %" PRId64
                        ", range 0 to %" PRId64,
                        lookup_line(q), i, index[i], rows);
        else
            error_raise(c, RuntimeError,
                        "embedding_bag: Expected idx >= 0 && idx < num_embeddings but "
                        "found idx to be %" PRId64,
                        index[i]);
        return false;
    }
    return true;
}

/* ---- the bags ---- */

/* The bag of each index, and how many indices each bag holds that are no padding. What
 * lies behind the last bag is left out: q->b.n becomes the number of those in bags. */
static bool fill_bags(Ctx *c, BagCall *q, Tensor *bag, Tensor *size) {
    const int64_t *offsets = tensor_data(q->offsets), *index = tensor_data(q->indices);
    int64_t *of = tensor_data(bag), *count = tensor_data(size), n = q->indices->numel;
    for (int64_t b = 0; b < q->b.n_bags; b++) {
        bool last = b + 1 == q->offsets->numel;
        int64_t end = last ? n : offsets[b + 1];
        if (offsets[b] < 0 || end < offsets[b] || end > n) {
            error_raise(c, RuntimeError,
                        "[enforce fail at embedding_lookup_idx.cc:214] current < "
                        "index_size. %" PRId64 " vs %" PRId64,
                        n, n);
            return false;
        }
        for (int64_t i = offsets[b]; i < end; i++) {
            of[i] = b;
            count[b] += index[i] != q->b.padding;
        }
        q->b.n = end;
    }
    if (q->b.n_bags <= 0) q->b.n = 0;
    return true;
}

/* Indices and offsets in their common dtype, checked. */
static bool take_indices(Ctx *c, const Call *k, BagCall *q) {
    q->indices = call_tensor(k, 1);
    q->offsets = call_tensor(k, 2);
    DType d = dtype_promote((DType)q->indices->dtype, (DType)q->offsets->dtype);
    q->indices = t_to_dtype(c, q->indices, d);
    q->offsets = t_to_dtype(c, q->offsets, d);
    return !ctx_failed(c) &&
           embedding_check_indices(c, "embedding_bag", 1, "indices", q->indices);
}

static bool take_call(Ctx *c, const Call *k, BagCall *q) {
    q->weight = call_tensor(k, 0);
    q->per_sample = call_tensor(k, 6);
    q->include_last = call_bool(k, 7);
    q->b = (Bags){.mode = (int)call_int(k, 4), .padding = -1};
    if (!check_padding(c, q, k) || !take_indices(c, k, q) ||
        !check_weight(c, q->weight) || shape_size_dim(c, 0, q->offsets->ndim) < 0)
        return false;
    Tensor *offsets = embedding_indices(c, q->offsets);
    if (!offsets || !check_ends(c, q, offsets->numel, tensor_data(offsets)) ||
        !check_per_sample(c, q))
        return false;
    if (q->include_last && offsets->numel < 1) {
        error_raise(c, RuntimeError,
                    "include_last_offset: number of offset should be at least 1");
        return false;
    }
    if (q->weight->ndim < 2 && shape_wrap_dim(c, 1, q->weight->ndim) < 0) return false;
    if (q->b.mode < BAG_SUM || q->b.mode > BAG_MAX || q->weight->ndim != 2 ||
        q->indices->ndim != 1 || offsets->ndim != 1) {
        error_raise(c, RuntimeError, "embedding_bag: bad mode or sizes");
        return false;
    }
    q->offsets = offsets;
    q->narrow = q->indices->dtype == DT_int32;
    q->indices = embedding_indices(c, q->indices);
    return q->indices && check_rows(c, q);
}

/* What the second, third and fourth results are where PyTorch does not need them. */
static Tensor *unused_sizes(Ctx *c, const BagCall *q) {
    Shape s = tensor_shape(q->offsets);
    s.dims[0] -= q->include_last;
    return t_zeros(c, s.ndim, s.dims, DT_int64);
}

static Value bag_results(Ctx *c, BagCall *q, Tensor *out, Tensor *bag, Tensor *size,
                         Tensor *chosen) {
    if (q->b.mode == BAG_SUM) {
        size = chosen = unused_sizes(c, q);
        if (is_fast(q)) bag = t_zeros(c, 1, (int64_t[]){0}, DT_int64);
    } else if (q->b.mode == BAG_MEAN) {
        chosen = size;
    }
    if (ctx_failed(c)) return value_null();
    return return_tuple(c, NULL, 4, (Tensor *[]){out, bag, size, chosen});
}

static Value bag_forward(Ctx *c, Call *k) {
    BagCall q;
    if (!take_call(c, k, &q)) return value_null();
    Tensor *table = t_contiguous(c, q.weight);
    DType d = (DType)q.weight->dtype;
    q.b.n = q.indices->numel;
    q.b.dim = q.weight->sizes[1];
    q.b.n_bags = q.offsets->numel - q.include_last;
    Tensor *bag = t_zeros(c, 1, &q.b.n, DT_int64);
    Tensor *size = t_zeros(c, 1, &q.b.n_bags, DT_int64);
    int64_t sizes[2] = {q.b.n_bags, q.b.dim};
    Tensor *out = t_zeros(c, 2, sizes, d), *chosen = t_zeros(c, 2, sizes, DT_int64);
    Tensor *weights = q.per_sample ? t_contiguous(c, q.per_sample) : NULL;
    if (ctx_failed(c) || !fill_bags(c, &q, bag, size)) return value_null();
    q.b.index = tensor_data(q.indices);
    q.b.bag = tensor_data(bag);
    q.b.size = tensor_data(size);
    q.b.weight = weights ? tensor_data(weights) : NULL;
    kernel_bags(d, &q.b, is_fast(&q), tensor_data(table), tensor_data(out),
                tensor_data(chosen));
    return bag_results(c, &q, out, bag, size, chosen);
}

/* ---- gradients ---- */

/* The bags of indices and offsets, again: the forward may not have kept which bag is
 * whose. All is checked again, too: what is saved may have been replaced since. Padding
 * is not counted from the end. grad [bags, dim], the table has so many rows. */
static bool bags_again(Ctx *c, const Tensor *grad, Tensor *indices, Tensor *offsets,
                       Value padding, int64_t rows, BagCall *q) {
    const int64_t sizes[2] = {grad->ndim ? grad->sizes[0] : 0,
                              grad->ndim > 1 ? grad->sizes[1] : 0};
    int64_t n_bags = q->b.n_bags = sizes[0];
    q->indices = embedding_indices(c, indices);
    q->offsets = embedding_indices(c, offsets);
    q->b.padding = padding.tag == VAL_INT ? padding.as.i : -1;
    q->b.dim = sizes[1];
    if (!q->indices || !q->offsets ||
        !saved_check(c, grad, (DType)grad->dtype, 2, sizes) ||
        !saved_check(c, q->indices, DT_int64, 1, &q->indices->numel) ||
        !embedding_in_range(c, q->indices, rows))
        return false;
    if (q->offsets->numel < n_bags && !saved_check(c, q->offsets, DT_int64, 1, &n_bags))
        return false;
    q->b.n = q->indices->numel;
    Tensor *bag = t_zeros(c, 1, &q->b.n, DT_int64);
    Tensor *size = t_zeros(c, 1, &n_bags, DT_int64);
    if (!bag || !size || !fill_bags(c, q, bag, size)) return false;
    q->b.index = tensor_data(q->indices);
    q->b.bag = tensor_data(bag);
    q->b.size = tensor_data(size);
    return true;
}

/* What scale_grad_by_freq divides by. PyTorch looks the count up under the index whose
 * place among the sorted indices is the number of the row among the rows used; this is
 * kept. */
static const int64_t *bag_counts(Ctx *c, const BagCall *q, int64_t rows) {
    int64_t *counts = embedding_counts(c, rows, q->indices);
    Tensor *sorted = t_zeros(c, 1, &q->indices->numel, DT_int64);
    Tensor *of = t_zeros(c, 1, &q->indices->numel, DT_int64);
    if (!counts || !sorted || !of) return NULL;
    int64_t *s = tensor_data(sorted), *out = tensor_data(of), n = 0, used = 0;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < counts[row]; i++) s[n++] = row;
    for (int64_t row = 0; row < rows; row++) {
        if (!counts[row]) continue;
        int64_t count = counts[s[used++]];
        for (int64_t i = 0; i < q->b.n; i++)
            if (q->b.index[i] == row) out[i] = count;
    }
    return out;
}

/* The rows that were largest, one for each element of grad. */
static bool largest_check(Ctx *c, const Tensor *largest, const Tensor *grad,
                          int64_t rows) {
    return saved_check(c, largest, DT_int64, grad->ndim, grad->sizes) &&
           embedding_in_range(c, largest, rows);
}

/* grad, indices, offsets, largest rows, num_weights, scale_grad_by_freq, mode,
 * per_sample_weights, padding_idx */
static Value bag_dense_forward(Ctx *c, Call *k) {
    BagCall q = {.b = {.mode = (int)call_int(k, 6)}};
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    const Tensor *largest = t_contiguous(c, call_tensor(k, 3));
    int64_t rows = call_int(k, 4);
    if (!grad || !bags_again(c, grad, call_tensor(k, 1), call_tensor(k, 2), k->args[8],
                             rows, &q))
        return value_null();
    DType d = (DType)grad->dtype;
    Tensor *t = t_zeros(c, 2, (int64_t[]){rows, q.b.dim}, d);
    Tensor *weights = call_tensor(k, 7) ? t_contiguous(c, call_tensor(k, 7)) : NULL;
    const int64_t *counts = call_bool(k, 5) ? bag_counts(c, &q, rows) : NULL;
    if (ctx_failed(c) ||
        (weights && !saved_check(c, weights, d, 1, &q.indices->numel)) ||
        (q.b.mode == BAG_MAX && !largest_check(c, largest, grad, rows)))
        return value_null();
    q.b.weight = weights ? tensor_data(weights) : NULL;
    if (q.b.mode == BAG_MAX)
        kernel_bags_max_backward(d, &q.b, tensor_data(largest), tensor_data(grad),
                                 tensor_data(t));
    else
        kernel_bags_backward(d, &q.b, counts, tensor_data(grad), tensor_data(t));
    return call_give(c, k, t);
}
static const OpDef op_bag_dense_backward = {
    .schema = "_embedding_bag_dense_backward(Tensor grad, Tensor indices, Tensor "
              "offsets, Tensor maximum_indices, SymInt num_weights, bool "
              "scale_grad_by_freq, int mode, Tensor? per_sample_weights, int? "
              "padding_idx=None) -> Tensor",
    .doc = "The gradient of embedding_bag's table.",
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "indices offsets maximum_indices",
    .node = "_embedding_bag_dense_backward",
    .forward = bag_dense_forward,
};

/* grad, weight, indices, offsets, padding_idx */
static Value bag_per_sample_forward(Ctx *c, Call *k) {
    BagCall q = {.b = {.mode = BAG_SUM}};
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    Tensor *table = t_contiguous(c, call_tensor(k, 1));
    if (!grad || !table || shape_size_dim(c, 0, table->ndim) < 0 ||
        !bags_again(c, grad, call_tensor(k, 2), call_tensor(k, 3), k->args[4],
                    table->sizes[0], &q) ||
        !saved_check(c, table, (DType)grad->dtype, 2,
                     (int64_t[]){table->sizes[0], q.b.dim}))
        return value_null();
    Tensor *t = t_zeros(c, 1, &q.indices->numel, (DType)grad->dtype);
    if (!t) return value_null();
    kernel_bags_weights_backward((DType)t->dtype, &q.b, tensor_data(grad),
                                 tensor_data(table), tensor_data(t));
    return call_give(c, k, t);
}
static const OpDef op_bag_per_sample_backward = {
    .schema = "_embedding_bag_per_sample_weights_backward(Tensor grad, Tensor weight, "
              "Tensor indices, Tensor offsets, int? padding_idx=None) -> Tensor",
    .doc = "The gradient of embedding_bag's weights of samples.",
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "indices offsets",
    .forward = bag_per_sample_forward,
};

/* padding_idx as a row, or None. */
static Value padding_row(const Grad *g, int64_t rows) {
    if (saved_is_none(g, 8)) return value_none();
    int64_t padding = saved_int(g, 8);
    return value_int(padding < 0 ? padding + rows : padding);
}
/* Saves weight indices offsets scale_grad_by_freq mode sparse per_sample_weights,
 * the largest rows, padding_idx. */
static void bag_backward(Ctx *c, Grad *g) {
    Tensor *weight = saved_tensor(c, g, 0);
    if (!g->grad || !weight) return;
    int64_t rows = weight->sizes[0];
    Value padding = padding_row(g, rows), grad = arg_tensor(g->grad);
    Value indices = arg_tensor(saved_tensor(c, g, 1));
    Value offsets = arg_tensor(saved_tensor(c, g, 2));
    if (grad_wanted(g, 0) && saved_bool(g, 5) && !embedding_refuse_sparse(c)) return;
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, &op_bag_dense_backward,
                           (Value[]){grad, indices, offsets,
                                     arg_tensor(saved_tensor(c, g, 7)), value_int(rows),
                                     saved_value(g, 3), saved_value(g, 4),
                                     arg_tensor(saved_tensor(c, g, 6)), padding}));
    if (grad_wanted(g, 1))
        grad_set(
            g, 1,
            op_tensor(c, &op_bag_per_sample_backward,
                      (Value[]){grad, arg_tensor(weight), indices, offsets, padding}));
}

static const OpDef op_bag = {
    .schema =
        "_embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool "
        "scale_grad_by_freq=False, int mode=0, bool sparse=False, Tensor? "
        "per_sample_weights=None, bool include_last_offset=False, int? padding_idx=-1) "
        "-> (Tensor, Tensor, Tensor, Tensor)",
    .doc = "embedding_bag, and what its gradient needs.",
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "weight indices offsets scale_grad_by_freq mode sparse "
             "per_sample_weights result3 padding_idx",
    .constants = "indices offsets",
    .node = "EmbeddingBagBackward0",
    .forward = bag_forward,
    .backward = bag_backward,
};

static Value bag_call(Ctx *c, const Call *k, Value padding) {
    Value args[9];
    for (int i = 0; i < 8; i++) args[i] = k->args[i];
    args[8] = padding;
    return op_call(c, &op_bag, args);
}
static Value embedding_bag_forward(Ctx *c, Call *k) {
    return bag_call(c, k, value_none());
}
static Value embedding_bag_padding_forward(Ctx *c, Call *k) {
    return bag_call(c, k, k->args[8]);
}
static const OpDef op_embedding_bag = {
    .schema =
        "embedding_bag(Tensor weight, Tensor indices, Tensor offsets, bool "
        "scale_grad_by_freq=False, int mode=0, bool sparse=False, Tensor? "
        "per_sample_weights=None, bool include_last_offset=False) -> (Tensor, Tensor, "
        "Tensor, Tensor)",
    .doc = "Rows of a table in bags: their sums (mode 0), means (1) or largest (2).",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = embedding_bag_forward,
    .example = "torch.embedding_bag(m, i, i)",
};
static const OpDef op_embedding_bag_padding = {
    .schema =
        "embedding_bag.padding_idx(Tensor weight, Tensor indices, Tensor offsets, "
        "bool scale_grad_by_freq, int mode, bool sparse, Tensor? "
        "per_sample_weights, bool include_last_offset, int? padding_idx) -> "
        "(Tensor, Tensor, Tensor, Tensor)",
    .doc = "embedding_bag that leaves one row out.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = embedding_bag_padding_forward,
    .example = "torch.embedding_bag(m, i, i, False, 0, False, None, False, 1)",
};

const OpDef *const embedding_bag_ops[] = {
    &op_bag_dense_backward,    &op_bag_per_sample_backward, &op_bag,
    &op_embedding_bag_padding, &op_embedding_bag,           NULL,
};
