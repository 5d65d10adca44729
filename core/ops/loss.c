/* Losses of pairs of elements: l1_loss, mse_loss, smooth_l1_loss, huber_loss; and what
 * the other families of losses share.
 *
 * self, target [...] broadcast -> the loss of each pair, or its mean or sum. Each
 * gradient is an operator of its own; its own gradient is that of the whole sum.
 * Sources: Loss.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "loss.h"

#include "core/kernel/loss.h"
#include "ops.h"

/* ---- shared ---- */

Tensor *loss_reduced(Ctx *c, Tensor *t, int64_t reduction) {
    return reduction == REDUCE_MEAN  ? t_mean(c, t)
           : reduction == REDUCE_SUM ? t_sum(c, t)
                                     : t;
}

Tensor *loss_spread(Ctx *c, Tensor *t, const Tensor *like, int64_t reduction) {
    if (reduction != REDUCE_MEAN || !like) return t;
    return t_div_scalar(c, t, value_int(like->numel));
}

double loss_norm(const Tensor *like, int64_t reduction) {
    return reduction == REDUCE_MEAN ? 1. / (double)like->numel : 1;
}

bool loss_same_dtypes(Ctx *c, int n, Tensor *const *tensors) {
    for (int i = 1; i < n; i++)
        if (!found_dtype_check(c, (DType)tensors[i]->dtype, (DType)tensors[0]->dtype))
            return false;
    return true;
}

bool loss_out_dtype(Ctx *c, const Call *k, Tensor *self) {
    return k->form != CALL_OUT ||
           loss_same_dtypes(c, 2, (Tensor *[]){self, k->target[0]});
}

/* ---- this family ---- */

typedef struct PairKernel {
    Kernel kernel;
    const char *name;
    unsigned refused;
    LossNumbers numbers;
    int line; /* of PyTorch's assertion that it knows the reduction; 0: it has none */
} PairKernel;

/* Makes out= ready for the losses of the pairs, before they are reduced. */
static bool pairs_prepare(Ctx *c, Call *k) {
    if (k->form != CALL_OUT) return true;
    Pointwise p = pointwise_args(c, k, 2, NULL);
    Shape s;
    bool structured = !(k->op->def->traits & OP_UNSTRUCTURED);
    k->buffered = structured && (DType)k->target[0]->dtype != p.compute;
    return pointwise_shape(c, &p, &s) && out_prepare(c, k, 0, p.result, s.ndim, s.dims);
}

static bool reduction_known(Ctx *c, const Call *k, const PairKernel *f, int64_t r) {
    if (!f->line || r == REDUCE_NONE || r == REDUCE_MEAN || r == REDUCE_SUM)
        return true;
    Pointwise p = pointwise_args(c, k, 2, NULL);
    Shape s;
    if (pointwise_shape(c, &p, &s))
        error_raise(c, RuntimeError,
                    "reduction == Reduction::Mean || reduction == Reduction::Sum "
                    "INTERNAL ASSERT FAILED at \"./aten/src/ATen/native/Loss.cpp\":%d, "
                    "please report a bug to PyTorch. ",
                    f->line);
    return false;
}

/* The loss of the first two arguments, reduced as the third one says. */
static Value loss_of_pairs(Ctx *c, Call *k, const PairKernel *f) {
    int64_t reduction = call_int(k, 2);
    if (!pairs_prepare(c, k) || !reduction_known(c, k, f, reduction))
        return value_null();
    Call whole = {.op = k->op, .args = k->args, .form = CALL_NEW};
    Pointwise p = pointwise_args(c, k, 2, f->kernel);
    p.arg = &f->numbers;
    p.name = f->name;
    p.refused = f->refused;
    if (reduction == REDUCE_NONE) return value_obj(pointwise(c, k, &p));
    Tensor *t = loss_reduced(c, pointwise(c, &whole, &p), reduction);
    if (k->form == CALL_OUT && !tensor_resize(c, k->target[0], 0, NULL))
        return value_null();
    return call_give(c, k, t);
}

/* Its gradient, for arguments (grad_output, self, target, ...); target may have another
 * dtype only where PyTorch promotes. */
