/* What a tensor says of its layout: x.size(), x.stride().
 *
 * Each has three overloads, whose order decides the texts of wrong calls
 * (python_variable_methods.cpp). */
#include "ops.h"

static Value size_forward(Ctx *c, Call *k) {
    const Tensor *t = call_tensor(k, 0);
    return value_obj(pool_add(c, size_new(c, t->ndim, t->sizes)));
}
static Value stride_forward(Ctx *c, Call *k) {
    const Tensor *t = call_tensor(k, 0);
    Value items[MAX_DIMS];
    for (int i = 0; i < t->ndim; i++) items[i] = value_int(t->strides[i]);
    return tuple_of(c, (size_t)t->ndim, items);
}

static Value of_dim(Ctx *c, Call *k, const int64_t *values) {
    int at = shape_size_dim(c, call_int(k, 1), call_tensor(k, 0)->ndim);
    return at < 0 ? value_null() : value_int(values[at]);
}
static Value size_int_forward(Ctx *c, Call *k) {
    return of_dim(c, k, call_tensor(k, 0)->sizes);
}
static Value stride_int_forward(Ctx *c, Call *k) {
    return of_dim(c, k, call_tensor(k, 0)->strides);
}

static const OpDef op_size_int = {
    .schema = "size.int(Tensor self, int dim) -> int",
    .doc = "How many elements self has along a dimension.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = size_int_forward,
};
static const OpDef op_size = {
    .schema = "size(Tensor self) -> int[]",
    .doc = "The torch.Size of self.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = size_forward,
};
static const OpDef op_size_name = {
    .schema = "size.Dimname(Tensor self, Dimname dim) -> int",
    .forms = OP_METHOD,
};
static const OpDef op_stride_int = {
    .schema = "stride.int(Tensor self, int dim) -> int",
    .doc = "How many elements of memory lie between neighbours along a dimension.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = stride_int_forward,
};
static const OpDef op_stride = {
    .schema = "stride(Tensor self) -> int[]",
    .doc = "The steps in memory along all dimensions, a tuple.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = stride_forward,
};
static const OpDef op_stride_name = {
    .schema = "stride.Dimname(Tensor self, Dimname dim) -> int",
    .forms = OP_METHOD,
};

const OpDef *const sizes_ops[] = {
    &op_size_int, &op_size,        &op_size_name, &op_stride_int,
    &op_stride,   &op_stride_name, NULL,
};
