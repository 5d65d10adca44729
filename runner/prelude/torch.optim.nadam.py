"""NAdam: Adam with Nesterov's momentum."""

import math
import torch
from torch.optim.optimizer import Optimizer, _check, _check_adam, _decayed, _step_each


class NAdam(Optimizer):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0,
                 momentum_decay=4e-3, foreach=None):
        _check_adam(lr, betas, eps, weight_decay)
        _check("momentum_decay value", momentum_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
                                      momentum_decay=momentum_decay, foreach=foreach))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        state["step"] = torch.tensor(0.)
        state["mu_product"] = torch.tensor(1.)
        state["exp_avg"] = torch.zeros_like(p)
        state["exp_avg_sq"] = torch.zeros_like(p)

    def _update(self, p, grad, state, group):
        beta1, beta2 = group["betas"]
        mean, square, product = state["exp_avg"], state["exp_avg_sq"], state["mu_product"]
        state["step"] += 1
        step = state["step"].item()
        grad = _decayed(p, grad, group)
        mu, mu_next = [beta1 * (1. - 0.5 * (0.96 ** (n * group["momentum_decay"]))) for n in (step, step + 1)]
        product *= mu
        mean.mul_(beta1).add_(grad, alpha=1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction = 1 - beta2 ** step
        if group["foreach"]:
            denom = square.sqrt().div_(math.sqrt(correction)).add_(group["eps"])
            rest = 1. - product.item() * mu_next
        else:
            denom = square.div(correction).sqrt().add_(group["eps"])
            rest = 1. - (product * mu * mu_next).item()
        p.addcdiv_(grad, denom, value=-group["lr"] * (1. - mu) / (1. - product.item()))
        p.addcdiv_(mean, denom, value=-group["lr"] * mu_next / rest)
