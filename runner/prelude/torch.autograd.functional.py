"""torch.autograd.functional: jacobians, hessians and their products with vectors.

A function of tensors is run on views of its inputs (create_graph) or on detached copies;
gradients come from torch.autograd.grad. Products with a jacobian from the right take the
gradient of a gradient: that is linear in the outer one, whose derivative is the product.
There is no forward mode here: what it would compute is computed in reverse mode.
"""

import torch

# ---- texts -------------------------------------------------------------------------------

_CONSTANT = {
    "outputs": (
        "Output {} of the user-provided function does not require gradients. The outputs must be "
        "computed in a differentiable manner from the input when running in strict mode."),
    "grad_inputs": (
        "The gradient with respect to input {} is independent of the inputs of the user-provided "
        "function. This is not allowed in strict mode."),
    "jacobian": (
        "While computing the hessian, found that the jacobian of the user-provided function with "
        "respect to input {} is independent of the input. This is not allowed in strict mode. You "
        "should ensure that your function is twice differentiable and that the jacobian depends "
        "on the inputs (this would be violated by a linear function for example)."),
    "hessian": (
        "The hessian of the user-provided function with respect to input {} is independent of the "
        "input. This is not allowed in strict mode. You should ensure that your function is "
        "thrice differentiable and that the hessian depends on the inputs."),
}

_UNUSED = {
    "back": (
        "The output of the user-provided function is independent of input {}. This is not allowed "
        "in strict mode."),
    "back_trick": (
        "The gradient with respect to the input is independent of entry {} in the grad_outputs "
        "when using the double backward trick to compute forward mode gradients. This is not "
        "allowed in strict mode."),
    "double_back": (
        "The jacobian of the user-provided function is independent of input {}. This is not "
        "allowed in strict mode."),
    "double_back_trick": (
        "The hessian of the user-provided function is independent of entry {} in the "
        "grad_jacobian. This is not allowed in strict mode as it prevents from using the double "
        "backward trick to replace forward mode AD."),
}


def _independent(what, i):
    return (f"The {what} of the user-provided function is independent of input {i}. This is not "
            "allowed in strict mode when create_graph=True.")


# ---- arguments and results ---------------------------------------------------------------

def _as_tuple(x, what, name):
    """Whether x is a tuple, and x as a tuple of tensors."""
    is_tuple = isinstance(x, tuple)
    items = x if is_tuple else (x,)
    for i, item in enumerate(items):
        if not isinstance(item, torch.Tensor):
            place = f"value at index {i}" if is_tuple else f"given {what}"
            raise TypeError(f"The {what} given to {name} must be either a Tensor or a tuple of "
                            f"Tensors but the {place} has type {type(item)}.")
    return is_tuple, items


def _like_given(items, is_tuple):
    return items if is_tuple else items[0]


def _matrix_like_given(rows, outputs_are_tuple, inputs_are_tuple):
    rows = rows if inputs_are_tuple else tuple(row[0] for row in rows)
    return rows if outputs_are_tuple else rows[0]


def _prepare(tensors, create_graph, need_graph):
    """Tensors whose gradient can be asked for, whatever else their graph holds."""
    return tuple(t.view_as(t) if create_graph and t.requires_grad
                 else t.detach().requires_grad_(need_graph) for t in tensors)


def _finish(tensors, create_graph):
    return tensors if create_graph else tuple(t.detach() for t in tensors)


def _inputs(inputs, name, create_graph):
    is_tuple, inputs = _as_tuple(inputs, "inputs", name)
    return is_tuple, _prepare(inputs, create_graph, True)


def _vector(v, like, like_is_tuple, name, create_graph, missing):
    """v as a tuple that fits the tensors of like; None stands for 1 where there is one
    element only."""
    if v is None:
        if len(like) != 1 or like[0].nelement() != 1:
            raise RuntimeError("The vector v can only be None if the " + missing)
        return None
    v = _prepare(_as_tuple(v, "v", name)[1], create_graph, False)
    if len(like) != len(v):
        if like_is_tuple:
            raise RuntimeError(
                f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for i, (a, b) in enumerate(zip(v, like)):
        if a.size() != b.size():
            entry = f"Entry {i} in " if like_is_tuple else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {b.size()} but got "
                               f"{a.size()}.")
    return v


def _input_vector(v, inputs, is_tuple, name, create_graph):
    return _vector(v, inputs, is_tuple, name, create_graph,
                   "input to the user-provided function is a single Tensor with a single element.")


def _check_depends(tensors, kind, strict):
    for i, t in enumerate(tensors if strict else ()):
        if t is None:
            raise RuntimeError(_UNUSED["back"].format(i))
        if not t.requires_grad:
            raise RuntimeError(_CONSTANT[kind].format(i))


def _outputs(func, inputs, name, strict):
    is_tuple, outputs = _as_tuple(func(*inputs), "outputs of the user-provided function", name)
    _check_depends(outputs, "outputs", strict)
    return is_tuple, outputs


def _check_scalar(is_tuple, outputs, name):
    if is_tuple:
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outputs[0].nelement() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {name} should contain "
                           "a single element")


