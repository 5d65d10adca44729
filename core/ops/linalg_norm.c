/* Norms of matrices: linalg.norm, matrix_norm, cond, nuclear_norm.
 *
 * Two dimensions of self [..., m, n] are reduced -> [...]; composed of vector norms and
 * singular values.  Source: LinearAlgebra.cpp. */
#include "linalg.h"

#include <math.h>
#include <string.h>

/* What is asked for. */
typedef struct MatrixNorm {
    double ord;       /* 1, 2, inf and their negatives */
    const char *name; /* "fro" or "nuc", or NULL: ord */
    int64_t dims[2];
    bool keepdim;
    Value dtype; /* a dtype or None */
} MatrixNorm;

/* ---- checks ---- */

static bool order_check(Ctx *c, const MatrixNorm *m) {
    double size = fabs(m->ord);
    if (m->name) {
        if (strcmp(m->name, "fro") == 0 || strcmp(m->name, "nuc") == 0) return true;
        error_raise(c, RuntimeError, "linalg.matrix_norm: Order %s not supported.",
                    m->name);
        return false;
    }
    if (size == 1 || size == 2 || isinf(size)) return true;
    error_raise(c, RuntimeError, "linalg.matrix_norm: Order %g not supported.", m->ord);
    return false;
}

/* Whether singular values are needed, which half types have none of. */
static bool needs_svd(const MatrixNorm *m) {
    return m->name ? strcmp(m->name, "nuc") == 0 : fabs(m->ord) == 2;
}

static bool dims_check(Ctx *c, const Tensor *a, int n, const int64_t *dims,
                       MatrixNorm *m) {
    if (!linalg_matrix_check(c, a, "linalg.matrix_norm", "A") ||
        !linalg_float_check(c, a, "linalg.matrix_norm", !needs_svd(m)))
        return false;
    if (n != 2) {
        Buf b;
        buf_init(&b, &c->mem);
        for (int i = 0; i < n; i++)
            buf_printf(&b, "%s%lld", i ? " " : "", (long long)dims[i]);
        error_raise(c, RuntimeError,
                    "linalg.matrix_norm: dim must be a 2-tuple. Got %s", buf_text(&b));
        buf_free(&b);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        int d = shape_wrap_dim(c, dims[i], a->ndim);
        if (d < 0) return false;
        m->dims[i] = d;
    }
    if (m->dims[0] != m->dims[1]) return true;
    error_raise(c, RuntimeError,
                "linalg.matrix_norm: dims must be different. Got (%d, %d)",
                (int)m->dims[0], (int)m->dims[1]);
    return false;
}

/* ---- computing ---- */

static Tensor *vector_norm(Ctx *c, Tensor *a, double ord, int n, const int64_t *dims,
                           bool keepdim, Value dtype) {
    return op_tensor(c, &op_vector_norm,
                     (Value[]){arg_tensor(a), value_float(ord),
                               n ? arg_ints(c, n, dims) : value_none(),
                               value_bool(keepdim), dtype});
}

/* The order of dimensions that has these two last, and the one that undoes it. */
static void last_dims(int ndim, const int64_t dims[2], int64_t *order, int64_t *back) {
    int n = 0;
    for (int i = 0; i < ndim; i++)
        if (i != dims[0] && i != dims[1]) order[n++] = i;
    order[n++] = dims[0];
    order[n++] = dims[1];
    for (int i = 0; i < ndim; i++) back[order[i]] = i;
}

typedef enum Choice { LARGEST, SMALLEST, ALL } Choice;

/* The largest, the smallest or the sum of the singular values. */
static Tensor *of_singular_values(Ctx *c, Tensor *a, const int64_t dims[2],
                                  bool keepdim, Choice choice) {
    int64_t order[MAX_DIMS], back[MAX_DIMS], last = -1;
    if (!a) return NULL;
    int ndim = a->ndim;
    last_dims(ndim, dims, order, back);
    Tensor *s = t_svdvals(c, t_permute(c, a, ndim, order));
    s = choice == ALL       ? t_sum_dims(c, s, 1, &last, keepdim)
        : choice == LARGEST ? t_amax(c, s, 1, &last, keepdim)
                            : t_amin(c, s, 1, &last, keepdim);
    return keepdim ? t_permute(c, t_unsqueeze(c, s, -1), ndim, back) : s;
}

