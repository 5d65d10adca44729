/* Resizing the last dimensions: nearest neighbours, linear and cubic interpolation, and
 * these with antialiasing.
 *
 * The size of the result is given, or a factor for each dimension; the plain overloads
 * take the size, and factors that say how places are found. Sources: UpSample.cpp,
 * UpSample.h, UpSampleKernel.cpp, derivatives.yaml. */
#include "core/kernel/resample.h"
#include "core/kernel/taps.h"
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef enum Method {
    NEAREST,
    NEAREST_EXACT,
    LINEAR,
    CUBIC,
    LINEAR_AA,
    CUBIC_AA
} Method;

typedef struct Upsample {
    Method method;
    int dims;
    bool plain; /* a factor an argument, and always a size */
} Upsample;

static bool is_nearest(const Upsample *u) {
    return u->method == NEAREST || u->method == NEAREST_EXACT;
}

/* ---- sizes ---- */

typedef struct Target {
    int64_t out[RESAMPLE_DIMS];
    double scale[RESAMPLE_DIMS]; /* 0: not given */
    bool align_corners;
} Target;

/* out = in * scale, towards zero. */
static bool scaled_size(Ctx *c, int64_t in, double scale, int64_t *out) {
    double size = (double)in * scale;
    if (!(fabs(size) < 0x1p40)) {
        error_raise(c, RuntimeError,
                    "IntArrayRef contains an int that cannot be represented as a "
                    "SymInt: %" PRId64,
                    INT64_MIN);
        return false;
    }
    *out = (int64_t)size;
    return true;
}

static bool size_check(Ctx *c, const Upsample *u, int count) {
    if (count == u->dims) return true;
    error_raise(c, RuntimeError,
                "It is expected output_size equals to %d, but got size %d", u->dims,
                count);
    return false;
}

/* Of a plain overload: arguments i (output_size), for all but nearest i + extra
 * (align_corners), and the next ones, one a dimension (scales). */
static bool read_plain_target(Ctx *c, const Call *k, const Upsample *u, int i,
                              int extra, Target *t) {
    const int align = i + extra, scales = is_nearest(u) ? align : align + 1;
    int64_t given[MAX_DIMS];
    *t = (Target){.align_corners = !is_nearest(u) && call_bool(k, align)};
    int n = dense_call_ints(c, k, i, given, MAX_DIMS);
    if (n < 0 || !size_check(c, u, n)) return false;
    for (int d = 0; d < n; d++) {
        t->out[d] = given[d];
        if (!call_is_none(k, scales + d)) t->scale[d] = call_float(k, scales + d);
    }
    return true;
}

/* The target of `in` by arguments i (output_size), for all but nearest i + extra
 * (align_corners), and the next (scale_factors). */
static bool read_target(Ctx *c, const Call *k, const Upsample *u, int i, int extra,
                        int ndim, const int64_t *in, Target *t) {
    const int align = i + extra, factors = is_nearest(u) ? align : align + 1;
    const Value *items = NULL;
    int64_t given[MAX_DIMS];
    size_t n = 0;
    if (u->plain) return read_plain_target(c, k, u, i, extra, t);
    *t = (Target){.align_corners = !is_nearest(u) && call_bool(k, align)};
    const bool sized = !call_is_none(k, i), scaled = !call_is_none(k, factors);
    int n_given = sized ? dense_call_ints(c, k, i, given, MAX_DIMS) : 0;
    if (n_given < 0) return false;
    if (sized == scaled) {
        error_raise(c, RuntimeError,
                    "Must specify exactly one of output_size and scale_factors");
        return false;
    }
    if (scaled) value_items(k->args[factors], &items, &n);
    const int count = sized ? n_given : (int)n;
    if (count != ndim - 2)
        error_raise(
            c, RuntimeError,
            "Expected static_cast<int64_t>(%s->size()) == spatial_dimensions "
            "to be true, but got false.  (Could this error message be improved? "
            " If so, please report an enhancement request to PyTorch.)",
            sized ? "output_size" : "scale_factors");
    else
        size_check(c, u, count);
    if (ctx_failed(c)) return false;
    for (int d = 0; d < u->dims; d++) {
        if (sized)
            t->out[d] = given[d];
        else if (!scaled_size(c, in[d], t->scale[d] = value_as_double(items[d]),
                              &t->out[d]))
            return false;
    }
    return true;
}

