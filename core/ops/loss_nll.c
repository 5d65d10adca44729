/* Losses of classes: nll_loss of any rank and cross_entropy_loss.
 *
 * self [n, classes, ...] or [classes], target [n, ...] of classes -> minus the elements
 * of the target classes, times the weights of these [classes]; or their mean, weighed,
 * or their sum. Targets equal to ignore_index count nothing.
 * Sources: LossNLL.cpp, LossNLL2d.cpp, derivatives.yaml. */
#include "loss.h"

#include "core/kernel/nll.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>

enum { NLL_REFUSED = DTYPES_INTEGRAL | DTYPES_HALF };

/* The arguments of the four operators below, checked. */
typedef struct NllCall {
    DType d;
    bool image; /* nll_loss2d */
    Tensor *x, *target, *weight;
    int64_t reduction, ignore;
    Nll n;
} NllCall;

/* ---- checks ---- */

static bool check_rows(Ctx *c, const NllCall *q) {
    const Tensor *x = q->x, *t = q->target, *w = q->weight;
    if (x->ndim < 1 || x->ndim > 2)
        error_raise(c, RuntimeError, "input tensor should be 1D or 2D");
    else if (t->ndim > 1)
        error_raise(c, RuntimeError,
                    "0D or 1D target tensor expected, multi-target not supported");
    else if (t->ndim == 0 && x->ndim == 2)
        return shape_size_dim(c, 0, 0) >= 0;
    else if (t->ndim && x->sizes[0] != t->sizes[0])
        error_raise(c, RuntimeError, "size mismatch (got input: %s, target: %s)",
                    shape_text(c, x), shape_text(c, t));
    else if (w && (w->ndim != 1 || w->numel != x->sizes[x->ndim - 1]))
        error_raise(c, RuntimeError,
                    "weight tensor should be defined either for all %" PRId64
                    " classes or no classes but got weight tensor of shape: %s",
                    x->sizes[x->ndim - 1], shape_text(c, w));
    return !ctx_failed(c);
}

static bool check_images(Ctx *c, const NllCall *q) {
    const Tensor *x = q->x, *t = q->target;
    if (t->ndim != 3)
        error_raise(c, RuntimeError,
                    "only batches of spatial targets supported (3D tensors) but got "
                    "targets of dimension: %d",
                    t->ndim);
    else if (x->ndim != 4)
        error_raise(c, RuntimeError,
                    "only batches of spatial inputs supported (4D tensors), but got "
                    "input of dimension: %d",
                    x->ndim);
    else if (q->weight && q->weight->numel != x->sizes[1])
        error_raise(c, RuntimeError,
                    "weight tensor should be defined either for all or no classes");
    else if (x->sizes[0] != t->sizes[0] || x->sizes[2] != t->sizes[1] ||
             x->sizes[3] != t->sizes[2])
        error_raise(c, RuntimeError, "size mismatch (got input: %s , target: %s",
                    shape_text(c, x), shape_text(c, t));
    return !ctx_failed(c);
}

/* Whether there is a loss for each target. */
static bool gives_all(const NllCall *q) {
    return q->reduction == REDUCE_NONE && q->x->ndim != 1;
}

/* Of images, PyTorch looks at out= where it begins to read and write. */
static bool check_out(Ctx *c, const Call *k, const NllCall *q, bool all) {
    if (k->form != CALL_OUT || !q->image || gives_all(q) != all) return true;
    return scalar_type_check(c, q->d, (DType)k->target[0]->dtype);
}

static bool check_dtypes(Ctx *c, const NllCall *q, const char *name) {
    DType t = (DType)q->target->dtype;
    if (dtype_refused(c, name, NLL_REFUSED, q->d)) return false;
    bool bytes = t == DT_uint8 && !q->image;
    return (bytes || scalar_type_check(c, DT_int64, t)) &&
           (!q->weight || scalar_type_check(c, q->d, (DType)q->weight->dtype));
}

