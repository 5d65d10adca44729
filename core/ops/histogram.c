/* histogram: how many elements, or how much weight, fall between edges.
 *
 * Edges are given, or evenly spaced over a range; a bin holds its left edge, the last
 * one both.  Source: Histogram.cpp, HistogramKernel.cpp. */
#include "core/pointwise.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>

static const char *const histogram_fields[] = {"hist", "bin_edges", NULL};
RETURN_KIND(histogram, histogram_fields)

/* One call: n elements and weights (NULL: 1 each) of dtype d, and n_edges edges, all
 * read as doubles and rounded to d. */
typedef struct Histogram {
    DType d;
    const double *x, *weight, *edge;
    int64_t n, n_edges;
    bool spaced; /* evenly */
} Histogram;

/* The last edge from `from` up to `to` that is not above x. */
static int64_t edge_below(const Histogram *h, double x, int64_t from, int64_t to) {
    while (from < to) {
        int64_t middle = from + (to - from) / 2;
        if (x < h->edge[middle])
            to = middle;
        else
            from = middle + 1;
    }
    return from - 1;
}

/* (x - left) (edges - 1) / (right - left), each step rounded to d. */
static double spaced_bin(const Histogram *h, double x) {
    double left = h->edge[0], right = h->edge[h->n_edges - 1];
    if (h->d == DT_float32) {
        float all = (float)(h->n_edges - 1);
        return (double)(((float)x - (float)left) * all / ((float)right - (float)left));
    }
    return (x - left) * (double)(h->n_edges - 1) / (right - left);
}

/* The bin of x, -1 when it is in none. */
static int64_t bin_of(const Histogram *h, double x) {
    int64_t last = h->n_edges - 1;
    if (!(x >= h->edge[0] && x <= h->edge[last])) return -1;
    int64_t from = 0, to = h->n_edges;
    if (h->spaced) { /* rounding may be off by one */
        int64_t near = (int64_t)spaced_bin(h, x);
        from = near > 0 ? near - 1 : 0;
        to = near + 2 < to ? near + 2 : to;
    }
    int64_t bin = edge_below(h, x, from, to);
    return bin == last ? last - 1 : bin;
}

static void count(const Histogram *h, double *hist) {
    for (int64_t i = 0; i < h->n; i++) {
        int64_t bin = bin_of(h, h->x[i]);
        if (bin < 0) continue;
        hist[bin] += h->weight ? h->weight[i] : 1;
        if (h->d == DT_float32) hist[bin] = (double)(float)hist[bin];
    }
}

/* t's elements as doubles, in order. */
static Tensor *as_doubles(Ctx *c, Tensor *t) {
    Tensor *r = t ? tensor_make(c, DT_float64, t->ndim, t->sizes) : NULL;
    tensor_copy(r, t);
    return r;
}

/* ---- checks ---- */

static bool edges_check(Ctx *c, const Tensor *self, const Tensor *edges) {
    if (edges->dtype != self->dtype)
        error_raise(c, RuntimeError,
                    "torch.histogramdd: input tensor and bins tensors should have the "
                    "same dtype, but got input with dtype %s and bins for dimension 0 "
                    "with dtype %s",
                    dtype_type_name((DType)self->dtype),
                    dtype_type_name((DType)edges->dtype));
    else if (edges->ndim != 1)
        error_raise(c, RuntimeError,
                    "torch.histogramdd: bins tensor should have one dimension, but got "
                    "%d dimensions in the bins tensor for dimension 0",
                    edges->ndim);
    else if (edges->numel == 0)
        error_raise(
            c, RuntimeError,
            "torch.histogramdd: bins tensor should have at least 1 element, but "
            "got 0 elements in the bins tensor for dimension 0");
    return !ctx_failed(c);
}

