/* Variance and standard deviation, also together with the mean; sums and means that
 * skip nan; the smallest and largest element together. Sources: ReduceOps.cpp,
 * derivatives.yaml, FunctionsManual.cpp. */
#include "core/kernel/norms.h"
#include "core/kernel/reduce.h"
#include "core/kernel/sum.h"
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

#include <math.h>

/* ---- moments ---- */

typedef struct Moments {
    Tensor *mean, *spread; /* float64, of the reduced shape; spread: var or std */
} Moments;

/* dim (1), correction (2) and keepdim (3) of var.correction and its relatives. */
static int64_t correction_of(const Call *k) {
    return call_is_none(k, 2) ? 1 : call_int(k, 2);
}

/* The mean of rows, one row of all elements, as mean() gives it: rounded to its dtype.
 */
static double rounded_mean(DType d, const Tensor *rows, int64_t n) {
    const int64_t one = 1;
    const bool reduced = true;
    SumShape shape = {1, &n, &one, &reduced, d};
    double sum;
    float sum_float;
    if (d == DT_float64) {
        kernel_sum(d, shape, tensor_data(rows), &sum);
        return sum / (double)n;
    }
    kernel_sum(d, shape, tensor_data(rows), &sum_float);
    return (double)(sum_float / (float)n);
}

/* var(x) = sum((x - mean)^2) / (n - correction); a divisor below 0 counts as 0. A
 * single variance is taken around the rounded mean, several and those with the mean as
 * another result by Welford's method, since PyTorch does it so. */
static bool moments(Ctx *c, Call *k, bool root, bool with_mean, Reduction *r,
                    Moments *m) {
    Tensor *self = call_tensor(k, 0);
    if (!reduction_from_call(c, k, 1, call_bool(k, 3), r)) return false;
    bool half = self->dtype == DT_float16 || self->dtype == DT_bfloat16;
    DType d = half ? DT_float32 : (DType)self->dtype;
    Tensor *rows = reduction_rows(c, self, r, d);
    m->mean = tensor_make(c, DT_float64, r->shape.ndim, r->shape.dims);
    m->spread = tensor_make(c, DT_float64, r->shape.ndim, r->shape.dims);
    if (!rows || !m->mean || !m->spread) return false;
    double *mean = tensor_data(m->mean), *spread = tensor_data(m->spread);
    if (r->rows == 1 && !half && !with_mean)
        *spread =
            squared_distances(d, tensor_data(rows), r->n, rounded_mean(d, rows, r->n));
    else
        kernel_welford(d, tensor_data(rows), r->rows, r->n, self->dtype != DT_float16,
                       mean, spread);
    double divisor = fmax(0, (double)r->n - (double)correction_of(k));
    for (int64_t i = 0; i < r->rows; i++) {
        double var = r->n ? spread[i] / divisor : NAN;
        spread[i] = root ? sqrt(var) : var;
        if (r->n == 0) mean[i] = NAN;
    }
    return true;
}

static bool float_check(Ctx *c, const Call *k, const char *name) {
    if (dtype_is_floating((DType)call_tensor(k, 0)->dtype)) return true;
    error_raise(c, RuntimeError, "%s only support floating point and complex dtypes",
                name);
    return false;
}

/* Result nr of the call, of dtype d, filled from computed. */
static Tensor *store(Ctx *c, Call *k, int nr, DType d, const Tensor *computed) {
    Tensor *r = call_result(c, k, nr, d, computed->ndim, computed->sizes);
    if (r) tensor_copy(r, computed);
    return r;
}

static Value spread_forward(Ctx *c, Call *k, bool root) {
    Reduction r;
    Moments m;
    if (!float_check(c, k, "std and var") || !moments(c, k, root, false, &r, &m))
        return value_null();
    DType d = (DType)call_tensor(k, 0)->dtype;
    if (k->form == CALL_OUT) d = (DType)k->target[0]->dtype;
    if (!out_prepare(c, k, 0, d, r.shape.ndim, r.shape.dims) ||
        dtype_refused(c, "std_cpu", DTYPES_INTEGRAL, d))
        return value_null();
    return value_obj(store(c, k, 0, d, m.spread));
}

static Value spread_mean_forward(Ctx *c, Call *k, const char *name, bool root) {
    Reduction r;
    Moments m;
    if (!float_check(c, k, name) || !moments(c, k, root, true, &r, &m))
        return value_null();
    DType d = (DType)call_tensor(k, 0)->dtype;
    return return_tuple(
        c, NULL, 2,
        (Tensor *[]){store(c, k, 0, d, m.spread), store(c, k, 1, d, m.mean)});
}

