/* Max pooling over sliding windows.
 *
 * Sources: Pooling.cpp, MaxPooling.cpp, DilatedMaxPool2d.cpp, DilatedMaxPool3d.cpp,
 * derivatives.yaml, FunctionsManual.cpp. */
#include "max_pool.h"

#include "core/pointwise.h"
#include "dense.h"
#include "ops.h"

#include <inttypes.h>

enum {
    NOT_FULL_FLOATING = DTYPES_INTEGRAL | DTYPES_HALF | DTYPES_BFLOAT16,
    NOT_FLOATING = DTYPES_INTEGRAL | DTYPES_HALF,
};

/* ---- the largest of each window, and its place ---- */

static const PoolWords max_words_2d = {
    .dims = 2,
    .name = "max_pool2d",
    .kernel = "must either be",
    .stride = "must either be omitted,",
    .padding = "must be either be",
    .dilation = "must be either",
};
static const PoolWords max_words_3d = {
    .dims = 3,
    .name = "max_pool3d",
    .kernel = "must either be",
    .stride = "must either be omitted,",
    .padding = "must be either be",
    .dilation = "must be either",
    .checker = "max_pool3d_with_indices_out_cpu_template()",
};

/* index NULL: nobody asked for the places. */
static bool run_max_pool(Ctx *c, Tensor *self, const Pooling *p, Tensor *r,
                         Tensor *index) {
    DType d = dense_dtype((DType)self->dtype);
    Tensor *in = dense_of(c, self, d), *out = dense_for(c, r, d);
    Tensor *places = index ? dense_for(c, index, DT_int64) : NULL;
    if (!in || !out || (index && !places)) return false;
    kernel_max_pool(d, p, tensor_data(in), tensor_data(out),
                    places ? tensor_data(places) : NULL);
    dense_give(r, out);
    if (index) dense_give(index, places);
    return true;
}

Value max_pool_pair(Ctx *c, Call *k, Tensor *self, const PoolShape *s,
                    const Pooling *p) {
    Tensor *r = pool_result(c, k, 0, (DType)self->dtype, self, s);
    Tensor *index = r ? pool_result(c, k, 1, DT_int64, self, s) : NULL;
    if (!index || !run_max_pool(c, self, p, r, index)) return value_null();
    return return_tuple(c, NULL, 2, (Tensor *[]){r, index});
}

/* Over three dimensions PyTorch looks at the dtypes of out= where it begins to write.
 */
static bool out_check_3d(Ctx *c, const Call *k, const PoolWords *w, DType d) {
    return k->form != CALL_OUT || w->dims != 3 ||
           (scalar_type_check(c, d, (DType)k->target[0]->dtype) &&
            scalar_type_check(c, DT_int64, (DType)k->target[1]->dtype));
}

static Value max_pool_forward(Ctx *c, Call *k, const PoolWords *w, const char *kernel,
                              unsigned refused) {
    Tensor *self = call_tensor(k, 0);
    PoolShape s;
    Pooling p;
    if (!pool_read(c, k, 1, w, &s)) return value_null();
    if (self->ndim != w->dims + 1 && self->ndim != w->dims + 2)
        return value_raise(
            c, RuntimeError,
            "non-empty %dD or %dD (batch mode) tensor expected for input", w->dims + 1,
            w->dims + 2);
    if (!pool_sizes(c, self, call_bool(k, 5), &s) || !pool_check(c, self, w, &s) ||
        dtype_refused(c, kernel, refused, (DType)self->dtype) ||
        !out_check_3d(c, k, w, (DType)self->dtype) ||
        !pool_windows(c, self, &s, true, &p))
        return value_null();
    return max_pool_pair(c, k, self, &s, &p);
}

