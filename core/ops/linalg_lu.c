/* LU factors: lu_factor, lu, lu_unpack, lu_solve.
 *
 * A [..., m, n] -> LU [..., m, n], pivots [..., min(m, n)], of int32, from 1.
 * Sources: BatchLinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

#include <string.h>

/* ---- factors ---- */

/* Factors each of the matrices, [m, n] by columns. */
static void factor_all(const Lapack *l, Tensor *columns, Tensor *pivots, Tensor *info) {
    DType d = (DType)columns->dtype;
    int64_t n = rows_of(columns), m = cols_of(columns), k = least(m, n);
    char *a = tensor_data(columns);
    int *at = tensor_data(pivots), *failed = tensor_data(info);
    for (int64_t i = 0; columns->numel && i < info->numel; i++)
        failed[i] = lapack_getrf(l, d, (int)m, (int)n,
                                 a + i * m * n * (int64_t)dtype_size(d), at + i * k);
}

/* The factors of a, by columns; of a^T when `flip`. */
static Tensor *factor(Ctx *c, Tensor *a, bool flip, Tensor **pivots, Tensor **info) {
    Lapack l;
    if (!a || !linalg_open(c, &l)) return NULL;
    Shape batch = linalg_batch_dims(a);
    int64_t k = least(rows_of(a), cols_of(a));
    Tensor *columns = linalg_columns(c, flip ? linalg_mt(c, a) : a);
    *pivots = linalg_new(c, DT_int32, &batch, 1, &k);
    *info = linalg_new(c, DT_int32, &batch, 0, NULL);
    if (!columns || !*pivots || !*info) return NULL;
    factor_all(&l, columns, *pivots, *info);
    return columns;
}

bool linalg_factor(Ctx *c, Tensor *a, bool flip, Tensor **lu, Tensor **pivots,
                   Tensor **info) {
    *lu = linalg_mt(c, factor(c, a, flip, pivots, info));
    return *lu;
}

static const char *const factor_fields[] = {"LU", "pivots", "info", NULL};
static const char *const factor_pair_fields[] = {"LU", "pivots", NULL};
RETURN_KIND(linalg_lu_factor_ex, factor_fields)
RETURN_KIND(linalg_lu_factor, factor_pair_fields)

static bool matrices_check(Ctx *c, const Tensor *a, const char *name) {
    if (a->ndim >= 2) return true;
    error_raise(c, RuntimeError,
                "%s: Expected tensor with 2 or more dimensions. Got size: %s instead",
                name, shape_text(c, a));
    return false;
}

/* Whether A can be factored; nothing need be when it has no elements. */
static bool factor_check(Ctx *c, const Tensor *a, bool pivot) {
    if (ctx_failed(c) || a->numel == 0) return !ctx_failed(c);
    if (!linalg_dtype_check(c, a, "lu_cpu")) return false;
    if (pivot) return true;
    error_raise(c, RuntimeError,
                "linalg.lu_factor: LU without pivoting is not implemented on the CPU");
    return false;
}

/* What lu_factor_ex looks at, and its out=. */
static bool factor_prepare(Ctx *c, Call *k) {
    const Tensor *a = call_tensor(k, 0);
    if (!matrices_check(c, a, "torch.lu_factor")) return false;
    Shape batch = linalg_batch_dims(a), pivots = batch;
    pivots.dims[pivots.ndim++] = least(rows_of(a), cols_of(a));
    return linalg_prepare(c, k, 0, (DType)a->dtype, &batch, rows_of(a), cols_of(a)) &&
           out_prepare(c, k, 1, DT_int32, pivots.ndim, pivots.dims) &&
           out_prepare(c, k, 2, DT_int32, batch.ndim, batch.dims) &&
           factor_check(c, a, call_bool(k, 1));
}

static Value lu_factor_ex_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[3];
    if (!factor_prepare(c, k)) return value_null();
    Tensor *columns = factor(c, a, false, &out[1], &out[2]);
    if (!columns) return value_null();
    if (call_bool(k, 2) &&
        !linalg_info_check(c, out[2], "torch.linalg.lu_factor_ex", a->ndim == 2))
        return value_null();
    out[0] = linalg_give(c, k, 0, columns);
    out[1] = linalg_give_plain(c, k, 1, out[1]);
    out[2] = linalg_give_plain(c, k, 2, out[2]);
    return return_tuple(c, &linalg_lu_factor_ex_kind, 3, out);
}

