/* Convolution in one to three dimensions, transposed or not, and its gradients: what is
 * checked, and which of the products in conv_products.h give what.
 *
 * Sources: Convolution.cpp, ConvolutionMM2d.cpp, ConvolutionMM3d.cpp,
 * NaiveConvolutionTranspose2d.cpp, NaiveDilatedConvolution.cpp, ConvUtils.h. */
#include "conv_products.h"

#include "core/kernel/conv_sums.h"
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>

/* ---- arguments ---- */

/* Argument i for each dimension, given as one int or as one each. */
static bool read_param(Ctx *c, const Call *k, int i, const char *name, int dims,
                       int64_t *out) {
    int n = dense_call_ints(c, k, i, out, MAX_DIMS);
    if (n < 0) return false;
    if (n != 1 && n != dims) {
        error_raise(c, RuntimeError,
                    "expected %s to be a single integer value or a list of %d "
                    "values to match the convolution dimensions, but got %s=%s",
                    name, dims, name, dims_text(c, n, out));
        return false;
    }
    for (int d = n; d < dims; d++) out[d] = out[0];
    return true;
}

/* The arguments from stride, number i, to groups. */
static bool read_conv(Ctx *c, const Call *k, int i, const Tensor *weight, Conv *v) {
    v->dims = weight->ndim - 2;
    v->transposed = call_bool(k, i + 3);
    v->groups = call_int(k, i + 5);
    if (v->dims <= 0)
        error_raise(c, RuntimeError, "weight should have at least three dimensions");
    else if (v->groups <= 0)
        error_raise(c, RuntimeError, "non-positive groups is not supported");
    return !ctx_failed(c) && read_param(c, k, i, "stride", v->dims, v->stride) &&
           read_param(c, k, i + 1, "padding", v->dims, v->pad) &&
           read_param(c, k, i + 2, "dilation", v->dims, v->dilation) &&
           read_param(c, k, i + 4, "output_padding", v->dims, v->output_pad);
}

static bool none_below(const int64_t *values, int n, int64_t least) {
    for (int i = 0; i < n; i++)
        if (values[i] < least) return false;
    return true;
}

static bool signs_check(Ctx *c, const Conv *v) {
    if (!none_below(v->pad, v->dims, 0))
        error_raise(c, RuntimeError, "negative padding is not supported");
    else if (!none_below(v->output_pad, v->dims, 0))
        error_raise(c, RuntimeError, "negative output_padding is not supported");
    else if (!none_below(v->stride, v->dims, 1))
        error_raise(c, RuntimeError, "non-positive stride is not supported");
    return !ctx_failed(c);
}

static bool weight_check(Ctx *c, const Tensor *input, const Tensor *weight,
                         int64_t groups) {
    if (weight->ndim != input->ndim)
        error_raise(c, RuntimeError,
                    "Expected %d-dimensional input for %d-dimensional weight %s, but "
                    "got %d-dimensional input of size %s instead",
                    weight->ndim, weight->ndim, shape_text(c, weight), input->ndim,
                    shape_text(c, input));
    else if (weight->sizes[0] < groups)
        error_raise(c, RuntimeError,
                    "Given groups=%" PRId64 ", expected weight to be at least %" PRId64
                    " at dimension 0, but got weight of size %s instead",
                    groups, groups, shape_text(c, weight));
    else if (weight->sizes[0] % groups)
        error_raise(c, RuntimeError,
                    "Given groups=%" PRId64 ", expected weight to be divisible by "
                    "%" PRId64 " at dimension 0, but got weight of size [%s] instead",
                    groups, groups, shape_text(c, weight));
    return !ctx_failed(c);
}

