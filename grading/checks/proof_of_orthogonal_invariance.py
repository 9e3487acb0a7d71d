"""Exercise 1 of section 3.8: an orthogonal change of variables keeps the size of a difference."""

from __future__ import annotations

from grading.check import WrittenCheck

STATEMENT = """
title: An orthogonal change of variables keeps distances
place: {document: assignment, section: 3.8 exercise 1}
given: {n: order, U: orthogonal(n), c: vector(n), d: vector(n)}
prove: norm(c - d) = norm(U @ c - U @ d)
"""

CHECK = WrittenCheck(
    file="orthogonal_invariance.yaml",
    statement=STATEMENT,
    fewest_steps=4,
    # That U keeps lengths is what is to be proved: U enters by its definition alone.
    enters={"U": ("U.T @ U", "eye(n)")},
)
