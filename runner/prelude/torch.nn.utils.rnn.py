"""Sequences of different lengths as one tensor: padded, or packed step by step."""

import torch


class PackedSequence_(tuple):
    """The four fields of a packed sequence, by position and by name."""

    _fields = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")

    @property
    def data(self):
        return self[0]

    @property
    def batch_sizes(self):
        return self[1]

    @property
    def sorted_indices(self):
        return self[2]

    @property
    def unsorted_indices(self):
        return self[3]

    def __repr__(self):
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self))
        return f"{type(self).__name__}({fields})"


def _if_given(value, f):
    return None if value is None else f(value)


class PackedSequence(PackedSequence_):
    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            assert isinstance(data, (list, tuple)) and len(data) == 2
            data, batch_sizes = data
        return super().__new__(cls, (data, batch_sizes, sorted_indices, unsorted_indices))

    def to(self, *args, **kwargs):
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        options = {k: v for k, v in kwargs.items() if k not in ("device", "dtype")}
        indices = [_if_given(t, lambda t: t.to(data.device, **options)) for t in self[2:]]
        return type(self)(data, self.batch_sizes, *indices)

    def cuda(self, *args, **kwargs):
        return self.to(*args, device="cuda", **kwargs)

    def cpu(self, *args, **kwargs):
        return self.to(*args, **kwargs)

    def double(self):
        return self.to(dtype=torch.double)

    def float(self):
        return self.to(dtype=torch.float)

    def half(self):
        return self.to(dtype=torch.half)

    def long(self):
        return self.to(dtype=torch.long)

    def int(self):
        return self.to(dtype=torch.int)

    def short(self):
        return self.to(dtype=torch.short)

    def char(self):
        return self.to(dtype=torch.int8)

    def byte(self):
        return self.to(dtype=torch.uint8)

    @property
    def is_cuda(self):
        return False

    def is_pinned(self):
        return False


def invert_permutation(permutation):
    if permutation is None:
        return None
    out = torch.empty_like(permutation, memory_format=torch.contiguous_format)
    return out.scatter_(0, permutation, torch.arange(0, permutation.numel()))


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    lengths = torch.as_tensor(lengths, dtype=torch.int64)
    order = None
    if not enforce_sorted:
        lengths, order = torch.sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, order)
    data, batch_sizes = torch._pack_padded_sequence(input, lengths, batch_first)
    return PackedSequence(data, batch_sizes, order, None)


def _padded(sequence, padding_value, steps):
    """All sequences as far as they go, and how far that is."""
    sizes = sequence.batch_sizes.tolist()
    data, count = sequence.data, sizes[0]
    out = data.new_full((steps, count) + tuple(data.shape[1:]), padding_value)
    lengths = [0] * count
    start, at, before = 0, 0, count
    for step, size in enumerate(sizes + [0]):
        if size == before:
            continue
        rows = (step - start) * before
        block = data[at:at + rows].view(step - start, before, *data.shape[1:])
        out.narrow(0, start, step - start).narrow(1, 0, before).copy_(block)
        lengths[size:before] = [step] * (before - size)
        start, at, before = step, at + rows, size
    return out, torch.tensor(lengths)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    steps = sequence.batch_sizes.size(0)
    if total_length is not None:
        if total_length < steps:
            raise ValueError("Expected total_length to be at least the length of the longest sequence in "
                             f"input, but got total_length={total_length} and max sequence length being {steps}")
        steps = total_length
    out, lengths = _padded(sequence, padding_value, steps)
    if batch_first:
        out = out.transpose(0, 1)
    order = sequence.unsorted_indices
    if order is None:
        return out, lengths
    return out.index_select(0 if batch_first else 1, order), lengths[order]


def _check_sequences(sequences):
    """The sequences as a tuple."""
    if not isinstance(sequences, (list, tuple, torch.Tensor)) and not hasattr(sequences, "__iter__"):
        raise RuntimeError("pad_sequence: Expected iterable for input sequences, but got arg of type: "
                           f"{type(sequences)}")
    sequences = sequences.unbind(0) if isinstance(sequences, torch.Tensor) else tuple(sequences)
    for i, sequence in enumerate(sequences):
        if not isinstance(sequence, torch.Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(sequence).__name__}")
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    return sequences


def pad_sequence(sequences, batch_first=False, padding_value=0.0):
    sequences = _check_sequences(sequences)
    longest = max(s.size(0) for s in sequences)
    sizes = (len(sequences), longest) if batch_first else (longest, len(sequences))
    out = sequences[0].new_full(sizes + tuple(sequences[0].shape[1:]), padding_value)
    for i, sequence in enumerate(sequences):
        out.select(0 if batch_first else 1, i).narrow(0, 0, sequence.size(0)).copy_(sequence)
    return out


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    if not batch_first:
        padded_sequences.transpose_(0, 1)
    steps = torch.arange(padded_sequences.shape[1])
    return [row[steps < length] for row, length in zip(padded_sequences, lengths)]


def pack_sequence(sequences, enforce_sorted=True):
    lengths = torch.as_tensor([v.size(0) for v in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
