/* Losses of probabilities: binary_cross_entropy, binary_cross_entropy_with_logits,
 * kl_div, poisson_nll_loss, soft_margin_loss.
 *
 * self, target [...] -> the loss of each element, or its mean or sum.
 * Sources: Loss.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "loss.h"

#include "core/kernel/loss.h"
#include "ops.h"

#include <math.h>

static Tensor *weighed(Ctx *c, Tensor *t, Tensor *weight) {
    return weight ? t_mul(c, t, weight) : t;
}
/* 1 - t */
static Tensor *rest(Ctx *c, Tensor *t) {
    return t_scalar_sub(c, value_int(1), t);
}

/* ---- binary_cross_entropy ---- */

enum { BCE_REFUSED = DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16 };
static const double tiny = 1e-12;

static bool are_probabilities(Ctx *c, Tensor *x) {
    Tensor *good = t_logical_and(c, t_ge_scalar(c, x, value_int(0)),
                                 t_le_scalar(c, x, value_int(1)));
    Tensor *count = t_sum(c, t_logical_not(c, good));
    if (count && tensor_item(c, count).as.i)
        error_raise(c, RuntimeError, "all elements of input should be between 0 and 1");
    return !ctx_failed(c);
}

/* Operands lose their dimensions of 1 before they broadcast. */
static bool bce_squeeze(Ctx *c, Pointwise *p) {
    Shape s;
    for (int i = 0; i < p->n; i++) p->in[i] = t_squeeze_all(c, p->in[i]);
    return !ctx_failed(c) && pointwise_shape(c, p, &s);
}

/* t, the elements for a squeezed x, in the sizes of x: the first of them where the
 * others have more. */
static Tensor *bce_sized(Ctx *c, Tensor *t, Tensor *x, const Tensor *squeezed) {
    if (!t || !tensor_same_sizes(t, squeezed)) {
        if (t && squeezed->numel)
            warn_resized(c, squeezed->ndim, squeezed->sizes, t->ndim, t->sizes);
        t = t_narrow(c, t_flatten(c, t), 0, 0, x->numel);
        return t_view(c, t, x->ndim, x->sizes);
    }
    for (int i = 0; t && i < x->ndim; i++) {
        if (x->sizes[i] != 1) continue;
        t = t_unsqueeze(c, t, i);
        if (t) t->strides[i] = x->strides[i];
    }
    return t;
}

/* Of operands of one dtype, the squeezed x first, in the sizes of x; with `weight`
 * multiplied in. */
static Tensor *bce_elements(Ctx *c, Call *k, Pointwise *p, const char *name, Tensor *x,
                            Tensor *weight) {
    Call whole = {.op = k->op, .args = k->args, .form = CALL_NEW};
    LossNumbers numbers = {0};
    p->arg = &numbers;
    p->name = name;
    p->refused = BCE_REFUSED;
    p->compute = p->result = (DType)p->in[0]->dtype;
    Tensor *t = bce_sized(c, pointwise(c, &whole, p), x, p->in[0]);
    return weight ? t_mul_(c, t, weight) : t;
}

static Value bce_back_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 1);
    Pointwise p = {.kernel = kernel_bce_backward,
                   .n = 3,
                   .in = {x, call_tensor(k, 2), call_tensor(k, 0)}};
    if (!bce_squeeze(c, &p) || !loss_same_dtypes(c, 3, p.in)) return value_null();
    Tensor *t =
        bce_elements(c, k, &p, "binary_cross_entropy_backward", x, call_tensor(k, 3));
    return call_give(c, k, loss_spread(c, t, x, call_int(k, 4)));
}

