/* What compares vectors: pairwise_distance, cosine_similarity, bilinear.
 *
 * Sources: Distance.cpp, Linear.cpp, FunctionsManual.cpp. */
#include "core/pointwise.h"
#include "core/reduction.h"
#include "ops.h"

#include <inttypes.h>

/* ---- pairwise_distance ---- */

/* The p-norm of x1 - x2 + eps along the last dimension. */
static Value pairwise_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1);
    int64_t dim = (x->ndim > y->ndim ? x->ndim : y->ndim) - 1;
    Tensor *d = t_add_scalar(c, t_sub(c, x, y), value_float(call_float(k, 3)));
    return value_obj(
        t_norm(c, d, value_float(call_float(k, 2)), 1, &dim, call_bool(k, 4)));
}
static const OpDef op_pairwise_distance = {
    .schema = "pairwise_distance(Tensor x1, Tensor x2, float p=2, float eps=1e-06, "
              "bool keepdim=False) -> Tensor",
    .doc = "The distances of vectors: the p-norm of their differences.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = pairwise_forward,
};
Tensor *t_pairwise_distance(Ctx *c, Tensor *x1, Tensor *x2, double p, double eps) {
    return op_tensor(c, &op_pairwise_distance,
                     (Value[]){arg_tensor(x1), arg_tensor(x2), value_float(p),
                               value_float(eps), value_bool(false)});
}

/* ---- cosine_similarity ---- */

/* |x|, at least eps, along dim; the limit has no gradient. */
static Tensor *length_along(Ctx *c, Tensor *x, int64_t dim, double eps) {
    Tensor *square = t_sum_dims(c, t_pow_scalar(c, x, value_int(2)), 1, &dim, true);
    bool recording = c->grad_enabled;
    c->grad_enabled = false;
    square = t_clamp_min_(c, square, value_float(eps * eps));
    c->grad_enabled = recording;
    return t_sqrt(c, square);
}
static Value cosine_similarity_forward(Ctx *c, Call *k) {
    Tensor *in[2] = {call_tensor(k, 0), call_tensor(k, 1)}, *unit[2];
    int64_t dim = call_int(k, 2);
    DType d = result_type(c, 2, in);
    Shape shape = tensor_shape(in[0]), other = tensor_shape(in[1]);
    if (!dtype_is_floating(d))
        return value_raise(c, RuntimeError,
                           "expected common dtype to be floating point, yet common "
                           "dtype is %s",
                           dtype_scalar_name(d));
    if (!shape_broadcast(c, &shape, &other, &shape)) return value_null();
    for (int i = 0; i < 2; i++) {
        in[i] = t_to_dtype(c, in[i], d);
        unit[i] = t_expand(c, in[i], shape.ndim, shape.dims);
    }
    for (int i = 0; i < 2; i++)
        unit[i] = t_div(c, unit[i], length_along(c, unit[i], dim, call_float(k, 3)));
    return value_obj(t_sum_dims(c, t_mul(c, unit[0], unit[1]), 1, &dim, false));
}
static const OpDef op_cosine_similarity = {
    .schema = "cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> "
              "Tensor",
    .doc = "The cosines of the angles between vectors along a dimension.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = cosine_similarity_forward,
};

/* ---- _trilinear ---- */

/* Dimensions that a tensor lacks, or that are summed over. */
typedef struct DimSet {
    int n;
    int64_t at[MAX_DIMS];
} DimSet;

static bool has_dim(const DimSet *s, int64_t dim) {
    for (int i = 0; i < s->n; i++)
        if (s->at[i] == dim) return true;
    return false;
}

/* Whether the dims are those of the product, each named once. */
static bool trilinear_dims(Ctx *c, const Call *k, int ndim, DimSet missing[3],
                           DimSet *sum) {
    int total = ndim + missing[0].n;
    int64_t unroll = call_int(k, 7);
    if (unroll < 0 || unroll >= total) {
        error_raise(c, RuntimeError, "unroll_dim must be in [0,%d]", total - 1);
        return false;
    }
    for (int i = 0; i < 4; i++) {
        DimSet *s = i < 3 ? &missing[i] : sum;
        bool seen[MAX_DIMS];
        if (!dims_mark(c, total, s->n, s->at, seen)) return false;
        for (int j = 0; j < s->n; j++) s->at[j] = shape_wrap_dim(c, s->at[j], total);
    }
    return true;
}

