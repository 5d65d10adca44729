"""module.to(...): tensors of floats get another dtype, the others keep theirs."""

import torch


def _dtype_of(args, kwargs):
    """The dtype that the arguments of to() ask for, or None."""
    for arg in [*args[:2], kwargs.get("dtype"), kwargs.get("other"), kwargs.get("tensor")]:
        if isinstance(arg, torch.dtype):
            return arg
        if isinstance(arg, torch.Tensor):
            return arg.dtype
    return None


def to(module, args, kwargs):
    torch.empty(0).to(*args, **kwargs)  # refuses what does not fit
    dtype = _dtype_of(args, kwargs)
    if dtype is not None and not dtype.is_floating_point and not dtype.is_complex:
        raise TypeError("nn.Module.to only accepts floating point or complex "
                        f"dtypes, but got desired dtype={dtype}")
    format = kwargs.get("memory_format")

    def convert(t):
        if format is not None and t.dim() in (4, 5):
            t = t.contiguous(memory_format=format)
        return t.to(dtype) if dtype is not None and t.is_floating_point() else t
    return module._apply(convert)