/* Whether each of the pivots, int32 in order, names one of n rows. */
static bool pivots_check(Ctx *c, bool unpack, Tensor *pivots, int64_t n) {
    const int32_t *at = tensor_data(pivots);
    bool below = false, above = false;
    for (int64_t i = 0; i < pivots->numel; i++) {
        below |= at[i] < 1;
        above |= at[i] > n;
    }
    if (!below && !above) return true;
    if (unpack)
        error_raise(c, RuntimeError,
                    "pivots passed to lu_unpack must be between 1 and LU.size(-2) "
                    "inclusive.Did you properly pass the result of lu_factor?");
    else
        error_raise(c, RuntimeError,
                    "Pivots given to lu_solve must all be %s. Did you properly pass "
                    "the result of lu_factor?",
                    below ? "greater or equal to 1"
                          : "smaller or equal to LU.size(-2)");
    return false;
}

/* The permutation that the pivots stand for as a matrix P, P L U = A. */
static Tensor *permutation(Ctx *c, Tensor *pivots, int64_t m, DType d) {
    if (!pivots || shape_size_dim(c, -1, pivots->ndim) < 0 ||
        !scalar_type_check(c, DT_int32, (DType)pivots->dtype))
        return NULL;
    Shape batch = tensor_shape(pivots);
    int64_t k = batch.dims[--batch.ndim], sizes[2] = {m, m};
    Tensor *p = linalg_new(c, d, &batch, 2, sizes);
    Tensor *order = p ? tensor_make(c, DT_int64, 1, &m) : NULL; /* may be huge */
    pivots = t_contiguous(c, pivots);
    if (!p || !order || !pivots) return NULL;
    int64_t *row = tensor_data(order), size = (int64_t)dtype_size(d);
    const int32_t *at = tensor_data(pivots);
    if (!pivots_check(c, true, pivots, m)) return NULL;
    char *out = tensor_data(p);
    for (int64_t b = 0; p->numel && b < linalg_batch(p);
         b++, at += k, out += m * m * size) {
        for (int64_t i = 0; i < m; i++) row[i] = i;
        for (int64_t i = 0; i < least(k, m); i++) {
            int64_t other = at[i] - 1, moved = row[i];
            row[i] = row[other];
            row[other] = moved;
        }
        for (int64_t i = 0; i < m; i++)
            element_store(d, out + (row[i] * m + i) * size, value_int(1));
    }
    return p;
}

/* The same, or nothing, [0], when it is not wanted. */
static Tensor *permutation_or_none(Ctx *c, bool wanted, Tensor *pivots, int64_t m,
                                   DType d) {
    const int64_t none = 0;
    return wanted ? permutation(c, pivots, m, d) : t_zeros(c, 1, &none, d);
}

/* L [..., m, k] and U [..., k, n] of LU. */
static void unpacked(Ctx *c, Tensor *lu, Tensor **l, Tensor **u) {
    *l = *u = NULL;
    if (!lu || ctx_failed(c)) return;
    int64_t k = least(rows_of(lu), cols_of(lu));
    *l = t_tril(c, t_narrow(c, lu, -1, 0, k), -1);
    *u = t_triu(c, t_narrow(c, lu, -2, 0, k), 0);
    if (*l)
        t_copy_(c, t_diagonal(c, *l, 0, -2, -1), t_ones(c, 0, NULL, (DType)lu->dtype));
}

/* X of A^T X = B, or X A^T = B: A^T is upper triangular, or has ones on its diagonal.
 */
static Tensor *triangular_solved(Ctx *c, Tensor *a, Tensor *b, bool upper, bool left,
                                 bool unit) {
    TriangularSolve how = {.left = left, .upper = upper, .unit = unit};
    return t_linalg_solve_triangular(c, linalg_mt(c, a), b, how);
}

