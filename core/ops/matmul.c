/* matmul, which makes of its operands those of the products in mm.c, and linear.
 * Sources: LinearAlgebra.cpp, Linear.cpp. */
#include "ops.h"

/* ---- matmul ---- */

/* A batch times one matrix or vector may run as one larger product. */
static bool should_fold(const Tensor *t, int other_dims) {
    if (t->ndim < 3 || other_dims > 2) return false;
    bool inner_transposed = t->ndim == 3 && other_dims == 2 && t->strides[2] != 1 &&
                            t->strides[0] == t->sizes[1] * t->sizes[2];
    return !inner_transposed;
}

static Tensor *matmul_folded(Ctx *c, Tensor *a, Tensor *b) {
    bool transposed = b->ndim > a->ndim;
    Tensor *big = transposed ? t_transpose(c, b, -2, -1) : a;
    Tensor *small = !transposed ? b : a->ndim == 2 ? t_t(c, a) : a;
    if (!big || !small) return NULL;
    int n = big->ndim;
    int64_t shape[MAX_DIMS], folded[2] = {1, big->sizes[n - 1]};
    for (int i = 0; i < n - 1; i++) {
        shape[i] = big->sizes[i];
        folded[0] *= shape[i];
    }
    Tensor *flat = t_reshape(c, big, 2, folded);
    if (small->ndim == 1) return t_unsafe_view(c, t_mv(c, flat, small), n - 1, shape);
    shape[n - 1] = small->sizes[1];
    Tensor *r = t_unsafe_view(c, t_mm(c, flat, small), n, shape);
    return transposed ? t_contiguous(c, t_transpose(c, r, -2, -1)) : r;
}

/* t's matrices expanded to the batch shape and flattened: [batch, rows, cols]. */
static Tensor *expand_batch(Ctx *c, Tensor *t, const Shape *batch, int64_t count) {
    int64_t sizes[MAX_DIMS], flat[3] = {count, 1, 1};
    int n = batch->ndim, inner = t->ndim < 2 ? t->ndim : 2;
    for (int i = 0; i < n; i++) sizes[i] = batch->dims[i];
    for (int i = 0; i < inner; i++) {
        sizes[n + i] = t->sizes[t->ndim - inner + i];
        flat[1 + i] = sizes[n + i];
    }
    return t_reshape(c, t_expand(c, t, n + inner, sizes), 1 + inner, flat);
}

static Shape batch_of(const Tensor *t) {
    Shape s = {.ndim = t->ndim > 2 ? t->ndim - 2 : 0};
    for (int i = 0; i < s.ndim; i++) s.dims[i] = t->sizes[i];
    return s;
}

static Tensor *matmul_batched(Ctx *c, Tensor *a, Tensor *b) {
    if (a->ndim == 3 && b->ndim == 3 && a->sizes[0] != b->sizes[0]) {
        if (a->sizes[0] == 1 && tensor_requires_grad(a))
            return t_matmul(c, t_squeeze(c, a, 0), b);
        if (b->sizes[0] == 1 && tensor_requires_grad(b))
            return t_matmul(c, a, t_squeeze(c, b, 0));
    }
    Shape sa = batch_of(a), sb = batch_of(b), out;
    if (!shape_broadcast(c, &sa, &sb, &out)) return NULL;
    int64_t count = shape_numel(out.ndim, out.dims);
    Tensor *left = expand_batch(c, a, &out, count);
    if (a->ndim == 1) left = t_unsqueeze(c, left, 1);
    Tensor *right = expand_batch(c, b, &out, count);
    if (b->ndim == 1) right = t_unsqueeze(c, right, 2);
    if (a->ndim > 1) out.dims[out.ndim++] = a->sizes[a->ndim - 2];
    if (b->ndim > 1) out.dims[out.ndim++] = b->sizes[b->ndim - 1];
    Tensor *r = t_bmm(c, left, right);
    if (b->ndim == 1) r = t_squeeze(c, r, -1);
    return t_unsafe_view(c, r, out.ndim, out.dims);
}

