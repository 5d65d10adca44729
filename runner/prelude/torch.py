"""What torch adds in Python to its operators."""

import torch
import torch._C as _C
from torch._C._function import written_in_c as _written_in_c
from torch.autograd.grad_mode import no_grad, enable_grad, set_grad_enabled, inference_mode

__version__ = "1.13.0a0"  # what Debian's build of 1.13.1 says


# int, float and bool are torch's own names here.
_DTYPES = {type(0): torch.int64, type(0.0): torch.float64, type(True): torch.bool}


def _dtype(function, given):
    dtype = _DTYPES.get(given, given)
    if isinstance(dtype, torch.dtype):
        return dtype
    raise TypeError(f"{function}(): argument 'type' (position 1) must be torch.dtype, "
                    f"not {type(given).__name__}")


@_written_in_c
class finfo:
    def __init__(self, type=None):
        type = _dtype("finfo", torch.get_default_dtype() if type is None else type)
        if not type.is_floating_point:
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle '" + "torch.finfo" + "'")
        self.bits, self.min, self.max, self.eps, self.tiny, self.dtype = _C.dtype_limits(type)
        self.smallest_normal = self.tiny
        self.resolution = 10.0 ** -_digits(self.eps)

    def __eq__(self, other):
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)

    def __repr__(self):
        return f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, smallest_normal={self.tiny:g}, tiny={self.tiny:g}, dtype={self.dtype})"


def _digits(eps):
    n = 0
    while 10.0 ** -(n + 1) >= eps:
        n += 1
    return n


@_written_in_c
class iinfo:
    def __init__(self, type):
        type = _dtype("iinfo", type)
        if type == torch.bool:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if type.is_floating_point:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle '" + "torch.iinfo" + "'")
        self.bits, self.min, self.max, _, _, self.dtype = _C.dtype_limits(type)

    def __eq__(self, other):
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self):
        return hash(self.dtype)

    def __repr__(self):
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def typename(o):
    if isinstance(o, torch.Tensor):
        return o.type()
    name = getattr(o, "__qualname__", None) or getattr(o, "__name__", None) or o.__class__.__name__
    module = getattr(o, "__module__", None)
    return name if module in (None, "builtins") else f"{module}.{name}"


def is_storage(obj):
    return isinstance(obj, torch.storage.TypedStorage)


def get_num_threads():
    return 1


def set_num_threads(n):
    if not isinstance(n, type(0)):
        raise RuntimeError(f"set_num_threads expects an int, but got {type(n).__name__}")
    if n <= 0:
        raise RuntimeError("set_num_threads expects a positive integer")


get_num_interop_threads = get_num_threads


def set_num_interop_threads(n):
    pass


# Every algorithm here is deterministic; what is asked for is kept to be asked back.
_deterministic = [False, False]


def use_deterministic_algorithms(mode, *, warn_only=False):
    if not isinstance(mode, type(True)):
        raise TypeError("_set_deterministic_algorithms(): argument 'mode' (position 1) must be bool, "
                        f"not {type(mode).__name__}")
    _deterministic[:] = [mode, not not warn_only]


def are_deterministic_algorithms_enabled():
    return _deterministic[0]


def is_deterministic_algorithms_warn_only_enabled():
    return all(_deterministic)


def set_deterministic_debug_mode(debug_mode):
    modes = ("default", "warn", "error")
    if not isinstance(debug_mode, (type(0), str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if debug_mode in modes:
        debug_mode = modes.index(debug_mode)
    if not isinstance(debug_mode, type(0)):
        raise RuntimeError("invalid value of debug_mode, expected one of `default`, `warn`, `error`, "
                           f"but got {debug_mode}")
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    use_deterministic_algorithms(debug_mode > 0, warn_only=debug_mode == 1)


def get_deterministic_debug_mode():
    return 0 if not _deterministic[0] else 1 if _deterministic[1] else 2


_matmul_precision = ["highest"]


def set_float32_matmul_precision(precision):
    if not isinstance(precision, str):
        raise RuntimeError(f"set_float32_matmul_precision expects a str, but got {type(precision).__name__}")
    _matmul_precision[0] = precision


def get_float32_matmul_precision():
    return _matmul_precision[0]


def is_same_size(input, other):
    return input.is_same_size(other)


def is_signed(input):
    return input.is_signed()


def get_device(input):
    return input.get_device()


def detach_(input):
    return input.detach_()


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """A tensor of obj; one that obj is already, unless a copy or another dtype is wanted."""
    if not isinstance(obj, torch.Tensor):
        return torch.tensor(obj, dtype=dtype, requires_grad=requires_grad)
    t = obj if dtype is None or dtype == obj.dtype else obj.to(dtype)
    if copy and t is obj:
        t = t.clone()
    if t.requires_grad and not requires_grad:
        return t.detach()
    return t.requires_grad_() if requires_grad and not t.requires_grad else t


def seed():
    return torch.manual_seed(0).initial_seed()


default_generator = _C.default_generator()


def set_default_tensor_type(t):
    name = t if isinstance(t, str) else "torch." + getattr(t, "__name__", "")
    kinds = {"torch.FloatTensor": torch.float32, "torch.DoubleTensor": torch.float64,
             "torch.HalfTensor": torch.float16, "torch.BFloat16Tensor": torch.bfloat16}
    if not isinstance(t, (str, type)):
        raise TypeError("invalid type object: only floating-point types are supported as the default type")
    if name not in kinds:
        raise TypeError("only floating-point types are supported as the default type")
    torch.set_default_dtype(kinds[name])


def norm_except_dim(v, pow=2, dim=0):
    """The norms of the slices along dim; -1: of all of v."""
    if dim == -1:
        return v.norm(pow)
    shape = [1] * v.dim()
    shape[dim] = v.size(dim)
    if dim == 0:
        return v.contiguous().view(v.size(0), -1).norm(pow, 1).view(shape)
    if dim == v.dim() - 1:
        return v.contiguous().view(-1, v.size(dim)).norm(pow, 0).view(shape)
    return norm_except_dim(v.transpose(0, dim), pow, 0).transpose(0, dim)


def _weight_norm(v, g, dim=0):
    if dim in (0, v.dim() - 1) and torch.half not in (v.dtype, g.dtype):
        return torch._weight_norm_interface(v.contiguous(), g.contiguous(), dim)[0]
    return v * (g / norm_except_dim(v, 2, dim))


def from_numpy(ndarray):
    raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")


def save(obj, f, pickle_module=None, pickle_protocol=2):
    raise RuntimeError("torch.save() is not available in a cell")


def load(f, map_location=None, pickle_module=None):
    raise RuntimeError("torch.load() is not available in a cell")


_recurrent = "rnn_tanh rnn_relu lstm gru rnn_tanh_cell rnn_relu_cell lstm_cell gru_cell"
_left_out = ("complex64 complex128 complex32 cfloat cdouble chalf complex polar view_as_complex stft istft fft "
             "sparse sparse_coo sparse_csr sparse_coo_tensor sparse_csr_tensor quantization quantize_per_tensor ao "
             "distributions distributed multiprocessing jit fx onnx hub package profiler futures amp autocast "
             "overrides from_dlpack to_dlpack frombuffer from_file "
             "lobpcg masked nested")


def __getattr__(name):
    if name in _recurrent.split():
        return getattr(torch._VF, name)
    if name in _left_out.split():
        raise NotImplementedError(f"torch.{name} is not available in a cell")
    raise AttributeError(name)
