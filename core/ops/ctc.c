/* ctc_loss: the loss of sequences of unknown alignment.
 *
 * log_probs [time, n, labels] or [time, labels], targets [n, longest] or one after
 * another [sum of lengths] -> [n], or their sum, or the mean over samples of the loss
 * divided by the length of the target. The gradient has no derivative.
 * Source: LossCTC.cpp. */
#include "core/kernel/ctc.h"
#include "core/pointwise.h"
#include "loss.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>

typedef struct CtcCall {
    Tensor *probs, *targets;
    int64_t *times, *lengths; /* of each sample: of the input, of the target */
    int64_t n, labels, blank, longest;
} CtcCall;

/* ---- checks ---- */

/* A list of n ints as memory of the pool; NULL after raising. */
static int64_t *lengths_of(Ctx *c, const Call *k, int i, int64_t n, const char *name) {
    const Value *items;
    size_t count;
    if (!value_items(k->args[i], &items, &count) || (int64_t)count != n)
        return error_raise(c, RuntimeError, "%s must be of size batch_size", name);
    Tensor *t = tensor_make(c, DT_int64, 1, &n);
    if (!t) return NULL;
    int64_t *out = tensor_data(t);
    for (size_t j = 0; j < count; j++) out[j] = items[j].as.i < 0 ? 0 : items[j].as.i;
    return out;
}

static bool check_ranks(Ctx *c, const Tensor *probs, const Tensor *targets) {
    if (targets->dtype != DT_int64 && targets->dtype != DT_int32)
        error_raise(c, RuntimeError,
                    "Expected tensor for argument #2 'targets' to have scalar type "
                    "Int; but got %s instead (while checking arguments for "
                    "ctc_loss_cpu)",
                    tensor_cpp_type(targets));
    else if (probs->ndim != 3)
        error_raise(c, RuntimeError,
                    "Expected 3-dimensional tensor, but got %d-dimensional tensor for "
                    "argument #1 'log_probs' (while checking arguments for "
                    "ctc_loss_cpu)",
                    probs->ndim);
    else if (targets->ndim < 1 || targets->ndim > 2)
        error_raise(c, RuntimeError,
                    "Expected 1 to 2 dimensions, but got %d-dimensional tensor for "
                    "argument #2 'targets' (while checking arguments for ctc_loss_cpu)",
                    targets->ndim);
    return !ctx_failed(c);
}

static bool wrong_target_size(Ctx *c, bool at_least, int64_t want, int dim,
                              int64_t got) {
    error_raise(
        c, RuntimeError,
        "Expected tensor to have size %s%" PRId64
        " at dimension %d, but got size %" PRId64
        " for argument #2 'targets' (while checking arguments for ctc_loss_cpu)",
        at_least ? "at least " : "", want, dim, got);
    return false;
}
static bool check_target_sizes(Ctx *c, const CtcCall *q) {
    const Tensor *t = q->targets;
    int64_t sum = 0, first = t->sizes[0];
    for (int64_t i = 0; i < q->n; i++)
        if (__builtin_add_overflow(sum, q->lengths[i], &sum)) sum = INT64_MAX;
    if (t->ndim == 1) return first == sum || wrong_target_size(c, false, sum, 0, first);
    if (first != q->n) return wrong_target_size(c, false, q->n, 0, first);
    return t->sizes[1] >= q->longest ||
           wrong_target_size(c, true, q->longest, 1, t->sizes[1]);
}

static bool check_times(Ctx *c, const CtcCall *q) {
    for (int64_t i = 0; i < q->n; i++) {
        if (q->times[i] <= q->probs->sizes[0]) continue;
        error_raise(c, RuntimeError,
                    "Expected input_lengths to have value at most %" PRId64
                    ", but got value %" PRId64
                    " (while checking arguments for ctc_loss_cpu)",
                    q->probs->sizes[0], q->times[i]);
        return false;
    }
    return true;
}

/* PyTorch reads beside its arrays when a label is too large. */
static bool check_labels(Ctx *c, const CtcCall *q) {
    const int64_t *label = tensor_data(q->targets);
    for (int64_t i = 0; i < q->targets->numel; i++) {
        if (label[i] >= 0 && label[i] < q->labels) continue;
        error_raise(c, RuntimeError,
                    "ctc_loss: target label %" PRId64 " is out of range of %" PRId64
                    " labels",
                    label[i], q->labels);
        return false;
    }
    return true;
}