static Value gradient_of_pairs(Ctx *c, Call *k, const PairKernel *f, bool promotes) {
    Pointwise p = {.kernel = f->kernel,
                   .arg = &f->numbers,
                   .name = f->name,
                   .refused = f->refused,
                   .n = 3,
                   .in = {call_tensor(k, 1), call_tensor(k, 2), call_tensor(k, 0)}};
    if (!promotes && !loss_same_dtypes(c, 3, p.in)) return value_null();
    p.compute = p.result = result_type(c, 3, p.in);
    return value_obj(pointwise(c, k, &p));
}

/* The gradient of the gradient with respect to its inputs, from that of the sum. */
static void set_both(Ctx *c, Grad *g, Tensor *t) {
    if (grad_wanted(g, 1)) grad_set(g, 1, t);
    if (grad_wanted(g, 2)) grad_set(g, 2, t_neg(c, t));
}

/* 1 where a pair is nearer than width, else 0. */
static Tensor *is_near(Ctx *c, Tensor *x, Tensor *y, double width) {
    return t_lt_scalar(c, t_abs(c, t_sub(c, x, y)), value_float(width));
}

/* ---- l1_loss ---- */

static Value l1_forward(Ctx *c, Call *k) {
    Tensor *d = t_abs(c, t_sub(c, call_tensor(k, 0), call_tensor(k, 1)));
    return value_obj(loss_reduced(c, d, call_int(k, 2)));
}
static const OpDef op_l1_loss = {
    .schema = "l1_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
    .doc = "The absolute error of self and target.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = l1_forward,
    .example = "torch._C._nn.l1_loss(m, m)",
};

/* ---- mse_loss ---- */

static Value mse_back_forward(Ctx *c, Call *k) {
    PairKernel f = {.kernel = kernel_mse_backward,
                    .name = "mse_backward_cpu_out",
                    .refused = DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16};
    f.numbers.norm = 2 * loss_norm(call_tensor(k, 1), call_int(k, 3));
    return gradient_of_pairs(c, k, &f, false);
}
static const OpDef op_mse_loss_backward;
static Tensor *mse_back(Ctx *c, Tensor *grad, Tensor *x, Tensor *y, Value reduction) {
    return op_tensor(
        c, &op_mse_loss_backward,
        (Value[]){arg_tensor(grad), arg_tensor(x), arg_tensor(y), reduction});
}
static void mse_back_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 1);
    Tensor *y = saved_tensor(c, g, 2);
    int64_t reduction = saved_int(g, 3);
    if (grad_wanted(g, 0)) {
        Tensor *t = mse_back(c, g->grad, x, y, saved_value(g, 3));
        grad_set(g, 0, reduction == REDUCE_NONE ? t : t_sum(c, t));
    }
    Tensor *t = t_mul_scalar(c, t_mul(c, g->grad, grad), value_int(2));
    set_both(c, g, loss_spread(c, t, x, reduction));
}
static const OpDef op_mse_loss_backward = {
    .schema = "mse_loss_backward(Tensor grad_output, Tensor self, Tensor target, int "
              "reduction) -> Tensor",
    .doc = "The gradient of mse_loss.",
    .saves = "grad_output self target reduction",
    .node = "MseLossBackwardBackward0",
    .forward = mse_back_forward,
    .backward = mse_back_backward,
};

/* (self - target)^2 */
static Value mse_forward(Ctx *c, Call *k) {
    static const char key;
    Tensor *in[2] = {call_tensor(k, 0), call_tensor(k, 1)};
    Pointwise p = pointwise_args(c, k, 2, NULL);
    Shape s;
    if (!pointwise_shape(c, &p, &s) || !pairs_prepare(c, k)) return value_null();
    if (result_type(c, 2, in) == DT_float16)
        warn_once(
            c, &key, UserWarning,
            "Applying the CPU mse kernel on half-type tensors. This may be slower "
            "than using float or double-type tensors.");
    return loss_of_pairs(c, k,
                         &(PairKernel){.kernel = kernel_mse,
                                       .name = "mse_cpu",
                                       .refused = DTYPES_INTEGRAL | DTYPES_BFLOAT16,
                                       .line = 50});
}
static void mse_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Value reduction = saved_value(g, 2);
    if (grad_wanted(g, 0)) grad_set(g, 0, mse_back(c, g->grad, x, y, reduction));
    if (grad_wanted(g, 1)) grad_set(g, 1, mse_back(c, g->grad, y, x, reduction));
}
static const OpDef op_mse_loss = {
    .schema = "mse_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor",
    .doc = "The squared error of self and target.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target reduction",
    .forward = mse_forward,
    .backward = mse_backward,
    .example = "torch._C._nn.mse_loss(m, m)",
};