static bool all_positive(const int64_t *sizes, int n) {
    for (int i = 0; i < n; i++)
        if (sizes[i] <= 0) return false;
    return true;
}

/* Adds "(H: 3, W: 4)". */
static void put_sizes(Buf *b, int n, const int64_t *sizes) {
    static const char axes[] = "DHW";
    for (int i = 0; i < n; i++)
        buf_printf(b, "%s%c: %" PRId64, i ? ", " : "(", axes[3 - n + i], sizes[i]);
    buf_putc(b, ')');
}

static bool sizes_check(Ctx *c, int n, const int64_t *in, const int64_t *out) {
    if (all_positive(in, n) && all_positive(out, n)) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "Input and output sizes should be greater than 0, but got input ");
    put_sizes(&b, n, in);
    buf_puts(&b, n == 1 ? " and output " : " output ");
    put_sizes(&b, n, out);
    return dense_raise(c, &b);
}

static bool input_check(Ctx *c, const Upsample *u, const Tensor *input) {
    if (input->ndim == u->dims + 2) return true;
    error_raise(c, RuntimeError,
                "It is expected input_size equals to %d, but got size %d", u->dims + 2,
                input->ndim);
    return false;
}

static bool elements_check(Ctx *c, const Tensor *input) {
    if (input->sizes[1] != 0) return true;
    error_raise(c, RuntimeError,
                "Non-empty %dD data tensor expected but got a tensor with sizes %s",
                input->ndim, shape_text(c, input));
    return false;
}

/* Where the input's channels are its last dimension in memory, another kernel would
 * read it. */
static bool dtype_check(Ctx *c, const Upsample *u, const Tensor *input) {
    static const struct {
        const char *kernel;
        unsigned refused;
    } by_method[] = {
        [NEAREST] = {"nearest", (DTYPES_INTEGRAL & ~(1 << DT_uint8)) | DTYPES_HALF},
        [NEAREST_EXACT] = {"nearest", (DTYPES_INTEGRAL & ~(1 << DT_uint8)) |
                                          DTYPES_HALF | DTYPES_BFLOAT16},
        [LINEAR] = {"linear", DTYPES_INTEGRAL | DTYPES_HALF},
        [CUBIC] = {"cubic", DTYPES_INTEGRAL | DTYPES_HALF},
        [LINEAR_AA] = {"aa", DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16},
        [CUBIC_AA] = {"aa", DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16},
    };
    DType d = (DType)input->dtype;
    if (!(by_method[u->method].refused & 1U << d)) return true;
    MemoryFormat last = u->dims == 2 ? FORMAT_CHANNELS_LAST : FORMAT_CHANNELS_LAST_3D;
    if (u->dims > 1 && (is_nearest(u) || u->method == LINEAR) &&
        shape_in_format(last, input->ndim, input->sizes, input->strides))
        error_raise(c, RuntimeError,
                    "\"upsample_%s%dd_channels_last\" not implemented for '%s'",
                    is_nearest(u)  ? "nearest"
                    : u->dims == 2 ? "bilinear"
                                   : "trilinear",
                    u->dims, dtype_scalar_name(d));
    else
        error_raise(c, RuntimeError,
                    "\"compute_indices_weights_%s\" not implemented for '%s'",
                    by_method[u->method].kernel, dtype_scalar_name(d));
    return false;
}

/* ---- tables ---- */

