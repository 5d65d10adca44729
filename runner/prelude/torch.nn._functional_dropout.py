"""Dropout: of elements, of channels."""

import torch._C._VariableFunctions as _VF
import warnings


def _check_probability(p):
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropout(input, p=0.5, training=True, inplace=False):
    _check_probability(p)
    return (_VF.dropout_ if inplace else _VF.dropout)(input, p, training)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    _check_probability(p)
    return (_VF.alpha_dropout_ if inplace else _VF.alpha_dropout)(input, p, training)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    _check_probability(p)
    return (_VF.feature_alpha_dropout_ if inplace else _VF.feature_alpha_dropout)(input, p, training)


def _feature_dropout(input, p, training, inplace):
    return (_VF.feature_dropout_ if inplace else _VF.feature_dropout)(input, p, training)


def _feature_dropout_of_one(input, p, training, inplace):
    """That of a sample without the dimension of the batch."""
    input = input.unsqueeze_(0) if inplace else input.unsqueeze(0)
    result = _feature_dropout(input, p, training, inplace)
    return result.squeeze_(0) if inplace else result.squeeze(0)


def _ranks(n):
    """Which inputs are meant, when there are n spatial dimensions."""
    plural = "" if n == 1 else "s"
    return f"{n} spatial dimension{plural}, a channel dimension, and an optional batch dimension (i.e. {n + 1}D or {n + 2}D inputs)."


def _warn_of_rank(name, n, rank):
    warnings.warn(f"{name}: Received a {rank}-D input to {name}, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that {name} exists to provide channel-wise dropout on inputs with {_ranks(n)}")


def dropout1d(input, p=0.5, training=True, inplace=False):
    _check_probability(p)
    rank = input.dim()
    if rank not in (2, 3):
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {rank}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with {_ranks(1)}")
    return (_feature_dropout if rank == 3 else _feature_dropout_of_one)(input, p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    _check_probability(p)
    rank = input.dim()
    if rank not in (3, 4):
        _warn_of_rank("dropout2d", 2, rank)
    if rank == 3:
        warnings.warn("dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.")
    return _feature_dropout(input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    _check_probability(p)
    rank = input.dim()
    if rank not in (4, 5):
        _warn_of_rank("dropout3d", 3, rank)
    return (_feature_dropout if rank == 5 else _feature_dropout_of_one)(input, p, training, inplace)
