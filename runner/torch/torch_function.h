/* torch_function: torch.autograd.Function: forward and backward written in cells.
 *
 * The classes stand in prelude/torch.autograd.function.py; here is what runs a forward,
 * records it as a node, and runs the backward.  The node keeps the ctx object, which
 * knows nothing of the node: the two cannot keep each other alive.
 */
#ifndef RUNNER_TORCH_FUNCTION_H
#define RUNNER_TORCH_FUNCTION_H

#include "runner/evaluate/state.h"

/* apply(cls, *args), saved_tensors(ctx). */
extern const Native function_natives[];
/* The ctx of a node that a Function recorded, borrowed; VAL_NULL for other nodes. */
Value function_node_ctx(const Node *n);
/* ctx.saved_tensors by the node. RuntimeError when they have been freed. */
Value function_node_saved(Ctx *c, Node *n);

#endif
