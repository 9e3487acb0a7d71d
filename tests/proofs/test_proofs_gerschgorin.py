"""Exercise 3: the checks hold for Gerschgorin's discs and fail for anything less."""

from __future__ import annotations

import numpy as np
import pytest
from flint import acb, arb, fmpq, fmpq_mat

from proofs.certified import at_rising_precision, ball_matrix
from proofs.discs import (
    Disc,
    column_discs,
    largest_component_side,
    row_discs,
    shrunk,
    side_of,
    side_of_union,
    spectrum_side,
)
from proofs.exercises import gerschgorin, orthogonal_invariance, written_proofs
from proofs.exercises.gerschgorin import (
    exact_distance_beyond,
    exact_share_of_radius,
    outside_shrunk_discs,
    tally,
)
from proofs.instances import SQUARE, Matrix, draws, generator

# Rows: centres 4, 1, -2 with radii 1, 3, 0.5. Columns: the same centres, radii 1, 1.5, 2.
HAND = np.array([[4.0, 1.0, 0.0], [1.0, 1.0, 2.0], [0.0, 0.5, -2.0]])


def instances() -> list[tuple[str, Matrix]]:
    return list(draws(SQUARE, (2, 5), 2, generator(3, "test")))


def test_the_discs_of_a_matrix_by_hand() -> None:
    balls = ball_matrix(HAND)
    assert row_discs(balls) == [
        Disc(acb(4), arb(1)),
        Disc(acb(1), arb(3)),
        Disc(acb(-2), arb(0.5)),
    ]
    assert [float(disc.radius) for disc in column_discs(balls)] == [1.0, 1.5, 2.0]


def test_every_instance_is_inside_its_row_and_column_discs() -> None:
    for discs in (row_discs, column_discs):
        finding, measured, trials = tally(
            instances(),
            lambda matrix, discs=discs: spectrum_side(matrix, discs(ball_matrix(matrix))),
        )
        assert finding == "reproduced"
        assert measured["inside"] == trials == 2 * 2 * len(SQUARE)


def test_centres_of_the_wrong_row_are_refuted() -> None:
    def decide(matrix: Matrix) -> str | None:
        discs = row_discs(ball_matrix(matrix))
        centres = [disc.centre for disc in discs]
        moved = zip(centres[1:] + centres[:1], discs, strict=True)
        return spectrum_side(matrix, [Disc(-centre, disc.radius) for centre, disc in moved])

    finding, measured, _ = tally(instances(), decide)
    assert finding == "refuted"
    assert measured["counterexample"]


def test_only_the_first_disc_is_not_enough() -> None:
    finding, _, _ = tally(
        instances(), lambda matrix: spectrum_side(matrix, row_discs(ball_matrix(matrix))[:1])
    )
    assert finding == "refuted"


def test_radii_without_absolute_values_are_refuted() -> None:
    def signed(matrix: Matrix) -> list[Disc]:
        balls = ball_matrix(matrix)
        order = balls.nrows()
        return [
            Disc(
                balls[j, j],
                abs(sum((balls[j, k] for k in range(order) if k != j), start=acb(0))),
            )
            for j in range(order)
        ]

    finding, _, _ = tally(instances(), lambda matrix: spectrum_side(matrix, signed(matrix)))
    assert finding == "refuted"


def test_shrunk_discs_are_refuted() -> None:
    finding, _, _ = tally(
        instances(),
        lambda matrix: spectrum_side(matrix, shrunk(row_discs(ball_matrix(matrix)), arb(0.25))),
    )
    assert finding == "refuted"


def test_an_undecided_instance_leaves_a_caveat_and_is_named() -> None:
    # The root of two lies on the circle of that radius, which no precision can tell from beside it.
    def decide(_matrix: Matrix) -> str | None:
        return side_of(acb(2).sqrt(), Disc(acb(0), arb(2).sqrt()))

    finding, measured, trials = tally([("on the circle", np.eye(1))], decide)
    assert finding == "reproduced with a caveat"
    assert measured["undecided_by_family"] == {"on the circle": 1}
    assert (measured["inside"], measured["outside"], trials) == (0, 0, 1)
    assert measured["highest_precision_bits"] == 2048


def test_a_ball_across_the_circle_is_on_no_side() -> None:
    disc = Disc(acb(0), arb(1))
    assert side_of(acb(arb(1, 1e-9)), disc) is None
    assert side_of_union(acb(arb(1, 1e-9)), [disc, Disc(acb(9), arb(1))]) is None
    assert side_of_union(acb(arb(1, 1e-9)), [disc, Disc(acb(2), arb(1.5))]) == "inside"
    assert side_of_union(acb(5), [disc, Disc(acb(2), arb(1.5))]) == "outside"


def test_the_row_of_the_largest_component_holds_the_eigenvalue() -> None:
    matrix = SQUARE["complex Gaussian"](generator(4, "largest"), 6)
    assert at_rising_precision(lambda: largest_component_side(matrix)).answer == "inside"


