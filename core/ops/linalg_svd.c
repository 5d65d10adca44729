/* Singular values: svd, svdvals, pinv, matrix_rank, cond.
 *
 * A [..., m, n] -> U [..., m, k], S [..., k], Vh [..., k, n], A = U diag(S) Vh, k =
 * min(m, n), or square U and Vh when full.  Sources: BatchLinearAlgebra.cpp,
 * LinearAlgebra.cpp, FunctionsManual.cpp. */
#include "core/pointwise.h"
#include "linalg.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- svd ---- */

enum { NOT_FINITE = -4 }; /* LAPACK's info for a matrix with nan */

/* What LAPACK works on for each matrix of a batch. */
typedef struct SvdJob {
    DType d;
    char job; /* 'A', 'S' or 'N' */
    int64_t m, n;
    char *a, *s, *u, *vt;
} SvdJob;

/* Whether LAPACK's iteration could run forever, as it does for larger matrices that
 * hold an infinity. It looks for nan itself. */
static bool is_endless(const SvdJob *j, const char *a) {
    bool found = false;
    for (int64_t i = 0; i < j->m * j->n && least(j->m, j->n) > 2; i++)
        found |= j->d == DT_float64 ? isinf(((const double *)a)[i])
                                    : isinf(((const float *)a)[i]);
    return found;
}

/* Runs it for all of the batch; where it failed in info. */
static bool run_svd(Ctx *c, const SvdJob *j, int64_t batch, int *info) {
    Lapack l;
    int64_t k = least(j->m, j->n), size = (int64_t)dtype_size(j->d);
    int64_t uw = j->job == 'A' ? j->m : k, vw = j->job == 'A' ? j->n : k;
    int m = (int)j->m, n = (int)j->n;
    double need[1] = {0};
    size_t iwork_bytes = (size_t)(8 * k + 1) * sizeof(int);
    int *iwork = ctx_alloc(c, iwork_bytes);
    if (!iwork || !linalg_open(c, &l)) return false;
    lapack_gesdd(&l, j->d, j->job, m, n, j->a, j->s, j->u, j->vt, need, -1, iwork);
    int lwork = lapack_lwork(j->d, need);
    void *work = ctx_alloc(c, (size_t)lwork * (size_t)size);
    for (int64_t i = 0; work && i < batch; i++) {
        char *a = j->a + i * j->m * j->n * size;
        info[i] = is_endless(j, a)
                      ? NOT_FINITE
                      : lapack_gesdd(&l, j->d, j->job, m, n, a, j->s + i * k * size,
                                     j->u + i * j->m * uw * size,
                                     j->vt + i * vw * j->n * size, work, lwork, iwork);
    }
    ctx_free(c, work, (size_t)lwork * (size_t)size);
    ctx_free(c, iwork, iwork_bytes);
    return !ctx_failed(c);
}

/* Without elements there are no singular values, and any orthogonal matrices do. */
static void fill_identity(Ctx *c, Tensor *t) {
    if (!t) return;
    t_copy_(c, t_diagonal(c, t, 0, -2, -1), t_ones(c, 0, NULL, (DType)t->dtype));
}

static bool svd_info_check(Ctx *c, Tensor *info, bool is_matrix) {
    const int32_t *at = tensor_data(info);
    for (int64_t i = 0; i < info->numel; i++) {
        if (at[i] == 0) continue;
        if (at[i] > 0) return linalg_info_check(c, info, "linalg.svd", is_matrix);
        static const char text[] =
            "The algorithm failed to converge because the input matrix contained "
            "non-finite values.";
        if (is_matrix)
            error_raise(c, _LinAlgError, "linalg.svd: %s", text);
        else
            error_raise(c, _LinAlgError, "linalg.svd: (Batch element %" PRId64 "): %s",
                        i, text);
        return false;
    }
    return true;
}

