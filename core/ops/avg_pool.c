/* Mean pooling over sliding windows.
 *
 * Sources: Pooling.cpp, AveragePool2d.cpp, AveragePool3d.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"
#include "pool_shape.h"

enum {
    INTEGRAL_BUT_INT64 = DTYPES_INTEGRAL & ~(1 << DT_int64),
    NOT_AVERAGED_2D = INTEGRAL_BUT_INT64 | DTYPES_HALF,
    NOT_AVERAGED_3D = NOT_AVERAGED_2D | DTYPES_BFLOAT16,
};

static const PoolWords avg_words_2d = {
    .dims = 2,
    .name = "avg_pool2d",
    .kernel = "must either be",
    .stride = "must either be omitted,",
    .padding = "must either be",
};
static const PoolWords avg_words_3d = {
    .dims = 3,
    .name = "avg_pool3d",
    .kernel = "must be",
    .stride = "must be omitted,",
    .padding = "must be",
    .checker = "avg_pool3d()",
    .fits_unpadded = true,
};

static bool avg_ndim_check(Ctx *c, const Tensor *self, int dims) {
    if (dims == 2) return shape_wrap_dim(c, -3, self->ndim) >= 0;
    if (self->ndim == 4 || self->ndim == 5) return true;
    error_raise(c, RuntimeError,
                "non-empty 4D or 5D (batch mode) tensor expected for input");
    return false;
}

/* The windows over self by arguments i (kernel_size) to i + 5 (divisor_override). */
static bool avg_plan(Ctx *c, const Call *k, int i, const PoolWords *w,
                     const Tensor *self, PoolShape *s, Pooling *p) {
    const int64_t divisor = call_is_none(k, i + 5) ? 0 : call_int(k, i + 5);
    if (!pool_read(c, k, i, w, s)) return false;
    if (!avg_ndim_check(c, self, w->dims)) return false;
    if (divisor == 0 && !call_is_none(k, i + 5)) {
        error_raise(c, RuntimeError, "divisor must be not zero");
        return false;
    }
    if (!pool_sizes(c, self, call_bool(k, i + 3), s) || !pool_check(c, self, w, s) ||
        !pool_windows(c, self, s, call_bool(k, i + 4), p))
        return false;
    p->divisor = divisor;
    return true;
}

static Value avg_pool_forward(Ctx *c, Call *k, const PoolWords *w, const char *kernel,
                              unsigned refused) {
    Tensor *self = call_tensor(k, 0);
    DType d = dense_dtype((DType)self->dtype);
    PoolShape s;
    Pooling p;
    if (!avg_plan(c, k, 1, w, self, &s, &p)) return value_null();
    Tensor *r = pool_result(c, k, 0, (DType)self->dtype, self, &s);
    if (!r || dtype_refused(c, kernel, refused, (DType)self->dtype))
        return value_null();
    Tensor *in = dense_of(c, self, d), *out = dense_for(c, r, d);
    if (in && out) kernel_avg_pool(d, &p, tensor_data(in), tensor_data(out));
    return in ? dense_give(r, out) : value_null();
}

static Value avg_pool_back_forward(Ctx *c, Call *k, const PoolWords *w) {
    Tensor *grad = call_tensor(k, 0), *self = call_tensor(k, 1);
    DType d = dense_dtype((DType)self->dtype);
    PoolShape s;
    Pooling p;
    int64_t sizes[MAX_DIMS];
    if (!avg_plan(c, k, 2, w, self, &s, &p)) return value_null();
    pool_result_sizes(self, &s, sizes);
    if (!saved_check(c, grad, (DType)grad->dtype, self->ndim, sizes))
        return value_null();
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    p.rounding = d == self->dtype ? DT_none : (DType)self->dtype;
    Tensor *in = dense_of(c, grad, d), *out = dense_zeros_for(c, r, d);
    if (in && out) kernel_avg_pool_backward(d, &p, tensor_data(in), tensor_data(out));
    return in ? dense_give(r, out) : value_null();
}

/* op with saved values from `first` on as its arguments after the tensors. */
static Tensor *avg_pool_again(Ctx *c, const Grad *g, const OpDef *op, Tensor *self,
                              size_t first) {
    Value args[8];
    int n = 0;
    args[n++] = arg_tensor(g->grad);
    if (self) args[n++] = arg_tensor(self);
    for (size_t i = 0; i < 6; i++) args[n++] = saved_value(g, first + i);
    return op_tensor(c, op, args);
}

