"""torch.autograd: backward and grad."""

import torch._C as _C
import torch
import warnings
from torch.autograd.grad_mode import no_grad, enable_grad, set_grad_enabled, inference_mode


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False,
             grad_variables=None, inputs=None):
    if grad_variables is not None:
        warnings.warn("'grad_variables' is deprecated. Use 'grad_tensors' instead.")
        if grad_tensors is not None:
            raise RuntimeError("'grad_tensors' and 'grad_variables' (deprecated) arguments both "
                               "passed to backward(). Please only use 'grad_tensors'.")
        grad_tensors = grad_variables
    if inputs is not None and len(inputs) == 0:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    _C.backward(tensors, grad_tensors, retain_graph, create_graph, inputs)


def _check_batch(outputs, vectors):
    for i, (output, vector) in enumerate(zip(outputs, vectors)):
        if vector is not None and output.shape != vector[0].shape:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output "
                "as the batch dimension. The sizes of the remaining dimensions are expected to "
                "match the shape of corresponding output, but a mismatch was detected: "
                f"grad_output[{i}] has a shape of {vector[0].shape[1:]} and output[{i}] has a shape "
                f"of {output.shape}. If you only want some tensors in `grad_output` to be "
                "considered batched, consider using vmap.")


def _grad_batched(outputs, inputs, vectors, retain_graph, create_graph, allow_unused):
    """One gradient for each item of a batch of vectors, stacked."""
    outputs = (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)
    vectors = (vectors,) if isinstance(vectors, torch.Tensor) else tuple(vectors)
    _check_batch(outputs, vectors)
    sizes = [len(v) for v in vectors if v is not None]
    if any(size != sizes[0] for size in sizes):
        raise ValueError("vmap: Expected all tensors to have the same size in the mapped "
                         f"dimension, got sizes {sizes} for the mapped dimension")
    size = sizes[0]
    rows = [_C.grad(outputs, inputs, tuple(v if v is None else v[i] for v in vectors),
                    retain_graph if i == size - 1 else True, create_graph, allow_unused)
            for i in range(size)]
    return tuple(None if column[0] is None else torch.stack(column)
                 for column in list(zip(*rows)))


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False,
         only_inputs=True, allow_unused=False, is_grads_batched=False):
    if not only_inputs:
        warnings.warn("only_inputs argument is deprecated and is ignored now (defaults to True). "
                      "To accumulate gradient for other parts of the graph, please use "
                      "torch.autograd.backward.")
    if is_grads_batched and grad_outputs is None:
        for output in (outputs,) if isinstance(outputs, torch.Tensor) else outputs:
            if output.numel() != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
        raise ValueError(
            "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a "
            "Tensor of dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0.")
    if is_grads_batched:
        return _grad_batched(outputs, inputs, grad_outputs, retain_graph, create_graph,
                             allow_unused)
    return _C.grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused)