/* U, S, Vh of a; without vectors U and Vh are empty. */
static bool decompose(Ctx *c, Call *k, Tensor *a, bool full, bool vectors,
                      Tensor *out[3]) {
    Shape batch = linalg_batch_dims(a);
    DType d = (DType)a->dtype;
    int64_t m = rows_of(a), n = cols_of(a), s = least(m, n);
    int64_t uw = vectors ? full ? m : s : 0, vw = vectors ? full ? n : s : 0;
    Tensor *columns = linalg_columns(c, a);
    Tensor *u = linalg_new_columns(c, d, &batch, vectors ? m : 0, uw);
    Tensor *vt = linalg_new_columns(c, d, &batch, vw, vectors ? n : 0);
    Tensor *info = linalg_new(c, DT_int32, &batch, 0, NULL);
    out[1] = linalg_new(c, d, &batch, 1, &s);
    if (!columns || !u || !vt || !info || !out[1]) return false;
    SvdJob job = {d,
                  !vectors ? 'N'
                  : full   ? 'A'
                           : 'S',
                  m,
                  n,
                  tensor_data(columns),
                  tensor_data(out[1]),
                  tensor_data(u),
                  tensor_data(vt)};
    if (a->numel == 0) {
        if (vectors) fill_identity(c, u);
        if (vectors) fill_identity(c, vt);
    } else if (!run_svd(c, &job, info->numel, tensor_data(info)) ||
               !svd_info_check(c, info, a->ndim == 2)) {
        return false;
    }
    out[0] = linalg_give(c, k, 0, u);
    out[1] = linalg_give_plain(c, k, 1, out[1]);
    out[2] = linalg_give(c, k, 2, vt);
    return !ctx_failed(c);
}

/* A, full_matrices, compute_uv */
static Value svd_parts_forward(Ctx *c, Call *k) {
    Tensor *out[3];
    bool good =
        decompose(c, k, call_tensor(k, 0), call_bool(k, 1), call_bool(k, 2), out);
    return good ? return_tuple(c, NULL, 3, out) : value_null();
}

static Tensor *skew(Ctx *c, Tensor *x) { /* x - x^T */
    return t_sub(c, x, linalg_mt(c, x));
}

/* The part of the gradient, seen through U and V, that is off the diagonal. */
static Tensor *vectors_gradient(Ctx *c, Tensor *gu, Tensor *gvh, Tensor *u, Tensor *s,
                                Tensor *vh) {
    Tensor *s2 = t_mul(c, s, s), *row = t_unsqueeze(c, s, -2),
           *col = t_unsqueeze(c, s, -1);
    Tensor *e = t_sub(c, t_unsqueeze(c, s2, -2), t_unsqueeze(c, s2, -1));
    if (!e) return NULL;
    t_fill_(c, t_diagonal(c, e, 0, -2, -1), t_ones(c, 0, NULL, (DType)e->dtype));
    Tensor *a = gu ? skew(c, t_matmul(c, linalg_mt(c, u), gu)) : NULL;
    Tensor *b = gvh ? skew(c, t_matmul(c, vh, linalg_mt(c, gvh))) : NULL;
    if (a && b) return t_div(c, t_add(c, t_mul(c, a, row), t_mul(c, col, b)), e);
    return a ? t_mul(c, t_div(c, a, e), row) : t_mul(c, col, t_div(c, b, e));
}

/* U t Vh, and what the vectors' gradients say outside of what U and V span. */
static Tensor *spread(Ctx *c, Tensor *t, Tensor *gu, Tensor *gvh, Tensor *u, Tensor *s,
                      Tensor *vh) {
    int64_t m = rows_of(u), n = cols_of(vh), k = cols_of(s);
    if (m > k && gu) {
        Tensor *x = t_div(c, gu, t_unsqueeze(c, s, -2));
        Tensor *inside = t_matmul(c, u, t_matmul(c, linalg_mt(c, u), x));
        t = t_add(c, t_matmul(c, u, t), t_sub(c, x, inside));
        return t_matmul(c, t, vh);
    }
    if (n > k && gvh) {
        Tensor *x = t_div(c, gvh, t_unsqueeze(c, s, -1));
        Tensor *inside = t_matmul(c, t_matmul(c, x, linalg_mt(c, vh)), vh);
        t = t_add(c, t_matmul(c, t, vh), t_sub(c, x, inside));
        return t_matmul(c, u, t);
    }
    return m >= n ? t_matmul(c, u, t_matmul(c, t, vh))
                  : t_matmul(c, t_matmul(c, u, t), vh);
}

