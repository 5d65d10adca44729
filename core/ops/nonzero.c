/* Where elements are not zero: nonzero and argwhere.
 * Source: TensorAdvancedIndexing.cpp. */
#include "ops.h"

Tensor *nonzero_columns(Ctx *c, const Tensor *self) {
    int64_t count = 0, at = 0, index[MAX_DIMS] = {0};
    Tensor *flat = tensor_make(c, DT_bool, self->ndim, self->sizes);
    if (!flat) return NULL;
    tensor_copy(flat, self);
    const bool *bits = tensor_data(flat);
    for (int64_t i = 0; i < flat->numel; i++) count += bits[i];
    Tensor *columns = tensor_make(c, DT_int64, 2, (int64_t[]){self->ndim, count});
    if (!columns) return NULL;
    int64_t *row = tensor_data(columns);
    for (int64_t i = 0; i < flat->numel; i++) {
        for (int d = 0; bits[i] && d < self->ndim; d++) row[d * count + at] = index[d];
        at += bits[i];
        for (int d = self->ndim - 1; d >= 0 && ++index[d] == self->sizes[d]; d--)
            index[d] = 0;
    }
    return columns;
}

/* One row of indices for each element that is not zero: [n, ndim], by columns in
 * memory.
 */
static Value nonzero_forward(Ctx *c, Call *k) {
    const Tensor *self = call_tensor(k, 0);
    if (k->form == CALL_OUT && k->target[0]->dtype != DT_int64)
        return value_raise(c, RuntimeError,
                           "nonzero: Expected out tensor to have scalar type Long but "
                           "got scalar type%s",
                           dtype_scalar_name((DType)k->target[0]->dtype));
    Tensor *columns = nonzero_columns(c, self);
    if (!columns) return value_null();
    int64_t n = columns->sizes[1], sizes[2] = {n, self->ndim}, strides[2] = {1, n};
    Tensor *rows = tensor_alias(c, columns, 2, sizes, strides, 0);
    if (k->form == CALL_NEW) return value_obj(rows);
    Tensor *r = call_result(c, k, 0, DT_int64, 2, sizes);
    tensor_copy(r, rows);
    return value_obj(r);
}
static const OpDef op_nonzero = {
    .schema = "nonzero(Tensor self) -> Tensor",
    .doc = "The indices of the elements that are not zero, one a row.",
    .forms = OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = nonzero_forward,
};

Value t_nonzero_tuple(Ctx *c, Tensor *self) {
    if (self->ndim == 0) self = t_unsqueeze(c, self, 0);
    Tensor *rows = op_tensor(c, &op_nonzero, (Value[]){arg_tensor(self)});
    return t_unbind(c, rows, 1);
}
static Value nonzero_as_tuple_forward(Ctx *c, Call *k) {
    if (call_bool(k, 1)) return t_nonzero_tuple(c, call_tensor(k, 0));
    return op_call(c, &op_nonzero, k->args);
}
static const OpDef op_nonzero_as_tuple = {
    .schema = "nonzero.as_tuple(Tensor self, *, bool as_tuple) -> Tensor",
    .doc = "The indices of the elements that are not zero, a vector a dimension.",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = nonzero_as_tuple_forward,
};
static Value nonzero_function_forward(Ctx *c, Call *k) {
    if (!call_bool(k, 1)) return call_as(c, k, &op_nonzero);
    if (k->form == CALL_OUT)
        return value_raise(
            c, RuntimeError,
            "nonzero does not support the out kwarg when as_tuple is True");
    return t_nonzero_tuple(c, call_tensor(k, 0));
}
static const OpDef op_nonzero_function = {
    .schema = "nonzero.function(Tensor self, *, bool as_tuple=False) -> Tensor",
    .doc =
        "The indices of the elements that are not zero: rows, or a tuple of columns.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = nonzero_function_forward,
};

static Value argwhere_forward(Ctx *c, Call *k) {
    return op_call(c, &op_nonzero, k->args);
}
static const OpDef op_argwhere = {
    .schema = "argwhere(Tensor self) -> Tensor",
    .doc = "The indices of the elements that are not zero, one a row.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = argwhere_forward,
};

const OpDef *const nonzero_ops[] = {
    &op_nonzero, &op_nonzero_as_tuple, &op_nonzero_function, &op_argwhere, NULL,
};
