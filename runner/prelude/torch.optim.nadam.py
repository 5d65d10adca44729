"""NAdam: Adam with Nesterov's momentum."""

import torch
from torch.optim.optimizer import EachAlone, _check, _check_adam


class NAdam(EachAlone):
    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0,
                 momentum_decay=4e-3, foreach=None):
        _check_adam(lr, betas, eps, weight_decay)
        _check("momentum_decay value", momentum_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
                                      momentum_decay=momentum_decay, foreach=foreach))

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
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        mu, mu_next = [beta1 * (1. - 0.5 * (0.96 ** (n * group["momentum_decay"]))) for n in (step, step + 1)]
        product *= mu
        product_next = product * mu * mu_next
        mean.mul_(beta1).add_(grad, alpha=1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        denom = square.div(1 - beta2 ** step).sqrt().add_(group["eps"])
        p.addcdiv_(grad, denom, value=-group["lr"] * (1. - mu) / (1. - product.item()))
        p.addcdiv_(mean, denom, value=-group["lr"] * mu_next / (1. - product_next.item()))
