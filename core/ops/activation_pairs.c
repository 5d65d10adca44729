/* Activation functions of several operands: GLU, PReLU and the randomised leaky ReLU.
 * Sources: Activation.cpp, GatedLinearUnit.cpp, FunctionsManual.cpp. */
#include "activation.h"

#include "core/kernel/random.h"
#include "ops.h"
#include "random_fill.h"

#include <inttypes.h>

static const Value one = {.tag = VAL_INT, .as.i = 1};

/* ---- glu ---- */

/* The two halves of a dimension. */
typedef struct Halves {
    Tensor *first, *second;
} Halves;

static Halves halves(Ctx *c, Tensor *t, int64_t dim) {
    Halves h = {NULL, NULL};
    if (!t || ctx_failed(c)) return h;
    int64_t n = t->sizes[dim < 0 ? dim + t->ndim : dim];
    h.first = t_slice(c, t, dim, 0, n / 2, 1);
    h.second = t_slice(c, t, dim, n / 2, n / 2 * 2, 1);
    return h;
}

/* self [..., 2 n, ...] -> [..., n, ...]: the first half times the sigmoid of the
 * second. */
static Value glu_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim == 0)
        return value_raise(c, RuntimeError,
                           "glu does not support 0-dimensional tensors");
    int dim = shape_wrap_dim(c, call_int(k, 1), self->ndim);
    if (dim < 0) return value_null();
    if (self->sizes[dim] % 2)
        return value_raise(c, RuntimeError,
                           "Halving dimension must be even, but dimension %d is size "
                           "%" PRId64,
                           dim, self->sizes[dim]);
    Halves h = halves(c, self, dim);
    Tensor *in[2] = {h.first, h.second};
    return activation_of(c, k, 2, in,
                         (ActivationCall){.kernel = kernel_glu, .name = "glu_cpu"});
}

static Value glu_backward_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0);
    int64_t dim = call_int(k, 2);
    Halves h = halves(c, call_tensor(k, 1), dim);
    Tensor *sigmoid = t_sigmoid(c, h.second);
    if (!sigmoid || !grad) return value_null();
    DType d = (DType)sigmoid->dtype, wide = d == DT_bfloat16 ? DT_float32 : d;
    Tensor *s = t_to_dtype(c, sigmoid, wide);
    Tensor *second = t_mul(c, t_scalar_sub(c, one, s), s);
    second = t_mul(c, second, t_to_dtype(c, h.first, wide));
    second = t_to_dtype(c, t_mul(c, second, t_to_dtype(c, grad, wide)), d);
    return value_obj(t_cat_pair(c, t_mul(c, sigmoid, grad), second, dim));
}

static const OpDef op_glu_backward;
static Tensor *t_glu_backward(Ctx *c, Tensor *grad, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_glu_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), value_int(dim)});
}

/* grad times glu's own gradient, its halves added. */
static Tensor *glu_grad_output(Ctx *c, Tensor *grad, Tensor *self, int64_t dim) {
    if (!self || ctx_failed(c)) return NULL;
    int64_t sizes[MAX_DIMS];
    for (int i = 0; i < self->ndim; i++) sizes[i] = self->sizes[i];
    sizes[dim < 0 ? dim + self->ndim : dim] /= 2;
    Tensor *ones = t_ones(c, self->ndim, sizes, (DType)self->dtype);
    Halves h = halves(c, t_mul(c, grad, t_glu_backward(c, ones, self, dim)), dim);
    return t_add(c, h.first, h.second);
}

static Tensor *glu_second(Ctx *c, Grad *g, Tensor *self, int64_t dim) {
    Tensor *grad_output = saved_tensor(c, g, 0);
    Halves x = halves(c, self, dim);
    Tensor *sigmoid = t_sigmoid(c, x.second);
    Tensor *rest = t_scalar_sub(c, one, sigmoid);
    Tensor *slope = t_mul(c, sigmoid, rest);
    Halves gg = halves(c, g->grad, dim);
    Tensor *both = t_mul(c, gg.second, x.first);
    Tensor *first = t_mul(c, t_mul(c, gg.second, grad_output), slope);
    Tensor *curve = t_sub(c, t_mul(c, slope, rest), t_mul(c, sigmoid, slope));
    Tensor *second = t_mul(c, t_mul(c, both, grad_output), curve);
    second = t_add(c, second, t_mul(c, t_mul(c, gg.first, grad_output), slope));
    return t_cat_pair(c, first, second, dim);
}

