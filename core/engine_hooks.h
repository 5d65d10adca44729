/* engine_hooks: what the user wants called during a backward pass.
 *
 * A hook gets gradients and may give others in their place, of the same dtype and size:
 * TypeError or RuntimeError when it gives anything else.
 */
#ifndef CORE_ENGINE_HOOKS_H
#define CORE_ENGINE_HOOKS_H

#include "node.h"

/* Runs the hooks of one tensor on its gradient; gives the new gradient (pool). */
Tensor *hooks_of_tensor(Ctx *c, HookList *l, Tensor *grad);
/* Those of n's outputs and grad_fn.register_prehook, before n runs: they may replace
 * `grads` (owned), the gradients of the outputs. */
void hooks_before(Ctx *c, const Node *n, Tensor **grads);
/* grad_fn.register_hook, after the node has run: may replace the gradients (pool) of
 * its n inputs. */
void hooks_after(Ctx *c, const Node *node, Tensor *const *grads, Tensor **inputs,
                 size_t n);

/* *slot, which is owned, becomes t. */
static inline void grad_replace(Ctx *c, Tensor **slot, Tensor *t) {
    Tensor *old = *slot;
    *slot = obj_retain(t);
    obj_release(c, old);
}

#endif
