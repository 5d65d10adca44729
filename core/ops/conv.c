/* Convolution by the number of its dimensions: conv1d to conv3d, with padding as
 * numbers or by name, and conv_transpose1d to 3d.
 *
 * Source: Convolution.cpp. */
#include "convolution.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>
#include <string.h>

/* ---- a batch of one ---- */

typedef struct Batch {
    Tensor *input; /* with a batch dimension */
    bool added;
} Batch;

static bool batch_of(Ctx *c, Tensor *input, int dims, const char *name, Batch *b) {
    *b = (Batch){input, input->ndim == dims + 1};
    if (!b->added && input->ndim != dims + 2) {
        error_raise(c, RuntimeError,
                    "Expected %dD (unbatched) or %dD (batched) input to %s, but got "
                    "input of size: %s",
                    dims + 1, dims + 2, name, shape_text(c, input));
        return false;
    }
    if (b->added) b->input = t_unsqueeze(c, input, 0);
    return b->input;
}

static Value without_batch(Ctx *c, const Batch *b, Tensor *t) {
    return value_obj(b->added ? t_squeeze(c, t, 0) : t);
}

/* Argument i, a list of ints. */
static Value list_of(Ctx *c, const Call *k, int i) {
    int64_t ints[MAX_DIMS];
    int n = call_ints(c, k, i, ints, MAX_DIMS);
    return n < 0 ? value_null() : arg_ints(c, n, ints);
}

static Value zeros_of(Ctx *c, int dims) {
    const int64_t zeros[MAX_DIMS] = {0};
    return arg_ints(c, dims, zeros);
}

/* ---- conv ---- */

static bool bias_type_check(Ctx *c, const Tensor *input, const Tensor *bias) {
    if (!bias || bias->dtype == input->dtype) return true;
    error_raise(
        c, RuntimeError, "Input type (%s) and bias type (%s) should be the same",
        dtype_type_name((DType)input->dtype), dtype_type_name((DType)bias->dtype));
    return false;
}

/* Arguments: input, weight, bias, stride, padding, dilation, groups. */
static Value conv_forward(Ctx *c, Call *k, int dims, const char *name) {
    Tensor *input = call_tensor(k, 0);
    Batch b;
    if ((dims == 2 && !bias_type_check(c, input, call_tensor(k, 2))) ||
        !batch_of(c, input, dims, name, &b))
        return value_null();
    Value args[9] = {arg_tensor(b.input), k->args[1],        k->args[2],
                     list_of(c, k, 3),    list_of(c, k, 4),  list_of(c, k, 5),
                     value_bool(false),   zeros_of(c, dims), k->args[6]};
    if (ctx_failed(c)) return value_null();
    return without_batch(c, &b, op_tensor(c, &op_convolution, args));
}

/* ---- padding by name ---- */

typedef struct Same {
    int dims;
    int64_t stride[MAX_DIMS], dilation[MAX_DIMS];
    int64_t before[MAX_DIMS], after[MAX_DIMS]; /* padding in each dimension */
} Same;

static bool same_list(Ctx *c, const Call *k, int i, const char *name, int dims,
                      int64_t *out) {
    int n = dense_call_ints(c, k, i, out, MAX_DIMS);
    if (n < 0) return false;
    if (n != 1 && n != dims) {
        error_raise(c, RuntimeError, "%s cannot broadcast to %d dimensions", name,
                    dims);
        return false;
    }
    for (int d = n; d < dims; d++) out[d] = out[0];
    return true;
}

static bool same_check(Ctx *c, const Tensor *input, const Tensor *weight) {
    if (weight->ndim <= 2)
        error_raise(c, RuntimeError, "weight should have at least three dimensions");
    else if (weight->ndim != input->ndim)
        error_raise(
            c, RuntimeError,
            "Expected %d-dimensional input for %d-dimensional weight%s, but got "
            "%d-dimensional input of size %s instead",
            weight->ndim, weight->ndim, shape_text(c, weight), input->ndim,
            shape_text(c, input));
    return !ctx_failed(c);
}

/* The padding with which the result is as large as input. */
static bool same_plan(Ctx *c, const Call *k, const Tensor *input, Same *s) {
    const Tensor *weight = call_tensor(k, 1);
    if (!same_check(c, input, weight)) return false;
    s->dims = weight->ndim - 2;
    if (!same_list(c, k, 3, "stride", s->dims, s->stride) ||
        !same_list(c, k, 5, "dilation", s->dims, s->dilation))
        return false;
    for (int d = 0; d < s->dims; d++) {
        if (s->stride[d] != 1) {
            error_raise(c, RuntimeError,
                        "padding='same' is not supported for strided convolutions");
            return false;
        }
        int64_t total = s->dilation[d] * (weight->sizes[d + 2] - 1);
        s->before[d] = total / 2;
        s->after[d] = total - total / 2;
    }
    return true;
}

/* What cannot be padded evenly is padded by constant_pad_nd first. */
static Tensor *pad_rest(Ctx *c, Tensor *input, Same *s) {
    static const char key;
    int64_t pad[2 * MAX_DIMS] = {0};
    bool even = true;
    for (int d = 0; d < s->dims; d++) {
        int64_t *p = pad + 2 * (s->dims - 1 - d);
        int64_t more = s->after[d] - s->before[d];
        even = even && more == 0;
        if (more > 0)
            p[1] = more;
        else {
            p[0] = more;
            s->before[d] = s->after[d];
        }
    }
    if (even) return input;
    warn_once(c, &key, UserWarning,
              "Using padding='same' with even kernel lengths and odd dilation may "
              "require a zero-padded copy of the input be created");
    return t_constant_pad(c, input, 2 * s->dims, pad);
}

