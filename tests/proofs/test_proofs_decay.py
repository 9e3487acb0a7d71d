"""Adagrad's decay: bounds that a long run obeys, and findings that turn with what they check."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from broken_rules import fading, floored, still, without_root
from flint import fmpq

from optim import registry
from optim.rule import Rule
from proofs.accumulators import bounded_for_ever
from proofs.exercises import adagrad_decay, decay_on_quadratics
from proofs.exercises.decay_on_quadratics import F1, FARTHEST, RUNS, STEPS, bounds, crossings
from proofs.trajectories import column, trajectory
from proofs.verdict import Verdict

ADAGRAD = registry.rule("adagrad")


def with_update(update) -> Rule:
    return dataclasses.replace(ADAGRAD, update=update)


def by_id(verdicts: list[Verdict]) -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in verdicts}


@pytest.mark.slow
def test_what_is_found() -> None:
    found = by_id([*adagrad_decay.verify(0), *decay_on_quadratics.verify(0)])
    refuted = {name for name, verdict in found.items() if verdict.finding == "refuted"}
    assert refuted == {
        "decay-always-vanishes-assignment",
        "decay-always-vanishes-notebook",
        "decay-inverse-root-without-lower-bound",
        "decay-inverse-root-where-the-sum-diverges",
        "decay-inverse-root-without-upper-bound",
    }
    assert found["decay-inverse-root-without-lower-bound"].measured["limit"] == "sqrt(3)*eta"


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.slow
def test_a_run_a_hundred_times_longer_stays_under_the_bound(name: str) -> None:
    rule_name, problem, _, start, settings = RUNS[name]
    bound, rule = bounds()[name], registry.rule(rule_name)
    inside = rule_name == "adagrad_eps_inside"
    assert bound is not None
    hessian = np.array([[float(x) for x in row] for row in problem.hessian.tolist()])
    w = np.array([float(x[0]) for x in start.tolist()])
    state = rule.initial_state(w, {**rule.defaults, **settings})
    for t in range(1, 100 * STEPS + 1):
        w, state = rule.step(w, hessian @ w, state, t, {**rule.defaults, **settings})
    roots = np.sqrt(state[0] + (settings["eps"] if inside else 0.0))
    slack = 1e-9  # 20,000 additions in double precision
    rates = bound.rates()
    for root, then, ever, (low, high) in zip(
        roots, bound.root_then, bound.root_ever, rates, strict=True
    ):
        assert float(then) * (1 - slack) <= root <= float(ever) * (1 + slack)
        rate = settings["lr"] / (root + (0.0 if inside else settings["eps"]))
        assert float(low) * (1 - slack) <= rate <= float(high) * (1 + slack)


def test_the_bound_by_hand() -> None:
    # w^2 / 10 + 2 w^2 from (3, 1) with lr = 1, eps = 0, no step: no accumulator yet, so no bound;
    # after one step the roots are the gradients' sizes, 0.6 and 4; 4 > 0.6 leaves rate 1 over 1/L.
    settings = {"lr": 1.0, "eps": 0.0}
    assert bounded_for_ever(ADAGRAD, F1, column(3, 1), 1, fmpq(4), settings) is None
    # From (30, 1): roots 6 and 4, weights 29 and 0, loss 84.1: 6 + 168.2 and 4 + 168.2.
    bound = bounded_for_ever(ADAGRAD, F1, column(30, 1), 1, fmpq(4), settings)
    assert bound is not None
    assert [float(x) for x in bound.root_ever] == pytest.approx([174.2, 172.2], rel=1e-14)
    assert float(F1.value(list(bound.root_then))) == pytest.approx(3.6 + 32, rel=1e-14)


def test_the_bound_with_eps_inside_by_hand() -> None:
    # From (30, 1) with eps = 64: the roots are sqrt(36 + 64) and sqrt(16 + 64), and the first step
    # moves by 6 / 10 and 4 / sqrt(80).
    rule = registry.rule("adagrad_eps_inside")
    settings = {"lr": 1.0, "eps": 64.0}
    bound = bounded_for_ever(rule, F1, column(30, 1), 1, fmpq(4), settings, inside=True)
    assert bound is not None
    left = 0.1 * 29.4**2 + 2 * (1 - 4 / 80**0.5) ** 2
    expected = [10 + 2 * left, 80**0.5 + 2 * left]
    assert [float(x) for x in bound.root_ever] == pytest.approx(expected, rel=1e-14)


def test_no_bound_is_claimed_where_a_rate_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = {"wild": RUNS["f1, exercise 2"]._replace(largest=fmpq(1000))}
    monkeypatch.setattr(decay_on_quadratics, "RUNS", wild)
    verdict = decay_on_quadratics._bounded_on_the_quadratics()
    assert verdict.finding == "refuted"
    assert "wild" in verdict.explanation


def test_sign_changes_are_counted_by_hand() -> None:
    # On f1 with the rate 0.4 the steep coordinate is multiplied by 1 - 1.6, the flat one by 0.92.
    path, _ = trajectory(registry.rule("sgd"), F1, column(-5, -2), 3, {"lr": 0.4})
    assert crossings(path) == 3
    assert [float(x) for x in path[1]] == pytest.approx([-4.6, 1.2], rel=1e-15)


def test_no_weight_goes_further_than_the_bound_that_azuma_is_used_with() -> None:
    _, farthest = decay_on_quadratics.noisy_run(ADAGRAD, 3)
    assert farthest <= FARTHEST
    # The worst start within: from just above 1, noise pushes away no further.
    w, state = np.array([1.0]), (np.array([0.0]),)
    settings = {**ADAGRAD.defaults, "lr": 0.1}
    w, _ = ADAGRAD.step(w, w - 2.0, state, 1, settings)
    assert w[0] == pytest.approx(1.1, rel=1e-9)  # eps is 1e-10 of the divisor


def test_an_accumulator_that_fades_is_seen() -> None:
    assert adagrad_decay._never_decreases(with_update(fading)).finding == "refuted"
    assert adagrad_decay._inverse_root(with_update(fading)).finding == "refuted"


def test_a_rate_of_another_order_is_seen() -> None:
    assert adagrad_decay._inverse_root(with_update(without_root)).finding == "refuted"
    assert adagrad_decay._vanishes_exactly_when(with_update(floored)).finding == "refuted"


@pytest.mark.slow
def test_a_rule_that_goes_on_moving_is_no_counterexample() -> None:
    verdict = adagrad_decay._always_vanishes(with_update(still), adagrad_decay.DRAWBACK)
    assert verdict.finding != "refuted"


def test_the_finding_with_noise_turns_without_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decay_on_quadratics._with_noise(ADAGRAD, 1).finding == "reproduced"
    monkeypatch.setattr(decay_on_quadratics, "NOISE", 0.0)
    assert decay_on_quadratics._with_noise(ADAGRAD, 1).finding == "refuted"
