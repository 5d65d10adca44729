"""torch.storage: the memory that a tensor and its views share, seen as one row of numbers."""

import torch


class TypedStorage:
    def __init__(self, flat):
        self._flat = flat  # a tensor over the whole memory

    dtype = property(lambda self: self._flat.dtype)
    device = property(lambda self: self._flat.device)
    is_cuda = False
    is_sparse = False

    def _place(self, i):
        if isinstance(i, slice):
            raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
        if not isinstance(i, int):
            raise RuntimeError(f"can't index a {type(self)} with {type(i)}")
        if not -len(self) <= i < len(self):
            raise IndexError(f"index {i} out of range for storage of size {len(self)}")
        return i

    def __len__(self):
        return len(self._flat)

    def __iter__(self):
        return iter(self.tolist())

    def __getitem__(self, i):
        return self._flat[self._place(i)].item()

    def __setitem__(self, i, value):
        self._flat[self._place(i)] = value

    def __repr__(self):
        rows = "\n ".join(str(number) for number in self.tolist())
        kind = f"torch.storage.TypedStorage(dtype={self.dtype}, device={self.device})"
        return f" {rows}\n[{kind} of size {len(self)}]"

    def tolist(self):
        return self._flat.tolist()

    def size(self):
        return len(self)

    def data_ptr(self):
        return self._flat.data_ptr()

    _cdata = property(data_ptr)

    def element_size(self):
        return self._flat.element_size()

    def nbytes(self):
        return len(self) * self.element_size()

    def type(self):
        return self._flat.type().replace("Tensor", "Storage")

    def clone(self):
        return TypedStorage(self._flat.clone())

    def fill_(self, value):
        self._flat.fill_(value)
        return self

    def copy_(self, source, non_blocking=None):
        self._flat.copy_(source._flat)
        return self

    def is_shared(self):
        return False

    def is_pinned(self):
        return False


def _converted(dtype):
    return lambda self: TypedStorage(self._flat.to(dtype))


for _name in ("float", "double", "half", "bfloat16", "long", "int", "short"):
    setattr(TypedStorage, _name, _converted(getattr(torch, _name)))
