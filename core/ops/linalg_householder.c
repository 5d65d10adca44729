/* Householder reflectors: geqrf, householder_product, orgqr, ormqr.
 *
 * Reflector i is I - tau[i] v v^T, where v is column i of A [..., m, n] below the
 * diagonal, 1 on it and 0 above.  Sources: BatchLinearAlgebra.cpp,
 * FunctionsManual.cpp. */
#include "linalg.h"

/* ---- reflectors ---- */

/* Enough scratch space for blocks of the size that LAPACK works in, as far as an int
 * says how large it is. */
static Tensor *work_for(Ctx *c, DType d, int64_t n) {
    int64_t size = least(64 * (least(n, INT32_MAX) + 1), INT32_MAX);
    return tensor_make(c, d, 1, &size);
}

Tensor *linalg_reflect(Ctx *c, Tensor *a, Tensor **tau) {
    Lapack l;
    DType d = (DType)a->dtype;
    Shape batch = linalg_batch_dims(a);
    int64_t m = rows_of(a), n = cols_of(a), k = least(m, n),
            size = (int64_t)dtype_size(d);
    if (!linalg_open(c, &l)) return NULL;
    Tensor *columns = linalg_columns(c, a), *work = work_for(c, d, a->numel ? n : 0);
    *tau = linalg_new(c, d, &batch, 1, &k);
    if (!columns || !*tau || !work) return NULL;
    char *at = tensor_data(columns), *t = tensor_data(*tau);
    for (int64_t i = 0; a->numel && i < linalg_batch(a); i++)
        lapack_geqrf(&l, d, (int)m, (int)n, at + i * m * n * size, t + i * k * size,
                     tensor_data(work), (int)work->numel);
    return columns;
}

bool linalg_build_q(Ctx *c, Tensor *columns, Tensor *tau) {
    Lapack l;
    DType d = (DType)columns->dtype;
    int64_t m = cols_of(columns), width = rows_of(columns);
    int64_t k = tau->sizes[tau->ndim - 1], size = (int64_t)dtype_size(d);
    Tensor *work = work_for(c, d, columns->numel ? width : 0);
    if (!work || !linalg_open(c, &l)) return false;
    char *at = tensor_data(columns);
    const char *t = tensor_data(tau);
    for (int64_t i = 0; columns->numel && i < linalg_batch(columns); i++)
        lapack_orgqr(&l, d, (int)m, (int)width, (int)k, at + i * m * width * size,
                     t + i * k * size, tensor_data(work), (int)work->numel);
    return true;
}

static const char *const geqrf_fields[] = {"a", "tau", NULL};
RETURN_KIND(geqrf, geqrf_fields)

static Value geqrf_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *out[2];
    if (a->ndim < 2)
        return value_raise(c, RuntimeError,
                           "torch.geqrf: input must have at least 2 dimensions.");
    DType d = (DType)a->dtype;
    if (!linalg_cast_check(c, k, 0, d, "torch.geqrf", "a") ||
        !linalg_cast_check(c, k, 1, d, "torch.geqrf", "tau") ||
        !linalg_dtype_check(c, a, "geqrf_cpu"))
        return value_null();
    Tensor *columns = linalg_reflect(c, a, &out[1]);
    out[0] = k->form == CALL_OUT ? linalg_give_plain(c, k, 0, linalg_mt(c, columns))
                                 : linalg_give(c, k, 0, columns);
    out[1] = linalg_give_plain(c, k, 1, out[1]);
    return return_tuple(c, &geqrf_kind, 2, out);
}
static const OpDef op_geqrf = {
    .schema = "geqrf(Tensor self) -> (Tensor a, Tensor tau)",
    .doc = "R and the reflectors that make it.",
    .forms = OP_USUAL,
    .forward = geqrf_forward,
    .backward = derivative_missing,
};

/* ---- householder_product ---- */

