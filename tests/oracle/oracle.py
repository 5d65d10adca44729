#!/usr/bin/python3
"""What PyTorch prints for cells: the truth that expected texts are taken from.

usage: oracle.py write CELLS EXPECTED    rewrite the texts that are not what PyTorch prints
       oracle.py check CELLS EXPECTED    name them, write nothing, exit 1 if there are any
       oracle.py source CELL             the Python program that a cell is

CELLS is a directory of notebooks (directories that hold *.yaml cells) or one notebook.
Needs PyTorch 1.13.1 and PyYAML: Debian's python3-torch and python3-yaml.

Each notebook runs in a process of its own, since some warnings are given once a
process, and from its seed. Cells with `skip` do not run; the texts of cells with
`xfail` are left alone, since they are PyTorch's already and autocell's are not.
"""
import ast
import contextlib
import io
import os
import re
import sys
import warnings

import yaml

ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
ORIGIN = re.compile(r" ?\(Triggered internally at .*?\)$", re.S)
WORDS = {"true": "True", "false": "False", "null": "None", "~": "None"}


class BadCell(Exception):
    pass


# --- from YAML to Python ----------------------------------------------------------------


def expression(value):
    """A value of the explicit form."""
    if isinstance(value, list):
        return "[" + ", ".join(map(expression, value)) + "]"
    return WORDS.get(value, value)


def call(op):
    """{op: f, args: [...], key: value, out: name} as a statement."""
    named = [k for k in op if k not in ("op", "args", "out")]
    arguments = [expression(a) for a in op.get("args", [])]
    arguments += [k + "=" + expression(op[k]) for k in named]
    text = op["op"] + "(" + ", ".join(arguments) + ")"
    return op["out"] + " = " + text if "out" in op else text


def lines(ops, indent=""):
    """The operations as lines of Python."""
    for op in ops:
        if isinstance(op, str):
            yield indent + op
        elif not isinstance(op, dict):
            raise BadCell("no operation: %r" % (op,))
        elif "op" in op:
            yield indent + call(op)
        elif len(op) != 1:
            raise BadCell("an operation of several keys: %s" % ", ".join(op))
        else:
            (head, body), = op.items()
            if isinstance(body, str):
                yield indent + head + ": " + body
            else:
                yield indent + head + ":"
                yield from lines(body or ["pass"], indent + "    ")


def load(path):
    """A YAML file, every scalar as the text that was written."""
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.BaseLoader) or {}


def python_of(cell):
    return "\n".join(lines(cell["ops"])) + "\n"


# --- running ----------------------------------------------------------------------------


def message_line(kind, message):
    text = ADDRESS.sub("0x...", ORIGIN.sub("", message.strip()))
    return kind + ": " + text if text else kind


def split_display(source, name):
    """The cell's tree without a last expression, and that expression or None."""
    try:
        tree = ast.parse(source, name)
    except SyntaxError as error:
        raise BadCell("%s: %s" % (error.text, error.msg)) from None
    last = tree.body and isinstance(tree.body[-1], ast.Expr)
    return tree, tree.body.pop().value if last else None


def execute(source, name, variables):
    """Runs the cell and shows its last expression, as a notebook does: that is compiled
    when all else has run, and so are the warnings that its compiling gives."""
    tree, last = split_display(source, name)
    try:
        exec(compile(tree, name, "exec"), variables)
        if last is not None:
            value = eval(compile(ast.Expression(last), name, "eval"), variables)
            if value is not None:
                print(repr(value))
    except Exception as error:
        print(message_line(type(error).__name__, str(error)))


def run(source, name, variables):
    """What the cell prints."""
    printed = io.StringIO()

    def on_warning(message, category, *_args, **_kwargs):
        print(message_line(category.__name__, str(message)), file=printed)

    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = on_warning
        execute(source, name, variables)
    return ADDRESS.sub("0x...", printed.getvalue())


def run_notebook(directory, names, done):
    """Runs the cells in order and gives each one's text to `done`."""
    import torch

    config = os.path.join(directory, "notebook.yaml")
    seed = int(load(config).get("seed", 0)) if os.path.exists(config) else 0
    torch.manual_seed(seed)
    variables = {"__name__": "__main__", "torch": torch}
    for name in names:
        path = os.path.join(directory, name)
        try:
            cell = load(path)
            if "skip" in cell:
                continue
            text = run(python_of(cell), name, variables)
        except (BadCell, KeyError, yaml.YAMLError) as error:
            raise SystemExit("%s: %s" % (path, error))
        if "xfail" not in cell:
            done(name, text)


# --- files ------------------------------------------------------------------------------


def natural(name):
    parts = re.split(r"(\d+)", name)
    return [int(part) if part.isdigit() else part for part in parts]


def notebooks(root):
    for directory, inner, files in os.walk(root):
        inner.sort(key=natural)
        cells = [f for f in files if f.endswith(".yaml") and f != "notebook.yaml"]
        if cells:
            yield directory, sorted(cells, key=natural)


def read(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def compare(path, text, write):
    """Names and, if told to, writes a text that is not the one there. True if so."""
    if read(path) == text:
        return False
    print(path, flush=True)
    if write:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    return True


def in_child(work):
    """Runs work() in a process of its own; what it gives back is the exit status."""
    pid = os.fork()
    if pid == 0:
        status = 2
        try:
            status = work()
        except SystemExit as error:
            print(error, file=sys.stderr)
        finally:
            sys.stdout.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def go_through(cells, expected, write):
    import torch

    if not torch.__version__.startswith("1.13."):  # Debian's 1.13.1 says 1.13.0a0
        raise SystemExit("PyTorch %s is not 1.13" % torch.__version__)
    worst = 0
    for directory, names in notebooks(cells):
        place = os.path.normpath(os.path.join(expected, os.path.relpath(directory, cells)))

        def work():
            changed = []

            def done(name, text):
                path = os.path.join(place, name[: -len(".yaml")] + ".txt")
                changed.append(compare(path, text, write))

            run_notebook(directory, names, done)
            return int(any(changed))

        worst = max(worst, in_child(work))
    return 0 if write and worst == 1 else worst


def main(arguments):
    sys.setrecursionlimit(100000)
    if len(arguments) == 3 and arguments[0] in ("write", "check"):
        return go_through(arguments[1], arguments[2], arguments[0] == "write")
    if len(arguments) == 2 and arguments[0] == "source":
        print(python_of(load(arguments[1])), end="")
        return 0
    raise SystemExit(__doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
