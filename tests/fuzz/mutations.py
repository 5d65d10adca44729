"""Cells like those that are there: one statement changed, dropped, moved or added.

`Mutations(seed, corpus, operators)` takes cells of a `Corpus`, with the cells of their
notebook that they need, and changes their statements as Python's syntax has them: numbers,
shapes, dtypes, arguments, operators, methods of one family, the order of statements,
statements of another cell of the topic, and looks at what a tensor carries afterwards.

What shows memory that nobody wrote, hangs on the order of a set or is not in the notation
is not among the cells to start from, and not written.
"""
import ast
import builtins
import copy
import glob
import os
import random
import re
import sys

from random_calls import DTYPES, UNTAME, WRONG, Calls

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
from oracle import load, natural, python_of  # noqa: E402

INTS = ["0", "1", "2", "3", "-1", "-2", "4", "5", "7", "-3", "10", "100", "255", "256", "-129",
        "True", "None", "2**31", "2**63 - 1"]
FLOATS = ["0.0", "-0.0", "1.0", "-1.0", "0.5", "1.5", "2.5", "-2.5", "3.0", "0.1", "1e-3", "100.0",
          "12345.678", "1e10", "1e-8", "float('nan')", "float('inf')", "-float('inf')", "2", "0"]
BINARY = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult,
          ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift]
COMPARE = [ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In]
INDICES = ["0", "-1", "1", "5", "None", "...", ":", "1:", ":2", "::2", "-2:", "1:1", "True", "[0, 1]",
           "[0, -1]", "[True, False]", "torch.tensor(1)", "torch.tensor([0, 1])", "0, 0", ":, 0",
           "..., 0", "None, 0", "[0], :", "::-1", "1.0", "'a'", "torch.tensor([True, False])"]
FAMILIES = [
    "add sub mul div pow maximum minimum fmod remainder atan2 hypot copysign true_divide "
    "floor_divide rsub fmax fmin logaddexp xlogy",
    "sum mean prod amax amin max min std var argmax argmin all any median logsumexp norm "
    "nansum nanmean cumsum cumprod softmax log_softmax sort argsort unbind mode nanmedian "
    "count_nonzero unique std_mean var_mean aminmax cummax cummin",
    "exp log sin cos tan tanh sigmoid relu abs neg sqrt rsqrt reciprocal square sign floor ceil "
    "round trunc frac log2 log10 log1p exp2 expm1 sinh cosh asin acos atan erf erfc lgamma "
    "digamma positive isnan isinf isfinite logit sgn softplus gelu silu elu selu hardtanh "
    "hardsigmoid leaky_relu logsigmoid relu6 celu softsign tanhshrink mish",
    "view reshape expand repeat permute flatten squeeze unsqueeze transpose t movedim "
    "swapaxes unflatten tile flip roll narrow select chunk split tensor_split unfold "
    "diagonal view_as expand_as rot90 broadcast_to swapdims moveaxis",
    "detach clone contiguous data float double long int half bool bfloat16 requires_grad_ "
    "detach_ cpu type numpy tolist item",
    "eq ne lt le gt ge equal allclose isclose logical_and logical_or logical_xor",
    "mm matmul mv dot bmm outer inner addmm addmv baddbmm einsum kron cross tensordot vdot ger",
    "zeros ones full rand randn zeros_like ones_like full_like rand_like randn_like arange "
    "linspace eye tensor as_tensor",
    "cat stack hstack vstack dstack column_stack concat",
    "gather scatter scatter_add index_select index_add index_copy index_fill take "
    "masked_fill masked_select take_along_dim index_put scatter_reduce",
    "mse_loss l1_loss smooth_l1_loss huber_loss kl_div binary_cross_entropy cross_entropy "
    "binary_cross_entropy_with_logits nll_loss poisson_nll_loss hinge_embedding_loss "
    "soft_margin_loss",
    "MSELoss L1Loss SmoothL1Loss HuberLoss KLDivLoss BCELoss BCEWithLogitsLoss NLLLoss "
    "CrossEntropyLoss PoissonNLLLoss HingeEmbeddingLoss SoftMarginLoss MultiLabelMarginLoss "
    "MultiMarginLoss MultiLabelSoftMarginLoss",
    "ReLU Tanh Sigmoid GELU ELU SELU CELU SiLU Mish Softplus Softsign Tanhshrink LeakyReLU "
    "ReLU6 Hardtanh Hardsigmoid Hardswish LogSigmoid Softshrink Hardshrink Threshold PReLU "
    "Softmax LogSoftmax Softmin Identity Flatten Dropout",
    "Linear Conv1d Conv2d ConvTranspose1d BatchNorm1d BatchNorm2d LayerNorm GroupNorm "
    "InstanceNorm1d Embedding Bilinear MaxPool2d AvgPool2d AdaptiveAvgPool1d Upsample",
    "SGD Adam AdamW Adagrad RMSprop Adadelta Adamax NAdam RAdam ASGD Rprop",
    "StepLR MultiStepLR ExponentialLR CosineAnnealingLR LambdaLR ConstantLR LinearLR "
    "PolynomialLR CyclicLR OneCycleLR",
    "no_grad enable_grad inference_mode set_grad_enabled",
    "jacobian hessian vjp jvp vhp hvp",
    "register_hook retain_grad backward",
]
KINDRED = {name: family.split() for family in FAMILIES for name in family.split()}
KEYWORDS = ["keepdim=True", "dim=0", "dim=-1", "dim=1", "dim=(0, 1)", "unbiased=False",
            "correction=0", "retain_graph=True", "create_graph=True", "reduction='sum'",
            "reduction='none'", "reduction='mean'", "allow_unused=True", "requires_grad=True",
            "dtype=torch.float64", "dtype=torch.int64", "descending=True", "stable=True", "alpha=2",
            "out=torch.zeros(2)", "inplace=True", "bias=False", "strict=True", "lr=0.1",
            "momentum=0.9", "weight_decay=0.1", "rounding_mode='floor'", "as_tuple=True",
            "set_to_none=True", "inputs=[x]", "gradient=torch.ones(3)", "start_dim=0", "p=1",
            "dim=2", "dim=None", "keepdims=True", "axis=0", "size=(2, 2)", "copy=True"]
