/* Losses.  Reductions are 0: none, 1: mean, 2: sum.
 * Sources: Loss.cpp, LossNLL.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "ops.h"

#include <inttypes.h>

enum { REDUCE_NONE, REDUCE_MEAN, REDUCE_SUM };

static Value give(Ctx *c, Call *k, Tensor *t) {
    Tensor *r = t ? call_result(c, k, 0, (DType)t->dtype, t->ndim, t->sizes) : NULL;
    if (!r) return value_null();
    tensor_copy(r, t);
    return value_obj(r);
}
static Tensor *reduced(Ctx *c, Tensor *t, int64_t reduction) {
    return reduction == REDUCE_MEAN  ? t_mean(c, t)
           : reduction == REDUCE_SUM ? t_sum(c, t)
                                     : t;
}
/* grad, divided by the number of elements when the loss was their mean. */
static Tensor *spread(Ctx *c, Tensor *grad, const Tensor *like, int64_t reduction) {
    if (reduction != REDUCE_MEAN || !like) return grad;
    return t_div_scalar(c, grad, value_int(like->numel));
}

/* ---- mse_loss ---- */

/* 2 (x - y) grad, spread over the elements. */
static Value mse_back_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 1);
    Tensor *d = t_mul_scalar(c, t_sub(c, x, call_tensor(k, 2)), value_int(2));
    return give(c, k, t_mul(c, spread(c, d, x, call_int(k, 3)), call_tensor(k, 0)));
}
static void mse_back_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 1);
    Tensor *y = saved_tensor(c, g, 2);
    int64_t reduction = saved_int(g, 3);
    if (grad_wanted(g, 0)) {
        Tensor *d = t_mul_scalar(c, t_sub(c, x, y), value_int(2));
        Tensor *t = t_mul(c, spread(c, d, x, reduction), g->grad);
        grad_set(g, 0, reduction == REDUCE_NONE ? t : t_sum(c, t));
    }
    Tensor *t = t_mul_scalar(c, t_mul(c, g->grad, grad), value_int(2));
    t = spread(c, t, x, reduction);
    if (grad_wanted(g, 1)) grad_set(g, 1, t);
    if (grad_wanted(g, 2)) grad_set(g, 2, t_neg(c, t));
}
static const OpDef op_mse_loss_backward = {
    .schema = "mse_loss_backward(Tensor grad_output, Tensor self, Tensor target, int "
              "reduction) -> Tensor",
    .doc = "The gradient of mse_loss.",
    .forms = OP_NN,
    .saves = "grad_output self target reduction",
    .node = "MseLossBackwardBackward0",
    .forward = mse_back_forward,
    .backward = mse_back_backward,
};
static Tensor *mse_back(Ctx *c, const Grad *g, Tensor *x, Tensor *y) {
    return op_tensor(c, &op_mse_loss_backward,
                     (Value[]){arg_tensor(g->grad), arg_tensor(x), arg_tensor(y),
                               saved_value(g, 2)});
}
/* (x - y)^2, reduced. */
static Value mse_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *d = t_sub(c, x, call_tensor(k, 1));
    if (d && d->dtype == DT_int64)
        return value_raise(c, RuntimeError, "\"mse_cpu\" not implemented for 'Long'");
    return give(c, k, reduced(c, t_mul(c, d, d), call_int(k, 2)));
}
static void mse_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    if (grad_wanted(g, 0)) grad_set(g, 0, mse_back(c, g, x, y));
    if (grad_wanted(g, 1)) grad_set(g, 1, mse_back(c, g, y, x));
}
static const OpDef op_mse_loss = {
    .schema = "mse_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    .doc = "The squared error of self and target.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target reduction",
    .forward = mse_forward,
    .backward = mse_backward,
};

/* ---- l1_loss, smooth_l1_loss, huber_loss ---- */

