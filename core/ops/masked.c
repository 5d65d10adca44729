/* Operators that a bool mask steers: masked_fill, masked_select.
 * Source: TensorAdvancedIndexing.cpp. */
#include "ops.h"

#include "core/iter.h"
#include "core/kernel/pointwise.h"

/* ---- masked_fill ---- */

/* What mask and self broadcast to; in place it is to be self's shape. */
static bool mask_shape(Ctx *c, const Call *k, Shape *shape) {
    Shape self = tensor_shape(call_tensor(k, 0)),
          mask = tensor_shape(call_tensor(k, 1));
    return k->form == CALL_INPLACE ? shape_broadcast(c, &self, &mask, shape)
                                   : shape_broadcast(c, &mask, &self, shape);
}

static void warn_uint8(Ctx *c, const Tensor *mask, const char *name) {
    if (mask->dtype == DT_uint8)
        warn(c, UserWarning,
             "%s received a mask with dtype torch.uint8, this behavior is now "
             "deprecated,please use a mask with dtype torch.bool instead.",
             name);
}

/* The mask as bools. Of other dtypes PyTorch reads the first byte of each element. */
static Tensor *mask_bits(Ctx *c, Tensor *mask) {
    if (mask->dtype == DT_bool) return mask;
    Tensor *flat = tensor_make(c, (DType)mask->dtype, mask->ndim, mask->sizes);
    Tensor *bits = flat ? tensor_make(c, DT_bool, mask->ndim, mask->sizes) : NULL;
    if (!bits) return NULL;
    tensor_copy(flat, mask);
    const uint8_t *from = tensor_data(flat);
    bool *to = tensor_data(bits);
    size_t size = dtype_size((DType)mask->dtype);
    for (int64_t i = 0; i < flat->numel; i++, from += size) {
        if (*from > 1)
            return error_raise(c, RuntimeError,
                               "Mask tensor can take 0 and 1 values only");
        to[i] = *from == 1;
    }
    return bits;
}

/* mask ? value : self, over the broadcast shape, in self's dtype. */
static Value masked_fill_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *mask = call_tensor(k, 1),
           *value = call_tensor(k, 2);
    Shape shape;
    if (k->form != CALL_INPLACE && !mask_shape(c, k, &shape)) return value_null();
    if (value && value->ndim)
        return value_raise(c, RuntimeError,
                           "masked_fill_ only supports a 0-dimensional value tensor, "
                           "but got tensor with %d dimension(s).",
                           value->ndim);
    if (k->form == CALL_INPLACE) {
        warn_expanded(c, self, "masked_fill_", "tensor[mask] = scalar");
        if (ctx_failed(c) || !mask_shape(c, k, &shape)) return value_null();
    }
    warn_uint8(c, mask, "masked_fill_");
    DType d = (DType)self->dtype;
    Value v = call_scalar(k, 2);
    if (!scalar_fits(c, v, d)) return value_null();
    Tensor *fill = tensor_scalar(c, d, v);
    mask = mask_bits(c, mask);
    Tensor *r = call_result(c, k, 0, d, shape.ndim, shape.dims);
    if (!r || !mask || !fill) return value_null();
    Iter it;
    iter_begin(&it, shape.ndim, shape.dims);
    iter_add(&it, tensor_data(r), d, r->ndim, r->sizes, r->strides);
    iter_add(&it, tensor_data(mask), DT_bool, mask->ndim, mask->sizes, mask->strides);
    iter_add_scalar(&it, tensor_data(fill));
    iter_add(&it, tensor_data(self), d, self->ndim, self->sizes, self->strides);
    iter_run_parallel(&it, kernel_where, d, NULL);
    return value_obj(r);
}
static void masked_fill_backward(Ctx *c, Grad *g) {
    Tensor *mask = saved_tensor(c, g, 0);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_masked_fill_scalar(c, g->grad, mask, value_int(0)));
    if (g->n_inputs > 1 && grad_wanted(g, 1)) {
        grad_set(g, 1, t_sum(c, t_masked_select(c, g->grad, mask)));
    }
}
static const OpDef op_masked_fill_scalar = {
    .schema = "masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor",
    .doc = "self with a number where mask is true.",
    .forms = OP_METHOD | OP_FUNCTION | OP_INPLACE,
    .traits = OP_POINTWISE | OP_EXPANDED_TARGET,
    .saves = "mask",
    .constants = "mask",
    .forward = masked_fill_forward,
    .backward = masked_fill_backward,
};
static const OpDef op_masked_fill = {
    .schema = "masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor",
    .doc = "self with the element of a 0-d tensor where mask is true.",
    .forms = OP_METHOD | OP_FUNCTION | OP_INPLACE,
    .traits = OP_POINTWISE | OP_EXPANDED_TARGET,
    .saves = "mask",
    .constants = "mask",
    .node = "MaskedFillBackward1",
    .forward = masked_fill_forward,
    .backward = masked_fill_backward,
    .example = "torch.masked_fill(m, b, s)",
};
Tensor *t_masked_fill(Ctx *c, Tensor *self, Tensor *mask, Tensor *value) {
    return op_tensor(c, &op_masked_fill,
                     (Value[]){arg_tensor(self), arg_tensor(mask), arg_tensor(value)});
}
Tensor *t_masked_fill_(Ctx *c, Tensor *self, Tensor *mask, Tensor *value) {
    return value_tensor(op_call_inplace(
        c, &op_masked_fill,
        (Value[]){arg_tensor(self), arg_tensor(mask), arg_tensor(value)}));
}
Tensor *t_masked_fill_scalar(Ctx *c, Tensor *self, Tensor *mask, Value number) {
    return op_tensor(c, &op_masked_fill_scalar,
                     (Value[]){arg_tensor(self), arg_tensor(mask), number});
}
Tensor *t_masked_fill_scalar_(Ctx *c, Tensor *self, Tensor *mask, Value number) {
    return value_tensor(
        op_call_inplace(c, &op_masked_fill_scalar,
                        (Value[]){arg_tensor(self), arg_tensor(mask), number}));
}

