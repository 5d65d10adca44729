/* torch_values: what torch's objects have in common on their way between the notation
 * and core: dtypes and devices as arguments, hook handles, backward's arguments. */
#ifndef RUNNER_TORCH_VALUES_H
#define RUNNER_TORCH_VALUES_H

#include "runner/values/dict.h"
#include "runner/values/protocol.h"

/* The dtype that v names: a torch.dtype, the classes float, int, bool, or a text such
 * as "torch.DoubleTensor". DT_none after raising. */
DType dtype_from_value(Ctx *c, Value v);
/* The dtype that the classes int, float and bool stand for; false for other values. */
bool dtype_of_type(Value v, DType *out);
/* t.requires_grad = on for a leaf; RuntimeError `refusal` for integers. */
bool tensor_require_grad(Ctx *c, Tensor *t, bool on, const char *refusal);
/* A torch.utils.hooks.RemovableHandle for entry id of l. */
Value hook_handle(Ctx *c, HookList *l, int64_t id);

/* grad_fn.metadata: a dict that lives with the node. */
Value node_metadata(Ctx *c, Node *n);
/* grad_fn(*gradients): what its backward makes of them; the graph stays as it is. */
Value node_call(Ctx *c, Value self, const Args *args);
/* What register_hook gives. */
extern const ObjType handle_type;

/* Whether argument i is there and not None. */
static inline bool arg_given(const Args *a, size_t i) {
    return !value_is_null(a->pos[i]) && !value_is_none(a->pos[i]);
}
/* bool(argument i), or what is meant when it is left out. */
bool arg_flag(Ctx *c, const Args *a, size_t i, bool absent);
/* An argument that PyTorch reads as a byte: retain_graph="a" is refused, 2 is true.
 * False where it was not given. */
bool torch_byte_flag(Ctx *c, Value v);
/* torch.autograd.backward: roots and grads each one value or a sequence; inputs None, a
 * tensor or a sequence. */
bool torch_backward(Ctx *c, const Value *roots, const Value *grads, Value inputs,
                    bool keep_graph, bool create_graph);
/* torch.autograd.grad(outputs, inputs, grad_outputs): the tuple of gradients. */
Value torch_grad(Ctx *c, Value outputs, Value inputs, Value grads, BackwardOptions o);

#endif
