"""Chapters 1 to 3 of the assignment: exact findings that turn when what they check is broken."""

from __future__ import annotations

import dataclasses

import pytest
import sympy

from optim import registry
from proofs.exercises import (
    change_of_variables,
    critical_points,
    initialisation,
    sparse_features,
    worked_example,
)
from proofs.exercises.critical_points import X, Y, kind_by_determinant, kind_of
from proofs.verdict import Verdict

ADAGRAD = registry.rule("adagrad")


def refuted(verdicts: list[Verdict]) -> set[str]:
    return {verdict.id for verdict in verdicts if verdict.finding == "refuted"}


def test_what_is_refuted_in_chapters_one_and_two() -> None:
    assert refuted(critical_points.verify(0) + sparse_features.verify(0)) == {
        "section-1-negative-definite-determinant",
        "section-1-determinant-test-in-three-dimensions",
        "section-1-singular-hessian",
        "section-1-saturation",
        "section-2-update-counts",
    }


def test_the_classification_by_hand() -> None:
    assert kind_of(sympy.Matrix([[2, 1], [1, 2]])) == "minimum"  # 1 and 3
    assert kind_of(sympy.Matrix([[1, 2], [2, 1]])) == "saddle"  # -1 and 3
    assert kind_of(sympy.diag(1, 0)) == "undecided"
    assert kind_by_determinant(sympy.diag(-1, 1)) == "maximum"  # the test as printed, and wrong


@pytest.mark.parametrize(
    ("name", "broken", "check"),
    [
        ("EXAMPLE", X**3 + Y**3 - 4 * X * Y, "_worked_example"),
        ("QUARTIC", X**4 + 3 * X**2 + X, "_two_minima"),
        ("BOWL", X**2 + X * Y + Y**2, "_bowl"),
    ],
)
def test_a_finding_turns_with_its_function(
    name: str, broken: object, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = getattr(critical_points, check)().finding
    monkeypatch.setattr(critical_points, name, broken)
    assert getattr(critical_points, check)().finding != before


def test_only_two_of_four_changes_of_variables_are_consistent() -> None:
    found = {v.id: v for v in change_of_variables.verify(0)}
    assert found["section-3-two-factorisations"].measured["consistent"] == [
        "Q = U L U^T, y = U^T x",
        "Q = U^T L U, y = U x",
    ]
    assert refuted(list(found.values())) == {
        "section-3-two-factorisations",
        "section-3-unit-eigenvectors-are-orthogonal",
        "section-3-symmetry-of-the-hessian",
        "section-3-gradient-as-proxy",
        "section-3-every-minimum-looks-quadratic",
    }


def test_the_counterexamples_that_are_found_are_the_simplest_known() -> None:
    found = {v.id: v for v in critical_points.verify(0)}
    three = found["section-1-determinant-test-in-three-dimensions"].measured
    assert three["hessian"] == [["1", "0", "0"], ["0", "-1", "0"], ["0", "0", "-1"]]
    two = found["section-1-negative-definite-determinant"].measured
    assert two["hessian"] == [["-1", "0"], ["0", "-1"]]


@pytest.mark.slow
def test_a_symmetric_reflection_hides_the_transposed_factor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def mirror(_t: object) -> sympy.Matrix:
        return sympy.Matrix([[3, 4], [4, -3]]) / 5

    monkeypatch.setattr(change_of_variables, "rotation", mirror)
    assert change_of_variables._mixed().finding != "refuted"


def test_the_linear_step_needs_an_orthogonal_matrix() -> None:
    quadratic, linear = change_of_variables.residues(sympy.Q.invertible)
    assert quadratic == 0 or quadratic.is_ZeroMatrix
    assert linear != 0
    assert not linear.is_ZeroMatrix


def test_a_smooth_function_is_no_counterexample_to_schwarz(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(change_of_variables, "PEANO", X**2 * Y)
    assert change_of_variables._schwarz().finding != "refuted"


def test_the_worked_example_by_hand() -> None:
    weights, sums = worked_example.steps(ADAGRAD)
    assert sums[2] == [20, sympy.Rational(1, 50)]
    # 0.9 - 0.1 * 2 / sqrt(20) and 0.9 - 0.1 * 0.1 / sqrt(0.02)
    assert float(weights[2][0]) == pytest.approx(0.9 - 0.2 / 20**0.5, rel=1e-15)
    assert float(weights[2][1]) == pytest.approx(0.9 - 0.01 / 0.02**0.5, rel=1e-15)
    assert refuted(worked_example.verify(0)) == {
        "worked-example-second-moves",
        "worked-example-move-beyond-gradient",
    }


def test_another_rule_does_not_reproduce_the_worked_example() -> None:
    def without_root(w, g, s, lr, eps):
        s = s + g * g
        return w - lr * g / (s + eps), s

    found = worked_example.verdicts_of(dataclasses.replace(ADAGRAD, update=without_root))
    assert {"worked-example-first-step", "worked-example-second-rates"} <= refuted(found)


@pytest.mark.slow
def test_initial_variances_that_do_not_keep_the_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refuted(initialisation.verify(0)) == {"initialisation-glorot"}
    monkeypatch.setattr(initialisation, "HE", 1 / initialisation.N_IN)
    monkeypatch.setattr(initialisation, "LECUN", 2 / initialisation.N_IN)
    assert refuted(initialisation.verify(0)) >= {
        "initialisation-he",
        "initialisation-one-over-n-in",
    }


def test_glorot_agrees_where_inputs_and_outputs_are_as_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(initialisation, "GLOROT", 1 / initialisation.N_IN)
    assert initialisation._called_glorot().finding != "refuted"
