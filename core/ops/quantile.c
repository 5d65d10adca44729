/* quantile, nanquantile: what lies at a share q of the way through sorted elements.
 *
 * self [..., n, ...] and q [] or [m] -> [...] or [m, ...], of dimension `dim` or of all
 * elements; composed of other operators step by step as PyTorch does it, since the
 * graph shows them.  Source: Sorting.cpp. */
#include "ops.h"

#include <math.h>
#include <string.h>

typedef enum Interpolation { LINEAR, LOWER, HIGHER, MIDPOINT, NEAREST } Interpolation;

typedef struct Quantile {
    Tensor *self, *q;
    bool whole, keepdim, ignore_nan; /* whole: no dimension was given */
    int dim;
    Interpolation mode;
} Quantile;

/* ---- checks ---- */

static bool interpolation_named(Ctx *c, const char *name, Interpolation *mode) {
    static const char *const names[] = {
        [LINEAR] = "linear",     [LOWER] = "lower",     [HIGHER] = "higher",
        [MIDPOINT] = "midpoint", [NEAREST] = "nearest",
    };
    for (int i = LINEAR; i <= NEAREST; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (Interpolation)i;
            return true;
        }
    error_raise(c, RuntimeError,
                "quantile() interpolation must be one of linear, lower, higher, "
                "midpoint or nearest, but got %s",
                name);
    return false;
}

static bool quantile_check(Ctx *c, const Quantile *a) {
    const char *wrong = NULL;
    if (a->self->numel == 0)
        wrong = "quantile() input tensor must be non-empty";
    else if (a->q->ndim > 1)
        wrong = "quantile() q must be a scalar or 1D tensor";
    else if (a->self->dtype != DT_float32 && a->self->dtype != DT_float64)
        wrong = "quantile() input tensor must be either float or double dtype";
    else if (a->q->dtype != a->self->dtype)
        wrong = "quantile() q tensor must be same dtype as the input tensor";
    if (wrong) error_raise(c, RuntimeError, "%s", wrong);
    return !wrong;
}

static bool shares_check(Ctx *c, Tensor *q) {
    Tensor *shares = t_contiguous(c, t_to_dtype(c, t_detach(c, q), DT_float64));
    if (!shares) return false;
    const double *x = tensor_data(shares);
    for (int64_t i = 0; i < shares->numel; i++)
        if (!(x[i] >= 0 && x[i] <= 1)) {
            error_raise(c, RuntimeError,
                        "quantile() q values must be in the range [0, 1]");
            return false;
        }
    return true;
}

/* ---- steps ---- */

/* Appends the dimensions that are left of self to s. */
static void append_left(const Quantile *a, Shape *s) {
    for (int i = 0; i < a->self->ndim; i++) {
        bool reduced = a->whole || i == a->dim;
        if (!reduced || a->keepdim)
            s->dims[s->ndim++] = reduced ? 1 : a->self->sizes[i];
    }
}

/* self sorted along its last dimension, in the shape of the result without q. */
static Tensor *sorted_rows(Ctx *c, const Quantile *a) {
    Tensor *x = a->self;
    int64_t all = x->numel;
    Shape s = {.ndim = 0};
    append_left(a, &s);
    if (a->whole)
        x = x->ndim == 1 ? x : t_reshape(c, x, 1, &all);
    else if (a->dim != x->ndim - 1)
        x = t_transpose(c, t_unsqueeze(c, x, -1), a->dim, -1);
    const Tuple *pair = value_tuple(t_sort(c, x, -1, false));
    if (!pair) return NULL;
    x = value_tensor(pair->items[0]);
    s.dims[s.ndim++] = x->ndim ? x->sizes[x->ndim - 1] : 1;
    return t_view(c, x, s.ndim, s.dims);
}

/* q as places among n sorted elements; those of nan rows lead to a nan, which is last.
 * Ignoring nan, places among the numbers alone, 0 when there are none. */
static Tensor *ranks_of(Ctx *c, const Quantile *a, Tensor *sorted) {
    int64_t last_dim = -1;
    Tensor *nan = t_isnan(c, sorted);
    if (a->ignore_nan) {
        Tensor *numbers = t_sum_dims(c, t_logical_not(c, nan), 1, &last_dim, true);
        Tensor *ranks = t_mul(c, a->q, t_sub_scalar(c, numbers, value_int(1)));
        Tensor *below = t_lt_scalar(c, ranks, value_int(0));
        return t_masked_fill_scalar_(c, ranks, below, value_int(0));
    }
    Tensor *any = t_any_dim(c, nan, -1, true);
    if (!any) return NULL;
    Value last = value_int(sorted->sizes[sorted->ndim - 1] - 1);
    Tensor *ranks = t_mul_scalar(c, a->q, last);
    Shape s = tensor_shape(any), qs = tensor_shape(a->q);
    if (!ranks || !shape_broadcast(c, &s, &qs, &s)) return NULL;
    ranks = t_expand(c, ranks, s.ndim, s.dims);
    return t_masked_fill_scalar(c, ranks, t_expand(c, any, s.ndim, s.dims), last);
}

static Tensor *rounded_ranks(Ctx *c, Tensor *ranks, Interpolation mode) {
    switch (mode) {
    case LOWER: return t_floor_(c, ranks);
    case HIGHER: return t_ceil_(c, ranks);
    case NEAREST: return t_round_(c, ranks);
    case LINEAR:
    case MIDPOINT: break;
    }
    return ranks;
}

