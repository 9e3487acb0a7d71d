"""Section 3.8, exercise 3: every eigenvalue lies in one of Gerschgorin's discs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_mat

from proofs.certified import (
    FIRST_PRECISION,
    LAST_PRECISION,
    at_rising_precision,
    ball_matrix,
)
from proofs.counterexamples import Integers, first_where, integer_matrices
from proofs.discs import (
    Side,
    column_discs,
    largest_component_side,
    row_discs,
    shrunk,
    spectrum_side,
)
from proofs.exact import identity, rational_eigenvalues
from proofs.instances import SQUARE, Matrix, draws, generator
from proofs.verdict import Evidence, Finding, Place, Verdict

PLACE = Place("assignment", "3.8 exercise 3")
# The written argument that holds for every matrix, checked line by line.
WRITTEN = "written-gerschgorin-conclusion"
WRITTEN_CHOICE = "written-gerschgorin-step-7"
ORDERS = (2, 3, 5, 8, 12, 20)
REPEATS = 5
BALLS = (
    f"ball comparisons at {FIRST_PRECISION} to {LAST_PRECISION} bits: an instance counts only "
    "where the whole ball is on one side, so no tolerance enters"
)

Decide = Callable[[Matrix], Side | None]


def verify(seed: int) -> list[Verdict]:
    """Row and column discs, the proof's own choice of row, the boundary, and what is sharp."""
    return [
        _over_families(
            "exercise-3-row-discs",
            "Every eigenvalue of a square matrix lies in the union of its row discs",
            lambda matrix: spectrum_side(matrix, row_discs(ball_matrix(matrix))),
            f"The argument for every matrix is the written proof ({WRITTEN})",
            seed,
        ),
        _over_families(
            "exercise-3-column-discs",
            "Every eigenvalue of a square matrix lies in the union of its column discs",
            lambda matrix: spectrum_side(matrix, column_discs(ball_matrix(matrix))),
            f"For every matrix: the written proof ({WRITTEN}), of the transpose",
            seed,
        ),
        _largest_component(seed),
        _boundary(),
        _radius_is_sharp(),
    ]


def tally(
    instances: Iterable[tuple[str, Matrix]], decide: Decide
) -> tuple[Finding, dict[str, Any], int]:
    """Decide every instance; the finding, what was counted, and how many instances there were.

    One instance outside refutes; one undecided leaves a caveat.
    """
    counts: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    families: Counter[str] = Counter()
    outside: list[list[str]] | None = None
    highest = 0
    for family, matrix in instances:
        families[family] += 1
        decided = at_rising_precision(lambda: decide(matrix))  # noqa: B023 (called at once)
        highest = max(highest, decided.precision)
        counts[str(decided.answer or "undecided")] += 1
        if decided.answer is None:
            undecided[family] += 1
        if decided.answer == "outside" and outside is None:
            outside = [[str(x) for x in row] for row in matrix]
    measured: dict[str, Any] = {
        "inside": counts["inside"],
        "outside": counts["outside"],
        "undecided": counts["undecided"],
        "undecided_by_family": dict(undecided),
        "instances_by_family": dict(families),
        "highest_precision_bits": highest,
    }
    if outside is not None:
        return "refuted", {**measured, "counterexample": outside}, sum(families.values())
    finding: Finding = "reproduced with a caveat" if undecided else "reproduced"
    return finding, measured, sum(families.values())


def _told(finding: Finding, measured: dict[str, Any], asked: str, for_every: str) -> str:
    """The counts in words; `asked` is what an instance has to show, `for_every` the argument."""
    families = measured["instances_by_family"]
    told = (
        f"Of {sum(families.values())} matrices from {len(families)} families, taken as the exact "
        f"matrices of their doubles and decided one by one in balls ({asked}), the statement "
        f"certainly holds for {measured['inside']}, certainly fails for {measured['outside']}, and "
        f"stays undecided for {measured['undecided']} at up to "
        f"{measured['highest_precision_bits']} bits."
    )
    if finding == "refuted":
        return f"{told} The first that fails is the counterexample."
    return f"{told} {for_every}."