/* The channels of input and the shape of bias. */
static bool channels_check(Ctx *c, const Tensor *input, const Tensor *weight,
                           const Tensor *bias, const Conv *v) {
    int64_t in = v->transposed ? weight->sizes[0] : weight->sizes[1] * v->groups;
    int64_t out = v->transposed ? weight->sizes[1] * v->groups : weight->sizes[0];
    const char *kind = v->transposed ? "transposed" : "groups";
    int64_t number = v->transposed ? 1 : v->groups;
    if (input->sizes[1] != in) {
        error_raise(c, RuntimeError,
                    "Given %s=%" PRId64 ", weight of size %s, expected input%s to have "
                    "%" PRId64 " channels, but got %" PRId64 " channels instead",
                    kind, number, shape_text(c, weight), shape_text(c, input), in,
                    input->sizes[1]);
        return false;
    }
    if (!bias || (bias->ndim == 1 && bias->sizes[0] == out)) return true;
    error_raise(c, RuntimeError,
                "Given %sweight of size %s, expected bias to be 1-dimensional with "
                "%" PRId64 " elements, but got bias of size %s instead",
                v->transposed ? "transposed=1, " : "", shape_text(c, weight), out,
                shape_text(c, bias));
    return false;
}

/* "2 x 3" */
static void put_product(Buf *b, int n, const int64_t *sizes) {
    for (int i = 0; i < n; i++) buf_printf(b, "%s%" PRId64, i ? " x " : "", sizes[i]);
}

/* The window must fit into the padded input. */
static bool window_check(Ctx *c, const Tensor *input, const Tensor *weight,
                         const Conv *v) {
    int64_t in[MAX_DIMS], window[MAX_DIMS];
    bool fits = true;
    for (int d = 0; d < v->dims; d++) {
        in[d] = input->sizes[d + 2] + 2 * v->pad[d];
        window[d] = v->dilation[d] * (weight->sizes[d + 2] - 1) + 1;
        fits = fits && in[d] >= window[d];
    }
    if (fits) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "Calculated padded input size per channel: (");
    put_product(&b, v->dims, in);
    buf_puts(&b, "). Kernel size: (");
    put_product(&b, v->dims, window);
    buf_puts(&b, "). Kernel size can't be greater than actual input size");
    return dense_raise(c, &b);
}

/* ---- checks that PyTorch's kernels make ---- */

/* One dimension counts as two there, the first of size 1. */
static int kernel_dims(const Conv *v) {
    return v->dims == 1 ? 2 : v->dims;
}
static void kernel_list(const Conv *v, const int64_t *of, int64_t one, int64_t *out) {
    out[0] = one;
    for (int d = 0; d < v->dims; d++) out[d + (v->dims == 1)] = of[d];
}

/* Adds "dilation_height: 1, dilation_width: 0", or with another `between`. */
static void put_named(Buf *b, const Conv *v, const char *name, const int64_t *of,
                      int64_t one, const char *between) {
    static const char *const axes[] = {"depth", "height", "width"};
    int64_t values[MAX_DIMS];
    int n = kernel_dims(v);
    kernel_list(v, of, one, values);
    for (int d = 0; d < n; d++)
        buf_printf(b, "%s%s_%s: %" PRId64, d ? between : "", name, axes[3 - n + d],
                   values[d]);
}

static bool dilation_check(Ctx *c, const Conv *v) {
    if (none_below(v->dilation, v->dims, 1)) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "dilation should be greater than zero, but got ");
    if (v->transposed)
        put_named(&b, v, "dilation", v->dilation, 1, ", ");
    else {
        int64_t values[MAX_DIMS];
        kernel_list(v, v->dilation, 1, values);
        buf_dims(&b, kernel_dims(v), values);
    }
    return dense_raise(c, &b);
}

static bool kernel_check(Ctx *c, const Tensor *weight, const Conv *v) {
    const int64_t *size = weight->sizes + 2;
    if (none_below(size, v->dims, 1)) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "kernel size should be greater than zero, but got");
    if (v->dims == 3) {
        buf_puts(&b, ": ");
        put_product(&b, 3, size);
        buf_puts(&b, " (TxHxW)");
    } else {
        buf_putc(&b, ' ');
        put_named(&b, v, "kernel", size, 1, v->transposed ? ", " : " ");
    }
    return dense_raise(c, &b);
}

