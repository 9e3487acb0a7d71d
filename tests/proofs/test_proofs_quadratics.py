"""Exercises 2 and 4: exact spectra, and a finding that follows what is printed."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from flint import arb, ctx

from proofs.certified import certain, condition_number
from proofs.exercises import diagonal_preconditioning, rotated_quadratic
from proofs.exercises.diagonal_preconditioning import (
    NEAR,
    THREE_BY_THREE,
    TWO_BY_TWO,
    almost_all_ones,
    balls,
    distance_from_one,
    is_far_from_one,
    is_made_worse,
    scaled,
    scaled_balls,
    symbolic_order_residue,
)
from proofs.exercises.rotated_quadratic import F1, F2_PRINTED, X1, X2, composed, spectrum
from proofs.verdict import Verdict


def by_id(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in verdicts}


def test_the_spectrum_of_a_quadratic_by_hand() -> None:
    # 3/2 x1^2 + x1 x2 + 3/2 x2^2 has the Hessian [[3, 1], [1, 3]]: 2 and 4.
    function = sympy.Rational(3, 2) * (X1**2 + X2**2) + X1 * X2
    assert spectrum(function) == [2, 4]
    assert spectrum(X1**2 + X2**2) == [2, 2]


def test_the_printed_rotation_doubles_every_eigenvalue() -> None:
    verdicts = by_id(rotated_quadratic.verify(0))
    same = verdicts["exercise-2-same-spectrum"]
    assert same.finding == "refuted"
    assert same.measured["eigenvalues_of_f2_as_printed"] == ["2/5", "8"]
    assert same.measured["ratios"] == ["2", "2"]
    assert verdicts["exercise-2-same-condition-number"].measured == {
        "f1": "20",
        "f2_as_printed": "20",
    }
    assert "is 2 times one of f1" in same.explanation
    assert "(x1 + x2, x1 - x2) lacks the factor sqrt(2)/2" in same.explanation
    rotation = verdicts["exercise-2-is-a-rotation"]
    assert rotation.finding == "refuted"
    assert "the traces are 21/5 and 42/5" in rotation.explanation


def test_the_findings_turn_if_the_missing_factor_is_put_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotated_quadratic, "F2_PRINTED", F2_PRINTED / 2)
    verdicts = by_id(rotated_quadratic.verify(0))
    assert verdicts["exercise-2-same-spectrum"].finding == "reproduced"
    assert verdicts["exercise-2-is-a-rotation"].finding == "reproduced"
    assert verdicts["exercise-2-printed-gradient"].finding == "refuted"
    same = verdicts["exercise-2-same-spectrum"].explanation
    assert same == "Both have the eigenvalues 1/5 and 4."
    assert "the traces are 21/5 and 21/5" in verdicts["exercise-2-is-a-rotation"].explanation
    assert "f1(Bx) is not f2(x)" in verdicts["exercise-2-is-a-rotation"].explanation
    assert "something else than half" in verdicts["exercise-2-true-rotation"].explanation


def test_the_findings_turn_if_f1_is_another_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotated_quadratic, "F1", X1**2 / 10 + 3 * X2**2)
    verdicts = by_id(rotated_quadratic.verify(0))
    assert verdicts["exercise-2-spectrum-of-f1"].finding == "refuted"
    assert verdicts["exercise-2-same-condition-number"].finding == "refuted"
    # f1 now has 1/5 and 6, f2 as printed still 2/5 and 8: 2 and 4/3 times.
    assert "[[1/5, 0], [0, 6]]" in verdicts["exercise-2-spectrum-of-f1"].explanation
    assert "times 2 and 4/3" in verdicts["exercise-2-same-spectrum"].explanation
    told = verdicts["exercise-2-same-condition-number"].explanation
    assert told.startswith("It is 30 for f1 and 20 for f2")


def test_a_shear_is_not_a_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotated_quadratic, "ROTATION", sympy.Matrix([[1, 1], [0, 1]]))
    verdict = by_id(rotated_quadratic.verify(0))["exercise-2-true-rotation"]
    assert verdict.finding == "refuted"
    assert "is not orthogonal" in verdict.explanation


def test_composing_substitutes_both_coordinates_at_once() -> None:
    exchanged = composed(F1, sympy.Matrix([[0, 1], [1, 0]]))
    assert sympy.expand(exchanged - (X2**2 / 10 + 2 * X1**2)) == 0


def test_the_scaled_matrix_by_hand() -> None:
    assert scaled(sympy.Matrix([[4, 6], [6, 16]])) == sympy.Matrix(
        [[1, sympy.Rational(3, 4)], [sympy.Rational(3, 4), 1]]
    )
    with ctx.workprec(128):
        assert scaled_balls(((4, 6), (6, 16)))[0, 1].contains(arb(3) / 4)


def test_the_entries_hold_for_a_symbolic_order_and_not_with_one_side_scaled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert symbolic_order_residue(lambda scale, matrix: scale * matrix * scale) == 0
    assert symbolic_order_residue(lambda scale, matrix: scale * matrix) != 0
    assert symbolic_order_residue(lambda scale, matrix: scale * matrix.T * scale) != 0
    assert diagonal_preconditioning._entries().explanation.endswith("is 0.")
    monkeypatch.setattr(diagonal_preconditioning, "symbolic_order_residue", lambda _product: X1)
    verdict = diagonal_preconditioning._entries()
    assert verdict.finding == "refuted"
    assert verdict.explanation.endswith("is x1.")


def one_sided(matrix: sympy.Matrix) -> sympy.Matrix:
    """D^-1 Q: its diagonal is 1 too, but it is another matrix."""
    return sympy.diag(*(1 / matrix[i, i] for i in range(matrix.rows))) * matrix


def test_scaling_from_one_side_only_is_seen_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagonal_preconditioning, "scaled", one_sided)
    two = diagonal_preconditioning._printed_entries(TWO_BY_TWO)
    assert two.finding == "refuted"
    assert "entry (2, 1) is 5, printed 0.5" in two.explanation


def test_a_law_of_the_plane_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagonal_preconditioning, "scaled", lambda matrix: matrix)
    verdict = diagonal_preconditioning._never_worse_in_two_dimensions()
    assert verdict.finding == "refuted"
    assert "lowers it by (0)" in verdict.explanation


def test_one_wrong_printed_digit_is_refuted_and_named() -> None:
    printed = (("1", "0.1667", "0.25"), ("0.1667", "1", "0.26"), ("0.25", "0.25", "1"))
    verdict = diagonal_preconditioning._printed_entries(THREE_BY_THREE._replace(printed=printed))
    assert verdict.finding == "refuted"
    assert verdict.measured["largest_difference"] == pytest.approx(0.01)
    assert "entry (2, 3) is 1/4, printed 0.26" in verdict.explanation


@pytest.mark.slow
def test_a_printed_number_that_is_not_rounded_has_to_be_exact() -> None:
    verdicts = by_id(diagonal_preconditioning.verify(0))
    two = verdicts["exercise-4-two-by-two-entries"]
    assert (two.finding, two.tolerance) == ("reproduced", 0.0)
    assert two.explanation == "Every one of the 4 entries is exactly the number printed."
    nearly = TWO_BY_TWO._replace(printed=(("1", "0.50001"), ("0.5", "1")))
    assert diagonal_preconditioning._printed_entries(nearly).finding == "refuted"
    three = verdicts["exercise-4-three-by-three-entries"]
    assert three.tolerance == 5e-5
    assert "entry (1, 2) is 1/6, printed 0.1667" in three.explanation


@pytest.mark.parametrize("matrix", [((100, 5), (5, 1)), ((4, 1, 2), (1, 9, 3), (2, 3, 16))])
def test_certified_condition_numbers_agree_with_numpy(
    matrix: tuple[tuple[int, ...], ...],
) -> None:
    array = np.array(matrix, dtype=float)
    scale = 1.0 / np.sqrt(np.diag(array))
    # Both condition numbers are below 200, so numpy's keep some 13 digits.
    for enclosed, plain in (
        (certain(lambda: condition_number(balls(matrix))), array),
        (certain(lambda: condition_number(scaled_balls(matrix))), array * np.outer(scale, scale)),
    ):
        assert float(enclosed) == pytest.approx(np.linalg.cond(plain), rel=1e-11)


@pytest.mark.slow
def test_the_worked_examples_hold_with_the_counterexample_as_caveat() -> None:
    verdicts = by_id(diagonal_preconditioning.verify(0))
    two = verdicts["exercise-4-two-by-two-conditioning"]
    assert (two.finding, two.measured["condition_number_after"]) == ("reproduced", 3.0)
    for name in ("off-diagonal", "eigenvalues", "conditioning"):
        assert verdicts[f"exercise-4-three-by-three-{name}"].finding == "reproduced with a caveat"
    three = verdicts["exercise-4-three-by-three-conditioning"]
    worse = three.measured["smallest_matrix_made_worse"]
    assert three.measured["condition_number_after"] < three.measured["condition_number_before"]
    assert worse["condition_number_after"] > worse["condition_number_before"]
    assert str(worse["matrix"]) in three.explanation


@pytest.mark.slow
def test_what_is_refuted_is_said_to_be_the_general_reading() -> None:
    refuted = [v for v in diagonal_preconditioning.verify(0) if v.finding == "refuted"]
    assert {verdict.id for verdict in refuted} == {
        "exercise-4-eigenvalues-near-one",
        "exercise-4-better-conditioned",
    }
    for verdict in refuted:
        assert verdict.statement.startswith("Read as a general answer to the exercise's question")
        assert verdict.explanation.startswith(str(verdict.measured["smallest_matrix"]))


@pytest.mark.slow
def test_the_distances_from_one_by_hand_and_by_numpy() -> None:
    # [[2, 1], [1, 2]]: 1 and 3, with the mean 2: distances 2 and 1/2.
    with ctx.workprec(128):
        plain = distance_from_one(balls(((2, 1), (1, 2))), arb(1))
        by_mean = distance_from_one(balls(((2, 1), (1, 2))), arb(2))
    assert plain is not None
    assert by_mean is not None
    assert plain.contains(2)
    assert by_mean.contains(arb(1) / 2)
    array = np.array(THREE_BY_THREE.matrix, dtype=float)
    scale = 1.0 / np.sqrt(np.diag(array))
    verdict = by_id(diagonal_preconditioning.verify(0))["exercise-4-three-by-three-eigenvalues"]
    for name, matrix in (
        ("scaled", array * np.outer(scale, scale)),
        ("not scaled", array),
        ("divided by their mean", array / array.trace() * 3),
    ):
        plain = np.abs(np.linalg.eigvalsh(matrix) - 1).max()
        # numpy keeps some 13 digits; what is told has four.
        assert f"{plain:.4g} {name}" in verdict.explanation


def test_an_example_that_scaling_does_not_help_is_refuted_and_told() -> None:
    # A diagonal of 2s: scaling divides the matrix by its mean eigenvalue and changes no ratio.
    alike = THREE_BY_THREE._replace(matrix=((2, 1, 0), (1, 2, 0), (0, 0, 2)))
    nothing = diagonal_preconditioning.Searched(None, 7)
    eigenvalues = diagonal_preconditioning._eigenvalues_near_one(alike, nothing)
    assert eigenvalues.finding == "refuted"
    assert "0.5 scaled, 2 not scaled, 0.5 divided by their mean" in eigenvalues.explanation
    assert "not certainly the nearest" in eigenvalues.explanation
    conditioning = diagonal_preconditioning._better_conditioned(alike, nothing)
    assert conditioning.finding == "refuted"
    assert "3 to 3, which is not certainly lower" in conditioning.explanation
    small = THREE_BY_THREE._replace(matrix=((1, 0, 0), (0, 4, 1), (0, 1, 1)))
    off_diagonal = diagonal_preconditioning._off_diagonal(small, nothing)
    assert off_diagonal.finding == "refuted"  # a zero stays zero
    assert "Not smaller: (1, 2), (1, 3)." in off_diagonal.explanation


def test_a_search_that_finds_nothing_leaves_no_caveat_and_refutes_nothing() -> None:
    nothing = diagonal_preconditioning.Searched(None, 7)
    for verdict in (
        diagonal_preconditioning._off_diagonal(THREE_BY_THREE, nothing),
        diagonal_preconditioning._eigenvalues_near_one(THREE_BY_THREE, nothing),
        diagonal_preconditioning._better_conditioned(THREE_BY_THREE, nothing),
    ):
        assert verdict.finding == "reproduced"
        assert "every matrix" not in verdict.explanation
    for verdict in (
        diagonal_preconditioning._near_one_in_general(nothing),
        diagonal_preconditioning._better_conditioned_in_general(nothing),
    ):
        assert (verdict.evidence, verdict.trials) == ("searched", 7)
        assert verdict.explanation.startswith("None of the 7 integer matrices")


@pytest.mark.slow
def test_near_one_is_refuted_by_a_matrix_a_person_can_check() -> None:
    assert is_far_from_one(((2, 1), (1, 1)))  # 1/2 > 1/4
    assert not is_far_from_one(((2, 1), (1, 2)))  # 1/4 is on the edge
    # All ones plus I/100 of order n: (1/100)/(101/100) and (n + 1/100)/(101/100).
    assert almost_all_ones(4) == ["1/101", "401/101"]
    verdict = by_id(diagonal_preconditioning.verify(0))["exercise-4-eigenvalues-near-one"]
    assert verdict.finding == "refuted"
    assert verdict.measured["smallest_matrix"] == [[2, 1], [1, 1]]
    # As far as the discs of the 3x3 example reach: its last row is 1/4, 1/4, 1.
    rows = scaled(sympy.Matrix(THREE_BY_THREE.matrix)).tolist()
    assert max(sum(row) - 1 for row in rows) == NEAR


def test_a_matrix_that_scaling_makes_worse_by_hand() -> None:
    # [[2, 1, 1], [1, 3, 2], [1, 2, 3]]: (7 + sqrt 17)/2 = 5.56 before; 1/3, 2/3 and 2 after, so 6.
    worse = ((2, 1, 1), (1, 3, 2), (1, 2, 3))
    assert is_made_worse(worse)
    with ctx.workprec(128):
        before, after = condition_number(balls(worse)), condition_number(scaled_balls(worse))
        assert before is not None
        assert after is not None
        assert before.overlaps((7 + arb(17).sqrt()) / 2)
        assert after.contains(6)
    assert not is_made_worse(((100, 5, 0), (5, 1, 0), (0, 0, 1)))
    assert not is_made_worse(((1, 0, 0), (0, 1, 0), (0, 0, 1)))


@pytest.mark.slow
def test_better_conditioned_is_refuted_and_in_two_dimensions_it_is_not() -> None:
    verdicts = by_id(diagonal_preconditioning.verify(0))
    worse = verdicts["exercise-4-better-conditioned"]
    assert worse.finding == "refuted"
    assert worse.measured["condition_number_after"] > worse.measured["condition_number_before"]
    array = np.array(worse.measured["smallest_matrix"], dtype=float)
    assert np.linalg.cond(array) == pytest.approx(
        worse.measured["condition_number_before"], rel=1e-11
    )
    assert verdicts["exercise-4-never-worse-in-two-dimensions"].finding == "reproduced"


@pytest.mark.slow
def test_an_off_diagonal_entry_may_grow() -> None:
    verdicts = by_id(diagonal_preconditioning.verify(0))
    verdict = verdicts["exercise-4-three-by-three-off-diagonal"]
    assert verdict.measured["not_smaller"] == []
    # sqrt(2)/2 = 0.71 after, 1/4 before.
    assert verdict.measured["smallest_matrix_where_one_grows"] == [["1/2", "1/4"], ["1/4", "1/4"]]
    assert verdict.measured["that_matrix_scaled"][0][1] == "sqrt(2)/2"
    assert "1/4 to sqrt(2)/2" in verdict.explanation
