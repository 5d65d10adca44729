"""Random calls of every operator: right ones, nearly right ones, and nonsense.

`operators(autocell)` reads the declarations from `autocell ops`; `Calls(seed, tame)`
writes calls of them as expressions that stand alone.  What an argument looks like
follows from its type and name in the schema; SHAPES tells which shapes of several
tensors belong together.  About one call in five is wrong on purpose.

Tame calls can be compared: values are small multiples of 1/4, no operator shows memory
that nobody wrote, and no size asks for more than a machine has.
"""
import random
import re
import subprocess
from collections import namedtuple

Parameter = namedtuple("Parameter", "type name default")
Operator = namedtuple("Operator", "name forms parameters n_keyword results")

DTYPES = {"float32": 40, "float64": 14, "int64": 12, "float16": 6, "bfloat16": 6, "bool": 6,
          "int32": 4, "uint8": 4, "int16": 3, "int8": 3}
FLOATING = ("float32", "float64", "float16", "bfloat16")
LIMIT = {"uint8": (0, 5), "bool": (0, 1)}
SHAPE = [(), (), (1,), (2,), (3,), (3,), (4,), (2, 3), (2, 3), (3, 3), (3, 3), (3, 1), (1, 3),
         (2, 1, 3), (2, 3, 2), (2, 2, 2), (2, 3, 1, 2), (1, 2, 2, 1, 2), (0,), (2, 0), (0, 3),
         (2, 0, 3)]
WRONG = ["None", "'x'", "''", "[]", "()", "[1, 'a']", "[[1], 2]", "1.5", "-1", "True", "7", "{}",
         "2**62", "-2**63", "2**64", "float('nan')", "float('inf')", "torch.float64", "torch",
         "torch.ones(2)", "torch.tensor(1)", "(1, 2, 3, 4, 5)", "[1.5]", "[None]", "slice(1)",
         "range(3)", "lambda: 0", "torch.ones(1, 1, 1, 1, 1, 1, 1, 1)"]
WILD = ["2**31", "2**40", "-2**40", "2**63 - 1", "[2**40, 2**40]", "[2**31] * 3",
        "[1] * 70", "torch.ones([1] * 40)", "torch.ones(1).expand(300, 300)",
        "[torch.ones(2)] * 9", "torch.ones(0, 2**40)", "1e308", "5e-324", "'\\x00'"]
WORDS = {"rounding_mode": ["'floor'", "'trunc'", "None"], "UPLO": ["'L'", "'U'"],
         "driver": ["'gels'", "'gelsy'", "'gelsd'", "'gelss'", "None"],
         "indexing": ["'ij'", "'xy'"], "approximate": ["'none'", "'tanh'"],
         "interpolation": ["'linear'", "'lower'", "'higher'", "'midpoint'", "'nearest'"],
         "ord": ["'fro'", "'nuc'"], "p": ["'fro'", "'nuc'"],
         "reduce": ["'sum'", "'prod'", "'mean'", "'amax'", "'amin'", "'add'", "'multiply'",
                    "'max'", "'min'"], "mode": ["'reduced'", "'complete'", "'r'"],
         "side": ["'left'", "'right'"],
         "equation": ["'ij,jk->ik'", "'ij->ji'", "'ii'", "'i,j->ij'", "'...i->...'"],
         "padding": ["'same'", "'valid'"]}