/* The gradient of the gradient with respect to the gradient of the loss. */
static Tensor *bce_second_grad(Ctx *c, Grad *g, Tensor *x, Tensor *y, Tensor *weight) {
    Tensor *p = t_add_scalar(c, x, value_float(tiny));
    Tensor *q = t_add_scalar(c, rest(c, x), value_float(tiny));
    Tensor *t = t_div(c, t_sub(c, x, y), t_mul(c, p, q));
    t = weighed(c, t_mul(c, t, g->grad), weight);
    t = loss_spread(c, t, x, saved_int(g, 4));
    return saved_int(g, 4) == REDUCE_NONE ? t : t_sum(c, t);
}
/* With respect to the input: (x^2 - 2 x y + y) / (x (1 - x))^2. */
static Tensor *bce_second_self(Ctx *c, Grad *g, Tensor *x, Tensor *y, Tensor *weight) {
    Tensor *p = t_add_scalar(c, x, value_float(tiny));
    Tensor *q = t_add_scalar(c, rest(c, x), value_float(tiny));
    Tensor *twice = t_mul(c, t_mul_scalar(c, x, value_int(2)), y);
    Tensor *t = t_add(c, t_sub(c, t_mul(c, x, x), twice), y);
    t = t_div(
        c, t,
        t_mul(c, t_pow_scalar(c, p, value_int(2)), t_pow_scalar(c, q, value_int(2))));
    t = t_mul(c, t, t_mul(c, g->grad, saved_tensor(c, g, 0)));
    return loss_spread(c, weighed(c, t, weight), x, saved_int(g, 4));
}
/* With respect to the target: -1 / (x (1 - x)). */
static Tensor *bce_second_target(Ctx *c, Grad *g, Tensor *x, Tensor *weight) {
    Tensor *t = t_mul(c, t_neg(c, g->grad), saved_tensor(c, g, 0));
    t = t_div(c, weighed(c, t, weight), t_mul(c, rest(c, x), x));
    return loss_spread(c, t, x, saved_int(g, 4));
}
static void bce_back_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 1), *y = saved_tensor(c, g, 2);
    Tensor *weight = saved_tensor(c, g, 3);
    if (grad_wanted(g, 0)) grad_set(g, 0, bce_second_grad(c, g, x, y, weight));
    if (grad_wanted(g, 1)) grad_set(g, 1, bce_second_self(c, g, x, y, weight));
    if (grad_wanted(g, 2)) grad_set(g, 2, bce_second_target(c, g, x, weight));
}
static const OpDef op_bce_backward = {
    .schema = "binary_cross_entropy_backward(Tensor grad_output, Tensor self, Tensor "
              "target, Tensor? weight=None, int reduction=Mean) -> Tensor",
    .doc = "The gradient of binary_cross_entropy.",
    .saves = "grad_output self target weight reduction",
    .constants = "weight!",
    .node = "BinaryCrossEntropyBackwardBackward0",
    .forward = bce_back_forward,
    .backward = bce_back_backward,
};

/* -(y max(log x, -100) + (1 - y) max(log(1 - x), -100)) */
static Value bce_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0);
    Pointwise p = {.kernel = kernel_bce, .n = 2, .in = {x, call_tensor(k, 1)}};
    if (!bce_squeeze(c, &p) || !loss_out_dtype(c, k, x) ||
        !loss_same_dtypes(c, 2, p.in) ||
        dtype_refused(c, "binary_cross_entropy", BCE_REFUSED, (DType)x->dtype) ||
        !are_probabilities(c, x))
        return value_null();
    Tensor *t = bce_elements(c, k, &p, "binary_cross_entropy", x, call_tensor(k, 2));
    t = loss_reduced(c, t, call_int(k, 3));
    return k->form == CALL_NEW ? value_obj(t) : call_give(c, k, t);
}
/* With respect to the target: log(1 - x) - log x, in place as in PyTorch. */
static Tensor *bce_target_gradient(Ctx *c, Grad *g, Tensor *x, Tensor *weight) {
    Tensor *t = t_sub_(c, t_log_(c, rest(c, x)), t_log(c, x));
    t = t_mul_(c, t, g->grad);
    if (weight) t = t_mul_(c, t, weight);
    return loss_spread(c, t, x, saved_int(g, 3));
}
static void bce_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Tensor *weight = saved_tensor(c, g, 2);
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, &op_bce_backward,
                           (Value[]){arg_tensor(g->grad), arg_tensor(x), arg_tensor(y),
                                     arg_tensor(weight), saved_value(g, 3)}));
    if (grad_wanted(g, 1)) grad_set(g, 1, bce_target_gradient(c, g, x, weight));
}
static const OpDef op_binary_cross_entropy = {
    .schema =
        "binary_cross_entropy(Tensor self, Tensor target, Tensor? weight=None, int "
        "reduction=Mean) -> Tensor",
    .doc = "The cross entropy of probabilities and targets between 0 and 1.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_OUT_SAME,
    .saves = "self target weight reduction",
    .constants = "weight!",
    .forward = bce_forward,
    .backward = bce_backward,
    .example = "torch._C._nn.binary_cross_entropy(v, v)",
};

/* ---- binary_cross_entropy_with_logits ---- */

