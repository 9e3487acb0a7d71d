"""The notebook's batch sizes on random labels: counts, losses and training beside torch's own."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from experiments.runs.random_labels import network, run, samples, smallest_loss

PROTOCOL = {
    "samples": 1000, "features": 10, "batches": [16, 64, 256], "epochs": 5, "moving_average": 10,
    "seeds": 1, "optimizers": {"sgd": {"as printed": {"lr": 0.01}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.concat(run("sgd", PROTOCOL), ignore_index=True)


def of(table: pd.DataFrame, variant: str, metric: str) -> pd.DataFrame:
    return table[(table.variant == f"as printed, {variant}") & (table.metric == metric)]


@pytest.mark.parametrize(("batch", "updates"), [(16, 315), (64, 80), (256, 20)])
def test_an_epoch_ends_in_a_batch_of_what_is_left(table, batch, updates):
    """1000 samples make 63, 16 and 4 batches; five epochs of them."""
    losses = of(table, f"batch {batch}", "batch_loss")
    assert losses.step.tolist() == list(range(updates))
    assert set(losses.batch) == {batch}
    averages = of(table, f"batch {batch}", "batch_loss_moving_average")
    assert averages.step.tolist() == list(range(10, updates + 1))
    assert averages.value.iloc[0] == pytest.approx(losses.value.iloc[:10].mean())
    assert of(table, f"batch {batch}", "train_loss").step.tolist() == [
        epoch * updates // 5 for epoch in range(6)
    ]


def test_batch_sizes_start_alike_from_a_common_start_only(table):
    def starts(suffix: str) -> set:
        found = [of(table, f"batch {b}{suffix}", "train_loss").value.iloc[0] for b in (16, 64, 256)]
        return set(found)

    assert len(starts(", common start")) == 1
    assert len(starts("")) == 3


def test_the_same_seed_gives_the_same_numbers(table):
    pd.testing.assert_frame_equal(table, pd.concat(run("sgd", PROTOCOL), ignore_index=True))


def test_training_is_torch_s_own():
    """The first variant again by torch.optim and the same generator: nothing but SGD differs."""
    short = {**PROTOCOL, "batches": [250], "epochs": 2}
    ours = of(pd.concat(run("sgd", short)), "batch 250", "batch_loss").value.to_numpy()
    generator = torch.Generator().manual_seed(0)
    (inputs, labels), _ = (samples(short, generator) for _ in range(2))
    network(10, generator)
    model = network(10, generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    theirs = []
    for _ in range(2):
        for chosen in torch.randperm(1000, generator=generator).split(250):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            theirs.append(loss.item())
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)  # float32, eight updates


def test_first_weights_are_as_torch_draws_them():
    drawn = torch.cat([network(10, torch.Generator().manual_seed(s)).weight for s in range(200)])
    theirs = torch.cat([nn.Linear(10, 2).weight for _ in range(200)])
    assert drawn.abs().max() < 10**-0.5
    # Both uniform: 4000 numbers give the deviation to a relative 0.9 / sqrt(4000), thrice each.
    assert drawn.std().item() == pytest.approx(theirs.std().item(), rel=0.06)


def test_the_smallest_loss_is_scikit_learn_s():
    inputs, labels = samples(PROTOCOL, torch.Generator().manual_seed(3))
    fit = LogisticRegression(C=np.inf, tol=1e-8).fit(inputs.double(), labels)
    margins = fit.decision_function(inputs.double()) * (2 * labels.numpy() - 1)
    found = smallest_loss(inputs, labels)
    assert found == pytest.approx(np.log1p(np.exp(-margins)).mean(), abs=1e-7)  # its tolerance
    assert found < np.log(2)


def test_nothing_is_learned_of_fresh_labels(table):
    ends = table[(table.epoch == 5) & (table.metric == "test_accuracy")].value
    # Coins: four standard deviations of the share of 1000.
    np.testing.assert_allclose(ends, 0.5, atol=4 * 0.5 / np.sqrt(1000))