def _evidence(finding: Finding) -> Evidence:
    """Certified instance by instance, the universal statement is still only searched."""
    return "counterexample" if finding == "refuted" else "searched"


def _over_families(name: str, statement: str, decide: Decide, for_every: str, seed: int) -> Verdict:
    rng = generator(seed, "exercise-3-matrices")
    finding, measured, trials = tally(draws(SQUARE, ORDERS, REPEATS, rng), decide)
    return Verdict(
        id=name,
        statement=statement,
        place=PLACE,
        finding=finding,
        evidence=_evidence(finding),
        measured={**measured, "orders": list(ORDERS)},
        explanation=_told(finding, measured, "every eigenvalue was asked for", for_every),
        tolerance_reason=BALLS,
        hypotheses=("M is a square complex matrix",),
        trials=trials,
        provenance={"seed": seed},
    )


def _largest_component(seed: int) -> Verdict:
    rng = generator(seed, "exercise-3-eigenvectors")
    simple = {name: draw for name, draw in SQUARE.items() if "Jordan" not in name}
    finding, measured, trials = tally(draws(simple, ORDERS, REPEATS, rng), largest_component_side)
    return Verdict(
        id="exercise-3-largest-component",
        statement=(
            "The row of the eigenvector's largest component is one whose disc holds the eigenvalue"
        ),
        place=PLACE,
        finding=finding,
        evidence=_evidence(finding),
        measured={**measured, "orders": list(ORDERS)},
        explanation=_told(
            finding,
            measured,
            "every row that may hold the largest component was asked for",
            f"For every matrix it is in the written proof ({WRITTEN_CHOICE} and {WRITTEN})",
        ),
        tolerance_reason=BALLS,
        hypotheses=("M is a square complex matrix", "its eigenvalues are simple"),
        trials=trials,
        provenance={"seed": seed},
    )


def boundary_matrices() -> dict[str, fmpq_mat]:
    """Matrices with an eigenvalue on a circle, where balls cannot decide but rationals can."""
    named: dict[str, fmpq_mat] = {}
    for n in (2, 3, 5, 8):
        ones = fmpq_mat(n, n, [1] * (n * n))
        named[f"all ones, order {n}"] = ones
        named[f"Laplacian of the complete graph, order {n}"] = n * identity(n) - ones
        named[f"diagonal, order {n}"] = fmpq_mat(
            n, n, [i - 1 if i == j else 0 for i in range(n) for j in range(n)]
        )
        named[f"triangular, order {n}"] = fmpq_mat(
            n, n, [10 * i if i == j else int(i < j) for i in range(n) for j in range(n)]
        )
    named["exchange of two coordinates"] = fmpq_mat([[0, 1], [1, 0]])
    return named


def exact_distance_beyond(matrix: fmpq_mat) -> fmpq | None:
    """How far the worst eigenvalue is outside its nearest row disc (at most 0: all are inside).

    None where an eigenvalue is irrational, which this exact test does not treat.
    """
    eigenvalues = rational_eigenvalues(matrix)
    if eigenvalues is None:
        return None
    discs = _rational_discs(matrix)
    return max(
        min(abs(value - centre) - radius for centre, radius in discs) for value in eigenvalues
    )


def exact_share_of_radius(matrix: fmpq_mat) -> fmpq | None:
    """The factor below which the scaled discs lose an eigenvalue, where all discs have a radius.

    The largest, over the eigenvalues, of the distance to a centre over the radius, for the disc
    where that is least. None where an eigenvalue is irrational or a radius is zero.
    """
    eigenvalues = rational_eigenvalues(matrix)
    discs = _rational_discs(matrix)
    if eigenvalues is None or any(radius == 0 for _, radius in discs):
        return None
    return max(
        min(abs(value - centre) / radius for centre, radius in discs) for value in eigenvalues
    )


