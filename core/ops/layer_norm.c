/* Normalization of the last dimensions: native_layer_norm, layer_norm; and what all
 * kinds of normalization share.
 *
 * input [rows..., shape...], weight and bias [shape...].
 * Sources: layer_norm.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "core/pointwise.h"
#include "normalization.h"
#include "ops.h"

/* ---- shared: the three gradients ---- */

bool norm_grads(Ctx *c, const Call *k, int at, const Tensor *x, DType p,
                const int64_t *channels, NormGrads *out) {
    int64_t mask[3] = {0};
    if (call_ints(c, k, at, mask, 3) < 0) return false;
    out->t[0] = mask[0] ? tensor_make(c, (DType)x->dtype, x->ndim, x->sizes) : NULL;
    for (int i = 1; i < 3; i++) out->t[i] = mask[i] ? t_zeros(c, 1, channels, p) : NULL;
    return !ctx_failed(c);
}

BatchGrads norm_grads_data(const NormGrads *g) {
    void *p[3];
    for (int i = 0; i < 3; i++) p[i] = g->t[i] ? tensor_data(g->t[i]) : NULL;
    return (BatchGrads){p[0], p[1], p[2]};
}

Value norm_grads_tuple(Ctx *c, const NormGrads *g) {
    Value items[3];
    for (int i = 0; i < 3; i++) items[i] = arg_tensor(g->t[i]);
    return tuple_of(c, 3, items);
}

Value norm_mask(Ctx *c, const Grad *g) {
    int64_t mask[3];
    for (size_t i = 0; i < 3; i++) mask[i] = grad_wanted(g, i);
    return arg_ints(c, 3, mask);
}

void norm_set_all(Grad *g, Value tuple) {
    const Tuple *t = value_tuple(tuple);
    for (size_t i = 0; t && i < 3; i++)
        if (grad_wanted(g, i)) grad_set(g, i, value_tensor(t->items[i]));
}

/* ---- shared: second derivatives ---- */

static Tensor *shared_out(Ctx *c, const NormSecond *s, Tensor *t) {
    return t_div_scalar(c, t, value_int(s->count));
}
/* t centred */
static Tensor *along(Ctx *c, const NormSecond *s, Tensor *t) {
    return s->sum(c, t_mul(c, t, s->centred));
}
static Tensor *power(Ctx *c, const NormSecond *s, int64_t exponent) {
    return t_pow_scalar(c, s->invstd, value_int(exponent));
}

Tensor *norm_first_gradient(Ctx *c, const NormSecond *s, Tensor *grad, Tensor *weight) {
    Tensor *scale = shared_out(c, s, t_mul(c, weight, s->invstd));
    Tensor *t = t_mul_scalar(c, grad, value_int(s->count));
    t = t_sub(c, t, s->sum(c, grad));
    Tensor *direction = t_mul(c, s->centred, power(c, s, 2));
    return t_mul(c, scale, t_sub(c, t, t_mul(c, direction, along(c, s, grad))));
}

/* What the sums of two gradients have in common beyond each other. */
static Tensor *all_sub(Ctx *c, const NormSecond *s, Tensor *grad, Tensor *grad_sum,
                       Tensor *ggx_sum) {
    Tensor *t = shared_out(c, s, t_mul(c, ggx_sum, grad_sum));
    t = t_sub(c, t, s->sum(c, t_mul(c, s->ggx, grad)));
    Tensor *both =
        t_mul(c, t_mul(c, power(c, s, 2), along(c, s, grad)), along(c, s, s->ggx));
    return t_add(c, t, t_mul_scalar(c, both, value_float(3. / (double)s->count)));
}
/* along(a) invstd^3 / count (sum(b) / count - b) */
static Tensor *cross_term(Ctx *c, const NormSecond *s, Tensor *a, Tensor *b,
                          Tensor *b_sum) {
    Tensor *t = shared_out(c, s, t_mul(c, along(c, s, a), power(c, s, 3)));
    return t_mul(c, t, t_sub(c, shared_out(c, s, b_sum), b));
}
Tensor *norm_second_input(Ctx *c, const NormSecond *s, Tensor *grad) {
    Tensor *grad_sum = s->sum(c, grad), *ggx_sum = s->sum(c, s->ggx);
    Tensor *direction = t_mul(c, s->centred, power(c, s, 3));
    Tensor *t = t_mul(c, direction, all_sub(c, s, grad, grad_sum, ggx_sum));
    t = shared_out(c, s, t);
    t = t_add(c, t, cross_term(c, s, s->ggx, grad, grad_sum));
    return t_add(c, t, cross_term(c, s, grad, s->ggx, ggx_sum));
}

