#!/usr/bin/python3
"""Calls every operator with random arguments: nothing may break, all must be PyTorch's.

usage: calls.py AUTOCELL FINDINGS [--calls N] [--seed N] [--compare] [--only NAME]

Calls come from random_calls.py, BATCH to a notebook, each seed its own notebook.
Without --compare AUTOCELL is a build with sanitizers: a batch is broken as fuzz.py has
it (a crash, a report, a leak, no end), and the call that breaks it is kept in FINDINGS.
With --compare AUTOCELL and PyTorch 1.13.1 print what each call gives (values, strides,
gradients, or the exception), and FINDINGS/differences.txt has the calls whose texts
differ, the most frequent kind first.  Numbers that are near are not a difference: they
hang on the order of sums.  --only NAME calls operators whose name matches NAME.
Exit: 0 nothing found, 1 something found.
"""
import argparse
import collections
import json
import os
import re
import shutil
import sys
import tempfile

from compare import ORACLE, ask, texts, yaml_of
from fuzz import Runner
from random_calls import Calls, operators

BATCH, CELL = 1000, 50
HELPERS = '''
leaves = []
def leaf(x):
    leaves.append(x.requires_grad_())
    return x
def tensors(r):
    if isinstance(r, torch.Tensor):
        return [r]
    return [t for x in r for t in tensors(x)] if isinstance(r, (tuple, list)) else []
def differentiate(r):
    for x in tensors(r):
        if x.requires_grad:
            w = torch.arange(x.numel()).reshape(x.shape) % 5 - 1
            x.backward(w.to(x.dtype), retain_graph=True)
'''
QUIET = '''
known = []
def seen(x):
    known.append(x)
    return x
def change(x, how):
    try:
        if how == 0:
            x.resize_(0)
        if how == 1:
            x.resize_(3, 5)
        if how == 2:
            x.data = x.detach().new_ones(2, 2)
        if how == 3:
            x.data = x.detach().new_ones([])
        if how == 4:
            x.data.fill_(100)
        if how == 5:
            x.data.fill_(-1)
        if how == 6:
            x.data = x.detach().clone().unsqueeze(0)
        if how == 7:
            x.data = x.detach().to(torch.float64)
    except Exception:
        pass
def call(i, f):
    leaves.clear()
    known.clear()
    try:
        r = f()
        if i % 2:
            for k, x in enumerate(known + tensors(r)):
                if (i // 16 + k) % 3:
                    change(x, (i // 2 + k) % 8)
        differentiate(r)
    except Exception:
        pass
'''
LOUD = '''
def call(i, f):
    leaves.clear()
    print('@', i)
    try:
        r = f()
        print(r)
        for t in tensors(r):
            print(t.dtype, t.shape, t.stride())
        differentiate(r)
        for x in leaves:
            print(x.grad)
    except Exception as e:
        print(type(e).__name__ + ':', e)
'''
NUMBER = re.compile(r"-?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)")


def definitions(text):
    """The functions of HELPERS as operations of a cell."""
    ops = []
    for line in filter(None, text.splitlines()):
        depth = (len(line) - len(line.lstrip())) // 4
        body = ops
        for _ in range(depth):
            body = body[-1][1]
        header = line.strip()
        body.append((header[:-1], []) if header.endswith(":") else header)
    return ops


def write_notebook(directory, calls, helpers):
    os.makedirs(directory)
    cells = [definitions(HELPERS + helpers)]
    for at in range(0, len(calls), CELL):
        cells.append(["call(%d, lambda: %s)" % (at + i, text)
                      for i, (_, text) in enumerate(calls[at:at + CELL])])
    for i, ops in enumerate(cells):
        with open(os.path.join(directory, "%03d.yaml" % i), "w") as f:
            f.write("ops:\n" + "".join(yaml_of(ops)))


# --- under sanitizers -------------------------------------------------------------------


def why_broken(runner, calls):
    directory = os.path.join(runner.root, "cells")
    shutil.rmtree(directory, ignore_errors=True)
    write_notebook(os.path.join(directory, "calls"), calls, QUIET)
    return runner.broken(directory)


