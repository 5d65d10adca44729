/* Truth and bits, element by element: logical_and and friends, isnan and friends,
 * bitwise operators and shifts, also as __and__, __lshift__ ...
 *
 * Operands broadcast and are promoted as in arith.c. Nothing here has a derivative. */
#include "core/pointwise.h"
#include "ops.h"

/* ---- logical ---- */

/* Of the truth of each element: anything but 0 is true, also nan. */
static Value logical_and_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k,
                           &(const PointwiseKernel){.kernel = kernel_logical_and});
}
static const OpDef op_logical_and = {
    .schema = "logical_and(Tensor self, Tensor other) -> Tensor",
    .doc = "self and other, by truth",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE | OP_UNSTRUCTURED,
    .forward = logical_and_forward,
};

Tensor *t_logical_and(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_logical_and,
                     (Value[]){arg_tensor(self), arg_tensor(other)});
}

Tensor *t_logical_and_(Ctx *c, Tensor *self, Tensor *other) {
    Value args[] = {arg_tensor(self), arg_tensor(other)};
    return value_tensor(op_call_inplace(c, &op_logical_and, args));
}

/* Of the truth of each element: anything but 0 is true, also nan. */
static Value logical_or_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k, &(const PointwiseKernel){.kernel = kernel_logical_or});
}
static const OpDef op_logical_or = {
    .schema = "logical_or(Tensor self, Tensor other) -> Tensor",
    .doc = "self or other, by truth",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE | OP_UNSTRUCTURED,
    .forward = logical_or_forward,
};

Tensor *t_logical_or(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_logical_or, (Value[]){arg_tensor(self), arg_tensor(other)});
}

/* Of the truth of each element: anything but 0 is true, also nan. */
static Value logical_xor_forward(Ctx *c, Call *k) {
    return pointwise_test2(c, k,
                           &(const PointwiseKernel){.kernel = kernel_logical_xor});
}
static const OpDef op_logical_xor = {
    .schema = "logical_xor(Tensor self, Tensor other) -> Tensor",
    .doc = "self xor other, by truth",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE | OP_UNSTRUCTURED,
    .forward = logical_xor_forward,
};
Tensor *t_logical_xor(Ctx *c, Tensor *self, Tensor *other) {
    return op_tensor(c, &op_logical_xor,
                     (Value[]){arg_tensor(self), arg_tensor(other)});
}

static Value logical_not_forward(Ctx *c, Call *k) {
    return pointwise_test1(c, k,
                           &(const PointwiseKernel){.kernel = kernel_logical_not});
}
static const OpDef op_logical_not = {
    .schema = "logical_not(Tensor self) -> Tensor",
    .doc = "not self, by truth",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE | OP_UNSTRUCTURED,
    .forward = logical_not_forward,
};

Tensor *t_logical_not(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_logical_not, (Value[]){arg_tensor(self)});
}

/* ---- kinds of floats ---- */

static Value isnan_forward(Ctx *c, Call *k) {
    return pointwise_test1(c, k, &(const PointwiseKernel){.kernel = kernel_isnan});
}
static const OpDef op_isnan = {
    .schema = "isnan(Tensor self) -> Tensor",
    .doc = "whether an element is nan",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = isnan_forward,
};

Tensor *t_isnan(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_isnan, (Value[]){arg_tensor(self)});
}

/* What is true of every element. */
static Tensor *true_like(Ctx *c, Tensor *self) {
    Tensor *t = t_ones_like(c, self);
    return t_to_dtype(c, t, DT_bool);
}

static Value isinf_forward(Ctx *c, Call *k) {
    return pointwise_test1(c, k, &(const PointwiseKernel){.kernel = kernel_isinf});
}
static const OpDef op_isinf = {
    .schema = "isinf(Tensor self) -> Tensor",
    .doc = "whether an element is infinite",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = isinf_forward,
};

Tensor *t_isinf(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_isinf, (Value[]){arg_tensor(self)});
}

