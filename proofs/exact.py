"""Rational arithmetic: matrices that are orthogonal exactly, eigenvalues that are rational.

`fmpq_mat` is python-flint's matrix of rationals; nothing here rounds.
"""

from __future__ import annotations

import numpy as np
from flint import fmpq, fmpq_mat

from proofs.instances import Matrix


def identity(n: int) -> fmpq_mat:
    """The identity of order n."""
    return fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def rational_matrix(matrix: Matrix) -> fmpq_mat:
    """The same real matrix, each double as the dyadic rational it is."""
    rows, columns = matrix.shape
    return fmpq_mat(rows, columns, [fmpq(*float(x).as_integer_ratio()) for x in matrix.ravel()])


def random_vector(rng: np.random.Generator, n: int) -> fmpq_mat:
    """A column of n rationals with numerators up to 9 and denominators up to 9."""
    return fmpq_mat(n, 1, [_rational(rng) for _ in range(n)])


def squared_norm(vector: fmpq_mat) -> fmpq:
    """The sum of squares of a column."""
    return (vector.transpose() * vector)[0, 0]


def cayley(skew: fmpq_mat) -> fmpq_mat:
    """(I - K)(I + K)^-1: orthogonal for every skew-symmetric K, and rational where K is."""
    one = identity(skew.nrows())
    return (one - skew) * (one + skew).inv()


def random_orthogonal(rng: np.random.Generator, n: int) -> fmpq_mat:
    """A rational orthogonal matrix: a Cayley transform times a signed permutation.

    The transform alone reaches rotations without the eigenvalue -1 only; the second factor
    reaches the rest (Liebeck and Osborne, Amer. Math. Monthly 98, 1991).
    """
    upper = [[_rational(rng) if i < j else fmpq(0) for j in range(n)] for i in range(n)]
    skew = fmpq_mat(upper) - fmpq_mat(upper).transpose()
    signed = fmpq_mat(n, n, [0] * (n * n))
    for row, column in enumerate(rng.permutation(n)):
        signed[row, int(column)] = int(rng.choice([-1, 1]))
    return cayley(skew) * signed


def random_unitary_as_real(rng: np.random.Generator, n: int) -> fmpq_mat:
    """A unitary A + iB of order n as the real orthogonal [[A, -B], [B, A]] of order 2n, exactly.

    The Cayley transform of a skew-Hermitian S + iT (S skew, T symmetric) in the same real form.
    """
    s = [[_rational(rng) if i < j else fmpq(0) for j in range(n)] for i in range(n)]
    t = [[_rational(rng) for _ in range(n)] for _ in range(n)]
    skew = fmpq_mat(2 * n, 2 * n, [0] * (4 * n * n))
    for i in range(n):
        for j in range(n):
            entry, symmetric = s[i][j] - s[j][i], t[min(i, j)][max(i, j)]
            skew[i, j] = skew[n + i, n + j] = entry
            skew[i, n + j], skew[n + i, j] = -symmetric, symmetric
    return cayley(skew)


def rational_eigenvalues(matrix: fmpq_mat) -> list[fmpq] | None:
    """All distinct eigenvalues where every one is rational; None where some is not."""
    _, factors = matrix.charpoly().factor()
    if any(factor.degree() > 1 for factor, _ in factors):
        return None
    return [-factor[0] / factor[1] for factor, _ in factors]


def _rational(rng: np.random.Generator) -> fmpq:
    return fmpq(int(rng.integers(-9, 10)), int(rng.integers(1, 10)))
