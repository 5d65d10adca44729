/* See linalg.h. Sources: LinearAlgebraUtils.h, BatchLinearAlgebra.cpp. */
#include "linalg.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

bool linalg_open(Ctx *c, Lapack *l) {
    if (ctx_failed(c)) return false;
    if (lapack_open(l)) return true;
    error_raise(
        c, RuntimeError,
        "linear algebra needs the LAPACK library, which is not installed (Debian: "
        "liblapack3)");
    return false;
}

/* ---- checks ---- */

bool linalg_matrix_check(Ctx *c, const Tensor *t, const char *name, const char *arg) {
    if (t->ndim >= 2) return true;
    error_raise(c, RuntimeError,
                "%s: The input tensor %s must have at least 2 dimensions.", name, arg);
    return false;
}

bool linalg_square_check(Ctx *c, const Tensor *t, const char *name) {
    if (!linalg_matrix_check(c, t, name, "A")) return false;
    int64_t m = t->sizes[t->ndim - 2], n = t->sizes[t->ndim - 1];
    if (m == n) return true;
    error_raise(c, RuntimeError,
                "%s: A must be batches of square matrices, but they are %" PRId64
                " by %" PRId64 " matrices",
                name, m, n);
    return false;
}

bool linalg_float_check(Ctx *c, const Tensor *t, const char *name, bool half) {
    DType d = (DType)t->dtype;
    if (!dtype_is_floating(d)) {
        error_raise(c, RuntimeError,
                    "%s: Expected a floating point or complex tensor as input. Got %s",
                    name, dtype_scalar_name(d));
        return false;
    }
    if (half || d == DT_float32 || d == DT_float64) return true;
    error_raise(c, RuntimeError, "%s: Low precision dtypes not supported. Got %s", name,
                dtype_scalar_name(d));
    return false;
}

bool linalg_cast_check(Ctx *c, const Call *k, int nr, DType d, const char *name,
                       const char *what) {
    if (k->form != CALL_OUT || dtype_can_cast(d, (DType)k->target[nr]->dtype))
        return true;
    error_raise(c, RuntimeError,
                "%s: Expected %s to be safely castable from %s dtype, but got %s with "
                "dtype %s",
                name, what, dtype_scalar_name(d), what,
                dtype_scalar_name((DType)k->target[nr]->dtype));
    return false;
}

bool linalg_epsilon_check(Ctx *c, const Tensor *t) {
    if (t->dtype == DT_float32 || t->dtype == DT_float64) return true;
    error_raise(c, RuntimeError,
                "This function doesn't handle types other than float and double");
    return false;
}

bool linalg_dtype_check(Ctx *c, const Tensor *t, const char *kernel) {
    DType d = (DType)t->dtype;
    if (d == DT_float32 || d == DT_float64) return true;
    error_raise(c, RuntimeError, "\"%s\" not implemented for '%s'", kernel,
                dtype_scalar_name(d));
    return false;
}

bool linalg_solve_check(Ctx *c, const Tensor *a, const Tensor *b, bool left,
                        const char *name) {
    if (!linalg_square_check(c, a, name) || !linalg_matrix_check(c, b, name, "B"))
        return false;
    int64_t am = a->sizes[a->ndim - 2], an = a->sizes[a->ndim - 1];
    int64_t bm = b->sizes[b->ndim - 2], bn = b->sizes[b->ndim - 1];
    if (left ? am == bm : an == bn) return true;
    error_raise(c, RuntimeError,
                "%s: Incompatible shapes of A and B for the equation %s (%" PRId64
                "x%" PRId64 " and %" PRId64 "x%" PRId64 ")",
                name, left ? "AX = B" : "XA = B", am, an, bm, bn);
    return false;
}

bool linalg_old_solve_check(Ctx *c, const Tensor *b, const Tensor *a,
                            const char *name) {
    int64_t am = a->sizes[a->ndim - 2], an = a->sizes[a->ndim - 1];
    int64_t bm = b->sizes[b->ndim - 2], bn = b->sizes[b->ndim - 1];
    if (a->dtype != b->dtype)
        error_raise(c, RuntimeError,
                    "Expected b and A to have the same dtype, but found b of type %s "
                    "and A of type %s instead.",
                    dtype_scalar_name((DType)b->dtype),
                    dtype_scalar_name((DType)a->dtype));
    else if (am != an)
        error_raise(c, RuntimeError,
                    "A must be batches of square matrices, but they are %" PRId64
                    " by %" PRId64 " matrices",
                    am, an);
    else if (am != bm)
        error_raise(c, RuntimeError,
                    "Incompatible matrix sizes for %s: each A matrix is %" PRId64
                    " by %" PRId64 " but each b matrix is %" PRId64 " by %" PRId64,
                    name, am, an, bm, bn);
    return !ctx_failed(c);
}

