/* Tensors from rules: arange, linspace, logspace, eye, tril_indices.
 * Sources: RangeFactories.cpp, TensorFactories.cpp. */
#include "core/device.h"
#include "ops.h"

#include "core/kernel/number.h"
#include "core/pointwise.h"

#include <inttypes.h>
#include <math.h>

static int64_t whole(Value v) {
    return v.tag == VAL_FLOAT ? (int64_t)v.as.f : v.tag == VAL_BOOL ? v.as.b : v.as.i;
}

static void store(Tensor *t, int64_t i, Value v) {
    size_t size = dtype_size((DType)t->dtype);
    element_store((DType)t->dtype, (char *)tensor_data(t) + i * (int64_t)size, v);
}

/* ---- progressions ---- */

/* Evenly spaced values, computed as PyTorch's kernels do it: two vectors of 32 bytes at
 * a time count from their first value on, and that is rounded to the element type;
 * those of the last, incomplete pair are computed one by one. */
typedef struct Progression {
    DType arithmetic; /* that of the sums; start, end and step are rounded to it */
    double start, end, step;
    int64_t n, rising; /* the first `rising` count from start, the others from end */
    bool fused;        /* one rounding for product and sum, counting along a vector */
} Progression;

/* start + step * i */
static double term(DType d, double start, double step, int64_t i, bool fused) {
    switch (d) {
    case DT_float64:
        return fused ? fma(step, (double)i, start) : start + step * (double)i;
    case DT_float32:
        return fused ? (double)fmaf((float)step, (float)i, (float)start)
                     : (double)((float)start + (float)step * (float)i);
    default:
        step = number_rounded(d, step * number_rounded(d, (double)i));
        return number_rounded(d, start + step);
    }
}

static double progression_term(const Progression *p, int64_t i) {
    return i < p->rising ? term(p->arithmetic, p->start, p->step, i, true)
                         : term(p->arithmetic, p->end, -p->step, p->n - 1 - i, true);
}

static void fill(Tensor *t, const Progression *p) {
    enum { VECTOR = 32 };
    DType d = (DType)t->dtype;
    const char *data = tensor_data(t);
    int64_t size = (int64_t)dtype_size(d), lanes = VECTOR / size, i = 0;
    for (; i < p->n - p->n % (2 * lanes); i += lanes) {
        store(t, i, value_float(progression_term(p, i)));
        double first = value_as_double(element_load(d, data + i * size));
        for (int64_t lane = 1; lane < lanes; lane++)
            store(t, i + lane,
                  value_float(term(p->arithmetic, first, p->step, lane, p->fused)));
    }
    for (; i < p->n; i++) store(t, i, value_float(progression_term(p, i)));
}

/* v as an element holds it. */
static double element_rounded(DType d, double v) {
    return dtype_is_floating(d) ? number_rounded(d, v) : (double)(int64_t)v;
}

/* ---- arange ---- */

typedef struct Steps {
    Value start, end, step;
} Steps;

static bool all_whole(const Steps *s) {
    return s->start.tag != VAL_FLOAT && s->end.tag != VAL_FLOAT &&
           s->step.tag != VAL_FLOAT;
}

static bool steps_check(Ctx *c, const Steps *s, const char *signs) {
    double start = value_as_double(s->start), end = value_as_double(s->end),
           step = value_as_double(s->step);
    if (!(step > 0 || step < 0)) {
        error_raise(c, RuntimeError, "step must be nonzero");
        return false;
    }
    if (!isfinite(start) || !isfinite(end)) {
        error_raise(c, RuntimeError, "unsupported range: %g -> %g", start, end);
        return false;
    }
    if ((step > 0 && end < start) || (step < 0 && end > start)) {
        error_raise(c, RuntimeError, "%s", signs);
        return false;
    }
    return true;
}

/* What the kernel for dtype takes the three for. */
static Steps steps_as(DType dtype, Steps s) {
    if (dtype_is_floating(dtype)) return s;
    return (Steps){value_int(whole(s.start)), value_int(whole(s.end)),
                   value_int(whole(s.step))};
}

