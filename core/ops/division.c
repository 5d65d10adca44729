/* Rounding quotients and their remainders: div with a rounding_mode, floor_divide,
 * remainder, fmod, and divide, the other name of div.
 *
 * Operands broadcast and are promoted as in arith.c.  Integers divided by zero raise
 * RuntimeError "ZeroDivisionError".  Formulas are those of derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

#include <string.h>

/* One of the kernels that divide integers too. */
static Value divide(Ctx *c, Call *k, Pointwise p, const char *name) {
    bool by_zero = false;
    DivisionCheck check = {&by_zero};
    p.name = name;
    p.refused = DTYPES_BOOL;
    if (!dtype_is_floating(p.compute)) p.arg = &check;
    Tensor *r = pointwise(c, k, &p);
    if (by_zero) return value_raise(c, RuntimeError, "ZeroDivisionError");
    return value_obj(r);
}

/* ---- div with a rounding_mode ---- */

/* The quotient of two arguments, rounded as the string in argument 2 says. */
static Value div_mode_forward(Ctx *c, Call *k) {
    const char *mode = call_string(k, 2);
    if (!mode) return div_forward(c, k);
    if (strcmp(mode, "trunc") == 0)
        return divide(c, k, pointwise_args(c, k, 2, kernel_div_trunc), "div_trunc_cpu");
    if (strcmp(mode, "floor") == 0)
        return divide(c, k, pointwise_args(c, k, 2, kernel_div_floor), "div_floor_cpu");
    return value_raise(c, RuntimeError,
                       "div expected rounding_mode to be one of None, 'trunc', or "
                       "'floor' but found '%s'",
                       mode);
}

/* A rounded quotient is flat wherever it has a derivative. */
static void div_mode_backward(Ctx *c, Grad *g) {
    Tensor *other = saved_tensor(c, g, 1);
    bool rounded = !saved_is_none(g, 2);
    if (grad_wanted(g, 1)) {
        Tensor *quotient =
            rounded ? NULL : t_div(c, t_div(c, saved_tensor(c, g, 0), other), other);
        grad_set(g, 1,
                 rounded ? t_zeros_like(c, g->grad)
                         : t_mul(c, t_neg(c, g->grad), quotient));
    }
    if (grad_wanted(g, 0))
        grad_set(g, 0, rounded ? t_zeros_like(c, g->grad) : t_div(c, g->grad, other));
}

static const OpDef op_div_mode = {
    .schema = "div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> "
              "Tensor",
    .doc = "self / other, rounded to zero ('trunc') or down ('floor')",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE | OP_NUMBERS_AS_TENSORS,
    .saves = "self?other other rounding_mode",
    .node = "DivBackward2",
    .forward = div_mode_forward,
    .backward = div_mode_backward,
    .example = "torch.div(m, s, rounding_mode='floor')",
};
static const OpDef op_div_scalar_mode = {
    .schema = "div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> "
              "Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .example = "torch.div(m, 2, rounding_mode='floor')",
};

Tensor *t_div_mode(Ctx *c, Tensor *self, Tensor *other, const char *mode) {
    Value text = value_obj(pool_add(c, str_from(c, mode)));
    return op_tensor(c, &op_div_mode,
                     (Value[]){arg_tensor(self), arg_tensor(other), text});
}