/* log(exp(-top) + exp(-x - top)), top = max(-x, 0): log(1 + exp(-x)) - top. */
static Tensor *log_sum(Ctx *c, Tensor *x, Tensor *top) {
    Tensor *a = t_exp_(c, t_neg(c, top));
    Tensor *b = t_exp_(c, t_sub(c, t_neg(c, x), top));
    return t_log_(c, t_add_(c, a, b));
}
/* (1 - y) x + w (top + log_sum), w = 1 + (pos_weight - 1) y */
static Value logits_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *pos = call_tensor(k, 3);
    Tensor *top = t_clamp_min(c, t_neg(c, x), value_int(0)), *t;
    if (pos) {
        Tensor *w = t_mul(c, t_sub_scalar(c, pos, value_int(1)), y);
        w = t_add_scalar(c, w, value_int(1));
        Tensor *linear = t_mul_(c, rest(c, y), x);
        t = t_add_(c, linear, t_mul_(c, w, t_add_(c, log_sum(c, x, top), top)));
    } else {
        t = t_add_(c, t_mul_(c, rest(c, y), x), top);
        t = t_add_(c, t, log_sum(c, x, top));
    }
    if (call_tensor(k, 2)) t = t_mul_(c, t, call_tensor(k, 2));
    return call_give(c, k, loss_reduced(c, t, call_int(k, 4)));
}
static Tensor *logits_self_gradient(Ctx *c, Grad *g, Tensor *x, Tensor *y,
                                    Tensor *pos) {
    if (!pos) return t_mul(c, t_sub(c, t_sigmoid(c, x), y), g->grad);
    Tensor *w = t_mul(c, pos, y);
    Tensor *t = t_sub(c, t_add_scalar(c, w, value_int(1)), y);
    t = t_sub(c, t_mul(c, t, t_sigmoid(c, x)), w);
    return t_mul(c, t, g->grad);
}
static Tensor *logits_target_gradient(Ctx *c, Grad *g, Tensor *x, Tensor *pos) {
    if (!pos) return t_mul(c, t_neg(c, x), g->grad);
    Tensor *positive = t_mul_(c, t_log_sigmoid(c, x), pos);
    Tensor *t = t_sub_(c, t_log_sigmoid(c, t_neg(c, x)), positive);
    return t_mul_(c, t, g->grad);
}
static void logits_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Tensor *weight = saved_tensor(c, g, 2), *pos = saved_tensor(c, g, 3);
    for (size_t i = 0; i < 2; i++) {
        if (!grad_wanted(g, i)) continue;
        Tensor *t = i == 0 ? logits_self_gradient(c, g, x, y, pos)
                           : logits_target_gradient(c, g, x, pos);
        grad_set(g, i, loss_spread(c, weighed(c, t, weight), x, saved_int(g, 4)));
    }
}
static const OpDef op_bce_with_logits = {
    .schema = "binary_cross_entropy_with_logits(Tensor self, Tensor target, Tensor? "
              "weight=None, Tensor? pos_weight=None, int reduction=Mean) -> Tensor",
    .doc = "binary_cross_entropy of sigmoid(self), without overflow.",
    .forms = OP_FUNCTION,
    .saves = "self target weight pos_weight reduction",
    .constants = "weight! pos_weight!",
    .forward = logits_forward,
    .backward = logits_backward,
    .example = "torch.binary_cross_entropy_with_logits(v, v)",
};

/* ---- kl_div ---- */

/* target (log target - self), where log_target tells which of the two target is. */
static Value kl_div_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *t;
    if (!dtype_is_floating((DType)x->dtype) || !dtype_is_floating((DType)y->dtype))
        return value_raise(c, RuntimeError, "kl_div: Integral inputs not supported.");
    if (call_bool(k, 3)) {
        t = t_mul(c, t_exp(c, y), t_sub(c, y, x));
    } else {
        Tensor *cross = t_mul(c, y, x); /* before the entropy, as PyTorch's compiler */
        Tensor *entropy =
            op_tensor(c, &op_xlogy, (Value[]){arg_tensor(y), arg_tensor(y)});
        t = t_sub(c, entropy, cross);
    }
    return value_obj(loss_reduced(c, t, call_int(k, 2)));
}
static const OpDef op_kl_div = {
    .schema = "kl_div(Tensor self, Tensor target, int reduction=Mean, *, bool "
              "log_target=False) -> Tensor",
    .doc = "The Kullback-Leibler divergence of target from exp(self), by elements.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = kl_div_forward,
    .example = "torch.kl_div(v, v)",
};

/* ---- poisson_nll_loss ---- */

/* Stirling's log(target!) where target > 1. */
static Tensor *stirling(Ctx *c, Tensor *y) {
    Tensor *t = t_sub(c, t_mul(c, y, t_log(c, y)), y);
    Tensor *root = t_log(c, t_mul_scalar(c, y, value_float(2 * M_PI)));
    t = t_add(c, t, t_mul_scalar(c, root, value_float(0.5)));
    return t_masked_fill_scalar(c, t, t_le_scalar(c, y, value_int(1)), value_int(0));
}
static Value poisson_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *t;
    if (call_bool(k, 2)) {
        t = t_sub(c, t_exp(c, x), t_mul(c, y, x));
    } else {
        Tensor *shifted = t_add_scalar(c, x, value_float(call_float(k, 4)));
        t = t_sub(c, x, t_mul(c, y, t_log(c, shifted)));
    }
    if (call_bool(k, 3)) t = t_add_(c, t, stirling(c, y));
    return value_obj(loss_reduced(c, t, call_int(k, 5)));
}
static const OpDef op_poisson_nll_loss = {
    .schema =
        "poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, "
        "float eps, int reduction) -> Tensor",
    .doc = "Minus the log-likelihood of counts, by their expected number.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = poisson_forward,
    .example = "torch.poisson_nll_loss(m, m, True, False, 1e-8, 1)",
};

