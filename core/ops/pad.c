/* Padding: with a constant, by reflection at the border, by repeating the border, and
 * by going around.  A list of pads holds a pair (before, after) for each dimension, the
 * last dimension first; negative ones cut away.
 *
 * Sources: PadNd.cpp, ReflectionPad.cpp, ReplicationPadding.cpp, derivatives.yaml. */
#include "core/kernel/resample.h"
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_PADS = 2 * MAX_DIMS };

static int64_t above_zero(int64_t n) {
    return n > 0 ? n : 0;
}

/* ---- constant_pad_nd ---- */

/* self without what negative pads cut away; *only_cuts: no pad is positive. */
static Tensor *cut(Ctx *c, Tensor *self, int n, const int64_t *pad, bool *only_cuts) {
    *only_cuts = true;
    for (int i = 0; i < n / 2 && self; i++) {
        int dim = self->ndim - 1 - i;
        int64_t before = pad[2 * i], after = pad[2 * i + 1], size = self->sizes[dim];
        *only_cuts = *only_cuts && before <= 0 && after <= 0;
        if (before < 0) self = t_narrow(c, self, dim, -before, size + before);
        if (self && after < 0)
            self = t_narrow(c, self, dim, 0, self->sizes[dim] + after);
    }
    return self;
}

/* The part of r, which is padded, that holds what cut has left. */
static Tensor *inner(Ctx *c, Tensor *r, int n, const int64_t *pad) {
    for (int i = 0; i < n / 2 && r; i++) {
        int dim = r->ndim - 1 - i;
        int64_t before = above_zero(pad[2 * i]), after = above_zero(pad[2 * i + 1]);
        r = t_narrow(c, r, dim, before, r->sizes[dim] - before - after);
    }
    return r;
}

static bool constant_pad_check(Ctx *c, const Tensor *self, int n) {
    if (n % 2)
        error_raise(c, RuntimeError,
                    "Length of pad must be even but instead it equals %d", n);
    else if (n > 2 * self->ndim)
        error_raise(c, RuntimeError,
                    "Length of pad should be no more than twice the number of "
                    "dimensions of the input. Pad length is %dwhile the input has "
                    "%ddimensions.",
                    n, self->ndim);
    return !ctx_failed(c);
}

static bool constant_pad_sizes(Ctx *c, const Tensor *self, int n, const int64_t *pad,
                               int64_t *sizes) {
    memcpy(sizes, self->sizes, (size_t)self->ndim * sizeof *sizes);
    for (int i = n / 2 - 1; i >= 0; i--) {
        int dim = self->ndim - 1 - i;
        sizes[dim] += pad[2 * i] + pad[2 * i + 1];
        if (sizes[dim] >= 0) continue;
        error_raise(c, RuntimeError,
                    "The input size %" PRId64 ", plus negative padding %" PRId64
                    " and %" PRId64
                    " resulted in a negative output size, which is invalid. Check "
                    "dimension %d of your input.",
                    self->sizes[dim], pad[2 * i], pad[2 * i + 1], dim);
        return false;
    }
    return true;
}

static Value constant_pad_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t pad[MAX_PADS], sizes[MAX_DIMS];
    bool only_cuts;
    int n = dense_call_ints(c, k, 1, pad, MAX_PADS);
    if (n < 0 || !constant_pad_check(c, self, n)) return value_null();
    Tensor *kept = cut(c, self, n, pad, &only_cuts);
    if (!kept) return value_null();
    if (only_cuts) return value_obj(t_clone(c, kept));
    DType d = (DType)self->dtype;
    if (!constant_pad_sizes(c, self, n, pad, sizes) ||
        !scalar_fits(c, call_scalar(k, 2), d))
        return value_null();
    Tensor *r = call_result(c, k, 0, d, self->ndim, sizes);
    Tensor *number = tensor_scalar(c, d, call_scalar(k, 2));
    if (!r || !number) return value_null();
    tensor_copy(r, number);
    tensor_copy(inner(c, r, n, pad), kept);
    return value_obj(r);
}
static void constant_pad_backward(Ctx *c, Grad *g) {
    int64_t pad[MAX_PADS];
    int n = saved_ints(g, 0, pad, MAX_PADS);
    for (int i = 0; i < n; i++) pad[i] = -pad[i];
    grad_set(g, 0, t_constant_pad(c, g->grad, n, pad));
}
static const OpDef op_constant_pad_nd = {
    .schema = "constant_pad_nd(Tensor self, int[] pad, Scalar value=0) -> Tensor",
    .doc = "self with a number put around it.",
    .forms = OP_FUNCTION,
    .saves = "pad",
    .forward = constant_pad_forward,
    .backward = constant_pad_backward,
    .example = "torch.constant_pad_nd(v, [1, 1])",
};
static Tensor *constant_pad(Ctx *c, Tensor *self, Value pad, Value number) {
    return op_tensor(c, &op_constant_pad_nd, (Value[]){arg_tensor(self), pad, number});
}
Tensor *t_constant_pad(Ctx *c, Tensor *self, int n, const int64_t *pad) {
    return constant_pad(c, self, arg_ints(c, n, pad), value_int(0));
}

