/* segment_reduce: sums, means, extremes and products of the segments of a dimension.
 *
 * data [outer..., size, inner...], lengths [outer..., segments] (or offsets, one more)
 * -> [outer..., segments, inner...].  Half types are rounded at each step, as PyTorch's
 * are. Source: SegmentReduce.cpp. */
#include "core/kernel/number.h"
#include "core/pointwise.h"
#include "ops.h"

#include <math.h>
#include <string.h>

typedef enum SegmentKind { SEG_MAX, SEG_MEAN, SEG_MIN, SEG_SUM, SEG_PROD } SegmentKind;

/* What one call works on; data, result and gradients are contiguous and of dtype d. */
typedef struct Segments {
    DType d;
    SegmentKind kind;
    bool given;     /* an initial value */
    double initial; /* the given one, or that of the kind */
    int64_t outer, size, inner, n;
    const int64_t *starts; /* [outer, n + 1] */
} Segments;

/* ---- one segment ---- */

static double combined(SegmentKind kind, DType d, double sum, double x) {
    switch (kind) {
    case SEG_MAX: return isnan(x) ? x : sum < x ? x : sum;
    case SEG_MIN: return isnan(x) ? x : x < sum ? x : sum;
    case SEG_PROD: return number_rounded(d, sum * x);
    case SEG_SUM:
    case SEG_MEAN: break;
    }
    return number_rounded(d, sum + x);
}

/* Elements from .. to of the column that begins at `first`. */
static double reduce_segment(const Segments *s, const void *data, int64_t first,
                             int64_t from, int64_t to) {
    double r = s->initial;
    for (int64_t i = from; i < to; i++)
        r = combined(s->kind, s->d, r, number_load(s->d, data, first + i * s->inner));
    if (s->kind != SEG_MEAN) return r;
    if (from == to && !s->given) return NAN;
    return from == to || isnan(r) ? r : number_rounded(s->d, r / (double)(to - from));
}

/* The product of all elements but number `but`. */
static double other_product(const Segments *s, const void *data, int64_t first,
                            int64_t from, int64_t to, int64_t but) {
    double r = s->initial;
    for (int64_t i = from; i < to; i++)
        if (i != but)
            r = number_rounded(s->d, r * number_load(s->d, data, first + i * s->inner));
    return r;
}

/* What a segment is given back: its result, that one's gradient, its input. */
typedef struct SegmentGrad {
    double result, grad;
    const void *data;
    void *out;
} SegmentGrad;

/* Elements equal to the result share its gradient, when that is positive. */
static void spread_extreme(const Segments *s, const SegmentGrad *g, int64_t first,
                           int64_t from, int64_t to) {
    int64_t equal = 0;
    for (int64_t i = from; i < to; i++) {
        double x = number_load(s->d, g->data, first + i * s->inner);
        if (!isnan(x) && x != g->result) continue;
        number_store(s->d, g->out, first + i * s->inner, g->grad);
        equal++;
    }
    for (int64_t i = from; equal > 1 && i < to; i++) {
        int64_t at = first + i * s->inner;
        double x = number_load(s->d, g->out, at);
        if (x > 0) number_store(s->d, g->out, at, x / (double)equal);
    }
}

static void spread_product(const Segments *s, const SegmentGrad *g, int64_t first,
                           int64_t from, int64_t to) {
    double whole = number_rounded(s->d, g->grad * g->result);
    for (int64_t i = from; i < to; i++) {
        int64_t at = first + i * s->inner;
        double x = number_load(s->d, g->data, at);
        bool direct = !isnan(x) && x != 0;
        double others = direct ? 0 : other_product(s, g->data, first, from, to, i);
        number_store(s->d, g->out, at, direct ? whole / x : g->grad * others);
    }
}