def test_the_row_of_the_smallest_component_need_not_hold_the_eigenvalue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The eigenvector's reciprocals have their largest component where the vector has its smallest.
    from proofs import discs

    true_pairs = discs.enclose_eigenpairs

    def reciprocal(matrix: Matrix) -> list[tuple[acb, list[acb]]] | None:
        pairs = true_pairs(matrix)
        return pairs and [(value, [1 / x for x in vector]) for value, vector in pairs]

    monkeypatch.setattr(discs, "enclose_eigenpairs", reciprocal)
    matrix = SQUARE["diagonally dominant"](generator(5, "smallest"), 4)
    assert at_rising_precision(lambda: largest_component_side(matrix)).answer == "outside"


def test_eigenvalues_on_circles_are_decided_exactly() -> None:
    # [[1, 1], [1, 1]]: eigenvalues 0 and 2, both discs have centre 1 and radius 1.
    assert exact_distance_beyond(fmpq_mat([[1, 1], [1, 1]])) == 0
    # [[0, 2], [0, 1]]: 0 and 1; the discs are |z| <= 2 and the point 1.
    assert exact_distance_beyond(fmpq_mat([[0, 2], [0, 1]])) == -1
    assert exact_distance_beyond(fmpq_mat([[0, 2], [1, 0]])) is None


@pytest.mark.slow
def test_the_boundary_check_fails_where_discs_are_too_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = gerschgorin._rational_discs
    monkeypatch.setattr(
        gerschgorin,
        "_rational_discs",
        lambda matrix: [(centre, radius * fmpq(999, 1000)) for centre, radius in whole(matrix)],
    )
    verdict = {v.id: v for v in gerschgorin.verify(0)}["exercise-3-boundary"]
    assert verdict.finding == "refuted"
    assert "all ones, order 2" in verdict.measured["outside"]
    assert "all ones, order 2" in verdict.explanation
    outside = len(verdict.measured["outside"])
    assert f"{outside} of 17 matrices have an eigenvalue outside every disc" in verdict.explanation


def test_the_exchange_matrix_breaks_every_factor_below_one() -> None:
    exchange = ((0, 1), (1, 0))
    assert exact_share_of_radius(fmpq_mat([list(row) for row in exchange])) == 1
    assert outside_shrunk_discs(exchange, fmpq(999999, 1000000))
    assert not outside_shrunk_discs(exchange, fmpq(1))
    assert not outside_shrunk_discs(((2, 1), (0, 3)), fmpq(1, 2))


@pytest.mark.slow
def test_the_verdicts_of_the_exercise() -> None:
    verdicts = {verdict.id: verdict for verdict in gerschgorin.verify(11)}
    assert {verdict.finding for verdict in verdicts.values()} == {"reproduced"}
    for name in ("exercise-3-row-discs", "exercise-3-column-discs"):
        measured = verdicts[name].measured
        assert measured["inside"] == verdicts[name].trials
        assert sum(measured["instances_by_family"].values()) == verdicts[name].trials
    assert verdicts["exercise-3-radius-is-sharp"].measured["smallest_matrix"] == [[0, 1], [1, 0]]


@pytest.mark.slow
def test_what_holds_on_samples_is_searched_and_names_the_proof_for_all() -> None:
    verdicts = {verdict.id: verdict for verdict in gerschgorin.verify(11)}
    for name in ("row-discs", "column-discs", "largest-component"):
        verdict = verdicts[f"exercise-3-{name}"]
        assert verdict.evidence == "searched"
        assert f"certainly holds for {verdict.trials}," in verdict.explanation
        assert gerschgorin.WRITTEN in verdict.explanation


def test_the_proofs_that_are_named_are_among_the_written_ones() -> None:
    written = {verdict.id: verdict for verdict in written_proofs.verify(0)}
    for name in (gerschgorin.WRITTEN, gerschgorin.WRITTEN_CHOICE, orthogonal_invariance.WRITTEN):
        assert written[name].finding == "reproduced"
    # The step that puts |x_j| for every |x_k|, which is where the choice of j enters.
    assert "abs(x[j])" in written[gerschgorin.WRITTEN_CHOICE].statement


def test_smaller_discs_change_the_explanation_and_the_evidence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gerschgorin, "ORDERS", (2, 3))
    monkeypatch.setattr(gerschgorin, "row_discs", lambda balls: row_discs(balls)[:1])
    verdict = {v.id: v for v in gerschgorin.verify(0)}["exercise-3-row-discs"]
    assert (verdict.finding, verdict.evidence) == ("refuted", "counterexample")
    assert f"certainly fails for {verdict.measured['outside']}," in verdict.explanation
    assert gerschgorin.WRITTEN not in verdict.explanation


def test_sharpness_is_told_of_the_matrix_that_was_found() -> None:
    factor = fmpq(99, 100)
    told = gerschgorin._sharpness(((0, 1), (1, 0)), fmpq(1), factor, 27)
    assert "centre 0, radius 1 and centre 0, radius 1" in told
    assert "eigenvalues 1 and -1" in told
    # Eigenvalues 3 and -1, both discs about 1 with radius 2.
    assert "eigenvalues 3 and -1" in gerschgorin._sharpness(((1, 2), (2, 1)), fmpq(1), factor, 9)
    assert gerschgorin._sharpness(None, None, factor, 5).startswith("None of 5 integer matrices")
