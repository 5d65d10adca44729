"""torch.nn.utils: each tool stands in a file of its own, loaded when first named."""

import torch.nn.utils as _utils

_files = {
    "clip_grad": "clip_grad_norm clip_grad_norm_ clip_grad_value_",
    "convert_parameters": "parameters_to_vector vector_to_parameters",
    "weight_norm": "weight_norm remove_weight_norm",
    "spectral_norm": "spectral_norm remove_spectral_norm",
    "fusion": "fuse_conv_bn_eval fuse_conv_bn_weights",
}
__all__ = [name for names in _files.values() for name in names.split()]


def __getattr__(name):
    for file, names in _files.items():
        if name in names.split():
            return getattr(getattr(_utils, "_" + file), name)
    if name in ("clip_grad", "convert_parameters"):
        return getattr(_utils, "_" + name)
    raise AttributeError(name)