static void spread_segment(const Segments *s, const SegmentGrad *g, int64_t first,
                           int64_t from, int64_t to) {
    if (from == to) return;
    if (s->kind == SEG_MAX || s->kind == SEG_MIN) {
        spread_extreme(s, g, first, from, to);
    } else if (s->kind == SEG_PROD) {
        spread_product(s, g, first, from, to);
    } else {
        double share = s->kind == SEG_MEAN ? g->grad / (double)(to - from) : g->grad;
        for (int64_t i = from; i < to; i++)
            number_store(s->d, g->out, first + i * s->inner, share);
    }
}

/* ---- all segments ---- */

static void reduce_all(const Segments *s, const void *data, void *out) {
    for (int64_t o = 0, at = 0; o < s->outer; o++)
        for (int64_t i = 0; i < s->n; i++) {
            const int64_t *start = s->starts + o * (s->n + 1) + i;
            for (int64_t j = 0; j < s->inner; j++, at++) {
                int64_t first = o * s->size * s->inner + j;
                number_store(s->d, out, at,
                             reduce_segment(s, data, first, start[0], start[1]));
            }
        }
}

static void spread_all(const Segments *s, const void *data, const void *result,
                       const void *grad, void *out) {
    for (int64_t o = 0, at = 0; o < s->outer; o++)
        for (int64_t i = 0; i < s->n; i++) {
            const int64_t *start = s->starts + o * (s->n + 1) + i;
            for (int64_t j = 0; j < s->inner; j++, at++) {
                SegmentGrad g = {number_load(s->d, result, at),
                                 number_load(s->d, grad, at), data, out};
                int64_t first = o * s->size * s->inner + j;
                spread_segment(s, &g, first, start[0], start[1]);
            }
        }
}

/* ---- arguments ---- */

static bool kind_named(Ctx *c, const char *name, SegmentKind *kind) {
    static const char *const names[] = {[SEG_MAX] = "max",
                                        [SEG_MEAN] = "mean",
                                        [SEG_MIN] = "min",
                                        [SEG_SUM] = "sum",
                                        [SEG_PROD] = "prod"};
    for (int i = SEG_MAX; i <= SEG_PROD; i++)
        if (strcmp(names[i], name) == 0) {
            *kind = (SegmentKind)i;
            return true;
        }
    error_raise(c, RuntimeError, "unsupported reduction given! %s", name);
    return false;
}

