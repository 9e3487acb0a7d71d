"""The notebook's formulas and exercise 6's variants: findings that turn with the rule."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
import sympy

from optim import registry
from optim.functions import sqrt
from optim.rule import Rule
from proofs.exercises import (
    notebook_formulas,
    notebook_landscape,
    notebook_momentum,
    slower_decay,
)
from proofs.exercises.notebook_formulas import LR, G, W
from proofs.exercises.notebook_landscape import X
from proofs.verdict import Verdict


def refuted(verdicts: list[Verdict]) -> set[str]:
    return {verdict.id for verdict in verdicts if verdict.finding == "refuted"}


def broken(name: str, update) -> Rule:
    return dataclasses.replace(registry.rule(name), update=update)


@pytest.mark.slow
def test_what_is_refuted_in_the_notebook() -> None:
    verdicts = [v for m in (notebook_landscape, notebook_momentum, notebook_formulas)
                for v in m.verify(0)]  # fmt: skip
    assert refuted(verdicts) == {
        "notebook-convex-unique-minimum",
        "notebook-saddle-point",
        "notebook-momentum-average",
        "notebook-lookahead",
        "notebook-lookahead-converges",
        "notebook-plain-sgd-converges",
        "notebook-second-moment",
    }


def test_the_landscape_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    assert notebook_landscape._minima().measured["minima"] == ["-sqrt(10)/2", "sqrt(10)/2"]
    monkeypatch.setattr(notebook_landscape, "LANDSCAPE", X**4 - 6 * X**2 + 4)
    assert notebook_landscape._minima().finding == "refuted"
    monkeypatch.setattr(notebook_landscape, "LANDSCAPE", X**4 + 5 * X**2 + 4)
    assert notebook_landscape._saddle_point().finding != "refuted"


def averaged(w, g, v, lr, momentum):
    v = momentum * v + (1 - momentum) * g
    return w - lr * v, v


def test_a_true_moving_average_turns_both_findings_on_momentum() -> None:
    rule = broken("momentum", averaged)
    assert notebook_momentum._momentum_is_a_sum(rule).finding == "refuted"
    assert notebook_momentum._momentum_is_an_average(rule).finding != "refuted"


def test_the_lookahead_by_hand() -> None:
    rule = registry.rule("nesterov_lookahead")
    ours, theirs = notebook_momentum.lookahead_paths(rule, sympy.Integer(1), sympy.Rational(1, 10))
    # v = 1, theta = 0.9: 0.9 - 0.1 * 0.9 * 1 against 0.9 - 0.9 * 1.
    assert ours[1] == sympy.Rational(81, 100)
    assert theirs[1] == 0
    # Momentum's own loop, in fractions: v = g(theta - eta beta v) + beta v, theta -= eta v.
    theta, v, points = Fraction(1), Fraction(0), []
    for _ in range(3):
        points.append(theta - Fraction(9, 100) * v)
        v = Fraction(9, 10) * v + points[-1]
        theta -= v / 10
    assert [Fraction(str(p)) for p in ours] == points


def printed_lookahead(w, g, v, lr, momentum):
    back = w + momentum * v
    v = momentum * v + g
    return back - lr * v - momentum * v, v


def test_the_formula_as_printed_agrees_with_itself() -> None:
    rule = broken("nesterov_lookahead", printed_lookahead)
    assert notebook_momentum._lookahead_without_rate(rule).finding != "refuted"
    assert notebook_momentum._lookahead_diverges(rule).finding != "refuted"


@pytest.mark.parametrize("name", ["adagrad_eps_inside", "rmsprop_eps_inside", "adam", "adamw"])
def test_a_doubled_step_is_not_the_printed_formula(name: str) -> None:
    rule = registry.rule(name)
    given = tuple(sympy.symbols(f"a:{len(rule.state) + len(rule.per_step_names) + 9}"))
    arguments = given[: rule.update.__code__.co_argcount]
    printed = notebook_formulas.symbolic(rule)(*arguments)[0]
    same = notebook_formulas._printed_update("0", rule, arguments, printed)
    twice = notebook_formulas._printed_update("0", rule, arguments, 2 * printed)
    assert (same.finding, twice.finding) == ("reproduced", "refuted")


def late(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


def test_moments_that_are_no_averages_are_not_corrected() -> None:
    assert notebook_formulas._bias_correction(broken("adam", late)).finding == "refuted"
    assert notebook_formulas._first_steps(broken("adam", late)).finding == "refuted"


def test_decay_that_is_the_same_is_not_called_different() -> None:
    adamw = registry.rule("adamw")
    assert notebook_formulas._decay_in_adam(adamw, adamw).finding == "refuted"

    def squared(w, g, lr):
        return w - lr * g * g

    assert notebook_formulas._decay_in_sgd(broken("sgd", squared)).finding == "refuted"
    assert notebook_formulas.symbolic(registry.rule("sgd"))(W, G, LR) == W - LR * G


def test_what_is_refuted_in_exercise_6() -> None:
    assert refuted(slower_decay.verify(0)) == {"exercise-6-schedule"}


def test_a_variant_that_keeps_summing_is_seen() -> None:
    def summed(w, g, v, lr, alpha, eps):
        v = v * (2 - alpha) + (1 - alpha) * g * g
        return w - lr * g / (sqrt(v) + eps), v

    rates = {slower_decay.EPS: 0, slower_decay.KEEP: sympy.Rational(9, 10)}
    assert slower_decay._steady(broken("rmsprop", summed), "it", rates).finding == "refuted"


def test_bounds_and_resets_that_are_wrong_are_seen() -> None:
    def closing(t, beta1, beta2, final_lr, gamma):
        return beta1 + beta2, final_lr / t, final_lr * (1 + 1 / (gamma * t))

    adabound = dataclasses.replace(registry.rule("adabound"), per_step=closing)
    assert slower_decay._adabound(adabound).finding == "refuted"
    never = dataclasses.replace(
        registry.rule("adagrad_reset"), per_step=lambda t, period: ((t + period) / (t + period),)
    )
    assert slower_decay._reset(never).finding == "refuted"


def test_an_eps_that_helps_would_be_seen() -> None:
    def helped(w, g, s, lr, eps):
        s = s + g * g
        return w - lr * g / sqrt(s) - lr * eps * g, s

    # A larger eps lowers every rate of the true rule; of this one it raises the later ones.
    assert slower_decay._larger_eps(registry.rule("adagrad")).finding == "reproduced with a caveat"
    assert slower_decay._larger_eps(broken("adagrad", helped)).finding == "refuted"


def test_adadelta_grows_by_the_share_that_is_told() -> None:
    # One step of the steps' average from u = 1/4 at a = 1, by hand: u' = u + (1 - rho) eps (1 - u)
    # over 1 + eps, so that the distance from 1 loses (1 - rho) eps / (1 + eps) of itself.
    rule = registry.rule("adadelta")
    rho, eps = 0.9, 0.5
    _, _, after = rule.update(0.0, 1.0, 1.0, 0.25, 1.0, rho, eps)
    assert (1 - after) / 0.75 == pytest.approx(1 - (1 - rho) * eps / (1 + eps), rel=1e-14)
    told = slower_decay._adadelta(rule).measured["distance_shrinks_each_step_by"]
    factor = sympy.sympify(told).subs({"a": 1, "rho": rho, "epsilon": eps})
    assert float(factor) == pytest.approx(1 - (1 - rho) * eps / (1 + eps), rel=1e-14)
