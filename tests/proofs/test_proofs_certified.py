"""Enclosures hold the true eigenvalues, two independent ways, and doubt stays doubt."""

from __future__ import annotations

import numpy as np
import pytest
from flint import acb, arb, arb_mat, ctx

from proofs.certified import (
    at_rising_precision,
    ball_matrix,
    certain,
    condition_number,
    enclose_by_characteristic_polynomial,
    enclose_eigenpairs,
    enclose_eigenvalues,
)
from proofs.instances import SQUARE, generator


@pytest.mark.parametrize("family", sorted(SQUARE))
def test_arb_and_the_exact_characteristic_polynomial_agree(family: str) -> None:
    for order in (2, 6, 9):
        matrix = SQUARE[family](generator(1, family), order)
        with ctx.workprec(256):
            by_arb = enclose_eigenvalues(matrix).balls
            by_polynomial = enclose_by_characteristic_polynomial(matrix).balls
        for ball in by_arb:
            assert any(ball.overlaps(other) for other in by_polynomial)
        for ball in by_polynomial:
            assert any(ball.overlaps(other) for other in by_arb)


def test_a_triangular_matrix_has_its_diagonal_for_eigenvalues() -> None:
    matrix = np.array([[1 + 2j, 5, 7], [0, -3, 1j], [0, 0, 0.5]])
    with ctx.workprec(128):
        enclosures = enclose_by_characteristic_polynomial(matrix)
    assert enclosures.tight
    assert len(enclosures.balls) == 3
    for value in (acb(1, 2), acb(-3), acb(0.5)):
        assert sum(ball.contains(value) for ball in enclosures.balls) == 1


def test_a_complex_spectrum_is_not_mixed_up_with_its_conjugate() -> None:
    with ctx.workprec(128):
        enclosures = enclose_by_characteristic_polynomial(np.array([[2j, 1], [0, 2j]]))
    assert [ball.contains(acb(0, 2)) for ball in enclosures.balls] == [True]
    assert enclosures.tight


def test_conjugate_eigenvalues_of_a_complex_matrix_are_both_kept() -> None:
    matrix = np.array([[1j, 1, 0], [0, -1j, 0], [0, 0, 3 + 1j]])
    with ctx.workprec(128):
        enclosures = enclose_by_characteristic_polynomial(matrix)
    for value in (acb(0, 1), acb(0, -1), acb(3, 1)):
        assert sum(ball.contains(value) for ball in enclosures.balls) == 1
    assert not any(ball.contains(acb(3, -1)) for ball in enclosures.balls)


def test_a_defective_matrix_is_enclosed_tightly() -> None:
    block = 2.0 * np.eye(10) + np.eye(10, k=1)
    with ctx.workprec(128):
        (ball,) = enclose_eigenvalues(block).balls
    assert ball.contains(acb(2))
    assert ball.rad() < 1e-30


def test_enclosed_eigenvectors_satisfy_their_equation() -> None:
    matrix = SQUARE["complex Gaussian"](generator(2, "pairs"), 5)
    with ctx.workprec(128):
        balls = ball_matrix(matrix)
        pairs = enclose_eigenpairs(matrix)
        assert pairs is not None
        for value, vector in pairs:
            for row in range(5):
                image = sum((balls[row, k] * vector[k] for k in range(5)), start=acb(0))
                assert (image - value * vector[row]).contains(0)


def test_a_condition_number_by_hand() -> None:
    # [[100, 5], [5, 1]]: eigenvalues (101 +- sqrt(9901)) / 2.
    with ctx.workprec(128):
        found = condition_number(arb_mat([[100, 5], [5, 1]]))
        root = arb(9901).sqrt()
        assert found is not None
        assert found.overlaps((101 + root) / (101 - root))
        assert found.rad() < 1e-30


def test_an_indefinite_matrix_has_no_condition_number_here() -> None:
    assert condition_number(arb_mat([[1, 2], [2, 1]])) is None


def test_precision_doubles_until_the_comparison_decides() -> None:
    small = arb(2) ** -300

    def decide() -> bool | None:
        total = arb(1) / 3 + small - arb(1) / 3
        return True if total > 0 else None

    assert at_rising_precision(decide).precision == 512


def test_what_no_precision_decides_is_never_called_true() -> None:
    def on_the_boundary() -> bool | None:
        return True if arb(2).sqrt() ** 2 <= 2 else None

    assert at_rising_precision(on_the_boundary).answer is None
    with pytest.raises(ArithmeticError, match="not decided at 2048 bits"):
        certain(on_the_boundary)