static Tensor *convolution_same(Ctx *c, const Call *k, Tensor *input) {
    Same s;
    if (!same_plan(c, k, input, &s)) return NULL;
    input = pad_rest(c, input, &s);
    Value args[9] = {arg_tensor(input),
                     k->args[1],
                     k->args[2],
                     arg_ints(c, s.dims, s.stride),
                     arg_ints(c, s.dims, s.before),
                     arg_ints(c, s.dims, s.dilation),
                     value_bool(false),
                     zeros_of(c, s.dims),
                     k->args[6]};
    return input ? op_tensor(c, &op_convolution, args) : NULL;
}

/* "same", or "valid": none at all. */
static Tensor *convolution_by_name(Ctx *c, const Call *k, Tensor *input) {
    const char *padding = call_string(k, 4);
    if (strcmp(padding, "same") == 0) return convolution_same(c, k, input);
    if (strcmp(padding, "valid") != 0)
        return error_raise(c, RuntimeError, "Invalid padding string: '%s'", padding);
    Value args[9] = {arg_tensor(input), k->args[1],     k->args[2],
                     list_of(c, k, 3),  zeros_of(c, 1), list_of(c, k, 5),
                     value_bool(false), zeros_of(c, 1), k->args[6]};
    return ctx_failed(c) ? NULL : op_tensor(c, &op_convolution, args);
}

static Value conv_named_forward(Ctx *c, Call *k, int dims, const char *name) {
    Batch b;
    if (!batch_of(c, call_tensor(k, 0), dims, name, &b)) return value_null();
    return without_batch(c, &b, convolution_by_name(c, k, b.input));
}

/* convNd with padding as numbers, and as a name. */
#define CONV(n)                                                                        \
    static Value conv##n##d_forward(Ctx *c, Call *k) {                                 \
        return conv_forward(c, k, n, "conv" #n "d");                                   \
    }                                                                                  \
    static Value conv##n##d_padding_forward(Ctx *c, Call *k) {                         \
        return conv_named_forward(c, k, n, "conv" #n "d");                             \
    }                                                                                  \
    static const OpDef op_conv##n##d = {                                               \
        .schema =                                                                      \
            "conv" #n "d(Tensor input, Tensor weight, Tensor? bias=None, int[" #n      \
            "] stride=1, int[" #n "] padding=0, int[" #n                               \
            "] dilation=1, int groups=1) -> Tensor",                                   \
        .doc = "Convolution over the last " #n " dimensions of input.",                \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = conv##n##d_forward,                                                 \
    };                                                                                 \
    static const OpDef op_conv##n##d_padding = {                                       \
        .schema = "conv" #n "d.padding(Tensor input, Tensor weight, Tensor? "          \
                  "bias=None, int[" #n "] stride=1, str padding=\"valid\", int[" #n    \
                  "] dilation=1, int groups=1) -> Tensor",                             \
        .doc = "Convolution over the last " #n " dimensions of input, with padding "   \
               "'valid' (none) or 'same' (the result as large as input).",             \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = conv##n##d_padding_forward,                                         \
    };

CONV(1)
CONV(2)
CONV(3)

/* ---- conv_transpose ---- */

/* Arguments: input, weight, bias, stride, padding, output_padding, groups, dilation. */
static Value conv_transpose_forward(Ctx *c, Call *k, int dims, const char *name) {
    Batch b;
    if (!batch_of(c, call_tensor(k, 0), dims, name, &b)) return value_null();
    Value args[9] = {arg_tensor(b.input), k->args[1],       k->args[2],
                     list_of(c, k, 3),    list_of(c, k, 4), list_of(c, k, 7),
                     value_bool(true),    list_of(c, k, 5), k->args[6]};
    if (ctx_failed(c)) return value_null();
    return without_batch(c, &b, op_tensor(c, &op_convolution, args));
}

#define CONV_TRANSPOSE(n, overload)                                                    \
    static Value conv_transpose##n##d_forward(Ctx *c, Call *k) {                       \
        return conv_transpose_forward(c, k, n, "conv_transpose" #n "d");               \
    }                                                                                  \
    static const OpDef op_conv_transpose##n##d = {                                     \
        .schema =                                                                      \
            "conv_transpose" #n "d" overload                                           \
            "(Tensor input, Tensor weight, Tensor? bias=None, int[" #n                 \
            "] stride=1, int[" #n "] padding=0, int[" #n                               \
            "] output_padding=0, int groups=1, int[" #n "] dilation=1) -> Tensor",     \
        .doc = "The way back of conv" #n "d: every place of input spreads weight.",    \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = conv_transpose##n##d_forward,                                       \
    };

CONV_TRANSPOSE(1, "")
CONV_TRANSPOSE(2, ".input")
CONV_TRANSPOSE(3, ".input")

const OpDef *const conv_ops[] = {
    &op_conv1d,           &op_conv1d_padding,
    &op_conv2d,           &op_conv2d_padding,
    &op_conv3d,           &op_conv3d_padding,
    &op_conv_transpose1d, &op_conv_transpose2d,
    &op_conv_transpose3d, NULL,
};
