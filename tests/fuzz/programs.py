"""Random autograd programs: notebooks of a few cells, 20 to 40 operations in all.

`notebook(seed)` gives the operations of each cell as Python statements.  The generator
follows the shape and dtype of every variable, so that most statements are right, and is
wrong on purpose now and then: a shape, a dtype, a leaf written in place, a graph used
twice.  A cell ends at its first error; the ones after it see what it left.

Values are small multiples of 1/4 and the operations mostly exact in every dtype, so that
no text hangs on the last bit: what differs is behaviour, not rounding.
"""
import random

FLOATS = ["float32", "float64"]
DTYPES = ["float32", "float32", "float32", "float64", "int64", "bool"]
SHAPES = [(), (1,), (2,), (3,), (4,), (2, 3), (3, 1), (1, 3), (3, 2), (2, 2), (0,), (2, 0),
          (2, 1, 3), (1, 2, 2), (2, 3, 2)]
RANK = {"bool": 0, "int64": 1, "float32": 2, "float64": 3}


def _function(name, forward, backward):
    return [("class %s(torch.autograd.Function)" % name,
             ["@staticmethod", ("def forward(ctx, a)", forward),
              "@staticmethod", ("def backward(ctx, *g)", backward)])]


FUNCTIONS = {
    "Double": _function("Double", ["return a * 2"], ["return g[0] * 2"]),
    "Saver": _function("Saver", ["ctx.save_for_backward(a)", "return a * a"],
                       ["a, = ctx.saved_tensors", "print('Saver', ctx.needs_input_grad)",
                        "return 2 * a * g[0]"]),
    "Dirty": _function("Dirty", ["a.add_(1)", "ctx.mark_dirty(a)", "return a"],
                       ["return g[0]"]),
    "Pair": _function("Pair", ["return a + 1, a.view_as(a)"], ["print('Pair', g)",
                                                              "return g[0] + g[1]"]),
}


class Var:
    """A variable of the program, as far as the generator knows it."""

    def __init__(self, name, shape, dtype, leaf=False, grad=False):
        self.name, self.shape, self.dtype = name, shape, dtype
        self.leaf, self.grad = leaf, grad

    @property
    def floating(self):
        return self.dtype in FLOATS


def broadcast(a, b):
    """The common shape, or None."""
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(x != y and 1 not in (x, y) for x, y in zip(a, b)):
        return None
    return tuple(y if x == 1 else x for x, y in zip(a, b))


def promoted(a, b):
    """The dtype of a + b: numbers of a higher kind win, dimensions count before."""
    if (len(a.shape) == 0) != (len(b.shape) == 0) and a.floating == b.floating:
        if "bool" not in (a.dtype, b.dtype):
            return a.dtype if len(a.shape) else b.dtype
    return max(a.dtype, b.dtype, key=RANK.get)


