"""Stochastic weight averaging: a model that holds the mean of the models along a training."""

import math
import torch
import warnings
from torch.nn import Module
from torch.optim.lr_scheduler import _LRScheduler


def _copied(x):
    """A deep copy of a module, a container or a tensor."""
    if isinstance(x, torch.Tensor):
        return x.__deepcopy__({})
    if isinstance(x, Module):
        copy = object.__new__(type(x))
        for name, value in vars(x).items():
            object.__setattr__(copy, name, _copied(value))
        return copy
    if isinstance(x, dict):
        copy = type(x)()
        for key, value in x.items():
            copy[key] = _copied(value)
        return copy
    return type(x)(_copied(item) for item in x) if isinstance(x, (list, tuple)) else x


class AveragedModel(Module):
    def __init__(self, model, device=None, avg_fn=None, use_buffers=False):
        super().__init__()
        self.module = _copied(model)
        self.register_buffer("n_averaged", torch.tensor(0, dtype=torch.long, device=device))
        self.avg_fn = self._mean if avg_fn is None else avg_fn
        self.use_buffers = use_buffers

    @staticmethod
    def _mean(averaged, new, count):
        return averaged + (new - averaged) / (count + 1)

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def _averaged(self, model):
        return list(model.parameters()) + (list(model.buffers()) if self.use_buffers else [])

    def update_parameters(self, model):
        for mine, other in zip(self._averaged(self.module), self._averaged(model)):
            new = other.detach()
            if self.n_averaged != 0:
                new = self.avg_fn(mine.detach(), new, self.n_averaged)
            mine.detach().copy_(new)
        self.n_averaged += 1


@torch.no_grad()
def update_bn(loader, model, device=None):
    """Runs the batches through the model, so that its batch norms see them all alike."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    momenta = [m.momentum for m in norms]
    was_training = model.training
    model.train()
    for m in norms:
        m.reset_running_stats()
        m.momentum = None
    for batch in loader:
        model(batch[0] if isinstance(batch, (list, tuple)) else batch)
    for m, momentum in zip(norms, momenta):
        m.momentum = momentum
    model.train(was_training)


def _cosine_anneal(t):
    return (1 - math.cos(math.pi * t)) / 2


def _linear_anneal(t):
    return t


class SWALR(_LRScheduler):
    """Anneals the rate of each group to swa_lr and keeps it there."""

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        rates = swa_lr if isinstance(swa_lr, (list, tuple)) else [swa_lr] * len(optimizer.param_groups)
        if len(rates) != len(optimizer.param_groups):
            raise ValueError("swa_lr must have the same length as optimizer.param_groups: swa_lr has "
                             f"{len(swa_lr)}, optimizer.param_groups has {len(optimizer.param_groups)}")
        for rate, group in zip(rates, optimizer.param_groups):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError("anneal_strategy must by one of 'cos' or 'linear', "
                             f"instead got {anneal_strategy}")
        self.anneal_func = _cosine_anneal if anneal_strategy == "cos" else _linear_anneal
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _part(self, step):
        return self.anneal_func(max(0, min(1, step / max(1, self.anneal_epochs))))

    def get_lr(self):
        if not self._get_lr_called_within_step:
            warnings.warn("To get the last learning rate computed by the scheduler, "
                          "please use `get_last_lr()`.", UserWarning)
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._part(step - 1), self._part(step)
        rates = []
        for group in self.optimizer.param_groups:
            target = group["swa_lr"]
            start = target if before == 1 else (group["lr"] - before * target) / (1 - before)
            rates.append(target * now + start * (1 - now))
        return rates
