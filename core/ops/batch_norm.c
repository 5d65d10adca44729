/* Normalization by channel: native_batch_norm, batch_norm, instance_norm.
 *
 * input [n, channels, ...], parameters and statistics [channels].
 * Sources: Normalization.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "core/kernel/moments.h"
#include "core/kernel/normalize.h"
#include "core/pointwise.h"
#include "normalization.h"
#include "ops.h"

#include <inttypes.h>

enum { NORM_REFUSED = DTYPES_INTEGRAL | DTYPES_HALF };

/* ---- native_batch_norm: its arguments ---- */

typedef struct BatchCall {
    Tensor *input, *weight, *bias, *running_mean, *running_var;
    BatchNorm b;
} BatchCall;

/* Parameters and statistics have the input's dtype, or float32 beside bfloat16. */
static bool parameter_dtypes(Ctx *c, BatchCall *q) {
    Tensor *all[4] = {q->weight, q->bias, q->running_mean, q->running_var};
    DType d = (DType)q->input->dtype;
    q->b.d = q->b.p = d;
    for (int i = 3; i >= 0; i--)
        if (all[i]) q->b.p = (DType)all[i]->dtype;
    q->b.s = q->b.p;
    bool mixed = q->b.p != d;
    for (int i = 0; i < 4; i++) {
        if (!all[i] || (DType)all[i]->dtype == (mixed ? DT_float32 : d)) continue;
        if (mixed)
            error_raise(c, RuntimeError,
                        "mixed dtype (CPU): expect parameter to have scalar type of "
                        "Float");
        else
            scalar_type_check(c, d, (DType)all[i]->dtype);
        return false;
    }
    if (!mixed || d == DT_bfloat16) return true;
    error_raise(c, RuntimeError,
                "mixed dtype (CPU): expect input to have scalar type of BFloat16");
    return false;
}

static Tensor *contiguous_or_none(Ctx *c, Tensor *t) {
    return t ? t_contiguous(c, t) : NULL;
}

static const void *data_or_null(Tensor *t) {
    return t ? tensor_data(t) : NULL;
}

static bool check_features(Ctx *c, const char *name, const Tensor *t, int64_t n) {
    if (!t || t->numel == n) return true;
    error_raise(c, RuntimeError, "%s should contain %" PRId64 " elements not %" PRId64,
                name, n, t->numel);
    return false;
}
/* Weight, bias and statistics have one element a channel. */
static bool channel_vectors(Ctx *c, const BatchCall *q) {
    static const char *const names[] = {"weight", "bias", "running_mean",
                                        "running_var"};
    Tensor *all[4] = {q->weight, q->bias, q->running_mean, q->running_var};
    for (int i = 0; i < 4; i++) {
        if (!check_features(c, names[i], all[i], q->input->sizes[1])) return false;
        if (i < 2 || !all[i] || all[i]->ndim == 1) continue;
        error_raise(c, RuntimeError, "TensorAccessor expected 1 dims but tensor has %d",
                    all[i]->ndim);
        return false;
    }
    return true;
}

static bool batch_call(Ctx *c, const char *name, BatchCall *q) {
    Tensor *x = q->input;
    if (dtype_refused(c, name, NORM_REFUSED, (DType)x->dtype) ||
        !parameter_dtypes(c, q))
        return false;
    if (shape_size_dim(c, 1, x->ndim) < 0) return false;
    if (!channel_vectors(c, q)) return false;
    q->input = t_contiguous(c, x);
    q->weight = contiguous_or_none(c, q->weight);
    q->bias = contiguous_or_none(c, q->bias);
    if (ctx_failed(c)) return false;
    int64_t planes = shape_numel(2, x->sizes);
    q->b.n = x->sizes[0];
    q->b.channels = x->sizes[1];
    q->b.inner = planes ? x->numel / planes : 0;
    q->b.weight = data_or_null(q->weight);
    q->b.bias = data_or_null(q->bias);
    return true;
}

/* ---- second derivatives ---- */

