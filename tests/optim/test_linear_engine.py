"""The linear engine against a dense transcription in float64, and what its lanes may not share."""

import tracemalloc

import numpy as np
import pytest

from optim import memory
from optim.block import INITIAL_SCALE
from optim.compiled import cache_folder, joined_source, kernels
from optim.kernels.functions import logistic
from optim.linear import Run, train
from optim.problem import Problem
from optim.registry import names, rule
from optim.step_tables import building_bytes, step_tables

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


def reference(rows, chosen, given, *, epochs, seed, batch, loss="logistic", rate=None, l2=0.0):
    """Weights and batch losses by dense updates in float64, written from the definitions."""
    matrix, labels = dense(rows), rows[3].astype(np.float64)
    start, orders = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    w = np.append(start.normal(0, INITIAL_SCALE, FEATURES), 0.0)
    state = chosen.initial_state(w, given)
    penalised = np.append(np.full(FEATURES, l2), 0.0)
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
            factor = 1.0 if rate is None else rate(t)
            now = {k: v * factor if k in chosen.scheduled else v for k, v in given.items()}
            w, state = chosen.step(w, g + penalised * w, state, t, now)
    return w, np.array(losses)


@pytest.fixture(scope="module")
def rows():
    return sparse_rows(0)


@pytest.fixture(scope="module")
def problem(rows):
    return Problem(rows, {"train": rows, "test": sparse_rows(1)}, FEATURES, "logistic")


COORDINATEWISE = [name for name in names() if rule(name).coordinatewise]


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


def test_a_row_that_names_a_feature_twice_is_refused():
    twice = (
        np.array([0, 2, 4], np.int64), np.array([3, 1, 2, 2], np.int32),
        np.ones(4, np.float32), np.array([0, 1], np.float32),
    )  # fmt: skip
    with pytest.raises(ValueError, match="row 1 names the feature 2 twice"):
        Problem(twice, {}, 5, "logistic")
    unsorted = (twice[0], np.array([3, 1, 4, 2], np.int32), *twice[2:])
    Problem(unsorted, {}, 5, "logistic")


def test_values_and_labels_that_are_not_finite_are_refused_with_their_row(rows):
    values = rows[2].copy()
    values[rows[0][17]] = np.nan
    with pytest.raises(ValueError, match="a value in row 17 is not finite"):
        Problem((*rows[:2], values, rows[3]), {}, FEATURES, "logistic")
    labels = rows[3].copy()
    labels[5] = np.inf
    with pytest.raises(ValueError, match="the label of row 5 is not finite"):
        Problem((*rows[:3], labels), {}, FEATURES, "squared")


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


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adam"])
def test_a_run_does_not_depend_on_its_neighbours_beyond_rounding(problem, name):
    """Other widths may be compiled to other instructions; the mathematics is the same."""
    runs = [Run({"lr": rate}, seed) for seed in (0, 1) for rate in np.geomspace(0.001, 0.1, 40)]
    wide = train(problem, rule(name), runs, epochs=2, width=32)
    for width in (1, 8):
        narrow = train(problem, rule(name), runs, epochs=2, width=width)
        np.testing.assert_allclose(wide.weights, narrow.weights, rtol=1e-5, atol=1e-5)


def test_the_number_of_cores_changes_no_bit(problem):
    runs = [Run({"lr": 0.1}, seed) for seed in range(40)]
    one, two = (train(problem, rule("adam"), runs, epochs=2, cores=cores) for cores in (1, 2))
    assert np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.measured["test"]["auc"], two.measured["test"]["auc"])


