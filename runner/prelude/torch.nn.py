"""torch.nn: modules, parameters, and what goes with them."""

import torch.nn.modules as modules
import torch.nn.parameter as _parameter

__all__ = ["Parameter", "UninitializedParameter", "UninitializedBuffer"] + modules.__all__


def __getattr__(name):
    return getattr(_parameter if name in __all__[:3] else modules, name)