/* True when they are equal; else raises NAME: Expected batch dimensions of ... */
static bool same_batch(Ctx *c, const char *name, const char *arg, const Tensor *a,
                       const Tensor *t, int own_dims) {
    int n = a->ndim - 2;
    if (shape_equal(n, a->sizes, t->ndim - own_dims, t->sizes)) return true;
    error_raise(c, RuntimeError,
                "%s: Expected batch dimensions of %s to be equal to input.shape[:-2], "
                "but got %s",
                name, arg, dims_text(c, t->ndim - own_dims, t->sizes));
    return false;
}

static bool tau_dims_check(Ctx *c, const char *name, const Tensor *a,
                           const Tensor *tau) {
    if (shape_size_dim(c, -1, tau->ndim) < 0) return false;
    if (a->ndim - tau->ndim == 1) return same_batch(c, name, "tau", a, tau, 1);
    error_raise(c, RuntimeError,
                "%s: Expected tau to have one dimension less than input, but got "
                "tau.ndim equal to %d and input.ndim is equal to %d",
                name, tau->ndim, a->ndim);
    return false;
}

static int64_t count_of(const Tensor *tau) {
    return tau->ndim ? tau->sizes[tau->ndim - 1] : 1;
}

static bool householder_check(Ctx *c, const Tensor *a, const Tensor *tau) {
    static const char name[] = "torch.linalg.householder_product";
    const char *wrong = NULL;
    if (a->ndim < 2)
        wrong = "input must have at least 2 dimensions.";
    else if (rows_of(a) < cols_of(a))
        wrong = "input.shape[-2] must be greater than or equal to input.shape[-1]";
    else if (cols_of(a) < count_of(tau))
        wrong = "input.shape[-1] must be greater than or equal to tau.shape[-1]";
    if (wrong) {
        error_raise(c, RuntimeError, "%s: %s", name, wrong);
        return false;
    }
    if (!tau_dims_check(c, name, a, tau)) return false;
    if (tau->dtype == a->dtype) return linalg_dtype_check(c, a, "orgqr_cpu");
    error_raise(c, RuntimeError, "%s: tau dtype %s does not match input dtype %s", name,
                dtype_scalar_name((DType)tau->dtype),
                dtype_scalar_name((DType)a->dtype));
    return false;
}

static Value householder_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *tau = call_tensor(k, 1);
    if (!householder_check(c, a, tau)) return value_null();
    Tensor *columns = linalg_columns(c, a);
    tau = t_contiguous(c, tau);
    if (!columns || !tau || !linalg_build_q(c, columns, tau)) return value_null();
    return value_obj(linalg_give(c, k, 0, columns));
}

/* K without the reflector t v v^T, applied from the left or from the right. */
static Tensor *reflected(Ctx *c, Tensor *k, Tensor *v, Tensor *t, bool left) {
    Tensor *scaled = t_mul(c, t_unsqueeze(c, t, -1), v), *vt = linalg_mt(c, v);
    return t_sub(c, k,
                 left ? t_matmul(c, scaled, t_matmul(c, vt, k))
                      : t_matmul(c, t_matmul(c, k, scaled), vt));
}

/* What reflector i has to do with the gradient: of its v [..., m, 1], its tau. */
static void reflector_gradient(Ctx *c, Tensor *k, Tensor *v, Tensor *t, int64_t i,
                               Tensor *gv, Tensor *gt) {
    int64_t rest = rows_of(k) - i;
    Tensor *part = t_narrow(c, v, -2, i, rest);
    Tensor *vk = t_matmul(c, linalg_mt(c, part), t_narrow(c, k, -2, i, rest));
    Tensor *kv = t_matmul(c, t_narrow(c, k, -1, i, rest), part);
    Tensor *minus = t_neg(c, t);
    Tensor *sum = t_add(c, t_mul(c, minus, t_squeeze(c, vk, -2)),
                        t_mul(c, minus, t_squeeze(c, kv, -1)));
    t_copy_(c, t_narrow(c, gv, -1, i, 1), t_unsqueeze(c, sum, -1));
    Tensor *product = t_matmul(c, t_narrow(c, vk, -1, i, rest), part);
    t_copy_(c, t_narrow(c, gt, -1, i, 1), t_squeeze(c, t_neg(c, product), -1));
}

