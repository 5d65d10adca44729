/* Pooling to a given size: the windows of n places divide the input evenly, overlapping
 * where they must.
 *
 * Sources: AdaptiveAveragePooling.cpp, AdaptiveAveragePooling3d.cpp,
 * AdaptiveMaxPooling2d.cpp, AdaptiveMaxPooling3d.cpp, derivatives.yaml. */
#include "core/pointwise.h"
#include "dense.h"
#include "max_pool.h"
#include "ops.h"

#include <inttypes.h>

/* ---- windows ---- */

/* floor(i in / out), 0 <= i <= out, where i in may be more than int64 holds. */
static int64_t share_of(int64_t in, int64_t i, int64_t out) {
    return i * (in / out) + i * (in % out) / out;
}

/* Place i of `out` sees [floor(i in / out), ceil((i + 1) in / out)). */
static bool adaptive_windows(Ctx *c, const Tensor *self, const PoolShape *s,
                             Pooling *p) {
    *p = (Pooling){.planes = dense_planes(self, s->dims), .rounding = DT_none};
    for (int d = 0; d < POOL_DIMS; d++) {
        const int64_t in = s->in[d], out = s->out[d];
        p->in[d] = in;
        p->out[d] = out;
        PoolWindow *w = dense_scratch(c, out > 0 ? out : 0, sizeof *w);
        if (!w) return false;
        for (int64_t i = 0; i < out; i++) {
            int64_t begin = share_of(in, i, out);
            int64_t end = in - share_of(in, out - 1 - i, out);
            w[i] = (PoolWindow){begin, end, 1, end - begin};
        }
        p->windows[d] = w;
    }
    return true;
}

/* self's last sizes, and `out` of its places. */
static PoolShape adaptive_shape(const Tensor *self, int dims, const int64_t *out) {
    PoolShape s = pool_shape_of_one(dims);
    for (int i = 0; i < dims; i++) {
        s.in[POOL_DIMS - dims + i] = self->sizes[self->ndim - dims + i];
        s.out[POOL_DIMS - dims + i] = out[i];
    }
    return s;
}

/* ---- checks ---- */

static bool adaptive_ndim_check(Ctx *c, const Tensor *self, const char *name, int dims,
                                const char *colon) {
    if (self->ndim == dims + 1 || self->ndim == dims + 2) return true;
    error_raise(c, RuntimeError, "%s(): Expected %dD or %dD tensor, but got%s %s", name,
                dims + 1, dims + 2, colon, shape_text(c, self));
    return false;
}

/* Dimensions from `first` on must have elements. */
static bool adaptive_size_check(Ctx *c, const Tensor *self, const char *name,
                                const char *what, int first) {
    for (int i = first < 0 ? 0 : first; i < self->ndim; i++) {
        if (self->sizes[i] > 0) continue;
        error_raise(c, RuntimeError,
                    "%s(): Expected %s to have non-zero size for non-batch dimensions, "
                    "but %s has sizes %s with dimension %d being empty",
                    name, what, what, shape_text(c, self), i);
        return false;
    }
    return true;
}

/* Only the gradients over two dimensions look at theirs. */
static bool adaptive_grad_check(Ctx *c, const Tensor *grad, int dims,
                                const char *name) {
    return dims != 2 || adaptive_size_check(c, grad, name, "grad_output", 1);
}

/* ---- means ---- */

typedef struct AdaptiveMean {
    int dims;
    const char *name, *kernel;
    unsigned refused;
} AdaptiveMean;

static const AdaptiveMean mean_2d = {2, "adaptive_avg_pool2d", "adaptive_avg_pool2d",
                                     DTYPES_INTEGRAL | DTYPES_HALF};
static const AdaptiveMean mean_3d = {3, "adaptive_avg_pool3d",
                                     "adaptive_avg_pool3d_cpu",
                                     DTYPES_INTEGRAL | DTYPES_BFLOAT16};

static bool mean_size_check(Ctx *c, const AdaptiveMean *m, int n) {
    if (n != m->dims) {
        error_raise(c, RuntimeError, "%s: output_size must be %d", m->name, m->dims);
        return false;
    }
    return true;
}

static bool is_negative(int n, const int64_t *out) {
    return out[0] < 0 || out[1] < 0 || (n == 3 && out[2] < 0);
}

static bool mean_sign_check(Ctx *c, int n, const int64_t *out) {
    if (!is_negative(n, out)) return true;
    if (n == 2)
        error_raise(c, RuntimeError,
                    "adaptive_avg_pool2d: elements of output_size must be greater than "
                    "or equal to 0 but received {%" PRId64 ", %" PRId64 "}",
                    out[0], out[1]);
    else
        error_raise(c, RuntimeError,
                    "adaptive_avg_pool2d: elements of output_size must be greater than "
                    "or equal to 0 but received {%" PRId64 ", %" PRId64 ",%" PRId64 "}",
                    out[0], out[1], out[2]);
    return false;
}