static void avg_pool_double_backward(Ctx *c, Grad *g, const OpDef *op) {
    if (grad_wanted(g, 0)) grad_set(g, 0, avg_pool_again(c, g, op, NULL, 0));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

#define AVG_ARGUMENTS                                                                  \
    "kernel_size stride padding ceil_mode count_include_pad divisor_override"

/* avg_poolNd and its gradient. */
#define AVG_POOL(n, kernel, refused)                                                   \
    static Value avg_pool##n##d_forward(Ctx *c, Call *k) {                             \
        return avg_pool_forward(c, k, &avg_words_##n##d, kernel, refused);             \
    }                                                                                  \
    static Value avg_pool##n##d_back_forward(Ctx *c, Call *k) {                        \
        return avg_pool_back_forward(c, k, &avg_words_##n##d);                         \
    }                                                                                  \
    static void avg_pool##n##d_back_backward(Ctx *c, Grad *g);                         \
    static const OpDef op_avg_pool##n##d_backward = {                                  \
        .schema = "avg_pool" #n "d_backward(Tensor grad_output, Tensor self, int[" #n  \
                  "] kernel_size, int[" #n "] stride, int[" #n                         \
                  "] padding, bool ceil_mode, bool count_include_pad, int? "           \
                  "divisor_override) -> Tensor",                                       \
        .doc = "The gradient of avg_pool" #n "d.",                                     \
        .forms = OP_INTERNAL,                                                          \
        .saves = AVG_ARGUMENTS,                                                        \
        .node = "AvgPool" #n "DBackwardBackward0",                                     \
        .forward = avg_pool##n##d_back_forward,                                        \
        .backward = avg_pool##n##d_back_backward,                                      \
    };                                                                                 \
    static void avg_pool##n##d_backward(Ctx *c, Grad *g) {                             \
        Tensor *self = saved_tensor(c, g, 0);                                          \
        if (!self) return;                                                             \
        grad_set(g, 0, avg_pool_again(c, g, &op_avg_pool##n##d_backward, self, 1));    \
    }                                                                                  \
    static const OpDef op_avg_pool##n##d = {                                           \
        .schema = "avg_pool" #n "d(Tensor self, int[" #n "] kernel_size, int[" #n      \
                  "] stride=[], int[" #n                                               \
                  "] padding=0, bool ceil_mode=False, bool count_include_pad=True, "   \
                  "int? divisor_override=None) -> Tensor",                             \
        .doc = "The mean of each window over the last " #n " dimensions.",             \
        .forms = OP_NN | OP_OUT,                                                       \
        .traits = OP_OUT_EXACT,                                                        \
        .saves = "self " AVG_ARGUMENTS,                                                \
        .node = "AvgPool" #n "DBackward0",                                             \
        .forward = avg_pool##n##d_forward,                                             \
        .backward = avg_pool##n##d_backward,                                           \
    };                                                                                 \
    static void avg_pool##n##d_back_backward(Ctx *c, Grad *g) {                        \
        avg_pool_double_backward(c, g, &op_avg_pool##n##d);                            \
    }

AVG_POOL(2, "avg_pool2d", NOT_AVERAGED_2D)
AVG_POOL(3, "avg_pool3d_out_frame", NOT_AVERAGED_3D)

static Value avg_pool1d_forward(Ctx *c, Call *k) {
    static const char name[] = "avg_pool1d";
    Tensor *self = call_tensor(k, 0);
    int64_t kernel, stride, pad;
    if (!pool_dims_1d(c, self, name) ||
        !pool_one_int(c, k, 1, name, "kernel_size", NULL, &kernel) ||
        !pool_one_int(c, k, 2, name, "stride", &kernel, &stride) ||
        !pool_one_int(c, k, 3, name, "padding", NULL, &pad))
        return value_null();
    Value args[7] = {arg_tensor(t_unsqueeze(c, self, -2)),
                     pool_beside(c, 1, kernel),
                     pool_beside(c, 1, stride),
                     pool_beside(c, 0, pad),
                     k->args[4],
                     k->args[5],
                     value_none()};
    if (ctx_failed(c)) return value_null();
    return value_obj(t_squeeze(c, op_tensor(c, &op_avg_pool2d, args), -2));
}
static const OpDef op_avg_pool1d = {
    .schema = "avg_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] "
              "padding=0, bool ceil_mode=False, bool count_include_pad=True) -> Tensor",
    .doc = "The mean of each window over the last dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = avg_pool1d_forward,
};

const OpDef *const avg_pool_ops[] = {
    &op_avg_pool1d,          &op_avg_pool2d,          &op_avg_pool3d,
    &op_avg_pool2d_backward, &op_avg_pool3d_backward, NULL,
};
