/* custom: functions whose forward and backward the host runs (torch.autograd.Function).
 *
 * The host runs the forward with gradients off, with the edges of the node
 * collected before, then completes the node and attaches the results to it.  The host
 * reaches its own data through the saved values of the node; the tensors it wants saved
 * stand behind these.
 */
#ifndef CORE_CUSTOM_H
#define CORE_CUSTOM_H

#include "node.h"

/* Which results are what, after the forward has run. */
typedef struct CustomResults {
    Node *node; /* NULL: nothing is recorded */
    Tensor *const *inputs;
    size_t n_inputs;
    Tensor **outputs; /* replaced where PyTorch gives another tensor; pool */
    size_t n_outputs;
    Tensor *const *dirty; /* mark_dirty */
    size_t n_dirty;
    Tensor *const *plain; /* mark_non_differentiable */
    size_t n_plain;
} CustomResults;

/* What is known before the forward runs: a node of the host's class with an edge to the
 * place that each input has now, which the forward may change; the pool's. */
Node *custom_begin(Ctx *c, const NodeClass *cls, Tensor *const *inputs,
                   size_t n_inputs);
/* The node that stays: begun's edges and age, with room for outputs and saved values;
 * the pool's. */
Node *custom_node(Ctx *c, Node *begun, size_t n_outputs, size_t n_saved);
/* Gives the outputs their place in the graph, as PyTorch's _wrap_outputs does: an input
 * given back is a new view of it, what was written in place gets new history, integers
 * get none. RuntimeError "a leaf Variable that requires grad has been used in an
 * in-place operation." */
bool custom_attach(Ctx *c, CustomResults *r);
/* Zeros like output nr of n, the gradient of an output that nobody used; pool. */
Tensor *custom_zeros(Ctx *c, const Node *n, size_t nr);

#endif