/* t summed over all dimensions but 1. */
static Tensor *sum_by_channel(Ctx *c, Tensor *t, bool keepdim) {
    int64_t dim = 0;
    t = t_sum_dims(c, t, 1, &dim, keepdim);
    if (!t) return NULL;
    for (dim = t->ndim - 1; dim > (keepdim ? 1 : 0); dim--)
        t = t_sum_dims(c, t, 1, &dim, keepdim);
    return t;
}
/* t [channels] as [1, channels, 1, ...]. */
static Tensor *by_channel(Ctx *c, Tensor *t, const Tensor *like) {
    if (!t) return NULL;
    while (t && t->ndim < like->ndim - 1) t = t_unsqueeze(c, t, 1);
    return t && t->ndim == like->ndim - 1 ? t_unsqueeze(c, t, 0) : t;
}
/* t [channels] expanded to like. */
static Tensor *as_channels(Ctx *c, Tensor *t, const Tensor *like) {
    while (t && t->ndim < like->ndim - 1) t = t_unsqueeze(c, t, 1);
    return t ? t_expand(c, t, like->ndim, like->sizes) : NULL;
}

/* The sums that the formulas of layers share are over dimension 1 of rows; here they
 * are over all dimensions but 1. */
static Tensor *channel_sum(Ctx *c, Tensor *t) {
    return sum_by_channel(c, t, true);
}

/* Saves grad_out input weight running_mean running_var save_mean save_invstd train eps.
 */
static bool read_second(Ctx *c, Grad *g, NormSecond *s, bool train) {
    Tensor *x = saved_tensor(c, g, 1), *weight = saved_tensor(c, g, 2);
    Tensor *mean = saved_tensor(c, g, train ? 5 : 3);
    Tensor *invstd = saved_tensor(c, g, train ? 6 : 4);
    if (ctx_failed(c)) return false;
    if (!train) {
        invstd = t_add_scalar(c, invstd, saved_value(g, 8));
        invstd = t_pow_scalar(c, invstd, value_float(-0.5));
    }
    s->sum = channel_sum;
    s->count = x->numel / (x->sizes[1] ? x->sizes[1] : 1);
    s->grad = saved_tensor(c, g, 0);
    s->ggx = g->grads[0];
    s->ggw = as_channels(c, g->grads[1], x);
    s->ggb = as_channels(c, g->grads[2], x);
    s->weight =
        weight ? as_channels(c, weight, x) : t_ones(c, 0, NULL, (DType)x->dtype);
    mean = by_channel(c, t_to_dtype(c, mean, (DType)x->dtype), x);
    s->invstd = by_channel(c, t_to_dtype(c, invstd, (DType)x->dtype), x);
    s->centred = t_sub(c, x, mean);
    return !ctx_failed(c);
}

/* The gradient of the gradients when the statistics do not depend on the input. */
static void constant_second(Ctx *c, Grad *g, const NormSecond *s) {
    Tensor *to_grad = NULL;
    if (s->ggw) grad_set(g, 1, t_mul(c, t_mul(c, s->ggw, s->invstd), s->grad));
    if (s->ggx) {
        Tensor *t = t_mul(c, t_mul(c, s->ggx, s->grad), s->invstd);
        if (grad_wanted(g, 2)) grad_set(g, 2, sum_by_channel(c, t, false));
        to_grad = t_mul(c, t_mul(c, s->ggx, s->invstd), s->weight);
    }
    grad_set(g, 0, norm_second_grad_terms(c, s, to_grad));
}

static void batch_back_backward(Ctx *c, Grad *g) {
    NormSecond s = {0};
    bool train = saved_bool(g, 7);
    if (!read_second(c, g, &s, train)) return;
    if (!train) {
        constant_second(c, g, &s);
        return;
    }
    Tensor *to_x = s.ggx ? t_mul(c, s.weight, norm_second_input(c, &s, s.grad)) : NULL;
    if (s.ggw) {
        Tensor *t = t_mul(c, s.ggw, norm_second_weight_term(c, &s, s.grad));
        to_x = to_x ? t_add(c, to_x, t) : t;
    }
    grad_set(g, 1, to_x);
    if (s.ggx && grad_wanted(g, 2)) {
        Tensor *one = t_ones(c, 0, NULL, (DType)s.grad->dtype);
        Tensor *t = t_mul(c, s.ggx, norm_first_gradient(c, &s, s.grad, one));
        grad_set(g, 2, sum_by_channel(c, t, false));
    }
    Tensor *to_grad = s.ggx ? norm_first_gradient(c, &s, s.ggx, s.weight) : NULL;
    grad_set(g, 0, norm_second_grad_terms(c, &s, to_grad));
}

