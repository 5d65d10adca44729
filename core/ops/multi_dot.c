/* Products of several matrices: multi_dot, chain_matmul.  Two are multiplied as they
 * come, three in the cheaper of two orders, more in the cheapest, which a table of the
 * costs of all their parts tells.  Source: LinearAlgebra.cpp. */
#include "ops.h"

#include <inttypes.h>
#include <math.h>

/* A product of matrices number first to last, to be split behind one of them. */
typedef struct Span {
    size_t first, last;
    bool split; /* its two parts have been asked for */
} Span;

/* split[i * n + j] = behind which matrix to split the product of i to j, so that it
 * takes the fewest multiplications; the first of equally good ones. sizes: n + 1. */
static void plan_product(size_t n, const int64_t *sizes, double *cost, size_t *split) {
    for (size_t i = 0; i < n; i++) cost[i * n + i] = 0;
    for (size_t length = 1; length < n; length++)
        for (size_t i = 0; i + length < n; i++) {
            size_t j = i + length;
            cost[i * n + j] = INFINITY;
            for (size_t s = i; s < j; s++) {
                double q =
                    cost[i * n + s] + cost[(s + 1) * n + j] +
                    (double)sizes[i] * (double)sizes[s + 1] * (double)sizes[j + 1];
                if (q >= cost[i * n + j]) continue;
                cost[i * n + j] = q;
                split[i * n + j] = s;
            }
        }
}

/* The product as planned; the stack has room for 2 n spans, the results for n. */
static Tensor *planned_product(Ctx *c, size_t n, Tensor *const *matrices,
                               const size_t *split, Span *stack, Tensor **results) {
    size_t depth = 0, done = 0;
    stack[depth++] = (Span){0, n - 1, false};
    while (depth) {
        Span *s = &stack[depth - 1];
        if (s->first == s->last) {
            results[done++] = matrices[s->first];
            depth--;
        } else if (s->split) {
            done--;
            results[done - 1] = t_mm(c, results[done - 1], results[done]);
            depth--;
        } else {
            size_t cut = split[s->first * n + s->last];
            s->split = true;
            stack[depth + 1] = (Span){s->first, cut, false};
            stack[depth] = (Span){cut + 1, s->last, false};
            depth += 2;
        }
    }
    return results[0];
}

static Tensor *product_of_many(Ctx *c, size_t n, Tensor *const *matrices) {
    size_t bytes = n * n * (sizeof(double) + sizeof(size_t)) +
                   n * (2 * sizeof(Span) + sizeof(Tensor *)) +
                   (n + 1) * sizeof(int64_t);
    char *scratch = ctx_alloc(c, bytes);
    if (!scratch) return NULL;
    double *cost = (double *)(void *)scratch;
    size_t *split = (size_t *)(void *)(cost + n * n);
    int64_t *sizes = (int64_t *)(void *)(split + n * n);
    Tensor **results = (Tensor **)(void *)(sizes + n + 1);
    Span *stack = (Span *)(void *)(results + n);
    for (size_t i = 0; i < n; i++) sizes[i] = matrices[i]->sizes[0];
    sizes[n] = matrices[n - 1]->sizes[1];
    plan_product(n, sizes, cost, split);
    Tensor *r = planned_product(c, n, matrices, split, stack, results);
    ctx_free(c, scratch, bytes);
    return r;
}

static Tensor *product_of_three(Ctx *c, Tensor *const m[3]) {
    /* Doubles, for products of sizes without elements may be of any size. */
    double a = (double)m[0]->sizes[0], b = (double)m[1]->sizes[0],
           e = (double)m[2]->sizes[0], f = (double)m[2]->sizes[1];
    if (a * e * (b + f) > b * f * (a + e)) return t_mm(c, m[0], t_mm(c, m[1], m[2]));
    return t_mm(c, t_mm(c, m[0], m[1]), m[2]);
}

/* Matrix i of the call as a matrix: a vector in front is a row, one at the end a
 * column. The result gets the dimensions that are not theirs. */
static Tensor *chain_matrix(Ctx *c, Tensor *t, size_t i, size_t n, Shape *shape) {
    bool first = i == 0, last = i == n - 1;
    if (!first && !last && t->ndim != 2)
        return error_raise(c, RuntimeError,
                           "multi_dot(): tensor %zu must be 2D but got %dD", i,
                           t->ndim);
    if (t->ndim != 1 && t->ndim != 2)
        return error_raise(c, RuntimeError,
                           "multi_dot(): the %s tensor must be 1D or 2D but got %dD",
                           first ? "first" : "last", t->ndim);
    if (t->ndim == 1) return t_unsqueeze(c, t, first ? 0 : -1);
    if (first) shape->dims[shape->ndim++] = t->sizes[0];
    if (last) shape->dims[shape->ndim++] = t->sizes[1];
    return t;
}

