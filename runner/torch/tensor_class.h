/* tensor_class: tensors whose class is a subclass of torch.Tensor, and the attributes
 * that cells give tensors.
 *
 * Both lie in one Instance, the tensor's `attributes` (TensorExtra): its class, and the
 * dict of what was set.  A tensor without one is a plain torch.Tensor.  Results of
 * operators are plain tensors, whatever their operands are.
 */
#ifndef RUNNER_TENSOR_CLASS_H
#define RUNNER_TENSOR_CLASS_H

#include "runner/evaluate/classes.h"
#include "runner/values/native.h"

/* NULL: a torch.Tensor without attributes of its own. */
static inline Instance *tensor_instance(const Tensor *t) {
    return t->extra ? value_instance(t->extra->attributes) : NULL;
}
/* The same, made when missing; NULL when memory is short. */
Instance *tensor_make_instance(Ctx *c, Tensor *t);
/* torch.Tensor; NULL when memory is short. */
Class *tensor_class(Interp *in);
/* RuntimeError for a class that a tensor cannot be of. */
Value raise_no_subclass(Ctx *c);
/* torch.nn.Parameter and what derives from it. */
bool tensor_class_is_parameter(const Class *cls);
/* type(t) = cls, which derives from torch.Tensor. */
bool tensor_set_class(Ctx *c, Tensor *t, Class *cls);

/* What the tensor's subclass defines under that name, before torch.Tensor is asked;
 * VAL_NULL when nothing. */
Value tensor_subclass_find(const Tensor *t, Str *name);
/* x.anything that a cell has set, or VAL_NULL. */
Value tensor_own_attribute(const Tensor *t, Str *name);
/* x.anything = v; VAL_NULL deletes, AttributeError when there is nothing to delete. */
bool tensor_set_own_attribute(Ctx *c, Tensor *t, Str *name, Value v);

/* torch.Tensor._make_subclass */
extern const Native tensor_statics[];

#endif
