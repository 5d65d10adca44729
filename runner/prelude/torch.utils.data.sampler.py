"""Samplers: in which order samples are taken.

What they draw at random is drawn when the first index is asked for, not before: their
iterators are generator expressions whose clauses, but for the first, wait.
"""

import torch


def _is_count(n):
    return isinstance(n, int) and not isinstance(n, bool) and n > 0


class Sampler:
    def __class_getitem__(cls, item):
        return cls

    def __init__(self, data_source):
        pass

    def __iter__(self):
        raise NotImplementedError


class SequentialSampler(Sampler):
    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError("num_samples should be a positive integer "
                             f"value, but got num_samples={self.num_samples}")

    @property
    def num_samples(self):
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def _own_generator(self):
        if self.generator is not None:
            return self.generator
        seed = int(torch.empty((), dtype=torch.int64).random_().item())
        generator = torch.Generator()
        generator.manual_seed(seed)
        return generator

    def _draw(self, count, generator):
        """The next `count` indices, at most 32 or one order of all."""
        n = len(self.data_source)
        if self.replacement:
            return torch.randint(high=n, size=(count,), dtype=torch.int64, generator=generator).tolist()
        return torch.randperm(n, generator=generator).tolist()[:count]

    def __iter__(self):
        at_once = 32 if self.replacement else len(self.data_source)
        counts = [at_once] * (self.num_samples // at_once) + [self.num_samples % at_once]
        return (i for sampler in [self] for generator in [sampler._own_generator()]
                for count in counts for i in sampler._draw(count, generator))

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    def __init__(self, indices, generator=None):
        self.indices = indices
        self.generator = generator

    def __iter__(self):
        return (s.indices[i] for s in [self] for i in torch.randperm(len(s.indices), generator=s.generator))

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    def __init__(self, weights, num_samples, replacement=True, generator=None):
        if not _is_count(num_samples):
            raise ValueError("num_samples should be a positive integer "
                             f"value, but got num_samples={num_samples}")
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement should be a boolean value, but got replacement={replacement}")
        self.weights = torch.as_tensor(weights, dtype=torch.double)
        if len(self.weights.shape) != 1:
            raise ValueError("weights should be a 1d sequence but given "
                             f"weights have shape {tuple(self.weights.shape)}")
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self):
        return (i for s in [self] for i in torch.multinomial(
            s.weights, s.num_samples, s.replacement, generator=s.generator).tolist())

    def __len__(self):
        return self.num_samples


def _take(iterator, n):
    batch = []
    for item in iterator:
        batch.append(item)
        if len(batch) == n:
            break
    return batch


class BatchSampler(Sampler):
    def __init__(self, sampler, batch_size, drop_last):
        if not _is_count(batch_size):
            raise ValueError("batch_size should be a positive integer value, "
                             f"but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self):
        size, least = self.batch_size, self.batch_size if self.drop_last else 1
        return (batch for s in [self] for indices in [iter(s.sampler)]
                for batch in iter(lambda: _take(indices, size), []) if len(batch) >= least)

    def __len__(self):
        if self.drop_last:
            return len(self.sampler) // self.batch_size
        return (len(self.sampler) + self.batch_size - 1) // self.batch_size