def _rational_discs(matrix: fmpq_mat) -> list[tuple[fmpq, fmpq]]:
    return [
        (row[j], sum(map(abs, row), fmpq(0)) - abs(row[j])) for j, row in enumerate(matrix.tolist())
    ]


def _boundary() -> Verdict:
    named = boundary_matrices()
    beyond = {name: exact_distance_beyond(matrix) for name, matrix in named.items()}
    decided = {name: value for name, value in beyond.items() if value is not None}
    outside = [name for name, value in decided.items() if value > 0]
    on_circle = sorted(name for name, value in decided.items() if value == 0)
    shown = bool(on_circle) and len(decided) == len(named)
    finding: Finding = "reproduced" if shown else "reproduced with a caveat"
    return Verdict(
        id="exercise-3-boundary",
        statement=(
            f"Of {len(named)} matrices with rational eigenvalues, none leaves its closed row discs "
            "and some would leave open ones: the discs have to be closed"
        ),
        place=PLACE,
        finding="refuted" if outside else finding,
        evidence="exact",
        measured={
            "matrices": sorted(named),
            "on_the_circle": on_circle,
            "outside": outside,
            "not_treated": sorted(set(named) - set(decided)),
        },
        explanation=(
            f"In rational arithmetic {len(outside)} of {len(decided)} matrices have an eigenvalue "
            f"outside every disc{': ' + ', '.join(outside) if outside else ''}; {len(on_circle)} "
            "have one on a circle and inside no disc; "
            f"{len(named) - len(decided)} have an irrational one and are not treated."
        ),
        trials=len(named),
    )


def outside_shrunk_discs(matrix: Integers, factor: fmpq) -> bool:
    """Whether some eigenvalue is certainly outside the discs with radii multiplied by `factor`."""
    array = np.array(matrix, dtype=float)

    def decide() -> Side | None:
        return spectrum_side(array, shrunk(row_discs(ball_matrix(array)), arb(factor)))

    # The last precision is low: a matrix whose spectrum lies on a shrunk circle is passed over.
    return at_rising_precision(decide, first=64, last=128).answer == "outside"


def _sharpness(found: Integers | None, share: fmpq | None, factor: fmpq, looked_at: int) -> str:
    if found is None:
        return f"None of {looked_at} integer matrices leaves its discs with radii times {factor}."
    matrix = fmpq_mat([list(row) for row in found])
    discs = " and ".join(f"centre {x}, radius {radius}" for x, radius in _rational_discs(matrix))
    told = (
        f"{matrix.tolist()} is the smallest integer matrix with an eigenvalue outside its discs "
        f"once their radii are multiplied by {factor}. Its discs are: {discs}; "
    )
    if share is None:
        return f"{told}an exact share of the radius is not at hand."
    values = " and ".join(map(str, rational_eigenvalues(matrix) or ()))
    return (
        f"{told}its eigenvalues {values}. The distance over the radius is {share}: every factor "
        f"below {share} fails on it."
    )


def _radius_is_sharp() -> Verdict:
    factor = fmpq(99, 100)
    found, looked_at = first_where(
        (matrix for order in (1, 2) for matrix in integer_matrices(order, largest=4)),
        lambda matrix: outside_shrunk_discs(matrix, factor),
    )
    share = None if found is None else exact_share_of_radius(fmpq_mat([list(row) for row in found]))
    return Verdict(
        id="exercise-3-radius-is-sharp",
        statement="No factor below 1 can be put before the radius",
        place=PLACE,
        finding="reproduced" if share == 1 else "reproduced with a caveat",
        evidence="counterexample" if found else "searched",
        measured={
            "smallest_matrix": found and [list(row) for row in found],
            "found_with_factor": str(factor),
            "distance_over_radius": share and str(share),
            "matrices_looked_at": looked_at,
        },
        explanation=_sharpness(found, share, factor, looked_at),
        tolerance_reason=BALLS,
        trials=looked_at,
    )