/* The largest (smallest) sum of absolute values along the first dim. */
static Tensor *of_sums(Ctx *c, Tensor *a, const MatrixNorm *m) {
    const bool infinite = isinf(m->ord); /* of rows, not of columns */
    int64_t first = m->dims[infinite], second = m->dims[!infinite];
    if (!m->keepdim && first < second) second--;
    Tensor *sums = vector_norm(c, a, 1, 1, &first, m->keepdim, m->dtype);
    return m->ord > 0 ? t_amax(c, sums, 1, &second, m->keepdim)
                      : t_amin(c, sums, 1, &second, m->keepdim);
}

/* dims: n of them, checked here. */
static Tensor *matrix_norm(Ctx *c, Tensor *a, int n, const int64_t *dims,
                           MatrixNorm *m) {
    if (!order_check(c, m) || !dims_check(c, a, n, dims, m) ||
        !linalg_norm_dtype_check(c, "linalg.matrix_norm", (DType)a->dtype, m->dtype))
        return NULL;
    if (m->name && !needs_svd(m))
        return vector_norm(c, a, 2, 2, m->dims, m->keepdim, m->dtype);
    if (!needs_svd(m)) return of_sums(c, a, m);
    if (m->dtype.tag == VAL_DTYPE) a = t_to_dtype(c, a, m->dtype.as.dtype);
    Choice choice = m->name ? ALL : m->ord > 0 ? LARGEST : SMALLEST;
    return of_singular_values(c, a, m->dims, m->keepdim, choice);
}

/* self, ord, dim, keepdim, dtype of a call; ord a number or a name. */
static MatrixNorm norm_of_call(const Call *k) {
    return (MatrixNorm){.name = call_string(k, 1),
                        .ord = value_str(k->args[1]) || call_is_none(k, 1)
                                   ? 2
                                   : value_as_double(call_scalar(k, 1)),
                        .keepdim = call_bool(k, 3),
                        .dtype = k->args[4]};
}

/* ---- operators ---- */

/* t, which PyTorch copies to an out= that must have its dtype. */
static Value checked_norm(Ctx *c, const Call *k, Tensor *t) {
    const Schema *s = &k->op->schema;
    if (!t || k->form != CALL_OUT || k->target[0]->dtype == t->dtype)
        return value_obj(t);
    return value_raise(c, RuntimeError,
                       "linalg.%.*s expected out tensor dtype %s but got: %s",
                       s->base_len - 7, s->text + 7, dtype_scalar_name((DType)t->dtype),
                       dtype_scalar_name((DType)k->target[0]->dtype));
}

static Value matrix_norm_forward(Ctx *c, Call *k) {
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 2, dims, MAX_DIMS);
    MatrixNorm m = norm_of_call(k);
    return n < 0 ? value_null()
                 : checked_norm(c, k, matrix_norm(c, call_tensor(k, 0), n, dims, &m));
}
static const OpDef op_matrix_norm = {
    .schema = "linalg_matrix_norm(Tensor self, Scalar ord, int[] dim=[-2,-1], bool "
              "keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .doc = "A norm of matrices: the largest sum of a column or row, or singular value.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = matrix_norm_forward,
};
static const OpDef op_matrix_norm_name = {
    .schema =
        "linalg_matrix_norm.str_ord(Tensor self, str ord='fro', int[] dim=[-2,-1], "
        "bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .doc =
        "The Frobenius norm of matrices, or the sum of their singular values ('nuc').",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = matrix_norm_forward,
    .example = "torch.linalg.matrix_norm(m, 'nuc')",
};

static bool norm_dims_check(Ctx *c, const Call *k, int n, const int64_t *dims) {
    const Tensor *a = call_tensor(k, 0);
    if (call_is_none(k, 2)) {
        if (call_is_none(k, 1) || a->ndim == 1 || a->ndim == 2) return true;
        error_raise(
            c, RuntimeError,
            "linalg.norm: If dim is not specified but ord is, the input must be "
            "1D or 2D. Got %dD.",
            a->ndim);
        return false;
    }
    if (n == 1 || n == 2) return true;
    error_raise(c, RuntimeError,
                "linalg.norm: If dim is specified, it %s be of length 1 or 2. Got %s",
                call_string(k, 1) ? "mut" : "must", dims_text(c, n, dims));
    return false;
}