static void glu_backward_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 1);
    int64_t dim = saved_int(g, 2);
    if (grad_wanted(g, 0)) grad_set(g, 0, glu_grad_output(c, g->grad, self, dim));
    if (grad_wanted(g, 1)) grad_set(g, 1, glu_second(c, g, self, dim));
}

static const OpDef op_glu_backward = {
    .schema = "glu_backward(Tensor grad_output, Tensor self, int dim) -> Tensor",
    .doc = "The gradient of glu.",
    .saves = "grad_output?self self dim",
    .node = "GluBackwardBackward0",
    .forward = glu_backward_forward,
    .backward = glu_backward_backward,
};

static void glu_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, t_glu_backward(c, g->grad, saved_tensor(c, g, 0), saved_int(g, 1)));
}

static const OpDef op_glu = {
    .schema = "glu(Tensor self, int dim=-1) -> Tensor",
    .doc = "One half of a dimension times the sigmoid of the other.",
    .forms = OP_NN | OP_OUT,
    .saves = "self dim",
    .forward = glu_forward,
    .backward = glu_backward,
};

/* ---- prelu ---- */

static bool prelu_check(Ctx *c, const Tensor *self, const Tensor *weight) {
    if (weight->numel != 1) {
        int64_t channels = self->ndim > 1 ? self->sizes[1] : 1;
        if (self->ndim == 0) {
            error_raise(c, RuntimeError, "Not allow zero-dim input tensor.");
        } else if (channels != weight->numel) {
            error_raise(c, RuntimeError,
                        "Mismatch of parameter numbers and input channel size. Found "
                        "parameter numbers = %" PRId64 " and channel size = %" PRId64
                        ".",
                        weight->numel, channels);
        }
        if (ctx_failed(c)) return false;
    }
    if (weight->ndim > 1)
        error_raise(c, RuntimeError,
                    "prelu: Expected `weight` to be a scalar or 1D tensor, but got "
                    "ndim = %d",
                    weight->ndim);
    else
        found_dtype_check(c, (DType)weight->dtype, (DType)self->dtype);
    return !ctx_failed(c);
}

/* weight as it broadcasts to self: [n] -> [1, n, 1, ...]. */
static Tensor *by_channel(Ctx *c, const Tensor *self, Tensor *weight) {
    int64_t sizes[MAX_DIMS];
    if (weight->ndim == 0 || self->ndim == 0) return t_view(c, weight, 0, NULL);
    for (int i = 0; i < self->ndim; i++) sizes[i] = 1;
    sizes[self->ndim > 1 ? 1 : 0] = weight->numel;
    return t_reshape(c, weight, self->ndim, sizes);
}

/* self where it is positive, else weight self; one weight, or one for each channel. */
static Value prelu_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *weight = call_tensor(k, 1);
    if (!prelu_check(c, self, weight)) return value_null();
    Tensor *in[2] = {t_contiguous(c, self), by_channel(c, self, weight)};
    if (!in[1]) return value_null();
    return activation_of(c, k, 2, in,
                         (ActivationCall){.kernel = kernel_prelu, .name = "prelu_cpu"});
}

/* t summed to the shape of weight. */
static Tensor *channel_sum(Ctx *c, Tensor *t, const Tensor *weight) {
    int64_t dims[MAX_DIMS];
    int n = 0;
    if (!t || ctx_failed(c)) return NULL;
    if (weight->numel == 1)
        return t_reshape(c, t_sum(c, t), weight->ndim, weight->sizes);
    for (int i = 0; i < t->ndim; i++)
        if (i != 1 && t->ndim > 1) dims[n++] = i;
    return n ? t_sum_dims(c, t, n, dims, false) : t_sum_to_size(c, t, 1, weight->sizes);
}

