/* ops.h: operators as C functions, for formulas and for the engine.
 *
 * Each calls the dispatcher, so what it does is recorded like any other call.  Results
 * belong to the pool; NULL while an error is pending, and NULL arguments then are fine.
 */
#ifndef CORE_OPS_OPS_H
#define CORE_OPS_OPS_H

#include "../op.h"

/* Declarations that core itself refers to. */
extern const OpDef op_as_strided;

/* ---- create ---- */
Tensor *t_empty_strided(Ctx *c, int ndim, const int64_t *sizes, const int64_t *strides,
                        DType dtype);
Tensor *t_ones_like(Ctx *c, Tensor *self);

/* ---- cast_copy ---- */
Tensor *t_clone(Ctx *c, Tensor *self);
Tensor *t_copy_(Ctx *c, Tensor *self, Tensor *src);
Tensor *t_to_dtype(Ctx *c, Tensor *self, DType dtype);
Tensor *t_zero_(Ctx *c, Tensor *self);

/* ---- view ---- */
Tensor *t_as_strided(Ctx *c, Tensor *self, int ndim, const int64_t *sizes,
                     const int64_t *strides, int64_t offset);

/* ---- reduce ---- */
Tensor *t_sum(Ctx *c, Tensor *self);
Tensor *t_sum_to_size(Ctx *c, Tensor *self, int ndim, const int64_t *sizes);

/* ---- arith ---- */
Tensor *t_add(Ctx *c, Tensor *self, Tensor *other);
Tensor *t_add_(Ctx *c, Tensor *self, Tensor *other);

/* ---- compare ---- */
Tensor *t_ne(Ctx *c, Tensor *self, Tensor *other);

#endif