static bool weight_check(Ctx *c, const Tensor *self, const Tensor *weight) {
    if (!weight) return true;
    if (weight->dtype != self->dtype)
        error_raise(c, RuntimeError,
                    "torch.histogramdd: if weight tensor is provided, input tensor and "
                    "weight tensor should have the same dtype, but got input(%s), and "
                    "weight(%s)",
                    dtype_type_name((DType)self->dtype),
                    dtype_type_name((DType)weight->dtype));
    else if (weight->numel != self->numel)
        error_raise(
            c, RuntimeError,
            "torch.histogramdd: if weight tensor is provided it should have the "
            "same shape as the input tensor excluding its innermost dimension, "
            "but got input with shape [%" PRId64 ", 1] and weight with shape [%" PRId64
            "]",
            self->numel, weight->numel);
    return !ctx_failed(c);
}

static bool bins_check(Ctx *c, int64_t bins) {
    if (bins > 0) return true;
    error_raise(c, RuntimeError,
                "torch.histogram(): bins must be > 0, but got %" PRId64
                " for dimension 0",
                bins);
    return false;
}

/* ---- edges ---- */

static bool range_check(Ctx *c, const double *ends) {
    if (!isfinite(ends[0]) || !isfinite(ends[1]))
        error_raise(c, RuntimeError,
                    "torch.histogramdd: dimension 0's range [%g, %g] is not finite",
                    ends[0], ends[1]);
    else if (ends[0] > ends[1])
        error_raise(c, RuntimeError,
                    "torch.histogramdd: min should not exceed max, but got min %g max "
                    "%g for dimension 0",
                    ends[0], ends[1]);
    return !ctx_failed(c);
}

/* The ends of the range: given, or of the elements; never equal. */
static bool range_of(Ctx *c, Tensor *self, Value range, double *ends) {
    const Value *items;
    size_t n;
    ends[0] = 0;
    ends[1] = 1;
    if (value_items(range, &items, &n)) {
        if (n != 2) {
            error_raise(c, RuntimeError,
                        "torch.histogramdd: for a 1-dimensional histogram range should "
                        "have 2 elements, but got %zu",
                        n);
            return false;
        }
        for (int i = 0; i < 2; i++) ends[i] = value_as_double(items[i]);
    } else if (self->numel) {
        Tensor *low = t_amin(c, self, 0, NULL, false);
        Tensor *high = t_amax(c, self, 0, NULL, false);
        if (!low || !high) return false;
        ends[0] = tensor_item(c, low).as.f;
        ends[1] = tensor_item(c, high).as.f;
    }
    if (!range_check(c, ends)) return false;
    if (ends[0] == ends[1]) {
        ends[0] -= 0.5;
        ends[1] += 0.5;
    }
    return true;
}

/* ---- the operator ---- */

/* Each bin's share of the whole, by its width. */
static Tensor *as_density(Ctx *c, Tensor *hist, Tensor *edges) {
    Tensor *left = t_slice(c, edges, 0, 0, edges->numel - 1, 1);
    Tensor *right = t_slice(c, edges, 0, 1, edges->numel, 1);
    Tensor *sum = t_sum(c, hist);
    if (!sum) return NULL;
    return t_div(c, t_div_scalar(c, hist, tensor_item(c, sum)), t_sub(c, right, left));
}

/* Results into out= where there is one: hist first. */
static Value histogram_results(Ctx *c, Call *k, Tensor *hist, Tensor *edges) {
    Tensor *made[2] = {hist, edges};
    Value pair[2];
    for (int i = 0; i < 2; i++) {
        if (!made[i]) return value_null();
        Tensor *r = call_result(c, k, i, (DType)made[i]->dtype, 1, made[i]->sizes);
        if (!r) return value_null();
        tensor_copy(r, made[i]);
        pair[i] = arg_tensor(r);
    }
    return value_obj(pool_add(c, tuple_new(c, &histogram_kind, 2, pair)));
}

