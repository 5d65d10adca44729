"""How losses are reduced, by name and by number; size_average and reduce of old."""

import warnings


def get_enum(reduction):
    if reduction == "mean":
        return 1
    if reduction == "none":
        return 0
    if reduction == "sum":
        return 2
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated, please use reduction='mean' instead.")
        return 1
    raise ValueError(f"{reduction} is not a valid value for reduction")


def legacy_get_string(size_average, reduce, emit_warning=True):
    size_average = True if size_average is None else size_average
    reduce = True if reduce is None else reduce
    name = "none" if not reduce else "mean" if size_average else "sum"
    if emit_warning:
        warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{name}' instead.")
    return name


def legacy_get_enum(size_average, reduce, emit_warning=True):
    return get_enum(legacy_get_string(size_average, reduce, emit_warning))


def enum_of(size_average, reduce, reduction):
    """The number of what the three arguments of a loss ask for."""
    return get_enum(name_of(size_average, reduce, reduction))


def name_of(size_average, reduce, reduction):
    if size_average is not None or reduce is not None:
        return legacy_get_string(size_average, reduce)
    return reduction


def check_name(reduction):
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")


def reduced(loss, reduction):
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss
