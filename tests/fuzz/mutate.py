#!/usr/bin/python3
"""Runs cells like those that are there, here and under PyTorch, and compares what they print.

usage: mutate.py AUTOCELL FINDINGS [--cells N] [--seed N] [--topics REGEX]

Notebooks come from mutations.py until N mutated cells (10,000 if not told) have been
compared, each from a seed of its own.  The notebooks that differ are copied to FINDINGS with
PyTorch's texts, ready for `autocell run FINDINGS/cells`; FINDINGS/differences.txt has them up
to the first operation that differs, the most frequent kind first, and FINDINGS/near.txt those
where only the last digits of numbers do.
--topics takes only topics whose name matches.  Needs PyTorch 1.13.1 and PyYAML.
Exit: 0 no difference, 1 some.
"""
import argparse
import collections
import json
import os
import re
import sys
import tempfile

from calls import NUMBER, near
from compare import ORACLE, ask, keep, texts, yaml_of
from mutations import Corpus, Mutations
from random_calls import operators

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
BATCH = 200
LINES = 30
NAMES = re.compile(r"\.?([A-Za-z_]\w*)\(")
# What a machine has no room for, and where PyTorch lies in a machine's files.
HOPELESS = re.compile(r"can't allocate memory|MemoryError|RecursionError|DefaultCPUAllocator|"
                      r"from '/usr/|oracle\.py")


def write_notebook(root, name, cells):
    directory = os.path.join(root, "cells", name)
    os.makedirs(directory)
    for i, ops in enumerate(cells):
        with open(os.path.join(directory, "%03d.yaml" % i), "w") as f:
            f.write("ops:\n" + "".join(yaml_of(ops)))


def source(ops, indent=""):
    return "".join(indent + op + "\n" if isinstance(op, str)
                   else indent + op[0] + ":\n" + source(op[1], indent + "    ") for op in ops)


def kind(ops, theirs, ours):
    """What is called where the texts differ, and the first line that does, without numbers."""
    names = NAMES.findall(source(ops[-1:]))
    for a, b in zip(theirs.splitlines() + [""] * 99, ours.splitlines() + [""] * 99):
        if a != b:
            return " ".join(names[:1]), NUMBER.sub("#", a)[:60], NUMBER.sub("#", b)[:60]
    return "", "length", ""


class Findings:
    def __init__(self, directory):
        self.directory = directory
        self.kinds = {"differences": collections.defaultdict(list),
                      "near": collections.defaultdict(list)}
        os.makedirs(directory, exist_ok=True)

    def count(self, part):
        return sum(map(len, self.kinds[part].values()))

    def add(self, name, cells, theirs, ours):
        part = "near" if near(theirs, ours) else "differences"
        lines = "".join(source(ops) + "---\n" for ops in cells).splitlines(True)
        program = "".join(["...\n"] * (len(lines) > LINES) + lines[-LINES:])
        self.kinds[part][kind(cells[-1], theirs, ours)].append((name, program, theirs, ours))

    def write(self):
        for part, kinds in self.kinds.items():
            with open(os.path.join(self.directory, part + ".txt"), "w") as f:
                for key, examples in sorted(kinds.items(), key=lambda k: -len(k[1])):
                    name, program, theirs, ours = min(examples, key=lambda e: len(e[1]))
                    f.write("=== %d times: %s (%s)\n%s--- PyTorch\n%s--- autocell\n%s\n"
                            % (len(examples), key[0], name, program, theirs, ours))


def first_difference(name, cells, theirs, ours):
    """The number of the first cell that differs, and its two texts."""
    for i in range(len(cells)):
        file = os.path.join(name, "%03d.txt" % i)
        if file not in theirs:
            return None
        if theirs[file] != ours.get(file, "nothing\n"):
            return i, theirs[file], ours.get(file, "nothing\n")
    return None


def batch(options, make, seeds, findings):
    """How many notebooks PyTorch gave an answer for."""
    with tempfile.TemporaryDirectory() as root:
        notebooks = {}
        for seed in seeds:
            name = "%08d" % seed
            notebooks[name] = make(seed)
            write_notebook(root, name, notebooks[name])
        ask([sys.executable, ORACLE, "write", "cells", "expected"], root)
        ask([options.autocell, "update", "-j", "1", "--max-memory", "2GiB", "--expected", "ours",
             "cells"], root)
        theirs, ours = texts(root + "/expected"), texts(root + "/ours")
        for name, cells in notebooks.items():
            found = first_difference(name, cells, theirs, ours)
            if found and not HOPELESS.search(found[1] + found[2]):
                findings.add(name, cells[:found[0] + 1], *found[1:])
                keep(root, options.findings, name)
    return len({name.split(os.sep)[0] for name in theirs})


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("autocell", type=os.path.abspath)
    parser.add_argument("findings")
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--topics", default="")
    options = parser.parse_args()
    corpus = Corpus([os.path.join(TESTS, "conformance", "cells"),
                     os.path.join(TESTS, "..", "cells")])
    topics = [t for t in sorted(corpus.topics) if re.search(options.topics, t)]
    known = collections.defaultdict(list)
    for operator in operators(options.autocell):
        known[operator.name.partition(".")[0]].append(operator)
    compared, seed, findings = 0, options.seed, Findings(options.findings)
    while compared < options.cells:
        n = batch(options, lambda s: Mutations(s, corpus, known).notebook(topics),
                  range(seed, seed + BATCH), findings)
        if not n:
            sys.exit("the oracle gave nothing")
        compared, seed = compared + n, seed + BATCH
        findings.write()
        print("%d compared, %d differ, %d near"
              % (compared, findings.count("differences"), findings.count("near")), flush=True)
    return bool(findings.count("differences"))


if __name__ == "__main__":
    sys.exit(main())