static Value l1_forward(Ctx *c, Call *k) {
    Tensor *d = t_abs(c, t_sub(c, call_tensor(k, 0), call_tensor(k, 1)));
    return value_obj(reduced(c, d, call_int(k, 2)));
}
static const OpDef op_l1_loss = {
    .schema = "l1_loss(Tensor self, Tensor target, int reduction=1) -> Tensor",
    .doc = "The absolute error of self and target.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = l1_forward,
};

/* |d| < width ? d^2 / 2 * inner : |d| * outer - rest, and its derivative. */
static Tensor *smooth(Ctx *c, Tensor *d, double width, double inner, double outer,
                      double rest) {
    Tensor *size = t_abs(c, d);
    Tensor *low = t_mul_scalar(c, t_mul(c, d, d), value_float(0.5 * inner));
    Tensor *high =
        t_sub_scalar(c, t_mul_scalar(c, size, value_float(outer)), value_float(rest));
    return t_where(c, t_lt_scalar(c, size, value_float(width)), low, high);
}
static Tensor *smooth_slope(Ctx *c, Tensor *d, double width, double inner,
                            double outer) {
    Tensor *low = t_mul_scalar(c, d, value_float(inner));
    Tensor *high = t_mul_scalar(c, t_sgn(c, d), value_float(outer));
    return t_where(c, t_lt_scalar(c, t_abs(c, d), value_float(width)), low, high);
}
static void set_smooth(Ctx *c, Grad *g, double width, double inner, double outer) {
    Tensor *x = saved_tensor(c, g, 0), *d = t_sub(c, x, saved_tensor(c, g, 1));
    Tensor *t =
        t_mul(c, spread(c, smooth_slope(c, d, width, inner, outer), x, saved_int(g, 2)),
              g->grad);
    if (grad_wanted(g, 0)) grad_set(g, 0, t);
    if (grad_wanted(g, 1)) grad_set(g, 1, t_neg(c, t));
}
static Value smooth_l1_forward(Ctx *c, Call *k) {
    double beta = call_float(k, 3);
    Tensor *d = t_sub(c, call_tensor(k, 0), call_tensor(k, 1));
    if (beta < 0)
        return value_raise(c, RuntimeError,
                           "smooth_l1_loss does not support negative values "
                           "for beta.");
    double inner = beta > 0 ? 1 / beta : 0;
    return give(c, k,
                reduced(c, smooth(c, d, beta, inner, 1, 0.5 * beta), call_int(k, 2)));
}
static void smooth_l1_backward(Ctx *c, Grad *g) {
    double beta = saved_float(g, 3);
    set_smooth(c, g, beta, beta > 0 ? 1 / beta : 0, 1);
}
static const OpDef op_smooth_l1_loss = {
    .schema =
        "smooth_l1_loss(Tensor self, Tensor target, int reduction=1, float beta=1.0) "
        "-> Tensor",
    .doc = "Squared error below beta, absolute error above.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target reduction beta",
    .node = "SmoothL1LossBackward0",
    .forward = smooth_l1_forward,
    .backward = smooth_l1_backward,
};
static Value huber_forward(Ctx *c, Call *k) {
    double delta = call_float(k, 3);
    if (delta <= 0)
        return value_raise(
            c, RuntimeError,
            "huber_loss does not support non-positive values for delta.");
    Tensor *d = t_sub(c, call_tensor(k, 0), call_tensor(k, 1));
    Tensor *t = smooth(c, d, delta, 1, delta, 0.5 * delta * delta);
    return give(c, k, reduced(c, t, call_int(k, 2)));
}
static void huber_backward(Ctx *c, Grad *g) {
    set_smooth(c, g, saved_float(g, 3), 1, saved_float(g, 3));
}
static const OpDef op_huber_loss = {
    .schema =
        "huber_loss(Tensor self, Tensor target, int reduction=1, float delta=1.0) -> "
        "Tensor",
    .doc = "Squared error below delta, absolute error above, joined smoothly.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target reduction delta",
    .forward = huber_forward,
    .backward = huber_backward,
};

/* ---- nll_loss ---- */

