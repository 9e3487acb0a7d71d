"""Gerschgorin's discs, and three-valued decisions about the eigenvalues in them.

Source: S. Gerschgorin, Izv. Akad. Nauk SSSR 7 (1931); R. Varga, Gershgorin and His Circles (2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from flint import acb, acb_mat, arb

from proofs.certified import ball_matrix, enclose_eigenpairs, enclose_eigenvalues
from proofs.instances import Matrix

Side = Literal["inside", "outside"]


class Disc(NamedTuple):
    """A closed disc of the complex plane."""

    centre: acb
    radius: arb


def row_discs(matrix: acb_mat) -> list[Disc]:
    """One disc a row: the diagonal entry, and the sum of the other entries' absolute values."""
    order = matrix.nrows()
    return [
        Disc(
            matrix[j, j],
            sum((abs(matrix[j, k]) for k in range(order) if k != j), start=arb(0)),
        )
        for j in range(order)
    ]


def column_discs(matrix: acb_mat) -> list[Disc]:
    """One disc a column: the row discs of the transpose, which has the same eigenvalues."""
    return row_discs(matrix.transpose())


def shrunk(discs: Sequence[Disc], factor: arb) -> list[Disc]:
    """The same centres with every radius multiplied by `factor`."""
    return [Disc(disc.centre, disc.radius * factor) for disc in discs]


def side_of(point: acb, disc: Disc) -> Side | None:
    """Inside or outside for certain, or None where the balls do not decide."""
    distance = abs(point - disc.centre)
    if distance <= disc.radius:
        return "inside"
    if distance > disc.radius:
        return "outside"
    return None


def side_of_union(point: acb, discs: Sequence[Disc]) -> Side | None:
    """Inside where some disc holds the point for certain, outside where every one misses it."""
    sides = {side_of(point, disc) for disc in discs}
    if "inside" in sides:
        return "inside"
    return "outside" if sides == {"outside"} else None


def spectrum_side(matrix: Matrix, discs: Sequence[Disc]) -> Side | None:
    """Inside where every eigenvalue is in the union; outside where one certainly is not."""
    try:
        enclosures = enclose_eigenvalues(matrix)
    except ValueError:  # roots not isolated at this precision
        return None
    sides = {side_of_union(ball, discs) for ball in enclosures.balls}
    if "outside" in sides:
        return "outside" if enclosures.tight else None
    return "inside" if sides == {"inside"} else None


def largest_component_side(matrix: Matrix) -> Side | None:
    """Whether the row of the eigenvector's largest component gives the disc, for every eigenpair.

    Rows that may hold the largest component (balls overlap) must all give a disc that holds the
    eigenvalue; a miss counts only where the largest component is certain.
    """
    pairs = enclose_eigenpairs(matrix)
    if pairs is None:
        return None
    discs = row_discs(ball_matrix(matrix))
    sides: set[Side | None] = set()
    for value, vector in pairs:
        sizes = [abs(x) for x in vector]
        rows = [j for j, size in enumerate(sizes) if not any(size < other for other in sizes)]
        found = {side_of(value, discs[j]) for j in rows}
        if found == {"inside"}:
            sides.add("inside")
        else:
            sides.add("outside" if found == {"outside"} else None)
    if "outside" in sides:
        return "outside"
    return "inside" if sides == {"inside"} else None