/* A matrix norm when an order is given and two dimensions are meant, else a vector's.
 */
static Value norm_forward(Ctx *c, Call *k) {
    static const int64_t both[2] = {0, 1};
    Tensor *a = call_tensor(k, 0);
    int64_t dims[MAX_DIMS];
    int n = call_ints(c, k, 2, dims, MAX_DIMS);
    if (n < 0 || !norm_dims_check(c, k, n, dims)) return value_null();
    MatrixNorm m = norm_of_call(k);
    bool named = m.name, given = !call_is_none(k, 2);
    if (named || (!call_is_none(k, 1) && (given ? n : a->ndim) == 2))
        return checked_norm(c, k,
                            matrix_norm(c, a, given ? n : 2, given ? dims : both, &m));
    return checked_norm(c, k, vector_norm(c, a, m.ord, n, dims, m.keepdim, m.dtype));
}
static const OpDef op_linalg_norm = {
    .schema = "linalg_norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool "
              "keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .doc = "A norm of vectors, or of matrices.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = norm_forward,
};
static const OpDef op_linalg_norm_name = {
    .schema = "linalg_norm.ord_str(Tensor self, str ord, int[1]? dim=None, bool "
              "keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    .doc =
        "The Frobenius norm of matrices, or the sum of their singular values ('nuc').",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = norm_forward,
    .example = "torch.linalg.norm(m, 'nuc')",
};

/* ---- nuclear_norm ---- */

bool nuclear_dims_check(Ctx *c, bool whole, int n) {
    if (whole || n == 2) return true;
    error_raise(c, RuntimeError, "nuclear norm requires a 'dim' argument of size 2");
    return false;
}

Tensor *t_nuclear_norm(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim) {
    int64_t at[2] = {0, 1};
    if (n == 0 && self->ndim != 2)
        return error_raise(
            c, RuntimeError,
            "Expected a tensor with 2 dimensions, but got a tensor with %d "
            "dimension%s instead.",
            self->ndim, self->ndim == 1 ? "" : "s");
    for (int i = 0; i < n; i++) {
        at[i] = shape_wrap_dim(c, dims[i], self->ndim);
        if (at[i] < 0) return NULL;
    }
    if (at[0] == at[1])
        return error_raise(c, RuntimeError, "duplicate or invalid dimensions");
    return of_singular_values(c, self, at, keepdim, ALL);
}
static Value nuclear_norm_forward(Ctx *c, Call *k) {
    int64_t dims[MAX_DIMS];
    bool by_dim = k->op->schema.n > 2;
    int n = by_dim ? call_ints(c, k, 1, dims, MAX_DIMS) : 0;
    if (n < 0 || !nuclear_dims_check(c, !by_dim, n)) return value_null();
    return value_obj(
        t_nuclear_norm(c, call_tensor(k, 0), n, dims, call_bool(k, by_dim ? 2 : 1)));
}
static const OpDef op_nuclear_norm = {
    .schema = "nuclear_norm(Tensor self, bool keepdim=False) -> Tensor",
    .doc = "The sum of the singular values.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = nuclear_norm_forward,
};
static const OpDef op_nuclear_norm_dim = {
    .schema = "nuclear_norm.dim(Tensor self, int[2] dim, bool keepdim=False) -> Tensor",
    .doc = "The sum of the singular values of two dimensions.",
    .forms = OP_FUNCTION | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = nuclear_norm_forward,
    .example = "torch.nuclear_norm(m, [0, 1])",
};

/* ---- cond ---- */

static bool cond_order_check(Ctx *c, const MatrixNorm *m) {
    double size = fabs(m->ord);
    if (m->name ? strcmp(m->name, "fro") == 0 || strcmp(m->name, "nuc") == 0
                : size == 1 || size == 2 || isinf(size))
        return true;
    if (m->name)
        error_raise(c, RuntimeError, "linalg.cond got an invalid norm type: %s",
                    m->name);
    else
        error_raise(c, RuntimeError, "linalg.cond got an invalid norm type: %g",
                    m->ord);
    return false;
}

