"""The engine on 200 documents against torch.optim on dense float64; and denormal numbers."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from numba import njit

from data.prepare import prepare
from data.prepared import open_prepared
from data.settings import Settings
from optim.block import INITIAL_SCALE
from optim.kernels.processor import flush_denormals, restore
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem
from optim.references import TORCH
from optim.registry import rule

EPOCHS = 3
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"lr": 0.5}, {}),
    "momentum": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}, {}),
    "gradient_descent": (torch.optim.SGD, {"lr": 0.5}, {}),
    "nesterov_lookahead": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}, {"nesterov": True}),
    "nesterov": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}, {"nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {"lr": 0.1, "eps": 1e-8}, {}),
    "rmsprop": (torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.99, "eps": 1e-6}, {}),
    "rmsprop_momentum": (torch.optim.RMSprop, {"lr": 0.01, "eps": 1e-3, "momentum": 0.5}, {}),
    "rmsprop_centered": (torch.optim.RMSprop, {"lr": 0.01, "eps": 1e-3}, {"centered": True}),
    "rmsprop_centered_momentum": (
        torch.optim.RMSprop, {"lr": 0.01, "eps": 1e-3, "momentum": 0.5}, {"centered": True},
    ),
    "adadelta": (torch.optim.Adadelta, {"lr": 1.0, "rho": 0.9, "eps": 1e-6}, {}),
    "adam": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-8}, {}),
    "adam_l2": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-8, "weight_decay": 0.01}, {}),
    "amsgrad": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-8}, {"amsgrad": True}),
    "adamw": (torch.optim.AdamW, {"lr": 0.01, "eps": 1e-8, "weight_decay": 0.01}, {}),
    "nadam": (torch.optim.NAdam, {"lr": 0.01, "eps": 1e-8}, {}),
    "radam": (torch.optim.RAdam, {"lr": 0.01, "eps": 1e-8}, {}),
    "adamax": (torch.optim.Adamax, {"lr": 0.01, "eps": 1e-8}, {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """200 training rows of RCV1 (the mirror's where there is one, else the stand-in's)."""
    mirror = os.environ.get("REGRAD_DATA_MIRROR")
    settings = Settings(
        source="real" if mirror else "stand-in",
        cache=tmp_path_factory.mktemp("cache"),
        mirrors=tuple(mirror.split(",")) if mirror else (),
        label="CCAT",
    )
    folder = tmp_path_factory.mktemp("data") / "rcv1"
    prepare("rcv1", settings, Path(folder))
    rows = open_prepared(folder).splits["train"]
    stop = int(rows.indptr[200])
    used, indices = np.unique(rows.indices[:stop], return_inverse=True)
    return Problem(
        (
            np.array(rows.indptr[:201]), indices.astype(np.int32),
            np.array(rows.values[:stop]), np.array(rows.labels[:200]),
        ),
        {}, len(used), "logistic",
    )  # fmt: skip


def test_every_rule_that_torch_has_is_compared():
    assert set(OPTIMIZERS) == set(TORCH)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.slow
def test_a_trajectory_is_torch_s_on_dense_rows(documents, name):
    """600 updates in float32 against float64: 1e-4 of the largest weight, as the rounding of 600
    steps leaves room for."""
    kind, given, extra = OPTIMIZERS[name]
    indptr, indices, values, labels = documents.train
    dense = torch.zeros((200, documents.features), dtype=torch.float64)
    dense[np.repeat(np.arange(200), np.diff(indptr)), indices] = torch.from_numpy(values).double()
    start, orders = (np.random.default_rng([7, stream]) for stream in (0, 1))
    first = start.normal(0, INITIAL_SCALE, (documents.features, 1))
    weights = torch.tensor(first, requires_grad=True)
    intercept = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = kind([weights, intercept], **given, **extra)
    targets = torch.from_numpy(labels).double()
    for _ in range(EPOCHS):
        for row in orders.permutation(200):
            optimizer.zero_grad()
            z = dense[row] @ weights + intercept
            torch.nn.functional.binary_cross_entropy_with_logits(
                z, targets[row : row + 1]
            ).backward()
            optimizer.step()
    history = train(documents, rule(name), [Run(given, 7)], epochs=EPOCHS)
    expected = np.append(weights.detach().numpy()[:, 0], intercept.detach().numpy())
    worst = np.abs(history.weights[:, 0] - expected).max()
    assert worst <= 1e-4 * np.abs(expected).max()


def test_denormal_numbers_are_flushed_in_the_kernels_and_nowhere_else():
    @njit
    def halve(values, flush):
        before = flush_denormals() if flush else np.uint32(0)
        for i in range(values.size):
            values[i] *= np.float32(0.5)
        if flush:
            restore(before)

    flushed, kept = (np.full(100, 1.2e-38, np.float32) for _ in range(2))
    halve(flushed, True)
    halve(kept, False)
    assert np.all(flushed == 0)
    assert np.all((kept > 0) & (kept < np.finfo(np.float32).tiny))
