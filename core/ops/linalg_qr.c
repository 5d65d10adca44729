/* QR factors: linalg.qr, qr.
 *
 * A [..., m, n] -> Q [..., m, k], R [..., k, n], k = min(m, n), or m when complete.
 * Sources: BatchLinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

#include <string.h>

/* ---- qr ---- */

typedef enum QrMode { QR_REDUCED, QR_COMPLETE, QR_R } QrMode;

static bool mode_named(Ctx *c, const char *name, QrMode *mode) {
    static const char *const names[] = {
        [QR_REDUCED] = "reduced", [QR_COMPLETE] = "complete", [QR_R] = "r"};
    for (int i = QR_REDUCED; i <= QR_R; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (QrMode)i;
            return true;
        }
    error_raise(c, RuntimeError,
                "qr received unrecognized mode '%s' but expected one of 'reduced' "
                "(default), 'r', or 'complete'",
                name);
    return false;
}

/* Q by columns with `width` of them, from the reflectors. */
static Tensor *q_columns(Ctx *c, Tensor *reflectors, Tensor *tau, int64_t width) {
    Shape batch = linalg_batch_dims(reflectors);
    int64_t m = cols_of(reflectors), given = least(rows_of(reflectors), width);
    Tensor *q = linalg_new_columns(c, (DType)reflectors->dtype, &batch, m, width);
    tensor_copy(t_narrow(c, q, -2, 0, given), t_narrow(c, reflectors, -2, 0, given));
    return q && linalg_build_q(c, q, tau) ? q : NULL;
}

static const char *const qr_fields[] = {"Q", "R", NULL};
RETURN_KIND(linalg_qr, qr_fields)
RETURN_KIND(qr, qr_fields)

static Value qr_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *tau, *out[2];
    QrMode mode;
    if (!linalg_matrix_check(c, a, "linalg.qr", "A") ||
        !linalg_float_check(c, a, "linalg.qr", true) ||
        !mode_named(c, call_string(k, 1), &mode))
        return value_null();
    int64_t m = rows_of(a), n = cols_of(a), none = 0;
    int64_t width = mode == QR_COMPLETE ? m : least(m, n);
    DType d = (DType)a->dtype;
    Shape batch = linalg_batch_dims(a);
    bool ready = mode == QR_R ? out_prepare(c, k, 0, d, 1, &none)
                              : linalg_prepare(c, k, 0, d, &batch, m, width);
    if (!ready || !linalg_prepare(c, k, 1, d, &batch, width, n) ||
        !linalg_dtype_check(c, a, "geqrf_cpu"))
        return value_null();
    Tensor *reflectors = linalg_reflect(c, a, &tau);
    if (!reflectors) return value_null();
    out[0] = mode == QR_R ? linalg_give_plain(c, k, 0, t_zeros(c, 1, &none, d))
                          : linalg_give(c, k, 0, q_columns(c, reflectors, tau, width));
    Tensor *r = t_tril(c, t_narrow(c, reflectors, -1, 0, width), 0);
    out[1] = linalg_give(c, k, 1, r);
    return return_tuple(c, &linalg_qr_kind, 2, out);
}

/* X + X^T with X's diagonal once; `skew`: the lower triangle of X - X^T, its diagonal
 * halved. */
static Tensor *symmetrised(Ctx *c, Tensor *x, bool skew) {
    if (!x) return NULL;
    Tensor *t = linalg_mt(c, x);
    t = skew ? t_tril(c, t_sub(c, x, t), 0) : t_add(c, x, t);
    Tensor *half = t ? tensor_scalar(c, (DType)t->dtype, value_float(0.5)) : NULL;
    if (!half) return NULL;
    t_mul_(c, t_diagonal(c, t, 0, -2, -1), half);
    return t;
}

static Tensor *solved_by_r(Ctx *c, Tensor *r, Tensor *t) {
    return t_linalg_solve_triangular(c, linalg_mt(c, r), t,
                                     (TriangularSolve){.left = false});
}

