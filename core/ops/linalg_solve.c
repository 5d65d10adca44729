/* Systems of linear equations, and inverses: solve, inv.
 *
 * A^T is factored where A lies row by row, which saves a copy, and the system solved
 * with that transposed.  Sources: BatchLinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

/* ---- solve ---- */

static const char *const solve_fields[] = {"result", "info", NULL};
RETURN_KIND(linalg_solve_ex, solve_fields)

/* A, B, left -> X, LU, pivots, info; LU are the factors of A^T when A lies row by row.
 */
static Value solve_parts_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1), *out[4];
    bool left = call_bool(k, 2), vector = linalg_is_vector(a, b);
    if (vector) b = t_unsqueeze(c, b, -1);
    if (!linalg_factor(c, a, a->contiguous, &out[1], &out[2], &out[3]))
        return value_null();
    Tensor *x = linalg_lu_solution(c, out[1], out[2], b, left, a->contiguous);
    if (!x) return value_null();
    int n = x->ndim;
    if (vector) {
        Shape s = tensor_shape(x);
        s.dims[n - 2] = s.dims[n - 1];
        out[0] = t_unsafe_view(c, x, n - 1, s.dims);
    } else {
        out[0] = left ? linalg_give(c, k, 0, x) : x;
    }
    return return_tuple(c, NULL, 4, out);
}

/* While a graph is made the factors are not used, so that A gets its second derivative.
 */
static void solve_parts_backward(Ctx *c, Grad *g) {
    Tensor *a = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 4), *grad = g->grad;
    bool left = saved_bool(g, 1);
    if (!a || !x || !grad) return;
    bool vector = linalg_is_vector(a, x);
    if (vector) grad = t_unsqueeze(c, grad, -1);
    Tensor *gb = c->grad_enabled ? t_linalg_solve(c, linalg_mt(c, a), grad, left)
                                 : t_linalg_lu_solve(c, saved_tensor(c, g, 2),
                                                     saved_tensor(c, g, 3), grad, left,
                                                     !a->contiguous);
    if (grad_wanted(g, 0)) {
        if (vector) x = t_unsqueeze(c, x, -1);
        Tensor *product =
            left ? t_matmul(c, gb, linalg_mt(c, x)) : t_matmul(c, linalg_mt(c, x), gb);
        product = t_neg(c, product);
        grad_set(g, 0, vector ? t_squeeze(c, product, -1) : product);
    }
    if (grad_wanted(g, 1)) grad_set(g, 1, vector ? t_squeeze(c, gb, -1) : gb);
}
static const OpDef op_solve_parts = {
    .schema = "_linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool "
              "check_errors=False) -> (Tensor result, Tensor LU, Tensor pivots, Tensor "
              "info)",
    .doc = "What linalg.solve computes.",
    .forms = OP_INTERNAL,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "A left result1 result2 result",
    .node = "LinalgSolveExBackward0",
    .forward = solve_parts_forward,
    .backward = solve_parts_backward,
};

static bool solve_check(Ctx *c, Tensor *a, Tensor *b, bool left) {
    if (!linalg_float_check(c, a, "linalg.solve", true)) return false;
    if (a->dtype != b->dtype) {
        error_raise(
            c, RuntimeError,
            "linalg.solve: Expected A and B to have the same dtype, but found A "
            "of type %s and B of type %s instead",
            dtype_scalar_name((DType)a->dtype), dtype_scalar_name((DType)b->dtype));
        return false;
    }
    Shape batch;
    if (!linalg_square_check(c, a, "linalg.solve")) return false;
    bool vector = linalg_is_vector(a, b);
    Tensor *matrix = vector ? t_unsqueeze(c, t_detach(c, b), -1) : b;
    if (!matrix || !linalg_solve_check(c, a, matrix, left, "linalg.solve") ||
        !linalg_batch_shape(c, matrix, a, &batch))
        return false;
    if (!left && vector) {
        error_raise(c, RuntimeError,
                    "linalg.solve: Vector broadcasting of the left hand side is not "
                    "supported for left=False. In this case linalg.solve is equivalent "
                    "to B / A.squeeze(-1)");
        return false;
    }
    return true;
}

/* result and info. */
static bool solved(Ctx *c, Tensor *a, Tensor *b, bool left, Tensor *out[2]) {
    Tensor *parts[4];
    if (!a || !b || !solve_check(c, a, b, left) ||
        (a->numel && !linalg_dtype_check(c, a, "lu_cpu")))
        return false;
    Value args[] = {arg_tensor(a), arg_tensor(b), value_bool(left), value_bool(false)};
    if (!linalg_items(op_call(c, &op_solve_parts, args), 4, parts)) return false;
    out[0] = parts[0];
    out[1] = parts[3];
    return true;
}

