/* engine: the backward pass.
 *
 * Nodes run from the roots towards the leaves, the most recently recorded first, each
 * when all gradients that flow into it have been added up; AccumulateGrad nodes run as
 * soon as they are ready.  Everything is iterative: a graph of a million nodes runs in
 * constant stack.  Gradients are summed to the shape and cast to the dtype of what they
 * belong to.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "node.h"

typedef struct BackwardOptions {
    bool keep_graph;
    bool create_graph;
    bool allow_unused; /* engine_grad only */
} BackwardOptions;

/* Tensor.backward / torch.autograd.backward: adds into .grad of the leaves, or of
 * `inputs` only when n_inputs > 0. grads[i] NULL: ones, for a root of one element. */
bool engine_backward(Ctx *c, Tensor *const *roots, Tensor *const *grads, size_t n_roots,
                     Tensor *const *inputs, size_t n_inputs, BackwardOptions o);
/* torch.autograd.grad: results[i] (pool) is the gradient of inputs[i], or NULL when
 * unused and allowed. */
bool engine_grad(Ctx *c, Tensor *const *roots, Tensor *const *grads, size_t n_roots,
                 Tensor *const *inputs, size_t n_inputs, BackwardOptions o,
                 Tensor **results);

/* Whether `given` may flow into root number i: it has its size, or is NULL and the root
 * has one element or needs no gradient. RuntimeError "Mismatch in shape: ...", "grad
 * can be implicitly created only for scalar outputs". */
bool engine_check_gradient(Ctx *c, size_t i, Tensor *root, const Tensor *given);
/* The same of all roots, and whether each takes part in a graph: "element 0 of tensors
 * does not require grad and does not have a grad_fn". */
bool engine_check_roots(Ctx *c, Tensor *const *roots, Tensor *const *grads, size_t n);

#endif
