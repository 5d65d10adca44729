#!/usr/bin/python3
"""Feeds mutated cells to autocell and keeps the notebooks that break it.

usage: fuzz.py AUTOCELL CELLS FINDINGS [--seconds N] [--seed N]

CELLS holds the cells to start from.  A batch of notebooks is run in one process; it is
broken when autocell ends with a status that no cell can cause, when a sanitizer writes
a report, or when a worker is said to have crashed.  Each notebook of a broken batch is
then run alone, and the guilty are copied to FINDINGS.  The same seed gives the same
batches.  Exit: 0 nothing found, 1 something found.
"""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

BATCH = 40
NUMBERS = ["0", "-1", "1", "3", "17", "255", "-129", "65536", "2147483648", "-9223372036854775808",
           "9223372036854775807", "10**20", "1e-45", "1e308", "-0.0", "0.5", "float('inf')",
           "float('nan')", "True", "None", "1j"]
EXPRESSIONS = ["()", "[]", "{}", "''", "x", "[x]", "(x, x)", "lambda *a: a", "torch", "torch.nn",
               "slice(None)", "...", "torch.ones(0)", "torch.ones(2, 3)", "torch.tensor(1)",
               "torch.tensor([True])", "torch.float16", "range(5)", "[[1, 2], [3]]", "'\\ud800'",
               "x[0]", "x.T", "x.grad", "print", "type(x)", "Exception('e')"]
WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9.]*")
NUMBER = re.compile(rb"(?<![A-Za-z_0-9.])-?\d+(\.\d+)?(e-?\d+)?")


class Mutator:
    def __init__(self, rng, corpus):
        self.rng, self.corpus = rng, corpus
        self.words = sorted({w for text in corpus for w in WORD.findall(text)})
        self.steps = [self.number, self.number, self.word, self.word, self.expression,
                      self.drop_line, self.repeat_line, self.foreign_line, self.move_line,
                      self.byte, self.cut, self.nest]

    def replace(self, text, pattern, value):
        found = list(pattern.finditer(text))
        if not found:
            return text
        at = self.rng.choice(found)
        return text[:at.start()] + value + text[at.end():]

    def number(self, text):
        return self.replace(text, NUMBER, self.rng.choice(NUMBERS).encode())

    def word(self, text):
        return self.replace(text, WORD, self.rng.choice(self.words))

    def expression(self, text):
        pattern = self.rng.choice([WORD, NUMBER])
        return self.replace(text, pattern, self.rng.choice(EXPRESSIONS).encode())

    def lines(self, text):
        lines = text.split(b"\n")
        return lines, self.rng.randrange(len(lines))

    def drop_line(self, text):
        lines, at = self.lines(text)
        del lines[at]
        return b"\n".join(lines)

    def repeat_line(self, text):
        lines, at = self.lines(text)
        lines[at:at] = [lines[at]] * self.rng.choice([1, 1, 2, 50])
        return b"\n".join(lines)

    def foreign_line(self, text):
        lines, at = self.lines(text)
        lines.insert(at, self.rng.choice(self.rng.choice(self.corpus).split(b"\n")))
        return b"\n".join(lines)

    def move_line(self, text):
        lines, at = self.lines(text)
        lines.insert(self.rng.randrange(len(lines)), lines.pop(at))
        return b"\n".join(lines)

    def byte(self, text):
        at = self.rng.randrange(len(text) + 1)
        new = bytes([self.rng.choice([0, 9, 10, 34, 39, 40, 41, 91, 93, 123, 128, 255,
                                      self.rng.randrange(256)])])
        return text[:at] + new + text[at + self.rng.randrange(2):]

    def cut(self, text):
        a, b = sorted(self.rng.randrange(len(text) + 1) for _ in "ab")
        return text[:a] + text[min(b, a + 20):]

    def nest(self, text):
        n = self.rng.choice([3, 70, 2000])
        left, right = self.rng.choice([(b"(", b")"), (b"[", b"]"), (b"-", b""), (b"not ", b""),
                                       (b"lambda: ", b""), (b"x[", b"]"), (b"{1: ", b"}")])
        return self.replace(text, NUMBER, left * n + b"1" + right * n)

    def cell(self):
        text = self.rng.choice(self.corpus)
        for _ in range(self.rng.choice([1, 1, 2, 3, 6])):
            text = self.rng.choice(self.steps)(text) or b"ops: []"
        return text


class Runner:
    def __init__(self, autocell, root):
        self.autocell, self.root = autocell, root

    def broken(self, cells):
        """Why a run of `cells` is broken, or None."""
        for log in glob.glob(os.path.join(self.root, "sanitizer.*")):
            os.remove(log)
        options = "log_path=%s/sanitizer:allocator_may_return_null=1" % self.root
        env = dict(os.environ, ASAN_OPTIONS=options, UBSAN_OPTIONS=options)
        argv = [self.autocell, "run", "--expected", os.path.join(self.root, "none"),
                "--timeout", "10s", "--max-memory", "256MiB", cells]
        try:
            done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=600)
        except subprocess.TimeoutExpired:
            return "does not end"
        reports = glob.glob(os.path.join(self.root, "sanitizer.*"))
        if reports:
            with open(reports[0], errors="replace") as f:
                return f.read()
        crash = re.search(rb"^FAIL .*\bcrash$", done.stdout, re.M)
        if crash or done.returncode not in (0, 1, 2, 5):
            return "status %d\n%s" % (done.returncode,
                                      (done.stdout + done.stderr)[-4000:].decode(errors="replace"))
        return None


def write_batch(mutator, directory):
    for i in range(BATCH):
        notebook = os.path.join(directory, "%02d" % i)
        os.makedirs(notebook)
        for j in range(mutator.rng.choice([1, 1, 2])):
            with open(os.path.join(notebook, "%d.yaml" % j), "wb") as f:
                f.write(mutator.cell())


def keep_guilty(runner, batch, findings, name):
    """Copies the notebooks of a broken batch that break alone; the batch if none does."""
    guilty = [n for n in sorted(os.listdir(batch)) if runner.broken(os.path.join(batch, n))]
    for notebook in guilty or [""]:
        source = os.path.join(batch, notebook)
        target = os.path.join(findings, name + "-" + (notebook or "together"))
        shutil.copytree(source, target)
        print("kept %s\n%s" % (target, runner.broken(source)), flush=True)


def option(args, name, default):
    if name not in args:
        return default
    at = args.index(name)
    value = int(args[at + 1])
    del args[at:at + 2]
    return value


def main(argv):
    args = argv[1:]
    seconds = option(args, "--seconds", 60)
    seed = option(args, "--seed", int(time.time()))
    if len(args) != 3:
        raise SystemExit(__doc__)
    autocell, cells, findings = args
    paths = sorted(glob.glob(os.path.join(cells, "**", "*.yaml"), recursive=True))
    corpus = []
    for path in paths:
        with open(path, "rb") as f:
            corpus.append(f.read())
    root = tempfile.mkdtemp()
    runner = Runner(os.path.abspath(autocell), root)
    batches = found = 0
    end = time.monotonic() + seconds
    print("seed %d, %d cells to start from" % (seed, len(corpus)), flush=True)
    try:
        while time.monotonic() < end:
            batch = os.path.join(root, "cells")
            write_batch(Mutator(random.Random(seed + batches), corpus), batch)
            if runner.broken(batch):
                found += 1
                keep_guilty(runner, batch, findings, str(seed + batches))
            shutil.rmtree(batch)
            batches += 1
    finally:
        shutil.rmtree(root)
    print("%d notebooks, %d batches broken" % (batches * BATCH, found))
    return found > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