/* ---- native_batch_norm_backward ---- */

static bool batch_back_call(Ctx *c, Call *k, BatchCall *q, bool train) {
    *q = (BatchCall){.input = call_tensor(k, 1),
                     .weight = call_tensor(k, 2),
                     .running_mean = call_tensor(k, 3),
                     .running_var = call_tensor(k, 4)};
    if (!batch_call(c, "batch_norm_backward_cpu", q)) return false;
    Tensor *mean = contiguous_or_none(c, call_tensor(k, train ? 5 : 3));
    Tensor *spread = contiguous_or_none(c, call_tensor(k, train ? 6 : 4));
    const Tensor *grad = call_tensor(k, 0), *x = q->input;
    if (ctx_failed(c) || !saved_check(c, grad, q->b.d, x->ndim, x->sizes) ||
        !saved_check(c, mean, q->b.p, 1, &q->b.channels) ||
        !saved_check(c, spread, q->b.p, 1, &q->b.channels))
        return false;
    q->b.mean = tensor_data(mean);
    q->b.invstd = tensor_data(spread);
    if (train) return true;
    q->b.s = moments_dtype(q->b.p);
    Tensor *invstd = tensor_make(c, q->b.s, 1, &q->b.channels);
    if (!invstd) return false;
    kernel_invstd(q->b.p, tensor_data(spread), call_float(k, 8), q->b.channels, true,
                  tensor_data(invstd));
    q->b.invstd = tensor_data(invstd);
    return true;
}

static Value batch_back_forward(Ctx *c, Call *k) {
    BatchCall q;
    bool train = call_bool(k, 7);
    if (!batch_back_call(c, k, &q, train)) return value_null();
    Tensor *grad = t_contiguous(c, call_tensor(k, 0)), *x = q.input;
    NormGrads out;
    if (!grad || !norm_grads(c, k, 9, x, q.b.p, &q.b.channels, &out))
        return value_null();
    kernel_batch_norm_backward(&q.b, train, tensor_data(x), tensor_data(grad),
                               norm_grads_data(&out));
    return norm_grads_tuple(c, &out);
}
static const OpDef op_batch_backward = {
    .schema =
        "native_batch_norm_backward(Tensor grad_out, Tensor input, Tensor? weight, "
        "Tensor? running_mean, Tensor? running_var, Tensor? save_mean, Tensor? "
        "save_invstd, bool train, float eps, bool[3] output_mask) -> (Tensor, Tensor, "
        "Tensor)",
    .doc = "The gradients of native_batch_norm.",
    .saves = "grad_out input weight running_mean running_var save_mean save_invstd "
             "train eps",
    .constants = "running_mean running_var",
    .node = "NativeBatchNormBackwardBackward0",
    .forward = batch_back_forward,
    .backward = batch_back_backward,
};

/* ---- native_batch_norm ---- */

/* The kernel writes running statistics in place, or by way of a contiguous copy. */
static void write_back(Tensor *t, Tensor *copy) {
    if (t && t != copy) tensor_copy(t, copy);
}

static bool train_statistics(Ctx *c, const Call *k, BatchCall *q, Tensor *mean,
                             Tensor *invstd) {
    Tensor *running_mean = contiguous_or_none(c, q->running_mean);
    Tensor *running_var = contiguous_or_none(c, q->running_var);
    if (ctx_failed(c)) return false;
    BatchStats s = {.eps = call_float(k, 7),
                    .momentum = call_float(k, 6),
                    .mean = tensor_data(mean),
                    .invstd = tensor_data(invstd),
                    .running_mean = running_mean ? tensor_data(running_mean) : NULL,
                    .running_var = running_var ? tensor_data(running_var) : NULL};
    kernel_batch_stats(&q->b, &s, tensor_data(q->input));
    write_back(q->running_mean, running_mean);
    write_back(q->running_var, running_var);
    q->b.mean = s.mean;
    q->b.invstd = s.invstd;
    return true;
}