static Tensor *wide_gradient(Ctx *c, Tensor *gr, Tensor *q, Tensor *r, Tensor *t) {
    int64_t m = rows_of(q), n = cols_of(r);
    t = t_matmul(c, q, symmetrised(c, t, true));
    t = solved_by_r(c, t_narrow(c, r, -1, 0, m), t);
    Tensor *rest = t_zeros_like(c, t_narrow(c, r, -1, m, n - m));
    t = t_cat_pair(c, t, rest, -1);
    return gr ? t_add(c, t, t_matmul(c, q, gr)) : t;
}

static bool qr_differentiable(Ctx *c, QrMode mode, const Tensor *q, const Tensor *r) {
    if (mode == QR_R) {
        error_raise(
            c, RuntimeError,
            "The derivative of linalg.qr depends on Q, which is not computed when "
            "mode='r'. Please use linalg.qr(A, mode='reduced') if you are going "
            "to differentiate through linalg.qr.");
        return false;
    }
    if (mode == QR_REDUCED || rows_of(q) <= cols_of(r)) return true;
    error_raise(c, RuntimeError,
                "The QR decomposition is not differentiable when mode='complete' and "
                "nrows > ncols.");
    return false;
}

static void qr_backward(Ctx *c, Grad *g) {
    Tensor *gq = g->grads[0], *gr = g->grads[1], *q = saved_tensor(c, g, 1),
           *r = saved_tensor(c, g, 2), *t = NULL;
    QrMode mode;
    if ((!gq && !gr) || !q || !r) return;
    const Str *name = value_str(saved_value(g, 0));
    if (!name || !mode_named(c, name->data, &mode) || !qr_differentiable(c, mode, q, r))
        return;
    if (gr) t = t_matmul(c, gr, linalg_mt(c, r));
    if (gq) {
        Tensor *s = t_matmul(c, linalg_mt(c, q), gq);
        t = t ? t_sub(c, t, s) : t_neg(c, s);
    }
    if (rows_of(q) < cols_of(r)) {
        grad_set(g, 0, wide_gradient(c, gr, q, r, t_neg(c, t)));
        return;
    }
    t = t_matmul(c, q, symmetrised(c, t_triu(c, t, 0), false));
    if (gq) t = t_add(c, t, gq);
    grad_set(g, 0, solved_by_r(c, r, t));
}
static const OpDef op_linalg_qr = {
    .schema = "linalg_qr(Tensor A, str mode='reduced') -> (Tensor Q, Tensor R)",
    .doc = "Orthogonal columns and a triangular matrix, A = Q R.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_OUT_EXACT,
    .saves = "mode result result1",
    .forward = qr_forward,
    .backward = qr_backward,
};

static Value old_qr_forward(Ctx *c, Call *k) {
    static const char keys[2]; /* each function of PyTorch's warns once */
    warn_once(
        c, &keys[k->form == CALL_OUT], UserWarning,
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a "
        "future PyTorch release.\nThe boolean parameter 'some' has been replaced "
        "with a string parameter 'mode'.\nQ, R = torch.qr(A, some)\nshould be "
        "replaced with\nQ, R = torch.linalg.qr(A, 'reduced' if some else "
        "'complete')");
    const bool into = k->form == CALL_OUT;
    if (into && c->grad_enabled && tensor_requires_grad(call_tensor(k, 0)))
        return raise_out(c, &op_linalg_qr);
    Str *mode = pool_add(c, str_from(c, call_bool(k, 1) ? "reduced" : "complete"));
    Value args[] = {k->args[0], value_obj(mode)};
    if (!mode) return value_null();
    const Tuple *t =
        value_tuple(into ? op_call_out(c, &op_linalg_qr, args, k->target, 2)
                         : op_call(c, &op_linalg_qr, args));
    if (!t) return value_null();
    Tensor *out[2] = {value_tensor(t->items[0]), value_tensor(t->items[1])};
    return return_tuple(c, &qr_kind, 2, out);
}
static const OpDef op_qr = {
    .schema = "qr(Tensor self, bool some=True) -> (Tensor Q, Tensor R)",
    .doc = "linalg.qr, complete unless `some`.",
    .forms = OP_FUNCTION | OP_METHOD | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = old_qr_forward,
};

const OpDef *const linalg_qr_ops[] = {
    &op_linalg_qr,
    &op_qr,
    NULL,
};