/* ---- their gradients ---- */

/* What the backward of var and its relatives has saved: self dim correction keepdim. */
typedef struct Spread {
    Tensor *self;
    bool whole; /* no dims were given */
    int n_dims;
    int64_t dims[MAX_DIMS];
    int64_t correction, count;
    bool keepdim;
} Spread;

static bool read_spread(Ctx *c, const Grad *g, Spread *s) {
    s->self = saved_tensor(c, g, 0);
    if (!s->self) return false;
    s->whole = saved_is_none(g, 1) || s->self->ndim == 0;
    s->n_dims = s->whole ? 0 : saved_ints(g, 1, s->dims, MAX_DIMS);
    s->correction = saved_is_none(g, 2) ? 1 : saved_int(g, 2);
    s->keepdim = saved_bool(g, 3);
    s->count = s->whole ? s->self->numel : 1; /* 1 also for no dimensions */
    for (int i = 0; i < s->n_dims; i++) {
        int64_t d = s->dims[i];
        s->count *= s->self->sizes[d < 0 ? d + s->self->ndim : d];
    }
    return true;
}

/* grad with the reduced dims put back. */
static Tensor *restored(Ctx *c, Tensor *grad, const Spread *s) {
    bool keepdim = s->keepdim || s->self->ndim <= 1;
    return reduction_restore(c, grad, s->self->ndim, s->n_dims, s->dims, keepdim);
}

/* 2 / (n - correction) * grad * (self - mean) */
static Tensor *var_gradient(Ctx *c, Tensor *grad, const Spread *s) {
    double rest = (double)s->count - (double)s->correction;
    if (s->whole && rest == 0) return t_mul_scalar(c, grad, value_float(INFINITY));
    Tensor *mean = s->whole ? t_mean(c, s->self)
                            : t_mean_dims(c, s->self, s->n_dims, s->dims, true);
    grad =
        t_mul_scalar(c, s->whole ? grad : restored(c, grad, s), value_float(2 / rest));
    return t_mul(c, grad, t_sub(c, s->self, mean));
}

/* The gradient of var from that of std: grad / (2 std), 0 where std is 0. */
static Tensor *std_gradient(Ctx *c, Tensor *grad, Tensor *std) {
    Tensor *t = t_div(c, grad, t_mul_scalar(c, std, value_int(2)));
    return t_masked_fill_scalar_(c, t, t_eq_scalar(c, std, value_int(0)), value_int(0));
}

static Tensor *mean_gradient(Ctx *c, Tensor *grad, const Spread *s) {
    Tensor *t =
        reduction_restore(c, grad, s->self->ndim, s->n_dims, s->dims, s->keepdim);
    t = t_expand(c, t, s->self->ndim, s->self->sizes);
    return t_div_scalar(c, t, value_int(s->n_dims ? s->count : s->self->numel));
}

static void var_backward(Ctx *c, Grad *g) {
    Spread s;
    if (read_spread(c, g, &s)) grad_set(g, 0, var_gradient(c, g->grad, &s));
}

static void std_backward(Ctx *c, Grad *g) {
    Spread s;
    if (!read_spread(c, g, &s)) return;
    Tensor *grad = std_gradient(c, g->grad, saved_tensor(c, g, 4));
    grad_set(g, 0, var_gradient(c, grad, &s));
}

/* The sum of the gradients through the spread and through the mean. */
static void pair_backward(Ctx *c, Grad *g, const Spread *s, Tensor *spread) {
    Tensor *total = spread;
    if (g->grads[1]) {
        Tensor *mean = mean_gradient(c, g->grads[1], s);
        total = total ? t_add(c, total, mean) : mean;
    }
    grad_set(g, 0, total);
}

static void var_mean_backward(Ctx *c, Grad *g) {
    Spread s;
    if (!read_spread(c, g, &s)) return;
    pair_backward(c, g, &s, g->grads[0] ? var_gradient(c, g->grads[0], &s) : NULL);
}

static void std_mean_backward(Ctx *c, Grad *g) {
    Spread s;
    if (!read_spread(c, g, &s)) return;
    Tensor *t = NULL;
    if (g->grads[0])
        t = var_gradient(c, std_gradient(c, g->grads[0], saved_tensor(c, g, 4)), &s);
    pair_backward(c, g, &s, t);
}

/* ---- var, std, var_mean, std_mean ---- */

