"""Handles of hooks, and the hooks of modules that see whole gradients."""

import torch
from torch._C import next_hook_id
from torch.autograd import Function


class RemovableHandle:
    def __init__(self, hooks_dict):
        self._hooks = hooks_dict
        self.id = next_hook_id()

    def remove(self):
        self._hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, type, value, tb):
        self.remove()


class BackwardHookFunction(Function):
    """Does nothing to tensors; its node is where all their gradients meet."""

    @staticmethod
    def forward(ctx, *args):
        ctx.mark_non_differentiable(*[arg for arg in args if not arg.requires_grad])
        return args

    @staticmethod
    def backward(ctx, *args):
        return args


BackwardHookFunction.__module__ = "torch.nn.modules._functions"


def _at_places(places, values, size):
    all_values = [None] * size
    for i, v in zip(places, values):
        all_values[i] = v
    return tuple(all_values)


class BackwardHook:
    """Calls hooks of a module with the gradients of all its inputs and outputs.

    One node is put before the module and one behind it. What arrives at the one behind
    is kept until the one before has its gradients; then the hooks run.
    """

    def __init__(self, module, user_hooks):
        self.user_hooks = user_hooks
        self.module = module
        self.grad_outputs = None

    def setup_input_hook(self, args):
        self.n_inputs = len(args)
        result, self.input_places = self._through_node(args, self._inputs_arrived)
        return result

    def setup_output_hook(self, result):
        outputs = result if isinstance(result, tuple) else (result,)
        self.n_outputs = len(outputs)
        outputs, self.output_places = self._through_node(outputs, self._outputs_arrived)
        return outputs if isinstance(result, tuple) else outputs[0]

    def _through_node(self, args, hook):
        places = [i for i, arg in enumerate(args) if isinstance(arg, torch.Tensor)]
        if not torch.is_grad_enabled() or not any(args[i].requires_grad for i in places):
            return args, None
        new = BackwardHookFunction.apply(*[args[i] for i in places])
        next(t.grad_fn for t in new if t.grad_fn is not None).register_hook(hook)
        new_args = list(args)
        for i, t in zip(places, new):
            new_args[i] = t
        return tuple(new_args), places

    def _inputs_arrived(self, grad_input, _):
        if self.grad_outputs is None:
            return None  # the gradient has not come through the module's outputs
        grads = _at_places(self.input_places, grad_input, self.n_inputs)
        for hook in self.user_hooks:
            out = hook(self.module, grads, self.grad_outputs)
            if out is None:
                continue
            if len(out) != len(grads):
                raise RuntimeError("Backward hook returned an invalid number of grad_input, "
                                   f"got {len(out)}, but expected {len(grads)}")
            grads = out
        self.grad_outputs = None
        return tuple(grads[i] for i in self.input_places)

    def _outputs_arrived(self, _, grad_output):
        self.grad_outputs = _at_places(self.output_places, grad_output, self.n_outputs)
        if self.input_places is not None:
            return
        grads = (None,) * self.n_inputs
        for hook in self.user_hooks:
            out = hook(self.module, grads, self.grad_outputs)
            if out is not None and not (isinstance(out, tuple) and all(g is None for g in out)):
                raise RuntimeError("Backward hook for Modules where no input requires "
                                   "gradient should always return None or None for all gradients.")
        self.grad_outputs = None
