"""gradcheck and gradgradcheck: derivatives beside finite differences.

A jacobian is kept for each input that requires grad, one row an element of the input,
one column an element of the output. Slow mode compares all of it; fast mode compares
v^T J u for random u and v. The engine hands gradients out with the dtype and the size of
their inputs, so that check_grad_dtypes has nothing left to find.
"""

import warnings
import torch
from torch.autograd.function import Function
from torch.testing import make_tensor


class GradcheckError(RuntimeError):
    pass


# ---- texts -------------------------------------------------------------------------------

_NONDETERMINISTIC = """\n
NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `nondet_tol=<tol>` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_nondet_tol=<tol>`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_nondet_tol=<tol>`
"""

_SLOW_MODE_PASSES = """Fast gradcheck failed but element-wise differences are small. This means that the
test might've passed in slow_mode!

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck:

If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `fast_mode=False` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_fast_mode=False`
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_fast_mode=False`"""


def _mismatch(analytical, numerical, output, input):
    return (f"Jacobian mismatch for output {output} with respect to input {input},\n"
            f"numerical:{numerical!s}\nanalytical:{analytical!s}\n")


# ---- arguments and results ---------------------------------------------------------------

def _as_tuple(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _wants_grad(x):
    return isinstance(x, torch.Tensor) and x.requires_grad


def _inputs_that_want_grad(x):
    """Those in x, which may be nested."""
    if isinstance(x, torch.Tensor):
        return [x] if x.requires_grad else []
    if isinstance(x, (tuple, list)):
        return [t for item in x for t in _inputs_that_want_grad(item)]
    return []


def _differentiable(outputs):
    return tuple(o for o in _as_tuple(outputs) if o.requires_grad)


def _is_floating(x):
    return isinstance(x, torch.Tensor) and x.is_floating_point()


def _check_inputs(inputs):
    wanted = False
    for i, x in enumerate(inputs):
        if not _wants_grad(x):
            continue
        if x.dtype != torch.float64:
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or "
                "complex. This check will likely fail if all the inputs are not of double "
                "precision floating point or complex. ")
        if not all(stride > 0 or size <= 1 for stride, size in zip(x.stride(), x.size())):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs "
                "that are non-overlapping to be able to compute the numerical gradients "
                "correctly. You should call .contiguous on the input before passing it to "
                "gradcheck.")
        wanted = True
        x.retain_grad()
    if not wanted:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, "
                         "but none of the them have requires_grad=True.")


# ---- finite differences ------------------------------------------------------------------

def _indices(sizes):
    """All index tuples of a shape, the last dimension fastest."""
    found = [()]
    for n in sizes:
        found = [index + (i,) for index in found for i in range(n)]
    return found


def _check_same_kind(a, b, eps, where):
    assert a.shape == b.shape, (
        f"Expected `func` to return outputs with the same shape when inputs are perturbed "
        f"{where}by {eps}, but got: shapes {a.shape} and {b.shape}.")
    assert a.dtype == b.dtype, (
        f"Expected `func` to return outputs with the same dtype when inputs are perturbed "
        f"{where}by {eps}, but got: dtypes {a.dtype} and {b.dtype}.")


def _differences(func, inputs, entry, delta, eps, where=""):
    """What each output changes by, flat, when entry, a part of an input, moves along
    delta, which is eps long."""
    before = entry.clone()
    entry.copy_(before - delta)
    low = tuple(o.clone() for o in _as_tuple(func(*inputs)))
    entry.copy_(before + delta)
    high = tuple(o.clone() for o in _as_tuple(func(*inputs)))
    entry.copy_(before)
    columns = []
    for a, b in zip(low, high):
        _check_same_kind(a, b, eps, where)
        columns.append(((b - a) / (2 * eps)).detach().reshape(-1))
    return columns