/* The forms with `unbiased` are the form with a correction of 1 or 0: arguments
 * (self, unbiased) or (self, dim, unbiased, keepdim). */
static Value unbiased(Ctx *c, Call *k, const OpDef *def) {
    bool whole = k->op->schema.n == 2;
    Value keepdim = whole ? value_bool(false) : k->args[3];
    Value correction = value_int(call_bool(k, whole ? 1 : 2) ? 1 : 0);
    Value args[] = {k->args[0], whole ? value_none() : k->args[1], correction, keepdim};
    Call with_correction = *k;
    with_correction.args = args;
    return call_as(c, &with_correction, def);
}

static Value var_forward(Ctx *c, Call *k) {
    return spread_forward(c, k, false);
}
static const OpDef op_var_correction = {
    .schema = "var.correction(Tensor self, int[1]? dim, *, int? correction, bool "
              "keepdim=False) -> Tensor",
    .doc = "The variance over dimensions.",
    .forms = OP_USUAL,
    .saves = "self dim correction keepdim",
    .forward = var_forward,
    .backward = var_backward,
};
static Value var_unbiased_forward(Ctx *c, Call *k) {
    return unbiased(c, k, &op_var_correction);
}
static const OpDef op_var_dim = {
    .schema = "var.dim(Tensor self, int[1]? dim, bool unbiased=True, bool "
              "keepdim=False) -> Tensor",
    .doc = "The variance over dimensions.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = var_unbiased_forward,
};
static const OpDef op_var = {
    .schema = "var(Tensor self, bool unbiased=True) -> Tensor",
    .doc = "The variance of all elements.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = var_unbiased_forward,
};
static const OpDef op_var_correction_names = NAMES_ROW(
    OP_USUAL,
    "var.correction_names(Tensor self, Dimname[1] dim, *, int? correction, bool "
    "keepdim=False) -> Tensor");
static const OpDef op_var_names = NAMES_ROW(
    OP_USUAL, "var.names_dim(Tensor self, Dimname[1] dim, bool unbiased=True, bool "
              "keepdim=False) -> Tensor");

static Value std_forward(Ctx *c, Call *k) {
    return spread_forward(c, k, true);
}
static const OpDef op_std_correction = {
    .schema = "std.correction(Tensor self, int[1]? dim, *, int? correction, bool "
              "keepdim=False) -> Tensor",
    .doc = "The standard deviation over dimensions.",
    .forms = OP_USUAL,
    .saves = "self dim correction keepdim result",
    .forward = std_forward,
    .backward = std_backward,
};
static Value std_unbiased_forward(Ctx *c, Call *k) {
    return unbiased(c, k, &op_std_correction);
}
static const OpDef op_std_dim = {
    .schema = "std.dim(Tensor self, int[1]? dim, bool unbiased=True, bool "
              "keepdim=False) -> Tensor",
    .doc = "The standard deviation over dimensions.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = std_unbiased_forward,
};
static const OpDef op_std = {
    .schema = "std(Tensor self, bool unbiased=True) -> Tensor",
    .doc = "The standard deviation of all elements.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = std_unbiased_forward,
};
static const OpDef op_std_correction_names = NAMES_ROW(
    OP_USUAL,
    "std.correction_names(Tensor self, Dimname[1] dim, *, int? correction, bool "
    "keepdim=False) -> Tensor");
static const OpDef op_std_names = NAMES_ROW(
    OP_USUAL, "std.names_dim(Tensor self, Dimname[1] dim, bool unbiased=True, bool "
              "keepdim=False) -> Tensor");

static Value var_mean_forward(Ctx *c, Call *k) {
    return spread_mean_forward(c, k, "var_mean", false);
}
static const OpDef op_var_mean_correction = {
    .schema = "var_mean.correction(Tensor self, int[1]? dim, *, int? correction, bool "
              "keepdim=False) -> (Tensor, Tensor)",
    .doc = "The variance and mean over dimensions.",
    .forms = OP_FUNCTION,
    .saves = "self dim correction keepdim",
    .forward = var_mean_forward,
    .backward = var_mean_backward,
};
static Value var_mean_unbiased_forward(Ctx *c, Call *k) {
    return unbiased(c, k, &op_var_mean_correction);
}
static const OpDef op_var_mean_dim = {
    .schema = "var_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool "
              "keepdim=False) -> (Tensor, Tensor)",
    .doc = "The variance and mean over dimensions.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = var_mean_unbiased_forward,
};
static const OpDef op_var_mean = {
    .schema = "var_mean(Tensor self, bool unbiased=True) -> (Tensor, Tensor)",
    .doc = "The variance and mean of all elements.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = var_mean_unbiased_forward,
};
static const OpDef op_var_mean_correction_names = NAMES_ROW(
    OP_FUNCTION,
    "var_mean.correction_names(Tensor self, Dimname[1] dim, *, int? correction, bool "
    "keepdim=False) -> (Tensor, Tensor)");