/* The table of one dimension; nearest neighbours have no weights. */
static bool taps_of(Ctx *c, Method m, const Resize *r, Taps *t) {
    const int width = m == CUBIC || m == CUBIC_AA ? TAPS_CUBIC : TAPS_LINEAR;
    int64_t n = m == NEAREST || m == NEAREST_EXACT ? 1
                : m == LINEAR || m == CUBIC        ? width
                                                   : taps_span(r, width);
    int64_t *at = dense_scratch(c, r->to * n, sizeof *at);
    double *weight = dense_scratch(c, r->to * n, sizeof *weight);
    if (!at || !weight) return false;
    switch (m) {
    case NEAREST:
    case NEAREST_EXACT: taps_nearest(r, m == NEAREST_EXACT, at); break;
    case LINEAR: taps_linear(r, at, weight); break;
    case CUBIC: taps_cubic(r, at, weight); break;
    case LINEAR_AA:
    case CUBIC_AA: taps_antialias(r, width, at, weight); break;
    }
    *t = (Taps){r->from, r->to, n, at, weight};
    return true;
}

static bool plan(Ctx *c, const Upsample *u, DType d, bool gradient, const Tensor *like,
                 const int64_t *in, const Target *t, Resample *r) {
    *r =
        (Resample){.planes = like->sizes[0] * like->sizes[1],
                   .rounding = d == DT_bfloat16 ? d : DT_none,
                   .in_order = u->method == LINEAR_AA || u->method == CUBIC_AA,
                   .corners = u->method == LINEAR && u->dims > 1 && like->sizes[1] == 1,
                   .plain_gradient = u->method == CUBIC};
    for (int i = 0; i < RESAMPLE_DIMS; i++) r->dims[i] = taps_of_one;
    for (int i = 0; i < u->dims; i++) {
        Resize resize = {d,           in[i],
                         t->out[i],   t->align_corners,
                         t->scale[i], gradient && u->method == CUBIC};
        if (!taps_of(c, u->method, &resize, &r->dims[RESAMPLE_DIMS - u->dims + i]))
            return false;
    }
    return true;
}

/* ---- forward and backward ---- */

static Value upsample_forward(Ctx *c, Call *k, const Upsample *u) {
    Tensor *input = call_tensor(k, 0);
    Target t;
    Resample r;
    DType dtype = (DType)input->dtype;
    if (!read_target(c, k, u, 1, 1, input->ndim, input->sizes + 2, &t) ||
        !input_check(c, u, input) ||
        !sizes_check(c, u->dims, input->sizes + 2, t.out) || !elements_check(c, input))
        return value_null();
    int64_t sizes[RESAMPLE_DIMS + 2] = {input->sizes[0], input->sizes[1]};
    memcpy(sizes + 2, t.out, sizeof t.out);
    Tensor *y = call_result(c, k, 0, dtype, input->ndim, sizes);
    if (!y || !dtype_check(c, u, input)) return value_null();
    const bool pick = is_nearest(u);
    DType d = pick && dtype == DT_uint8 ? DT_float32 : dense_dtype(dtype);
    DType weights = dtype == DT_bfloat16 && !pick ? dtype : d;
    if (!plan(c, u, weights, false, input, input->sizes + 2, &t, &r))
        return value_null();
    Tensor *from = dense_of(c, input, pick ? dtype : d);
    Tensor *to = dense_for(c, y, pick ? dtype : d);
    if (!from || !to) return value_null();
    if (pick)
        kernel_pick(dtype, &r, tensor_data(from), tensor_data(to));
    else
        kernel_blend(d, &r, tensor_data(from), tensor_data(to));
    return dense_give(y, to);
}

/* Arguments: grad_output, output_size, input_size ... */
static Value upsample_back_forward(Ctx *c, Call *k, const Upsample *u) {
    Tensor *grad = call_tensor(k, 0);
    int64_t in[MAX_DIMS];
    Target t;
    Resample r;
    int n = dense_call_ints(c, k, 2, in, MAX_DIMS);
    if (n < 0 || !input_check(c, u, grad) || n != u->dims + 2 ||
        !read_target(c, k, u, 1, 2, n, in + 2, &t))
        return value_null();
    const bool pick = is_nearest(u);
    DType dtype = (DType)grad->dtype, d = pick ? dtype : dense_dtype(dtype);
    Tensor *x = call_result(c, k, 0, dtype, n, in);
    if (!x || !plan(c, u, pick ? DT_float32 : dtype, true, grad, in + 2, &t, &r))
        return value_null();
    Tensor *from = dense_of(c, grad, d), *to = dense_zeros_for(c, x, d);
    if (!from || !to) return value_null();
    if (pick)
        kernel_pick_backward(d, &r, tensor_data(from), tensor_data(to));
    else
        kernel_blend_backward(d, &r, tensor_data(from), tensor_data(to));
    return dense_give(x, to);
}

