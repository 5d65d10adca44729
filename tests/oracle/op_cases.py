#!/usr/bin/env python3
"""Calls of operators, for test_ops: runs each under PyTorch and writes what it printed.

    tests/oracle/op_cases.py > tests/core/op_cases.inc        (PyTorch 1.13.1)

A call is shown with the gradients of x, y and X for ones as the gradient of its result;
an exception as its type and text.
"""
import warnings

import case_table
import torch

warnings.simplefilter("ignore")
inf, nan = float("inf"), float("nan")


def variables():
    t = torch.tensor
    return {
        "f": t([1., 2, 3]), "g": t([-1.5, 0, 0.25]),
        "d": t([0.5, -2, 3], dtype=torch.float64),
        "h": t([0.5, -1.5, 2], dtype=torch.float16),
        "bf": t([0.5, -1.5, 2], dtype=torch.bfloat16),
        "i": t([1, -2, 3]), "s": t([7, 0, -5], dtype=torch.int32),
        "u": t([1, 200, 3], dtype=torch.uint8), "b": t([True, False, True]),
        "n": t([nan, inf, -inf, 0, -0.0, 1.5]),
        "m": t([[1., 5, 2], [4, 3, 6]]), "k": t([[3, 1, 2], [2, 1, 3]]),
        "col": t([[10.], [20]]), "e": t([]), "two": t([1., 2]),
        "z": t(2.5), "zd": t(0.1, dtype=torch.float64), "zi": t(3),
        "x": t([0.5, -1.5, 2], requires_grad=True),
        "y": t([2, 3, 0.25], requires_grad=True),
        "X": t([[0.5, -1, 2], [4, 0.25, -3]], requires_grad=True),
    }


LEAVES = ("x", "y", "X")
BINARY = ("add", "sub", "mul", "div", "remainder", "fmod", "pow", "floor_divide")
PAIRS = ("f, g", "f, i", "i, s", "u, i", "b, i", "h, f", "h, d", "bf, h", "f, d", "f, zd",
         "i, z", "i, 2", "i, 2.5", "f, 3", "u, 300", "u, -1", "b, 2", "b, True", "b, b",
         "m, col", "m, two", "col, f", "n, 1", "e, 1", "z, zd", "zi, z", "x, y", "X, y",
         "x, 3", "X, z", "x, d", "x, 0.5", "x, f", "f, x")
FLOATS = ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt",
          "reciprocal", "sigmoid", "erf", "erfc", "sin", "cos", "tan", "asin", "acos", "atan",
          "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "abs", "sign", "sgn", "neg",
          "floor", "ceil", "round", "trunc", "frac", "square", "positive", "arccos",
          "absolute", "negative", "fix")
def reduction(op, args):
    """The call; norm as a method, since torch.norm is written in Python."""
    if op != "norm":
        return f"torch.{op}({args})"
    self, _, rest = args.partition(", ")
    return f"{self}.norm({rest})"


COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
REDUCTIONS = ("sum", "mean", "prod", "var", "std", "max", "min", "argmax", "argmin", "all",
              "any", "nansum", "nanmean", "norm", "median", "nanmedian", "amax", "amin",
              "aminmax", "count_nonzero", "std_mean", "var_mean")

