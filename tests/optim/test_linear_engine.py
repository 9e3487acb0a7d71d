"""The linear engine against a dense transcription of its updates in float64."""

import numpy as np
import pytest
from dense_reference import COORDINATEWISE, FEATURES, ROWS, SINGLE, dense, reference

from optim.block import INITIAL_SCALE
from optim.compiled import cache_folder, joined_source, kernels
from optim.kernels.functions import logistic
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem
from optim.registry import names, rule


@pytest.mark.parametrize("name", COORDINATEWISE)
@pytest.mark.parametrize("batch", [1, 7])
def test_every_rule_equals_its_dense_update_in_float64(problem, rows, name, batch):
    """Batch 1 and small batches touch few coordinates: the others catch up in closed form."""
    chosen = rule(name)
    given = chosen.hyperparameters()
    history = train(problem, chosen, [Run(given, 4)], epochs=3, batch=batch, thin=1)
    w, losses = reference(rows, chosen, given, epochs=3, seed=4, batch=batch)
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE)
    np.testing.assert_allclose(history.mean_losses[:, 0], losses, rtol=SINGLE, atol=SINGLE)


@pytest.mark.parametrize("name", COORDINATEWISE)
@pytest.mark.slow
def test_a_schedule_scales_the_learning_rate_at_every_step(problem, rows, name):
    chosen = rule(name)
    given = chosen.hyperparameters(lr=0.05)

    def rate(t):
        return 1 / np.sqrt(t)

    history = train(problem, chosen, [Run(given, 4, schedule=rate)], epochs=3, thin=1)
    w, _ = reference(rows, chosen, given, epochs=3, seed=4, batch=1, rate=rate)
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE)


@pytest.mark.parametrize("name", ["adagrad", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("batch", [1, 7])
def test_a_penalty_reaches_every_weight_at_every_step_but_not_the_intercept(
    problem, rows, name, batch
):
    chosen = rule(name)
    given = chosen.hyperparameters(lr=0.05)
    history = train(problem, chosen, [Run(given, 4, l2=0.1)], epochs=2, batch=batch, thin=1)
    w, _ = reference(rows, chosen, given, epochs=2, seed=4, batch=batch, l2=0.1)
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE)


def test_a_rule_whose_settings_leave_no_closed_form_runs_dense_to_the_end(problem, rows):
    """AdamW whose weights decay faster than its momentum: nothing must be caught up afterwards."""
    chosen = rule("adamw")
    given = chosen.hyperparameters(lr=0.05, beta1=0.99, beta2=0.999, weight_decay=1.0)
    history = train(problem, chosen, [Run(given, 4)], epochs=2)
    w, _ = reference(rows, chosen, given, epochs=2, seed=4, batch=1)
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=1e-3, atol=SINGLE)


def test_without_an_intercept_the_last_weight_stays_zero(rows):
    problem = Problem(rows, {}, FEATURES, "logistic", intercept=False)
    for batch in (1, 7):
        history = train(problem, rule("sgd"), [Run({"lr": 0.5})], epochs=1, batch=batch)
        assert history.weights[-1, 0] == 0
        assert np.abs(history.weights[:-1, 0]).max() > 0.1


def test_the_squared_loss_has_its_half_and_its_gradient(rows):
    targets = (*rows[:3], np.random.default_rng(5).normal(size=ROWS).astype(np.float32))
    problem = Problem(targets, {"train": targets}, FEATURES, "squared")
    chosen = rule("sgd")
    history = train(problem, chosen, [Run({"lr": 0.1})], epochs=2, batch=10, thin=10)
    w, losses = reference(targets, chosen, {"lr": 0.1}, epochs=2, seed=0, batch=10, loss="squared")
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE)
    np.testing.assert_allclose(history.mean_losses[:, 0], losses, rtol=SINGLE)


@pytest.mark.parametrize("name", ["adagrad", "adam"])
def test_a_feature_first_seen_where_the_label_is_all_but_certain_moves_as_far_as_any(name):
    """At a margin of 20 or more the prediction is 1 in single precision: less the label 1 it would
    leave no gradient, where rules that divide by the gradient's size take a whole step."""
    rows = (
        np.array([0, 1, 3], np.int64), np.array([0, 0, 1], np.int32), np.ones(3, np.float32),
        np.ones(2, np.float32),
    )  # fmt: skip
    seed = next(s for s in range(9) if np.random.default_rng([s, 1]).permutation(2)[0] == 0)
    chosen = rule(name)
    given = chosen.hyperparameters(lr=10.0)
    history = train(
        Problem(rows, {}, FEATURES, "logistic"), chosen, [Run(given, seed)], epochs=1, thin=1
    )
    w, losses = reference(rows, chosen, given, epochs=1, seed=seed, batch=1)
    assert w[1] > 0.9
    assert losses[1] < 1e-8
    # A margin of 20 that is off by 1e-5 of itself changes its exponential by 2e-4.
    np.testing.assert_allclose(history.weights[:2, 0], w[:2], rtol=1e-3)
    np.testing.assert_allclose(history.mean_losses[1, 0], losses[1], rtol=1e-3)