/* Goes from reflector to reflector: K = Q grad^T loses each on the left (sigma is the
 * tau of its inverse) and gets the one before on the right. */
static void householder_backward(Ctx *c, Grad *g) {
    Tensor *a = saved_tensor(c, g, 0), *tau = saved_tensor(c, g, 1);
    Tensor *q = saved_tensor(c, g, 2);
    if (!a || !tau || !q || !g->grad || !a->numel || !tau->numel) return;
    int64_t n = count_of(tau), rows = -2;
    Tensor *vs = t_tril(c, a, -1);
    t_fill_(c, t_diagonal(c, vs, 0, -2, -1), t_ones(c, 0, NULL, (DType)a->dtype));
    Tensor *first = t_narrow(c, vs, -1, 0, n);
    Tensor *norms = t_sum_dims(c, t_mul(c, first, first), 1, &rows, false);
    Tensor *sigma = t_sub(c, t_mul(c, tau, norms), t_ones(c, 0, NULL, (DType)a->dtype));
    sigma = t_div(c, tau, sigma);
    Tensor *ga = t_zeros_like(c, vs), *gt = t_zeros_like(c, tau);
    Tensor *k = t_matmul(c, q, linalg_mt(c, g->grad));
    k = reflected(c, k, t_narrow(c, vs, -1, 0, 1), t_narrow(c, sigma, -1, 0, 1), true);
    for (int64_t i = 0; k && i < n; i++) {
        Tensor *v = t_narrow(c, vs, -1, i, 1), *t = t_narrow(c, tau, -1, i, 1);
        reflector_gradient(c, k, v, t, i, ga, gt);
        if (i == n - 1) break;
        k = reflected(c, k, t_narrow(c, vs, -1, i + 1, 1),
                      t_narrow(c, sigma, -1, i + 1, 1), true);
        k = reflected(c, k, v, t, false);
    }
    if (grad_wanted(g, 0)) grad_set(g, 0, t_tril(c, ga, -1));
    if (grad_wanted(g, 1)) grad_set(g, 1, gt);
}
static const OpDef op_householder_product = {
    .schema = "linalg_householder_product(Tensor input, Tensor tau) -> Tensor",
    .doc = "The first columns of the product of reflectors.",
    .forms = OP_LINALG | OP_OUT,
    .saves = "input tau result",
    .forward = householder_forward,
    .backward = householder_backward,
    .example = "torch.linalg.householder_product(*torch.geqrf(m))",
};

static Value orgqr_forward(Ctx *c, Call *k) {
    return call_as(c, k, &op_householder_product);
}
static const OpDef op_orgqr = {
    .schema = "orgqr(Tensor self, Tensor input2) -> Tensor",
    .doc = "Another name of linalg.householder_product.",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = orgqr_forward,
    .example = "torch.orgqr(*torch.geqrf(m))",
};

/* ---- ormqr ---- */

static bool raise_ormqr(Ctx *c, const char *wrong) {
    error_raise(c, RuntimeError, "torch.ormqr: %s", wrong);
    return false;
}

static bool ormqr_sizes_check(Ctx *c, const Tensor *a, const Tensor *tau,
                              const Tensor *other, bool left) {
    if (a->ndim < 2) return raise_ormqr(c, "input must have at least 2 dimensions.");
    if (other->ndim < 2)
        return raise_ormqr(c, "other must have at least 2 dimensions.");
    int64_t side = left ? rows_of(other) : cols_of(other);
    if (side < count_of(tau))
        return raise_ormqr(c, left ? "other.shape[-2] must be greater than or equal to "
                                     "tau.shape[-1]"
                                   : "other.shape[-1] must be greater than or equal to "
                                     "tau.shape[-1]");
    if (side != rows_of(a))
        return raise_ormqr(c, left ? "other.shape[-2] must be equal to input.shape[-2]"
                                   : "other.shape[-1] must be equal to "
                                     "input.shape[-2]");
    if (count_of(tau) > cols_of(a))
        return raise_ormqr(
            c, "tau.shape[-1] must be less than or equal to input.shape[-1]");
    return true;
}

