"""Decompositions of low rank from random products. Source: Halko et al. (2009)."""

import torch


def _floating_dtype(A):
    return A.dtype if A.dtype in (torch.float16, torch.float32, torch.float64) else torch.float32


def _basis_of(A, q, niter, M):
    """The orthonormal basis of the product of A - M with q random vectors."""
    def product(A, M, right):
        r = torch.matmul(A, right)
        return r if M is None else r - torch.matmul(M, right)
    random = torch.randn(A.shape[-1], q, dtype=_floating_dtype(A), device=A.device)
    A_t, M_t = A.transpose(-2, -1), None if M is None else M.transpose(-2, -1)
    basis = torch.linalg.qr(product(A, M, random)).Q
    for i in range(niter):
        basis = torch.linalg.qr(product(A_t, M_t, basis)).Q
        basis = torch.linalg.qr(product(A, M, basis)).Q
    return basis


def get_approximate_basis(A, q, niter=2, M=None):
    return _basis_of(A, q, 2 if niter is None else niter, M)


def svd_lowrank(A, q=6, niter=2, M=None):
    q = 6 if q is None else q
    m, n = A.shape[-2:]
    M_t = None if M is None else M.transpose(-2, -1)
    if m < n or n > q:
        basis = get_approximate_basis(A.transpose(-2, -1), q, niter, M_t)
        B = torch.matmul(A, basis)
        B = B if M is None else B - torch.matmul(M, basis)
        assert B.shape[-2] == m, (B.shape, m)
        assert B.shape[-1] == q, (B.shape, q)
        assert B.shape[-1] <= B.shape[-2], B.shape
        U, S, Vh = torch.linalg.svd(B, full_matrices=False)
        return U, S, basis.matmul(Vh.mH)
    basis = get_approximate_basis(A, q, niter, M)
    B = torch.matmul(A.transpose(-2, -1), basis)
    B = B if M is None else B - torch.matmul(M_t, basis)
    B_t = B.transpose(-2, -1)
    assert B_t.shape[-2] == q, (B_t.shape, q)
    assert B_t.shape[-1] == n, (B_t.shape, n)
    assert B_t.shape[-1] <= B_t.shape[-2], B_t.shape
    U, S, Vh = torch.linalg.svd(B_t, full_matrices=False)
    return basis.matmul(U), S, Vh.mH


def pca_lowrank(A, q=None, center=True, niter=2):
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if not niter >= 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if center:
        A = A - A.mean(dim=(-2,), keepdim=True)
    return svd_lowrank(A, q, niter=niter)