@pytest.mark.parametrize("label", [0, 1])
def test_the_logistic_loss_keeps_its_digits_at_any_margin(label):
    """Of a loss of 1e-4 at a margin of 9, a float32 beside 9 would keep two digits."""
    y = np.float32(label)
    for margin in (-80, -20, -9, -1, 0, 1, 9, 20, 80):
        value, slope = logistic(np.float32(margin), y)
        away = np.longdouble(margin if label == 0 else -margin)  # how far on the wrong side
        e = np.exp(-abs(away))
        np.testing.assert_allclose(value, np.log1p(e) + max(away, 0), rtol=1e-6)
        expected = (1 if away >= 0 else e) / (1 + e) * (1 - 2 * label)
        np.testing.assert_allclose(slope, expected, rtol=1e-6)  # some roundings of float32


def test_epoch_ends_are_measured_over_the_whole_set(problem, rows):
    history = train(problem, rule("sgd"), [Run({"lr": 0.5})], epochs=2)
    z = dense(rows) @ history.weights[:, 0]
    y = rows[3]
    expected = np.mean(np.logaddexp(0, z) - y * z)
    assert history.measured["train"]["loss"][-1, 0] == pytest.approx(expected, rel=SINGLE)
    assert history.measured["train"]["accuracy"][-1, 0] == np.mean((z > 0) == (y == 1))
    assert history.measured["train"]["loss"].shape == (3, 1)
    assert history.updates == 2 * ROWS


def test_sampled_and_mean_losses_are_taken_before_the_update(problem, rows):
    thinned = train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, thin=30)
    every = train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, thin=1)
    assert thinned.sampled_steps.tolist() == [0, 30, 60, 90, 120, 150, 180]
    assert np.array_equal(thinned.sampled_losses, every.sampled_losses[::30])
    means = [every.sampled_losses[i : i + 30].mean() for i in range(0, ROWS, 30)]
    np.testing.assert_allclose(thinned.mean_losses[:, 0], means, rtol=1e-6)  # summation order
    first = np.random.default_rng([0, 1]).permutation(ROWS)[0]
    z = dense(rows)[first, :-1] @ np.random.default_rng([0, 0]).normal(0, INITIAL_SCALE, FEATURES)
    expected = np.logaddexp(0, z) - rows[3][first] * z
    assert every.sampled_losses[0, 0] == pytest.approx(expected, rel=1e-6)  # float32


def test_the_mean_losses_of_batches_are_means_over_samples(problem):
    """200 samples in batches of 7: the last of 29 batches has four."""
    every = train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, batch=7, thin=1)
    joined = train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, batch=7, thin=70)
    sizes = np.full(29, 7)
    sizes[-1] = 4
    losses = every.sampled_losses[:, 0]
    expected = [
        np.average(losses[first : first + 10], weights=sizes[first : first + 10])
        for first in (0, 10, 20)
    ]
    np.testing.assert_allclose(joined.mean_losses[:, 0], expected, rtol=1e-12)  # same float64


def test_only_what_is_asked_for_is_measured(rows):
    asked = Problem(
        rows, {"train": rows, "test": rows}, FEATURES, "logistic", measures=("loss", "auc")
    )
    measured = train(asked, rule("sgd"), [Run({"lr": 0.1})], epochs=1).measured
    assert {split: list(names) for split, names in measured.items()} == {
        "train": ["loss"],
        "test": ["loss", "auc"],
    }
    with pytest.raises(ValueError, match="did you mean 'accuracy'"):
        Problem(rows, {}, FEATURES, "logistic", measures=("acuracy",))


def test_a_schedule_may_be_zero_for_a_while(problem, rows):
    """As a warm-up from 0 begins, and as a polynomial ends: nothing moves, and nothing is lost."""

    def rate(t):
        return np.where((np.asarray(t) > 40) & (np.asarray(t) < 350), 1.0, 0.0)

    for name in COORDINATEWISE:
        chosen = rule(name)
        given = chosen.hyperparameters(lr=0.05)
        history = train(problem, chosen, [Run(given, 4, schedule=rate)], epochs=2, thin=1)
        w, _ = reference(rows, chosen, given, epochs=2, seed=4, batch=1, rate=rate)
        np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE, err_msg=name)


def test_a_kernel_s_file_is_named_by_all_that_went_into_it():
    """Otherwise an edited rule could be served the binary of the old one."""
    kernels(rule("sgd"), "logistic", 1)
    assert list(cache_folder().glob("sgd_logistic_1_*.py"))
    assert joined_source(rule("sgd"), "logistic", 1) != joined_source(rule("sgd"), "squared", 1)
    assert joined_source(rule("sgd"), "logistic", 1) != joined_source(rule("sgd"), "logistic", 2)


def test_every_rule_found_is_named_as_its_file():
    assert all(rule(name).name == name for name in names())
