"""The variance of mini-batch gradients, by enumeration."""

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse

from experiments.analyses.gradient_noise import (
    measured_variance,
    row_gradients,
    single_variance,
    start_or_trained,
)
from optim.problem import Problem, Rows

X = np.array([[1.0, 0, 2], [0, -1, 1], [3, 1, 0], [0.5, 0, -1], [1, 1, 1], [-2, 0, 1]], np.float32)
Y = np.array([0, 1, 1, 0, 1, 0], np.float32)


@pytest.fixture
def problem() -> Problem:
    rows = Rows(np.arange(0, 19, 3), np.tile(np.arange(3, dtype=np.int32), 6), X.ravel(), Y)
    return Problem(rows, {"train": rows}, 3, "logistic")


def test_a_row_s_gradient_is_its_error_times_its_inputs(problem):
    weights = np.array([0.3, -0.2, 0.1, 0.5])
    inputs = np.hstack([X, np.ones((6, 1))])
    error = 1 / (1 + np.exp(-inputs @ weights)) - Y
    found = row_gradients(problem, weights).toarray()
    np.testing.assert_allclose(found, error[:, None] * inputs, rtol=1e-12)


def test_the_prediction_is_the_mean_over_every_batch_there_is(problem):
    gradients = row_gradients(problem, np.array([0.3, -0.2, 0.1, 0.5]))
    dense = gradients.toarray()
    full = dense.mean(axis=0)
    for batch in (1, 2, 3, 5):
        every = [
            np.sum((dense[list(rows)].mean(axis=0) - full) ** 2)
            for rows in combinations(range(6), batch)
        ]
        predicted = single_variance(gradients) / batch * (6 - batch) / 5
        assert predicted == pytest.approx(np.mean(every), rel=1e-10)


def test_what_is_measured_is_what_is_predicted(problem):
    gradients = row_gradients(problem, np.array([0.3, -0.2, 0.1, 0.5]))
    found = measured_variance(gradients, 2, 4000, np.random.default_rng(0))
    # Fifteen batches, whose squared distances deviate by about their mean: four standard errors.
    expected = single_variance(gradients) / 2 * 4 / 5
    assert found == pytest.approx(expected, rel=4 / np.sqrt(4000))
    assert measured_variance(gradients, 6, 3, np.random.default_rng(0)) == pytest.approx(
        0, abs=1e-25
    )


def test_the_start_is_before_any_step_and_descent_goes_down(problem):
    start = start_or_trained(problem, 0, 0.5, 0)
    after = start_or_trained(problem, 200, 0.5, 0)
    assert np.abs(start).max() < 0.1
    slopes = [
        scipy.sparse.csr_array.mean(row_gradients(problem, w), axis=0) for w in (start, after)
    ]
    assert np.linalg.norm(slopes[1]) < np.linalg.norm(slopes[0]) / 10
