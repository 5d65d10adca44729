"""Images: sliding blocks, resizing and sampling on a grid."""

import math
import torch
import torch._C._nn as _nn
import warnings


def _pair(x):
    return tuple(x) if hasattr(x, "__iter__") else (x, x)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    return _nn.im2col(input, _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    return _nn.col2im(input, _pair(output_size), _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride))


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    warnings.warn("nn.functional.upsample is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    warnings.warn("nn.functional.upsample_nearest is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    warnings.warn("nn.functional.upsample_bilinear is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


_OPERATORS = {
    (3, "nearest"): _nn.upsample_nearest1d,
    (4, "nearest"): _nn.upsample_nearest2d,
    (5, "nearest"): _nn.upsample_nearest3d,
    (3, "nearest-exact"): _nn._upsample_nearest_exact1d,
    (4, "nearest-exact"): _nn._upsample_nearest_exact2d,
    (5, "nearest-exact"): _nn._upsample_nearest_exact3d,
    (3, "linear"): _nn.upsample_linear1d,
    (4, "bilinear"): _nn.upsample_bilinear2d,
    (5, "trilinear"): _nn.upsample_trilinear3d,
    (4, "bicubic"): _nn.upsample_bicubic2d,
}
_ANTIALIASED = {"bilinear": _nn._upsample_bilinear2d_aa, "bicubic": _nn._upsample_bicubic2d_aa}
_AREA = {3: torch.adaptive_avg_pool1d, 4: _nn.adaptive_avg_pool2d, 5: _nn.adaptive_avg_pool3d}
_NEEDS = {"linear": 3, "bilinear": 4, "trilinear": 5}


def _one_each(input, given, what, shown, places):
    """given, a number or one for each spatial dimension, as a list."""
    dim = input.dim() - 2
    if not isinstance(given, (list, tuple)):
        return [given for _ in range(dim)]
    if len(given) != dim:
        raise ValueError(f"Input and {what} must have the same number of spatial dimensions, but got input with spatial dimensions of {list(input.shape[2:])} and {shown} {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and {places} format.")
    return given


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None, antialias=False):
    interpolating = mode not in ("nearest", "area", "nearest-exact")
    if not interpolating and align_corners is not None:
        raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
    dim = input.dim()
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None:
        size = _one_each(input, size, "output", "output size of", "output size in (o1, o2, ...,oK)")
    else:
        scale_factor = _one_each(input, scale_factor, "scale_factor", "scale_factor of shape", "scale_factor in (s1, s2, ...,sK)")
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if size is None and (recompute_scale_factor or mode == "area"):
        size = [int(math.floor(float(n) * s)) for n, s in zip(input.shape[2:], scale_factor)]
        scale_factor = None
    if antialias and not (mode in _ANTIALIASED and dim == 4):
        raise ValueError("Anti-alias option is only supported for bilinear and bicubic modes")
    if mode == "area" and dim in _AREA:
        return _AREA[dim](input, size)
    if (dim, mode) in _OPERATORS:
        operator = _ANTIALIASED[mode] if antialias else _OPERATORS[dim, mode]
        if interpolating:
            return operator(input, size, bool(align_corners), scale_factor)
        return operator(input, size, scale_factor)
    if mode in _NEEDS and 3 <= dim <= 5:
        raise NotImplementedError(f"Got {dim}D input, but {mode} mode needs {_NEEDS[mode]}D input")
    raise NotImplementedError(f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {dim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got {mode})")


_CORNERS = "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for details."
_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
_PADDING_MODES = {"zeros": 0, "border": 1, "reflection": 2}


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    if mode not in _MODES:
        raise ValueError(f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'")
    if padding_mode not in _PADDING_MODES:
        raise ValueError(f"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'")
    if align_corners is None:
        warnings.warn(_CORNERS)
        align_corners = False
    return torch.grid_sampler(input, grid, _MODES[mode], _PADDING_MODES[padding_mode], align_corners)


def affine_grid(theta, size, align_corners=None):
    if align_corners is None:
        warnings.warn(_CORNERS)
        align_corners = False
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError(f"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size}.")
    n = len(size) - 2
    if theta.dim() != 3 or tuple(theta.shape[-2:]) != (n, n + 1):
        raise ValueError(f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size {size}. Got {theta.shape}.")
    if align_corners and min(size[-n:]) == 1:
        warnings.warn("Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This is not an intended use case of affine_grid. See the documentation of affine_grid for details.")
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return torch.affine_grid_generator(theta, size, align_corners)