/* ---- reflection and replication of the border ---- */

typedef struct Border {
    int dims;     /* padded */
    bool reflect; /* or repeat */
    const char *kernel;
    unsigned refused; /* dtypes */
} Border;

enum {
    NOT_FULL_FLOATING = DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16,
};

/* For each place along a dimension of n that is padded, the place it copies. */
static const int64_t *border_places(Ctx *c, bool reflect, int64_t n, int64_t before,
                                    int64_t to) {
    int64_t *at = dense_scratch(c, to, sizeof *at);
    for (int64_t i = 0; at && i < to; i++) {
        int64_t from = i - before;
        if (reflect)
            at[i] = from < 0 ? -from : from < n ? from : 2 * (n - 1) - from;
        else
            at[i] = from < 0 ? 0 : from < n ? from : n - 1;
    }
    return at;
}

/* How self, or a gradient of its padded form, maps to the other; `to` gets the padded
 * sizes. */
static bool border_plan(Ctx *c, const Border *b, const Tensor *self, const int64_t *pad,
                        Resample *r, int64_t *to) {
    *r = (Resample){.planes = dense_planes(self, b->dims), .rounding = DT_none};
    memcpy(to, self->sizes, (size_t)self->ndim * sizeof *to);
    for (int i = 0; i < RESAMPLE_DIMS; i++) {
        Taps *t = &r->dims[RESAMPLE_DIMS - 1 - i];
        *t = taps_of_one;
        if (i >= b->dims) continue;
        int dim = self->ndim - 1 - i;
        to[dim] += pad[2 * i] + pad[2 * i + 1];
        t->from = self->sizes[dim];
        t->to = to[dim];
        t->at = border_places(c, b->reflect, t->from, pad[2 * i], above_zero(t->to));
    }
    return !ctx_failed(c);
}

static bool border_input_check(Ctx *c, const Border *b, const Tensor *self) {
    int first = self->ndim == b->dims + 2 ? 1 : 0;
    bool fits = self->ndim == b->dims + 1 || first;
    bool planes_count = !b->reflect || first || b->dims == 3;
    for (int i = first; fits && i < self->ndim; i++)
        fits = self->sizes[i] != 0 || (i == 0 && !planes_count);
    if (fits) return true;
    int low = b->dims + 1;
    if (b->reflect && b->dims < 3)
        error_raise(c, RuntimeError,
                    "%dD or %dD (batch mode) tensor expected for input, but got: %s",
                    low, low + 1, tensor_stream_text(c, self));
    else
        error_raise(c, RuntimeError,
                    "Expected %dD or %dD (batch mode) tensor with possibly 0 batch "
                    "size and other non-zero dimensions for input, but got: %s",
                    low, low + 1, shape_text(c, self));
    return false;
}

/* A reflection cannot reach further than there is input. */
static bool reflection_check(Ctx *c, const Border *b, const Tensor *self,
                             const int64_t *pad) {
    for (int i = 0; i < b->dims; i++) {
        int dim = self->ndim - 1 - i;
        int64_t size = self->sizes[dim];
        if (pad[2 * i] < size && pad[2 * i + 1] < size) continue;
        const char ndim[] = {(char)('0' + self->ndim), 0};
        error_raise(c, RuntimeError,
                    "Argument #%d: Padding size should be less than the corresponding "
                    "input dimension, but got: padding (%" PRId64 ", %" PRId64
                    ") at dimension %d of input %s",
                    4 + 2 * i, pad[2 * i], pad[2 * i + 1], dim,
                    b->dims == 2 ? ndim : shape_text(c, self));
        return false;
    }
    return true;
}

