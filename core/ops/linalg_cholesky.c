/* Cholesky factors, and systems whose matrix is triangular.
 *
 * A [..., n, n], symmetric and positive-definite -> L, lower triangular, A = L L^T, or
 * U = L^T.  Sources: BatchLinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

/* ---- triangular systems ---- */

/* A single column or row counts as transposed, as in PyTorch: the other side of the
 * same equation, where BLAS divides instead of multiplying by a reciprocal. */
static void solve_all(const Lapack *l, TriangularSolve how, Tensor *a, Tensor *x) {
    DType d = (DType)a->dtype;
    int64_t m = cols_of(x), n = rows_of(x), k = cols_of(a),
            size = (int64_t)dtype_size(d);
    int64_t step = m * n * size;
    const char *at = tensor_data(a);
    char *to = tensor_data(x);
    if (m == 1 || n == 1) {
        how.left = !how.left;
        how.transposed = !how.transposed;
        m = n;
        n = cols_of(x);
    }
    for (int64_t i = 0; i < linalg_batch(x); i++)
        lapack_trsm(l, d, how, (int)m, (int)n, at + i * k * k * size, to + i * step);
}

/* The solution, by columns. `by_rows`: an A that lies row by row is taken as it is, its
 * transpose by columns. */
static Tensor *triangular_solution(Ctx *c, Tensor *a, Tensor *b, TriangularSolve how,
                                   bool by_rows) {
    Lapack l;
    Shape batch;
    if (!linalg_open(c, &l) || !linalg_batch_shape(c, a, b, &batch)) return NULL;
    a = linalg_expand(c, a, &batch);
    Tensor *x = linalg_columns(c, linalg_expand(c, b, &batch));
    if (by_rows && a && a->contiguous) {
        how.upper = !how.upper;
        how.transposed = !how.transposed;
    } else {
        a = linalg_columns(c, a);
    }
    if (!a || !x) return NULL;
    if (x->numel) solve_all(&l, how, a, x);
    return x;
}

/* A, B, upper, left, unitriangular */
static Value solve_triangular_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    TriangularSolve how = {
        .upper = call_bool(k, 2), .left = call_bool(k, 3), .unit = call_bool(k, 4)};
    if (!linalg_solve_check(c, a, b, how.left, "linalg.solve_triangular"))
        return value_null();
    DType d = (DType)a->dtype,
          out = k->form == CALL_OUT ? (DType)k->target[0]->dtype : d;
    Shape batch;
    if (!linalg_batch_shape(c, a, b, &batch) ||
        !linalg_prepare(c, k, 0, out, &batch, rows_of(b), cols_of(b)) ||
        !linalg_dtype_check(c, a, "triangular_solve_cpu") ||
        !scalar_type_check(c, d, out))
        return value_null();
    b = t_to_dtype(c, b, d);
    if (!b) return value_null();
    return value_obj(linalg_give(c, k, 0, triangular_solution(c, a, b, how, true)));
}
static void solve_triangular_backward(Ctx *c, Grad *g) {
    Tensor *a = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 4);
    TriangularSolve how = {
        .upper = saved_bool(g, 1), .left = saved_bool(g, 2), .unit = saved_bool(g, 3)};
    if (!a) return;
    TriangularSolve back = how;
    back.upper = !how.upper;
    Tensor *gb = t_linalg_solve_triangular(c, linalg_mt(c, a), g->grad, back);
    if (grad_wanted(g, 0)) {
        Tensor *xt = linalg_mt(c, x);
        Tensor *t = how.left ? t_matmul(c, gb, xt) : t_matmul(c, xt, gb);
        t = t_neg(c, t);
        grad_set(g, 0,
                 how.upper ? t_triu(c, t, how.unit) : t_tril(c, t, -(int)how.unit));
    }
    if (grad_wanted(g, 1)) grad_set(g, 1, gb);
}
static const OpDef op_solve_triangular = {
    .schema = "linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool "
              "left=True, bool unitriangular=False) -> Tensor",
    .doc = "The solution of A X = B for a triangular A.",
    .forms = OP_LINALG | OP_OUT,
    .saves = "self upper left unitriangular result",
    .forward = solve_triangular_forward,
    .backward = solve_triangular_backward,
    .example = "torch.linalg.solve_triangular(m, m, upper=True)",
};
Tensor *t_linalg_solve_triangular(Ctx *c, Tensor *a, Tensor *b, TriangularSolve how) {
    return op_tensor(c, &op_solve_triangular,
                     (Value[]){arg_tensor(a), arg_tensor(b), value_bool(how.upper),
                               value_bool(how.left), value_bool(how.unit)});
}

