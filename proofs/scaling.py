"""The best diagonal scaling of a positive definite matrix: bounds on its condition number.

From below: let Z and Y = S Z S with a diagonal S of signs, from one vector z: for every diagonal D
the vectors D^-1 z and D^-1 S z have the same length, and D Q D takes on them the values z^T Q z
and (S z)^T Q (S z). So kappa(D Q D) is at least z^T Q z / (S z)^T Q (S z), whatever D is; for a
rational z the quotient is exact. For given signs the best z is an eigenvector of Q against S Q S.
From above: the condition number of any one scaling, here the best that a minimiser found.
Where the extreme eigenvalues of the best scaling are simple, both bounds meet: its derivative by
log d_i is 2 (u_i^2 - v_i^2) for their unit eigenvectors u and v, so that |u_i| = |v_i|.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.optimize
from flint import arb, arb_mat, fmpq, fmpq_mat
from numpy.typing import NDArray

from proofs.certified import condition_number
from proofs.counterexamples import Integers


@dataclass(frozen=True)
class Certificate:
    """A vector and signs, and the bound on every scaling's condition number that they give."""

    vector: tuple[float, ...]
    signs: tuple[int, ...]
    bound: fmpq


def quotient(matrix: Integers, vector: Sequence[float], signs: Sequence[int]) -> fmpq:
    """z^T Q z / (S z)^T Q (S z) in rational arithmetic, each double as the number it is."""
    q = fmpq_mat([list(row) for row in matrix])
    z = [fmpq(*float(x).as_integer_ratio()) for x in vector]
    forms = []
    for column in (z, [s * x for s, x in zip(signs, z, strict=True)]):
        v = fmpq_mat(len(column), 1, column)
        forms.append((v.transpose() * q * v)[0, 0])
    return forms[0] / forms[1]


def bound_from_below(matrix: Integers) -> Certificate:
    """The best certificate over all signs (2^(n-1) of them)."""
    q = np.array(matrix, dtype=float)
    best: Certificate | None = None
    for rest in itertools.product((1, -1), repeat=len(matrix) - 1):
        signs = (1, *rest)
        _, vectors = scipy.linalg.eigh(q, q * np.outer(signs, signs))
        vector = tuple(float(x) for x in vectors[:, -1])
        bound = quotient(matrix, vector, signs)
        if best is None or bound > best.bound:
            best = Certificate(vector, signs, bound)
    assert best is not None
    return best


def best_scaling(matrix: Integers) -> tuple[float, ...]:
    """The scaling with the smallest condition number that Nelder and Mead's method finds."""
    q = np.array(matrix, dtype=float)

    def log_condition(logs: NDArray[np.float64]) -> float:
        scale = np.exp(np.append(0.0, logs))
        values = np.linalg.eigvalsh(q * np.outer(scale, scale))
        return float(np.log(values[-1] / values[0])) if values[0] > 0 else np.inf

    # The start is the scaling by the diagonal, as ratios to the first entry's.
    start = -0.5 * np.log(np.diag(q)[1:] / q[0, 0])
    found = scipy.optimize.minimize(
        log_condition, start, method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9, "maxfev": 600},
    )  # fmt: skip
    return tuple(float(x) for x in np.exp(np.append(0.0, found.x)))


def scaled_condition(matrix: Integers, scale: Sequence[float | fmpq]) -> arb | None:
    """The condition number of D Q D for the diagonal D of `scale`, in balls."""
    n = len(matrix)
    d = [arb(x) for x in scale]
    return condition_number(
        arb_mat([[d[i] * matrix[i][j] * d[j] for j in range(n)] for i in range(n)])
    )
