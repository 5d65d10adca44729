/* pack: padded sequences without their padding, step by step.
 *
 * The sequences of a batch stand in order of falling length. Of each step all sequences
 * that are as long are kept: batch_sizes[t] of them at step t.
 *
 * Source: native/PackedSequence.cpp. */
#include "core/ops/ops.h"

/* ---- checks ---- */

static bool check_lengths_tensor(Ctx *c, const Tensor *lengths) {
    if (lengths->ndim == 1 && lengths->dtype == DT_int64) return true;
    return error_raise(
        c, RuntimeError,
        "'lengths' argument should be a 1D CPU int64 tensor, but got %dD "
        "cpu %s tensor",
        lengths->ndim, dtype_scalar_name((DType)lengths->dtype));
}

static bool check_falling(Ctx *c, const int64_t *lengths, int64_t n) {
    if (lengths[n - 1] <= 0)
        return error_raise(c, RuntimeError,
                           "Length of all samples has to be greater than 0, but found "
                           "an element in 'lengths' that is <= 0");
    for (int64_t i = 1; i < n; i++)
        if (lengths[i] > lengths[i - 1])
            return error_raise(
                c, RuntimeError,
                "`lengths` array must be sorted in decreasing order when "
                "`enforce_sorted` is True. You can pass `enforce_sorted=False` to "
                "pack_padded_sequence and/or pack_sequence to sidestep this "
                "requirement if you do not need ONNX exportability.");
    return true;
}

/* input [step, sequence, ...], lengths contiguous. */
static bool check_pack(Ctx *c, const Tensor *input, const Tensor *lengths) {
    if (shape_wrap_dim(c, 1, input->ndim) < 0) return false;
    int64_t n = lengths->sizes[0];
    if (input->numel == 0)
        return error_raise(c, RuntimeError, "Cannot pack empty tensors.");
    if (input->sizes[1] != n)
        return error_raise(c, RuntimeError,
                           "Expected `len(lengths)` to be equal to batch_size, but got "
                           "%lld (batch_size=%lld)",
                           (long long)n, (long long)input->sizes[1]);
    return check_falling(c, tensor_data(lengths), n);
}

/* ---- packing ---- */

/* Steps [from, to) of the first `count` sequences, one below the other. */
static Tensor *steps_between(Ctx *c, Tensor *input, int64_t from, int64_t to,
                             int64_t count) {
    Tensor *t = t_slice(c, t_slice(c, input, 0, from, to, 1), 1, 0, count, 1);
    Shape shape = {.ndim = input->ndim - 1, .dims = {-1}};
    for (int i = 1; i < shape.ndim; i++) shape.dims[i] = input->sizes[i + 1];
    return t_reshape(c, t, shape.ndim, shape.dims);
}

/* The kept elements, in runs of steps with as many sequences. */
static Tensor *packed(Ctx *c, Tensor *input, const int64_t *lengths, int64_t n) {
    List *runs = pool_add(c, list_new(c, 0));
    int64_t done = 0;
    for (int64_t i = n; runs && i > 0; i--) {
        if (lengths[i - 1] == done) continue;
        Tensor *run = steps_between(c, input, done, lengths[i - 1], i);
        if (!run || !list_push(c, runs, value_obj(run))) return NULL;
        done = lengths[i - 1];
    }
    return runs ? t_cat(c, value_obj(runs), 0) : NULL;
}

static void count_sequences(int64_t *sizes, const int64_t *lengths, int64_t n) {
    for (int64_t step = 0; step < lengths[0]; step++) {
        while (lengths[n - 1] <= step) n--;
        sizes[step] = n;
    }
}

static Value pack_forward(Ctx *c, Call *k) {
    Tensor *input = call_tensor(k, 0), *lengths = t_contiguous(c, call_tensor(k, 1));
    if (call_bool(k, 2)) input = t_transpose(c, input, 0, 1);
    if (!input || !lengths || !check_lengths_tensor(c, lengths) ||
        !check_pack(c, input, lengths))
        return value_null();
    const int64_t *l = tensor_data(lengths);
    int64_t n = lengths->sizes[0];
    Tensor *sizes = call_result(c, k, 1, DT_int64, 1, l);
    Tensor *data = packed(c, input, l, n);
    if (!sizes || !data) return value_null();
    count_sequences(tensor_data(sizes), l, n);
    return return_tuple(c, NULL, 2, (Tensor *[]){data, sizes});
}

/* ---- the gradient ---- */

/* grad, sizes of the input, batch_sizes -> as the input, zeros for the padding. */
static Tensor *unpacked(Ctx *c, Tensor *grad, const Shape *shape, Tensor *sizes) {
    Tensor *r = t_zeros(c, shape->ndim, shape->dims, (DType)grad->dtype);
    sizes = t_contiguous(c, t_to_dtype(c, sizes, DT_int64));
    if (!sizes) return NULL;
    const int64_t *count = tensor_data(sizes);
    int64_t at = 0;
    for (int64_t i = 0; r && i < sizes->numel && !ctx_failed(c); i++) {
        if (count[i] < 0 || count[i] > grad->sizes[0])
            return error_raise(c, RuntimeError, "batch sizes have been changed");
        Tensor *row = t_slice(c, t_select(c, r, 0, i), 0, 0, count[i], 1);
        t_copy_(c, row, t_slice(c, grad, 0, at, at + count[i], 1));
        at += count[i];
    }
    return r;
}

static void pack_backward(Ctx *c, Grad *g) {
    Shape shape = {0};
    shape.ndim = saved_ints(g, 0, shape.dims, MAX_DIMS);
    bool batch_first = saved_bool(g, 1);
    Tensor *sizes = saved_tensor(c, g, 2);
    if (!sizes) return;
    if (batch_first) {
        int64_t first = shape.dims[0];
        shape.dims[0] = shape.dims[1];
        shape.dims[1] = first;
    }
    Tensor *r = unpacked(c, g->grad, &shape, sizes);
    grad_set(g, 0, batch_first ? t_transpose(c, r, 0, 1) : r);
}

static const OpDef op_pack_padded_sequence = {
    .schema =
        "_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> "
        "(Tensor, Tensor)",
    .doc = "Sequences of falling lengths without their padding, step by step; and how "
           "many there are at each step.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "input.sizes batch_first result1",
    .constants = "lengths!",
    .forward = pack_forward,
    .backward = pack_backward,
    .example = "torch._pack_padded_sequence(m, torch.tensor([2, 1]), False)",
};

const OpDef *const pack_ops[] = {&op_pack_padded_sequence, NULL};
