#!/usr/bin/python3
"""Asks PyTorch what it says to calls, most of them wrong, and writes the answers as the
table of tests/core/test_bind_calls.c.

    tests/oracle/bind_cases.py > tests/core/bind_cases.inc        (PyTorch 1.13.1)

OPERATORS are rows as families declare them, in the order in which PyTorch tries them;
CALLS are Python text. An answer is "ok" when the call got past its arguments: what the
operator itself then says is not the binder's concern.
"""
import re
import sys
import warnings

import torch

# Forms and traits by letter: what the row offers.
FORMS = {"f": "OP_FUNCTION", "m": "OP_METHOD", "i": "OP_INPLACE", "o": "OP_OUT",
         "n": "OP_NN", "l": "OP_LINALG", "s": "OP_SPECIAL", "F": "OP_FUNCTION_INPLACE"}
TRAITS = {"#": "OP_NUMBERS_AS_TENSORS", "h": "OP_HIDDEN"}
OPTIONS = ("ScalarType? dtype=None, Layout? layout=None, Device? device=None, "
           "bool? pin_memory=None")

# letters (of FORMS and TRAITS; "-": no forward), schema
OPERATORS = """
fmo      exp(Tensor self) -> Tensor
fmiF     relu(Tensor self) -> Tensor
fmo      sigmoid(Tensor self) -> Tensor
fmio#    mul(Tensor self, Tensor other) -> Tensor
fmioh#   add.alpha(Tensor self, Scalar alpha, Tensor other) -> Tensor
fmio#    add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
fm       sum(Tensor self, *, ScalarType? dtype=None) -> Tensor
fmo      sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
fmo-     sum.dim_DimnameList(Tensor self, Dimname[1] dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor
fm       max(Tensor self) -> Tensor
fmo      max.other(Tensor self, Tensor other) -> Tensor
fmo      max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)
fmo-     max.names_dim(Tensor self, Dimname dim, bool keepdim=False) -> (Tensor values, Tensor indices)
fmo      pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor
fo       pow.Scalar(Scalar self, Tensor exponent) -> Tensor
fmo      pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor
m        view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a)
m        view(Tensor(a) self, SymInt[] size) -> Tensor(a)
m        expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)
fm       permute(Tensor(a) self, int[] dims) -> Tensor(a)
fm       reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)
fm       flip(Tensor self, int[] dims) -> Tensor
fm       roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor
fm       unsqueeze(Tensor(a) self, int dim) -> Tensor(a)
fm       squeeze(Tensor(a) self) -> Tensor(a)
fm       squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)
fm-      squeeze.dimname(Tensor(a) self, Dimname dim) -> Tensor(a)
fm       transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)
fm-      transpose.Dimname(Tensor(a) self, Dimname dim0, Dimname dim1) -> Tensor(a)
fm       std.correction(Tensor self, int[1]? dim, *, int? correction, bool keepdim=False) -> Tensor
m        where.self(Tensor condition, Tensor self, Tensor other) -> Tensor
fo       cat(Tensor[] tensors, int dim=0) -> Tensor
fo-      cat.names(Tensor[] tensors, Dimname dim) -> Tensor
fo       stack(Tensor[] tensors, int dim=0) -> Tensor
f-       zeros.names(int[] size, *, Dimname[]? names, OPTIONS) -> Tensor
fo       zeros(SymInt[] size, *, OPTIONS) -> Tensor
fo       arange(Scalar end, *, OPTIONS) -> Tensor
f        arange.start(Scalar start, Scalar end, *, OPTIONS) -> Tensor
fo       arange.start_step(Scalar start, Scalar end, Scalar step=1, *, OPTIONS) -> Tensor
fo       eye(int n, *, OPTIONS) -> Tensor
fo       eye.m(int n, int m, *, OPTIONS) -> Tensor
fo       linspace(Scalar start, Scalar end, int steps, *, OPTIONS) -> Tensor
f        zeros_like(Tensor self, *, OPTIONS, MemoryFormat? memory_format=None) -> Tensor
m        new_zeros(Tensor self, SymInt[] size, *, OPTIONS) -> Tensor
fmo      gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor
fmo-     gather.dimname(Tensor self, Dimname dim, Tensor index, *, bool sparse_grad=False) -> Tensor
fm       masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor
fm       masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor
fmo      clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor
fmo      clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor
fmo      softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor
fm-      softmax.Dimname(Tensor self, Dimname dim, *, ScalarType? dtype=None) -> Tensor
f        dropout(Tensor input, float p, bool train) -> Tensor
f        batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor
m        uniform_(Tensor(a!) self, float from=0, float to=1, *, Generator? generator=None) -> Tensor(a!)
no       gelu(Tensor self, *, str approximate="none") -> Tensor
no       mse_loss(Tensor self, Tensor target, int reduction=Mean) -> Tensor
no       avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor
n        upsample_nearest2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor
no       upsample_nearest2d(Tensor self, SymInt[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor
lo       linalg_det(Tensor A) -> Tensor
so       special_xlogy(Tensor self, Tensor other) -> Tensor
so       special_xlogy.self_scalar(Scalar self, Tensor other) -> Tensor
so       special_xlogy.other_scalar(Tensor self, Scalar other) -> Tensor
fm       narrow_copy(Tensor self, int dim, SymInt start, SymInt length) -> Tensor
"""

