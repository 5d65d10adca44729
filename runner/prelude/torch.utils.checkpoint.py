"""Parts of a model whose forward runs again in the backward pass, instead of saving what it
computes on the way."""

import torch
import warnings
from torch._C import is_checkpoint_valid as _is_checkpoint_valid


def detach_variable(inputs):
    if not isinstance(inputs, tuple):
        raise RuntimeError("Only tuple of tensors is supported. Got Unsupported input type: ",
                           type(inputs).__name__)
    return tuple(x.detach().requires_grad_(x.requires_grad) if isinstance(x, torch.Tensor) else x
                 for x in inputs)


def check_backward_validity(inputs):
    if not any(x.requires_grad for x in inputs if isinstance(x, torch.Tensor)):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None")


class _Replay:
    """The random state of the forward, and grad mode on: what the second run sees."""

    def __init__(self, state):
        self._fork = torch.random.fork_rng(enabled=state is not None)
        self._state = state
        self._grad = torch.enable_grad()

    def __enter__(self):
        self._fork.__enter__()
        if self._state is not None:
            torch.set_rng_state(self._state)
        self._grad.__enter__()

    def __exit__(self, *args):
        self._grad.__exit__(*args)
        self._fork.__exit__(*args)


class CheckpointFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run_function, preserve_rng_state, *args):
        check_backward_validity(args)
        ctx.run_function = run_function
        ctx.state = torch.get_rng_state() if preserve_rng_state else None
        ctx.inputs = [None if torch.is_tensor(arg) else arg for arg in args]
        ctx.tensor_indices = [i for i, arg in enumerate(args) if torch.is_tensor(arg)]
        ctx.save_for_backward(*[args[i] for i in ctx.tensor_indices])
        with torch.no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx, *args):
        if not _is_checkpoint_valid():
            raise RuntimeError(
                "Checkpointing is not compatible with .grad() or when an `inputs` parameter"
                " is passed to .backward(). Please use .backward() and do not pass its `inputs`"
                " argument.")
        inputs = list(ctx.inputs)
        for i, tensor in zip(ctx.tensor_indices, ctx.saved_tensors):
            inputs[i] = tensor
        with _Replay(ctx.state):
            inputs = detach_variable(tuple(inputs))
            outputs = ctx.run_function(*inputs)
        if isinstance(outputs, torch.Tensor):
            outputs = (outputs,)
        pairs = [(out, grad) for out, grad in zip(outputs, args)
                 if torch.is_tensor(out) and out.requires_grad]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        torch.autograd.backward([out for out, _ in pairs], [grad for _, grad in pairs])
        return (None, None) + tuple(x.grad if isinstance(x, torch.Tensor) else None for x in inputs)


class _Recomputed:
    """What a checkpointed forward saved: numbers in their order, and once one of them is asked
    for, the tensors that a second run saves in the same order."""

    def __init__(self, run, state):
        self._run = run
        self._state = state
        self._count = 0
        self._tensors = []

    def pack(self, tensor):
        self._count += 1
        return self._count - 1

    def unpack(self, number):
        if not self._tensors:
            with _Replay(self._state), torch.autograd.graph.saved_tensors_hooks(self._keep, self._refuse):
                self._run()
        return self._tensors[number]

    def _keep(self, tensor):
        self._tensors.append(tensor.detach())

    def _refuse(self, packed):
        raise RuntimeError("You are calling backwards on a tensor that is never exposed. Please open an issue.")


def _without_reentrant(function, preserve_rng_state, *args, **kwargs):
    state = torch.get_rng_state() if preserve_rng_state else None
    saved = _Recomputed(lambda: function(*args, **kwargs), state)
    with torch.autograd.graph.saved_tensors_hooks(saved.pack, saved.unpack):
        return function(*args, **kwargs)


def _refuse_keywords(kwargs):
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))


def checkpoint(function, *args, use_reentrant=True, **kwargs):
    preserve = kwargs.pop("preserve_rng_state", True)
    if not use_reentrant:
        return _without_reentrant(function, preserve, *args, **kwargs)
    _refuse_keywords(kwargs)
    return CheckpointFunction.apply(function, preserve, *args)


def _chain(functions):
    def forward(input):
        for function in functions:
            input = function(input)
        return input
    return forward


def checkpoint_sequential(functions, segments, input, **kwargs):
    preserve = kwargs.pop("preserve_rng_state", True)
    _refuse_keywords(kwargs)
    if isinstance(functions, torch.nn.Sequential):
        functions = list(functions.children())
    size = len(functions) // segments
    for start in range(0, size * (segments - 1), size):
        input = checkpoint(_chain(functions[start:start + size]), input, preserve_rng_state=preserve)
    return _chain(functions[size * (segments - 1):])(input)
