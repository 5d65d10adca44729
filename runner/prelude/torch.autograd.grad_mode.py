"""Contexts that switch the recording of gradients; each is also a decorator."""

import torch._C as _C
import torch


class _DecoratorContextManager:
    def __call__(self, func):
        def decorate_context(*args, **kwargs):
            with self._again():
                return func(*args, **kwargs)
        for name in ("__name__", "__qualname__", "__doc__"):
            if hasattr(func, name):
                setattr(decorate_context, name, getattr(func, name))
        decorate_context.__wrapped__ = func
        return decorate_context

    def _again(self):
        return type(self)()


class no_grad(_DecoratorContextManager):
    def __init__(self):
        self.prev = False

    def __enter__(self):
        self.prev = torch.is_grad_enabled()
        _C.set_grad(False)

    def __exit__(self, exc_type, exc_value, traceback):
        _C.set_grad(self.prev)


class enable_grad(_DecoratorContextManager):
    def __enter__(self):
        self.prev = torch.is_grad_enabled()
        _C.set_grad(True)

    def __exit__(self, exc_type, exc_value, traceback):
        _C.set_grad(self.prev)


class set_grad_enabled(_DecoratorContextManager):
    def __init__(self, mode):
        self.prev = torch.is_grad_enabled()
        if not isinstance(mode, bool):
            raise TypeError(f"enabled must be a bool (got {type(mode).__name__})")
        self.mode = mode
        _C.set_grad(mode)

    def __enter__(self):
        pass

    def __exit__(self, exc_type, exc_value, traceback):
        _C.set_grad(self.prev)

    def _again(self):
        return set_grad_enabled(self.mode)


class inference_mode(_DecoratorContextManager):
    def __init__(self, mode=True):
        self.mode = mode

    def __enter__(self):
        self.prev = (torch.is_grad_enabled(), torch.is_inference_mode_enabled())
        _C.set_grad(not self.mode)
        _C.set_inference(self.mode)

    def __exit__(self, exc_type, exc_value, traceback):
        _C.set_grad(self.prev[0])
        _C.set_inference(self.prev[1])

    def _again(self):
        return inference_mode(self.mode)
