"""torch.optim: each optimizer stands in a file of its own, loaded when first named."""

import torch.optim as _optim

__all__ = ["Adadelta", "Adagrad", "Adam", "AdamW", "SparseAdam", "Adamax", "ASGD", "SGD",
           "RAdam", "Rprop", "RMSprop", "Optimizer", "NAdam", "LBFGS"]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(name)
    file = "sparse_adam" if name == "SparseAdam" else name.lower()
    return getattr(getattr(_optim, file), name)
