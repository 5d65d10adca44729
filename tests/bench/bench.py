#!/usr/bin/python3
"""Measures autocell beside PyTorch, line by line, and prints one table.

usage: bench.py AUTOCELL CELLS [--json FILE] [--quick] [--no-torch] [LINE...]

AUTOCELL is the program, CELLS the directory of the recorded notebook; LINE limits the
run to the lines whose name contains it.  The two sides take turns (A B A B ...); what
is shown are medians and their ratio.  PyTorch is measured where some python3 can
import torch.

What is measured:
  process   a whole run, from the start of a process to its end
  cell      the difference between notebooks of N and of 2N such cells, by N
  loop      the cost of a statement in a cell: a loop of N turns against one of 2N,
            less the same for an empty loop.  PyTorch runs the same statements, timed
            within one python process
  chain     a graph of a million nodes: each phase against the run without it
Large tensors are the same loops; there PyTorch has the better of one and two threads.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
X = "x = torch.tensor([1.0, 2.0, 3.0])"
X_GRAD = "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)"
Y = "y = torch.tensor([4.0, 5.0, 6.0])"
TEN_MULS = ["y = x"] + ["y = y * x"] * 10 + ["y.sum().backward()"]

# name, goal in ns, turns, setup, statements
LOOPS = [
    ("x + y, no grad", 60, 200_000, [X, Y], ["z = x + y"]),
    ("x * y, recorded", 80, 200_000, [X_GRAD, Y], ["z = x * y"]),
    ("10 muls, sum, backward", 2_000, 5_000, [X_GRAD], TEN_MULS),
    ("randn(3)", 100, 100_000, [], ["z = torch.randn(3)"]),
    ("repr of 3 elements", 600, 20_000, [X], ["z = repr(x)"]),
    ("repr of 1000 elements", 60_000, 300, ["x = torch.randn(1000)"], ["z = repr(x)"]),
]

def of(n, *names):
    return ["%s = torch.randn(%s)" % (name, n) for name in names]


MLP = (of("64, 784", "x") + ["t = torch.randint(10, (64,))"] +
       ["w%d = (torch.randn(%d, %d) * 0.05).requires_grad_()" % (i, n, m)
        for i, (n, m) in enumerate([(784, 256), (256, 128), (128, 10)])])
MLP_STEP = [
    "h = torch.relu(torch.relu(x @ w0) @ w1) @ w2",
    "loss = torch.nn.functional.cross_entropy(h, t)",
    "g = torch.autograd.grad(loss, [w0, w1, w2])",
    "w0.data -= 0.1 * g[0]", "w1.data -= 0.1 * g[1]", "w2.data -= 0.1 * g[2]"]
CONV = of("8, 32, 64, 64", "x") + of("32, 32, 3, 3", "w") + [
    "x.requires_grad_()", "w.requires_grad_()"]

# name, goal as a part of PyTorch's time, turns, setup, statements
LARGE = [
    ("add, 1e4 elements", .7, 10_000, of("10000", "x", "y"), ["z = x + y"]),
    ("add, 1e6 elements", .95, 200, of("1000000", "x", "y"), ["z = x + y"]),
    ("add, 1e7 elements", .5, 10, of("10000000", "x", "y"), ["z = x + y"]),
] + [
    ("%s, 1e6 elements" % f, goal, 100, ["x = torch.rand(1000000)"], ["z = torch.%s(x)" % f])
    for f, goal in (("exp", .9), ("log", .7), ("sin", .7), ("tanh", .3), ("sigmoid", .8))
] + [
    ("sum, 1e6 elements", 1.0, 300, of("1000000", "x"), ["z = x.sum()"]),
    ("mean, 1e6 elements", 1.0, 300, of("1000000", "x"), ["z = x.mean()"]),
    ("softmax of 1000 rows of 1000", .6, 100, of("1000, 1000", "x"), ["z = x.softmax(1)"]),
    ("transpose copy, 1000x1000", .4, 100, of("1000, 1000", "x"), ["z = x.t().contiguous()"]),
    ("broadcast add, 1000x1000", 1.0, 200, of("1000, 1000", "x") + of("1000", "y"),
     ["z = x + y"]),
    ("randn, 1e6 elements", .5, 20, [], ["z = torch.randn(1000000)"]),
    ("matmul 256", 1.0, 200, of("256, 256", "x", "y"), ["z = x @ y"]),
    ("matmul 1024", 1.0, 5, of("1024, 1024", "x", "y"), ["z = x @ y"]),
    ("matmul 2048", 1.0, 1, of("2048, 2048", "x", "y"), ["z = x @ y"]),
    ("conv2d 3x3, 32 channels, forward, backward", .9, 3, CONV,
     ["torch.nn.functional.conv2d(x, w).sum().backward()"]),
    ("MLP 784-256-128-10, batch 64, step", .7, 50, MLP, MLP_STEP),
]
CHAIN = 1_000_000
SMALL_CELL = [X_GRAD, "y = (x * 2).sum()", "y.backward()", "print(x.grad)"]
ERROR_CELL = ["x = torch.ones(2) + torch.ones(3)"]


class Failure(Exception):
    pass


# --- autocell -------------------------------------------------------------------------

def quoted(statement):
    return json.dumps(statement)  # a double-quoted YAML scalar


def cell_text(statements, loop=None):
    """A cell of plain statements; then, if given, (turns, statements) in a loop; at
    last it says so."""
    lines = ["ops:"] + ["  - " + quoted(s) for s in statements]
    if loop:
        lines.append("  - %s:" % quoted("for i in range(%d)" % loop[0]))
        lines += ["      - " + quoted(s) for s in loop[1]]
    lines.append("  - print('done')")
    return "\n".join(lines) + "\n"


class Notebook:
    """A directory of cells under `root`, with its expected files written. The cells
    must run to their ends, unless they are meant to fail."""

    def __init__(self, autocell, root, name, texts, fails=False):
        self.autocell = autocell
        self.cells = os.path.join(root, name, "cells", "bench")
        os.makedirs(self.cells)
        for i, text in enumerate(texts):
            with open(os.path.join(self.cells, "%05d.yaml" % i), "w") as f:
                f.write(text)
        with open(os.path.join(self.cells, "notebook.yaml"), "w") as f:
            f.write("timeout: 600s\nmax_memory: 4GiB\n")
        self.call("update", check=False)
        self.call("run")
        last = os.path.join(root, name, "expected", "bench", "%05d.txt" % (len(texts) - 1))
        text = ""
        if os.path.exists(last):
            with open(last) as f:
                text = f.read()
        if fails == text.endswith("done\n"):
            raise Failure("the last cell printed:\n" + text)

    def argv(self, verb):
        return [self.autocell, verb, "-q", self.cells]

    def call(self, verb, check=True):
        env = {k: v for k, v in os.environ.items() if k != "CI"}
        done = subprocess.run(self.argv(verb), env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if check and done.returncode:
            raise Failure("%s\n%s%s" % (self.argv(verb), done.stdout, done.stderr))

    def run(self):
        return spawn(self.argv("run"))


def spawn(argv):
    """(ns, peak bytes) of a process."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
    start = time.perf_counter_ns()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    ns = time.perf_counter_ns() - start
    os.close(null)
    if status:
        raise Failure("%s: status %d" % (argv, status))
    return ns, usage.ru_maxrss * 1024