static const char *const triangular_fields[] = {"solution", "cloned_coefficient", NULL};
RETURN_KIND(triangular_solve, triangular_fields)

static bool triangular_solve_check(Ctx *c, const Tensor *b, const Tensor *a) {
    const Tensor *both[2] = {b, a};
    for (int i = 0; i < 2; i++)
        if (both[i]->ndim < 2) {
            error_raise(c, RuntimeError,
                        "torch.triangular_solve: Expected %s to have at least 2 "
                        "dimensions, but it has %d dimensions instead",
                        i ? "A" : "b", both[i]->ndim);
            return false;
        }
    return linalg_old_solve_check(c, b, a, "triangular_solve");
}

/* b, A, upper, transpose, unitriangular -> solution, a copy of A */
static Value triangular_solve_forward(Ctx *c, Call *k) {
    static const char key;
    Tensor *b = call_tensor(k, 0), *a = call_tensor(k, 1), *out[2];
    Shape batch;
    TriangularSolve how = {.left = true,
                           .upper = call_bool(k, 2),
                           .transposed = call_bool(k, 3),
                           .unit = call_bool(k, 4)};
    DType d = (DType)b->dtype;
    if (!triangular_solve_check(c, b, a) || !linalg_batch_shape(c, a, b, &batch) ||
        !linalg_prepare(c, k, 0, d, &batch, rows_of(b), cols_of(b)) ||
        !linalg_prepare(c, k, 1, d, &batch, rows_of(a), cols_of(a)))
        return value_null();
    warn_once(c, &key, UserWarning,
              "torch.triangular_solve is deprecated in favor of "
              "torch.linalg.solve_triangularand will be removed in a future PyTorch "
              "release.\ntorch.linalg.solve_triangular has its arguments reversed and "
              "does not return a copy of one of the inputs.\nX = "
              "torch.triangular_solve(B, A).solution\nshould be replaced with\nX = "
              "torch.linalg.solve_triangular(A, B).");
    if (!linalg_dtype_check(c, a, "triangular_solve_cpu")) return value_null();
    out[0] = linalg_give(c, k, 0, triangular_solution(c, a, b, how, false));
    out[1] = linalg_give(c, k, 1, linalg_columns(c, linalg_expand(c, a, &batch)));
    return return_tuple(c, &triangular_solve_kind, 2, out);
}
static void triangular_solve_backward(Ctx *c, Grad *g) {
    Tensor *b = saved_tensor(c, g, 0), *a = saved_tensor(c, g, 1);
    Tensor *x = saved_tensor(c, g, 5), *gx = g->grads[0], *gm = g->grads[1];
    bool upper = saved_bool(g, 2), transposed = saved_bool(g, 3),
         unit = saved_bool(g, 4);
    if (!a || !b) return;
    Tensor *gb = NULL, *ga = NULL;
    if (gx) {
        Value args[] = {arg_tensor(gx), arg_tensor(a), value_bool(upper),
                        value_bool(!transposed), value_bool(unit)};
        const Tuple *both = value_tuple(op_call(c, g->node->cls->op->def, args));
        if (!both) return;
        gb = value_tensor(both->items[0]);
        Tensor *t = transposed ? t_matmul(c, x, linalg_mt(c, gb))
                               : t_matmul(c, gb, linalg_mt(c, x));
        t = t_neg(c, t);
        ga = upper ? t_triu(c, t, unit) : t_tril(c, t, -(int)unit);
    }
    if (gm) ga = ga ? t_add(c, ga, gm) : gm;
    if (grad_wanted(g, 0) && gb) grad_set(g, 0, gb);
    if (grad_wanted(g, 1) && ga) grad_set(g, 1, ga);
}
static const OpDef op_triangular_solve = {
    .schema = "triangular_solve(Tensor self, Tensor A, bool upper=True, bool "
              "transpose=False, bool unitriangular=False) -> (Tensor solution, Tensor "
              "cloned_coefficient)",
    .doc = "The solution of A X = self for a triangular A, and a copy of A.",
    .forms = OP_USUAL,
    .traits = OP_OUT_EXACT,
    .saves = "self A upper transpose unitriangular result",
    .forward = triangular_solve_forward,
    .backward = triangular_solve_backward,
    .example = "torch.triangular_solve(m, m)",
};

