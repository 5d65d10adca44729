"""Adamax: Adam with the largest gradient in place of the mean square."""

import torch
from torch.optim.optimizer import Optimizer, _check_adam, _decayed, _step_each


class Adamax(Optimizer):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None,
                 *, maximize=False):
        _check_adam(lr, betas, eps, weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
                                      foreach=foreach, maximize=maximize))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        state["step"] = torch.tensor(0.)
        state["exp_avg"] = torch.zeros_like(p)
        state["exp_inf"] = torch.zeros_like(p)

    def _update(self, p, grad, state, group):
        beta1, beta2 = group["betas"]
        mean, most = state["exp_avg"], state["exp_inf"]
        state["step"] += 1
        grad = _decayed(p, grad, group)
        mean.mul_(beta1).add_(grad, alpha=1 - beta1)
        both = torch.cat([most.mul_(beta2).unsqueeze(0), grad.abs().add_(group["eps"]).unsqueeze_(0)], 0)
        torch.amax(both, 0, keepdim=False, out=most)
        p.addcdiv_(mean, most, value=-(group["lr"] / (1 - beta1 ** state["step"].item())))
