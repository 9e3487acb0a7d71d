"""Sections 3.5 and 3.6.1: what Adagrad's rates do on the documents' quadratics, and with noise."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from flint import ctx, fmpq, fmpq_mat
from numpy.typing import NDArray

from optim import registry
from optim.rule import Rule
from proofs.accumulators import Bounded, bounded_for_ever
from proofs.instances import generator
from proofs.trajectories import PRECISION, Path, Quadratic, column, trajectory
from proofs.verdict import Place, Verdict

DRAWBACK = Place("assignment", "3.5")
TRACE = Place("assignment", "3.6.1")
BALLS = "ball comparisons; no tolerance enters"

F1 = Quadratic(fmpq_mat([[fmpq(1, 5), 0], [0, 4]]), column(0, 0))
F2_PRINTED = Quadratic(
    fmpq_mat([[fmpq(21, 5), fmpq(-19, 5)], [fmpq(-19, 5), fmpq(21, 5)]]), column(0, 0)
)
F1_TURNED = Quadratic(fmpq(1, 2) * F2_PRINTED.hessian, column(0, 0))
EXERCISE_2 = {"lr": 0.2, "eps": 1e-8}
SECTION_3_6 = {"lr": 0.4, "eps": 1e-6}
STEPS = 200
TRACED = 20  # as many as the section's picture shows


class Run(NamedTuple):
    """One of the documents' runs: the rule's name, the problem, its largest eigenvalue, ..."""

    rule: str
    problem: Quadratic
    largest: fmpq
    start: fmpq_mat
    settings: dict[str, float]


RUNS = {
    "f1, exercise 2": Run("adagrad", F1, fmpq(4), column(3, 1), EXERCISE_2),
    "f2 as printed, exercise 2": Run("adagrad", F2_PRINTED, fmpq(8), column(3, 1), EXERCISE_2),
    "f1 turned, exercise 2": Run("adagrad", F1_TURNED, fmpq(4), column(3, 1), EXERCISE_2),
    "f1, section 3.6.1": Run("adagrad_eps_inside", F1, fmpq(4), column(-5, -2), SECTION_3_6),
}
NOISE, NOISY_STEPS, SEEDS, CHANCE, NOISY_RATE = 1.0, 4096, 32, 1e-6, 0.1
# |w| never exceeds this: from |w| > 1 every gradient w + 1 or w - 1 points back to 0, and no step
# of Adagrad is longer than its rate.
FARTHEST = 1.0 + NOISY_RATE


def verify(seed: int) -> list[Verdict]:
    """Bounded accumulators, the picture's path, and noise."""
    return [
        _bounded_on_the_quadratics(),
        _trace(registry.rule("adagrad_eps_inside"), registry.rule("sgd")),
        _with_noise(registry.rule("adagrad"), seed),
    ]


def bounds() -> dict[str, Bounded | None]:
    """The accumulators' bounds for all time on each of the documents' runs."""
    return {
        name: bounded_for_ever(
            registry.rule(run.rule),
            run.problem,
            run.start,
            STEPS,
            run.largest,
            run.settings,
            inside=run.rule == "adagrad_eps_inside",
        )
        for name, run in RUNS.items()
    }


def _bounded_on_the_quadratics() -> Verdict:
    found = bounds()
    missing = [name for name, bound in found.items() if bound is None]
    finite = all(root.is_finite() for b in found.values() if b is not None for root in b.root_ever)
    told = (
        f"{STEPS} steps enclosed in balls; from there the descent lemma bounds what is left of the "
        "sum by the loss that is left (the argument is in proofs/accumulators.py). The steps "
        "shrink because the gradients do, and the rates do not go to zero. The bracket is the "
        "least and the greatest a rate can be after those steps."
        if finite and not missing
        else f"No bound after {STEPS} steps for: {', '.join(missing) or 'an infinite one'}. The "
        "argument needs every rate to be at most one over the largest eigenvalue by then."
    )
    return Verdict(
        id="decay-bounded-on-the-quadratics",
        statement=(
            "On the documents' quadratics, without noise, Adagrad's accumulators stay bounded and "
            "its effective learning rates stay above a positive number for ever"
        ),
        place=TRACE,
        finding="reproduced" if finite and not missing else "refuted",
        evidence="certified",
        measured={name: bound and _enclosed(bound) for name, bound in found.items()},
        explanation=told,
        tolerance_reason=BALLS,
        hypotheses=(
            "the gradient is exact",
            "the quadratic is strongly convex",
            "rates and eps are those of the documents' programs",
        ),
        trials=len(found),
    )


