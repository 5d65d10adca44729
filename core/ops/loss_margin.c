/* Losses with a margin: margin_ranking_loss, hinge_embedding_loss,
 * cosine_embedding_loss, triplet_margin_loss, as PyTorch composes them; and
 * multi_margin_loss, multilabel_margin_loss, whose gradients have no derivative.
 *
 * Sources: Loss.cpp, LossMultiMargin.cpp, LossMultiLabelMargin.cpp. */
#include "loss.h"

#include "core/kernel/margin.h"
#include "ops.h"

#include <inttypes.h>

static Tensor *at_least_zero(Ctx *c, Tensor *t) {
    return t_clamp_min(c, t, value_int(0));
}
/* t where target differs from value (is equal to it, with `equal`), else 0. */
static Tensor *where_target(Ctx *c, Tensor *target, int64_t value, bool equal,
                            Tensor *t, Tensor *like) {
    Tensor *is = equal ? t_eq_scalar(c, target, value_int(value))
                       : t_ne_scalar(c, target, value_int(value));
    return t_where(c, is, t, t_zeros_like(c, like));
}

/* ---- margin_ranking_loss ---- */

/* max(-target (input1 - input2) + margin, 0) */
static Value ranking_forward(Ctx *c, Call *k) {
    Tensor *d = t_sub(c, call_tensor(k, 0), call_tensor(k, 1));
    Tensor *t = t_mul(c, t_neg(c, call_tensor(k, 2)), d);
    t = at_least_zero(c, t_add_scalar(c, t, value_float(call_float(k, 3))));
    return value_obj(loss_reduced(c, t, call_int(k, 4)));
}
static const OpDef op_margin_ranking_loss = {
    .schema = "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float "
              "margin=0.0, int reduction=Mean) -> Tensor",
    .doc = "How far input1 and input2 are from the order that target tells, 1 or -1.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = ranking_forward,
    .example = "torch.margin_ranking_loss(m, m, m)",
};

/* ---- hinge_embedding_loss ---- */

/* self where target is 1, max(margin - self, 0) where it is -1. */
static Value hinge_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *target = call_tensor(k, 1);
    Tensor *gap = at_least_zero(c, t_scalar_sub(c, k->args[2], x));
    Tensor *t = t_add(c, where_target(c, target, 1, false, gap, x),
                      where_target(c, target, -1, false, x, x));
    return value_obj(loss_reduced(c, t, call_int(k, 3)));
}
static const OpDef op_hinge_embedding_loss = {
    .schema = "hinge_embedding_loss(Tensor self, Tensor target, float margin=1.0, int "
              "reduction=Mean) -> Tensor",
    .doc = "Distances where target is 1, what they lack to margin where it is -1.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = hinge_forward,
    .example = "torch.hinge_embedding_loss(m, m)",
};

/* ---- cosine_embedding_loss ---- */

