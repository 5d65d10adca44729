/* Functions of matrices: matrix_exp, matrix_power, tensorinv, tensorsolve, vecdot.
 * Sources: LinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

#include <inttypes.h>
#include <math.h>

/* ---- matrix_exp ---- */

/* The largest sum of a column's absolute values. */
static double largest_norm(Ctx *c, Tensor *a) {
    int64_t rows = -2;
    Tensor *t = t_amax(c, t_sum_dims(c, t_abs(c, a), 1, &rows, false), 0, NULL, false);
    Value v = t ? tensor_item(c, t) : value_float(0);
    return v.tag == VAL_FLOAT ? v.as.f : 0;
}

/* The power series of a / 2^s, whose norm is at most 1/2, squared s times; in double.
 */
static Tensor *exponential(Ctx *c, Tensor *a) {
    enum { TERMS = 20, MOST_SQUARES = 1100 };
    a = t_to_dtype(c, a, DT_float64);
    double norm = a ? largest_norm(c, a) : 0;
    int squares = 0;
    while (isfinite(norm) && ldexp(norm, -squares) > 0.5 && squares < MOST_SQUARES)
        squares++;
    a = t_mul_scalar(c, a, value_float(ldexp(1, -squares)));
    Shape batch = a ? linalg_batch_dims(a) : (Shape){0};
    int64_t n = a ? a->sizes[a->ndim - 1] : 0;
    Tensor *one = linalg_new(c, DT_float64, &batch, 2, (int64_t[]){n, n});
    t_copy_(c, t_diagonal(c, one, 0, -2, -1), t_ones(c, 0, NULL, DT_float64));
    Tensor *sum = one;
    for (int i = TERMS; i > 0; i--)
        sum = t_add(c, one, t_mul_scalar(c, t_matmul(c, a, sum), value_float(1.0 / i)));
    for (int i = 0; i < squares; i++) sum = t_matmul(c, sum, sum);
    return sum;
}

static Value matrix_exp_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0);
    if (!linalg_square_check(c, a, "linalg.matrix_exp") ||
        !linalg_float_check(c, a, "matrix_exp", true))
        return value_null();
    if (a->dtype == DT_float16)
        return value_raise(c, RuntimeError,
                           "\"log2_vml_cpu\" not implemented for 'Half'");
    if (a->numel == 0) return value_obj(t_clone(c, a));
    Tensor *r = t_empty_like(c, a);
    tensor_copy(r, exponential(c, a));
    return value_obj(r);
}

static Tensor *t_matrix_exp(Ctx *c, Tensor *a);

/* The block beside the diagonal of exp([[A^T, grad], [0, A^T]]). */
static void matrix_exp_backward(Ctx *c, Grad *g) {
    Tensor *a = linalg_mt(c, saved_tensor(c, g, 0));
    if (!a || !g->grad) return;
    Shape batch = linalg_batch_dims(a);
    int64_t n = a->sizes[a->ndim - 1], whole[2] = {2 * n, 2 * n};
    Tensor *t = linalg_new(c, (DType)a->dtype, &batch, 2, whole);
    for (int i = 0; i < 2; i++) {
        Tensor *rows = t_narrow(c, t, -2, i * n, n);
        t_copy_(c, t_narrow(c, rows, -1, i * n, n), a);
    }
    t_copy_(c, t_narrow(c, t_narrow(c, t, -2, 0, n), -1, n, n), g->grad);
    t = t_narrow(c, t_matrix_exp(c, t), -2, 0, n);
    grad_set(g, 0, t_narrow(c, t, -1, n, n));
}
static const OpDef op_linalg_matrix_exp = {
    .schema = "linalg_matrix_exp(Tensor self) -> Tensor",
    .doc = "The exponential of a matrix, I + A + A^2 / 2 + ...",
    .forms = OP_LINALG,
    .saves = "self",
    .forward = matrix_exp_forward,
    .backward = matrix_exp_backward,
};
static Tensor *t_matrix_exp(Ctx *c, Tensor *a) {
    return op_tensor(c, &op_linalg_matrix_exp, (Value[]){arg_tensor(a)});
}
static const OpDef op_matrix_exp = {
    .schema = "matrix_exp(Tensor self) -> Tensor",
    .doc = "linalg.matrix_exp",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_linalg_matrix_exp,
};

/* ---- matrix_power ---- */

