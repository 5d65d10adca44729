/* See matrix_product.h. Sources: LinearAlgebra.cpp, Blas.cpp, CPUBlas.cpp, and the
 * reference BLAS. */
#include "matrix_product.h"

#include "core/kernel/matmul.h"

/* ---- checks ---- */

/* bool and float16 have no product on the CPU. */
bool product_check(Ctx *c, const char *kernel, const Tensor *a, const Tensor *b) {
    if (a->numel == 0 && (b->ndim > 1 || a->ndim > 1)) return true;
    if (b->numel == 0 && b->ndim > 1) return true;
    if (a->dtype == DT_bool || a->dtype == DT_float16)
        error_raise(c, RuntimeError, "\"%s\" not implemented for '%s'", kernel,
                    dtype_scalar_name((DType)a->dtype));
    else
        scalar_type_check(c, (DType)a->dtype, (DType)b->dtype);
    return !ctx_failed(c);
}

/* ---- how BLAS sees the matrices ---- */

/* Whether neighbours along dim lie side by side, in lines that do not overlap. */
static bool lies_along(const Tensor *t, int dim) {
    int64_t line = t->sizes[dim] > 1 ? t->sizes[dim] : 1;
    return t->strides[dim] == 1 && t->strides[1 - dim] >= line;
}

/* Which operands BLAS is told to transpose: it has columns side by side, so that it is
 * asked for b^T a^T, or for a b when that is one column. */
typedef struct BlasForm {
    bool first, second;
} BlasForm;

static BlasForm blas_form(const Tensor *a, const Tensor *b) {
    if (b->sizes[1] == 1) return (BlasForm){!lies_along(a, 0), !lies_along(b, 0)};
    return (BlasForm){!lies_along(b, 1) && lies_along(b, 0),
                      !lies_along(a, 1) && lies_along(a, 0)};
}

/* Multiply-adds from which on bfloat16 is left to a library that sums floats. */
enum { LARGE_BFLOAT16 = 16 * 16 * 16 };

static bool is_large(int64_t work) {
    return work > LARGE_BFLOAT16;
}

/* ---- sums ---- */

/* A factor of integers is one, that of bfloat16 is rounded to it. */
static Value factor_for(DType d, Value v) {
    if (v.tag != VAL_FLOAT || d == DT_float32 || d == DT_float64) return v;
    if (d != DT_bfloat16) return value_int((int64_t)v.as.f);
    return value_float(bfloat16_rounded((float)v.as.f));
}

/* The left matrix of kernel_matmul for products of dtype d. */
static Tensor *left_of(Ctx *c, Tensor *a, DType d) {
    return t_to_dtype(c, a, d == DT_bfloat16 ? DT_float32 : d);
}

/* r = beta r */
static bool scale(Ctx *c, Tensor *r, Value beta) {
    Tensor *from = value_as_double(beta) == 0
                       ? tensor_scalar(c, (DType)r->dtype, value_int(0))
                       : t_maybe_multiply(c, r, beta);
    if (from && from != r) tensor_copy(r, from);
    return from;
}

static Matrix matrix_of(const Tensor *t) {
    return (Matrix){tensor_data(t), t->ndim ? t->strides[0] : 0,
                    t->ndim > 1 ? t->strides[1] : 0};
}

/* r += a b for matrices, a vector b or two vectors, of the dtypes of kernel_matmul. */
static void add_product(const Tensor *r, const Tensor *a, const Tensor *b) {
    MatmulSize s = {1, b->ndim > 1 ? b->sizes[1] : 1, b->sizes[0]};
    Matrix left = matrix_of(a);
    if (a->ndim > 1)
        s.m = a->sizes[0];
    else
        left = (Matrix){left.data, 0, left.row};
    kernel_matmul((DType)r->dtype, s, left, matrix_of(b), matrix_of(r));
}

/* r = beta r + a b, the sums begun with beta r. */
static bool sum_onto(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta) {
    DType d = (DType)r->dtype;
    a = left_of(c, a, d);
    if (!a || !b || !scale(c, r, factor_for(d, beta))) return false;
    add_product(r, a, b);
    return true;
}

