"""Sequences of different lengths as one tensor. Packed sequences need recurrent layers and
are not there."""

import torch


def pad_sequence(sequences, batch_first=False, padding_value=0.0):
    if not isinstance(sequences, (list, tuple, torch.Tensor)) and not hasattr(sequences, "__iter__"):
        raise RuntimeError("pad_sequence: Expected iterable for input sequences, but got arg of type: "
                           f"{type(sequences)}")
    if isinstance(sequences, torch.Tensor):
        sequences = sequences.unbind(0)
    sequences = tuple(sequences)
    longest = max(len(s) for s in sequences)
    sizes = (len(sequences), longest) + tuple(sequences[0].shape[1:])
    out = sequences[0].new_full(sizes, padding_value)
    for i, sequence in enumerate(sequences):
        out[i, :len(sequence)] = sequence
    return out if batch_first else out.transpose(0, 1)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows, lengths)]