/* ---- masked_scatter, masked_select ---- */

/* Elements of source, in order, where mask is true. */
static Value masked_scatter_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *mask = call_tensor(k, 1),
           *src = call_tensor(k, 2);
    Shape shape;
    if (k->form != CALL_INPLACE && !mask_shape(c, k, &shape)) return value_null();
    if (self->dtype != src->dtype)
        return value_raise(c, RuntimeError,
                           "masked_scatter: expected self and source to have same "
                           "dtypes but got%s and %s",
                           dtype_scalar_name((DType)self->dtype),
                           dtype_scalar_name((DType)src->dtype));
    if (k->form == CALL_INPLACE) {
        shape = tensor_shape(self);
        if (!t_expand(c, mask, shape.ndim, shape.dims)) return value_null();
    }
    warn_uint8(c, mask, "masked_scatter_");
    mask = mask_bits(c, mask);
    if (!mask) return value_null();
    DType d = (DType)self->dtype;
    Tensor *r = call_result(c, k, 0, d, shape.ndim, shape.dims);
    Tensor *whole = r ? tensor_make(c, d, shape.ndim, shape.dims) : NULL;
    Tensor *bits = whole ? tensor_make(c, DT_bool, shape.ndim, shape.dims) : NULL;
    Tensor *from = bits ? t_contiguous(c, src) : NULL;
    if (!from) return value_null();
    tensor_copy(whole, self);
    tensor_copy(bits, mask);
    const bool *on = tensor_data(bits);
    char *to = tensor_data(whole);
    const char *at = tensor_data(from);
    int64_t used = 0;
    size_t size = dtype_size(d);
    for (int64_t i = 0; i < bits->numel; i++) {
        if (!on[i]) continue;
        if (used == from->numel)
            return value_raise(c, RuntimeError,
                               "Number of elements of source < number of ones in mask");
        element_store(d, to + i * (int64_t)size,
                      element_load(d, at + used++ * (int64_t)size));
    }
    tensor_copy(r, whole);
    return value_obj(r);
}
static void masked_scatter_backward(Ctx *c, Grad *g) {
    Tensor *mask = saved_tensor(c, g, 0);
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_masked_fill_scalar(c, g->grad, mask, value_int(0)));
    if (!grad_wanted(g, 1)) return;
    int64_t sizes[MAX_DIMS];
    int n = saved_ints(g, 1, sizes, MAX_DIMS);
    int64_t wanted = shape_numel(n, sizes);
    Tensor *t = t_masked_select(c, g->grad, mask);
    if (t && t->numel < wanted) {
        int64_t missing = wanted - t->numel;
        t = t_cat_pair(c, t, t_zeros(c, 1, &missing, (DType)t->dtype), 0);
    }
    grad_set(g, 1, t_view(c, t, n, sizes));
}
static const OpDef op_masked_scatter = {
    .schema = "masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor",
    .doc = "self with the elements of source, in order, where mask is true.",
    .forms = OP_METHOD | OP_FUNCTION | OP_INPLACE,
    .saves = "mask source.sizes",
    .constants = "mask",
    .forward = masked_scatter_forward,
    .backward = masked_scatter_backward,
    .example = "torch.masked_scatter(m, b, m)",
};
static Tensor *t_masked_scatter(Ctx *c, Tensor *self, Tensor *mask, Tensor *source) {
    return op_tensor(c, &op_masked_scatter,
                     (Value[]){arg_tensor(self), arg_tensor(mask), arg_tensor(source)});
}

