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
CHAIN = 1_000_000
SMALL_CELL = [X_GRAD, "y = (x * 2).sum()", "y.backward()", "print(x.grad)"]
ERROR_CELL = ["x = torch.ones(2) + torch.ones(3)"]


class Failure(Exception):
    pass


# --- autocell -------------------------------------------------------------------------

def quoted(statement):
    return json.dumps(statement)  # a double-quoted YAML scalar


def cell_text(statements, loop=None):
    """A cell of plain statements; then, if given, (turns, statements) in a loop."""
    lines = ["ops:"] + ["  - " + quoted(s) for s in statements]
    if loop:
        lines.append("  - %s:" % quoted("for i in range(%d)" % loop[0]))
        lines += ["      - " + quoted(s) for s in loop[1]]
    return "\n".join(lines) + "\n"


class Notebook:
    """A directory of cells under `root`, with its expected files written."""

    def __init__(self, autocell, root, name, texts):
        self.autocell = autocell
        self.cells = os.path.join(root, name, "cells", "bench")
        os.makedirs(self.cells)
        for i, text in enumerate(texts):
            with open(os.path.join(self.cells, "%05d.yaml" % i), "w") as f:
                f.write(text)
        self.call("update", check=False)
        self.call("run")

    def argv(self, verb):
        limits = ["--timeout", "600s", "--max-memory", "4GiB"]
        return [self.autocell, verb, "-q", "-j", "1", *limits, self.cells]

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


def autocell_per(autocell, root, name, count, make_texts, empty=None):
    """ns for one of `count`: a notebook of 2 * count against one of count. `empty` is
    the same with nothing in it, which is taken off."""
    one = Notebook(autocell, root, name + "-1", make_texts(count))
    two = Notebook(autocell, root, name + "-2", make_texts(2 * count))
    rest = autocell_per(autocell, root, name + "-0", count, empty) if empty else (lambda: 0)
    return lambda: (two.run()[0] - one.run()[0]) / count - rest()


# --- PyTorch --------------------------------------------------------------------------

class Torch:
    """A python process that has imported torch and times statements on request."""

    def __init__(self, python, version):
        self.python, self.version = python, version
        self.server = subprocess.Popen(
            [python, os.path.join(HERE, "torch_side.py")], text=True,
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

    def loop(self, setup, body, turns):
        def timed(count, statements):
            return self.ask(kind="loop", setup=setup, body=statements, turns=count)["ns"]

        def cost(statements):
            return (timed(2 * turns, statements) - timed(turns, statements)) / turns

        return lambda: cost(body) - cost(["pass"])

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

    def want(self, name):
        return not self.wanted or any(w in name for w in self.wanted)

    def add(self, name, unit, ours, theirs, goal):
        row = {"line": name, "unit": unit, "autocell": ours, "pytorch": theirs, "goal": goal}
        row["ratio"] = ours / theirs if theirs else None
        self.rows.append(row)
        print(format_row(row), flush=True)

    def turns(self, n):
        return max(10, n // 10) if self.quick else n

    def processes(self):
        name = "recorded notebook, whole run"
        if self.want(name):
            theirs = self.torch and self.torch.process(self.cells, self.root)
            ours = autocell_process(self.autocell, self.root, self.cells)
            pair = alternate(self.rounds, ours, theirs)
            ours = alternate(10 * self.rounds, ours)[0]
            self.add(name, "ns", min(ours, pair[0]), pair[1], 1_300_000)
        name = "a process that does nothing"
        if self.want(name):
            self.add(name, "ns", *alternate(5 * self.rounds, lambda: spawn(["true"])[0]), None, None)

    def small_cells(self):
        for name, body, goal in (("a small cell", SMALL_CELL, 30_000),
                                 ("a cell that prints an error", ERROR_CELL, 50_000)):
            if not self.want(name):
                continue
            ours = autocell_per(self.autocell, self.root, name, self.turns(500),
                                lambda n: [cell_text(body)] * n)
            theirs = self.torch and self.torch.cell(body)
            self.add(name, "ns", *alternate(self.rounds, ours, theirs), goal)

    def loops(self):
        for name, goal, turns, setup, body in LOOPS:
            if not self.want(name):
                continue
            turns = self.turns(turns)
            ours = autocell_per(self.autocell, self.root, name, turns,
                                lambda n: [cell_text(setup, (n, body))],
                                lambda n: [cell_text(setup, (n, ["pass"]))])
            theirs = self.torch and self.torch.loop(setup, body, turns)
            self.add(name, "ns", *alternate(self.rounds, ours, theirs), goal)

    def chain(self):
        if not self.want("chain"):
            return
        nodes = CHAIN // 10 if self.quick else CHAIN
        start, loop = [X_GRAD, "y = x"], (nodes, ["y = y * 1.5"])
        phases = [[cell_text(start)], [cell_text(start, loop)]]
        phases.append(phases[1] + [cell_text(["y.sum().backward()"])])
        # Freeing: the chain once more, let go before the notebook ends either way.
        books = [Notebook(self.autocell, self.root, "chain-%d" % i, texts)
                 for i, texts in enumerate(phases)]
        nothing, forward, backward = books

        def per_node(high, low, index):
            return lambda: (high.run()[index] - low.run()[index]) / nodes

        theirs = self.torch.chain(nodes) if self.torch else {}
        rounds = min(self.rounds, 3)
        for name, side, goal in (
                ("forward", per_node(forward, nothing, 0), 150 + 30),
                ("backward", per_node(backward, forward, 0), 100),
                ("bytes", per_node(forward, nothing, 1), 200)):
            unit = "bytes" if name == "bytes" else "ns"
            self.add("chain of %d nodes, per node: %s" % (nodes, name), unit,
                     alternate(rounds, side)[0], theirs.get(name), goal)

    def all(self):
        print(format_row(None))
        self.processes()
        self.small_cells()
        self.loops()
        self.chain()


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
    ratio = "-" if row["ratio"] is None else "%.4f" % row["ratio"]
    return layout % (row["line"], amount(row["autocell"], row["unit"]),
                     amount(row["pytorch"], row["unit"]), ratio,
                     amount(row["goal"], row["unit"]))


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
    try:
        bench = Bench(os.path.abspath(autocell), os.path.abspath(cells), "--quick" in flags,
                      torch, wanted, root)
        bench.all()
    except Failure as failure:
        raise SystemExit(str(failure))
    finally:
        shutil.rmtree(root)
    if target:
        with open(target, "w") as f:
            json.dump({"torch": torch and torch.version, "lines": bench.rows}, f, indent=1)


if __name__ == "__main__":
    main(sys.argv)
