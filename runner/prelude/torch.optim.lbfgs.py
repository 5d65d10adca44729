"""L-BFGS: a quasi-Newton method that remembers the last steps and gradient changes."""

import torch
from torch.optim.optimizer import Optimizer


def _cubic_minimum(x1, f1, g1, x2, f2, g2, bounds=None):
    """Where the cubic through two points with these slopes is least, within bounds."""
    low, high = bounds if bounds is not None else (x1, x2) if x1 <= x2 else (x2, x1)
    d1 = g1 + g2 - 3 * (f1 - f2) / (x1 - x2)
    square = d1**2 - g1 * g2
    if not square >= 0:
        return (low + high) / 2.
    d2 = square.sqrt()
    if x1 <= x2:
        at = x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
    else:
        at = x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2))
    return min(max(at, low), high)


class _Point:
    """A step size t, the loss there, the gradient, and its slope along the direction."""

    def __init__(self, t, f, g, slope):
        self.t, self.f, self.g, self.slope = t, f, g, slope


class _StrongWolfe:
    """A line search for a step that satisfies the strong Wolfe conditions."""

    def __init__(self, evaluate, d, f, g, slope, tolerance_change):
        self.evaluate, self.d = evaluate, d
        self.start = _Point(0, f, g.clone(), slope)
        self.tolerance = tolerance_change
        self.evals, self.turns, self.max_turns = 0, 0, 25

    def _try(self, t):
        f, g = self.evaluate(t)
        self.evals += 1
        return _Point(t, f, g, g.dot(self.d))

    def _too_high(self, p):
        return p.f > (self.start.f + 1e-4 * p.t * self.start.slope)

    def _flat_enough(self, p):
        return abs(p.slope) <= -0.9 * self.start.slope

    def _bracket(self, t):
        """One point that fits, or two with one between them."""
        previous, new = self.start, self._try(t)
        while self.turns < self.max_turns:
            if self._too_high(new) or (self.turns > 1 and new.f >= previous.f):
                return [previous, new]
            if self._flat_enough(new):
                return [new]
            if new.slope >= 0:
                return [previous, new]
            t = _cubic_minimum(previous.t, previous.f, previous.slope, new.t, new.f, new.slope,
                               bounds=(new.t + 0.01 * (new.t - previous.t), new.t * 10))
            previous, new = new, self._try(t)
            self.turns += 1
        return [self.start, new]

    def _next(self, a, b, stuck):
        """The next t to try between two points, not too near to either."""
        t = _cubic_minimum(a.t, a.f, a.slope, b.t, b.f, b.slope)
        low, high = min(a.t, b.t), max(a.t, b.t)
        margin = 0.1 * (high - low)
        if not min(high - t, t - low) < margin:
            return t, False
        if not (stuck or t >= high or t <= low):
            return t, True
        return (high - margin if abs(t - high) < abs(t - low) else low + margin), False

    def run(self, t):
        ends = self._bracket(t)
        low, high = (0, len(ends) - 1) if ends[0].f <= ends[-1].f else (1, 0)
        done, stuck, reach = len(ends) == 1, False, self.d.abs().max()
        while not done and self.turns < self.max_turns:
            if abs(ends[1].t - ends[0].t) * reach < self.tolerance:
                break
            t, stuck = self._next(ends[0], ends[1], stuck)
            new = self._try(t)
            self.turns += 1
            if self._too_high(new) or new.f >= ends[low].f:
                ends[high] = new
                low, high = (0, 1) if ends[0].f <= ends[1].f else (1, 0)
                continue
            if self._flat_enough(new):
                done = True
            elif new.slope * (ends[high].t - ends[low].t) >= 0:
                ends[high] = ends[low]
            ends[low] = new
        return ends[low].f, ends[low].g, ends[low].t, self.evals


