"""Exercise 3 of section 3.8: every eigenvalue lies in one of Gerschgorin's discs."""

from __future__ import annotations

from grading.check import WrittenCheck

STATEMENT = """
title: Gerschgorin's discs
place: {document: assignment, section: 3.8 exercise 3}
given: {n: order, M: complex_matrix(n), "lam, x": eigenpair(M), j: largest(x)}
prove: abs(lam - M[j, j]) <= sum(abs(M[j, k]) for k in range(n) if k != j)
"""

CHECK = WrittenCheck(file="gerschgorin.yaml", statement=STATEMENT, fewest_steps=5, enters={})
