/* linalg: what the families of linear algebra share.
 *
 * A tensor [..., m, n] is a batch of matrices.  LAPACK's matrices lie column by column:
 * linalg_columns gives a contiguous tensor [..., n, m] that holds them so, and
 * linalg_give turns such a tensor into a result of the call.
 */
#ifndef CORE_OPS_LINALG_H
#define CORE_OPS_LINALG_H

#include "core/kernel/lapack.h"
#include "ops.h"

/* False after raising: LAPACK is not there. */
bool linalg_open(Ctx *c, Lapack *l);

/* ---- checks, in the words of the operator `name` ---- */

/* At least two dimensions: "NAME: The input tensor ARG must have at least 2
 * dimensions." */
bool linalg_matrix_check(Ctx *c, const Tensor *t, const char *name, const char *arg);
/* Also as many rows as columns. */
bool linalg_square_check(Ctx *c, const Tensor *t, const char *name);
/* Floats; half types only when `half`. LAPACK has routines for the others alone. */
bool linalg_float_check(Ctx *c, const Tensor *t, const char *name, bool half);
/* A [n, n] fits B in A X = B, or X A = B when not `left`. */
bool linalg_solve_check(Ctx *c, const Tensor *a, const Tensor *b, bool left,
                        const char *name);
/* The same in the words of older operators, and both of one dtype. */
bool linalg_old_solve_check(Ctx *c, const Tensor *b, const Tensor *a, const char *name);
/* "NAME: (Batch element 2): The ..." for the first info that is not 0; _LinAlgError. */
bool linalg_info_check(Ctx *c, const Tensor *info, const char *name, bool is_matrix);
/* Whether out= number nr may hold what was computed in d: "NAME: Expected WHAT to be
 * safely castable from Float dtype, but got WHAT with dtype Long". */
bool linalg_cast_check(Ctx *c, const Call *k, int nr, DType d, const char *name,
                       const char *what);
/* The dtypes that have an epsilon to PyTorch: "This function doesn't handle types other
 * than float and double". */
bool linalg_epsilon_check(Ctx *c, const Tensor *t);
/* The dtypes that LAPACK has. */
bool linalg_dtype_check(Ctx *c, const Tensor *t, const char *kernel);

/* ---- sizes ---- */

static inline int64_t rows_of(const Tensor *t) {
    return t->sizes[t->ndim - 2];
}
static inline int64_t cols_of(const Tensor *t) {
    return t->sizes[t->ndim - 1];
}
static inline int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* How small a singular value counts as 0, beside the largest: eps max(m, n). */
double linalg_rtol(const Tensor *a);

/* ---- batches ---- */

int64_t linalg_batch(const Tensor *t); /* how many matrices */
/* Whether b is a vector for each matrix of a, not a matrix. */
bool linalg_is_vector(const Tensor *a, const Tensor *b);
/* The batch dimensions of a and b, broadcast; false after raising. */
bool linalg_batch_shape(Ctx *c, const Tensor *a, const Tensor *b, Shape *out);
/* t's matrices with these batch dimensions. */
Tensor *linalg_expand(Ctx *c, Tensor *t, const Shape *batch);

Tensor *linalg_columns(Ctx *c, Tensor *t); /* a copy [..., n, m] of t [..., m, n] */
/* Zeros for matrices [batch..., m, n], as columns. */
Tensor *linalg_new_columns(Ctx *c, DType d, const Shape *batch, int64_t m, int64_t n);
Shape linalg_batch_dims(const Tensor *t);
/* A new contiguous tensor [batch..., extra...], n_extra of them. */
Tensor *linalg_new(Ctx *c, DType d, const Shape *batch, int n_extra,
                   const int64_t *extra);
/* out_prepare for matrices [batch..., m, n] that lie column by column. */
bool linalg_prepare(Ctx *c, Call *k, int nr, DType d, const Shape *batch, int64_t m,
                    int64_t n);