class LBFGS(Optimizer):
    def __init__(self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7,
                 tolerance_change=1e-9, history_size=100, line_search_fn=None):
        if max_eval is None:
            max_eval = max_iter * 5 // 4
        super().__init__(params, dict(
            lr=lr, max_iter=max_iter, max_eval=max_eval, tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change, history_size=history_size, line_search_fn=line_search_fn))
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]
        self._numel_cache = None

    def _gather_flat_grad(self):
        return torch.cat([p.new_zeros(p.numel()) if p.grad is None else p.grad.view(-1)
                          for p in self._params], 0)

    def _add_grad(self, step_size, update):
        offset = 0
        for p in self._params:
            p.add_(update[offset:offset + p.numel()].view_as(p), alpha=step_size)
            offset += p.numel()

    def _evaluate(self, closure, points, t, d):
        """The loss and its gradient at t along d; the parameters stay."""
        self._add_grad(t, d)
        loss = float(closure())
        grad = self._gather_flat_grad()
        for p, point in zip(self._params, points):
            p.copy_(point)
        return loss, grad

    def _remember(self, state, grad, group):
        """Takes the last step into the history, when the curvature along it is positive."""
        y = grad.sub(state["prev_flat_grad"])
        s = state["d"].mul(state["t"])
        ys = y.dot(s)
        if not ys > 1e-10:
            return
        if len(state["old_dirs"]) == group["history_size"]:
            for name in ("old_dirs", "old_stps", "ro"):
                state[name].pop(0)
        state["old_dirs"].append(y)
        state["old_stps"].append(s)
        state["ro"].append(1. / ys)
        state["H_diag"] = ys / y.dot(y)

    def _direction(self, state, grad, group):
        """Minus the gradient times the inverse Hessian that the history implies."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return grad.neg()
        self._remember(state, grad, group)
        dirs, steps, ro = state["old_dirs"], state["old_stps"], state["ro"]
        al = state.setdefault("al", [None] * group["history_size"])
        q = grad.neg()
        for i in range(len(dirs) - 1, -1, -1):
            al[i] = steps[i].dot(q) * ro[i]
            q.add_(dirs[i], alpha=-al[i])
        r = torch.mul(q, state["H_diag"])
        for i in range(len(dirs)):
            r.add_(steps[i], alpha=al[i] - dirs[i].dot(r) * ro[i])
        return r

    def _search(self, closure, group, d, t, loss, grad, slope):
        if group["line_search_fn"] != "strong_wolfe":
            raise RuntimeError("only 'strong_wolfe' is supported")
        points = [p.clone() for p in self._params]
        search = _StrongWolfe(lambda t: self._evaluate(closure, points, t, d),
                              d, loss, grad, slope, 1e-9)
        return search.run(t)

    def step(self, closure):
        with torch.no_grad():
            return self._steps(torch.enable_grad()(closure), self.param_groups[0])

    def _steps(self, closure, group):
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = closure()
        loss, evals = float(first), 1
        state["func_evals"] += 1
        grad = self._gather_flat_grad()
        if grad.abs().max() <= group["tolerance_grad"]:
            return first
        for turn in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            d = state["d"] = self._direction(state, grad, group)
            if state.get("prev_flat_grad") is None:
                state["prev_flat_grad"] = grad.clone()
            else:
                state["prev_flat_grad"].copy_(grad)
            state["prev_loss"] = loss
            t = group["lr"]
            if state["n_iter"] == 1:
                t = min(1., 1. / grad.abs().sum()) * t
            state["t"] = t
            slope = grad.dot(d)
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"] is not None:
                loss, grad, t, used = self._search(closure, group, d, t, loss, grad, slope)
                state["t"] = t
                self._add_grad(t, d)
            else:
                self._add_grad(t, d)
                if turn != group["max_iter"]:
                    loss = float(closure())
                    grad = self._gather_flat_grad()
                    used = 1
            evals += used
            state["func_evals"] += used
            if turn == group["max_iter"] or evals >= group["max_eval"]:
                break
            if grad.abs().max() <= group["tolerance_grad"]:
                break
            if d.mul(t).abs().max() <= group["tolerance_change"]:
                break
            if abs(loss - state["prev_loss"]) < group["tolerance_change"]:
                break
        for name in ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"):
            state[name] = state.pop(name)  # in PyTorch's order
        return first
