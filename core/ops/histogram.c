/* See histogram.h: counting, and the histogram of one dimension. Sources:
 * Histogram.cpp, HistogramKernel.cpp. */
#include "histogram.h"

#include "ops.h"

#include <inttypes.h>
#include <math.h>

/* ---- counting ---- */

/* The edges of one dimension, read as doubles and rounded to d. */
typedef struct Axis {
    DType d;
    const double *edge;
    int64_t n;
    bool spaced;
} Axis;

/* The last edge from `from` up to `to` that is not above x. */
static int64_t edge_below(const Axis *h, double x, int64_t from, int64_t to) {
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
static double spaced_bin(const Axis *h, double x) {
    double left = h->edge[0], right = h->edge[h->n - 1];
    if (h->d == DT_float32) {
        float all = (float)(h->n - 1);
        return (double)(((float)x - (float)left) * all / ((float)right - (float)left));
    }
    return (x - left) * (double)(h->n - 1) / (right - left);
}

/* The bin of x, -1 when it is in none; nan is in the last one. */
static int64_t bin_of(const Axis *h, double x) {
    int64_t last = h->n - 1;
    if (x < h->edge[0] || x > h->edge[last]) return -1;
    if (x != x) return last - 1;
    int64_t from = 0, to = h->n;
    if (h->spaced) { /* rounding may be off by one */
        int64_t near = (int64_t)spaced_bin(h, x);
        from = near > 0 ? near - 1 : 0;
        to = near + 2 < to ? near + 2 : to;
    }
    int64_t bin = edge_below(h, x, from, to);
    return bin == last ? last - 1 : bin;
}

/* Adds the weights, NULL for 1 each, of m points to their bins. */
static void count(const Axis *axes, int n, const double *x, int64_t m,
                  const double *weight, double *hist) {
    for (int64_t i = 0; i < m; i++, x += n) {
        int64_t at = 0;
        for (int j = 0; j < n && at >= 0; j++) {
            int64_t bin = bin_of(&axes[j], x[j]);
            at = bin < 0 ? -1 : at * (axes[j].n - 1) + bin;
        }
        if (at < 0) continue;
        hist[at] += weight ? weight[i] : 1;
        if (n && axes->d == DT_float32) hist[at] = (double)(float)hist[at];
    }
}

/* t's elements as doubles, in order. */
static Tensor *as_doubles(Ctx *c, Tensor *t) {
    Tensor *r = t ? tensor_make(c, DT_float64, t->ndim, t->sizes) : NULL;
    tensor_copy(r, t);
    return r;
}

/* Each bin's share of the whole, by its size. */
static Tensor *as_density(Ctx *c, Tensor *hist, const Edges *e) {
    Tensor *sum = t_sum(c, hist);
    if (!sum) return NULL;
    hist = t_div_scalar(c, hist, tensor_item(c, sum));
    for (int j = 0; j < e->n && hist; j++) {
        Tensor *left = t_slice(c, e->of[j], 0, 0, e->of[j]->numel - 1, 1);
        Tensor *right = t_slice(c, e->of[j], 0, 1, e->of[j]->numel, 1);
        Tensor *width = t_sub(c, right, left);
        for (int i = j + 1; i < e->n; i++) width = t_unsqueeze(c, width, -1);
        hist = t_div(c, hist, width);
    }
    return hist;
}

Tensor *histogram_count(Ctx *c, Tensor *self, const Edges *e, Tensor *weight,
                        bool density) {
    Axis axes[MAX_DIMS];
    int64_t bins[MAX_DIMS];
    DType d = (DType)self->dtype;
    Tensor *x = as_doubles(c, self), *w = weight ? as_doubles(c, weight) : NULL;
    for (int j = 0; j < e->n; j++) {
        Tensor *edges = as_doubles(c, e->of[j]);
        if (!edges) return NULL;
        axes[j] = (Axis){d, tensor_data(edges), edges->numel, e->spaced};
        bins[j] = edges->numel - 1;
    }
    Tensor *sums = t_zeros(c, e->n, bins, DT_float64);
    if (!x || !sums || (weight && !w)) return NULL;
    int64_t m = e->n ? self->numel / e->n : 0;
    count(axes, e->n, tensor_data(x), m, w ? tensor_data(w) : NULL, tensor_data(sums));
    Tensor *hist = t_to_dtype(c, sums, d);
    return density && hist ? as_density(c, hist, e) : hist;
}

/* ---- checks ---- */

bool histogram_edges_check(Ctx *c, const Tensor *self, const Edges *e) {
    for (int j = 0; j < e->n && !ctx_failed(c); j++) {
        const Tensor *edges = e->of[j];
        if (edges->dtype != self->dtype)
            error_raise(c, RuntimeError,
                        "torch.histogramdd: input tensor and bins tensors should have "
                        "the same dtype, but got input with dtype %s and bins for "
                        "dimension %d with dtype %s",
                        dtype_type_name((DType)self->dtype), j,
                        dtype_type_name((DType)edges->dtype));
        else if (edges->ndim != 1)
            error_raise(c, RuntimeError,
                        "torch.histogramdd: bins tensor should have one dimension, but "
                        "got %d dimensions in the bins tensor for dimension %d",
                        edges->ndim, j);
        else if (edges->numel == 0)
            error_raise(
                c, RuntimeError,
                "torch.histogramdd: bins tensor should have at least 1 element, but "
                "got 0 elements in the bins tensor for dimension %d",
                j);
    }
    return !ctx_failed(c);
}

bool histogram_weight_check(Ctx *c, const Tensor *points, const Tensor *weight,
                            bool same_sizes) {
    if (!weight) return true;
    if (weight->dtype != points->dtype)
        error_raise(c, RuntimeError,
                    "torch.histogramdd: if weight tensor is provided, input tensor and "
                    "weight tensor should have the same dtype, but got input(%s), and "
                    "weight(%s)",
                    dtype_type_name((DType)points->dtype),
                    dtype_type_name((DType)weight->dtype));
    else if (!same_sizes)
        error_raise(
            c, RuntimeError,
            "torch.histogramdd: if weight tensor is provided it should have the "
            "same shape as the input tensor excluding its innermost dimension, "
            "but got input with shape %s and weight with shape %s",
            shape_text(c, points), shape_text(c, weight));
    return !ctx_failed(c);
}

bool histogram_bins_check(Ctx *c, int64_t bins, int dim) {
    if (bins > 0) return true;
    error_raise(c, RuntimeError,
                "torch.histogram(): bins must be > 0, but got %" PRId64
                " for dimension %d",
                bins, dim);
    return false;
}

/* ---- edges ---- */

static bool range_check(Ctx *c, const double *ends, int dim) {
    if (!isfinite(ends[0]) || !isfinite(ends[1]))
        error_raise(c, RuntimeError,
                    "torch.histogramdd: dimension %d's range [%g, %g] is not finite",
                    dim, ends[0], ends[1]);
    else if (ends[0] > ends[1])
        error_raise(c, RuntimeError,
                    "torch.histogramdd: min should not exceed max, but got min %g max "
                    "%g for dimension %d",
                    ends[0], ends[1], dim);
    return !ctx_failed(c);
}

/* The least and the largest element of column j. */
static bool ends_of(Ctx *c, Tensor *self, int j, double *ends) {
    Tensor *column = t_select(c, self, 1, j);
    Tensor *low = t_amin(c, column, 0, NULL, false);
    Tensor *high = t_amax(c, column, 0, NULL, false);
    if (!low || !high) return false;
    ends[0] = tensor_item(c, low).as.f;
    ends[1] = tensor_item(c, high).as.f;
    return true;
}

/* The ends of each range: given, or of the elements; never equal. */
static bool ranges_of(Ctx *c, Tensor *self, Value range, int dims, double (*ends)[2]) {
    const Value *items;
    size_t n;
    bool given = value_items(range, &items, &n);
    if (given && n != 2 * (size_t)dims) {
        error_raise(c, RuntimeError,
                    "torch.histogramdd: for a %d-dimensional histogram range should "
                    "have %d elements, but got %zu",
                    dims, 2 * dims, n);
        return false;
    }
    if (!given && self->numel &&
        dtype_refused(c, "histogramdd", (unsigned)HISTOGRAM_REFUSED,
                      (DType)self->dtype))
        return false;
    for (int j = 0; j < dims; j++) {
        ends[j][0] = given ? value_as_double(items[2 * j]) : 0;
        ends[j][1] = given ? value_as_double(items[2 * j + 1]) : 1;
        if (!given && self->numel && !ends_of(c, self, j, ends[j])) return false;
        if (!range_check(c, ends[j], j)) return false;
        if (ends[j][0] != ends[j][1]) continue;
        ends[j][0] -= 0.5;
        ends[j][1] += 0.5;
    }
    return true;
}

/* The edges of so many bins; a number that int64 does not hold is negative then. */
static int64_t count_edges(int64_t bins) {
    return (int64_t)((uint64_t)bins + 1);
}

bool histogram_space(Ctx *c, Tensor *self, const int64_t *bins, Value range, Edges *e) {
    double ends[MAX_DIMS][2];
    DType d = (DType)self->dtype;
    if (!ranges_of(c, self, range, e->n, ends)) return false;
    e->spaced = true;
    for (int j = 0; j < e->n; j++) {
        e->of[j] = t_linspace(c, ends[j][0], ends[j][1], count_edges(bins[j]), d);
        if (!e->of[j]) return false;
    }
    return true;
}

/* ---- the operator of one dimension ---- */

static const char *const histogram_fields[] = {"hist", "bin_edges", NULL};
RETURN_KIND(histogram, histogram_fields)

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
    return histogram_bins_check(c, bins, 0) &&
           out_prepare(c, k, 1, d, 1, &(int64_t){count_edges(bins)}) &&
           out_prepare(c, k, 0, d, 1, &bins);
}