def test_runs_come_back_in_the_order_given_whatever_their_blocks(problem):
    runs = [Run({"lr": 0.0}, 1), Run({"lr": 0.1}, 0), Run({"lr": 0.0}, 0), Run({"lr": 0.1}, 1)]
    history = train(problem, rule("sgd"), runs, epochs=1)
    start = [np.random.default_rng([s, 0]).normal(0, INITIAL_SCALE, FEATURES) for s in (0, 1)]
    np.testing.assert_allclose(history.weights[:-1, 0], start[1], rtol=1e-6)  # float32
    np.testing.assert_allclose(history.weights[:-1, 2], start[0], rtol=1e-6)
    assert history.shared_by.tolist() == [2, 2, 2, 2]


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_ones(problem):
    first, second, other = (
        train(problem, rule("adagrad"), [Run({"lr": 0.1}, seed)], epochs=2) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.weights, second.weights)
    assert not np.array_equal(first.weights, other.weights)


def test_a_diverging_run_is_named_with_its_step_and_leaves_its_neighbour_alone(rows):
    huge = (*rows[:2], rows[2] * np.float32(1e18), rows[3])
    problem = Problem(huge, {"train": huge}, FEATURES, "squared")
    calm = train(problem, rule("sgd"), [Run({"lr": 0.0})], epochs=1)
    both = train(problem, rule("sgd"), [Run({"lr": 1.0}), Run({"lr": 0.0})], epochs=1)
    assert 1 < both.diverged[0] <= ROWS
    assert both.diverged[1] == 0
    assert np.array_equal(both.weights[:, 1], calm.weights[:, 0])


def test_nothing_measured_of_a_diverged_run_looks_like_a_result(rows):
    """Not-a-number is not above zero: counted as such, half of all labels would be found right."""
    bound = np.float32(3e38)
    huge = (*rows[:2], rows[2] * bound, rows[3])
    problem = Problem(huge, {"train": huge, "test": huge}, FEATURES, "logistic")
    runs = [Run({"lr": 0.0}), Run({"lr": 1e3}), Run({"lr": 0.0})]
    history = train(problem, rule("sgd"), runs, epochs=2)
    calm = train(problem, rule("sgd"), [runs[0]], epochs=2)
    assert history.diverged[[0, 2]].tolist() == calm.diverged.tolist() * 2
    assert 1 <= history.diverged[1] <= ROWS
    for values in (v for split in history.measured.values() for v in split.values()):
        assert np.isfinite(values[0]).all()
        assert not np.isfinite(values[1:, 1]).any()
        assert np.isfinite(values[:, [0, 2]]).all()


def test_a_run_that_overflows_in_the_last_update_diverged_there():
    one = (np.array([0, 1]), np.array([0], np.int32), np.float32([1]), np.float32([1e15]))
    problem = Problem(one, {"train": one}, 1, "squared")
    history = train(problem, rule("sgd"), [Run({"lr": 1e30}), Run({"lr": 0.0})], epochs=1)
    assert history.diverged[0] == 1
    assert not np.isfinite(history.measured["train"]["loss"][1, 0])


@pytest.mark.parametrize("split", [(), ("train",)])
def test_a_run_that_overflows_in_the_last_update_diverged_there_though_no_loss_is_measured(split):
    one = (np.array([0, 1]), np.array([0], np.int32), np.float32([3e38]), np.float32([0]))
    problem = Problem(one, dict.fromkeys(split, one), 1, "logistic", measures=("accuracy",))
    history = train(problem, rule("sgd"), [Run({"lr": 1e30}), Run({"lr": 0.0})], epochs=1)
    assert not np.isfinite(history.weights[:, 0]).all()
    assert history.diverged.tolist() == [1, 0]
    for measured in history.measured.values():
        assert np.isnan(measured["accuracy"][1, 0])
        assert np.isfinite(measured["accuracy"][:, 1]).all()


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


