"""Convolutions that learn the number of input channels from their first input."""

from torch.nn.modules.conv import Conv1d, Conv2d, Conv3d
from torch.nn.modules._conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedParameter


class _LazyConvXdMixin(LazyModuleMixin):
    def _await_input(self, out_channels, bias, device, dtype):
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        self.out_channels = out_channels
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self):
        if not self.has_uninitialized_params() and self.in_channels != 0:
            super().reset_parameters()

    def initialize_parameters(self, input):
        if not self.has_uninitialized_params():
            return
        self.in_channels = self._get_in_channels(input)
        if self.in_channels % self.groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        self.weight.materialize(self._weight_shape())
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()

    def _get_in_channels(self, input):
        n = len(self.kernel_size)
        if input.dim() not in (n + 1, n + 2):
            raise RuntimeError(f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to "
                               f"{self.__class__.__name__}, but got input of size: {input.shape}")
        return input.shape[1] if input.dim() == n + 2 else input.shape[0]


def _lazy(name, full):
    """LazyConv1d and the like: the same module, but for in_channels."""
    def __init__(self, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 padding_mode="zeros", device=None, dtype=None):
        super(cls, self).__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode,
                                  device=device, dtype=dtype)
        self._await_input(out_channels, bias, device, dtype)

    def init_transposed(self, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
                        bias=True, dilation=1, padding_mode="zeros", device=None, dtype=None):
        super(cls, self).__init__(0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation,
                                  padding_mode, device=device, dtype=dtype)
        self._await_input(out_channels, bias, device, dtype)
    init = init_transposed if "Transpose" in name else __init__
    init.__qualname__ = name + ".__init__"
    cls = type(name, (_LazyConvXdMixin, full), {
        "cls_to_become": full, "__init__": init, "__module__": "torch.nn.modules.conv"})
    return cls


LazyConv1d = _lazy("LazyConv1d", Conv1d)
LazyConv2d = _lazy("LazyConv2d", Conv2d)
LazyConv3d = _lazy("LazyConv3d", Conv3d)
LazyConvTranspose1d = _lazy("LazyConvTranspose1d", ConvTranspose1d)
LazyConvTranspose2d = _lazy("LazyConvTranspose2d", ConvTranspose2d)
LazyConvTranspose3d = _lazy("LazyConvTranspose3d", ConvTranspose3d)
