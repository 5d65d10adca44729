"""What torch.functional adds in Python to operators."""

import torch
import torch._C._VariableFunctions as _operators


def atleast_1d(*tensors):
    return _operators.atleast_1d(tensors[0] if len(tensors) == 1 else tensors)


def atleast_2d(*tensors):
    return _operators.atleast_2d(tensors[0] if len(tensors) == 1 else tensors)


def atleast_3d(*tensors):
    return _operators.atleast_3d(tensors[0] if len(tensors) == 1 else tensors)


def block_diag(*tensors):
    return _operators.block_diag(tensors)


def broadcast_tensors(*tensors):
    return _operators.broadcast_tensors(tensors)


def broadcast_shapes(*shapes):
    result = []
    for shape in shapes:
        if isinstance(shape, int):
            shape = (shape,)
        if not isinstance(shape, (tuple, list)):
            raise RuntimeError("Input shapes should be of type ints, a tuple of ints, or a list of ints, got ", shape)
        result = [1] * (len(shape) - len(result)) + result
        for i in range(-1, -1 - len(shape), -1):
            if shape[i] < 0:
                raise RuntimeError(f"Trying to create tensor with negative dimension ({shape[i]}): ({shape[i]})")
            if shape[i] not in (1, result[i]) and result[i] != 1:
                raise RuntimeError("Shape mismatch: objects cannot be broadcast to a single shape")
            if shape[i] != 1:
                result[i] = shape[i]
    return torch.Size(result)


def cartesian_prod(*tensors):
    return _operators.cartesian_prod(tensors)


def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    modes = {"use_mm_for_euclid_dist_if_necessary": None, "use_mm_for_euclid_dist": 1, "donot_use_mm_for_euclid_dist": 2}
    if compute_mode not in modes:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    return _operators.cdist(x1, x2, p, modes[compute_mode])


def meshgrid(*tensors, indexing=None):
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    how = {} if indexing is None else {"indexing": indexing}
    return _operators.meshgrid(tensors, **how)


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    to = {} if out is None else {"out": out}
    everywhere = list(range(input.dim()))
    if dim is not None:
        dim = [dim] if isinstance(dim, int) else dim
    if isinstance(p, str):
        if p not in ("fro", "nuc"):
            raise RuntimeError(f"only valid string values are 'fro' and 'nuc', found {p}")
        if dtype is not None:
            kind = "frobenius" if p == "fro" else "nuclear"
            raise ValueError(f"dtype argument is not supported in {kind} norm")
        if p == "fro" and dim is None and out is None:
            return _operators.frobenius_norm(input, dim=(), keepdim=keepdim)
        if p == "fro":
            return _operators.frobenius_norm(input, everywhere if dim is None else dim, keepdim=keepdim, **to)
        if dim is None:
            return _operators.nuclear_norm(input, keepdim=keepdim, **to)
        return _operators.nuclear_norm(input, dim, keepdim=keepdim, **to)
    if dtype is not None:
        to["dtype"] = dtype
    if dim is None and p is not None and not to:
        return _operators.norm(input, p, dim=everywhere, keepdim=keepdim)
    return _operators.norm(input, p, everywhere if dim is None else dim, keepdim=keepdim, **to)


def split(tensor, split_size_or_sections, dim=0):
    return tensor.split(split_size_or_sections, dim)


def tensordot(a, b, dims=2, out=None):
    if isinstance(dims, torch.Tensor) and dims.numel() > 1:
        assert dims.size()[0] == 2
        dims = dims.tolist()
    elif isinstance(dims, torch.Tensor):
        dims = int(dims.item())
    elif isinstance(dims, int) and dims > min(a.dim(), b.dim()):
        raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        dims = list(range(-dims, 0)), list(range(dims))
    if not isinstance(dims, (tuple, list)):
        raise RuntimeError(f"tensordot expects dims to be int or Tuple[List[int], List[int]] or List[List[int]] containing two lists, but got dims={dims}")
    dims_a, dims_b = dims
    to = {} if out is None else {"out": out}
    return _operators.tensordot(a, b, dims_a, dims_b, **to)


