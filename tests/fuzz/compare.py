#!/usr/bin/python3
"""Runs random autograd programs here and under PyTorch and compares what they print.

usage: compare.py AUTOCELL FINDINGS [--cells N] [--seed N]

Notebooks come from programs.py until N cells (10,000 if not told) have been compared,
each from a seed of its own: SEED, SEED + 1 ... The notebooks that differ are copied to
FINDINGS with PyTorch's texts, ready for `autocell run FINDINGS/cells`.  Needs PyTorch
1.13.1 and PyYAML.  Exit: 0 no difference, 1 some.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

from programs import notebook

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle", "oracle.py")
BATCH = 100
SECONDS = 20
MEMORY = 4 << 30


def yaml_of(ops, indent="  "):
    for op in ops:
        if isinstance(op, str):
            yield "%s- %s\n" % (indent, json.dumps(op))
        else:
            header, body = op
            yield "%s- %s:\n" % (indent, json.dumps(header))
            yield from yaml_of(body, indent + "    ")


def write_notebook(seed, root):
    """How many cells it has."""
    directory = os.path.join(root, "cells", "%08d" % seed)
    os.makedirs(directory)
    cells = notebook(seed)
    for i, ops in enumerate(cells, 1):
        with open(os.path.join(directory, "%02d.yaml" % i), "w") as f:
            f.write("ops:\n" + "".join(yaml_of(ops)))
    return len(cells)


def texts(root):
    found = {}
    for directory, _, files in os.walk(root):
        for name in files:
            with open(os.path.join(directory, name)) as f:
                found[os.path.relpath(os.path.join(directory, name), root)] = f.read()
    return found


def limit():
    """PyTorch loops forever on some wrong arguments; what a child printed until then stays.
    It takes all the memory that is asked for, and writes to it."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def ask(argv, root):
    env = {k: v for k, v in os.environ.items() if k != "CI"}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, cwd=root,
                          preexec_fn=limit)
    if done.returncode not in (0, 1):
        print("%s: status %d\n%s%s" % (argv[0], done.returncode, done.stdout[-2000:],
                                       done.stderr[-2000:]))


def keep(root, findings, name):
    for part in ("cells", "expected"):
        target = os.path.join(findings, part, name)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(os.path.join(root, part, name), target)


def batch(autocell, seeds, limit, findings):
    """How many cells were compared, and the names of those that differ."""
    with tempfile.TemporaryDirectory() as root:
        cells = 0
        for seed in seeds:
            cells += write_notebook(seed, root)
            if cells >= limit:
                break
        ask([sys.executable, ORACLE, "write", "cells", "expected"], root)
        ask([autocell, "update", "--expected", "ours", "cells"], root)
        theirs, ours = texts(root + "/expected"), texts(root + "/ours")
        differing = sorted(k for k in theirs if theirs[k] != ours.get(k))
        for name in sorted({k.split(os.sep)[0] for k in differing}):
            keep(root, findings, name)
        return len(theirs), differing


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("autocell")
    parser.add_argument("findings")
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    autocell = os.path.abspath(options.autocell)
    compared, found, seed = 0, [], options.seed
    while compared < options.cells:
        n, differing = batch(autocell, range(seed, seed + BATCH), options.cells - compared,
                             options.findings)
        if not n:
            sys.exit("the oracle gave nothing")
        compared, seed = compared + n, seed + BATCH
        found += differing
        for name in differing:
            print("differs: " + name, flush=True)
    print("%d cells compared, %d differ" % (compared, len(found)))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