static bool output_pad_check(Ctx *c, const Conv *v) {
    bool fits = true;
    for (int d = 0; d < v->dims; d++)
        fits = fits &&
               (v->output_pad[d] < v->stride[d] || v->output_pad[d] < v->dilation[d]);
    if (fits || !v->transposed) return true;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "output padding must be smaller than either stride or dilation, but "
                 "got ");
    put_named(&b, v, "output_padding", v->output_pad, 0, " ");
    buf_putc(&b, ' ');
    put_named(&b, v, "stride", v->stride, 1, " ");
    buf_putc(&b, ' ');
    put_named(&b, v, "dilation", v->dilation, 1, " ");
    return dense_raise(c, &b);
}

static bool output_check(Ctx *c, const Tensor *input, const int64_t *out,
                         const Conv *v) {
    if (none_below(out, v->dims, 1)) return true;
    int64_t sizes[MAX_DIMS];
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "Given input size per channel: (");
    kernel_list(v, input->sizes + 2, 1, sizes);
    put_product(&b, kernel_dims(v), sizes);
    buf_puts(&b, "). Calculated output size per channel: (");
    kernel_list(v, out, 1, sizes);
    put_product(&b, kernel_dims(v), sizes);
    buf_puts(&b, "). Output size is too small");
    return dense_raise(c, &b);
}

/* ---- dtypes ---- */

static bool is_dilated(const Conv *v) {
    return !none_below(v->dilation, v->dims, 1) ||
           shape_numel(v->dims, v->dilation) != 1;
}

/* Whether PyTorch gives the call to its library, which has messages of its own. */
static bool by_library(const Tensor *input, const Tensor *weight, const Conv *v) {
    if (input->dtype == DT_bfloat16) return true;
    if (input->dtype != DT_float32 || v->transposed) return false;
    int64_t last = weight->sizes[weight->ndim - 1];
    int64_t before = v->dims == 1 ? 1 : weight->sizes[weight->ndim - 2];
    bool moves = is_dilated(v) || shape_numel(v->dims, v->stride) != 1;
    return (moves || input->sizes[0] >= 16 || last != 1 || before != 1) &&
           (v->groups > 1 || (last > 3 && before > 3) || input->sizes[0] > 1 ||
            input->numel > 20480);
}

/* PyTorch's library, which has no transposed convolution, takes one of bfloat16 for a
 * plain one. */
static bool is_mistaken(const Tensor *input, const Conv *v) {
    return v->transposed && input->dtype == DT_bfloat16 && input->numel;
}

static bool library_types_check(Ctx *c, const Tensor *input, const Tensor *other,
                                const char *name) {
    if (!other || other->dtype == input->dtype) return true;
    error_raise(c, RuntimeError,
                "Input type (%s) and %s type (%s) should be the same or input should "
                "be a MKLDNN tensor and %s is a dense tensor",
                tensor_cpp_type(input), name, tensor_cpp_type(other), name);
    return false;
}

static bool types_check(Ctx *c, const Tensor *input, const Tensor *weight,
                        const Tensor *bias, const Conv *v) {
    enum { FEW_INTEGERS = DTYPES_INTEGRAL & ~(1 << DT_int64), HALF = DTYPES_HALF };
    DType d = (DType)input->dtype;
    bool wide = v->dims == 3, few = v->transposed || is_dilated(v);
    const char *kernel = v->transposed ? wide ? "slow_conv_transpose3d_out_cpu"
                                              : "slow_conv_transpose2d_out_cpu"
                         : few         ? "slow_conv_dilated<>"
                         : wide        ? "compute_columns3d"
                                       : "slow_conv2d_cpu";
    if (by_library(input, weight, v))
        return library_types_check(c, input, weight, "weight") &&
               library_types_check(c, input, bias, "bias");
    if (dtype_refused(c, kernel, (few ? FEW_INTEGERS : DTYPES_BOOL) | HALF, d))
        return false;
    const Tensor *other = weight->dtype != d ? weight : v->transposed ? bias : NULL;
    return !other || scalar_type_check(c, d, (DType)other->dtype);
}

