/* Normalization by groups of channels: native_group_norm, group_norm.
 *
 * input [n, channels, ...], weight and bias [channels].  The gradient is one operator,
 * or, when it is to be differentiated itself, made of many.
 * Sources: group_norm.cpp, derivatives.yaml, FunctionsManual.cpp. */
#include "core/pointwise.h"
#include "normalization.h"
#include "ops.h"

#include <inttypes.h>
#include <math.h>

/* ---- native_group_norm_backward ---- */

static bool same_dtype(Ctx *c, DType d, const Tensor *t) {
    return !t || scalar_type_check(c, d, (DType)t->dtype);
}

/* Whether n = a b c, without overflow. */
static bool is_product(int64_t n, int64_t a, int64_t b, int64_t c) {
    if (a < 0 || b < 0 || c < 0) return false;
    if (a == 0 || b == 0 || c == 0) return n == 0;
    return n % a == 0 && n / a % b == 0 && n / a / b == c;
}

static void groups_check(Ctx *c, const Tensor *x, int64_t groups, int64_t channels) {
    if (groups <= 0)
        error_raise(c, RuntimeError,
                    "Expected num groups to be greater than 0, got %" PRId64, groups);
    else if (channels % groups != 0)
        error_raise(c, RuntimeError,
                    "Expected number of channels in input to be divisible by "
                    "num_groups, but got input of shape %s and num_groups=%" PRId64,
                    shape_text(c, x), groups);
}

/* Whether t, a weight or bias if there is one, has a number for each channel. PyTorch's
 * text about the bias shows the shape of the weight. */
static bool check_vector(Ctx *c, const char *name, const Tensor *t,
                         const Tensor *weight, const Tensor *x, int64_t channels) {
    if (!t || (t->ndim == 1 && t->numel == channels)) return true;
    error_raise(c, RuntimeError,
                "Expected %s to be a vector of size equal to the number of channels in "
                "input, but got %s of shape %s and input of shape %s",
                name, name, weight ? shape_text(c, weight) : "[0]", shape_text(c, x));
    return false;
}

/* The sizes N, C, HxW, group are arguments from number `at` on. */
static bool group_sizes(Ctx *c, const Call *k, int at, const Tensor *x,
                        const Tensor *weight, const Tensor *bias, GroupNorm *g) {
    int64_t n = call_int(k, at), channels = call_int(k, at + 1);
    int64_t inner = call_int(k, at + 2), groups = call_int(k, at + 3);
    groups_check(c, x, groups, channels);
    *g = (GroupNorm){.d = (DType)x->dtype, .n = n, .groups = groups, .inner = inner};
    g->size = groups > 0 ? channels / groups : 0;
    return !ctx_failed(c) && check_vector(c, "weight", weight, weight, x, channels) &&
           check_vector(c, "bias", bias, weight, x, channels);
}
/* Whether x has as many elements as its sizes say. */
static bool elements_check(Ctx *c, const Tensor *x, const GroupNorm *g) {
    if (is_product(x->numel, g->n, g->groups * g->size, g->inner)) return true;
    error_raise(c, RuntimeError,
                "Expected X.numel() == N * C * HxW to be true, but got false.  (Could "
                "this error message be improved?  If so, please report an enhancement "
                "request to PyTorch.)");
    return false;
}