def _given(name, index, args, named):
    return named.get(name, args[index] if index < len(args) else False)


# unique and unique_consecutive look for return_inverse and return_counts among the
# arguments to choose one of these, which gives as much of the result.


def _return_output(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return _unique_of(input, sorted, return_inverse, return_counts, dim)[0]


def _return_inverse(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return _unique_of(input, sorted, return_inverse, return_counts, dim)[:2]


def _return_counts(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    output, _, counts = _unique_of(input, sorted, return_inverse, return_counts, dim)
    return output, counts


def _unique_impl(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    return _unique_of(input, sorted, return_inverse, return_counts, dim)


def _unique_of(input, sorted, return_inverse, return_counts, dim):
    if dim is None:
        return _operators._unique2(input, sorted=sorted, return_inverse=return_inverse, return_counts=return_counts)
    return _operators.unique_dim(input, dim, sorted=sorted, return_inverse=return_inverse, return_counts=return_counts)


def unique(*args, **named):
    inverse, counts = _given("return_inverse", 2, args, named), _given("return_counts", 3, args, named)
    if inverse:
        return _unique_impl(*args, **named) if counts else _return_inverse(*args, **named)
    return _return_counts(*args, **named) if counts else _return_output(*args, **named)


def _consecutive_return_output(input, return_inverse=False, return_counts=False, dim=None):
    return _operators.unique_consecutive(input, return_inverse=return_inverse, return_counts=return_counts, dim=dim)[0]


def _consecutive_return_inverse(input, return_inverse=False, return_counts=False, dim=None):
    return _operators.unique_consecutive(input, return_inverse=return_inverse, return_counts=return_counts, dim=dim)[:2]


def _consecutive_return_counts(input, return_inverse=False, return_counts=False, dim=None):
    output, _, counts = _operators.unique_consecutive(input, return_inverse=return_inverse, return_counts=return_counts, dim=dim)
    return output, counts


def _unique_consecutive_impl(input, return_inverse=False, return_counts=False, dim=None):
    return _operators.unique_consecutive(input, return_inverse=return_inverse, return_counts=return_counts, dim=dim)


def unique_consecutive(*args, **named):
    # These places are PyTorch's, though return_inverse comes first.
    inverse, counts = _given("return_inverse", 2, args, named), _given("return_counts", 1, args, named)
    if inverse:
        return _unique_consecutive_impl(*args, **named) if counts else _consecutive_return_inverse(*args, **named)
    return _consecutive_return_counts(*args, **named) if counts else _consecutive_return_output(*args, **named)


def _subscript(n):
    if n is ...:
        return "..."
    if 0 <= n < 26:
        return chr(ord("A") + n)
    if 26 <= n < 52:
        return chr(ord("a") + n - 26)
    raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")


def einsum(*args):
    if len(args) < 2:
        raise ValueError("einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list")
    equation, operands = args[0], args[1:]
    if torch.is_tensor(args[0]):
        # Operands and lists of subscripts in turn, at the end those of the result.
        equation = ",".join("".join(_subscript(n) for n in l) for l in args[1::2])
        operands = args[::2]
        if len(args) % 2 == 1:
            equation += "->" + "".join(_subscript(n) for n in args[-1])
            operands = args[:-1:2]
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        return einsum(equation, *operands[0])
    return _operators.einsum(equation, operands)


def chain_matmul(*matrices, out=None):
    if out is None:
        return _operators.chain_matmul(matrices)
    return _operators.chain_matmul(matrices, out=out)


def lu(A, pivot=True, get_infos=False, out=None):
    result = _operators._lu_with_info(A, pivot=pivot, check_errors=not get_infos)
    result = result if get_infos else (result[0], result[1])
    if out is None:
        return result
    if not isinstance(out, (tuple, list)):
        raise TypeError(f"argument 'out' must be tuple of Tensors, not {type(out).__name__}")
    if len(out) != len(result):
        raise TypeError(f"expected tuple of {len(result)} elements but got {len(out)}")
    for to, t in zip(out, result):
        to.resize_(t.shape).copy_(t)
    return out