def guilty(runner, calls):
    """The fewest calls in a row that still break, by halves."""
    while len(calls) > 1:
        half = len(calls) // 2
        if why_broken(runner, calls[:half]):
            calls = calls[:half]
        elif why_broken(runner, calls[half:]):
            calls = calls[half:]
        else:
            break
    return calls


def keep(runner, calls, findings, name):
    calls = guilty(runner, calls)
    report = why_broken(runner, calls) or "not when run again"
    os.makedirs(findings, exist_ok=True)
    with open(os.path.join(findings, name + ".txt"), "w") as f:
        f.write("".join(text + "\n" for _, text in calls) + "\n" + report)
    print("broken: %s\n%s" % (calls[-1][1], report), flush=True)


def stress(options, known):
    done = found = 0
    with tempfile.TemporaryDirectory() as root:
        runner = Runner(options.autocell, root)
        while done < options.calls:
            seed = options.seed + done // BATCH
            calls = Calls(seed, tame=False).calls(known, BATCH)
            if why_broken(runner, calls):
                keep(runner, calls, options.findings, str(seed))
                found += 1
            done += BATCH
    print("%d calls, %d batches of %d broken" % (done, found, BATCH))
    return found


# --- beside PyTorch ---------------------------------------------------------------------


def answers(root):
    """What each call printed, by its number."""
    found = {}
    for name in sorted(texts(root).items()):
        for part in re.split(r"^@ ", name[1], flags=re.M)[1:]:
            number, _, answer = part.partition("\n")
            found[int(number)] = answer
    return found


def near(a, b):
    """Whether the texts are the same but for the last digits of numbers."""
    if "".join(NUMBER.sub("#", a).split()) != "".join(NUMBER.sub("#", b).split()):
        return False
    pairs = zip(map(float, NUMBER.findall(a)), map(float, NUMBER.findall(b)))
    return all(x == y or str(x) == str(y) or abs(x - y) <= 1e-5 + 2e-3 * abs(x)
               for x, y in pairs)


def kind(theirs, ours):
    """What differs, without its numbers: the first line that does."""
    for a, b in zip(theirs.splitlines() + [""], ours.splitlines() + [""]):
        if a != b:
            return NUMBER.sub("#", a)[:70] + " | " + NUMBER.sub("#", b)[:70]
    return "length"


def compare(options, known):
    kinds, examples = collections.Counter(), {}
    compared = close = 0
    while compared < options.calls:
        with tempfile.TemporaryDirectory() as root:
            calls = Calls(options.seed, tame=True).calls(known, BATCH)
            options.seed += 1
            write_notebook(os.path.join(root, "cells", "calls"), calls, LOUD)
            ask([sys.executable, ORACLE, "write", "cells", "expected"], root)
            ask([options.autocell, "update", "--expected", "ours", "cells"], root)
            theirs, ours = answers(root + "/expected"), answers(root + "/ours")
        compared += len(theirs)
        for i, answer in theirs.items():
            mine = ours.get(i, "nothing\n")
            if answer == mine:
                continue
            if near(answer, mine):
                close += 1
                continue
            key = (calls[i][0], kind(answer, mine))
            kinds[key] += 1
            examples.setdefault(key, []).append((calls[i][1], answer, mine))
        write_differences(options.findings, kinds, examples)
    print("%d calls compared, %d differ, %d near" % (compared, sum(kinds.values()), close))
    return sum(kinds.values())


def write_differences(findings, kinds, examples):
    os.makedirs(findings, exist_ok=True)
    with open(os.path.join(findings, "differences.txt"), "w") as f:
        for key, n in kinds.most_common():
            call, theirs, ours = min(examples[key], key=lambda e: len(e[0]))
            f.write("%d times: %s\n%s\n--- PyTorch\n%s--- autocell\n%s\n"
                    % (n, key[0], call, theirs, ours))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("autocell", type=os.path.abspath)
    parser.add_argument("findings")
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    known = [o for o in operators(options.autocell) if re.search(options.only, o.name)]
    return bool((compare if options.compare else stress)(options, known))


if __name__ == "__main__":
    sys.exit(main())