def _enclosed(bound: Bounded) -> dict[str, Any]:
    with ctx.workprec(PRECISION):
        return {
            "root_of_accumulator_at_most": [float(root.upper()) for root in bound.root_ever],
            "rates_from_then_on": [
                [float(low.lower()), float(high.upper())] for low, high in bound.rates()
            ],
            "loss_left": bound.loss_then.str(5),
        }


def crossings(path: Path) -> int:
    """How often a coordinate certainly changes its sign along a path."""
    with ctx.workprec(PRECISION):
        return sum(
            bool(a * b < 0)
            for before, after in itertools.pairwise(path)
            for a, b in zip(before, after, strict=True)
        )


def _straight(path: Path) -> bool:
    """Whether every coordinate certainly keeps its sign and gets smaller at every step."""
    with ctx.workprec(PRECISION):
        return all(
            a * b > 0 and abs(b) < abs(a)
            for before, after in itertools.pairwise(path)
            for a, b in zip(before, after, strict=True)
        )


def _trace(adagrad: Rule, descent: Rule) -> Verdict:
    run = RUNS["f1, section 3.6.1"]
    path, states = trajectory(adagrad, F1, run.start, TRACED, run.settings)
    other, _ = trajectory(descent, F1, run.start, TRACED, {"lr": run.settings["lr"]})
    straight, zigzags = _straight(path), crossings(other)
    with ctx.workprec(PRECISION):
        steps = [[float(abs(b - a)) for a, b in zip(*path[k : k + 2], strict=True)]
                 for k in (0, TRACED - 1)]  # fmt: skip
        roots = [[float(s.sqrt()) for s in states[k][0]] for k in (1, TRACED)]
    shares = [last / first for first, last in zip(*steps, strict=True)]
    by_rate = [first / last for first, last in zip(*roots, strict=True)]
    holds = straight and zigzags > 0
    return Verdict(
        id="decay-trace-does-not-zigzag",
        statement=(
            f"In {TRACED} steps on f1 Adagrad's path goes straight to the minimum in each "
            "coordinate, where gradient descent at the same rate zigzags"
        ),
        place=TRACE,
        finding="reproduced" if holds else "refuted",
        evidence="certified",
        measured={
            "sign_changes_of_adagrad": crossings(path),
            "sign_changes_of_gradient_descent": zigzags,
            "last_step_over_first": shares,
            "of_which_by_the_rate": by_rate,
        },
        explanation=(
            f"Enclosed in balls, Adagrad's coordinates {'keep' if straight else 'do not all keep'} "
            f"their signs and shrink at every step; gradient descent's change sign {zigzags} "
            f"times. Adagrad's last steps are {shares[0]:.3g} and {shares[1]:.3g} of the first: "
            f"the rates fell to {by_rate[0]:.3g} and {by_rate[1]:.3g}, the gradients did the rest."
        ),
        tolerance_reason=BALLS,
        hypotheses=("start (-5, -2), rate 0.4, eps 1e-6 inside the root, as in the program",),
        trials=2,
    )


def noisy_run(rule: Rule, seed: int) -> tuple[NDArray[np.float64], float]:
    """The accumulators after w^2 / 2 with gradients w + 1 or w - 1, and the largest |w| met."""
    rng = generator(seed, "decay-noise")
    settings = {**rule.defaults, "lr": NOISY_RATE, "eps": 1e-8}
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
    # g^2 = w^2 + 2 w xi + 1: the middle terms are martingale differences within 2 FARTHEST.
    slack = 2 * FARTHEST * np.sqrt(2 * np.log(2 * SEEDS / CHANCE) / NOISY_STEPS)
    inside = bool(np.all(mean >= 1 - slack) and np.all(mean <= 1 + FARTHEST**2 + slack))
    holds = inside and farthest <= FARTHEST
    least, most = float(mean.min()), float(mean.max())
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
            "mean_squared_gradient": [least, most],
            "farthest_weight": farthest,
        },
        explanation=(
            f"The expected squared gradient is w^2 + 1, between 1 and {1 + FARTHEST**2:.3g}; over "
            f"{NOISY_STEPS} steps its mean was {least:.3f} to {most:.3f}, which is "
            f"{'within' if inside else 'not within'} that, up to the cross terms (Azuma's "
            f"inequality). The rate is eta over the root of the sum, so that rate times sqrt(t) "
            f"was eta over {least**0.5:.3f} to {most**0.5:.3f}."
        ),
        tolerance=float(slack),
        tolerance_reason=(
            f"Azuma's inequality with |w| <= {FARTHEST}, for all {SEEDS} runs together to fail "
            f"with probability {CHANCE}"
        ),
        hypotheses=("the noise is independent of the past, +1 or -1 with equal chance",),
        trials=SEEDS,
        provenance={"seed": seed},
    )