static bool check_targets(Ctx *c, const Nll *n) {
    for (int64_t i = 0; i < n->batch * n->inner; i++) {
        int64_t t = n->target[i];
        if (t == n->ignore || (t >= 0 && t < n->classes)) continue;
        error_raise(c, IndexError, "Target %" PRId64 " is out of bounds.", t);
        return false;
    }
    return true;
}

/* Arguments self, target, weight, reduction, ignore_index, from number `first` on;
 * their shapes fit. */
static bool nll_take(Ctx *c, const Call *k, int first, bool image, NllCall *q) {
    q->image = image;
    q->x = call_tensor(k, first);
    q->target = call_tensor(k, first + 1);
    q->weight = call_tensor(k, first + 2);
    q->reduction = call_int(k, first + 3);
    q->ignore = call_int(k, first + 4);
    q->d = (DType)q->x->dtype;
    return image ? check_images(c, q) : check_rows(c, q);
}

/* The same ready for kernels. */
static bool nll_ready(Ctx *c, NllCall *q) {
    const Tensor *x = q->x = t_contiguous(c, q->x);
    q->target = t_contiguous(c, t_to_dtype(c, q->target, DT_int64));
    if (q->weight) q->weight = t_contiguous(c, q->weight);
    if (ctx_failed(c)) return false;
    q->n = (Nll){.batch = x->ndim == 1 ? 1 : x->sizes[0],
                 .classes = x->sizes[x->ndim == 1 ? 0 : 1],
                 .inner = q->image ? x->sizes[2] * x->sizes[3] : 1,
                 .target = tensor_data(q->target),
                 .ignore = q->ignore,
                 .weight = q->weight ? tensor_data(q->weight) : NULL};
    return check_targets(c, &q->n);
}

/* ---- nll_loss, nll_loss2d ---- */

static Value nll_both(Ctx *c, Call *k, bool image) {
    NllCall q;
    const char *name = image ? "nll_loss2d_forward_out_frame" : "nll_loss_out_frame";
    if (!nll_take(c, k, 0, image, &q)) return value_null();
    bool all = gives_all(&q);
    int ndim = all ? q.target->ndim : 0;
    if (image && dtype_refused(c, name, NLL_REFUSED, q.d)) return value_null();
    if (!out_prepare(c, k, 0, q.d, ndim, q.target->sizes) ||
        !out_prepare(c, k, 1, q.d, 0, NULL) || !check_out(c, k, &q, true) ||
        !check_dtypes(c, &q, name) || !check_out(c, k, &q, false) || !nll_ready(c, &q))
        return value_null();
    Tensor *loss = call_result(c, k, 0, q.d, ndim, q.target->sizes);
    Tensor *total = t_zeros(c, 0, NULL, q.d);
    if (!loss || !total) return value_null();
    if (all)
        kernel_nll(q.d, &q.n, tensor_data(q.x), tensor_data(loss));
    else
        kernel_nll_sum(q.d, &q.n, q.reduction == REDUCE_MEAN, tensor_data(q.x),
                       tensor_data(loss), tensor_data(total));
    return return_tuple(c, NULL, 2, (Tensor *[]){loss, total});
}

static Value nll_back_both(Ctx *c, Call *k, bool image) {
    NllCall q;
    const char *name =
        image ? "nll_loss2d_backward_out_frame" : "nll_loss_backward_out_frame";
    if (!nll_take(c, k, 1, image, &q) || !check_dtypes(c, &q, name) ||
        !nll_ready(c, &q))
        return value_null();
    Tensor *grad = t_contiguous(c, t_to_dtype(c, call_tensor(k, 0), q.d));
    Tensor *total = call_tensor(k, 6);
    Tensor *t = t_zeros(c, q.x->ndim, q.x->sizes, q.d);
    bool all = gives_all(&q);
    if (!grad || !t ||
        !saved_check(c, grad, q.d, all ? q.target->ndim : 0, q.target->sizes) ||
        !saved_check(c, total, q.d, 0, NULL))
        return value_null();
    if (all)
        kernel_nll_backward(q.d, &q.n, tensor_data(grad), tensor_data(t));
    else
        kernel_nll_sum_backward(q.d, &q.n, tensor_data(grad),
                                q.reduction == REDUCE_MEAN ? tensor_data(total) : NULL,
                                tensor_data(t));
    return call_give(c, k, t);
}