static bool chain_fits(Ctx *c, const Call *k, size_t n, Tensor *const *m) {
    for (size_t i = 1; i < n; i++) {
        if (m[i]->dtype != m[0]->dtype) {
            error_raise(
                c, RuntimeError,
                "multi_dot(): all tensors must have be the same dtype but tensor "
                "0 is %s and tensor %zu %s",
                dtype_type_name((DType)m[0]->dtype), i,
                dtype_type_name((DType)m[i]->dtype));
            return false;
        }
        if (m[i - 1]->sizes[1] == m[i]->sizes[0]) continue;
        error_raise(c, RuntimeError,
                    "multi_dot(): tensors %zu and %zu with shapes %s and %s cannot be "
                    "multiplied",
                    i - 1, i, shape_text(c, call_list_tensor(k, 0, i - 1)),
                    shape_text(c, call_list_tensor(k, 0, i)));
        return false;
    }
    if (k->form != CALL_OUT || k->target[0]->dtype == m[0]->dtype) return true;
    error_raise(c, RuntimeError,
                "multi_dot(): expected out tensor to have dtype %s but got %s",
                dtype_type_name((DType)m[0]->dtype),
                dtype_type_name((DType)k->target[0]->dtype));
    return false;
}

static Tensor *chain_product(Ctx *c, Call *k, size_t n, Tensor **m) {
    Shape shape = {.ndim = 0}, last = {.ndim = 0};
    m[0] = chain_matrix(c, call_list_tensor(k, 0, 0), 0, n, &shape);
    if (m[0])
        m[n - 1] = chain_matrix(c, call_list_tensor(k, 0, n - 1), n - 1, n, &last);
    if (last.ndim) shape.dims[shape.ndim++] = last.dims[0];
    for (size_t i = 1; !ctx_failed(c) && i < n - 1; i++)
        m[i] = chain_matrix(c, call_list_tensor(k, 0, i), i, n, &shape);
    if (ctx_failed(c) || !chain_fits(c, k, n, m)) return NULL;
    bool out = k->form == CALL_OUT;
    if (out && !out_resize(c, k, 0, shape.ndim, shape.dims)) return NULL;
    Tensor *r = n == 2   ? t_mm(c, m[0], m[1])
                : n == 3 ? product_of_three(c, m)
                         : product_of_many(c, n, m);
    if (out && r && r->grad_fn) raise_out(c, &op_mm);
    return t_view(c, r, shape.ndim, shape.dims);
}

/* Matrices, the first and the last of which may be vectors -> their product. */
static Value multi_dot_forward(Ctx *c, Call *k) {
    size_t n = call_list_len(k, 0);
    if (n < 2)
        return value_raise(c, RuntimeError,
                           "multi_dot(): expected at least 2 tensors but got %zu", n);
    Tensor **m = ctx_alloc(c, n * sizeof(Tensor *));
    if (!m) return value_null();
    Tensor *r = chain_product(c, k, n, m);
    ctx_free(c, m, n * sizeof(Tensor *));
    return value_obj(r);
}
static const OpDef op_multi_dot = {
    .schema = "linalg_multi_dot(Tensor[] tensors) -> Tensor",
    .doc = "The product of several matrices, in the order that takes least work.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = multi_dot_forward,
    .example = "torch.linalg.multi_dot([m, m])",
};

static Value chain_matmul_forward(Ctx *c, Call *k) {
    static const char keys[2]; /* one for each form */
    size_t n = call_list_len(k, 0);
    warn_once(
        c, &keys[k->form == CALL_OUT], UserWarning,
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch "
        "release. Use torch.linalg.multi_dot instead, which accepts a list of two "
        "or more tensors rather than multiple parameters.");
    for (size_t i = 0; i < n; i++)
        if (call_list_tensor(k, 0, i)->ndim != 2)
            return value_raise(c, RuntimeError,
                               "Tensor dimension is %d, expected 2 instead.",
                               call_list_tensor(k, 0, i)->ndim);
    if (n == 0)
        return value_raise(c, RuntimeError,
                           "chain_matmul(): Expected one or more matrices");
    if (n == 1) return value_obj(t_clone(c, call_list_tensor(k, 0, 0)));
    return call_as(c, k, &op_multi_dot);
}
static const OpDef op_chain_matmul = {
    .schema = "chain_matmul(Tensor[] matrices) -> Tensor",
    .doc = "The product of several matrices, in the order that takes least work.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = chain_matmul_forward,
    .example = "torch.chain_matmul(m, m)",
};

const OpDef *const multi_dot_ops[] = {
    &op_multi_dot,
    &op_chain_matmul,
    NULL,
};