/* grad_out, input, mean, rstd, weight, N, C, HxW, group, output_mask */
static Value group_back_forward(Ctx *c, Call *k) {
    GroupNorm g;
    Tensor *x = t_contiguous(c, call_tensor(k, 1)), *weight = call_tensor(k, 4);
    if (!x || !group_sizes(c, k, 5, x, weight, NULL, &g) || !elements_check(c, x, &g) ||
        !same_dtype(c, g.d, weight) ||
        dtype_refused(c, "GroupNormBackward", DTYPES_INTEGRAL | DTYPES_HALF, g.d))
        return value_null();
    int64_t channels = g.groups * g.size;
    Tensor *grad = t_contiguous(c, call_tensor(k, 0));
    Tensor *mean = t_contiguous(c, call_tensor(k, 2));
    Tensor *rstd = t_contiguous(c, call_tensor(k, 3));
    NormGrads out;
    if (weight) weight = t_contiguous(c, weight);
    const int64_t rows[2] = {g.n, g.groups};
    if (ctx_failed(c) || !saved_check(c, grad, g.d, x->ndim, x->sizes) ||
        !saved_check(c, mean, g.d, 2, rows) || !saved_check(c, rstd, g.d, 2, rows) ||
        !norm_grads(c, k, 9, x, g.d, &channels, &out))
        return value_null();
    g.weight = weight ? tensor_data(weight) : NULL;
    g.mean = tensor_data(mean);
    g.rstd = tensor_data(rstd);
    kernel_group_norm_backward(&g, tensor_data(x), tensor_data(grad),
                               norm_grads_data(&out));
    return norm_grads_tuple(c, &out);
}
static const OpDef op_group_backward = {
    .schema = "native_group_norm_backward(Tensor grad_out, Tensor input, Tensor mean, "
              "Tensor rstd, Tensor? weight, SymInt N, SymInt C, SymInt HxW, int group, "
              "bool[3] output_mask) -> (Tensor, Tensor, Tensor)",
    .doc = "The gradients of native_group_norm.",
    .traits = OP_DERIVATIVE_MISSING,
    .forward = group_back_forward,
};

/* ---- the gradient made of many operators ---- */

/* The tensors as [n, groups, size, inner], or with 1 where they have no such dimension;
 * gradients that did not come are NULL. */
typedef struct GroupGrad {
    int64_t n, groups, size, inner;
    Tensor *grad, *grad_mean, *grad_rstd;
    Tensor *x, *mean, *rstd, *weight;
    Tensor *with_x,
        *sum; /* of grad over the elements of a channel [n, groups, size, 1] */
} GroupGrad;

static Tensor *sum_dim(Ctx *c, Tensor *t, int64_t dim) {
    return t_sum_dims(c, t, 1, &dim, false);
}
static Tensor *times(Ctx *c, Tensor *t, Tensor *weight) {
    return weight ? t_mul(c, t, weight) : t;
}

/* t [n, groups, size, 1] times the weights, summed over the group. */
static Tensor *over_group(Ctx *c, const GroupGrad *g, Tensor *t) {
    return t_unsqueeze_(c, sum_dim(c, times(c, t, g->weight), 2), -2);
}

/* Through the result: a grad + b x + c. */
static Tensor *through_result(Ctx *c, const GroupGrad *g, Tensor *rstd_cube) {
    Value share = value_float(1. / (double)(g->size * g->inner));
    Tensor *scale = times(c, g->rstd, g->weight);
    Tensor *with_x = over_group(c, g, g->with_x), *sum = over_group(c, g, g->sum);
    Tensor *b = t_sub(c, t_mul(c, sum, g->mean), with_x);
    b = t_mul_scalar(c, t_mul(c, b, rstd_cube), share);
    Tensor *shift = t_mul_scalar(c, t_mul(c, sum, g->rstd), share);
    shift = t_sub(c, t_mul(c, t_neg(c, b), g->mean), shift);
    Tensor *t = t_add(c, t_mul(c, scale, g->grad), t_mul(c, b, g->x));
    return t_add(c, t, shift);
}

/* Through mean and rstd, which are results too. */
static Tensor *through_moments(Ctx *c, const GroupGrad *g, Tensor *rstd_cube) {
    double count = (double)(g->size * g->inner);
    int64_t dims[2] = {2, 3}, sizes[4] = {g->n, g->groups, 1, 1};
    Tensor *variance = t_mul(c, t_mul_scalar(c, rstd_cube, value_float(-0.5)),
                             t_view(c, g->grad_rstd, 4, sizes));
    Tensor *far = t_sub(c, g->x, t_mean_dims(c, g->x, 2, dims, true));
    Tensor *t = t_mul(c, t_mul_scalar(c, variance, value_float(2 / count)), far);
    Tensor *mean = t_view(c, g->grad_mean, 4, sizes);
    mean = t_expand(c, mean, g->x ? g->x->ndim : 0, g->x ? g->x->sizes : NULL);
    return t_add(c, t, t_div_scalar(c, mean, value_float(count)));
}

