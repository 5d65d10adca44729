"""torch.nn.utils.parametrize: a parameter that is computed from another one.

The module gets a class of its own, whose property NAME runs the parametrizations on what
stands in module.parametrizations.NAME.original.
"""

import torch
from torch.nn import Module, ModuleDict, ModuleList, Parameter

_cache_depth = 0
_cache = {}


class cached:
    """Within it each parametrized tensor is computed once."""

    def __enter__(self):
        global _cache_depth
        _cache_depth += 1

    def __exit__(self, *args):
        global _cache_depth
        _cache_depth -= 1
        if _cache_depth == 0:
            _cache.clear()


def _register(module, name, tensor):
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _check_kept(what, unless, names, before, after):
    """A parametrization keeps dtype and shape."""
    if not isinstance(after, torch.Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {type(after).__name__}.")
    for attribute, a, b in (("dtype", before.dtype, after.dtype),
                            ("shape", before.shape, after.shape)):
        if a != b:
            raise ValueError(f"{what} may not change the {attribute} of the tensor, unless {unless} "
                             f"flag is enabled.\n{names[0].format(attribute)}: {a}\n"
                             f"{names[1].format(attribute)}: {b}")


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, and the tensors that the first one is given."""

    def __init__(self, modules, original, unsafe=False):
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape, dtype = original.shape, original.dtype
        with torch.no_grad():
            new = self._inverse(original)
        if not isinstance(new, (torch.Tensor, list, tuple)):
            raise ValueError("'right_inverse' must return a Tensor or a Sequence of tensors (list, "
                             f"tuple...). Got {type(new).__name__}")
        self.is_tensor = isinstance(new, torch.Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            if dtype != new.dtype:
                raise ValueError("When `right_inverse` outputs one tensor, it may not change the "
                                 f"dtype.\noriginal.dtype: {dtype}\nright_inverse(original).dtype: "
                                 f"{new.dtype}")
            original.data = new.data
            _register(self, "original", original)
        else:
            self._register_parts(original, new)
        if not self.unsafe:
            like = torch.empty(shape, dtype=dtype)
            _check_kept("Registering a parametrization", "`unsafe`",
                        ("unparametrized {}", "parametrized {}"), like, self())

    def _inverse(self, value):
        for module in reversed(self):
            if hasattr(module, "right_inverse"):
                try:
                    value = module.right_inverse(value)
                except NotImplementedError:
                    pass
        return value

    def _register_parts(self, original, parts):
        for i, part in enumerate(parts):
            if not isinstance(part, torch.Tensor):
                raise ValueError("'right_inverse' must return a Tensor or a Sequence of tensors "
                                 f"(list, tuple...). Got element {i} of the sequence with type "
                                 f"{type(part).__name__}.")
            if isinstance(original, Parameter):
                part = Parameter(part)
            part.requires_grad_(original.requires_grad)
            _register(self, f"original{i}", part)

    def right_inverse(self, value):
        with torch.no_grad():
            for module in reversed(self):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(f"parametrization {type(module).__name__} does not implement "
                                       "right_inverse.")
                value = module.right_inverse(value)
            if self.is_tensor:
                self._set_one(value)
            else:
                self._set_parts(value)

    def _set_one(self, value):
        if not isinstance(value, torch.Tensor):
            raise ValueError(f"`right_inverse` should return a tensor. Got {type(value).__name__}")
        if value.dtype != self.original.dtype:
            raise ValueError(f"The tensor returned by `right_inverse` has dtype {value.dtype} while "
                             f"`original` has dtype {self.original.dtype}")
        self.original.data = value.data

    def _set_parts(self, values):
        if not isinstance(values, (list, tuple)):
            raise ValueError("'right_inverse' must return a sequence of tensors. Got "
                             f"{type(values).__name__}.")
        if len(values) != self.ntensors:
            raise ValueError("'right_inverse' must return a sequence of tensors of length "
                             f"{self.ntensors}. Got a sequence of lenght {len(values)}.")
        for i, value in enumerate(values):
            part = getattr(self, f"original{i}")
            if not isinstance(value, torch.Tensor):
                raise ValueError("`right_inverse` must return a sequence of tensors. Got element "
                                 f"{i} of type {type(value).__name__}")
            if part.dtype != value.dtype:
                raise ValueError(f"Tensor {i} returned by `right_inverse` has dtype {value.dtype} "
                                 f"while `original{i}` has dtype {part.dtype}")
            part.data = value.data

    def forward(self):
        if self.is_tensor:
            x = self[0](self.original)
        else:
            x = self[0](*[getattr(self, f"original{i}") for i in range(self.ntensors)])
        for module in list(self)[1:]:
            x = module(x)
        return x


def _tensor_property(module, name):
    def compute(self):
        parametrization = self.parametrizations[name]
        if not _cache_depth:
            return parametrization()
        key = (id(module), name)
        if key not in _cache:
            _cache[key] = parametrization()
        return _cache[key]

    def assign(self, value):
        self.parametrizations[name].right_inverse(value)
    return property(compute, assign)


def _check_next(module, name, parametrization):
    """What is added to parametrizations keeps dtype and shape, and so does its inverse."""
    before = getattr(module, name)
    after = parametrization(before)
    names = (f"module.{name}.{{}}", f"parametrization(module.{name}).{{}}")
    _check_kept("Registering a parametrization", "the `unsafe`", names, before, after)
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = parametrization.right_inverse(after)
    except NotImplementedError:
        return
    if not isinstance(back, torch.Tensor):
        raise ValueError("parametrization.right_inverse must return a tensor. Got: "
                         f"{type(back).__name__}")
    for attribute, a, b in (("dtype", before.dtype, back.dtype), ("shape", before.shape, back.shape)):
        if a != b:
            raise ValueError(f"The tensor returned by parametrization.right_inverse must have the "
                             f"same {attribute} as module.{name}, unless the `unsafe` flag is "
                             f"enabled.\nmodule.{name}.{attribute}: {a}\nreturned {attribute}: {b}")


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_next(module, tensor_name, parametrization)
        module.parametrizations[tensor_name].append(parametrization)
        module.parametrizations[tensor_name].unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        parametrizations = ParametrizationList([parametrization], original, unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            cls = type(module)
            module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), {})
            module.parametrizations = ModuleDict()
        setattr(type(module), tensor_name, _tensor_property(module, tensor_name))
        module.parametrizations[tensor_name] = parametrizations
    else:
        raise ValueError(f"Module '{module}' does not have a parameter, a buffer, or a parametrized "
                         f"element with name '{tensor_name}'")
    return module


def is_parametrized(module, tensor_name=None):
    parametrizations = getattr(module, "parametrizations", None)
    if not isinstance(parametrizations, ModuleDict):
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    parametrizations = module.parametrizations[tensor_name]
    if parametrizations.is_tensor:
        original = parametrizations.original
        if leave_parametrized:
            with torch.no_grad():
                original.data = getattr(module, tensor_name).data
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value) if value.requires_grad else value
    else:
        raise ValueError("Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
                         "parametrized in terms of a sequence of tensors.")
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module):
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
