/* A copy of a tensor with one part replaced: select_scatter, slice_scatter,
 * diagonal_scatter, as_strided_scatter.
 *
 * Each writes src into the view of the copy that the operator in its name gives.
 * Sources: TensorShape.cpp, derivatives.yaml. */
#include "ops.h"

/* A copy of self whose part that `part` gives becomes src. */
static Value part_replaced(Ctx *c, Call *k, Tensor *(*part)(Ctx *, Tensor *, Call *)) {
    Tensor *copy = t_clone(c, call_tensor(k, 0)), *src = call_tensor(k, 1);
    Tensor *view = copy ? part(c, copy, k) : NULL;
    if (!view) return value_null();
    if (!tensor_same_sizes(view, src))
        return value_raise(
            c, RuntimeError,
            "expected src to have a size equal to the slice of self. src "
            "size = %s, slice size = %s",
            shape_text(c, src), shape_text(c, view));
    tensor_copy(view, src);
    return value_obj(copy);
}

/* Zeros of the shape of src, which is saved as entry i. */
static Value zeros_of(Ctx *c, const Grad *g, size_t i) {
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, i, sizes, MAX_DIMS);
    return arg_tensor(t_zeros(c, n, sizes, (DType)g->grad->dtype));
}

/* ---- select_scatter ---- */

static Tensor *select_part(Ctx *c, Tensor *self, Call *k) {
    return t_select(c, self, call_int(k, 2), call_int(k, 3));
}
static Value select_scatter_forward(Ctx *c, Call *k) {
    return part_replaced(c, k, select_part);
}
static void select_scatter_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, g->node->cls->op->def,
                           (Value[]){arg_tensor(g->grad), zeros_of(c, g, 2),
                                     saved_value(g, 0), saved_value(g, 1)}));
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_select(c, g->grad, saved_int(g, 0), saved_int(g, 1)));
}
static const OpDef op_select_scatter = {
    .schema = "select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor",
    .doc = "A copy of self with src at one index of a dimension.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "dim index src.shape",
    .forward = select_scatter_forward,
    .backward = select_scatter_backward,
    .example = "torch.select_scatter(m, v[:2], 0, 1)",
};

/* ---- slice_scatter ---- */

static Tensor *slice_part(Ctx *c, Tensor *self, Call *k) {
    return op_tensor(
        c, &op_slice,
        (Value[]){arg_tensor(self), k->args[2], k->args[3], k->args[4], k->args[5]});
}
static Value slice_scatter_forward(Ctx *c, Call *k) {
    return part_replaced(c, k, slice_part);
}
static void slice_scatter_backward(Ctx *c, Grad *g) {
    Value dim = saved_value(g, 0), start = saved_value(g, 1), end = saved_value(g, 2),
          step = saved_value(g, 3);
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, g->node->cls->op->def,
                           (Value[]){arg_tensor(g->grad), zeros_of(c, g, 4), dim, start,
                                     end, step}));
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 op_tensor(c, &op_slice,
                           (Value[]){arg_tensor(g->grad), dim, start, end, step}));
}
static const OpDef op_slice_scatter = {
    .schema = "slice_scatter(Tensor self, Tensor src, int dim=0, SymInt? start=None, "
              "SymInt? end=None, SymInt step=1) -> Tensor",
    .doc = "A copy of self with src in place of a slice.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "dim start end step src.shape",
    .forward = slice_scatter_forward,
    .backward = slice_scatter_backward,
    .example = "torch.slice_scatter(m, m[:1], 0, 1)",
};

/* ---- diagonal_scatter ---- */

static Tensor *diagonal_part(Ctx *c, Tensor *self, Call *k) {
    return t_diagonal(c, self, call_int(k, 2), call_int(k, 3), call_int(k, 4));
}
static Value diagonal_scatter_forward(Ctx *c, Call *k) {
    return part_replaced(c, k, diagonal_part);
}
static void diagonal_scatter_backward(Ctx *c, Grad *g) {
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, g->node->cls->op->def,
                           (Value[]){arg_tensor(g->grad), zeros_of(c, g, 3),
                                     saved_value(g, 0), saved_value(g, 1),
                                     saved_value(g, 2)}));
    if (grad_wanted(g, 1))
        grad_set(
            g, 1,
            t_diagonal(c, g->grad, saved_int(g, 0), saved_int(g, 1), saved_int(g, 2)));
}
static const OpDef op_diagonal_scatter = {
    .schema = "diagonal_scatter(Tensor self, Tensor src, int offset=0, int dim1=0, int "
              "dim2=1) -> Tensor",
    .doc = "A copy of self with src as a diagonal of two dimensions.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "offset dim1 dim2 src.shape",
    .forward = diagonal_scatter_forward,
    .backward = diagonal_scatter_backward,
    .example = "torch.diagonal_scatter(m, v[:2])",
};

/* ---- as_strided_scatter ---- */

static Tensor *strided_part(Ctx *c, Tensor *self, Call *k) {
    return op_tensor(c, &op_as_strided,
                     (Value[]){arg_tensor(self), k->args[2], k->args[3], k->args[4]});
}
static Value as_strided_scatter_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (tensor_requires_grad(self) && !self->contiguous)
        return value_raise(c, RuntimeError,
                           "!self.requires_grad() || self.is_contiguous() INTERNAL "
                           "ASSERT FAILED at "
                           "\"./aten/src/ATen/native/TensorShape.cpp\":3619, please "
                           "report a bug to PyTorch. as_strided_scatter is currently "
                           "only supported for contiguous inputs");
    return part_replaced(c, k, strided_part);
}
static void as_strided_scatter_backward(Ctx *c, Grad *g) {
    Value size = saved_value(g, 0), stride = saved_value(g, 1),
          offset = saved_value(g, 2);
    Tensor *grad = t_contiguous(c, g->grad);
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, g->node->cls->op->def,
                           (Value[]){arg_tensor(grad), zeros_of(c, g, 3), size, stride,
                                     offset}));
    if (!grad || !grad_wanted(g, 1)) return;
    int64_t from = value_is_none(offset) ? 0 : saved_int(g, 2);
    Value place = value_int(grad->offset + from);
    grad_set(
        g, 1,
        op_tensor(c, &op_as_strided, (Value[]){arg_tensor(grad), size, stride, place}));
}
static const OpDef op_as_strided_scatter = {
    .schema = "as_strided_scatter(Tensor self, Tensor src, SymInt[] size, SymInt[] "
              "stride, SymInt? storage_offset=None) -> Tensor",
    .doc = "A copy of self with src at the elements of a strided view.",
    .forms = OP_FUNCTION | OP_METHOD,
    .saves = "size stride storage_offset src.shape",
    .forward = as_strided_scatter_forward,
    .backward = as_strided_scatter_backward,
    .example = "torch.as_strided_scatter(m, v[:2], [2], [1])",
};

const OpDef *const part_scatter_ops[] = {
    &op_select_scatter,
    &op_slice_scatter,
    &op_diagonal_scatter,
    &op_as_strided_scatter,
    NULL,
};
