/* softmax and log_softmax.  self [..., n, ...] -> the same, along dim.
 * Sources: SoftMax.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "core/kernel/softmax.h"
#include "core/pointwise.h"
#include "ops.h"

/* ---- the kernel ---- */

/* Contiguous, as the kernel takes it. */
static Tensor *operand(Ctx *c, Tensor *t) {
    bool narrow = t && t->dtype == DT_bfloat16;
    return t_contiguous(c, narrow ? t_to_dtype(c, t, DT_float32) : t);
}
static bool softmax_plan(Ctx *c, const Tensor *x, int64_t dim, bool log, Softmax *s) {
    bool narrow = x->dtype == DT_bfloat16;
    DType d = narrow ? DT_float32 : (DType)x->dtype;
    *s = (Softmax){d, log, narrow, math_of(c), false, 1, 1, 1};
    if (dim < 0) dim += x->ndim;
    s->columns = dim + 1 < x->ndim;
    for (int i = 0; i < x->ndim; i++)
        *(i < dim ? &s->outer : i > dim ? &s->inner : &s->n) *= x->sizes[i];
    return s->math;
}
static Value softmax_along(Ctx *c, Call *k, Tensor *x, int64_t dim, bool log) {
    Softmax s;
    Tensor *wide = operand(c, x);
    Tensor *t = wide ? tensor_make(c, (DType)wide->dtype, x->ndim, x->sizes) : NULL;
    if (!t || !softmax_plan(c, x, dim, log, &s)) return value_null();
    kernel_softmax(&s, tensor_data(wide), tensor_data(t));
    return call_give(c, k, t_to_dtype(c, t, (DType)x->dtype));
}
/* Arguments grad_output, output, dim. */
static Value softmax_along_backward(Ctx *c, Call *k, bool log) {
    Softmax s;
    Tensor *grad = call_tensor(k, 0), *y = call_tensor(k, 1);
    if (!tensor_same_sizes(grad, y)) grad = t_expand(c, grad, y->ndim, y->sizes);
    Tensor *wide_grad = operand(c, grad), *wide = operand(c, y);
    Tensor *t = wide ? tensor_make(c, (DType)wide->dtype, y->ndim, y->sizes) : NULL;
    if (!t || !wide_grad || !softmax_plan(c, y, call_int(k, 2), log, &s))
        return value_null();
    if (t->numel)
        kernel_softmax_backward(&s, tensor_data(wide_grad), tensor_data(wide),
                                tensor_data(t));
    return call_give(c, k, t_to_dtype(c, t, (DType)y->dtype));
}

static Tensor *sum_along(Ctx *c, Tensor *t, int64_t dim) {
    return t_sum_dims(c, t, 1, &dim, true);
}

/* The dimension of a call; false after raising. Without elements any dtype will do. */
static bool softmax_dim(Ctx *c, const Call *k, int64_t *dim, const char *name) {
    Tensor *x = call_tensor(k, 0);
    int d = shape_wrap_dim(c, call_int(k, 1), x->ndim);
    if (d < 0) return false;
    if (call_bool(k, 2)) {
        error_raise(c, RuntimeError,
                    "softmax with half to float conversion is not supported on CPU");
        return false;
    }
    if (x->numel && (!dtype_is_floating((DType)x->dtype) || x->dtype == DT_float16)) {
        bool last = d == x->ndim - 1 || x->ndim == 0;
        error_raise(c, RuntimeError, "\"%s_%skernel_impl\" not implemented for '%s'",
                    last ? name : "softmax", last ? "lastdim_" : "",
                    dtype_scalar_name((DType)x->dtype));
        return false;
    }
    *dim = d;
    return true;
}
/* Whether the gradient of a call (grad, output, dim, input_dtype) can be computed; name
 * is that of PyTorch's kernels. */
static bool backward_check(Ctx *c, const Call *k, const char *name) {
    const Tensor *grad = call_tensor(k, 0), *y = call_tensor(k, 1);
    DType d = (DType)grad->dtype, in = call_dtype(k, 3, d);
    int dim = shape_wrap_dim(c, call_int(k, 2), grad->ndim);
    if (dim < 0) return false;
    bool last = dim == grad->ndim - 1 || grad->ndim == 0;
    bool narrowed = d == DT_float32 && in == DT_float16;
    if (!dtype_is_floating(d) || d == DT_float16)
        error_raise(c, RuntimeError, "\"%s_%skernel_impl\" not implemented for '%s'",
                    name, last ? "lastdim_" : "", dtype_scalar_name(d));
    else
        scalar_type_check(c, d, narrowed ? in : (DType)y->dtype);
    return !ctx_failed(c);
}

static bool same_size_check(Ctx *c, const Tensor *grad, const Tensor *y) {
    if (tensor_same_sizes(grad, y)) return true;
    error_raise(
        c, RuntimeError,
        "Expected tensor for argument #1 'grad' to have same size as tensor for "
        "argument #2 'output'; but %s does not equal %s (while checking "
        "arguments for softmax_backward)",
        shape_text(c, grad), shape_text(c, y));
    return false;
}

/* ---- softmax ---- */

/* Of no elements: in the dtype of the input, which is not looked at. */
static Value empty_gradient(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0);
    if (shape_wrap_dim(c, call_int(k, 2), grad->ndim) < 0) return value_null();
    DType d = (DType)grad->dtype, in = call_dtype(k, 3, d);
    bool narrowed = d == DT_float32 && in == DT_float16;
    return call_give(c, k, t_to_dtype(c, grad, narrowed ? in : d));
}

/* grad y - y sum(grad y) */
static Value softmax_data_forward(Ctx *c, Call *k) {
    const Tensor *grad = call_tensor(k, 0);
    if (!same_size_check(c, grad, call_tensor(k, 1))) return value_null();
    if (grad->numel == 0) return empty_gradient(c, k);
    if (!backward_check(c, k, "softmax_backward")) return value_null();
    return softmax_along_backward(c, k, false);
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
    Tensor *x = call_tensor(k, 0);
    if (!softmax_dim(c, k, &dim, "softmax")) return value_null();
    if (x->numel == 0) return call_give(c, k, x);
    return softmax_along(c, k, x, dim, false);
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
    if (call_tensor(k, 1)->numel == 0) return empty_gradient(c, k);
    if (!backward_check(c, k, "log_softmax_backward")) return value_null();
    if (call_tensor(k, 0)->numel == 0) return empty_gradient(c, k);
    return softmax_along_backward(c, k, true);
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
    Tensor *x = call_tensor(k, 0);
    if (!softmax_dim(c, k, &dim, "log_softmax")) return value_null();
    if (x->numel == 0) return call_give(c, k, x);
    return softmax_along(c, k, x, dim, true);
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
    if (!x || (k->form == CALL_OUT && shape_wrap_dim(c, call_int(k, 1), x->ndim) < 0) ||
        !out_prepare(c, k, 0, (DType)x->dtype, x->ndim, x->sizes))
        return value_null();
    Value args[] = {arg_tensor(x), k->args[1], value_bool(false)};
    if (k->form == CALL_OUT) return call_give(c, k, op_tensor(c, def, args));
    return op_call(c, def, args);
}
static Value softmax_int_forward(Ctx *c, Call *k) {
    return run(c, k, &op_softmax_impl);
}
static const OpDef op_softmax = {
    .schema = "softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor",
    .doc = "exp(self) / sum(exp(self)) along a dimension.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE | OP_OUT_EXACT | OP_OUT_MISSING,
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
    .traits = OP_COMPOSITE | OP_OUT_EXACT | OP_OUT_MISSING,
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