INDICES = {"index", "indices", "target", "offsets", "targets", "indices_or_sections"}
MASKS = {"mask", "condition"}
# Shapes that belong together: letters stand for sizes of 1 to 3, digits for themselves.
MATRIX = {"self": "n n", "A": "n n", "input": "n n", "B": "n k", "other": "n k", "b": "n k"}
SHAPES = {
    "mm": {"self": "n m", "mat2": "m k"}, "bmm": {"self": "b n m", "mat2": "b m k"},
    "mv": {"self": "n m", "vec": "m"}, "dot": {"self": "n", "tensor": "n"},
    "vdot": {"self": "n", "other": "n"}, "ger": {"self": "n", "vec2": "m"},
    "outer": {"self": "n", "vec2": "m"}, "matmul": {"self": "n m", "other": "m k"},
    "addmm": {"self": "n k", "mat1": "n m", "mat2": "m k"},
    "addmv": {"self": "n", "mat": "n m", "vec": "m"},
    "addr": {"self": "n m", "vec1": "n", "vec2": "m"},
    "baddbmm": {"self": "b n k", "batch1": "b n m", "batch2": "b m k"},
    "addbmm": {"self": "n k", "batch1": "b n m", "batch2": "b m k"},
    "linear": {"input": "n m", "weight": "k m", "bias": "k"},
    "bilinear": {"input1": "n a", "input2": "n b", "weight": "k a b", "bias": "k"},
    "conv1d": {"input": "n a 5", "weight": "k a 2", "bias": "k"},
    "conv2d": {"input": "n a 5 4", "weight": "k a 2 3", "bias": "k"},
    "conv3d": {"input": "n a 3 4 3", "weight": "k a 2 2 1", "bias": "k"},
    "conv_transpose1d": {"input": "n a 4", "weight": "a k 2", "bias": "k"},
    "conv_transpose2d": {"input": "n a 3 2", "weight": "a k 2 3", "bias": "k"},
    "conv_transpose3d": {"input": "n a 2 2 2", "weight": "a k 2 1 2", "bias": "k"},
    "convolution": {"input": "n a 5 4", "weight": "k a 2 3", "bias": "k"},
    "conv_tbc": {"self": "5 n a", "weight": "2 a k", "bias": "k"},
    "1d": {"self": "n a 6", "input": "n a 6", "indices": "n a 2"},
    "2d": {"self": "n a 5 6", "input": "n a 5 6", "indices": "n a 2 2",
           "random_samples": "n a 2"},
    "3d": {"self": "n a 4 5 4", "input": "n a 4 5 4", "indices": "n a 2 2 2",
           "random_samples": "n a 3"},
    "batch_norm": {"input": "2 a k", "weight": "a", "bias": "a", "running_mean": "a",
                   "running_var": "a"},
    "layer_norm": {"input": "2 n 3", "weight": "3", "bias": "3"},
    "group_norm": {"input": "2 4 k", "weight": "4", "bias": "4"},
    "embedding": {"weight": "4 k", "indices": "n m"},
    "embedding_bag": {"weight": "4 k", "indices": "5", "offsets": "2",
                      "per_sample_weights": "5"},
    "grid_sampler": {"input": "n a 3 4", "grid": "n b 2 2"},
    "grid_sampler_2d": {"input": "n a 3 4", "grid": "n b 2 2"},
    "grid_sampler_3d": {"input": "n a 2 3 2", "grid": "n b 2 2 3"},
    "affine_grid_generator": {"theta": "n 2 3"},
    "ctc_loss": {"log_probs": "4 2 3", "targets": "2 2", "input_lengths": "2",
                 "target_lengths": "2"},
    "nll_loss": {"self": "n 3", "target": "n", "weight": "3"},
    "nll_loss_nd": {"self": "n 3", "target": "n", "weight": "3"},
    "cross_entropy_loss": {"self": "n 3", "target": "n", "weight": "3"},
    "nll_loss2d": {"self": "n 3 a b", "target": "n a b", "weight": "3"},
    "multi_margin_loss": {"self": "n 3", "target": "n", "weight": "3"},
    "multilabel_margin_loss": {"self": "n 3", "target": "n 3"},
    "pixel_shuffle": {"self": "n 4 a b"}, "pixel_unshuffle": {"self": "n a 2 4"},
    "cdist": {"x1": "n a", "x2": "m a"}, "pdist": {"self": "n a"},
    "cross": {"self": "n 3", "other": "n 3"}, "bincount": {"self": "5", "weights": "5"},
    "searchsorted": {"sorted_sequence": "5", "self": "n m"},
    "bucketize": {"self": "n m", "boundaries": "4"},
    "index_select": {"self": "3 a", "index": "k"}, "index_add": {"self": "3 a", "index": "3"},
    "index_copy": {"self": "3 a", "index": "3"}, "index_fill": {"self": "3 a", "index": "k"},
    "index_reduce": {"self": "3 a", "index": "3"},
    "gather": {"self": "3 3", "index": "n m"}, "scatter": {"self": "3 3", "index": "n m"},
    "scatter_add": {"self": "3 3", "index": "n m", "src": "3 3"},
    "scatter_reduce": {"self": "3 3", "index": "n m", "src": "3 3"},
    "take": {"self": "n m", "index": "k"}, "put": {"self": "3 m", "index": "3", "source": "3"},
    "col2im": {"self": "n 4 4"}, "im2col": {"self": "n a 4 4"},
    "lu_solve": {"self": "n k", "LU_data": "n n", "LU_pivots": "n"},
    "triangular_solve": {"self": "n k", "A": "n n"},
    "cholesky_solve": {"self": "n k", "input2": "n n"},
}
for square in ("det", "slogdet", "logdet", "inverse", "cholesky", "cholesky_inverse", "trace",
               "matrix_exp", "matrix_power", "cholesky_ex", "inv", "inv_ex", "eigh",
               "eigvalsh", "solve", "solve_ex", "solve_triangular", "pinv", "symeig",
               "ldl_factor", "lu_factor", "lu", "lu_factor_ex", "qr", "svd", "lstsq",
               "matrix_rank", "cond", "tensorinv"):
    SHAPES[square] = MATRIX
