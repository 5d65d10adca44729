/* weight_norm: v in slices along a dimension, each of the length that g says.
 * Source: WeightNorm.cpp. */
#include "ops.h"

/* The norms of v's slices along dim, its first or last dimension, in sizes that
 * broadcast. */
static Tensor *slice_norms(Ctx *c, Tensor *v, int dim) {
    int64_t flat[2] = {-1, -1}, other = dim == 0, sizes[MAX_DIMS];
    if (!v) return NULL;
    for (int i = 0; i < v->ndim; i++) sizes[i] = i == dim ? v->sizes[i] : 1;
    flat[dim != 0] = v->sizes[dim];
    Tensor *t = t_view(c, t_contiguous(c, v), 2, flat);
    t = t_norm(c, t, value_int(2), 1, &other, false);
    return t_view(c, t, v->ndim, sizes);
}

/* Sums of the slices along dim, in g's sizes. */
static Tensor *slice_sums(Ctx *c, Tensor *t, int dim, const Tensor *g) {
    int64_t flat[2] = {-1, -1}, other = dim == 0;
    if (!t || !g) return NULL;
    flat[dim != 0] = t->sizes[dim];
    t = t_sum_dims(c, t_view(c, t_contiguous(c, t), 2, flat), 1, &other, false);
    return t_view(c, t, g->ndim, g->sizes);
}

static Value interface_forward(Ctx *c, Call *k) {
    Tensor *v = call_tensor(k, 0), *g = call_tensor(k, 1), *out[2];
    int64_t dim = call_int(k, 2);
    if (dim != 0 && dim != v->ndim - 1)
        return value_raise(c, RuntimeError,
                           "dim == 0 || dim == v.dim() - 1 INTERNAL ASSERT FAILED at "
                           "\"./aten/src/ATen/native/cpu/WeightNormKernel.cpp\":401, "
                           "please report a bug to PyTorch. fused kernels can only be "
                           "applied for first or last dim");
    if (shape_size_dim(c, dim, v->ndim) < 0) return value_null();
    out[1] = slice_norms(c, v, (int)dim);
    out[0] = t_mul(c, v, t_div(c, g, out[1]));
    return return_tuple(c, NULL, 2, out);
}

/* To v: g / norms (grad - v sums / norms^2), to g: sums / norms, with sums those of
 * grad v over slices. As in PyTorch the norms are constants to the second derivative.
 */
static void interface_backward(Ctx *c, Grad *g) {
    Tensor *v = saved_tensor(c, g, 0), *length = saved_tensor(c, g, 1);
    Tensor *norms = saved_tensor(c, g, 2);
    int dim = (int)saved_int(g, 3);
    if (!v || !length || !norms || !g->grad) return;
    Tensor *sums = slice_sums(c, t_mul(c, g->grad, v), dim, length);
    if (grad_wanted(g, 0)) {
        Tensor *along = t_div(c, sums, t_mul(c, norms, norms));
        Tensor *across = t_sub(c, g->grad, t_mul(c, v, along));
        grad_set(g, 0, t_mul(c, t_div(c, length, norms), across));
    }
    if (grad_wanted(g, 1)) grad_set(g, 1, t_div(c, sums, norms));
}
static const OpDef op_interface = {
    .schema = "_weight_norm_interface(Tensor v, Tensor g, int dim=0) -> (Tensor, "
              "Tensor)",
    .doc = "v in slices along its first or last dimension, each of length g, and the "
           "lengths that they had.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "v g result1 dim",
    .forward = interface_forward,
    .backward = interface_backward,
    .example = "torch._weight_norm_interface(m, v[:2, None])",
};

const OpDef *const weight_norm_ops[] = {&op_interface, NULL};