def traced_peak(action) -> int:
    """Peak bytes of Python's and NumPy's allocations while `action` runs."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", COORDINATEWISE)
def test_making_tables_takes_no_more_than_is_reckoned_with(name):
    chosen, steps = rule(name), 50_000
    for rate in (None, 1 / np.sqrt(np.arange(1, steps + 2))):
        peak = traced_peak(
            lambda rate=rate: step_tables(chosen, chosen.hyperparameters(), steps, rate, False)
        )
        assert peak <= building_bytes(chosen, steps)


def test_runs_that_share_no_tables_hold_few_of_them_at_once(problem):
    """AdamW's tables depend on the rate: those of 24 held together would be far more."""
    adamw, epochs, rates = rule("adamw"), 100, np.geomspace(1e-4, 1e-2, 24)
    sweep = [Run({"lr": rate}) for rate in rates]
    train(problem, adamw, sweep, epochs=1)  # what compiling allocates does not count
    few = traced_peak(lambda: train(problem, adamw, sweep[:2], epochs=epochs, cores=1))
    many = traced_peak(lambda: train(problem, adamw, sweep, epochs=epochs, cores=1))
    steps = epochs * ROWS
    kept = memory.kept_bytes(problem, len(sweep), epochs, 100)
    assert many < 1.3 * few
    assert many <= kept + memory.block_bytes(problem, adamw, 1, steps)
    tables = step_tables(adamw, adamw.hyperparameters(), steps, None, False).tables
    assert 24 * sum(table.nbytes for table in tables) > 2 * many


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_a_sweep_is_split_until_it_fits_the_memory_and_gives_the_same_numbers(
    problem, monkeypatch, name
):
    sweep = [Run({"lr": rate}, seed) for seed in range(2) for rate in np.geomspace(1e-4, 0.1, 20)]
    whole = train(problem, rule(name), sweep, epochs=2)
    kept = memory.kept_bytes(problem, len(sweep), 2, 100)
    single = memory.block_bytes(problem, rule(name), 1, 2 * ROWS)
    monkeypatch.setattr(memory, "available", lambda: (kept + single) / memory.FILLED + 1)
    split = train(problem, rule(name), sweep, epochs=2)
    assert split.shared_by.max() == 1
    np.testing.assert_allclose(split.weights, whole.weights, rtol=1e-5, atol=1e-5)
    monkeypatch.setattr(memory, "available", lambda: kept)
    with pytest.raises(MemoryError, match="train fewer runs a call"):
        train(problem, rule(name), sweep, epochs=2)


def test_runs_whose_rates_enter_no_table_share_a_block(problem):
    """Lion's tables depend on the rate by its product with the decay, which is zero here."""
    rates = np.geomspace(1e-4, 1e-2, 20)
    together = train(problem, rule("lion"), [Run({"lr": rate}) for rate in rates], epochs=2)
    assert together.shared_by.tolist() == [20] * 20
    alone = train(problem, rule("lion"), [Run({"lr": rates[3]})], epochs=2)
    np.testing.assert_allclose(together.weights[:, 3], alone.weights[:, 0], rtol=1e-5, atol=1e-6)
    decaying = [Run({"lr": rate, "weight_decay": 0.1}) for rate in rates]
    assert train(problem, rule("lion"), decaying, epochs=1).shared_by.tolist() == [1] * 20


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
        train(problem, rule("sgd"), [Run({"lr": 0.1})], **{"epochs": 1, **given})


def test_a_width_that_is_not_compiled_for_is_refused(problem):
    with pytest.raises(ValueError, match="width is one of"):
        train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, width=7)


def test_a_rule_on_matrices_is_refused(problem):
    with pytest.raises(ValueError, match="full_matrix_adagrad is not coordinate-wise"):
        train(problem, rule("full_matrix_adagrad"), [Run({})], epochs=1)


def test_a_schedule_with_too_few_or_infinite_factors_is_refused(problem):
    for schedule in (lambda t: t[:-1], lambda t: 1 / (t - 1)):
        with np.errstate(divide="ignore"), pytest.raises(ValueError, match="one finite factor"):
            train(problem, rule("sgd"), [Run({"lr": 0.1}, schedule=schedule)], epochs=1)


def test_a_schedule_with_a_negative_factor_is_refused(problem):
    """It would be a negative learning rate, which AdaBound's bounds could not be told from."""
    with pytest.raises(ValueError, match=r"factor -1\.0 at step 3, expected at least 0"):
        train(problem, rule("sgd"), [Run({"lr": 0.1}, schedule=lambda t: 2.0 - t)], epochs=1)


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
