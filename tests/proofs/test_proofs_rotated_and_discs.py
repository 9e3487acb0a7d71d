"""Exercises 2 to 4: Adagrad's paths, what discs count, and van der Sluis's factor."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from flint import acb, arb, arb_mat

from optim import registry
from proofs.discs import Disc
from proofs.exercises import adagrad_rotated, best_scaling, disc_components
from proofs.exercises.best_scaling import MADE_WORSE, compared
from proofs.exercises.disc_components import components, counts, has_an_empty_disc
from proofs.scaling import best_scaling as found_scaling
from proofs.scaling import bound_from_below, quotient, scaled_condition

ADAGRAD = registry.rule("adagrad")


def numpy_loss(hessian: np.ndarray, start: tuple[float, float], steps: int) -> float:
    """The exercise's loop in double precision."""
    w, s = np.array(start), np.zeros(2)
    for _ in range(steps):
        g = hessian @ w
        s = s + g * g
        w = w - 0.2 * g / (np.sqrt(s) + 1e-8)
    return float(w @ hessian @ w / 2)


def test_the_losses_are_those_of_the_exercises_loop() -> None:
    found = {v.id: v for v in adagrad_rotated.verify(0)}
    slower = found["exercise-2-adagrad-slower-when-turned"]
    assert slower.finding == "reproduced"
    turned = np.array([[2.1, -1.9], [-1.9, 2.1]])
    for name, hessian in (
        ("f1", np.diag([0.2, 4.0])), ("f1_turned", turned), ("f2_as_printed", 2 * turned)
    ):  # fmt: skip
        enclosed = float(arb(slower.measured[name]).mid())
        # 200 contracting steps in double precision, printed to ten digits.
        assert enclosed == pytest.approx(numpy_loss(hessian, (3.0, 1.0), 200), rel=1e-8)
    assert found["exercise-2-adagrad-slower-from-every-start"].finding == "refuted"
    assert found["exercise-2-missing-factor-and-adagrad"].finding == "reproduced"


def test_one_problem_is_neither_slower_nor_faster_than_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adagrad_rotated, "F1_TURNED", adagrad_rotated.F1)
    assert adagrad_rotated._slower(ADAGRAD).finding == "refuted"
    assert adagrad_rotated._always_slower(ADAGRAD).finding != "refuted"


def test_a_rule_that_feels_the_scale_feels_the_missing_factor() -> None:
    def plain(w, g, s, lr, eps):
        return w - lr * g / (1 + eps), s

    rule = dataclasses.replace(ADAGRAD, update=plain)
    assert adagrad_rotated._factor_two(rule).finding == "refuted"


def disc(centre: float, radius: float) -> Disc:
    return Disc(acb(centre), arb(radius))


def test_discs_are_grouped_through_a_third_one() -> None:
    assert components([disc(0, 1), disc(4, 1), disc(2, 1.5)]) == [{0, 1, 2}]
    assert components([disc(0, 1), disc(4, 1), disc(10, 1)]) == [{0}, {1}, {2}]
    assert components([disc(0, 1), Disc(acb(2), arb("1 +/- 0.1"))]) is None


def test_the_count_by_hand() -> None:
    # Discs of radius 1 about 0 and 1 meet; the one about 20 does not.
    matrix = np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.5, 0.0, 20.0]])
    assert sorted(counts(matrix) or []) == [(1, 1), (2, 2)]


def test_a_wrong_grouping_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert disc_components._components(0).finding == "reproduced"
    monkeypatch.setattr(
        disc_components, "components", lambda discs: [{k} for k in range(len(discs))]
    )
    assert disc_components._components(0).finding == "refuted"


def test_an_empty_disc_by_hand() -> None:
    assert has_an_empty_disc(((0, 4), (1, 0)))  # +-2, and a disc of radius 1 about 0
    assert not has_an_empty_disc(((0, 1), (0, 5)))  # triangular: 0 and 5
    assert disc_components._one_each().finding == "refuted"


def test_a_certificate_by_hand() -> None:
    # [[2, 1], [1, 2]] with z = (1, 1) and the signs + and -: 6 over 2.
    assert quotient(((2, 1), (1, 2)), (1.0, 1.0), (1, -1)) == 3
    assert float(bound_from_below(((2, 1), (1, 2))).bound) == pytest.approx(3, rel=1e-12)
    # [[100, 5], [5, 1]]: scaled by its diagonal 1 and 1/2, so 3 and no scaling has less.
    assert float(bound_from_below(((100, 5), (5, 1))).bound) == pytest.approx(3, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_no_scaling_beats_the_certificate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = best_scaling.drawn_definite(rng, 4)
    bound = float(bound_from_below(matrix).bound)
    q = np.array(matrix, dtype=float)
    for scale in (found_scaling(matrix), *np.exp(rng.standard_normal((200, 4)))):
        # Condition numbers here are below 1e6: ten digits of numpy's are good.
        assert np.linalg.cond(q * np.outer(scale, scale)) >= bound * (1 - 1e-9)


def test_the_best_scaling_of_a_matrix_that_the_diagonal_makes_worse() -> None:
    # Scaled by its diagonal 6, as it is (7 + sqrt 17) / 2 = 5.56; the best lies in between bounds.
    found = compared(MADE_WORSE, 3)
    assert found.within is True
    assert 6 / 5.56 < found.at_least <= found.at_most * (1 + 1e-9)
    best = scaled_condition(MADE_WORSE, found_scaling(MADE_WORSE))
    assert best is not None
    assert float(best) < 5.5616


def test_a_scaling_that_is_not_by_the_diagonal_breaks_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert best_scaling._van_der_sluis(0).finding == "reproduced"

    def squared(matrix):
        return arb_mat(
            [
                [arb(x) / (matrix[i][i] ** 2 * matrix[j][j] ** 2) for j, x in enumerate(row)]
                for i, row in enumerate(matrix)
            ]
        )

    monkeypatch.setattr(best_scaling, "scaled_balls", squared)
    verdict = best_scaling._van_der_sluis(0)
    assert (verdict.finding, verdict.evidence) == ("refuted", "counterexample")
    assert "van der Sluis, Numer" not in verdict.explanation
