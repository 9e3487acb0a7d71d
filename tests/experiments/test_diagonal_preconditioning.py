"""Scaling by the diagonal and Gerschgorin's discs, against arithmetic by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments.analyses.diagonal_preconditioning import (
    EXAMPLES,
    analyse,
    farthest_outside,
    length_changes,
    scaled,
)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    protocol = {"matrices": 30, "sizes": [2, 4], "seed": 0}
    return pd.concat(analyse(protocol), ignore_index=True)


def test_scaling_is_the_product_with_the_diagonal_s_inverse_roots():
    for matrix in EXAMPLES.values():
        inverse_roots = np.diag(np.diag(matrix) ** -0.5)
        np.testing.assert_allclose(scaled(matrix), inverse_roots @ matrix @ inverse_roots)


def test_the_two_by_two_example_by_hand(table):
    """[[1, 1/2], [1/2, 1]] has the eigenvalues 1/2 and 3/2, at the edges of its only disc."""
    numbers = table[(table.figure == "section 3.2.2: numbers") & (table.series == "after scaling")]
    assert numbers.set_index("label").value.to_dict() == pytest.approx(
        {"condition number": 3, "left edge of the discs": 0.5, "right edge of the discs": 1.5}
    )


def test_an_eigenvalue_in_a_disc_is_inside_by_its_distance_to_the_edge():
    # Discs that are points; then 0 and 3 in the discs [-2, 2] and {3}; then -2 and 2 in [-2, 2].
    assert farthest_outside(np.diag([1.0, 5.0])) == 0
    assert farthest_outside(np.array([[0.0, 2.0], [0.0, 3.0]])) == 0
    assert farthest_outside(np.array([[0.0, 2.0], [2.0, 0.0]])) == pytest.approx(0, abs=1e-14)
    assert farthest_outside(np.array([[0.0, 2.0], [1.0, 0.0]])) == pytest.approx(2**0.5 - 2)


def test_a_turn_changes_no_length_and_a_stretch_does():
    c, s = np.cos(1.0), np.sin(1.0)
    matrices = np.array([[[c, -s], [s, c]], [[3.0, 0.0], [0.0, 3.0]]])
    np.testing.assert_allclose(length_changes(matrices, np.ones((2, 2))), [0, 2], atol=1e-15)


def test_random_matrices_keep_to_exercises_1_and_3(table):
    lengths = table[table.metric == "largest relative change"]
    assert len(lengths) == 2
    assert (lengths.value < 1e-14).all()  # rounding of a product of matrices of this size
    outside = table[table.figure == "exercise 3: eigenvalues and discs"]
    assert (outside.value <= 1e-12).all()