/* ---- cholesky ---- */

static const char *const cholesky_fields[] = {"L", "info", NULL};
RETURN_KIND(linalg_cholesky_ex, cholesky_fields)

/* The factor of a by columns, zeros in its other triangle; info for each matrix. */
static Tensor *factor(Ctx *c, Tensor *a, bool upper, Tensor **info) {
    Lapack l;
    Shape batch = linalg_batch_dims(a);
    DType d = (DType)a->dtype;
    if (!linalg_open(c, &l)) return NULL;
    /* By columns the lower triangle of A is the upper one of what rows hold. */
    Tensor *columns = linalg_columns(c, upper ? t_triu(c, a, 0) : t_tril(c, a, 0));
    *info = linalg_new(c, DT_int32, &batch, 0, NULL);
    if (!columns || !*info) return NULL;
    int64_t n = cols_of(a), step = n * n * (int64_t)dtype_size(d);
    char *at = tensor_data(columns);
    int *failed = tensor_data(*info);
    for (int64_t i = 0; i < (*info)->numel; i++)
        failed[i] = lapack_potrf(&l, d, upper, (int)n, at + i * step);
    return columns;
}

static Value cholesky_ex_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[2];
    if (!linalg_square_check(c, a, "linalg.cholesky") ||
        !linalg_float_check(c, a, "linalg.cholesky", true))
        return value_null();
    Shape batch = linalg_batch_dims(a);
    if (!linalg_prepare(c, k, 0, (DType)a->dtype, &batch, rows_of(a), cols_of(a)) ||
        !out_prepare(c, k, 1, DT_int32, batch.ndim, batch.dims) ||
        !linalg_dtype_check(c, a, "cholesky_cpu"))
        return value_null();
    Tensor *columns = factor(c, a, call_bool(k, 1), &out[1]);
    if (!columns) return value_null();
    if (call_bool(k, 2) &&
        !linalg_info_check(c, out[1], "linalg.cholesky_ex", a->ndim == 2))
        return value_null();
    out[0] = linalg_give(c, k, 0, columns);
    out[1] = linalg_give_plain(c, k, 1, out[1]);
    return return_tuple(c, &linalg_cholesky_ex_kind, 2, out);
}

/* L^-T sym(tril(L^T grad)) L^-1, sym(X) being half of X and its mirror image. Saves:
 * upper, the factor. */
static void cholesky_backward(Ctx *c, Grad *g) {
    bool upper = saved_bool(g, 0);
    Tensor *l = saved_tensor(c, g, 1), *grad = g->grad;
    if (!l || !grad) return;
    if (upper) {
        l = linalg_mt(c, l);
        grad = linalg_mt(c, grad);
    }
    Tensor *lt = linalg_mt(c, l);
    Tensor *t = t_tril(c, t_matmul(c, lt, grad), 0);
    t = t_add(c, t, linalg_mt(c, t_tril(c, t, -1)));
    t = t_mul_scalar(c, t, value_float(0.5));
    t = t_linalg_solve_triangular(c, lt, t,
                                  (TriangularSolve){.upper = true, .left = true});
    t = t_linalg_solve_triangular(c, l, t, (TriangularSolve){.upper = false});
    grad_set(g, 0, t);
}
static const OpDef op_cholesky_ex = {
    .schema = "linalg_cholesky_ex(Tensor self, *, bool upper=False, bool "
              "check_errors=False) -> (Tensor L, Tensor info)",
    .doc = "The Cholesky factor, and where self is not positive-definite.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "upper result",
    .forward = cholesky_ex_forward,
    .backward = cholesky_backward,
};

