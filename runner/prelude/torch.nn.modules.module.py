"""nn.Module: parameters, buffers and modules by name, hooks, states and text."""

import torch
import torch.nn.modules._conversion as _conversion
import torch.nn.modules._hooks as _hooks
import torch.nn.modules._state as _state
from collections import OrderedDict
from torch.nn.parameter import Parameter

_global_forward_pre_hooks = {}
_global_forward_hooks = {}
_global_backward_hooks = {}


def _generator(qualname, items):
    """An iterator that shows itself as what a generator function of that name gives."""
    g = (item for item in items)
    g.__qualname__ = "Module." + qualname
    return g


def _forward_unimplemented(self, *input):
    raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')


class Module:
    dump_patches = False
    _version = 1

    def __init__(self):
        self.__dict__.update(
            training=True, _parameters=OrderedDict(), _buffers=OrderedDict(),
            _non_persistent_buffers_set=set(), _backward_hooks=OrderedDict(),
            _is_full_backward_hook=None, _forward_hooks=OrderedDict(),
            _forward_pre_hooks=OrderedDict(), _state_dict_hooks=OrderedDict(),
            _load_state_dict_pre_hooks=OrderedDict(),
            _load_state_dict_post_hooks=OrderedDict(), _modules=OrderedDict())

    forward = _forward_unimplemented

    def __call__(self, *input, **kwargs):
        if (self._backward_hooks or self._forward_hooks or self._forward_pre_hooks or _global_backward_hooks
                or _global_forward_hooks or _global_forward_pre_hooks):
            return _hooks.call(self, input, kwargs)
        return self.forward(*input, **kwargs)

    # ---- members ----

    def _check_name(self, kind, name, members):
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {torch.typename(name)}")
        if "." in name:
            raise KeyError(f"{kind} name can't contain \".\"")
        if name == "":
            raise KeyError(f"{kind} name can't be empty string \"\"")
        if hasattr(self, name) and name not in members:
            raise KeyError(f"attribute '{name}' already exists")

    def register_buffer(self, name, tensor, persistent=True):
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, torch.Tensor):
            raise TypeError(f"cannot assign '{torch.typename(tensor)}' object to buffer '{name}' "
                            "(torch Tensor or None required)")
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name, param):
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_name("parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{torch.typename(param)}' object to parameter '{name}' "
                            "(torch.nn.Parameter or None required)")
        if param is not None and param.grad_fn:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model "
                f"parameters must be created explicitly. To express '{name}' "
                "as a function of another Tensor, compute the value in "
                "the forward() method.")
        self._parameters[name] = param

    def add_module(self, name, module):
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{torch.typename(module)} is not a Module subclass")
        if not isinstance(name, str):
            raise TypeError(f"module name should be a string. Got {torch.typename(name)}")
        if hasattr(self, name) and name not in self._modules:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f"module name can't contain \".\", got: {name}")
        if name == "":
            raise KeyError("module name can't be empty string \"\"")
        self._modules[name] = module

    def register_module(self, name, module):
        self.add_module(name, module)

    def __getattr__(self, name):
        own = self.__dict__
        if "_parameters" in own and name in own["_parameters"]:
            return own["_parameters"][name]
        if "_buffers" in own and name in own["_buffers"]:
            return own["_buffers"][name]
        if "_modules" in own and name in own["_modules"]:
            return own["_modules"][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _forget(self, name, *kinds):
        """Takes the name out of other kinds of members, which the new one replaces."""
        self.__dict__.pop(name, None)
        for kind in kinds:
            self.__dict__[kind].pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def __setattr__(self, name, value):
        own = self.__dict__
        parameters, modules, buffers = own.get("_parameters"), own.get("_modules"), own.get("_buffers")
        if isinstance(value, Parameter):
            if parameters is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, "_buffers", "_modules")
            self.register_parameter(name, value)
        elif parameters is not None and name in parameters:
            if value is not None:
                raise TypeError(f"cannot assign '{torch.typename(value)}' as parameter '{name}' "
                                "(torch.nn.Parameter or None expected)")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if modules is None:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, "_parameters", "_buffers")
            modules[name] = value
        elif modules is not None and name in modules:
            if value is not None:
                raise TypeError(f"cannot assign '{torch.typename(value)}' as child module '{name}' "
                                "(torch.nn.Module or None expected)")
            modules[name] = value
        elif buffers is not None and name in buffers:
            if value is not None and not isinstance(value, torch.Tensor):
                raise TypeError(f"cannot assign '{torch.typename(value)}' as buffer '{name}' "
                                "(torch.Tensor or None expected)")
            buffers[name] = value
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name):
        if name in self._parameters:
            del self._parameters[name]
        elif name in self._buffers:
            del self._buffers[name]
            self._non_persistent_buffers_set.discard(name)
        elif name in self._modules:
            del self._modules[name]
        else:
            super().__delattr__(name)

    def __dir__(self):
        keys = dir(self.__class__) + list(self.__dict__)
        keys += list(self._parameters) + list(self._modules) + list(self._buffers)
        return sorted(key for key in keys if not key[0].isdigit())

    # ---- looking at members ----

    def _named_members(self, members_of, prefix="", recurse=True):
        found, seen = [], set()
        for path, module in self._walk(set(), prefix, True) if recurse else [(prefix, self)]:
            for name, member in members_of(module):
                if member is not None and member not in seen:
                    seen.add(member)
                    found.append((path + ("." if path else "") + name, member))
        return found

    def _walk(self, seen, prefix, remove_duplicate):
        if self in seen:
            return []
        if remove_duplicate:
            seen.add(self)
        found = [(prefix, self)]
        for name, module in self._modules.items():
            if module is not None:
                found += module._walk(seen, prefix + ("." if prefix else "") + name, remove_duplicate)
        return found

    def named_parameters(self, prefix="", recurse=True):
        return _generator("named_parameters", self._named_members(
            lambda module: module._parameters.items(), prefix, recurse))

    def parameters(self, recurse=True):
        return _generator("parameters", [p for _, p in self.named_parameters(recurse=recurse)])

    def named_buffers(self, prefix="", recurse=True):
        return _generator("named_buffers", self._named_members(
            lambda module: module._buffers.items(), prefix, recurse))

    def buffers(self, recurse=True):
        return _generator("buffers", [b for _, b in self.named_buffers(recurse=recurse)])

    def named_children(self):
        found = {}
        for name, module in self._modules.items():
            if module is not None:
                found.setdefault(module, name)
        return _generator("named_children", [(name, module) for module, name in found.items()])

    def children(self):
        return _generator("children", [module for _, module in self.named_children()])

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        seen = set() if memo is None else memo
        return _generator("named_modules", self._walk(seen, prefix, remove_duplicate))

    def modules(self):
        return _generator("modules", [module for _, module in self.named_modules()])

    def get_submodule(self, target):
        module = self
        for name in target.split(".") if target else []:
            if not hasattr(module, name):
                raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def _get_member(self, target):
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        return module, name, getattr(module, name)

    def get_parameter(self, target):
        _, name, param = self._get_member(target)
        if not isinstance(param, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return param

    def get_buffer(self, target):
        module, name, buffer = self._get_member(target)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer

    # ---- changing all of them ----

    def _apply(self, fn):
        for module in self.children():
            module._apply(fn)
        for param in self._parameters.values():
            if param is None:
                continue
            with torch.no_grad():
                param.data = fn(param)
                if param.grad is not None:
                    param.grad.data = fn(param.grad)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def apply(self, fn):
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def cuda(self, device=None):
        return self._apply(lambda t: t.cuda(device))

    def ipu(self, device=None):
        return self._apply(lambda t: t.ipu(device))

    def xpu(self, device=None):
        return self._apply(lambda t: t.xpu(device))

    def cpu(self):
        return self._apply(lambda t: t.cpu())

    def type(self, dst_type):
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def double(self):
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def half(self):
        return self._apply(lambda t: t.half() if t.is_floating_point() else t)

    def bfloat16(self):
        return self._apply(lambda t: t.bfloat16() if t.is_floating_point() else t)

    def to_empty(self, *, device):
        return self._apply(lambda t: torch.empty_like(t, device=device))

    def share_memory(self):
        return self._apply(lambda t: t.share_memory_())

    def to(self, *args, **kwargs):
        return _conversion.to(self, args, kwargs)

    def train(self, mode=True):
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=False):
        for p in self.parameters():
            if p.grad is None:
                continue
            if set_to_none:
                p.grad = None
                continue
            if p.grad.grad_fn is not None:
                p.grad.detach_()
            else:
                p.grad.requires_grad_(False)
            p.grad.zero_()

    # ---- hooks: see torch.nn.modules._hooks ----

    def register_forward_pre_hook(self, hook):
        return _hooks.register(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook):
        return _hooks.register(self._forward_hooks, hook)

    def register_backward_hook(self, hook):
        return _hooks.register_backward(self, hook, False)

    def register_full_backward_hook(self, hook):
        return _hooks.register_backward(self, hook, True)

    # ---- states: see torch.nn.modules._state ----

    def get_extra_state(self):
        raise RuntimeError(_state.NOT_REACHED.format("get_extra_state"))

    def set_extra_state(self, state):
        raise RuntimeError(_state.NOT_REACHED.format("set_extra_state"))

    def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
        return _state.save(self, args, destination, prefix, keep_vars)

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        _state.save_own(self, destination, prefix, keep_vars)

    def load_state_dict(self, state_dict, strict=True):
        return _state.load(self, state_dict, strict)

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict,
                              missing_keys, unexpected_keys, error_msgs):
        _state.load_own(self, state_dict, prefix, local_metadata, strict,
                        missing_keys, unexpected_keys, error_msgs)

    def _register_state_dict_hook(self, hook):
        return _hooks.register(self._state_dict_hooks, hook)

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        wrapped = (lambda *args: hook(self, *args)) if with_module else hook
        return _hooks.register(self._load_state_dict_pre_hooks, wrapped)

    def register_load_state_dict_post_hook(self, hook):
        return _hooks.register(self._load_state_dict_post_hooks, hook)

    # ---- text ----

    def _get_name(self):
        return self.__class__.__name__

    def extra_repr(self):
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        if len(lines) == 1 and not self._modules:
            return f"{self._get_name()}({extra})"
        for name, module in self._modules.items():
            lines.append(f"({name}): " + repr(module).replace("\n", "\n  "))
        body = "\n  " + "\n  ".join(lines) + "\n" if lines else ""
        return f"{self._get_name()}({body})"


def register_module_forward_pre_hook(hook):
    return _hooks.register(_global_forward_pre_hooks, hook)


def register_module_forward_hook(hook):
    return _hooks.register(_global_forward_hooks, hook)


def register_module_backward_hook(hook):
    return _hooks.register_global_backward(hook, False)


def register_module_full_backward_hook(hook):
    return _hooks.register_global_backward(hook, True)
