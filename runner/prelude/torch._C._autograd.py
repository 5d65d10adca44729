"""torch._C._autograd: what grad_fn._raw_saved_* gives."""

import torch._C as _C
from torch._C._function import written_in_c


def incompatible(name, parameters, given):
    """The error of a function of C++ that has none of these types."""
    return TypeError(
        f"{name}(): incompatible function arguments. The following argument types are "
        f"supported:\n    1. ({parameters}) -> None\n\n"
        f"Invoked with: {', '.join(map(repr, given))}")


@written_in_c
class SavedTensor:
    def __init__(self, node, entry):
        self._node = node
        self._entry = entry

    def register_hooks(self, *args):
        if len(args) != 2 or not callable(args[0]) or not callable(args[1]):
            raise incompatible(
                "register_hooks",
                "self: torch._C._autograd.SavedTensor, arg0: function, arg1: function",
                (self,) + args)
        _C.hook_saved(self._node, self._entry, args[0], args[1])
