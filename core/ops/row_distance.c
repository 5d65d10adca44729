/* Distances between rows: cdist and pdist.
 *
 * Large matrices with p = 2 go through a matrix product (_euclidean_dist), all else
 * through the kernels of kernel/distance.h.  Source: Distance.cpp, derivatives.yaml. */
#include "core/kernel/distance.h"
#include "core/pointwise.h"
#include "ops.h"

enum { MANY_ROWS = 25 }; /* more than these are multiplied, unless told otherwise */

/* ---- cdist ---- */

/* Shapes of a call: batch dimensions broadcast to one, rows and columns. */
typedef struct CdistPlan {
    Shape batch; /* broadcast dimensions in front */
    int64_t n_batch, r1, r2, m;
} CdistPlan;

static bool cdist_check(Ctx *c, const Tensor *x1, const Tensor *x2) {
    const Tensor *x[2] = {x1, x2};
    for (int i = 0; i < 2; i++) {
        if (x[i]->ndim >= 2) continue;
        error_raise(c, RuntimeError,
                    "cdist only supports at least 2D tensors, X%d got: %dD", i + 1,
                    x[i]->ndim);
        return false;
    }
    int64_t m1 = x1->sizes[x1->ndim - 1], m2 = x2->sizes[x2->ndim - 1];
    if (m1 == m2) return true;
    error_raise(c, RuntimeError,
                "X1 and X2 must have the same number of columns. X1: %lld X2: %lld",
                (long long)m1, (long long)m2);
    return false;
}

static bool cdist_plan(Ctx *c, const Tensor *x1, const Tensor *x2, CdistPlan *s) {
    Shape a = tensor_shape(x1), b = tensor_shape(x2);
    s->r1 = a.dims[a.ndim - 2];
    s->r2 = b.dims[b.ndim - 2];
    s->m = a.dims[a.ndim - 1];
    a.ndim -= 2;
    b.ndim -= 2;
    if (!shape_broadcast(c, &a, &b, &s->batch)) return false;
    s->n_batch = shape_numel(s->batch.ndim, s->batch.dims);
    return true;
}

/* x [..., r, m] expanded to the batch, as [n_batch, r, m]; contiguous. */
static Tensor *batched(Ctx *c, const CdistPlan *s, Tensor *x, int64_t r) {
    Shape whole = s->batch;
    whole.dims[whole.ndim++] = r;
    whole.dims[whole.ndim++] = s->m;
    x = t_contiguous(c, t_expand(c, x, whole.ndim, whole.dims));
    return t_view(c, x, 3, (int64_t[]){s->n_batch, r, s->m});
}

static Shape distances_shape(const CdistPlan *s) {
    Shape out = s->batch;
    out.dims[out.ndim++] = s->r1;
    out.dims[out.ndim++] = s->r2;
    return out;
}

/* mode 1: always by a product, 2: never, otherwise when there are many rows. */
static bool by_product(const CdistPlan *s, double p, int64_t mode) {
    bool many = s->r1 > MANY_ROWS || s->r2 > MANY_ROWS;
    return p == 2 && (mode == 1 || (mode == 0 && many));
}

/* x [..., r, m] -> [..., r, m + 2]: two more columns. */
static Tensor *with_columns(Ctx *c, Tensor *x, Tensor *first, Tensor *second) {
    return t_cat(c, return_tuple(c, NULL, 3, (Tensor *[]){x, first, second}), -1);
}