/* The gradient of op, whose saves are self, target, weight, reduction, ignore_index and
 * the sum of the weights. */
static void nll_gradient(Ctx *c, Grad *g, const OpDef *op) {
    if (!g->grad) return;
    grad_set(
        g, 0,
        op_tensor(c, op,
                  (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                            arg_tensor(saved_tensor(c, g, 1)),
                            arg_tensor(saved_tensor(c, g, 2)), saved_value(g, 3),
                            saved_value(g, 4), arg_tensor(saved_tensor(c, g, 5))}));
}
/* The gradient of that is the loss itself, of the gradient that came; and zero. */
static void nll_second(Ctx *c, Grad *g, const OpDef *loss) {
    Value args[5] = {arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                     arg_tensor(saved_tensor(c, g, 1)), saved_value(g, 2),
                     saved_value(g, 3)};
    if (grad_wanted(g, 0)) grad_set(g, 0, op_tensor(c, loss, args));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}
static const OpDef op_nll_loss, op_nll_loss2d;

static Value nll_back_forward(Ctx *c, Call *k) {
    return nll_back_both(c, k, false);
}
static void nll_back_backward(Ctx *c, Grad *g) {
    nll_second(c, g, &op_nll_loss);
}
static const OpDef op_nll_loss_backward = {
    .schema = "nll_loss_backward(Tensor grad_output, Tensor self, Tensor target, "
              "Tensor? weight, int reduction, SymInt ignore_index, Tensor "
              "total_weight) -> Tensor",
    .doc = "The gradient of nll_loss.",
    .saves = "target weight reduction ignore_index",
    .constants = "target weight total_weight",
    .node = "NllLossBackwardBackward0",
    .forward = nll_back_forward,
    .backward = nll_back_backward,
};
static Value nll_both_forward(Ctx *c, Call *k) {
    return nll_both(c, k, false);
}
static void nll_backward(Ctx *c, Grad *g) {
    nll_gradient(c, g, &op_nll_loss_backward);
}
static const OpDef op_nll_loss_forward = {
    .schema = "nll_loss_forward(Tensor self, Tensor target, Tensor? weight, int "
              "reduction, SymInt ignore_index) -> (Tensor output, Tensor total_weight)",
    .doc = "nll_loss, and the sum of the weights of the targets.",
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "self target weight reduction ignore_index result1",
    .constants = "target weight!",
    .node = "NllLossBackward0",
    .forward = nll_both_forward,
    .backward = nll_backward,
};
static Value nll_forward(Ctx *c, Call *k) {
    DType d = (DType)call_tensor(k, 0)->dtype;
    return first_result(call_wider(c, k, &op_nll_loss_forward, k->args, 2, d));
}
static const OpDef op_nll_loss = {
    .schema =
        "nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=Mean, "
        "int ignore_index=-100) -> Tensor",
    .doc = "Minus the log-probabilities of the target classes.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = nll_forward,
    .example = "torch._C._nn.nll_loss(m, i)",
};