static const OpDef op_var_mean_names = NAMES_ROW(
    OP_FUNCTION,
    "var_mean.names_dim(Tensor self, Dimname[1] dim, bool unbiased=True, bool "
    "keepdim=False) -> (Tensor, Tensor)");

static Value std_mean_forward(Ctx *c, Call *k) {
    return spread_mean_forward(c, k, "std_mean", true);
}
static const OpDef op_std_mean_correction = {
    .schema = "std_mean.correction(Tensor self, int[1]? dim, *, int? correction, bool "
              "keepdim=False) -> (Tensor, Tensor)",
    .doc = "The standard deviation and mean over dimensions.",
    .forms = OP_FUNCTION,
    .saves = "self dim correction keepdim result",
    .forward = std_mean_forward,
    .backward = std_mean_backward,
};
static Value std_mean_unbiased_forward(Ctx *c, Call *k) {
    return unbiased(c, k, &op_std_mean_correction);
}
static const OpDef op_std_mean_dim = {
    .schema = "std_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool "
              "keepdim=False) -> (Tensor, Tensor)",
    .doc = "The standard deviation and mean over dimensions.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = std_mean_unbiased_forward,
};
static const OpDef op_std_mean = {
    .schema = "std_mean(Tensor self, bool unbiased=True) -> (Tensor, Tensor)",
    .doc = "The standard deviation and mean of all elements.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = std_mean_unbiased_forward,
};
static const OpDef op_std_mean_correction_names = NAMES_ROW(
    OP_FUNCTION,
    "std_mean.correction_names(Tensor self, Dimname[1] dim, *, int? correction, bool "
    "keepdim=False) -> (Tensor, Tensor)");
static const OpDef op_std_mean_names = NAMES_ROW(
    OP_FUNCTION,
    "std_mean.names_dim(Tensor self, Dimname[1] dim, bool unbiased=True, bool "
    "keepdim=False) -> (Tensor, Tensor)");

/* ---- nansum, nanmean ---- */

/* A dtype that was asked for must be that of out=. */
static bool nansum_out_check(Ctx *c, const Call *k, bool floats, DType d) {
    DType asked = call_dtype(k, 3, d);
    if (!floats) return out_dtype_check(c, k, 0, asked);
    if (asked == d) return true;
    error_raise(c, RuntimeError,
                "nansum: provided dtype must match dtype of result. Got %s and %s.",
                dtype_scalar_name(d), dtype_scalar_name(asked));
    return false;
}

/* The sum of what is not nan. */
static Value nansum_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType own = (DType)self->dtype;
    bool floats = dtype_is_floating(own);
    DType d = create_dtype(k, 3, floats ? own : DT_int64);
    if (!nansum_out_check(c, k, floats, d)) return value_null();
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    Reduction plan;
    if (n < 0 || !reduction_plan(c, self, n, dims, false, &plan)) return value_null();
    if (floats) self = t_masked_fill_scalar(c, self, t_isnan(c, self), value_int(0));
    Tensor *sum = t_sum_dims(c, t_to_dtype(c, self, d), n, dims, call_bool(k, 2));
    Tensor *r = sum ? call_result(c, k, 0, d, sum->ndim, sum->sizes) : NULL;
    if (!r || (floats && self->numel &&
               dtype_refused(c, "nansum_cpu", ~(unsigned)DTYPES_FLOATING, d)))
        return value_null();
    tensor_copy(r, sum);
    return value_obj(r);
}

static void nansum_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0);
    int64_t dims[MAX_DIMS];
    if (!self) return;
    int n = saved_ints(g, 1, dims, MAX_DIMS);
    Tensor *grad = t_to_dtype(c, g->grad, (DType)self->dtype);
    grad = reduction_restore(c, grad, self->ndim, n, dims, saved_bool(g, 2));
    grad = t_expand(c, grad, self->ndim, self->sizes);
    grad_set(g, 0, t_mul(c, grad, t_logical_not(c, t_isnan(c, self))));
}

