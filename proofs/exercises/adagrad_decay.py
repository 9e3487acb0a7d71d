"""What Adagrad's decay does: when the effective learning rate goes to zero, and how fast."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from flint import ctx, fmpq, fmpq_mat

from optim import registry
from optim.meaning import with_meaning
from optim.rule import Rule
from optim.symbolic import FUNCTIONS
from proofs.accumulators import Bounded, bounded_for_ever
from proofs.instances import generator
from proofs.trajectories import PRECISION, Quadratic, column, rational, trajectory
from proofs.verdict import Place, Verdict

DRAWBACK = Place("assignment", "3.5")
ROOT = Place("assignment", "3.3")
NOTEBOOK = Place("notebook", "3.2")
TRACE = Place("assignment", "3.6.1")

F1 = Quadratic(fmpq_mat([[fmpq(1, 5), 0], [0, 4]]), column(0, 0))
F2_PRINTED = Quadratic(
    fmpq_mat([[fmpq(21, 5), fmpq(-19, 5)], [fmpq(-19, 5), fmpq(21, 5)]]), column(0, 0)
)
F1_TURNED = Quadratic(fmpq(1, 2) * F2_PRINTED.hessian, column(0, 0))
EXERCISE_2 = {"lr": 0.2, "eps": 1e-8}
# name: problem, its largest eigenvalue, start, settings (those of the documents' programs).
RUNS: dict[str, tuple[Quadratic, fmpq, fmpq_mat, dict[str, float]]] = {
    "f1, exercise 2": (F1, fmpq(4), column(3, 1), EXERCISE_2),
    "f2 as printed, exercise 2": (F2_PRINTED, fmpq(8), column(3, 1), EXERCISE_2),
    "f1 turned, exercise 2": (F1_TURNED, fmpq(4), column(3, 1), EXERCISE_2),
    "f1, section 3.6.1": (F1, fmpq(4), column(-5, -2), {"lr": 0.4, "eps": 1e-6}),
}
STEPS = 200
NOISE, NOISY_STEPS, SEEDS, CHANCE = 1.0, 4096, 32, 1e-6

T = sympy.Symbol("t", positive=True, integer=True)
LR, EPS, S, G = sympy.symbols("eta epsilon s g", positive=True)
A, B = sympy.symbols("a b", positive=True)


def verify(seed: int) -> list[Verdict]:
    """The equivalence, the quadratics, the two-sided rate, and each hypothesis dropped."""
    adagrad = registry.rule("adagrad")
    return [
        _never_decreases(adagrad),
        _vanishes_exactly_when(adagrad),
        *(_always_vanishes(adagrad, place) for place in (DRAWBACK, NOTEBOOK)),
        _bounded_on_the_quadratics(adagrad),
        _inverse_root(adagrad),
        _without_lower_bound(adagrad),
        _slow_sum(adagrad),
        _without_upper_bound(adagrad),
        _without_the_root(),
        _with_noise(adagrad, seed),
    ]


def symbolic_step(rule: Rule, s: sympy.Expr, g: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The effective learning rate of the rule's next step, and the accumulator after it."""
    weight = sympy.Symbol("w", real=True)
    moved, after = with_meaning(rule.update, FUNCTIONS)(weight, g, s, LR, EPS)
    return sympy.simplify((weight - moved) / g), sympy.expand(after)


def rate_of(rule: Rule, s: sympy.Expr) -> sympy.Expr:
    """The effective learning rate with which the rule leaves the accumulator at s."""
    rate, after = symbolic_step(rule, S, G)
    return sympy.simplify(rate.subs(S, s - (after - S)))


def _never_decreases(rule: Rule) -> Verdict:
    _, after = symbolic_step(rule, S, sympy.Symbol("h", real=True))
    growth = sympy.factor(after - S)
    return Verdict(
        id="decay-accumulator-never-decreases",
        statement="Adagrad's accumulator never decreases",
        place=DRAWBACK,
        finding="reproduced" if growth.is_nonnegative else "refuted",
        evidence="exact",
        measured={"growth_in_one_step": str(growth)},
        explanation="The rule's own update on symbols; a square of a real number is not negative.",
        hypotheses=("the gradient is real",),
    )


def _vanishes_exactly_when(rule: Rule) -> Verdict:
    rate = rate_of(rule, S)
    slope = sympy.simplify(sympy.diff(rate, S))
    at_infinity = sympy.limit(rate, S, sympy.oo)
    holds = bool(at_infinity == 0 and rate.is_positive and (-slope).is_positive)
    return Verdict(
        id="decay-vanishes-exactly-when-the-sum-diverges",
        statement=(
            "Adagrad's effective learning rate tends to zero if and only if the sum of the squared "
            "gradients diverges"
        ),
        place=DRAWBACK,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={
            "rate": str(rate),
            "slope_in_the_accumulator": str(slope),
            "limit_for_an_infinite_accumulator": str(at_infinity),
        },
        explanation=(
            "The rate is a continuous, strictly falling function of the accumulator, positive at "
            "every finite value and 0 in the limit. The accumulator never decreases, so it tends "
            "to the sum of the squared gradients, finite or not, and the rate to its value there."
        ),
        hypotheses=("eta > 0", "eps >= 0", "some gradient is not zero"),
    )


