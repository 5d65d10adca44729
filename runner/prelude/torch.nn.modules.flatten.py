"""Several dimensions as one, and one as several."""

from torch.nn.modules.module import Module


class Flatten(Module):
    def __init__(self, start_dim=1, end_dim=-1):
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input):
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self):
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


def _require(sizes, kinds, element, what):
    if not isinstance(sizes, kinds):
        raise TypeError(f"unflattened_size must be a tuple of {what}, but found type {type(sizes).__name__}")
    for i, size in enumerate(sizes):
        if not isinstance(size, element):
            raise TypeError(f"unflattened_size must be tuple of {what}, "
                            f"but found element of type {type(size).__name__} at pos {i}")


class Unflatten(Module):
    def __init__(self, dim, unflattened_size):
        super().__init__()
        if isinstance(dim, int):
            _require(unflattened_size, (tuple, list), int, "ints")
        elif isinstance(dim, str):
            _require(unflattened_size, tuple, tuple, "tuples")
        else:
            raise TypeError("invalid argument type for dim parameter")
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input):
        return input.unflatten(self.dim, self.unflattened_size)

    def extra_repr(self):
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
