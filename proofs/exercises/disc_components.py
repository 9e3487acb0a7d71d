"""Section 3.8, exercise 3, beyond the text: how many eigenvalues the discs hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import acb, fmpq, fmpq_mat

from proofs.certified import at_rising_precision, ball_matrix, enclose_eigenvalues
from proofs.counterexamples import Integers, first_where, integer_matrices
from proofs.discs import Disc, Side, row_discs, side_of
from proofs.instances import Matrix, complex_gaussian, generator, real_gaussian
from proofs.verdict import Finding, Place, Verdict

DISCS = Place("assignment", "3.8 exercise 3")
ORDERS = (2, 3, 5, 8)
REPEATS = 6
BALLS = "ball comparisons: an instance counts only where they decide; no tolerance enters"


def verify(seed: int) -> list[Verdict]:
    """What connected discs count, and what one disc alone does not."""
    return [_components(seed), _one_each()]


def components(discs: Sequence[Disc]) -> list[set[int]] | None:
    """The connected components of the union; None where it is not certain which discs meet."""
    groups: list[set[int]] = []
    for j, disc in enumerate(discs):
        touched = []
        for group in groups:
            gaps = [
                abs(disc.centre - discs[k].centre) - disc.radius - discs[k].radius for k in group
            ]
            if any(gap <= 0 for gap in gaps):
                touched.append(group)
            elif not all(gap > 0 for gap in gaps):
                return None
        groups = [g for g in groups if g not in touched] + [set().union({j}, *touched)]
    return groups


def counts(matrix: Matrix) -> list[tuple[int, int]] | None:
    """Per component, how many discs and how many eigenvalues; None where undecided."""
    discs = row_discs(ball_matrix(matrix))
    groups = components(discs)
    try:
        found = enclose_eigenvalues(matrix)
    except ValueError:  # roots not isolated at this precision
        return None
    if groups is None or not found.tight or len(found.balls) != len(discs):
        return None
    tally = []
    for group in groups:
        inside = [_in_group(ball, [discs[k] for k in group]) for ball in found.balls]
        if None in inside:
            return None
        tally.append((len(group), inside.count("inside")))
    return tally


def _in_group(ball: acb, discs: Sequence[Disc]) -> Side | None:
    sides = {side_of(ball, disc) for disc in discs}
    return "inside" if "inside" in sides else None if None in sides else "outside"


def clustered(rng: np.random.Generator, n: int) -> Matrix:
    """Gaussian entries around diagonals that fall into a few groups, some apart and some not."""
    centres = rng.integers(0, 3, size=n) * 12.0 * n
    drawn = complex_gaussian(rng, n) if rng.integers(2) else real_gaussian(rng, n)
    return drawn + np.diag(centres)


def _components(seed: int) -> Verdict:
    rng = generator(seed, "exercise-3-components")
    decided = wrong = undecided = several = 0
    for n in ORDERS:
        for _ in range(REPEATS):
            matrix = clustered(rng, n)
            tally = at_rising_precision(lambda: counts(matrix)).answer  # noqa: B023 (at once)
            undecided += tally is None
            decided += tally is not None
            wrong += any(a != b for a, b in tally or [])
            several += len(tally or []) > 1
    caveat: Finding = "reproduced with a caveat" if undecided or not several else "reproduced"
    return Verdict(
        id="exercise-3-component-count",
        statement=(
            "A connected component made of k discs holds exactly k eigenvalues, with multiplicity"
        ),
        place=DISCS,
        finding="refuted" if wrong else caveat,
        evidence="counterexample" if wrong else "searched",
        measured={
            "decided": decided,
            "undecided": undecided,
            "with_several_components": several,
            "with_a_wrong_count": wrong,
            "orders": list(ORDERS),
        },
        explanation=(
            f"Of {decided + undecided} matrices, each decided in balls, {wrong} have a component "
            f"with another count and {undecided} stay undecided; {several} have several components."
            + (
                " For every matrix the argument is continuity: shrink the entries off the diagonal "
                "to 0, and no eigenvalue crosses the gap between components."
                if not wrong
                else ""
            )
        ),
        tolerance_reason=BALLS,
        hypotheses=("M is a square complex matrix",),
        trials=decided + undecided,
        provenance={"seed": seed},
    )


def has_an_empty_disc(matrix: Integers) -> bool:
    """Whether some row disc certainly holds no eigenvalue."""
    array = np.array(matrix, dtype=float)

    def decide() -> bool | None:
        try:
            found = enclose_eigenvalues(array)
        except ValueError:  # roots not isolated at this precision
            return None
        sides = [
            {side_of(ball, disc) for ball in found.balls} for disc in row_discs(ball_matrix(array))
        ]
        if {"outside"} in sides:
            return True
        return False if all("inside" in side for side in sides) else None

    # A matrix with an eigenvalue on a circle stays undecided and is passed over.
    return at_rising_precision(decide, first=64, last=128).answer is True


def _one_each() -> Verdict:
    found, looked_at = first_where(integer_matrices(2, largest=6), has_an_empty_disc)
    return Verdict(
        id="exercise-3-one-eigenvalue-a-disc",
        statement="Every disc holds an eigenvalue",
        place=DISCS,
        finding="refuted" if found else "reproduced with a caveat",
        evidence="counterexample" if found else "searched",
        measured={
            "smallest_matrix": found and [list(row) for row in found],
            "matrices_looked_at": looked_at,
        },
        explanation=(
            f"The theorem gives each eigenvalue a disc, and not each disc an eigenvalue. "
            f"{_by_hand(found)}"
            if found
            else f"None of {looked_at} integer matrices has a disc that is certainly empty."
        ),
        tolerance_reason=BALLS,
        hypotheses=("M is a square complex matrix",),
        trials=looked_at,
    )


def _by_hand(matrix: Integers) -> str:
    (a, b), (c, d) = matrix
    root = fmpq_mat([[a, b], [c, d]]).charpoly()
    discriminant = fmpq((a - d) ** 2 + 4 * b * c)
    return (
        f"By hand: {[[a, b], [c, d]]} has the characteristic polynomial {root}, with the "
        f"eigenvalues ({a + d} +- sqrt({discriminant})) / 2; its discs have the centres {a} and "
        f"{d} and the radii {abs(b)} and {abs(c)}, and one of them is empty."
    )