/* At least one padded dimension must have something left. */
static bool border_output_check(Ctx *c, const Border *b, const Tensor *self,
                                const int64_t *to) {
    const int64_t *in = self->sizes + self->ndim - b->dims;
    const int64_t *out = to + self->ndim - b->dims;
    for (int i = 0; i < b->dims; i++)
        if (out[i] >= 1) return true;
    switch (b->dims) {
    case 1:
        error_raise(c, RuntimeError,
                    "%s(W: %" PRId64 ")%sis too small. Calculated output W: %" PRId64,
                    b->reflect ? "2input " : "input ", in[0], b->reflect ? "" : " ",
                    out[0]);
        break;
    case 2:
        error_raise(c, RuntimeError,
                    "input (H: %" PRId64 ", W: %" PRId64
                    "%sis too small. Calculated output H: %" PRId64 " W: %" PRId64,
                    in[0], in[1], b->reflect ? ")" : " ) ", out[0], out[1]);
        break;
    default:
        error_raise(c, RuntimeError,
                    "input (D: %" PRId64 " H: %" PRId64 ", W: %" PRId64
                    ") is too small. Calculated output D: %" PRId64 " H: %" PRId64
                    " W: %" PRId64,
                    in[0], in[1], in[2], out[0], out[1], out[2]);
    }
    return false;
}

static bool border_count_check(Ctx *c, const Border *b, int n) {
    if (n == 2 * b->dims) return true;
    error_raise(c, RuntimeError, "padding size is expected to be %d", 2 * b->dims);
    return false;
}

static Value border_forward(Ctx *c, Call *k, const Border *b) {
    Tensor *self = call_tensor(k, 0);
    int64_t pad[MAX_PADS], to[MAX_DIMS];
    Resample plan;
    DType d = (DType)self->dtype;
    int n = dense_call_ints(c, k, 1, pad, MAX_PADS);
    if (n < 0 || !border_count_check(c, b, n) || !border_input_check(c, b, self) ||
        (b->reflect && !reflection_check(c, b, self, pad)) ||
        !border_plan(c, b, self, pad, &plan, to) ||
        !border_output_check(c, b, self, to))
        return value_null();
    if (b->reflect && b->dims == 2 && k->form == CALL_OUT && !(b->refused & 1U << d) &&
        !scalar_type_check(c, d, (DType)k->target[0]->dtype))
        return value_null();
    Tensor *r = call_result(c, k, 0, d, self->ndim, to);
    if (!r || dtype_refused(c, b->kernel, b->refused, d)) return value_null();
    Tensor *in = dense_of(c, self, d), *out = dense_for(c, r, d);
    if (in && out) kernel_pick(d, &plan, tensor_data(in), tensor_data(out));
    return in ? dense_give(r, out) : value_null();
}

/* Sums of the gradients of an element's copies. */
static Value border_back_forward(Ctx *c, Call *k, const Border *b) {
    Tensor *grad = call_tensor(k, 0), *self = call_tensor(k, 1);
    int64_t pad[MAX_PADS], to[MAX_DIMS];
    Resample plan;
    DType d = (DType)self->dtype;
    int n = dense_call_ints(c, k, 2, pad, MAX_PADS);
    if (n < 0 || !border_input_check(c, b, self) ||
        (b->reflect && !reflection_check(c, b, self, pad)) ||
        !border_plan(c, b, self, pad, &plan, to) ||
        !saved_check(c, grad, d, self->ndim, to))
        return value_null();
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *in = dense_of(c, grad, d), *out = dense_zeros_for(c, r, d);
    if (in && out) kernel_pick_backward(d, &plan, tensor_data(in), tensor_data(out));
    return in ? dense_give(r, out) : value_null();
}

/* The operator name of Border `border` and its gradient. Node: as PyTorch writes it. */
#define BORDER_PAD(name, Node, border, size, out, sentence)                            \
    static Value name##_forward(Ctx *c, Call *k) {                                     \
        return border_forward(c, k, &border);                                          \
    }                                                                                  \
    static Value name##_back_forward(Ctx *c, Call *k) {                                \
        return border_back_forward(c, k, &border);                                     \
    }                                                                                  \
    static void name##_back_backward(Ctx *c, Grad *g);                                 \
    static const OpDef op_##name##_backward = {                                        \
        .schema = #name "_backward(Tensor grad_output, Tensor self, int[" #size        \
                        "] padding) -> Tensor",                                        \
        .doc = "The gradient of " #name ".",                                           \
        .forms = OP_INTERNAL,                                                          \
        .saves = "padding",                                                            \
        .node = Node "BackwardBackward0",                                              \
        .forward = name##_back_forward,                                                \
        .backward = name##_back_backward,                                              \
    };                                                                                 \
    static void name##_backward(Ctx *c, Grad *g) {                                     \
        grad_set(g, 0,                                                                 \
                 op_tensor(c, &op_##name##_backward,                                   \
                           (Value[]){arg_tensor(g->grad),                              \
                                     arg_tensor(saved_tensor(c, g, 0)),                \
                                     saved_value(g, 1)}));                             \
    }                                                                                  \
    static const OpDef op_##name = {                                                   \
        .schema = #name "(Tensor self, int[" #size "] padding) -> Tensor",             \
        .doc = sentence,                                                               \
        .forms = OP_NN | OP_OUT,                                                       \
        .traits = out,                                                                 \
        .saves = "self padding",                                                       \
        .node = Node "Backward0",                                                      \
        .forward = name##_forward,                                                     \
        .backward = name##_backward,                                                   \
    };                                                                                 \
    static void name##_back_backward(Ctx *c, Grad *g) {                                \
        border_double_backward(c, g, &op_##name);                                      \
    }

