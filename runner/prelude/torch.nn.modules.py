"""Which file of torch.nn.modules defines which class. It is loaded when first named."""

import torch.nn.modules as _modules

_files = {
    "module": "Module",
    "linear": "Identity Linear Bilinear LazyLinear",
    "container": "Container Sequential ModuleList ModuleDict ParameterList ParameterDict",
}
__all__ = [name for names in _files.values() for name in names.split()]


def __getattr__(name):
    for file, names in _files.items():
        if name in names.split():
            return getattr(getattr(_modules, file), name)
    raise AttributeError(name)