static void svd_backward(Ctx *c, Grad *g) {
    Tensor *gu = g->grads[0], *gs = g->grads[1], *gvh = g->grads[2];
    Tensor *u = saved_tensor(c, g, 1), *s = saved_tensor(c, g, 2),
           *vh = saved_tensor(c, g, 3);
    if (!u || !s || !vh || (!gu && !gs && !gvh)) return;
    if (saved_bool(g, 0)) {
        int64_t k = cols_of(s);
        u = t_narrow(c, u, -1, 0, k);
        vh = t_narrow(c, vh, -2, 0, k);
        if (gu) gu = t_narrow(c, gu, -1, 0, k);
        if (gvh) gvh = t_narrow(c, gvh, -2, 0, k);
        if (!u || !vh) return;
    }
    if (!gu && !gvh) {
        bool tall = rows_of(u) >= cols_of(vh);
        Tensor *left = tall ? u : t_mul(c, u, t_unsqueeze(c, gs, -2));
        Tensor *right = tall ? t_mul(c, t_unsqueeze(c, gs, -1), vh) : vh;
        grad_set(g, 0, t_matmul(c, left, right));
        return;
    }
    Tensor *t = vectors_gradient(c, gu, gvh, u, s, vh);
    if (gs) t = t_add(c, t, t_diag_embed_last(c, gs));
    grad_set(g, 0, spread(c, t, gu, gvh, u, s, vh));
}
static const OpDef op_svd_parts = {
    .schema =
        "_linalg_svd(Tensor A, bool full_matrices=False, bool compute_uv=True) -> "
        "(Tensor U, Tensor S, Tensor Vh)",
    .doc = "What linalg.svd computes.",
    .forms = OP_INTERNAL,
    .saves = "full_matrices result result1 result2",
    .node = "LinalgSvdBackward0",
    .forward = svd_parts_forward,
    .backward = svd_backward,
};

static bool svd_check(Ctx *c, Tensor *a) {
    return linalg_matrix_check(c, a, "linalg.svd", "A") &&
           linalg_float_check(c, a, "linalg.svd", true) &&
           linalg_dtype_check(c, a, "linalg_svd_cpu");
}

static bool svd_parts(Ctx *c, Tensor *a, bool full, bool vectors, Tensor *out[3]) {
    if (!a || !svd_check(c, a)) return false;
    Value args[] = {arg_tensor(a), value_bool(full), value_bool(vectors)};
    const Tuple *t = value_tuple(op_call(c, &op_svd_parts, args));
    for (int i = 0; t && i < 3; i++) out[i] = value_tensor(t->items[i]);
    return t;
}
bool t_linalg_svd(Ctx *c, Tensor *a, bool full, Tensor *out[3]) {
    return svd_parts(c, a, full, true, out);
}

static bool driver_check(Ctx *c, const Call *k, int i) {
    if (call_is_none(k, i)) return true;
    error_raise(
        c, RuntimeError,
        "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA "
        "inputs with cuSOLVER backend.");
    return false;
}

static const char *const svd_fields[] = {"U", "S", "Vh", NULL};
static const char *const old_svd_fields[] = {"U", "S", "V", NULL};
RETURN_KIND(linalg_svd, svd_fields)
RETURN_KIND(svd, old_svd_fields)