/* ---- sizes ---- */

static void output_sizes(const Tensor *input, const Tensor *weight, const Conv *v,
                         int64_t *out) {
    out[0] = input->sizes[0];
    out[1] = v->transposed ? weight->sizes[1] * v->groups : weight->sizes[0];
    for (int d = 0; d < v->dims; d++) {
        int64_t in = input->sizes[d + 2];
        int64_t window = v->dilation[d] * (weight->sizes[d + 2] - 1) + 1;
        out[d + 2] = v->transposed ? (in - 1) * v->stride[d] - 2 * v->pad[d] + window +
                                         v->output_pad[d]
                                   : (in + 2 * v->pad[d] - window) / v->stride[d] + 1;
    }
}

static bool shapes_check(Ctx *c, const Tensor *input, const Tensor *weight,
                         const Tensor *bias, const Conv *v) {
    return signs_check(c, v) && weight_check(c, input, weight, v->groups) &&
           channels_check(c, input, weight, bias, v) &&
           (v->transposed || window_check(c, input, weight, v));
}

/* Empty batches and channels are fine, empty images are not. */
static bool empty_check(Ctx *c, const Tensor *input, const Conv *v) {
    if (input->sizes[0] == 0 || input->sizes[1] == 0 || input->numel) return true;
    int64_t sizes[MAX_DIMS + 1] = {input->sizes[0], input->sizes[1]};
    kernel_list(v, input->sizes + 2, 1, sizes + 2);
    error_raise(c, RuntimeError,
                "Only zero batch or zero channel inputs are supported, but got input "
                "shape: %s",
                dims_text(c, kernel_dims(v) + 2, sizes));
    return false;
}

/* ---- the order of sums ---- */

/* The library goes through the elements of the window, and for each of them through the
 * channels; it rounds products and sums together, and adds the bias at the end, but
 * where each channel is a group of its own. Large products are left to the fastest way.
 */
static ConvOrder order_of(const Tensor *input, const Tensor *weight, const Conv *v,
                          const ConvProducts *p) {
    if (input->dtype != DT_float32 || !by_library(input, weight, v) || !p->small)
        return CONV_FASTEST;
    return conv_library_has_columns(v, p) ? CONV_BY_COLUMNS : CONV_BY_WINDOW;
}
/* ---- convolution ---- */

/* Every place of r gets the bias of its channel added, or, being zeros, begins with it.
 */
static bool add_bias(Ctx *c, Tensor *r, Tensor *bias) {
    if (!bias) return true;
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < r->ndim; i++) sizes[i] = i == 1 ? r->sizes[1] : 1;
    Tensor *own = t_to_dtype(c, bias, (DType)r->dtype); /* another one for integers */
    Tensor *b = t_view(c, t_contiguous(c, own), r->ndim, sizes);
    return b && t_add_(c, r, b);
}

/* In one dimension it is computed, and spoken of, with one of size 1 before it. */
static bool mistaken_shapes_check(Ctx *c, Tensor *input, Tensor *weight,
                                  const Tensor *bias, const Conv *v) {
    const bool flat = v->dims == 1;
    const Tensor *x = flat ? t_unsqueeze(c, input, 2) : input;
    const Tensor *w = flat ? t_unsqueeze(c, weight, 2) : weight;
    return x && w && channels_check(c, x, w, bias, v) &&
           window_check(c, input, weight, v);
}

static bool forward_check(Ctx *c, Tensor *input, Tensor *weight, const Tensor *bias,
                          Conv *v, int64_t *out) {
    if (!shapes_check(c, input, weight, bias, v) || !empty_check(c, input, v))
        return false;
    if (v->dims > WINDOW_DIMS) {
        error_raise(c, RuntimeError, "unsupported ConvNd parameters");
        return false;
    }
    if (is_mistaken(input, v)) {
        v->transposed = false;
        if (!mistaken_shapes_check(c, input, weight, bias, v)) return false;
    }
    if (!kernel_check(c, weight, v) || !dilation_check(c, v) || !output_pad_check(c, v))
        return false;
    output_sizes(input, weight, v, out);
    if (input->sizes[1] == 0) out[1] = 0; /* as PyTorch has it */
    return output_check(c, input, out + 2, v) &&
           (input->numel == 0 || types_check(c, input, weight, bias, v));
}