static Tensor *product_t(Ctx *c, Tensor *a, Tensor *b) { /* a b^T */
    return t_matmul(c, a, linalg_mt(c, b));
}
static Tensor *t_product(Ctx *c, Tensor *a, Tensor *b) { /* a^T b */
    return t_matmul(c, linalg_mt(c, a), b);
}
/* The gradient of A with as many rows as columns. gl or gu may be NULL. */
static Tensor *square_gradient(Ctx *c, Tensor *gl, Tensor *gu, Tensor *l, Tensor *u) {
    Tensor *t = gl ? t_tril(c, t_product(c, l, gl), -1) : NULL;
    t = t_add_some(c, t, gu ? t_triu(c, product_t(c, gu, u), 0) : NULL);
    t = triangular_solved(c, u, t, false, false, false);
    return triangular_solved(c, l, t, true, true, true);
}

/* More columns than rows: U's gradient comes back as it is, but for what L says. */
static Tensor *wide_gradient(Ctx *c, Tensor *gl, Tensor *gu, Tensor *l, Tensor *u) {
    int64_t m = rows_of(l), rest = cols_of(u) - m;
    Tensor *u1 = t_narrow(c, u, -1, 0, m),
           *gu2 = t_zeros_like(c, t_narrow(c, u, -1, m, rest));
    Tensor *t = gl ? t_product(c, l, gl) : NULL;
    if (gu) {
        Tensor *product = product_t(c, t_triu(c, gu, 0), u);
        t = t ? t_sub(c, t, product) : t_neg(c, product);
        gu2 = t_narrow(c, gu, -1, m, rest);
    }
    t = triangular_solved(c, u1, t_tril(c, t, -1), false, false, false);
    if (gu) t = t_add(c, t, t_triu(c, t_narrow(c, gu, -1, 0, m), 0));
    return triangular_solved(c, l, t_cat_pair(c, t, gu2, -1), true, true, true);
}

static Tensor *tall_gradient(Ctx *c, Tensor *gl, Tensor *gu, Tensor *l, Tensor *u) {
    int64_t n = cols_of(u), rest = rows_of(l) - n;
    Tensor *l1 = t_narrow(c, l, -2, 0, n),
           *gl2 = t_zeros_like(c, t_narrow(c, l, -2, n, rest));
    Tensor *t = gu ? product_t(c, gu, u) : NULL;
    if (gl) {
        Tensor *product = t_product(c, l, t_tril(c, gl, -1));
        t = t ? t_sub(c, t, product) : t_neg(c, product);
        gl2 = t_narrow(c, gl, -2, n, rest);
    }
    t = triangular_solved(c, l1, t_triu(c, t, 0), true, true, true);
    if (gl) t = t_add(c, t, t_tril(c, t_narrow(c, gl, -2, 0, n), -1));
    return triangular_solved(c, u, t_cat_pair(c, t, gl2, -2), false, false, false);
}

/* The gradient of A = P L U from those of L and U. */
static Tensor *lu_gradient(Ctx *c, Tensor *gl, Tensor *gu, Tensor *p, Tensor *l,
                           Tensor *u) {
    if ((!gl && !gu) || !l || !u) return NULL;
    int64_t m = rows_of(l), n = cols_of(u);
    Tensor *t = m == n  ? square_gradient(c, gl, gu, l, u)
                : m < n ? wide_gradient(c, gl, gu, l, u)
                        : tall_gradient(c, gl, gu, l, u);
    return t_matmul(c, p, t);
}

static void lu_factor_ex_backward(Ctx *c, Grad *g) {
    Tensor *lu = saved_tensor(c, g, 0), *pivots = saved_tensor(c, g, 1), *l, *u;
    if (!lu || !pivots || !g->grad) return;
    int64_t k = least(rows_of(lu), cols_of(lu));
    Tensor *p = permutation(c, pivots, rows_of(lu), (DType)lu->dtype);
    unpacked(c, lu, &l, &u);
    grad_set(g, 0,
             lu_gradient(c, t_narrow(c, g->grad, -1, 0, k),
                         t_narrow(c, g->grad, -2, 0, k), p, l, u));
}
static const OpDef op_lu_factor_ex = {
    .schema = "linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool "
              "check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)",
    .doc = "L and U in one matrix, which rows were swapped, and where U is singular.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .saves = "result result1 pivot",
    .forward = lu_factor_ex_forward,
    .backward = lu_factor_ex_backward,
};

static Value lu_factor_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[3];
    Value args[] = {k->args[0], k->args[1], value_bool(false)};
    if (!linalg_call_ex(c, k, &op_lu_factor_ex, args, 3, out) ||
        !linalg_info_check(c, out[2], "torch.linalg.lu_factor", a->ndim == 2))
        return value_null();
    return return_tuple(c, &linalg_lu_factor_kind, 2, out);
}
static const OpDef op_lu_factor = {
    .schema = "linalg_lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor "
              "pivots)",
    .doc = "L and U in one matrix, and which rows were swapped.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = lu_factor_forward,
};

