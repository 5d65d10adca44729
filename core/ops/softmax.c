/* softmax and log_softmax.  self [..., n, ...] -> the same, along dim.
 * Sources: SoftMax.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "ops.h"

static Tensor *sum_along(Ctx *c, Tensor *t, int64_t dim) {
    return t_sum_dims(c, t, 1, &dim, true);
}

/* x less its largest element along dim, for exponentials that do not overflow. */
static Tensor *shifted(Ctx *c, const Call *k, int64_t *dim, const char *name) {
    Tensor *x = call_tensor(k, 0);
    int d = shape_wrap_dim(c, call_int(k, 1), x->ndim);
    if (d < 0) return NULL;
    if (!dtype_is_floating((DType)x->dtype) || x->dtype == DT_float16) {
        bool last = d == x->ndim - 1 || x->ndim == 0;
        return error_raise(
            c, RuntimeError, "\"%s%skernel_impl\" not implemented for '%s'", name,
            last ? "_lastdim_" : "_", dtype_scalar_name((DType)x->dtype));
    }
    *dim = d;
    if (x->numel == 0) return x;
    return t_sub(c, x, t_amax(c, x, 1, dim, true));
}

/* ---- softmax ---- */

/* grad y - y sum(grad y) */
static Value softmax_data_forward(Ctx *c, Call *k) {
    Tensor *y = call_tensor(k, 1), *p = t_mul(c, call_tensor(k, 0), y);
    return call_give(c, k, t_sub(c, p, t_mul(c, y, sum_along(c, p, call_int(k, 2)))));
}
static void softmax_data_backward(Ctx *c, Grad *g);
static const OpDef op_softmax_backward_data = {
    .schema =
        "_softmax_backward_data(Tensor grad_output, Tensor output, int dim, ScalarType "
        "input_dtype) -> Tensor",
    .doc = "The gradient of softmax.",
    .forms = OP_FUNCTION,
    .saves = "grad_output output dim input_dtype",
    .forward = softmax_data_forward,
    .backward = softmax_data_backward,
};
static void softmax_data_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *y = saved_tensor(c, g, 1), *v = g->grad;
    int64_t dim = saved_int(g, 2);
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 op_tensor(c, &op_softmax_backward_data,
                           (Value[]){arg_tensor(v), arg_tensor(y), saved_value(g, 2),
                                     saved_value(g, 3)}));
    if (!grad_wanted(g, 1)) return;
    Tensor *t = t_mul(c, grad, v);
    t = t_sub(c, t, t_mul(c, sum_along(c, t_mul(c, y, grad), dim), v));
    grad_set(g, 1, t_sub(c, t, t_mul(c, grad, sum_along(c, t_mul(c, y, v), dim))));
}

/* exp(x) / sum(exp(x)) */
static Value softmax_forward(Ctx *c, Call *k) {
    int64_t dim;
    Tensor *e = t_exp(c, shifted(c, k, &dim, "softmax"));
    return call_give(c, k, e ? t_div(c, e, sum_along(c, e, dim)) : NULL);
}
static void softmax_backward(Ctx *c, Grad *g) {
    Tensor *y = saved_tensor(c, g, 0);
    if (!y) return;
    grad_set(g, 0,
             op_tensor(c, &op_softmax_backward_data,
                       (Value[]){arg_tensor(g->grad), arg_tensor(y), saved_value(g, 1),
                                 value_dtype((DType)y->dtype)}));
}
static const OpDef op_softmax_impl = {
    .schema = "_softmax(Tensor self, int dim, bool half_to_float) -> Tensor",
    .doc = "softmax of a floating point tensor.",
    .forms = OP_FUNCTION,
    .saves = "result dim",
    .forward = softmax_forward,
    .backward = softmax_backward,
};

/* ---- log_softmax ---- */

