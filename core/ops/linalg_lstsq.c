/* Least squares: lstsq.
 *
 * A [..., m, n], B [..., m, k] or [..., m] -> X [..., n, k]; residuals [..., k] where
 * m > n and A has full rank, the rank but for gels, singular values for gelsd and
 * gelss; else these are empty.  Sources: BatchLinearAlgebra.cpp, FunctionsManual.cpp.
 */
#include "dense.h"
#include "linalg.h"

#include <string.h>

static const char *const lstsq_fields[] = {"solution", "residuals", "rank",
                                           "singular_values", NULL};
RETURN_KIND(linalg_lstsq, lstsq_fields)

static bool dtypes_differ(Ctx *c, const Tensor *a, const Tensor *b) {
    error_raise(
        c, RuntimeError,
        "torch.linalg.lstsq: Expected input and other to have the same dtype, but "
        "got input's dtype %s and other's dtype %s",
        dtype_scalar_name((DType)a->dtype), dtype_scalar_name((DType)b->dtype));
    return false;
}

static bool lstsq_check(Ctx *c, const Tensor *a, const Tensor *b, bool vector) {
    const char *wrong = NULL;
    int64_t dim = b->ndim - (vector ? 1 : 2);
    if (a->ndim < 2)
        wrong = "input must have at least 2 dimensions.";
    else if (b->ndim < 1)
        wrong = "other must have at least 1 dimension.";
    else if (a->dtype != b->dtype)
        return dtypes_differ(c, a, b);
    else if (a->ndim < b->ndim || a->ndim - b->ndim > 1)
        wrong =
            "input.dim() must be greater or equal to other.dim() and (input.dim() - "
            "other.dim()) <= 1";
    else if (dim < 0 || a->sizes[a->ndim - 2] != b->sizes[dim])
        wrong = vector ? "input.size(-2) should match other.size(-1)"
                       : "input.size(-2) should match other.size(-2)";
    if (wrong) error_raise(c, RuntimeError, "torch.linalg.lstsq: %s", wrong);
    return !wrong;
}

/* PyTorch's text about the residuals names the solution. */
static bool out_check(Ctx *c, const Call *k, DType d) {
    static const char *const names[] = {"solution", "solution", "rank",
                                        "singular_values"};
    for (int i = 0; i < 4; i++)
        if (!linalg_cast_check(c, k, i, i == 2 ? DT_int64 : d, "torch.linalg.lstsq",
                               names[i]))
            return false;
    return true;
}

/* The driver of that name, gelsy for none. */
static bool driver_named(Ctx *c, const char *name, LeastSquaresDriver *driver) {
    static const char *const names[] = {[LSTSQ_GELS] = "gels",
                                        [LSTSQ_GELSY] = "gelsy",
                                        [LSTSQ_GELSD] = "gelsd",
                                        [LSTSQ_GELSS] = "gelss"};
    if (!name) name = names[LSTSQ_GELSY];
    for (int i = LSTSQ_GELS; i <= LSTSQ_GELSS; i++)
        if (strcmp(name, names[i]) == 0) {
            *driver = (LeastSquaresDriver)i;
            return true;
        }
    error_raise(c, RuntimeError,
                "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, "
                "gelsd, gelss)");
    return false;
}

/* What is computed for each matrix of a batch. */
typedef struct Solutions {
    Tensor *a; /* columns [..., n, m], used up */
    Tensor *x; /* columns [..., k, max(m, n)]: b, then the solution */
    Tensor *rank, *s, *info;
} Solutions;

static LeastSquares job_of(const Solutions *t, LeastSquaresDriver driver,
                           double rcond) {
    return (LeastSquares){.driver = driver,
                          .m = (int)cols_of(t->a),
                          .n = (int)rows_of(t->a),
                          .nrhs = (int)rows_of(t->x),
                          .rcond = rcond,
                          .lwork = -1};
}

