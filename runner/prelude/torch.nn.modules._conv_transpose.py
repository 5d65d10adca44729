"""Transposed convolutions."""

import torch.nn.functional as F
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.utils import _repeated


class _ConvTransposeNd(_ConvNd):
    def __init__(self, in_channels, out_channels, kernel_size, stride, padding, dilation, transposed,
                 output_padding, groups, bias, padding_mode, device=None, dtype=None):
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {self.__class__.__name__}')
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, transposed,
                         output_padding, groups, bias, padding_mode, device=device, dtype=dtype)

    def _output_padding(self, input, output_size):
        """What is to be added for the size asked for."""
        if output_size is None:
            return self.output_padding
        n = len(self.kernel_size)
        others = 2 if input.dim() == n + 2 else 1
        if len(output_size) == others + n:
            output_size = output_size[others:]
        if len(output_size) != n:
            raise ValueError(
                f"ConvTranspose{n}D: for {input.dim()}D input, output_size must have {n} or {others + n} "
                f"elements (got {len(output_size)})")
        least = [(input.size(d + others) - 1) * self.stride[d] - 2 * self.padding[d]
                 + self.dilation[d] * (self.kernel_size[d] - 1) + 1 for d in range(n)]
        most = [least[d] + self.stride[d] - 1 for d in range(n)]
        if any(not a <= size <= b for a, size, b in zip(least, output_size, most)):
            raise ValueError(f"requested an output size of {output_size}, but valid sizes range "
                             f"from {least} to {most} (for an input of {input.size()[2:]})")
        return [size - a for size, a in zip(output_size, least)]

    def _transposed(self, conv, input, output_size):
        return conv(input, self.weight, self.bias, self.stride, self.padding,
                    self._output_padding(input, output_size), self.groups, self.dilation)


def _sizes(n, kernel_size, stride, padding, dilation, output_padding):
    a, b, c, d, e = [_repeated(x, n) for x in (kernel_size, stride, padding, dilation, output_padding)]
    return a, b, c, d, True, e


class ConvTranspose1d(_ConvTransposeNd):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        super().__init__(in_channels, out_channels,
                         *_sizes(1, kernel_size, stride, padding, dilation, output_padding),
                         groups, bias, padding_mode, device=device, dtype=dtype)

    def forward(self, input, output_size=None):
        return self._transposed(F.conv_transpose1d, input, output_size)


class ConvTranspose2d(_ConvTransposeNd):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        super().__init__(in_channels, out_channels,
                         *_sizes(2, kernel_size, stride, padding, dilation, output_padding),
                         groups, bias, padding_mode, device=device, dtype=dtype)

    def forward(self, input, output_size=None):
        return self._transposed(F.conv_transpose2d, input, output_size)


class ConvTranspose3d(_ConvTransposeNd):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                 bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        super().__init__(in_channels, out_channels,
                         *_sizes(3, kernel_size, stride, padding, dilation, output_padding),
                         groups, bias, padding_mode, device=device, dtype=dtype)

    def forward(self, input, output_size=None):
        return self._transposed(F.conv_transpose3d, input, output_size)


for _name, _class in list(globals().items()):
    if "ConvTranspose" in _name:
        _class.__module__ = "torch.nn.modules.conv"
