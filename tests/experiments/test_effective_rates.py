"""Effective rates and weight decay against closed forms, on a small problem."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_regression
from sklearn.linear_model import LinearRegression

from data.prepared import Rows
from experiments.analyses.effective_rates import (
    adagrad_under_a_constant_gradient,
    effective_rates,
    falling,
    measured_decay,
)
from experiments.least_squares import LeastSquares, least_squares

PROTOCOL = {
    "batch": 5, "epochs": 3, "seed": 0, "weight_decay": 0.01, "scales": [1.0, 10.0],
    "decay_steps": 300,
}  # fmt: skip


@pytest.fixture(scope="module")
def problem() -> LeastSquares:
    x, y = make_regression(40, 3, noise=3.0, random_state=0)
    indptr, indices = np.arange(0, 121, 3), np.tile(np.arange(3, dtype=np.int32), 40)
    return least_squares(
        Rows(indptr, indices, x.astype(np.float32).ravel(), y.astype(np.float32), 3)
    )


def test_the_minimiser_and_the_loss_are_scikit_learn_s(problem):
    fit = LinearRegression().fit(problem.inputs[:, :-1], problem.targets)
    # Two direct solves in float64 of a well-conditioned problem.
    np.testing.assert_allclose(problem.minimiser, [*fit.coef_, fit.intercept_], rtol=1e-9)
    residual = problem.targets - fit.predict(problem.inputs[:, :-1])
    assert problem.smallest == pytest.approx(np.mean(residual**2) / 2, rel=1e-9)
    at = np.array([1.0, -2.0, 0.5, 3.0])
    half = np.mean((problem.inputs @ at - problem.targets) ** 2) / 2
    assert problem.loss(at) == pytest.approx(half, rel=1e-9)


def test_the_gradient_over_all_rows_is_that_of_all_rows_numbered(problem):
    at = np.array([1.0, -2.0, 0.5, 3.0])
    numbered = problem.gradient(at, np.arange(40))
    np.testing.assert_allclose(problem.gradient(at), numbered, rtol=1e-9)


def test_sgd_has_its_own_rate_and_adagrad_s_first_is_over_the_gradient(problem):
    assert effective_rates(problem, "sgd", {"lr": 0.01}, PROTOCOL) == pytest.approx(0.01, rel=1e-6)
    rates = effective_rates(problem, "adagrad", {"lr": 0.1, "eps": 0.0}, PROTOCOL)
    first = np.random.default_rng(0).permutation(40)[:5]
    gradient = problem.gradient(np.zeros(4), first)
    assert rates[0] == pytest.approx(0.1 / np.exp(np.log(np.abs(gradient)).mean()), rel=1e-9)
    assert (np.diff(rates) <= 0).all()
    assert rates.size == 3 * 8


def test_the_power_of_the_step_is_found():
    assert falling(3 * np.arange(1, 101) ** -0.5) == pytest.approx(-0.5)
    assert falling(np.full(10, 7.0)) == pytest.approx(0, abs=1e-12)


def test_under_aadagrad_under_a_constant_gradient_adagrad_moves_by_the_root_of_the_step():
    table = pd.concat(adagrad_under_a_constant_gradient(1000))
    columns = {metric: rows.value.to_numpy() for metric, rows in table.groupby("metric")}
    # Moves are differences of a way of up to 63, in float64.
    np.testing.assert_allclose(columns["move"], columns["move predicted"], rtol=1e-10)
    x = table[table.metric == "way so far"].x.to_numpy().astype(int)
    by_hand = np.cumsum(1 / np.sqrt(np.arange(1, 1001)))[x - 1]
    np.testing.assert_allclose(columns["way so far"], by_hand, rtol=1e-10)


def test_adamw_decays_alike_at_every_scale_and_adam_with_l2_by_one_over_it():
    adamw = measured_decay("adamw", PROTOCOL)
    # The mirrored noise cancels; (1 - lr decay)^T is left.
    np.testing.assert_allclose(adamw, -np.log1p(-1e-3 * 0.01) / 1e-3, rtol=1e-6)
    l2 = measured_decay("adam_l2", PROTOCOL)
    # The first steps divide by few squares of noise: a root of a mean, some per cent above.
    np.testing.assert_allclose(l2, [0.01, 0.001], rtol=0.1)


def test_the_configured_rules_are_a_rate_times_the_gradient():
    import yaml

    path = Path(__file__).resolve().parents[2] / "config/analyses/effective_rates.yaml"
    protocol = yaml.safe_load(path.read_text(encoding="utf-8"))["analyses"]["effective_rates"]
    assert set(protocol["optimizers"]) <= {"sgd", "adagrad_eps_inside", "rmsprop_eps_inside"}
