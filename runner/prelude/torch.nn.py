"""torch.nn: modules, parameters, and what goes with them."""

import torch.nn.modules as modules
import torch.nn.parallel.data_parallel as _parallel
import torch.nn.parameter as _parameter

_parameters = ["Parameter", "UninitializedParameter", "UninitializedBuffer"]


def __getattr__(name):
    if name == "__all__":
        return _parameters + modules.__all__ + ["DataParallel"]
    if name == "DataParallel":
        return _parallel.DataParallel
    return getattr(_parameter if name in _parameters else modules, name)
