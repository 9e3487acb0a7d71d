"""Section 3.8, exercise 6: which variants of Adagrad decay less, and how fast.

Under gradients of one size a > 0 Adagrad's rate falls like t^-1/2. What a variant's rate tends to
under the same gradients is found from its own update: a state that no longer changes, and the
rate there.
"""

from __future__ import annotations

from typing import Any

import sympy

from optim import registry
from optim.meaning import with_meaning
from optim.rule import Rule
from optim.symbolic import FUNCTIONS
from proofs.exercises.adagrad_decay import rate_of
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.8 exercise 6")
W, A, S, LR, EPS, T = sympy.symbols("w a s eta epsilon t", positive=True)
KEEP, KEEP_FIRST = sympy.symbols("rho beta", positive=True)
CONSTANT = "the gradient has the same size a > 0 at every step"


def verify(_seed: int) -> list[Verdict]:
    """The seven remedies of the exercise, one by one."""
    rule = registry.rule
    rates = {EPS: 0, KEEP: sympy.Rational(9, 10)}
    return [
        _steady(rule("rmsprop"), "RMSProp", rates),
        _steady(rule("adagrad_decay"), "multiplying the accumulator by a factor", rates),
        _adadelta(rule("adadelta")),
        _adam(rule("adam")),
        _adabound(rule("adabound")),
        _larger_eps(rule("adagrad")),
        _reset(rule("adagrad_reset")),
        _schedule(rule("adagrad")),
    ]


def steady_rate(rule: Rule) -> tuple[sympy.Expr, sympy.Expr, sympy.Expr]:
    """The accumulator that a step leaves alone, the rate there, and the factor of the distance.

    For rules with one accumulator and one factor that fades it.
    """
    update = with_meaning(rule.update, FUNCTIONS)
    settings = {"lr": LR, "eps": EPS, "alpha": KEEP, "decay": KEEP}
    moved, after = update(W, A, S, *(settings[name] for name in rule.update_hyperparameters))
    factor = sympy.diff(after, S)  # the update is linear in its accumulator
    fixed = sympy.simplify(after.subs(S, 0) / (1 - factor))
    return fixed, sympy.simplify(((W - moved) / A).subs(S, fixed)), factor


def _steady(rule: Rule, called: str, at: dict[sympy.Symbol, Any]) -> Verdict:
    fixed, rate, factor = steady_rate(rule)
    return settled(
        f"exercise-6-{rule.name}",
        f"With {called} the rate no longer tends to zero",
        PLACE,
        factor == KEEP and bool(rate.subs(at).is_positive),
        {
            "accumulator_tends_to": str(fixed),
            "rate_tends_to": str(rate),
            "distance_shrinks_each_step_by": str(factor),
        },
        "The accumulator's distance from its fixed point is multiplied by rho < 1 at every step, "
        "so the rate settles, geometrically fast, at a positive value. It does not anneal either: "
        "with noise the weight keeps moving by a fixed amount.",
        (CONSTANT, "0 < rho < 1"),
    )


def _adadelta(rule: Rule) -> Verdict:
    v, u = sympy.symbols("v u", positive=True)
    update = with_meaning(rule.update, FUNCTIONS)
    moved, second, steps = update(W, A, v, u, LR, KEEP, EPS)
    at_fixed = {v: A**2}
    still = sympy.solve(sympy.simplify((steps - u).subs(at_fixed)), u)
    rate = sympy.simplify(((W - moved) / A).subs(at_fixed).subs(u, A**2))
    holds = sympy.expand((second - v).subs(at_fixed)) == 0 and still == [A**2] and rate == LR
    return settled(
        "exercise-6-adadelta",
        "With Adadelta the rate no longer tends to zero",
        PLACE,
        holds,
        {"steps_accumulator_tends_to": [str(x) for x in still], "rate_tends_to": str(rate)},
        "Both averages have one common fixed point, a^2, where the rate is 1 (times torch's lr): "
        "under one-sided gradients Adadelta grows from its tiny first steps, it does not decay.",
        (CONSTANT, "eps > 0"),
    )