PROBES = ["print({})", "{}", "repr({})", "{}.grad", "{}.grad_fn", "{}._version", "{}.stride()", "{}.shape",
          "{}.dtype", "{}.requires_grad", "{}.is_leaf", "{}.sum().backward()", "{}.backward()",
          "{}.is_contiguous()", "{}.storage_offset()", "{}.sum()", "{}.grad_fn.next_functions",
          "{}.tolist()", "{}.item()", "{}.data", "{}.detach()", "{} is not None", "type({})", "len({})",
          "{} + 1", "{}.T", "bool({})", "{}.numel()", "{}.add_(1)", "{}.mul_(2)", "{}.zero_()",
          "{}.requires_grad_()", "{}.retain_grad()", "{}.view(-1)", "{} * {}", "print({}.grad)",
          "str({})", "f'{{{}}}'", "{}[0]", "{}.size()", "{}.dim()", "{}.clone()", "list({})", "float({})",
          "int({})", "{}.grad.zero_()", "{} == {}", "{}._is_view()", "{}._base", "{}.unsqueeze(0)",
          "torch.autograd.grad({}.sum(), x)", "hash({}) == id({})", "{}.grad_fn.name()"]
LOOKS = ["{}", "{}", "{}", "{}.grad", "{}.grad_fn", "{}._version", "{}.stride()", "{}.is_leaf",
         "{}.dtype", "print({})"]
SHUN = re.compile(UNTAME.pattern.replace("rand|normal|dropout|bernoulli|multinomial|poisson|"
                                         "exponential|geometric|cauchy|rrelu|uniform|", "") +
                  r"|\bid\(|\bset\(|memory|complex|\bfft|1j|hash|__file__|yield|"
                  r"Transformer\(|TransformerEncoder\(|Decoder|profiler|torch\.jit|__dict__|\bdir\(|\bvars\(|globals|locals|lstsq|"
                  r"logcumsumexp|cdist|igamma|polygamma|ctc_loss|bilinear|quantiz|sparse|numpy")

QUOTES = re.compile(r"'{3}|\"{3}")  # several lines in one text


def bound(statement):
    """The names that a statement binds, as far as they can be seen."""
    nodes = list(ast.walk(statement))
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | \
        {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))} | \
        {(a.asname or a.name).partition(".")[0] for n in nodes
         if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}