RETURN_KIND(_lu_with_info, factor_fields)

/* torch.lu, but for what is written in the notation. */
static Value lu_with_info_forward(Ctx *c, Call *k) {
    static const char key;
    Tensor *out[3];
    warn_once(c, &key, UserWarning,
              "torch.lu is deprecated in favor of torch.linalg.lu_factor / "
              "torch.linalg.lu_factor_ex and will be removed in a future PyTorch "
              "release.\nLU, pivots = torch.lu(A, compute_pivots)\nshould be replaced "
              "with\nLU, pivots = torch.linalg.lu_factor(A, compute_pivots)\nand\nLU, "
              "pivots, info = torch.lu(A, compute_pivots, get_infos=True)\nshould be "
              "replaced with\nLU, pivots, info = torch.linalg.lu_factor_ex(A, "
              "compute_pivots)");
    Value args[] = {k->args[0], k->args[1], value_bool(false)};
    if (!linalg_items(op_call(c, &op_lu_factor_ex, args), 3, out)) return value_null();
    return return_tuple(c, &_lu_with_info_kind, 3, out);
}
static const OpDef op_lu_with_info = {
    .schema = "_lu_with_info(Tensor self, bool pivot=True, bool check_errors=True) -> "
              "(Tensor LU, Tensor pivots, Tensor info)",
    .doc = "linalg.lu_factor_ex",
    .forms = OP_FUNCTION,
    .traits = OP_COMPOSITE,
    .forward = lu_with_info_forward,
};

/* ---- lu, lu_unpack ---- */

static const char *const lu_fields[] = {"P", "L", "U", NULL};
RETURN_KIND(linalg_lu, lu_fields)
RETURN_KIND(lu_unpack, lu_fields)

/* A -> L, U and the pivots, from which P follows: P has no gradient. */
static Value lu_parts_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *lu, *out[3], *info;
    if (!linalg_factor(c, a, false, &lu, &out[2], &info)) return value_null();
    unpacked(c, lu, &out[0], &out[1]);
    return return_tuple(c, NULL, 3, out);
}
static void lu_parts_backward(Ctx *c, Grad *g) {
    Tensor *l = saved_tensor(c, g, 0), *u = saved_tensor(c, g, 1);
    if (!l || !u) return;
    Tensor *p = permutation(c, saved_tensor(c, g, 2), rows_of(l), (DType)l->dtype);
    grad_set(g, 0, lu_gradient(c, g->grads[0], g->grads[1], p, l, u));
}
static const OpDef op_lu_parts = {
    .schema = "_linalg_lu(Tensor A) -> (Tensor L, Tensor U, Tensor pivots)",
    .doc = "The factors of linalg.lu that have gradients.",
    .forms = OP_INTERNAL,
    .saves = "result result1 result2",
    .node = "LinalgLuBackward0",
    .forward = lu_parts_forward,
    .backward = lu_parts_backward,
};

/* The out= of P, L and U of matrices a; P and the others are empty where not wanted. */
static bool factors_prepare(Ctx *c, Call *k, const Tensor *a, bool p, bool lu) {
    const int64_t m = rows_of(a), n = cols_of(a), least_size = least(m, n);
    const int64_t sizes[3][2] = {{m, m}, {m, least_size}, {least_size, n}};
    for (int i = 0; i < 3; i++) {
        Shape s = linalg_batch_dims(a);
        memcpy(s.dims + s.ndim, sizes[i], sizeof sizes[i]);
        s.ndim += 2;
        if (i ? !lu : !p) s = (Shape){.ndim = 1, .dims = {0}};
        if (!out_prepare(c, k, i, (DType)a->dtype, s.ndim, s.dims)) return false;
    }
    return true;
}

