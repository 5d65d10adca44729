/* How often values occur: bincount, histc.  Sources: SummaryOps.cpp, Histogram.cpp,
 * HistogramKernel.cpp. */
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>

/* ---- bincount ---- */

static bool bincount_check(Ctx *c, const Tensor *self, const Tensor *weights,
                           const int64_t *x) {
    bool good = self->ndim == 1;
    for (int64_t i = 0; good && i < self->numel; i++) good = x[i] >= 0;
    if (!good) {
        error_raise(c, RuntimeError,
                    "bincount only supports 1-d non-negative integral inputs.");
        return false;
    }
    if (!weights || (weights->ndim == 1 && weights->numel == self->numel)) return true;
    error_raise(c, RuntimeError,
                "weights should be 1-d and have the same length as input");
    return false;
}

/* r [bins] (zeros) += 1, or weights[i], at x[i]; weights are float or double. */
static void count_bins(const int64_t *x, int64_t n, const Tensor *weights, Tensor *r) {
    for (int64_t i = 0; i < n; i++) {
        if (!weights)
            ((int64_t *)tensor_data(r))[x[i]]++;
        else if (weights->dtype == DT_float32)
            ((float *)tensor_data(r))[x[i]] += ((const float *)tensor_data(weights))[i];
        else
            ((double *)tensor_data(r))[x[i]] +=
                ((const double *)tensor_data(weights))[i];
    }
}

/* self [n] -> [bins]: int64, or float or double as the weights are. */
static Value bincount_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *weights = call_tensor(k, 1);
    int64_t bins = call_int(k, 2);
    if (dtype_refused(c, "bincount_cpu", DTYPES_BOOL | DTYPES_FLOATING,
                      (DType)self->dtype))
        return value_null();
    if (bins < 0) return value_raise(c, RuntimeError, "minlength should be >= 0");
    if (self->ndim == 1 && self->numel == 0)
        return value_obj(t_zeros(c, 1, &bins, DT_int64));
    Tensor *x = t_contiguous(c, t_to_dtype(c, self, DT_int64));
    if (!x || !bincount_check(c, self, weights, tensor_data(x))) return value_null();
    if (weights && weights->dtype != DT_float32)
        weights = t_to_dtype(c, weights, DT_float64);
    if (weights) weights = t_contiguous(c, weights);
    const int64_t *at = tensor_data(x);
    for (int64_t i = 0; i < x->numel; i++)
        if (at[i] >= bins) bins = at[i] + 1;
    Tensor *r = t_zeros(c, 1, &bins, weights ? (DType)weights->dtype : DT_int64);
    if (r) count_bins(at, x->numel, weights, r);
    return value_obj(r);
}
static const OpDef op_bincount = {
    .schema = "bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor",
    .doc = "How often each number from 0 on occurs, or the sum of the weights of its "
           "occurrences.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bincount_forward,
    .example = "torch.bincount(i)",
};

/* ---- histc ---- */

typedef struct Range {
    double low, high;
} Range;

/* The range asked for, or that of the elements; widened when it is a point. */
static bool histc_range(Ctx *c, const Call *k, Tensor *self, Range *r) {
    *r = (Range){call_float(k, 2), call_float(k, 3)};
    if (r->low == r->high && self->numel > 0) {
        if (dtype_refused(c, "aminmax_cpu", DTYPES_HALF, (DType)self->dtype))
            return false;
        Tensor *low = t_amin(c, self, 0, NULL, false);
        Tensor *high = t_amax(c, self, 0, NULL, false);
        low = t_to_dtype(c, low, DT_float64);
        high = t_to_dtype(c, high, DT_float64);
        if (!low || !high) return false;
        *r = (Range){*(double *)tensor_data(low), *(double *)tensor_data(high)};
        if (isnan(r->low)) *r = (Range){-NAN, -NAN}; /* the sign shows in the message */
    }
    if (r->low == r->high) {
        r->low -= 1;
        r->high += 1;
    }
    if (!isfinite(r->low) || !isfinite(r->high)) {
        error_raise(c, RuntimeError, "torch.histc: range of [%g, %g] is not finite",
                    r->low, r->high);
        return false;
    }
    if (r->low < r->high) return true;
    error_raise(c, RuntimeError, "torch.histc: max must be larger than min");
    return false;
}

/* A number as dtype d holds it. */
static double held(DType d, double x) {
    if (d == DT_float64) return x;
    float f = (float)x;
    return (double)(d == DT_bfloat16 ? bfloat16_rounded(f) : f);
}

/* The bin of x, each step rounded to dtype d; nan counts in the first one. */
static int64_t bin_of(DType d, double x, Range r, int64_t bins) {
    if (x != x) return 0;
    double share = held(d, held(d, x - r.low) / held(d, r.high - r.low));
    double at = held(d, share * held(d, (double)bins));
    if (!(at > 0)) return 0; /* nan, too, of a range too wide for d */
    return at >= (double)bins ? bins - 1 : (int64_t)at;
}

static bool histc_out_check(Ctx *c, const Call *k, const Tensor *self) {
    if (k->form != CALL_OUT || k->target[0]->dtype == self->dtype) return true;
    error_raise(c, RuntimeError,
                "torch.histogram: input tensor and hist tensor should have the same "
                "dtype, but got input %s and hist %s",
                dtype_type_name((DType)self->dtype),
                dtype_type_name((DType)k->target[0]->dtype));
    return false;
}

static void count_in_range(DType d, Tensor *x, Range range, int64_t bins,
                           int64_t *counts) {
    const double *at = tensor_data(x);
    for (int64_t i = 0; i < bins; i++) counts[i] = 0;
    for (int64_t i = 0; i < x->numel; i++)
        if (!(at[i] < range.low || at[i] > range.high))
            counts[bin_of(d, at[i], range, bins)]++;
}

/* self [...] -> [bins], of self's dtype, which limits how far it can count. */
static Value histc_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    int64_t bins = call_int(k, 1);
    Range range;
    if (bins <= 0)
        return value_raise(c, RuntimeError,
                           "torch.histogram(): bins must be > 0, but got %" PRId64
                           " for dimension 0",
                           bins);
    if (!histc_out_check(c, k, self) || !out_prepare(c, k, 0, d, 1, &bins) ||
        !histc_range(c, k, self, &range) ||
        dtype_refused(c, "linspace_cpu", DTYPES_BOOL, d) ||
        dtype_refused(c, "histogram_cpu", DTYPES_HALF | DTYPES_INTEGER, d))
        return value_null();
    range = (Range){held(d, range.low), held(d, range.high)};
    Tensor *r = call_result(c, k, 0, d, 1, &bins);
    Tensor *x = t_contiguous(c, t_to_dtype(c, self, DT_float64));
    Tensor *counts = tensor_make(c, DT_int64, 1, &bins);
    if (!r || !x || !counts) return value_null();
    count_in_range(d, x, range, bins, tensor_data(counts));
    int64_t most = d == DT_bfloat16 ? 1 << 8 : d == DT_float32 ? 1 << 24 : INT64_MAX;
    int64_t *n = tensor_data(counts);
    for (int64_t i = 0; i < bins; i++)
        if (n[i] > most) n[i] = most;
    tensor_copy(r, counts);
    return value_obj(r);
}
static const OpDef op_histc = {
    .schema = "histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor",
    .doc = "How many elements fall into each of equal intervals from min to max.",
    .forms = OP_USUAL,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = histc_forward,
};

const OpDef *const counts_ops[] = {
    &op_bincount,
    &op_histc,
    NULL,
};
