/* max_pool: what operators share that give the largest elements and their places.
 *
 * A place counts the elements of one plane of the input.
 */
#ifndef CORE_OPS_MAX_POOL_H
#define CORE_OPS_MAX_POOL_H

#include "pool_shape.h"

/* Results 0 and 1 of k as a pair: the largest element of each window and its place. */
Value max_pool_pair(Ctx *c, Call *k, Tensor *self, const PoolShape *s,
                    const Pooling *p);
/* Squeezes dimension -2 of both. */
Value squeezed_pair(Ctx *c, Value pair);
/* The forward of the gradients: arguments 0 and 1 are grad_output and self, index the
 * places. */
Value max_pool_back_forward(Ctx *c, Call *k, int dims, Tensor *index);
/* Their backward: the node has saved the places alone. */
void max_pool_double_backward(Ctx *c, Grad *g, int dims);
/* The elements of grad at the places, recorded: [..., in...], indices [..., out...]
 * -> [..., out...]. */
Tensor *pool_gather(Ctx *c, Tensor *grad, Tensor *indices, int dims);

#endif
