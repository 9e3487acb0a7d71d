"""Batch sizes, weight decays and range tests by the engine, on data made by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from prepared_documents import write_prepared

from experiments.runs import batch_sizes, range_test, weight_decay
from experiments.sweeps import documents
from optim.full_batch import logistic
from optim.schedules import suggested_rate


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 5))
    labels = (x[:, 0] + 0.5 * generator.normal(size=40) > 0).astype(float)
    splits = {"train": (x[:30], labels[:30]), "test": (x[30:], labels[30:])}
    return write_prepared(tmp_path_factory.mktemp("p") / "d", splits)


BATCHES = {
    "batches": [4, 10], "in_proportion": {"grown": 0.0, "warmed": 0.5}, "longer": 2, "epochs": 2,
    "seeds": 2, "points": 4, "test_rows": 100,
    "optimizers": {"sgd": {"plain": {"lr": 0.2}, "grown": {"lr": 0.2}, "warmed": {"lr": 0.2}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def batches(data) -> pd.DataFrame:
    return pd.concat(batch_sizes.run("sgd", BATCHES, data), ignore_index=True)


def test_every_variant_has_every_batch_and_the_warmed_one_the_largest_for_longer(batches):
    last = batches[batches.metric == "train_loss"].groupby("variant").step.max().to_dict()
    # 30 samples make 8 batches of four and 3 of ten.
    assert last == {
        "plain, batch 4": 16, "grown, batch 4": 16, "warmed, batch 4": 16,
        "plain, batch 10": 6, "grown, batch 10": 6, "warmed, batch 10": 6,
        "warmed, batch 10, 2 times as long": 12,
    }  # fmt: skip


def test_a_rate_in_proportion_is_that_of_the_smallest_batch_times_the_ratio(batches):
    rates = batches.groupby("variant").hyperparameters.first().map(json.loads)
    assert rates["plain, batch 10"]["lr"] == 0.2
    assert rates["grown, batch 4"]["lr"] == 0.2
    assert rates["grown, batch 10"]["lr"] == rates["warmed, batch 10"]["lr"] == 0.5


def test_training_is_mini_batch_descent_in_the_engine_s_order(data, batches):
    problem = documents(data, 100)
    x = np.hstack([np.asarray(problem.train.values, float).reshape(30, 5), np.ones((30, 1))])
    y = problem.train.labels.astype(float)
    w = np.append(np.random.default_rng([1, 0]).normal(0, 0.01, 5), 0)
    orders = np.random.default_rng([1, 1])
    losses = []
    for _ in range(2):
        order = orders.permutation(30)
        for first in range(0, 30, 10):
            rows = order[first : first + 10]
            w -= 0.5 * x[rows].T @ logistic(x[rows] @ w, y[rows])[1] / 10
        losses.append(logistic(x @ w, y)[0].mean())
    own = batches[(batches.variant == "grown, batch 10") & (batches.seed == 1)]
    found = own[own.metric == "train_loss"].sort_values("step").value.to_numpy()
    np.testing.assert_allclose(found[1:], losses, rtol=2e-6)  # float32, six updates


def test_the_gap_is_test_less_train(batches):
    own = batches[(batches.variant == "plain, batch 4") & (batches.seed == 0)]
    values = {name: rows.value.to_numpy() for name, rows in own.groupby("metric")}
    gap = values["test_loss"] - values["train_loss"]
    np.testing.assert_allclose(values["generalization_gap"], gap)


def test_mean_losses_are_at_the_updates_they_reach_to(batches):
    """Four points of 60 samples are 15 apart, 16 in batches of four: epochs of 16 and 14."""
    own = batches[(batches.variant == "plain, batch 4") & (batches.seed == 0)]
    means = own[own.metric == "mean_batch_loss"]
    assert means.step.tolist() == [4, 8, 12, 16]
    assert means.epoch.tolist() == [0, 1, 1, 2]


def test_a_rate_in_proportion_of_no_variant_is_refused(data):
    wrong = {**BATCHES, "in_proportion": {"grwn": 0.0}}
    with pytest.raises(ValueError, match=r"in_proportion: there is no 'grwn'; did you mean"):
        next(batch_sizes.run("sgd", wrong, data))


DECAYS = {
    "weight_decays": {"adamw": [0.0, 0.5], "adam_l2": [0.0, 0.5]}, "document_counts": [1, 30],
    "epochs": 3, "batch": 30, "seeds": 1, "thin": 30, "test_rows": 100,
    "optimizers": {"adamw": {"a": {"lr": 0.1}}, "adam_l2": {"a": {"lr": 0.1}}},
}  # fmt: skip


def test_without_decay_both_are_adam_and_with_it_weights_are_smaller(data):
    norms = {}
    for name in ("adamw", "adam_l2"):
        table = pd.concat(weight_decay.run(name, DECAYS, data))
        chosen = table[table.metric == "weight_norm"].set_index("variant").value
        norms[name] = chosen.tolist()
        assert chosen["a, weight decay 0.5"] < chosen["a, weight decay 0"]
    assert norms["adamw"][0] == pytest.approx(norms["adam_l2"][0], rel=1e-5)  # float32


def test_adamw_s_norm_by_hand(data):
    """One step of 0.1 toward lower loss from each weight shrunk by 1 - 0.1 * 0.5."""
    one = {**DECAYS, "epochs": 1}
    table = pd.concat(weight_decay.run("adamw", one, data))
    found = table[(table.variant == "a, weight decay 0.5") & (table.metric == "weight_norm")].value
    problem = documents(data, 100)
    x = np.asarray(problem.train.values, float).reshape(30, 5)
    start = np.random.default_rng([0, 0]).normal(0, 0.01, 5)
    slope = x.T @ logistic(x @ start, problem.train.labels.astype(float))[1]
    by_hand = np.linalg.norm(0.95 * start - 0.1 * np.sign(slope))
    # eps against gradients of some hundredths, and float32.
    assert found.tolist() == pytest.approx([by_hand], rel=1e-5)


def test_words_are_grouped_by_how_many_documents_they_are_in():
    groups = weight_decay.by_documents(np.array([0, 1, 0, 2, 0, 1]), 5, [1, 2, 3])
    assert {name: list(members) for name, members in groups.items()} == {
        "weight_norm, words in 1 to 1 documents": [2],
        "weight_norm, words in 2 to 2 documents": [1],
        "weight_norm, words in 3 or more documents": [0],
    }


def test_an_optimizer_without_weight_decays_is_refused(data):
    with pytest.raises(ValueError, match="weight_decays has no 'adam'"):
        next(weight_decay.run("adam", {**DECAYS, "optimizers": {"adam": {"a": {}}}}, data))


RANGE = {
    "lowest_rate": 0.01, "highest_rate": 10.0, "multiples": [0.1, 1.0], "epochs": 2, "batch": 3,
    "seeds": 2, "thin": 3, "test_rows": 100, "optimizers": {"sgd": {"plain": {}}},
}  # fmt: skip


def test_a_range_test_is_one_pass_at_growing_rates_and_training_is_at_what_it_suggests(data):
    table = pd.concat(range_test.run("sgd", RANGE, data), ignore_index=True)
    test = table[table.variant == "plain, range test"]
    rates = {}
    for seed in (0, 1):
        own = {
            name: rows.value.to_numpy() for name, rows in test[test.seed == seed].groupby("metric")
        }
        np.testing.assert_allclose(own["range_test_rate"], np.geomspace(0.01, 10, 10))
        rates[seed] = suggested_rate(own["range_test_rate"], own["range_test_loss"])
        assert own["suggested_rate"].tolist() == [rates[seed]]
    trained = table[table.variant == "plain, 0.1 x suggested"]
    for seed, rows in trained.groupby("seed"):
        given = json.loads(rows.hyperparameters.iloc[0])["lr"]
        assert given == pytest.approx(rates[seed] / 10)


def test_the_losses_of_a_range_test_are_before_each_update(data):
    table = pd.concat(range_test.run("sgd", RANGE, data), ignore_index=True)
    own = table[(table.variant == "plain, range test") & (table.seed == 0)]
    found = own[own.metric == "range_test_loss"].value.to_numpy()
    problem = documents(data, 100)
    x = np.hstack([np.asarray(problem.train.values, float).reshape(30, 5), np.ones((30, 1))])
    y = problem.train.labels.astype(float)
    w = np.append(np.random.default_rng([0, 0]).normal(0, 0.01, 5), 0)
    order, losses = np.random.default_rng([0, 1]).permutation(30), []
    for rate, first in zip(np.geomspace(0.01, 10, 10), range(0, 30, 3), strict=True):
        rows = order[first : first + 3]
        values, slopes = logistic(x[rows] @ w, y[rows])
        losses.append(values.mean())
        w -= rate * x[rows].T @ slopes / 3
    np.testing.assert_allclose(found, losses, rtol=1e-4, atol=1e-6)  # float32, rates up to ten