/* Products by the binary digits of n > 3. */
static Tensor *binary_power(Ctx *c, Tensor *a, int64_t n) {
    Tensor *z = NULL, *r = NULL;
    while (n > 0) {
        z = z ? t_matmul(c, z, z) : a;
        if (n % 2) r = r ? t_matmul(c, r, z) : z;
        n /= 2;
    }
    return r;
}

static Tensor *t_matrix_power(Ctx *c, Tensor *a, int64_t n) {
    if (n == 0) {
        int64_t size = a->sizes[a->ndim - 1];
        Tensor *ones = t_ones(c, 1, &size, (DType)a->dtype);
        return t_copy_(c, t_clone_contiguous(c, a), t_diag_embed_last(c, ones));
    }
    if (n == 1) return t_clone_contiguous(c, a);
    if (n == -1) return t_linalg_inv(c, a);
    if (n < 0) {
        a = t_linalg_inv(c, a);
        n = -n;
    }
    if (n == 2) return t_matmul(c, a, a);
    if (n == 3) return t_matmul(c, t_matmul(c, a, a), a);
    return binary_power(c, a, n);
}

static Value matrix_power_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0);
    int64_t n = call_int(k, 1);
    if (!linalg_square_check(c, a, "linalg.matrix_power")) return value_null();
    if (n == INT64_MIN)
        return value_raise(c, RuntimeError, "linalg.matrix_power: n is too small");
    if (k->form == CALL_OUT &&
        (!linalg_cast_check(c, k, 0, (DType)a->dtype, "matrix_power", "result") ||
         !out_resize(c, k, 0, a->ndim, a->sizes)))
        return value_null();
    Tensor *t = t_matrix_power(c, a, n);
    if (k->form == CALL_OUT && (n == 0 || n == 1))
        return value_obj(t_copy_(c, k->target[0], n ? t : t_detach(c, t)));
    return out_dtype_check(c, k, 0, (DType)a->dtype) ? value_obj(t) : value_null();
}
static const OpDef op_linalg_matrix_power = {
    .schema = "linalg_matrix_power(Tensor self, int n) -> Tensor",
    .doc = "A matrix multiplied with itself, or its inverse for a negative n.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = matrix_power_forward,
};
static const OpDef op_matrix_power = {
    .schema = "matrix_power(Tensor self, int n) -> Tensor",
    .doc = "linalg.matrix_power",
    .forms = OP_USUAL,
    .traits = OP_COMPOSITE,
    .forward = matrix_power_forward,
};

/* ---- tensorinv, tensorsolve ---- */

/* A list of fewer than no dimensions, as C++ puts it. */
static Value too_long(Ctx *c) {
    return value_raise(c, RuntimeError,
                       "cannot create std::vector larger than max_size()");
}

/* The inverse of self seen as a matrix whose rows are its first `ind` dimensions. */
static Value tensorinv_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0);
    int64_t ind = call_int(k, 1), first, rest;
    if (ind <= 0)
        return value_raise(c, RuntimeError,
                           "Expected a strictly positive integer for 'ind', but got "
                           "%" PRId64,
                           ind);
    if (!linalg_cast_check(c, k, 0, (DType)a->dtype, "tensorinv", "result"))
        return value_null();
    if (ind > a->ndim) return too_long(c);
    int at = (int)ind;
    first = shape_numel(at, a->sizes);
    rest = shape_numel(a->ndim - at, a->sizes + at);
    if (first != rest)
        return value_raise(c, RuntimeError,
                           "Expected self to satisfy the requirement "
                           "prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
                           "%" PRId64 " != %" PRId64,
                           rest, first);
    int64_t sizes[MAX_DIMS], square[2] = {rest, first};
    for (int i = 0; i < a->ndim; i++)
        sizes[i] = a->sizes[(at + i) % (a->ndim ? a->ndim : 1)];
    Tensor *matrix = t_reshape(c, a, 2, square);
    Tensor *inverse = linalg_inverse_named(c, matrix, "inv");
    return value_obj(t_reshape(c, inverse, a->ndim, sizes));
}
static const OpDef op_tensorinv = {
    .schema = "linalg_tensorinv(Tensor self, int ind=2) -> Tensor",
    .doc = "The inverse of a tensor for tensordot over `ind` dimensions.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = tensorinv_forward,
    .example = "torch.linalg.tensorinv(m, 1)",
};