def _always_vanishes(rule: Rule, place: Place) -> Verdict:
    problem = Quadratic(fmpq_mat([[1]]), column(0))
    settings = {"lr": 1.0, "eps": 0.0}
    path, states = trajectory(rule, problem, column(1), 1, settings)
    stopped = path[1][0] == 0 and states[1][0][0] == 1
    return Verdict(
        id=f"decay-always-vanishes-{place.document}",
        statement="The growing sum drives Adagrad's effective learning rate to zero",
        place=place,
        finding="refuted" if stopped else "reproduced with a caveat",
        evidence="counterexample" if stopped else "searched",
        measured={
            "loss": "w^2 / 2",
            "start": "1",
            "settings": settings,
            "weight_after_one_step": str(path[1][0]),
            "accumulator_for_ever_after": str(states[1][0][0]),
        },
        explanation=(
            "By hand: the gradient at 1 is 1, the accumulator becomes 1 and the step 1 / sqrt(1) "
            "reaches 0, where every later gradient is 0: the rate stays 1. It is no accident of "
            "one start: see the certified bounds on the documents' own quadratics. The claim "
            "needs squared gradients whose sum diverges, as noise gives."
        ),
        trials=1,
    )


def bounds(rule: Rule) -> dict[str, Bounded | None]:
    """The accumulators' bounds for all time on each of the documents' runs."""
    return {
        name: bounded_for_ever(rule, problem, start, STEPS, largest, settings)
        for name, (problem, largest, start, settings) in RUNS.items()
    }


def _bounded_on_the_quadratics(rule: Rule) -> Verdict:
    found = bounds(rule)
    certified = all(
        bound is not None and all(root < 1000 for root in bound.root_ever)
        for bound in found.values()
    )
    return Verdict(
        id="decay-bounded-on-the-quadratics",
        statement=(
            "On the documents' quadratics, without noise, Adagrad's accumulators stay bounded and "
            "its effective learning rates stay above a positive number for ever"
        ),
        place=TRACE,
        finding="reproduced" if certified else "refuted",
        evidence="certified",
        measured={name: bound and _enclosed(bound, RUNS[name][3]) for name, bound in found.items()},
        explanation=(
            f"{STEPS} steps enclosed in balls; from there the descent lemma bounds what is left of "
            "the sum by the loss that is left (the argument is in proofs/accumulators.py). The "
            "steps shrink because the gradients do, and the rates do not go to zero. The "
            "bracket is the least and the greatest a rate can be after those steps."
        ),
        tolerance_reason="ball comparisons; no tolerance enters",
        hypotheses=(
            "the gradient is exact",
            "the quadratic is strongly convex",
            "eps stands outside the root, as in exercise 2 (section 3.6.1 has it inside)",
        ),
        trials=len(found),
    )


def _enclosed(bound: Bounded, settings: dict[str, float]) -> dict[str, Any]:
    rates = bound.rates(rational(settings["lr"]), rational(settings["eps"]))
    with ctx.workprec(PRECISION):
        return {
            "root_of_accumulator_at_most": [float(root.upper()) for root in bound.root_ever],
            "rates_from_then_on": [
                [float(low.lower()), float(high.upper())] for low, high in rates
            ],
            "loss_left": bound.loss_then.str(5),
        }


def _inverse_root(rule: Rule) -> Verdict:
    _, after = symbolic_step(rule, S, G)
    low = sympy.expand((after - A**2 * (T + 1)) - ((S - A**2 * T) + (G**2 - A**2)))
    limits = [sympy.limit(rate_of(rule, k**2 * T) * sympy.sqrt(T), T, sympy.oo) for k in (A, B)]
    holds = low == 0 and limits == [LR / A, LR / B]
    return Verdict(
        id="decay-like-the-inverse-root",
        statement=(
            "Where the gradients' sizes stay between a > 0 and b, the rate is between "
            "eta / (b sqrt(t) + eps) and eta / (a sqrt(t) + eps), so of the exact order t^-1/2"
        ),
        place=ROOT,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured={
            "rate_at_a_squared_t": str(rate_of(rule, A**2 * T)),
            "limits_of_rate_times_root_t": [str(limit) for limit in limits],
            "induction_residue": str(low),
        },
        explanation=(
            "Induction: s - a^2 t grows by g^2 - a^2 >= 0 in one step of the rule and s - b^2 t "
            "falls likewise, both from 0; the rate falls in s. The upper bound, O(t^-1/2), needs "
            "the lower bound a alone, and the lower bound on the rate needs b alone."
        ),
        hypotheses=("0 < a <= |g| <= b at every step", "the accumulator starts from 0"),
    )