class Cell:
    """A cell to start from: its topic, its notebook's order, what it binds and what it needs."""

    def __init__(self, topic, source):
        self.topic, self.source = topic, source
        self.binds, self.uses, self.before = set(), set(), []
        for statement in ast.parse(source).body:
            names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
            self.uses |= {n.id for n in names if isinstance(n.ctx, ast.Load)} - self.binds
            self.binds |= bound(statement)
        self.uses -= set(dir(builtins)) | {"torch"}

    def needed(self):
        """The earlier cells of the notebook whose names this one may see, in order."""
        wanted, chosen = set(self.uses), []
        for cell in reversed(self.before):
            if cell.binds & wanted:
                chosen.insert(0, cell)
                wanted |= cell.uses
        return chosen


class Corpus:
    """The cells below some directories named cells, by topic, and the arguments in them."""

    def __init__(self, roots):
        self.topics, self.keywords = {}, {}
        for root in roots:
            for path in sorted(glob.glob(os.path.join(root, "**", "*.yaml"), recursive=True),
                               key=natural):
                if os.path.basename(path) != "notebook.yaml":
                    self.add(os.path.relpath(path, root), path)
        for cells in self.topics.values():
            for cell in cells:
                self.learn(ast.parse(cell.source))

    def add(self, name, path):
        source = python_of(load(path))
        topic = name.split(os.sep)[0]
        if topic.endswith(".yaml"):
            topic = "demo"
        cell = Cell(topic, source)
        if SHUN.search(source) or QUOTES.search(ast.unparse(ast.parse(source))):
            return
        cells = self.topics.setdefault(topic, [])
        cell.directory = os.path.dirname(path)
        cell.before = [c for c in cells if c.directory == cell.directory]
        cells.append(cell)

    def learn(self, tree):
        for call in ast.walk(tree):
            if isinstance(call, ast.Call):
                known = self.keywords.setdefault(called(call), set())
                known |= {(k.arg, ast.unparse(k.value)) for k in call.keywords if k.arg}


def called(call):
    """The last name of what is called."""
    f = call.func
    return f.attr if isinstance(f, ast.Attribute) else f.id if isinstance(f, ast.Name) else "?"


def expression(text):
    return ast.parse(text, mode="eval").body