/* ---- soft_margin_loss ---- */

static Value soft_margin_back_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 1), *y = call_tensor(k, 2);
    Tensor *z = t_exp(c, t_mul(c, t_neg(c, y), x));
    double norm = loss_norm(x, call_int(k, 3));
    Tensor *t = t_mul_scalar(c, t_mul(c, y, z), value_float(-norm));
    t = t_div(c, t, t_add_scalar(c, z, value_int(1)));
    return call_give(c, k, t_mul(c, t, call_tensor(k, 0)));
}
static const OpDef op_soft_margin_loss_backward;
static Tensor *soft_margin_back(Ctx *c, Tensor *grad, Tensor *x, Tensor *y,
                                Value reduction) {
    return op_tensor(
        c, &op_soft_margin_loss_backward,
        (Value[]){arg_tensor(grad), arg_tensor(x), arg_tensor(y), reduction});
}
/* grad y^2 z / (1 + z)^2, z = exp(-x y) */
static Tensor *soft_margin_second(Ctx *c, Tensor *grad, Tensor *x, Tensor *y) {
    Tensor *z = t_exp(c, t_mul(c, x, t_neg(c, y)));
    Tensor *more = t_add_scalar(c, z, value_int(1));
    Tensor *t = t_mul(c, t_mul(c, grad, t_mul(c, y, y)), z);
    return t_div(c, t, t_mul(c, more, more));
}
static void soft_margin_back_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 1);
    Tensor *y = saved_tensor(c, g, 2);
    int64_t reduction = saved_int(g, 3);
    if (grad_wanted(g, 0)) {
        bool none = reduction == REDUCE_NONE;
        Tensor *t = soft_margin_back(c, none ? g->grad : t_ones_like(c, grad), x, y,
                                     saved_value(g, 3));
        grad_set(g, 0, none ? t : t_sum(c, t_mul(c, t, g->grad)));
    }
    if (!grad_wanted(g, 1)) return;
    Tensor *t = soft_margin_second(c, t_mul(c, g->grad, grad), x, y);
    grad_set(g, 1, loss_spread(c, t, x, reduction));
}
static const OpDef op_soft_margin_loss_backward = {
    .schema = "soft_margin_loss_backward(Tensor grad_output, Tensor self, Tensor "
              "target, int reduction) -> Tensor",
    .doc = "The gradient of soft_margin_loss.",
    .saves = "grad_output self target reduction",
    .constants = "target",
    .node = "SoftMarginLossBackwardBackward0",
    .forward = soft_margin_back_forward,
    .backward = soft_margin_back_backward,
};

/* log(1 + exp(-x y)), worked out in place of x: its shape and dtype stay. */
static Value soft_margin_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0);
    int64_t reduction = call_int(k, 2);
    if (!loss_out_dtype(c, k, x) ||
        !out_prepare(c, k, 0, (DType)x->dtype, x->ndim, x->sizes))
        return value_null();
    Tensor *t = t_mul_(c, t_neg(c, x), call_tensor(k, 1));
    t = t_log_(c, t_add_scalar(c, t_exp_(c, t), value_int(1)));
    if (k->form == CALL_NEW) return value_obj(loss_reduced(c, t, reduction));
    if (reduction != REDUCE_NONE && !tensor_resize(c, k->target[0], 0, NULL))
        return value_null();
    return call_give(c, k, loss_reduced(c, t, reduction));
}
static void soft_margin_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             soft_margin_back(c, g->grad, saved_tensor(c, g, 0), saved_tensor(c, g, 1),
                              saved_value(g, 2)));
}
static const OpDef op_soft_margin_loss = {
    .schema =
        "soft_margin_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
    .doc = "log(1 + exp(-self target)), for targets 1 and -1.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_OUT_SAME,
    .saves = "self target reduction",
    .constants = "target!",
    .forward = soft_margin_forward,
    .backward = soft_margin_backward,
    .example = "torch._C._nn.soft_margin_loss(m, m)",
};

const OpDef *const loss_entropy_ops[] = {
    &op_bce_backward,     &op_binary_cross_entropy,
    &op_bce_with_logits,  &op_kl_div,
    &op_poisson_nll_loss, &op_soft_margin_loss_backward,
    &op_soft_margin_loss, NULL,
};