/* sqrt(|a|^2 - 2 a b + |b|^2) by one product of matrices. */
static Value euclidean_forward(Ctx *c, Call *k) {
    Tensor *x1 = call_tensor(k, 0), *x2 = call_tensor(k, 1);
    int64_t last = -1;
    const Tensor *flat = x2->ndim < 2 ? x2 : x1->ndim < 1 ? x1 : NULL;
    if (flat && flat->ndim)
        return value_raise(c, RuntimeError,
                           "tensor.mT is only supported on matrices or batches of "
                           "matrices. Got %d-D tensor.",
                           flat->ndim);
    Tensor *square1 = t_sum_dims(c, t_pow_scalar(c, x1, value_int(2)), 1, &last, true);
    Tensor *square2 = t_sum_dims(c, t_pow_scalar(c, x2, value_int(2)), 1, &last, true);
    Tensor *a = with_columns(c, t_mul_scalar(c, x1, value_int(-2)), square1,
                             t_ones_like(c, square1));
    Tensor *b = with_columns(c, x2, t_ones_like(c, square2), square2);
    Tensor *r = t_matmul(c, a, t_transpose(c, b, -2, -1));
    if (r && !cast_check(c, c->default_dtype, (DType)r->dtype)) return value_null();
    return value_obj(t_sqrt(c, t_clamp_min(c, r, value_int(0))));
}
/* Where the distance is 0 the gradient is 0. */
static void euclidean_backward(Ctx *c, Grad *g) {
    Tensor *x1 = saved_tensor(c, g, 0), *x2 = saved_tensor(c, g, 1);
    Tensor *dist = saved_tensor(c, g, 2);
    Tensor *ratio = t_div(c, g->grad, dist);
    int64_t rows = -2, columns = -1;
    ratio = t_masked_fill_scalar_(c, ratio, t_eq_scalar(c, dist, value_int(0)),
                                  value_int(0));
    if (grad_wanted(g, 0))
        grad_set(g, 0,
                 t_sub(c, t_mul(c, x1, t_sum_dims(c, ratio, 1, &columns, true)),
                       t_matmul(c, ratio, x2)));
    if (grad_wanted(g, 1)) {
        Tensor *sums = t_unsqueeze(c, t_sum_dims(c, ratio, 1, &rows, false), -1);
        grad_set(g, 1,
                 t_sub(c, t_mul(c, x2, sums),
                       t_matmul(c, t_transpose(c, ratio, -2, -1), x1)));
    }
}
static const OpDef op_euclidean_dist = {
    .schema = "_euclidean_dist(Tensor x1, Tensor x2) -> Tensor",
    .doc = "The distances of cdist with p = 2, by a product of matrices.",
    .forms = OP_FUNCTION,
    .saves = "x1 x2 result",
    .forward = euclidean_forward,
    .backward = euclidean_backward,
};

static Tensor *cdist_by_product(Ctx *c, Tensor *x1, Tensor *x2, const CdistPlan *s) {
    if (s->n_batch != 1) {
        x1 = batched(c, s, x1, s->r1);
        x2 = batched(c, s, x2, s->r2);
    }
    Shape out = distances_shape(s);
    Tensor *r =
        op_tensor(c, &op_euclidean_dist, (Value[]){arg_tensor(x1), arg_tensor(x2)});
    return t_view(c, r, out.ndim, out.dims);
}

static bool cdist_dtypes(Ctx *c, const Tensor *x1, const Tensor *x2, double p) {
    const Tensor *x[2] = {x1, x2};
    for (int i = 0; i < 2; i++) {
        if (dtype_is_floating((DType)x[i]->dtype)) continue;
        error_raise(c, RuntimeError,
                    "cdist only supports floating-point dtypes, X%d got: %s", i + 1,
                    dtype_scalar_name((DType)x[i]->dtype));
        return false;
    }
    if (p >= 0) return true;
    error_raise(c, RuntimeError, "cdist only supports non-negative p values");
    return false;
}

static bool same_dtype(Ctx *c, const Tensor *a, const Tensor *b) {
    return scalar_type_check(c, (DType)a->dtype, (DType)b->dtype);
}

enum { REFUSED = 1 << DT_float16 | 1 << DT_bfloat16 };

/* x1 [..., n, m], x2 [..., k, m] -> [..., n, k]. */
static Value cdist_forward_forward(Ctx *c, Call *k) {
    Tensor *x1 = call_tensor(k, 0), *x2 = call_tensor(k, 1);
    DType d = (DType)x1->dtype;
    CdistPlan s;
    if (!cdist_check(c, x1, x2) || !cdist_dtypes(c, x1, x2, call_float(k, 2)) ||
        !cdist_plan(c, x1, x2, &s))
        return value_null();
    Shape out = distances_shape(&s);
    Tensor *r = t_zeros(c, out.ndim, out.dims, d);
    if (!r || r->numel == 0 || s.m == 0) return value_obj(r);
    if (dtype_refused(c, "cdist", REFUSED, d) || !same_dtype(c, x1, x2))
        return value_null();
    Tensor *a = batched(c, &s, x1, s.r1), *b = batched(c, &s, x2, s.r2);
    DistanceRows rows = {d, call_float(k, 2), s.m, math_of(c)};
    if (!a || !b || !rows.math) return value_null();
    int64_t item = (int64_t)dtype_size(d);
    for (int64_t i = 0; i < s.n_batch; i++)
        kernel_cdist(&rows, (char *)tensor_data(a) + i * s.r1 * s.m * item, s.r1,
                     (char *)tensor_data(b) + i * s.r2 * s.m * item, s.r2,
                     (char *)tensor_data(r) + i * s.r1 * s.r2 * item);
    return value_obj(r);
}