/* The gradients at the places of the largest; index has the shape of grad. */
Value max_pool_back_forward(Ctx *c, Call *k, int dims, Tensor *index) {
    Tensor *grad = call_tensor(k, 0), *self = call_tensor(k, 1);
    DType d = (DType)self->dtype;
    if (!pool_grad_check(c, grad, self, dims) ||
        !saved_check(c, index, DT_int64, grad->ndim, grad->sizes))
        return value_null();
    Tensor *r = call_result(c, k, 0, d, self->ndim, self->sizes);
    Tensor *in = dense_of(c, grad, d), *out = dense_zeros_for(c, r, d);
    Tensor *places = dense_of(c, index, DT_int64);
    if (!in || !out || !places) return value_null();
    const int64_t n = shape_numel(dims, grad->sizes + grad->ndim - dims);
    const int64_t n_out = shape_numel(dims, self->sizes + self->ndim - dims);
    kernel_unpool_add(d, dense_planes(grad, dims), n, n_out, tensor_data(places),
                      tensor_data(in), tensor_data(out));
    return dense_give(r, out);
}

Tensor *pool_gather(Ctx *c, Tensor *grad, Tensor *indices, int dims) {
    if (!grad || !indices) return NULL;
    const int lead = indices->ndim - dims;
    int64_t flat[MAX_DIMS];
    if (indices->numel == 0)
        return t_zeros(c, indices->ndim, indices->sizes, (DType)grad->dtype);
    for (int i = 0; i < lead; i++) flat[i] = indices->sizes[i];
    flat[lead] = -1;
    Tensor *places = t_view(c, indices, lead + 1, flat);
    Tensor *t = t_view(c, t_contiguous(c, grad), lead + 1, flat);
    return t_view(c, t_gather(c, t, -1, places), indices->ndim, indices->sizes);
}

void max_pool_double_backward(Ctx *c, Grad *g, int dims) {
    if (grad_wanted(g, 0))
        grad_set(g, 0, pool_gather(c, g->grad, saved_tensor(c, g, 0), dims));
    if (grad_wanted(g, 1)) grad_set(g, 1, t_zeros_like(c, g->grad));
}

static void max_pool_backward(Ctx *c, Grad *g, const OpDef *back) {
    grad_set(
        g, 0,
        op_tensor(c, back,
                  (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                            saved_value(g, 1), saved_value(g, 2), saved_value(g, 3),
                            saved_value(g, 4), saved_value(g, 5),
                            arg_tensor(saved_tensor(c, g, 6))}));
}

/* max_poolNd_with_indices, its gradient, and max_poolNd, which drops the indices. */
#define MAX_POOL(n, kernel, refused)                                                   \
    static Value max_pool##n##d_with_indices_forward(Ctx *c, Call *k) {                \
        return max_pool_forward(c, k, &max_words_##n##d, kernel, refused);             \
    }                                                                                  \
    static Value max_pool##n##d_back_forward(Ctx *c, Call *k) {                        \
        return max_pool_back_forward(c, k, n, call_tensor(k, 7));                      \
    }                                                                                  \
    static void max_pool##n##d_back_backward(Ctx *c, Grad *g) {                        \
        max_pool_double_backward(c, g, n);                                             \
    }                                                                                  \
    static const OpDef op_max_pool##n##d_with_indices_backward = {                     \
        .schema = "max_pool" #n "d_with_indices_backward(Tensor grad_output, Tensor "  \
                  "self, int[" #n "] kernel_size, int[" #n "] stride, int[" #n         \
                  "] padding, int[" #n "] dilation, bool ceil_mode, Tensor indices) "  \
                  "-> Tensor",                                                         \
        .doc = "The gradient of max_pool" #n "d_with_indices.",                        \
        .forms = OP_INTERNAL,                                                          \
        .saves = "indices",                                                            \
        .constants = "indices",                                                        \
        .node = "MaxPool" #n "DWithIndicesBackwardBackward0",                          \
        .forward = max_pool##n##d_back_forward,                                        \
        .backward = max_pool##n##d_back_backward,                                      \
    };                                                                                 \
    static void max_pool##n##d_with_indices_backward(Ctx *c, Grad *g) {                \
        max_pool_backward(c, g, &op_max_pool##n##d_with_indices_backward);             \
    }                                                                                  \
    static const OpDef op_max_pool##n##d_with_indices = {                              \
        .schema =                                                                      \
            "max_pool" #n "d_with_indices(Tensor self, int[" #n                        \
            "] kernel_size, int[" #n "] stride=[], int[" #n "] padding=0, int[" #n     \
            "] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)",                 \
        .doc = "The largest element of each window over the last " #n                  \
               " dimensions, and its place.",                                          \
        .forms = OP_NN | OP_OUT,                                                       \
        .traits = OP_FIRST_RESULT_ONLY | (n == 2 ? OP_OUT_EXACT : OP_OUT_QUIET),       \
        .saves = "self kernel_size stride padding dilation ceil_mode result1",         \
        .node = "MaxPool" #n "DWithIndicesBackward0",                                  \
        .forward = max_pool##n##d_with_indices_forward,                                \
        .backward = max_pool##n##d_with_indices_backward,                              \
    };                                                                                 \
    static Value max_pool##n##d_forward(Ctx *c, Call *k) {                             \
        return first_result(op_call(c, &op_max_pool##n##d_with_indices, k->args));     \
    }                                                                                  \
    static const OpDef op_max_pool##n##d = {                                           \
        .schema = "max_pool" #n "d(Tensor self, int[" #n "] kernel_size, int[" #n      \
                  "] stride=[], int[" #n "] padding=0, int[" #n                        \
                  "] dilation=1, bool ceil_mode=False) -> Tensor",                     \
        .doc = "The largest element of each window over the last " #n " dimensions.",  \
        .forms = OP_FUNCTION,                                                          \
        .traits = OP_COMPOSITE,                                                        \
        .forward = max_pool##n##d_forward,                                             \
    };