/* The gradient of grad_output is padded; self takes part with its shape only. */
static void border_double_backward(Ctx *c, Grad *g, const OpDef *pad) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, pad, (Value[]){arg_tensor(g->grad), saved_value(g, 0)}));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

static const Border reflect_1d = {1, true, "reflection_pad1d", NOT_FULL_FLOATING};
static const Border reflect_2d = {2, true, "reflection_pad2d", NOT_FULL_FLOATING};
static const Border reflect_3d = {3, true, "reflection_pad3d_cpu", DTYPES_INTEGRAL};
static const Border repeat_1d = {1, false, "replication_pad1d_cpu", NOT_FULL_FLOATING};
static const Border repeat_2d = {2, false, "replication_pad2d_cpu", NOT_FULL_FLOATING};
static const Border repeat_3d = {3, false, "replication_pad3d_cpu", NOT_FULL_FLOATING};

#define REFLECTED "self with its elements mirrored at the borders of "
#define REPEATED "self with its outermost elements repeated at the borders of "
BORDER_PAD(reflection_pad1d, "ReflectionPad1D", reflect_1d, 2, OP_OUT_EXACT,
           REFLECTED "its last dimension.")
BORDER_PAD(reflection_pad2d, "ReflectionPad2D", reflect_2d, 4, OP_OUT_QUIET,
           REFLECTED "its last two dimensions.")
BORDER_PAD(reflection_pad3d, "ReflectionPad3D", reflect_3d, 6, OP_OUT_EXACT,
           REFLECTED "its last three dimensions.")
BORDER_PAD(replication_pad1d, "ReplicationPad1D", repeat_1d, 2, OP_OUT_EXACT,
           REPEATED "its last dimension.")
BORDER_PAD(replication_pad2d, "ReplicationPad2D", repeat_2d, 4, OP_OUT_EXACT,
           REPEATED "its last two dimensions.")
BORDER_PAD(replication_pad3d, "ReplicationPad3D", repeat_3d, 6, OP_OUT_EXACT,
           REPEATED "its last three dimensions.")

/* ---- going around ---- */

static bool circular_sizes(Ctx *c, const Tensor *self, int n, const int64_t *pad,
                           int64_t *sizes) {
    int expected = 2 * self->ndim - 4;
    if (n != expected) {
        error_raise(c, RuntimeError, "Invalid padding size, expected %d but got %d",
                    expected, n);
        return false;
    }
    memcpy(sizes, self->sizes, (size_t)self->ndim * sizeof *sizes);
    for (int dim = 2; dim < self->ndim; dim++) {
        const int64_t *p = pad + 2 * (self->ndim - 1 - dim);
        int64_t size = self->sizes[dim];
        sizes[dim] = size + p[0] + p[1];
        if (p[0] > size || p[1] > size)
            error_raise(c, RuntimeError,
                        "Padding value causes wrapping around more than once.");
        else if (sizes[dim] < 0)
            error_raise(c, RuntimeError,
                        "Negative padding value is resulting in an empty dimension");
        if (ctx_failed(c)) return false;
    }
    return true;
}

/* r's part [to, to + n) of dim becomes its part from `from` on. */
static void copy_part(Ctx *c, Tensor *r, int dim, int64_t to, int64_t from, int64_t n) {
    Tensor *part = t_slice(c, r, dim, to, to + n, 1);
    t_copy_(c, part, t_slice(c, r, dim, from, from + n, 1));
}

/* The middle is copied from self, then each border from what lies at the other end; the
 * writes are recorded, as PyTorch composes it. */
