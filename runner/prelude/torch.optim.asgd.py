"""Averaged stochastic gradient descent: state["ax"] is the mean of the last points."""

import math
import torch
from torch.optim.optimizer import Optimizer, _check, _step_each


class ASGD(Optimizer):
    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0, foreach=None,
                 maximize=False):
        _check("learning rate", lr)
        _check("weight_decay value", weight_decay)
        super().__init__(params, dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay,
                                      foreach=foreach, maximize=maximize))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        state["step"] = torch.tensor(0.)
        state["eta"] = torch.tensor(group["lr"])
        state["mu"] = torch.tensor(1.)
        state["ax"] = torch.zeros_like(p)

    def _update(self, p, grad, state, group):
        lr, lambd = group["lr"], group["lambd"]
        eta, mu, mean = state["eta"], state["mu"], state["ax"]
        state["step"] += 1
        step = state["step"].item()
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        p.mul_(1 - lambd * eta.item())
        p.add_(grad, alpha=-eta.item())
        if mu.item() != 1:
            mean.add_(p.sub(mean).mul(mu))
        else:
            mean.copy_(p)
        eta.copy_(torch.tensor(lr / math.pow(1 + lambd * lr * step, group["alpha"])))
        mu.copy_(torch.tensor(1 / max(1, step - group["t0"])))
