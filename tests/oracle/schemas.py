#!/usr/bin/python3
"""Holds the schema of every operator to PyTorch's own. Speaks TAP.

usage: schemas.py AUTOCELL

An operator is right when one of torch._C._jit_get_all_schemas() has its name and the
same parameters (names, types, defaults, order, which are by keyword only) and results.
What PyTorch has no schema of, or another one than its parser of arguments, stands in
OWN with the reason.  Without PyTorch 1.13 there is nothing to compare: it skips.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz"))
from random_calls import schemas  # noqa: E402

# Operators whose schema is not PyTorch's: why.
OWN = {
    "__matmul__": "PyTorch binds it to matmul in Python",
    "add.factor": "deprecated, in the parser alone", "sub.factor": "as add.factor",
    "addcdiv.factor": "as add.factor", "addcmul.factor": "as add.factor",
    "addmm.factor": "as add.factor", "addmm.factors": "as add.factor",
    "addmv.factor": "as add.factor", "addmv.factors": "as add.factor",
    "addr.factor": "as add.factor", "addr.factors": "as add.factor",
    "addbmm.factor": "as add.factor", "addbmm.factors": "as add.factor",
    "baddbmm.factor": "as add.factor", "baddbmm.factors": "as add.factor",
    "copy_.async": "as add.factor", "copy_": "the parser says other",
    "nonzero.as_tuple": "in the parser alone",
    "nonzero.function": "as nonzero.as_tuple", "norm": "Tensor.norm, in Python",
    "norm.number": "as norm", "to.device": "the parser's own", "to.dtype": "as to.device",
    "to.other": "as to.device", "where": "Tensor.where: self first",
}

# The same thing in other words.
WORDS = [(r"\((a|b|c)!?( -> \*)?\)", ""), (r"\bSymInt\b", "int"), (r"\"", "'"),
         (r"\b(Layout|MemoryFormat|ScalarType)\b", "int"), (r"\bMean\b", "1"), (r"=long\b", "=4"),
         (r"\bDimname\b", "str"), (r"\[\d+\]( |\?)", r"[]\1"), (r"\bfloat\b", "Scalar"),
         (r"\bcontiguous_format\b", "0"), (r"=\[(-?\d+)(, \1)*\]", r"=\1"), (r",(?! )", ", ")]
DEFAULT = re.compile(r"=(-?\d[\d.e+-]*)")


def plain(schema):
    """(name without overload, parameters, kinds of results)."""
    for pattern, word in WORDS:
        schema = re.sub(pattern, word, schema)
    schema = DEFAULT.sub(lambda m: "=%g" % float(m.group(1)), schema)
    name, rest = re.match(r"([\w.]+)(.*)", schema).groups()
    inner, _, results = rest.rpartition(" -> ")
    kinds = [r.split()[0] for r in results.strip("()").split(", ") if r]
    return name.partition(".")[0], inner, kinds


def main(autocell):
    try:
        import torch
    except ImportError:
        torch = None
    if not torch or not torch.__version__.startswith("1.13."):
        print("1..0 # SKIP PyTorch 1.13 (python3-torch) is not installed")
        return 0
    theirs = [str(s).partition("::")[2] for s in torch._C._jit_get_all_schemas()
              if s.name.startswith("aten::")]
    known = {}
    for text in theirs:
        name, inner, kinds = plain(text)
        known.setdefault(name, []).append((inner, kinds, text))
    ours, failed = schemas(autocell), 0
    print("1..%d" % len(ours))
    for i, text in enumerate(ours, 1):
        name, inner, kinds = plain(text)
        right = any((inner, kinds) == k[:2] for k in known.get(name, []))
        full = text.partition("(")[0]
        if full in OWN:
            right = True
        failed += not right
        print("%s %d - %s" % ("ok" if right else "not ok", i, full))
        if not right:
            print("# here:    " + text)
            for k in known.get(name, []):
                print("# PyTorch: " + k[2])
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
