/* What is there for complex numbers, of real tensors: conj, conj_physical,
 * resolve_conj, resolve_neg, real, imag, view_as_real, adjoint.
 *
 * A real tensor is its own conjugate and its own real part: these give self.
 * Sources: UnaryOps.cpp, ComplexHelper.h, LinearAlgebra.cpp. */
#include "ops.h"

static Value self_forward(Ctx *c, Call *k) {
    (void)c;
    return k->args[0];
}

#define SELF_ROW(schema_, doc_, forms_)                                                \
    {                                                                                  \
        .schema = schema_, .doc = doc_, .forms = forms_, .traits = OP_COMPOSITE,       \
        .forward = self_forward,                                                       \
    }

static const OpDef op_conj = SELF_ROW("conj(Tensor(a) self) -> Tensor(a)",
                                      "self, being real.", OP_FUNCTION | OP_METHOD);
static Value conj_physical_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (k->form != CALL_OUT) return value_obj(self);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    tensor_copy(r, self);
    return value_obj(r);
}
static const OpDef op_conj_physical = {
    .schema = "conj_physical(Tensor self) -> Tensor",
    .doc = "self, being real.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE | OP_OUT_MISSING | OP_OUT_SAME,
    .forward = conj_physical_forward,
};
static const OpDef op_resolve_conj =
    SELF_ROW("resolve_conj(Tensor(a) self) -> Tensor(a)", "self, being real.",
             OP_FUNCTION | OP_METHOD);
static const OpDef op_resolve_neg =
    SELF_ROW("resolve_neg(Tensor(a) self) -> Tensor(a)", "self, being real.",
             OP_FUNCTION | OP_METHOD);
static const OpDef op_real =
    SELF_ROW("real(Tensor(a) self) -> Tensor(a)", "self, being real.", OP_FUNCTION);

static const OpDef op_conj_physical_ = {
    .schema = "conj_physical_(Tensor(a!) self) -> Tensor(a!)",
    .doc = "self, being real.",
    .forms = OP_FUNCTION | OP_METHOD,
    .node = "ConjPhysicalBackward1",
    .forward = self_forward,
    .backward = gradient_passes,
};

static Value imag_forward(Ctx *c, Call *k) {
    (void)k;
    return value_raise(c, RuntimeError,
                       "imag is not implemented for tensors with non-complex dtypes.");
}
static const OpDef op_imag = {
    .schema = "imag(Tensor(a) self) -> Tensor(a)",
    .doc = "Refused: real tensors have no imaginary part.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = imag_forward,
};

static Value view_as_real_forward(Ctx *c, Call *k) {
    (void)k;
    return value_raise(c, RuntimeError,
                       "view_as_real is only supported for complex tensors");
}
static const OpDef op_view_as_real = {
    .schema = "view_as_real(Tensor(a) self) -> Tensor(a)",
    .doc = "Refused: real tensors have no parts.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = view_as_real_forward,
};

static Value adjoint_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim == 0) return value_obj(self);
    if (self->ndim == 1)
        return value_raise(c, RuntimeError,
                           "tensor.adjoint() is only supported on matrices or batches "
                           "of matrices. Got 1-D tensor.");
    return value_obj(t_transpose(c, self, -2, -1));
}
static const OpDef op_adjoint = {
    .schema = "adjoint(Tensor(a) self) -> Tensor(a)",
    .doc = "self with its last two dimensions swapped.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = adjoint_forward,
};

const OpDef *const real_ops[] = {
    &op_conj, &op_conj_physical, &op_conj_physical_, &op_resolve_conj, &op_resolve_neg,
    &op_real, &op_imag,          &op_view_as_real,   &op_adjoint,      NULL,
};
