#!/usr/bin/python3
"""Measures autocell beside PyTorch, line by line, and prints one table.

usage: bench.py AUTOCELL CELLS [--json FILE] [--quick] [--cpu] [--no-torch] [LINE...]

AUTOCELL is the program, CELLS the directory of the recorded notebook; LINE limits the
run to the lines whose name contains it.  All sides take turns (A B A B ...); what is
shown are medians, and the ratio to the best of the others.  PyTorch is measured where
some python3 can import it; OpenBLAS, nbconvert, pytest and lit where they are installed.

What is measured:
  process   a whole run, from the start of a process to its end
  cell      the difference between a notebook of N such cells and an empty one, by N
  loop      a loop of N turns over statements in a cell, less the same loop around
            `pass`, by N; the statements have run before, and N is such that it takes
            long enough. PyTorch runs the same, timed within one python process, and
            has the better of one and two threads where tensors are large
  memory    the peak of a notebook with a step of training, less that of one without it
  chain     a graph of a million nodes: each phase against the run without it
  cells     a run of many cells that print a number, with one worker on one core alone
            or with two; the same as doctests of pytest, and as tests of LLVM's lit
  machine   beside each line of two threads or workers, what two processes that know
            nothing of each other gain in the same minute: a machine whose processors
            share caches, memory or page tables gives no more

--quick takes under a minute and is rough.  --cpu counts the time that processors
worked, with one thread on each side, which is what can be compared on a machine that
is busy with other things.
"""
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

import lines
import runners
import sides
from sides import Failure, Notebook, at_once, cell_text, forks, spawn

CHAIN_NODES = 1_000_000
WARM = 3  # turns before anything is measured: a name's old value lives until the new one
# is there, so that it takes two turns for all buffers to have been touched


def looped(measure, span):
    """The cost of one turn as a function: measure(turns, bare) gives the ns of a loop,
    bare or with its body. Turns are chosen so that it takes about `span` ns."""
    base, turns = min(measure(0, True) for _ in range(3)), 1
    while (took := measure(turns, False) - base) < span / 4 and turns < 10_000_000:
        turns *= 10 if took < span / 40 else 4
    turns = max(1, int(turns * min(4, span / took)))
    return lambda: (measure(turns, False) - measure(turns, True)) / turns


