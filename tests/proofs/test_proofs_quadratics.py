"""Exercises 2 and 4: exact spectra, and a finding that follows what is printed."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from flint import arb, ctx

from proofs.certified import certain, condition_number
from proofs.exercises import diagonal_preconditioning, rotated_quadratic
from proofs.exercises.diagonal_preconditioning import (
    almost_all_ones,
    balls,
    discs_reach,
    is_far_from_one,
    is_made_worse,
    scaled,
    scaled_balls,
    symbolic_entries_differ,
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
    assert verdicts["exercise-2-is-a-rotation"].finding == "refuted"


def test_the_findings_turn_if_the_missing_factor_is_put_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotated_quadratic, "F2_PRINTED", F2_PRINTED / 2)
    verdicts = by_id(rotated_quadratic.verify(0))
    assert verdicts["exercise-2-same-spectrum"].finding == "reproduced"
    assert verdicts["exercise-2-is-a-rotation"].finding == "reproduced"
    assert verdicts["exercise-2-printed-gradient"].finding == "refuted"


def test_the_findings_turn_if_f1_is_another_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotated_quadratic, "F1", X1**2 / 10 + 3 * X2**2)
    verdicts = by_id(rotated_quadratic.verify(0))
    assert verdicts["exercise-2-spectrum-of-f1"].finding == "refuted"
    assert verdicts["exercise-2-same-condition-number"].finding == "refuted"


def test_a_shear_is_not_a_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotated_quadratic, "ROTATION", sympy.Matrix([[1, 1], [0, 1]]))
    assert by_id(rotated_quadratic.verify(0))["exercise-2-true-rotation"].finding == "refuted"


def test_composing_substitutes_both_coordinates_at_once() -> None:
    exchanged = composed(F1, sympy.Matrix([[0, 1], [1, 0]]))
    assert sympy.expand(exchanged - (X2**2 / 10 + 2 * X1**2)) == 0


def test_the_scaled_matrix_by_hand() -> None:
    assert scaled(sympy.Matrix([[4, 6], [6, 16]])) == sympy.Matrix(
        [[1, sympy.Rational(3, 4)], [sympy.Rational(3, 4), 1]]
    )
    with ctx.workprec(128):
        assert scaled_balls(((4, 6), (6, 16)))[0, 1].contains(arb(3) / 4)
    assert symbolic_entries_differ(2) == []


def test_scaling_from_one_side_only_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_sided(matrix: sympy.Matrix) -> sympy.Matrix:
        return sympy.diag(*(1 / matrix[i, i] for i in range(matrix.rows))) * matrix

    monkeypatch.setattr(diagonal_preconditioning, "scaled", one_sided)
    assert symbolic_entries_differ(2) == [(0, 1), (1, 0)]
    assert diagonal_preconditioning._entries().finding == "refuted"


def test_one_wrong_printed_digit_is_refuted() -> None:
    printed = ((1.0, 0.1667, 0.25), (0.1667, 1.0, 0.26), (0.25, 0.25, 1.0))
    verdict = diagonal_preconditioning._printed_entries(
        "example",
        diagonal_preconditioning.PLACE,
        diagonal_preconditioning.THREE_BY_THREE,
        printed,
    )
    assert verdict.finding == "refuted"
    assert verdict.measured["largest_difference"] == pytest.approx(0.01)


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


def test_the_worked_examples_improve_and_their_discs_reach_one_half() -> None:
    verdicts = by_id(diagonal_preconditioning.verify(0))
    two = verdicts["exercise-4-two-by-two-conditioning"].measured
    assert two["condition_number_after"] == 3.0
    assert two["scaled_eigenvalues"] == ["1/2", "3/2"]
    assert two["discs_reach"] == "1/2"
    three = verdicts["exercise-4-three-by-three-conditioning"].measured
    assert three["condition_number_after"] < three["condition_number_before"]
    assert discs_reach(scaled(sympy.Matrix([[4, 1, 2], [1, 9, 3], [2, 3, 16]]))) == sympy.Rational(
        1, 2
    )


def test_near_one_is_refuted_by_a_matrix_a_person_can_check() -> None:
    assert is_far_from_one(((2, 1), (1, 1)))  # 1/2 > 1/4
    assert not is_far_from_one(((2, 1), (1, 2)))  # 1/4 is on the edge
    # All ones plus I/100 of order n: (1/100)/(101/100) and (n + 1/100)/(101/100).
    assert almost_all_ones(4) == [sympy.Rational(1, 101), sympy.Rational(401, 101)]
    verdict = by_id(diagonal_preconditioning.verify(0))["exercise-4-eigenvalues-near-one"]
    assert verdict.finding == "refuted"
    assert verdict.measured["smallest_matrix"] == [[2, 1], [1, 1]]


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


def test_an_off_diagonal_entry_may_grow() -> None:
    verdict = by_id(diagonal_preconditioning.verify(0))["exercise-4-off-diagonal-shrinks"]
    assert verdict.finding == "refuted"
    assert verdict.measured["holds_in_the_worked_example"] is True
    # sqrt(2)/2 = 0.71 after, 1/4 before.
    assert verdict.measured["smallest_matrix"] == [["1/2", "1/4"], ["1/4", "1/4"]]
    assert verdict.measured["scaled"][0][1] == "sqrt(2)/2"
