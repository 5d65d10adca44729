/* tensor_site: what a place in a cell remembers of the tensors that pass it.
 *
 * A name behind a tensor's dot means the same at every turn of a loop: an attribute, a
 * native method or the overloads of an operator.  An operator sign between tensors
 * means the same overload as long as the kinds of operands stay the same.
 */
#ifndef RUNNER_TENSOR_SITE_H
#define RUNNER_TENSOR_SITE_H

#include "runner/evaluate/env.h"
#include "runner/torch/tensor_ops.h"
#include "runner/values/protocol.h"

/* One of these is set. */
typedef struct TensorName {
    const TensorGetter *getter;
    const Native *native;
    const OverloadSet *set;
} TensorName;

/* What t.name is; false when only the tensor itself knows (an attribute of its
 * own or of its subclass), or nothing of that name is found. */
bool tensor_name(Ctx *c, const Tensor *t, Str *name, Cache *cache, TensorName *out);

/* a OP b and a OP= b where a or b is a tensor. */
Value tensor_site_binary(Frame *f, Cache *site, BinaryOp op, Value a, Value b);
Value tensor_site_inplace(Frame *f, Cache *site, BinaryOp op, Value a, Value b);

#endif