static int64_t wrapping_sum(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* Lengths, or offsets, as places where segments start: [outer, n + 1] int64. Places
 * beyond the data are moved to its end. */
static Tensor *segment_starts(Ctx *c, Tensor *given, bool offsets, int64_t size) {
    int64_t count = given->sizes[given->ndim - 1], n = offsets ? count - 1 : count;
    int64_t outer = count ? given->numel / count : 1, sizes[2] = {outer, n + 1};
    Tensor *t = t_contiguous(c, t_to_dtype(c, given, DT_int64));
    Tensor *r = t && n >= 0 ? tensor_make(c, DT_int64, 2, sizes) : NULL;
    if (!r) return NULL;
    const int64_t *in = tensor_data(t);
    int64_t *out = tensor_data(r);
    for (int64_t o = 0; o < outer; o++, in += count, out += n + 1) {
        int64_t at = 0;
        for (int64_t i = 0; i <= n; i++) {
            if (offsets) at = in[i];
            out[i] = at < 0 ? 0 : at > size ? size : at;
            if (i && out[i] < out[i - 1]) out[i] = out[i - 1];
            if (!offsets && i < n) at = wrapping_sum(at, in[i]);
        }
    }
    return r;
}

static bool lengths_check(Ctx *c, Tensor *lengths, int64_t size) {
    int64_t n = lengths->sizes[lengths->ndim - 1];
    Tensor *t = t_contiguous(c, t_to_dtype(c, lengths, DT_int64));
    if (!t) return false;
    const int64_t *at = tensor_data(t);
    for (int64_t i = 0; i < t->numel; i++)
        if (at[i] < 0) {
            error_raise(c, RuntimeError, "lengths contains negative value!");
            return false;
        }
    for (int64_t i = 0; i < t->numel; i += n) {
        int64_t sum = 0;
        for (int64_t j = 0; j < n; j++) sum = wrapping_sum(sum, at[i + j]);
        if (sum == size) continue;
        error_raise(
            c, RuntimeError,
            "segment_reduce(): Expected all rows of lengths along axis to sum to "
            "data.size(lengths.dim()-1) when !unsafe.");
        return false;
    }
    return true;
}

static bool segments_check(Ctx *c, Call *k, const Tensor *data, int axis) {
    Tensor *lengths = call_tensor(k, 2), *offsets = call_tensor(k, 4);
    const char *name = offsets ? "offsets" : "lengths";
    Tensor *given = offsets ? offsets : lengths;
    if (!given) {
        error_raise(c, RuntimeError,
                    "segment_reduce(): Either lengths or offsets must be defined.");
        return false;
    }
    if (data->ndim < given->ndim) {
        error_raise(c, RuntimeError,
                    "Expected data.dim() >= %s_value.dim() to be true, but got false.  "
                    "(Could this error message be improved?  If so, please report an "
                    "enhancement request to PyTorch.)",
                    name);
        return false;
    }
    if (axis != given->ndim - 1) {
        error_raise(
            c, RuntimeError,
            "segment_reduce(): Expected axis to be the last dimension of %s but "
            "got %d.",
            name, axis);
        return false;
    }
    if (!offsets && !call_bool(k, 6) && !lengths_check(c, lengths, data->sizes[axis]))
        return false;
    if (given->dtype == DT_int32 || given->dtype == DT_int64) return true;
    error_raise(c, RuntimeError,
                "\"_segment_reduce_%s_cpu_kernel1\" not implemented for "
                "'%s'",
                name, dtype_scalar_name((DType)given->dtype));
    return false;
}

/* The segments of data along axis; `given` are lengths or offsets. */
static bool segments_of(Ctx *c, Segments *s, Tensor *data, int axis, Tensor *given,
                        bool offsets, Value initial) {
    static const double neutral[] = {[SEG_MAX] = -INFINITY,
                                     [SEG_MEAN] = 0,
                                     [SEG_MIN] = INFINITY,
                                     [SEG_SUM] = 0,
                                     [SEG_PROD] = 1};
    s->d = (DType)data->dtype;
    s->given = !value_is_none(initial);
    s->initial = !s->given                  ? neutral[s->kind]
                 : initial.tag == VAL_FLOAT ? initial.as.f
                                            : (double)initial.as.i;
    s->initial = number_rounded(s->d, s->initial);
    s->outer = s->inner = 1;
    s->size = data->sizes[axis];
    for (int i = 0; i < axis; i++) s->outer *= data->sizes[i];
    for (int i = axis + 1; i < data->ndim; i++) s->inner *= data->sizes[i];
    int64_t count = given->ndim == axis + 1 ? given->sizes[axis] : -1;
    if (count < offsets || given->numel != s->outer * count) {
        error_raise(
            c, RuntimeError,
            "segment_reduce(): Expected lengths or offsets for each row of data.");
        return false;
    }
    Tensor *starts = segment_starts(c, given, offsets, s->size);
    if (!starts) return false;
    s->n = starts->sizes[1] - 1;
    s->starts = tensor_data(starts);
    return true;
}

static Shape segments_shape(const Segments *s, const Tensor *data, int axis) {
    Shape shape = tensor_shape(data);
    shape.dims[axis] = s->n;
    return shape;
}

/* ---- operators ---- */

static Value segment_reduce_forward(Ctx *c, Call *k) {
    Tensor *data = call_tensor(k, 0), *offsets = call_tensor(k, 4);
    int axis = shape_wrap_dim(c, call_int(k, 5), data->ndim);
    Segments s;
    if (axis < 0) return value_null();
    if (data->numel == 0)
        return value_raise(
            c, RuntimeError,
            "Expected data.numel() > 0 to be true, but got false.  (Could "
            "this error message be improved?  If so, please report an "
            "enhancement request to PyTorch.)");
    if (!call_is_none(k, 3))
        return value_raise(
            c, RuntimeError,
            "segment_reduce(): indices based reduction is not supported yet.");
    bool given = offsets || call_tensor(k, 2);
    if ((given && !kind_named(c, call_string(k, 1), &s.kind)) ||
        !segments_check(c, k, data, axis) ||
        dtype_refused(c, "_segment_reduce_cpu", DTYPES_INTEGRAL, (DType)data->dtype) ||
        !segments_of(c, &s, data, axis, offsets ? offsets : call_tensor(k, 2), offsets,
                     k->args[7]))
        return value_null();
    Shape shape = segments_shape(&s, data, axis);
    Tensor *r = call_result(c, k, 0, s.d, shape.ndim, shape.dims);
    data = t_contiguous(c, data);
    if (!r || !data) return value_null();
    reduce_all(&s, tensor_data(data), tensor_data(r));
    return value_obj(r);
}

/* grad, output, data, reduce, lengths, offsets, axis, initial -> as data. */
static Value segment_backward_forward(Ctx *c, Call *k) {
    Tensor *in[3], *lengths = call_tensor(k, 4), *offsets = call_tensor(k, 5);
    for (int i = 0; i < 3; i++) in[i] = t_contiguous(c, call_tensor(k, i));
    Segments s;
    if (!in[0] || !in[1] || !in[2] || !kind_named(c, call_string(k, 3), &s.kind))
        return value_null();
    int axis = shape_wrap_dim(c, call_int(k, 6), in[2]->ndim);
    Tensor *r = t_zeros_like(c, in[2]);
    if (!r || axis < 0 ||
        !segments_of(c, &s, in[2], axis, offsets ? offsets : lengths, offsets,
                     k->args[7]))
        return value_null();
    Shape shape = segments_shape(&s, in[2], axis);
    for (int i = 0; i < 2; i++)
        if (!saved_check(c, in[i], s.d, shape.ndim, shape.dims)) return value_null();
    if (s.kind != SEG_PROD) s.initial = 1;
    spread_all(&s, tensor_data(in[2]), tensor_data(in[1]), tensor_data(in[0]),
               tensor_data(r));
    return value_obj(r);
}
static const OpDef op_segment_reduce_backward = {
    .schema =
        "_segment_reduce_backward(Tensor grad, Tensor output, Tensor data, str "
        "reduce, *, Tensor? lengths=None, Tensor? offsets=None, int axis=0, Scalar? "
        "initial=None) -> Tensor",
    .doc = "The gradient of segment_reduce.",
    .forms = OP_INTERNAL,
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "lengths offsets",
    .forward = segment_backward_forward,
};

static void segment_reduce_backward(Ctx *c, Grad *g) {
    Value args[] = {arg_tensor(g->grad),
                    arg_tensor(saved_tensor(c, g, 6)),
                    arg_tensor(saved_tensor(c, g, 0)),
                    saved_value(g, 1),
                    arg_tensor(saved_tensor(c, g, 2)),
                    arg_tensor(saved_tensor(c, g, 3)),
                    saved_value(g, 4),
                    saved_value(g, 5)};
    grad_set(g, 0, op_tensor(c, &op_segment_reduce_backward, args));
}
static const OpDef op_segment_reduce = {
    .schema =
        "segment_reduce(Tensor data, str reduce, *, Tensor? lengths=None, Tensor? "
        "indices=None, Tensor? offsets=None, int axis=0, bool unsafe=False, "
        "Scalar? initial=None) -> Tensor",
    .doc =
        "One value for each segment of a dimension: its sum, mean, max, min or prod.",
    .forms = OP_FUNCTION,
    .saves = "data reduce lengths offsets axis initial result",
    .constants = "lengths! indices! offsets!",
    .forward = segment_reduce_forward,
    .backward = segment_reduce_backward,
    .example = "torch.segment_reduce(v[:2], 'max', lengths=torch.tensor([1, 1]))",
};

const OpDef *const segment_ops[] = {
    &op_segment_reduce,
    &op_segment_reduce_backward,
    NULL,
};