static Value linalg_svd_forward(Ctx *c, Call *k) {
    Tensor *out[3];
    if (!svd_check(c, call_tensor(k, 0)) || !driver_check(c, k, 2) ||
        !t_linalg_svd(c, call_tensor(k, 0), call_bool(k, 1), out))
        return value_null();
    return return_tuple(c, &linalg_svd_kind, 3, out);
}
static const OpDef op_linalg_svd = {
    .schema = "linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> "
              "(Tensor U, Tensor S, Tensor Vh)",
    .doc = "Orthogonal vectors and singular values, A = U diag(S) Vh.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = linalg_svd_forward,
};

static Value svd_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[3];
    if (!t_linalg_svd(c, a, !call_bool(k, 1), out)) return value_null();
    if (!call_bool(k, 2)) {
        Shape batch = linalg_batch_dims(a);
        int64_t m = rows_of(a), n = cols_of(a);
        DType d = (DType)a->dtype;
        if (!svd_parts(c, a, false, tensor_requires_grad(a), out)) return value_null();
        out[0] = linalg_new(c, d, &batch, 2, (int64_t[]){m, m});
        out[2] = linalg_new(c, d, &batch, 2, (int64_t[]){n, n});
    } else {
        out[2] = linalg_mt(c, out[2]);
    }
    return return_tuple(c, &svd_kind, 3, out);
}
static const OpDef op_svd = {
    .schema = "svd(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, "
              "Tensor S, Tensor V)",
    .doc = "linalg.svd with V, not its transpose.",
    .forms = OP_FUNCTION | OP_METHOD | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = svd_forward,
};

/* Singular values alone; vectors only if a gradient may be asked for. */
Tensor *t_svdvals(Ctx *c, Tensor *a) {
    Tensor *out[3];
    if (!a) return NULL;
    bool vectors = c->grad_enabled && tensor_requires_grad(a);
    return svd_parts(c, a, false, vectors, out) ? out[1] : NULL;
}
static Value svdvals_forward(Ctx *c, Call *k) {
    if (!svd_check(c, call_tensor(k, 0)) || !driver_check(c, k, 1)) return value_null();
    return value_obj(t_svdvals(c, call_tensor(k, 0)));
}
static const OpDef op_svdvals = {
    .schema = "linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor",
    .doc = "Singular values, the largest first.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = svdvals_forward,
};

/* ---- tolerances ---- */

/* Argument i, a tensor or a number, as a float64 tensor; NULL for None. */
static Tensor *tolerance(Ctx *c, const Call *k, int i) {
    if (i < 0 || call_is_none(k, i)) return NULL;
    Tensor *t = call_tensor(k, i);
    return t ? t_to_dtype(c, t, DT_float64)
             : tensor_scalar(c, DT_float64, value_float(call_float(k, i)));
}

/* What counts as zero: max(atol, rtol times the largest). values [..., k] -> [..., 1].
 */
static Tensor *threshold(Ctx *c, Tensor *values, Tensor *atol, Tensor *rtol) {
    int64_t last = -1;
    Tensor *largest = t_amax(c, values, 1, &last, true);
    rtol = t_mul(c, t_unsqueeze(c, rtol, -1), t_to_dtype(c, largest, DT_float64));
    return t_maximum(c, t_unsqueeze(c, atol, -1), rtol);
}

/* The rtol of a where none is given: 0 where there is an atol. */
static Tensor *implied_rtol(Ctx *c, const Tensor *a, Tensor *atol) {
    if (!linalg_epsilon_check(c, a)) return NULL;
    Tensor *rtol = tensor_scalar(c, DT_float64, value_float(linalg_rtol(a)));
    Tensor *none = tensor_scalar(c, DT_float64, value_float(0));
    return atol ? t_where(c, t_gt_scalar(c, atol, value_int(0)), none, rtol) : rtol;
}

/* The arguments of pinv and matrix_rank, whatever the overload calls them. */
typedef struct Tolerances {
    Tensor *atol, *rtol;
    bool hermitian;
} Tolerances;

