/* Factors of symmetric matrices that need not be positive: ldl_factor, ldl_solve.
 *
 * A [..., n, n], its lower triangle read -> LD [..., n, n], pivots [..., n], of int32,
 * from 1, negative for blocks of two in D.  Source: BatchLinearAlgebra.cpp. */
#include "linalg.h"

static const char *const ex_fields[] = {"LD", "pivots", "info", NULL};
static const char *const fields[] = {"LD", "pivots", NULL};
RETURN_KIND(linalg_ldl_factor_ex, ex_fields)
RETURN_KIND(linalg_ldl_factor, fields)

/* D holds a zero at place `info`: PyTorch has no words for that. */
static bool info_check(Ctx *c, const Tensor *info, const char *name) {
    const int32_t *at = info ? tensor_data(info) : NULL;
    for (int64_t i = 0; at && i < info->numel; i++) {
        if (at[i] == 0) continue;
        error_raise(c, RuntimeError,
                    "false INTERNAL ASSERT FAILED at "
                    "\"./aten/src/ATen/native/BatchLinearAlgebra.cpp\":1491, please "
                    "report a bug to PyTorch. %s: Unknown error code: %d.",
                    name, (int)at[i]);
        return false;
    }
    return !ctx_failed(c);
}

static bool factor_all(Ctx *c, Tensor *columns, Tensor *pivots, Tensor *info) {
    Lapack l;
    DType d = (DType)columns->dtype;
    int64_t n = cols_of(columns), bytes = n * n * (int64_t)dtype_size(d);
    int64_t lwork = 64 * (n + 1);
    Tensor *work = tensor_make(c, d, 1, &lwork);
    if (!work || !linalg_open(c, &l)) return false;
    char *a = tensor_data(columns);
    int *p = tensor_data(pivots), *failed = tensor_data(info);
    for (int64_t i = 0; n && i < info->numel; i++)
        failed[i] = lapack_sytrf(&l, d, (int)n, a + i * bytes, p + i * n,
                                 tensor_data(work), (int)lwork);
    return true;
}

static Value ldl_factor_ex_forward(Ctx *c, Call *k) {
    static const char name[] = "torch.linalg.ldl_factor_ex";
    Tensor *a = call_tensor(k, 0), *out[3];
    if (!linalg_square_check(c, a, name) || !linalg_float_check(c, a, name, true))
        return value_null();
    Shape batch = linalg_batch_dims(a);
    int64_t n = cols_of(a);
    if (!linalg_prepare(c, k, 0, (DType)a->dtype, &batch, n, n) ||
        !out_prepare(c, k, 1, DT_int32, a->ndim - 1, a->sizes) ||
        !out_prepare(c, k, 2, DT_int32, batch.ndim, batch.dims) ||
        !linalg_dtype_check(c, a, "ldl_factor_kernel_cpu"))
        return value_null();
    Tensor *columns = linalg_columns(c, a);
    out[1] = linalg_new(c, DT_int32, &batch, 1, &n);
    out[2] = linalg_new(c, DT_int32, &batch, 0, NULL);
    if (!columns || !out[1] || !out[2] || !factor_all(c, columns, out[1], out[2]))
        return value_null();
    if (call_bool(k, 2) && !info_check(c, out[2], name)) return value_null();
    out[0] = linalg_give(c, k, 0, t_triu(c, columns, 0));
    out[1] = linalg_give_plain(c, k, 1, out[1]);
    out[2] = linalg_give_plain(c, k, 2, out[2]);
    return return_tuple(c, &linalg_ldl_factor_ex_kind, 3, out);
}
static const OpDef op_ldl_factor_ex = {
    .schema = "linalg_ldl_factor_ex(Tensor self, *, bool hermitian=False, bool "
              "check_errors=False) -> (Tensor LD, Tensor pivots, Tensor info)",
    .doc = "Factors of a symmetric matrix, and where D is zero.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_DERIVATIVE_MISSING | OP_FIRST_RESULT_ONLY | OP_OUT_EXACT,
    .forward = ldl_factor_ex_forward,
};

static Value ldl_factor_forward(Ctx *c, Call *k) {
    Value args[] = {k->args[0], k->args[1], value_bool(false)};
    Tensor *out[3];
    if (!linalg_call_ex(c, k, &op_ldl_factor_ex, args, 3, out) ||
        !info_check(c, out[2], "torch.linalg.ldl_factor"))
        return value_null();
    return return_tuple(c, &linalg_ldl_factor_kind, 2, out);
}
static const OpDef op_ldl_factor = {
    .schema = "linalg_ldl_factor(Tensor self, *, bool hermitian=False) -> (Tensor LD, "
              "Tensor pivots)",
    .doc = "Factors of a symmetric matrix, A = L D L^T.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = ldl_factor_forward,
};