def _hypothesis(
    rule: Rule, name: str, statement: str, gradient: sympy.Expr, order: sympy.Expr, expected: Any
) -> Verdict:
    """The limit of rate times sqrt(t), or of s itself, on one sequence of gradients."""
    total = sympy.simplify(sympy.summation(gradient**2, (T, 1, T)))
    rate = rate_of(rule, total).subs(EPS, 0)
    limit = sympy.limit(sympy.simplify(rate * order), T, sympy.oo)
    return Verdict(
        id=name,
        statement=statement,
        place=ROOT,
        finding="refuted" if limit == expected else "reproduced with a caveat",
        evidence="counterexample",
        measured={
            "gradient_at_step_t": str(gradient),
            "accumulator": str(total),
            "limit_of_the_rate_times": str(order),
            "limit": str(limit),
        },
        explanation="The sum in closed form and the limit by SymPy, on the rule's own rate.",
        hypotheses=("eps = 0",),
        trials=1,
    )


def _without_lower_bound(rule: Rule) -> Verdict:
    return _hypothesis(
        rule,
        "decay-inverse-root-without-lower-bound",
        "Bounded gradients are enough for a rate of O(t^-1/2)",
        sympy.Integer(2) ** -T,
        sympy.Integer(1),
        sympy.sqrt(3) * LR,
    )


def _slow_sum(rule: Rule) -> Verdict:
    return _hypothesis(
        rule,
        "decay-inverse-root-where-the-sum-diverges",
        "A diverging sum of squared gradients is enough for a rate of O(t^-1/2)",
        1 / sympy.sqrt(T),
        sympy.sqrt(T),
        sympy.oo,
    )


def _without_upper_bound(rule: Rule) -> Verdict:
    return _hypothesis(
        rule,
        "decay-inverse-root-without-upper-bound",
        "Gradients away from 0 are enough for a rate not below a multiple of t^-1/2",
        sympy.Integer(2) ** T,
        sympy.sqrt(T),
        sympy.Integer(0),
    )


def _without_the_root() -> Verdict:
    limit = sympy.limit(LR / (A**2 * T + EPS) * T, T, sympy.oo)
    return Verdict(
        id="decay-without-the-root",
        statement="Dividing by the sum and not by its root would make the rate fall like 1/t",
        place=ROOT,
        finding="reproduced with a caveat" if limit == LR / A**2 else "refuted",
        evidence="exact",
        measured={"limit_of_rate_times_t": str(limit)},
        explanation=(
            "For gradients of a constant size, and by the same induction for sizes between two "
            "positive bounds. Without these hypotheses neither order holds."
        ),
        hypotheses=("0 < a <= |g| <= b at every step",),
    )


def noisy_run(rule: Rule, seed: int) -> tuple[np.ndarray, float]:
    """The accumulators after w^2 / 2 with gradients w + 1 or w - 1, and the largest |w| met."""
    rng = generator(seed, "decay-noise")
    settings = {**rule.defaults, "lr": 0.1, "eps": 1e-8}
    w, farthest = np.ones(SEEDS), 1.0
    state = rule.initial_state(w, settings)
    for t in range(1, NOISY_STEPS + 1):
        gradient = w + NOISE * rng.choice([-1.0, 1.0], size=SEEDS)
        w, state = rule.step(w, gradient, state, t, settings)
        farthest = max(farthest, float(np.abs(w).max()))
    return state[0], farthest


def _with_noise(rule: Rule, seed: int) -> Verdict:
    sums, farthest = noisy_run(rule, seed)
    mean = sums / NOISY_STEPS
    # g^2 = w^2 + 2 w xi + 1: the middle terms are martingale differences within 2 |w|.
    slack = 2 * farthest * np.sqrt(2 * np.log(2 * SEEDS / CHANCE) / NOISY_STEPS)
    holds = bool(np.all(mean >= 1 - slack) and np.all(mean <= 1 + farthest**2 + slack))
    return Verdict(
        id="decay-like-the-inverse-root-with-noise",
        statement=(
            "With noise of variance 1 in the gradient Adagrad's rate falls like t^-1/2 even on a "
            "strongly convex quadratic"
        ),
        place=DRAWBACK,
        finding="reproduced" if holds else "refuted",
        evidence="statistical",
        measured={
            "steps": NOISY_STEPS,
            "runs": SEEDS,
            "mean_squared_gradient": [float(mean.min()), float(mean.max())],
            "farthest_weight": farthest,
        },
        explanation=(
            "The expected squared gradient is w^2 + 1, at least 1, so the accumulator is of the "
            "order t (Azuma's inequality for the cross terms) and the rate of the order t^-1/2: "
            "the rate times sqrt(t) is eta over the root of what was measured."
        ),
        tolerance=float(slack),
        tolerance_reason=(
            f"Azuma's inequality, for all {SEEDS} runs together to fail with probability {CHANCE}"
        ),
        hypotheses=("the noise is independent of the past, +1 or -1 with equal chance",),
        trials=SEEDS,
        provenance={"seed": seed},
    )
