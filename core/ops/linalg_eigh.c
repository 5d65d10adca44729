/* Eigenvalues of symmetric matrices: eigh, eigvalsh, symeig.
 *
 * A [..., n, n] -> L [..., n], rising, and V [..., n, n], A = V diag(L) V^T.
 * Sources: BatchLinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

static int64_t size_of(const Tensor *t) {
    return t->sizes[t->ndim - 1];
}

/* Runs LAPACK for each of the batch: v holds A by columns, then eigenvectors. */
static bool run_eigh(Ctx *c, Tensor *v, Tensor *values, bool vectors, bool upper,
                     int *info) {
    Lapack l;
    DType d = (DType)v->dtype;
    int64_t n = size_of(v), size = (int64_t)dtype_size(d);
    double need[1] = {0};
    int liwork = 0;
    if (!linalg_open(c, &l)) return false;
    char *a = tensor_data(v), *w = tensor_data(values);
    lapack_syevd(&l, d, vectors, upper, (int)n, a, w, need, -1, &liwork, -1);
    int lwork = lapack_lwork(d, need);
    if (liwork < 1) liwork = 1;
    void *work = ctx_alloc(c, (size_t)lwork * (size_t)size);
    int *iwork = ctx_alloc(c, (size_t)liwork * sizeof(int));
    for (int64_t i = 0; work && iwork && i < linalg_batch(v); i++)
        info[i] = lapack_syevd(&l, d, vectors, upper, (int)n, a + i * n * n * size,
                               w + i * n * size, work, lwork, iwork, liwork);
    ctx_free(c, work, (size_t)lwork * (size_t)size);
    ctx_free(c, iwork, (size_t)liwork * sizeof(int));
    return !ctx_failed(c);
}

/* Eigenvalues and, by columns, eigenvectors of a, where LAPACK failed in *info. */
static bool decompose(Ctx *c, Tensor *a, bool vectors, bool upper, Tensor *out[2],
                      Tensor **info) {
    Shape batch = linalg_batch_dims(a);
    int64_t n = size_of(a);
    out[0] = linalg_new(c, (DType)a->dtype, &batch, 1, &n);
    out[1] = linalg_columns(c, a);
    *info = linalg_new(c, DT_int32, &batch, 0, NULL);
    if (!out[0] || !out[1] || !*info) return false;
    return !a->numel || run_eigh(c, out[1], out[0], vectors, upper, tensor_data(*info));
}

/* A, UPLO, compute_v */
static Value eigh_parts_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[2], *info;
    char triangle = call_string(k, 1)[0];
    int64_t none = 0;
    bool upper = triangle == 'U' || triangle == 'u', vectors = call_bool(k, 2);
    if (!decompose(c, a, vectors, upper, out, &info) ||
        !linalg_info_check(c, info, "linalg.eigh", a->ndim == 2))
        return value_null();
    out[1] =
        vectors ? linalg_give(c, k, 1, out[1]) : t_zeros(c, 1, &none, (DType)a->dtype);
    return return_tuple(c, NULL, 2, out);
}

/* V (diag(gL) + skew(V^T gV) / 2 / E) V^T, E the differences of eigenvalues. */
static void eigh_backward(Ctx *c, Grad *g) {
    Tensor *gl = g->grads[0], *gv = g->grads[1];
    Tensor *l = saved_tensor(c, g, 0), *v = saved_tensor(c, g, 1);
    if (!l || !v || (!gl && !gv)) return;
    Tensor *vt = linalg_mt(c, v);
    if (!gv) {
        grad_set(g, 0, t_matmul(c, t_mul(c, v, t_unsqueeze(c, gl, -2)), vt));
        return;
    }
    Tensor *t = t_matmul(c, vt, gv);
    t = t_mul_scalar(c, t_sub(c, t, linalg_mt(c, t)), value_float(0.5));
    Tensor *e = t_sub(c, t_unsqueeze(c, l, -2), t_unsqueeze(c, l, -1));
    if (!e) return;
    t_fill_(c, t_diagonal(c, e, 0, -2, -1), t_ones(c, 0, NULL, (DType)e->dtype));
    t = t_div(c, t, e);
    if (gl) t = t_add(c, t, t_diag_embed_last(c, gl));
    grad_set(g, 0, t_matmul(c, v, t_matmul(c, t, vt)));
}
static const OpDef op_eigh_parts = {
    .schema = "_linalg_eigh(Tensor A, str UPLO='L', bool compute_v=True) -> (Tensor "
              "eigenvalues, Tensor eigenvectors)",
    .doc = "What linalg.eigh computes.",
    .forms = OP_INTERNAL,
    .saves = "result result1",
    .node = "LinalgEighBackward0",
    .forward = eigh_parts_forward,
    .backward = eigh_backward,
};

static bool eigh_check(Ctx *c, const Tensor *a, const char *triangle) {
    if (!linalg_square_check(c, a, "linalg.eigh")) return false;
    char ch = triangle[0];
    if (triangle[0] == 0 || triangle[1] != 0 ||
        (ch != 'U' && ch != 'L' && ch != 'u' && ch != 'l')) {
        error_raise(c, RuntimeError,
                    "Expected UPLO argument to be 'L' or 'U', but got %s", triangle);
        return false;
    }
    return linalg_dtype_check(c, a, "linalg_eigh_cpu");
}