/* r = beta r + alpha a b, the product computed by itself, in dtype d. */
static bool sum_apart(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta, Value alpha,
                      DType d) {
    Tensor *product = t_zeros(c, r->ndim, r->sizes, d);
    a = left_of(c, a, d);
    b = t_to_dtype(c, b, d);
    if (!product || !a || !b) return false;
    alpha = factor_for(d, alpha);
    beta = factor_for(d, beta);
    add_product(product, a, b);
    product = t_maybe_multiply(c, product, alpha);
    if (value_as_double(beta) != 0)
        product = t_add(c, t_maybe_multiply(c, t_to_dtype(c, r, d), beta), product);
    tensor_copy(r, product);
    return product;
}

/* Whether a factor of 0 leaves the product out, nan and all, as BLAS does; `large`:
 * bfloat16 by a library. */
static bool left_out(DType d, Value alpha, bool large) {
    bool library = d == DT_float32 || d == DT_float64 || (d == DT_bfloat16 && large);
    return library && value_as_double(alpha) == 0;
}

static bool matrices_into(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta,
                          Value alpha, bool large) {
    DType d = (DType)r->dtype;
    if (a->numel == 0 || b->numel == 0 || left_out(d, alpha, false))
        return scale(c, r, beta);
    BlasForm form = blas_form(a, b);
    bool half = d == DT_bfloat16;
    if (half && (large || (form.first && !form.second)))
        return sum_apart(c, r, a, b, beta, alpha, DT_float32);
    if (form.first && !half) return sum_apart(c, r, a, b, beta, alpha, d);
    /* bfloat16 times alpha is not rounded here. */
    a = t_maybe_multiply(c, left_of(c, a, d), half ? alpha : factor_for(d, alpha));
    return sum_onto(c, r, a, b, beta);
}

bool product_into(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta, Value alpha) {
    bool large = is_large(a->numel * b->sizes[1]);
    return matrices_into(c, r, a, b, beta, alpha, large);
}

/* Products of less work than this have a kernel that knows no layouts. */
enum { SMALL_BATCHED = 400 };

bool product_batch_into(Ctx *c, Tensor *r, Tensor *a, Tensor *b, Value beta,
                        Value alpha) {
    int64_t work = a->sizes[1] * a->sizes[2] * b->sizes[2];
    if (a->numel == 0 || b->numel == 0) return scale(c, r, beta);
    bool small = work < SMALL_BATCHED, large = is_large(work * a->sizes[0]);
    if (!small && left_out((DType)r->dtype, alpha, large)) return scale(c, r, beta);
    if (small) a = t_maybe_multiply(c, a, factor_for((DType)r->dtype, alpha));
    if (!a) return false;
    for (int64_t i = 0; i < r->sizes[0]; i++) {
        Tensor *to = t_select(c, r, 0, i), *left = t_select(c, a, 0, i),
               *right = t_select(c, b, 0, i);
        if (!to || !left || !right) return false;
        if (!(small ? sum_onto(c, to, left, right, beta)
                    : matrices_into(c, to, left, right, beta, alpha, large)))
            return false;
    }
    return true;
}

bool product_vector_into(Ctx *c, Tensor *r, Tensor *a, Tensor *v, Value beta,
                         Value alpha) {
    DType d = (DType)r->dtype;
    bool large = is_large(a->numel);
    if (a->numel == 0 || left_out(d, alpha, large)) return scale(c, r, beta);
    if (d == DT_bfloat16 && large)
        return sum_apart(c, r, a, v, beta, alpha, DT_float32);
    if (!lies_along(a, 0)) return sum_apart(c, r, a, v, beta, alpha, d);
    v = t_maybe_multiply(c, v, factor_for(d, alpha));
    return sum_onto(c, r, a, v, beta);
}

bool product_dot(Ctx *c, Tensor *r, Tensor *a, Tensor *b) {
    bool large = r->dtype == DT_bfloat16 && is_large(a->numel);
    return sum_apart(c, r, a, b, value_int(0), value_int(1),
                     large ? DT_float32 : (DType)r->dtype);
}