static bool cosine_check(Ctx *c, const Tensor *x, const Tensor *y,
                         const Tensor *target) {
    if (target->ndim > 1)
        error_raise(c, RuntimeError,
                    "0D or 1D target tensor expected, multi-target not supported");
    else if (x->ndim != target->ndim + 1)
        error_raise(c, RuntimeError,
                    "%dD target tensor expects %dD input tensors, but found inputs "
                    "with sizes %s and %s.",
                    target->ndim, target->ndim + 1, shape_text(c, x), shape_text(c, y));
    return !ctx_failed(c);
}
static Tensor *dot_along(Ctx *c, Tensor *x, Tensor *y, int64_t dim) {
    return t_sum_dims(c, t_mul(c, x, y), 1, &dim, false);
}
static Tensor *square_along(Ctx *c, Tensor *x, int64_t dim) {
    const double tiny = 1e-12F; /* a float in PyTorch */
    return t_add_scalar(c, dot_along(c, x, x, dim), value_float(tiny));
}
/* 1 - cos where target is 1, max(cos - margin, 0) where it is -1. */
static Value cosine_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *target = call_tensor(k, 2);
    int64_t dim = target->ndim;
    if (!cosine_check(c, x, y, target)) return value_null();
    Tensor *dot = dot_along(c, x, y, dim);
    Tensor *squares = t_mul(c, square_along(c, x, dim), square_along(c, y, dim));
    Tensor *cosine = t_div(c, dot, t_sqrt(c, squares));
    Tensor *far = t_scalar_sub(c, value_int(1), cosine);
    Tensor *near =
        at_least_zero(c, t_sub_scalar(c, cosine, value_float(call_float(k, 3))));
    Tensor *t = t_add(c, where_target(c, target, 1, true, far, cosine),
                      where_target(c, target, -1, true, near, cosine));
    return value_obj(loss_reduced(c, t, call_int(k, 4)));
}
static const OpDef op_cosine_embedding_loss = {
    .schema = "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, "
              "float margin=0.0, int reduction=Mean) -> Tensor",
    .doc = "How far vectors are from the same direction, or how near beyond margin.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = cosine_forward,
    .example = "torch.cosine_embedding_loss(m, m, v[:2])",
};

/* ---- triplet_margin_loss ---- */

/* max(margin + |anchor - positive| - |anchor - negative|, 0) */
static Value triplet_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *p = call_tensor(k, 1), *n = call_tensor(k, 2);
    double power = call_float(k, 4), eps = call_float(k, 5);
    if (a->ndim != p->ndim || p->ndim != n->ndim)
        return value_raise(
            c, RuntimeError,
            "All inputs should have same dimension but got %dD, %dD and %dD inputs.",
            a->ndim, p->ndim, n->ndim);
    Tensor *near = t_pairwise_distance(c, a, p, power, eps);
    Tensor *far = t_pairwise_distance(c, a, n, power, eps);
    if (call_bool(k, 6))
        far = t_minimum(c, far, t_pairwise_distance(c, p, n, power, eps));
    Tensor *t = t_add_scalar(c, near, value_float(call_float(k, 3)));
    t = at_least_zero(c, t_sub(c, t, far));
    return value_obj(loss_reduced(c, t, call_int(k, 7)));
}
static const OpDef op_triplet_margin_loss = {
    .schema =
        "triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float "
        "margin=1.0, float p=2, float eps=1e-06, bool swap=False, int reduction=Mean) "
        "-> "
        "Tensor",
    .doc = "How much nearer anchor is to negative than to positive, beyond margin.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = triplet_forward,
};

/* ---- rows of classes ---- */

enum { MARGIN_REFUSED = DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16 };

/* self [n, classes], [classes] or []: how many rows of how many elements. */
static bool margin_rows(Ctx *c, const Tensor *x, Margin *m) {
    m->rows = x->ndim > 1 ? x->sizes[0] : 1;
    m->classes = x->ndim == 0 ? 1 : x->sizes[x->ndim - 1];
    if (x->ndim <= 2 && m->classes != 0) return true;
    error_raise(c, RuntimeError,
                "Expected non-empty vector or matrix with optional 0-dim batch size, "
                "but got: %s",
                shape_text(c, x));
    return false;
}

static bool margin_dtypes(Ctx *c, const char *name, const Tensor *x,
                          const Tensor *target, const Tensor *weight) {
    if (dtype_refused(c, name, MARGIN_REFUSED, (DType)x->dtype)) return false;
    return scalar_type_check(c, DT_int64, (DType)target->dtype) &&
           (!weight || scalar_type_check(c, (DType)x->dtype, (DType)weight->dtype));
}

/* Of one loss, or of one for each row; see saved_check. */
static bool margin_grad_check(Ctx *c, const Tensor *grad, const Margin *m,
                              const Tensor *x) {
    return saved_check(c, grad, (DType)x->dtype, grad->ndim ? 1 : 0, &m->rows);
}