/* ---- ldl_solve ---- */

static bool solve_check(Ctx *c, const Tensor *ld, const Tensor *pivots,
                        const Tensor *b) {
    static const char name[] = "torch.linalg.ldl_solve";
    if (!linalg_square_check(c, ld, name) || !linalg_float_check(c, ld, name, true))
        return false;
    if (ld->dtype != b->dtype)
        error_raise(c, RuntimeError,
                    "Expected b and A to have the same dtype, but found b of type %s "
                    "and A of type %s instead.",
                    dtype_scalar_name((DType)b->dtype),
                    dtype_scalar_name((DType)ld->dtype));
    else if (shape_size_dim(c, -2, b->ndim) < 0)
        return false;
    else if (rows_of(ld) != rows_of(b))
        error_raise(c, RuntimeError,
                    "Incompatible matrix sizes for %s: each A matrix is %lld by %lld "
                    "but each b matrix is %lld by %lld",
                    name, (long long)rows_of(ld), (long long)cols_of(ld),
                    (long long)rows_of(b), (long long)cols_of(b));
    else if (!shape_equal(ld->ndim - 1, ld->sizes, pivots->ndim, pivots->sizes))
        error_raise(c, RuntimeError,
                    "%s: Expected LD.shape[:-1] and pivots.shape to be the same, but "
                    "got pivots with shape %s instead",
                    name, shape_text(c, pivots));
    else if (!dtype_is_integral((DType)pivots->dtype, false))
        error_raise(c, RuntimeError, "%s: Expected pivots to be integers. Got %s", name,
                    dtype_scalar_name((DType)pivots->dtype));
    return !ctx_failed(c) && linalg_dtype_check(c, ld, "ldl_solve_kernel_cpu");
}

/* Whether each pivot names one of n rows. */
static bool pivots_check(Ctx *c, const Tensor *pivots, int64_t n) {
    const int32_t *at = tensor_data(pivots);
    for (int64_t i = 0; i < pivots->numel; i++) {
        int64_t row = at[i] < 0 ? -(int64_t)at[i] : at[i];
        if (1 <= row && row <= n) continue;
        error_raise(c, RuntimeError,
                    "torch.linalg.ldl_solve: pivot %lld is out of range",
                    (long long)at[i]);
        return false;
    }
    return true;
}

static Value ldl_solve_forward(Ctx *c, Call *k) {
    Lapack l;
    Tensor *ld = call_tensor(k, 0), *pivots = call_tensor(k, 1), *b = call_tensor(k, 2);
    Shape batch;
    if (!solve_check(c, ld, pivots, b) || !linalg_batch_shape(c, b, ld, &batch) ||
        !linalg_open(c, &l))
        return value_null();
    DType d = (DType)ld->dtype;
    int64_t n = cols_of(ld), nrhs = cols_of(b), size = (int64_t)dtype_size(d);
    Tensor *a = linalg_columns(c, linalg_expand(c, ld, &batch));
    Tensor *x = linalg_columns(c, linalg_expand(c, b, &batch));
    Shape s = batch;
    s.dims[s.ndim++] = n;
    Tensor *p = t_expand(c, t_to_dtype(c, pivots, DT_int32), s.ndim, s.dims);
    p = t_contiguous(c, p);
    if (!a || !x || !p || !pivots_check(c, p, n)) return value_null();
    for (int64_t i = 0; x->numel && i < linalg_batch(x); i++)
        lapack_sytrs(&l, d, (int)n, (int)nrhs,
                     (const char *)tensor_data(a) + i * n * n * size,
                     (const int *)tensor_data(p) + i * n,
                     (char *)tensor_data(x) + i * n * nrhs * size);
    return value_obj(linalg_give(c, k, 0, x));
}
static const OpDef op_ldl_solve = {
    .schema = "linalg_ldl_solve(Tensor LD, Tensor pivots, Tensor B, *, bool "
              "hermitian=False) -> Tensor",
    .doc = "The solution of A X = B from the factors of ldl_factor.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_DERIVATIVE_MISSING | OP_OUT_EXACT,
    .forward = ldl_solve_forward,
    .example = "torch.linalg.ldl_solve(*torch.linalg.ldl_factor(m), m)",
};

const OpDef *const linalg_ldl_ops[] = {
    &op_ldl_factor_ex,
    &op_ldl_factor,
    &op_ldl_solve,
    NULL,
};