static bool given_statistics(Ctx *c, const Call *k, BatchCall *q) {
    Tensor *mean = contiguous_or_none(c, q->running_mean);
    Tensor *variance = contiguous_or_none(c, q->running_var);
    q->b.s = moments_dtype(q->b.p);
    Tensor *invstd = tensor_make(c, q->b.s, 1, &q->b.channels);
    if (ctx_failed(c)) return false;
    if (!mean || !variance) {
        error_raise(c, RuntimeError,
                    "running_mean and running_var must be defined in evaluation mode");
        return false;
    }
    kernel_invstd(q->b.p, tensor_data(variance), call_float(k, 7), q->b.channels, false,
                  tensor_data(invstd));
    q->b.mean = tensor_data(mean);
    q->b.invstd = tensor_data(invstd);
    return true;
}

static Value native_batch_forward(Ctx *c, Call *k) {
    BatchCall q = {.input = call_tensor(k, 0),
                   .weight = call_tensor(k, 1),
                   .bias = call_tensor(k, 2),
                   .running_mean = call_tensor(k, 3),
                   .running_var = call_tensor(k, 4)};
    bool train = call_bool(k, 5);
    if (!batch_call(c, "batch_norm", &q)) return value_null();
    int64_t saved = train ? q.b.channels : 0;
    Tensor *out = tensor_make(c, q.b.d, q.input->ndim, q.input->sizes);
    Tensor *mean = tensor_make(c, q.b.p, 1, &saved);
    Tensor *invstd = tensor_make(c, q.b.p, 1, &saved);
    if (ctx_failed(c) || !(train ? train_statistics(c, k, &q, mean, invstd)
                                 : given_statistics(c, k, &q)))
        return value_null();
    kernel_batch_norm(&q.b, tensor_data(q.input), tensor_data(out));
    return return_tuple(c, NULL, 3, (Tensor *[]){out, mean, invstd});
}

/* Saves input weight running_mean running_var save_mean save_invstd training eps. */
static void native_batch_backward(Ctx *c, Grad *g) {
    if (!g->grad) return;
    Value args[10] = {arg_tensor(g->grad)};
    for (size_t i = 0; i < 6; i++) args[1 + i] = arg_tensor(saved_tensor(c, g, i));
    args[7] = saved_value(g, 6);
    args[8] = saved_value(g, 7);
    args[9] = norm_mask(c, g);
    norm_set_all(g, op_call(c, &op_batch_backward, args));
}
static const OpDef op_native_batch_norm = {
    .schema =
        "native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? "
        "running_mean, Tensor? running_var, bool training, float momentum, float eps) "
        "-> (Tensor, Tensor, Tensor)",
    .doc = "batch_norm, and the statistics that were used.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "input weight running_mean running_var result1 result2 training eps",
    .constants = "running_mean! running_var!",
    .forward = native_batch_forward,
    .backward = native_batch_backward,
    .example = "torch.native_batch_norm(m, None, None, None, None, True, 0.1, 1e-5)",
};

/* ---- batch_norm ---- */

