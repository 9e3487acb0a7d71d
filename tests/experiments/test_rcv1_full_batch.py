"""Full-batch gradient descent's table, against arithmetic by hand."""

import numpy as np
import pandas as pd
import pytest
from prepared_documents import write_prepared

from experiments.runs.rcv1_full_batch import run


def table(data, variants: dict, *, epochs: int = 7, log_every: int = 3) -> pd.DataFrame:
    protocol = {
        "epochs": epochs, "seeds": 2, "log_every": log_every,
        "optimizers": {"gradient_descent": variants},
    }  # fmt: skip
    return pd.concat(run("gradient_descent", protocol, data), ignore_index=True)


@pytest.fixture
def alike(tmp_path):
    """Three empty documents of the class and one not of it: only the intercept learns."""
    x, labels = np.zeros((4, 1)), np.array([1, 1, 1, 0])
    return write_prepared(tmp_path / "a", {"train": (x, labels), "test": (x[:2], labels[2:])})


def test_the_intercept_follows_the_mean_gradient_of_all_rows(alike):
    """The mean gradient at intercept b is sigmoid(b) - 3/4."""
    found = table(alike, {"fast": {"lr": 2.0}, "slow": {"lr": 0.5}})
    for variant, rate in (("fast", 2.0), ("slow", 0.5)):
        b, expected = 0.0, []
        for _ in range(8):
            expected.append(np.log1p(np.exp(-b)) * 3 / 4 + np.log1p(np.exp(b)) / 4)
            b -= rate * (1 / (1 + np.exp(-b)) - 3 / 4)
        rows = found[(found.variant == variant) & (found.seed == 1)]
        losses = rows[rows.metric == "train_loss"]
        np.testing.assert_allclose(losses.value, expected, rtol=1e-12)  # all in float64
        assert losses.step.tolist() == losses.epoch.tolist() == list(range(8))
        # One document of each class; the intercept is above zero after every update but none.
        assert rows[rows.metric == "whole_test_accuracy"].value.tolist() == [0.5]


def test_the_log_holds_what_the_loss_was_before_the_epochs_it_prints(alike):
    """Epochs 1, 4 and 7 of seven, each before its update; the last one always."""
    found = table(alike, {"a": {"lr": 0.5}})
    one = found[found.seed == 0]
    logged = one[one.metric == "logged_loss"]
    losses = one[one.metric == "train_loss"].set_index("step").value
    assert logged.step.tolist() == [0, 3, 6]
    assert logged.value.tolist() == losses[logged.step].tolist()
    assert table(alike, {"a": {"lr": 0.5}}, epochs=6).query(
        "metric == 'logged_loss' and seed == 0"
    ).step.tolist() == [0, 3, 5]