static Value isfinite_forward(Ctx *c, Call *k) {
    if (!dtype_is_floating((DType)call_tensor(k, 0)->dtype))
        return value_obj(true_like(c, call_tensor(k, 0)));
    return pointwise_test1(c, k, &(const PointwiseKernel){.kernel = kernel_isfinite});
}
static const OpDef op_isfinite = {
    .schema = "isfinite(Tensor self) -> Tensor",
    .doc = "whether an element is neither infinite nor nan",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = isfinite_forward,
};

Tensor *t_isfinite(Ctx *c, Tensor *self) {
    return op_tensor(c, &op_isfinite, (Value[]){arg_tensor(self)});
}

/* Some of these take no out= but of bool. */
static bool bool_target(Ctx *c, const Call *k) {
    if (k->form != CALL_OUT || k->target[0]->dtype == DT_bool) return true;
    error_raise(c, RuntimeError, "%.*s does not support non-boolean outputs.",
                k->op->schema.base_len, k->op->def->schema);
    return false;
}

static Value isposinf_forward(Ctx *c, Call *k) {
    if (!bool_target(c, k)) return value_null();
    return pointwise_test1(c, k, &(const PointwiseKernel){.kernel = kernel_isposinf});
}
static const OpDef op_isposinf = {
    .schema = "isposinf(Tensor self) -> Tensor",
    .doc = "whether an element is inf",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = isposinf_forward,
};

static Value isneginf_forward(Ctx *c, Call *k) {
    if (!bool_target(c, k)) return value_null();
    return pointwise_test1(c, k, &(const PointwiseKernel){.kernel = kernel_isneginf});
}
static const OpDef op_isneginf = {
    .schema = "isneginf(Tensor self) -> Tensor",
    .doc = "whether an element is -inf",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = isneginf_forward,
};

static Value signbit_forward(Ctx *c, Call *k) {
    if (!bool_target(c, k)) return value_null();
    return pointwise_test1(c, k, &(const PointwiseKernel){.kernel = kernel_signbit});
}
static const OpDef op_signbit = {
    .schema = "signbit(Tensor self) -> Tensor",
    .doc = "whether an element is negative, -0.0 too",
    .forms = OP_USUAL,
    .traits = OP_POINTWISE | OP_NOT_DIFFERENTIABLE,
    .forward = signbit_forward,
};

static Value isreal_forward(Ctx *c, Call *k) {
    return value_obj(true_like(c, call_tensor(k, 0)));
}
static const OpDef op_isreal = {
    .schema = "isreal(Tensor self) -> Tensor",
    .doc = "whether an element has no imaginary part",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = isreal_forward,
};

/* ---- bits ---- */

/* Overloads with a number on either side: the number as a 0-d tensor. */
static Value bitwise(Ctx *c, Call *k, Kernel kernel, const char *name,
                     unsigned refused) {
    Pointwise p = pointwise_args(c, k, 0, kernel);
    p.n = 2;
    for (int i = 0; i < 2; i++) {
        p.in[i] = call_tensor(k, i);
        if (!p.in[i]) p.in[i] = tensor_wrap_number(c, call_scalar(k, i));
        if (!p.in[i]) return value_null();
    }
    p.compute = p.result = result_type(c, 2, p.in);
    p.name = name;
    p.refused = refused;
    return value_obj(pointwise(c, k, &p));
}

/* self & other. Floats are refused. */
static Value bitwise_and_forward(Ctx *c, Call *k) {
    return bitwise(c, k, kernel_bitwise_and, "bitwise_and_cpu", DTYPES_FLOATING);
}
static const OpDef op_bitwise_and = {
    .schema = "bitwise_and.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self & other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_and_forward,
};
static const OpDef op_bitwise_and_scalar_tensor = {
    .schema = "bitwise_and.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .doc = "self & other",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bitwise_and_forward,
};
static const OpDef op_bitwise_and_scalar = {
    .schema = "bitwise_and.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self & other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_and_forward,
};
static const OpDef op_and_dunder = {
    .schema = "__and__.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "bitwise_and",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_and,
};
static const OpDef op_and_dunder_scalar = {
    .schema = "__and__.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "bitwise_and",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_and_scalar,
};
static const OpDef op_iand_dunder = {
    .schema = "__iand__.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)",
    .doc = "bitwise_and",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_and,
};
static const OpDef op_iand_dunder_scalar = {
    .schema = "__iand__.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)",
    .doc = "bitwise_and",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_and_scalar,
};