/* What failed at place `info`, by the operator's name. */
static void describe_failure(Buf *b, const char *name, int info) {
    if (strstr(name, "inv"))
        buf_printf(
            b,
            "The diagonal element %d is zero, the inversion could not be completed "
            "because the input matrix is singular.",
            info);
    else if (strstr(name, "solve"))
        buf_puts(b, "The solver failed because the input matrix is singular.");
    else if (strstr(name, "cholesky"))
        buf_printf(b,
                   "The factorization could not be completed because the input is not "
                   "positive-definite (the leading minor of order %d is not "
                   "positive-definite).",
                   info);
    else if (strstr(name, "eig") || strstr(name, "svd"))
        buf_printf(
            b,
            "The algorithm failed to converge because the input matrix is "
            "ill-conditioned or has too many repeated %s values (error code: %d).",
            strstr(name, "svd") ? "singular" : "eigen", info);
    else if (strstr(name, "lstsq"))
        buf_printf(b,
                   "The least squares solution could not be computed because the input "
                   "matrix does not have full rank (error code: %d).",
                   info);
    else
        buf_printf(
            b,
            "U[%d,%d] is zero and using it on lu_solve would result in a division "
            "by zero. If you still want to perform the factorization, consider "
            "calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)",
            info, info);
}

/* What PyTorch says where LAPACK refused an argument. */
static void raise_refused(Ctx *c, const char *text, int argument) {
    error_raise(
        c, RuntimeError,
        "false INTERNAL ASSERT FAILED at "
        "\"./aten/src/ATen/native/BatchLinearAlgebra.cpp\":1462, please report a "
        "bug to PyTorch. %sArgument %d has illegal value. Most certainly there is "
        "a bug in the implementation calling the backend library.",
        text, argument);
}

bool linalg_info_check(Ctx *c, const Tensor *info, const char *name, bool is_matrix) {
    if (!info || ctx_failed(c)) return false;
    const int32_t *at = tensor_data(info);
    for (int64_t i = 0; i < info->numel; i++) {
        if (at[i] == 0) continue;
        Buf b;
        buf_init(&b, &c->mem);
        buf_printf(&b, "%s: ", name);
        if (!is_matrix) buf_printf(&b, "(Batch element %" PRId64 "): ", i);
        if (at[i] > 0) describe_failure(&b, name, (int)at[i]);
        /* Factors are told apart by this: they can be used all the same. */
        ErrorKind kind = strstr(name, "lu_factor") ? RuntimeError : _LinAlgError;
        if (at[i] < 0)
            raise_refused(c, buf_text(&b), -at[i]);
        else
            error_raise(c, kind, "%s", buf_text(&b));
        buf_free(&b);
        return false;
    }
    return true;
}

double linalg_rtol(const Tensor *a) {
    double eps = a->dtype == DT_float64 ? DBL_EPSILON : (double)FLT_EPSILON;
    int64_t m = rows_of(a), n = cols_of(a);
    return eps * (double)(m > n ? m : n);
}

/* ---- calls ---- */

bool linalg_items(Value v, size_t n, Tensor **out) {
    const Tuple *t = value_tuple(v);
    for (size_t i = 0; t && i < n; i++) out[i] = value_tensor(t->items[i]);
    return t;
}

bool linalg_call_ex(Ctx *c, const Call *k, const OpDef *def, const Value *args,
                    size_t n, Tensor **out) {
    return linalg_items(call_wider(c, k, def, args, (int)n, DT_int32), n, out);
}

/* ---- batches ---- */

Shape linalg_batch_dims(const Tensor *t) {
    Shape s = tensor_shape(t);
    s.ndim -= 2;
    return s;
}

int64_t linalg_batch(const Tensor *t) {
    return shape_numel(t->ndim - 2, t->sizes);
}

bool linalg_is_vector(const Tensor *a, const Tensor *b) {
    return b->ndim == 1 || (a->ndim - 1 == b->ndim &&
                            shape_equal(b->ndim, b->sizes, a->ndim - 1, a->sizes));
}

bool linalg_batch_shape(Ctx *c, const Tensor *a, const Tensor *b, Shape *out) {
    Shape sa = linalg_batch_dims(a), sb = linalg_batch_dims(b);
    return shape_broadcast(c, &sa, &sb, out);
}

