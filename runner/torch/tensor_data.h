/* tensor_data: tensors from Python values: torch.tensor(data), x[[0, 2]], new_tensor.
 *
 * Nested lists and tuples (and other sequences) of numbers give a tensor with a
 * dimension for each level; its dtype is the promotion of all elements, as PyTorch's
 * internal_new_from_data infers it.  Tensors of one element count as numbers.
 */
#ifndef RUNNER_TENSOR_DATA_H
#define RUNNER_TENSOR_DATA_H

#include "runner/values/protocol.h"

/* The dtype of the numbers in v; DT_none after raising: RuntimeError "Could not infer
 * dtype of NoneType", TypeError "new(): invalid data type 'str'". */
DType data_infer_dtype(Ctx *c, Value v);
/* A new tensor (pool) with the numbers in v; dtype DT_none infers it. A tensor is
 * copied. ValueError "expected sequence of length 2 at dim 1 (got 1)", TypeError "not a
 * sequence", RuntimeError "value cannot be converted to type uint8 without overflow".
 */
Tensor *tensor_from_data(Ctx *c, Value v, DType dtype);
/* UserWarning of `maker` (torch.tensor) that was given a tensor. */
void tensor_warn_of_copy(Ctx *c, const char *maker);

#endif