/* Arguments log_probs, targets, input_lengths, target_lengths from number `first` on,
 * blank as number `blank`. */
static bool ctc_call(Ctx *c, const Call *k, int first, int blank, CtcCall *q) {
    Tensor *probs = call_tensor(k, first), *targets = call_tensor(k, first + 1);
    DType d = (DType)probs->dtype;
    if (dtype_refused(c, "ctc_loss_cpu",
                      DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16, d) ||
        !check_ranks(c, probs, targets))
        return false;
    q->n = probs->sizes[1];
    q->labels = probs->sizes[2];
    q->blank = call_int(k, blank);
    q->longest = 0;
    if (q->blank < 0 || q->blank >= q->labels) {
        error_raise(c, RuntimeError, "blank must be in label range");
        return false;
    }
    q->times = lengths_of(c, k, first + 2, q->n, "input_lengths");
    if (q->times) q->lengths = lengths_of(c, k, first + 3, q->n, "target_lengths");
    q->probs = t_contiguous(c, probs);
    q->targets = t_contiguous(c, t_to_dtype(c, targets, DT_int64));
    if (ctx_failed(c)) return false;
    for (int64_t i = 0; i < q->n; i++)
        if (q->lengths[i] > q->longest) q->longest = q->lengths[i];
    return check_target_sizes(c, q) && check_times(c, q) && check_labels(c, q);
}

/* Sample i; its targets begin at element `at`, where those lie one after another. */
static Ctc sample_of(const CtcCall *q, int64_t i, int64_t at) {
    const Tensor *t = q->targets;
    if (t->ndim == 2) at = i * t->sizes[1];
    return (Ctc){.d = (DType)q->probs->dtype,
                 .probs = tensor_data(q->probs),
                 .first = i * q->labels,
                 .step = q->n * q->labels,
                 .labels = q->labels,
                 .blank = q->blank,
                 .target = (const int64_t *)tensor_data(t) + at,
                 .target_step = 1,
                 .n_targets = q->lengths[i],
                 .n_times = q->times[i]};
}

/* ---- _ctc_loss ---- */

static Value ctc_both_forward(Ctx *c, Call *k) {
    CtcCall q;
    if (!ctc_call(c, k, 0, 4, &q)) return value_null();
    DType d = (DType)q.probs->dtype;
    int64_t time = q.probs->sizes[0], width = 2 * q.longest + 1, at = 0;
    Tensor *loss = tensor_make(c, d, 1, &q.n);
    Tensor *alpha = tensor_make(c, d, 3, (int64_t[]){q.n, time, width});
    alpha = t_fill_(c, alpha, tensor_wrap_number(c, value_float(-INFINITY)));
    if (!loss || !alpha) return value_null();
    for (int64_t i = 0; i < q.n; at += q.lengths[i++]) {
        Ctc s = sample_of(&q, i, at);
        double v = kernel_ctc_alpha(&s, tensor_data(alpha), i * time * width, width);
        size_t size = dtype_size(d);
        element_store(d, (char *)tensor_data(loss) + (size_t)i * size, value_float(v));
    }
    return return_tuple(c, NULL, 2, (Tensor *[]){loss, alpha});
}

static double element_of(const Tensor *t, int64_t i) {
    size_t size = dtype_size((DType)t->dtype);
    return element_load((DType)t->dtype, (char *)tensor_data(t) + (size_t)i * size)
        .as.f;
}

/* grad, log_probs, targets, input_lengths, target_lengths, loss, alpha, blank,
 * zero_infinity */
