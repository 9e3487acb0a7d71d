"""Exact values as a verdict's `measured` holds them: as texts, which JSON does not round."""

from __future__ import annotations

from collections.abc import Iterable

import sympy
from flint import fmpq_mat


def texts(values: Iterable[object]) -> list[str]:
    """Each value as its text."""
    return [str(value) for value in values]


def rows(matrix: sympy.Matrix | fmpq_mat) -> list[list[str]]:
    """Each row of a matrix as the texts of its entries."""
    return [texts(row) for row in matrix.tolist()]