/* ---- multi_margin_loss ---- */

typedef struct MultiMargin {
    Margin m;
    Tensor *x, *target, *weight;
    int64_t reduction;
} MultiMargin;

static bool multi_margin_shapes(Ctx *c, const MultiMargin *q) {
    const Tensor *t = q->target;
    if (t->ndim > 1 || t->numel != q->m.rows)
        error_raise(c, RuntimeError, "inconsistent target size, got: %s",
                    shape_text(c, t));
    return !ctx_failed(c);
}

/* The weights need not be as many as the classes, but as the targets ask for. */
static bool targets_in_range(Ctx *c, const Margin *m, const Tensor *weight) {
    int64_t n = weight && weight->numel < m->classes ? weight->numel : m->classes;
    for (int64_t i = 0; i < m->rows; i++) {
        if (m->target[i] >= 0 && m->target[i] < n) continue;
        error_raise(c, RuntimeError, "target out of range");
        return false;
    }
    return true;
}

/* Arguments self, target, p, margin, weight, reduction, from number `first` on. */
static bool multi_margin_call(Ctx *c, const Call *k, int first, const char *name,
                              MultiMargin *q) {
    q->x = call_tensor(k, first);
    q->target = call_tensor(k, first + 1);
    q->weight = call_tensor(k, first + 4);
    q->reduction = call_int(k, first + 5);
    q->m.p = (int)call_float(k, first + 2);
    q->m.margin = call_float(k, first + 3);
    if (q->m.p != 1 && q->m.p != 2) {
        error_raise(c, RuntimeError, "only p == 1 and p == 2 supported");
        return false;
    }
    if (!margin_rows(c, q->x, &q->m) || !multi_margin_shapes(c, q)) return false;
    if (q->x->numel == 0) return true;
    if (!margin_dtypes(c, name, q->x, q->target, q->weight)) return false;
    q->x = t_contiguous(c, q->x);
    q->target = t_contiguous(c, q->target);
    if (q->weight) q->weight = t_contiguous(c, q->weight);
    if (ctx_failed(c)) return false;
    q->m.target = tensor_data(q->target);
    q->m.weight = q->weight ? tensor_data(q->weight) : NULL;
    return targets_in_range(c, &q->m, q->weight);
}

static Value multi_margin_back_forward(Ctx *c, Call *k) {
    MultiMargin q;
    if (!multi_margin_call(c, k, 1, "multi_margin_loss_backward_cpu_kernel", &q))
        return value_null();
    Tensor *t = t_zeros(c, q.x->ndim, q.x->sizes, (DType)q.x->dtype);
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    if (!t || !grad || !margin_grad_check(c, grad, &q.m, q.x)) return value_null();
    if (t->numel)
        kernel_multi_margin_backward((DType)t->dtype, &q.m, q.reduction == REDUCE_MEAN,
                                     tensor_data(q.x), tensor_data(grad),
                                     grad->ndim ? 1 : 0, tensor_data(t));
    return call_give(c, k, t);
}
static const OpDef op_multi_margin_loss_backward = {
    .schema =
        "multi_margin_loss_backward(Tensor grad_output, Tensor self, Tensor "
        "target, Scalar p, Scalar margin, Tensor? weight=None, int reduction=Mean) "
        "-> Tensor",
    .doc = "The gradient of multi_margin_loss.",
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "target weight",
    .forward = multi_margin_back_forward,
};

