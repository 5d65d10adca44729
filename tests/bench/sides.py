"""The sides of bench.py: autocell, PyTorch, OpenBLAS and nbconvert, each where it is."""
import ctypes
import ctypes.util
import glob
import json
import os
import shutil
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    pass


class Usage:
    """What a process cost: nanoseconds from its start to its end, and those that
    processors worked for it and its children."""

    def __init__(self, wall, usages):
        self.wall = wall
        self.work = int(sum(u.ru_utime + u.ru_stime for u in usages) * 1e9)


def inherit_orphans():
    """autocell does not wait for its last workers; what they cost counts all the same.
    They become children of this process when it has ended."""
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children():
    with open("/proc/self/task/%d/children" % os.getpid()) as f:
        return {int(pid) for pid in f.read().split()}


def spawn(argv):
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
    others = children()
    start = time.perf_counter_ns()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter_ns() - start
    os.close(null)
    if status:
        raise Failure("%s: status %d" % (argv, status))
    return Usage(wall, [usage] + [os.wait4(orphan, 0)[2] for orphan in children() - others])


def at_once(argv, n):
    """A command that runs argv n times at the same time."""
    return ["sh", "-c", '"$@" & ' * n + "wait", "sh", *argv] if n > 1 else argv


def forks(n):
    """A command that does nothing but fork n processes, one after another, each of
    which ends at once."""
    return ["sh", "-c", "i=0; while [ $i -lt %d ]; do (:); i=$((i + 1)); done" % n]


def peak(argv):
    """The peak of argv's memory in bytes. A process is charged with what the one that
    started it had: here that is a shell, which leaves it to us at once."""
    others = children()
    subprocess.run(["sh", "-c", '"$@" >/dev/null 2>&1 &', "sh", *argv], check=True)
    peaks, left = [], children() - others
    while left:
        peaks += [os.wait4(pid, 0)[2].ru_maxrss for pid in left]
        left = children() - others
    return max(peaks) * 1024


# --- autocell -------------------------------------------------------------------------

def cell_text(statements, loop=None):
    """A cell of plain statements; then, if given, (turns, statements) in a loop; at
    last it says so."""
    lines = ["ops:"] + ["  - " + json.dumps(s) for s in statements]
    if loop:
        lines.append("  - %s:" % json.dumps("for i in range(%d)" % loop[0]))
        lines += ["      - " + json.dumps(s) for s in loop[1]]
    lines.append("  - print('done')")
    return "\n".join(lines) + "\n"


class Notebook:
    """A directory of cells, its expected texts written, that can be run again and
    again. The cells must run to their ends, unless they are meant to fail."""

    def __init__(self, autocell, root, texts, fails=False, threads=1):
        self.root = root
        self.cells = os.path.join(root, "cells", "bench")
        os.makedirs(self.cells)
        for i, text in enumerate(texts):
            with open(os.path.join(self.cells, "%05d.yaml" % i), "w") as f:
                f.write(text)
        with open(os.path.join(self.cells, "notebook.yaml"), "w") as f:
            f.write("timeout: 600s\nmax_memory: 4GiB\n")
        self.flags = [autocell, "-q", "--threads", str(threads), self.cells]
        self.call("update")
        last = os.path.join(root, "expected", "bench", "%05d.txt" % (len(texts) - 1))
        text = ""
        if os.path.exists(last):
            with open(last) as f:
                text = f.read()
        if fails == text.endswith("done\n"):
            raise Failure("the last cell printed:\n" + text)

    def argv(self, verb):
        return self.flags[:1] + [verb] + self.flags[1:]

    def call(self, verb):
        env = {k: v for k, v in os.environ.items() if k != "CI"}
        done = subprocess.run(self.argv(verb), env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode > 1:
            raise Failure("%s\n%s%s" % (self.argv(verb), done.stdout, done.stderr))

    def run(self, copies=1):
        return spawn(at_once(self.argv("run"), copies))

    def peak(self):
        return peak(self.argv("run"))


# --- PyTorch and OpenBLAS -------------------------------------------------------------

def best_kernels():
    """OpenBLAS does not know every processor with AVX-512 by itself."""
    env = dict(os.environ)
    try:
        with open("/proc/cpuinfo") as f:
            if "avx512dq" in f.read():
                env.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
    except OSError:
        pass
    return env


class Server:
    """A python process that answers requests, one JSON line each."""

    def __init__(self, python, script, *args):
        self.process = subprocess.Popen(
            [python, os.path.join(HERE, script), *args], text=True, env=best_kernels(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise Failure("no answer to %s" % request)
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Torch(Server):
    def __init__(self, python, version):
        super().__init__(python, "torch_side.py")
        self.python, self.version = python, version

    @staticmethod
    def find():
        """Debian's python3-torch before any other."""
        probe = "import torch; print(torch.__version__)"
        for python in ("/usr/bin/python3", "python3"):
            if not shutil.which(python):
                continue
            done = subprocess.run([python, "-c", probe], capture_output=True, text=True)
            if done.returncode == 0:
                return Torch(python, done.stdout.strip())
        return None

    def script(self, cells, root, times=1):
        """Runs the notebook `times` times in one process, as a function."""
        argv = self.script_argv(cells, root, times)
        return lambda: spawn(argv)

    def script_argv(self, cells, root, times=1):
        path = os.path.join(root, "notebook-%d.py" % times)
        with open(path, "w") as f:
            f.write(self.ask(kind="script", cells=cells, times=times)["text"])
        return [self.python, path]


class OpenBlas(Server):
    def __init__(self, library):
        super().__init__("python3", "blas_side.py", library)

    @staticmethod
    def find():
        """AUTOCELL_OPENBLAS names a library that is not installed."""
        found = os.environ.get("AUTOCELL_OPENBLAS") or ctypes.util.find_library("openblas")
        if not found:
            inside = glob.glob("/usr/lib/*/openblas-*/libopenblas.so.0")
            found = inside[0] if inside else None
        return OpenBlas(found) if found else None


# --- nbconvert ------------------------------------------------------------------------

def nbconvert(torch, cells, root):
    """The notebook as Jupyter runs it, as a function; None where Jupyter is not."""
    if not torch or not shutil.which("jupyter-nbconvert"):
        return None
    path = os.path.join(root, "notebook.ipynb")
    sources = torch.ask(kind="sources", cells=cells)["cells"]
    with open(path, "w") as f:
        json.dump({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
            {"id": "c%d" % i, "cell_type": "code", "execution_count": None,
             "metadata": {}, "outputs": [], "source": source}
            for i, source in enumerate(sources)]}, f)
    return lambda: spawn(["jupyter-nbconvert", "--execute", "--allow-errors", "--to",
                          "notebook", "--output", "executed.ipynb", path])