/* Both results; the vectors are empty unless asked for. */
static bool eigh_parts(Ctx *c, Tensor *a, const char *triangle, bool vectors,
                       Tensor *out[2]) {
    if (!a || !eigh_check(c, a, triangle)) return false;
    Str *name = pool_add(c, str_from(c, triangle));
    Value args[] = {arg_tensor(a), value_obj(name), value_bool(vectors)};
    const Tuple *t = name ? value_tuple(op_call(c, &op_eigh_parts, args)) : NULL;
    for (int i = 0; t && i < 2; i++) out[i] = value_tensor(t->items[i]);
    return t;
}
bool t_linalg_eigh(Ctx *c, Tensor *a, bool upper, Tensor **values, Tensor **vectors) {
    Tensor *out[2];
    if (!eigh_parts(c, a, upper ? "U" : "L", true, out)) return false;
    *values = out[0];
    *vectors = out[1];
    return true;
}

static const char *const eigh_fields[] = {"eigenvalues", "eigenvectors", NULL};
RETURN_KIND(linalg_eigh, eigh_fields)

static Value eigh_forward(Ctx *c, Call *k) {
    Tensor *out[2];
    if (!eigh_parts(c, call_tensor(k, 0), call_string(k, 1), true, out))
        return value_null();
    return return_tuple(c, &linalg_eigh_kind, 2, out);
}
static const OpDef op_eigh = {
    .schema = "linalg_eigh(Tensor self, str UPLO='L') -> (Tensor eigenvalues, Tensor "
              "eigenvectors)",
    .doc = "Eigenvalues and eigenvectors of a symmetric matrix.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = eigh_forward,
};

/* Vectors are computed only if a gradient may be asked for. */
static Value eigvalsh_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[2];
    bool vectors = c->grad_enabled && (tensor_requires_grad(a) || a->base);
    return eigh_parts(c, a, call_string(k, 1), vectors, out) ? value_obj(out[0])
                                                             : value_null();
}
static const OpDef op_eigvalsh = {
    .schema = "linalg_eigvalsh(Tensor self, str UPLO='L') -> Tensor",
    .doc = "Eigenvalues of a symmetric matrix.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_EXACT,
    .forward = eigvalsh_forward,
};

/* ---- symeig ---- */

static const char *const symeig_fields[] = {"eigenvalues", "eigenvectors", NULL};
RETURN_KIND(symeig, symeig_fields)

static void warn_deprecated(Ctx *c) {
    static const char key;
    warn_once(
        c, &key, UserWarning,
        "torch.symeig is deprecated in favor of torch.linalg.eigh and will be removed "
        "in a future PyTorch release.\nThe default behavior has changed from using the "
        "upper triangular portion of the matrix by default to using the lower "
        "triangular portion.\nL, _ = torch.symeig(A, upper=upper)\nshould be replaced "
        "with\nL = torch.linalg.eigvalsh(A, UPLO='U' if upper else 'L')\nand\nL, V = "
        "torch.symeig(A, eigenvectors=True)\nshould be replaced with\nL, V = "
        "torch.linalg.eigh(A, UPLO='U' if upper else 'L')");
}

/* A, eigenvectors, upper. Vectors are computed whether or not they are asked for. */
static Value symeig_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[2], *info;
    bool vectors = call_bool(k, 1);
    warn_deprecated(c);
    if (!linalg_square_check(c, a, "linalg.symeig") ||
        !linalg_dtype_check(c, a, "symeig_cpu") ||
        !decompose(c, a, vectors, call_bool(k, 2), out, &info) ||
        !linalg_info_check(c, info, "symeig", a->ndim == 2))
        return value_null();
    int64_t none = 0;
    out[0] = linalg_give_plain(c, k, 0, out[0]);
    out[1] = vectors || !a->numel
                 ? linalg_give(c, k, 1, out[1])
                 : linalg_give_plain(c, k, 1, t_zeros(c, 1, &none, (DType)a->dtype));
    return return_tuple(c, &symeig_kind, 2, out);
}
static void symeig_backward(Ctx *c, Grad *g) {
    if (saved_bool(g, 2)) {
        eigh_backward(c, g);
        return;
    }
    error_raise(c, RuntimeError,
                "linalg_eig_backward: torch.symeig(A, eigenvectors=False) is not "
                "differentiable. Use torch.linalg.eigvalsh(A) instead.");
}
static const OpDef op_symeig = {
    .schema =
        "symeig(Tensor self, bool eigenvectors=False, bool upper=True) -> (Tensor "
        "eigenvalues, Tensor eigenvectors)",
    .doc = "Eigenvalues, and eigenvectors if asked for, of a symmetric matrix.",
    .forms = OP_USUAL,
    .saves = "result result1 eigenvectors",
    .forward = symeig_forward,
    .backward = symeig_backward,
};

const OpDef *const linalg_eigh_ops[] = {
    &op_eigh_parts, &op_eigh, &op_eigvalsh, &op_symeig, NULL,
};