# Variables that the test knows too; x is the tensor before the dot.
VARIABLES = {
    "x": torch.zeros(2, 3), "xi": torch.zeros(2, 3, dtype=torch.int64),
    "p": torch.nn.Parameter(torch.zeros(2)), "one": torch.tensor(0),
    "onef": torch.tensor(0.0), "og": torch.tensor(0.0, requires_grad=True),
    "b": torch.tensor(False), "v1": torch.tensor([0]), "big": 2**70, "ran": range(2),
    "f32": torch.float32, "f64": torch.float64, "cpu": torch.device("cpu"),
    "strided": torch.strided, "contiguous": torch.contiguous_format, "dots": ...,
}

CALLS = """
torch.exp(1.0)
torch.exp()
torch.exp(x, 1)
torch.exp(x, 1, 2)
torch.exp(x, foo=1)
torch.exp(x, input=x)
torch.exp(input=x)
torch.exp(a=x)
torch.exp(x=x)
torch.exp(x1=x)
torch.exp(self=x)
torch.exp(x, out=1)
torch.exp(x, out=None)
torch.exp(x, out=x)
torch.exp(x, out=(x,))
torch.exp(p, 1)
torch.exp(None)
torch.exp([x])
torch.exp(ran)
x.exp(1)
x.exp(1, 2)
x.exp(foo=1)
x.exp(1, foo=1)
x.exp()
torch.relu_(1)
torch.relu_()
torch.sigmoid(x, 1, 2)
torch.mul(x)
torch.mul()
torch.mul(foo=1)
torch.mul(other=1)
torch.mul(x, x, 1)
torch.mul(1, 2)
torch.mul(x, True)
torch.mul(x, 1.5)
torch.mul(x, "a")
torch.mul(x, None)
torch.mul(x, big)
torch.mul(x, x2=x)
torch.mul(x, x, x2=x)
torch.mul(x, x, other=x)
torch.mul(x, input=x, other=x)
torch.mul(x, x, out="a")
x.mul()
x.mul("a", 1, foo=2)
x.mul_("a")
x.mul(1, 1)
x.add("a")
x.add()
x.add(1, 2)
x.add(1, 2, 3)
x.add(1, alpha="a")
x.add(x, foo=1)
x.add(x, alpha=1, foo=2)
x.add(x, alpha=big)
x.add(x, alpha=og)
x.add(x, alpha=onef)
x.add(x, alpha=v1)
x.add(x, alpha=None)
x.add_("a")
x.add_(1, 2, 3, 4)
torch.add(1, 2)
torch.add("a", 2)
torch.add(x, 1, 2)
torch.add(x, x, 3, 4, 5)
torch.add()
torch.add(x)
torch.add(foo=1, bar=2)
torch.add(x, foo=1)
torch.add(x, "a", foo=1)
torch.add(input=x, other="a")
torch.add(input=x, other=x, x1=x)
torch.add(x, x, x, alpha=1, b=2, longer_name=3, and_longer_still=3)
torch.sum(x, (0, "a"))
torch.sum(x, ("a", 0))
torch.sum(x, (0, 1.5))
torch.sum(x, [1, "a"])
torch.sum(x, True)
torch.sum(x, (True,))
torch.sum(x, (0, True))
torch.sum(x, one)
torch.sum(x, (one, 0))
torch.sum(x, (onef, 0))
torch.sum(x, (0, onef))
torch.sum(x, (0, x))
torch.sum(x, (v1,))
torch.sum(x, big)
torch.sum(x, (0, big))
torch.sum(x, dim=(0, big))
torch.sum(x, dims=0)
torch.sum(x, 0, 1)
torch.sum(x, 0, keepdim=1)
torch.sum(x, axis=0, keepdims=True)
torch.sum(x, 0, axis=0)
torch.sum(x, "a")
torch.sum(x, ())
torch.sum(x, None)
torch.sum(x, (), "a")
torch.sum(p, p)
torch.sum(p, p, p)
torch.sum((1, 2), 1, 2)
torch.sum([1, "a"], (1,), 2)
torch.sum(x, 1, False, dtype=1)
torch.sum(x, dim=1, keepdim=1, dtype=f32)
torch.sum(keepdim=1, dim=2, dtype=3)
torch.sum(x, foo=1, bar=2, baz=3)
torch.sum(foo=1, bar=2, baz=3, qux=4)
torch.sum(x, keepdim=False, foo=3)
torch.sum(x, dim=1, keepdim=2, dtype=3, out=4, other=5)
torch.sum(kw0=0, kw1=0, kw2=0, kw3=0, kw4=0, kw5=0, kw6=0, kw7=0, kw8=0, kw9=0, kw10=0, kw11=0)
torch.sum(kw0=0, kw1=0, kw2=0, kw3=0, kw4=0, kw5=0, kw6=0, kw7=0, kw8=0, kw9=0, kw10=0, kw11=0, kw12=0)
x.sum("a")
x.sum("1a")
x.sum("a b")
x.sum(("a",))
x.sum(["a", None])
x.sum([None])
x.sum(["a", 1])
x.sum(1, 2, 3)
x.sum(foo=1)
x.sum(axis=0, dim=0)
x.sum(dots)
x.sum(f32)
x.sum(cpu)
x.sum(strided)
x.sum(contiguous)
x.sum(ran)
x.sum(dtype=f64)
x.max("a")
x.max(None)
x.max(1.5)
x.max(0, 1)
x.max(0, keepdim=1)
x.max(dim="a")
x.max(x)
torch.max(x, out=x)
torch.max(x, 0, out=x)
torch.max(x, 0, out=(x,))
torch.max(x, 0, out=(x, 1))
torch.max(x, 0, out=(x, x, x))
torch.max(x, 0, out=(x, xi))
torch.pow(2, x)
torch.pow(2, 3)
torch.pow("a", 3)
torch.pow(self=2, exponent=x)
torch.pow(input=2, exponent=x)
x.pow(big)
x.pow()
x.view("a")
x.view(2, "a")
x.view("a", 2)
x.view((2, "a"))
x.view(2, 1.5)
x.view(True, 6)
x.view(one, 6)
x.view(onef, 6)
x.view(6.0)
x.view()
x.view(size=(3, 2))
x.view(2, size=3)
x.view(big, 3)
x.view((big, 3))
x.view(f32, 1)
x.view(dtype=1)
x.view(foo=f32)
x.view(dtype=f32, size=1)
x.expand(2, "b")
x.expand("b")
x.expand(2.5)
x.expand(2.5, 3)
x.expand((2, 3), True)
x.expand(2, 3, implicit=1)
x.expand(2, 3, foo=True)
x.permute(1, "a")
x.permute("a", 1)
x.permute(1.5)
x.permute()
x.permute(1, 0, foo=1)
x.permute((1, 0), 2)
x.reshape(3, 2, foo=1)
x.reshape(3, 2, shape=1)
x.reshape(-1, 2.5)
x.flip(True)
x.flip(one)
x.flip(0, onef)
x.flip(0, big)
x.flip([0], [1])
x.flip(dims=1)
torch.flip(x, 1)
torch.flip(x, (0, "a"))
torch.roll(x, (1, "a"), (0, "b"))
torch.roll(x, (1, big), (0, "b"))
torch.roll(x, (1, "a"), (0, 1))
torch.roll(x, 1)
x.unsqueeze(1.5)
x.unsqueeze(big)
x.unsqueeze(True)
x.unsqueeze(one)
x.unsqueeze(dim=1.5)
x.unsqueeze()
torch.unsqueeze(x, axis=0)
torch.unsqueeze(x, None)
x.squeeze(1.5)
x.squeeze(foo=1)
x.squeeze(0, 1)
x.transpose(0)
x.transpose(0, 1, 2)
x.transpose(0, "a")
x.transpose(0, True)
x.transpose(0, one)
x.transpose(0, onef)
x.transpose(0, b)
torch.transpose(x, "a", "b")
torch.transpose(x, "a", None)
torch.transpose(x, None, "a")
x.where(1, 2)
torch.cat(x)
torch.cat((x, 1))
torch.cat([x, "a"], 0)
torch.cat(tensors=(x, "a"), dim=0)
torch.cat((x, None))
torch.cat(((x,),))
torch.cat((x, x), "a")
torch.cat([], "a")
torch.cat((x, x), 1.5)
torch.cat()
torch.cat((x, x), dim=0, axis=0)
torch.cat(x=(x, x))
torch.stack((x, 2), dim=0)
torch.stack((x, x), dim="a")
torch.stack(1)
torch.zeros("a")
torch.zeros(2, "a")
torch.zeros((2, "a"))
torch.zeros(2.5)
torch.zeros(2, 2.5)
torch.zeros([2.5])
torch.zeros()
torch.zeros(big)
torch.zeros(2, dtype="float")
torch.zeros(2, foo=1)
torch.zeros(2, requires_grad=1)
torch.zeros(2, requires_grad=None)
torch.zeros(2, device="foo")
torch.zeros(2, device="")
torch.zeros(2, device="cpu:x")
torch.zeros(2, device="cpu:00")
torch.zeros(2, device="cuda")
torch.zeros(2, device="cuda:3000000000")
torch.zeros(2, device=0)
torch.zeros(2, device=-1)
torch.zeros(2, device=big)
torch.zeros(2, device="cpu:0")
torch.zeros(2, device=1.5)
torch.zeros((1, "a"), device="foo")
torch.zeros((1, "a"), device="cuda")
torch.zeros(2, layout=1)
torch.zeros(2, pin_memory=True)
torch.zeros(2, pin_memory=None)
torch.zeros(2, out=x, dtype=f64)
torch.zeros((1, "a"), out=x, dtype=f64)
torch.zeros(2, out=x, device="cuda")
torch.zeros(2, out=1)
torch.zeros(2, 3, size=(2, 3))
torch.zeros(size=2)
torch.zeros(one, 2)
torch.zeros(onef)
torch.zeros(True)
torch.zeros(None)
torch.zeros(2, names=None)
torch.zeros((2,), names=("a", 1))
torch.zeros((2,), names="a")
torch.zeros(2, 3, f64)
torch.arange("a")
torch.arange()
torch.arange(1, 2, 3, 4)
torch.arange(0, 5, "a")
torch.arange(0, "a")
torch.arange(start=0, end=5, foo=1)
torch.arange(big)
torch.arange(og)
torch.arange(one)
torch.eye("a")
torch.eye(2, 2, 2)
torch.eye(n=2, m=2, foo=1)
torch.linspace(0, 1)
torch.linspace(0, 1, 1.5)
torch.linspace(steps=3, end=1)
torch.linspace(0, 1, end=3)
torch.zeros_like(1)
torch.zeros_like(x, 1)
torch.zeros_like(x, dtype=1)
torch.zeros_like(x, device="cuda")
x.new_zeros("a")
x.new_zeros(2, "a")
x.new_zeros(2, 3, dtype=1)
x.new_zeros(2, device="cuda")
x.gather(0)
x.gather(0, 1)
x.gather("a", xi)
x.masked_fill(1, 2)
x.masked_fill(x, "a")
x.masked_fill(x, og)
x.clamp("a")
x.clamp(1, 2, 3)
x.clamp(min="a")
x.clamp(min=1, max="a")
x.clamp(min=og)
x.clamp(0)
x.clamp(None, 1)
x.softmax("a")
x.softmax()
torch.softmax(x, 1, 2)
torch.dropout(x, 0.5)
torch.dropout(x, "a", True)
torch.dropout(x, 0.5, 1)
torch.dropout(x, og, True)
torch.dropout(x, True, True)
torch.batch_norm(x)
torch.batch_norm(x, None, None, None, None, False, 0.1, 0.5)
torch.batch_norm(x, None, None, None, None, False, 0.1, 0.5, 1)
x.uniform_("a")
x.uniform_(0, 1, 2)
x.uniform_(0, 1, generator=1)
torch._C._nn.gelu(x, approximate=1)
torch._C._nn.mse_loss(x)
torch._C._nn.mse_loss(x, 1)
torch._C._nn.mse_loss(x, x, "a")
torch._C._nn.avg_pool2d(x, "a")
torch._C._nn.avg_pool2d(x, (1, "a"))
torch._C._nn.avg_pool2d(x, one)
torch._C._nn.avg_pool2d(x, big)
torch._C._nn.avg_pool2d(x, 1, padding=None)
torch._C._nn.upsample_nearest2d(x, (1, 2), "a")
torch._C._nn.upsample_nearest2d(x, (1, 2), (1.0, "a"))
torch._C._nn.upsample_nearest2d(x, (1, 2), ("a", 1.0))
torch.linalg.det(1)
torch.linalg.det(x, x)
torch.special.xlogy(1, 2)
torch.narrow_copy(x, 0, "a", 1)
torch.narrow_copy(x, 0, 1.5, 1)
torch.narrow_copy(x, 0, True, 1)
"""