static bool ormqr_dtype_check(Ctx *c, const Tensor *a, const Tensor *t,
                              const char *name) {
    if (t->dtype == a->dtype) return true;
    error_raise(c, RuntimeError,
                "torch.ormqr: Expected input and %s to have the same dtype, but input "
                "has dtype%s and %s has dtype %s",
                name, dtype_scalar_name((DType)a->dtype), name,
                dtype_scalar_name((DType)t->dtype));
    return false;
}

static bool ormqr_check(Ctx *c, const Call *k) {
    const Tensor *a = call_tensor(k, 0), *tau = call_tensor(k, 1);
    const Tensor *other = call_tensor(k, 2);
    if (!ormqr_sizes_check(c, a, tau, other, call_bool(k, 3)) ||
        !tau_dims_check(c, "torch.ormqr", a, tau))
        return false;
    if (a->ndim != other->ndim) {
        error_raise(c, RuntimeError,
                    "torch.ormqr: Expected other to have the same number of dimensions "
                    "as input, but got other.ndim equal to %d and input.ndim is equal "
                    "to %d",
                    other->ndim, a->ndim);
        return false;
    }
    if (!same_batch(c, "torch.ormqr", "other", a, other, 2) ||
        !ormqr_dtype_check(c, a, tau, "tau") ||
        !ormqr_dtype_check(c, a, other, "other") ||
        (k->form == CALL_OUT && !ormqr_dtype_check(c, a, k->target[0], "result")))
        return false;
    return linalg_dtype_check(c, a, "ormqr_cpu");
}

/* x by columns -> Q x or x Q, for each of the batch; a by columns. */
static bool multiply_by_q(Ctx *c, ReflectorProduct p, const Tensor *a,
                          const Tensor *tau, Tensor *x) {
    Lapack l;
    DType d = (DType)x->dtype;
    int64_t size = (int64_t)dtype_size(d), k = count_of(tau);
    int64_t a_bytes = rows_of(a) * cols_of(a) * size;
    int64_t x_bytes = rows_of(x) * cols_of(x) * size;
    Tensor *work = work_for(c, d, p.m > p.n ? p.m : p.n);
    if (!work || !linalg_open(c, &l)) return false;
    p.work = tensor_data(work);
    p.lwork = (int)work->numel;
    for (int64_t i = 0; x->numel && i < linalg_batch(x); i++) {
        p.a = (char *)tensor_data(a) + i * a_bytes;
        p.tau = (char *)tensor_data(tau) + i * k * size;
        p.c = (char *)tensor_data(x) + i * x_bytes;
        lapack_ormqr(&l, d, &p);
    }
    return true;
}

static Value ormqr_forward(Ctx *c, Call *k) {
    if (!ormqr_check(c, k)) return value_null();
    Tensor *a = linalg_columns(c, call_tensor(k, 0));
    Tensor *tau = t_contiguous(c, call_tensor(k, 1));
    Tensor *x = linalg_columns(c, call_tensor(k, 2));
    if (!a || !tau || !x) return value_null();
    ReflectorProduct p = {.left = call_bool(k, 3),
                          .transposed = call_bool(k, 4),
                          .m = (int)cols_of(x),
                          .n = (int)rows_of(x),
                          .k = (int)count_of(tau)};
    return multiply_by_q(c, p, a, tau, x) ? value_obj(linalg_give(c, k, 0, x))
                                          : value_null();
}
static const OpDef op_ormqr = {
    .schema = "ormqr(Tensor self, Tensor input2, Tensor input3, bool left=True, bool "
              "transpose=False) -> Tensor",
    .doc = "A matrix times the product of reflectors.",
    .forms = OP_USUAL,
    .forward = ormqr_forward,
    .backward = derivative_missing,
    .example = "torch.ormqr(*torch.geqrf(m), m)",
};

const OpDef *const linalg_householder_ops[] = {
    &op_geqrf, &op_householder_product, &op_orgqr, &op_ormqr, NULL,
};