MAX_POOL(2, "max_pool2d", NOT_FLOATING)
MAX_POOL(3, "max_pool3d_with_indices_cpu", NOT_FULL_FLOATING)

/* ---- one dimension ---- */

Value squeezed_pair(Ctx *c, Value pair) {
    const Tuple *t = value_tuple(pair);
    Value items[2];
    if (!t) return value_null();
    for (int i = 0; i < 2; i++)
        items[i] = value_obj(t_squeeze(c, value_tensor(t->items[i]), -2));
    if (ctx_failed(c)) return value_null();
    return tuple_of(c, 2, items);
}

static Value max_pool1d_with_indices_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    static const char name[] = "max_pool1d";
    int64_t kernel, stride, pad, dilation;
    if (!pool_dims_1d(c, self, name) ||
        !pool_one_int(c, k, 1, name, "kernel_size", NULL, &kernel) ||
        !pool_one_int(c, k, 2, name, "stride", &kernel, &stride) ||
        !pool_one_int(c, k, 3, name, "padding", NULL, &pad) ||
        !pool_one_int(c, k, 4, name, "dilation", NULL, &dilation))
        return value_null();
    Value args[6] = {arg_tensor(t_unsqueeze(c, self, -2)),
                     pool_beside(c, 1, kernel),
                     pool_beside(c, 1, stride),
                     pool_beside(c, 0, pad),
                     pool_beside(c, 1, dilation),
                     k->args[5]};
    if (ctx_failed(c)) return value_null();
    return squeezed_pair(c, op_call(c, &op_max_pool2d_with_indices, args));
}
static const OpDef op_max_pool1d_with_indices = {
    .schema =
        "max_pool1d_with_indices(Tensor self, int[1] kernel_size, int[1] "
        "stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> "
        "(Tensor, Tensor)",
    .doc = "The largest element of each window over the last dimension, and its place.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = max_pool1d_with_indices_forward,
    .example = "torch.max_pool1d_with_indices(m, [2])",
};

/* fallback: what an empty list stands for; NULL: it is refused. */
static bool one_for_1d(Ctx *c, const Call *k, int i, const char *argument,
                       const char *words, const int64_t *fallback, int64_t *out) {
    int64_t given[MAX_DIMS];
    int n = dense_call_ints(c, k, i, given, MAX_DIMS);
    if (n < 0) return false;
    if (n == 1 || (n == 0 && fallback)) {
        *out = n ? given[0] : *fallback;
        return true;
    }
    error_raise(c, RuntimeError, "max_pool1d() %s must be %s of size 1 but got size %d",
                argument, words, n);
    return false;
}

