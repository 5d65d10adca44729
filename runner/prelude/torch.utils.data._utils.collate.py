"""Samples put together to batches."""

import torch


def default_convert(data):
    if isinstance(data, dict):
        return type(data)({key: default_convert(data[key]) for key in data})
    if isinstance(data, (tuple, list)):
        return [default_convert(d) for d in data]
    return data


def _collate_sequences(batch):
    elem = batch[0]
    if not all(len(other) == len(elem) for other in batch):
        raise RuntimeError("each element in list of batch should be of equal size")
    return [default_collate(samples) for samples in zip(*batch)]


def default_collate(batch):
    elem = batch[0]
    if isinstance(elem, torch.Tensor):
        return torch.stack(batch, 0)
    if isinstance(elem, float):
        return torch.tensor(batch, dtype=torch.float64)
    if isinstance(elem, int):
        return torch.tensor(batch)
    if isinstance(elem, str):
        return batch
    if isinstance(elem, dict):
        return type(elem)({key: default_collate([d[key] for d in batch]) for key in elem})
    if isinstance(elem, (tuple, list)):
        return _collate_sequences(batch)
    raise TypeError("default_collate: batch must contain tensors, numpy arrays, numbers, "
                    f"dicts or lists; found {type(elem)}")