/* The arithmetic of sums of floats: twice as precise as the elements. */
static DType wider(DType d) {
    return d == DT_float16 || d == DT_bfloat16 ? DT_float32 : DT_float64;
}

/* Whether the three fit that arithmetic. */
static bool steps_fit(Ctx *c, DType dtype, const Steps *s) {
    DType held = dtype_is_floating(dtype) ? wider(dtype) : DT_int64;
    return scalar_fits(c, s->start, held) && scalar_fits(c, s->end, held) &&
           scalar_fits(c, s->step, held);
}

/* Result of n values. An out= tensor of as many keeps its shape. */
static Tensor *range_result(Ctx *c, Call *k, DType d, int64_t n) {
    const Tensor *out = k->form == CALL_OUT ? k->target[0] : NULL;
    if (out && out->numel == n) return call_result(c, k, 0, d, out->ndim, out->sizes);
    return call_result(c, k, 0, d, 1, &n);
}

static void fill_floats(Tensor *t, const Steps *s) {
    DType a = wider((DType)t->dtype);
    fill(t, &(Progression){.arithmetic = a,
                           .start = number_rounded(a, value_as_double(s->start)),
                           .step = number_rounded(a, value_as_double(s->step)),
                           .n = t->numel,
                           .rising = t->numel,
                           .fused = true});
}

/* The i-th value by itself: of ints exactly, wrapped around, of floats in double. */
static Value step_value(const Steps *s, DType dtype, int64_t i) {
    if (dtype_is_floating(dtype))
        return value_float(value_as_double(s->start) +
                           value_as_double(s->step) * (double)i);
    return value_int(
        (int64_t)((uint64_t)whole(s->start) + (uint64_t)whole(s->step) * (uint64_t)i));
}

static void fill_steps(Tensor *t, const Steps *s) {
    for (int64_t i = 0; i < t->numel; i++)
        store(t, i, step_value(s, (DType)t->dtype, i));
}

static void warn_counts(Ctx *c, const Tensor *out, int64_t n) {
    int64_t old = out->numel;
    if (old == 0 || old == n) return;
    warn(
        c, UserWarning,
        "The number of elements in the out tensor of shape %s is %" PRId64
        " which does not match the computed number of elements %" PRId64
        ". Note that this may occur as a result of rounding error. The out tensor will "
        "be resized to a tensor of shape (%" PRId64 ",).",
        shape_text(c, out), old, n, n);
}