static bool tolerances_of(Ctx *c, const Call *k, const Tensor *a, Tolerances *t) {
    const Schema *s = &k->op->schema;
    int tol = schema_find(s, "tol", 3);
    t->atol = tolerance(c, k, tol >= 0 ? tol : schema_find(s, "atol", 4));
    t->rtol = tolerance(c, k, schema_find(s, "rtol", 4));
    /* A plain tolerance is all there is to compare with. */
    if (tol >= 0) t->rtol = tensor_scalar(c, DT_float64, value_float(0));
    if (!t->rtol) t->rtol = implied_rtol(c, a, t->atol);
    if (!t->atol) t->atol = tensor_scalar(c, DT_float64, value_float(0));
    t->hermitian = call_bool(k, schema_find(s, "hermitian", 9));
    return !ctx_failed(c);
}

/* ---- pinv ---- */

static Tensor *inverse_values(Ctx *c, Tensor *values, const Tolerances *t) {
    Tensor *size = t_abs(c, values);
    Tensor *limit = threshold(c, size, t->atol, t->rtol);
    Tensor *zero = t_zeros(c, 0, NULL, (DType)values->dtype);
    return t_where(c, t_gt(c, t_to_dtype(c, size, DT_float64), limit),
                   t_reciprocal(c, values), zero);
}

static Tensor *empty_inverse(Ctx *c, const Tensor *a) {
    Shape batch = linalg_batch_dims(a);
    return linalg_new(c, (DType)a->dtype, &batch, 2,
                      (int64_t[]){cols_of(a), rows_of(a)});
}

#define PINV_DOC "The pseudoinverse: singular values are inverted but for small ones."

static bool pinv_out_check(Ctx *c, const Call *k) {
    return linalg_cast_check(c, k, 0, (DType)call_tensor(k, 0)->dtype, "linalg.pinv",
                             "result");
}

static Value pinv_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *parts[3];
    DType d = (DType)a->dtype;
    Tolerances t;
    if (!pinv_out_check(c, k)) return value_null();
    if (a->ndim < 2 || (d != DT_float32 && d != DT_float64))
        return value_raise(c, RuntimeError,
                           "linalg.pinv(%s{%s}): expected a tensor with 2 or more "
                           "dimensions of float, double, cfloat or cdouble types",
                           dtype_scalar_name(d), shape_text(c, a));
    if (!tolerances_of(c, k, a, &t)) return value_null();
    if (a->numel == 0) return call_give(c, k, empty_inverse(c, a));
    if (t.hermitian) {
        if (!t_linalg_eigh(c, a, false, &parts[1], &parts[0])) return value_null();
        parts[2] = linalg_mt(c, parts[0]);
    } else if (!t_linalg_svd(c, a, false, parts)) {
        return value_null();
    }
    Tensor *values = inverse_values(c, parts[1], &t);
    Tensor *left = t_mul(c, linalg_mt(c, parts[2]), t_unsqueeze(c, values, -2));
    return call_give(c, k, t_matmul(c, left, linalg_mt(c, parts[0])));
}

Tensor *linalg_pinv_gradient(Ctx *c, Tensor *grad, Tensor *p, Tensor *a) {
    if (!grad || !p || !a) return NULL;
    Tensor *pt = linalg_mt(c, p), *gt = linalg_mt(c, grad);
    if (rows_of(a) <= cols_of(a)) {
        Tensor *k = t_matmul(c, gt, p), *kpt = t_matmul(c, k, pt);
        Tensor *t = t_sub(c, kpt, linalg_mt(c, t_matmul(c, p, k)));
        t = t_sub(c, t, t_matmul(c, t_matmul(c, a, p), kpt));
        Tensor *rest = t_sub(c, gt, t_matmul(c, k, a));
        return t_add(c, t, t_matmul(c, t_matmul(c, pt, p), rest));
    }
    Tensor *k = t_matmul(c, p, gt), *ptk = t_matmul(c, pt, k);
    Tensor *rest = t_matmul(c, t_sub(c, gt, t_matmul(c, a, k)), p);
    Tensor *t = t_sub(c, t_matmul(c, rest, pt), linalg_mt(c, t_matmul(c, k, p)));
    t = t_add(c, t, ptk);
    return t_sub(c, t, t_matmul(c, t_matmul(c, ptk, p), a));
}
static void pinv_backward(Ctx *c, Grad *g) {
    grad_set(
        g, 0,
        linalg_pinv_gradient(c, g->grad, saved_tensor(c, g, 1), saved_tensor(c, g, 0)));
}