static Value lu_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *parts[3], *out[3];
    bool pivot = call_bool(k, 1);
    if (!matrices_check(c, a, "linalg.lu") || !factors_prepare(c, k, a, pivot, true) ||
        !factor_check(c, a, pivot) ||
        !linalg_items(op_call(c, &op_lu_parts, k->args), 3, parts))
        return value_null();
    out[0] = permutation_or_none(c, pivot, parts[2], rows_of(a), (DType)a->dtype);
    out[1] = parts[0];
    out[2] = parts[1];
    return return_tuple(c, &linalg_lu_kind, 3, out);
}
static const OpDef op_lu = {
    .schema =
        "linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)",
    .doc = "A permutation and triangular matrices, A = P L U.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .out_name = "linalg_lu",
    .forward = lu_forward,
};

static Value unpack_parts_forward(Ctx *c, Call *k) {
    Tensor *out[2];
    unpacked(c, call_tensor(k, 0), &out[0], &out[1]);
    return return_tuple(c, NULL, 2, out);
}
/* The triangles of both gradients, put together as LU is. */
static void unpack_parts_backward(Ctx *c, Grad *g) {
    int64_t sizes[MAX_DIMS];
    int ndim = saved_ints(g, 0, sizes, MAX_DIMS);
    int64_t m = sizes[ndim - 2], n = sizes[ndim - 1], k = least(m, n);
    Tensor *gl = g->grads[0], *gu = g->grads[1], *t = NULL;
    DType d = (DType)(gl ? gl : gu)->dtype;
    if (gl) {
        t = t_tril(c, gl, -1);
        Shape s = {.ndim = ndim};
        memcpy(s.dims, sizes, (size_t)ndim * sizeof *sizes);
        s.dims[ndim - 1] = n - k;
        if (n > k) t = t_cat_pair(c, t, t_zeros(c, ndim, s.dims, d), -1);
    }
    if (gu) {
        Tensor *upper = t_triu(c, gu, 0);
        Shape s = {.ndim = ndim};
        memcpy(s.dims, sizes, (size_t)ndim * sizeof *sizes);
        s.dims[ndim - 2] = m - k;
        if (m > k) upper = t_cat_pair(c, upper, t_zeros(c, ndim, s.dims, d), -2);
        t = t_add_some(c, t, upper);
    }
    grad_set(g, 0, t);
}
static const OpDef op_unpack_parts = {
    .schema = "_lu_unpack(Tensor LU_data) -> (Tensor L, Tensor U)",
    .doc = "The factors of lu_unpack that have gradients.",
    .forms = OP_INTERNAL,
    .saves = "LU_data.sizes",
    .node = "LuUnpackBackward0",
    .forward = unpack_parts_forward,
    .backward = unpack_parts_backward,
};

static Value lu_unpack_forward(Ctx *c, Call *k) {
    Tensor *lu = call_tensor(k, 0), *pivots = call_tensor(k, 1), *out[3];
    int64_t none = 0;
    if (!matrices_check(c, lu, "torch.lu_unpack")) return value_null();
    if (call_bool(k, 3) && pivots->dtype != DT_int32)
        return value_raise(
            c, RuntimeError,
            "torch.lu_unpack: LU_pivots is expected to be a contiguous "
            "tensor of torch.int32 dtype.\nNote: this function is intended "
            "to be used with the output produced by torch.linalg.lu_factor");
    if (!factors_prepare(c, k, lu, call_bool(k, 3), call_bool(k, 2)) ||
        shape_size_dim(c, -1, pivots->ndim) < 0)
        return value_null();
    DType d = (DType)lu->dtype;
    out[0] = permutation_or_none(c, call_bool(k, 3), pivots, rows_of(lu), d);
    if (!call_bool(k, 2)) {
        out[1] = t_zeros(c, 1, &none, d);
        out[2] = t_zeros(c, 1, &none, d);
    } else if (!linalg_items(op_call(c, &op_unpack_parts, k->args), 2, out + 1)) {
        return value_null();
    }
    return return_tuple(c, &lu_unpack_kind, 3, out);
}
static const OpDef op_lu_unpack = {
    .schema = "lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool "
              "unpack_pivots=True) -> (Tensor P, Tensor L, Tensor U)",
    .doc = "P, L and U of what lu_factor gives.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .out_name = "lu_unpack",
    .constants = "LU_pivots",
    .forward = lu_unpack_forward,
    .example = "torch.lu_unpack(*torch.linalg.lu_factor(m))",
};

/* ---- lu_solve ---- */