/* The matrix number i of a batch. */
static void *matrix_at(const Tensor *t, int64_t i) {
    int64_t numel = t->sizes[t->ndim - 1] * t->sizes[t->ndim - 2];
    return (char *)tensor_data(t) + i * numel * (int64_t)dtype_size((DType)t->dtype);
}

/* LAPACK's answer for matrix number i; the process ends where gelsd is given what is
 * not finite, for which elsewhere argument 4 of what it calls is wrong. */
static int32_t solve_one(const Lapack *l, DType d, LeastSquares *j) {
    if (j->driver == LSTSQ_GELSD && !dense_is_finite(d, j->a, (int64_t)j->m * j->n))
        return -4;
    return lapack_lstsq(l, d, j);
}

static void solve_each(const Lapack *l, const Solutions *t, LeastSquares *j) {
    DType d = (DType)t->a->dtype;
    int64_t k = t->s->sizes[t->s->ndim - 1], size = (int64_t)dtype_size(d);
    int64_t *rank = tensor_data(t->rank);
    int32_t *info = tensor_data(t->info);
    for (int64_t i = 0; i < t->info->numel; i++) {
        j->a = matrix_at(t->a, i);
        j->x = matrix_at(t->x, i);
        j->s = (char *)tensor_data(t->s) + i * k * size;
        if (j->driver == LSTSQ_GELSY) memset(j->ints, 0, (size_t)j->n * sizeof(int));
        info[i] = solve_one(l, d, j);
        rank[i] = j->rank;
    }
}

static bool solve_all(Ctx *c, const Solutions *t, LeastSquares j) {
    Lapack l;
    DType d = (DType)t->a->dtype;
    double need[1] = {0};
    int n_ints = j.n + 1, first = 0;
    if (!linalg_open(c, &l)) return false;
    j.work = need;
    j.ints = &first;
    j.a = tensor_data(t->a);
    j.x = tensor_data(t->x);
    j.s = tensor_data(t->s);
    lapack_lstsq(&l, d, &j);
    if (first > n_ints) n_ints = first;
    j.lwork = lapack_lwork(d, need);
    size_t bytes = (size_t)j.lwork * dtype_size(d);
    size_t int_bytes = (size_t)n_ints * sizeof(int);
    j.work = ctx_alloc(c, bytes);
    j.ints = ctx_alloc(c, int_bytes);
    if (j.work && j.ints) solve_each(&l, t, &j);
    ctx_free(c, j.work, bytes);
    ctx_free(c, j.ints, int_bytes);
    return !ctx_failed(c);
}

/* b's matrices [..., m, k] with zeros below up to row max(m, n), by columns. */
static Tensor *padded_columns(Ctx *c, Tensor *b, int64_t n) {
    if (!b) return NULL;
    Shape batch = linalg_batch_dims(b);
    int64_t m = rows_of(b);
    Tensor *x =
        linalg_new_columns(c, (DType)b->dtype, &batch, m > n ? m : n, cols_of(b));
    tensor_copy(t_narrow(c, x, -1, 0, m), linalg_mt(c, b));
    return x;
}

/* Whether every matrix has rank n. */
static bool is_full_rank(const Tensor *rank, int64_t n) {
    const int64_t *at = tensor_data(rank);
    bool full = true;
    for (int64_t i = 0; i < rank->numel; i++) full &= at[i] == n;
    return full;
}

/* The squares of what x holds below the solution, summed; empty without that. */
static Tensor *residuals(Ctx *c, const Solutions *t, const LeastSquares *j) {
    int64_t none = 0, last = -1;
    bool computed = j->driver == LSTSQ_GELS ||
                    (j->driver != LSTSQ_GELSY && is_full_rank(t->rank, j->n));
    if (j->m <= j->n || !computed) return t_zeros(c, 1, &none, (DType)t->x->dtype);
    Tensor *below = t_narrow(c, t->x, -1, j->n, j->m - j->n);
    return t_sum_dims(c, t_mul(c, below, below), 1, &last, false);
}

