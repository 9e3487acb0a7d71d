"""What Adagrad's decay does: when the effective learning rate goes to zero, and how fast."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy
from flint import ctx, fmpq_mat
from hypothesis import strategies as st

from optim import registry
from optim.rule import Rule
from optim.symbolic import symbolic
from proofs.counterexamples import rationals, simplest
from proofs.settled import counterexample_to, settled
from proofs.trajectories import PRECISION, Quadratic, column, rational, trajectory
from proofs.verdict import Place, Verdict

DRAWBACK = Place("assignment", "3.5")
ROOT = Place("assignment", "3.3")
NOTEBOOK = Place("notebook", "3.2")

T = sympy.Symbol("t", positive=True, integer=True)
LR, EPS, S, G = sympy.symbols("eta epsilon s g", positive=True)
A, B = sympy.symbols("a b", positive=True)


def verify(_seed: int) -> list[Verdict]:
    """The equivalence, the two-sided rate, and each hypothesis dropped."""
    adagrad = registry.rule("adagrad")
    return [
        _never_decreases(adagrad),
        _vanishes_exactly_when(adagrad),
        *(_always_vanishes(adagrad, place) for place in (DRAWBACK, NOTEBOOK)),
        _inverse_root(adagrad),
        _without_lower_bound(adagrad),
        _slow_sum(adagrad),
        _without_upper_bound(adagrad),
        _without_the_root(adagrad),
    ]


def symbolic_step(rule: Rule, s: sympy.Expr, g: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """The effective learning rate of the rule's next step, and the accumulator after it."""
    weight = sympy.Symbol("w", real=True)
    moved, after = symbolic(rule)(weight, g, s, LR, EPS)
    return sympy.simplify((weight - moved) / g), sympy.expand(after)


def rate_of(rule: Rule, s: sympy.Expr) -> sympy.Expr:
    """The effective learning rate with which the rule leaves the accumulator at s."""
    rate, after = symbolic_step(rule, S, G)
    return sympy.simplify(rate.subs(S, s - (after - S)))


def _never_decreases(rule: Rule) -> Verdict:
    _, after = symbolic_step(rule, S, sympy.Symbol("h", real=True))
    growth = sympy.factor(after - S)
    return settled(
        "decay-accumulator-never-decreases",
        "Adagrad's accumulator never decreases",
        DRAWBACK,
        growth.is_nonnegative is True,
        {"growth_in_one_step": str(growth)},
        f"In one step of the rule's own update, on symbols, it grows by {growth}: a square of a "
        "real number, which is not negative.",
        ("the gradient is real",),
    )


def _vanishes_exactly_when(rule: Rule) -> Verdict:
    rate = rate_of(rule, S)
    slope = sympy.simplify(sympy.diff(rate, S))
    at_infinity = sympy.limit(rate, S, sympy.oo)
    return settled(
        "decay-vanishes-exactly-when-the-sum-diverges",
        "Adagrad's effective learning rate tends to zero if and only if the sum of the squared "
        "gradients diverges",
        DRAWBACK,
        bool(at_infinity == 0 and rate.is_positive and (-slope).is_positive),
        {
            "rate": str(rate),
            "slope_in_the_accumulator": str(slope),
            "limit_for_an_infinite_accumulator": str(at_infinity),
        },
        f"The rate {rate} is a continuous, strictly falling function of the accumulator (slope "
        f"{slope}), positive at every finite value and {at_infinity} in the limit. The accumulator "
        "never decreases, so it tends to the sum of the squared gradients, finite or not, and the "
        "rate to its value there.",
        ("eta > 0", "eps >= 0", "some gradient is not zero"),
    )


def arrives(rule: Rule, problem: tuple[Fraction, Fraction, Fraction]) -> bool:
    """Whether the rule's first step on q w^2 / 2 ends exactly at 0, with a positive accumulator."""
    weight, accumulator = first_step(rule, problem)
    return bool(weight == 0 and accumulator > 0)


def first_step(rule: Rule, problem: tuple[Fraction, Fraction, Fraction]) -> tuple[Any, Any]:
    """The weight and the accumulator after one step, from the curvature, start and rate, eps = 0.

    In balls, exact where every root is one of a square.
    """
    curvature, start, rate = map(rational, problem)
    settings = {**dict.fromkeys(rule.defaults, 0), "lr": rate}
    path, states = trajectory(
        rule, Quadratic(fmpq_mat([[curvature]]), column(0)), column(start), 1, settings
    )
    with ctx.workprec(PRECISION):
        return path[1][0], states[1][0][0]


