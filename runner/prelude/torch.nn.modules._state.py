"""States of modules: state_dict and load_state_dict."""

import torch
import torch.nn.modules.module as _module
import torch.nn.parameter as _parameter
import warnings
from collections import OrderedDict

EXTRA = "_extra_state"

NOT_REACHED = "Reached a code path in Module.{}() that should never be called. " \
    "Please file an issue at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml " \
    "to report this bug."


class _IncompatibleKeys(tuple):
    def __new__(cls, missing_keys, unexpected_keys):
        return tuple.__new__(cls, (missing_keys, unexpected_keys))

    @property
    def missing_keys(self):
        return self[0]

    @property
    def unexpected_keys(self):
        return self[1]

    def __repr__(self):
        if not self[0] and not self[1]:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self[0]!r}, unexpected_keys={self[1]!r})"


_IncompatibleKeys.__module__ = "torch.nn.modules.module"


def _has_own(module, method):
    return getattr(module.__class__, method) is not getattr(_module.Module, method)


def save(module, args, destination, prefix, keep_vars):
    if args:
        destination = args[0] if destination is None else destination
        prefix = args[1] if len(args) > 1 and prefix == "" else prefix
        keep_vars = args[2] if len(args) > 2 and keep_vars is False else keep_vars
        warnings.warn("Positional args are being deprecated, use kwargs instead. Refer to "
                      "https://pytorch.org/docs/master/generated/torch.nn.Module.html#torch.nn.Module.state_dict"
                      " for details.")
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    metadata = dict(version=module._version)
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = metadata
    module._save_to_state_dict(destination, prefix, keep_vars)
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
    for hook in module._state_dict_hooks.values():
        changed = hook(module, destination, prefix, metadata)
        if changed is not None:
            destination = changed
    return destination


def _own_state(module):
    buffers = [(name, b) for name, b in module._buffers.items()
               if name not in module._non_persistent_buffers_set]
    return {name: t for name, t in [*module._parameters.items(), *buffers] if t is not None}


def save_own(module, destination, prefix, keep_vars):
    for name, t in _own_state(module).items():
        destination[prefix + name] = t if keep_vars else t.detach()
    if _has_own(module, "get_extra_state"):
        destination[prefix + EXTRA] = module.get_extra_state()


def _copy_into(param, given, key):
    """What is wrong, or None."""
    if not isinstance(given, torch.Tensor):
        return (f'While copying the parameter named "{key}", '
                "expected torch.Tensor or Tensor-like object from checkpoint but "
                f"received {type(given)}")
    if not _parameter.is_lazy(param):
        if len(param.shape) == 0 and len(given.shape) == 1:
            given = given[0]
        if given.shape != param.shape:
            return (f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, "
                    f"the shape in current model is {param.shape}.")
    try:
        with torch.no_grad():
            param.copy_(given)
    except (RuntimeError, TypeError) as ex:
        return (f'While copying the parameter named "{key}", '
                f"whose dimensions in the model are {param.size()} and "
                f"whose dimensions in the checkpoint are {given.size()}, "
                f"an exception occurred : {ex.args}.")
    return None


def load_own(module, state_dict, prefix, metadata, strict, missing, unexpected, errors):
    for hook in module._load_state_dict_pre_hooks.values():
        hook(state_dict, prefix, metadata, strict, missing, unexpected, errors)
    own = _own_state(module)
    for name, param in own.items():
        key = prefix + name
        if key in state_dict:
            problem = _copy_into(param, state_dict[key], key)
            if problem:
                errors.append(problem)
        elif strict:
            missing.append(key)
    extra = prefix + EXTRA
    if _has_own(module, "set_extra_state"):
        if extra in state_dict:
            module.set_extra_state(state_dict[extra])
        elif strict:
            missing.append(extra)
    elif strict and extra in state_dict:
        unexpected.append(extra)
    for key in state_dict if strict else []:
        if key.startswith(prefix) and key != extra:
            name = key[len(prefix):].split(".", 1)[0]
            if name not in module._modules and name not in own:
                unexpected.append(key)


def _load_all(module, state_dict, metadata, prefix, missing, unexpected, errors):
    own_metadata = {} if metadata is None else metadata.get(prefix[:-1], {})
    module._load_from_state_dict(state_dict, prefix, own_metadata, True, missing, unexpected, errors)
    for name, child in module._modules.items():
        if child is not None:
            path = prefix + name + "."
            part = {k: v for k, v in state_dict.items() if k.startswith(path)}
            _load_all(child, part, metadata, path, missing, unexpected, errors)
    for hook in module._load_state_dict_post_hooks.values():
        out = hook(module, _IncompatibleKeys(missing, unexpected))
        assert out is None, (
            "Hooks registered with ``register_load_state_dict_post_hook`` are not"
            "expected to return new values, if incompatible_keys need to be modified,"
            "it should be done inplace.")


def _quoted(keys):
    return ", ".join(f'"{key}"' for key in keys)


def load(module, state_dict, strict):
    if not isinstance(state_dict, dict):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    metadata = getattr(state_dict, "_metadata", None)
    state_dict = OrderedDict(state_dict)
    if metadata is not None:
        state_dict._metadata = metadata
    missing, unexpected, errors = [], [], []
    _load_all(module, state_dict, metadata, "", missing, unexpected, errors)
    if strict and unexpected:
        errors.insert(0, f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
    if strict and missing:
        errors.insert(0, f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if errors:
        raise RuntimeError("Error(s) in loading state_dict for {}:\n\t{}".format(
            module.__class__.__name__, "\n\t".join(errors)))
    return _IncompatibleKeys(missing, unexpected)