static Value convolution_forward(Ctx *c, Call *k) {
    Tensor *input = call_tensor(k, 0), *weight = call_tensor(k, 1);
    Tensor *bias = call_tensor(k, 2);
    int64_t out[MAX_DIMS];
    Conv v;
    if (!read_conv(c, k, 3, weight, &v) ||
        !forward_check(c, input, weight, bias, &v, out))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)input->dtype, input->ndim, out);
    DType d = dense_dtype((DType)input->dtype);
    Tensor *x = dense_of(c, input, d), *w = dense_of(c, weight, d);
    Tensor *y = dense_for(c, r, d);
    if (!x || !w || !y) return value_null();
    if (!y->numel) return dense_give(r, y);
    ConvProducts p = conv_products(&v, v.transposed ? y : x, v.transposed ? x : y, w);
    p.order = order_of(input, weight, &v, &p);
    const bool by_channel = v.groups > 1 && p.rows == 1 && p.columns.channels == 1;
    const bool bias_last = v.transposed || (p.order != CONV_FASTEST && !by_channel);
    p.started = bias && !bias_last;
    if (p.started && !(t_zero_(c, y) && add_bias(c, y, bias))) return value_null();
    if (!(v.transposed ? conv_wide : conv_narrow)(c, &p)) return value_null();
    if (bias_last && !add_bias(c, y, bias)) return value_null();
    return dense_give(r, y);
}

/* ---- its gradients ---- */

/* The gradient of input (0) or weight (1), of the sizes of `like`. */
static Value give_gradient(Ctx *c, Call *k, int nr, const Conv *v, Tensor *like,
                           Tensor *grad, Tensor *input, Tensor *weight) {
    DType d = (DType)grad->dtype;
    Tensor *r = call_result(c, k, nr, (DType)like->dtype, like->ndim, like->sizes);
    bool empty = like->numel == 0 || grad->numel == 0;
    Tensor *to = empty ? dense_zeros_for(c, r, d) : dense_for(c, r, d);
    if (!to || empty) return dense_give(r, to);
    Tensor *x = nr == 0 ? to : input, *w = nr == 1 ? to : weight;
    ConvProducts p =
        conv_products(v, v->transposed ? grad : x, v->transposed ? x : grad, w);
    p.order = order_of(input, weight, v, &p);
    if (!(nr == 1 ? conv_weight : v->transposed ? conv_narrow : conv_wide)(c, &p))
        return value_null();
    return dense_give(r, to);
}

/* grad summed over all but the channels. */
static Tensor *bias_gradient(Ctx *c, const Conv *v, Tensor *grad, Tensor *input,
                             Tensor *weight) {
    if (!grad->numel || grad->dtype != DT_float32 || !by_library(input, weight, v)) {
        int64_t dims[MAX_DIMS], n = 0;
        for (int i = 0; i < grad->ndim; i++)
            if (i != 1) dims[n++] = i;
        return t_sum_dims(c, grad, (int)n, dims, false);
    }
    ConvProducts p = conv_products(v, input, grad, weight);
    Tensor *sum = tensor_make(c, DT_float32, 1, &grad->sizes[1]);
    if (!sum) return NULL;
    ChannelPlaces s = {grad->sizes[0], grad->sizes[1], p.places, 0};
    if (conv_library_has_columns(v, &p)) s.row = grad->sizes[grad->ndim - 1];
    kernel_channel_sums(s, tensor_data(grad), tensor_data(sum));
    return sum;
}
static Value give_bias_gradient(Ctx *c, Call *k, Tensor *sum) {
    Tensor *r = sum ? call_result(c, k, 2, (DType)sum->dtype, 1, sum->sizes) : NULL;
    return dense_give(r, sum);
}

