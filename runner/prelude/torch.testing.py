"""torch.testing: random tensors for checks; comparing stands in a file of its own."""

import math
import warnings
import torch

_INTEGRAL = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
_FLOATING = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def _range(low, high, default_low, default_high, limits):
    low = default_low if low is None else low
    high = default_high if high is None else high
    if low != low or high != high:
        raise ValueError("make_tensor: one of low or high was NaN!")
    if low > high:
        raise ValueError("make_tensor: low must be weakly less than high!")
    return [min(max(x, limits.min), limits.max) for x in (low, high)]


def _values(shape, dtype, low, high):
    if dtype is torch.bool:
        return torch.randint(0, 2, shape, dtype=dtype)
    if dtype in _INTEGRAL:
        default_low = 0 if dtype is torch.uint8 else -9
        low, high = _range(low, high, default_low, 10, torch.iinfo(dtype))
        return torch.randint(math.floor(low), math.ceil(high), shape, dtype=dtype)
    if dtype in _FLOATING:
        low, high = _range(low, high, -9, 9, torch.finfo(dtype))
        share = torch.rand(shape, dtype=dtype)
        return high * share + low * (1 - share)
    raise TypeError(
        f"The requested dtype '{dtype}' is not supported by torch.testing.make_tensor(). To "
        "request support, file an issue at: https://github.com/pytorch/pytorch/issues")


def make_tensor(*shape, dtype, device, low=None, high=None, requires_grad=False,
                noncontiguous=False, exclude_zero=False):
    if len(shape) == 1 and isinstance(shape[0], (list, tuple)):
        shape = shape[0]
    if requires_grad and dtype not in _FLOATING:
        raise ValueError("make_tensor: requires_grad must be False for integral dtype")
    result = _values(tuple(shape), dtype, low, high)
    if noncontiguous and result.numel() > 1:
        result = torch.repeat_interleave(result, 2, dim=-1)[..., ::2]
    if exclude_zero:
        result[result == 0] = torch.finfo(dtype).tiny if dtype in _FLOATING else 1
    if dtype in _FLOATING:
        result.requires_grad = requires_grad
    return result


_OLD_TOLERANCES = {  # (rtol, atol)
    torch.float16: (1e-3, 1e-3),
    torch.float32: (1e-4, 1e-5),
    torch.float64: (1e-5, 1e-8),
}


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    if not isinstance(actual, torch.Tensor):
        actual = torch.tensor(actual)
    if not isinstance(expected, torch.Tensor):
        expected = torch.tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        found = [_OLD_TOLERANCES.get(t.dtype, (0.0, 0.0)) for t in (actual, expected)]
        rtol, atol = max(r for r, _ in found), max(a for _, a in found)
    torch.testing.assert_close(
        actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False,
        check_stride=False, msg=msg or None)
    warnings.warn(
        "torch.testing.assert_allclose() is deprecated since 1.12 and will be removed in 1.14. "
        "Use torch.testing.assert_close() instead. For detailed upgrade instructions see "
        "https://github.com/pytorch/pytorch/issues/61844.", FutureWarning)


def __getattr__(name):
    if name != "assert_close":
        raise AttributeError(name)
    from torch.testing._comparison import assert_close
    return assert_close