KERNELS = ("kernel_size", "stride", "padding", "dilation", "output_padding", "output_size",
           "pad", "size", "input_size")
# What shows memory that nobody wrote, hangs on the last bit, or is not the text's to tell.
UNTAME = re.compile(r"empty|resize|^set_|rand|normal|dropout|bernoulli|multinomial|poisson|"
                    r"exponential|geometric|cauchy|rrelu|uniform|data_ptr|svd|eig|"
                    r"_philox|from_file|storage")


def parse_parameter(text):
    left, _, default = text.partition("=")
    type_, _, name = left.strip().rpartition(" ")
    return Parameter(re.sub(r"\([^)]*\)", "", type_), name, default or None)


def parse_schema(schema):
    """Parameters, how many of them are by keyword only, and how many results there are."""
    inner, _, results = schema[schema.index("(") + 1:].rpartition(" -> ")
    parts = re.split(r", (?![^\[]*\])", inner[:-1]) if inner != ")" else []
    star = parts.index("*") if "*" in parts else len(parts)
    parameters = [parse_parameter(p) for p in parts if p != "*"]
    return parameters, len(parameters) - star, results.count(",") + 1


def described(autocell):
    """What `autocell ops` says of every operator: pairs of schema and forms."""
    def ask(*names):
        return subprocess.run([autocell, "ops", *names], capture_output=True, text=True,
                              check=True).stdout

    names = sorted({line.split()[0] for line in ask().splitlines()})
    return re.findall(r"^  schema: (.*)\n  found as: (.*)\n", ask(*names), re.M)


def schemas(autocell):
    return sorted({schema for schema, _ in described(autocell)})


def operators(autocell):
    """Every operator, each form in the words of users: torch.add, Tensor.add_."""
    found = {}
    for schema, forms in described(autocell):
        name = schema.partition("(")[0]
        found[name] = Operator(name, forms.split(", "), *parse_schema(schema))
    return [found[name] for name in sorted(found)]