/* self | other. Floats are refused. */
static Value bitwise_or_forward(Ctx *c, Call *k) {
    return bitwise(c, k, kernel_bitwise_or, "bitwise_or_cpu", DTYPES_FLOATING);
}
static const OpDef op_bitwise_or = {
    .schema = "bitwise_or.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self | other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_or_forward,
};
static const OpDef op_bitwise_or_scalar_tensor = {
    .schema = "bitwise_or.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .doc = "self | other",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bitwise_or_forward,
};
static const OpDef op_bitwise_or_scalar = {
    .schema = "bitwise_or.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self | other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_or_forward,
};
static const OpDef op_or_dunder = {
    .schema = "__or__.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "bitwise_or",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_or,
};
static const OpDef op_or_dunder_scalar = {
    .schema = "__or__.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "bitwise_or",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_or_scalar,
};
static const OpDef op_ior_dunder = {
    .schema = "__ior__.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)",
    .doc = "bitwise_or",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_or,
};
static const OpDef op_ior_dunder_scalar = {
    .schema = "__ior__.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)",
    .doc = "bitwise_or",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_or_scalar,
};

/* self ^ other. Floats are refused. */
static Value bitwise_xor_forward(Ctx *c, Call *k) {
    return bitwise(c, k, kernel_bitwise_xor, "bitwise_xor_cpu", DTYPES_FLOATING);
}
static const OpDef op_bitwise_xor = {
    .schema = "bitwise_xor.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self ^ other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_xor_forward,
};
static const OpDef op_bitwise_xor_scalar_tensor = {
    .schema = "bitwise_xor.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .doc = "self ^ other",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bitwise_xor_forward,
};
static const OpDef op_bitwise_xor_scalar = {
    .schema = "bitwise_xor.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self ^ other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_xor_forward,
};
static const OpDef op_xor_dunder = {
    .schema = "__xor__.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "bitwise_xor",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_xor,
};
static const OpDef op_xor_dunder_scalar = {
    .schema = "__xor__.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "bitwise_xor",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_xor_scalar,
};
static const OpDef op_ixor_dunder = {
    .schema = "__ixor__.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)",
    .doc = "bitwise_xor",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_xor,
};
static const OpDef op_ixor_dunder_scalar = {
    .schema = "__ixor__.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)",
    .doc = "bitwise_xor",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_xor_scalar,
};

/* self << other. Floats are refused. */
static Value bitwise_left_shift_forward(Ctx *c, Call *k) {
    return bitwise(c, k, kernel_shift_left, "lshift_cpu",
                   DTYPES_FLOATING | DTYPES_BOOL);
}
static const OpDef op_bitwise_left_shift = {
    .schema = "bitwise_left_shift.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self << other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_left_shift_forward,
};
static const OpDef op_bitwise_left_shift_scalar_tensor = {
    .schema = "bitwise_left_shift.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .doc = "self << other",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bitwise_left_shift_forward,
};
static const OpDef op_bitwise_left_shift_scalar = {
    .schema = "bitwise_left_shift.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self << other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_left_shift_forward,
};
static const OpDef op_lshift_dunder = {
    .schema = "__lshift__.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "bitwise_left_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_left_shift,
};
static const OpDef op_lshift_dunder_scalar = {
    .schema = "__lshift__.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "bitwise_left_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_left_shift_scalar,
};
static const OpDef op_ilshift_dunder = {
    .schema = "__ilshift__.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)",
    .doc = "bitwise_left_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_left_shift,
};
static const OpDef op_ilshift_dunder_scalar = {
    .schema = "__ilshift__.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)",
    .doc = "bitwise_left_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_left_shift_scalar,
};

