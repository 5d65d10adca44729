/* frexp: floats taken apart into mantissa and exponent.
 * Source: UnaryOps.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "ops.h"

#include <math.h>

static const char *const frexp_fields[] = {"mantissa", "exponent", NULL};
RETURN_KIND(frexp, frexp_fields)

/* self = mantissa 2^exponent, 0.5 <= |mantissa| < 1; 0, inf and nan have exponent 0.
 * Every dtype holds its own mantissas, so that doubles do for all. */
static void take_apart(const Tensor *self, Tensor *mantissa, Tensor *exponent) {
    DType d = (DType)mantissa->dtype;
    char *m = tensor_data(mantissa);
    int32_t *e = tensor_data(exponent);
    int64_t size = (int64_t)dtype_size(d);
    tensor_copy(mantissa, self);
    for (int64_t i = 0; i < mantissa->numel; i++) {
        double f = element_load(d, m + i * size).as.f;
        int power = 0;
        if (isfinite(f)) element_store(d, m + i * size, value_float(frexp(f, &power)));
        e[i] = power;
    }
}

static bool frexp_check(Ctx *c, const Call *k, const Tensor *self) {
    if (!dtype_is_floating((DType)self->dtype))
        error_raise(c, RuntimeError,
                    "torch.frexp() only supports floating-point dtypes");
    else if (k->form == CALL_OUT && k->target[0]->dtype != self->dtype)
        error_raise(c, RuntimeError,
                    "torch.frexp() expects mantissa to have dtype %s but got %s",
                    dtype_type_name((DType)self->dtype),
                    dtype_type_name((DType)k->target[0]->dtype));
    else if (k->form == CALL_OUT && k->target[1]->dtype != DT_int32)
        error_raise(c, RuntimeError,
                    "torch.frexp() expects exponent to have int dtype but got %s",
                    dtype_type_name((DType)k->target[1]->dtype));
    return !ctx_failed(c);
}

/* A result of dtype d, in the memory order of self when it is new. */
static Tensor *result_like(Ctx *c, Call *k, int nr, Tensor *self, DType d) {
    if (k->form != CALL_NEW) return call_result(c, k, nr, d, self->ndim, self->sizes);
    int64_t strides[MAX_DIMS];
    dense_strides_like(self, strides);
    return t_empty_strided(c, self->ndim, self->sizes, strides, d);
}

static Value frexp_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    if (!frexp_check(c, k, self)) return value_null();
    Tensor *m = tensor_make(c, d, self->ndim, self->sizes);
    Tensor *e = tensor_make(c, DT_int32, self->ndim, self->sizes);
    Tensor *mantissa = result_like(c, k, 0, self, d);
    Tensor *exponent = result_like(c, k, 1, self, DT_int32);
    if (!m || !e || !exponent || !mantissa) return value_null();
    take_apart(self, m, e);
    tensor_copy(mantissa, m);
    tensor_copy(exponent, e);
    return return_tuple(c, &frexp_kind, 2, (Tensor *[]){mantissa, exponent});
}
static void frexp_backward(Ctx *c, Grad *g) {
    Tensor *power =
        op_tensor(c, &op_exp2, (Value[]){arg_tensor(saved_tensor(c, g, 0))});
    grad_set(g, 0, t_div(c, g->grad, power));
}
static const OpDef op_frexp = {
    .schema = "frexp.Tensor(Tensor self) -> (Tensor mantissa, Tensor exponent)",
    .doc = "Mantissa and exponent: self = mantissa * 2 ** exponent.",
    .forms = OP_USUAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "result1",
    .forward = frexp_forward,
    .backward = frexp_backward,
};

const OpDef *const frexp_ops[] = {&op_frexp, NULL};