static Tensor *input_gradient(Ctx *c, const GroupGrad *g) {
    bool moments = g->grad_mean && g->grad_rstd;
    Tensor *cube = t_mul(c, t_mul(c, g->rstd, g->rstd), g->rstd), *t = NULL;
    if (g->grad) t = through_result(c, g, cube);
    if (!moments) return t;
    Tensor *more = through_moments(c, g, cube);
    return t ? t_add(c, t, more) : more;
}

/* Saves input weight eps result1 result2 N C HxW group. */
static bool read_group(Ctx *c, Grad *g, GroupGrad *q) {
    Tensor *x = saved_tensor(c, g, 0), *weight = saved_tensor(c, g, 1);
    Tensor *mean = saved_tensor(c, g, 3), *rstd = saved_tensor(c, g, 4);
    if (ctx_failed(c)) return false;
    q->n = saved_int(g, 5);
    q->groups = saved_int(g, 8);
    q->size = saved_int(g, 6) / q->groups;
    q->inner = saved_int(g, 7);
    int64_t all[4] = {q->n, q->groups, q->size, q->inner};
    int64_t rows[4] = {q->n, q->groups, 1, 1};
    q->x = t_reshape(c, x, 4, all);
    q->mean = t_reshape(c, mean, 4, rows);
    q->rstd = t_reshape(c, rstd, 4, rows);
    q->weight =
        weight ? t_reshape(c, weight, 4, (int64_t[]){1, q->groups, q->size, 1}) : NULL;
    q->grad_mean = g->grads[1];
    q->grad_rstd = g->grads[2];
    if (!g->grads[0]) return !ctx_failed(c);
    q->grad = t_reshape(c, g->grads[0], 4, all);
    q->with_x = t_unsqueeze_(c, sum_dim(c, t_mul(c, q->grad, q->x), 3), -1);
    q->sum = t_unsqueeze_(c, sum_dim(c, q->grad, 3), -1);
    return !ctx_failed(c);
}

static void group_differentiable(Ctx *c, Grad *g) {
    GroupGrad q = {0};
    Tensor *x = saved_tensor(c, g, 0);
    if (!x || !read_group(c, g, &q)) return;
    int64_t channels = q.groups * q.size;
    if (grad_wanted(g, 0)) {
        Tensor *t = input_gradient(c, &q);
        if (t) grad_set(g, 0, t_reshape(c, t, x->ndim, x->sizes));
    }
    if (!q.grad) return;
    if (grad_wanted(g, 1)) {
        Tensor *t = t_sub(c, q.with_x, t_mul(c, q.sum, q.mean));
        t = sum_dim(c, t_mul(c, t, q.rstd), 0);
        grad_set(g, 1, t_reshape(c, t, 1, &channels));
    }
    if (grad_wanted(g, 2))
        grad_set(g, 2, t_reshape(c, sum_dim(c, q.sum, 0), 1, &channels));
}

/* ---- native_group_norm ---- */