def _numerical_jacobians(func, inputs, outputs, eps):
    """For each input that requires grad a list with the jacobian of each output."""
    found = []
    for x in _inputs_that_want_grad(inputs):
        jacobians = [o.new_zeros((x.numel(), o.numel())) for o in outputs if _is_floating(o)]
        data = x.data  # has a version of its own
        for row, index in enumerate(_indices(data.size())):
            # PyTorch's text has the name of the index where its value was meant.
            columns = _differences(func, inputs, data[index], eps, eps, "on index {idx} ")
            for jacobian, column in zip(jacobians, columns):
                jacobian[row] = column
        found.append(jacobians)
    return found


# ---- the engine's derivatives ------------------------------------------------------------

def _basis(like):
    return [one.view(like.shape) for one in torch.eye(like.numel(), dtype=like.dtype)]


def _backward_columns(inputs, output, vectors):
    """For each input a jacobian with one column for each vector."""
    jacobians = [x.new_zeros((x.numel(), len(vectors))) for x in inputs]
    for column, vector in enumerate(vectors):
        grads = torch.autograd.grad(output, inputs, vector, retain_graph=True, allow_unused=True)
        for jacobian, grad in zip(jacobians, grads):
            if grad is not None:
                jacobian[:, column] = grad.reshape(-1)
    return jacobians


def _analytical_jacobians(inputs, output, vectors, nondet_tol):
    """Computed twice: the second time must give the same."""
    inputs = _inputs_that_want_grad(inputs)
    first = _backward_columns(inputs, output, vectors)
    second = _backward_columns(inputs, output, vectors)
    for a, b in zip(first, second):
        if a.numel() != 0 and (a - b).abs().max() > nondet_tol:
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and "
                "grad_output multiple times gives different values, although analytical "
                "gradient matches numerical gradient.The tolerance for nondeterminism was "
                f"{nondet_tol}.{_NONDETERMINISTIC}")
    return first


def _close(a, b, rtol, atol):
    dtype = torch.promote_types(a.dtype, b.dtype)
    return torch.allclose(a.to(dtype=dtype), b.to(dtype=dtype), rtol, atol)


# ---- slow mode ---------------------------------------------------------------------------

def _slow_check(func, results, inputs, outputs, eps, rtol, atol, nondet_tol):
    numerical = _numerical_jacobians(func, inputs, results, eps)
    if not outputs:
        if any(torch.ne(j, 0).sum() > 0 for of_input in numerical for j in of_input):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    by_output = [n for o, n in zip(results, list(zip(*numerical))) if o.requires_grad]
    for i, output in enumerate(outputs):
        analytical = _analytical_jacobians(inputs, output, _basis(output), nondet_tol)
        for j, (a, n) in enumerate(zip(analytical, by_output[i])):
            if not _close(a, n, rtol, atol):
                raise GradcheckError(_mismatch(a, n, i, j))


# ---- fast mode ---------------------------------------------------------------------------

def _random_direction(x, generator):
    vector = torch.rand(x.numel(), generator=generator).to(dtype=x.dtype)
    vector /= vector.norm()
    return vector


def _slow_comparison(func, inputs, outputs, i, j, rtol, atol):
    """What slow mode says of input i and output j."""
    numerical = _numerical_jacobians(func, inputs, outputs, 1e-3)[i][j]
    basis = _basis(outputs[j])
    analytical = _analytical_jacobians(inputs, outputs[j], basis, float("inf"))[i]
    difference = (numerical - analytical).abs().max()
    passes = torch.allclose(analytical, numerical, rtol, atol)
    return (
        "\nThe above quantities relating the numerical and analytical jacobians are computed \n"
        "in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background \n"
        "about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n"
        f"Numerical:\n {numerical}\nAnalytical:\n{analytical}\n\n"
        f"The max per-element difference (slow mode) is: {difference}.\n"
        + (_SLOW_MODE_PASSES if passes else ""))


