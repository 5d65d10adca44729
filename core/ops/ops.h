/* ops.h: operators as C functions, for formulas and for the engine.
 *
 * Each calls the dispatcher, so what it does is recorded like any other call.  Results
 * belong to the pool; NULL while an error is pending, and NULL arguments then are fine.
 * Int lists are (count, array) pairs.
 */
#ifndef CORE_OPS_OPS_H
#define CORE_OPS_OPS_H

#include "core/op.h"

/* ---- shared by families ---- */

/* t as C++ writes it to a stream. Owned by the pool. */
const char *tensor_stream_text(Ctx *c, const Tensor *t);
/* Whether self expands to sizes: "The expanded size of the tensor (3) must match ...".
 */
bool expand_check(Ctx *c, const Tensor *self, int n, const int64_t *sizes);
/* t's strides when it is dense (a permuted block), else those of a block in its order.
 */
void dense_strides_like(const Tensor *t, int64_t *strides);
/* A new tensor of the sizes of t in a memory format, a Value or None: t's order when
 * that is dense and the format None or preserve_format. */
Tensor *make_in_format(Ctx *c, const Tensor *t, DType dtype, Value format);
/* What schemas call the options of a new tensor. */
#define TENSOR_OPTIONS                                                                 \
    "ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? "         \
    "pin_memory=None"
/* The dtype of a new tensor: that of out=, or argument i, or fallback. */
DType create_dtype(const Call *k, int i, DType fallback);
/* An uninitialised tensor, its sizes argument `at`; options from `dtype_at` on. */
Tensor *create_sized(Ctx *c, Call *k, int at, int dtype_at, DType fallback);
/* An uninitialised tensor with the sizes, and unless the memory format says otherwise
 * the strides, of argument 0; its options are the arguments from `dtype_at` on. */
Tensor *create_like(Ctx *c, Call *k, int dtype_at);
/* t, which may be NULL after an error, as result 0 of the call. */
Value call_give(Ctx *c, Call *k, Tensor *t);
/* The backward of what changes the first argument by a constant, or not at all. */
void gradient_passes(Ctx *c, Grad *g);
/* The backward of operators that have a node in PyTorch, but no derivative. */
void derivative_missing(Ctx *c, Grad *g);
/* Checks of dtypes that many operators make; false after raising: "expected scalar type
 * Float but found Long", "Found dtype Long but expected Float", "result type Float
 * can't be cast to the desired output type Long". */
bool scalar_type_check(Ctx *c, DType expected, DType found);
bool found_dtype_check(Ctx *c, DType found, DType expected);
bool cast_check(Ctx *c, DType from, DType to);
/* For gradients whose kernels read t: whether it is, still, of this dtype and these
 * sizes; cells may have replaced what is saved (x.data = y, an unpack hook). */
bool saved_check(Ctx *c, const Tensor *t, DType d, int ndim, const int64_t *sizes);
/* The largest number of a type of floats. */
double dtype_largest(DType d);
/* X_kind and X_out_kind: what torch.X returns, a named tuple, without and with out=. */
#define RETURN_KIND(op, fields)                                                        \
    static const TupleKind op##_out_kind = {"torch.return_types." #op "_out", fields,  \
                                            NULL};                                     \
    static const TupleKind op##_kind = {"torch.return_types." #op, fields,             \
                                        &op##_out_kind};
/* n tensors as a tuple of that kind (NULL: a plain one, as for a Tensor[] argument),
 * owned by the pool; VAL_NULL when one of them is NULL, for then an error is pending.
 */
Value return_tuple(Ctx *c, const TupleKind *kind, size_t n, Tensor *const *tensors);
/* Result number nr of self's shape; a new one also of its order in memory. */
Tensor *call_result_like(Ctx *c, Call *k, int nr, DType dtype, const Tensor *self);
/* t with dim as the last of its dimensions, the others as they are; no history. */
Tensor *tensor_dim_last(Ctx *c, Tensor *t, int dim);
/* "[2, 3]", owned by the pool. */
const char *shape_text(Ctx *c, const Tensor *t);
/* A tuple of n Nones, owned by the pool. */
Value tensor_tuple(Ctx *c, size_t n);
/* Item i of such a tuple becomes t; false while an error is pending. */
bool tensor_tuple_put(Ctx *c, Value tuple, size_t i, Tensor *t);

