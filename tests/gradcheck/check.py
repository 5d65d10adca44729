"""What stands before every sample when it runs: how to make inputs, and the check."""

import torch
from torch.autograd import gradcheck, gradgradcheck

nn = torch._C._nn
torch.set_default_dtype(torch.float64)


def real(*sizes, low=-1.0, high=1.0):
    """Different numbers that require grad, between low and high."""
    return (torch.rand(sizes) * (high - low) + low).requires_grad_()


def ints(*sizes, below):
    return torch.randint(below, sizes)


def bools(*sizes):
    return torch.rand(sizes) < 0.5


def grad(y, *xs, given=None):
    """The gradients of y with respect to xs, to be differentiated further; the gradient
    of y is `given`, or some numbers."""
    if given is None:
        given = (torch.arange(y.numel()) + 1.0).cos().reshape(y.shape)
    grads = torch.autograd.grad(y, xs, given, create_graph=True)
    return grads[0] if len(xs) == 1 else grads


def seeded(draw):
    """What draw() gives, the same each time."""
    torch.manual_seed(1)
    return draw()


def spread(x):
    """x's numbers in memory with gaps between them, the first dimension fastest."""
    if not isinstance(x, torch.Tensor):
        return x
    order = tuple(reversed(range(x.dim())))
    memory = torch.zeros(tuple(x.permute(order).shape) + (2,), dtype=x.dtype)
    view = memory.select(-1, 1).permute(order)
    view.copy_(x.detach())
    return view.detach().requires_grad_(x.requires_grad)


def fails(check, f, inputs):
    try:
        return not check(f, inputs)
    except RuntimeError:
        return True


def check(f, orders, **inputs):
    """Checks that f has derivatives up to this order and none beyond (2: any), on the
    inputs and on the same numbers spread in memory. Gives f's results, for their graph to
    be looked at."""
    inputs = tuple(inputs.values())
    for given in (inputs, tuple(spread(x) for x in inputs)):
        if orders == 0:
            assert fails(gradcheck, f, given), "there is a derivative"
            continue
        gradcheck(f, given)
        if orders == 1:
            assert fails(gradgradcheck, f, given), "there is a second derivative"
        else:
            gradgradcheck(f, given)
    return f(*inputs)