/* The weights of the chosen classes: zero for ignored ones. [n] */
static Tensor *chosen_weights(Ctx *c, Tensor *target, Tensor *weight, DType d,
                              int64_t ignore) {
    Tensor *kept = t_ne_scalar(c, target, value_int(ignore));
    Tensor *safe = t_where(c, kept, target, tensor_wrap_number(c, value_int(0)));
    Tensor *w =
        weight ? t_index_select(c, weight, 0, t_reshape(c, safe, 1, &(int64_t){-1}))
               : NULL;
    if (w && target) w = t_reshape(c, w, target->ndim, target->sizes);
    Tensor *mask = t_to_dtype(c, kept, d);
    return w ? t_mul(c, w, mask) : mask;
}

static bool check_targets(Ctx *c, Tensor *target, int64_t classes, int64_t ignore) {
    Tensor *flat = tensor_make(c, DT_int64, target->ndim, target->sizes);
    if (!flat) return false;
    tensor_copy(flat, target);
    const int64_t *t = tensor_data(flat);
    for (int64_t i = 0; i < flat->numel; i++) {
        if (t[i] == ignore || (t[i] >= 0 && t[i] < classes)) continue;
        error_raise(c, IndexError, "Target %" PRId64 " is out of bounds.", t[i]);
        return false;
    }
    return true;
}

static bool nll_check(Ctx *c, const Call *k, int class_dim) {
    Tensor *x = call_tensor(k, 0), *t = call_tensor(k, 1), *w = call_tensor(k, 2);
    if (t->dtype != DT_int64) {
        error_raise(c, RuntimeError, "expected scalar type Long but found %s",
                    dtype_scalar_name((DType)t->dtype));
        return false;
    }
    if (x->ndim == 2 && t->ndim == 1 && x->sizes[0] != t->sizes[0]) {
        error_raise(c, RuntimeError, "size mismatch (got input: %s, target: %s)",
                    shape_text(c, x), shape_text(c, t));
        return false;
    }
    if (w && (w->ndim != 1 || w->numel != x->sizes[class_dim])) {
        error_raise(c, RuntimeError,
                    "weight tensor should be defined either for all %" PRId64
                    " classes or no classes but got weight tensor of shape: %s",
                    x->sizes[class_dim], shape_text(c, w));
        return false;
    }
    return check_targets(c, t, x->sizes[class_dim], call_int(k, 4));
}

/* -weight[target] * x[target], for each row; class_dim is 0 for a vector, else 1. */
static Tensor *picked(Ctx *c, Tensor *x, Tensor *target, Tensor *weights,
                      int64_t ignore, int class_dim) {
    Tensor *kept = t_ne_scalar(c, target, value_int(ignore));
    Tensor *safe = t_where(c, kept, target, tensor_wrap_number(c, value_int(0)));
    Tensor *at = t_unsqueeze(c, safe, class_dim);
    Tensor *value = t_squeeze(c, t_gather(c, x, class_dim, at), class_dim);
    return t_neg(c, t_mul(c, value, weights));
}

