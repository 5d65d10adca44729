"""The PyTorch side of bench.py: reads one JSON request a line, answers one a line.

  loop     time `body` in a loop of `turns`, after `setup`
  cell     time fresh cells: their text compiled, run, their output collected
  sources  the Python texts of a directory of cells
  script   the same as one program, `times` times over
  peak     bytes that `body` takes at its peak beyond those there after `setup`; `warm`
           makes a small problem, on which the code is loaded before
  chain    a graph of `nodes` nodes: ns forward, backward, free, and bytes of a node
"""
import ast
import contextlib
import gc
import io
import json
import os
import resource
import sys
import textwrap
import time

import torch


def timed(run):
    wall, work = time.perf_counter_ns(), time.process_time_ns()
    run()
    return {"wall": time.perf_counter_ns() - wall,
            "work": time.process_time_ns() - work}


def loop(request):
    torch.set_num_threads(request["threads"])
    names = {"torch": torch}
    exec("\n".join(request["setup"]), names)
    lines = ["def run():", "    for i in range(%d):" % request["turns"]]
    # Names of a notebook are globals, so they are here.
    assigned = sorted({s.split(" = ")[0] for s in request["body"] if " = " in s})
    lines[1:1] = ["    global " + ", ".join(assigned)] if assigned else []
    exec("\n".join(lines + ["        " + s for s in request["body"]]), names)
    return timed(names["run"])


def cell(request):
    text = "\n".join(request["body"])

    def run():
        for _ in range(request["turns"]):
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                try:
                    exec(compile(text, "cell", "exec"), {"torch": torch})
                except Exception as error:
                    print("%s: %s" % (type(error).__name__, error))
            out.getvalue()
    return timed(run)


def source(path):
    """The Python text of a cell. Understands what the recorded cells use of YAML: one
    unquoted statement a line, blocks indented."""
    with open(path) as f:
        ops = f.read().split("\nops:\n")[1].splitlines()
    depths = [(len(op) - len(op.lstrip()) - 2) // 4 for op in ops]
    return "\n".join("    " * d + op.strip()[2:] for d, op in zip(depths, ops))


def sources(request):
    return {"cells": [source(os.path.join(request["cells"], name))
                      for name in sorted(os.listdir(request["cells"]))]}


def script(request):
    """A program that does what a notebook does: each cell's errors are printed, and
    its last expression is displayed."""
    program = ["import torch", "def display(value):",
               "    if value is not None: print(repr(value))",
               "for turn in range(%d):" % request["times"], "    torch.manual_seed(0)"]
    for text in sources(request)["cells"]:
        body = ast.parse(text).body
        lines = [ast.unparse(statement) for statement in body]
        if isinstance(body[-1], ast.Expr):
            lines[-1] = "display(%s)" % lines[-1]
        program += ["    try:", textwrap.indent("\n".join(lines), " " * 8),
                    "    except Exception as error:",
                    "        print('%s: %s' % (type(error).__name__, error))"]
    return {"text": "\n".join(program) + "\n"}


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def peak(request):
    names = {"torch": torch}
    exec("\n".join(request["warm"] + request["body"] + request["setup"]), names)
    gc.collect()
    before = resident()
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")  # the peak is what there is now
    exec("\n".join(request["body"]), names)
    with open("/proc/self/status") as f:
        peaks = [line.split()[1] for line in f if line.startswith("VmHWM")]
    return {"bytes": int(peaks[0]) * 1024 - before}


def chain(request):
    nodes = request["nodes"]
    torch.set_num_threads(1)
    names = {"x": torch.tensor([1.0, 2.0, 3.0], requires_grad=True)}
    exec("def run():\n    global y\n    y = x\n    for i in range(%d): y = y * 1.5\n"
         "def again():\n    y.sum().backward()\n"
         "def free():\n    global y\n    del y\n" % nodes, names)
    gc.collect()
    before = resident()
    forward = timed(names["run"])
    size = resident() - before
    return {"forward": forward, "backward": timed(names["again"]),
            "free": timed(names["free"]), "bytes": size}


kinds = {"loop": loop, "cell": cell, "sources": sources, "script": script,
         "peak": peak, "chain": chain}
for request in sys.stdin:
    request = json.loads(request)
    print(json.dumps(kinds[request["kind"]](request)), flush=True)
