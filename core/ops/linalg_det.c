/* Determinants: det, slogdet, logdet.
 *
 * A [..., n, n] -> [...], the product of U's diagonal in A = P L U, with the sign of P.
 * Sources: LinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

#include <float.h>
#include <math.h>

static int64_t size_of(const Tensor *t) {
    return t->sizes[t->ndim - 1];
}

static bool det_check(Ctx *c, const Tensor *a, const char *name, bool half) {
    return linalg_square_check(c, a, name) && linalg_float_check(c, a, name, half) &&
           linalg_dtype_check(c, a, "lu_cpu");
}

/* The determinant of P: -1 for an odd number of swapped rows. */
static Tensor *permutation_sign(Ctx *c, const Tensor *pivots, DType d) {
    Shape batch = tensor_shape(pivots);
    int64_t n = batch.dims[--batch.ndim];
    Tensor *r = linalg_new(c, d, &batch, 0, NULL);
    if (!r) return NULL;
    const int32_t *at = tensor_data(pivots);
    char *out = tensor_data(r);
    for (int64_t b = 0; b < r->numel; b++, at += n) {
        int64_t sign = 1;
        for (int64_t i = 0; i < n; i++)
            if (at[i] != i + 1) sign = -sign;
        element_store(d, out + b * (int64_t)dtype_size(d), value_int(sign));
    }
    return r;
}

/* What both have in common: the factors (of A^T where A lies row by row), U's diagonal,
 * the sign of P. */
typedef struct Factors {
    Tensor *lu, *pivots, *diagonal, *sign;
} Factors;

static bool factors_of(Ctx *c, Tensor *a, Factors *f) {
    Tensor *info;
    if (!linalg_factor(c, a, a->contiguous, &f->lu, &f->pivots, &info)) return false;
    f->diagonal = t_diagonal(c, f->lu, 0, -2, -1);
    f->sign = permutation_sign(c, f->pivots, (DType)a->dtype);
    return !ctx_failed(c);
}

/* grad [...] as the diagonals of [..., n, n]. */
static Tensor *on_diagonals(Ctx *c, Tensor *grad, int64_t n) {
    if (!grad) return NULL;
    Shape s = tensor_shape(grad);
    s.dims[s.ndim++] = n;
    return t_diag_embed_last(c, t_expand(c, t_unsqueeze(c, grad, -1), s.ndim, s.dims));
}

/* ---- det ---- */

static Value det_parts_forward(Ctx *c, Call *k) {
    Factors f;
    if (!factors_of(c, call_tensor(k, 0), &f)) return value_null();
    Tensor *product = t_prod_dim(c, f.diagonal, -1);
    Tensor *out[3] = {t_mul(c, f.sign, product), f.lu, f.pivots};
    return return_tuple(c, NULL, 3, out);
}

/* The gradient by the adjugate from singular vectors, where A is singular: the product
 * of all singular values but one. */
static Tensor *singular_gradient(Ctx *c, Tensor *a, Tensor *grad) {
    Tensor *parts[3];
    if (!t_linalg_svd(c, a, true, parts)) return NULL;
    Tensor *alpha = t_mul(c, t_linalg_det(c, parts[0]), t_linalg_det(c, parts[2]));
    Tensor *others = others_product(c, parts[1], parts[1]->ndim - 1);
    others = t_mul(c, t_unsqueeze(c, t_mul(c, alpha, grad), -1), others);
    return t_matmul(c, t_mul(c, parts[0], t_unsqueeze(c, others, -2)), parts[2]);
}

/* The gradient for a batch some of whose matrices, where `mask`, are singular. */
static Tensor *mixed_gradient(Ctx *c, Tensor *a, Tensor *d, Tensor *grad,
                              Tensor *mask) {
    Tensor *other = t_logical_not(c, mask), *r = t_zeros_like(c, a);
    Value at = return_tuple(c, NULL, 1, &mask), rest = return_tuple(c, NULL, 1, &other);
    Tensor *first = singular_gradient(c, t_index(c, a, at), t_index(c, grad, at));
    Tensor *second =
        t_linalg_solve(c, linalg_mt(c, t_index(c, a, rest)), t_index(c, d, rest), true);
    return t_index_put(c, t_index_put(c, r, at, first, false), rest, second, false);
}

