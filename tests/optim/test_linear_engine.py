"""The linear engine against a dense transcription in float64, and what its lanes may not share."""

import numpy as np
import pytest

from optim.compiled import cache_folder, joined_source, kernels
from optim.linear import INITIAL_SCALE, Problem, train
from optim.registry import names, rule

ROWS, FEATURES = 200, 60

SINGLE = 1e-4
"""Float32 keeps 6e-8 a step; some hundred steps of accumulated rounding stay far below this."""


def sparse_rows(seed: int, rows: int = ROWS, features: int = FEATURES):
    """Unit rows with 1 to 12 non-zeros of very different frequencies, and learnable 0/1 labels."""
    draw = np.random.default_rng(seed)
    likely = 1 / np.arange(1, features + 1)
    chosen = [
        np.sort(draw.choice(features, draw.integers(1, 13), False, likely / likely.sum()))
        for _ in range(rows)
    ]
    values = [draw.uniform(0.1, 1, len(ids)) for ids in chosen]
    values = [row / np.linalg.norm(row) for row in values]
    truth = draw.normal(0, 3, features)
    labels = [row @ truth[ids] > 0 for ids, row in zip(chosen, values, strict=True)]
    indptr = np.concatenate([[0], np.cumsum([len(ids) for ids in chosen])]).astype(np.int64)
    return (
        indptr,
        np.concatenate(chosen).astype(np.int32),
        np.concatenate(values).astype(np.float32),
        np.array(labels, np.float32),
    )


def dense(rows, features: int = FEATURES) -> np.ndarray:
    """The rows as a dense float64 matrix with a column of ones for the intercept."""
    indptr, indices, values, labels = rows
    matrix = np.zeros((labels.size, features + 1))
    matrix[np.repeat(np.arange(labels.size), np.diff(indptr)), indices] = values
    matrix[:, -1] = 1
    return matrix


def reference(rows, chosen, hyperparameters, *, epochs, seed, batch, loss="logistic"):
    """Weights and batch losses by dense updates in float64, written from the definitions."""
    matrix, labels = dense(rows), rows[3].astype(np.float64)
    start, orders = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    w = np.append(start.normal(0, INITIAL_SCALE, FEATURES), 0.0)
    state = tuple(np.zeros_like(w) for _ in chosen.state)
    losses, t = [], 0
    for _ in range(epochs):
        order = orders.permutation(labels.size)
        for first in range(0, labels.size, batch):
            x, y = matrix[order[first : first + batch]], labels[order[first : first + batch]]
            z = x @ w
            if loss == "logistic":
                p = 1 / (1 + np.exp(-z))
                losses.append(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)))
                g = x.T @ (p - y) / len(y)
            else:
                losses.append(np.mean((z - y) ** 2) / 2)
                g = x.T @ (z - y) / len(y)
            t += 1
            w, state = chosen.step(w, g, state, t, hyperparameters)
    return w, np.array(losses)


@pytest.fixture(scope="module")
def rows():
    return sparse_rows(0)


@pytest.fixture(scope="module")
def problem(rows):
    return Problem(rows, {"train": rows, "test": sparse_rows(1)}, FEATURES, "logistic")


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adagrad_eps_inside", "adam"])
@pytest.mark.parametrize("batch", [1, 7, ROWS])
def test_a_run_equals_the_dense_update_in_float64(problem, rows, name, batch):
    chosen = rule(name)
    given = chosen.hyperparameters(lr=0.05)
    history = train(problem, chosen, [given], epochs=3, seed=4, batch=batch, thin=1)
    w, losses = reference(rows, chosen, given, epochs=3, seed=4, batch=batch)
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE)
    np.testing.assert_allclose(history.mean_losses[:, 0], losses, rtol=SINGLE, atol=SINGLE)


def test_the_squared_loss_has_its_half_and_its_gradient(rows):
    targets = (*rows[:3], np.random.default_rng(5).normal(size=ROWS).astype(np.float32))
    problem = Problem(targets, {"train": targets}, FEATURES, "squared")
    chosen = rule("sgd")
    history = train(problem, chosen, [{"lr": 0.1}], epochs=2, seed=0, batch=10)
    w, losses = reference(targets, chosen, {"lr": 0.1}, epochs=2, seed=0, batch=10, loss="squared")
    np.testing.assert_allclose(history.weights[:, 0], w, rtol=SINGLE, atol=SINGLE)
    np.testing.assert_allclose(history.mean_losses[:, 0], losses, rtol=SINGLE)