def _always_vanishes(rule: Rule, place: Place) -> Verdict:
    problems = st.tuples(*[rationals(5, 3).filter(lambda x: x > 0)] * 3)
    found = simplest(problems, lambda problem: arrives(rule, problem))
    curvature, start, rate = found.instance or (Fraction(1), Fraction(1), Fraction(1))
    weight, accumulator = (f"{float(x):g}" for x in first_step(rule, (curvature, start, rate)))
    return counterexample_to(
        f"decay-always-vanishes-{place.document}",
        "The growing sum drives Adagrad's effective learning rate to zero",
        place,
        found.instance is not None,
        {
            "curvature": str(curvature),
            "start": str(start),
            "rate": str(rate),
            "weight_after_one_step": weight,
            "accumulator_after_one_step": accumulator,
        },
        f"By hand: on {curvature} w^2 / 2 from {start} with the rate {rate} the gradient is "
        f"{curvature * start}, the accumulator becomes {accumulator} and the step, the rate over "
        f"its root times the gradient, reaches {weight}, where every later gradient is 0: the sum "
        "stays, and so does the rate. It is no accident of one start: see the certified bounds on "
        "the documents' own quadratics. The claim needs squared gradients whose sum diverges, as "
        "noise gives.",
        ("eps = 0",),
        found.looked_at,
    )


def _inverse_root(rule: Rule) -> Verdict:
    _, after = symbolic_step(rule, S, G)
    low = sympy.expand((after - A**2 * (T + 1)) - ((S - A**2 * T) + (G**2 - A**2)))
    limits = [sympy.limit(rate_of(rule, k**2 * T) * sympy.sqrt(T), T, sympy.oo) for k in (A, B)]
    falls = (-sympy.simplify(sympy.diff(rate_of(rule, S), S))).is_positive is True
    return settled(
        "decay-like-the-inverse-root",
        "Where the gradients' sizes stay between a > 0 and b, the rate is between "
        "eta / (b sqrt(t) + eps) and eta / (a sqrt(t) + eps), so of the exact order t^-1/2",
        ROOT,
        low == 0 and limits == [LR / A, LR / B] and falls,
        {
            "rate_at_a_squared_t": str(rate_of(rule, A**2 * T)),
            "limits_of_rate_times_root_t": [str(limit) for limit in limits],
            "induction_residue": str(low),
        },
        "Induction: s - a^2 t grows by g^2 - a^2 >= 0 in one step of the rule (residue "
        f"{low}) and s - b^2 t falls likewise, both from 0; the rate falls in s. Its bounds times "
        f"sqrt(t) tend to {limits[0]} and {limits[1]}. The upper bound, O(t^-1/2), needs the lower "
        "bound a alone, and the lower bound on the rate needs b alone.",
        ("0 < a <= |g| <= b at every step", "the accumulator starts from 0"),
    )


def _hypothesis(
    rule: Rule, name: str, statement: str, gradient: sympy.Expr, order: sympy.Expr, fails: Any
) -> Verdict:
    """Whether rate times `order`, on one sequence of gradients, tends to what refutes."""
    total = sympy.simplify(sympy.summation(gradient**2, (T, 1, T)))
    rate = rate_of(rule, total).subs(EPS, 0)
    limit = sympy.limit(sympy.simplify(rate * order), T, sympy.oo)
    shown = f"rate times {order}" if order != 1 else "rate"
    return counterexample_to(
        name,
        statement,
        ROOT,
        bool(fails(limit)),
        {
            "gradient_at_step_t": str(gradient),
            "accumulator": str(total),
            "quantity": shown,
            "limit": str(limit),
        },
        f"With the gradient {gradient} at step t the accumulator is {total} in closed form, and "
        f"the {shown} tends to {limit}, by SymPy on the rule's own rate.",
        ("eps = 0",),
    )


def _without_lower_bound(rule: Rule) -> Verdict:
    return _hypothesis(
        rule,
        "decay-inverse-root-without-lower-bound",
        "Bounded gradients are enough for a rate of O(t^-1/2)",
        sympy.Integer(2) ** -T,
        sympy.Integer(1),
        lambda limit: limit.is_positive and limit.is_finite is not False,  # so does not fall at all
    )


def _slow_sum(rule: Rule) -> Verdict:
    return _hypothesis(
        rule,
        "decay-inverse-root-where-the-sum-diverges",
        "A diverging sum of squared gradients is enough for a rate of O(t^-1/2)",
        1 / sympy.sqrt(T),
        sympy.sqrt(T),
        lambda limit: limit == sympy.oo,
    )


def _without_upper_bound(rule: Rule) -> Verdict:
    return _hypothesis(
        rule,
        "decay-inverse-root-without-upper-bound",
        "Gradients away from 0 are enough for a rate not below a multiple of t^-1/2",
        sympy.Integer(2) ** T,
        sympy.sqrt(T),
        lambda limit: limit == 0,
    )


def _without_the_root(rule: Rule) -> Verdict:
    # The sum under the root squared is the sum itself: the rate that the section argues against.
    rate = rate_of(rule, S**2).subs(S, A**2 * T)
    limit = sympy.limit(rate * T, T, sympy.oo)
    return settled(
        "decay-without-the-root",
        "Dividing by the sum and not by its root would make the rate fall like 1/t",
        ROOT,
        limit == LR / A**2,
        {"rate_without_the_root": str(rate), "limit_of_rate_times_t": str(limit)},
        f"For gradients of a constant size a: the rate is {rate}, and times t it tends to {limit}; "
        "and by the same induction for sizes between two positive bounds. Without these "
        "hypotheses neither order holds.",
        ("0 < a <= |g| <= b at every step",),
        caveat=True,
    )
