"""Effective learning rates read off the losses, against the rules' own states step by step."""

import numpy as np
import pandas as pd
import pytest
from prepared_documents import write_prepared

from data.prepared import open_prepared
from experiments.effective_rates import (
    RATES,
    accumulators,
    document_frequencies,
    frequency_groups,
)
from experiments.linear import linear_problem, sample_orders, train_seeds
from experiments.runs.rcv1_less_aggressive import run
from optim.registry import rule

EPOCHS, DOCUMENTS, TERMS = 3, 13, 5


@pytest.fixture
def documents(tmp_path):
    """Thirteen documents; the first term is in all of them, the last in none."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(DOCUMENTS, TERMS)) * (generator.random((DOCUMENTS, TERMS)) < 0.4)
    x[:, 0], x[:, -1] = 1.0, 0.0
    labels = np.arange(DOCUMENTS) % 2
    return write_prepared(tmp_path / "d", {"train": (x, labels), "test": (x[:3], labels[:3])})


def protocol(optimizer: str, given: dict, **more) -> dict:
    return {
        "epochs": EPOCHS, "batch": 1, "seeds": 2, "test_rows": 10, "frequency_edges": [1, 4, 13],
        "schedules": {}, "optimizers": {optimizer: {"it": given}}, **more,
    }  # fmt: skip


def states_step_by_step(name: str, given: dict, data) -> tuple[list[np.ndarray], np.ndarray]:
    """Dense states at every epoch's end and last weights, by the rule's NumPy meaning in float64.

    Starts from the engine's first weights; follows its sample order.
    """
    rows = open_prepared(data).splits["train"]
    x = np.zeros((DOCUMENTS, TERMS))
    for row in range(DOCUMENTS):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        x[row, rows.indices[part]] = rows.values[part]
    w = np.append(np.random.default_rng([0, 0]).normal(0, 0.01, (TERMS, 1))[:, 0], 0.0)
    chosen, t, ends = rule(name), 0, []
    given = chosen.hyperparameters(**given)
    state = chosen.initial_state(w, given)
    for order in sample_orders(0, DOCUMENTS, EPOCHS):
        for row in order:
            t += 1
            input_ = np.append(x[row], 1.0)
            slope = 1 / (1 + np.exp(-input_ @ w)) - rows.labels[row]
            w, state = chosen.step(w, slope * input_, state, t, given)
        ends.append(np.array(state))
    return ends, w


CASES = {
    "adagrad": {"lr": 0.3, "eps": 0.01},
    "adagrad_eps_inside": {"lr": 0.3, "eps": 0.01},
    "adagrad_reset": {"lr": 0.3, "eps": 0.01, "period": 17},
    "adagrad_decay": {"lr": 0.3, "eps": 0.01, "decay": 0.9},
    "rmsprop": {"lr": 0.01, "alpha": 0.9},
    "adam": {"lr": 0.01},
    "adabound": {"lr": 0.01},
}


@pytest.mark.parametrize("name", CASES)
def test_the_accumulated_squares_are_those_of_the_rule_taken_step_by_step(name, documents):
    problem = linear_problem(open_prepared(documents), "logistic")
    given = rule(name).hyperparameters(**CASES[name])
    _, lane, history = next(train_seeds("e", "rcv1", name, protocol(name, CASES[name]), problem))
    expected, weights = states_step_by_step(name, CASES[name], documents)
    # The engine trains in single precision; 39 updates of it.
    np.testing.assert_allclose(history.weights[:, lane], weights, rtol=2e-4, atol=1e-6)
    losses = history.sampled_losses[:, lane]
    found = list(accumulators(name, given, problem.train, TERMS, losses, 0))
    assert len(found) == EPOCHS
    for one, states in zip(found, expected, strict=True):
        squares = states[1 if name in ("adam", "adabound") else 0]
        np.testing.assert_allclose(one, squares[:-1], rtol=2e-4, atol=1e-9)


@pytest.mark.parametrize(
    "name", ["adagrad", "adagrad_eps_inside", "adagrad_reset", "adagrad_decay", "rmsprop"]
)
def test_an_effective_rate_is_what_a_vanishing_gradient_is_multiplied_by(name):
    """A gradient of 1e-9 changes none of these squares of 0.01 and more by a part in 1e15."""
    given = rule(name).hyperparameters(**{**CASES[name], "lr": 0.3})
    held, gradient = np.array([0.01, 0.5, 4.0]), np.full(3, 1e-9)
    fading = given.get("decay", given.get("alpha", 1.0))
    moved, _ = rule(name).step(np.zeros(3), gradient, (held / fading,), 20, given)
    np.testing.assert_allclose(RATES[name](held, 20, given), -moved / gradient, rtol=1e-12)


@pytest.mark.parametrize("name", ["adam", "adabound"])
def test_with_momentum_it_is_the_factor_on_the_moving_average(name):
    given = rule(name).hyperparameters(**CASES[name])
    gradient, w = np.array([1e-4, 0.1, 2.0]), np.zeros(3)
    state = rule(name).initial_state(w, given)
    for t in range(1, 8):
        before = w
        w, state = rule(name).step(w, gradient, state, t, given)
    average = state[0] / (1 - 0.9**7) if name == "adam" else state[0]
    np.testing.assert_allclose(RATES[name](state[1], 7, given), (before - w) / average, rtol=1e-12)


def test_the_medians_are_by_document_frequency_and_a_schedule_multiplies_them(documents):
    given = protocol("sgd", {"lr": 0.5})
    plain = pd.concat(run("sgd", given, documents), ignore_index=True)
    given["schedules"] = {"it": {"shape": "inverse_time", "lr_decay": 1.0}}
    scheduled = pd.concat(run("sgd", given, documents), ignore_index=True)
    metric = "effective rate, terms in 13 documents or more"
    assert plain[plain.metric == metric].value.tolist() == [0.5] * 3
    # After 13, 26 and 39 steps the factor is one over the steps.
    found = scheduled[scheduled.metric == metric]
    np.testing.assert_allclose(found.value, [0.5 / 13, 0.5 / 26, 0.5 / 39])
    assert found.step.tolist() == [13, 26, 39]
    assert set(found.seed) == {0}
    # It trains by the schedule too.
    ends = [
        t[(t.metric == "train_loss") & (t.epoch == 3)].value.iloc[0] for t in (plain, scheduled)
    ]
    assert ends[0] != ends[1]


def test_an_unknown_schedule_is_refused_with_the_nearest_name(documents):
    given = protocol("sgd", {"lr": 0.5}, schedules={"it": {"shape": "inverse_tim"}})
    with pytest.raises(ValueError, match="did you mean 'inverse_time'"):
        list(run("sgd", given, documents))


def test_frequencies_count_rows_and_every_term_that_occurs_is_in_one_group(documents):
    problem = linear_problem(open_prepared(documents), "logistic")
    frequencies = document_frequencies(problem.train, TERMS)
    assert frequencies[0] == DOCUMENTS
    assert frequencies[-1] == 0
    groups = frequency_groups(frequencies, [1, 4, 13])
    assert list(groups) == ["1 to 3 documents", "4 to 12 documents", "13 documents or more"]
    assert sum(groups.values()).tolist() == (frequencies > 0).astype(int).tolist()


def test_adadelta_runs_without_effective_rates(documents):
    found = pd.concat(run("adadelta", protocol("adadelta", {}), documents), ignore_index=True)
    assert not found.metric.str.startswith("effective").any()
    assert "train_loss" in set(found.metric)