static const OpDef op_pinv = {
    .schema = "linalg_pinv.atol_rtol_tensor(Tensor self, *, Tensor? atol=None, Tensor? "
              "rtol=None, bool hermitian=False) -> Tensor",
    .doc = PINV_DOC,
    .forms = OP_LINALG | OP_OUT,
    .saves = "self result",
    .constants = "atol! rtol!",
    .node = "LinalgPinvBackward0",
    .forward = pinv_forward,
    .backward = pinv_backward,
};

/* Argument i as a tensor of float64; None stays. */
static Value tolerance_argument(Ctx *c, const Call *k, int i) {
    if (call_is_none(k, i) || call_tensor(k, i)) return k->args[i];
    return arg_tensor(tensor_scalar(c, DT_float64, value_float(call_float(k, i))));
}
static Value pinv_floats_forward(Ctx *c, Call *k) {
    const Tensor *a = call_tensor(k, 0);
    bool implied = !call_is_none(k, 1) && call_is_none(k, 2); /* rtol, by the sizes */
    if (!pinv_out_check(c, k) || (implied && (!linalg_epsilon_check(c, a) ||
                                              shape_size_dim(c, -2, a->ndim) < 0)))
        return value_null();
    Value args[] = {k->args[0], tolerance_argument(c, k, 1),
                    tolerance_argument(c, k, 2), k->args[3]};
    return op_call(c, &op_pinv, args);
}
static const OpDef op_pinv_floats = {
    .schema = "linalg_pinv.atol_rtol_float(Tensor self, *, float? atol=None, float? "
              "rtol=None, bool hermitian=False) -> Tensor",
    .doc = PINV_DOC,
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = pinv_floats_forward,
};
static Value pinv_rcond_forward(Ctx *c, Call *k) {
    if (!pinv_out_check(c, k)) return value_null();
    Tensor *zero = tensor_scalar(c, DT_float64, value_float(0));
    Value args[] = {k->args[0], arg_tensor(zero), tolerance_argument(c, k, 1),
                    k->args[2]};
    return op_call(c, &op_pinv, args);
}
#define RCOND_ROW(var, text)                                                           \
    static const OpDef var = {                                                         \
        .schema = text,                                                                \
        .doc = PINV_DOC,                                                               \
        .forms = OP_LINALG | OP_OUT,                                                   \
        .traits = OP_COMPOSITE | OP_OUT_COPIED,                                        \
        .forward = pinv_rcond_forward,                                                 \
    }
RCOND_ROW(op_pinv_rcond_tensor,
          "linalg_pinv.rcond_tensor(Tensor self, Tensor rcond, bool "
          "hermitian=False) -> Tensor");
RCOND_ROW(op_pinv_rcond,
          "linalg_pinv(Tensor self, float rcond, bool hermitian=False) -> Tensor");

Tensor *t_linalg_pinv(Ctx *c, Tensor *a) {
    Value none = value_none();
    return op_tensor(c, &op_pinv,
                     (Value[]){arg_tensor(a), none, none, value_bool(false)});
}
static Value pinverse_forward(Ctx *c, Call *k) {
    return op_call(c, &op_pinv_rcond,
                   (Value[]){k->args[0], k->args[1], value_bool(false)});
}
static const OpDef op_pinverse = {
    .schema = "pinverse(Tensor self, float rcond=1e-15) -> Tensor",
    .doc = "linalg.pinv",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = pinverse_forward,
};

