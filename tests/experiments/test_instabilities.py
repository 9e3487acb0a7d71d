"""Instabilities by hand: spikes counted, limits of a quadratic, Adam's sharpness."""

import json

import numpy as np
import pandas as pd
import pytest
from prepared_documents import write_prepared

from experiments.runs.instabilities import run, sharpness, spikes
from experiments.table import Run

PROTOCOL = {
    "steps": 400,
    "thin": 1,
    "shares_of_the_limit": [0.9, 1.1],
    "spike": 10.0,
    "floor": 1e-5,
}


def test_a_spike_is_counted_once_while_it_lasts():
    above = np.array([1, 0.1, 2, 3, 0.5, 1e-3, 0.02, 1e-3, 0.02])
    # 2 and 3 are above ten times 0.1; 0.02 is above ten times 0.001, twice.
    assert spikes(above, 10, 0.0).tolist() == [2, 6, 8]
    assert spikes(above, 10, 0.1).tolist() == [2]
    assert spikes(np.array([1.0, np.inf, np.nan]), 10, 0.0).tolist() == [1]
    assert spikes(np.array([1.0, 0.5, 0.25]), 10, 0.0).tolist() == []


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(40, 3))
    y = x @ [1.0, -2.0, 0.5] + generator.normal(size=40)
    return write_prepared(tmp_path_factory.mktemp("p") / "a", {"train": (x, y), "test": (x, y)})


def table_of(data, optimizer: str, variants: dict) -> pd.DataFrame:
    return pd.concat(run(optimizer, {**PROTOCOL, "optimizers": {optimizer: variants}}, data))


HEAVY = {"momentum": 0.9}


@pytest.mark.parametrize(
    ("optimizer", "given"), [("sgd", {}), ("momentum", HEAVY), ("nesterov", HEAVY)]
)
def test_a_rate_below_the_limit_converges_and_one_above_grows(data, optimizer, given):
    table = table_of(data, optimizer, {"a": given})
    losses = table[table.metric == "excess_train_loss"]
    below, above = (
        losses[losses.variant == f"a, {share} of the limit"].value.iloc[-1] for share in (0.9, 1.1)
    )
    assert below < 1e-6
    assert above > 1e3


def test_sgd_s_limit_is_two_over_the_largest_eigenvalue(data):
    table = table_of(data, "sgd", {"a": {}})
    rates = {json.loads(each)["lr"] for each in table.hyperparameters}
    x = np.load(data / "train_values.npy").reshape(40, 3).astype(float)
    x = np.hstack([x, np.ones((40, 1))])
    limit = 2 / np.linalg.eigvalsh(x.T @ x / 40)[-1]
    assert sorted(rates) == pytest.approx([0.9 * limit, 1.1 * limit])


def test_a_run_that_overflows_is_kept_and_says_where(data):
    table = table_of(data, "sgd", {"a": {"lr": 1e3}})
    losses = table[table.metric == "excess_train_loss"].value.to_numpy()
    assert losses.size == 401
    first = int(np.flatnonzero(~np.isfinite(losses))[0])
    assert table[table.metric == "diverged_at"].value.tolist() == [first]


def test_adam_s_sharpness_by_hand():
    given = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 0.0}
    row = Run("instabilities", "airfoil", "adam", "a", given, 0)
    second = np.array([[0.0, 0], [0.004, 0.001]])
    found = sharpness(row, np.diag([8.0, 3.0]), second, 1)
    # At step 1 the moments are corrected to 4 and 1, and the divisors are 0.1 times their roots;
    # curvatures 8 / 0.2 and 3 / 0.1, over 2 * 1.9 / (0.1 * 0.1).
    assert found.value.tolist() == pytest.approx([40 / 380])


def test_adam_with_a_short_memory_spikes_where_a_long_one_does_not(data):
    table = table_of(data, "adam", {"short": {"lr": 0.1, "beta2": 0.5}, "long": {"lr": 0.1}})
    counts = table[table.metric == "spikes"].set_index("variant").value
    assert counts["short"] > 10 * max(1, counts["long"])