static bool cond_square_check(Ctx *c, const Tensor *a, const MatrixNorm *m) {
    Buf name;
    buf_init(&name, &c->mem);
    if (m->name)
        buf_printf(&name, "linalg.cond(ord=%s)", m->name);
    else
        buf_printf(&name, "linalg.cond(ord=%g)", m->ord);
    bool good = linalg_square_check(c, a, buf_text(&name));
    buf_free(&name);
    return good;
}

/* By singular values: the largest by the smallest, or the other way round. */
static Tensor *cond_by_values(Ctx *c, Tensor *a, bool inverse) {
    Tensor *s = t_svdvals(c, a);
    if (!s) return NULL;
    int64_t n = s->sizes[s->ndim - 1];
    Tensor *largest = t_narrow(c, s, -1, 0, 1), *least = t_narrow(c, s, -1, n - 1, 1);
    Tensor *t = inverse ? t_div(c, least, largest) : t_div(c, largest, least);
    return t_squeeze(c, t, -1);
}

/* The norm of a times that of its inverse, which is infinite where there is none. */
static Tensor *cond_by_inverse(Ctx *c, Tensor *a, MatrixNorm m) {
    static const int64_t last[2] = {-2, -1};
    Tensor *out[2];
    if (!t_linalg_inv_ex(c, a, out)) return NULL;
    Tensor *failed = t_gt_scalar(c, out[1], value_int(0));
    failed = t_unsqueeze(c, t_unsqueeze(c, failed, -1), -1);
    Tensor *inverse = t_masked_fill_scalar_(c, out[0], failed, value_float(INFINITY));
    m.dtype = value_none();
    Tensor *whole = matrix_norm(c, a, 2, last, &m);
    whole = t_mul(c, whole, inverse ? matrix_norm(c, inverse, 2, last, &m) : NULL);
    return t_nan_to_num_(c, whole, INFINITY, INFINITY, -INFINITY);
}

static Tensor *cond_nuclear(Ctx *c, Tensor *a) {
    int64_t last = -1;
    Tensor *s = t_svdvals(c, a);
    Tensor *sum = t_sum_dims(c, s, 1, &last, false);
    return t_mul(c, sum, t_sum_dims(c, t_reciprocal(c, s), 1, &last, false));
}

static Value cond_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0);
    MatrixNorm m = {.name = call_string(k, 1),
                    .ord = value_str(k->args[1]) || call_is_none(k, 1)
                               ? 2
                               : value_as_double(call_scalar(k, 1))};
    if (!linalg_cast_check(c, k, 0, (DType)a->dtype, "linalg.cond", "result"))
        return value_null();
    if (a->ndim < 2 && !m.name)
        return value_raise(
            c, RuntimeError,
            "linalg.cond: The input tensor must have at least 2 dimensions.");
    if (!cond_order_check(c, &m) || (m.name && !cond_square_check(c, a, &m)))
        return value_null();
    bool by_values = !m.name && fabs(m.ord) == 2;
    if (a->numel == 0) {
        Shape batch = linalg_batch_dims(a);
        return value_obj(linalg_new(c, (DType)a->dtype, &batch, 0, NULL));
    }
    if (by_values) return value_obj(cond_by_values(c, a, m.ord < 0));
    if (!cond_square_check(c, a, &m)) return value_null();
    return value_obj(m.name && strcmp(m.name, "nuc") == 0 ? cond_nuclear(c, a)
                                                          : cond_by_inverse(c, a, m));
}
static const OpDef op_cond = {
    .schema = "linalg_cond(Tensor self, Scalar? p=None) -> Tensor",
    .doc = "The norm of a matrix times that of its inverse.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = cond_forward,
};
static const OpDef op_cond_name = {
    .schema = "linalg_cond.p_str(Tensor self, str p) -> Tensor",
    .doc = "The norm of a matrix times that of its inverse.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = cond_forward,
    .example = "torch.linalg.cond(m, 'fro')",
};

const OpDef *const linalg_norm_ops[] = {
    &op_linalg_norm,
    &op_linalg_norm_name,
    &op_matrix_norm,
    &op_matrix_norm_name,
    &op_nuclear_norm_dim,
    &op_nuclear_norm,
    &op_cond,
    &op_cond_name,
    NULL,
};