static bool above_for_1d(Ctx *c, const char *argument, int64_t n, int64_t least) {
    if (n >= least) return true;
    error_raise(c, RuntimeError, "max_pool1d() %s must be %s, but got %" PRId64,
                argument, least ? "greater than zero" : "non-negative", n);
    return false;
}

static bool max_pool1d_dims(Ctx *c, const Tensor *self) {
    bool fits = self->ndim == 2 || self->ndim == 3;
    for (int i = self->ndim == 3; fits && i < self->ndim; i++)
        fits = self->sizes[i] != 0;
    if (!fits)
        error_raise(c, RuntimeError,
                    "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 "
                    "dim batch size for input, but got:%s",
                    shape_text(c, self));
    return fits;
}

/* The checks of the kernel without places; the window is that of the last dimension of
 * s. */
static bool max_pool1d_check(Ctx *c, const Call *k, PoolShape *s) {
    const int last = POOL_DIMS - 1;
    int64_t *kernel = s->kernel + last, *stride = s->stride + last;
    int64_t *pad = s->pad + last, *dilation = s->dilation + last;
    if (!one_for_1d(c, k, 1, "kernel_size", "an int, list of ints or tuple of ints",
                    NULL, kernel) ||
        !one_for_1d(c, k, 2, "stride", "None, an int, list of ints, or tuple of ints",
                    kernel, stride) ||
        !one_for_1d(c, k, 3, "padding", "an int, list of ints, or tuple of ints", NULL,
                    pad) ||
        !one_for_1d(c, k, 4, "dilation", "an int, list of ints or tuple of ints", NULL,
                    dilation))
        return false;
    if (!above_for_1d(c, "kernel_size", *kernel, 1) ||
        !above_for_1d(c, "stride", *stride, 1) || !above_for_1d(c, "padding", *pad, 0))
        return false;
    if (*pad > *kernel / 2)
        error_raise(c, RuntimeError,
                    "max_pool1d() padding should be at most half of kernel size, but "
                    "got padding=%" PRId64 " and kernel_size=%" PRId64,
                    *pad, *kernel);
    return !ctx_failed(c) && above_for_1d(c, "dilation", *dilation, 1);
}

/* Without gradients a kernel of its own name does without the places. */
static Value max_pool1d_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    PoolShape s = pool_shape_of_one(1);
    Pooling p;
    if (!max_pool1d_dims(c, self)) return value_null();
    if (c->grad_enabled && tensor_requires_grad(self))
        return first_result(op_call(c, &op_max_pool1d_with_indices, k->args));
    if (!max_pool1d_check(c, k, &s) || !pool_sizes(c, self, call_bool(k, 5), &s))
        return value_null();
    int64_t places = s.out[POOL_DIMS - 1];
    if (places < 0)
        return value_raise(c, RuntimeError,
                           "max_pool1d() Invalid computed output size: %" PRId64,
                           places);
    if (dtype_refused(c, "max_pool1d_impl", NOT_FLOATING, (DType)self->dtype) ||
        !pool_windows(c, self, &s, true, &p))
        return value_null();
    Tensor *r = pool_result(c, k, 0, (DType)self->dtype, self, &s);
    return value_obj(r && run_max_pool(c, self, &p, r, NULL) ? r : NULL);
}
static const OpDef op_max_pool1d = {
    .schema = "max_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] "
              "padding=0, int[1] dilation=1, bool ceil_mode=False) -> Tensor",
    .doc = "The largest element of each window over the last dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = max_pool1d_forward,
    .example = "torch.max_pool1d(m, [2])",
};

const OpDef *const max_pool_ops[] = {
    &op_max_pool1d,
    &op_max_pool2d,
    &op_max_pool3d,
    &op_max_pool1d_with_indices,
    &op_max_pool2d_with_indices,
    &op_max_pool3d_with_indices,
    &op_max_pool2d_with_indices_backward,
    &op_max_pool3d_with_indices_backward,
    NULL,
};