/* grad [..., n, k] -> the gradient of x1, [..., n, m] of the broadcast batch. */
static Value cdist_backward_forward(Ctx *c, Call *k) {
    Tensor *grad = call_tensor(k, 0), *x1 = call_tensor(k, 1), *x2 = call_tensor(k, 2);
    Tensor *dist = call_tensor(k, 4);
    DType d = (DType)x1->dtype;
    CdistPlan s;
    if (!cdist_check(c, x1, x2) || !cdist_plan(c, x1, x2, &s)) return value_null();
    if (s.r1 == 0 || s.r2 == 0 || s.m == 0 || s.n_batch == 0)
        return value_obj(t_zeros_like(c, x1));
    Shape out = distances_shape(&s);
    if (!same_dtype(c, x1, x2) || !saved_check(c, grad, d, out.ndim, out.dims) ||
        !saved_check(c, dist, d, out.ndim, out.dims))
        return value_null();
    Tensor *a = batched(c, &s, x1, s.r1), *b = batched(c, &s, x2, s.r2);
    grad = t_contiguous(c, grad);
    dist = t_contiguous(c, dist);
    out = s.batch;
    out.dims[out.ndim++] = s.r1;
    out.dims[out.ndim++] = s.m;
    Tensor *r = tensor_make(c, d, out.ndim, out.dims);
    DistanceRows rows = {d, call_float(k, 3), s.m, math_of(c)};
    if (!a || !b || !grad || !dist || !r || !rows.math) return value_null();
    int64_t item = (int64_t)dtype_size(d), part = s.r1 * s.r2 * item;
    for (int64_t i = 0; i < s.n_batch; i++)
        kernel_cdist_backward(&rows, (char *)tensor_data(a) + i * s.r1 * s.m * item,
                              s.r1, (char *)tensor_data(b) + i * s.r2 * s.m * item,
                              s.r2, (char *)tensor_data(grad) + i * part,
                              (char *)tensor_data(dist) + i * part,
                              (char *)tensor_data(r) + i * s.r1 * s.m * item);
    return value_obj(r);
}
static const OpDef op_cdist_backward = {
    .schema =
        "_cdist_backward(Tensor grad, Tensor x1, Tensor x2, float p, Tensor cdist) "
        "-> Tensor",
    .doc = "The gradient of cdist's first argument.",
    .forms = OP_INTERNAL,
    .forward = cdist_backward_forward,
    .backward = derivative_missing,
};
static Tensor *cdist_gradient(Ctx *c, Tensor *grad, Tensor *x1, Tensor *x2, Value p,
                              Tensor *dist) {
    return op_tensor(c, &op_cdist_backward,
                     (Value[]){arg_tensor(t_contiguous(c, grad)), arg_tensor(x1),
                               arg_tensor(x2), p, arg_tensor(dist)});
}
static void cdist_forward_backward(Ctx *c, Grad *g) {
    Tensor *x1 = saved_tensor(c, g, 0), *x2 = saved_tensor(c, g, 1);
    Tensor *dist = saved_tensor(c, g, 3);
    Value p = saved_value(g, 2);
    if (grad_wanted(g, 0)) grad_set(g, 0, cdist_gradient(c, g->grad, x1, x2, p, dist));
    if (grad_wanted(g, 1))
        grad_set(g, 1,
                 cdist_gradient(c, t_transpose(c, g->grad, -2, -1), x2, x1, p,
                                t_contiguous(c, t_transpose(c, dist, -2, -1))));
}
static const OpDef op_cdist_forward = {
    .schema =
        "_cdist_forward(Tensor x1, Tensor x2, float p, int? compute_mode) -> Tensor",
    .doc = "The distances of cdist, by their definition.",
    .forms = OP_INTERNAL,
    .saves = "x1 x2 p result",
    .node = "CdistBackward0",
    .forward = cdist_forward_forward,
    .backward = cdist_forward_backward,
};

static Value cdist_forward(Ctx *c, Call *k) {
    Tensor *x1 = call_tensor(k, 0), *x2 = call_tensor(k, 1);
    double p = call_float(k, 2);
    int64_t mode = call_is_none(k, 3) ? 0 : call_int(k, 3);
    CdistPlan s = {.n_batch = 0};
    if (!cdist_check(c, x1, x2)) return value_null();
    s.r1 = x1->sizes[x1->ndim - 2];
    s.r2 = x2->sizes[x2->ndim - 2];
    if (x1->numel == 0 || x2->numel == 0 || !by_product(&s, p, mode))
        return op_call(c, &op_cdist_forward, k->args);
    if (!cdist_dtypes(c, x1, x2, p) || !cdist_plan(c, x1, x2, &s)) return value_null();
    return value_obj(cdist_by_product(c, x1, x2, &s));
}
static const OpDef op_cdist = {
    .schema = "cdist(Tensor x1, Tensor x2, float p=2., int? compute_mode=None) -> "
              "Tensor",
    .doc = "The distances of each row of x1 and each row of x2, by a p-norm.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = cdist_forward,
};