static Value nll2d_back_forward(Ctx *c, Call *k) {
    return nll_back_both(c, k, true);
}
static void nll2d_back_backward(Ctx *c, Grad *g) {
    nll_second(c, g, &op_nll_loss2d);
}
static const OpDef op_nll_loss2d_backward = {
    .schema = "nll_loss2d_backward(Tensor grad_output, Tensor self, Tensor target, "
              "Tensor? weight, int reduction, SymInt ignore_index, Tensor "
              "total_weight) -> Tensor",
    .doc = "The gradient of nll_loss2d.",
    .saves = "target weight reduction ignore_index",
    .constants = "target weight total_weight",
    .node = "NllLoss2DBackwardBackward0",
    .forward = nll2d_back_forward,
    .backward = nll2d_back_backward,
};
static Value nll2d_both_forward(Ctx *c, Call *k) {
    return nll_both(c, k, true);
}
static void nll2d_backward(Ctx *c, Grad *g) {
    nll_gradient(c, g, &op_nll_loss2d_backward);
}
static const OpDef op_nll_loss2d_forward = {
    .schema = "nll_loss2d_forward(Tensor self, Tensor target, Tensor? weight, int "
              "reduction, SymInt ignore_index) -> (Tensor output, Tensor total_weight)",
    .doc = "nll_loss2d, and the sum of the weights of the targets.",
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self target weight reduction ignore_index result1",
    .constants = "target weight!",
    .node = "NllLoss2DBackward0",
    .forward = nll2d_both_forward,
    .backward = nll2d_backward,
};
static Value nll2d_forward(Ctx *c, Call *k) {
    DType d = (DType)call_tensor(k, 0)->dtype;
    return first_result(call_wider(c, k, &op_nll_loss2d_forward, k->args, 2, d));
}
static const OpDef op_nll_loss2d = {
    .schema = "nll_loss2d(Tensor self, Tensor target, Tensor? weight=None, int "
              "reduction=Mean, "
              "int ignore_index=-100) -> Tensor",
    .doc = "nll_loss of images: self [n, classes, h, w], target [n, h, w].",
    .forms = OP_NN | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = nll2d_forward,
    .example = "torch._C._nn.nll_loss2d(x.reshape(1, 4, 2, 2), i.expand(1, 2, 2))",
};

/* ---- nll_loss_nd ---- */

static bool check_batch(Ctx *c, const Tensor *x, const Tensor *t) {
    int64_t batch = t->ndim ? t->sizes[0] : 0;
    if (x->ndim < 1)
        error_raise(c, ValueError, "Expected 1 or more dimensions (got 0)");
    else if (x->ndim != 1 && x->sizes[0] != batch)
        error_raise(c, ValueError,
                    "Expected input batch_size (%" PRId64
                    ") to match target batch_size (%" PRId64 ").",
                    x->sizes[0], batch);
    return !ctx_failed(c);
}

/* The sizes [n, ...] that the targets of x [n, classes, ...] have. */
static bool spatial_sizes(Ctx *c, const Tensor *x, const Tensor *t, Shape *s) {
    s->ndim = x->ndim - 1;
    s->dims[0] = x->sizes[0];
    for (int i = 1; i < s->ndim; i++) s->dims[i] = x->sizes[i + 1];
    bool same = t->ndim == s->ndim;
    for (int i = 1; same && i < s->ndim; i++) same = t->sizes[i] == s->dims[i];
    if (same) return true;
    Tensor *wanted = tensor_make(c, DT_bool, s->ndim, s->dims);
    if (wanted)
        error_raise(c, RuntimeError, "Expected target size %s, got %s",
                    shape_text(c, wanted), shape_text(c, t));
    return false;
}

/* Rank 3, or more than 4: as an image of one row. */
static Value nll_flat(Ctx *c, const Value *args) {
    Tensor *x = value_tensor(args[0]), *t = value_tensor(args[1]);
    Shape s;
    if (!spatial_sizes(c, x, t, &s)) return value_null();
    int64_t n = x->sizes[0], inner = n ? t->numel / n : 0;
    int64_t x_sizes[4] = {n, x->sizes[1], x->numel ? 1 : 0, x->numel ? inner : 0};
    int64_t t_sizes[3] = {n, t->numel ? 1 : 0, t->numel ? inner : 0};
    Value flat[5] = {arg_tensor(t_view(c, t_contiguous(c, x), 4, x_sizes)),
                     arg_tensor(t_view(c, t_contiguous(c, t), 3, t_sizes)), args[2],
                     args[3], args[4]};
    Tensor *loss = op_tensor(c, &op_nll_loss2d, flat);
    if (loss && args[3].as.i == REDUCE_NONE) loss = t_view(c, loss, s.ndim, s.dims);
    return value_obj(loss);
}