static bool mean_input_check(Ctx *c, const AdaptiveMean *m, const Tensor *self) {
    if (m->dims == 2)
        return adaptive_ndim_check(c, self, m->name, 2, "") &&
               adaptive_size_check(c, self, m->name, "input", self->ndim - 2);
    return adaptive_size_check(c, self, m->name, "input", 1) &&
           adaptive_ndim_check(c, self, m->name, 3, "");
}

static Value adaptive_mean_forward(Ctx *c, Call *k, const AdaptiveMean *m) {
    Tensor *self = call_tensor(k, 0);
    int64_t out[MAX_DIMS];
    int n = dense_call_ints(c, k, 1, out, MAX_DIMS);
    if (n < 0 || !mean_size_check(c, m, n) || !mean_input_check(c, m, self))
        return value_null();
    if (is_negative(n, out))
        return value_raise(c, RuntimeError, "numel: integer multiplication overflow");
    DType d = dense_dtype((DType)self->dtype);
    PoolShape s = adaptive_shape(self, m->dims, out);
    Pooling p;
    Tensor *r = pool_result(c, k, 0, (DType)self->dtype, self, &s);
    if (!r) return value_null();
    if (m->dims == 2 && r->numel == 0) return arg_tensor(r);
    if (dtype_refused(c, m->kernel, m->refused, (DType)self->dtype) ||
        !adaptive_windows(c, self, &s, &p))
        return value_null();
    p.divide_by_dimension = true;
    if (self->dtype == DT_float16) p.rounding = DT_float16;
    Tensor *x = dense_of(c, self, d), *y = dense_for(c, r, d);
    if (x && y) kernel_avg_pool(d, &p, tensor_data(x), tensor_data(y));
    return x ? dense_give(r, y) : value_null();
}

static Value adaptive_mean_back_forward(Ctx *c, Call *k, int dims) {
    Tensor *grad = call_tensor(k, 0), *self = call_tensor(k, 1);
    DType d = dense_dtype((DType)self->dtype);
    Pooling p;
    if (!pool_grad_check(c, grad, self, dims) ||
        !adaptive_grad_check(c, grad, dims, "adaptive_avg_pool2d_backward"))
        return value_null();
    PoolShape s = adaptive_shape(self, dims, grad->sizes + grad->ndim - dims);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    if (!r || !adaptive_windows(c, self, &s, &p)) return value_null();
    p.divide_by_dimension = true;
    p.rounding = d == self->dtype ? DT_none : (DType)self->dtype;
    Tensor *x = dense_of(c, grad, d), *y = dense_zeros_for(c, r, d);
    if (x && y) kernel_avg_pool_backward(d, &p, tensor_data(x), tensor_data(y));
    return x ? dense_give(r, y) : value_null();
}

