"""Rprop: the signs of gradients alone decide; each element has a step size of its own."""

import torch
from torch.optim.optimizer import Optimizer, _check, _step_each


class Rprop(Optimizer):
    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), foreach=None, maximize=False):
        _check("learning rate", lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, dict(lr=lr, etas=etas, step_sizes=step_sizes, foreach=foreach,
                                      maximize=maximize))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        state["step"] = 0
        state["prev"] = torch.zeros_like(p)
        state["step_size"] = torch.full_like(p.grad, group["lr"])

    def _update(self, p, grad, state, group):
        shrink, grow = group["etas"]
        state["step"] += 1
        sign = grad.mul(state["prev"]).sign()
        sign[sign.gt(0)] = grow
        sign[sign.lt(0)] = shrink
        sign[sign.eq(0)] = 1
        size = state["step_size"].mul_(sign).clamp_(*group["step_sizes"])
        grad = grad.clone()
        grad[sign.eq(shrink)] = 0
        p.addcmul_(grad.sign(), size, value=-1)
        state["prev"].copy_(grad)
