#!/usr/bin/env python3
"""Calls of operators of neural networks, for test_nn_ops: runs each under PyTorch and
writes what it printed.

    tests/oracle/nn_cases.py > tests/core/nn_cases.inc        (PyTorch 1.13.1)

A variable is its name: x_2_3 is of kind x and shape [2, 3]; its elements follow a formula
that test_nn_ops.c has too. A call is shown with the gradients for ones of every leaf that
it names, and with the gradients of the sum of squares of each of those.
"""
import re
import warnings

import case_table
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
    "losses":
        calls(("mse_loss",), (
            "x_2_3, y_2_3, 0", "x_2_3, y_2_3", "x_2_3, y_2_3, 2", "x, y", "x_0, y_0",
            "i_3, j_3", "i_3, j_3, 0", "m_3, m_3", "x_3, j_3", "x_2, y_3",
            "f_3, g_3, 0, out=h_3", "f_3, g_3, out=g_2", "n_6, g_6, 0")) +
        calls(("smooth_l1_loss",), (
            "x_2_3, y_2_3, 0", "x_2_3, y_2_3", "x_2_3, y_2_3, 2", "x, y", "x_0, y_0",
            "i_3, j_3", "i_3, j_3, 0", "m_3, m_3", "x_3, j_3", "x_2, y_3",
            "f_3, g_3, 0, out=h_3", "f_3, g_3, out=g_2", "n_6, g_6, 0", "x_5, y_5, 0, 0.5",
            "x_5, y_5, 0, 0", "x_5, y_5, 1, -1")) +
        calls(("huber_loss",), (
            "x_2_3, y_2_3, 0", "x_2_3, y_2_3", "x_2_3, y_2_3, 2", "x, y", "x_0, y_0",
            "i_3, j_3", "i_3, j_3, 0", "m_3, m_3", "x_3, j_3", "x_2, y_3",
            "f_3, g_3, 0, out=h_3", "f_3, g_3, out=g_2", "n_6, g_6, 0", "x_5, y_5, 0, 0.5",
            "x_5, y_5, 1, 0")) +
        calls(("l1_loss",), (
            "x_2_3, y_2_3, 0", "x_2_3, y_2_3", "x_2_3, y_2_3, 2", "x, y", "x_0, y_0",
            "x_2_3, y_3", "i_3, j_3", "i_3, j_3, 0", "m_3, m_3", "x_3, d_3", "x_3, j_3",
            "x_2, y_3", "f_3, g_3, 0, out=h_3", "f_3, g_3, out=g_2", "n_6, g_6, 0")),
    "entropies":
        calls(("binary_cross_entropy",), (
            "q_2_3, p_2_3", "q_2_3, p_2_3, None, 0", "q_2_3, p_2_3, None, 2",
            "q_2_3, p_2_3, f_3", "q_2_3, p_2_3, g_2_3, 0", "q, p", "q_0, p_0", "p_3, q_3",
            "p_3, f_3", "f_3, p_3", "i_3, p_3", "j_3, j_3", "h_3, h_3", "b_3, b_3",
            "p_3, p_3, w_3", "p_3, d_3", "n_6, p_6", "p_3, p_3, d_3", "p_3, p_3, out=h_3")) +
        calls(("binary_cross_entropy_with_logits",), (
            "x_2_3, p_2_3", "x_2_3, q_2_3, None, None, 0", "x_2_3, q_2_3, f_3, None, 2",
            "x_2_3, q_2_3, None, g_3, 0", "x_2_3, q_2_3, f_3, g_3", "x, p", "x_0, p_0",
            "i_3, p_3", "h_3, h_3", "b_3, b_3", "m_3, p_3", "x_3, d_3", "x_3, q_3, w_3",
            "x_3, q_3, None, w_3", "n_6, p_6, None, None, 0", "x_2_3, p_2_3, f_2"), "torch.") +
        calls(("kl_div",), (
            "x_2_3, q_2_3", "x_2_3, q_2_3, 0", "x_2_3, y_2_3, 2, log_target=True", "x, q",
            "x_0, q_0", "i_3, p_3", "x_3, i_3", "x_2_3, q_3", "h_3, h_3",
             "x_3, f_3, 0"), "torch.") +
        calls(("poisson_nll_loss",), (
            "x_2_3, q_2_3, True, False, 1e-8, 1", "q_2_3, p_2_3, False, False, 1e-8, 0",
            "i_3, j_3, True, True, 1e-8, 0", "x_3, q_3, True, False, 1e-8, 3"), "torch.") +
        calls(("soft_margin_loss",), (
            "x_2_3, f_2_3", "x_2_3, f_3, 0", "x_2_3, f_2_3, 2", "x, f", "x_0, f_0",
            "i_3, f_3", "x_3, i_3", "x_3, d_3", "x_3, y_3", "f_3, g_2_3", "b_3, b_3",
            "m_3, f_3", "f_3, g_3, out=h_3")),
    "classes":
        calls(("nll_loss_nd",), (
            "x_4_3, i_4", "x_4_3, i_4, f_3", "x_4_3, i_4, f_3, 0", "x_4_3, i_4, f_3, 2",
            "x_4_3, i_4, None, 1, 1", "x_4_3, i_4, f_3, 1, 0", "x_4_3, i_4, None, 0, 2",
            "x_3, i", "x_3, i, f_3, 0", "x_0_3, i_0", "x_0_3, i_0, None, 2",
            "x_0_3, i_0, None, 0", "x_2_3_4, i_2_4", "x_2_3_4, i_2_4, f_3, 0",
            "x_2_3_2_2, i_2_2_2, f_3", "x_2_3_2_2, i_2_2_2, None, 0, 1",
            "x_2_3_2_2, i_2_2_2, None, 2", "x_2_3_1_2_2, i_2_1_2_2",
            "x_2_3_1_2_2, i_2_1_2_2, None, 0", "x_2_3_0, i_2_0", "x_4_2, i_4", "x_4_3, i_3",
            "x_4_3, i", "x, i")) +
        calls(("cross_entropy_loss",), (
            "x_4_3, i_4", "x_4_3, i_4, f_3", "x_4_3, i_4, p_3, 0", "x_4_3, i_4, p_3, 2, 1",
            "x_4_3, i_4, None, 1, 1, 0.2", "x_4_3, i_4, p_3, 1, 1, 0.2",
            "x_4_3, i_4, p_3, 0, -100, 0.2", "x_4_3, i_4, None, 2, -100, 0.2", "x_3, i",
            "x_3, i, None, 1, -100, 0.3", "x_2_3_2, i_2_2", "x_2_3_2, i_2_2, p_3, 1, 0, 0.2",
            "x_4_3, q_4_3", "x_4_3, q_4_3, p_3", "x_4_3, q_4_3, p_3, 0",
            "x_4_3, q_4_3, None, 2, -100, 0.2", "x_4_3, q_4_3, p_3, 1, -100, 0.2",
            "x_3, q_3", "x_2_3_2, q_2_3_2", "x_2_3_2, q_2_3_2, p_3, 0, -100, 0.1",
            "x_0_3, i_0", "x_0_3, q_0_3", "x_0_3, i_0, None, 1, -100, 0.1", "i_4_3, i_4")),
    "margins":
        calls(("margin_ranking_loss",), (
            "x_2_3, y_2_3, f_2_3", "x_3, y_3, f_3, 0.5, 0", "x_3, y_3, w_3, 0.5, 2",
            "x, y, f", "i_3, j_3, i_3", "h_3, h_3, h_3", "x_2_3, y_3, f_3"), "torch.") +
        calls(("hinge_embedding_loss",), (
            "x, i", "x_3, f_3", "h_3, j_3"), "torch.") +
        calls(("cosine_embedding_loss",), (
            "x_4_3, y_4_3, j", "x_3, y_3, j_1", "x_4_3, y_4_3, j_4_1",
             "x_4_3, y_3, j_4"), "torch.") +
        calls(("triplet_margin_loss",), (
            "x_2_3, y_2_3, w_2_3", "x_3, y_3, w_3", "x_2_3, y_3, w_2_3",
            "x_2_3, y_2_3, w_2_3, 1., inf, 1e-6, False, 2", "i_2_3, i_2_3, j_2_3",
            "x_2_3, y_2_3, w_2_3, 1., 3., 1e-6, True, 1"), "torch.") +
        calls(("multi_margin_loss",), (
            "x_4_3, i_4", "x_4_3, i_4, 2, 0.5", "x_4_3, i_4, 1, 1, p_3, 0",
            "x_4_3, i_4, 2, 1, f_3, 2", "x_3, i", "x_3, i, 1, 1, None, 0",
            "x_3, i_1, 1, 1, None, 0", "x, j", "x_4_3, i_3", "x_4_2, i_4", "x_4_3, i_4, 3",
            "h_4_3, i_4", "i_4_3, i_4", "x_4_3, i_4, 1, 1, d_3", "x_4_3, i_4, 1, 1, w_3",
            "x_2_3_2, i_2", "x_4_0, i_4", "d_4_3, i_4", "x_4_3, i_4, True")) +
        calls(("multilabel_margin_loss",), (
            "x_2_3, i_2_3, 2", "x_3, i_3", "x, i", "x_2_3, i_2", "x_3, i_2", "i_3, i_3",
            "h_3, i_3", "x_2_3_1, i_2_3_1")) +
        calls(("pairwise_distance",), (
            "x_2_3, y_2_3", "x_2_3, y_3, 1", "x_2_3, y_2_3, 3, 0.5, True", "x_3, y_3",
            "x_3, y_2", "x_2_3, y_2_3, inf", "i_3, j_3", "x, y", "x_2_0, y_2_0"), "torch.") +
        calls(("cosine_similarity",), (
            "x_2_3, y_2_3", "x_2_3, y_3", "x_2_3, y_2_3, 0", "x_3, y_3, 0", "x_3, y_3, 1",
            "x_2_3, y_2_2", "i_2_3, j_2_3", "x_2_3, d_2_3", "h_2_3, h_2_3", "b_2_3, b_2_3",
            "x_2_3, y_2_3, 1, 10.", "x_2_1_3, y_4_3, -1", "x_2_0, y_2_0"), "torch.") +
        calls(("bilinear",), (
            "x_4_3, y_4_2, w_5_3_2", "x_3, y_2, w_1_3_2", "x_2_2_3, y_2_2_2, w_2_3_2, f_2",
            "x_4_3, y_2, w_5_3_2", "x_4_3, y_3_2, w_5_3_2", "x_4_2, y_4_2, w_5_3_2",
            "x_4_3, y_4_3, w_5_3_2", "x_4_3, y_4_2, w_5_3_2, f_4", "i_4_3, i_4_2, i_5_3_2",
            "h_4_3, h_4_2, h_5_3_2", "x_4_3, d_4_2, w_5_3_2", "x_4_3, y_4_2, w_3_2",
            "x, y, w_1_1_1", "x_0_3, y_0_2, w_5_3_2", "m_4_3, m_4_2, m_5_3_2"), "torch."),
    "embeddings":
        calls(("embedding",), (
            "x_4_3, i_5", "x_4_3, i_2_3", "x_4_3, i", "x_4_3, i_5, 1",
            "x_4_3, i_2_2, 2, True", "x_4_3, i_5, -1, True", "x_2_3, i_5", "x_4_3, i_2_0",
            "x_4_3, f_2", "x_4_3, m_2", "x_3, i_2", "i_4_3, i_5", "h_4_3, i_5",
             "b_4_3, i_5"), "torch.") +
        calls(("one_hot",), (
            "i_3", "i_2_3", "i", "i_3, 5", "i_3, 2", "f_3", "i_0", "i_0, 3", "i_3, 0",
            "i_3, -2", "m_3")),
    "norms":
        calls(("batch_norm",), (
            "d_4_3, None, None, None, None, True, 0.1, 1e-5, True",
            "x_0_3, w_3, y_3, f_3, p_3, True, 0.1, 1e-5, True",
            "x_2_3_2, w_2, None, f_3, p_3, True, 0.1, 1e-5, True",
            "x_2_3_2, None, None, f_2, p_3, True, 0.1, 1e-5, True",
            "i_2_3, None, None, f_3, p_3, True, 0.1, 1e-5, True",
            "h_2_3, None, None, h_3, h_3, True, 0.1, 1e-5, True",
            "d_4_3, None, None, f_3, p_3, True, 0.1, 1e-5, True",
            "x_2_3_2, None, None, w_3, p_3, True, 0.1, 1e-5, True",
            "d_4_3, None, None, None, None, False, 0.1, 1e-5, True",
            "x_0_3, w_3, y_3, f_3, p_3, False, 0.1, 1e-5, True",
            "x_2_3_2, w_2, None, f_3, p_3, False, 0.1, 1e-5, True",
            "x_2_3_2, None, None, f_2, p_3, False, 0.1, 1e-5, True",
            "i_2_3, None, None, f_3, p_3, False, 0.1, 1e-5, True",
            "h_2_3, None, None, h_3, h_3, False, 0.1, 1e-5, True",
            "d_4_3, None, None, f_3, p_3, False, 0.1, 1e-5, True",
            "x_2_3_2, None, None, w_3, p_3, False, 0.1, 1e-5, True"), "torch.") +
        calls(("native_batch_norm",), (
            "x_4_3, w_3, y_3, None, None, True, 0.1, 1e-5",
            "f_4_3, f_3, g_3, g_3, p_3, False, 0.1, 1e-5"), "torch.") +
        calls(("instance_norm",), (
            "x_2_3_4, None, None, None, None, True, 0.1, 1e-5, True",
            "x_2_3_4, w_3, y_3, None, None, True, 0.1, 1e-5, True",
            "x_2_3_4, None, None, None, None, False, 0.1, 1e-5, True",
            "x_2_3_4, w_2, None, None, None, True, 0.1, 1e-5, True",
            "x_3, None, None, None, None, True, 0.1, 1e-5, True",
            "i_2_3_4, None, None, None, None, True, 0.1, 1e-5, True",
            "h_2_3_4, None, None, None, None, True, 0.1, 1e-5, True"), "torch.") +
        calls(("layer_norm",), (
            "x_2_3_4, (4,)", "x_2_3_4, (4,), w_4", "x_2_3_4, (4,), w_4, y_4",
            "x_2_9, (9,), w_9, y_9", "x_40, (40,)", "d_2_3, (3,)", "x_0_3, (3,), w_3, y_3",
            "x_2_3, (2,)", "x_2_3, ()", "x_2_3, (3,), w_2", "x_2_3, (3,), w_3, y_2",
            "i_2_3, (3,)", "h_2_3, (3,)", "x_2_3, (3,), d_3", "x, (1,)",
            "x_2_3, (3,), None, y_3", "x_2_3, 3"), "torch.") +
        calls(("native_layer_norm",), (
            "x_2_3, (3,), w_3, y_3, 1e-5",), "torch.") +
        calls(("group_norm",), (
            "x_2_4_3, 2", "x_2_4_3, 2, w_4", "x_2_4_3, 2, w_4, y_4", "x_2_4_3, 4, w_4, y_4",
            "x_2_4, 2, w_4, y_4", "x_2_4_2_2, 2, w_4, y_4, 0.1", "x_0_4, 2, w_4, y_4",
            "x_2_4_3, 3", "x_2_4_3, 0", "x_2_4_3, 2, w_3", "x_2_4_3, 2, w_4, y_3",
            "x_2_4_3, 2, None, y_3", "x_4, 2", "i_2_4_3, 2", "h_2_4_3, 2",
             "x_2_4_3, 2, d_4"), "torch.") +
        calls(("native_group_norm",), (
            "x_2_4_3, w_4, y_4, 2, 4, 3, 2, 1e-5",), "torch.") +
        calls(("renorm",), (
            "x_2_3, 2, 0, 1", "x_2_3, 1, 1, 0.5", "x_2_3_2, inf, 1, 0.5",
            "x_2_3, 3, -1, 1.5", "x_2_3, 0, 0, 1", "x_2_3, 2, 0, -1", "x_3, 2, 0, 1",
            "x_2_3, 2, 2, 1", "i_2_3, 2, 0, 1", "h_2_3, 2, 0, 1", "b_2_3, 2, 0, 1",
            "d_2_3, 2, 0, 1", "x_0_3, 2, 0, 1", "f_2_3, 2, 0, 1, out=g_2_3"), "torch."),
    "sequences":
        calls(("ctc_loss",), (
            "x_4_2_3, j_1_1_1, (4, 4), (2, 1)",), "torch."),
}


if __name__ == "__main__":
    case_table.write("nn_cases.py", CASES, answer)
