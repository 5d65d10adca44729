/* See engine_leaf.h. */
#include "engine_leaf.h"

#include "engine_hooks.h"
#include "ops/ops.h"

bool grad_is_exclusive(const Tensor *t) {
    return t->obj.u.refs == 1 && !t->base && !t->grad_fn &&
           t->storage->obj.u.refs == 1 && !t->wrapped_number;
}

/* A copy of grad laid out like the leaf. With gradients recorded it is a recorded
 * copy, so that .grad shows <CopyBackwards>. */
static Tensor *copy_for_leaf(Ctx *c, const Tensor *leaf, Tensor *grad) {
    bool dense = tensor_is_dense(leaf);
    int64_t strides[MAX_DIMS];
    shape_contiguous_strides(leaf->ndim, leaf->sizes, strides);
    Tensor *t = t_empty_strided(c, leaf->ndim, leaf->sizes,
                                dense ? leaf->strides : strides, (DType)grad->dtype);
    return t_copy_(c, t, grad);
}

static bool same_layout(const Tensor *a, const Tensor *b) {
    return a->contiguous && b->contiguous;
}

/* Whether grad lies in memory as a gradient of the leaf should: with the leaf's
 * strides, or contiguous where the leaf has gaps. Strides of dimensions of size 1 do
 * not count, unless they are 0. */
static bool obeys_layout(const Tensor *grad, const Tensor *leaf) {
    if (!tensor_is_dense(leaf)) return grad->contiguous;
    for (int i = 0; i < grad->ndim; i++) {
        bool fits = grad->sizes[i] == 1 ? grad->strides[i] != 0
                                        : grad->strides[i] == leaf->strides[i];
        if (!fits) return false;
    }
    return true;
}

static void note_layout(Ctx *c, const Tensor *grad, const Tensor *leaf, Str **warning) {
    if (*warning || obeys_layout(grad, leaf)) return;
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "grad and param do not obey the gradient layout contract. This is not "
                 "an error, but may impair performance.\ngrad.sizes() = ");
    buf_dims(&b, grad->ndim, grad->sizes);
    buf_puts(&b, ", strides() = ");
    buf_dims(&b, grad->ndim, grad->strides);
    buf_puts(&b, "\nparam.sizes() = ");
    buf_dims(&b, leaf->ndim, leaf->sizes);
    buf_puts(&b, ", strides() = ");
    buf_dims(&b, leaf->ndim, leaf->strides);
    if (b.failed)
        error_raise(c, MemoryError, "%s", "");
    else
        *warning = str_new(c, b.data, b.len);
    buf_free(&b);
}

void leaf_accumulate(Ctx *c, Tensor *leaf, Tensor **slot, Str **warning) {
    Tensor *grad = *slot;
    if (!leaf || !grad) return;
    if (leaf->grad_fn) { /* a Function wrote into a view of it */
        error_raise(c, RuntimeError,
                    "leaf variable has been moved into the graph interior");
        return;
    }
    if (!leaf->requires_grad) return; /* not any more */
    if (leaf->extra && leaf->extra->hooks) {
        Tensor *t = hooks_of_tensor(c, leaf->extra->hooks, grad);
        if (ctx_failed(c)) return;
        grad_replace(c, slot, t);
        grad = t;
    }
    Tensor *old = tensor_grad(leaf);
    if (!old) {
        bool steal =
            !c->grad_enabled && grad_is_exclusive(grad) && same_layout(grad, leaf);
        Tensor *t = steal ? grad : copy_for_leaf(c, leaf, grad);
        if (t) tensor_set_grad(c, leaf, t);
    } else if (!c->grad_enabled) {
        t_add_(c, old, grad);
        if (!ctx_failed(c)) note_layout(c, old, leaf, warning);
    } else {
        Tensor *t = t_add(c, old, grad);
        if (t) note_layout(c, t, leaf, warning);
        if (t) tensor_set_grad(c, leaf, t);
    }
}