CASES = {
    "arithmetic": [f"torch.{op}({pair})" for op in BINARY for pair in PAIRS] + [
        "torch.add(f, g, alpha=2)", "torch.add(i, i, alpha=1.5)", "torch.add(b, b, alpha=2)",
        "torch.add(i, i, alpha=True)", "torch.add(b, b, alpha=True)",
        "torch.add(u, u, alpha=300)", "torch.add(x, y, alpha=2)", "torch.sub(x, y, alpha=3)",
        "torch.add(h, h, alpha=0.1)", "torch.sub(x, y, alpha=2.5)",
        "torch.add(f, two, alpha=1.5)", "torch.rsub(x, y)", "torch.rsub(x, 2)",
        "torch.rsub(x, 2, 3)", "torch.rsub(b, 1)", "torch.rsub(i, 1)",
        "x.add(y)", "f.add_(g)", "i.add_(1.5)", "f.mul_(d)", "i.div_(2)", "two.add_(m)",
        "f.sub_(i)", "f.pow_(2)", "i.pow_(0.5)", "i.pow_(f)", "f.div_(3)", "h.mul_(d)",
        "f.remainder_(3)", "f.floor_divide_(2)", "i.floor_divide_(2.5)", "f.neg_()",
        "torch.multiply(x, 2)", "torch.subtract(f, 1, alpha=2)", "torch.divide(x, y)",
        "torch.true_divide(i, 2)", "x.multiply(y)", "f.divide_(2)",
        "torch.div(f, g, rounding_mode='floor')", "torch.div(i, s, rounding_mode='trunc')",
        "torch.div(i, 2, rounding_mode='floor')", "torch.div(x, y, rounding_mode='trunc')",
        "torch.div(x, y, rounding_mode=None)", "torch.div(f, 2, rounding_mode='up')",
        "torch.divide(i, 2, rounding_mode='floor')", "torch.div(b, b, rounding_mode='floor')",
        "torch.div(i, 0, rounding_mode='trunc')", "torch.remainder(5, i)",
        "torch.remainder(5, x)", "torch.remainder(i, 0)", "torch.fmod(x, 2)",
        "torch.remainder(x, y)", "torch.pow(2, i)", "torch.pow(2, x)", "torch.pow(0, y)",
        "torch.pow(1, f)", "torch.pow(2.5, i)", "torch.pow(i, -1)", "torch.pow(x, 0)",
        "torch.pow(x, 1)", "torch.pow(x, 2)", "torch.pow(x, 3)", "torch.pow(y, 0.5)",
        "torch.pow(y, -0.5)", "torch.pow(y, -2)", "torch.pow(h, 3)", "torch.pow(h, 2)",
        "torch.pow(y, y)", "torch.float_power(i, 2)", "torch.float_power(x, 2)",
        "torch.float_power(2, x)", "torch.float_power(x, y)", "f.float_power_(2)",
        "d.float_power_(2)", "torch.addcmul(x, y, y, value=2)", "torch.addcmul(i, i, s)",
        "torch.addcmul(h, h, h)", "torch.addcmul(bf, bf, bf, value=0.5)",
        "torch.addcmul(f, x, y)", "torch.addcmul(b, b, b)", "torch.addcdiv(x, y, y)",
        "torch.addcdiv(x, x, y, value=3)", "torch.addcdiv(i, i, i)",
        "torch.addcdiv(h, h, h)", "torch.addcdiv(f, i, f)", "f.addcmul_(g, g)",
        "torch.lerp(x, y, 0.25)", "torch.lerp(x, y, y)", "torch.lerp(f, d, 0.5)",
        "torch.lerp(f, f, d)", "torch.lerp(i, i, 0.5)", "torch.lerp(h, h, 0.5)",
        "torch.lerp(x, y, 0.75)", "f.lerp_(g, 0.5)", "torch.neg(b)", "torch.neg(u)",
        "torch.add(2, f)", "torch.add(2, 3.5)", "torch.div(3, 2)", "torch.mul(2, x)",
        "torch.add(f)", "torch.add(f, 'a')", "torch.mul(f, g, alpha=2)", "f.add()",
        "torch.add(f, g, out=h)", "torch.add(f, g, out=i)", "torch.add(f, g, out=e)",
    ],
    "functions": [f"torch.{op}({v})" for op in FLOATS
                  for v in ("f", "n", "i", "b", "h", "bf", "u", "z", "e", "x", "y", "X")] + [
        "torch.round(f, decimals=1)", "torch.round(x, decimals=-1)",
        "torch.round(i, decimals=2)", "torch.round(h, decimals=1)", "f.exp_()", "i.exp_()",
        "i.sqrt_()", "f.sigmoid_()", "h.floor_()", "torch.exp(f, out=d)",
        "torch.exp(f, out=i)", "torch.exp_(f)", "torch.exp(2)", "torch.sqrt(x, y)",
    ],
    "special": [f"torch.{op}({v})" for op in ("lgamma", "digamma", "erfinv", "sinc", "logit",
                                              "deg2rad", "rad2deg", "angle", "nan_to_num")
                for v in ("f", "n", "i", "b", "h", "bf", "z", "e", "x", "y")] + [
        f"torch.{op}({pair})" for op in ("atan2", "hypot", "copysign", "heaviside", "gcd", "lcm",
                                         "logaddexp", "logaddexp2", "xlogy", "nextafter", "ldexp")
        for pair in ("f, g", "i, s", "b, b", "h, h", "f, d", "i, f", "x, y", "X, y", "m, two",
                     "n, n")] + [
        "torch.polygamma(2, y)", "torch.polygamma(0, y)", "torch.polygamma(-1, y)",
        "y.polygamma(1)", "f.polygamma_(1)", "torch.mvlgamma(f, 1)", "torch.mvlgamma(y, 0)",
        "torch.logit(x, 0.3)", "torch.copysign(x, -2)", "torch.copysign(i, 2.0)",
        "torch.xlogy(x, 2)", "torch.xlogy(2, y)", "torch.xlogy(x, 0)", "torch.arctan2(x, y)",
        "torch.nan_to_num(n, 1.0, 2.0, 3.0)", "f.atan2_(d)", "i.gcd_(s)", "i.atan2_(f)",
    ],
    "comparison": [f"torch.{op}({pair})" for op in COMPARISONS
                   for pair in ("f, g", "f, i", "u, i", "i, 1.5", "u, 257", "u, -1", "h, d",
                                "n, 0", "b, 1", "m, col", "m, two", "x, y", "zi, z", "f, zd")] + [
        "torch.eq(f, 'a')", "torch.lt(1, f)", "i.eq_(f)", "b.lt_(2)", "f.ne_(i)",
        "torch.eq(f, i, out=d)", "torch.greater(f, 1)", "f.less_equal(g)", "f.not_equal_(2)",
        "torch.isclose(f, f)", "torch.isclose(f, d)", "torch.isclose(i, s)",
        "torch.isclose(n, n)", "torch.isclose(n, n, equal_nan=True)",
        "torch.isclose(f, f, rtol=-1)", "torch.isclose(f, f, atol=-0.5)",
        "torch.isclose(i, i, atol=1)", "torch.isclose(f, g, rtol=0, atol=0)",
        "torch.allclose(f, g)", "torch.allclose(f, f)", "torch.allclose(f, two)",
        "torch.equal(f, d)", "torch.equal(f, f)", "torch.equal(f, two)", "torch.equal(n, n)",
        "torch.equal(f, 1)", "f.equal(f)",
    ] + [f"torch.{op}({pair})" for op in ("logical_and", "logical_or", "logical_xor")
         for pair in ("f, g", "b, i", "n, f", "h, bf", "n, n")] + [
        f"torch.{op}({v})" for op in ("logical_not", "isnan", "isinf", "isfinite", "isposinf",
                                      "isneginf", "signbit", "isreal", "bitwise_not")
        for v in ("n", "i", "b", "h", "u", "x")
    ] + [f"torch.{op}({pair})" for op in ("bitwise_and", "bitwise_or", "bitwise_xor",
                                          "bitwise_left_shift", "bitwise_right_shift")
         for pair in ("i, s", "u, 3", "3, i", "b, b", "f, f", "i, 1.5", "i, b", "u, i")] + [
        "i.__and__(3)", "i.__or__(s)", "b.__xor__(b)", "i.__lshift__(2)", "i.__rshift__(1)",
        "i.__iand__(6)", "i.__ilshift__(1)", "f.__and__(f)", "f.logical_and_(g)",
        "torch.logical_not(f, out=s)", "torch.isposinf(f, out=f)", "i.logical_not_()",
        "i.bitwise_xor_(3)",
    ],
    "choice": [f"torch.{op}({pair})" for op in ("maximum", "minimum", "fmax", "fmin")
               for pair in ("f, g", "f, i", "b, b", "b, i", "h, h", "n, n", "x, y", "x, x",
                            "X, y", "f, 1", "m, two", "u, i")] + [
        "torch.where(b, f, i)", "torch.where(b, x, y)", "torch.where(b, x, 0.0)",
        "torch.where(b, 1, 2)", "torch.where(b, 1.0, 2)", "torch.where(b, i, 2.5)",
        "torch.where(f, f, f)", "torch.where(u, f, f)", "torch.where(i, f, f)",
        "torch.where(b, h, 2.0)", "torch.where(b, f, two)", "torch.where(b, x, d)",
        "x.where(b, y)", "f.where(b, 0)", "torch.where(b, X, y)",
        "torch.where(b, True, False)", "torch.where(b, 2.5, i)",
    ] + [f"{v}.clamp({a})" for v in ("f", "i", "b", "h", "bf", "u", "n", "x", "X")
         for a in ("0, 2", "min=1", "max=1.5", "0.5, 1.5", "nan, 1", "min=nan", "2, 1",
                   "y, None", "None, y", "y, y", "", "None, None")] + [
        "i.clamp_(0.5)", "i.clamp_(0)", "u.clamp(-1, 300)", "u.clamp(0, 300)",
        "x.clamp_min(0)", "x.clamp_max(0)", "x.clamp_min(y)", "x.clamp_max(y)",
        "b.clamp_min(1)", "h.clamp_min(0)", "i.clamp_min(nan)", "torch.clip(x, 0, 1)",
        "x.clip(max=1)", "torch.clamp(f, 'a')", "x.clamp(y, 2)", "f.clamp_(d)", "f.clamp(two)",
        "h.clamp(h, h)", "h.clamp(min=h)", "b.clamp(b, b)", "b.clamp(min=b)",
        "x.clamp(y, x)",
    ],
    "reduction": [reduction(op, v) for op in REDUCTIONS
                  for v in ("f", "m", "i", "b", "h", "bf", "n", "u", "e", "z", "x", "X")] + [
        reduction(op, a) for op in REDUCTIONS
        for a in ("m, 0", "m, 1, True", "m, dim=-1", "m, 5", "X, 1", "X, 0, keepdim=True",
                  "k, 1", "b, 0", "z, 0", "m, (0, 1)", "m, []")
        # norm is written in Python; its TypeErrors speak of what it calls.
        if op != "norm" or a not in ("m, 1, True", "m, (0, 1)", "m, []")
    ] + [
        "torch.sum(i, dtype=torch.float64)", "torch.sum(f, dtype=torch.int32)",
        "torch.sum(X, (0, 1))", "torch.sum(X, (0, 0))", "torch.sum(u)", "torch.sum(X, None)",
        "torch.mean(i, dtype=torch.float32)", "torch.mean(i)", "torch.var(x, unbiased=False)",
        "torch.var(X, 1, False)", "torch.var(X, dim=1, correction=0)",
        "torch.std(X, dim=(0, 1), correction=2)", "torch.std(x, unbiased=True)",
        "torch.var(f, correction=3, dim=0)", "torch.std(X, 1, True, True)",
        "torch.var(i)", "torch.var_mean(X, 1)", "torch.std_mean(i)",
        "torch.var(z, unbiased=False)", "torch.std(X, dim=None, correction=0)",
        "X.norm(1)", "X.norm(3)", "X.norm(inf)", "X.norm(-inf)",
        "X.norm(0)", "X.norm(1.5)", "X.norm(0.5)", "X.norm(2, 1)",
        "X.norm(3, 1, True)", "X.norm('fro', (0, 1))", "X.norm(dim=1)",
        "X.norm('abc')", "i.norm()", "X.norm(dtype=torch.float64)",
        "X.norm(2, dtype=torch.float64)", "h.norm()", "X.norm(2, 0)", "X.norm()",
        "X.norm(inf, 0)", "X.norm(p=2, dim=1, keepdim=True)", "f.norm(True)",
        "torch.linalg.vector_norm(X)", "torch.linalg.vector_norm(X, 1, 1)",
        "torch.linalg.vector_norm(X, inf)", "torch.linalg.vector_norm(i)",
        "torch.dist(x, y)", "torch.dist(x, y, 1)", "torch.dist(x, y, inf)",
        "torch.dist(x, y, 3)", "torch.dist(x, f, 0)", "torch.dist(i, i)", "torch.dist(f, two)",
        "torch.frobenius_norm(f)", "torch.nansum(n)", "torch.nansum(X, 1)",
        "torch.nansum(f, dtype=torch.int64)", "torch.nanmean(X)", "torch.nanmean(i)",
        "torch.aminmax(X)", "m.aminmax(dim=1)", "m.aminmax(dim=0, keepdim=True)",
        "h.aminmax()", "e.aminmax()", "torch.max(m, 1)", "torch.min(X, 0)",
        "torch.max(x, y)", "torch.min(X)", "torch.argmax(m, 1)", "torch.argmin(m, 0, True)",
        "torch.mode(k)", "torch.mode(k, 0)", "torch.mode(X)", "torch.mode(z)",
        "torch.median(X, 1)", "torch.median(k, 0, True)", "torch.median(e)",
        "torch.logsumexp(X, 1)", "torch.logsumexp(X, (0, 1))", "torch.logsumexp(i, 0)",
        "torch.logsumexp(n, 0)", "torch.prod(X)", "torch.prod(X, 1)", "torch.prod(i)",
        "torch.all(m, 1)", "torch.any(n, 0)", "torch.all(u)",
    ] + [f"torch.{op}({a})" for op in ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp")
         for a in ("f, 0", "m, 1", "m, 0", "i, 0", "h, 0", "b, 0", "n, 0", "e, 0", "z, 0",
                   "x, 0", "X, 1", "X, 0", "f, 3", "X, -1")],
}


def gradients(result, env, call):
    if isinstance(result, tuple):
        result = result[0]
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return
    for name in sorted(LEAVES, key="xyX".index):
        if name not in call.used:
            continue
        grad, = torch.autograd.grad(result, env[name], torch.ones_like(result),
                                    retain_graph=True, create_graph=True, allow_unused=True)
        yield f"{name}: {grad!r}"


class Call(str):
    """The text of a call, with the leaves it uses."""

    @property
    def used(self):
        names = compile(self, "call", "eval").co_names
        return [n for n in LEAVES if n in names]


def answer(call):
    env = variables()
    shown = []
    try:
        result = eval(call, {"torch": torch, "inf": inf, "nan": nan}, env)
        shown.append(repr(result))
        shown.extend(gradients(result, env, call))
    except Exception as e:  # noqa: BLE001 what PyTorch raises is the answer
        shown.append(f"{type(e).__name__}: {e}")
    return "\n".join(shown)


if __name__ == "__main__":
    case_table.write("op_cases.py", CASES, lambda call: answer(Call(call)))