class Program:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.vars, self.count, self.lines, self.cells = [], 0, [], []
        self.defined = set()

    # --- choosing ---

    def pick(self, items):
        return self.rng.choice(items)

    def chance(self, p):
        return self.rng.random() < p

    def var(self, test=lambda v: True):
        """A variable that fits, the latest ones more often; None if there is none."""
        fitting = [v for v in self.vars if test(v)]
        if not fitting:
            return None
        return self.pick(fitting[-4:] if self.chance(0.6) else fitting)

    def floating(self):
        return self.var(lambda v: v.floating)

    def number(self, dtype):
        if dtype == "bool":
            return self.pick(["True", "False"])
        if dtype == "int64":
            return str(self.rng.randint(-3, 4))
        return repr(self.rng.randint(-12, 12) / 4)

    def nested(self, shape, dtype):
        if not shape:
            return self.number(dtype)
        return "[" + ", ".join(self.nested(shape[1:], dtype) for _ in range(shape[0])) + "]"

    def dim(self, v):
        """A dimension of v, rarely one that it lacks."""
        n = max(1, len(v.shape))
        return self.rng.randint(-n, n - 1) if self.chance(0.97) else n + 1

    def name(self):
        self.count += 1
        return "v%d" % self.count

    # --- writing ---

    def say(self, line):
        self.lines.append(line)

    def assign(self, expression, shape, dtype, grad):
        v = Var(self.name(), tuple(shape), dtype, grad=grad)
        self.say("%s = %s" % (v.name, expression))
        self.vars.append(v)
        return v

    # --- statements ---

    def tensor(self):
        dtype, shape = self.pick(DTYPES), self.pick(SHAPES)
        grad = dtype in FLOATS and self.chance(0.75)
        text = "torch.tensor(%s, dtype=torch.%s" % (self.nested(shape, dtype), dtype)
        v = self.assign(text + (", requires_grad=True)" if grad else ")"), shape, dtype, grad)
        v.leaf = True

    def binary(self):
        a = self.var()
        b = self.var(lambda v: broadcast(a.shape, v.shape) is not None)
        if self.chance(0.03):
            b = self.var()
        op = self.pick(["+", "-", "*", "+", "*", "max", "min", "/", "where"])
        shape = broadcast(a.shape, b.shape)
        if op == "where":
            text = "torch.where(%s > 0, %s, %s)" % (a.name, a.name, b.name)
        elif op in ("max", "min"):
            text = "torch.%simum(%s, %s)" % (op, a.name, b.name)
        elif op == "/":
            text = "%s / (%s.abs() + 1)" % (a.name, b.name) if self.chance(0.3) else \
                "%s / %s" % (a.name, self.pick(["2", "4.", "-0.5"]))
            shape = shape if "abs" in text else a.shape
        else:
            text = "%s %s %s" % (a.name, op, b.name)
        if shape is None:
            self.say(text)
            return
        self.assign(text, shape, promoted(a, b), a.grad or b.grad)

    def with_number(self):
        a = self.var()
        op = self.pick(["+", "-", "*", "**"])
        number = "2" if op == "**" else self.pick(["2", "0.5", "-1", "3"])
        dtype = a.dtype
        if "." in number and not a.floating:
            dtype = "float32"
        elif dtype == "bool":
            dtype = "int64"
        swap = op != "**" and self.chance(0.3)
        text = "%s %s %s" % ((number, op, a.name) if swap else (a.name, op, number))
        self.assign(text, a.shape, dtype, a.grad)

    def unary(self):
        a = self.floating() or self.var()
        f = self.pick(["neg", "abs", "relu", "sign", "clone", "square", "clamp(-1, 1)",
                       "clamp(min=0)", "detach", "floor", "exp", "tanh", "sigmoid", "sin",
                       "t", "contiguous", "cumsum(%d)" % self.dim(a), "float", "double",
                       "abs().sqrt", "requires_grad_", "flatten"])
        text = "%s.%s%s" % (a.name, f, "" if f.endswith(")") else "()")
        shape, dtype, grad = a.shape, a.dtype, a.grad
        if f == "t":
            shape = shape[::-1] if len(shape) < 3 else shape
        if f == "flatten":
            size = 1
            for n in shape:
                size *= n
            shape = (size,)
        if f in ("float", "double"):
            dtype = "float32" if f == "float" else "float64"
        if f in ("exp", "tanh", "sigmoid", "sin", "abs().sqrt") and not a.floating:
            dtype = "float32"
        if f == "detach":
            grad = False
        self.assign(text, shape, dtype, grad)

    def view(self):
        a = self.var(lambda v: len(v.shape) > 0)
        if not a:
            return self.tensor()
        n, kind = len(a.shape), self.rng.randrange(9)
        d = self.rng.randrange(n)
        size = a.shape[d]
        rest = a.shape[:d] + a.shape[d + 1:]
        if kind == 0 and size:
            i = self.rng.randint(-size, size - 1) if self.chance(0.95) else size
            return self.assign("%s.select(%d, %d)" % (a.name, d, i), rest, a.dtype, a.grad)
        if kind == 1:
            lo = self.rng.randint(0, size)
            length = max(0, size - lo)
            text = "%s[%s%d:]" % (a.name, ":, " * d, lo)
            return self.assign(text, a.shape[:d] + (length,) + a.shape[d + 1:], a.dtype, a.grad)
        if kind == 2 and n > 1:
            other = self.rng.randrange(n)
            shape = list(a.shape)
            shape[d], shape[other] = shape[other], shape[d]
            return self.assign("%s.transpose(%d, %d)" % (a.name, d, other), shape, a.dtype,
                               a.grad)
        if kind == 3:
            shape = (2,) + a.shape
            return self.assign("%s.expand(2, %s)" % (a.name, ", ".join(["-1"] * n)), shape,
                               a.dtype, a.grad)
        if kind == 4:
            return self.assign("%s.unsqueeze(%d)" % (a.name, d),
                               a.shape[:d] + (1,) + a.shape[d:], a.dtype, a.grad)
        if kind == 5:
            return self.assign("%s.view(-1)" % a.name if self.chance(0.5) else
                               "%s.reshape(-1)" % a.name,
                               (self.size(a.shape),), a.dtype, a.grad)
        if kind == 6 and size > 1:
            names = self.name(), self.name()
            half = (size + 1) // 2
            self.say("%s, %s = %s.chunk(2, %d)" % (*names, a.name, d))
            for name, part in zip(names, (half, size - half)):
                self.vars.append(Var(name, a.shape[:d] + (part,) + a.shape[d + 1:], a.dtype,
                                     grad=a.grad))
            return None
        if kind == 7 and n == 2 and size:
            return self.assign("%s.diagonal()" % a.name, (min(a.shape),), a.dtype, a.grad)
        return self.assign("%s.permute(%s)" % (a.name, ", ".join(map(str, range(n)[::-1]))),
                           a.shape[::-1], a.dtype, a.grad)

    @staticmethod
    def size(shape):
        size = 1
        for n in shape:
            size *= n
        return size

    def reduction(self):
        a = self.floating()
        if not a:
            return self.tensor()
        f = self.pick(["sum", "sum", "mean", "prod", "max", "amax", "norm"])
        if not a.shape or self.chance(0.5):
            f = "sum" if f == "norm" else f
            return self.assign("%s.%s()" % (a.name, f), (), a.dtype, a.grad)
        d = self.rng.randrange(len(a.shape))
        keep = self.chance(0.3)
        shape = a.shape[:d] + ((1,) if keep else ()) + a.shape[d + 1:]
        f = "sum" if f == "norm" else f
        text = "%s.%s(%d%s)" % (a.name, f, d, ", keepdim=True" if keep else "")
        return self.assign(text + ("[0]" if f == "max" else ""), shape, a.dtype, a.grad)

    def product(self):
        a = self.var(lambda v: v.floating and len(v.shape) in (1, 2))
        b = a and self.var(lambda v: v.dtype == a.dtype and len(v.shape) in (1, 2) and
                           v.shape[0] == a.shape[-1])
        if not b:
            return self.binary()
        return self.assign("%s @ %s" % (a.name, b.name), a.shape[:-1] + b.shape[1:], a.dtype,
                           a.grad or b.grad)

    def joined(self):
        a = self.var(lambda v: len(v.shape) > 0)
        b = a and self.var(lambda v: v.shape == a.shape)
        if not b:
            return self.tensor()
        dtype = max(a.dtype, b.dtype, key=RANK.get)
        if self.chance(0.5):
            return self.assign("torch.stack([%s, %s])" % (a.name, b.name), (2,) + a.shape,
                               dtype, a.grad or b.grad)
        return self.assign("torch.cat([%s, %s])" % (a.name, b.name),
                           (2 * a.shape[0],) + a.shape[1:], dtype, a.grad or b.grad)

    def in_place(self):
        a = self.var(lambda v: v.floating and not v.leaf) if self.chance(0.85) else self.var()
        if not a:
            return self.binary()
        b = self.var(lambda v: broadcast(a.shape, v.shape) == a.shape and
                     RANK[v.dtype] <= RANK[a.dtype])
        other = b.name if b and self.chance(0.6) else "2"
        first = "0" if a.shape and a.shape[0] else "..."
        self.say(self.pick([
            "%s.mul_(%s)" % (a.name, other), "%s.add_(%s)" % (a.name, other),
            "%s += %s" % (a.name, other), "%s *= %s" % (a.name, other),
            "%s.zero_()" % a.name, "%s.relu_()" % a.name, "%s.copy_(%s)" % (a.name, other)
            if b and other != "2" else "%s.fill_(3)" % a.name,
            "%s[%s] = 1" % (a.name, first), "%s.neg_()" % a.name,
            "%s[%s > 0] = 0" % (a.name, a.name), "%s.clamp_(min=-1)" % a.name,
            "%s.data.mul_(2)" % a.name, "%s.detach_()" % a.name,
            "%s.masked_fill_(%s > 1, 0.5)" % (a.name, a.name)]))
        return None

    def hook(self):
        a = self.var(lambda v: v.grad)
        if not a:
            return self.tensor()
        self.say(self.pick([
            "h = %s.register_hook(lambda g: g * 2)" % a.name,
            "h = %s.register_hook(lambda g: print('%s', g))" % (a.name, a.name),
            "%s.retain_grad()" % a.name,
            "h = %s.register_hook(lambda g: None)" % a.name,
            "h.remove()" if any("h = " in line for line in self.lines) else
            "%s.retain_grad()" % a.name]))
        return None

    def mode(self):
        mode = self.pick(["torch.no_grad()", "torch.no_grad()", "torch.enable_grad()",
                          "torch.set_grad_enabled(False)", "torch.inference_mode()"])
        known = len(self.vars)
        self.block(mode, [self.binary, self.unary, self.view, self.in_place])
        if mode != "torch.enable_grad()":
            for v in self.vars[known:]:
                v.grad = False

    def block(self, manager, steps):
        """A few of the steps within a with statement."""
        body, outer = [], self.lines
        self.lines = body
        for _ in range(self.rng.randint(1, 3)):
            self.pick(steps)()
        self.lines = outer
        if body:
            self.say(("with " + manager, body))

    def backward(self):
        a = self.var(lambda v: v.grad)
        if not a:
            return self.reduction()
        arguments = []
        text = a.name
        if a.shape and self.chance(0.9):
            if self.chance(0.5):
                text += ".sum()"
            else:
                arguments.append("torch.ones_like(%s)" % a.name)
        if self.chance(0.35):
            arguments.append("retain_graph=True")
        if self.chance(0.1):
            arguments.append("create_graph=True")
        self.say("%s.backward(%s)" % (text, ", ".join(arguments)))
        for leaf in [v for v in self.vars if v.leaf and v.grad][-3:]:
            self.say("print(%s.grad)" % leaf.name)
        return None

    def gradient(self):
        a = self.var(lambda v: v.grad)
        b = self.var(lambda v: v.grad)
        if not a or not b:
            return self.backward()
        options = self.pick(["", ", allow_unused=True", ", create_graph=True, allow_unused=True",
                             ", retain_graph=True"])
        self.say("g = torch.autograd.grad(%s.sum(), %s%s)" % (a.name, b.name, options))
        self.say("print(g)")
        if "create_graph" in options and self.chance(0.5):
            self.say("print(torch.autograd.grad((g[0] * g[0]).sum(), %s, allow_unused=True))"
                     % b.name)
        return None

    def function(self):
        """A Function of the cell's own, defined at its first use."""
        a = self.var(lambda v: v.grad and v.floating)
        if not a:
            return self.tensor()
        kind = self.pick(["Double", "Saver", "Dirty", "Pair"])
        if kind not in self.defined:
            self.defined.add(kind)
            self.lines += FUNCTIONS[kind]
        if kind == "Pair":
            names = self.name(), self.name()
            self.say("%s, %s = Pair.apply(%s)" % (*names, a.name))
            for name in names:
                self.vars.append(Var(name, a.shape, a.dtype, grad=True))
            return None
        return self.assign("%s.apply(%s)" % (kind, a.name), a.shape, a.dtype, True)

    def saved_hooks(self):
        """Operations whose saved tensors pass through hooks."""
        hooks = self.pick(["lambda t: t.clone(), lambda t: t",
                           "lambda t: (t * 2, 1), lambda p: p[0] / 2",
                           "lambda t: print('pack', t.shape) or t, lambda t: t"])
        self.block("torch.autograd.graph.saved_tensors_hooks(%s)" % hooks,
                   [self.binary, self.unary, self.with_number, self.reduction])

    def anomaly(self):
        self.block("torch.autograd.set_detect_anomaly(%s)" % self.pick(["True", "False"]),
                   [self.binary, self.unary, self.view])

    def functional(self):
        a = self.var(lambda v: v.floating and 0 < self.size(v.shape) <= 4)
        if not a:
            return self.tensor()
        f = self.pick(["lambda t: t * t", "lambda t: (t * t).sum()", "lambda t: t * 2 + 1",
                       "lambda t: t.relu().sum()", "lambda t: t.detach() * t"])
        what = self.pick(["jacobian(%s, %s)", "hessian(%s, %s)", "vjp(%s, %s, %s)",
                          "jvp(%s, %s, %s)", "hvp(%s, %s, %s)", "vhp(%s, %s, %s)"])
        values = (f, a.name) + (("torch.ones_like(%s)" % a.name,) if what.count("%") == 3 else ())
        self.say("print(torch.autograd.functional.%s)" % (what % values))

    def graph(self):
        """A look at what is recorded."""
        a = self.var(lambda v: v.grad)
        if not a:
            return self.tensor()
        self.say(self.pick([
            "print(%s.grad_fn and %s.grad_fn.next_functions)" % (a.name, a.name),
            "n = %s.grad_fn" % a.name, "print(%s.output_nr, %s._base is None)" % (a.name, a.name),
            "print([f and f.name() for f, i in %s.grad_fn.next_functions])" % a.name,
            "print(%s.retains_grad, %s._is_view())" % (a.name, a.name)]))
        if self.lines[-1].startswith("n = "):
            self.say(("while n is not None and n.next_functions",
                      ["print(n.name(), end=' ')", "n = n.next_functions[0][0]"]))
            self.say("print(n and n.name())")

    def training(self):
        """A step of an optimizer over a leaf."""
        leaf = self.var(lambda v: v.leaf and v.grad)
        loss = self.var(lambda v: v.grad)
        if not leaf or not loss:
            return self.tensor()
        kind = self.pick(["SGD([%s], lr=0.5)", "SGD([%s], lr=0.25, momentum=0.5)",
                          "SGD([%s], lr=0.5, weight_decay=0.5)"])
        self.say("opt = torch.optim.%s" % (kind % leaf.name))
        self.say("(%s * %s).sum().backward()" % (loss.name, leaf.name)
                 if broadcast(loss.shape, leaf.shape) is not None else
                 "%s.sum().backward()" % loss.name)
        self.say("opt.step()")
        self.say("print(%s)" % leaf.name)
        self.say(self.pick(["opt.zero_grad()", "opt.zero_grad(set_to_none=True)"]))
        return None

    def module(self):
        a = self.var(lambda v: v.dtype == "float32" and len(v.shape) == 2)
        if not a:
            return self.tensor()
        name = self.name()
        n = a.shape[1] if self.chance(0.95) else a.shape[1] + 1
        self.say("%s = torch.nn.Linear(%d, 2)" % (name, n))
        self.say(("with torch.no_grad()", ["%s.weight.fill_(0.5)" % name,
                                           "%s.bias.zero_()" % name]))
        return self.assign("torch.nn.functional.%s(%s(%s))" % (
            self.pick(["relu", "softplus", "leaky_relu"]), name, a.name),
            (a.shape[0], 2), "float32", True)

    def look(self):
        a = self.pick(self.vars[-5:])
        self.say("print(%s)" % ", ".join(
            a.name + suffix for suffix in self.pick(
                [("", ), ("",), (".shape", ".dtype"), (".grad_fn",), ("._version",),
                 (".is_leaf", ".requires_grad"), (".grad",), (".stride()",)])))

    STEPS = [(3, tensor), (6, binary), (3, with_number), (5, unary), (5, view), (3, reduction),
             (1, product), (2, joined), (4, in_place), (2, hook), (2, mode), (4, backward),
             (2, gradient), (4, look), (1, function), (0.5, saved_hooks), (0.2, anomaly),
             (0.5, functional), (1, graph), (0.4, training), (0.4, module)]

    def step(self):
        weights, steps = zip(*self.STEPS)
        self.rng.choices(steps, weights)[0](self)

    def cell(self, first, length):
        self.lines = ["import torch"] if first else []
        if first:
            for _ in range(3):
                self.tensor()
        for _ in range(length):
            self.step()
        self.say(self.pick(self.vars[-5:]).name)
        self.cells.append(self.lines)


def notebook(seed):
    """The cells: lists of statements; a pair (header, statements) is a block."""
    program = Program(seed)
    for i in range(program.rng.randint(4, 7)):
        program.cell(i == 0, program.rng.randint(3, 8))
    return program.cells
