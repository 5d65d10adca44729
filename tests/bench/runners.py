"""Runners of many small tests beside autocell: pytest with doctests, and LLVM's lit."""
import glob
import os
import shutil
import sys

from sides import spawn


def fill(root, kind, n, directories, write):
    """Calls write(directory, number) for n tests spread over so many directories below
    root; gives the directory of them all."""
    top = os.path.join(root, "%s-%d-%d" % (kind, n, directories))
    for i in range(0 if os.path.exists(top) else n):
        directory = os.path.join(top, "cells", "n%03d" % (i * directories // n))
        os.makedirs(directory, exist_ok=True)
        write(directory, i)
    return top


def put(path, text):
    with open(path, "w") as f:
        f.write(text)


def autocell(program, root, n, directories, jobs):
    """n cells that print a number, as a function that runs them."""
    def write(directory, i):
        put(os.path.join(directory, "%05d.yaml" % i),
            "title: number %d\nops:\n  - print(%d)\n" % (i, i))
        texts = directory.replace("/cells/", "/expected/")
        os.makedirs(texts, exist_ok=True)
        put(os.path.join(texts, "%05d.txt" % i), "%d\n" % i)
    top = fill(root, "autocell", n, directories, write)
    argv = [program, "run", "-q", "-j", str(jobs), os.path.join(top, "cells")]
    return lambda: spawn(argv)


def pytest(root, n, directories, jobs):
    """The same as doctests, one module a directory; None where pytest is not."""
    program = shutil.which("pytest")
    if not program or jobs != 1:
        return None

    def write(directory, i):
        with open(directory + ".py", "a") as f:
            f.write('def f%d():\n    """\n    >>> print(%d)\n    %d\n    """\n\n' % (i, i, i))
    top = fill(root, "pytest", n, directories, write)
    return lambda: spawn([program, "-q", "--doctest-modules", "-p", "no:cacheprovider", top])


def lit(root, n, directories, jobs):
    """The same as tests of lit's own shell, one file each; None where lit is not."""
    found = [shutil.which("lit")] + sorted(glob.glob("/usr/lib/llvm-*/build/utils/lit/lit.py"))
    found = [path for path in found if path]
    if not found:
        return None

    def write(directory, i):
        put(os.path.join(directory, "%05d.test" % i), "RUN: echo %d\n" % i)
    top = fill(root, "lit", n, directories, write)
    put(os.path.join(top, "lit.cfg"),
        "import lit.formats\nconfig.name = 'bench'\nconfig.suffixes = ['.test']\n"
        "config.test_format = lit.formats.ShTest(False)\n")
    return lambda: spawn([sys.executable, found[-1], "-q", "-j", str(jobs), top])