static Value nll_nd(Ctx *c, const Value *args) {
    const Tensor *x = value_tensor(args[0]), *t = value_tensor(args[1]);
    if (ctx_failed(c) || !check_batch(c, x, t)) return value_null();
    if (x->ndim < 3) return op_call(c, &op_nll_loss, args);
    return x->ndim == 4 ? op_call(c, &op_nll_loss2d, args) : nll_flat(c, args);
}
static Value nll_nd_forward(Ctx *c, Call *k) {
    return nll_nd(c, k->args);
}
static const OpDef op_nll_loss_nd = {
    .schema = "nll_loss_nd(Tensor self, Tensor target, Tensor? weight=None, int "
              "reduction=Mean, "
              "int ignore_index=-100) -> Tensor",
    .doc = "nll_loss of any rank: self [n, classes, ...], target [n, ...].",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = nll_nd_forward,
};

/* ---- cross_entropy_loss ---- */

static bool check_smoothing(Ctx *c, double smoothing) {
    if (smoothing <= 1) return true;
    error_raise(c, RuntimeError, "label_smoothing must be between 0.0 and 1.0. Got: %g",
                smoothing);
    return false;
}

/* t times weight [classes], along class_dim. */
static Tensor *weigh_classes(Ctx *c, Tensor *t, Tensor *weight, int class_dim) {
    int64_t sizes[MAX_DIMS];
    if (!t || !weight) return t;
    for (int i = 0; i < t->ndim; i++) sizes[i] = i == class_dim ? weight->sizes[0] : 1;
    return t_mul(c, t, t_view(c, weight, t->ndim, sizes));
}

static bool check_class_weight(Ctx *c, const Tensor *w, int64_t classes) {
    if (!w || (w->ndim == 1 && w->numel == classes)) return true;
    error_raise(c, RuntimeError,
                "cross_entropy: weight tensor should be defined either for all %" PRId64
                " classes or no classes but got weight tensor of shape: %s",
                classes, shape_text(c, w));
    return false;
}

/* Targets that are probabilities: -sum(log_softmax * target). */
static Tensor *soft_targets(Ctx *c, const Call *k, int class_dim) {
    Tensor *x = call_tensor(k, 0), *target = call_tensor(k, 1);
    Tensor *weight = call_tensor(k, 2);
    int64_t reduction = call_int(k, 3), dim = class_dim;
    double smoothing = call_float(k, 5);
    int64_t classes = x->ndim ? x->sizes[class_dim] : 1;
    if (x->ndim == 0 && shape_size_dim(c, 1, 0) < 0) return NULL;
    if (!check_class_weight(c, weight, classes)) return NULL;
    Tensor *logs = t_log_softmax(c, x, class_dim);
    if (smoothing > 0) {
        if (!check_smoothing(c, smoothing)) return NULL;
        target = t_mul_scalar(c, target, value_float(1 - smoothing));
        target = t_add_scalar(c, target, value_float(smoothing / (double)classes));
    }
    Tensor *t = weigh_classes(c, t_mul(c, logs, target), weight, class_dim);
    if (reduction == REDUCE_NONE) return t_neg(c, t_sum_dims(c, t, 1, &dim, false));
    t = t_neg(c, t_sum(c, t));
    if (reduction == REDUCE_SUM) return t;
    if (x->numel == 0) return t_fill_(c, t, tensor_wrap_number(c, value_float(NAN)));
    return t_div_scalar(c, t, value_int(x->numel / classes));
}

/* The weights of the targets that count; [m]. */
static Tensor *kept_weights(Ctx *c, Tensor *weight, Tensor *target, Tensor *kept) {
    return t_gather(c, weight, 0, t_masked_select(c, target, kept));
}