static Value nll_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *target = call_tensor(k, 1);
    int class_dim = x->ndim == 1 ? 0 : 1;
    int64_t reduction = call_int(k, 3), ignore = call_int(k, 4);
    if (!nll_check(c, k, class_dim)) return value_null();
    Tensor *w = chosen_weights(c, target, call_tensor(k, 2), (DType)x->dtype, ignore);
    Tensor *t = picked(c, x, target, w, ignore, class_dim);
    if (reduction != REDUCE_NONE) t = t_sum(c, t);
    if (reduction == REDUCE_MEAN) t = t_div(c, t, t_sum(c, w));
    return give(c, k, t);
}
static void nll_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *target = saved_tensor(c, g, 1);
    Tensor *weight = saved_tensor(c, g, 2), *grad = g->grad;
    if (!x || !target) return;
    int class_dim = x->ndim == 1 ? 0 : 1;
    int64_t reduction = saved_int(g, 3), ignore = saved_int(g, 4);
    Tensor *w = chosen_weights(c, target, weight, (DType)x->dtype, ignore);
    Tensor *t = t_neg(c, t_mul(c, w, grad));
    if (reduction == REDUCE_MEAN) t = t_div(c, t, t_sum(c, w));
    Tensor *kept = t_ne_scalar(c, target, value_int(ignore));
    Tensor *safe = t_where(c, kept, target, tensor_wrap_number(c, value_int(0)));
    Tensor *zeros = t_zeros(c, x->ndim, x->sizes, (DType)x->dtype);
    grad_set(g, 0,
             t_scatter(c, zeros, class_dim, t_unsqueeze(c, safe, class_dim),
                       t_unsqueeze(c, t, class_dim)));
}
static const OpDef op_nll_loss = {
    .schema =
        "nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, "
        "int ignore_index=-100) -> Tensor",
    .doc = "Minus the log-probabilities of the target classes.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target weight reduction ignore_index",
    .constants = "target weight",
    .forward = nll_forward,
    .backward = nll_backward,
};
static const OpDef op_nll_loss2d = {
    .schema =
        "nll_loss2d(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, "
        "int ignore_index=-100) -> Tensor",
    .doc = "nll_loss of images: classes are the second dimension.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target weight reduction ignore_index",
    .constants = "target weight",
    .node = "NllLoss2DBackward0",
    .forward = nll_forward,
    .backward = nll_backward,
};
static Value nll_nd(Ctx *c, const Value *args) {
    const Tensor *x = value_tensor(args[0]), *t = value_tensor(args[1]);
    if (x->ndim < 1)
        return value_raise(c, ValueError, "Expected 1 or more dimensions (got 0)");
    if (x->ndim != 1 && t->ndim > 0 && x->sizes[0] != t->sizes[0])
        return value_raise(c, ValueError,
                           "Expected input batch_size (%" PRId64
                           ") to match target batch_size (%" PRId64 ").",
                           x->sizes[0], t->sizes[0]);
    return op_call(c, x->ndim < 3 ? &op_nll_loss : &op_nll_loss2d, args);
}
static Value nll_nd_forward(Ctx *c, Call *k) {
    return nll_nd(c, k->args);
}
static const OpDef op_nll_loss_nd = {
    .schema =
        "nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, "
        "int ignore_index=-100) -> Tensor",
    .doc = "nll_loss of any rank.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = nll_nd_forward,
};

/* ---- cross_entropy_loss ---- */

/* Targets that are probabilities: -sum(log_softmax * target). */
static Tensor *soft_targets(Ctx *c, const Call *k, Tensor *logs, int class_dim) {
    Tensor *target = call_tensor(k, 1), *weight = call_tensor(k, 2);
    double smoothing = call_float(k, 5);
    int64_t classes = logs->sizes[class_dim], reduction = call_int(k, 3);
    int64_t n = logs->numel / (classes ? classes : 1);
    if (smoothing > 0) {
        target = t_mul_scalar(c, target, value_float(1 - smoothing));
        target = t_add_scalar(c, target, value_float(smoothing / (double)classes));
    }
    Tensor *t = t_mul(c, logs, target);
    if (weight) {
        int64_t sizes[MAX_DIMS];
        for (int i = 0; i < logs->ndim; i++) sizes[i] = i == class_dim ? classes : 1;
        t = t_mul(c, t, t_view(c, weight, logs->ndim, sizes));
    }
    if (reduction == REDUCE_NONE) {
        int64_t dim = class_dim;
        return t_neg(c, t_sum_dims(c, t, 1, &dim, false));
    }
    t = t_neg(c, t_sum(c, t));
    return reduction == REDUCE_MEAN ? t_div_scalar(c, t, value_int(n)) : t;
}