static Value multi_margin_forward(Ctx *c, Call *k) {
    MultiMargin q;
    if (!multi_margin_call(c, k, 0, "multi_margin_loss_cpu_kernel", &q))
        return value_null();
    bool all = q.reduction == REDUCE_NONE && q.target->ndim > 0;
    DType d = (DType)q.x->dtype;
    if (q.x->numel && k->form == CALL_OUT &&
        !scalar_type_check(c, d, (DType)k->target[0]->dtype))
        return value_null();
    Tensor *t = call_result(c, k, 0, d, all ? 1 : 0, &q.m.rows);
    if (!t) return value_null();
    if (q.x->numel)
        kernel_multi_margin(d, &q.m, q.reduction == REDUCE_MEAN, all, tensor_data(q.x),
                            tensor_data(t));
    else
        t_zero_(c, t);
    return value_obj(t);
}
static void multi_margin_backward(Ctx *c, Grad *g) {
    grad_set(g, 0,
             op_tensor(c, &op_multi_margin_loss_backward,
                       (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                                 arg_tensor(saved_tensor(c, g, 1)), saved_value(g, 2),
                                 saved_value(g, 3), arg_tensor(saved_tensor(c, g, 4)),
                                 saved_value(g, 5)}));
}
static const OpDef op_multi_margin_loss = {
    .schema = "multi_margin_loss(Tensor self, Tensor target, Scalar p=1, Scalar "
              "margin=1, Tensor? weight=None, int reduction=Mean) -> Tensor",
    .doc = "How much classes come near the target's, to the power of p: self "
           "[n, classes], target [n].",
    .forms = OP_NN | OP_OUT,
    .traits = OP_OUT_QUIET,
    .saves = "self target p margin weight reduction",
    .constants = "target weight!",
    .forward = multi_margin_forward,
    .backward = multi_margin_backward,
    .example = "torch._C._nn.multi_margin_loss(m, i)",
};

/* ---- multilabel_margin_loss ---- */

/* self and target, both [n, classes], [classes] or [], checked. */
static bool multilabel_shapes(Ctx *c, const Tensor *x, const Tensor *target,
                              Margin *m) {
    if (!margin_rows(c, x, m)) return false;
    if (tensor_same_sizes(x, target) ||
        (x->ndim <= 1 && target->ndim <= 1 && target->numel == m->classes))
        return true;
    return error_raise(c, RuntimeError, "inconsistent size %s for argument #2 'target'",
                       shape_text(c, target));
}

static bool multilabel_data(Ctx *c, const char *name, Tensor **x, Tensor **target,
                            Margin *m) {
    if (!margin_dtypes(c, name, *x, *target, NULL)) return false;
    *x = t_contiguous(c, *x);
    *target = t_contiguous(c, *target);
    if (ctx_failed(c)) return false;
    m->target = tensor_data(*target);
    return true;
}

/* A number cut to a whole one; one beyond all labels for what is none. */
static int64_t whole(Value v) {
    if (v.tag == VAL_BOOL) return v.as.b;
    if (v.tag == VAL_INT) return v.as.i;
    return v.as.f > -0x1p62 && v.as.f < 0x1p62 ? (int64_t)v.as.f : INT64_MIN;
}

/* Asked before the dtype is. */
static bool labels_in_range(Ctx *c, Tensor *target, const Margin *m) {
    Tensor *low = t_amin(c, target, 0, NULL, false);
    Tensor *high = t_amax(c, target, 0, NULL, false);
    if (!low || !high) return false;
    Value least = tensor_item(c, low), most = tensor_item(c, high);
    if (whole(least) >= -1 && whole(most) < m->classes) return true;
    return error_raise(c, RuntimeError, "argument #2 'target' is out of range");
}

static Value multilabel_back_forward(Ctx *c, Call *k) {
    Margin m = {0};
    Tensor *x = call_tensor(k, 1), *target = call_tensor(k, 2);
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    Tensor *t = t_zeros(c, x->ndim, x->sizes, (DType)x->dtype);
    if (!grad || !t || !multilabel_shapes(c, x, target, &m) ||
        !margin_grad_check(c, grad, &m, x) ||
        (x->numel && !(labels_in_range(c, target, &m) &&
                       multilabel_data(c, "multilabel_margin_loss_backward_out_frame",
                                       &x, &target, &m))))
        return value_null();
    if (t->numel)
        kernel_multilabel_margin_backward(
            (DType)t->dtype, &m, call_int(k, 3) == REDUCE_MEAN, tensor_data(x),
            tensor_data(grad), grad->ndim ? 1 : 0, tensor_data(t));
    return call_give(c, k, t);
}
static const OpDef op_multilabel_margin_loss_backward = {
    .schema = "multilabel_margin_loss_backward(Tensor grad_output, Tensor self, Tensor "
              "target, int reduction, Tensor is_target) -> Tensor",
    .doc = "The gradient of multilabel_margin_loss.",
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "target is_target",
    .forward = multilabel_back_forward,
};

