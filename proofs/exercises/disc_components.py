"""Section 3.8, exercises 3 and 4, beyond the text: the component count, and van der Sluis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from flint import acb, arb, arb_mat, fmpq

from proofs.certified import (
    at_rising_precision,
    ball_matrix,
    condition_number,
    enclose_eigenvalues,
)
from proofs.counterexamples import Integers, first_where, integer_matrices
from proofs.discs import Disc, Side, row_discs, side_of
from proofs.exercises.diagonal_preconditioning import scaled_balls
from proofs.instances import Matrix, complex_gaussian, generator, real_gaussian
from proofs.verdict import Finding, Place, Verdict

DISCS = Place("assignment", "3.8 exercise 3")
SCALING = Place("assignment", "3.8 exercise 4")
ORDERS = (2, 3, 5, 8)
REPEATS = 6
BALLS = "ball comparisons: an instance counts only where they decide; no tolerance enters"


def verify(seed: int) -> list[Verdict]:
    """What the discs count, what one disc alone does not, and how far scaling is from the best."""
    return [_components(seed), _one_each(), _van_der_sluis(seed)]


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
    caveat = "reproduced with a caveat" if undecided or not several else "reproduced"
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
            f"with another count and {undecided} stay undecided. For every matrix the argument is "
            "continuity: shrink the entries off the diagonal to 0, and no eigenvalue crosses the "
            "gap between components."
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
            "The theorem gives each eigenvalue a disc, and not each disc an eigenvalue. By hand: "
            "the eigenvalues of [[0, 2], [1, 0]] are +-sqrt(2), and its second disc, of radius 1 "
            "about 0, is empty."
        ),
        tolerance_reason=BALLS,
        trials=looked_at,
    )


def drawn_definite(rng: np.random.Generator, n: int) -> Integers:
    """B^T B + I with small integers in B: symmetric positive definite, badly scaled columns."""
    b = rng.integers(-3, 4, size=(n, n)) * rng.choice([1, 10], size=n)
    return tuple(tuple(int(x) for x in row) for row in b.T @ b + np.eye(n, dtype=int))


def rescaled(matrix: Integers, scale: Sequence[int]) -> arb_mat:
    """D M D for the diagonal D of 1 / `scale`, in balls."""
    n = len(matrix)
    return arb_mat(
        [[arb(fmpq(matrix[i][j], scale[i] * scale[j])) for j in range(n)] for i in range(n)]
    )


def within(matrix: Integers, scale: Sequence[int], factor: int) -> bool | None:
    """Whether scaling by the root of the diagonal is within that factor of scaling by `scale`."""
    ours, theirs = condition_number(scaled_balls(matrix)), condition_number(rescaled(matrix, scale))
    if ours is None or theirs is None:
        return None
    return True if ours <= factor * theirs else False if ours > factor * theirs else None


def _finding(answers: Sequence[bool | None]) -> Finding:
    if False in answers:
        return "refuted"
    return "reproduced with a caveat" if None in answers else "reproduced"


def _van_der_sluis(seed: int) -> Verdict:
    rng = generator(seed, "exercise-4-van-der-sluis")
    answers: list[bool | None] = []
    beaten = 0
    for n in (2, 3, 4, 6):
        for _ in range(REPEATS):
            matrix, scale = drawn_definite(rng, n), [int(x) for x in rng.integers(1, 12, size=n)]
            answers.append(at_rising_precision(lambda: within(matrix, scale, n)).answer)  # noqa: B023
            beaten += at_rising_precision(lambda: within(matrix, scale, 1)).answer is False  # noqa: B023
    worse = ((2, 1, 1), (1, 3, 2), (1, 2, 3))
    answers.append(at_rising_precision(lambda: within(worse, (1, 1, 1), 3)).answer)
    unscaled_is_better = at_rising_precision(lambda: within(worse, (1, 1, 1), 1)).answer is False
    return Verdict(
        id="exercise-4-van-der-sluis",
        statement=(
            "Scaling by the diagonal is within a factor n of the best condition number that any "
            "diagonal scaling gives"
        ),
        place=SCALING,
        finding=_finding(answers),
        evidence="counterexample" if False in answers else "searched",
        measured={
            "instances": len(answers),
            "within_n": answers.count(True),
            "undecided": answers.count(None),
            "where_another_scaling_is_better": beaten + unscaled_is_better,
        },
        explanation=(
            f"{len(answers)} matrices, each against one other diagonal scaling, both condition "
            f"numbers in balls: the factor holds for {answers.count(True)} and fails for "
            f"{answers.count(False)}. That no scaling of any matrix beats it is van der Sluis's "
            "theorem (Numer. Math. 14, 1969): what remains true of the claim that scaling improves "
            "the conditioning."
        ),
        tolerance_reason=BALLS,
        hypotheses=("Q is symmetric positive definite",),
        trials=len(answers),
        provenance={"seed": seed},
    )