static Value prelu_backward_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *self = t_contiguous(c, call_tensor(k, 1));
    Tensor *weight = call_tensor(k, 2);
    if (!self) return value_null();
    Tensor *positive = t_gt_scalar(c, self, value_int(0));
    Tensor *scaled = t_mul(c, by_channel(c, self, weight), grad);
    Tensor *to_weight =
        t_masked_fill_scalar(c, t_mul(c, self, grad), positive, value_int(0));
    Tensor *pair[2] = {t_where(c, positive, grad, scaled),
                       channel_sum(c, to_weight, weight)};
    return return_tuple(c, NULL, 2, pair);
}

/* What the second derivatives of prelu are made of. */
typedef struct PreluSecond {
    Tensor *ggi, *ggw, *grad_output, *self, *weight; /* gg: gradients that came in */
    Tensor *positive, *other;                        /* masks as numbers */
} PreluSecond;

/* positive + other weight */
static Tensor *prelu_slope(Ctx *c, const PreluSecond *s, Tensor *weight) {
    return t_add(c, s->positive, t_mul(c, s->other, weight));
}

static void prelu_second_shared(Ctx *c, Grad *g, const PreluSecond *s) {
    const Tensor *self = s->self;
    bool squeeze = self->ndim == 0 && s->weight->ndim == 1;
    Tensor *weight = squeeze ? t_squeeze(c, s->weight, 0) : s->weight;
    Tensor *ggw = squeeze ? t_squeeze(c, s->ggw, 0) : s->ggw;
    Tensor *slope = prelu_slope(c, s, t_expand(c, weight, self->ndim, self->sizes));
    Tensor *wide = t_expand(c, ggw, self->ndim, self->sizes);
    Tensor *to_grad =
        t_add(c, t_mul(c, s->ggi, slope), t_mul(c, wide, t_mul(c, s->other, s->self)));
    grad_set(g, 0, to_grad);
    wide = t_expand(c, ggw, self->ndim, self->sizes);
    grad_set(g, 1, product3(c, wide, s->grad_output, s->other));
    Tensor *total = t_sum(c, product3(c, s->ggi, s->grad_output, s->other));
    grad_set(g, 2, t_expand(c, total, s->weight->ndim, s->weight->sizes));
}

/* t [n] as [n, 1, ...], expanded to self. */
static Tensor *widened(Ctx *c, const Tensor *self, Tensor *t) {
    for (int i = 2; i < self->ndim; i++) t = t_unsqueeze(c, t, 1);
    return t_expand(c, t, self->ndim, self->sizes);
}

static void prelu_second_by_channel(Ctx *c, Grad *g, const PreluSecond *s) {
    Tensor *ggw = widened(c, s->self, s->ggw);
    grad_set(g, 1, product3(c, ggw, s->grad_output, s->other));
    Tensor *to_weight = product3(c, s->ggi, s->grad_output, s->other);
    int64_t first = 0, next = 1;
    if (s->self->ndim > 1) to_weight = t_sum_dims(c, to_weight, 1, &first, false);
    for (int i = 2; i < s->self->ndim; i++)
        to_weight = t_sum_dims(c, to_weight, 1, &next, false);
    grad_set(g, 2, to_weight);
    Tensor *slope = prelu_slope(c, s, widened(c, s->self, s->weight));
    grad_set(g, 0,
             t_add(c, t_mul(c, s->ggi, slope), product3(c, ggw, s->other, s->self)));
}

static void prelu_backward_backward(Ctx *c, Grad *g) {
    PreluSecond s = {.grad_output = t_contiguous(c, saved_tensor(c, g, 0)),
                     .self = t_contiguous(c, saved_tensor(c, g, 1)),
                     .weight = t_contiguous(c, saved_tensor(c, g, 2))};
    if (ctx_failed(c)) return;
    s.ggi = g->grads[0] ? t_contiguous(c, g->grads[0]) : t_zeros_like(c, s.self);
    s.ggw = g->grads[1] ? t_contiguous(c, g->grads[1]) : t_zeros_like(c, s.weight);
    if (ctx_failed(c)) return;
    Tensor *positive = t_gt_scalar(c, s.self, value_int(0));
    Tensor *other = t_le_scalar(c, s.self, value_int(0));
    s.positive = t_to_dtype(c, positive, (DType)s.ggi->dtype);
    s.other = t_to_dtype(c, other, (DType)s.ggw->dtype);
    if (s.weight->numel == 1)
        prelu_second_shared(c, g, &s);
    else
        prelu_second_by_channel(c, g, &s);
}

