"""torch.autograd: backward and grad, anomaly mode, saved-tensor hooks."""

import torch._C as _C
import torch
import warnings
from torch.autograd.grad_mode import no_grad, enable_grad, set_grad_enabled, inference_mode


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None):
    if inputs is not None and len(inputs) == 0:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    _C.backward(tensors, grad_tensors, retain_graph, create_graph, inputs)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=False, is_grads_batched=False):
    return _C.grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused)


def Variable(data=None, requires_grad=False, volatile=False):
    return data.detach().requires_grad_(requires_grad) if requires_grad else data.detach()


class set_detect_anomaly:
    def __init__(self, mode, check_nan=True):
        self.prev = torch.is_anomaly_enabled()
        _C.set_anomaly(mode, check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *args):
        _C.set_anomaly(self.prev)


class detect_anomaly:
    def __init__(self, check_nan=True):
        self.prev = torch.is_anomaly_enabled()
        self.check_nan = check_nan
        warnings.warn("Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.")

    def __enter__(self):
        _C.set_anomaly(True, self.check_nan)

    def __exit__(self, *args):
        _C.set_anomaly(self.prev)