static Value convolution_back_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *input = call_tensor(k, 1);
    Tensor *weight = call_tensor(k, 2);
    Conv v;
    int64_t out[MAX_DIMS];
    /* What was saved may have been replaced. */
    if (!read_conv(c, k, 4, weight, &v) ||
        !forward_check(c, input, weight, NULL, &v, out) ||
        !saved_check(c, grad, (DType)grad->dtype, input->ndim, out))
        return value_null();
    DType d = dense_dtype((DType)grad->dtype);
    Tensor *g = dense_of(c, grad, d), *x = dense_of(c, input, d);
    Tensor *w = dense_of(c, weight, d);
    Value all[3] = {value_none(), value_none(), value_none()};
    if (!g || !x || !w) return value_null();
    if (dense_masked(k, 10, 0)) all[0] = give_gradient(c, k, 0, &v, input, g, x, w);
    if (dense_masked(k, 10, 1)) all[1] = give_gradient(c, k, 1, &v, weight, g, x, w);
    if (dense_masked(k, 10, 2))
        all[2] =
            give_bias_gradient(c, k, bias_gradient(c, &v, t_contiguous(c, grad), x, w));
    return ctx_failed(c) ? value_null() : tuple_of(c, 3, all);
}
static const OpDef op_convolution_backward = {
    .schema = "convolution_backward(Tensor grad_output, Tensor input, Tensor weight, "
              "SymInt[]? bias_sizes, int[] stride, int[] padding, int[] dilation, bool "
              "transposed, int[] output_padding, int groups, bool[3] output_mask) -> "
              "(Tensor, Tensor, Tensor)",
    .doc = "The gradients of convolution with respect to input, weight and bias.",
    .forms = OP_INTERNAL,
    .saves = "grad_output input weight stride padding dilation transposed "
             "output_padding groups",
    .node = "ConvolutionBackwardBackward0",
    .forward = convolution_back_forward,
    .backward = convolution_double_backward,
};

static Value bools(Ctx *c, bool a, bool b, bool third) {
    Value items[3] = {value_bool(a), value_bool(b), value_bool(third)};
    return tuple_of(c, 3, items);
}

static void convolution_backward(Ctx *c, Grad *g) {
    const bool has_bias = !saved_is_none(g, 2);
    Value mask =
        bools(c, grad_wanted(g, 0), grad_wanted(g, 1), has_bias && grad_wanted(g, 2));
    Value args[11] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                      arg_tensor(saved_tensor(c, g, 1)), saved_value(g, 2)};
    for (size_t i = 0; i < 6; i++) args[4 + i] = saved_value(g, 3 + i);
    args[10] = mask;
    if (ctx_failed(c)) return;
    const Tuple *t = value_tuple(op_call(c, &op_convolution_backward, args));
    for (size_t i = 0; t && i < (has_bias ? 3 : 2); i++)
        grad_set(g, i, value_tensor(t->items[i]));
}
const OpDef op_convolution = {
    .schema = "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, "
              "int[] padding, int[] dilation, bool transposed, int[] output_padding, "
              "int groups) -> Tensor",
    .doc = "The products of weight with every place of input that its window covers.",
    .forms = OP_FUNCTION,
    .saves = "input weight bias.sym_sizes_opt stride padding dilation transposed "
             "output_padding groups",
    .forward = convolution_forward,
    .backward = convolution_backward,
    .example =
        "torch.convolution(x, x, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)",
};

Tensor *t_convolution(Ctx *c, Tensor *input, Tensor *weight, Tensor *bias,
                      const Conv *v) {
    return op_tensor(
        c, &op_convolution,
        (Value[]){arg_tensor(input), arg_tensor(weight), arg_tensor(bias),
                  arg_ints(c, v->dims, v->stride), arg_ints(c, v->dims, v->pad),
                  arg_ints(c, v->dims, v->dilation), value_bool(v->transposed),
                  arg_ints(c, v->dims, v->output_pad), value_int(v->groups)});
}

const OpDef *const convolution_ops[] = {&op_convolution, &op_convolution_backward,
                                        NULL};