# What the binder says; every other error is the operator's own.
BINDING = re.compile(
    r"^\w+\(\)(: arg| takes| missing| got| received)|^_TensorBase\.|^expected (Tensor as|tuple"
    r" of|None or|a non-empty list of T)|^Overflow|^(Name|Please look|Invalid name)|: You "
    r"passed a dimname|^Expected one of cpu|evice string|^Device (index|string)|^Torch not "
    r"compiled|^Pinned memory|match (dtype|device type) of out|^int too large")


def answer(call):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = {**VARIABLES, "torch": torch, "x": torch.zeros(2, 3)}
        try:
            eval(call, values)
        except Exception as e:
            if BINDING.search(str(e)):
                return f"{type(e).__name__}: {e}"
    return "ok"


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    pieces = [escaped[i:i + 70] for i in range(0, len(escaped), 70)] or [""]
    for i in range(len(pieces) - 1):  # an escape is not cut in two
        while pieces[i].endswith("\\") and not pieces[i].endswith("\\\\"):
            pieces[i], pieces[i + 1] = pieces[i][:-1], "\\" + pieces[i + 1]
    return "\n".join(f'     "{piece}"' for piece in pieces)


def operators(rows):
    for row in rows:
        letters, schema = row.split(None, 1)
        forms = " | ".join(FORMS[c] for c in letters if c in FORMS)
        traits = " | ".join(TRAITS[c] for c in letters if c in TRAITS) or "0"
        forward = "NULL" if "-" in letters else "FORWARD"
        yield (f"    {{.schema =\n{quoted(schema.replace('OPTIONS', OPTIONS))},\n"
               f"     .forms = {forms},\n     .traits = {traits},\n"
               f"     .forward = {forward}}},")


def write(rows, calls, out):
    print("/* Written by tests/oracle/bind_cases.py; not edited by hand. */\n"
          "/* clang-format off */\n\nstatic const OpDef bind_ops[] = {", file=out)
    for text in operators(rows):
        print(text, file=out)
    print("};\n\nstatic const OpCase bind_cases[] = {", file=out)
    for call in calls:
        print(f"    {{\n{quoted(call)},\n{quoted(answer(call))}}},", file=out)
    print("};\n/* clang-format on */", file=out)


if __name__ == "__main__":
    write(OPERATORS.strip().split("\n"), CALLS.strip().split("\n"), sys.stdout)
