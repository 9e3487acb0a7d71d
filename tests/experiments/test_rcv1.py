"""RCV1's tables on data made by hand, where every loss can be computed beside the engine."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prepared_documents import write_prepared

from data.prepared import open_prepared
from experiments import linear
from experiments.linear import epoch_ends, linear_problem, sampled_rows, train_seeds
from experiments.parquet import write_frames
from experiments.runs.rcv1 import moving_average, run
from experiments.table import SCHEMA
from optim.problem import Rows as EngineRows

EPOCHS = 4
RATE = 0.5


@pytest.fixture
def documents(tmp_path) -> Path:
    """Eleven documents of four features; no number of samples between losses divides eleven."""
    generator = np.random.default_rng(0)
    x, test = generator.normal(size=(11, 4)), generator.normal(size=(3, 4))
    labels = np.arange(11) % 2
    return write_prepared(tmp_path / "d", {"train": (x, labels), "test": (test, labels[:3])})


@pytest.fixture
def alike(tmp_path) -> Path:
    """Five empty documents, all of the class: only the intercept learns, in whatever order."""
    zeros = np.zeros((5, 1))
    test = (zeros[:2], np.array([0, 1]))
    return write_prepared(tmp_path / "a", {"train": (zeros, np.ones(5)), "test": test})


def losses_of_the_intercept(updates: int) -> np.ndarray:
    """Losses log(1 + exp(-b)) before training and after each update, b from zero."""
    intercept, losses = 0.0, []
    for _ in range(updates + 1):
        losses.append(np.log1p(np.exp(-intercept)))
        intercept += RATE / (1 + np.exp(intercept))
    return np.array(losses)


def table(data: Path, *, batch: int = 1, thin: int, window: int, variants: int = 1) -> pd.DataFrame:
    return pd.concat(run("sgd", protocol(batch, thin, window, variants), data), ignore_index=True)


def protocol(
    batch: int, thin: int, window: int, variants: int = 1, log_every: int | None = None
) -> dict:
    given = {f"variant {number}": {"lr": RATE} for number in range(variants)}
    log_every = log_every or 10 * batch * -(-thin // batch)
    return {
        "epochs": EPOCHS, "batch": batch, "seeds": 1, "thin": thin, "moving_average": window,
        "log_every": log_every, "test_rows": 100, "optimizers": {"sgd": given},
    }  # fmt: skip


def of(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    return rows[rows.metric == metric].reset_index(drop=True)


# Losses are computed in float32 from float32 weights: some 1e-7 each, over at most twenty updates.
SINGLE = 2e-6


@pytest.mark.parametrize(("batch", "updates"), [(1, 5), (2, 3), (5, 1), (7, 1)])
def test_every_full_set_loss_is_the_one_after_as_many_updates_as_its_step_says(
    alike, batch, updates
):
    found = of(table(alike, batch=batch, thin=1, window=10), "train_loss")
    assert found.epoch.tolist() == [0, 1, 2, 3, 4]
    assert found.step.tolist() == [updates * epoch for epoch in range(EPOCHS + 1)]
    expected = losses_of_the_intercept(EPOCHS * updates)
    np.testing.assert_allclose(found.value, expected[found.step], rtol=SINGLE)
    assert (found.batch == batch).all()


@pytest.mark.parametrize(
    ("batch", "thin", "steps"),
    [
        (1, 1, list(range(20))),
        (1, 2, [0, 2, 4, 5, 7, 9, 10, 12, 14, 15, 17, 19]),
        (2, 1, list(range(12))),
        (2, 4, [0, 2, 3, 5, 6, 8, 9, 11]),
    ],
)
def test_every_step_loss_is_the_one_after_as_many_updates_as_its_step_says(
    alike, batch, thin, steps
):
    found = of(table(alike, batch=batch, thin=thin, window=10), "step_loss")
    assert found.step.tolist() == steps
    updates = 5 if batch == 1 else 3
    assert found.epoch.tolist() == [step // updates for step in steps]
    expected = losses_of_the_intercept(EPOCHS * updates)
    np.testing.assert_allclose(found.value, expected[found.step], rtol=SINGLE)


def test_the_moving_average_of_batches_weighs_each_by_its_samples(alike):
    """Updates on 2, 2 and 1 of the five samples; a window of six cuts some of them in two."""
    found = of(table(alike, batch=2, thin=1, window=6), "step_loss_moving_average")
    sizes = np.tile([2, 2, 1], EPOCHS)
    by_sample = np.repeat(losses_of_the_intercept(11), sizes)
    averages = np.convolve(by_sample, np.ones(6) / 6, "valid")
    ends = np.cumsum(sizes)[3:]  # five samples of the first epoch are too few
    assert found.step.tolist() == list(range(4, 13))
    assert found.epoch.tolist() == [1, 1, 2, 2, 2, 3, 3, 3, 4]
    np.testing.assert_allclose(found.value, averages[ends - 6], rtol=SINGLE)


def test_the_moving_average_of_every_loss_is_their_convolution(documents):
    rows = table(documents, thin=1, window=7)
    losses, found = of(rows, "step_loss"), of(rows, "step_loss_moving_average")
    assert len(losses) == 44
    assert found.step.tolist() == list(range(7, 45))
    # The engine rounds each loss kept to float32 and sums in float64.
    expected = np.convolve(losses.value, np.ones(7) / 7, "valid")
    np.testing.assert_allclose(found.value, expected, rtol=SINGLE)


def test_the_moving_average_of_thinned_losses_is_still_over_all_samples(documents):
    """Blocks of 3, 3, 3 and 2 samples; a window of an epoch holds whole blocks everywhere."""
    losses = of(table(documents, thin=1, window=11), "step_loss")
    found = of(table(documents, thin=3, window=11), "step_loss_moving_average")
    assert found.step.tolist() == [11 * e + k for e in (1, 2, 3) for k in (0, 3, 6, 9)] + [44]
    every = np.convolve(losses.value, np.ones(11) / 11, "valid")
    np.testing.assert_allclose(found.value, every[found.step - 11], rtol=SINGLE)


def test_a_block_that_the_window_cuts_counts_by_its_part():
    """The second window holds one of the first block's three samples, and the other two blocks."""
    ends, averages = moving_average(np.array([3.0, 6.0, 1.0]), np.array([3, 3, 2]), 6)
    assert ends.tolist() == [6, 8]
    np.testing.assert_allclose(averages, [4.5, (1 * 3 + 3 * 6 + 2 * 1) / 6])