static double epsilon(const Tensor *t) {
    return t->dtype == DT_float64 ? DBL_EPSILON : (double)FLT_EPSILON;
}

/* The graph is made of what A is solved by, or else its factors are used, kept from
 * being singular by adding a little to zeros of U. */
static void det_backward(Ctx *c, Grad *g) {
    Tensor *a = saved_tensor(c, g, 0), *det = saved_tensor(c, g, 3), *grad = g->grad;
    if (!a || !det || !grad || a->numel == 0) return;
    Tensor *d = on_diagonals(c, t_mul(c, grad, det), size_of(a));
    if (!c->grad_enabled) {
        Tensor *lu = saved_tensor(c, g, 1), *pivots = saved_tensor(c, g, 2);
        Tensor *zero = t_eq_scalar(c, t_diagonal(c, lu, 0, -2, -1), value_int(0));
        Tensor *little = t_mul_scalar(c, t_to_dtype(c, zero, (DType)a->dtype),
                                      value_float(epsilon(a)));
        lu = t_add(c, lu, t_diag_embed_last(c, little));
        grad_set(g, 0, t_linalg_lu_solve(c, lu, pivots, d, true, !a->contiguous));
        return;
    }
    Tensor *mask =
        t_lt_scalar(c, t_abs(c, t_detach(c, det)), value_float(100 * epsilon(a)));
    Tensor *count = t_sum(c, mask);
    if (!count) return;
    int64_t singular = tensor_item(c, count).as.i;
    if (singular == 0)
        grad_set(g, 0, t_linalg_solve(c, linalg_mt(c, a), d, true));
    else if (singular == mask->numel)
        grad_set(g, 0, singular_gradient(c, a, grad));
    else
        grad_set(g, 0, mixed_gradient(c, a, d, grad, mask));
}
static const OpDef op_det_parts = {
    .schema = "_linalg_det(Tensor A) -> (Tensor result, Tensor LU, Tensor pivots)",
    .doc = "The determinant, and the factors that it was computed from.",
    .forms = OP_INTERNAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "A result1 result2 result",
    .node = "LinalgDetBackward0",
    .forward = det_parts_forward,
    .backward = det_backward,
};

Tensor *t_linalg_det(Ctx *c, Tensor *a) {
    if (!a || !det_check(c, a, "linalg.det", true)) return NULL;
    const Tuple *t = value_tuple(op_call(c, &op_det_parts, (Value[]){arg_tensor(a)}));
    return t ? value_tensor(t->items[0]) : NULL;
}
static Value det_forward(Ctx *c, Call *k) {
    if (k->form == CALL_OUT) {
        Tensor *a = call_tensor(k, 0);
        if (c->grad_enabled && tensor_requires_grad(a))
            return raise_out(c, &op_det_parts);
        if (!linalg_square_check(c, a, "linalg.det") ||
            !linalg_float_check(c, a, "linalg.det", true) ||
            !out_dtype_check(c, k, 0, (DType)a->dtype))
            return value_null();
    }
    return value_obj(t_linalg_det(c, call_tensor(k, 0)));
}
static const OpDef op_linalg_det = {
    .schema = "linalg_det(Tensor A) -> Tensor",
    .doc = "The determinant of A.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = det_forward,
};
static const OpDef op_det = {
    .schema = "det(Tensor self) -> Tensor",
    .doc = "linalg.det",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = det_forward,
};

/* ---- slogdet, logdet ---- */

static const char *const slogdet_fields[] = {"sign", "logabsdet", NULL};
RETURN_KIND(linalg_slogdet, slogdet_fields)
RETURN_KIND(slogdet, slogdet_fields)

