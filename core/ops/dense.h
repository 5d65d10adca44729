/* dense: what families share whose kernels take contiguous arrays of float32, float64
 * or integers: arguments brought into that form, and results brought out of it.
 */
#ifndef CORE_OPS_DENSE_H
#define CORE_OPS_DENSE_H

#include "core/op.h"

/* The dtype that kernels compute in: float32 for float16 and bfloat16, else d. */
DType dense_dtype(DType d);
/* t contiguous and in dtype d; t itself when it is so. Nothing of it is recorded when a
 * forward calls it. */
Tensor *dense_of(Ctx *c, Tensor *t, DType d);
/* Memory for the elements of r, contiguous and in dtype d: r itself when it is so.
 * NULL when r is. */
Tensor *dense_for(Ctx *c, Tensor *r, DType d);
/* The same, filled with zeros. */
Tensor *dense_zeros_for(Ctx *c, Tensor *r, DType d);
/* r, holding what was computed in the memory that dense_for gave. */
Value dense_give(Tensor *r, const Tensor *dense);
/* call_ints for sizes, pads and strides: RuntimeError for numbers so large that sums of
 * their products could overflow. */
int dense_call_ints(Ctx *c, const Call *k, int i, int64_t *out, int max);
/* Room for n items of `size` bytes, a multiple of 8, that lives as long as the pool's
 * other results. */
void *dense_scratch(Ctx *c, int64_t n, size_t size);

/* Whether none of n elements of dtype d, one that kernels compute in, is infinite or
 * nan. */
bool dense_is_finite(DType d, const void *elements, int64_t n);

/* Raises a RuntimeError with the text in b, which it frees; false. */
bool dense_raise(Ctx *c, Buf *b);
/* Whether item j of argument i, a list of bools (output_mask), is true. */
bool dense_masked(const Call *k, int i, size_t j);

/* The product of the sizes of t but for the last n. */
int64_t dense_planes(const Tensor *t, int n);

#endif