/* The elements of self, broadcast with mask, where mask is true: [n]. */
static Value masked_select_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *mask = call_tensor(k, 1);
    if (mask->dtype != DT_bool && mask->dtype != DT_uint8)
        return value_raise(c, RuntimeError,
                           "masked_select: expected BoolTensor or ByteTensor for mask");
    if (k->form == CALL_OUT && k->target[0]->dtype != self->dtype)
        return value_raise(
            c, RuntimeError,
            "masked_select(): self and result must have the same scalar type");
    if (mask->dtype == DT_uint8)
        warn(c, UserWarning,
             "indexing with dtype torch.uint8 is now deprecated, please use a dtype "
             "torch.bool instead.");
    mask = mask_bits(c, mask);
    if (!mask) return value_null();
    Shape shape;
    if (!mask_shape(c, k, &shape)) return value_null();
    DType d = (DType)self->dtype;
    Tensor *whole = tensor_make(c, d, shape.ndim, shape.dims);
    Tensor *bits = whole ? tensor_make(c, DT_bool, shape.ndim, shape.dims) : NULL;
    if (!bits) return value_null();
    tensor_copy(whole, self);
    tensor_copy(bits, mask);
    const bool *on = tensor_data(bits);
    int64_t n = 0, at = 0;
    for (int64_t i = 0; i < bits->numel; i++) n += on[i];
    Tensor *r = call_result(c, k, 0, d, 1, &n);
    int64_t size = (int64_t)dtype_size(d);
    for (int64_t i = 0; r && i < bits->numel; i++)
        if (on[i])
            element_store(d, (char *)tensor_data(r) + at++ * size,
                          element_load(d, (char *)tensor_data(whole) + i * size));
    return value_obj(r);
}
static void masked_select_backward(Ctx *c, Grad *g) {
    Tensor *self = saved_tensor(c, g, 0), *mask = saved_tensor(c, g, 1);
    if (!self || !mask) return;
    Shape a = tensor_shape(self), b = tensor_shape(mask), shape;
    if (!shape_broadcast(c, &a, &b, &shape)) return;
    Tensor *zeros = t_zeros(c, shape.ndim, shape.dims, (DType)g->grad->dtype);
    grad_set(g, 0, t_masked_scatter(c, zeros, mask, g->grad));
}
static const OpDef op_masked_select = {
    .schema = "masked_select(Tensor self, Tensor mask) -> Tensor",
    .doc = "The elements of self where mask is true, as a vector.",
    .forms = OP_USUAL,
    .saves = "self mask",
    .constants = "mask",
    .forward = masked_select_forward,
    .backward = masked_select_backward,
};
Tensor *t_masked_select(Ctx *c, Tensor *self, Tensor *mask) {
    return op_tensor(c, &op_masked_select,
                     (Value[]){arg_tensor(self), arg_tensor(mask)});
}

const OpDef *const masked_ops[] = {
    &op_masked_fill,
    &op_masked_fill_scalar,
    &op_masked_scatter,
    &op_masked_select,
    NULL,
};
