/* Functions of matrices: matrix_exp, matrix_power, tensorinv, tensorsolve, vecdot.
 * Sources: LinearAlgebra.cpp, FunctionsManual.cpp. */
#include "linalg.h"

#include <inttypes.h>
#include <math.h>

/* ---- matrix_exp ----
 *
 * Taylor polynomials with few products (Bader, Blanes, Casas, 2019), of the degree that
 * the norm asks for; what is larger than the last limit is halved first and squared
 * afterwards. Sums of powers are fused, as PyTorch's compiler has them. */

enum { DEGREES = 6 };

/* The largest sum of a column's absolute values. */
static double largest_norm(Ctx *c, Tensor *a) {
    int64_t rows = -2;
    Tensor *t = t_amax(c, t_sum_dims(c, t_abs(c, a), 1, &rows, false), 0, NULL, false);
    Value v = t ? tensor_item(c, t) : value_float(0);
    return v.tag == VAL_FLOAT ? v.as.f : 0;
}

/* The sum of n matrices with their weights. */
static Tensor *weighted(Ctx *c, int n, const double *weights, Tensor *const *terms) {
    Tensor *sum = t_zeros_like(c, terms[0]);
    for (int i = 0; i < n; i++) {
        if (!sum || !terms[i]) return NULL;
        const void *x = tensor_data(terms[i]);
        void *to = tensor_data(sum);
        for (int64_t j = 0; j < sum->numel; j++)
            if (sum->dtype == DT_float32)
                ((float *)to)[j] =
                    fmaf((float)weights[i], ((const float *)x)[j], ((float *)to)[j]);
            else
                ((double *)to)[j] =
                    fma(weights[i], ((const double *)x)[j], ((double *)to)[j]);
    }
    return sum;
}

static Tensor *degree_4(Ctx *c, Tensor *const *p) {
    static const double w[] = {1.0 / 2, 1.0 / 6, 1.0 / 24};
    return t_add(c, t_add(c, p[0], p[1]), t_matmul(c, p[2], weighted(c, 3, w, p)));
}

/* The constants follow from the root of 177, each rounded to a's dtype; x7 has one
 * factor 3/2 less than the paper's, as PyTorch's has. */
static Tensor *degree_8(Ctx *c, Tensor *const *p) {
    const bool single = p[1] && p[1]->dtype == DT_float32;
#define ROUNDED(x) (single ? (double)(float)(x) : (x))
    const double root = ROUNDED(13.30413469565007072504), x3 = ROUNDED(2.0 / 3);
    const double x1 = ROUNDED(x3 * ((1 + root) / 88)),
                 x2 = ROUNDED(x3 * ((1 + root) / 352));
    const double low[] = {x1, x2}, high[] = {x3, 1};
    const double whole[] = {ROUNDED((-271 + 29 * root) / (315 * x3)),
                            ROUNDED((-11 + 11 * root) / (1260 * x3)),
                            ROUNDED((-99 + 11 * root) / (5040 * x3)),
                            ROUNDED((89 - root) / (5040 * x3))};
    const double last[] = {1, 1, ROUNDED((857 - 58 * root) / 630), 1};
#undef ROUNDED
    Tensor *fourth = t_matmul(c, p[2], weighted(c, 2, low, p + 1));
    Tensor *pair[] = {p[2], fourth}, *all[] = {p[0], p[1], p[2], fourth};
    Tensor *sum = weighted(c, 2, high, pair);
    all[3] = t_matmul(c, sum, weighted(c, 4, whole, all));
    return weighted(c, 4, last, all);
}

static Tensor *degree_12(Ctx *c, Tensor *const *p) {
    static const double w[4][4] = {{9.0198e-16, 0.46932117595418237389,
                                    -0.20099424927047284052, -0.04623946134063071740},
                                   {5.31597895759871264183, 1.19926790417132231573,
                                    0.01179296240992997031, 0.01108844528519167989},
                                   {0.18188869982170434744, 0.05502798439925399070,
                                    0.09351590770535414968, 0.00610700528898058230},
                                   {-2.0861320e-13, -0.13181061013830184015,
                                    -0.02027855540589259079, -0.00675951846863086359}};
    Tensor *all[] = {p[0], p[1], p[2], t_matmul(c, p[1], p[2])}, *b[4];
    for (int i = 0; i < 4; i++) b[i] = weighted(c, 4, w[i], all);
    Tensor *sixth = t_add(c, b[2], t_matmul(c, b[3], b[3]));
    return t_add(c, b[0], t_matmul(c, t_add(c, b[1], sixth), sixth));
}