/* self as points of one dimension. */
static Tensor *points_of(Ctx *c, Tensor *self) {
    return t_reshape(c, self, 2, (int64_t[]){self->numel, 1});
}
static bool weights_fit(Ctx *c, const Tensor *points, Tensor *weight) {
    if (!weight) return true;
    weight = t_reshape(c, weight, 1, &weight->numel);
    return weight &&
           histogram_weight_check(c, points, weight, weight->numel == points->numel);
}
static bool dtype_fits(Ctx *c, const Tensor *points) {
    return !dtype_refused(c, "histogram_cpu", (unsigned)HISTOGRAM_REFUSED,
                          (DType)points->dtype);
}

static Value histogram_edges_forward(Ctx *c, Call *k) {
    Edges e = {.n = 1, .of = {call_tensor(k, 1)}};
    Tensor *weight = call_tensor(k, 2), *points = points_of(c, call_tensor(k, 0));
    if (!points || !histogram_edges_check(c, points, &e) ||
        !weights_fit(c, points, weight) ||
        !histogram_prepare_out(c, k, e.of[0]->numel - 1) || !dtype_fits(c, points))
        return value_null();
    Tensor *hist = histogram_count(c, points, &e, weight, call_bool(k, 3));
    return histogram_results(c, k, hist, e.of[0]);
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
    Tensor *weight = call_tensor(k, 3), *points = points_of(c, call_tensor(k, 0));
    int64_t bins = call_int(k, 1);
    Edges e = {.n = 1};
    if (!points || !histogram_prepare_out(c, k, bins) ||
        !histogram_space(c, points, &bins, k->args[2], &e) ||
        !weights_fit(c, points, weight) || !dtype_fits(c, points))
        return value_null();
    Tensor *hist = histogram_count(c, points, &e, weight, call_bool(k, 4));
    return histogram_results(c, k, hist, e.of[0]);
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