/* The operands with the dimensions that they lack, and the sums of the two products:
 * over what the third lacks, over what it has; the dimension that is not unrolled. */
typedef struct Trilinear {
    Tensor *in[3];
    bool lacks[3]; /* the unrolled dimension */
    DimSet sum, first, second;
    int64_t unroll, size;
    Shape shape; /* of the result, its sums as dimensions of size 1 */
} Trilinear;

static bool trilinear_plan(Ctx *c, const DimSet missing[3], Trilinear *q) {
    const int total = q->in[0]->ndim + missing[0].n;
    q->shape.ndim = total;
    for (int i = 0; i < total && !ctx_failed(c); i++) {
        bool summed = has_dim(&q->sum, i);
        int64_t size = 1;
        for (int j = 0; j < 3 && !ctx_failed(c); j++) {
            if (has_dim(&missing[j], i))
                q->in[j] = t_unsqueeze(c, q->in[j], i);
            else if (shape_size_dim(c, i, q->in[j]->ndim) >= 0)
                size = q->in[j]->sizes[i];
        }
        DimSet *part = has_dim(&missing[2], i) ? &q->first : &q->second;
        if (summed && i != q->unroll) part->at[part->n++] = i;
        q->shape.dims[i] = summed ? 1 : size;
        if (i == q->unroll) q->size = size;
    }
    for (int j = 0; j < 3; j++) q->lacks[j] = has_dim(&missing[j], q->unroll);
    return !ctx_failed(c);
}

/* Part k of the unrolled dimension: the first product is rounded before the second. */
static Tensor *trilinear_part(Ctx *c, const Trilinear *q, int64_t k) {
    Tensor *in[3];
    for (int j = 0; j < 3; j++)
        in[j] = t_narrow(c, q->in[j], q->unroll, q->lacks[j] ? 0 : k, 1);
    Tensor *t = t_sum_product(c, in[0], in[1], q->first.n, q->first.at);
    return t_sum_product(c, t, in[2], q->second.n, q->second.at);
}

/* The product of three tensors, each with some dimensions missing, summed over some. */
static Value trilinear_forward(Ctx *c, Call *k) {
    Trilinear q = {.unroll = call_int(k, 7)};
    DimSet missing[3];
    for (int i = 0; i < 3; i++) {
        q.in[i] = call_tensor(k, i);
        missing[i].n = call_ints(c, k, 3 + i, missing[i].at, MAX_DIMS);
    }
    q.sum.n = call_ints(c, k, 6, q.sum.at, MAX_DIMS);
    if (ctx_failed(c) || !trilinear_dims(c, k, q.in[0]->ndim, missing, &q.sum) ||
        !trilinear_plan(c, missing, &q))
        return value_null();
    DType d = (DType)q.in[0]->dtype;
    Tensor *t = t_zeros(c, q.shape.ndim, q.shape.dims, d);
    bool empty = !q.in[0]->numel || !q.in[1]->numel || !q.in[2]->numel;
    for (int64_t i = 0; i < q.size && !empty && !ctx_failed(c); i++) {
        Tensor *to = t;
        if (!has_dim(&q.sum, q.unroll)) to = t_narrow(c, t, q.unroll, i, 1);
        t_add_(c, to, trilinear_part(c, &q, i));
    }
    for (int64_t dim = MAX_DIMS - 1; dim >= 0; dim--)
        if (has_dim(&q.sum, dim)) t = t_squeeze(c, t, dim);
    return ctx_failed(c) ? value_null() : call_give(c, k, t);
}
static const OpDef op_trilinear;
/* The gradient of input i: the same product with the gradient in its place, summed over
 * what the input lacked. Saves i1 i2 i3 expand1 expand2 expand3 sumdim unroll_dim. */
