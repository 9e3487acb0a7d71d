"""What floating-point arithmetic may do to a norm: bounds in closed form, and measured departures.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (SIAM, 2002):
gamma_n in section 3.1 (Lemmas 3.1 and 3.3), matrix-vector products in section 3.5.
"""

from __future__ import annotations

import math

import numpy as np
from flint import arb, arb_mat, ctx

from proofs.instances import Matrix

UNIT_ROUNDOFF = 2.0**-53


def gamma(n: int) -> float:
    """n u / (1 - n u): the relative error n roundings can add up to."""
    return n * UNIT_ROUNDOFF / (1.0 - n * UNIT_ROUNDOFF)


def real_form(matrix: Matrix) -> Matrix:
    """A + iB as the real [[A, -B], [B, A]], which moves [Re v, Im v] as A + iB moves v."""
    if not np.iscomplexobj(matrix):
        return matrix
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])


def real_balls(matrix: Matrix) -> arb_mat:
    """The real form of a matrix as exact balls of radius zero."""
    return arb_mat(real_form(matrix).tolist())


def orthogonality_defect(matrix: Matrix) -> arb:
    """A ball round the Frobenius norm of U^T U - I (U^* U - I for complex U), at 128 bits."""
    with ctx.workprec(128):
        balls = real_balls(matrix)
        n = balls.ncols()
        one = arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
        gram = balls.transpose() * balls - one
        squares = sum((x * x for x in gram.entries()), start=arb(0)).sqrt()
        # A complex U counts every entry twice in its real form.
        return squares / arb(2).sqrt() if np.iscomplexobj(matrix) else squares


def invariance_bound(order: int, defect: float, size: float) -> float:
    """How far floating-point norms of Uc - Ud and c - d may be apart, for real vectors.

    `order` is that of U in real form, `defect` bounds ||U^T U - I||, `size` bounds ||c|| + ||d||.
    The products err by gamma_n ||U||_F size (Higham (3.12)), with ||U||_F^2 <= n (1 + defect);
    ||Uv|| differs from ||v|| by at most defect ||v||; subtraction, squares, sum and root of each
    of the two norms err by the relative gamma_{n+3}.
    """
    product = gamma(order) * math.sqrt(order * (1.0 + defect))
    norms = gamma(order + 3) * (1.0 + math.sqrt(1.0 + defect) + product)
    return size * (product + defect + norms)
