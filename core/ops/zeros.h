/* zeros: the zero that a derivative may be as a whole.
 *
 * The gradient of sgn is nothing but zeros, and PyTorch knows it: what is added to such
 * a tensor stays as it is (-0.0 too), what is multiplied by it is such a tensor again
 * (without -0.0, and whatever is infinite), and nobody may write into it. Its views
 * share its storage, which holds the mark; other operators see ordinary zeros.
 * Source: BinaryOps.cpp, ZeroTensorFallback.cpp.
 */
#ifndef CORE_OPS_ZEROS_H
#define CORE_OPS_ZEROS_H

#include "core/pointwise.h"

/* Such a tensor, contiguous; owned by the pool. */
Tensor *zeros_make(Ctx *c, DType dtype, int ndim, const int64_t *sizes);

static inline bool zeros_is(const Tensor *t) {
    return t->storage->zeros;
}
/* Whether the call k makes a new tensor and one of its operands is such a tensor: then
 * one of these is its result, the operands and dtypes being those of p. */
static inline bool zeros_among(const Call *k, const Tensor *a, const Tensor *b) {
    return k->form == CALL_NEW && (zeros_is(a) || zeros_is(b));
}
Value zeros_sum(Ctx *c, const Pointwise *p, Value alpha); /* in[0] + alpha * in[1] */
Value zeros_product(Ctx *c, const Pointwise *p);
Value zeros_quotient(Ctx *c, const Pointwise *p);

#endif