/* ---- matrix_rank ---- */

/* Tolerances of more dimensions than a's batch give more ranks, in an out= that is
 * resized for them; without out=, PyTorch makes one for the batch alone. */
static Value give_ranks(Ctx *c, Call *k, const Tensor *a, Tensor *ranks) {
    if (!ranks) return value_null();
    Shape batch = linalg_batch_dims(a);
    bool fits = shape_equal(batch.ndim, batch.dims, ranks->ndim, ranks->sizes);
    if (k->form == CALL_NEW && !fits && shape_numel(batch.ndim, batch.dims))
        warn_resized(c, batch.ndim, batch.dims, ranks->ndim, ranks->sizes);
    return call_give(c, k, ranks);
}

static Value matrix_rank_forward(Ctx *c, Call *k) {
    Tensor *a = t_detach(c, call_tensor(k, 0)), *values, *vectors;
    int64_t last = -1;
    Tolerances t;
    if (!a || !linalg_matrix_check(c, a, "torch.linalg.matrix_rank", "input"))
        return value_null();
    const Schema *s = &k->op->schema;
    int atol = schema_find(s, "atol", 4), rtol = schema_find(s, "rtol", 4);
    bool implied = atol >= 0 && !call_is_none(k, atol) &&
                   !value_tensor(k->args[atol]) && call_is_none(k, rtol);
    if (implied && !linalg_epsilon_check(c, a)) return value_null();
    Shape batch = linalg_batch_dims(a);
    if ((k->form == CALL_OUT && !out_resize(c, k, 0, batch.ndim, batch.dims)) ||
        !tolerances_of(c, k, a, &t) ||
        !linalg_cast_check(c, k, 0, DT_int64, "torch.linalg.matrix_rank", "result"))
        return value_null();
    if (a->numel == 0) return call_give(c, k, linalg_new(c, DT_int64, &batch, 0, NULL));
    if (t.hermitian)
        values =
            t_linalg_eigh(c, a, false, &values, &vectors) ? t_abs(c, values) : NULL;
    else
        values = t_svdvals(c, a);
    Tensor *limit = values ? threshold(c, values, t.atol, t.rtol) : NULL;
    Tensor *large = t_gt(c, t_to_dtype(c, values, DT_float64), limit);
    return give_ranks(c, k, a, t_sum_dims(c, large, 1, &last, false));
}

#define RANK_ROW(var, text)                                                            \
    static const OpDef var = {                                                         \
        .schema = text,                                                                \
        .doc = "How many singular values are not small.",                              \
        .forms = OP_LINALG | OP_OUT,                                                   \
        .traits = OP_NOT_DIFFERENTIABLE,                                               \
        .forward = matrix_rank_forward,                                                \
    }
RANK_ROW(op_rank_tensors,
         "linalg_matrix_rank.atol_rtol_tensor(Tensor input, *, Tensor? "
         "atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor");
RANK_ROW(op_rank,
         "linalg_matrix_rank.atol_rtol_float(Tensor self, *, float? atol=None, "
         "float? rtol=None, bool hermitian=False) -> Tensor");
RANK_ROW(op_rank_tol_tensor, "linalg_matrix_rank.tol_tensor(Tensor input, Tensor tol, "
                             "bool hermitian=False) -> Tensor");
RANK_ROW(op_rank_tol,
         "linalg_matrix_rank(Tensor self, float tol, bool hermitian=False) "
         "-> Tensor");

const OpDef *const linalg_svd_ops[] = {
    &op_svd_parts,         &op_linalg_svd, &op_svd,
    &op_svdvals,           &op_pinv,       &op_pinv_floats,
    &op_pinv_rcond_tensor, &op_pinv_rcond, &op_pinverse,
    &op_rank_tensors,      &op_rank,       &op_rank_tol_tensor,
    &op_rank_tol,          NULL,
};