/* What solve and solve_ex look at, and their out=. */
static bool solve_prepare(Ctx *c, Call *k, Tensor *a, Tensor *b, bool left) {
    if (!solve_check(c, a, b, left)) return false;
    Shape batch, infos = linalg_batch_dims(a);
    if (linalg_is_vector(a, b)) {
        batch = tensor_shape(a);
        batch.ndim--;
        if (!out_prepare(c, k, 0, (DType)a->dtype, batch.ndim, batch.dims))
            return false;
    } else if (!linalg_batch_shape(c, a, b, &batch) ||
               !linalg_prepare(c, k, 0, (DType)a->dtype, &batch, rows_of(b),
                               cols_of(b))) {
        return false;
    }
    return out_prepare(c, k, 1, DT_int32, infos.ndim, infos.dims);
}
static Value solve_ex_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1), *out[2];
    bool left = call_bool(k, 2);
    if (k->form == CALL_OUT && !solve_prepare(c, k, a, b, left)) return value_null();
    if (!solved(c, a, b, left, out)) return value_null();
    if (call_bool(k, 3) &&
        !linalg_info_check(c, out[1], "torch.linalg.solve_ex", a->ndim == 2))
        return value_null();
    return return_tuple(c, &linalg_solve_ex_kind, 2, out);
}
static const OpDef op_solve_ex = {
    .schema = "linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool "
              "check_errors=False) -> (Tensor result, Tensor info)",
    .doc = "The solution of A X = B, and where A is singular.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .out_name = "_linalg_solve_ex",
    .forward = solve_ex_forward,
};

Tensor *t_linalg_solve(Ctx *c, Tensor *a, Tensor *b, bool left) {
    Tensor *out[2];
    bool good = solved(c, a, b, left, out) &&
                linalg_info_check(c, out[1], "torch.linalg.solve", a->ndim == 2);
    return good ? out[0] : NULL;
}
static Value solve_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    bool left = call_bool(k, 2);
    if (k->form == CALL_OUT && !solve_prepare(c, k, a, b, left)) return value_null();
    return value_obj(t_linalg_solve(c, a, b, left));
}
static const OpDef op_solve = {
    .schema = "linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor",
    .doc = "The solution of A X = B.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .out_name = "_linalg_solve_ex",
    .forward = solve_forward,
};

/* ---- inv ---- */

static const char *const inv_fields[] = {"inverse", "info", NULL};
RETURN_KIND(linalg_inv_ex, inv_fields)

/* What inv_ex looks at, and its out=. */
static bool inv_prepare(Ctx *c, Call *k, const Tensor *a) {
    if (!linalg_square_check(c, a, "linalg.inv") ||
        !linalg_float_check(c, a, "linalg.inv", false))
        return false;
    Shape batch = linalg_batch_dims(a);
    return linalg_prepare(c, k, 0, (DType)a->dtype, &batch, rows_of(a), cols_of(a)) &&
           out_prepare(c, k, 1, DT_int32, batch.ndim, batch.dims);
}

static Value inv_ex_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[2], *lu, *pivots;
    if (!inv_prepare(c, k, a) ||
        !linalg_factor(c, a, a->contiguous, &lu, &pivots, &out[1]))
        return value_null();
    if (call_bool(k, 1) && !linalg_info_check(c, out[1], "linalg.inv_ex", a->ndim == 2))
        return value_null();
    int64_t n = cols_of(a);
    Tensor *ones = t_ones(c, 1, &n, (DType)a->dtype);
    Tensor *x = linalg_lu_solution(c, lu, pivots, t_diag_embed_last(c, ones), true,
                                   a->contiguous);
    out[0] = linalg_give(c, k, 0, x);
    out[1] = linalg_give_plain(c, k, 1, out[1]);
    return return_tuple(c, &linalg_inv_ex_kind, 2, out);
}
static void inv_ex_backward(Ctx *c, Grad *g) {
    Tensor *t = linalg_mt(c, saved_tensor(c, g, 0));
    grad_set(g, 0, t_neg(c, t_matmul(c, t, t_matmul(c, g->grad, t))));
}
static const OpDef op_inv_ex = {
    .schema = "linalg_inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, "
              "Tensor info)",
    .doc = "The inverse of A, and where A is singular.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "result",
    .forward = inv_ex_forward,
    .backward = inv_ex_backward,
};

Tensor *linalg_inverse_named(Ctx *c, Tensor *a, const char *name) {
    Tensor *out[2];
    if (!a || !t_linalg_inv_ex(c, a, out) ||
        !linalg_info_check(c, out[1], name, a->ndim == 2))
        return NULL;
    return out[0];
}
Tensor *t_linalg_inv(Ctx *c, Tensor *a) {
    return linalg_inverse_named(c, a, "linalg.inv");
}
bool t_linalg_inv_ex(Ctx *c, Tensor *a, Tensor *out[2]) {
    Value args[] = {arg_tensor(a), value_bool(false)};
    return linalg_items(op_call(c, &op_inv_ex, args), 2, out);
}
static Value inv_forward(Ctx *c, Call *k) {
    Tensor *out[2];
    Value args[] = {k->args[0], value_bool(false)};
    if (!linalg_call_ex(c, k, &op_inv_ex, args, 2, out) ||
        !linalg_info_check(c, out[1], "linalg.inv", call_tensor(k, 0)->ndim == 2))
        return value_null();
    return value_obj(out[0]);
}
static const OpDef op_inv = {
    .schema = "linalg_inv(Tensor A) -> Tensor",
    .doc = "The inverse of A.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = inv_forward,
};
static const OpDef op_inverse = {
    .schema = "inverse(Tensor self) -> Tensor",
    .doc = "linalg.inv",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = inv_forward,
};

const OpDef *const linalg_solve_ops[] = {
    &op_solve_ex, &op_solve_parts, &op_solve, &op_inv_ex, &op_inv, &op_inverse, NULL,
};