static Value linalg_cholesky_forward(Ctx *c, Call *k) {
    Tensor *out[2];
    Value args[] = {k->args[0], k->args[1], value_bool(false)};
    if (!linalg_call_ex(c, k, &op_cholesky_ex, args, 2, out) ||
        !linalg_info_check(c, out[1], "linalg.cholesky", call_tensor(k, 0)->ndim == 2))
        return value_null();
    return value_obj(out[0]);
}
static const OpDef op_linalg_cholesky = {
    .schema = "linalg_cholesky(Tensor self, *, bool upper=False) -> Tensor",
    .doc = "The Cholesky factor of a positive-definite matrix.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = linalg_cholesky_forward,
};

static void warn_cholesky(Ctx *c, const char *key) {
    warn_once(
        c, key, UserWarning,
        "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be "
        "removed in a future PyTorch release.\nL = torch.cholesky(A)\nshould be "
        "replaced with\nL = torch.linalg.cholesky(A)\nand\nU = "
        "torch.cholesky(A, upper=True)\nshould be replaced with\nU = "
        "torch.linalg.cholesky(A).mH().\nThis transform will produce equivalent "
        "results for all valid (symmetric positive definite) inputs.");
}

static Value cholesky_forward(Ctx *c, Call *k) {
    static const char keys[2]; /* one for each form; out= is the other form, copied */
    Tensor *a = call_tensor(k, 0), *info;
    if (k->form == CALL_OUT) warn_cholesky(c, &keys[1]);
    if (!linalg_cast_check(c, k, 0, (DType)a->dtype, "cholesky", "result"))
        return value_null();
    warn_cholesky(c, &keys[0]);
    if (!linalg_square_check(c, a, "cholesky")) return value_null();
    if (a->numel == 0) return value_obj(linalg_give_plain(c, k, 0, t_clone(c, a)));
    if (!linalg_dtype_check(c, a, "cholesky_cpu")) return value_null();
    Tensor *columns = factor(c, a, call_bool(k, 1), &info);
    if (!columns || !linalg_info_check(c, info, "cholesky", a->ndim == 2))
        return value_null();
    if (k->form == CALL_OUT)
        return value_obj(linalg_give_plain(c, k, 0, linalg_mt(c, columns)));
    return value_obj(linalg_give(c, k, 0, columns));
}
static const OpDef op_cholesky = {
    .schema = "cholesky(Tensor self, bool upper=False) -> Tensor",
    .doc = "The Cholesky factor of a positive-definite matrix.",
    .forms = OP_USUAL,
    .saves = "upper result",
    .forward = cholesky_forward,
    .backward = cholesky_backward,
};

/* ---- what a factor is good for ---- */

/* self B [..., n, k], input2 the factor [..., n, n] -> X of A X = B. */
static Value cholesky_solve_forward(Ctx *c, Call *k) {
    Tensor *b = call_tensor(k, 0), *l = call_tensor(k, 1);
    bool upper = call_bool(k, 2);
    const Tensor *both[2] = {b, l};
    for (int i = 0; i < 2; i++)
        if (both[i]->ndim < 2)
            return value_raise(c, RuntimeError,
                               "%c should have at least 2 dimensions, but has %d "
                               "dimensions instead",
                               i ? 'u' : 'b', both[i]->ndim);
    if (!linalg_cast_check(c, k, 0, (DType)b->dtype, "cholesky_solve", "result") ||
        !linalg_old_solve_check(c, b, l, "cholesky_solve") ||
        !linalg_dtype_check(c, b, "cholesky_solve_cpu"))
        return value_null();
    TriangularSolve first = {.left = true, .upper = upper, .transposed = upper};
    TriangularSolve second = {.left = true, .upper = upper, .transposed = !upper};
    Tensor *x = triangular_solution(c, l, b, first, false);
    x = x ? triangular_solution(c, l, linalg_mt(c, x), second, false) : NULL;
    return value_obj(k->form == CALL_OUT ? linalg_give_plain(c, k, 0, linalg_mt(c, x))
                                         : linalg_give(c, k, 0, x));
}
static Tensor *t_cholesky_solve(Ctx *c, Tensor *b, Tensor *l, bool upper);
static void cholesky_solve_backward(Ctx *c, Grad *g) {
    Tensor *l = saved_tensor(c, g, 0), *x = saved_tensor(c, g, 2);
    bool upper = saved_bool(g, 1);
    Tensor *gb = t_cholesky_solve(c, g->grad, l, upper);
    if (grad_wanted(g, 1)) {
        Tensor *t = t_matmul(c, gb, linalg_mt(c, x));
        t = t_add(c, t, linalg_mt(c, t));
        grad_set(g, 1, t_neg(c, upper ? t_matmul(c, l, t) : t_matmul(c, t, l)));
    }
    if (grad_wanted(g, 0)) grad_set(g, 0, gb);
}
static const OpDef op_cholesky_solve = {
    .schema = "cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor",
    .doc = "The solution of A X = self from the Cholesky factor of A.",
    .forms = OP_USUAL,
    .saves = "input2 upper result",
    .forward = cholesky_solve_forward,
    .backward = cholesky_solve_backward,
};
static Tensor *t_cholesky_solve(Ctx *c, Tensor *b, Tensor *l, bool upper) {
    return op_tensor(c, &op_cholesky_solve,
                     (Value[]){arg_tensor(b), arg_tensor(l), value_bool(upper)});
}

