"""Adding an optimizer is one file: it is found, verified, typeset, documented, and trains."""

import dataclasses

import numpy as np
import pytest
import torch

from optim import registry
from optim.formula import formula
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem
from optim.table import page
from optim.torch_optimizer import RuleOptimizer
from optim.verification import verify

SOURCE = '''\
"""Gradients divided by an average of their absolute values."""

from optim.functions import abs
from optim.rule import Rule


def update(w, g, a, lr, rho, eps):
    a = rho * a + (1 - rho) * abs(g)
    return w - lr * g / (a + eps), a


def tables(t, rho):
    return {"fading": rho**t}


def skip(w, a, fading):
    return w, a * fading


RULE = Rule(
    name="mean_absolute",
    title="Mean absolute",
    update=update,
    state=("a",),
    defaults={"lr": 0.05, "rho": 0.9, "eps": 1e-8},
    paper="this test",
    skip=skip,
    tables=tables,
)
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGRAD_CACHE", str(tmp_path / "cache"))
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mean_absolute.py").write_text(SOURCE, encoding="utf-8")
    return rules


@pytest.fixture
def added(folder):
    return registry.rule("mean_absolute", folder)


def rows(count=120, features=9):
    """Three ones a row, and a label that the first feature decides."""
    random = np.random.default_rng(0)
    indices = np.array([np.sort(random.choice(features, 3, False)) for _ in range(count)])
    labels = (indices == 0).any(axis=1).astype(np.float32)
    indptr = np.arange(0, 3 * count + 1, 3, dtype=np.int64)
    return indptr, indices.ravel().astype(np.int32), np.ones(3 * count, np.float32), labels


def test_a_file_in_a_folder_of_rules_is_an_optimizer(folder, added):
    assert registry.names(folder) == ("mean_absolute",)
    assert added.title == "Mean absolute"
    with pytest.raises(ValueError, match="did you mean 'mean_absolute'"):
        registry.rule("mean_absolut", folder)


def test_it_is_verified_in_every_meaning(added):
    checks = list(verify(added))
    assert [check.check for check in checks] == [
        "Numba meaning", "torch meaning", "SymPy meaning", "balls meaning",
        "zero gradients, double", "zero gradients, single",
    ]  # fmt: skip
    assert all(check.passed for check in checks)
    text = page([added], [dataclasses.asdict(c) | {"passed": c.passed} for c in checks])
    assert "| [Mean absolute](#mean_absolute) | 7 + − × <, 1 ÷ | 4 | closed form |" in text
    assert "6 of 6" in text


def test_it_is_typeset(added):
    assert formula(added).latex().splitlines()[1:-1] == [
        r"a_{t} &= \rho a_{t-1} + \left(1 - \rho\right) \left|{g_{t}}\right| \\",
        r"\theta_{t} &= \theta_{t-1} - \frac{\eta g_{t}}{a_{t} + \varepsilon}",
    ]


@pytest.mark.slow
def test_it_trains_by_the_linear_engine_and_by_torch_alike(added):
    problem = Problem(rows(), {"train": rows()}, 9, "logistic")
    history = train(problem, added, [Run({})], epochs=4, batch=120)
    indptr, indices, _, labels = rows()
    x = np.zeros((labels.size, 10))
    x[np.repeat(np.arange(labels.size), np.diff(indptr)), indices] = 1
    x[:, 9] = 1
    start = np.random.default_rng([0, 0]).normal(0, 0.01, 9)
    weights = torch.tensor(np.append(start, 0.0), requires_grad=True)
    optimizer = RuleOptimizer([weights], added)
    for _ in range(4):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(
            torch.tensor(x) @ weights, torch.tensor(labels, dtype=torch.float64)
        ).backward()
        optimizer.step()
    # The engine is in single precision
    np.testing.assert_allclose(history.weights[:, 0], weights.detach().numpy(), rtol=1e-4)
    losses = history.measured["train"]["loss"][:, 0]
    assert losses[-1] < losses[0] - 0.05