/* X of A X = B, or A^T X = B when `adjoint`, for each of a batch; all by columns. */
static void solve_all(const Lapack *l, Tensor *lu, Tensor *pivots, Tensor *b,
                      bool adjoint) {
    DType d = (DType)lu->dtype;
    int64_t n = cols_of(lu), nrhs = rows_of(b), size = (int64_t)dtype_size(d);
    const char *a = tensor_data(lu);
    const int *at = tensor_data(pivots);
    char *x = tensor_data(b);
    for (int64_t i = 0; b->numel && i < linalg_batch(b); i++)
        lapack_getrs(l, d, adjoint, (int)n, (int)nrhs, a + i * n * n * size, at + i * n,
                     x + i * n * nrhs * size);
}

/* The pivots with these batch dimensions, contiguous. */
static Tensor *expand_pivots(Ctx *c, Tensor *pivots, const Shape *batch) {
    if (!pivots) return NULL;
    Shape s = *batch;
    s.dims[s.ndim++] = pivots->sizes[pivots->ndim - 1];
    return t_contiguous(c, t_expand(c, pivots, s.ndim, s.dims));
}

/* Of X A = B the transposed solution is computed, X^T by columns. */
Tensor *linalg_lu_solution(Ctx *c, Tensor *lu, Tensor *pivots, Tensor *b, bool left,
                           bool adjoint) {
    Lapack l;
    Shape batch;
    if (!lu || !b || !linalg_open(c, &l) || !linalg_batch_shape(c, lu, b, &batch))
        return NULL;
    Tensor *a = linalg_columns(c, linalg_expand(c, lu, &batch));
    Tensor *x = linalg_expand(c, b, &batch);
    x = linalg_columns(c, left ? x : linalg_mt(c, x));
    pivots = expand_pivots(c, pivots, &batch);
    if (!a || !x || !pivots || !pivots_check(c, false, pivots, cols_of(a))) return NULL;
    solve_all(&l, a, pivots, x, adjoint != !left);
    return x;
}

static Value give_solution(Ctx *c, Call *k, int nr, Tensor *columns, bool left) {
    return value_obj(left ? linalg_give(c, k, nr, columns)
                          : linalg_give_plain(c, k, nr, columns));
}

static bool lu_solve_prepare(Ctx *c, Call *k, const Tensor *lu, const Tensor *b) {
    Shape batch;
    if (k->form != CALL_OUT) return true;
    if (!linalg_batch_shape(c, lu, b, &batch)) return false;
    return linalg_prepare(c, k, 0, (DType)lu->dtype, &batch, rows_of(b), cols_of(b));
}

static Value lu_solve_forward(Ctx *c, Call *k) {
    Tensor *lu = call_tensor(k, 0), *pivots = call_tensor(k, 1), *b = call_tensor(k, 2);
    bool left = call_bool(k, 3);
    if (!linalg_float_check(c, lu, "torch.linalg.lu_solve", true)) return value_null();
    if (lu->dtype != b->dtype)
        return value_raise(c, RuntimeError,
                           "linalg.lu_solve: Expected LU and B to have the same dtype, "
                           "but found LU of type %s and B of type %s instead",
                           dtype_scalar_name((DType)lu->dtype),
                           dtype_scalar_name((DType)b->dtype));
    if (pivots->dtype != DT_int32)
        return value_raise(c, RuntimeError,
                           "linalg.lu_solve: pivots should be a Tensor of scalar type "
                           "torch.int32");
    if (!linalg_square_check(c, lu, "torch.linalg.lu_solve") ||
        !linalg_solve_check(c, lu, b, left, "linalg.lu_solve") ||
        !lu_solve_prepare(c, k, lu, b) ||
        !linalg_dtype_check(c, lu, "linalg.lu_solve_cpu"))
        return value_null();
    if (pivots->ndim != lu->ndim - 1 || pivots->sizes[pivots->ndim - 1] != cols_of(lu))
        return value_raise(
            c, RuntimeError,
            "linalg.lu_solve: Number of pivots per batch should be same as "
            "the dimension of the matrix");
    Tensor *x = linalg_lu_solution(c, lu, pivots, b, left, call_bool(k, 4));
    return give_solution(c, k, 0, x, left);
}