def _fast_check(func, results, inputs, outputs, eps, rtol, atol, nondet_tol):
    generator = torch.Generator()  # the cell's numbers stay what they are
    wanted = [x for x in inputs if _wants_grad(x)]
    all_u = [_random_direction(x, generator) for x in wanted]
    all_v = [_random_direction(o, generator) for o in outputs]
    numerical = []
    for x, u in zip(wanted, all_u):
        data = x.data
        columns = _differences(func, inputs, data, u.reshape(data.shape) * eps, eps)
        columns = [d for d, o in zip(columns, results) if _is_floating(o)]
        if not outputs and any(d.numel() != 0 and d.abs().max() > nondet_tol for d in columns):
            raise GradcheckError("Numerical gradient for function expected to be zero")
        numerical.append([(v * d).sum() for v, d in zip(all_v, columns)])
    analytical = []
    for output, v in zip(outputs, all_v):
        columns = _analytical_jacobians(inputs, output, [v.reshape(output.shape)], nondet_tol)
        analytical.append([c.T.squeeze(0).dot(u) for c, u in zip(columns, all_u)])
    for i, of_input in enumerate(numerical):
        for j, n in enumerate(of_input):
            a = analytical[j][i]
            # The tolerance of an element, for all elements at once.
            tolerance = atol * float(all_u[i].sum()) * float(all_v[j].sum())
            if not _close(a, n, rtol, tolerance):
                raise GradcheckError(_mismatch(a, n, j, i) + _slow_comparison(
                    func, inputs, outputs, i, j, rtol, atol))


# ---- what else a backward must do --------------------------------------------------------

def _run_batched(outputs, inputs):
    """The batched gradients, which are computed one by one here and therefore right: what
    remains is that backward runs, and the random numbers that it takes."""
    for output in outputs:
        for vector in [torch.randn_like(output) for _ in range(2)]:
            torch.autograd.grad(output, inputs, vector, retain_graph=True, allow_unused=True)


def _zeros_for(outputs):
    return [torch.zeros_like(o, memory_format=torch.contiguous_format) for o in outputs]


def _check_multiplies(outputs, inputs):
    """Gradients of zero give gradients of zero."""
    grads = torch.autograd.grad(outputs, inputs, _zeros_for(outputs), allow_unused=True)
    if not all(g is None or g.eq(0).all() for g in grads):
        raise GradcheckError("backward not multiplied by grad_output")


class _UndefinedGrad(Function):
    """The identity; its backward gives no gradient at all."""

    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, grad):
        return None


def _warn_undefined():
    warnings.warn(
        "Backwards compatibility: New undefined gradient support checking feature is enabled by "
        "default, but it may break existing callers of this function. If this is true for you, "
        "you can call this function with \"check_undefined_grad=False\" to disable the feature")


def _check_undefined(outputs, inputs):
    try:
        grads = torch.autograd.grad(outputs, inputs, _zeros_for(outputs), allow_unused=True)
    except RuntimeError:
        _warn_undefined()
        raise GradcheckError(
            "Expected backward function to handle undefined output grads. Please look at "
            "\"Notes about undefined output gradients\" in \"tools/autograd/derivatives.yaml\"")
    if not all(g is None or g.eq(0).all() for g in grads):
        _warn_undefined()
        raise GradcheckError(
            "Expected all input grads to be undefined or zero when all output grads are "
            "undefined or zero. Please look at \"Notes about undefined output gradients\" in "
            "\"tools/autograd/derivatives.yaml\"")


def _check_undefined_grads(func, n_outputs, inputs):
    """All outputs without a gradient, then one at a time."""
    wanted = _inputs_that_want_grad(inputs)
    cases = [[_UndefinedGrad.apply(o) for o in _differentiable(func(*inputs))]]
    if len(cases[0]) > 1:
        for i in range(n_outputs):
            cases.append([_UndefinedGrad.apply(o) if i == j else o
                          for j, o in enumerate(_differentiable(func(*inputs)))])
    for outputs in cases:
        _check_undefined(outputs, wanted)