def number_of(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def as_ops(statement):
    """A statement as an operation of a cell."""
    root, stack = [], []
    for line in filter(None, ast.unparse(statement).split("\n")):
        depth = (len(line) - len(line.lstrip())) // 4
        body = root
        for _ in range(depth):
            body = body[-1][1]
        text = line.strip()
        if text.endswith(":") and not text.startswith(("'", '"')):
            body.append((text[:-1], []))
        else:
            body.append(text)
    return root


class Mutations:
    def __init__(self, seed, corpus, operators):
        self.rng, self.corpus = random.Random(seed), corpus
        self.calls = Calls(seed, tame=True)
        self.operators = operators
        self.steps = [self.number, self.number, self.number, self.sequence, self.dtype,
                      self.add_keyword, self.add_keyword, self.drop_argument, self.argument,
                      self.argument, self.form, self.form, self.kindred, self.kindred,
                      self.operator, self.index, self.drop, self.double, self.move, self.splice,
                      self.splice, self.wrap, self.probe, self.probe, self.probe, self.wrong,
                      self.rename, self.augment, self.tensor]

    def pick(self, items):
        return self.rng.choice(list(items))

    def chance(self, p):
        return self.rng.random() < p

    def nodes(self, body, test):
        return [n for s in body for n in ast.walk(s) if test(n)]

    def replace(self, body, test, make):
        """Puts make(node) in the place of one node that fits."""
        found = self.nodes(body, test)
        if not found:
            return
        old = self.pick(found)
        new = make(old)

        class Put(ast.NodeTransformer):
            def visit(self, node):
                return new if node is old else self.generic_visit(node)

        for i, statement in enumerate(body):
            body[i] = Put().visit(statement)

    # --- within a statement ---

    def number(self, body):
        def make(old):
            pool = INTS[:8] if isinstance(old.value, int) and self.chance(0.6) else \
                INTS if isinstance(old.value, int) else FLOATS
            return expression(self.pick(pool))
        self.replace(body, number_of, make)

    def sequence(self, body):
        def make(old):
            items = list(old.elts)
            at = self.rng.randrange(len(items) + 1)
            step = self.rng.random()
            if step < 0.3 and items:
                del items[at - 1]
            elif step < 0.6 and items:
                items.insert(at, copy.deepcopy(items[at - 1]))
            elif step < 0.75:
                items = [ast.List(items, ast.Load())]
            elif step < 0.9 and items:
                self.rng.shuffle(items)
            else:
                items = []
            return type(old)(items, ast.Load())
        self.replace(body, lambda n: isinstance(n, (ast.List, ast.Tuple))
                     and isinstance(n.ctx, ast.Load), make)

    def dtype(self, body):
        self.replace(body, lambda n: isinstance(n, ast.Attribute) and n.attr in DTYPES,
                     lambda old: expression("torch." + self.calls.dtype()))

    def tensor(self, body):
        """Another dtype or leafhood for a tensor that is made."""
        found = self.nodes(body, lambda n: isinstance(n, ast.Call)
                           and called(n) in ("tensor", "ones", "zeros", "arange", "randn"))
        if found:
            call = self.pick(found)
            call.keywords = [k for k in call.keywords if k.arg not in ("dtype",)]
            if self.chance(0.8):
                call.keywords.append(ast.keyword("dtype", expression("torch." + self.calls.dtype())))
            else:
                call.keywords = [] if call.keywords else \
                    [ast.keyword("requires_grad", expression("True"))]

    def call(self, body):
        found = self.nodes(body, lambda n: isinstance(n, ast.Call))
        return self.pick(found) if found else None

    def parameters(self, call):
        """Parameters of an operator of the name that is called, without self for a method."""
        fitting = self.operators.get(called(call).rstrip("_"))
        if not fitting:
            return []
        operator = self.pick(fitting)
        self.calls.rng.seed(self.rng.random())
        self.calls.prepare(operator)
        method = not (isinstance(call.func, ast.Attribute) and
                      ast.unparse(call.func).startswith(("torch.", "F.", "nn.")))
        return operator.parameters[1:] if method else operator.parameters

    def add_keyword(self, body):
        call = self.call(body)
        if not call:
            return
        known = self.corpus.keywords.get(called(call))
        parameters = self.parameters(call)
        if parameters and self.chance(0.5):
            p = self.pick(parameters)
            name, value = p.name, self.calls.argument(p)
        elif known and self.chance(0.7):
            name, value = self.pick(sorted(known))
        else:
            name, _, value = self.pick(KEYWORDS).partition("=")
        if SHUN.search(value):
            return
        call.keywords = [k for k in call.keywords if k.arg != name]
        call.keywords.append(ast.keyword(name, expression(value)))

    def drop_argument(self, body):
        call = self.call(body)
        if call and call.keywords and self.chance(0.6):
            del call.keywords[self.rng.randrange(len(call.keywords))]
        elif call and call.args:
            del call.args[self.rng.randrange(len(call.args))]

    def argument(self, body):
        """Another value for an argument of an operator, or one more."""
        call = self.call(body)
        parameters = call and self.parameters(call)
        if parameters:
            at = self.rng.randrange(min(len(parameters), len(call.args) + 1))
            value = self.calls.argument(parameters[at]).replace("leaf(", "(")
            call.args[at:at + 1] = [expression(value)]

    def form(self, body):
        """A method for a function, a function for a method, written in place or not."""
        call = self.call(body)
        if not call or not isinstance(call.func, ast.Attribute):
            return
        f = call.func
        if self.chance(0.35):
            f.attr = f.attr.rstrip("_") if f.attr.endswith("_") else f.attr + "_"
        elif isinstance(f.value, ast.Name) and f.value.id in ("torch", "F") and call.args:
            f.value = call.args.pop(0)
        elif not isinstance(f.value, ast.Name) or f.value.id not in ("torch", "nn", "F"):
            call.args.insert(0, f.value)
            f.value = expression("torch")

    def kindred(self, body):
        """Another name of the family, or any of the same topic."""
        found = self.nodes(body, lambda n: isinstance(n, ast.Attribute)
                           and n.attr.rstrip("_") in KINDRED)
        if found:
            node = self.pick(found)
            tail = "_" if node.attr.endswith("_") and self.chance(0.8) else ""
            node.attr = self.pick(KINDRED[node.attr.rstrip("_")]) + tail

    def operator(self, body):
        found = self.nodes(body, lambda n: isinstance(n, (ast.BinOp, ast.Compare, ast.UnaryOp)))
        if not found:
            return
        node = self.pick(found)
        if isinstance(node, ast.BinOp):
            if self.chance(0.25):
                node.left, node.right = node.right, node.left
            else:
                node.op = self.pick(BINARY)()
        elif isinstance(node, ast.Compare):
            node.ops[0] = self.pick(COMPARE)()
        else:
            node.op = self.pick([ast.USub, ast.UAdd, ast.Invert, ast.Not])()

    def augment(self, body):
        found = self.nodes(body, lambda n: isinstance(n, ast.AugAssign))
        if found:
            self.pick(found).op = self.pick(BINARY)()

    def index(self, body):
        found = self.nodes(body, lambda n: isinstance(n, ast.Subscript))
        if found:
            self.pick(found).slice = expression("x[%s]" % self.pick(INDICES)).slice
        else:
            self.replace(body, lambda n: isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
                         and n.id not in ("torch", "nn", "F", "print"),
                         lambda old: expression("%s[%s]" % (old.id, self.pick(INDICES))))

    def rename(self, body):
        found = self.nodes(body, lambda n: isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
                           and n.id not in ("torch", "nn", "F", "print"))
        if found:
            self.pick(found).id = self.pick(found).id

    def wrong(self, body):
        call = self.call(body)
        if call and call.args and self.chance(0.5):
            call.args[self.rng.randrange(len(call.args))] = expression(self.pick(WRONG))

    # --- whole statements ---

    def at(self, body):
        return self.rng.randrange(len(body))

    def drop(self, body):
        if len(body) > 1:
            del body[self.at(body)]

    def double(self, body):
        at = self.at(body)
        body.insert(at, copy.deepcopy(body[at]))

    def move(self, body):
        statement = body.pop(self.at(body))
        body.insert(self.rng.randrange(len(body) + 1), statement)

    def splice(self, body):
        other = ast.parse(self.pick(self.corpus.topics[self.topic]).source).body
        at = self.at(other)
        n = self.pick([1, 1, 2, len(other)])
        place = self.rng.randrange(len(body) + 1)
        body[place:place] = other[at:at + n]

    def wrap(self, body):
        a = self.at(body)
        b = self.rng.randrange(a, len(body)) + 1
        inner = body[a:b]
        texts = {
            "with": "with %s:\n    pass" % self.pick(
                ["torch.no_grad()", "torch.enable_grad()", "torch.inference_mode()",
                 "torch.set_grad_enabled(False)", "torch.autograd.set_detect_anomaly(True)"]),
            "for": "for i in range(%d):\n    pass" % self.pick([1, 2, 3]),
            "if": "if True:\n    pass",
            "def": "def f():\n    pass",
        }
        kind = self.pick(["with", "with", "for", "if", "def", "try"])
        if kind == "try":
            new = ast.parse("try:\n    pass\nexcept Exception as e:\n"
                            "    print(type(e).__name__, e)").body
        else:
            new = ast.parse(texts[kind]).body
        new[0].body = inner
        if kind == "def":
            new += ast.parse("f()").body
        body[a:b] = new

    def probe(self, body):
        name = self.pick(sorted(set().union(*map(bound, body))) or ["x"])
        text = self.pick(PROBES).replace("{{", "\0").replace("}}", "\1")
        text = text.replace("{}", name).replace("\0", "{").replace("\1", "}")
        body.insert(self.rng.randrange(len(body) + 1), ast.parse(text).body[0])

    # --- a notebook ---

    def mutated(self, cell):
        """The cell's statements, changed; None where the change is not to be written."""
        body = ast.parse(cell.source).body
        self.topic = cell.topic
        for _ in range(self.pick([1, 1, 1, 2, 2, 3, 5])):
            self.pick(self.steps)(body)
            if not body:
                return None
        text = "\n".join(ast.unparse(ast.fix_missing_locations(s)) for s in body)
        if SHUN.search(text) or QUOTES.search(text) or len(text) > 4000:
            return None
        try:
            return ast.parse(text).body
        except SyntaxError:
            return None

    def looked_at(self, statement):
        """What a statement bound, looked at."""
        targets = sorted(bound(statement))
        return [self.pick(LOOKS).replace("{}", t) for t in targets[:2] if self.chance(0.3)]

    def notebook(self, topics):
        """Cells of operations: those that the mutated one needs, then its statements, one
        a cell so that each shows what it gives, or together."""
        cell = body = None
        while not body:
            cell = self.pick(self.corpus.topics[self.pick(topics)])
            body = self.mutated(cell)
        cells = [sum(map(as_ops, ast.parse(c.source).body), []) for c in cell.needed()]
        if self.chance(0.3):
            cells.append(sum(map(as_ops, body), []))
        else:
            for statement in body:
                cells.append(as_ops(statement))
                cells += [[look] for look in self.looked_at(statement)]
        return cells
