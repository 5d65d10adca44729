"""torch.autograd.graph: hooks that see the tensors which operations save for backward."""

import torch
import torch._C as _C
from torch._C._autograd import incompatible

_refusal = None  # why hooks are disabled


class saved_tensors_hooks:
    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self):
        if _refusal is not None:
            raise RuntimeError(_refusal)
        hooks = (self.pack_hook, self.unpack_hook)
        if not all(map(callable, hooks)):
            raise incompatible("_push_saved_tensors_default_hooks",
                               "arg0: function, arg1: function", hooks)
        _C.push_saved_hooks(*hooks)

    def __exit__(self, *args):
        _C.pop_saved_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Where every tensor is on the CPU there is nothing to move."""

    def __init__(self, pin_memory=False):
        def pack_to_cpu(tensor):
            return (tensor.device, tensor.clone() if pin_memory else tensor.cpu())

        def unpack_from_cpu(packed):
            device, tensor = packed
            return tensor.to(device, non_blocking=pin_memory)

        super().__init__(pack_to_cpu, unpack_from_cpu)


class disable_saved_tensors_hooks:
    def __init__(self, error_message):
        self._message = error_message

    def __enter__(self):
        global _refusal
        self._before = _refusal
        _refusal = self._message

    def __exit__(self, *args):
        global _refusal
        _refusal = self._before