/* ---- smooth_l1_loss ---- */

static Value smooth_l1_back_forward(Ctx *c, Call *k) {
    PairKernel f = {.kernel = kernel_smooth_l1_backward,
                    .name = "smooth_l1_backward_cpu_out",
                    .refused = DTYPES_INTEGRAL | DTYPES_HALF,
                    .numbers = {.width = call_float(k, 4)}};
    f.numbers.norm = loss_norm(call_tensor(k, 1), call_int(k, 3));
    return gradient_of_pairs(c, k, &f, true);
}
static const OpDef op_smooth_l1_loss_backward;
static Tensor *smooth_l1_back(Ctx *c, Tensor *grad, Tensor *x, Tensor *y,
                              Value reduction, Value beta) {
    return op_tensor(
        c, &op_smooth_l1_loss_backward,
        (Value[]){arg_tensor(grad), arg_tensor(x), arg_tensor(y), reduction, beta});
}
static void smooth_l1_back_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 1);
    Tensor *y = saved_tensor(c, g, 2);
    int64_t reduction = saved_int(g, 3);
    double beta = saved_float(g, 4);
    if (grad_wanted(g, 0)) {
        Tensor *t =
            smooth_l1_back(c, g->grad, x, y, saved_value(g, 3), saved_value(g, 4));
        grad_set(g, 0, reduction == REDUCE_NONE ? t : t_sum(c, t));
    }
    Tensor *t = t_mul(c, g->grad, grad);
    if (beta == 0) {
        set_both(c, g, t_zeros_like(c, t));
    } else if (t) {
        t = t_mul(c, t, t_to_dtype(c, is_near(c, x, y, beta), (DType)t->dtype));
        t = t_div_scalar(c, t, value_float(beta));
        set_both(c, g, loss_spread(c, t, x, reduction));
    }
}
static const OpDef op_smooth_l1_loss_backward = {
    .schema = "smooth_l1_loss_backward(Tensor grad_output, Tensor self, Tensor target, "
              "int reduction, float beta) -> Tensor",
    .doc = "The gradient of smooth_l1_loss.",
    .saves = "grad_output self target reduction beta",
    .node = "SmoothL1LossBackwardBackward0",
    .forward = smooth_l1_back_forward,
    .backward = smooth_l1_back_backward,
};

static Value smooth_l1_forward(Ctx *c, Call *k) {
    double beta = call_float(k, 3);
    if (!(beta >= 0))
        return value_raise(c, RuntimeError,
                           "smooth_l1_loss does not support negative values for beta.");
    return loss_of_pairs(c, k,
                         &(PairKernel){.kernel = kernel_smooth_l1,
                                       .name = "smooth_l1_cpu",
                                       .refused = DTYPES_INTEGRAL,
                                       .numbers = {.width = beta},
                                       .line = 39});
}
static void smooth_l1_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Value reduction = saved_value(g, 2), beta = saved_value(g, 3);
    if (grad_wanted(g, 0))
        grad_set(g, 0, smooth_l1_back(c, g->grad, x, y, reduction, beta));
    if (grad_wanted(g, 1))
        grad_set(g, 1, smooth_l1_back(c, g->grad, y, x, reduction, beta));
}
static const OpDef op_smooth_l1_loss = {
    .schema = "smooth_l1_loss(Tensor self, Tensor target, int reduction=Mean, float "
              "beta=1.0) "
              "-> Tensor",
    .doc = "Squared error below beta, absolute error above.",
    .forms = OP_NN | OP_OUT,
    .saves = "self target reduction beta",
    .node = "SmoothL1LossBackward0",
    .forward = smooth_l1_forward,
    .backward = smooth_l1_backward,
    .example = "torch._C._nn.smooth_l1_loss(m, m)",
};

/* ---- huber_loss ---- */

