"""torch._C._autograd: what grad_fn._raw_saved_* gives."""

import torch._C as _C


class SavedTensor:
    def __init__(self, node, entry):
        self._node = node
        self._entry = entry

    def register_hooks(self, *args):
        if len(args) != 2 or not callable(args[0]) or not callable(args[1]):
            given = ", ".join(repr(arg) for arg in (self,) + args)
            raise TypeError(
                "register_hooks(): incompatible function arguments. The following argument types "
                "are supported:\n    1. (self: torch._C._autograd.SavedTensor, arg0: function, "
                f"arg1: function) -> None\n\nInvoked with: {given}")
        _C.hook_saved(self._node, self._entry, args[0], args[1])
