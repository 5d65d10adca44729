"""The PyTorch side of bench.py: reads one JSON request a line, answers one a line.

  loop    time `body` in a loop of `turns`, after `setup`
  cell    time a fresh cell: its text compiled, run, its output collected
  script  the Python program of a directory of cells
  chain   a graph of `nodes` nodes: ns forward, backward, bytes of a node
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


def timed(code, names):
    start = time.perf_counter_ns()
    exec(code, names)
    return time.perf_counter_ns() - start


def loop(request):
    torch.set_num_threads(request["threads"])
    names = {"torch": torch}
    exec("\n".join(request["setup"]), names)
    lines = ["def run():", "    for i in range(%d):" % request["turns"]]
    # Names of a notebook are globals, so they are here.
    assigned = sorted({s.split(" = ")[0] for s in request["body"] if " = " in s})
    lines[1:1] = ["    global " + ", ".join(assigned)] if assigned else []
    exec("\n".join(lines + ["        " + s for s in request["body"]]), names)
    return {"ns": timed(compile("run()", "bench", "exec"), names)}


def cell(request):
    text = "\n".join(request["body"])
    start = time.perf_counter_ns()
    for _ in range(request["turns"]):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                exec(compile(text, "cell", "exec"), {"torch": torch})
            except Exception as error:
                print("%s: %s" % (type(error).__name__, error))
        out.getvalue()
    return {"ns": (time.perf_counter_ns() - start) / request["turns"]}


def source(path):
    """The Python text of a cell. Understands what the recorded cells use of YAML: one
    unquoted statement a line, blocks indented."""
    with open(path) as f:
        ops = f.read().split("\nops:\n")[1].splitlines()
    depths = [(len(op) - len(op.lstrip()) - 2) // 4 for op in ops]
    return "\n".join("    " * d + op.strip()[2:] for d, op in zip(depths, ops))


def script(request):
    """A program that does what a notebook does: each cell's errors are printed, and
    its last expression is displayed."""
    program = ["import torch", "torch.manual_seed(0)",
               "def display(value):", "    if value is not None: print(repr(value))"]
    for name in sorted(os.listdir(request["cells"])):
        body = ast.parse(source(os.path.join(request["cells"], name))).body
        lines = [ast.unparse(statement) for statement in body]
        if isinstance(body[-1], ast.Expr):
            lines[-1] = "display(%s)" % lines[-1]
        program += ["try:", textwrap.indent("\n".join(lines), "    "),
                    "except Exception as error:",
                    "    print('%s: %s' % (type(error).__name__, error))"]
    return {"text": "\n".join(program) + "\n"}


def chain(request):
    nodes = request["nodes"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    names = {"x": torch.tensor([1.0, 2.0, 3.0], requires_grad=True)}
    exec("def run():\n    global y\n    y = x\n    for i in range(%d): y = y * 1.5" % nodes,
         names)
    gc.collect()
    forward = timed("run()", names)
    size = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    backward = timed("y.sum().backward()", names)
    free = timed("del y", names)
    return {"forward": forward / nodes, "backward": backward / nodes, "free": free / nodes,
            "bytes": size / nodes}


kinds = {"loop": loop, "cell": cell, "script": script, "chain": chain}
for request in sys.stdin:
    request = json.loads(request)
    print(json.dumps(kinds[request["kind"]](request)), flush=True)
