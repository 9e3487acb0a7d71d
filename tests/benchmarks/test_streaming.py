"""Training part after part is training: the same weights, with only a part in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.streaming import (
    BUCKETS,
    FEATURES,
    FIELDS,
    forget_cached,
    read_part,
    train_streamed,
    write_part,
)
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem, Rows, check_rows
from optim.registry import rule

RATES = [{"lr": 0.1}, {"lr": 0.3}, {"lr": 0.02}]


def some_rows(count: int, seed: int, features: int = 12) -> Rows:
    generator = np.random.default_rng(seed)
    picked = [np.sort(generator.choice(features, 4, replace=False)) for _ in range(count)]
    return Rows(
        np.arange(count + 1, dtype=np.int64) * 4,
        np.concatenate(picked).astype(np.int32),
        generator.normal(size=4 * count).astype(np.float32),
        generator.integers(0, 2, count).astype(np.float32),
    )


@pytest.mark.parametrize("name", ["sgd", "adagrad"])
def test_a_single_part_is_the_engine_s_own_training_bit_by_bit(name: str) -> None:
    rows, chosen = some_rows(40, seed=1), rule(name)
    streamed = train_streamed(lambda _number: rows, 1, 12, chosen, RATES, seed=5)
    problem = Problem(rows, {"train": rows}, 12, "logistic")
    history = train(problem, chosen, [Run(each, seed=5) for each in RATES], epochs=1, cores=1)
    np.testing.assert_array_equal(streamed.weights, history.weights)
    # One mean over all 40 losses, seen before each update: thin is larger.
    np.testing.assert_array_equal(streamed.losses[0], history.mean_losses[0])


def test_parts_go_on_from_the_weights_and_states_of_those_before() -> None:
    """Adagrad by hand, in the same order: its state must outlive a part."""
    parts = [some_rows(7, seed=1), some_rows(5, seed=2)]
    streamed = train_streamed(lambda number: parts[number], 2, 12, rule("adagrad"), [{"lr": 0.1}])
    weights = np.append(np.random.default_rng([0, 0]).normal(0, 0.01, 12), 0.0)
    sums, orders, losses = np.zeros(13), np.random.default_rng([0, 1]), []
    for rows in parts:
        part = []
        for row in orders.permutation(rows.labels.size):
            entries = slice(rows.indptr[row], rows.indptr[row + 1])
            at = np.append(rows.indices[entries], 12)
            x = np.append(rows.values[entries], 1.0)
            margin = x @ weights[at]
            part.append(np.logaddexp(0, margin) - rows.labels[row] * margin)
            gradient = x * (1 / (1 + np.exp(-margin)) - rows.labels[row])
            sums[at] += gradient**2
            weights[at] -= 0.1 * gradient / (np.sqrt(sums[at]) + 1e-10)
        losses.append(np.mean(part))
    # Single precision keeps seven digits; twelve steps lose a few.
    np.testing.assert_allclose(streamed.weights[:, 0], weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(streamed.losses[:, 0], losses, rtol=1e-5)


def test_a_part_of_the_click_log_is_well_formed_and_the_same_when_made_again(
    tmp_path: Path,
) -> None:
    written = write_part(tmp_path, 3, 50)
    rows = read_part(tmp_path, 3)
    check_rows("a part", rows, FEATURES, "logistic")
    assert rows.labels.size == 50
    assert (np.diff(rows.indptr) == FIELDS).all()
    assert (rows.indices.reshape(50, FIELDS) // BUCKETS == np.arange(FIELDS)).all()
    # Each of the four arrays has numpy's header of 128 bytes, and indptr an entry more.
    assert written == 4 * 128 + 8 + 50 * (39 * (4 + 4) + 8 + 4)
    forget_cached(tmp_path)
    (tmp_path / "again").mkdir()
    write_part(tmp_path / "again", 3, 50)
    for first, second in zip(rows, read_part(tmp_path / "again", 3), strict=True):
        np.testing.assert_array_equal(first, second)


def test_what_cannot_be_streamed_is_refused() -> None:
    rows = some_rows(4, seed=1)
    with pytest.raises(ValueError, match="adam depends on the step"):
        train_streamed(lambda _number: rows, 1, 12, rule("adam"), [{}])
    with pytest.raises(ValueError, match="33 runs, expected 1 to 32"):
        train_streamed(lambda _number: rows, 1, 12, rule("sgd"), [{}] * 33)
    beyond = rows._replace(indices=rows.indices + 12)
    with pytest.raises(ValueError, match="feature ids"):
        train_streamed(lambda _number: beyond, 1, 12, rule("sgd"), [{}])