class Bench:
    def __init__(self, autocell, cells, root, quick, clock, torch, blas, wanted):
        self.autocell, self.cells, self.root = autocell, cells, root
        self.quick, self.clock, self.torch, self.blas = quick, clock, torch, blas
        self.wanted, self.rows, self.failed, self.n_notebooks = wanted, [], 0, 0
        self.span = (2e7 if clock == "wall" else 1e8) * (1 if quick else 5)
        self.threads = (1, 2) if clock == "wall" and (os.cpu_count() or 1) > 1 else (1,)

    # ---- the sides of a line, as functions that give ns ----

    def notebook(self, texts, **how):
        self.n_notebooks += 1
        return Notebook(self.autocell, os.path.join(self.root, str(self.n_notebooks)),
                        texts, **how)

    def ns(self, usage):
        return getattr(usage, self.clock)

    def autocell_loop(self, setup, body, threads=1, copies=1):
        kept = {}

        def measure(turns, bare):
            if (turns, bare) not in kept:
                text = cell_text(setup + body * WARM,
                                 (turns, ["pass"] if bare else body))
                kept[turns, bare] = self.notebook([text], threads=threads)
            return self.ns(kept[turns, bare].run(copies)) / copies
        return looped(measure, self.span)

    def torch_loop(self, setup, body, threads=1):
        def measure(turns, bare):
            return self.torch.ask(kind="loop", setup=setup + body * WARM, turns=turns,
                                  body=["pass"] if bare else body,
                                  threads=threads)[self.clock]
        return looped(measure, self.span)

    def blas_product(self, n, threads):
        def measure(turns, bare):
            return 0 if bare else self.blas.ask(n=n, turns=turns,
                                                threads=threads)[self.clock]
        return looped(measure, self.span)

    @staticmethod
    def best(loops):
        return lambda: min(loop() for loop in loops)

    def reference(self, setup, body):
        return self.torch and self.best([self.torch_loop(setup, body, n)
                                         for n in self.threads])

    # ---- measuring and telling ----

    def alternate(self, *sides_of_line):
        """Medians of each side, measured in turns; None for a side that is None."""
        seen = [[] for _ in sides_of_line]
        end = time.monotonic() + (0.4 if self.quick else 8)
        for turn in range(7):
            for side, values in zip(sides_of_line, seen):
                if side:
                    values.append(side())
            if turn >= (0 if self.quick else 2) and time.monotonic() > end:
                break
        return [statistics.median(v) if v else None for v in seen]

    def add(self, name, ours, torch=None, other=None, unit="ns", **goals):
        theirs = [t for t in (torch, other) if t]
        ratio = ours / min(theirs) if theirs else None
        goal, part = goals.get("goal"), goals.get("part")
        met = None
        if goal is not None:
            met = ours <= goal
        elif part is not None and ratio is not None:
            met = ratio <= part
        row = {"line": name, "unit": unit, "autocell": ours, "pytorch": torch,
               "other": other, "ratio": ratio, "goal": goal, "goal_ratio": part,
               "met": met}
        self.rows.append(row)
        print(format_row(row), flush=True)

    def measure(self, name, line, *args):
        """Calls line(name, *args), which adds lines under that name, if wanted."""
        if self.wanted and not any(w in name for w in self.wanted):
            return
        try:
            line(name, *args)
        except Failure as failure:
            self.failed += 1
            print("%s: %s" % (name, failure), flush=True)

    # ---- kinds of lines ----

    def whole_run(self, name, times, goal):
        """The recorded notebook, `times` times in one call."""
        cells = self.cells
        if times > 1:
            cells = os.path.join(self.root, "many", "cells")
            for i in range(times):
                shutil.copytree(self.cells, os.path.join(cells, "n%03d" % i))
        argv = [self.autocell, "run", "-q", cells]
        expected = os.path.join(self.root, "many-expected")
        if times > 1:
            spawn([self.autocell, "update", "-q", "--expected", expected, cells])
            argv[2:2] = ["--expected", expected]
        theirs = self.torch and self.torch.script(self.cells, self.root, times)
        jupyter = None if times > 1 else sides.nbconvert(self.torch, self.cells, self.root)
        wrap = lambda f: f and (lambda: self.ns(f()))
        ours = self.alternate(*[wrap(lambda: spawn(argv))] * (1 if self.quick else 3))
        torch, other = self.alternate(wrap(theirs), wrap(jupyter))
        self.add(name, statistics.median(ours), torch, other, goal=goal)

    def idle(self, name):
        argv = [shutil.which("true")]
        self.add(name, self.alternate(lambda: self.ns(spawn(argv)))[0])

    def peak(self, name):
        argv = [self.autocell, "run", "-q", self.cells]
        theirs = self.torch and self.torch.script_argv(self.cells, self.root)
        self.add(name, sides.peak(argv), theirs and sides.peak(theirs), unit="bytes",
                 goal=5 << 20)

    def memory(self, name, setup, body, warm):
        """What body takes beyond setup, once its code has been loaded by the small
        problem `warm`; PyTorch's side in a process of its own."""
        before = [cell_text(warm + body), cell_text(setup)]
        ours = (self.notebook(before + [cell_text(body)]).peak() -
                self.notebook(before).peak())
        server = self.torch and sides.Torch(self.torch.python, self.torch.version)
        theirs = server and server.ask(kind="peak", setup=setup, body=body, warm=warm)
        if server:
            server.close()
        self.add(name, ours, theirs and theirs["bytes"], unit="bytes")

    def cell(self, name, body, goal):
        n, fails = 500 if self.quick else 2000, body is lines.ERROR_CELL
        many = self.notebook([cell_text(body)] * n, fails=fails)
        one = self.notebook([cell_text(body)], fails=fails)

        def theirs():
            return self.torch.ask(kind="cell", body=body, turns=100)[self.clock] / 100
        self.add(name, *self.alternate(
            lambda: (self.ns(many.run()) - self.ns(one.run())) / (n - 1),
            theirs if self.torch else None), goal=goal)

    def small(self, name, setup, body, goal):
        self.add(name, *self.alternate(
            self.autocell_loop(setup, body),
            self.torch_loop(setup, body) if self.torch else None), goal=goal)

    def large(self, name, setup, body, part):
        ours = self.best([self.autocell_loop(setup, body, n) for n in self.threads])
        self.add(name, *self.alternate(ours, self.reference(setup, body)), part=part)

    def matmul(self, name, n):
        setup, body = lines.of("%d, %d" % (n, n), "x", "y"), ["z = x @ y"]
        ours = self.best([self.autocell_loop(setup, body, k) for k in self.threads])
        blas = self.blas and self.best([self.blas_product(n, k) for k in self.threads])
        self.add(name, *self.alternate(ours, self.reference(setup, body), blas), part=1.0)

    def threaded(self, name, setup, body):
        if len(self.threads) == 1:
            return
        two, both, one = self.alternate(
            self.autocell_loop(setup, body, threads=2),
            self.autocell_loop(setup, body, copies=2), self.autocell_loop(setup, body))
        self.add("%s, 2 threads to 1" % name, two, None, one, part=.5)
        self.add("%s, 2 processes to 1" % name, both, None, one)

    def chain(self, name):
        nodes = CHAIN_NODES // 10 if self.quick else CHAIN_NODES
        start = cell_text(lines.CHAIN_START)
        grown = cell_text(lines.CHAIN_START, (nodes, lines.CHAIN_STEP))
        nothing = self.notebook([start])
        forward = self.notebook([grown])
        free = self.notebook([grown, cell_text(lines.CHAIN_FREE)])
        backward = self.notebook([grown, cell_text(lines.CHAIN_BACKWARD)])

        def per_node(high, low):
            return lambda: (self.ns(high.run()) - self.ns(low.run())) / nodes
        theirs = self.torch.ask(kind="chain", nodes=nodes) if self.torch else {}
        for phase, side, goal in (
                ("forward", per_node(forward, nothing), 150),
                ("backward", per_node(backward, forward), 100),
                ("free", per_node(free, forward), 30)):
            torch = theirs[phase][self.clock] / nodes if theirs else None
            self.add("%s, %s" % (name, phase), self.alternate(side)[0], torch, goal=goal)
        self.add("%s, memory" % name, (forward.peak() - nothing.peak()) / nodes,
                 theirs["bytes"] / nodes if theirs else None, unit="bytes", goal=200)

    def many_cells(self, name, n, jobs, runner, goal):
        """n cells, 50 to a notebook, and as many tests of another runner."""
        ours = self.many(n, jobs)
        theirs = runner and runner(self.root, n, n // 50, jobs)
        mine, = self.alternate(ours)
        other = self.ns(theirs()) if theirs else None
        self.add(name, mine, other=other, goal=goal)

    def many(self, n, jobs):
        """A run of n cells with so many workers; a single one on one core alone."""
        run = runners.autocell(self.autocell, self.root, n, n // 50, jobs)
        return lambda: self.ns(on_one_core(run) if jobs == 1 else run())

    def many_by_two(self, name, n):
        if self.clock != "wall" or len(os.sched_getaffinity(0)) < 2:
            return
        two, one = self.alternate(self.many(n, 2), self.many(n, 1))
        self.add(name, two, other=one, part=1 / 1.8)
        both, alone = self.alternate(
            lambda: self.ns(spawn(at_once(forks(n // 100), 2))),
            lambda: self.ns(on_one_core(lambda: spawn(forks(n // 50)))))
        self.add("its forks alone, 2 processes to one core", both, other=alone)

    def all(self):
        print(format_row(None))
        self.measure("recorded notebook, whole run", self.whole_run, 1, 1_300_000)
        self.measure("100 such notebooks in one call", self.whole_run, 100, 25_000_000)
        self.measure("a process that does nothing", self.idle)
        self.measure("peak memory of the notebook", self.peak)
        self.measure("a small cell", self.cell, lines.SMALL_CELL, 30_000)
        self.measure("a cell that prints an error", self.cell, lines.ERROR_CELL, 50_000)
        for n, jobs, goal in lines.MANY_CELLS:
            slow = self.quick and n > lines.MANY_CELLS[0][0]
            for runner in (None,) if slow else (runners.pytest, runners.lit):
                name = "%d cells, %s" % (n, "one core" if jobs == 1 else "-j %d" % jobs)
                name += ", beside %s" % runner.__name__ if runner else ""
                self.measure(name, self.many_cells, n, jobs, runner, goal)
        n = lines.MANY_CELLS[0 if self.quick else -1][0]
        self.measure("%d cells, -j 2 to one core" % n, self.many_by_two, n)
        for name, goal, setup, body in lines.SMALL:
            self.measure(name, self.small, setup, body, goal)
        self.measure("a node of a chain", self.chain)
        for name, part, setup, body in lines.LARGE:
            self.measure(name, self.large, setup, body, part)
        self.measure("step of the MLP, memory", self.memory, lines.MLP,
                     lines.STEP_BY_HAND, lines.TINY_MLP)
        for n in lines.MATMUL_SIZES[:2] if self.quick else lines.MATMUL_SIZES:
            self.measure("matmul %d" % n, self.matmul, n)
        for name, setup, body in lines.THREADED:
            self.measure(name, self.threaded, setup, body)


def on_one_core(run):
    whole = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(whole)})
    try:
        return run()
    finally:
        os.sched_setaffinity(0, whole)


def amount(value, unit):
    if value is None:
        return "-"
    steps = ((1e4, 1, "ns"), (1e7, 1e3, "us"), (1e10, 1e6, "ms"), (1e99, 1e9, "s"))
    if unit == "bytes":
        steps = ((1e4, 1, "B"), (1e7, 1e3, "kB"), (1e99, 1e6, "MB"))
    for limit, scale, name in steps:
        if abs(value) < limit:
            return "%.0f %s" % (value / scale, name)


def format_row(row):
    layout = "%-43s %9s %9s %9s %8s %9s %s"
    if row is None:
        return layout % ("", "autocell", "PyTorch", "other", "ratio", "goal", "")
    goal = amount(row["goal"], row["unit"])
    if row["goal_ratio"] is not None:
        goal = "x %.2f" % row["goal_ratio"]
    ratio = "-" if row["ratio"] is None else "%.4f" % row["ratio"]
    verdict = {None: "", True: "", False: "missed"}[row["met"]]
    return (layout % (row["line"], *(amount(row[side], row["unit"])
                                     for side in ("autocell", "pytorch", "other")),
                      ratio, goal, verdict)).rstrip()


def take_value(args, flag):
    if flag not in args:
        return None
    at = args.index(flag)
    if at + 1 == len(args):
        raise SystemExit(__doc__)
    value = args[at + 1]
    del args[at:at + 2]
    return value


def main(argv):
    args = argv[1:]
    target = take_value(args, "--json")
    flags = {a for a in args if a.startswith("--")}
    if flags - {"--quick", "--cpu", "--no-torch"} or len(args) - len(flags) < 2:
        raise SystemExit(__doc__)
    autocell, cells, *wanted = [a for a in args if a not in flags]
    torch = None if "--no-torch" in flags else sides.Torch.find()
    blas = sides.OpenBlas.find()
    clock = "work" if "--cpu" in flags else "wall"
    setting = {"torch": torch and torch.version, "openblas": bool(blas), "clock": clock,
               "date": time.strftime("%Y-%m-%d"), "processors": os.cpu_count(),
               "load": os.getloadavg()[0]}
    print("%s; PyTorch: %s; OpenBLAS: %s; %d processors, load %.1f; %s" %
          (setting["date"], setting["torch"] or "none", "yes" if blas else "none",
           setting["processors"], setting["load"],
           "time that processors worked" if clock == "work" else "time by the clock"))
    root = tempfile.mkdtemp()
    # What earlier runs here recorded, and would be written anew, is not measured.
    os.environ["XDG_CACHE_HOME"] = os.path.join(root, "cache")
    sides.inherit_orphans()
    bench = Bench(os.path.abspath(autocell), os.path.abspath(cells), root,
                  "--quick" in flags, clock, torch, blas, wanted)
    try:
        bench.all()
    finally:
        shutil.rmtree(root)
        for server in (torch, blas):
            if server:
                server.close()
    if target:
        with open(target, "w") as f:
            json.dump(dict(setting, lines=bench.rows), f, indent=1)
    return bench.failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
