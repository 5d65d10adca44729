"""What bench.py measures: names, goals and statements.

A statement is what a cell and a Python program write alike. Goals in nanoseconds hold
for autocell alone, those of large tensors are parts of the other side's best time.
"""
X = "x = torch.tensor([1.0, 2.0, 3.0])"
X_GRAD = "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)"
Y = "y = torch.tensor([4.0, 5.0, 6.0])"
TEN_MULS = ["y = x"] + ["y = y * x"] * 10 + ["y.sum().backward()"]

# name, goal in ns, setup, statements
SMALL = [
    ("x + y, no grad", 60, [X, Y], ["z = x + y"]),
    ("x * y, recorded", 80, [X_GRAD, Y], ["z = x * y"]),
    ("10 muls, sum, backward", 2_000, [X_GRAD], TEN_MULS),
    ("randn(3)", 100, [], ["z = torch.randn(3)"]),
    ("repr of 3 elements", 600, [X], ["z = repr(x)"]),
    ("repr of 1000 elements", 60_000, ["x = torch.randn(1000)"], ["z = repr(x)"]),
]

# Cells that print a number: how many, workers, goal in ns.
MANY_CELLS = [(1_000, 1, 60_000_000), (10_000, 1, 600_000_000), (10_000, 2, 330_000_000)]


def of(n, *names):
    return ["%s = torch.randn(%s)" % (name, n) for name in names]


def mlp(batch, *sizes):
    """A batch x with targets t, and the weights of a perceptron of three layers."""
    return of("%d, %d" % (batch, sizes[0]), "x") + [
        "t = torch.randint(%d, (%d,))" % (sizes[-1], batch)] + [
        "w%d = (torch.randn(%d, %d) * 0.05).requires_grad_()" % (i, *sizes[i:i + 2])
        for i in range(3)]


MLP, TINY_MLP = mlp(64, 784, 256, 128, 10), mlp(2, 4, 3, 3, 2)
STEP_BY_HAND = [
    "h = torch.relu(torch.relu(x @ w0) @ w1) @ w2",
    "loss = torch.nn.functional.cross_entropy(h, t)",
    "g = torch.autograd.grad(loss, [w0, w1, w2])",
    "w0.data -= 0.1 * g[0]", "w1.data -= 0.1 * g[1]", "w2.data -= 0.1 * g[2]"]
MODEL = MLP[:2] + [
    "from torch import nn",
    "model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), "
    "nn.ReLU(), nn.Linear(128, 10))",
    "lossf = nn.CrossEntropyLoss()",
    "opt = torch.optim.SGD(model.parameters(), lr=0.1)"]
STEP_WITH_NN = ["opt.zero_grad()", "loss = lossf(model(x), t)", "loss.backward()",
                "opt.step()"]
CONV = of("8, 32, 64, 64", "x") + of("32, 32, 3, 3", "w") + [
    "x.requires_grad_()", "w.requires_grad_()"]

# name, goal as a part of the other side's time, setup, statements
LARGE = [
    ("add, 1e4 elements", .7, of("10000", "x", "y"), ["z = x + y"]),
    ("add, 1e6 elements", .95, of("1000000", "x", "y"), ["z = x + y"]),
    ("add, 1e7 elements", .5, of("10000000", "x", "y"), ["z = x + y"]),
] + [
    ("%s, 1e6 elements" % f, goal, ["x = torch.rand(1000000)"], ["z = torch.%s(x)" % f])
    for f, goal in (("exp", .9), ("log", .7), ("sin", .7), ("tanh", .3), ("sigmoid", .8))
] + [
    ("sum, 1e6 elements", 1.0, of("1000000", "x"), ["z = x.sum()"]),
    ("mean, 1e6 elements", 1.0, of("1000000", "x"), ["z = x.mean()"]),
    ("softmax of 1000 rows of 1000", .6, of("1000, 1000", "x"), ["z = x.softmax(1)"]),
    ("transpose copy, 1000x1000", .4, of("1000, 1000", "x"), ["z = x.t().contiguous()"]),
    ("broadcast add, 1000x1000", 1.0, of("1000, 1000", "x") + of("1000", "y"),
     ["z = x + y"]),
    ("randn, 1e6 elements", .5, [], ["z = torch.randn(1000000)"]),
    ("conv2d 3x3, 32 channels, forward, backward", .9, CONV,
     ["torch.nn.functional.conv2d(x, w).sum().backward()"]),
    ("MLP 784-256-128-10, batch 64, step", .7, MLP, STEP_BY_HAND),
    ("the same with nn and optim", .55, MODEL, STEP_WITH_NN),
]
MATMUL_SIZES = (256, 1024, 2048)
# Two threads against one, and two processes: name, setup, statements; the goal of the
# threads is half the time.
THREADED = [
    ("add, 1e6 elements", of("1000000", "x", "y"), ["z = x + y"]),
    ("exp, 1e6 elements", ["x = torch.rand(1000000)"], ["z = torch.exp(x)"]),
    ("matmul 1024", of("1024, 1024", "x", "y"), ["z = x @ y"]),
]
SMALL_CELL = [X_GRAD, "y = (x * 2).sum()", "y.backward()", "print(x.grad)"]
ERROR_CELL = ["x = torch.ones(2) + torch.ones(3)"]
# A graph is a chain of products: each phase is measured against those before it.
CHAIN_START, CHAIN_STEP = [X_GRAD, "y = x"], ["y = y * 1.5"]
CHAIN_FREE, CHAIN_BACKWARD = ["y = x"], ["y.sum().backward()"]