/* Calls op with the gradient and what was saved: `first` with input sizes, or not. */
static void call_back(Ctx *c, Grad *g, const OpDef *op, bool sizes_first, size_t n) {
    Value args[8] = {arg_tensor(g->grad)};
    size_t at = 1, from = 0;
    if (sizes_first) {
        args[at++] = saved_value(g, 1);
        args[at++] = saved_value(g, 0);
        from = 2;
    }
    while (from < n) args[at++] = saved_value(g, from++);
    grad_set(g, 0, op_tensor(c, op, args));
}

/* An operator and its gradient. INPUT: its first parameter; OUT, IN: the parameters of
 * sizes; MORE: what stands behind them; nr: of the nodes. */
#define UPSAMPLE(name, op, overload, where, Node, nr, is, INPUT, OUT, IN, MORE, SAVED, \
                 saved, sentence)                                                      \
    static Value op##_forward(Ctx *c, Call *k) {                                       \
        static const Upsample u = is;                                                  \
        return upsample_forward(c, k, &u);                                             \
    }                                                                                  \
    static Value op##_back_forward(Ctx *c, Call *k) {                                  \
        static const Upsample u = is;                                                  \
        return upsample_back_forward(c, k, &u);                                        \
    }                                                                                  \
    static void op##_back_backward(Ctx *c, Grad *g);                                   \
    static const OpDef op_##op##_backward = {                                          \
        .schema = name "_backward" overload "(Tensor grad_output, " OUT ", " IN        \
                       ", " MORE ") -> Tensor",                                        \
        .doc = "The gradient of " name ".",                                            \
        .forms = OP_INTERNAL,                                                          \
        .saves = "output_size " SAVED,                                                 \
        .node = Node "BackwardBackward" nr,                                            \
        .forward = op##_back_forward,                                                  \
        .backward = op##_back_backward,                                                \
    };                                                                                 \
    static void op##_backward(Ctx *c, Grad *g) {                                       \
        call_back(c, g, &op_##op##_backward, true, 1 + saved);                         \
    }                                                                                  \
    static const OpDef op_##op = {                                                     \
        .schema = name overload "(Tensor " INPUT ", " OUT ", " MORE ") -> Tensor",     \
        .doc = sentence,                                                               \
        .forms = where,                                                                \
        .traits = (where)&OP_OUT ? OP_OUT_EXACT : 0,                                   \
        .saves = INPUT ".sym_sizes output_size " SAVED,                                \
        .node = Node "Backward" nr,                                                    \
        .forward = op##_forward,                                                       \
        .backward = op##_backward,                                                     \
    };                                                                                 \
    static void op##_back_backward(Ctx *c, Grad *g) {                                  \
        call_back(c, g, &op_##op, false, saved);                                       \
    }

#define KIND(...)                                                                      \
    { __VA_ARGS__ }
/* Both overloads. ALIGN, ALIGNED: align_corners as a parameter and among what is saved;
 * n: the dimensions of the input. */
#define BOTH_OVERLOADS(name, Node, method, d, n, ALIGN, ALIGNED, sentence)             \
    UPSAMPLE(#name, name, ".vec", OP_NN, Node, "1", KIND(method, d, false), "input",   \
             "SymInt[]? output_size", "SymInt[] input_size",                           \
             ALIGN "float[]? scale_factors", ALIGNED "scale_factors",                  \
             2 + (sizeof(ALIGN) > 1), sentence)                                        \
    UPSAMPLE(#name, name##_plain, "", OP_NN | OP_OUT, Node, "0",                       \
             KIND(method, d, true), "self", "SymInt[" #d "] output_size",              \
             "SymInt[" #n "] input_size", ALIGN SCALES_##d, ALIGNED SAVED_##d,         \
             1 + d + (sizeof(ALIGN) > 1), sentence)