static Value slogdet_parts_forward(Ctx *c, Call *k) {
    Factors f;
    int64_t last = -1;
    if (!factors_of(c, call_tensor(k, 0), &f)) return value_null();
    Tensor *logs = t_log(c, t_abs(c, f.diagonal));
    Tensor *out[4] = {t_mul(c, f.sign, t_prod_dim(c, t_sgn(c, f.diagonal), -1)),
                      t_sum_dims(c, logs, 1, &last, false), f.lu, f.pivots};
    return return_tuple(c, NULL, 4, out);
}
/* The inverse of A^T times the gradient of the logarithm; the sign has none. */
static void slogdet_backward(Ctx *c, Grad *g) {
    Tensor *a = saved_tensor(c, g, 0), *grad = g->grads[1];
    if (!a || !grad) return;
    Tensor *d = on_diagonals(c, grad, size_of(a));
    if (c->grad_enabled) {
        grad_set(g, 0, t_linalg_solve(c, linalg_mt(c, a), d, true));
        return;
    }
    grad_set(g, 0,
             t_linalg_lu_solve(c, saved_tensor(c, g, 1), saved_tensor(c, g, 2), d, true,
                               !a->contiguous));
}
static const OpDef op_slogdet_parts = {
    .schema = "_linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet, Tensor LU, "
              "Tensor pivots)",
    .doc = "Sign and logarithm of the determinant, and the factors of A.",
    .forms = OP_INTERNAL,
    .saves = "A result2 result3 result",
    .node = "LinalgSlogdetBackward0",
    .forward = slogdet_parts_forward,
    .backward = slogdet_backward,
};

static Value slogdet_call(Ctx *c, Call *k, const TupleKind *kind) {
    if (!det_check(c, call_tensor(k, 0), "linalg.slogdet", false)) return value_null();
    const Tuple *t = value_tuple(op_call(c, &op_slogdet_parts, k->args));
    if (!t) return value_null();
    Tensor *out[2] = {value_tensor(t->items[0]), value_tensor(t->items[1])};
    return return_tuple(c, kind, 2, out);
}
static Value linalg_slogdet_forward(Ctx *c, Call *k) {
    return slogdet_call(c, k, &linalg_slogdet_kind);
}
static const OpDef op_linalg_slogdet = {
    .schema = "linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)",
    .doc = "Sign and logarithm of the absolute value of the determinant.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .out_name = "_linalg_slogdet",
    .forward = linalg_slogdet_forward,
};
static Value slogdet_forward(Ctx *c, Call *k) {
    return slogdet_call(c, k, &slogdet_kind);
}
static const OpDef op_slogdet = {
    .schema = "slogdet(Tensor self) -> (Tensor sign, Tensor logabsdet)",
    .doc = "linalg.slogdet",
    .forms = OP_FUNCTION | OP_METHOD | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .out_name = "_linalg_slogdet",
    .forward = slogdet_forward,
};

/* nan where the determinant is negative. */
static Value logdet_forward(Ctx *c, Call *k) {
    if (!det_check(c, call_tensor(k, 0), "logdet", false)) return value_null();
    const Tuple *t = value_tuple(op_call(c, &op_slogdet_parts, k->args));
    if (!t) return value_null();
    Tensor *sign = value_tensor(t->items[0]), *log = value_tensor(t->items[1]);
    Tensor *negative = t_eq_scalar(c, sign, value_float(-1));
    Tensor *nan = tensor_scalar(c, (DType)log->dtype, value_float(NAN));
    return value_obj(t_where(c, negative, nan, log));
}
static const OpDef op_logdet = {
    .schema = "logdet(Tensor self) -> Tensor",
    .doc = "The logarithm of the determinant.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = logdet_forward,
};

const OpDef *const linalg_det_ops[] = {
    &op_det_parts,      &op_linalg_det, &op_det,    &op_slogdet_parts,
    &op_linalg_slogdet, &op_slogdet,    &op_logdet, NULL,
};