static Value huber_back_forward(Ctx *c, Call *k) {
    PairKernel f = {.kernel = kernel_huber_backward,
                    .name = "huber_backward_cpu_out",
                    .refused = DTYPES_INTEGRAL,
                    .numbers = {.width = call_float(k, 4)}};
    f.numbers.norm = loss_norm(call_tensor(k, 1), call_int(k, 3));
    return gradient_of_pairs(c, k, &f, false);
}
static const OpDef op_huber_loss_backward;
static Tensor *huber_back(Ctx *c, Tensor *grad, Tensor *x, Tensor *y, Value reduction,
                          Value delta) {
    return op_tensor(
        c, &op_huber_loss_backward,
        (Value[]){arg_tensor(grad), arg_tensor(x), arg_tensor(y), reduction, delta});
}
static void huber_back_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 1);
    Tensor *y = saved_tensor(c, g, 2);
    int64_t reduction = saved_int(g, 3);
    if (grad_wanted(g, 0)) {
        bool none = reduction == REDUCE_NONE;
        Tensor *t = huber_back(c, none ? g->grad : t_ones_like(c, grad), x, y,
                               saved_value(g, 3), saved_value(g, 4));
        grad_set(g, 0, none ? t : t_sum(c, t_mul(c, t, g->grad)));
    }
    Tensor *near = is_near(c, x, y, saved_float(g, 4));
    Tensor *t = t_mul(c, t_mul(c, g->grad, grad), near);
    set_both(c, g, loss_spread(c, t, x, reduction));
}
static const OpDef op_huber_loss_backward = {
    .schema = "huber_loss_backward(Tensor grad_output, Tensor self, Tensor target, int "
              "reduction, float delta) -> Tensor",
    .doc = "The gradient of huber_loss.",
    .saves = "grad_output self target reduction delta",
    .node = "HuberLossBackwardBackward0",
    .forward = huber_back_forward,
    .backward = huber_back_backward,
};

/* PyTorch computes into a tensor like self, of another shape where it broadcasts. */
static bool huber_check(Ctx *c, Call *k) {
    Pointwise p = pointwise_args(c, k, 2, NULL);
    const Tensor *self = p.in[0];
    Shape s;
    if (k->form == CALL_OUT) return true;
    if (!pointwise_shape(c, &p, &s)) return false;
    if (cast_check(c, p.compute, (DType)self->dtype) && self->numel &&
        !shape_equal(s.ndim, s.dims, self->ndim, self->sizes))
        warn_resized(c, self->ndim, self->sizes, s.ndim, s.dims);
    return !ctx_failed(c);
}

/* The result has the dtype of self, whatever target has. */
static Value huber_forward(Ctx *c, Call *k) {
    double delta = call_float(k, 3);
    if (!(delta > 0))
        return value_raise(
            c, RuntimeError,
            "huber_loss does not support non-positive values for delta.");
    if (!huber_check(c, k)) return value_null();
    Value v = loss_of_pairs(c, k,
                            &(PairKernel){.kernel = kernel_huber,
                                          .name = "huber_cpu",
                                          .refused = DTYPES_INTEGRAL,
                                          .numbers = {.width = delta}});
    Tensor *t = value_tensor(v);
    if (!t || k->form == CALL_OUT) return v;
    return value_obj(t_to_dtype(c, t, (DType)call_tensor(k, 0)->dtype));
}
static void huber_backward(Ctx *c, Grad *g) {
    Tensor *x = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1);
    Value reduction = saved_value(g, 2), delta = saved_value(g, 3);
    if (grad_wanted(g, 0))
        grad_set(g, 0, huber_back(c, g->grad, x, y, reduction, delta));
    if (grad_wanted(g, 1))
        grad_set(g, 1, huber_back(c, g->grad, y, x, reduction, delta));
}
static const OpDef op_huber_loss = {
    .schema = "huber_loss(Tensor self, Tensor target, int reduction=Mean, float "
              "delta=1.0) -> "
              "Tensor",
    .doc = "Squared error below delta, absolute error above, joined smoothly.",
    .forms = OP_NN | OP_OUT,
    .traits = OP_UNSTRUCTURED,
    .saves = "self target reduction delta",
    .forward = huber_forward,
    .backward = huber_backward,
    .example = "torch._C._nn.huber_loss(m, m)",
};

const OpDef *const loss_ops[] = {
    &op_mse_loss_backward, &op_mse_loss,
    &op_l1_loss,           &op_smooth_l1_loss_backward,
    &op_smooth_l1_loss,    &op_huber_loss_backward,
    &op_huber_loss,        NULL,
};