@pytest.mark.parametrize(("batch", "thin"), [(1, 3), (2, 4), (3, 1), (4, 6), (12, 1)])
def test_no_metric_passes_the_last_update_and_all_agree_on_the_epoch(documents, batch, thin):
    rows = table(documents, batch=batch, thin=thin, window=13)
    per_epoch = -(-11 // batch)
    assert rows.step.between(0, EPOCHS * per_epoch).all()
    assert (rows.epoch == rows.step // per_epoch).all()
    assert of(rows, "step_loss_moving_average").step.iloc[-1] == EPOCHS * per_epoch
    assert not rows.duplicated(["variant", "metric", "step"]).any()


def test_a_moving_average_shorter_than_its_losses_are_apart_is_refused(documents):
    with pytest.raises(ValueError, match="moving_average is 7 samples, expected at least 8"):
        table(documents, batch=4, thin=5, window=7)


def test_the_log_holds_the_losses_of_every_so_many_samples_of_an_epoch(documents):
    given = protocol(1, 2, 11, log_every=4)
    rows = pd.concat(run("sgd", given, documents), ignore_index=True)
    logged, losses = of(rows, "logged_loss"), of(rows, "step_loss").set_index("step").value
    assert logged.step.tolist() == [11 * epoch + at for epoch in range(4) for at in (0, 4, 8)]
    assert logged.value.tolist() == losses[logged.step].tolist()


def test_a_log_of_losses_that_are_not_kept_is_refused(documents):
    with pytest.raises(ValueError, match="log_every is 5 samples, expected a multiple of 2"):
        list(run("sgd", protocol(1, 2, 11, log_every=5), documents))


def test_all_test_rows_are_measured_after_the_last_epoch_only(documents):
    rows = table(documents, thin=1, window=11)
    for metric in ("loss", "accuracy"):
        whole, sampled = of(rows, f"whole_test_{metric}"), of(rows, f"test_{metric}")
        assert whole.step.tolist() == [44]
        # The engine's margins and losses are single precision, three rows' of them.
        assert whole.value[0] == pytest.approx(sampled.value.iloc[-1], rel=SINGLE)


def test_a_sample_of_test_rows_is_of_whole_rows_each_once_and_always_the_same():
    """Row i holds i + 1 ones at the features 0..i, so that a row tells its number."""
    lengths = np.arange(1, 41)
    rows = EngineRows(
        np.concatenate([[0], np.cumsum(lengths)]),
        np.concatenate([np.arange(n, dtype=np.int32) for n in lengths]),
        np.ones(lengths.sum(), np.float32),
        lengths.astype(np.float32),
    )
    sample = sampled_rows(rows, 10)
    assert len(set(sample.labels)) == 10
    assert np.diff(sample.indptr).tolist() == sample.labels.tolist()
    ends = sample.indices[sample.indptr[1:] - 1]
    assert (ends + 1).tolist() == sample.labels.tolist()
    again = sampled_rows(rows, 10)
    assert all((a == b).all() for a, b in zip(sample, again, strict=True))
    assert sampled_rows(rows, 40) is rows


def test_all_test_rows_are_measured_block_by_block(documents, monkeypatch):
    """Three rows in blocks of two, against the sums spelled out."""
    prepared = open_prepared(documents)
    monkeypatch.setattr(linear, "AT_ONCE", 2)
    weights = np.array([[1.0, 0.5], [-2.0, 0.0], [0.0, 3.0], [1.0, 1.0], [0.25, -4.0]])
    found = linear.whole_test(prepared, weights, "logistic")
    test = prepared.splits["test"]
    z = test.values.reshape(3, 4).astype(float) @ weights[:4] + weights[4]
    y = test.labels[:, None]
    np.testing.assert_allclose(found["loss"], (np.log1p(np.exp(z)) - y * z).mean(axis=0))
    np.testing.assert_allclose(found["accuracy"], ((z > 0) == (y > 0)).mean(axis=0))


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")  # the rate that diverges
def test_a_run_that_diverges_is_kept_with_the_updates_after_which_it_did(alike):
    """The first update throws the intercept beyond single precision."""
    given = protocol(1, 1, 5)
    given["optimizers"] = {"sgd": {"far": {"lr": 1e39}, "near": {"lr": RATE}}}
    rows = pd.concat(run("sgd", given, alike), ignore_index=True)
    diverged = of(rows, "diverged_at")
    assert diverged[["variant", "value", "step", "epoch"]].values.tolist() == [["far", 1.0, 1, 0]]
    far = of(rows[rows.variant == "far"], "train_loss")
    assert len(far) == EPOCHS + 1
    assert not np.isfinite(far.value[1:]).any()


def test_two_runs_of_one_seed_agree_bit_for_bit(documents):
    one, other = (table(documents, thin=1, window=11).drop(columns="seconds") for _ in range(2))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_no_average_is_written_where_no_run_saw_as_many_samples(documents, tmp_path):
    write_frames(run("sgd", protocol(1, 1, 45), documents), SCHEMA, tmp_path / "t.parquet", {})
    rows = pd.read_parquet(tmp_path / "t.parquet")
    assert set(rows.metric) >= {"train_loss", "test_accuracy", "step_loss"}
    assert "step_loss_moving_average" not in set(rows.metric)


def test_a_run_is_charged_its_share_of_the_time_of_those_it_was_trained_with(documents):
    problem = linear_problem(open_prepared(documents), "logistic")
    shared = protocol(1, 1, 1, variants=2)
    trained = list(train_seeds("rcv1", "rcv1", "sgd", shared, problem))
    assert len(trained) == 2
    together = trained[0][2].seconds[:, 0]
    shares = [epoch_ends(*one, "train", "loss").seconds.to_numpy() for one in trained]
    assert together[-1] > 0
    np.testing.assert_allclose(shares[0] + shares[1], together)
    np.testing.assert_allclose(shares[0], shares[1])