/* grad - exp(y) sum(grad) */
static Value log_data_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *p = t_exp(c, call_tensor(k, 1));
    return call_give(c, k,
                     t_sub(c, grad, t_mul(c, p, sum_along(c, grad, call_int(k, 2)))));
}
static void log_data_backward(Ctx *c, Grad *g) {
    Tensor *grad = saved_tensor(c, g, 0), *p = t_exp(c, saved_tensor(c, g, 1));
    int64_t dim = saved_int(g, 2);
    if (grad_wanted(g, 0)) {
        Tensor *sum = sum_along(c, t_mul(c, g->grad, p), dim);
        grad_set(g, 0, t_sub(c, g->grad, sum));
    }
    if (!grad_wanted(g, 1)) return;
    Tensor *t = t_mul(c, t_neg(c, sum_along(c, grad, dim)), p);
    grad_set(g, 1, t_mul(c, t, g->grad));
}
static const OpDef op_log_softmax_backward_data = {
    .schema = "_log_softmax_backward_data(Tensor grad_output, Tensor output, int dim, "
              "ScalarType input_dtype) -> Tensor",
    .doc = "The gradient of log_softmax.",
    .forms = OP_FUNCTION,
    .saves = "grad_output output dim input_dtype",
    .forward = log_data_forward,
    .backward = log_data_backward,
};

/* x - log(sum(exp(x))) */
static Value log_softmax_forward(Ctx *c, Call *k) {
    int64_t dim;
    Tensor *x = shifted(c, k, &dim, "log_softmax");
    if (!x) return value_null();
    return call_give(c, k, t_sub(c, x, t_log(c, sum_along(c, t_exp(c, x), dim))));
}
static void log_softmax_backward(Ctx *c, Grad *g) {
    Tensor *y = saved_tensor(c, g, 0);
    if (!y) return;
    grad_set(g, 0,
             op_tensor(c, &op_log_softmax_backward_data,
                       (Value[]){arg_tensor(g->grad), arg_tensor(y), saved_value(g, 1),
                                 value_dtype((DType)y->dtype)}));
}
static const OpDef op_log_softmax_impl = {
    .schema = "_log_softmax(Tensor self, int dim, bool half_to_float) -> Tensor",
    .doc = "log_softmax of a floating point tensor.",
    .forms = OP_FUNCTION,
    .saves = "result dim",
    .forward = log_softmax_forward,
    .backward = log_softmax_backward,
};

/* ---- what users call ---- */

static Value run(Ctx *c, Call *k, const OpDef *def) {
    Tensor *x = call_tensor(k, 0);
    x = t_to_dtype(c, x, call_dtype(k, 2, (DType)x->dtype));
    return op_call(c, def, (Value[]){arg_tensor(x), k->args[1], value_bool(false)});
}
static Value softmax_int_forward(Ctx *c, Call *k) {
    return run(c, k, &op_softmax_impl);
}
static const OpDef op_softmax = {
    .schema = "softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
    .doc = "exp(self) / sum(exp(self)) along a dimension.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = softmax_int_forward,
};
static const OpDef op_softmax_name = {
    .schema = "softmax.Dimname(Tensor self, Dimname dim, *, ScalarType? dtype=None) -> "
              "Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
static Value log_softmax_int_forward(Ctx *c, Call *k) {
    return run(c, k, &op_log_softmax_impl);
}
static const OpDef op_log_softmax = {
    .schema = "log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
    .doc = "The logarithm of softmax along a dimension.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = log_softmax_int_forward,
};
static const OpDef op_log_softmax_name = {
    .schema =
        "log_softmax.Dimname(Tensor self, Dimname dim, *, ScalarType? dtype=None) -> "
        "Tensor",
    .forms = OP_FUNCTION | OP_METHOD,
};
Tensor *t_softmax(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_softmax,
                     (Value[]){arg_tensor(self), value_int(dim), value_none()});
}
Tensor *t_log_softmax(Ctx *c, Tensor *self, int64_t dim) {
    return op_tensor(c, &op_log_softmax_impl,
                     (Value[]){arg_tensor(self), value_int(dim), value_bool(false)});
}

static const OpDef op_special_softmax = {
    .schema = "special_softmax(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
    .doc = "softmax",
    .forms = OP_SPECIAL,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_softmax,
};
static const OpDef op_special_log_softmax = {
    .schema = "special_log_softmax(Tensor self, int dim, *, ScalarType? dtype=None) -> "
              "Tensor",
    .doc = "log_softmax",
    .forms = OP_SPECIAL,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_log_softmax,
};

const OpDef *const softmax_ops[] = {
    &op_softmax_backward_data,
    &op_softmax_impl,
    &op_log_softmax_backward_data,
    &op_log_softmax_impl,
    &op_softmax,
    &op_softmax_name,
    &op_log_softmax,
    &op_log_softmax_name,
    &op_special_softmax,
    &op_special_log_softmax,
    NULL,
};