def autocell_process(autocell, root, cells):
    argv = [autocell, "run", "-q", cells]
    return lambda: spawn(argv)[0]


def autocell_per(autocell, root, name, count, make_texts, empty=None, fails=False):
    """ns for one of `count`: a notebook of 2 * count against one of count. `empty` is
    the same with nothing in it, which is taken off."""
    one = Notebook(autocell, root, name + "-1", make_texts(count), fails)
    two = Notebook(autocell, root, name + "-2", make_texts(2 * count), fails)
    rest = autocell_per(autocell, root, name + "-0", count, empty) if empty else (lambda: 0)
    return lambda: (two.run()[0] - one.run()[0]) / count - rest()


# --- PyTorch --------------------------------------------------------------------------

def best_kernels():
    """Debian's OpenBLAS does not know every processor with AVX-512 by itself."""
    env = dict(os.environ)
    try:
        with open("/proc/cpuinfo") as f:
            if "avx512dq" in f.read():
                env.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
    except OSError:
        pass
    return env


class Torch:
    """A python process that has imported torch and times statements on request."""

    def __init__(self, python, version):
        self.python, self.version = python, version
        self.server = subprocess.Popen(
            [python, os.path.join(HERE, "torch_side.py")], text=True, env=best_kernels(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @staticmethod
    def find():
        probe = "import torch; print(torch.__version__)"
        for python in ("/usr/bin/python3", "python3"):
            done = subprocess.run([python, "-c", probe], capture_output=True, text=True)
            if done.returncode == 0:
                return Torch(python, done.stdout.strip())
        return None

    def ask(self, **request):
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())

    def loop(self, setup, body, turns, threads=(1,)):
        def timed(count, statements, n):
            return self.ask(kind="loop", setup=setup, body=statements, turns=count,
                            threads=n)["ns"]

        def cost(statements, n):
            return (timed(2 * turns, statements, n) - timed(turns, statements, n)) / turns

        return lambda: min(cost(body, n) - cost(["pass"], n) for n in threads)

    def cell(self, statements):
        return lambda: self.ask(kind="cell", body=statements, turns=200)["ns"]

    def process(self, cells, root):
        script = os.path.join(root, "notebook.py")
        with open(script, "w") as f:
            f.write(self.ask(kind="script", cells=cells)["text"])
        return lambda: spawn([self.python, script])[0]

    def chain(self, nodes):
        return self.ask(kind="chain", nodes=nodes)


# --- lines ----------------------------------------------------------------------------

def alternate(rounds, *sides):
    """Medians of each side, measured in turns."""
    seen = [[] for _ in sides]
    for _ in range(rounds):
        for side, values in zip(sides, seen):
            if side:
                values.append(side())
    return [statistics.median(v) if v else None for v in seen]


class Bench:
    def __init__(self, autocell, cells, quick, torch, wanted, root):
        self.autocell, self.cells, self.quick = autocell, cells, quick
        self.torch, self.wanted, self.root = torch, wanted, root
        self.rounds = 3 if quick else 7
        self.rows = []
        self.failed = 0

    def add(self, name, unit, ours, theirs, goal=None, goal_ratio=None):
        row = {"line": name, "unit": unit, "autocell": ours, "pytorch": theirs,
               "ratio": ours / theirs if theirs else None, "goal": goal,
               "goal_ratio": goal_ratio}
        self.rows.append(row)
        print(format_row(row), flush=True)

    def measure(self, name, lines, *args):
        """Calls lines(*args), which adds lines under `name`, if they are wanted."""
        if self.wanted and not any(w in name for w in self.wanted):
            return
        try:
            lines(name, *args)
        except Failure as failure:
            self.failed += 1
            print("%s: %s" % (name, failure), flush=True)

    def turns(self, n):
        return max(10, n // 10) if self.quick else n

    def process(self, name):
        theirs = self.torch and self.torch.process(self.cells, self.root)
        ours = autocell_process(self.autocell, self.root, self.cells)
        theirs = alternate(self.rounds, ours, theirs)[1]
        self.add(name, "ns", alternate(20 * self.rounds, ours)[0], theirs, 1_300_000)

    def idle(self, name):
        self.add(name, "ns", alternate(20 * self.rounds, lambda: spawn(["true"])[0])[0], None)

    def cell(self, name, body, goal):
        ours = autocell_per(self.autocell, self.root, name, self.turns(500),
                            lambda n: [cell_text(body)] * n, fails=body is ERROR_CELL)
        theirs = self.torch and self.torch.cell(body)
        self.add(name, "ns", *alternate(self.rounds, ours, theirs), goal)

    def loop(self, name, turns, setup, body, threads, **goal):
        ours = autocell_per(self.autocell, self.root, name, turns,
                            lambda n: [cell_text(setup, (n, body))],
                            lambda n: [cell_text(setup, (n, ["pass"]))])
        theirs = self.torch and self.torch.loop(setup, body, turns, threads)
        self.add(name, "ns", *alternate(self.rounds, ours, theirs), **goal)

    def chain(self, name):
        nodes = CHAIN // 10 if self.quick else CHAIN
        start, loop = [X_GRAD, "y = x"], (nodes, ["y = y * 1.5"])
        phases = [[cell_text(start)], [cell_text(start, loop)]]
        phases.append(phases[1] + [cell_text(["y.sum().backward()"])])
        # The graph dies with the notebook, so that forward holds the cost of freeing it.
        nothing, forward, backward = [
            Notebook(self.autocell, self.root, "chain-%d" % i, texts)
            for i, texts in enumerate(phases)]

        def per_node(high, low, index):
            return lambda: (high.run()[index] - low.run()[index]) / nodes

        theirs = self.torch.chain(nodes) if self.torch else {}
        theirs["forward and free"] = theirs and theirs["forward"] + theirs["free"]
        for phase, side, goal in (
                ("forward and free", per_node(forward, nothing, 0), 180),
                ("backward", per_node(backward, forward, 0), 100),
                ("bytes", per_node(forward, nothing, 1), 200)):
            unit = "bytes" if phase == "bytes" else "ns"
            self.add("%s: %s" % (name, phase), unit,
                     alternate(min(self.rounds, 3), side)[0], theirs.get(phase), goal)

    def all(self):
        print(format_row(None))
        self.measure("recorded notebook, whole run", self.process)
        self.measure("a process that does nothing", self.idle)
        self.measure("a small cell", self.cell, SMALL_CELL, 30_000)
        self.measure("a cell that prints an error", self.cell, ERROR_CELL, 50_000)
        for name, goal, turns, setup, body in LOOPS:
            self.measure(name, lambda n: self.loop(n, self.turns(turns), setup, body, (1,),
                                                   goal=goal))
        self.measure("chain of 1e6 nodes, per node", self.chain)
        for name, goal, turns, setup, body in LARGE:
            self.measure(name, lambda n: self.loop(n, max(1, turns // (10 if self.quick else 1)),
                                                   setup, body, (1, 2), goal_ratio=goal))


def amount(value, unit):
    if value is None:
        return "-"
    if unit == "ns":
        for limit, scale, name in ((1e4, 1, "ns"), (1e7, 1e3, "us"), (1e10, 1e6, "ms")):
            if abs(value) < limit:
                return "%.0f %s" % (value / scale, name)
        return "%.1f s" % (value / 1e9)
    return "%.0f B" % value


def format_row(row):
    layout = "%-46s %10s %10s %8s %10s"
    if row is None:
        return layout % ("", "autocell", "PyTorch", "ratio", "goal")
    goal = amount(row["goal"], row["unit"])
    if row["goal_ratio"] is not None:
        goal = "x %.2f" % row["goal_ratio"]
    ratio = "-" if row["ratio"] is None else "%.4f" % row["ratio"]
    return layout % (row["line"], amount(row["autocell"], row["unit"]),
                     amount(row["pytorch"], row["unit"]), ratio, goal)


def main(argv):
    args = argv[1:]
    target = None
    if "--json" in args:
        at = args.index("--json")
        target = args[at + 1]
        del args[at:at + 2]
    flags = {a for a in args if a.startswith("--")}
    if flags - {"--quick", "--no-torch"} or len(args) - len(flags) < 2:
        raise SystemExit(__doc__)
    autocell, cells, *wanted = [a for a in args if a not in flags]
    torch = None if "--no-torch" in flags else Torch.find()
    print("PyTorch %s" % torch.version if torch else "without PyTorch")
    root = tempfile.mkdtemp()
    bench = Bench(os.path.abspath(autocell), os.path.abspath(cells), "--quick" in flags,
                  torch, wanted, root)
    try:
        bench.all()
    finally:
        shutil.rmtree(root)
    if target:
        with open(target, "w") as f:
            json.dump({"torch": torch and torch.version, "lines": bench.rows}, f, indent=1)
    return bench.failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