static Value ctc_back_forward(Ctx *c, Call *k) {
    CtcCall q;
    if (!ctc_call(c, k, 1, 7, &q)) return value_null();
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    Tensor *loss = t_contiguous(c, call_tensor(k, 5));
    Tensor *alpha = t_contiguous(c, call_tensor(k, 6));
    int64_t width = 2 * q.longest + 1, at = 0;
    DType d = (DType)q.probs->dtype;
    Tensor *t = t_zeros(c, 3, q.probs->sizes, d);
    Tensor *beta = tensor_make(c, DT_float64, 2, (int64_t[]){2, width});
    if (ctx_failed(c) || !saved_check(c, grad, d, 1, &q.n) ||
        !saved_check(c, loss, d, 1, &q.n) ||
        !saved_check(c, alpha, d, 3, (int64_t[]){q.n, q.probs->sizes[0], width}))
        return value_null();
    for (int64_t i = 0; i < q.n; at += q.lengths[i++]) {
        double v = element_of(loss, i);
        if (call_bool(k, 8) && isinf(v) && v > 0) continue;
        Ctc s = sample_of(&q, i, at);
        kernel_ctc_backward(&s, tensor_data(alpha), i * q.probs->sizes[0] * width,
                            width, v, element_of(grad, i), tensor_data(beta),
                            tensor_data(t));
    }
    return call_give(c, k, t);
}
static const OpDef op_ctc_backward = {
    .schema = "_ctc_loss_backward(Tensor grad, Tensor log_probs, Tensor targets, int[] "
              "input_lengths, int[] target_lengths, Tensor neg_log_likelihood, Tensor "
              "log_alpha, int blank, bool zero_infinity=False) -> Tensor",
    .doc = "The gradient of ctc_loss.",
    .traits = OP_DERIVATIVE_MISSING,
    .constants = "targets log_alpha",
    .forward = ctc_back_forward,
};

/* Saves log_probs targets input_lengths target_lengths result0 result1 blank
 * zero_infinity. */
static void ctc_gradient(Ctx *c, Grad *g, const Value *lengths) {
    if (!g->grad) return;
    Value args[9] = {arg_tensor(g->grad)};
    for (size_t i = 0; i < 8; i++)
        args[i + 1] = i == 2 || i == 3 ? lengths[i - 2]
                      : i < 6          ? arg_tensor(saved_tensor(c, g, i))
                                       : saved_value(g, i);
    grad_set(g, 0, op_tensor(c, &op_ctc_backward, args));
}
static void ctc_backward(Ctx *c, Grad *g) {
    ctc_gradient(c, g, (Value[]){saved_value(g, 2), saved_value(g, 3)});
}
static const OpDef op_ctc_both = {
    .schema = "_ctc_loss(Tensor log_probs, Tensor targets, int[] input_lengths, int[] "
              "target_lengths, int blank=0, bool zero_infinity=False) -> (Tensor, "
              "Tensor)",
    .doc = "ctc_loss of each sample, and the probabilities of all beginnings.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "log_probs targets input_lengths target_lengths result result1 blank "
             "zero_infinity",
    .constants = "targets!",
    .node = "CtcLossBackward0",
    .forward = ctc_both_forward,
    .backward = ctc_backward,
    .example = "torch._ctc_loss(m.reshape(2, 1, 2), torch.tensor([[1]]), [2], [1])",
};

/* The elements of a tensor as an int list; VAL_NULL after raising. */
static Value as_list(Ctx *c, Tensor *t, const char *name) {
    if (!dtype_is_integral((DType)t->dtype, false))
        return value_raise(c, RuntimeError, "%s must be integral", name);
    t = t_contiguous(c, t_to_dtype(c, t, DT_int64));
    Tuple *list = t ? pool_add(c, tuple_new(c, NULL, (size_t)t->numel, NULL)) : NULL;
    if (!list) return value_null();
    const int64_t *n = tensor_data(t);
    for (int64_t i = 0; i < t->numel; i++)
        value_set(c, &list->items[i], value_int(n[i]));
    return value_obj(list);
}
/* The lengths from two tensors; false after raising. */
static bool list_lengths(Ctx *c, Tensor *input, Tensor *target, Value *lists) {
    lists[0] = as_list(c, input, "input_lengths");
    if (!ctx_failed(c)) lists[1] = as_list(c, target, "target_lengths");
    return !ctx_failed(c);
}
/* The arguments of k with the lengths as lists. */
static bool listed(Ctx *c, Call *k, int n, Value *args) {
    for (int i = 0; i < n; i++) args[i] = k->args[i];
    return list_lengths(c, call_tensor(k, 2), call_tensor(k, 3), args + 2);
}