static Tensor *values_at(Ctx *c, const Quantile *a, Tensor *sorted, Tensor *ranks) {
    Tensor *below = t_to_dtype(c, ranks, DT_int64);
    Tensor *values = t_gather(c, sorted, -1, below);
    if (a->mode != LINEAR && a->mode != MIDPOINT) return values;
    Tensor *weights = a->mode == MIDPOINT ? t_full_like(c, ranks, value_float(0.5))
                                          : t_sub(c, ranks, below);
    Tensor *above = t_to_dtype(c, t_ceil_(c, ranks), DT_int64);
    return t_lerp_(c, values, t_gather(c, sorted, -1, above), weights);
}

static Tensor *t_quantile(Ctx *c, const Quantile *a) {
    if (!shares_check(c, a->q)) return NULL;
    Tensor *sorted = sorted_rows(c, a);
    if (!sorted) return NULL;
    if (sorted->sizes[sorted->ndim - 1] > 1 << 24)
        return error_raise(c, RuntimeError, "quantile() input tensor is too large");
    /* One share for each row, or all of them: an index as wide as there are shares. */
    Tensor *ranks = rounded_ranks(c, ranks_of(c, a, sorted), a->mode);
    Tensor *values = values_at(c, a, sorted, ranks);
    if (a->q->ndim == 0) return t_squeeze_(c, values, -1);
    return t_squeeze_(c, t_transpose_(c, t_unsqueeze_(c, values, 0), 0, -1), -1);
}

/* ---- operators ---- */

static Value quantile_call(Ctx *c, Call *k, Tensor *q, bool ignore_nan) {
    Quantile a = {.self = call_tensor(k, 0),
                  .q = q,
                  .whole = call_is_none(k, 2),
                  .keepdim = call_bool(k, 3),
                  .ignore_nan = ignore_nan};
    if (!q || !interpolation_named(c, call_string(k, 4), &a.mode) ||
        !quantile_check(c, &a))
        return value_null();
    a.dim = shape_wrap_dim(c, a.whole ? 0 : call_int(k, 2), a.self->ndim);
    if (a.dim < 0) return value_null();
    if (k->form == CALL_OUT && k->target[0]->dtype != a.self->dtype)
        return value_raise(
            c, RuntimeError,
            "quantile() out tensor must be same dtype as the input tensor");
    Shape s = {.ndim = q->ndim, .dims = {q->numel}};
    append_left(&a, &s);
    if (k->form == CALL_OUT && !out_resize(c, k, 0, s.ndim, s.dims))
        return value_null();
    return value_obj(t_quantile(c, &a));
}

static Value quantile_share(Ctx *c, Call *k, bool ignore_nan) {
    double share = call_float(k, 1);
    if (!(share >= 0 && share <= 1))
        return value_raise(c, RuntimeError,
                           "quantile() q must be in the range [0, 1] but got %g",
                           share);
    Tensor *self = call_tensor(k, 0);
    Tensor *q = tensor_scalar(c, (DType)self->dtype, value_float(share));
    return quantile_call(c, k, q, ignore_nan);
}

static Value quantile_forward(Ctx *c, Call *k) {
    return quantile_call(c, k, call_tensor(k, 1), false);
}
static const OpDef op_quantile = {
    .schema = "quantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, "
              "str interpolation='linear') -> Tensor",
    .doc = "What lies at shares q of the way through the sorted elements.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = quantile_forward,
    .example = "torch.quantile(m, torch.tensor(0.5, dtype=m.dtype))",
};
static Value quantile_scalar_forward(Ctx *c, Call *k) {
    return quantile_share(c, k, false);
}
static const OpDef op_quantile_scalar = {
    .schema = "quantile.scalar(Tensor self, float q, int? dim=None, bool "
              "keepdim=False, *, str interpolation='linear') -> Tensor",
    .doc = "What lies at a share q of the way through the sorted elements.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = quantile_scalar_forward,
    .example = "torch.quantile(m, 0.5)",
};
static Value nanquantile_forward(Ctx *c, Call *k) {
    return quantile_call(c, k, call_tensor(k, 1), true);
}
static const OpDef op_nanquantile = {
    .schema = "nanquantile(Tensor self, Tensor q, int? dim=None, bool keepdim=False, "
              "*, str interpolation='linear') -> Tensor",
    .doc = "What lies at shares q of the way through the sorted numbers, without nan.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = nanquantile_forward,
    .example = "torch.nanquantile(m, torch.tensor(0.5, dtype=m.dtype))",
};
static Value nanquantile_scalar_forward(Ctx *c, Call *k) {
    return quantile_share(c, k, true);
}
static const OpDef op_nanquantile_scalar = {
    .schema = "nanquantile.scalar(Tensor self, float q, int? dim=None, bool "
              "keepdim=False, *, str interpolation='linear') -> Tensor",
    .doc = "What lies at a share q of the way through the sorted numbers, without nan.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = nanquantile_scalar_forward,
    .example = "torch.nanquantile(m, 0.5)",
};

const OpDef *const quantile_ops[] = {
    &op_quantile, &op_quantile_scalar, &op_nanquantile, &op_nanquantile_scalar, NULL,
};