static Tensor *degree_18(Ctx *c, Tensor *const *p) {
    static const double w[5][5] = {
        {0, -1.00365581030144618291e-01, -8.02924648241156932449e-03,
         -8.92138498045729985177e-04, 0},
        {0, 3.97849749499645077844e-01, 1.36783778460411720168e+00,
         4.98289622525382669416e-01, -6.37898194594723280150e-04},
        {-1.09676396052962061844e+01, 1.68015813878906206114e+00,
         5.71779846478865511061e-02, -6.98210122488052056106e-03,
         3.34975017086070470649e-05},
        {-9.04316832390810593223e-02, -6.76404519071381882256e-02,
         6.75961301770459654925e-02, 2.95552570429315521194e-02,
         -1.39180257516060693404e-05},
        {0, 0, -9.23364619367118555360e-02, -1.69364939002081722752e-02,
         -1.40086798182036094347e-05}};
    Tensor *cube = t_matmul(c, p[1], p[2]), *b[5];
    Tensor *all[] = {p[0], p[1], p[2], cube, t_matmul(c, cube, cube)};
    for (int i = 0; i < 5; i++) b[i] = weighted(c, 5, w[i], all);
    Tensor *ninth = t_add(c, t_matmul(c, b[0], b[4]), b[3]);
    return t_add(c, b[1], t_matmul(c, t_add(c, b[2], ninth), ninth));
}

/* The polynomial of a, [1, n, n]. */
static Tensor *taylor(Ctx *c, Tensor *a, int degree) {
    Tensor *one = t_zeros_like(c, a);
    if (!one) return NULL;
    t_copy_(c, t_diagonal(c, one, 0, -2, -1), t_ones(c, 0, NULL, (DType)a->dtype));
    if (degree == 0) return t_add(c, one, a);
    Tensor *powers[] = {one, a, t_matmul(c, a, a)};
    switch (degree) {
    case 1: return t_add(c, t_add(c, one, a), t_div_scalar(c, powers[2], value_int(2)));
    case 2: return degree_4(c, powers);
    case 3: return degree_8(c, powers);
    case 4: return degree_12(c, powers);
    default: return degree_18(c, powers);
    }
}

/* Up to which norm a degree will do: 1, 2, 4, 8, 12 and, after halving, 18. */
static const double limits[2][DEGREES] = {
    {1.192092800768788e-07, 5.978858893805233e-04, 5.116619363445086e-02,
     5.800524627688768e-01, 1.461661507209034e+00, 3.010066362817634e+00},
    {2.220446049250313e-16, 2.580956802971767e-08, 3.397168839976962e-04,
     4.991228871115323e-02, 2.996158913811580e-01, 1.090863719290036e+00}};

static int degree_for(DType d, double norm) {
    int degree = 0;
    while (degree < DEGREES - 1 && !(norm <= limits[d == DT_float64][degree])) degree++;
    return degree;
}

/* How often a matrix of this norm is halved. */
static int halvings(DType d, double norm) {
    double limit = limits[d == DT_float64][DEGREES - 1];
    double times = d == DT_float64 ? ceil(log2(norm / limit))
                                   : (double)ceilf(log2f((float)norm / (float)limit));
    return isfinite(times) && times > 0 ? (int)times : 0;
}

/* a is [1, n, n], n > 1. */
static Tensor *exponential(Ctx *c, Tensor *a) {
    if (!a) return NULL;
    DType d = (DType)a->dtype;
    double norm = largest_norm(c, a);
    int degree = degree_for(d, norm);
    if (degree < DEGREES - 1) return taylor(c, a, degree);
    int squares = halvings(d, norm);
    a = t_div_scalar(c, a, value_float(ldexp(1, squares)));
    Tensor *r = a ? taylor(c, a, degree) : NULL;
    for (int i = 0; i < squares; i++) r = t_matmul(c, r, r);
    return r;
}

/* float16 has no product of matrices and no logarithm. */
static bool half_check(Ctx *c, Tensor *a) {
    int degree =
        a->dtype == DT_float16 ? degree_for(DT_float64, largest_norm(c, a)) : 0;
    if (degree > 0)
        error_raise(c, RuntimeError, "\"%s\" not implemented for 'Half'",
                    degree < DEGREES - 1 ? "bmm" : "log2_vml_cpu");
    return !ctx_failed(c);
}

static Value matrix_exp_forward(Ctx *c, Call *k) {
    Tensor *a = call_tensor(k, 0);
    if (!linalg_square_check(c, a, "linalg.matrix_exp") ||
        !linalg_float_check(c, a, "matrix_exp", true))
        return value_null();
    if (a->numel == 0) return value_obj(t_clone(c, a));
    int64_t n = a->sizes[a->ndim - 1], flat[3] = {-1, n, n};
    if (n == 1) return value_obj(t_exp(c, a));
    if (!half_check(c, a)) return value_null();
    Tensor *r = t_empty_like(c, a);
    DType d = a->dtype == DT_float64 ? DT_float64 : DT_float32;
    Tensor *all = t_reshape(c, t_contiguous(c, t_to_dtype(c, a, d)), 3, flat);
    Tensor *out = all ? tensor_make(c, d, 3, all->sizes) : NULL;
    for (int64_t i = 0; out && r && i < all->sizes[0]; i++)
        t_copy_(c, t_narrow(c, out, 0, i, 1),
                exponential(c, t_narrow(c, all, 0, i, 1)));
    if (out && r && !ctx_failed(c))
        tensor_copy(r, t_reshape(c, out, a->ndim, a->sizes));
    return ctx_failed(c) ? value_null() : value_obj(r);
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
    if (k->form == CALL_OUT && x->ndim == 1 && y->ndim == 1)
        return out_resize(c, k, 0, 0, NULL) ? op_call(c, &op_vdot, k->args)
                                            : value_null();
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
