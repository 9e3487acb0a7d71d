"""Dense training of a small least-squares problem, beside the linear engine and by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from data.prepared import Rows
from experiments.analyses.loss_curves import best_variant, epochs_to, last_losses
from experiments.dense import Lane, rows_of, train_dense, trained_rows
from experiments.least_squares import LeastSquares, least_squares
from experiments.table import Run
from optim.linear import train
from optim.plan import Run as EngineRun
from optim.problem import Problem
from optim.problem import Rows as EngineRows
from optim.registry import rule
from optim.schedules import schedule

ROWS = 23


@pytest.fixture(scope="module")
def rows() -> Rows:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(ROWS, 3)).astype(np.float32)
    y = (x @ [1.0, -2.0, 0.5] + 0.3 + 0.2 * generator.normal(size=ROWS)).astype(np.float32)
    indptr, indices = np.arange(0, 3 * ROWS + 1, 3), np.tile(np.arange(3, dtype=np.int32), ROWS)
    return Rows(indptr, indices, x.ravel(), y, 3)


@pytest.fixture(scope="module")
def problem(rows) -> LeastSquares:
    return least_squares(rows)


@pytest.mark.parametrize("name", ["sgd", "adam", "adam_l2"])
def test_every_run_is_the_linear_engine_s(rows, problem, name):
    given = [{"lr": 0.05}, {"lr": 0.01}]
    cosine = schedule("cosine", total_steps=3 * 6)
    ours = train_dense(
        problem, rule(name), [Lane("a", given[0]), Lane("b", given[1], cosine)],
        epochs=3, batch=4, seeds=2,
    )  # fmt: skip
    split = EngineRows(rows.indptr, rows.indices, rows.values, rows.labels)
    engine = Problem(split, {"train": split}, 3, "squared")
    runs = [
        EngineRun(each, seed, factor)
        for seed in range(2)
        for each, factor in zip(given, (None, cosine), strict=True)
    ]
    theirs = train(engine, rule(name), runs, epochs=3, batch=4, thin=1, cores=1)
    losses = theirs.measured["train"]["loss"].reshape(4, 2, 2)
    # The engine is in float32: 18 updates of some 1e-7 each.
    np.testing.assert_allclose(ours.losses, losses, rtol=2e-5)
    np.testing.assert_allclose(
        ours.batch_losses, theirs.sampled_losses.reshape(18, 2, 2), rtol=1e-4, atol=1e-6
    )


def test_an_update_by_hand(problem):
    trained = train_dense(
        problem, rule("sgd"), [Lane("a", {"lr": 0.1})], epochs=1, batch=ROWS, seeds=1
    )
    start = np.append(np.random.default_rng([0, 0]).normal(0, 0.01, 3), 0)
    after = start - 0.1 * problem.inputs.T @ (problem.inputs @ start - problem.targets) / ROWS
    residual = problem.inputs @ after - problem.targets
    assert trained.losses[1, 0, 0] == pytest.approx(np.mean(residual**2) / 2, rel=1e-10)


PROTOCOL = {"epochs": 60, "batch": 4, "seeds": 2, "mean_of": 6}


def table_of(problem: LeastSquares, rates: list[float]) -> pd.DataFrame:
    lanes = [Lane(f"lr {rate:g}", {"lr": rate}) for rate in rates]
    frames = trained_rows("airfoil_rates", "airfoil", rule("sgd"), problem, lanes, PROTOCOL)
    return pd.concat(frames, ignore_index=True)


def test_a_run_that_diverges_is_kept_says_where_and_leaves_the_others_alone(problem):
    table = table_of(problem, [0.05, 1e6])
    wild = table[table.variant == "lr 1e+06"]
    losses = wild[(wild.metric == "train_loss") & (wild.seed == 0)].value
    assert len(losses) == 61
    assert not np.isfinite(losses.iloc[-1])
    assert wild[wild.metric == "diverged_at"].seed.tolist() == [0, 1]
    tame = table[table.variant == "lr 0.05"]
    alone = table_of(problem, [0.05])
    assert np.isfinite(tame.value).all()
    # A product of more rows may be summed in another order.
    np.testing.assert_allclose(tame.value, alone.value, rtol=1e-10, atol=1e-14)
    assert np.isinf(last_losses(wild, "train_loss").value).all()
    assert best_variant(table) == "lr 0.05"


def test_what_is_kept_says_what_it_is(problem):
    table = table_of(problem, [0.05])
    own = table[table.seed == 1]
    excess = own[own.metric == "excess_train_loss"]
    assert (excess.value >= 0).all()
    assert excess.step.tolist() == [6 * epoch for epoch in range(61)]
    losses = own[own.metric == "train_loss"].value.to_numpy()
    np.testing.assert_allclose(losses - problem.smallest, excess.value, rtol=1e-12)
    means = own[own.metric == "mean_batch_loss"]
    assert means.step.tolist() == list(range(6, 361, 6))
    lane = [Lane("a", {"lr": 0.05})]
    trained = train_dense(problem, rule("sgd"), lane, epochs=60, batch=4, seeds=2)
    assert means.value.iloc[1] == pytest.approx(trained.batch_losses[6:12, 1, 0].mean())
    assert json.loads(own.hyperparameters.iloc[0]) == {"lr": 0.05}
    pd.testing.assert_frame_equal(
        table.drop(columns="seconds"), table_of(problem, [0.05]).drop(columns="seconds")
    )


def test_a_target_is_reached_at_its_first_epoch_or_never(problem):
    table = table_of(problem, [0.05])
    excess = table[table.metric == "excess_train_loss"].pivot(
        index="epoch", columns="seed", values="value"
    )
    by_hand = [next(e for e in excess.index if excess.loc[e, seed] <= 0.01) for seed in (0, 1)]
    assert epochs_to(table, 0.01) == np.median(by_hand)
    assert epochs_to(table, 1e-30) == np.inf


def test_a_loss_that_is_not_finite_before_an_update_is_where_it_diverged(problem):
    trained = train_dense(
        problem, rule("sgd"), [Lane("a", {"lr": 1e6})], epochs=60, batch=4, seeds=1
    )
    named = Run("airfoil_rates", "airfoil", "sgd", "a", {"lr": 1e6}, 0, 4)
    rows = pd.concat(rows_of(named, trained, 0, problem.smallest, 6))
    first = int(rows[rows.metric == "diverged_at"].value.iloc[0])
    batches = trained.batch_losses[:, 0, 0]
    assert np.isfinite(batches[:first]).all()
    assert not np.isfinite(batches[first])