Tensor *t_matmul(Ctx *c, Tensor *a, Tensor *b) {
    if (!a || !b || ctx_failed(c)) return NULL;
    if (a->ndim == 0 || b->ndim == 0)
        return error_raise(
            c, RuntimeError,
            "both arguments to matmul need to be at least 1D, but they are "
            "%dD and %dD",
            a->ndim, b->ndim);
    if (a->ndim == 1 && b->ndim == 1) return t_dot(c, a, b);
    if (a->ndim == 2 && b->ndim == 1) return t_mv(c, a, b);
    if (a->ndim == 1 && b->ndim == 2)
        return t_squeeze_(c, t_mm(c, t_unsqueeze(c, a, 0), b), 0);
    if (a->ndim == 2 && b->ndim == 2) return t_mm(c, a, b);
    if (should_fold(a, b->ndim) || should_fold(b, a->ndim))
        return matmul_folded(c, a, b);
    return matmul_batched(c, a, b);
}

/* The operator that computes a product of a and b, which batches make others of. */
static const OpDef *product_of(Tensor *a, Tensor *b) {
    if (a->ndim == 1 && b->ndim == 1) return &op_dot;
    if (a->ndim <= 2 && b->ndim <= 2) return b->ndim == 1 ? &op_mv : &op_mm;
    if (!should_fold(a, b->ndim) && !should_fold(b, a->ndim)) return &op_bmm;
    return a->ndim == 1 || b->ndim == 1 ? &op_mv : &op_mm;
}

/* Into out=, which is sized before the product is looked at. */
static Value matmul_out(Ctx *c, Call *k, Tensor *a, Tensor *b) {
    const OpDef *def = product_of(a, b);
    bool batched = a->ndim > 2 || b->ndim > 2;
    bool row = !batched && a->ndim == 1 && b->ndim == 2;
    Value args[2] = {arg_tensor(row ? t_unsqueeze(c, a, 0) : a), arg_tensor(b)};
    if (!batched) {
        Value v = op_call_out(c, def, args, k->target, 1);
        return row ? value_obj(t_squeeze_(c, value_tensor(v), 0)) : v;
    }
    Tensor *t = t_matmul(c, t_detach(c, a), t_detach(c, b));
    if (!t || !out_resize(c, k, 0, t->ndim, t->sizes)) return value_null();
    if (c->grad_enabled && (tensor_requires_grad(a) || tensor_requires_grad(b)))
        return raise_out(c, def);
    if (!out_dtype_check(c, k, 0, (DType)t->dtype)) return value_null();
    return value_obj(t_copy_(c, k->target[0], t));
}

/* self [..., n, m] or [m], other [..., m, p] or [m] -> [..., n, p] without the
 * dimension of a vector; batches broadcast. */
static Value matmul_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    if (k->form == CALL_OUT && a->ndim && b->ndim) return matmul_out(c, k, a, b);
    return value_obj(t_matmul(c, a, b));
}
const OpDef op_matmul = {
    .schema = "matmul(Tensor self, Tensor other) -> Tensor",
    .doc = "The product of matrices, vectors or batches of matrices.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = matmul_forward,
};
static const OpDef op_dunder_matmul = {
    .schema = "__matmul__(Tensor self, Tensor other) -> Tensor",
    .doc = "self @ other.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = matmul_forward,
};

/* ---- linear ---- */

static Tensor *linear_batched(Ctx *c, Tensor *input, Tensor *weight, Tensor *bias) {
    int64_t flat[2] = {input->sizes[0] * input->sizes[1], input->sizes[2]};
    Tensor *r = t_addmm(c, bias, t_view(c, input, 2, flat), t_t(c, weight));
    if (!r) return NULL;
    int64_t sizes[3] = {input->sizes[0], input->sizes[1], r->sizes[1]};
    return t_view(c, r, 3, sizes);
}

/* input [..., m], weight [p, m] or [m], bias [p] -> [..., p]: input weight^T + bias. */
static Value linear_forward(Ctx *c, Call *k) {
    Tensor *input = call_tensor(k, 0), *weight = call_tensor(k, 1);
    Tensor *bias = call_tensor(k, 2);
    if (bias && input->ndim == 2)
        return value_obj(t_addmm(c, bias, input, t_t(c, weight)));
    if (bias && input->ndim == 3 && input->contiguous)
        return value_obj(linear_batched(c, input, weight, bias));
    Tensor *r = t_matmul(c, input, t_t(c, weight));
    return value_obj(bias ? t_add_(c, r, bias) : r);
}
static const OpDef op_linear = {
    .schema = "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
    .doc = "input times the transposed weight, plus bias.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = linear_forward,
};

const OpDef *const matmul_ops[] = {
    &op_matmul,
    &op_dunder_matmul,
    &op_linear,
    NULL,
};
