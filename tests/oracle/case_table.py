"""What op_cases.py and nn_cases.py write: calls by groups, with PyTorch's answers, in C."""

import sys


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write(script, groups, answer, out=sys.stdout):
    print(f"/* Written by tests/oracle/{script}; not edited by hand. */\n"
          "/* clang-format off */", file=out)
    for group, calls in groups.items():
        print(f"\nstatic const OpCase {group}_cases[] = {{", file=out)
        for call in calls:
            print("    {" + quoted(call) + ",\n     " + quoted(answer(call)) + "},", file=out)
        print("    {NULL, NULL},\n};", file=out)
    print("\n#define OP_GROUPS(X) " + " ".join(f"X({g})" for g in groups), file=out)
    print("/* clang-format on */", file=out)