/* The gradient of grad_output is the mean of grad, to its size. */
static void adaptive_mean_double_backward(Ctx *c, Grad *g, int dims, const OpDef *op) {
    Tensor *grad = saved_tensor(c, g, 0);
    if (!grad) return;
    if (grad_wanted(g, 0))
        grad_set(
            g, 0,
            op_tensor(c, op,
                      (Value[]){arg_tensor(g->grad),
                                arg_ints(c, dims, grad->sizes + grad->ndim - dims)}));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

/* One place in all is the mean, which other operators give. */
static Value adaptive_mean_by_name(Ctx *c, Call *k, const AdaptiveMean *m,
                                   const OpDef *op) {
    Tensor *self = call_tensor(k, 0);
    static const int64_t last[POOL_DIMS] = {-1, -2, -3};
    int64_t out[MAX_DIMS];
    int n = dense_call_ints(c, k, 1, out, MAX_DIMS), ones = 0;
    if (n < 0 || !mean_size_check(c, m, n) || !mean_sign_check(c, n, out))
        return value_null();
    while (ones < n && out[ones] == 1) ones++;
    if (ones == n) return value_obj(t_mean_dims(c, self, n, last, true));
    return op_call(c, op, k->args);
}

/* adaptive_avg_poolNd, the operator with a node that it calls, and that one's gradient.
 */
#define ADAPTIVE_AVG_POOL(n, ints)                                                     \
    static Value adaptive_avg##n##d_forward(Ctx *c, Call *k) {                         \
        return adaptive_mean_forward(c, k, &mean_##n##d);                              \
    }                                                                                  \
    static Value adaptive_avg##n##d_back_forward(Ctx *c, Call *k) {                    \
        return adaptive_mean_back_forward(c, k, n);                                    \
    }                                                                                  \
    static void adaptive_avg##n##d_back_backward(Ctx *c, Grad *g);                     \
    static const OpDef op_adaptive_avg_pool##n##d_backward = {                         \
        .schema =                                                                      \
            "_adaptive_avg_pool" #n "d_backward(Tensor grad_output, Tensor self) "     \
            "-> Tensor",                                                               \
        .doc = "The gradient of adaptive_avg_pool" #n "d.",                            \
        .forms = OP_INTERNAL,                                                          \
        .saves = "grad_output",                                                        \
        .node = "AdaptiveAvgPool" #n "DBackwardBackward0",                             \
        .forward = adaptive_avg##n##d_back_forward,                                    \
        .backward = adaptive_avg##n##d_back_backward,                                  \
    };                                                                                 \
    static void adaptive_avg##n##d_backward(Ctx *c, Grad *g) {                         \
        grad_set(g, 0,                                                                 \
                 op_tensor(c, &op_adaptive_avg_pool##n##d_backward,                    \
                           (Value[]){arg_tensor(g->grad),                              \
                                     arg_tensor(saved_tensor(c, g, 0))}));             \
    }                                                                                  \
    static const OpDef op_adaptive_avg_pool##n##d_node = {                             \
        .schema =                                                                      \
            "_adaptive_avg_pool" #n "d(Tensor self, " ints " output_size) -> Tensor",  \
        .doc = "What adaptive_avg_pool" #n "d records.",                               \
        .forms = OP_FUNCTION,                                                          \
        .saves = "self",                                                               \
        .node = "AdaptiveAvgPool" #n "DBackward0",                                     \
        .forward = adaptive_avg##n##d_forward,                                         \
        .backward = adaptive_avg##n##d_backward,                                       \
    };                                                                                 \
    static void adaptive_avg##n##d_back_backward(Ctx *c, Grad *g) {                    \
        adaptive_mean_double_backward(c, g, n, &op_adaptive_avg_pool##n##d_node);      \
    }                                                                                  \
    static Value adaptive_avg_pool##n##d_forward(Ctx *c, Call *k) {                    \
        return adaptive_mean_by_name(c, k, &mean_##n##d,                               \
                                     &op_adaptive_avg_pool##n##d_node);                \
    }                                                                                  \
    static const OpDef op_adaptive_avg_pool##n##d = {                                  \
        .schema =                                                                      \
            "adaptive_avg_pool" #n "d(Tensor self, " ints " output_size) -> Tensor",   \
        .doc = "Means over the last " #n " dimensions, of windows that make them of "  \
               "the size given.",                                                      \
        .forms = OP_NN,                                                                \
        .traits = OP_COMPOSITE,                                                        \
        .forward = adaptive_avg_pool##n##d_forward,                                    \
    };

ADAPTIVE_AVG_POOL(2, "SymInt[2]")
ADAPTIVE_AVG_POOL(3, "int[3]")

static Value adaptive_avg_pool1d_forward(Ctx *c, Call *k) {
    static const char name[] = "adaptive_avg_pool1d";
    Tensor *self = call_tensor(k, 0);
    int64_t out;
    if (!pool_dims_1d(c, self, name) ||
        !pool_one_int(c, k, 1, name, "output_size", NULL, &out))
        return value_null();
    Value args[2] = {arg_tensor(t_unsqueeze(c, self, -2)), pool_beside(c, 1, out)};
    if (ctx_failed(c)) return value_null();
    Tensor *t = op_tensor(c, &op_adaptive_avg_pool2d, args);
    return value_obj(t_squeeze(c, t, -2));
}
static const OpDef op_adaptive_avg_pool1d = {
    .schema = "adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor",
    .doc = "Means over the last dimension, of windows that make it of the size given.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = adaptive_avg_pool1d_forward,
};

/* ---- largest elements ---- */

static Value adaptive_max_forward(Ctx *c, Call *k, int dims, const char *name,
                                  const char *kernel, unsigned refused) {
    Tensor *self = call_tensor(k, 0);
    int64_t out[MAX_DIMS];
    Pooling p;
    int n = dense_call_ints(c, k, 1, out, MAX_DIMS);
    if (n < 0 || !adaptive_ndim_check(c, self, name, dims, ":") ||
        !adaptive_size_check(c, self, name, "input", 1))
        return value_null();
    if (n != dims)
        return value_raise(c, RuntimeError,
                           "%s(): internal error: output_size.size() must be %d", name,
                           dims);
    PoolShape s = adaptive_shape(self, dims, out);
    Tensor *r = pool_result(c, k, 0, (DType)self->dtype, self, &s);
    if (!r || !out_prepare(c, k, 1, DT_int64, r->ndim, r->sizes) ||
        dtype_refused(c, kernel, refused, (DType)self->dtype) ||
        !adaptive_windows(c, self, &s, &p))
        return value_null();
    return max_pool_pair(c, k, self, &s, &p);
}

