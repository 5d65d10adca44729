"""Normalization by batch, group, layer, neighbours and length."""

import math
import torch
import torch._C._nn as _nn


def _verify_batch_size(size):
    if math.prod(size[2:]) * size[0] == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def _verify_spatial_size(size):
    if math.prod(size[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {size}")


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if training:
        _verify_batch_size(input.size())
    return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
    if use_input_stats:
        _verify_spatial_size(input.size())
    return torch.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return torch.layer_norm(input, normalized_shape, weight, bias, eps, True)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    size = input.size()
    _verify_batch_size([input.size(0) * input.size(1) // num_groups, num_groups] + list(size[2:]))
    return torch.group_norm(input, num_groups, weight, bias, eps, True)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.):
    rank = input.dim()
    if rank < 3:
        raise ValueError(f"Expected 3D or higher dimensionality                          input (got {rank} dimensions)")
    if input.numel() == 0:
        return input
    div = input.mul(input).unsqueeze(1)
    around = (size // 2, (size - 1) // 2)
    if rank == 3:
        div = _nn.pad(div, (0, 0, *around))
        div = _nn.avg_pool2d(div, (size, 1), stride=1).squeeze(1)
    else:
        shape = input.size()
        div = div.view(shape[0], 1, shape[1], shape[2], -1)
        div = _nn.pad(div, (0, 0, 0, 0, *around))
        div = _nn.avg_pool3d(div, (size, 1, 1), stride=1).squeeze(1)
        div = div.view(shape)
    return input / div.mul(alpha).add(k).pow(beta)


def normalize(input, p=2., dim=1, eps=1e-12, out=None):
    norm = input.norm(p, dim, keepdim=True)
    if out is None:
        return input / norm.clamp_min(eps).expand_as(input)
    return torch.div(input, norm.clamp_min_(eps).expand_as(input), out=out)
