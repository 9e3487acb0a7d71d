"""The invariance table: laws read off the rules, and trajectories that certainly differ."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_mat

from optim import registry
from optim.functions import outer, sign, sqrt
from optim.rule import Rule
from proofs import algebras, invariance
from proofs.algebras import DEGREES
from proofs.exercises import invariance_table
from proofs.exercises.invariance_table import cell
from proofs.invariance import TRANSFORMATIONS, change_of_first_move, counterexample
from proofs.kinds import NoLaw, state_kinds, uses_known_functions_only
from proofs.trajectories import Change, Quadratic, column, rational, trajectory
from proofs.verdict import Verdict

BY_NAME = {transformation.name: transformation for transformation in TRANSFORMATIONS}


@pytest.fixture(scope="module")
def table() -> dict[str, Verdict]:
    return {verdict.id: verdict for verdict in invariance_table.verify(0)}


def test_every_rule_has_a_verdict_for_every_transformation(table: dict[str, Verdict]) -> None:
    expected = {
        f"invariance-{name}-{transformation}" for name in registry.names()
        for transformation in BY_NAME
    }  # fmt: skip
    assert expected <= set(table)
    assert all(table[name].finding in ("reproduced", "refuted") for name in expected)


def test_full_matrices_turn_with_the_problem_and_the_diagonal_does_not(
    table: dict[str, Verdict],
) -> None:
    assert table["invariance-full_matrix_adagrad-rotation"].finding == "reproduced"
    diagonal = table["invariance-adagrad-rotation"]
    assert diagonal.finding == "refuted"
    # By hand: g = (1, 0) moves w by (-lr, 0); turned, g = (3, 4)/5 moves both by -lr, not by
    # (-3 lr / 5, -4 lr / 5). The case found may differ; this one has to be a counterexample too.
    assert diagonal.measured["steps"] == 1
    path, _ = trajectory(
        registry.rule("adagrad"),
        Quadratic(fmpq_mat([[0, 0], [0, 0]]), column(Fraction(3, 5), Fraction(4, 5))),
        column(0, 0),
        1,
        {"lr": 0.01, "eps": 0.0},
    )
    assert [float(x) for x in path[1]] == pytest.approx([-0.01, -0.01], rel=1e-15)


@pytest.mark.parametrize(
    "rotates", ["sgd", "gradient_descent", "momentum", "nesterov", "nesterov_lookahead", "newton"]
)
def test_rules_linear_in_the_gradient_turn(rotates: str, table: dict[str, Verdict]) -> None:
    assert table[f"invariance-{rotates}-rotation"].evidence == "exact"
    assert table[f"invariance-{rotates}-rotation"].finding == "reproduced"


def test_only_newton_follows_a_scaling_of_the_coordinates(table: dict[str, Verdict]) -> None:
    held = [n for n in registry.names()
            if table[f"invariance-{n}-coordinate-scaling"].finding == "reproduced"]  # fmt: skip
    assert held == ["newton"]


def test_eps_is_what_breaks_the_scaling_of_the_loss(table: dict[str, Verdict]) -> None:
    broken = table["invariance-adagrad-loss-scaling"]
    assert broken.finding == "refuted"
    mended = table["invariance-adagrad-loss-scaling-without-eps"]
    assert (mended.finding, mended.evidence) == ("reproduced", "exact")
    assert mended.measured["states_transform_as"] == {"s": "2"}
    # By hand: lr 2 / (2 + eps) over lr / (1 + eps), less 1, is eps / (2 + eps); for a gradient of
    # eps it is 2 eps / (3 eps) over 1/2, less 1: a third.
    adagrad, eps = registry.rule("adagrad"), 1e-10
    for gradient, expected in ((fmpq(1), eps / (2 + eps)), (rational(eps), 1 / 3)):
        found = change_of_first_move(adagrad, gradient, 2, adagrad.defaults)
        assert float(found) == pytest.approx(expected, rel=1e-12)


def test_weight_decay_is_what_breaks_translation(table: dict[str, Verdict]) -> None:
    for name in ("adamw", "adam_l2"):
        assert table[f"invariance-{name}-translation"].finding == "refuted"
        assert table[f"invariance-{name}-translation-without-weight_decay"].finding == "reproduced"


def without_sign(w, g, m, lr, beta1, beta2, weight_decay):
    direction = beta1 * m + (1 - beta1) * g
    return w - lr * (direction + weight_decay * w), beta2 * m + (1 - beta2) * g


def pulled_up(w, g, s, lr, eps):
    s = s + g * g + g
    return w - lr * g / (sqrt(s * s) + eps), s


def entrywise(w, g, s, lr, eps):
    s = s + outer(g, g)
    return w - lr * g * g / (1 + eps), s


def linear_root(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / (s + eps), s


MUTANTS = {
    ("lion", "loss-scaling"): without_sign,
    ("adagrad", "sign-flips"): pulled_up,
    ("full_matrix_adagrad", "rotation"): entrywise,
}


@pytest.mark.parametrize(("name", "transformation"), MUTANTS)
def test_a_broken_rule_loses_its_proof_and_gets_a_counterexample(
    name: str, transformation: str
) -> None:
    rule = registry.rule(name)
    assert cell(rule, BY_NAME[transformation])[0].finding == "reproduced"
    mutant = dataclasses.replace(rule, update=MUTANTS[name, transformation])
    assert cell(mutant, BY_NAME[transformation])[0].finding == "refuted"


def test_adagrad_without_its_root_is_not_mended_by_a_zero_eps() -> None:
    mutant = dataclasses.replace(registry.rule("adagrad"), update=linear_root)
    verdicts = cell(mutant, BY_NAME["loss-scaling"])
    assert [verdict.finding for verdict in verdicts] == ["refuted"]


def test_a_wrong_law_is_caught_by_the_trajectory_beside_it() -> None:
    lax = dataclasses.replace(DEGREES, add=lambda a, b: max(a, b))
    loss = dataclasses.replace(BY_NAME["loss-scaling"], algebra=lax)
    rule = registry.rule("adagrad")
    coarse = dataclasses.replace(rule, defaults={**rule.defaults, "eps": 0.1})
    found = cell(coarse, loss)[0]
    assert (found.finding, found.evidence) == ("refuted", "certified")


def test_a_step_that_does_not_move_the_weight_is_no_counterexample() -> None:
    still = Rule("still", "Still", lambda w, g, lr: w - 0 * lr * sign(g), (), {"lr": 1.0}, "none")
    found, tried = counterexample(still, BY_NAME["rotation"], still.defaults)
    assert found is None
    assert tried > 0


def test_nothing_is_proved_of_a_rule_that_mixes_coordinates_unseen() -> None:
    def normalised(w, g, lr):
        return w - lr * g / np.sum(g)

    kinds = (Fraction(0), Fraction(1))
    rule = Rule("normalised", "Normalised", normalised, (), {"lr": 1.0}, "none")
    assert state_kinds(rule, DEGREES, kinds) is None
    assert all(uses_known_functions_only(registry.rule(name)) for name in registry.names())


def test_zero_has_every_kind_and_nothing_else_has() -> None:
    def shifted(w, g, lr, eps):
        return w - lr * (g + eps)

    rule = Rule("shifted", "Shifted", shifted, (), {"lr": 1.0, "eps": 0.1}, "none")
    kinds = (Fraction(0), Fraction(0))
    assert state_kinds(rule, DEGREES, kinds) == {}
    kinds = (Fraction(1), Fraction(1))
    assert state_kinds(rule, DEGREES, kinds) is None
    assert state_kinds(rule, DEGREES, kinds, zero=("eps",)) == {}


@pytest.mark.parametrize(
    "operation",
    [lambda a: a.multiply("vector", "vector"), lambda a: a.add("vector", "scalar"),
     lambda a: a.divide("scalar", "vector"), lambda a: a.named["sqrt"]("vector")],
)  # fmt: skip
def test_what_a_rotation_does_not_respect_has_no_law(operation) -> None:
    with pytest.raises(NoLaw):
        operation(algebras.ORTHOGONAL)


def test_a_change_of_problem_by_hand() -> None:
    # f(w) = w^2 + w, w' = 2w + 1, times 3: f'(w') = 3 ((w' - 1)^2 / 4 + (w' - 1) / 2).
    change = Change(fmpq_mat([[2]]), column(1), fmpq(3))
    changed = change.of(Quadratic(fmpq_mat([[2]]), column(1)))
    assert changed.hessian == fmpq_mat([[fmpq(3, 2)]])
    assert changed.linear == column(0)


@pytest.mark.parametrize("name", registry.names())
def test_the_enclosed_trajectory_is_that_of_the_rule_that_trains(name: str) -> None:
    rule, problem, start = registry.rule(name), invariance.SEEN_PROBLEM, invariance.SEEN_START
    path, _ = trajectory(rule, problem, start, 7, rule.defaults)
    hessian, linear = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([5.0, -10.0])
    w = np.array([5.0, 15.0])
    shape = w.shape if rule.coordinatewise else (2, 2)
    state = rule.initial_state(np.zeros(shape), rule.defaults)
    for t in range(1, 8):
        gradient = hessian @ w + linear
        if "h" in rule.inputs:
            w = rule.update(w, gradient, hessian, *rule.defaults.values())
        else:
            w, state = rule.step(w, gradient, state, t, rule.defaults)
        # Seven steps of some twenty double operations each on numbers of this size; the root of a
        # nearly singular matrix (full-matrix Adagrad's second step) loses half of the digits.
        loss = 1e-6 if name == "full_matrix_adagrad" else 1e-11
        assert [float(x) for x in path[t]] == pytest.approx(w.tolist(), rel=loss, abs=loss)