/* adaptive_max_poolNd and its gradient. */
#define ADAPTIVE_MAX_POOL(n, kernel, refused)                                          \
    static Value adaptive_max_pool##n##d_forward(Ctx *c, Call *k) {                    \
        return adaptive_max_forward(c, k, n, "adaptive_max_pool" #n "d", kernel,       \
                                    refused);                                          \
    }                                                                                  \
    static Value adaptive_max_pool##n##d_back_forward(Ctx *c, Call *k) {               \
        if (!adaptive_grad_check(c, call_tensor(k, 0), n,                              \
                                 "adaptive_max_pooling2d_backward"))                   \
            return value_null();                                                       \
        return max_pool_back_forward(c, k, n, call_tensor(k, 2));                      \
    }                                                                                  \
    static void adaptive_max_pool##n##d_back_backward(Ctx *c, Grad *g) {               \
        max_pool_double_backward(c, g, n);                                             \
    }                                                                                  \
    static const OpDef op_adaptive_max_pool##n##d_backward = {                         \
        .schema =                                                                      \
            "adaptive_max_pool" #n "d_backward(Tensor grad_output, Tensor self, "      \
            "Tensor indices) -> Tensor",                                               \
        .doc = "The gradient of adaptive_max_pool" #n "d.",                            \
        .forms = OP_INTERNAL,                                                          \
        .saves = "indices",                                                            \
        .constants = "indices",                                                        \
        .node = "AdaptiveMaxPool" #n "DBackwardBackward0",                             \
        .forward = adaptive_max_pool##n##d_back_forward,                               \
        .backward = adaptive_max_pool##n##d_back_backward,                             \
    };                                                                                 \
    static void adaptive_max_pool##n##d_backward(Ctx *c, Grad *g) {                    \
        grad_set(g, 0,                                                                 \
                 op_tensor(c, &op_adaptive_max_pool##n##d_backward,                    \
                           (Value[]){arg_tensor(g->grad),                              \
                                     arg_tensor(saved_tensor(c, g, 0)),                \
                                     arg_tensor(saved_tensor(c, g, 1))}));             \
    }                                                                                  \
    static const OpDef op_adaptive_max_pool##n##d = {                                  \
        .schema = "adaptive_max_pool" #n "d(Tensor self, int[" #n                      \
                  "] output_size) -> (Tensor, Tensor)",                                \
        .doc =                                                                         \
            "The largest elements over the last " #n " dimensions, of windows that "   \
            "make them of the size given, and their places.",                          \
        .forms = OP_NN | OP_OUT,                                                       \
        .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,                                 \
        .saves = "self result1",                                                       \
        .node = "AdaptiveMaxPool" #n "DBackward0",                                     \
        .forward = adaptive_max_pool##n##d_forward,                                    \
        .backward = adaptive_max_pool##n##d_backward,                                  \
    };

ADAPTIVE_MAX_POOL(2, "adaptive_max_pool2d", DTYPES_INTEGRAL | DTYPES_HALF)
ADAPTIVE_MAX_POOL(3, "adaptive_max_pool3d_cpu",
                  DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16)

static Value adaptive_max_pool1d_forward(Ctx *c, Call *k) {
    static const char name[] = "adaptive_max_pool1d";
    Tensor *self = call_tensor(k, 0);
    int64_t out;
    if (!pool_dims_1d(c, self, name) ||
        !pool_one_int(c, k, 1, name, "output_size", NULL, &out))
        return value_null();
    Value args[2] = {arg_tensor(t_unsqueeze(c, self, -2)), pool_beside(c, 1, out)};
    if (ctx_failed(c)) return value_null();
    return squeezed_pair(c, op_call(c, &op_adaptive_max_pool2d, args));
}
static const OpDef op_adaptive_max_pool1d = {
    .schema =
        "adaptive_max_pool1d(Tensor self, int[1] output_size) -> (Tensor, Tensor)",
    .doc = "The largest elements over the last dimension, of windows that make it of "
           "the size given, and their places.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = adaptive_max_pool1d_forward,
    .example = "torch.adaptive_max_pool1d(m, [1])",
};

const OpDef *const adaptive_pool_ops[] = {
    &op_adaptive_avg_pool1d,
    &op_adaptive_avg_pool2d,
    &op_adaptive_avg_pool3d,
    &op_adaptive_avg_pool2d_node,
    &op_adaptive_avg_pool3d_node,
    &op_adaptive_avg_pool2d_backward,
    &op_adaptive_avg_pool3d_backward,
    &op_adaptive_max_pool1d,
    &op_adaptive_max_pool2d,
    &op_adaptive_max_pool3d,
    &op_adaptive_max_pool2d_backward,
    &op_adaptive_max_pool3d_backward,
    NULL,
};