def test_epoch_ends_are_measured_over_the_whole_set(problem, rows):
    history = train(problem, rule("sgd"), [{"lr": 0.5}], epochs=2, seed=0)
    z = dense(rows) @ history.weights[:, 0]
    y = rows[3]
    expected = np.mean(np.logaddexp(0, z) - y * z)
    assert history.losses["train"][-1, 0] == pytest.approx(expected, rel=SINGLE)
    assert history.accuracies["train"][-1, 0] == np.mean((z > 0) == (y == 1))
    assert history.losses["train"].shape == (3, 1)
    assert history.updates == 2 * ROWS


def test_a_run_does_not_depend_on_its_neighbours_beyond_rounding(problem):
    """Wider lanes may be compiled to other instructions; the mathematics is the same."""
    rates = [{"lr": 0.01}, {"lr": 0.1}, {"lr": 1.0}]
    together = train(problem, rule("adagrad"), rates, epochs=2, seed=3)
    for lane, rate in enumerate(rates):
        alone = train(problem, rule("adagrad"), [rate], epochs=2, seed=3)
        np.testing.assert_allclose(
            together.weights[:, lane], alone.weights[:, 0], rtol=1e-5, atol=1e-5
        )


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_ones(problem):
    first, second, other = (
        train(problem, rule("adagrad"), [{"lr": 0.1}], epochs=2, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, other.weights)


def test_a_diverging_run_is_named_with_its_step_and_leaves_its_neighbour_alone(rows):
    huge = (*rows[:2], rows[2] * np.float32(1e18), rows[3])
    problem = Problem(huge, {"train": huge}, FEATURES, "squared")
    calm = train(problem, rule("sgd"), [{"lr": 0.0}], epochs=1, seed=0)
    both = train(problem, rule("sgd"), [{"lr": 1.0}, {"lr": 0.0}], epochs=1, seed=0)
    assert 1 < both.diverged[0] <= ROWS
    assert both.diverged[1] == 0
    assert np.array_equal(both.weights[:, 1], calm.weights[:, 0])


def test_sampled_and_mean_losses_are_taken_before_the_update(problem, rows):
    thinned = train(problem, rule("sgd"), [{"lr": 0.1}], epochs=1, seed=0, thin=30)
    every = train(problem, rule("sgd"), [{"lr": 0.1}], epochs=1, seed=0, thin=1)
    assert thinned.sampled_steps.tolist() == [0, 30, 60, 90, 120, 150, 180]
    assert np.array_equal(thinned.sampled_losses, every.sampled_losses[::30])
    means = [every.sampled_losses[i : i + 30].mean() for i in range(0, ROWS, 30)]
    np.testing.assert_allclose(thinned.mean_losses[:, 0], means, rtol=1e-6)  # summation order
    first = np.random.default_rng([0, 1]).permutation(ROWS)[0]
    z = dense(rows)[first, :-1] @ np.random.default_rng([0, 0]).normal(0, INITIAL_SCALE, FEATURES)
    expected = np.logaddexp(0, z) - rows[3][first] * z
    assert every.sampled_losses[0, 0] == pytest.approx(expected, rel=1e-6)  # float32


def test_labels_other_than_0_and_1_are_refused_with_their_row(rows):
    labels = rows[3].copy()
    labels[17] = -1
    with pytest.raises(ValueError, match=r"label -1\.0 in row 17, expected 0 or 1"):
        Problem((*rows[:3], labels), {}, FEATURES, "logistic")


def test_a_feature_id_beyond_the_weights_is_refused(rows):
    with pytest.raises(ValueError, match=f"expected 0 to {FEATURES - 2}"):
        Problem(rows, {}, FEATURES - 1, "logistic")


def test_rows_that_do_not_fit_their_pointers_are_refused(rows):
    with pytest.raises(ValueError, match="indptr does not describe 199 rows"):
        Problem((*rows[:3], rows[3][:-1]), {}, FEATURES, "logistic")


@pytest.mark.parametrize("given", [{"epochs": 0}, {"batch": 0}, {"thin": 0}])
def test_impossible_budgets_are_refused(problem, given):
    with pytest.raises(ValueError, match="at least 1"):
        train(problem, rule("sgd"), [{"lr": 0.1}], **{"epochs": 1, "seed": 0, **given})


def test_a_kernel_s_file_is_named_by_all_that_went_into_it():
    """Otherwise an edited rule could be served the binary of the old one."""
    kernels(rule("sgd"), "logistic", 1)
    assert list(cache_folder().glob("sgd_logistic_1_*.py"))
    assert joined_source(rule("sgd"), "logistic", 1) != joined_source(rule("sgd"), "squared", 1)
    assert joined_source(rule("sgd"), "logistic", 1) != joined_source(rule("sgd"), "logistic", 2)


def test_every_rule_found_is_named_as_its_file():
    assert all(rule(name).name == name for name in names())