static const OpDef op_prelu_backward = {
    .schema = "prelu_backward(Tensor grad_output, Tensor self, Tensor weight) -> "
              "(Tensor, Tensor)",
    .doc = "The gradients of prelu.",
    .saves = "grad_output self weight",
    .node = "PreluBackwardBackward0",
    .forward = prelu_backward_forward,
    .backward = prelu_backward_backward,
};

static void prelu_backward(Ctx *c, Grad *g) {
    Value args[3] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     arg_tensor(saved_tensor(c, g, 1))};
    const Tuple *both = value_tuple(op_call(c, &op_prelu_backward, args));
    for (size_t i = 0; both && i < 2; i++) grad_set(g, i, value_tensor(both->items[i]));
}

static const OpDef op_prelu = {
    .schema = "prelu(Tensor self, Tensor weight) -> Tensor",
    .doc = "self where it is positive, else a learned multiple of it.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "self weight",
    .forward = prelu_forward,
    .backward = prelu_backward,
    .example = "torch.prelu(m, v[:1])",
};

/* ---- rrelu ---- */

/* The parameters of rrelu_with_noise from `lower` on, in calls and saves. */
typedef struct Rrelu {
    Value lower, upper;
    bool training;
} Rrelu;

static double average(Rrelu r) {
    double lower = value_as_double(r.lower);
    double upper = value_as_double(r.upper);
    return (lower + upper) / 2;
}

static bool is_random(Rrelu r) {
    double lower = value_as_double(r.lower);
    return r.training && (average(r) - lower) * 2 > 1e-6;
}

static Value rrelu_backward_forward(Ctx *c, Call *k) {
    Rrelu r = {call_scalar(k, 3), call_scalar(k, 4), call_bool(k, 5)};
    Tensor *grad = call_tensor(k, 0);
    if (is_random(r)) return value_obj(t_mul(c, call_tensor(k, 2), grad));
    return value_obj(t_leaky_relu_backward(c, grad, call_tensor(k, 1),
                                           value_float(average(r)), call_bool(k, 6)));
}

static const OpDef op_rrelu_backward;
static Tensor *t_rrelu_backward(Ctx *c, Tensor *grad, Tensor *self, Tensor *noise,
                                Rrelu r, bool is_result) {
    return op_tensor(c, &op_rrelu_backward,
                     (Value[]){arg_tensor(grad), arg_tensor(self), arg_tensor(noise),
                               r.lower, r.upper, value_bool(r.training),
                               value_bool(is_result)});
}

/* The gradient by way of what saves 0 ... 4 hold: self or result, noise, lower, upper,
 * training. */
static Tensor *rrelu_gradient(Ctx *c, Grad *g, bool is_result) {
    Rrelu r = {saved_value(g, 2), saved_value(g, 3), saved_bool(g, 4)};
    return t_rrelu_backward(c, g->grad, saved_tensor(c, g, 0), saved_tensor(c, g, 1), r,
                            is_result);
}

static void rrelu_backward_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0)) grad_set(g, 0, rrelu_gradient(c, g, false));
    zero_gradient(c, g);
}

static const OpDef op_rrelu_backward = {
    .schema =
        "rrelu_with_noise_backward(Tensor grad_output, Tensor self, Tensor noise, "
        "Scalar lower, Scalar upper, bool training, bool self_is_result) -> Tensor",
    .doc = "The gradient of rrelu.",
    .constants = "noise",
    .saves = "self?grad_output noise?grad_output lower upper training",
    .node = "RreluWithNoiseBackwardBackward0",
    .forward = rrelu_backward_forward,
    .backward = rrelu_backward_backward,
};