static const OpDef op_divide = {
    .schema = "divide.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "div",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_div,
};
static const OpDef op_divide_mode = {
    .schema = "divide.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> "
              "Tensor",
    .doc = "div",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_COMPOSITE | OP_NUMBERS_AS_TENSORS,
    .forward = call_alias,
    .alias = &op_div_mode,
    .example = "torch.divide(m, s, rounding_mode='floor')",
};
static const OpDef op_divide_scalar = {
    .schema = "divide.Scalar(Tensor self, Scalar other) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};
static const OpDef op_divide_scalar_mode = {
    .schema = "divide.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> "
              "Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
    .example = "torch.divide(m, 2, rounding_mode='floor')",
};

/* ---- floor_divide ---- */

/* The quotient rounded down, Python's self // other. Source: BinaryOps.cpp. */
static Value floor_divide_forward(Ctx *c, Call *k) {
    return divide(c, k, pointwise_args(c, k, 2, kernel_div_floor), "div_floor_cpu");
}
static const OpDef op_floor_divide = {
    .schema = "floor_divide(Tensor self, Tensor other) -> Tensor",
    .doc = "self / other rounded down",
    .forms = OP_USUAL_INPLACE,
    .traits =
        OP_POINTWISE | OP_NUMBERS_AS_TENSORS | OP_DERIVATIVE_MISSING | OP_UNSTRUCTURED,
    .forward = floor_divide_forward,
};
static const OpDef op_floor_divide_scalar = {
    .schema = "floor_divide.Scalar(Tensor self, Scalar other) -> Tensor",
    .forms = OP_FUNCTION | OP_METHOD | OP_INPLACE,
};

/* ---- remainder, fmod ---- */

/* The operands of (Tensor, Scalar) and (Scalar, Tensor) overloads as tensors. */
static Pointwise number_args(Ctx *c, const Call *k, Kernel kernel) {
    Pointwise p = pointwise_args(c, k, 0, kernel);
    p.n = 2;
    for (int i = 0; i < 2; i++) {
        p.in[i] = call_tensor(k, i);
        if (!p.in[i]) p.in[i] = tensor_wrap_number(c, k->args[i]);
    }
    if (p.in[0] && p.in[1]) p.compute = p.result = result_type(c, 2, p.in);
    return p;
}

/* self - other * floor(self / other), Python's self % other. */
static Value remainder_forward(Ctx *c, Call *k) {
    return divide(c, k, pointwise_args(c, k, 2, kernel_remainder), "remainder_cpu");
}

/* -grad * the rounded quotient of the saved operands, to the second. */
static void modulo_backward(Ctx *c, Grad *g, const char *mode) {
    if (grad_wanted(g, 0)) grad_set(g, 0, g->grad);
    if (!grad_wanted(g, 1)) return;
    Tensor *quotient =
        t_div_mode(c, saved_tensor(c, g, 0), saved_tensor(c, g, 1), mode);
    grad_set(g, 1, t_mul(c, t_neg(c, g->grad), quotient));
}

static void remainder_backward(Ctx *c, Grad *g) {
    modulo_backward(c, g, "floor");
}

static const OpDef op_remainder = {
    .schema = "remainder.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "the remainder of self / other, with the sign of other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self?other other?other",
    .node = "RemainderBackward1",
    .forward = remainder_forward,
    .backward = remainder_backward,
};

static Value remainder_number_forward(Ctx *c, Call *k) {
    Pointwise p = number_args(c, k, kernel_remainder);
    return ctx_failed(c) ? value_null() : divide(c, k, p, "remainder_cpu");
}

static const OpDef op_remainder_scalar = {
    .schema = "remainder.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "the remainder of self / other, with the sign of other",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .forward = remainder_number_forward,
    .backward = gradient_passes,
};
static const OpDef op_remainder_scalar_tensor = {
    .schema = "remainder.Scalar_Tensor(Scalar self, Tensor other) -> Tensor",
    .doc = "the remainder of self / other, with the sign of other",
    .forms = OP_FUNCTION,
    .traits = OP_DERIVATIVE_MISSING,
    .forward = remainder_number_forward,
};

/* self - other * trunc(self / other), C's fmod. */
static Value fmod_forward(Ctx *c, Call *k) {
    return divide(c, k, pointwise_args(c, k, 2, kernel_fmod), "fmod_cpu");
}

static void fmod_backward(Ctx *c, Grad *g) {
    modulo_backward(c, g, "trunc");
}

static const OpDef op_fmod = {
    .schema = "fmod.Tensor(Tensor self, Tensor other) -> Tensor",
    .doc = "the remainder of self / other, with the sign of self",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .saves = "self?other other?other",
    .node = "FmodBackward1",
    .forward = fmod_forward,
    .backward = fmod_backward,
};

static Value fmod_number_forward(Ctx *c, Call *k) {
    Pointwise p = number_args(c, k, kernel_fmod);
    return ctx_failed(c) ? value_null() : divide(c, k, p, "fmod_cpu");
}

static const OpDef op_fmod_scalar = {
    .schema = "fmod.Scalar(Tensor self, Scalar other) -> Tensor",
    .doc = "the remainder of self / other, with the sign of self",
    .forms = OP_USUAL_INPLACE,
    .traits = OP_POINTWISE,
    .forward = fmod_number_forward,
    .backward = gradient_passes,
};

const OpDef *const division_ops[] = {
    &op_div_mode,         &op_div_scalar_mode,
    &op_divide,           &op_divide_mode,
    &op_divide_scalar,    &op_divide_scalar_mode,
    &op_floor_divide,     &op_floor_divide_scalar,
    &op_remainder,        &op_remainder_scalar_tensor,
    &op_remainder_scalar, &op_fmod,
    &op_fmod_scalar,      NULL,
};