static Tensor *trilinear_gradient(Ctx *c, Grad *g, int i) {
    Value args[8];
    for (size_t j = 0; j < 3; j++) {
        args[j] = arg_tensor((int)j == i ? g->grad : saved_tensor(c, g, j));
        args[3 + j] = saved_value(g, (int)j == i ? 6 : 3 + j);
    }
    args[6] = saved_value(g, (size_t)(3 + i));
    args[7] = saved_value(g, 7);
    return op_tensor(c, &op_trilinear, args);
}
static void trilinear_backward(Ctx *c, Grad *g) {
    for (int i = 0; i < 3; i++)
        if (grad_wanted(g, (size_t)i))
            grad_set(g, (size_t)i, trilinear_gradient(c, g, i));
}
static const OpDef op_trilinear = {
    .schema = "_trilinear(Tensor i1, Tensor i2, Tensor i3, int[] expand1, int[] "
              "expand2, int[] expand3, int[] sumdim, int unroll_dim=1) -> Tensor",
    .doc = "The product of three tensors with dimensions added, summed over some.",
    .forms = OP_FUNCTION,
    .saves = "i1 i2 i3 expand1 expand2 expand3 sumdim unroll_dim",
    .forward = trilinear_forward,
    .backward = trilinear_backward,
    .example = "torch._trilinear(m, m, m, [], [], [], [0])",
};

/* ---- bilinear ---- */

static bool check_bilinear_size(Ctx *c, const char *what, int64_t got, int64_t want) {
    if (got == want) return true;
    error_raise(c, RuntimeError,
                "bilinear(): %s size does not match weight size: got %" PRId64
                " but expected %" PRId64,
                what, got, want);
    return false;
}
static bool check_same_batch(Ctx *c, const Tensor *x, const Tensor *y) {
    if (x->ndim != y->ndim)
        error_raise(c, RuntimeError,
                    "bilinear(): input dimensions do not match: got %d and %d", x->ndim,
                    y->ndim);
    for (int i = 0; !ctx_failed(c) && i < x->ndim - 1; i++)
        if (x->sizes[i] != y->sizes[i])
            error_raise(c, RuntimeError,
                        "bilinear(): input batch dimensions do not match at dim %d: "
                        "got %" PRId64 " and %" PRId64,
                        i, x->sizes[i], y->sizes[i]);
    return !ctx_failed(c);
}
static bool check_bilinear(Ctx *c, const Call *k) {
    const Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *w = call_tensor(k, 2);
    const Tensor *bias = call_tensor(k, 3);
    if (!check_same_batch(c, x, y)) return false;
    if (shape_size_dim(c, -1, x->ndim) < 0) return false;
    for (int dim = 1; dim < 3; dim++) {
        if (shape_size_dim(c, dim, w->ndim) < 0) return false;
        const Tensor *t = dim == 1 ? x : y;
        if (!check_bilinear_size(c, dim == 1 ? "input1" : "input2",
                                 t->sizes[t->ndim - 1], w->sizes[dim]))
            return false;
    }
    if (!bias) return true;
    return shape_size_dim(c, 0, bias->ndim) == 0 &&
           check_bilinear_size(c, "bias", bias->sizes[0], w->sizes[0]);
}
/* input1^T weight[i] input2 + bias[i] */
static Value bilinear_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1), *w = call_tensor(k, 2);
    if (!check_bilinear(c, k)) return value_null();
    Shape shape = tensor_shape(x);
    shape.dims[x->ndim - 1] = w->sizes[0];
    Tensor *flat[2] = {t_reshape(c, x, 2, (int64_t[]){-1, x->sizes[x->ndim - 1]}),
                       t_reshape(c, y, 2, (int64_t[]){-1, y->sizes[y->ndim - 1]})};
    Value args[8] = {arg_tensor(flat[0]),
                     arg_tensor(w),
                     arg_tensor(flat[1]),
                     arg_ints(c, 2, (int64_t[]){1, 3}),
                     arg_ints(c, 1, (int64_t[]){0}),
                     arg_ints(c, 2, (int64_t[]){1, 2}),
                     arg_ints(c, 2, (int64_t[]){2, 3}),
                     value_int(1)};
    Tensor *t = op_tensor(c, &op_trilinear, args);
    t = t_reshape(c, t, shape.ndim, shape.dims);
    return value_obj(call_tensor(k, 3) ? t_add(c, t, call_tensor(k, 3)) : t);
}
static const OpDef op_bilinear = {
    .schema = "bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? "
              "bias=None) -> Tensor",
    .doc = "input1 [..., n], weight [out, n, m], input2 [..., m] -> their products "
           "[..., out], plus bias [out].",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = bilinear_forward,
    .example = "torch.bilinear(m, m, m[None])",
};

const OpDef *const distance_ops[] = {
    &op_pairwise_distance, &op_cosine_similarity, &op_trilinear, &op_bilinear, NULL,
};
