"""Adam whose weight decay is a factor of its own, not part of the gradient."""

from torch.optim.adam import _begin_moments, _move, _refuse_capture
from torch.optim.optimizer import Optimizer, _check_adam, _step_each


class AdamW(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False,
                 *, maximize=False, foreach=None, capturable=False):
        _check_adam(lr, betas, eps, weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
            foreach=foreach, maximize=maximize, capturable=capturable))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _begin(self, p, state, group):
        _begin_moments(p, state, self.defaults["capturable"], group["amsgrad"])

    def _update(self, p, grad, state, group):
        _refuse_capture(group)
        state["step"] += 1
        p.mul_(1 - group["lr"] * group["weight_decay"])
        _move(p, grad, state, group)
