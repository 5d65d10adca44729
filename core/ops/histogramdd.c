/* Histograms of points of several dimensions, the last one of self holding their
 * coordinates. Source: Histogram.cpp. */
#include "histogram.h"
#include "ops.h"

#include <string.h>

static const char *const histogramdd_fields[] = {"hist", "bin_edges", NULL};
RETURN_KIND(histogramdd, histogramdd_fields)

/* self [..., n] as [m, n]; NULL after raising. */
static Tensor *points_of(Ctx *c, Tensor *self) {
    if (self->ndim < 2)
        return error_raise(
            c, RuntimeError,
            "torch.histogramdd: input tensor should have at least 2 dimensions");
    int64_t n = self->sizes[self->ndim - 1];
    if (n > MAX_DIMS)
        return error_raise(c, RuntimeError, "a result of more than %d dimensions",
                           MAX_DIMS);
    return t_reshape(c, self, 2,
                     (int64_t[]){shape_numel(self->ndim - 1, self->sizes), n});
}

static bool weight_fits(Ctx *c, const Tensor *self, const Tensor *weight) {
    if (!weight) return true;
    const int64_t one = 1;
    bool same = weight->ndim ? shape_equal(weight->ndim, weight->sizes, self->ndim - 1,
                                           self->sizes)
                             : shape_equal(1, &one, self->ndim - 1, self->sizes);
    return histogram_weight_check(c, self, weight, same);
}

static Value count(Ctx *c, Call *k, Tensor *points, const Edges *e, Tensor *weight,
                   bool density) {
    for (int j = 0; j < e->n; j++)
        if (!histogram_bins_check(c, e->of[j]->numel - 1, j)) return value_null();
    if (dtype_refused(c, "histogram_cpu", (unsigned)HISTOGRAM_REFUSED,
                      (DType)points->dtype))
        return value_null();
    Tensor *hist = histogram_count(c, points, e, weight, density);
    return hist ? call_give(c, k, hist) : value_null();
}

/* ---- evenly spaced bins ---- */

/* The edges for the numbers of bins in argument 1 over the range in argument 2. */
static bool spaced_edges(Ctx *c, const Call *k, Tensor *points, Edges *e) {
    int64_t bins[MAX_DIMS];
    int n = call_ints(c, k, 1, bins, MAX_DIMS);
    if (!points || n < 0) return false;
    e->n = (int)points->sizes[1];
    for (int j = n; j < e->n; j++) bins[j] = 0;
    return histogram_space(c, points, bins, k->args[2], e);
}

static Value bin_edges_forward(Ctx *c, Call *k) {
    Edges e;
    if (!spaced_edges(c, k, points_of(c, call_tensor(k, 0)), &e)) return value_null();
    return return_tuple(c, NULL, (size_t)e.n, e.of);
}
static const OpDef op_bin_edges = {
    .schema = "_histogramdd_bin_edges(Tensor self, int[] bins, *, float[]? range=None, "
              "Tensor? weight=None, bool density=False) -> Tensor[]",
    .doc = "The edges of evenly spaced bins, a vector a dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bin_edges_forward,
    .example = "torch._histogramdd_bin_edges(m, [2, 3])",
};

static Value from_counts_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *points = points_of(c, self);
    Tensor *weight = call_tensor(k, 3);
    Edges e;
    if (!spaced_edges(c, k, points, &e) || !histogram_edges_check(c, points, &e) ||
        !weight_fits(c, self, weight))
        return value_null();
    return count(c, k, points, &e, weight, call_bool(k, 4));
}
static const OpDef op_from_counts = {
    .schema = "_histogramdd_from_bin_cts(Tensor self, int[] bins, *, float[]? "
              "range=None, Tensor? weight=None, bool density=False) -> Tensor",
    .doc = "How many points fall into each of evenly spaced bins.",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = from_counts_forward,
    .example = "torch._histogramdd_from_bin_cts(m, [2, 3])",
};