# ---- gradcheck, gradgradcheck ------------------------------------------------------------

def _refuse_forward_ad(name):
    raise NotImplementedError(
        f"{name}=True checks forward mode AD, which autocell does not have")


def _check(func, inputs, eps, atol, rtol, nondet_tol, undefined, batched, fast):
    inputs = _as_tuple(inputs)
    _check_inputs(inputs)
    results = func(*inputs)
    outputs = _differentiable(results)
    check = _fast_check if fast else _slow_check
    check(func, _as_tuple(results), inputs, outputs, eps, rtol, atol, nondet_tol)
    wanted = _inputs_that_want_grad(inputs)
    if batched:
        _run_batched(outputs, wanted)
    _check_multiplies(outputs, wanted)
    if undefined:
        _check_undefined_grads(func, len(outputs), inputs)
    return True


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True,
              check_sparse_nnz=False, nondet_tol=0.0, check_undefined_grad=True,
              check_grad_dtypes=False, check_batched_grad=False,
              check_batched_forward_grad=False, check_forward_ad=False,
              check_backward_ad=True, fast_mode=False):
    assert check_forward_ad or check_backward_ad, (
        "Expected at least one of check_forward_ad or check_backward_ad to be True")
    assert not (check_batched_grad and not check_backward_ad), (
        "Setting check_batched_grad=True requires check_backward_ad to be True")
    assert not (check_batched_forward_grad and not check_forward_ad), (
        "Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    if check_forward_ad:
        _refuse_forward_ad("check_forward_ad")
    try:
        return _check(func, inputs, eps, atol, rtol, nondet_tol, check_undefined_grad,
                      check_batched_grad, fast_mode)
    except GradcheckError:
        if raise_exception:
            raise
        return False


def _random_grads(func, inputs, non_contiguous):
    return tuple(
        make_tensor(o.shape, dtype=o.dtype if o.is_floating_point() else torch.double,
                    device=o.device, low=-1, high=1, requires_grad=True,
                    noncontiguous=non_contiguous)
        for o in _differentiable(func(*inputs)))


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3,
                  gen_non_contig_grad_outputs=False, raise_exception=True, nondet_tol=0.0,
                  check_undefined_grad=True, check_grad_dtypes=False,
                  check_batched_grad=False, check_fwd_over_rev=False,
                  check_rev_over_rev=True, fast_mode=False):
    assert check_fwd_over_rev or check_rev_over_rev, (
        "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    assert not (check_undefined_grad and not check_rev_over_rev), (
        "Setting check_undefined_grad=True requires check_rev_over_rev to be True")
    assert not (check_batched_grad and not check_rev_over_rev), (
        "Setting check_batched_grad=True requires check_rev_over_rev to be True")
    if check_fwd_over_rev:
        _refuse_forward_ad("check_fwd_over_rev")
    inputs = _as_tuple(inputs)
    if grad_outputs is None:
        grad_outputs = _random_grads(func, inputs, gen_non_contig_grad_outputs)
    grad_outputs = _as_tuple(grad_outputs)
    n = len(inputs)

    def gradients(*args):
        outputs = _differentiable(func(*args[:n]))
        wanted = tuple(x for x in args[:n] if _wants_grad(x))
        grads = torch.autograd.grad(outputs, wanted, args[n:], create_graph=True,
                                    allow_unused=True)
        return tuple(g for g in grads if g is not None)

    return gradcheck(gradients, inputs + grad_outputs, eps=eps, atol=atol, rtol=rtol,
                     raise_exception=raise_exception, nondet_tol=nondet_tol,
                     check_undefined_grad=check_undefined_grad,
                     check_grad_dtypes=check_grad_dtypes,
                     check_batched_grad=check_batched_grad, fast_mode=fast_mode)
