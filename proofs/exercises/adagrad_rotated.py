"""Section 3.8, exercise 2: Adagrad's trajectories on f1, on f2 as printed, and on f1 turned."""

from __future__ import annotations

from typing import Any

from flint import arb, ctx

from optim import registry
from optim.rule import Rule
from proofs.accumulators import value
from proofs.exercises.adagrad_decay import EXERCISE_2, F1, F1_TURNED, F2_PRINTED
from proofs.trajectories import PRECISION, Path, Quadratic, column, trajectory
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.8 exercise 2")
START = column(3, 1)
DIAGONAL_START = column(1, 1)
STEPS = 200
FEW = 20
BALLS = "ball comparisons; no tolerance enters"
SETTINGS = "the exercise's program: start (3, 1), rate 0.2, eps 1e-8, 200 steps"
SMALL = 1e-7


def verify(_seed: int) -> list[Verdict]:
    """Slower on the printed start, not on every start; and what the factor of two does."""
    adagrad = registry.rule("adagrad")
    return [_slower(adagrad), _always_slower(adagrad), _factor_two(adagrad)]


def path_on(rule: Rule, problem: Quadratic, start: Any, steps: int) -> Path:
    """The trajectory at the exercise's rate and eps, as balls."""
    return trajectory(rule, problem, start, steps, {**rule.defaults, **EXERCISE_2})[0]


def losses(rule: Rule, problem: Quadratic, start: Any, steps: int) -> list[arb]:
    """The loss before the first step and after each."""
    return [value(problem, w) for w in path_on(rule, problem, start, steps)]


def _slower(rule: Rule) -> Verdict:
    straight, turned, printed = (
        losses(rule, problem, START, STEPS)[-1] for problem in (F1, F1_TURNED, F2_PRINTED)
    )
    return Verdict(
        id="exercise-2-adagrad-slower-when-turned",
        statement="Adagrad gets f1 lower than its rotation, with the settings of the program",
        place=PLACE,
        finding="reproduced" if bool(straight < turned) and bool(straight < printed) else "refuted",
        evidence="certified",
        measured={
            "f1": straight.str(10),
            "f1_turned": turned.str(10),
            "f2_as_printed": printed.str(10),
            "ratio_turned_over_f1": float((turned / straight).mid()),
        },
        explanation="Both trajectories enclosed in balls, by the rule that trains.",
        tolerance_reason=BALLS,
        hypotheses=(SETTINGS,),
        trials=3,
    )


def _always_slower(rule: Rule) -> Verdict:
    straight, turned = (
        losses(rule, problem, DIAGONAL_START, FEW)[-1] for problem in (F1, F1_TURNED)
    )
    path = path_on(rule, F1_TURNED, DIAGONAL_START, 1)
    faster = bool(turned < straight)
    return Verdict(
        id="exercise-2-adagrad-slower-from-every-start",
        statement="Adagrad does worse on the rotation whatever the start",
        place=PLACE,
        finding="refuted" if faster else "reproduced with a caveat",
        evidence="counterexample" if faster else "searched",
        measured={
            "start": "(1, 1)",
            "steps": FEW,
            "f1": straight.str(10),
            "f1_turned": turned.str(10),
            "turned_after_one_step": [x.str(10) for x in path[1]],
        },
        explanation=(
            "(1, 1) is an eigenvector of the turned Hessian: both gradients are 0.2, both rates "
            "stay equal, and Adagrad walks straight along it (by hand: to (0.8, 0.8)), while on f1 "
            "it has the steep direction to settle as well."
        ),
        tolerance_reason=BALLS,
        hypotheses=("rate 0.2, eps 1e-8",),
        trials=1,
    )


def _factor_two(rule: Rule) -> Verdict:
    paths = [path_on(rule, problem, START, STEPS) for problem in (F1_TURNED, F2_PRINTED)]
    with ctx.workprec(PRECISION):
        distance = max(
            float(abs(x - y).upper())
            for a, b in zip(*paths, strict=True)
            for x, y in zip(a, b, strict=True)
        )
    return Verdict(
        id="exercise-2-missing-factor-and-adagrad",
        statement=(
            "The factor 2 between f2 as printed and a true rotation hardly changes Adagrad's path"
        ),
        place=PLACE,
        finding="reproduced" if distance < SMALL else "refuted",
        evidence="certified",
        measured={"largest_distance_of_the_paths": distance},
        explanation=(
            "Adagrad's path does not depend on the loss's scale but for eps; SGD's would. So the "
            "comparison of Adagrad's paths survives the misprint; the loss values of f2 are twice "
            "those of a rotation."
        ),
        tolerance=SMALL,
        tolerance_reason=(
            "eps is at most eps / 3.6 of any divisor (the first gradient is (4.4, -3.6)), which "
            "changes moves of some 3 in all by less than 1e-8; ten times that for its growth"
        ),
        hypotheses=(SETTINGS,),
        trials=1,
    )
