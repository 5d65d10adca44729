/* A sum and a product or quotient in one: addcmul, addcdiv, lerp.
 *
 * Operands broadcast and are promoted to one dtype.  Formulas are those of PyTorch's
 * derivatives.yaml. */
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

static const Value one = {.tag = VAL_INT, .as.i = 1};

/* self + value * tensor1 op tensor2, from the arguments of addcmul and addcdiv. */
static Value add_fused(Ctx *c, Call *k, Kernel kernel, const char *name,
                       unsigned refused) {
    Pointwise p = pointwise_args(c, k, 3, kernel);
    Value value = call_scalar(k, 3);
    Shape shape;
    if (k->form == CALL_INPLACE && !self_overlap_check(c, p.in[0])) return value_null();
    if (!pointwise_shape(c, &p, &shape)) return value_null();
    KernelNumbers x = pointwise_number(DT_float64, value);
    if (!dtype_is_floating(p.compute)) x = pointwise_number(DT_int64, value);
    p.name = name;
    p.refused = refused;
    p.scalars = 1u << 3;
    p.held = dense_dtype(p.compute);
    p.arg = &x;
    return value_obj(pointwise(c, k, &p));
}

/* self + value * tensor1 * tensor2. Source: PointwiseOps.cpp. */
static Value addcmul_forward(Ctx *c, Call *k) {
    return add_fused(c, k, kernel_addcmul, "addcmul_cpu_out",
                     DTYPES_BOOL | DTYPES_HALF);
}

static void addcmul_backward(Ctx *c, Grad *g) {
    Value value = saved_value(g, 2);
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 t_mul(c, g->grad, t_mul_scalar(c, saved_tensor(c, g, 0), value)));
    if (grad_wanted(g, 2))
        grad_set(g, 2,
                 t_mul(c, g->grad, t_mul_scalar(c, saved_tensor(c, g, 1), value)));
}

static const OpDef op_addcmul = {
    .schema = "addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) "
              "-> Tensor",
    .doc = "self + value * tensor1 * tensor2",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "tensor2?tensor1 tensor1?tensor2 value",
    .forward = addcmul_forward,
    .backward = addcmul_backward,
};

Tensor *t_addcmul(Ctx *c, Tensor *self, Tensor *tensor1, Tensor *tensor2) {
    return op_tensor(
        c, &op_addcmul,
        (Value[]){arg_tensor(self), arg_tensor(tensor1), arg_tensor(tensor2), one});
}

static const OpDef op_addcmul_factor = {
    .schema =
        "addcmul.factor(Tensor self, Scalar value, Tensor tensor1, Tensor tensor2) "
        "-> Tensor",
    .doc = "self + value * tensor1 * tensor2",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addcmul,
};

/* self + value * tensor1 / tensor2; RuntimeError for a quotient of integers. */
static Value addcdiv_forward(Ctx *c, Call *k) {
    if (!dtype_is_floating((DType)call_tensor(k, 1)->dtype) &&
        !dtype_is_floating((DType)call_tensor(k, 2)->dtype))
        return value_raise(
            c, RuntimeError,
            "Integer division with addcdiv is no longer supported, and in a future  "
            "release addcdiv will perform a true division of tensor1 and tensor2. The "
            "historic addcdiv behavior can be implemented as (input + value * "
            "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as "
            "(input + value * tensor1 / tensor2) for float inputs. The future addcdiv "
            "behavior is just the latter implementation: (input + value * tensor1 / "
            "tensor2), for all dtypes.");
    return add_fused(c, k, kernel_addcdiv, "addcdiv_cpu_out", DTYPES_HALF);
}

static void addcdiv_backward(Ctx *c, Grad *g) {
    Tensor *tensor2 = saved_tensor(c, g, 0);
    Value value = saved_value(g, 2);
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (grad_wanted(g, 1)) {
        grad_set(g, 1, t_mul(c, g->grad, t_scalar_div(c, value, tensor2)));
    }
    if (grad_wanted(g, 2)) {
        Tensor *product = t_mul_scalar(c, saved_tensor(c, g, 1), value);
        product = t_div(c, product, t_mul(c, tensor2, tensor2));
        grad_set(g, 2, t_mul(c, t_neg(c, g->grad), product));
    }
}

static const OpDef op_addcdiv = {
    .schema = "addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) "
              "-> Tensor",
    .doc = "self + value * tensor1 / tensor2",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "tensor2 tensor1?tensor2 value",
    .forward = addcdiv_forward,
    .backward = addcdiv_backward,
};