/* self, bins, range, weight, density, the bins as a list. */
static Value histogram_of_counts(Ctx *c, Call *k, Value bins) {
    Value args[5] = {k->args[0], bins, k->args[2], k->args[3], k->args[4]};
    Value pair[2];
    pair[0] = op_call(c, &op_from_counts, args);
    pair[1] = op_call(c, &op_bin_edges, args);
    if (ctx_failed(c)) return value_null();
    return value_obj(pool_add(c, tuple_new(c, &histogramdd_kind, 2, pair)));
}
static Value histogramdd_forward(Ctx *c, Call *k) {
    return histogram_of_counts(c, k, k->args[1]);
}
static const OpDef op_histogramdd = {
    .schema = "histogramdd(Tensor self, int[] bins, float[]? range=None, Tensor? "
              "weight=None, bool density=False) -> (Tensor hist, Tensor[] bin_edges)",
    .doc = "How many points [..., n] fall into each of evenly spaced bins, and their "
           "edges.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = histogramdd_forward,
    .example = "torch.histogramdd(m, [2, 3])",
};

static Value histogramdd_int_forward(Ctx *c, Call *k) {
    const Tensor *self = call_tensor(k, 0);
    int64_t bins[MAX_DIMS];
    int at = shape_size_dim(c, -1, self->ndim);
    if (at < 0) return value_null();
    int64_t n = self->sizes[at] < MAX_DIMS ? self->sizes[at] : MAX_DIMS;
    for (int64_t j = 0; j < n; j++) bins[j] = call_int(k, 1);
    Value list = arg_ints(c, (int)n, bins);
    return ctx_failed(c) ? value_null() : histogram_of_counts(c, k, list);
}
static const OpDef op_histogramdd_int = {
    .schema = "histogramdd.int_bins(Tensor self, int bins, float[]? range=None, "
              "Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor[] "
              "bin_edges)",
    .doc = "The same with as many bins in each dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = histogramdd_int_forward,
    .example = "torch.histogramdd(m, 2)",
};

/* ---- bins by their edges ---- */

static Value from_edges_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *points = points_of(c, self);
    Tensor *weight = call_tensor(k, 2);
    int64_t given = (int64_t)call_list_len(k, 1);
    if (!points) return value_null();
    Edges e = {.n = (int)points->sizes[1]};
    if (given != e.n)
        return value_raise(
            c, RuntimeError,
            "torch.histogramdd: expected %d sequences of bin edges for a "
            "%d-dimensional histogram but got %lld",
            e.n, e.n, (long long)given);
    for (int j = 0; j < e.n; j++) e.of[j] = call_list_tensor(k, 1, (size_t)j);
    if (!histogram_edges_check(c, points, &e) || !weight_fits(c, self, weight))
        return value_null();
    return count(c, k, points, &e, weight, call_bool(k, 3));
}
static const OpDef op_from_edges = {
    .schema = "_histogramdd_from_bin_tensors(Tensor self, Tensor[] bins, *, Tensor? "
              "weight=None, bool density=False) -> Tensor",
    .doc = "How many points fall between the given edges.",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = from_edges_forward,
    .example = "torch._histogramdd_from_bin_tensors(m, (v, v))",
};

static Value histogramdd_edges_forward(Ctx *c, Call *k) {
    Value args[4] = {k->args[0], k->args[1], k->args[3], k->args[4]}, pair[2];
    const Value *items;
    size_t n;
    pair[0] = op_call(c, &op_from_edges, args);
    if (ctx_failed(c) || !value_items(k->args[1], &items, &n)) return value_null();
    pair[1] = tuple_of(c, n, items);
    if (ctx_failed(c)) return value_null();
    return value_obj(pool_add(c, tuple_new(c, &histogramdd_kind, 2, pair)));
}
static const OpDef op_histogramdd_edges = {
    .schema = "histogramdd.TensorList_bins(Tensor self, Tensor[] bins, float[]? "
              "range=None, Tensor? weight=None, bool density=False) -> (Tensor hist, "
              "Tensor[] bin_edges)",
    .doc = "The same with bins between the given edges, a vector a dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = histogramdd_edges_forward,
    .example = "torch.histogramdd(m, (v, v))",
};

const OpDef *const histogramdd_ops[] = {
    &op_bin_edges,   &op_from_counts,       &op_from_edges, &op_histogramdd_int,
    &op_histogramdd, &op_histogramdd_edges, NULL,
};
