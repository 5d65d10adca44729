/* reduction: what operators that reduce dimensions share.
 *
 * self [...] with some dimensions reduced -> the others; with keepdim the reduced ones
 * stay with size 1.  reduction_rows brings the reduced dimensions to the end, so that
 * the kernels (kernel/reduce.h) see rows.
 */
#ifndef CORE_REDUCTION_H
#define CORE_REDUCTION_H

#include "op.h"

typedef struct Reduction {
    bool reduced[MAX_DIMS]; /* by dimension of self */
    Shape shape;            /* of the result */
    int64_t rows;           /* elements of the result */
    int64_t n;              /* elements reduced to each */
} Reduction;

/* Marks the dimensions in a list: marked[0 .. ndim). RuntimeError "dim 0 appears
 * multiple times in the list of dims", "only tensors with up to 64 dims are supported".
 */
bool dims_mark(Ctx *c, int ndim, int n, const int64_t *dims, bool *marked);

/* From a list of dims; an empty list means all. IndexError for a bad one, RuntimeError
 * "dim 0 appears multiple times in the list of dims". */
bool reduction_plan(Ctx *c, const Tensor *self, int n_dims, const int64_t *dims,
                    bool keepdim, Reduction *r);
/* Whether self has all dims of argument i, which some functions of PyTorch ask before
 * they look for one that appears twice. */
bool reduction_dims_exist(Ctx *c, const Call *k, int i);
/* The same from argument i of a call, an int list, int or None. */
bool reduction_from_call(Ctx *c, const Call *k, int i, bool keepdim, Reduction *r);
/* self converted to d as contiguous rows [r->rows, r->n]; self's own memory when it
 * already lies so. */
Tensor *reduction_rows(Ctx *c, Tensor *self, const Reduction *r, DType d);
/* Whether self lies in memory as these rows, up to its dtype. */
bool reduction_in_place(const Tensor *self, const Reduction *r);

/* What a dtype is added up and multiplied in: half types in float, integers in int64.
 */
static inline DType sum_dtype(DType d) {
    if (d == DT_float16 || d == DT_bfloat16) return DT_float32;
    return dtype_is_floating(d) ? d : DT_int64;
}

/* Sizes out= number nr as PyTorch does where dim of self is reduced to indices and
 * values: the warning has the dimension that does not stay, too, when `opened`. */
bool reduction_out_resize(Ctx *c, const Call *k, int nr, const Tensor *self, int dim,
                          bool keepdim, bool opened);

/* grad of a reduced shape, its reduced dimensions put back with size 1 unless keepdim
 * kept them. Recorded. n_dims 0: all. */
Tensor *reduction_restore(Ctx *c, Tensor *grad, int self_ndim, int n_dims,
                          const int64_t *dims, bool keepdim);

#endif