class Calls:
    def __init__(self, seed, tame):
        self.rng, self.tame = random.Random(seed), tame

    def chance(self, p):
        return self.rng.random() < p

    def pick(self, items):
        return self.rng.choice(items)

    # --- tensors ---

    def dtype(self):
        return self.rng.choices(list(DTYPES), list(DTYPES.values()))[0]

    def number(self, dtype):
        if dtype in FLOATING:
            return "%g" % (self.rng.randint(-8, 12) / 4) if self.chance(0.98) else \
                self.pick(["float('nan')", "float('inf')", "-0.0"])
        return str(self.rng.randint(*LIMIT.get(dtype, (-3, 4))))

    def nested(self, shape, number):
        if not shape:
            return number()
        return "[" + ", ".join(self.nested(shape[1:], number) for _ in range(shape[0])) + "]"

    def made(self, shape, dtype, number):
        if 0 in shape:
            return "torch.zeros(%s, dtype=torch.%s)" % (list(shape), dtype)
        text = self.nested(shape, number)
        return "torch.tensor(%s, dtype=torch.%s)" % (text, dtype)

    def extreme(self, shape, dtype):
        """A tensor at the borders of what sizes, strides and dimensions can be, of few elements."""
        made = "torch.%s(%%s, dtype=torch.%s)" % (self.pick(["ones", "zeros"]), dtype)
        huge = self.pick(["2**31", "2**40", "2**48", "2**56", "2**62", "2**63 - 1"])
        kind = self.rng.randrange(3)
        if kind == 0 or not shape:
            return made % ("[1] * %d" % self.pick([64, 65, 125, 126]))
        if kind == 1:
            sizes = ["0"] + [self.pick([huge, "1", "2"]) for _ in shape[1:]]
            self.rng.shuffle(sizes)
            return "%s.expand(%s)" % (made % [int(n == "0") ^ 1 for n in sizes], ", ".join(sizes))
        strides = [self.pick([huge, "0", "1"]) for _ in shape]
        sizes = [self.pick(["0", "1"]) for _ in shape]
        return "%s.as_strided([%s], [%s])" % (made % "1", ", ".join(sizes), ", ".join(strides))

    def tensor(self, shape, dtype, number=None):
        """A tensor of this shape, contiguous or not, now and then a leaf of the graph."""
        if not self.tame and self.chance(0.02):
            return "seen(%s)" % self.extreme(shape, dtype)
        number = number or (lambda: self.number(dtype))
        layout = self.rng.random()
        if layout < 0.08 and len(shape) > 1:
            swapped = (shape[-1],) + shape[1:-1] + (shape[0],)
            text = self.made(swapped, dtype, number) + ".transpose(0, -1)"
        elif layout < 0.13 and shape and 0 not in shape:
            text = self.made(shape[:-1] + (2 * shape[-1],), dtype, number) + "[..., ::2]"
        elif layout < 0.18 and shape and 0 not in shape:
            text = "%s.expand(%s)" % (self.made((1,) + shape[1:], dtype, number), list(shape))
        else:
            text = self.made(shape, dtype, number)
        if dtype in FLOATING and self.chance(0.35):
            text = "leaf(%s)" % text
        return text if self.tame else "seen(%s)" % text

    def related(self, shape):
        """A shape that often goes with this one."""
        at = self.rng.random()
        if at < 0.66 or not shape:
            return shape
        if at < 0.78:
            return tuple(1 if self.chance(0.5) else n for n in shape)
        if at < 0.86:
            return shape[1:]
        if at < 0.92:
            return ()
        return self.pick(SHAPE)

    def shape_of(self, name):
        known = self.shapes.get(name)
        if known is None or self.chance(0.06):
            return self.related(self.shape)
        shape = tuple(int(w) if w.isdigit() else self.sizes[w] for w in known.split())
        if self.chance(0.06):
            shape = shape[1:]
        if self.chance(0.03):
            shape = (2,) + shape
        return shape

    def tensor_argument(self, name):
        dtype = self.base if self.chance(0.88) else self.dtype()
        shape = self.shape_of(name)
        if name in INDICES and self.chance(0.92):
            return self.tensor(shape, "int64" if self.chance(0.9) else "int32",
                               lambda: str(self.rng.randint(0 if self.chance(.95) else -2, 2)))
        if name in MASKS and self.chance(0.9):
            dtype = "bool"
        return self.tensor(shape, dtype)

    # --- other arguments ---

    def dim(self):
        n = max(1, len(self.shape))
        return str(self.rng.randint(-n, n - 1) if self.chance(0.93) else self.pick([n, -n - 1]))

    def integer(self, name):
        if name.startswith(("dim", "axis", "source", "destination", "start_dim", "end_dim")):
            return self.dim()
        if name == "groups":
            return self.pick(["1", "1", "1", "2"])
        if name in ("reduction", "interpolation_mode", "padding_mode", "mode"):
            return self.pick("0120121") if self.chance(0.97) else "3"
        return str(self.rng.randint(*self.pick([(0, 3), (1, 2), (-3, 5)])))

    def integers(self, name, count):
        if name.startswith("dim") or name in ("axes", "shifts", "source", "destination"):
            n = self.rng.randint(0, max(1, len(self.shape)))
            dims = [self.dim() for _ in range(n)]
            return self.list(dims if self.chance(0.3) else list(dict.fromkeys(dims)))
        low = 1 if name in ("kernel_size", "stride", "dilation", "output_size") else 0
        size = lambda: str(self.rng.randint(low, 3) if self.chance(0.94) else self.pick([-1, 0]))
        if name in ("size", "shape") and not count and self.chance(0.5):
            return self.list([str(n) for n in self.related(self.shape)])
        n = count or self.rng.randint(0, 4)
        if count and self.chance(0.3):
            return size()
        return self.list([size() for _ in range(n if self.chance(0.95) else n + 1)])

    def list(self, texts):
        if self.chance(0.7):
            return "[" + ", ".join(texts) + "]"
        return "(" + ", ".join(texts) + ("," if len(texts) == 1 else "") + ")"

    def scalar(self):
        return self.pick(["0", "1", "2", "-1", "3", "0.5", "2.5", "-1.5", "1.0", "True", "2.0",
                          "-2", "0.25"] + ["float('inf')", "float('nan')", "256"][:3 * self.chance(0.1)])

    def argument(self, p):
        kind, _, _ = p.type.partition("?")
        if p.type.endswith("?") and self.chance(0.3):
            return "None"
        if kind == "Tensor":
            return self.tensor_argument(p.name)
        if kind == "Tensor[]":
            n = self.pick([1, 2, 2, 3, 3, 0])
            return self.list([self.tensor_argument(p.name) for _ in range(n)])
        if kind in ("int", "SymInt"):
            return self.integer(p.name)
        if kind.startswith(("int[", "SymInt[")):
            return self.integers(p.name, int("0" + kind[kind.index("[") + 1:-1]))
        if kind == "Scalar" or kind == "float":
            return self.scalar()
        if kind in ("float[]", "Scalar[]"):
            return self.list([self.scalar() for _ in range(self.rng.randint(0, 3))])
        if kind == "bool":
            return self.pick(["True", "False"])
        if kind.startswith("bool["):
            return self.list([self.pick(["True", "False"]) for _ in range(int(kind[5:-1]))])
        if kind == "str":
            return self.pick(WORDS.get(p.name, ["'x'"]))
        if kind == "ScalarType":
            return "torch." + self.dtype()
        return {"Device": "'cpu'", "Layout": "torch.strided", "Generator": "None",
                "MemoryFormat": "torch.contiguous_format"}.get(kind, "None")

    # --- a call ---

    def arguments(self, parameters, n_keyword):
        """The texts of arguments, those of keywords as name=text."""
        texts, by_name = [], self.chance(0.05)
        for i, p in enumerate(parameters):
            keyword = i >= len(parameters) - n_keyword
            rare = p.name in ("dtype", "layout", "device", "pin_memory", "generator")
            if p.default is not None and self.chance(0.9 if rare else 0.45):
                by_name = True
                continue
            text = self.argument(p)
            if self.chance(0.02):
                text = self.pick(WRONG + ([] if self.tame else WILD))
            texts.append("%s=%s" % (p.name, text) if by_name or keyword else text)
        if self.chance(0.015) and texts:
            del texts[self.rng.randrange(len(texts))]
        return texts

    def out(self, results):
        outs = []
        for _ in range(results):
            dtype = self.base if self.chance(0.85) else self.dtype()
            outs.append(self.made(self.related(self.shape), dtype, lambda: self.number(dtype)))
        return "out=" + (outs[0] if results == 1 else "(%s)" % ", ".join(outs))

    def prepare(self, operator):
        self.base, self.shape = self.dtype(), self.pick(SHAPE)
        self.sizes = {c: self.rng.randint(1, 3) for c in "abkmn"}
        base = operator.name.partition(".")[0].replace("linalg_", "")
        spatial = re.search(r"[123]d", base)
        self.shapes = SHAPES.get(base) or SHAPES.get(spatial and spatial.group()) or {}
        if self.shapes:
            first = next(iter(self.shapes))
            self.shape = self.shape_of(first)
            self.base = self.base if self.chance(0.4) else self.pick(FLOATING[:2])

    def call(self, operator):
        """A call of one form of the operator."""
        self.prepare(operator)
        form = self.pick(operator.forms)
        prefix, parameters, extra = form, operator.parameters, []
        if form == "out=":
            prefix = next((f for f in operator.forms if not f.startswith("Tensor.")), None)
            extra = [self.out(operator.results)]
        if prefix and prefix.startswith("Tensor.") and parameters:
            target = self.tensor_argument(parameters[0].name)
            if prefix.endswith("_") and "leaf(" in target and self.chance(0.8):
                target += ".clone()"
            prefix, parameters = target + prefix[len("Tensor"):], parameters[1:]
        n_keyword = min(operator.n_keyword, len(parameters))
        texts = self.arguments(parameters, n_keyword) + extra
        if self.chance(0.01):
            texts.append("what=1")
        return "%s(%s)" % (prefix or operator.forms[0], ", ".join(texts))

    def calls(self, operators, n):
        """n pairs of an operator's name and a call, from all operators evenly."""
        if self.tame:
            operators = [o for o in operators if not UNTAME.search(o.name)]
        chosen = [self.pick(operators) for _ in range(n)]
        return [(o.name, self.call(o)) for o in chosen]