static void ctc_tensors_backward(Ctx *c, Grad *g) {
    Value lists[2];
    if (list_lengths(c, saved_tensor(c, g, 2), saved_tensor(c, g, 3), lists))
        ctc_gradient(c, g, lists);
}
static Value ctc_both_tensors_forward(Ctx *c, Call *k) {
    Value args[6];
    return listed(c, k, 6, args) ? op_call(c, &op_ctc_both, args) : value_null();
}
static const OpDef op_ctc_both_tensors = {
    .schema = "_ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor "
              "input_lengths, Tensor target_lengths, int blank=0, bool "
              "zero_infinity=False) -> (Tensor, Tensor)",
    .doc = "The same with the lengths in tensors.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "log_probs targets input_lengths target_lengths result result1 blank "
             "zero_infinity",
    .constants = "targets! input_lengths! target_lengths!",
    .node = "CtcLossBackward1",
    .forward = ctc_both_tensors_forward,
    .backward = ctc_tensors_backward,
    .example = "torch._ctc_loss(m.reshape(2, 1, 2), torch.tensor([[1]]), "
               "torch.tensor([2]), torch.tensor([1]))",
};

/* ---- ctc_loss ---- */

static Tensor *without_infinities(Ctx *c, Tensor *t) {
    Tensor *infinite = t_eq_scalar(c, t, value_float(INFINITY));
    Tensor *zero = t ? t_zeros(c, 0, NULL, (DType)t->dtype) : NULL;
    return t_where(c, infinite, zero, t);
}
/* The lengths of targets, at least 1, in the dtype of t. */
static Tensor *divisors(Ctx *c, const Tensor *t, Value lengths) {
    const Value *items;
    size_t count;
    Tensor *n = tensor_make(c, DT_int64, t->ndim, t->sizes);
    if (!n || !value_items(lengths, &items, &count)) return NULL;
    int64_t *out = tensor_data(n);
    for (size_t i = 0; i < count && (int64_t)i < n->numel; i++) out[i] = items[i].as.i;
    return t_clamp_min(c, t_to_dtype(c, n, (DType)t->dtype), value_int(1));
}

/* log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity */
static Value ctc_reduced(Ctx *c, const Value *args) {
    Tensor *probs = value_tensor(args[0]);
    bool batched = probs->ndim == 3;
    int64_t reduction = args[5].as.i;
    if (!batched) probs = t_unsqueeze(c, probs, 1);
    Tensor *targets = t_to_dtype(c, value_tensor(args[1]), DT_int64);
    Value inner[6] = {
        arg_tensor(probs), arg_tensor(targets), args[2], args[3], args[4], args[6]};
    const Tuple *both = value_tuple(op_call(c, &op_ctc_both, inner));
    Tensor *t = both ? value_tensor(both->items[0]) : NULL;
    if (t && args[6].as.b) t = without_infinities(c, t);
    if (!t) return value_null();
    if (reduction == REDUCE_NONE) return value_obj(batched ? t : t_squeeze(c, t, 0));
    if (reduction == REDUCE_MEAN) t = t_div(c, t, divisors(c, t, args[3]));
    return value_obj(loss_reduced(c, t, reduction));
}
static Value ctc_lists_forward(Ctx *c, Call *k) {
    return ctc_reduced(c, k->args);
}
static const OpDef op_ctc_loss = {
    .schema =
        "ctc_loss.IntList(Tensor log_probs, Tensor targets, int[] input_lengths, int[] "
        "target_lengths, int blank=0, int reduction=Mean, bool zero_infinity=False) -> "
        "Tensor",
    .doc = "Minus the log-likelihoods of target sequences, over all alignments.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = ctc_lists_forward,
    .example = "torch.ctc_loss(m.reshape(2, 1, 2), torch.tensor([[1]]), [2], [1])",
};

static Value ctc_tensors_forward(Ctx *c, Call *k) {
    Value args[7];
    return listed(c, k, 7, args) ? ctc_reduced(c, args) : value_null();
}
static const OpDef op_ctc_loss_tensors = {
    .schema = "ctc_loss.Tensor(Tensor log_probs, Tensor targets, Tensor input_lengths, "
              "Tensor target_lengths, int blank=0, int reduction=Mean, bool "
              "zero_infinity=False) -> Tensor",
    .doc = "The same with the lengths in tensors.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = ctc_tensors_forward,
    .example = "torch.ctc_loss(m.reshape(2, 1, 2), torch.tensor([[1]]), "
               "torch.tensor([2]), torch.tensor([1]))",
};

const OpDef *const ctc_ops[] = {
    &op_ctc_backward, &op_ctc_both,         &op_ctc_both_tensors,
    &op_ctc_loss,     &op_ctc_loss_tensors, NULL,
};