/* Negative elements times random slopes, which are left in noise. */
static Value rrelu_random(Ctx *c, Call *k, Tensor *noise) {
    Tensor *self = t_contiguous(c, call_tensor(k, 0));
    if (!self) return value_null();
    DType d = (DType)self->dtype;
    if (dtype_refused(c, "rrelu_with_noise_out_cpu", DTYPES_INTEGRAL | DTYPES_HALF, d))
        return value_null();
    if (!tensor_same_sizes(self, noise))
        return value_raise(c, RuntimeError,
                           "noise tensor shape must match self tensor shape. Got self "
                           "shape = %s and noise shape = %s",
                           shape_text(c, self), shape_text(c, noise));
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *slopes = r ? tensor_make(c, d, self->ndim, self->sizes) : NULL;
    if (!slopes) return value_null();
    Iter it;
    iter_begin(&it, slopes->ndim, slopes->sizes);
    iter_add(&it, tensor_data(slopes), d, self->ndim, self->sizes, slopes->strides);
    iter_add(&it, tensor_data(self), d, self->ndim, self->sizes, self->strides);
    /* The bounds are numbers of the tensor's dtype. */
    Draw draw = {.random = call_random(c, k, 5),
                 .a = pointwise_number(d, call_scalar(k, 2)).f[0],
                 .b = pointwise_number(d, call_scalar(k, 3)).f[0]};
    iter_run(&it, random_slopes, d, &draw);
    Tensor *product = t_mul(c, self, slopes);
    if (!product) return value_null();
    tensor_copy(noise, slopes);
    tensor_copy(r, product);
    return value_obj(r);
}

/* leaky_relu, in training with a slope drawn for each element. */
static Value rrelu_with_noise_forward(Ctx *c, Call *k) {
    Rrelu r = {call_scalar(k, 2), call_scalar(k, 3), call_bool(k, 4)};
    if (average(r) < call_float(k, 2))
        return value_raise(
            c, RuntimeError,
            "Lower bound should be less than or equal to the upper bound");
    if (r.training) return rrelu_random(c, k, call_tensor(k, 1));
    Tensor *self = t_contiguous(c, call_tensor(k, 0));
    return activation_of(c, k, 1, &self,
                         (ActivationCall){.kernel = kernel_leaky_relu,
                                          .name = "leaky_relu_cpu",
                                          .numbers = {.x = average(r)}});
}

static void rrelu_with_noise_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, rrelu_gradient(c, g, false));
}

static void rrelu_with_noise_inplace_backward(Ctx *c, Grad *g) {
    grad_set(g, 0, rrelu_gradient(c, g, true));
}

static const OpDef op_rrelu_with_noise = {
    .schema = "rrelu_with_noise(Tensor self, Tensor noise, Scalar lower=0.125, Scalar "
              "upper=0.3333333333333333, bool training=False, Generator? "
              "generator=None) -> Tensor",
    .doc = "rrelu that leaves its slopes in noise.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_OUT_SAME,
    .constants = "noise!",
    .saves = "self noise lower upper training",
    .forward = rrelu_with_noise_forward,
    .backward = rrelu_with_noise_backward,
};
static const OpDef op_rrelu_with_noise_inplace = {
    .schema = "rrelu_with_noise_(Tensor(a!) self, Tensor noise, Scalar lower=0.125, "
              "Scalar upper=0.3333333333333333, bool training=False, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "rrelu_with_noise in place.",
    .forms = OP_NN,
    .constants = "noise!",
    .saves = "result noise lower upper training",
    .node = "RreluWithNoiseBackward1",
    .forward = rrelu_with_noise_forward,
    .backward = rrelu_with_noise_inplace_backward,
};

static Value rrelu_forward(Ctx *c, Call *k) {
    const Tensor *self = call_tensor(k, 0);
    Tensor *noise = tensor_make(c, (DType)self->dtype, self->ndim, self->sizes);
    Value args[6] = {k->args[0], arg_tensor(noise)};
    for (int i = 1; i < 5; i++) args[i + 1] = k->args[i];
    return op_call(c,
                   k->form == CALL_INPLACE ? &op_rrelu_with_noise_inplace
                                           : &op_rrelu_with_noise,
                   args);
}

static const OpDef op_rrelu = {
    .schema = "rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, "
              "bool training=False, Generator? generator=None) -> Tensor",
    .doc = "leaky_relu, in training with a slope drawn for each element.",
    .forms = OP_FUNCTION | OP_FUNCTION_INPLACE,
    .traits = OP_COMPOSITE,
    .forward = rrelu_forward,
};

const OpDef *const activation_pairs_ops[] = {
    &op_glu,
    &op_glu_backward,
    &op_prelu,
    &op_prelu_backward,
    &op_rrelu,
    &op_rrelu_with_noise,
    &op_rrelu_with_noise_inplace,
    &op_rrelu_backward,
    NULL,
};
