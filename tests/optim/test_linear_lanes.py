"""What runs that train side by side share, and what they may not: bits, divergence, memory."""

import tracemalloc

import numpy as np
import pytest
from dense_reference import COORDINATEWISE, FEATURES, ROWS

from optim import memory
from optim.block import INITIAL_SCALE
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem
from optim.registry import rule
from optim.step_tables import building_bytes, step_tables


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adam"])
@pytest.mark.slow
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


def traced_peak(action) -> int:
    """Peak bytes of Python's and NumPy's allocations while `action` runs."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", COORDINATEWISE)
@pytest.mark.slow
def test_making_tables_takes_no_more_than_is_reckoned_with(name):
    chosen, steps = rule(name), 50_000
    for rate in (None, 1 / np.sqrt(np.arange(1, steps + 2))):
        peak = traced_peak(
            lambda rate=rate: step_tables(chosen, chosen.hyperparameters(), steps, rate, False)
        )
        assert peak <= building_bytes(chosen, steps)


@pytest.mark.slow
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