Tensor *linalg_expand(Ctx *c, Tensor *t, const Shape *batch) {
    if (!t) return NULL;
    Shape s = *batch;
    s.dims[s.ndim++] = t->sizes[t->ndim - 2];
    s.dims[s.ndim++] = t->sizes[t->ndim - 1];
    return t_expand(c, t, s.ndim, s.dims);
}

Tensor *linalg_mt(Ctx *c, Tensor *t) {
    return t_transpose(c, t, -2, -1);
}

/* The transposed matrices, neither a view nor recorded. */
static Tensor *swapped(Ctx *c, Tensor *t) {
    if (!t) return NULL;
    int n = t->ndim;
    int64_t sizes[MAX_DIMS], strides[MAX_DIMS];
    for (int i = 0; i < n; i++) {
        int at = i == n - 1 ? n - 2 : i == n - 2 ? n - 1 : i;
        sizes[i] = t->sizes[at];
        strides[i] = t->strides[at];
    }
    return tensor_alias(c, t, n, sizes, strides, t->offset);
}

/* LAPACK takes sizes as ints, and ends the process where one is wrong. */
static bool sizes_check(Ctx *c, const Tensor *t) {
    if (t->numel == 0 || (rows_of(t) <= INT32_MAX && cols_of(t) <= INT32_MAX))
        return true;
    error_raise(c, RuntimeError,
                "linear algebra: a matrix of %" PRId64 " by %" PRId64
                " is too large for the LAPACK library",
                rows_of(t), cols_of(t));
    return false;
}

Tensor *linalg_columns(Ctx *c, Tensor *t) {
    Tensor *from = t && sizes_check(c, t) ? swapped(c, t) : NULL;
    Tensor *r = from ? tensor_make(c, (DType)t->dtype, from->ndim, from->sizes) : NULL;
    tensor_copy(r, from);
    return r;
}

Tensor *linalg_new(Ctx *c, DType d, const Shape *batch, int n_extra,
                   const int64_t *extra) {
    Shape s = *batch;
    for (int i = 0; i < n_extra; i++) s.dims[s.ndim++] = extra[i];
    return ctx_failed(c) ? NULL : t_zeros(c, s.ndim, s.dims, d);
}

Tensor *linalg_new_columns(Ctx *c, DType d, const Shape *batch, int64_t m, int64_t n) {
    return linalg_new(c, d, batch, 2, (int64_t[]){n, m});
}

Tensor *linalg_give_plain(Ctx *c, Call *k, int nr, Tensor *t) {
    if (!t || ctx_failed(c)) return NULL;
    if (nr >= k->n_targets) return k->result[nr] = t;
    Tensor *r = call_result(c, k, nr, (DType)t->dtype, t->ndim, t->sizes);
    tensor_copy(r, t);
    return r;
}

bool linalg_prepare(Ctx *c, Call *k, int nr, DType d, const Shape *batch, int64_t m,
                    int64_t n) {
    if (k->form != CALL_OUT || ctx_failed(c)) return !ctx_failed(c);
    Tensor *t = k->target[nr];
    Shape s = *batch;
    int64_t strides[MAX_DIMS];
    s.dims[s.ndim++] = m;
    s.dims[s.ndim++] = n;
    bool same = shape_equal(s.ndim, s.dims, t->ndim, t->sizes);
    if (!out_prepare(c, k, nr, d, s.ndim, s.dims) || same) return !ctx_failed(c);
    memcpy(strides, t->strides, (size_t)s.ndim * sizeof *strides);
    strides[s.ndim - 2] = 1;
    strides[s.ndim - 1] = m > 1 ? m : 1;
    return tensor_set_geometry(c, t, s.ndim, s.dims, strides, t->offset);
}

Tensor *linalg_give(Ctx *c, Call *k, int nr, Tensor *columns) {
    if (!columns) return NULL;
    Shape batch = linalg_batch_dims(columns);
    if (nr < k->n_targets && !linalg_prepare(c, k, nr, (DType)columns->dtype, &batch,
                                             cols_of(columns), rows_of(columns)))
        return NULL;
    return linalg_give_plain(c, k, nr, swapped(c, columns));
}

Tensor *t_diag_embed_last(Ctx *c, Tensor *t) {
    if (!t || ctx_failed(c)) return NULL;
    Shape s = tensor_shape(t);
    s.dims[s.ndim] = s.dims[s.ndim - 1];
    s.ndim++;
    Tensor *r = t_zeros(c, s.ndim, s.dims, (DType)t->dtype);
    t_copy_(c, t_diagonal(c, r, 0, -2, -1), t);
    return ctx_failed(c) ? NULL : r;
}
