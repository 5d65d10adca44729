"""Pooling: the largest element, mean or norm of windows, and the way back."""

import torch
import torch._C._nn as _nn
import torch._C._VariableFunctions as _VF


def _repeated(x, n):
    return tuple(x) if hasattr(x, "__iter__") else (x,) * n


def _choice(name, index, if_true, if_false):
    """The function of two that the argument return_indices, number `index`, asks for."""

    def fn(*args, **kwargs):
        asked = kwargs["return_indices"] if "return_indices" in kwargs else index < len(args) and args[index]
        return if_true(*args, **kwargs) if asked else if_false(*args, **kwargs)

    fn.__name__ = name
    return fn


def max_pool1d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return _VF.max_pool1d_with_indices(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)


def _max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return _VF.max_pool1d(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)


def max_pool2d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return _nn.max_pool2d_with_indices(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)


def _max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return _VF.max_pool2d(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)


def max_pool3d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return _nn.max_pool3d_with_indices(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)


def _max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return _VF.max_pool3d(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)


max_pool1d = _choice("max_pool1d", 6, max_pool1d_with_indices, _max_pool1d)
max_pool2d = _choice("max_pool2d", 6, max_pool2d_with_indices, _max_pool2d)
max_pool3d = _choice("max_pool3d", 6, max_pool3d_with_indices, _max_pool3d)


def _with_default(size, default):
    if isinstance(size, int):
        return size
    if len(default) <= len(size):
        raise ValueError(f"Input dimension should be at least {len(size) + 1}")
    return [d if s is None else s for s, d in zip(size, default[-len(size):])]


def adaptive_max_pool1d_with_indices(input, output_size, return_indices=False):
    return _VF.adaptive_max_pool1d(input, output_size)


def _adaptive_max_pool1d(input, output_size, return_indices=False):
    return adaptive_max_pool1d_with_indices(input, output_size)[0]


def adaptive_max_pool2d_with_indices(input, output_size, return_indices=False):
    return _nn.adaptive_max_pool2d(input, _with_default(output_size, input.size()))


def _adaptive_max_pool2d(input, output_size, return_indices=False):
    return adaptive_max_pool2d_with_indices(input, output_size)[0]


def adaptive_max_pool3d_with_indices(input, output_size, return_indices=False):
    return _nn.adaptive_max_pool3d(input, _with_default(output_size, input.size()))


def _adaptive_max_pool3d(input, output_size, return_indices=False):
    return adaptive_max_pool3d_with_indices(input, output_size)[0]


adaptive_max_pool1d = _choice("adaptive_max_pool1d", 2, adaptive_max_pool1d_with_indices, _adaptive_max_pool1d)
adaptive_max_pool2d = _choice("adaptive_max_pool2d", 2, adaptive_max_pool2d_with_indices, _adaptive_max_pool2d)
adaptive_max_pool3d = _choice("adaptive_max_pool3d", 2, adaptive_max_pool3d_with_indices, _adaptive_max_pool3d)


def adaptive_avg_pool2d(input, output_size):
    return _nn.adaptive_avg_pool2d(input, _with_default(output_size, input.size()))


def adaptive_avg_pool3d(input, output_size):
    return _nn.adaptive_avg_pool3d(input, _with_default(output_size, input.size()))


def _unpool_output_size(input, kernel_size, stride, padding, output_size):
    n = len(kernel_size)
    default = [(input.size()[d - n] - 1) * stride[d] + kernel_size[d] - 2 * padding[d] for d in range(n)]
    if output_size is None:
        return default
    if len(output_size) == n + 2:
        output_size = output_size[2:]
    if len(output_size) != n:
        raise ValueError(f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of '{len(output_size)}'")
    for d in range(n):
        least, most = default[d] - stride[d], default[d] + stride[d]
        if not least < output_size[d] < most:
            raise ValueError(f'invalid output_size "{output_size}" (dim {d} must be between {least} and {most})')
    return output_size


def _unpool(n, input, kernel_size, stride, padding, output_size):
    """stride, padding and output_size of max_unpool in n dimensions."""
    kernel_size = _repeated(kernel_size, n)
    stride = kernel_size if stride is None else _repeated(stride, n)
    padding = _repeated(padding, n)
    return stride, padding, _unpool_output_size(input, kernel_size, stride, padding, output_size)


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    size = _unpool(1, input, kernel_size, stride, padding, output_size)[2]
    return _nn.max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), [*size, 1]).squeeze(-1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    return _nn.max_unpool2d(input, indices, _unpool(2, input, kernel_size, stride, padding, output_size)[2])


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    stride, padding, size = _unpool(3, input, kernel_size, stride, padding, output_size)
    return _nn.max_unpool3d(input, indices, size, stride, padding)


def _norm_of_mean(mean, count, norm_type):
    return (torch.sign(mean) * torch.relu(torch.abs(mean))).mul(count).pow(1.0 / norm_type)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    kw, kh = _repeated(kernel_size, 2)
    mean = _nn.avg_pool2d(input.pow(norm_type), kernel_size, [] if stride is None else stride, 0, ceil_mode)
    return _norm_of_mean(mean, kw * kh, norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    mean = _VF.avg_pool1d(input.pow(norm_type), kernel_size, [] if stride is None else stride, 0, ceil_mode)
    return _norm_of_mean(mean, kernel_size, norm_type)
