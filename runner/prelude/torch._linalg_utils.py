"""What PyTorch has removed, and says so."""

_removed = "This function was deprecated since version 1.9 and is now removed."


def matrix_rank(input, tol=None, symmetric=False, *, out=None):
    raise RuntimeError(_removed, "Please use the `torch.linalg.matrix_rank` function instead.")


def solve(input, A, *, out=None):
    raise RuntimeError(f"{_removed} Please use the `torch.linalg.solve` function instead.")


def lstsq(input, A, *, out=None):
    raise RuntimeError(_removed, "Please use the `torch.linalg.lstsq` function instead.")