# ---- gradients ---------------------------------------------------------------------------

def _grad(outputs, inputs, vectors=None, create_graph=False, retain_graph=None, batched=False):
    """torch.autograd.grad without the outputs that need no gradient; None for inputs that
    nothing depends on."""
    vectors = (None,) * len(outputs) if vectors is None else vectors
    pairs = [(o, v) for o, v in zip(outputs, vectors) if o is not None and o.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    return torch.autograd.grad([o for o, _ in pairs], inputs, [v for _, v in pairs],
                               allow_unused=True, create_graph=create_graph,
                               retain_graph=retain_graph, is_grads_batched=batched)


def _with_zeros(grads, refs, strict, create_graph, stage):
    filled = []
    for i, grad in enumerate(grads):
        if grad is None and strict:
            raise RuntimeError(_UNUSED[stage].format(i))
        if strict and create_graph and not grad.requires_grad:
            raise RuntimeError(_independent("hessian" if "double" in stage else "jacobian", i))
        filled.append(torch.zeros_like(refs[i]) if grad is None else grad)
    return tuple(filled)


def _zero_vectors(tensors):
    return tuple(torch.zeros_like(t, requires_grad=True) for t in tensors)


def _recording(create_graph):
    return torch.set_grad_enabled(create_graph or torch.is_grad_enabled())


# ---- products with vectors ---------------------------------------------------------------

def vjp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        inputs_are_tuple, inputs = _inputs(inputs, "vjp", create_graph)
        outputs_are_tuple, outputs = _outputs(func, inputs, "vjp", strict)
        v = _vector(v, outputs, outputs_are_tuple, "vjp", create_graph,
                    "user-provided function returns a single Tensor with a single element.")
    with _recording(create_graph):
        grads = _grad(outputs, inputs, v, create_graph)
        product = _with_zeros(grads, inputs, strict, create_graph, "back")
    return (_like_given(_finish(outputs, create_graph), outputs_are_tuple),
            _like_given(_finish(product, create_graph), inputs_are_tuple))


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        inputs_are_tuple, inputs = _inputs(inputs, "jvp", create_graph)
        v = _input_vector(v, inputs, inputs_are_tuple, "jvp", create_graph)
        outputs_are_tuple, outputs = _outputs(func, inputs, "jvp", strict)
        zeros = _zero_vectors(outputs)
        grads = _grad(outputs, inputs, zeros, True)
        _check_depends(grads, "grad_inputs", strict)
    with _recording(create_graph):
        second = _grad(grads, zeros, v, create_graph)
        product = _with_zeros(second, outputs, strict, create_graph, "back_trick")
    return (_like_given(_finish(outputs, create_graph), outputs_are_tuple),
            _like_given(_finish(product, create_graph), outputs_are_tuple))


def _scalar_gradient(func, inputs, v, name, create_graph, strict):
    """What vhp and hvp begin with: inputs, v, the one output and its gradient."""
    is_tuple, inputs = _inputs(inputs, name, create_graph)
    v = _input_vector(v, inputs, is_tuple, name, create_graph)
    outputs_are_tuple, outputs = _outputs(func, inputs, name, strict)
    _check_scalar(outputs_are_tuple, outputs, name)
    gradient = _grad(outputs, inputs, create_graph=True)
    _check_depends(gradient, "jacobian", strict)
    return is_tuple, inputs, v, outputs, gradient


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        is_tuple, inputs, v, outputs, gradient = _scalar_gradient(
            func, inputs, v, "vhp", create_graph, strict)
    with _recording(create_graph):
        second = _grad(gradient, inputs, v, create_graph)
        product = _with_zeros(second, inputs, strict, create_graph, "double_back")
    return (_finish(outputs, create_graph)[0],
            _like_given(_finish(product, create_graph), is_tuple))


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    with torch.enable_grad():
        is_tuple, inputs, v, outputs, gradient = _scalar_gradient(
            func, inputs, v, "hvp", create_graph, strict)
        zeros = _zero_vectors(inputs)
        second = _grad(gradient, inputs, zeros, True)
        _check_depends(gradient, "hessian", strict)
    with _recording(create_graph):
        third = _grad(second, zeros, v, create_graph)
        product = _with_zeros(third, inputs, strict, create_graph, "double_back_trick")
    return (_finish(outputs, create_graph)[0],
            _like_given(_finish(product, create_graph), is_tuple))


# ---- jacobian, hessian -------------------------------------------------------------------

def _rows(output, inputs, i, create_graph, strict):
    """The gradients of each element of output number i, one list an input."""
    rows = [[] for _ in inputs]
    for j in range(output.nelement()):
        grads = _grad((output.reshape(-1)[j],), inputs, None, create_graph, True)
        for k, (grad, x) in enumerate(zip(grads, inputs)):
            if strict and grad is None:
                raise RuntimeError(
                    f"Output {i} of the user-provided function is independent of input {k}. "
                    "This is not allowed in strict mode.")
            if strict and create_graph and not grad.requires_grad:
                raise RuntimeError(_independent("jacobian", i))
            rows[k].append(torch.zeros_like(x) if grad is None else grad)
    return rows


def _refuse_strict(option):
    other = "vectorize=False" if "vectorized" in option else 'strategy="reverse-mode"'
    yet = "" if "vectorized" in option else " (yet)"
    raise RuntimeError(f"torch.autograd.functional.jacobian: `strict=True` and `{option}` are not "
                       f"supported together{yet}. Please either set `strict=False` or `{other}`.")


def _batched_rows(outputs, inputs, create_graph):
    """For each input the jacobian of all elements of the outputs, one row an element."""
    flat = tuple(o.reshape(-1) for o in outputs)
    n = sum(o.numel() for o in outputs)
    basis, first = [], 0
    for o in flat:
        basis.append(o.new_zeros(n, o.numel()))
        basis[-1].diagonal(-first).fill_(1)
        first += o.numel()
    rows = _grad(flat, inputs, tuple(basis), create_graph, batched=True)
    return [torch.zeros_like(x).expand((n,) + tuple(x.shape)) if of_input is None else of_input
            for of_input, x in zip(rows, inputs)]


def _vectorized(outputs, inputs, create_graph):
    sizes = [o.numel() for o in outputs]
    columns = []
    for of_input, x in zip(_batched_rows(outputs, inputs, create_graph), inputs):
        columns.append([part.view(o.size() + x.size())
                        for part, o in zip(of_input.split(sizes, dim=0), outputs)])
    return tuple(zip(*columns))


def _row_by_row(outputs, inputs, create_graph, strict):
    return tuple(
        tuple(torch.stack(of_input, dim=0).view(out.size() + x.size())
              for of_input, x in zip(_rows(out, inputs, i, create_graph, strict), inputs))
        for i, out in enumerate(outputs))


def _forward_jacobian(func, inputs, strict, vectorize, recorded):
    if strict:
        _refuse_strict('strategy="forward-mode"')
    inputs_are_tuple, inputs = _as_tuple(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError("Computing Jacobian using forward-AD or forward-over-reverse "
                                  "Hessian isonly implemented for `vectorize=True`.")
    for x in inputs:
        if not x.is_floating_point():
            raise ValueError(f"Expected primal to be floating point or complex, but got: {x.dtype}")
    recorded = recorded or any(x.requires_grad for x in inputs)
    with torch.enable_grad():
        inputs = _prepare(inputs, True, True)
        outputs_are_tuple, outputs = _as_tuple(func(*inputs), "outputs", None)
        rows = _vectorized(outputs, inputs, recorded)
        # PyTorch leaves these lists as they are.
        matrix = [[_finish((m.reshape(m.size()),), recorded)[0] for m in row] for row in rows]
    return _matrix_like_given(matrix, outputs_are_tuple, inputs_are_tuple)


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False,
             strategy="reverse-mode"):
    assert strategy in ("forward-mode", "reverse-mode"), (
        'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function '
        'has more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, '
        'prefer to use "reverse-mode".')
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                "torch.autograd.functional.jacobian: `create_graph=True` and "
                '`strategy="forward-mode"` are not supported together (yet). Please either set '
                '`create_graph=False` or `strategy="reverse-mode"`.')
        return _forward_jacobian(func, inputs, strict, vectorize, False)
    with torch.enable_grad():
        inputs_are_tuple, inputs = _inputs(inputs, "jacobian", create_graph)
        outputs_are_tuple, outputs = _outputs(func, inputs, "jacobian", strict)
        if vectorize and strict:
            _refuse_strict("vectorized=True")
        matrix = (_vectorized(outputs, inputs, create_graph) if vectorize else
                  _row_by_row(outputs, inputs, create_graph, strict))
        matrix = tuple(_finish(row, create_graph) for row in matrix)
        return _matrix_like_given(matrix, outputs_are_tuple, inputs_are_tuple)


def hessian(func, inputs, create_graph=False, strict=False, vectorize=False,
            outer_jacobian_strategy="reverse-mode"):
    is_tuple, inputs = _as_tuple(inputs, "inputs", "hessian")
    assert outer_jacobian_strategy in ("forward-mode", "reverse-mode"), (
        'Expected strategy to be either "forward-mode" or "reverse-mode".')

    def scalar(*inputs):
        outputs_are_tuple, outputs = _outputs(func, inputs, "hessian", strict)
        _check_scalar(outputs_are_tuple, outputs, "hessian")
        return outputs[0].squeeze()

    def gradient(*inputs):
        found = jacobian(scalar, inputs, create_graph=True)
        _check_depends(found, "jacobian", strict)
        return found

    if outer_jacobian_strategy == "forward-mode" and not create_graph:
        matrix = _forward_jacobian(gradient, inputs, strict, vectorize, True)
    else:
        matrix = jacobian(gradient, inputs, create_graph=create_graph, strict=strict,
                          vectorize=vectorize, strategy=outer_jacobian_strategy)
    return _matrix_like_given(matrix, is_tuple, is_tuple)