def _adam(rule: Rule) -> Verdict:
    update = with_meaning(rule.update, FUNCTIONS)
    moved, m, v = update(W, A, A, A**2, 1, 1, LR, KEEP_FIRST, KEEP, EPS)
    rate = sympy.simplify((W - moved) / A)
    holds = sympy.expand(m - A) == 0 and sympy.expand(v - A**2) == 0
    return settled(
        "exercise-6-adam",
        "With Adam the rate no longer tends to zero",
        PLACE,
        holds and bool(rate.is_positive),
        {"rate_tends_to": str(rate)},
        "Moments a and a^2 are left alone by a step, the corrections tend to 1, and both distances "
        "shrink geometrically.",
        (CONSTANT,),
    )


def _adabound(rule: Rule) -> Verdict:
    bound, gamma = sympy.symbols("r gamma", positive=True)
    per_step = with_meaning(rule.per_step, FUNCTIONS)
    _, lower, upper = per_step(T, sympy.Rational(9, 10), sympy.Rational(999, 1000), bound, gamma)
    limits = [sympy.limit(x, T, sympy.oo) for x in (lower, upper)]
    return settled(
        "exercise-6-adabound",
        "AdaBound keeps each coordinate's rate between bounds that do not go to zero",
        PLACE,
        limits == [bound, bound] and bool(sympy.simplify(upper - lower).is_positive),
        {"lower": str(lower), "upper": str(upper), "both_tend_to": str(limits[0])},
        "Both bounds, from the rule's own code, tend to its final rate: in the end it is SGD with "
        "momentum at that rate, whatever the gradients.",
    )


def _larger_eps(rule: Rule) -> Verdict:
    rate = rate_of(rule, A**2 * T)
    eps = next(s for s in rate.free_symbols if s.name == "epsilon")
    slope = sympy.simplify(sympy.diff(rate, eps))
    eta = next(s for s in rate.free_symbols if s.name == "eta")
    a = next(s for s in rate.free_symbols if s.name == "a")
    limit = sympy.limit(rate * sympy.sqrt(T), T, sympy.oo)
    return counterexample_to(
        "exercise-6-larger-eps",
        "A larger eps makes Adagrad's rate decay less",
        PLACE,
        bool((-slope).is_positive) and limit == eta / a,
        {"rate": str(rate), "slope_in_eps": str(slope), "limit_of_rate_times_root_t": str(limit)},
        "A larger eps makes the divisor larger and every rate smaller, most at the start, and the "
        "later decay is eta / (a sqrt(t)) whatever eps is: the curve is flatter because it starts "
        "lower. From 1e-8 to 1e-6 nothing is seen where the gradients are not that small.",
        (CONSTANT,),
    )


def _reset(rule: Rule) -> Verdict:
    per_step, update = (with_meaning(f, FUNCTIONS) for f in (rule.per_step, rule.update))
    period, s, rates = 3, sympy.Integer(0), []
    for t in range(1, 3 * period + 1):
        (kept,) = per_step(sympy.Integer(t), period)
        moved, s = update(W, A, s, kept, LR, sympy.Integer(0))
        rates.append(sympy.simplify((W - moved) / A))
    cycle = [LR / (A * sympy.sqrt(k)) for k in range(1, period + 1)]
    return settled(
        "exercise-6-reset",
        "With a reset every p steps the rate comes back to its first value and does not vanish",
        PLACE,
        all(sympy.simplify(x - y) == 0 for x, y in zip(rates, cycle * 3, strict=True)),
        {"period": period, "rates": [str(r) for r in rates]},
        "It runs through eta / (a sqrt(k)), k = 1 to p, again and again: never below "
        "eta / (a sqrt(p)), with a jump by sqrt(p) at each reset.",
        (CONSTANT, "eps = 0"),
    )


def _schedule(rule: Rule) -> Verdict:
    power = sympy.Symbol("q", positive=True)
    rate = rate_of(rule, A**2 * T)
    ratio = sympy.powsimp(rate * T**-power / rate)
    return counterexample_to(
        "exercise-6-schedule",
        "A decaying global schedule on top of Adagrad makes its rate decay less",
        PLACE,
        sympy.limit(ratio, T, sympy.oo) == 0,
        {"rate_with_schedule_over_rate": str(ratio)},
        "The schedule's factor multiplies Adagrad's own: t^-q on top of t^-1/2 gives t^-(1/2 + q). "
        "Only a schedule that grows, or Adagrad's accumulator left out, decays less.",
        (CONSTANT,),
    )