/* Arguments input, weight, bias, running_mean, running_var, training. */
static bool check_batch_norm(Ctx *c, const Call *k, int64_t n) {
    static const char *const names[] = {"running_mean", "running_var"};
    for (int i = 0; i < 2; i++) {
        Tensor *t = call_tensor(k, 3 + i);
        if (!check_features(c, names[i], t, n)) return false;
        if (t || call_bool(k, 5)) continue;
        error_raise(c, RuntimeError, "%s must be defined in evaluation mode", names[i]);
        return false;
    }
    return check_features(c, "weight", call_tensor(k, 1), n) &&
           check_features(c, "bias", call_tensor(k, 2), n);
}
/* The result of an empty input keeps its history. */
static Tensor *empty_batch(Ctx *c, const Call *k) {
    Tensor *weight = call_tensor(k, 1), *bias = call_tensor(k, 2);
    Tensor *t = t_clone(c, call_tensor(k, 0));
    if (weight) t = t_mul(c, t, t_select(c, weight, 0, 0));
    return bias ? t_add(c, t, t_select(c, bias, 0, 0)) : t;
}
static Value batch_norm_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0);
    if (x->numel == 0) return value_obj(empty_batch(c, k));
    if (!check_batch_norm(c, k, x->ndim > 1 ? x->sizes[1] : 0)) return value_null();
    const Tuple *all = value_tuple(op_call(c, &op_native_batch_norm, k->args));
    return all ? all->items[0] : value_null();
}
static const OpDef op_batch_norm = {
    .schema =
        "batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, "
        "Tensor? running_var, bool training, float momentum, float eps, bool "
        "cudnn_enabled) -> Tensor",
    .doc = "Channels less their mean, divided by their deviation: of the batch, or "
           "running ones.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = batch_norm_forward,
    .example = "torch.batch_norm(m, None, None, None, None, True, 0.1, 1e-5, False)",
};

/* ---- instance_norm ---- */

static Tensor *repeated(Ctx *c, Tensor *t, int64_t n) {
    return t ? t_repeat(c, t, 1, &n) : NULL;
}
/* The running statistics become the mean over the samples of those of each. */
static void average_back(Ctx *c, Tensor *running, Tensor *each, int64_t n) {
    if (!running || ctx_failed(c)) return;
    int64_t sizes[2] = {n, each->numel / (n ? n : 1)}, dim = 0;
    Tensor *mean = t_mean_dims(c, t_view(c, each, 2, sizes), 1, &dim, false);
    bool recording = c->grad_enabled;
    c->grad_enabled = false;
    t_copy_(c, t_alias(c, running), mean);
    c->grad_enabled = recording;
}
/* As batch_norm of the samples' channels, side by side. */
static Value instance_norm_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *mean = call_tensor(k, 3), *var = call_tensor(k, 4);
    bool from_input = call_bool(k, 5);
    if (!from_input && (!mean || !var))
        return value_raise(
            c, RuntimeError,
            "Expected running_mean and running_var to be defined when use_input_stats "
            "is false");
    if (shape_size_dim(c, 0, x->ndim) < 0 || shape_size_dim(c, 1, x->ndim) < 0)
        return value_null();
    int64_t n = x->sizes[0];
    Shape shape = tensor_shape(x);
    shape.dims[0] = 1;
    shape.dims[1] = n * x->sizes[1];
    Tensor *means = repeated(c, mean, n), *vars = repeated(c, var, n);
    Value args[9] = {arg_tensor(NULL),
                     arg_tensor(repeated(c, call_tensor(k, 1), n)),
                     arg_tensor(repeated(c, call_tensor(k, 2), n)),
                     arg_tensor(means),
                     arg_tensor(vars),
                     value_bool(from_input),
                     k->args[6],
                     k->args[7],
                     k->args[8]};
    args[0] = arg_tensor(t_view(c, t_contiguous(c, x), shape.ndim, shape.dims));
    Tensor *t = op_tensor(c, &op_batch_norm, args);
    average_back(c, mean, means, n);
    average_back(c, var, vars, n);
    return value_obj(t ? t_view(c, t, x->ndim, x->sizes) : NULL);
}
static const OpDef op_instance_norm = {
    .schema =
        "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? "
        "running_mean, Tensor? running_var, bool use_input_stats, float momentum, "
        "float eps, bool cudnn_enabled) -> Tensor",
    .doc = "batch_norm of each sample by itself.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = instance_norm_forward,
    .example = "torch.instance_norm(x, None, None, None, None, True, 0.1, 1e-5, False)",
};

const OpDef *const batch_norm_ops[] = {
    &op_batch_backward, &op_native_batch_norm, &op_batch_norm, &op_instance_norm, NULL,
};