/* self >> other. Floats are refused. */
static Value bitwise_right_shift_forward(Ctx *c, Call *k) {
    return bitwise(c, k, kernel_shift_right, "rshift_cpu",
                   DTYPES_FLOATING | DTYPES_BOOL);
}
static const OpDef op_bitwise_right_shift = {
    .schema = "bitwise_right_shift.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "self >> other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_right_shift_forward,
};
static const OpDef op_bitwise_right_shift_scalar_tensor = {
    .schema = "bitwise_right_shift.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .doc = "self >> other",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = bitwise_right_shift_forward,
};
static const OpDef op_bitwise_right_shift_scalar = {
    .schema = "bitwise_right_shift.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "self >> other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING,
    .forward = bitwise_right_shift_forward,
};
static const OpDef op_rshift_dunder = {
    .schema = "__rshift__.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "bitwise_right_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_right_shift,
};
static const OpDef op_rshift_dunder_scalar = {
    .schema = "__rshift__.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "bitwise_right_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_right_shift_scalar,
};
static const OpDef op_irshift_dunder = {
    .schema = "__irshift__.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)",
    .doc = "bitwise_right_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_right_shift,
};
static const OpDef op_irshift_dunder_scalar = {
    .schema = "__irshift__.Scalar(Tensor(a!) self, Scalar other) -> Tensor(a!)",
    .doc = "bitwise_right_shift",
    .forms = OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_bitwise_right_shift_scalar,
};

/* ~self; bool is negated. */
static Value bitwise_not_forward(Ctx *c, Call *k) {
    return pointwise_unary(c, k,
                           &(const PointwiseKernel){kernel_bitwise_not,
                                                    "bitwise_not_cpu", DTYPES_FLOATING,
                                                    NULL});
}
static const OpDef op_bitwise_not = {
    .schema = "bitwise_not(Tensor self) -> Tensor",
    .doc = "~self",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_DERIVATIVE_MISSING | OP_OUT_SAME,
    .forward = bitwise_not_forward,
};

const OpDef *const logic_ops[] = {
    &op_logical_and,
    &op_logical_or,
    &op_logical_xor,
    &op_logical_not,
    &op_isnan,
    &op_isinf,
    &op_isfinite,
    &op_isposinf,
    &op_isneginf,
    &op_signbit,
    &op_isreal,
    &op_bitwise_and,
    &op_bitwise_and_scalar_tensor,
    &op_bitwise_and_scalar,
    &op_and_dunder,
    &op_and_dunder_scalar,
    &op_iand_dunder,
    &op_iand_dunder_scalar,
    &op_bitwise_or,
    &op_bitwise_or_scalar_tensor,
    &op_bitwise_or_scalar,
    &op_or_dunder,
    &op_or_dunder_scalar,
    &op_ior_dunder,
    &op_ior_dunder_scalar,
    &op_bitwise_xor,
    &op_bitwise_xor_scalar_tensor,
    &op_bitwise_xor_scalar,
    &op_xor_dunder,
    &op_xor_dunder_scalar,
    &op_ixor_dunder,
    &op_ixor_dunder_scalar,
    &op_bitwise_left_shift,
    &op_bitwise_left_shift_scalar_tensor,
    &op_bitwise_left_shift_scalar,
    &op_lshift_dunder,
    &op_lshift_dunder_scalar,
    &op_ilshift_dunder,
    &op_ilshift_dunder_scalar,
    &op_bitwise_right_shift,
    &op_bitwise_right_shift_scalar_tensor,
    &op_bitwise_right_shift_scalar,
    &op_rshift_dunder,
    &op_rshift_dunder_scalar,
    &op_irshift_dunder,
    &op_irshift_dunder_scalar,
    &op_bitwise_not,
    NULL,
};