static Tensor *minus_shared(Ctx *c, const NormSecond *s, Tensor *t) {
    return t_div_scalar(c, t, value_int(-s->count));
}
Tensor *norm_second_weight_term(Ctx *c, const NormSecond *s, Tensor *grad) {
    Tensor *direction = t_mul(c, s->centred, power(c, s, 3));
    Tensor *t = t_mul(c, grad, s->invstd);
    t = t_add(c, t, minus_shared(c, s, t_mul(c, s->invstd, s->sum(c, grad))));
    return t_add(c, t, minus_shared(c, s, t_mul(c, direction, along(c, s, grad))));
}

Tensor *norm_second_grad_terms(Ctx *c, const NormSecond *s, Tensor *t) {
    if (s->ggw) {
        Tensor *more = t_mul(c, t_mul(c, s->ggw, s->centred), s->invstd);
        t = t ? t_add(c, t, more) : more;
    }
    if (s->ggb) t = t ? t_add(c, t, s->ggb) : s->ggb;
    return t;
}

/* ---- native_layer_norm: its arguments ---- */

typedef struct LayerCall {
    Tensor *input, *weight, *bias;
    Shape shape; /* of what is normalized */
    LayerNorm l;
} LayerCall;

static bool check_parameter(Ctx *c, const char *name, const Tensor *t,
                            const Shape *shape) {
    if (!t || shape_equal(t->ndim, t->sizes, shape->ndim, shape->dims)) return true;
    error_raise(c, RuntimeError,
                "Expected %s to be of same shape as normalized_shape, but got %s of "
                "shape %s and normalized_shape = %s",
                name, name, shape_text(c, t), dims_text(c, shape->ndim, shape->dims));
    return false;
}

static bool check_input(Ctx *c, const Tensor *x, const Shape *shape) {
    int outer = x->ndim - shape->ndim;
    if (outer >= 0 &&
        shape_equal(shape->ndim, x->sizes + outer, shape->ndim, shape->dims))
        return true;
    Buf wanted;
    buf_init(&wanted, &c->mem);
    for (int i = 0; i < shape->ndim; i++)
        buf_printf(&wanted, ", %lld", (long long)shape->dims[i]);
    error_raise(c, RuntimeError,
                "Given normalized_shape=%s, expected input with shape [*%s], but got "
                "input of size%s",
                dims_text(c, shape->ndim, shape->dims), text_take(c, &wanted),
                shape_text(c, x));
    return false;
}

/* The shape is argument `at`. */
static bool layer_shapes(Ctx *c, const Call *k, int at, LayerCall *q) {
    q->shape.ndim = call_ints(c, k, at, q->shape.dims, MAX_DIMS);
    if (q->shape.ndim < 0) return false;
    if (q->shape.ndim == 0) {
        error_raise(c, RuntimeError,
                    "Expected normalized_shape to be at least 1-dimensional, i.e., "
                    "containing at least one element, but got normalized_shape = []");
        return false;
    }
    return check_parameter(c, "weight", q->weight, &q->shape) &&
           check_parameter(c, "bias", q->bias, &q->shape) &&
           check_input(c, q->input, &q->shape);
}

static bool same_dtype(Ctx *c, const Tensor *x, const Tensor *t) {
    return !t || scalar_type_check(c, (DType)x->dtype, (DType)t->dtype);
}

static bool layer_call(Ctx *c, const Call *k, int at, const char *name, LayerCall *q) {
    Tensor *x = q->input;
    if (!layer_shapes(c, k, at, q)) return false;
    if (dtype_refused(c, name, DTYPES_INTEGRAL | DTYPES_HALF, (DType)x->dtype) ||
        !same_dtype(c, x, q->weight) || !same_dtype(c, x, q->bias))
        return false;
    q->input = t_contiguous(c, x);
    if (q->weight) q->weight = t_contiguous(c, q->weight);
    if (q->bias) q->bias = t_contiguous(c, q->bias);
    if (ctx_failed(c)) return false;
    q->l = (LayerNorm){.d = (DType)x->dtype,
                       .rows = shape_numel(x->ndim - q->shape.ndim, x->sizes),
                       .n = shape_numel(q->shape.ndim, q->shape.dims)};
    q->l.weight = q->weight ? tensor_data(q->weight) : NULL;
    q->l.bias = q->bias ? tensor_data(q->bias) : NULL;
    return true;
}