/* ---- activation ---- */
Tensor *t_leaky_relu_backward(Ctx *c, Tensor *grad, Tensor *self, Value slope,
                              bool self_is_result);
Tensor *t_log_sigmoid(Ctx *c, Tensor *self);
Tensor *t_threshold_backward(Ctx *c, Tensor *grad_output, Tensor *self, Value limit);

/* ---- arith; numbers are bool, int or float values ---- */
extern const OpDef op_add, op_mul, op_div;
Value div_forward(Ctx *c, Call *k);
Tensor *t_add(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_add_(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_add_some(Ctx *c, Tensor *a, Tensor *b); /* either may be missing */
Tensor *t_addcmul(Ctx *c, Tensor *self, Tensor *tensor1, Tensor *tensor2);
Tensor *t_add_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_div(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_div_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_lerp_(Ctx *c, Tensor *self, Tensor *end, Tensor *weight);
Tensor *t_maybe_multiply(Ctx *c, Tensor *self, Value other); /* self when other is 1 */
Tensor *t_mul(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_mul_(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_mul_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_neg(Ctx *c, Tensor *self);
Tensor *t_scalar_div(Ctx *c, Value number, Tensor *other); /* number / other */
Tensor *t_scalar_sub(Ctx *c, Value number, Tensor *other); /* number - other */
Tensor *t_sub(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_sub_(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_sub_scalar(Ctx *c, Tensor *self, Value other);

/* ---- cast_copy ---- */
Tensor *t_clone(Ctx *c, Tensor *self);
Tensor *t_clone_contiguous(Ctx *c, Tensor *self);
Tensor *t_contiguous(Ctx *c, Tensor *self);
Tensor *t_copy_(Ctx *c, Tensor *self, Tensor *src);
Tensor *t_fill_(Ctx *c, Tensor *self, Tensor *value);
Tensor *t_to_dtype(Ctx *c, Tensor *self, DType dtype);
Tensor *t_zero_(Ctx *c, Tensor *self);

/* ---- choose ---- */
Tensor *t_clamp(Ctx *c, Tensor *self, Value min, Value max);
Tensor *t_clamp_min(Ctx *c, Tensor *self, Value min);
Tensor *t_clamp_min_(Ctx *c, Tensor *self, Value min);
Tensor *t_where(Ctx *c, Tensor *condition, Tensor *self, Tensor *other);

/* ---- compare; the results are bool ---- */
Tensor *t_eq(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_eq_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_ge(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_ge_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_gt(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_gt_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_le(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_le_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_lt(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_lt_scalar(Ctx *c, Tensor *self, Value other);
Tensor *t_maximum(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_minimum(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_ne(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_ne_scalar(Ctx *c, Tensor *self, Value other);

/* ---- create ---- */
Tensor *t_arange(Ctx *c, int64_t end); /* int64 */
Tensor *t_empty_like(Ctx *c, Tensor *self);
Tensor *t_empty_strided(Ctx *c, int ndim, const int64_t *sizes, const int64_t *strides,
                        DType dtype);
Tensor *t_full_like(Ctx *c, Tensor *self, Value number);
Tensor *t_linspace(Ctx *c, double start, double end, int64_t steps, DType dtype);
Tensor *t_ones(Ctx *c, int ndim, const int64_t *sizes, DType dtype);
Tensor *t_ones_like(Ctx *c, Tensor *self);
Tensor *t_zeros(Ctx *c, int ndim, const int64_t *sizes, DType dtype);
Tensor *t_zeros_like(Ctx *c, Tensor *self);

/* ---- cumulative ---- */
Tensor *t_cumprod(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_cumsum(Ctx *c, Tensor *self, int64_t dim);

/* ---- dims ---- */
Tensor *t_atleast(Ctx *c, Tensor *self, int ndim); /* atleast_1d, _2d, _3d */
Tensor *t_movedim(Ctx *c, Tensor *self, int64_t source, int64_t destination);
Tensor *t_movedims(Ctx *c, Tensor *self, int n, const int64_t *source,
                   const int64_t *destination);

/* ---- distance ---- */
Tensor *t_pairwise_distance(Ctx *c, Tensor *x1, Tensor *x2, double p, double eps);

/* ---- division ---- */
Tensor *t_div_mode(Ctx *c, Tensor *self, Tensor *other, const char *mode);

/* ---- dropout ---- */
Tensor *t_dropout(Ctx *c, Tensor *input, double p, bool train);

/* ---- einsum ---- */
/* a b [...], broadcast, summed over n dimensions, in order, which stay with size 1. */
Tensor *t_sum_product(Ctx *c, Tensor *a, Tensor *b, int n, const int64_t *dims);

/* ---- exponential ---- */
extern const OpDef op_erf, op_erfc, op_exp2, op_expm1, op_log1p, op_sigmoid;
Tensor *t_erf(Ctx *c, Tensor *self);
Tensor *t_exp(Ctx *c, Tensor *self);
Tensor *t_exp_(Ctx *c, Tensor *self);
Tensor *t_log(Ctx *c, Tensor *self);
Tensor *t_log_(Ctx *c, Tensor *self);
Tensor *t_log1p(Ctx *c, Tensor *self);
Tensor *t_reciprocal(Ctx *c, Tensor *self);
Tensor *t_rsqrt(Ctx *c, Tensor *self);
Tensor *t_sigmoid(Ctx *c, Tensor *self);
Tensor *t_sigmoid_backward(Ctx *c, Tensor *grad_output, Tensor *output);
Tensor *t_sqrt(Ctx *c, Tensor *self);

/* ---- gather ---- */
extern const OpDef op_gather, op_maximum, op_minimum;
Tensor *t_gather(Ctx *c, Tensor *self, int64_t dim, Tensor *index);
Tensor *t_scatter_(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *src);
Tensor *t_scatter_add(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *src);
Tensor *t_scatter_value(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Value number);

/* ---- index ---- */
Tensor *t_index(Ctx *c, Tensor *self, Value indices);
Tensor *t_index_put(Ctx *c, Tensor *self, Value indices, Tensor *values,
                    bool accumulate);
Tensor *t_index_put_(Ctx *c, Tensor *self, Value indices, Tensor *values,
                     bool accumulate);
Tensor *t_index_put_impl_(Ctx *c, Tensor *self, Value indices, Tensor *values,
                          bool accumulate);

/* The different elements of self, in the order in which a hash set lists them. */
Tensor *t_unique(Ctx *c, Tensor *self);

/* ---- index_parts ---- */
Tensor *t_index_add(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *source);
Tensor *t_index_fill(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Value number);
Tensor *t_index_fill_(Ctx *c, Tensor *self, int64_t dim, Tensor *index, Tensor *value);
Tensor *t_index_select(Ctx *c, Tensor *self, int64_t dim, Tensor *index);

/* ---- join ---- */
Tensor *t_cat(Ctx *c, Value tensors, int64_t dim);
Tensor *t_cat_pair(Ctx *c, Tensor *a, Tensor *b, int64_t dim);
Tensor *t_stack(Ctx *c, Value tensors, int64_t dim);

/* ---- logic; the results are bool ---- */
Tensor *t_isfinite(Ctx *c, Tensor *self);
Tensor *t_isinf(Ctx *c, Tensor *self);
Tensor *t_isnan(Ctx *c, Tensor *self);
Tensor *t_logical_and(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_logical_and_(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_logical_not(Ctx *c, Tensor *self);
Tensor *t_logical_or(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_logical_xor(Ctx *c, Tensor *self, Tensor *other);

/* ---- masked ---- */
Tensor *t_masked_select(Ctx *c, Tensor *self, Tensor *mask);
Tensor *t_masked_fill(Ctx *c, Tensor *self, Tensor *mask, Tensor *value);
Tensor *t_masked_fill_(Ctx *c, Tensor *self, Tensor *mask, Tensor *value);
Tensor *t_masked_fill_scalar(Ctx *c, Tensor *self, Tensor *mask, Value number);
Tensor *t_masked_fill_scalar_(Ctx *c, Tensor *self, Tensor *mask, Value number);

/* ---- matmul ---- */
extern const OpDef op_matmul;
Tensor *t_matmul(Ctx *c, Tensor *self, Tensor *other);

/* ---- mm ---- */
extern const OpDef op_addmm, op_bmm, op_dot, op_mm, op_mv, op_vdot;
Tensor *t_addmm(Ctx *c, Tensor *self, Tensor *mat1, Tensor *mat2);
Tensor *t_bmm(Ctx *c, Tensor *self, Tensor *mat2);
Tensor *t_dot(Ctx *c, Tensor *self, Tensor *tensor);
Tensor *t_mm(Ctx *c, Tensor *self, Tensor *mat2);
Tensor *t_mv(Ctx *c, Tensor *self, Tensor *vec);
Tensor *t_outer(Ctx *c, Tensor *self, Tensor *vec2);

/* ---- pad ---- */
/* Zeros around self, or cut away; see pad.c for the order of pads. */
Tensor *t_constant_pad(Ctx *c, Tensor *self, int n, const int64_t *pad);

/* ---- nonzero ---- */
/* [ndim, n]: row d holds the indices along d of the elements that are not zero. */
Tensor *nonzero_columns(Ctx *c, const Tensor *self);
Value t_nonzero_tuple(Ctx *c, Tensor *self); /* nonzero(as_tuple=True) */

/* ---- pairs ---- */
extern const OpDef op_xlogy, op_xlogy_self, op_xlogy_other;

/* ---- power ---- */
Tensor *t_pow(Ctx *c, Tensor *self, Tensor *exponent);
Tensor *t_pow_scalar(Ctx *c, Tensor *self, Value exponent);
Tensor *t_pow_scalar_(Ctx *c, Tensor *self, Value exponent);
Tensor *t_scalar_pow(Ctx *c, Value base, Tensor *exponent);

/* ---- products ---- */
extern const OpDef op_tensordot;

/* ---- rearrange ---- */
Tensor *t_flip(Ctx *c, Tensor *self, int n, const int64_t *dims);
Tensor *t_repeat(Ctx *c, Tensor *self, int n, const int64_t *repeats);
Tensor *t_tril(Ctx *c, Tensor *self, int64_t diagonal);
Tensor *t_triu(Ctx *c, Tensor *self, int64_t diagonal);

/* ---- reduce ---- */
/* Saves of an operator whose result was chosen along a dimension: self.sizes, dim,
 * keepdim, indices. */
void chosen_backward(Ctx *c, Grad *g);
/* Saves of an operator that gave one element of all: self, result. Equal elements share
 * the gradient. */
void extreme_backward(Ctx *c, Grad *g);
/* IndexError "max(): Expected reduction dim 0 to have non-zero size." */
bool nonzero_dim(Ctx *c, const char *name, const Tensor *self, int dim);
Tensor *t_any_dim(Ctx *c, Tensor *self, int64_t dim, bool keepdim); /* bool */
Tensor *t_amax(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim);
Tensor *t_amin(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim);
Tensor *t_mean(Ctx *c, Tensor *self);
Tensor *t_mean_dims(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim);
Tensor *t_sum(Ctx *c, Tensor *self);
Tensor *t_prod_dim(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_sum_dims(Ctx *c, Tensor *self, int n, const int64_t *dims, bool keepdim);
Tensor *t_sum_to_size(Ctx *c, Tensor *self, int ndim, const int64_t *sizes);

/* ---- rounding ---- */
extern const OpDef op_round_decimals;
Tensor *t_abs(Ctx *c, Tensor *self);
Tensor *t_ceil_(Ctx *c, Tensor *self);
Tensor *t_floor_(Ctx *c, Tensor *self);
Tensor *t_round_(Ctx *c, Tensor *self);
Tensor *t_sgn(Ctx *c, Tensor *self);

/* ---- slice ---- */
extern const OpDef op_slice, op_unfold;
Tensor *t_diagonal(Ctx *c, Tensor *self, int64_t offset, int64_t dim1, int64_t dim2);
Tensor *t_narrow(Ctx *c, Tensor *self, int64_t dim, int64_t start, int64_t length);
Tensor *t_diagonal_backward(Ctx *c, Tensor *grad, Value sizes, int64_t offset);
Tensor *t_select(Ctx *c, Tensor *self, int64_t dim, int64_t index);
Tensor *t_slice(Ctx *c, Tensor *self, int64_t dim, int64_t start, int64_t end,
                int64_t step);

/* ---- sort ---- */
Value t_sort(Ctx *c, Tensor *self, int64_t dim, bool descending); /* a pair */

/* ---- special ---- */
Tensor *t_digamma(Ctx *c, Tensor *self);
Tensor *t_lgamma(Ctx *c, Tensor *self);
Tensor *t_polygamma(Ctx *c, int64_t n, Tensor *self);
/* ---- softmax ---- */
Tensor *t_log_softmax(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_softmax(Ctx *c, Tensor *self, int64_t dim);

/* ---- split; the results are tuples ---- */
Value t_unbind(Ctx *c, Tensor *self, int64_t dim);

/* ---- take ---- */
Tensor *t_put(Ctx *c, Tensor *self, Tensor *index, Tensor *source, bool accumulate);
Tensor *t_put_(Ctx *c, Tensor *self, Tensor *index, Tensor *source, bool accumulate);

/* ---- trig ---- */
Tensor *t_cos(Ctx *c, Tensor *self);
Tensor *t_cosh(Ctx *c, Tensor *self);
Tensor *t_sin(Ctx *c, Tensor *self);
Tensor *t_tanh(Ctx *c, Tensor *self);
Tensor *t_tanh_backward(Ctx *c, Tensor *grad_output, Tensor *output);

/* ---- vector_norm ---- */
Tensor *t_norm(Ctx *c, Tensor *self, Value p, int n, const int64_t *dims, bool keepdim);

/* ---- view ---- */
extern const OpDef op_as_strided, op_transpose;
Tensor *t_alias(Ctx *c, Tensor *self);
Tensor *t_as_strided(Ctx *c, Tensor *self, int ndim, const int64_t *sizes,
                     const int64_t *strides, int64_t offset);
Tensor *t_detach(Ctx *c, Tensor *self);
Tensor *t_expand(Ctx *c, Tensor *self, int ndim, const int64_t *sizes);
Tensor *t_flatten(Ctx *c, Tensor *self); /* to one dimension */
Tensor *t_permute(Ctx *c, Tensor *self, int ndim, const int64_t *dims);
Tensor *t_reshape(Ctx *c, Tensor *self, int ndim, const int64_t *sizes);
Tensor *t_squeeze(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_squeeze_all(Ctx *c, Tensor *self);
Tensor *t_squeeze_(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_t(Ctx *c, Tensor *self);
Tensor *t_transpose(Ctx *c, Tensor *self, int64_t dim0, int64_t dim1);
Tensor *t_transpose_(Ctx *c, Tensor *self, int64_t dim0, int64_t dim1);
Tensor *t_unsafe_view(Ctx *c, Tensor *self, int ndim, const int64_t *sizes);
Tensor *t_unsqueeze(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_unsqueeze_(Ctx *c, Tensor *self, int64_t dim);
Tensor *t_view(Ctx *c, Tensor *self, int ndim, const int64_t *sizes);

/* An overload that names its dimensions, which only messages list: a row without a
 * forward. */
#define NAMES_ROW(where, text)                                                         \
    { .schema = text, .forms = where }

#endif
