"""SparseAdam is for sparse gradients, which there are none of here."""

from torch.optim.optimizer import Optimizer, _step_each


class SparseAdam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        for what, value in (("learning rate", lr), ("epsilon value", eps)):
            if not 0.0 < value:
                raise ValueError(f"Invalid {what}: {value}")
        for i in (0, 1):
            if not 0.0 <= betas[i] < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
        super().__init__(list(params), dict(lr=lr, betas=betas, eps=eps, maximize=maximize))

    def step(self, closure=None):
        return _step_each(self, closure)

    def _update(self, p, grad, state, group):
        raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