static bool new_solutions(Ctx *c, Tensor *a, Tensor *b, const Shape *batch,
                          Solutions *t) {
    int64_t k = least(rows_of(a), cols_of(a));
    *t = (Solutions){
        .a = linalg_columns(c, linalg_expand(c, a, batch)),
        .x = padded_columns(c, linalg_expand(c, b, batch), cols_of(a)),
        .rank = linalg_new(c, DT_int64, batch, 0, NULL),
        .s = linalg_new(c, (DType)a->dtype, batch, 1, &k),
        .info = linalg_new(c, DT_int32, batch, 0, NULL),
    };
    return !ctx_failed(c);
}

static Value lstsq_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0), *b = call_tensor(k, 1);
    bool vector = a->ndim >= 2 && linalg_is_vector(a, b);
    LeastSquaresDriver driver;
    Shape batch;
    Solutions t;
    if (!lstsq_check(c, a, b, vector) || !out_check(c, k, (DType)a->dtype) ||
        !driver_named(c, call_string(k, 3), &driver))
        return value_null();
    if (call_is_none(k, 2) ? !linalg_epsilon_check(c, a)
                           : !linalg_dtype_check(c, a, "linalg_lstsq_cpu"))
        return value_null();
    if (vector) b = t_unsqueeze(c, b, -1);
    if (!b || !linalg_batch_shape(c, a, b, &batch) ||
        !new_solutions(c, a, b, &batch, &t))
        return value_null();
    int64_t n = cols_of(a), none = 0;
    double rcond = call_is_none(k, 2) ? linalg_rtol(a) : call_float(k, 2);
    LeastSquares job = job_of(&t, driver, rcond);
    if (t.a->numel && t.x->numel && !solve_all(c, &t, job)) return value_null();
    if (!linalg_info_check(c, t.info, "torch.linalg.lstsq", batch.ndim == 0))
        return value_null();
    bool by_values = driver == LSTSQ_GELSD || driver == LSTSQ_GELSS;
    Tensor *x = t_clone(c, linalg_mt(c, t_narrow(c, t.x, -1, 0, n)));
    Tensor *out[4] = {
        vector ? t_squeeze(c, x, -1) : x,
        residuals(c, &t, &job),
        driver == LSTSQ_GELS ? t_zeros(c, 1, &none, DT_int64) : t.rank,
        by_values ? t.s : t_zeros(c, 1, &none, (DType)a->dtype),
    };
    for (int i = 0; i < 4; i++) out[i] = linalg_give_plain(c, k, i, out[i]);
    return return_tuple(c, &linalg_lstsq_kind, 4, out);
}
static void lstsq_backward(Ctx *c, Grad *g) {
    Tensor *a = saved_tensor(c, g, 0), *b = saved_tensor(c, g, 1), *grad = g->grads[0];
    if (!a || !b || !grad) return;
    Tensor *p = t_linalg_pinv(c, a);
    bool vector = linalg_is_vector(a, b);
    if (vector) {
        grad = t_unsqueeze(c, grad, -1);
        b = t_unsqueeze(c, b, -1);
    }
    if (grad_wanted(g, 0)) {
        Tensor *gp = t_matmul(c, grad, linalg_mt(c, b));
        grad_set(g, 0, linalg_pinv_gradient(c, gp, p, a));
    }
    if (grad_wanted(g, 1)) {
        Tensor *t = t_matmul(c, linalg_mt(c, p), grad);
        grad_set(g, 1, vector ? t_squeeze(c, t, -1) : t);
    }
}
static const OpDef op_lstsq = {
    .schema = "linalg_lstsq(Tensor self, Tensor b, float? rcond=None, *, str? "
              "driver=None) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor "
              "singular_values)",
    .doc = "The X of the least squares of A X - B, and the rank of A.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_FIRST_RESULT_ONLY,
    .saves = "self b",
    .forward = lstsq_forward,
    .backward = lstsq_backward,
};

const OpDef *const linalg_lstsq_ops[] = {&op_lstsq, NULL};