/* a - b as C++ has it: wrapped around. */
static int64_t difference(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static bool count_check(Ctx *c, double n) {
    if (n < 0)
        error_raise(c, RuntimeError, "invalid size, possible overflow?");
    else if (!(n < 0x1p63))
        error_raise(c, RuntimeError,
                    "IntArrayRef contains an int that cannot be represented as a "
                    "SymInt: %" PRId64,
                    INT64_MIN);
    return !ctx_failed(c);
}

/* start, start + step, ... below end: [ceil((end - start) / step)]. int64 when all
 * three are ints, else the default dtype. */
static Value arange(Ctx *c, Call *k, Steps s, int dtype_at) {
    DType fallback = all_whole(&s) ? DT_int64 : c->default_dtype;
    DType dtype = create_dtype(k, dtype_at, fallback);
    if (!device_check(c, k->args[dtype_at + 2]) ||
        dtype_refused(c, "arange_cpu", 1u << DT_bool, dtype) ||
        !steps_fit(c, dtype, &s))
        return value_null();
    Steps t = steps_as(dtype, s);
    if (!steps_check(c, &t, "upper bound and larger bound inconsistent with step sign"))
        return value_null();
    if (dtype == DT_int64) s = t;
    double span = dtype == DT_int64 ? (double)difference(whole(s.end), whole(s.start))
                                    : value_as_double(s.end) - value_as_double(s.start);
    double n = ceil(span / value_as_double(s.step));
    if (n > 0x1p63) n = -1;
    if (!count_check(c, n)) return value_null();
    if (k->form == CALL_OUT) warn_counts(c, k->target[0], (int64_t)n);
    Tensor *out = range_result(c, k, dtype, (int64_t)n);
    if (out && dtype_is_floating(dtype))
        fill_floats(out, &t);
    else if (out)
        fill_steps(out, &t);
    return value_obj(out);
}

static Value arange_end_forward(Ctx *c, Call *k) {
    return arange(c, k, (Steps){value_int(0), call_scalar(k, 0), value_int(1)}, 1);
}
static const OpDef op_arange = {
    .schema = "arange(Scalar end, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "0, 1, 2 ... below end.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = arange_end_forward,
};
static Value arange_start_forward(Ctx *c, Call *k) {
    return arange(c, k, (Steps){call_scalar(k, 0), call_scalar(k, 1), value_int(1)}, 2);
}
static const OpDef op_arange_start = {
    .schema = "arange.start(Scalar start, Scalar end, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "start, start + 1 ... below end.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = arange_start_forward,
};
static Value arange_step_forward(Ctx *c, Call *k) {
    return arange(c, k,
                  (Steps){call_scalar(k, 0), call_scalar(k, 1), call_scalar(k, 2)}, 3);
}
static const OpDef op_arange_step = {
    .schema =
        "arange.start_step(Scalar start, Scalar end, Scalar step=1, *, " TENSOR_OPTIONS
        ") -> Tensor",
    .doc = "start, start + step ... below end.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = arange_step_forward,
};

Tensor *t_arange(Ctx *c, int64_t end) {
    Value none = value_none();
    return op_tensor(c, &op_arange, (Value[]){value_int(end), none, none, none, none});
}

/* range: arange with its end included, in the default dtype; deprecated. */
static Value range_forward(Ctx *c, Call *k) {
    Steps s = {call_scalar(k, 0), call_scalar(k, 1), call_scalar(k, 2)};
    warn(
        c, UserWarning,
        "torch.range is deprecated and will be removed in a future release because its "
        "behavior is inconsistent with Python's range builtin. Instead, use "
        "torch.arange, which produces values in [start, end).");
    DType dtype = create_dtype(k, 3, c->default_dtype);
    if (dtype_refused(c, "range_cpu", 1u << DT_float16 | 1u << DT_bool, dtype) ||
        !steps_fit(c, dtype, &s))
        return value_null();
    Steps t = steps_as(dtype, s);
    if (!steps_check(c, &t, "upper bound and lower bound inconsistent with step sign"))
        return value_null();
    double n = floor((value_as_double(s.end) - value_as_double(s.start)) /
                     value_as_double(s.step)) +
               1;
    if (!count_check(c, n)) return value_null();
    Tensor *out = range_result(c, k, dtype, (int64_t)n);
    if (out) fill_steps(out, &t);
    return value_obj(out);
}
static const OpDef op_range = {
    .schema = "range.step(Scalar start, Scalar end, Scalar step=1, *, " TENSOR_OPTIONS
              ") -> Tensor",
    .doc = "Deprecated: arange that includes its end.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = range_forward,
};

/* ---- linspace, logspace ---- */

static bool space_check(Ctx *c, const Call *k, int dtype_at) {
    if (call_int(k, 2) >= 0) return device_check(c, k->args[dtype_at + 2]);
    error_raise(c, RuntimeError, "number of steps must be non-negative");
    return false;
}

/* t, which has at most one element. */
static Value few(Tensor *t, Value only) {
    if (t && t->numel) store(t, 0, only);
    return value_obj(t);
}

/* The second half counts from the end, so that both ends are exact. */
static Value linspace_forward(Ctx *c, Call *k) {
    if (!space_check(c, k, 3)) return value_null();
    int64_t n = call_int(k, 2);
    DType dtype = create_dtype(k, 3, c->default_dtype);
    Tensor *t = range_result(c, k, dtype, n);
    if (n == 1 && !scalar_fits(c, call_scalar(k, 0), dtype)) return value_null();
    if (n < 2) return few(t, call_scalar(k, 0));
    if (!t || dtype_refused(c, "linspace_cpu", 1u << DT_bool, dtype) ||
        !scalar_fits(c, call_scalar(k, 0), dtype) ||
        !scalar_fits(c, call_scalar(k, 1), dtype))
        return value_null();
    DType a = dtype_is_floating(dtype) ? dtype : DT_float64;
    double start = element_rounded(dtype, call_float(k, 0));
    double end = element_rounded(dtype, call_float(k, 1));
    double steps = number_rounded(a, (double)(n - 1));
    double step = number_rounded(a, number_rounded(a, end - start) / steps);
    fill(t, &(Progression){a, start, end, step, n, n / 2, false});
    return value_obj(t);
}
static const OpDef op_linspace = {
    .schema = "linspace(Scalar start, Scalar end, int steps, *, " TENSOR_OPTIONS
              ") -> Tensor",
    .doc = "steps values evenly spaced from start to end, both included.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = linspace_forward,
};
Tensor *t_linspace(Ctx *c, double start, double end, int64_t steps, DType dtype) {
    Value none = value_none();
    return op_tensor(c, &op_linspace,
                     (Value[]){value_float(start), value_float(end), value_int(steps),
                               value_dtype(dtype), none, none, none});
}
/* As linspace, but each value by itself, and all but the distance of the ends in
 * double. */
static double exponent(DType d, double start, double end, int64_t n, int64_t i) {
    double step = element_rounded(d, end - start) / (double)(n - 1);
    return i < n / 2 ? start + step * (double)i : end - step * (double)(n - 1 - i);
}
static Value logspace_forward(Ctx *c, Call *k) {
    if (!space_check(c, k, 4)) return value_null();
    int64_t n = call_int(k, 2);
    double start = call_float(k, 0), end = call_float(k, 1), base = call_float(k, 3);
    DType dtype = create_dtype(k, 4, c->default_dtype);
    Tensor *t = range_result(c, k, dtype, n);
    if (!t || !scalar_fits(c, call_scalar(k, 0), dtype)) return value_null();
    if (n < 2) return few(t, value_float(pow(base, start)));
    if (!scalar_fits(c, call_scalar(k, 1), dtype) ||
        dtype_refused(c, "logspace_cpu", 1u << DT_float16 | 1u << DT_bool, dtype))
        return value_null();
    start = element_rounded(dtype, start);
    end = element_rounded(dtype, end);
    for (int64_t i = 0; i < n; i++)
        store(t, i, value_float(pow(base, exponent(dtype, start, end, n, i))));
    return value_obj(t);
}
static const OpDef op_logspace = {
    .schema = "logspace(Scalar start, Scalar end, int steps, float base=10.0, "
              "*, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "base to the power of steps values evenly spaced from start to end.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = logspace_forward,
};

/* ---- eye ---- */

static Value eye(Ctx *c, Call *k, int64_t rows, int64_t cols, int dtype_at) {
    if (rows < 0)
        return value_raise(c, RuntimeError,
                           "n must be greater or equal to 0, got %" PRId64, rows);
    if (cols < 0)
        return value_raise(c, RuntimeError,
                           "m must be greater or equal to 0, got %" PRId64, cols);
    if (!device_check(c, k->args[dtype_at + 2])) return value_null();
    int64_t sizes[2] = {rows, cols};
    DType d = create_dtype(k, dtype_at, c->default_dtype);
    Tensor *t = call_result(c, k, 0, d, 2, sizes);
    if (!t || dtype_refused(c, "eye", DTYPES_BFLOAT16, (DType)t->dtype))
        return value_null();
    for (int64_t i = 0; t && i < t->numel; i++)
        store(t, i, value_int(i / cols == i % cols));
    return value_obj(t);
}
static Value eye_forward(Ctx *c, Call *k) {
    return eye(c, k, call_int(k, 0), call_int(k, 0), 1);
}
static const OpDef op_eye = {
    .schema = "eye(int n, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "The identity matrix of n rows.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = eye_forward,
};
static Value eye_m_forward(Ctx *c, Call *k) {
    return eye(c, k, call_int(k, 0), call_int(k, 1), 2);
}
static const OpDef op_eye_m = {
    .schema = "eye.m(int n, int m, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "n rows and m columns, ones on the diagonal.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_NOT_DIFFERENTIABLE | OP_OUT_QUIET,
    .forward = eye_m_forward,
};

/* ---- scalar_tensor, tril_indices ---- */

static Value scalar_tensor_forward(Ctx *c, Call *k) {
    DType dtype = call_dtype(k, 1, c->default_dtype);
    if (!scalar_fits(c, call_scalar(k, 0), dtype)) return value_null();
    return value_obj(tensor_scalar(c, dtype, call_scalar(k, 0)));
}
static const OpDef op_scalar_tensor = {
    .schema = "scalar_tensor(Scalar s, *, " TENSOR_OPTIONS ") -> Tensor",
    .doc = "A 0-d tensor of the default dtype.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = scalar_tensor_forward,
};

static int64_t within(int64_t at, int64_t n) {
    return at < 0 ? 0 : at < n ? at : n;
}

/* How many elements of a matrix lie on and below a diagonal; any number too large for a
 * tensor when there are more than that. */
static int64_t triangle_size(int64_t rows, int64_t cols, int64_t offset) {
    const int64_t most = (int64_t)1 << 48;
    int64_t i = offset < 0 ? -offset : 0, n = 0, full = 0;
    for (; i < rows && i < cols - offset - 1 && n < most; i++)
        n += within(i + offset + 1, most);
    if (i < rows && __builtin_mul_overflow(rows - i, cols, &full)) return most;
    return full < most ? n + full : most;
}

/* Rows and columns of the elements on one side of a diagonal: [2, n], row by row. */
static Value triangle_indices(Ctx *c, Call *k, bool lower) {
    int64_t rows = call_int(k, 0), cols = call_int(k, 1), offset = call_int(k, 2);
    if (rows < 0)
        return value_raise(c, RuntimeError, "row must be non-negative, got%" PRId64,
                           rows);
    if (cols < 0)
        return value_raise(c, RuntimeError, "col must be non-negative, got%" PRId64,
                           cols);
    /* Diagonals further out leave all or nothing, too. */
    if (offset > cols) offset = cols;
    if (offset < -rows) offset = -rows;
    int64_t n =
        lower ? triangle_size(rows, cols, offset) : triangle_size(cols, rows, -offset);
    int64_t sizes[2] = {2, n}, at = 0;
    DType d = call_dtype(k, 3, DT_int64);
    if (dtype_refused(c, lower ? "tril_indices" : "triu_indices",
                      ~(1u << DT_int32 | 1u << DT_int64), d))
        return value_null();
    Tensor *t = tensor_make(c, d, 2, sizes);
    for (int64_t i = lower && offset < 0 ? -offset : 0; t && at < n; i++) {
        int64_t from = lower ? 0 : within(i + offset, cols);
        int64_t to = lower ? within(i + offset + 1, cols) : cols;
        for (int64_t j = from; j < to; j++, at++) {
            store(t, at, value_int(i));
            store(t, n + at, value_int(j));
        }
    }
    return value_obj(t);
}
static Value tril_indices_forward(Ctx *c, Call *k) {
    return triangle_indices(c, k, true);
}
static const OpDef op_tril_indices = {
    .schema =
        "tril_indices(int row, int col, int offset=0, *, ScalarType? dtype=long, "
        "Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
    .doc = "The row and column numbers on and below a diagonal.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = tril_indices_forward,
};
static Value triu_indices_forward(Ctx *c, Call *k) {
    return triangle_indices(c, k, false);
}
static const OpDef op_triu_indices = {
    .schema =
        "triu_indices(int row, int col, int offset=0, *, ScalarType? dtype=long, "
        "Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
    .doc = "The row and column numbers on and above a diagonal.",
    .forms = OP_FUNCTION,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = triu_indices_forward,
};

const OpDef *const create_range_ops[] = {
    &op_arange,        &op_arange_start, &op_arange_step,  &op_range,
    &op_linspace,      &op_logspace,     &op_eye,          &op_eye_m,
    &op_scalar_tensor, &op_tril_indices, &op_triu_indices, NULL,
};