/* input, weight, bias, N, C, HxW, group, eps */
static Value native_group_forward(Ctx *c, Call *k) {
    GroupNorm g;
    Tensor *x = t_contiguous(c, call_tensor(k, 0));
    Tensor *weight = call_tensor(k, 1), *bias = call_tensor(k, 2);
    if (!x || !group_sizes(c, k, 3, x, weight, bias, &g)) return value_null();
    int64_t rows[2] = {g.n, g.groups};
    Tensor *out = tensor_make(c, g.d, x->ndim, x->sizes);
    Tensor *mean = t_zeros(c, 2, rows, g.d), *rstd = t_zeros(c, 2, rows, g.d);
    if (!mean ||
        dtype_refused(c, "GroupNormKernelImpl", DTYPES_INTEGRAL | DTYPES_HALF, g.d) ||
        !elements_check(c, x, &g) || !same_dtype(c, g.d, weight) ||
        !same_dtype(c, g.d, bias))
        return value_null();
    if (weight) weight = t_contiguous(c, weight);
    if (bias) bias = t_contiguous(c, bias);
    if (ctx_failed(c)) return value_null();
    g.eps = call_float(k, 7);
    g.weight = weight ? tensor_data(weight) : NULL;
    g.bias = bias ? tensor_data(bias) : NULL;
    g.mean = tensor_data(mean);
    g.rstd = tensor_data(rstd);
    if (x->numel == 0)
        t_fill_(c, rstd, tensor_scalar(c, g.d, value_float(NAN)));
    else
        kernel_group_norm(&g, tensor_data(x), tensor_data(out));
    return return_tuple(c, NULL, 3, (Tensor *[]){out, mean, rstd});
}
static void native_group_backward(Ctx *c, Grad *g) {
    if (c->grad_enabled || g->grads[1] || g->grads[2]) {
        group_differentiable(c, g);
        return;
    }
    if (!g->grad) return;
    Value args[10] = {arg_tensor(g->grad),
                      arg_tensor(saved_tensor(c, g, 0)),
                      arg_tensor(saved_tensor(c, g, 3)),
                      arg_tensor(saved_tensor(c, g, 4)),
                      arg_tensor(saved_tensor(c, g, 1)),
                      saved_value(g, 5),
                      saved_value(g, 6),
                      saved_value(g, 7),
                      saved_value(g, 8),
                      norm_mask(c, g)};
    norm_set_all(g, op_call(c, &op_group_backward, args));
}
static const OpDef op_native_group_norm = {
    .schema = "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, SymInt N, "
              "SymInt C, SymInt HxW, int group, float eps) -> (Tensor, Tensor, Tensor)",
    .doc = "group_norm, and the means and reciprocal deviations of the groups.",
    .forms = OP_FUNCTION,
    .saves = "input weight eps result1 result2 N C HxW group",
    .forward = native_group_forward,
    .backward = native_group_backward,
    .example = "torch.native_group_norm(m, None, None, 2, 2, 1, 1, 1e-5)",
};

/* ---- group_norm ---- */

static bool check_group_norm(Ctx *c, const Tensor *x, int64_t groups, Tensor *weight,
                             Tensor *bias) {
    if (shape_size_dim(c, 0, x->ndim) < 0 || shape_size_dim(c, 1, x->ndim) < 0)
        return false;
    groups_check(c, x, groups, x->sizes[1]);
    return !ctx_failed(c) &&
           check_vector(c, "weight", weight, weight, x, x->sizes[1]) &&
           check_vector(c, "bias", bias, weight, x, x->sizes[1]);
}
static Value group_norm_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *weight = call_tensor(k, 2),
           *bias = call_tensor(k, 3);
    if (!check_group_norm(c, x, call_int(k, 1), weight, bias)) return value_null();
    int64_t inner = shape_numel(x->ndim - 2, x->sizes + 2);
    const Tuple *all = value_tuple(op_call(
        c, &op_native_group_norm,
        (Value[]){arg_tensor(t_contiguous(c, x)), arg_tensor(weight), arg_tensor(bias),
                  value_int(x->sizes[0]), value_int(x->sizes[1]), value_int(inner),
                  k->args[1], k->args[4]}));
    return all ? all->items[0] : value_null();
}
static const OpDef op_group_norm = {
    .schema = "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? "
              "bias=None, float eps=1e-05, bool cudnn_enabled=True) -> Tensor",
    .doc = "Groups of channels less their mean, divided by their deviation.",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = group_norm_forward,
    .example = "torch.group_norm(m, 1)",
};

const OpDef *const group_norm_ops[] = {
    &op_group_backward,
    &op_native_group_norm,
    &op_group_norm,
    NULL,
};
