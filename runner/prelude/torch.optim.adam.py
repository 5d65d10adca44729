"""Adam; torch.optim.adamw shares its moments."""

import math
import torch
from torch.optim.optimizer import Optimizer, _check_adam, _decayed, _step_each


def _begin_moments(p, state, capturable, amsgrad):
    state["step"] = torch.zeros(1) if capturable else torch.tensor(0.)
    state["exp_avg"] = torch.zeros_like(p)
    state["exp_avg_sq"] = torch.zeros_like(p)
    if amsgrad:
        state["max_exp_avg_sq"] = torch.zeros_like(p)


def _move(p, grad, state, group):
    """One step along the moments, after grad has gone into them."""
    beta1, beta2 = group["betas"]
    mean, square = state["exp_avg"], state["exp_avg_sq"]
    mean.mul_(beta1).add_(grad, alpha=1 - beta1)
    square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    differentiable = group.get("differentiable")
    step = state["step"] if differentiable else state["step"].item()
    if group["amsgrad"]:
        square = _largest(state["max_exp_avg_sq"], square, differentiable)
    if differentiable:
        size = -group["lr"] / (1 - torch.pow(beta1, step))
        scale = (1 - torch.pow(beta2, step)).sqrt() * size
        p.addcdiv_(mean, (square.sqrt() / scale).add_(group["eps"] / size))
    else:
        size = group["lr"] / (1 - beta1 ** step)
        denom = (square.sqrt() / math.sqrt(1 - beta2 ** step)).add_(group["eps"])
        p.addcdiv_(mean, denom, value=-size)


def _largest(most, square, differentiable):
    if differentiable:
        return most.copy_(torch.maximum(most.clone(), square))
    return torch.maximum(most, square, out=most)


def _refuse_capture(group):
    assert not group["capturable"], "If capturable=True, params and state_steps must be CUDA tensors."


class Adam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False,
                 *, foreach=None, maximize=False, capturable=False, differentiable=False, fused=False):
        _check_adam(lr, betas, eps, weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize,
            foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused))
        if fused and differentiable:
            raise RuntimeError("`fused` cannot be `differentiable`")
        if fused:
            raise RuntimeError("FusedAdam requires all the params to be CUDA, floating point")

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        _begin_moments(p, state, self.defaults["capturable"], group["amsgrad"])

    def _update(self, p, grad, state, group):
        _refuse_capture(group)
        state["step"] += 1
        grad = _decayed(p, grad, group)
        _move(p, grad, state, group)