/* The gradient of LU: that of A, taken through its factors. */
static Tensor *lu_solve_gradient(Ctx *c, Grad *g, Tensor *lu, Tensor *pivots, Tensor *x,
                                 bool left, bool adjoint) {
    Tensor *l, *u,
        *p = lu ? permutation(c, pivots, rows_of(lu), (DType)lu->dtype) : NULL;
    unpacked(c, lu, &l, &u);
    if (!p) return NULL;
    Tensor *grad = left ? g->grad : linalg_mt(c, g->grad);
    Tensor *ut = linalg_mt(c, u), *lt = linalg_mt(c, l), *gl, *gu;
    if (!left) x = linalg_mt(c, x);
    if (left != adjoint) {
        /* A x = b: with R = -U^-T g x^T, triu(R) and tril(L^-T R U^T). */
        Tensor *r = triangular_solved(c, u, grad, false, true, false);
        r = t_neg(c, product_t(c, r, x));
        gu = t_triu(c, r, 0);
        r = triangular_solved(c, l, t_matmul(c, r, ut), true, true, true);
        gl = t_tril(c, r, -1);
    } else {
        /* A^T x = b: with R = -P^T x (L^-1 P^T g)^T, triu(L^T R U^-T) and tril(R). */
        TriangularSolve lower = {.left = true, .unit = true};
        Tensor *r = t_linalg_solve_triangular(c, l, t_product(c, p, grad), lower);
        r = t_neg(c, product_t(c, t_product(c, p, x), r));
        gl = t_tril(c, r, -1);
        r = triangular_solved(c, u, t_matmul(c, lt, r), false, false, false);
        gu = t_triu(c, r, 0);
    }
    return t_add(c, gl, gu);
}
static void lu_solve_backward(Ctx *c, Grad *g) {
    Tensor *lu = saved_tensor(c, g, 0), *pivots = saved_tensor(c, g, 1);
    Tensor *x = saved_tensor(c, g, 4);
    bool left = saved_bool(g, 2), adjoint = saved_bool(g, 3);
    if (grad_wanted(g, 0))
        grad_set(g, 0, lu_solve_gradient(c, g, lu, pivots, x, left, adjoint));
    if (grad_wanted(g, 1))
        grad_set(g, 1, t_linalg_lu_solve(c, lu, pivots, g->grad, left, !adjoint));
}
static const OpDef op_lu_solve = {
    .schema = "linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, "
              "bool adjoint=False) -> Tensor",
    .doc = "The solution of A X = B from the LU factors of A.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_OUT_EXACT,
    .constants = "pivots!",
    .saves = "LU pivots left adjoint result",
    .forward = lu_solve_forward,
    .backward = lu_solve_backward,
    .example = "torch.linalg.lu_solve(*torch.linalg.lu_factor(m), m)",
};
Tensor *t_linalg_lu_solve(Ctx *c, Tensor *lu, Tensor *pivots, Tensor *b, bool left,
                          bool adjoint) {
    return op_tensor(c, &op_lu_solve,
                     (Value[]){arg_tensor(lu), arg_tensor(pivots), arg_tensor(b),
                               value_bool(left), value_bool(adjoint)});
}

static Value old_lu_solve_forward(Ctx *c, Call *k) {
    static const char keys[2]; /* one for each form */
    warn_once(
        c, &keys[k->form == CALL_OUT], UserWarning,
        "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be "
        "removed in a future PyTorch release.\nNote that torch.linalg.lu_solve has "
        "its arguments reversed.\nX = torch.lu_solve(B, LU, pivots)\nshould be "
        "replaced with\nX = torch.linalg.lu_solve(LU, pivots, B)");
    Value args[] = {k->args[1], k->args[2], k->args[0], value_bool(true),
                    value_bool(false)};
    if (k->form == CALL_OUT)
        return op_call_out(c, &op_lu_solve, args, k->target, k->n_targets);
    return op_call(c, &op_lu_solve, args);
}
static const OpDef op_old_lu_solve = {
    .schema = "lu_solve(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor",
    .doc = "linalg.lu_solve, its arguments in another order.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = old_lu_solve_forward,
    .example = "torch.lu_solve(m, *torch.linalg.lu_factor(m))",
};

const OpDef *const linalg_lu_ops[] = {
    &op_lu_with_info, &op_old_lu_solve, &op_lu_factor_ex, &op_lu_factor, &op_lu_parts,
    &op_lu,           &op_lu_unpack,    &op_unpack_parts, &op_lu_solve,  NULL,
};
