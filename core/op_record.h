/* op_record: the graph node of one call.
 *
 * Before the forward runs, a node takes its edges, one for each tensor argument that
 * may get a gradient and as many as it has items for a list, and what its operator's
 * plan (op_plan.h) says of the arguments; after it, its outputs and what the plan says
 * of the results.  Whether a call is recorded is the dispatcher's to say.
 */
#ifndef CORE_OP_RECORD_H
#define CORE_OP_RECORD_H

#include "op.h"

static inline bool requires_grad(const Tensor *t) {
    return t && tensor_requires_grad(t);
}

/* The tensors of one argument: itself, or the items of a list. */
static inline size_t tensors_of(const TensorParam *p, const Value *args,
                                const Value **items) {
    size_t n;
    *items = &args[p->at];
    if (!p->is_list) return 1;
    return value_items(args[p->at], items, &n) ? n : 0;
}

/* The node of a call with n_outputs results, without its outputs; in place it keeps the
 * former value of self. The pool owns it; NULL after raising. */
Node *op_record(Ctx *c, const Op *op, const Value *args, size_t n_outputs,
                bool in_place);
/* The node of an operator whose derivative PyTorch lacks: an edge for each argument
 * that requires grad, and nothing but the name for the message of backward. */
Node *op_record_missing(Ctx *c, const Op *op, const Value *args, size_t n_outputs,
                        bool in_place);
/* Gives the floating results, of `count` that the call has, n as their history, and n
 * what it saves of them. */
bool op_record_results(Ctx *c, const Op *op, Node *n, const Value *results,
                       size_t count);
/* The latter alone. */
bool op_save_results(Ctx *c, Node *n, const Op *op, const Value *results, size_t count);
/* A node as a recorded call of def with these arguments and this first result would
 * leave it: edges, output 0, saved arguments (no saved results). The pool owns it. */
Node *op_make_node(Ctx *c, const OpDef *def, const Value *args, const Tensor *result);

#endif