#define SCALES_1 "float? scales=None"
#define SCALES_2 "float? scales_h=None, float? scales_w=None"
#define SCALES_3 "float? scales_d=None, " SCALES_2
#define SAVED_1 "scales"
#define SAVED_2 "scales_h scales_w"
#define SAVED_3 "scales_d " SAVED_2
#define UPSAMPLE_NEAREST(name, Node, method, d, n, sentence)                           \
    BOTH_OVERLOADS(name, Node, method, d, n, "", "", sentence)
#define UPSAMPLE_ALIGNED(name, Node, method, d, n, sentence)                           \
    BOTH_OVERLOADS(name, Node, method, d, n, "bool align_corners, ", "align_corners ", \
                   sentence)

UPSAMPLE_NEAREST(upsample_nearest1d, "UpsampleNearest1D", NEAREST, 1, 3,
                 "The nearest elements, over the last dimension.")
UPSAMPLE_NEAREST(upsample_nearest2d, "UpsampleNearest2D", NEAREST, 2, 4,
                 "The nearest elements, over the last two dimensions.")
UPSAMPLE_NEAREST(upsample_nearest3d, "UpsampleNearest3D", NEAREST, 3, 5,
                 "The nearest elements, over the last three dimensions.")
UPSAMPLE_NEAREST(_upsample_nearest_exact1d, "UpsampleNearestExact1D", NEAREST_EXACT, 1,
                 3, "The elements with the nearest centers, over the last dimension.")
UPSAMPLE_NEAREST(_upsample_nearest_exact2d, "UpsampleNearestExact2D", NEAREST_EXACT, 2,
                 4,
                 "The elements with the nearest centers, over the last two dimensions.")
UPSAMPLE_NEAREST(
    _upsample_nearest_exact3d, "UpsampleNearestExact3D", NEAREST_EXACT, 3, 5,
    "The elements with the nearest centers, over the last three dimensions.")
UPSAMPLE_ALIGNED(upsample_linear1d, "UpsampleLinear1D", LINEAR, 1, 3,
                 "Linear interpolation over the last dimension.")
UPSAMPLE_ALIGNED(upsample_bilinear2d, "UpsampleBilinear2D", LINEAR, 2, 4,
                 "Linear interpolation over the last two dimensions.")
UPSAMPLE_ALIGNED(upsample_trilinear3d, "UpsampleTrilinear3D", LINEAR, 3, 5,
                 "Linear interpolation over the last three dimensions.")
UPSAMPLE_ALIGNED(upsample_bicubic2d, "UpsampleBicubic2D", CUBIC, 2, 4,
                 "Cubic interpolation over the last two dimensions.")
UPSAMPLE_ALIGNED(_upsample_bilinear2d_aa, "UpsampleBilinear2DAa", LINEAR_AA, 2, 4,
                 "Linear interpolation that averages where it shrinks.")
UPSAMPLE_ALIGNED(_upsample_bicubic2d_aa, "UpsampleBicubic2DAa", CUBIC_AA, 2, 4,
                 "Cubic interpolation that averages where it shrinks.")

#define BOTH(name)                                                                     \
    &op_##name, &op_##name##_plain, &op_##name##_backward, &op_##name##_plain_backward
const OpDef *const upsample_ops[] = {
    BOTH(upsample_nearest1d),
    BOTH(upsample_nearest2d),
    BOTH(upsample_nearest3d),
    BOTH(_upsample_nearest_exact1d),
    BOTH(_upsample_nearest_exact2d),
    BOTH(_upsample_nearest_exact3d),
    BOTH(upsample_linear1d),
    BOTH(upsample_bilinear2d),
    BOTH(upsample_trilinear3d),
    BOTH(upsample_bicubic2d),
    BOTH(_upsample_bilinear2d_aa),
    BOTH(_upsample_bicubic2d_aa),
    NULL,
};