/* self with the dimensions named in argument 2 moved to its end. */
static Tensor *dims_to_end(Ctx *c, const Call *k, Tensor *a) {
    int64_t dims[MAX_DIMS], ends[MAX_DIMS];
    int n = call_ints(c, k, 2, dims, MAX_DIMS);
    for (int i = 0; i < n; i++) ends[i] = a->ndim - n + i;
    return n < 0 || call_is_none(k, 2) ? n < 0 ? NULL : a
                                       : t_movedims(c, a, n, dims, ends);
}

static Value tensorsolve_forward(Ctx *c, Call *k) {
    Tensor *b = call_tensor(k, 1), *a = call_tensor(k, 0);
    if (!linalg_cast_check(c, k, 0, (DType)a->dtype, "tensorsolve", "result"))
        return value_null();
    a = dims_to_end(c, k, a);
    if (!a) return value_null();
    int at = b->ndim;
    if (at > a->ndim) return too_long(c);
    int64_t first = b->numel;
    int64_t rest = shape_numel(a->ndim - at, a->sizes + at);
    if (first != rest)
        return value_raise(c, RuntimeError,
                           "Expected self to satisfy the requirement "
                           "prod(self.shape[other.ndim:]) == "
                           "prod(self.shape[:other.ndim]), but got %" PRId64
                           " != %" PRId64,
                           rest, first);
    int64_t square[2] = {rest, rest}, flat = b->numel;
    Tensor *x =
        t_linalg_solve(c, t_reshape(c, a, 2, square), t_reshape(c, b, 1, &flat), true);
    return value_obj(t_reshape(c, x, a->ndim - at, a->sizes + at));
}
static const OpDef op_tensorsolve = {
    .schema =
        "linalg_tensorsolve(Tensor self, Tensor other, int[]? dims=None) -> Tensor",
    .doc = "The X of tensordot(self, X) = other.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE | OP_OUT_COPIED,
    .forward = tensorsolve_forward,
    .example = "torch.linalg.tensorsolve(m, v[:2])",
};

/* ---- vecdot, matmul, diagonal ---- */

static Value vecdot_forward(Ctx *c, Call *k) {
    Tensor *x = call_tensor(k, 0), *y = call_tensor(k, 1);
    int64_t dim = call_int(k, 2);
    if (!linalg_float_check(c, x, "linalg.vecdot", true)) return value_null();
    if (x->dtype != y->dtype)
        return value_raise(
            c, RuntimeError,
            "linalg.vecdot: Expected x and y to have the same dtype, but "
            "found x of type %s and y of type %s instead",
            dtype_scalar_name((DType)x->dtype), dtype_scalar_name((DType)y->dtype));
    if (k->form == CALL_OUT && x->dtype != k->target[0]->dtype)
        return value_raise(c, RuntimeError,
                           "linalg.vecdot: Expected out of dtype%s but found %s",
                           dtype_scalar_name((DType)x->dtype),
                           dtype_scalar_name((DType)k->target[0]->dtype));
    if (x->ndim == 1 && y->ndim == 1 && x->numel == y->numel && (dim == 0 || dim == -1))
        return op_call(c, &op_vdot, k->args);
    return value_obj(t_sum_dims(c, t_mul(c, x, y), 1, &dim, false));
}
static const OpDef op_vecdot = {
    .schema = "linalg_vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor",
    .doc = "Sums of products along a dimension.",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = vecdot_forward,
};

static const OpDef op_linalg_matmul = {
    .schema = "linalg_matmul(Tensor self, Tensor other) -> Tensor",
    .doc = "matmul",
    .forms = OP_LINALG | OP_OUT,
    .traits = OP_COMPOSITE,
    .forward = call_alias,
    .alias = &op_matmul,
};

static Value diagonal_forward(Ctx *c, Call *k) {
    return value_obj(t_diagonal(c, call_tensor(k, 0), call_int(k, 1), call_int(k, 2),
                                call_int(k, 3)));
}
static const OpDef op_linalg_diagonal = {
    .schema =
        "linalg_diagonal(Tensor(a) A, *, int offset=0, int dim1=-2, int dim2=-1) -> "
        "Tensor(a)",
    .doc = "The diagonals of matrices.",
    .forms = OP_LINALG,
    .traits = OP_COMPOSITE,
    .forward = diagonal_forward,
};

const OpDef *const linalg_matrix_ops[] = {
    &op_linalg_matrix_exp,
    &op_matrix_exp,
    &op_linalg_matrix_power,
    &op_matrix_power,
    &op_tensorinv,
    &op_tensorsolve,
    &op_vecdot,
    &op_linalg_matmul,
    &op_linalg_diagonal,
    NULL,
};
