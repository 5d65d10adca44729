/* loss: what the families of losses share. */
#ifndef CORE_OPS_LOSS_H
#define CORE_OPS_LOSS_H

#include "core/pointwise.h"

/* How a loss is reduced: the `reduction` of their schemas. */
enum { REDUCE_NONE, REDUCE_MEAN, REDUCE_SUM };

/* t, its mean or its sum. */
Tensor *loss_reduced(Ctx *c, Tensor *t, int64_t reduction);
/* t, the gradient of the sum of as many elements as `like` has, as that of what they
 * were reduced to: divided by their number for a mean. */
Tensor *loss_spread(Ctx *c, Tensor *t, const Tensor *like, int64_t reduction);
/* What one of those elements counts in the reduced loss. */
double loss_norm(const Tensor *like, int64_t reduction);
/* RuntimeError "Found dtype Double but expected Float" unless all tensors have the
 * dtype of the first. */
bool loss_same_dtypes(Ctx *c, int n, Tensor *const *tensors);
/* The same for out=, where the loss has the dtype of self. */
bool loss_out_dtype(Ctx *c, const Call *k, Tensor *self);

#endif