/* ---- pdist ---- */

/* How many pairs n rows make; no more than memory could hold. */
static int64_t pair_count(int64_t n) {
    const int64_t most = (int64_t)1 << 30;
    return n < 2 ? 0 : n < most ? n * (n - 1) / 2 : most * most / 2;
}

/* self [n, m] -> the distances of each two rows, [n (n - 1) / 2]. */
static Value pdist_forward_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    DType d = (DType)self->dtype;
    int64_t n = self->sizes[0], pairs = pair_count(n);
    Tensor *r = t_zeros(c, 1, &pairs, d);
    if (!r || pairs == 0 || self->sizes[1] == 0) return value_obj(r);
    DistanceRows rows = {d, call_float(k, 1), self->sizes[1], math_of(c)};
    if (dtype_refused(c, "pdist", REFUSED, d) || !rows.math) return value_null();
    kernel_pdist(&rows, tensor_data(self), n, tensor_data(r));
    return value_obj(r);
}
static Value pdist_backward_forward(Ctx *c, Call *k) {
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    Tensor *self = t_contiguous(c, call_tensor(k, 1));
    Tensor *dist = t_contiguous(c, call_tensor(k, 3));
    if (ctx_failed(c) || shape_wrap_dim(c, 1, self->ndim) < 0) return value_null();
    DType d = (DType)self->dtype;
    int64_t pairs = pair_count(self->sizes[0]);
    Tensor *r = t_zeros(c, self->ndim, self->sizes, d);
    DistanceRows rows = {d, call_float(k, 2), self->sizes[1], math_of(c)};
    if (!r || !rows.math || dtype_refused(c, "pdist_backward", REFUSED, d) ||
        !saved_check(c, grad, d, 1, &pairs) || !saved_check(c, dist, d, 1, &pairs))
        return value_null();
    kernel_pdist_backward(&rows, tensor_data(self), self->sizes[0], tensor_data(grad),
                          tensor_data(dist), tensor_data(r));
    return value_obj(r);
}
static const OpDef op_pdist_backward = {
    .schema = "_pdist_backward(Tensor grad, Tensor self, float p, Tensor pdist) -> "
              "Tensor",
    .doc = "The gradient of pdist's argument.",
    .forms = OP_INTERNAL,
    .forward = pdist_backward_forward,
    .backward = derivative_missing,
};
static void pdist_forward_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        op_tensor(c, &op_pdist_backward,
                  (Value[]){arg_tensor(g->grad), arg_tensor(saved_tensor(c, g, 0)),
                            saved_value(g, 1), arg_tensor(saved_tensor(c, g, 2))}));
}
static const OpDef op_pdist_forward = {
    .schema = "_pdist_forward(Tensor self, float p=2.) -> Tensor",
    .doc = "The distances of pdist.",
    .forms = OP_INTERNAL,
    .saves = "self p result",
    .node = "PdistBackward0",
    .forward = pdist_forward_forward,
    .backward = pdist_forward_backward,
};
static Value pdist_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    if (self->ndim != 2)
        return value_raise(c, RuntimeError, "pdist only supports 2D tensors, got: %dD",
                           self->ndim);
    if (!dtype_is_floating((DType)self->dtype))
        return value_raise(c, RuntimeError,
                           "pdist only supports floating-point dtypes");
    if (!(call_float(k, 1) >= 0))
        return value_raise(c, RuntimeError,
                           "pdist only supports non-negative p values");
    return op_call(c, &op_pdist_forward,
                   (Value[]){arg_tensor(t_contiguous(c, self)), k->args[1]});
}
static const OpDef op_pdist = {
    .schema = "pdist(Tensor self, float p=2.) -> Tensor",
    .doc = "The distances of each two rows of self, by a p-norm.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = pdist_forward,
};

const OpDef *const row_distance_ops[] = {
    &op_cdist, &op_euclidean_dist, &op_cdist_forward,  &op_cdist_backward,
    &op_pdist, &op_pdist_forward,  &op_pdist_backward, NULL,
};