static const OpDef op_addcdiv_factor = {
    .schema =
        "addcdiv.factor(Tensor self, Scalar value, Tensor tensor1, Tensor tensor2) "
        "-> Tensor",
    .doc = "self + value * tensor1 / tensor2",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_HIDDEN,
    .forward = call_alias,
    .alias = &op_addcdiv,
};

static bool same_dtype(Ctx *c, const Tensor *self, const Tensor *t, const char *name) {
    if (self->dtype == t->dtype) return true;
    error_raise(c, RuntimeError, "expected dtype %s for `%s` but got dtype %s",
                dtype_type_name((DType)self->dtype), name,
                dtype_type_name((DType)t->dtype));
    return false;
}

static const OpDef op_lerp_scalar;
/* With a number, bfloat16 is computed in float: the number is not rounded. */
static Value lerp_in_float(Ctx *c, Call *k, Tensor *self, Tensor *end) {
    Value args[] = {arg_tensor(t_to_dtype(c, self, DT_float32)),
                    arg_tensor(t_to_dtype(c, end, DT_float32)), k->args[2]};
    Tensor *t = op_tensor(c, &op_lerp_scalar, args);
    return call_give(c, k, t_to_dtype(c, t, DT_bfloat16));
}

/* self + weight * (end - self). Source: Lerp.cpp. */
static Value lerp_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *end = call_tensor(k, 1);
    Tensor *weight = call_tensor(k, 2);
    bool number = !weight;
    if (!same_dtype(c, self, end, "end")) return value_null();
    if (weight && !same_dtype(c, self, weight, "weight")) return value_null();
    if (number && self->dtype == DT_bfloat16) return lerp_in_float(c, k, self, end);
    Pointwise p = pointwise_args(c, k, 2, kernel_lerp);
    p.n = 3;
    p.in[2] = number ? tensor_wrap_number(c, call_scalar(k, 2)) : weight;
    p.name = number ? "lerp_kernel_scalar" : "lerp_kernel_tensor";
    p.refused = DTYPES_HALF | DTYPES_INTEGRAL;
    p.scalars = number ? 1u << 2 : 0;
    p.held = dense_dtype(p.compute);
    return p.in[2] ? value_obj(pointwise(c, k, &p)) : value_null();
}

static Value one_minus(Value v) {
    return value_float(1 - value_as_double(v));
}

static void lerp_scalar_backward(Ctx *c, Grad *g) {
    Value weight = saved_value(g, 0);
    if (grad_wanted(g, 1)) grad_set(g, 1, t_mul_scalar(c, g->grad, weight));
    if (grad_wanted(g, 0)) grad_set(g, 0, t_mul_scalar(c, g->grad, one_minus(weight)));
}

static const OpDef op_lerp_scalar = {
    .schema = "lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor",
    .doc = "self + weight * (end - self)",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "weight",
    .forward = lerp_forward,
    .backward = lerp_scalar_backward,
};

static void lerp_tensor_backward(Ctx *c, Grad *g) {
    Tensor *weight = saved_tensor(c, g, 0);
    if (grad_wanted(g, 1)) grad_set(g, 1, t_mul(c, g->grad, weight));
    if (grad_wanted(g, 0))
        grad_set(g, 0, t_mul(c, g->grad, t_scalar_sub(c, one, weight)));
    if (grad_wanted(g, 2)) {
        Tensor *way = t_sub(c, saved_tensor(c, g, 1), saved_tensor(c, g, 2));
        grad_set(g, 2, t_mul(c, g->grad, way));
    }
}

static const OpDef op_lerp_tensor = {
    .schema = "lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor",
    .doc = "self + weight * (end - self)",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_OUT_SAME,
    .saves = "weight end?weight self?weight",
    .node = "LerpBackward1",
    .forward = lerp_forward,
    .backward = lerp_tensor_backward,
};

Tensor *t_lerp_(Ctx *c, Tensor *self, Tensor *end, Tensor *weight) {
    return value_tensor(op_call_inplace(
        c, &op_lerp_tensor,
        (Value[]){arg_tensor(self), arg_tensor(end), arg_tensor(weight)}));
}

const OpDef *const fused_ops[] = {
    &op_addcmul_factor, &op_addcmul, &op_addcdiv_factor, &op_addcdiv, &op_lerp_tensor,
    &op_lerp_scalar,    NULL,
};