/* ---- native_layer_norm_backward ---- */

static Tensor *row_sum(Ctx *c, Tensor *t) {
    int64_t dim = 1;
    return t_sum_dims(c, t, 1, &dim, true);
}
static Tensor *as_rows(Ctx *c, Tensor *t, int64_t rows, int64_t n) {
    return t ? t_reshape(c, t, 2, (int64_t[]){rows, n}) : NULL;
}
/* Saves grad_out input normalized_shape mean rstd weight. */
static bool read_rows(Ctx *c, Grad *g, NormSecond *s, Tensor *x, int64_t rows,
                      int64_t n) {
    Tensor *weight = saved_tensor(c, g, 5);
    Tensor *mean = saved_tensor(c, g, 3), *rstd = saved_tensor(c, g, 4);
    if (ctx_failed(c)) return false;
    s->sum = row_sum;
    s->count = n;
    s->grad = as_rows(c, saved_tensor(c, g, 0), rows, n);
    s->ggx = as_rows(c, g->grads[0], rows, n);
    s->ggw = as_rows(c, g->grads[1], 1, n);
    s->ggb = as_rows(c, g->grads[2], 1, n);
    s->weight = weight ? as_rows(c, weight, 1, n)
                       : t_ones(c, 1, (int64_t[]){1}, (DType)x->dtype);
    s->centred = t_sub(c, as_rows(c, x, rows, n), as_rows(c, mean, rows, 1));
    s->invstd = as_rows(c, rstd, rows, 1);
    return !ctx_failed(c);
}

static Tensor *second_input(Ctx *c, const NormSecond *s) {
    Tensor *t = NULL;
    if (s->ggx) t = norm_second_input(c, s, t_mul(c, s->grad, s->weight));
    if (!s->ggw) return t;
    Tensor *more = norm_second_weight_term(c, s, t_mul(c, s->grad, s->ggw));
    return t ? t_add(c, t, more) : more;
}
static Tensor *second_weight(Ctx *c, const NormSecond *s) {
    int64_t dim = 0;
    Tensor *one = t_ones(c, 1, (int64_t[]){1}, (DType)s->grad->dtype);
    Tensor *t = norm_first_gradient(c, s, s->ggx, one);
    return t_sum_dims(c, t_mul(c, s->grad, t), 1, &dim, false);
}
static void layer_back_backward(Ctx *c, Grad *g) {
    NormSecond s = {0};
    int64_t dims[MAX_DIMS];
    Tensor *x = saved_tensor(c, g, 1), *weight = saved_tensor(c, g, 5);
    int64_t n = shape_numel(saved_ints(g, 2, dims, MAX_DIMS), dims);
    int64_t rows = x && n ? x->numel / n : 0;
    if (!x || !read_rows(c, g, &s, x, rows, n)) return;
    Tensor *to_x = second_input(c, &s);
    if (to_x) grad_set(g, 1, t_reshape(c, to_x, x->ndim, x->sizes));
    if (weight && s.ggx && grad_wanted(g, 4))
        grad_set(g, 4, t_reshape(c, second_weight(c, &s), weight->ndim, weight->sizes));
    Tensor *t = s.ggx ? norm_first_gradient(c, &s, s.ggx, s.weight) : NULL;
    t = norm_second_grad_terms(c, &s, t);
    if (!t) return;
    t = t_expand(c, t, 2, (int64_t[]){rows, n});
    grad_set(g, 0, t_reshape(c, t, x->ndim, x->sizes));
}

/* The shape of means and deviations: those of what is normalized are 1. */
static Shape layer_rows(const LayerCall *q) {
    Shape s = tensor_shape(q->input);
    for (int i = s.ndim - q->shape.ndim; i < s.ndim; i++) s.dims[i] = 1;
    return s;
}