/* Classes as targets, with some of the weight spread over all classes. */
static Tensor *smoothed(Ctx *c, const Call *k, Tensor *logs, int class_dim) {
    Tensor *target = call_tensor(k, 1), *weight = call_tensor(k, 2);
    double smoothing = call_float(k, 5);
    int64_t classes = logs->sizes[class_dim], reduction = call_int(k, 3);
    int64_t ignore = call_int(k, 4), dim = class_dim;
    Value args[5] = {arg_tensor(logs), k->args[1], k->args[2], k->args[3], k->args[4]};
    Tensor *nll = value_tensor(nll_nd(c, args));
    Tensor *all = logs;
    if (weight) {
        int64_t sizes[MAX_DIMS];
        for (int i = 0; i < logs->ndim; i++) sizes[i] = i == class_dim ? classes : 1;
        all = t_mul(c, logs, t_view(c, weight, logs->ndim, sizes));
    }
    Tensor *uniform = t_neg(c, t_sum_dims(c, all, 1, &dim, false));
    Tensor *ignored = t_eq_scalar(c, target, value_int(ignore));
    uniform = t_masked_fill_scalar(c, uniform, ignored, value_int(0));
    if (reduction == REDUCE_MEAN) {
        Tensor *w = chosen_weights(c, target, weight, (DType)logs->dtype, ignore);
        uniform = t_div(c, t_sum(c, uniform), t_sum(c, w));
    } else if (reduction == REDUCE_SUM) {
        uniform = t_sum(c, uniform);
    }
    return t_add(c, t_mul_scalar(c, nll, value_float(1 - smoothing)),
                 t_mul_scalar(c, uniform, value_float(smoothing / (double)classes)));
}

static Value cross_entropy_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *target = call_tensor(k, 1);
    double smoothing = call_float(k, 5);
    int class_dim = x->ndim == 1 ? 0 : 1;
    bool soft = tensor_same_sizes(x, target);
    if (soft && !dtype_is_floating((DType)target->dtype))
        return value_raise(c, RuntimeError,
                           "Expected floating point type for target with class "
                           "probabilities, got %s",
                           dtype_scalar_name((DType)target->dtype));
    if (smoothing < 0 || smoothing > 1)
        return value_raise(c, RuntimeError,
                           "label_smoothing must be between 0.0 and 1.0. Got: %g",
                           smoothing);
    Tensor *logs = t_log_softmax(c, x, class_dim);
    if (!logs) return value_null();
    if (soft) return value_obj(soft_targets(c, k, logs, class_dim));
    if (smoothing > 0) return value_obj(smoothed(c, k, logs, class_dim));
    Value args[5] = {arg_tensor(logs), k->args[1], k->args[2], k->args[3], k->args[4]};
    return nll_nd(c, args);
}
static const OpDef op_cross_entropy_loss = {
    .schema =
        "cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int "
        "reduction=1, SymInt ignore_index=-100, float label_smoothing=0.0) -> Tensor",
    .doc = "nll_loss of log_softmax; targets are classes or probabilities.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = cross_entropy_forward,
};

/* ---- binary cross entropy ---- */

