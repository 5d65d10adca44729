/* engine_leaf: where gradients end, in the .grad of the leaves. */
#ifndef CORE_ENGINE_LEAF_H
#define CORE_ENGINE_LEAF_H

#include "node.h"

/* Runs leaf's hooks on *grad (owned, may be NULL), which they may replace, and adds it
 * to leaf.grad. Without an earlier .grad, a gradient that nothing else holds becomes
 * it; any other is copied. Where the sum does not lie in memory as the leaf does,
 * *warning gets the text that says so, unless it holds one: it is to be given when the
 * pass is over. */
void leaf_accumulate(Ctx *c, Tensor *leaf, Tensor **grad, Str **warning);

/* Whether nobody but the pass holds t and its memory, and it has no history. */
bool grad_is_exclusive(const Tensor *t);

#endif