static Value multilabel_both_forward(Ctx *c, Call *k) {
    Margin m = {0};
    Tensor *x = call_tensor(k, 0), *target = call_tensor(k, 1);
    int64_t reduction = call_int(k, 2);
    if (!multilabel_shapes(c, x, target, &m) ||
        (x->numel && !(labels_in_range(c, target, &m) &&
                       multilabel_data(c, "multilabel_margin_loss_forward_out_frame",
                                       &x, &target, &m))))
        return value_null();
    bool all = reduction == REDUCE_NONE && target->ndim > 1;
    DType d = (DType)x->dtype;
    Tensor *loss = call_result(c, k, 0, d, all ? 1 : 0, &m.rows);
    Tensor *is_target = t_zeros(c, target->ndim, target->sizes, d);
    if (!loss || !is_target) return value_null();
    if (x->numel)
        kernel_multilabel_margin(d, &m, reduction == REDUCE_MEAN, all, tensor_data(x),
                                 tensor_data(loss), tensor_data(is_target));
    else
        t_zero_(c, loss);
    return return_tuple(c, NULL, 2, (Tensor *[]){loss, is_target});
}
static void multilabel_backward(Ctx *c, Grad *g) {
    if (!g->grad) return;
    grad_set(g, 0,
             op_tensor(c, &op_multilabel_margin_loss_backward,
                       (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                                 arg_tensor(saved_tensor(c, g, 1)), saved_value(g, 2),
                                 arg_tensor(saved_tensor(c, g, 3))}));
}
static const OpDef op_multilabel_margin_loss_forward = {
    .schema = "multilabel_margin_loss_forward(Tensor self, Tensor target, int "
              "reduction) -> (Tensor output, Tensor is_target)",
    .doc = "multilabel_margin_loss, and which classes are targets.",
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self target reduction result1",
    .constants = "target",
    .node = "MultilabelMarginLossBackward0",
    .forward = multilabel_both_forward,
    .backward = multilabel_backward,
};
static Value multilabel_forward(Ctx *c, Call *k) {
    const Tuple *both =
        value_tuple(op_call(c, &op_multilabel_margin_loss_forward, k->args));
    DType d = (DType)call_tensor(k, 0)->dtype;
    if (both && k->form == CALL_OUT &&
        !scalar_type_check(c, d, (DType)k->target[0]->dtype))
        return value_null();
    return both ? both->items[0] : value_null();
}
static const OpDef op_multilabel_margin_loss = {
    .schema = "multilabel_margin_loss(Tensor self, Tensor target, int reduction=Mean) "
              "-> Tensor",
    .doc = "How much classes come near those in target, which ends with -1: both "
           "[n, classes].",
    .forms = OP_NN | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_QUIET,
    .out_name = "multilabel_margin_loss_forward",
    .forward = multilabel_forward,
    .example = "torch._C._nn.multilabel_margin_loss(v[:2], i)",
};

const OpDef *const loss_margin_ops[] = {
    &op_margin_ranking_loss,
    &op_hinge_embedding_loss,
    &op_cosine_embedding_loss,
    &op_triplet_margin_loss,
    &op_multi_margin_loss_backward,
    &op_multi_margin_loss,
    &op_multilabel_margin_loss_backward,
    &op_multilabel_margin_loss_forward,
    &op_multilabel_margin_loss,
    NULL,
};
