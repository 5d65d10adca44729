"""torch.autograd.Function: operations whose gradient a cell defines itself."""

import torch
import warnings
from torch._C._function import apply as _apply, name_type as _name_type, saved_tensors as _saved_tensors


class FunctionCtx:
    def save_for_backward(self, *tensors):
        self.to_save = tensors

    def save_for_forward(self, *tensors):
        self.saved_for_forward = tensors

    def mark_dirty(self, *args):
        self.dirty_tensors = args

    def mark_non_differentiable(self, *args):
        self.non_differentiable = args

    def set_materialize_grads(self, value):
        if not isinstance(value, bool):
            raise TypeError("set_materialize_grads received an invalid combination of arguments - "
                            "got (), but expected (bool)")
        self.materialize_grads = value


class _HookMixin:
    pass


class _FunctionBase:
    to_save = None
    dirty_tensors = None
    non_differentiable = None
    materialize_grads = True
    needs_input_grad = ()

    @property
    def saved_tensors(self):
        return _saved_tensors(self)

    @property
    def saved_variables(self):
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning)
        return _saved_tensors(self)


_FunctionBase.__module__ = "torch._C"


class BackwardCFunction(_FunctionBase, FunctionCtx, _HookMixin):
    @property
    def _backward_fn(self):
        """What runs backward: the one of backward and vjp that the function defines."""
        cls = self._forward_cls
        if cls.vjp is Function.vjp:
            return cls.backward
        if cls.backward is not Function.backward:
            raise RuntimeError("Implementing both 'backward' and 'vjp' for a custom Function is not "
                               "allowed. You should only implement one of them.")
        return cls.vjp

    def apply(self, *args):
        return self._backward_fn(self, *args)


def _backward_class(cls):
    names = {"_forward_cls": cls, "__module__": "torch.autograd.function"}
    return type(cls.__name__ + "Backward", (BackwardCFunction,), names)


class Function(_FunctionBase, FunctionCtx, _HookMixin):
    def __init__(self, *args, **kwargs):
        warnings.warn(f"{self.__class__} should not be instantiated. Methods on autograd functions"
                      "are all static, so you should invoke them on the class itself. "
                      "Instantiating an autograd function will raise an "
                      "error in a future version of PyTorch.", DeprecationWarning)

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        cls._backward_cls = _backward_class(cls)

    def __call__(self, *args, **kwargs):
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. "
            "Please use new-style autograd function with static forward method. "
            "(Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)")

    @staticmethod
    def forward(ctx, *args, **kwargs):
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD.")

    vjp = backward
    apply = classmethod(_apply)
    is_traceable = False

    @staticmethod
    def jvp(ctx, *grad_inputs):
        raise NotImplementedError("You must implement the jvp function for custom autograd.Function to "
                                  "use it with forward mode AD.")


_name_type(Function, "torch.autograd.function.FunctionMeta")
Function._backward_cls = _backward_class(Function)


_ContextMethodMixin = FunctionCtx


class InplaceFunction(Function):
    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace


def traceable(fn_cls):
    fn_cls.is_traceable = True
    return fn_cls


class _Error(Function):
    """Passes values on; its backward only raises."""

    @staticmethod
    def forward(ctx, message, *args):
        ctx.message = message
        return args

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError(ctx.message)


_Error._backward_cls = type("Error", (BackwardCFunction,), {"_forward_cls": _Error})


def once_differentiable(fn):
    def wrapper(ctx, *args):
        with torch.no_grad():
            outputs = fn(ctx, *args)
        if not torch.is_grad_enabled():
            return outputs
        if not any(isinstance(arg, torch.Tensor) and arg.requires_grad for arg in args):
            return outputs
        single = not isinstance(outputs, tuple)
        values = (outputs,) if single else outputs
        values = [v.detach().requires_grad_() if isinstance(v, torch.Tensor) else v for v in values]
        raising = _Error.apply(
            "trying to differentiate twice a function that was marked "
            "with @once_differentiable", *values)
        return raising[0] if single else raising
    wrapper.__name__ = fn.__name__
    wrapper.__doc__ = fn.__doc__
    wrapper.__wrapped__ = fn
    wrapper.__qualname__ = fn.__qualname__
    return wrapper