static Value pad_circular_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    int64_t pad[MAX_PADS], sizes[MAX_DIMS];
    int n = dense_call_ints(c, k, 1, pad, MAX_PADS);
    if (n < 0 || !circular_sizes(c, self, n, pad, sizes)) return value_null();
    Tensor *r = tensor_make(c, (DType)self->dtype, self->ndim, sizes);
    Tensor *middle = r, *kept = self;
    for (int i = 0; i < n / 2; i++) {
        int dim = self->ndim - 1 - i;
        int64_t before = pad[2 * i], after = pad[2 * i + 1];
        middle = t_slice(c, middle, dim, above_zero(before),
                         sizes[dim] - above_zero(after), 1);
        kept = t_slice(c, kept, dim, above_zero(-before),
                       self->sizes[dim] - above_zero(-after), 1);
    }
    t_copy_(c, middle, kept);
    for (int i = 0; i < n / 2; i++) {
        int dim = self->ndim - 1 - i;
        int64_t before = pad[2 * i], after = pad[2 * i + 1], end = sizes[dim];
        if (before > 0)
            copy_part(c, r, dim, 0, end - before - above_zero(after), before);
        if (after > 0) copy_part(c, r, dim, end - after, above_zero(before), after);
    }
    return value_obj(ctx_failed(c) ? NULL : r);
}
static const OpDef op_pad_circular = {
    .schema = "_pad_circular(Tensor self, int[] pad) -> Tensor",
    .doc = "self with each border filled from the opposite one.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = pad_circular_forward,
    .example = "torch._C._nn._pad_circular(x, [1, 1, 0, 0])",
};

/* ---- pad: all of them by name ---- */

enum { MODE_REFLECT, MODE_REPLICATE, MODE_CIRCULAR, MODE_CONSTANT, MODES };
static const char *const mode_names[MODES] = {"reflect", "replicate", "circular",
                                              "constant"};

static Tensor *pad_border(Ctx *c, Tensor *self, Value pad, int64_t n, int64_t mode) {
    static const OpDef *const ops[2][3] = {
        {&op_reflection_pad1d, &op_reflection_pad2d, &op_reflection_pad3d},
        {&op_replication_pad1d, &op_replication_pad2d, &op_replication_pad3d},
    };
    int64_t dims = n / 2, without_batch = self->ndim - 1;
    if (dims < 1 || dims > 3 || (dims != without_batch && dims != without_batch - 1))
        return error_raise(c, NotImplementedError,
                           "Only 2D, 3D, 4D, 5D padding with non-constant padding are "
                           "supported for now");
    const OpDef *op = mode == MODE_CIRCULAR ? &op_pad_circular : ops[mode][dims - 1];
    return op_tensor(c, op, (Value[]){arg_tensor(self), pad});
}

static Tensor *pad_by_mode(Ctx *c, Tensor *self, Value pad, int64_t n, int64_t mode,
                           Value number) {
    if (n % 2)
        return error_raise(c, RuntimeError, "Padding length must be divisible by 2");
    if (n > 2 * self->ndim)
        return error_raise(c, RuntimeError, "Padding length too large");
    if (value_is_none(number)) number = value_float(0);
    if (mode == MODE_CONSTANT) return constant_pad(c, self, pad, number);
    double x = value_as_double(number);
    if (x != 0)
        return error_raise(c, RuntimeError,
                           "Padding mode \"%s\" doesn't take in value argument",
                           mode_names[mode]);
    return pad_border(c, self, pad, n, mode);
}

static Value pad_forward(Ctx *c, Call *k) {
    int64_t pad[MAX_PADS];
    const char *name = call_string(k, 2);
    int mode = 0, n = dense_call_ints(c, k, 1, pad, MAX_PADS);
    if (n < 0) return value_null();
    while (mode < MODES && strcmp(name, mode_names[mode]) != 0) mode++;
    if (mode == MODES)
        return value_raise(c, NotImplementedError, "Unrecognised padding mode %s",
                           name);
    return value_obj(
        pad_by_mode(c, call_tensor(k, 0), arg_ints(c, n, pad), n, mode, k->args[3]));
}
static const OpDef op_pad = {
    .schema = "pad(Tensor self, int[] pad, str mode=\"constant\", float? value=None) "
              "-> Tensor",
    .doc = "self with its borders padded in one of four ways.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = pad_forward,
};

const OpDef *const pad_ops[] = {
    &op_constant_pad_nd,
    &op_reflection_pad1d,
    &op_reflection_pad2d,
    &op_reflection_pad3d,
    &op_replication_pad1d,
    &op_replication_pad2d,
    &op_replication_pad3d,
    &op_reflection_pad1d_backward,
    &op_reflection_pad2d_backward,
    &op_reflection_pad3d_backward,
    &op_replication_pad1d_backward,
    &op_replication_pad2d_backward,
    &op_replication_pad3d_backward,
    &op_pad_circular,
    &op_pad,
    NULL,
};
