"""The base of all optimizers: parameter groups, states, and the loop of a step.

Most optimizers of torch.optim step by _step_each: they define _begin, which makes the
first state of a parameter, and _update, which changes a parameter by its gradient; both
are called with recording off.
"""

import torch
import warnings
from collections import defaultdict


class _RequiredParameter:
    def __repr__(self):
        return "<required parameter>"


required = _RequiredParameter()


def _check(what, value, below=None):
    if not 0.0 <= value or (below is not None and not value < below):
        raise ValueError(f"Invalid {what}: {value}")


def _check_adam(lr, betas, eps, weight_decay):
    _check("learning rate", lr)
    _check("epsilon value", eps)
    _check("beta parameter at index 0", betas[0], below=1.0)
    _check("beta parameter at index 1", betas[1], below=1.0)
    _check("weight_decay value", weight_decay)


def _decayed(p, grad, group):
    """grad with the pull of the weight decay. What works on all parameters at once writes
    it into the gradients themselves."""
    decay = group["weight_decay"]
    if decay == 0:
        return grad
    if group["foreach"] and not group.get("maximize"):
        return grad.add_(p, alpha=decay)
    return grad.add(p, alpha=decay)


def _copied(value):
    """The same dicts, lists and tensors anew."""
    if isinstance(value, torch.Tensor):
        return value.__deepcopy__({})
    if isinstance(value, dict):
        return {key: _copied(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_copied(v) for v in value])
    return value


def _like_parameter(param, value, key=None):
    """A loaded state in the parameter's dtype, but for its count of steps."""
    if isinstance(value, torch.Tensor):
        return value.to(param.dtype) if key != "step" and param.is_floating_point() else value
    if isinstance(value, dict):
        return {k: _like_parameter(param, v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_like_parameter(param, v) for v in value])
    return value


class Optimizer:
    def __init__(self, params, defaults):
        self.defaults = defaults
        self._zero_grad_profile_name = f"Optimizer.zero_grad#{self.__class__.__name__}.zero_grad"
        if isinstance(params, torch.Tensor):
            raise TypeError("params argument given to the optimizer should be "
                            "an iterable of Tensors or dicts, but got " + torch.typename(params))
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if len(groups) == 0:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)
        self._warned_capturable_if_run_uncaptured = True

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.defaults.setdefault("differentiable", False)

    def __repr__(self):
        text = self.__class__.__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            for key in sorted(group.keys()):
                if key != "params":
                    text += f"    {key}: {group[key]}\n"
        return text + ")"

    # ---- groups ----

    def _check_param(self, param):
        if not isinstance(param, torch.Tensor):
            raise TypeError("optimizer can only optimize Tensors, "
                            "but one of the params is " + torch.typename(param))
        if not self.defaults.get("differentiable", None) and not (param.is_leaf or param.retains_grad):
            raise ValueError("can't optimize a non-leaf Tensor")

    def add_param_group(self, param_group):
        assert isinstance(param_group, dict), "param group must be a dict"
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError("optimizer parameters need to be organized in ordered collections, but "
                            "the ordering of tensors in sets will change between runs. Please use a list instead.")
        params = [params] if isinstance(params, torch.Tensor) else list(params)
        param_group["params"] = params
        for param in params:
            self._check_param(param)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError("parameter group didn't specify a value of required optimization parameter "
                                 + name)
            param_group.setdefault(name, default)
        if len(params) != len(set(params)):
            warnings.warn("optimizer contains a parameter group with duplicate parameters; "
                          "in future, this will cause an error; "
                          "see github.com/pytorch/pytorch/issues/40967 for more information")
        known = {p for group in self.param_groups for p in group["params"]}
        if not known.isdisjoint(params):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    # ---- gradients and steps ----

    def zero_grad(self, set_to_none=False):
        for group in self.param_groups:
            for p in group["params"]:
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

    def step(self, closure):
        raise NotImplementedError

    # ---- states ----

    def state_dict(self):
        index = {}
        for group in self.param_groups:
            for p in group["params"]:
                index.setdefault(p, len(index))
        groups = [{k: v for k, v in group.items() if k != "params"} for group in self.param_groups]
        for packed, group in zip(groups, self.param_groups):
            packed["params"] = [index[p] for p in group["params"]]
        state = {index[k] if isinstance(k, torch.Tensor) else k: v for k, v in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        state_dict = _copied(state_dict)
        groups, saved = self.param_groups, state_dict["param_groups"]
        if len(groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(g["params"]) != len(s["params"]) for g, s in zip(groups, saved)):
            raise ValueError("loaded state dict contains a parameter group "
                             "that doesn't match the size of optimizer's group")
        params = {}
        for group, saved_group in zip(groups, saved):
            params.update(zip(saved_group["params"], group["params"]))
            saved_group["params"] = group["params"]
        state = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in params:
                state[params[key]] = _like_parameter(params[key], value)
            else:
                state[key] = value
        self.__setstate__({"state": state, "param_groups": saved})


def _step_each(self, closure):
    """The step of an optimizer that changes each parameter by its own gradient and state alone."""
    begin = getattr(self, "_begin", None)
    with torch.set_grad_enabled(self.defaults.get("differentiable", False)):
        loss = _loss_of(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state and begin is not None:
                    begin(p, state, group)
                self._update(p, -p.grad if group.get("maximize") else p.grad, state, group)
    return loss


def _loss_of(closure):
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()