/* What of the loss is spread over all classes, reduced. */
static Tensor *uniform_loss(Ctx *c, const Call *k, Tensor *logs, int class_dim) {
    Tensor *target = call_tensor(k, 1), *weight = call_tensor(k, 2);
    int64_t dim = class_dim, reduction = call_int(k, 3);
    Tensor *t = weigh_classes(c, logs, weight, class_dim);
    t = t_neg(c, t_sum_dims(c, t, 1, &dim, false));
    Tensor *ignored = t_eq_scalar(c, target, k->args[4]);
    if (!t || !ignored) return NULL;
    Tuple *index = pool_add(c, tuple_new(c, NULL, 1, (Value[]){value_obj(ignored)}));
    if (!index) return NULL;
    Tensor *zero = t_zeros(c, 0, NULL, (DType)t->dtype);
    t = t->ndim ? t_index_put_(c, t, value_obj(index), zero, false)
                : t_masked_fill_(c, t, ignored, zero);
    if (reduction != REDUCE_MEAN) return loss_reduced(c, t, reduction);
    Tensor *kept = t_logical_not(c, ignored);
    if (!weight) return t_mean(c, t_masked_select(c, t, kept));
    return t_div(c, t_sum(c, t), t_sum(c, kept_weights(c, weight, target, kept)));
}

/* Classes as targets, with some of the loss spread over all classes. */
static Tensor *smoothed(Ctx *c, const Call *k, int class_dim) {
    Tensor *x = call_tensor(k, 0);
    double smoothing = call_float(k, 5);
    if (!check_smoothing(c, smoothing)) return NULL;
    Tensor *logs = t_log_softmax(c, x, class_dim);
    if (!logs) return NULL;
    Value args[5] = {arg_tensor(logs), k->args[1], k->args[2], k->args[3], k->args[4]};
    Tensor *nll = value_tensor(nll_nd(c, args));
    Tensor *uniform = nll ? uniform_loss(c, k, logs, class_dim) : NULL;
    double share = smoothing / (double)logs->sizes[class_dim];
    return t_add(c, t_mul_scalar(c, nll, value_float(1 - smoothing)),
                 t_mul_scalar(c, uniform, value_float(share)));
}

static bool check_soft_target(Ctx *c, const Call *k) {
    DType d = (DType)call_tensor(k, 1)->dtype;
    if (!dtype_is_floating(d))
        error_raise(c, RuntimeError,
                    "Expected floating point type for target with class probabilities, "
                    "got %s",
                    dtype_scalar_name(d));
    else if (call_int(k, 4) >= 0)
        error_raise(c, RuntimeError,
                    "ignore_index is not supported for floating point target");
    return !ctx_failed(c);
}

static Value cross_entropy_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0);
    int class_dim = x->ndim == 1 ? 0 : 1;
    if (tensor_same_sizes(x, call_tensor(k, 1)))
        return check_soft_target(c, k) ? value_obj(soft_targets(c, k, class_dim))
                                       : value_null();
    if (call_float(k, 5) > 0) return value_obj(smoothed(c, k, class_dim));
    Tensor *logs = t_log_softmax(c, x, class_dim);
    return nll_nd(
        c, (Value[]){arg_tensor(logs), k->args[1], k->args[2], k->args[3], k->args[4]});
}
static const OpDef op_cross_entropy_loss = {
    .schema =
        "cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int "
        "reduction=Mean, int ignore_index=-100, float label_smoothing=0.0) -> Tensor",
    .doc = "nll_loss of log_softmax; targets are classes or probabilities.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = cross_entropy_forward,
};

const OpDef *const loss_nll_ops[] = {
    &op_nll_loss_backward,   &op_nll_loss_forward,   &op_nll_loss,
    &op_nll_loss2d_backward, &op_nll_loss2d_forward, &op_nll_loss2d,
    &op_nll_loss_nd,         &op_cross_entropy_loss, NULL,
};