static const OpDef op_nansum = {
    .schema =
        "nansum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? "
        "dtype=None) -> Tensor",
    .doc = "The sum of the elements that are not nan.",
    .forms = OP_USUAL,
    .saves = "self dim keepdim",
    .forward = nansum_forward,
    .backward = nansum_backward,
};

/* The mean of what is not nan. */
static Value nanmean_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 1, dims, MAX_DIMS);
    if (n < 0) return value_null();
    if (!dtype_is_floating((DType)self->dtype))
        return value_raise(c, RuntimeError,
                           "nanmean(): expected input to have floating point dtype but "
                           "got %s",
                           dtype_scalar_name((DType)self->dtype));
    Tensor *numbers = t_logical_not(c, t_isnan(c, self));
    Tensor *count = t_sum_dims(c, numbers, n, dims, call_bool(k, 2));
    if (k->form != CALL_OUT)
        return value_obj(t_div(c, op_tensor(c, &op_nansum, k->args), count));
    /* PyTorch divides what it has written to out= in place, unseen by autograd. */
    c->below_autograd++;
    Value sum = op_call_out(c, &op_nansum, k->args, k->target, 1);
    sum = op_call_inplace(c, &op_div, (Value[]){sum, arg_tensor(count)});
    c->below_autograd--;
    return sum;
}
static const OpDef op_nanmean = {
    .schema =
        "nanmean(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? "
        "dtype=None) -> Tensor",
    .doc = "The mean of the elements that are not nan.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = nanmean_forward,
};

/* ---- aminmax ---- */

static const char *const aminmax_fields[] = {"min", "max", NULL};
RETURN_KIND(aminmax, aminmax_fields)

/* The smallest and the largest element, of all or along one dimension. */
static Value aminmax_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    Reduction r;
    if (!reduction_from_call(c, k, 1, call_bool(k, 2), &r)) return value_null();
    if (r.n == 0 && call_is_none(k, 1))
        return value_raise(
            c, RuntimeError,
            "aminmax(): cannot compute aminmax over an empty dimension as "
            "the operation has no identity.");
    if (r.n == 0 && self->ndim)
        return value_raise(c, IndexError,
                           "aminmax: Expected reduction dim %d to have non-zero size.",
                           shape_wrap_dim(c, call_int(k, 1), self->ndim));
    bool opened = self->ndim == 0 && call_bool(k, 2) && !call_is_none(k, 1);
    const int64_t one[1] = {1};
    /* PyTorch makes results without dimensions and resizes them. */
    for (int i = 0; opened && i < 2; i++) warn_resized(c, 0, NULL, 1, one);
    if (opened) shape_set(&r.shape, 1, one);
    Tensor *low = call_result(c, k, 0, d, r.shape.ndim, r.shape.dims);
    Tensor *high = low ? call_result(c, k, 1, d, r.shape.ndim, r.shape.dims) : NULL;
    unsigned refused = DTYPES_HALF | (call_is_none(k, 1) ? 0 : DTYPES_BFLOAT16);
    if (dtype_refused(c, "aminmax_cpu", refused, d)) return value_null();
    Tensor *rows = reduction_rows(c, self, &r, d);
    if (!high || !rows) return value_null();
    kernel_min(d, tensor_data(rows), r.rows, r.n, tensor_data(low), NULL);
    kernel_max(d, tensor_data(rows), r.rows, r.n, tensor_data(high), NULL);
    return return_tuple(c, &aminmax_kind, 2, (Tensor *[]){low, high});
}
static const OpDef op_aminmax = {
    .schema = "aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor "
              "min, Tensor max)",
    .doc = "The smallest and the largest element.",
    .forms = OP_USUAL,
    .traits = OP_DERIVATIVE_MISSING | OP_OUT_EXACT,
    .forward = aminmax_forward,
};

const OpDef *const stats_ops[] = {
    &op_var_correction,
    &op_var_dim,
    &op_var,
    &op_var_correction_names,
    &op_var_names,
    &op_std_correction,
    &op_std_dim,
    &op_std,
    &op_std_correction_names,
    &op_std_names,
    &op_var_mean_correction,
    &op_var_mean_dim,
    &op_var_mean,
    &op_var_mean_correction_names,
    &op_var_mean_names,
    &op_std_mean_correction,
    &op_std_mean_dim,
    &op_std_mean,
    &op_std_mean_correction_names,
    &op_std_mean_names,
    &op_nansum,
    &op_nanmean,
    &op_aminmax,
    NULL,
};
