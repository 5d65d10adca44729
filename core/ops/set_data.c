/* set_data: a tensor that becomes a view of another's memory.
 *
 * Only what the tensor looks at changes; it keeps its version counter, which counts the
 * change, and views of its old memory stay what they are.
 *
 * Source: native/TensorShape.cpp, templates/python_variable_methods.cpp. */
#include "core/ops/ops.h"

static Value set_to(Ctx *c, Tensor *self, Tensor *source) {
    if (!source) return value_null();
    if (source->dtype != self->dtype)
        return value_raise(c, RuntimeError,
                           "source.dtype() == self.dtype() INTERNAL ASSERT FAILED at "
                           "\"./torch/csrc/autograd/generated/"
                           "python_variable_methods.cpp\":16761, please report a bug "
                           "to PyTorch. ");
    return tensor_set_data(c, self, source) ? value_obj(self) : value_null();
}

static Value set_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return set_to(c, self, tensor_make(c, (DType)self->dtype, 1, (int64_t[]){0}));
}
static const OpDef op_set = {
    .schema = "set_(Tensor(a!) self) -> Tensor(a!)",
    .doc = "Leaves self without elements.",
    .forms = OP_METHOD,
    .traits = OP_DERIVATIVE_MISSING,
    .node = "set_",
    .forward = set_forward,
};

static Value set_tensor_forward(Ctx *c, Call *k) {
    return set_to(c, call_tensor(k, 0), call_tensor(k, 1));
}
static const OpDef op_set_tensor = {
    .schema = "set_.source_Tensor(Tensor(a!) self, Tensor source) -> Tensor(a!)",
    .doc = "Makes self look at the memory of source as source does.",
    .forms = OP_METHOD,
    .traits = OP_DERIVATIVE_MISSING,
    .node = "set_",
    .forward = set_tensor_forward,
    .example = "m.clone().set_(v)",
};

static Value set_part_forward(Ctx *c, Call *k) {
    Tensor *source = call_tensor(k, 1);
    int64_t offset = call_int(k, 2), sizes[MAX_DIMS], strides[MAX_DIMS];
    int n = call_ints(c, k, 3, sizes, MAX_DIMS);
    int m = n < 0 ? -1 : call_ints(c, k, 4, strides, MAX_DIMS);
    if (m < 0) return value_null();
    if (offset < 0)
        return value_raise(c, RuntimeError, "Tensor: invalid storage offset %lld",
                           (long long)offset);
    if (m == 0) shape_contiguous_strides(n, sizes, strides);
    if (m > 0 && m != n)
        return value_raise(c, RuntimeError,
                           "unequal size length (%d) and stride length (%d)", n, m);
    return set_to(c, call_tensor(k, 0),
                  t_as_strided(c, source, n, sizes, strides, offset));
}
static const OpDef op_set_part = {
    .schema =
        "set_.source_Tensor_storage_offset(Tensor(a!) self, Tensor source, SymInt "
        "storage_offset, SymInt[] size, SymInt[] stride=[]) -> Tensor(a!)",
    .doc =
        "Makes self look at the memory of source, with sizes and strides of its own.",
    .forms = OP_METHOD,
    .traits = OP_DERIVATIVE_MISSING,
    .node = "set_",
    .forward = set_part_forward,
    .example = "m.clone().set_(v, 1, [2])",
};

static const OpDef op_set_storage = {
    .schema = "set_.source_Storage(Tensor(a!) self, Storage source) -> Tensor(a!)",
    .forms = OP_METHOD,
};
static const OpDef op_set_storage_part = {
    .schema = "set_.source_Storage_storage_offset(Tensor(a!) self, Storage source, int "
              "storage_offset, int[] size, int[] stride=[]) -> Tensor(a!)",
    .forms = OP_METHOD,
};

const OpDef *const set_data_ops[] = {
    &op_set, &op_set_storage, &op_set_storage_part, &op_set_tensor, &op_set_part, NULL,
};