static Value histogram(Ctx *c, Call *k, Tensor *edges, bool spaced, Tensor *weight,
                       bool density) {
    Tensor *self = call_tensor(k, 0);
    Tensor *x = as_doubles(c, self), *w = weight ? as_doubles(c, weight) : NULL;
    Tensor *e = as_doubles(c, edges);
    int64_t bins = edges ? edges->numel - 1 : 0;
    Tensor *sums = t_zeros(c, 1, &bins, DT_float64);
    if (!x || !e || !sums || (weight && !w)) return value_null();
    Histogram h = {(DType)self->dtype,
                   tensor_data(x),
                   w ? tensor_data(w) : NULL,
                   tensor_data(e),
                   self->numel,
                   edges->numel,
                   spaced};
    count(&h, tensor_data(sums));
    Tensor *hist = t_to_dtype(c, sums, h.d);
    if (density && hist) hist = as_density(c, hist, edges);
    return histogram_results(c, k, hist, edges);
}

enum { NOT_FLOATS = ~(1 << DT_float32 | 1 << DT_float64) };

/* out= has the dtype of self, and is sized first. */
static bool histogram_prepare_out(Ctx *c, Call *k, int64_t bins) {
    static const char *const names[2] = {"hist", "bin_edges"};
    DType d = (DType)call_tensor(k, 0)->dtype;
    for (int i = 0; i < 2 && k->form == CALL_OUT; i++) {
        DType out = (DType)k->target[i]->dtype;
        if (out == d) continue;
        error_raise(c, RuntimeError,
                    "torch.histogram: input tensor and %s tensor should have the same "
                    "dtype, but got input %s and %s %s%s",
                    names[i], dtype_type_name(d), names[i], dtype_type_name(out),
                    i ? " for dimension 0" : "");
        return false;
    }
    return out_prepare(c, k, 0, d, 1, &bins) &&
           out_prepare(c, k, 1, d, 1, &(int64_t){bins + 1});
}
static bool histogram_prepare(Ctx *c, Call *k, int64_t bins) {
    DType d = (DType)call_tensor(k, 0)->dtype;
    return histogram_prepare_out(c, k, bins) &&
           !dtype_refused(c, "histogram_cpu", (unsigned)NOT_FLOATS, d);
}

static Value histogram_edges_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *edges = call_tensor(k, 1);
    Tensor *weight = call_tensor(k, 2);
    if (!edges_check(c, self, edges) || !weight_check(c, self, weight) ||
        !bins_check(c, edges->numel - 1) || !histogram_prepare(c, k, edges->numel - 1))
        return value_null();
    return histogram(c, k, edges, false, weight, call_bool(k, 3));
}
static const OpDef op_histogram_edges = {
    .schema = "histogram.bins_tensor(Tensor self, Tensor bins, *, Tensor? weight=None, "
              "bool density=False) -> (Tensor hist, Tensor bin_edges)",
    .doc = "How many elements fall between each two of the given edges.",
    .forms = OP_USUAL,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = histogram_edges_forward,
    .example = "torch.histogram(v, torch.tensor([0., 0.5, 1.]))",
};

static Value histogram_bins_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *weight = call_tensor(k, 3);
    int64_t bins = call_int(k, 1);
    double ends[2];
    bool minmax = call_is_none(k, 2) && self->numel;
    if (!bins_check(c, bins) || !histogram_prepare_out(c, k, bins) ||
        (minmax &&
         dtype_refused(c, "histogramdd", (unsigned)NOT_FLOATS, (DType)self->dtype)) ||
        !range_of(c, self, k->args[2], ends) || !weight_check(c, self, weight) ||
        dtype_refused(c, "histogram_cpu", (unsigned)NOT_FLOATS, (DType)self->dtype))
        return value_null();
    Tensor *edges = t_linspace(c, ends[0], ends[1], bins + 1, (DType)self->dtype);
    return histogram(c, k, edges, true, weight, call_bool(k, 4));
}
static const OpDef op_histogram_bins = {
    .schema = "histogram.bin_ct(Tensor self, int bins=100, *, float[]? range=None, "
              "Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor "
              "bin_edges)",
    .doc = "How many elements fall into each of evenly spaced bins.",
    .forms = OP_USUAL,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = histogram_bins_forward,
};

const OpDef *const histogram_ops[] = {&op_histogram_edges, &op_histogram_bins, NULL};