static Value layer_back_forward(Ctx *c, Call *k) {
    LayerCall q = {.input = call_tensor(k, 1),
                   .weight = call_tensor(k, 5),
                   .bias = call_tensor(k, 6)};
    if (!layer_call(c, k, 2, "LayerNormBackwardKernelImpl", &q)) return value_null();
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    Tensor *mean = t_contiguous(c, call_tensor(k, 3));
    Tensor *rstd = t_contiguous(c, call_tensor(k, 4));
    NormGrads out;
    const Tensor *x = q.input;
    Shape rows = layer_rows(&q);
    if (!grad || !mean || !rstd || !saved_check(c, grad, q.l.d, x->ndim, x->sizes) ||
        !saved_check(c, mean, q.l.d, rows.ndim, rows.dims) ||
        !saved_check(c, rstd, q.l.d, rows.ndim, rows.dims) ||
        !norm_grads(c, k, 7, q.input, (DType)q.input->dtype, &q.l.n, &out))
        return value_null();
    q.l.mean = tensor_data(mean);
    q.l.rstd = tensor_data(rstd);
    kernel_layer_norm_backward(&q.l, tensor_data(q.input), tensor_data(grad),
                               norm_grads_data(&out));
    for (int i = 1; i < 3; i++)
        if (out.t[i]) out.t[i] = t_view(c, out.t[i], q.shape.ndim, q.shape.dims);
    return ctx_failed(c) ? value_null() : norm_grads_tuple(c, &out);
}
static const OpDef op_layer_backward = {
    .schema = "native_layer_norm_backward(Tensor grad_out, Tensor input, SymInt[] "
              "normalized_shape, Tensor mean, Tensor rstd, Tensor? weight, Tensor? "
              "bias, bool[3] output_mask) -> (Tensor, Tensor, Tensor)",
    .doc = "The gradients of native_layer_norm.",
    .saves = "grad_out input normalized_shape mean rstd weight",
    .node = "NativeLayerNormBackwardBackward0",
    .forward = layer_back_forward,
    .backward = layer_back_backward,
};

/* ---- native_layer_norm, layer_norm ---- */

static Value native_layer_forward(Ctx *c, Call *k) {
    LayerCall q = {.input = call_tensor(k, 0),
                   .weight = call_tensor(k, 2),
                   .bias = call_tensor(k, 3)};
    if (!layer_call(c, k, 1, "LayerNormKernelImpl", &q)) return value_null();
    const Tensor *x = q.input;
    Shape rows = layer_rows(&q);
    Tensor *out = tensor_make(c, q.l.d, x->ndim, x->sizes);
    Tensor *mean = t_zeros(c, rows.ndim, rows.dims, q.l.d);
    Tensor *rstd = t_zeros(c, rows.ndim, rows.dims, q.l.d);
    if (ctx_failed(c)) return value_null();
    q.l.eps = call_float(k, 4);
    q.l.mean = tensor_data(mean);
    q.l.rstd = tensor_data(rstd);
    if (x->numel) kernel_layer_norm(&q.l, tensor_data(q.input), tensor_data(out));
    return return_tuple(c, NULL, 3, (Tensor *[]){out, mean, rstd});
}
/* Saves input normalized_shape result1 result2 weight bias. */
static void native_layer_backward(Ctx *c, Grad *g) {
    if (!g->grad) return;
    norm_set_all(
        g, op_call(c, &op_layer_backward,
                   (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                             saved_value(g, 1), arg_tensor(saved_tensor(c, g, 2)),
                             arg_tensor(saved_tensor(c, g, 3)),
                             arg_tensor(saved_tensor(c, g, 4)),
                             arg_tensor(saved_tensor(c, g, 5)), norm_mask(c, g)}));
}
static const OpDef op_native_layer_norm = {
    .schema = "native_layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? "
              "weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)",
    .doc = "layer_norm, and the means and reciprocal deviations of the rows.",
    .forms = OP_FUNCTION,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "input normalized_shape result1 result2 weight bias",
    .forward = native_layer_forward,
    .backward = native_layer_backward,
    .example = "torch.native_layer_norm(m, [2], None, None, 1e-5)",
};

static Value layer_norm_forward(Ctx *c, Call *k) {
    const Tuple *all = value_tuple(op_call(c, &op_native_layer_norm, k->args));
    return all ? all->items[0] : value_null();
}
static const OpDef op_layer_norm = {
    .schema = "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, "
              "Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor",
    .doc = "The last dimensions less their mean, divided by their deviation.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = layer_norm_forward,
    .example = "torch.layer_norm(m, [2])",
};

const OpDef *const layer_norm_ops[] = {
    &op_layer_backward,
    &op_native_layer_norm,
    &op_layer_norm,
    NULL,
};