/* columns [..., n, m] as result nr of the call, [..., m, n]. */
Tensor *linalg_give(Ctx *c, Call *k, int nr, Tensor *columns);
/* t as result nr as it is. */
Tensor *linalg_give_plain(Ctx *c, Call *k, int nr, Tensor *t);
/* t with its last two dimensions swapped. */
Tensor *linalg_mt(Ctx *c, Tensor *t);

/* ---- operators ---- */

extern const OpDef op_vector_norm;
/* Whether `dtype`, None or what a norm is to be computed in, is wide enough for `own`,
 * the input's. */
bool linalg_norm_dtype_check(Ctx *c, const char *name, DType own, Value dtype);
/* The product of all others along dim >= 0, element by element. */
Tensor *others_product(Ctx *c, Tensor *x, int64_t dim);
Tensor *t_nan_to_num_(Ctx *c, Tensor *self, double nan, double posinf, double neginf);
/* Whether there are two dims, unless `whole`: "nuclear norm requires a 'dim' ...". */
bool nuclear_dims_check(Ctx *c, bool whole, int n);
/* Over all of a matrix when n is 0. */
Tensor *t_nuclear_norm(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim);

Tensor *t_linalg_inv(Ctx *c, Tensor *a);
/* The same in whose name errors are raised. */
Tensor *linalg_inverse_named(Ctx *c, Tensor *a, const char *name);
bool t_linalg_inv_ex(Ctx *c, Tensor *a, Tensor *out[2]); /* inverse, info */
Tensor *t_svdvals(Ctx *c, Tensor *a);
Tensor *t_linalg_solve(Ctx *c, Tensor *a, Tensor *b, bool left);
Tensor *t_linalg_solve_triangular(Ctx *c, Tensor *a, Tensor *b, TriangularSolve how);
Tensor *t_linalg_lu_solve(Ctx *c, Tensor *lu, Tensor *pivots, Tensor *b, bool left,
                          bool adjoint);
/* LU [..., m, n], pivots and info of a, unrecorded; of its transpose when `flip`. */
bool linalg_factor(Ctx *c, Tensor *a, bool flip, Tensor **lu, Tensor **pivots,
                   Tensor **info);
/* X of A X = B by columns, from the factors of A, or of A^T when `adjoint`; when not
 * `left`, X of X A = B by rows. Unrecorded. */
Tensor *linalg_lu_solution(Ctx *c, Tensor *lu, Tensor *pivots, Tensor *b, bool left,
                           bool adjoint);
/* The first n items of the tuple that an operator gave; false when it gave none. */
bool linalg_items(Value v, size_t n, Tensor **out);
/* Calls `def` for k, an operator with the same results but for the last of n, info,
 * which says where it failed; k's out= takes the others. */
bool linalg_call_ex(Ctx *c, const Call *k, const OpDef *def, const Value *args,
                    size_t n, Tensor **out);
/* a -> reflectors and R by columns; tau [..., k]. */
Tensor *linalg_reflect(Ctx *c, Tensor *a, Tensor **tau);
/* Reflectors by columns [..., n, m] -> the first n columns of their product. */
bool linalg_build_q(Ctx *c, Tensor *columns, Tensor *tau);
Tensor *t_linalg_det(Ctx *c, Tensor *a);
/* U, S, Vh. */
bool t_linalg_svd(Ctx *c, Tensor *a, bool full, Tensor *out[3]);
/* Eigenvalues and eigenvectors of a symmetric a, of which one triangle is read. */
bool t_linalg_eigh(Ctx *c, Tensor *a, bool upper, Tensor **values, Tensor **vectors);
Tensor *t_linalg_pinv(Ctx *c, Tensor *a);
/* The gradient of a, whose pseudoinverse is p. */
Tensor *linalg_pinv_gradient(Ctx *c, Tensor *grad, Tensor *p, Tensor *a);
Tensor *t_diag_embed_last(Ctx *c, Tensor *t); /* [..., n] -> [..., n, n] */

#endif
