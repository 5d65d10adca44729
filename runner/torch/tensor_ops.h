/* tensor_ops: tensors as the notation sees them.
 *
 *   tensor_ops.c      the row of tensors in the table of types: text, truth, operators
 *   tensor_index.c    x[...] and x[...] = value: Python indices to core's
 *   tensor_data.c     nested lists to tensors: torch.tensor
 *   tensor_attrs.c    attributes: shape, dtype, grad, grad_fn, data, T ...; setting
 * them tensor_methods.c  methods that PyTorch writes in Python or by hand: backward,
 *                     register_hook, size, item, tolist, numpy's refusal ...
 *   node_ops.c        grad_fn objects: name(), next_functions, _saved_*
 *
 * Every other method of a tensor is an operator, found by op_find(c, OP_METHOD, ...).
 */
#ifndef RUNNER_TENSOR_OPS_H
#define RUNNER_TENSOR_OPS_H

#include "runner/values/protocol.h"

extern const Native tensor_methods[]; /* tensor_methods.c */

/* An attribute of every tensor. */
typedef struct TensorGetter {
    const char *name;
    Value (*get)(Ctx *c, Tensor *t);
} TensorGetter;
/* NULL when no attribute has that name. */
const TensorGetter *tensor_getter(const Str *name);
/* The method that a OP b calls, or a OP= b; NULL when there is none. */
const char *tensor_operator_name(BinaryOp op, bool in_place);

/* x.name: attributes and methods, operators among them; VAL_NULL without an error when
 * there is none. */
Value tensor_attr(Ctx *c, Value v, Str *name);
Value tensor_get_item(Ctx *c, Value v, Value key);
bool tensor_set_item(Ctx *c, Value v, Value key, Value value);
/* x.name = value; VAL_NULL deletes. AttributeError for what cannot be set. */
bool tensor_set_attr(Ctx *c, Value self, Str *name, Value v);

#endif
