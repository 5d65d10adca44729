#!/usr/bin/env python3
"""Calls of operators of neural networks, for test_nn_ops: runs each under PyTorch and
writes what it printed.

    tests/oracle/nn_cases.py > tests/core/nn_cases.inc        (PyTorch 1.13.1)

A variable is its name: x_2_3 is of kind x and shape [2, 3]; its elements follow a formula
that test_nn_ops.c has too. A call is shown with the gradients for ones of every leaf that
it names, and with the gradients of the sum of squares of each of those.
"""
import re
import sys
import warnings

import torch

warnings.simplefilter("ignore")
inf, nan = float("inf"), float("nan")


def wave(seed):
    return lambda i: ((i * 37 + seed * 11) % 64 - 31.5) / 16


def share(seed):
    return lambda i: ((i * 37 + seed * 11) % 64 + 0.5) / 64


STRANGE = (nan, inf, -inf, 0.0, -0.0, 1.5)
# dtype, requires_grad, element i
KINDS = {
    "x": (torch.float32, True, wave(1)), "y": (torch.float32, True, wave(2)),
    "w": (torch.float32, True, wave(3)), "d": (torch.float64, True, wave(4)),
    "f": (torch.float32, False, wave(4)), "g": (torch.float32, False, wave(5)),
    "h": (torch.float16, False, wave(4)), "b": (torch.bfloat16, False, wave(4)),
    "p": (torch.float32, False, share(6)), "q": (torch.float32, True, share(7)),
    "i": (torch.int64, False, lambda i: i * 7 % 3),
    "j": (torch.int64, False, lambda i: i * 5 % 2),
    "m": (torch.bool, False, lambda i: i * 3 % 2),
    "n": (torch.float32, False, lambda i: STRANGE[i % 6]),
}


class Variables(dict):
    """Makes a variable when it is first named."""

    def __missing__(self, name):
        if not re.fullmatch(r"[a-z](_\d+)*", name) or name[0] not in KINDS:
            raise KeyError(name)
        dtype, requires_grad, element = KINDS[name[0]]
        sizes = [int(n) for n in name.split("_")[1:]]
        count = torch.Size(sizes).numel()
        t = torch.tensor([element(i) for i in range(count)], dtype=dtype).reshape(sizes).clone()
        self[name] = t.requires_grad_() if requires_grad else t
        return self[name]

    def leaves(self):
        return [(name, t) for name, t in self.items() if t.requires_grad]


def gradient(root, seed, leaf):
    return torch.autograd.grad(root, leaf, seed, retain_graph=True, create_graph=True,
                               allow_unused=True)[0]


def gradients(result, env):
    if isinstance(result, tuple):
        result = result[0]
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return
    for name, leaf in env.leaves():
        grad = gradient(result, torch.ones_like(result), leaf)
        yield f"{name}: {grad!r}"
        if grad is None or not grad.requires_grad:
            continue
        root = (grad * grad).sum()
        for other, t in env.leaves():
            yield f"{name} {other}: {gradient(root, torch.ones_like(root), t)!r}"


def answer(call):
    env = Variables()
    shown = []
    try:
        result = eval(call, {"torch": torch, "inf": inf, "nan": nan}, env)
        shown.append(repr(result))
        shown.extend(gradients(result, env))
    except Exception as e:  # noqa: BLE001 what PyTorch raises is the answer
        shown.append(f"{type(e).__name__}: {e}")
    return "\n".join(shown)


def calls(names, arguments, prefix="torch._C._nn."):
    return [f"{prefix}{name}({a})" for name in names for a in arguments]


NN_FLOATS = ("relu6", "leaky_relu", "elu", "silu", "mish", "gelu", "softplus", "hardtanh",
             "hardsigmoid", "hardswish", "softshrink", "log_sigmoid")
NN_WRITTEN = ("relu6_", "leaky_relu_", "elu_", "silu_", "gelu_", "hardtanh_", "hardswish_")

CASES = {
    "activation": calls(NN_FLOATS, ("x_2_3", "n_6", "i_3", "h_3", "b_4", "x_0", "x")) +
    calls(("relu", "selu", "celu", "hardshrink", "rrelu"),
          ("x_2_3", "n_6", "i_3", "h_3", "b_4"), "torch.") +
    calls(NN_WRITTEN, ("x_3", "f_2_3", "i_3")) + calls(("relu_", "selu_", "celu_"),
                                                       ("x_3", "f_2_3"), "torch.") + [
        "torch._C._nn.leaky_relu(x_5, 0.25)", "torch._C._nn.elu(x_5, 1.5, 0.5, 2)",
        "torch._C._nn.elu_(f_5, 1.5, 0.5, 2)", "torch.celu(x_5, 0.5)", "torch.celu(x_5, 0)",
        "torch._C._nn.gelu(x_5, approximate='tanh')",
        "torch._C._nn.gelu(x_5, approximate='sin')", "torch._C._nn.softplus(x_5, 2, 1.5)",
        "torch._C._nn.hardtanh(x_5, -0.5, 1.5)", "torch._C._nn.hardtanh(i_3, -0.5, 1.5)",
        "torch._C._nn.hardtanh(m_3)", "torch.hardshrink(x_5, 1)", "x_5.hardshrink(0.25)",
        "torch._C._nn.softshrink(x_5, 1)", "torch._C._nn.softshrink(x_5, -1)",
        "torch.threshold(x_5, 0.5, 7)", "torch.threshold(i_5, 1, 7)",
        "torch.threshold_(f_5, 0.5, 7)", "torch.threshold(m_3, 0, 1)",
        "torch._C._nn.glu(x_2_4)", "torch._C._nn.glu(x_4_2, 0)", "torch._C._nn.glu(x_3)",
        "torch._C._nn.glu(x)", "torch._C._nn.glu(x_4, 1)", "torch._C._nn.glu(i_4)",
        "torch.prelu(x_2_3, w_3)", "torch.prelu(x_2_3, w_1)", "torch.prelu(x_2_3_2, w_3)",
        "torch.prelu(x_3, w_1)", "torch.prelu(x, w_1)", "torch.prelu(x_2_3, w)",
        "torch.prelu(x_2_3, w_2)", "torch.prelu(x, w_3)", "torch.prelu(x_2_3, w_3_1)",
        "torch.prelu(x_2_3, d_3)", "torch.prelu(f_2_3, w_3)", "torch.prelu(x_2_3, f_3)",
        "torch.rrelu(x_5, 0.5, 0.25)", "torch._C._nn.rrelu_with_noise(x_3, f_3)",
        "torch.relu(m_3)", "x_3.relu()", "torch._C._nn.elu(f_3, out=g_3)",
        "torch._C._nn.elu(f_3, out=h_3)", "torch._C._nn.log_sigmoid(f_3, out=g_3)",
    ],
}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(out=sys.stdout):
    print("/* Written by tests/oracle/nn_cases.py; not edited by hand. */\n"
          "/* clang-format off */", file=out)
    for group, group_calls in CASES.items():
        print(f"\nstatic const OpCase {group}_cases[] = {{", file=out)
        for call in group_calls:
            print("    {" + quoted(call) + ",\n     " + quoted(answer(call)) + "},", file=out)
        print("    {NULL, NULL},\n};", file=out)
    print("\n#define OP_GROUPS(X) " + " ".join(f"X({g})" for g in CASES), file=out)
    print("/* clang-format on */", file=out)


if __name__ == "__main__":
    main()
