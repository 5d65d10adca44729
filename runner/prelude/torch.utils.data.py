"""torch.utils.data: data sets, samplers and the loader of batches."""

import torch.utils.data as _data

_files = {
    "dataset": "Dataset IterableDataset TensorDataset ConcatDataset ChainDataset Subset random_split",
    "sampler": "Sampler SequentialSampler RandomSampler SubsetRandomSampler WeightedRandomSampler BatchSampler",
    "dataloader": "DataLoader default_collate default_convert get_worker_info",
}
__all__ = [name for names in _files.values() for name in names.split()]


def __getattr__(name):
    for file, names in _files.items():
        if name in names.split():
            return getattr(getattr(_data, file), name)
    raise AttributeError(name)
