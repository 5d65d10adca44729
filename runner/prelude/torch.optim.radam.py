"""RAdam: Adam that adapts its rate once the variance of its squares is known well enough."""

import math
import torch
from torch.optim.optimizer import Optimizer, _check_adam, _decayed, _step_each


class RAdam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None):
        _check_adam(lr, betas, eps, weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
                                      foreach=foreach))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        state["step"] = torch.tensor(0.)
        state["exp_avg"] = torch.zeros_like(p)
        state["exp_avg_sq"] = torch.zeros_like(p)

    def _update(self, p, grad, state, group):
        beta1, beta2 = group["betas"]
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        state["step"] += 1
        step = state["step"].item()
        correction = 1 - beta2 ** step
        grad = _decayed(p, grad, group)
        mean.mul_(beta1).add_(grad, alpha=1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * (beta2 ** step) / correction
        rect = 0
        if length > 5.:
            rect = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        if group["foreach"]:
            size = -group["lr"] / (1 - beta1 ** step)
            p.addcdiv_(mean, square.sqrt().div_(math.sqrt(correction)), value=size * rect)
            p.addcdiv_(mean, torch.ones_like(mean), value=size * (0 if rect > 0 else 1.))
            return
        move = mean / (1 - beta1 ** step) * group["lr"]
        if length > 5.:
            move = move * (math.sqrt(correction) / square.sqrt().add_(group["eps"])) * rect
        p.add_(move, alpha=-1.0)