/* The whole of a matrix whose triangle has been computed, by columns. */
static void mirror(DType d, char *a, int64_t n, bool upper) {
    int64_t size = (int64_t)dtype_size(d);
    for (int64_t j = 0; j < n; j++)
        for (int64_t i = 0; i < j; i++) {
            char *above = a + (i + j * n) * size, *below = a + (j + i * n) * size;
            Value v = element_load(d, upper ? above : below);
            element_store(d, upper ? below : above, v);
        }
}

static Value cholesky_inverse_forward(Ctx *c, Call *k) {
    Tensor *factors = call_tensor(k, 0);
    bool upper = call_bool(k, 1);
    Lapack l;
    Shape batch;
    if (!linalg_cast_check(c, k, 0, (DType)factors->dtype, "cholesky_inverse",
                           "result") ||
        !linalg_square_check(c, factors, "cholesky_inverse") ||
        !linalg_dtype_check(c, factors, "cholesky_inverse_out_cpu") ||
        !linalg_open(c, &l))
        return value_null();
    batch = linalg_batch_dims(factors);
    if (!out_prepare(c, k, 0, (DType)factors->dtype, factors->ndim, factors->sizes))
        return value_null();
    Tensor *columns = linalg_columns(c, factors);
    Tensor *info = linalg_new(c, DT_int32, &batch, 0, NULL);
    if (!columns || !info) return value_null();
    DType d = (DType)factors->dtype;
    int64_t n = cols_of(factors), step = n * n * (int64_t)dtype_size(d);
    for (int64_t i = 0; i < info->numel; i++) {
        char *a = (char *)tensor_data(columns) + i * step;
        ((int *)tensor_data(info))[i] = lapack_potri(&l, d, upper, (int)n, a);
        mirror(d, a, n, upper);
    }
    if (!linalg_info_check(c, info, "cholesky_inverse", factors->ndim == 2))
        return value_null();
    return value_obj(linalg_give(c, k, 0, columns));
}
static void cholesky_inverse_backward(Ctx *c, Grad *g) {
    Tensor *l = saved_tensor(c, g, 0), *r = saved_tensor(c, g, 2);
    bool upper = saved_bool(g, 1);
    Tensor *both = g->grad ? t_add(c, g->grad, linalg_mt(c, g->grad)) : NULL;
    Tensor *t = t_matmul(c, r, t_matmul(c, both, r));
    grad_set(g, 0, t_neg(c, upper ? t_matmul(c, l, t) : t_matmul(c, t, l)));
}
static const OpDef op_cholesky_inverse = {
    .schema = "cholesky_inverse(Tensor self, bool upper=False) -> Tensor",
    .doc = "The inverse of A from its Cholesky factor.",
    .forms = OP_USUAL,
    .saves = "self upper result",
    .forward = cholesky_inverse_forward,
    .backward = cholesky_inverse_backward,
};

const OpDef *const linalg_cholesky_ops[] = {
    &op_solve_triangular, &op_triangular_solve,
    &op_cholesky_ex,      &op_linalg_cholesky,
    &op_cholesky,         &op_cholesky_solve,
    &op_cholesky_inverse, NULL,
};