static Tensor *weighed(Ctx *c, Tensor *t, Tensor *weight) {
    return weight ? t_mul(c, t, weight) : t;
}
/* -(y max(log x, -100) + (1 - y) max(log(1 - x), -100)) */
static Value bce_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1);
    if (x->dtype != y->dtype)
        return value_raise(c, RuntimeError, "Found dtype %s but expected %s",
                           dtype_scalar_name((DType)y->dtype),
                           dtype_scalar_name((DType)x->dtype));
    Tensor *bad = t_logical_not(c, t_logical_and(c, t_ge_scalar(c, x, value_int(0)),
                                                 t_le_scalar(c, x, value_int(1))));
    Tensor *count = t_sum(c, bad);
    if (!count) return value_null();
    if (tensor_item(c, count).as.i)
        return value_raise(c, RuntimeError,
                           "all elements of input should be between 0 and 1");
    Tensor *one_less = t_scalar_sub(c, value_int(1), x);
    Tensor *a = t_mul(c, y, t_clamp_min(c, t_log(c, x), value_int(-100)));
    Tensor *b = t_mul(c, t_scalar_sub(c, value_int(1), y),
                      t_clamp_min(c, t_log(c, one_less), value_int(-100)));
    Tensor *t = weighed(c, t_neg(c, t_add(c, a, b)), call_tensor(k, 2));
    return give(c, k, reduced(c, t, call_int(k, 3)));
}
static void bce_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Tensor *weight = saved_tensor(c, g, 2),
           *one_less = t_scalar_sub(c, value_int(1), x);
    if (!x || !y) return;
    if (grad_wanted(g, 0)) {
        Tensor *low = t_clamp_min(c, t_mul(c, one_less, x), value_float(1e-12));
        Tensor *t = t_div(c, t_mul(c, g->grad, t_sub(c, x, y)), low);
        grad_set(g, 0, spread(c, weighed(c, t, weight), x, saved_int(g, 3)));
    }
    if (grad_wanted(g, 1)) {
        Tensor *t = t_sub(c, t_log(c, one_less), t_log(c, x));
        t = t_mul(c, g->grad, t);
        grad_set(g, 1, spread(c, weighed(c, t, weight), x, saved_int(g, 3)));
    }
}
static const OpDef op_binary_cross_entropy = {
    .schema =
        "binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int "
        "reduction=1) -> Tensor",
    .doc = "The cross entropy of probabilities and targets between 0 and 1.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target weight reduction",
    .constants = "weight",
    .forward = bce_forward,
    .backward = bce_backward,
};

/* (1 - y) x + w (max(-x, 0) + log(exp(-max) + exp(-x - max))), w = 1 + (p - 1) y */
static Value logits_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *pos = call_tensor(k, 3);
    Tensor *top = t_clamp_min(c, t_neg(c, x), value_int(0));
    Tensor *soft = t_log(
        c, t_add(c, t_exp(c, t_neg(c, top)), t_exp(c, t_sub(c, t_neg(c, x), top))));
    soft = t_add(c, soft, top);
    if (pos) {
        Tensor *w = t_mul(c, t_sub_scalar(c, pos, value_int(1)), y);
        soft = t_mul(c, t_add_scalar(c, w, value_int(1)), soft);
    }
    Tensor *t = t_add(c, t_mul(c, t_scalar_sub(c, value_int(1), y), x), soft);
    return give(c, k, reduced(c, weighed(c, t, call_tensor(k, 2)), call_int(k, 4)));
}
static void logits_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Tensor *weight = saved_tensor(c, g, 2), *pos = saved_tensor(c, g, 3);
    if (!x || !y) return;
    if (grad_wanted(g, 0)) {
        Tensor *s = t_sigmoid(c, x), *t;
        if (pos) {
            Tensor *py = t_mul(c, pos, y);
            t = t_scalar_sub(c, value_int(1), y);
            t = t_sub(c, t_mul(c, t_add(c, t, py), s), py);
        } else {
            t = t_sub(c, s, y);
        }
        t = weighed(c, t_mul(c, t, g->grad), weight);
        grad_set(g, 0, spread(c, t, x, saved_int(g, 4)));
    }
    if (grad_wanted(g, 1)) {
        Tensor *t = t_mul(c, t_neg(c, x), g->grad);
        grad_set(g, 1, spread(c, weighed(c, t, weight), x, saved_int(g, 4)));
    }
}
static const OpDef op_bce_with_logits = {
    .schema = "binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? "
              "weight=None, Tensor? pos_weight=None, int reduction=1) -> Tensor",
    .doc = "binary_cross_entropy of sigmoid(self), without overflow.",
    .forms = OP_FUNCTION,
    .saves = "self target weight pos_weight reduction",
    .constants = "weight pos_weight",
    .forward = logits_forward,
    .backward = logits_backward,
};

const OpDef *const loss_ops[] = {
    &op_mse_loss_backward,    &op_mse_loss,        &op_l1_loss,
    &op_smooth_l1_loss,       &op_huber_loss,      &op_nll_loss,
    &op_nll_loss2d,           &op_nll_loss_nd,     &op_cross_entropy_loss,
    &op_binary_cross_entropy, &op_bce_with_logits, NULL,
};
