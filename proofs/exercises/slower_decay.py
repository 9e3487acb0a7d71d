"""Section 3.8, exercise 6: which variants of Adagrad decay less, and how fast.

Under gradients of one size a > 0 Adagrad's rate falls like t^-1/2. What a variant's rate tends to
under the same gradients is found from its own update: a state that no longer changes, and the
rate there.
"""

from __future__ import annotations

from typing import Any

import sympy

from optim import registry
from optim.rule import Rule
from optim.symbolic import symbolic, symbolic_scalars
from proofs.exercises.adagrad_decay import rate_of
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.8 exercise 6")
W, A, S, LR, EPS, T = sympy.symbols("w a s eta epsilon t", positive=True)
KEEP, KEEP_FIRST = sympy.symbols("rho beta", positive=True)
SCHEDULE = T ** -sympy.Symbol("q", positive=True)
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
    update = symbolic(rule)
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
        factor == KEEP and rate.subs(at).is_positive is True,
        {
            "accumulator_tends_to": str(fixed),
            "rate_tends_to": str(rate),
            "distance_shrinks_each_step_by": str(factor),
        },
        f"The accumulator's distance from {fixed} is multiplied by {factor} at every step, so the "
        f"rate settles, geometrically fast, at {rate}. It does not anneal either: with noise the "
        "weight keeps moving by a fixed amount.",
        (CONSTANT, "0 < rho < 1"),
    )


def _adadelta(rule: Rule) -> Verdict:
    v, u = sympy.symbols("v u", positive=True)
    update = symbolic(rule)
    moved, second, steps = update(W, A, v, u, LR, KEEP, EPS)
    at_fixed = {v: A**2}
    steps = sympy.simplify(steps.subs(at_fixed))
    still = sympy.solve(sympy.simplify(steps - u), u)
    factor = sympy.factor(sympy.diff(steps, u))  # the steps' average is linear in itself
    rate = sympy.simplify(((W - moved) / A).subs(at_fixed).subs(u, A**2))
    slower = sympy.factor(1 - factor)
    holds = (
        sympy.expand(second - (KEEP * v + (1 - KEEP) * A**2)) == 0
        and still == [A**2]
        and rate == LR
        and sympy.diff(factor, u) == 0
        and sympy.simplify(slower - (1 - KEEP) * EPS / (A**2 + EPS)) == 0
    )
    usual = slower.subs({A: 1, KEEP: rule.defaults["rho"], EPS: rule.defaults["eps"]})
    return settled(
        "exercise-6-adadelta",
        "With Adadelta the rate no longer tends to zero",
        PLACE,
        holds,
        {
            "steps_accumulator_tends_to": [str(x) for x in still],
            "rate_tends_to": str(rate),
            "distance_shrinks_each_step_by": str(factor),
            "share_lost_each_step_for_a_gradient_of_1": float(usual),
        },
        f"The gradients' average tends to a^2 by rho a step; there the steps' average has the one "
        f"fixed point {still[0] if still else None}, and its distance is multiplied by {factor}. "
        f"The rate tends to {rate} (1, times torch's lr), from tiny first steps and slowly: a "
        f"share of {float(usual):.2g} a step at the defaults and a = 1. It does not decay, it "
        "grows.",
        (CONSTANT, "eps > 0", "0 < rho < 1"),
    )


def _adam(rule: Rule) -> Verdict:
    m, v = sympy.symbols("m v", positive=True)
    update = symbolic(rule)
    moved, first, second = update(W, A, m, v, 1, 1, LR, KEEP_FIRST, KEEP, EPS)
    rate = sympy.simplify(((W - moved) / A).subs({m: A, v: A**2}))
    still = [sympy.expand(first.subs(m, A) - A), sympy.expand(second.subs(v, A**2) - A**2)]
    factors = [sympy.diff(first, m), sympy.diff(second, v)]
    return settled(
        "exercise-6-adam",
        "With Adam the rate no longer tends to zero",
        PLACE,
        still == [0, 0] and factors == [KEEP_FIRST, KEEP] and rate.is_positive is True,
        {"rate_tends_to": str(rate), "distances_shrink_each_step_by": [str(f) for f in factors]},
        f"Moments a and a^2 are left alone by a step, and distances from them are multiplied by "
        f"{factors[0]} and {factors[1]}; the corrections tend to 1 as fast. The rate tends to "
        f"{rate}.",
        (CONSTANT, "0 <= beta, rho < 1"),
    )


def _adabound(rule: Rule) -> Verdict:
    bound, gamma = sympy.symbols("r gamma", positive=True)
    per_step = symbolic_scalars(rule)
    _, lower, upper = per_step(T, sympy.Rational(9, 10), sympy.Rational(999, 1000), bound, gamma)
    limits = [sympy.limit(x, T, sympy.oo) for x in (lower, upper)]
    speeds = [sympy.limit(abs(x / bound - 1) * T, T, sympy.oo) for x in (lower, upper)]
    apart = sympy.simplify(upper - lower)
    return settled(
        "exercise-6-adabound",
        "AdaBound keeps each coordinate's rate between bounds that do not go to zero",
        PLACE,
        limits == [bound, bound] and apart.is_positive is True,
        {
            "lower": str(lower),
            "upper": str(upper),
            "tend_to": [str(x) for x in limits],
            "relative_distance_times_t_tends_to": [str(x) for x in speeds],
        },
        f"Both bounds, from the rule's own code, tend to its final rate {limits[0]}, like "
        f"{speeds[0]} over t: in the end it is SGD with momentum at that rate, whatever the "
        "gradients.",
        ("gamma > 0",),
    )


def _larger_eps(rule: Rule) -> Verdict:
    rate = rate_of(rule, A**2 * T)
    at = {symbol.name: symbol for symbol in rate.free_symbols}
    eps, t = at.get("epsilon", EPS), at.get("t", T)
    kept = sympy.simplify(rate / rate.subs(t, 1))  # the share of the first rate
    slope, change = (sympy.factor(sympy.diff(f, eps)) for f in (rate, kept))
    limit = sympy.limit(rate * sympy.sqrt(T), T, sympy.oo)
    lower = (-slope).is_positive is True
    later = (1 + sympy.Symbol("k", positive=True)) ** 2  # a step after the first
    flatter = sympy.simplify(change.subs(t, later)).is_positive
    return settled(
        "exercise-6-larger-eps",
        "A larger eps makes Adagrad's rate decay less",
        PLACE,
        lower and flatter is True and limit.free_symbols == {at.get("eta"), at.get("a")},
        {
            "rate": str(rate),
            "slope_in_eps": str(slope),
            "share_of_the_first_rate": str(kept),
            "its_slope_in_eps": str(change),
            "limit_of_rate_times_root_t": str(limit),
        },
        f"Relative to the first rate it does: the share that is left at step t, {kept}, grows in "
        f"eps. But every rate itself, {rate}, gets smaller, since the divisor gets larger and not "
        f"smaller, and the decay in the long run is {limit} over sqrt(t) whatever eps is. From "
        "1e-8 to 1e-6 nothing is seen where gradients are not that small.",
        (CONSTANT,),
        caveat=True,
    )


def _reset(rule: Rule) -> Verdict:
    per_step, update = symbolic_scalars(rule), symbolic(rule)
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
        f"With p = {period} it runs through {', '.join(map(str, rates[:period]))} again and again: "
        f"eta / (a sqrt(k)) for k = 1 to p, never below the last, with a jump by sqrt(p) at each "
        "reset.",
        (CONSTANT, "eps = 0"),
    )


def _schedule(rule: Rule) -> Verdict:
    rate = rate_of(rule, A**2 * T)
    ratio = sympy.powsimp(rate * SCHEDULE / rate)
    return counterexample_to(
        "exercise-6-schedule",
        "A decaying global schedule on top of Adagrad makes its rate decay less",
        PLACE,
        sympy.limit(ratio, T, sympy.oo) == 0,
        {"rate_with_schedule_over_rate": str(ratio)},
        f"The schedule's factor {ratio} multiplies Adagrad's own and tends to 0: on top of t^-1/2 "
        "it gives t^-(1/2 + q). Only a schedule that grows, or Adagrad's accumulator left out, "
        "decays less.",
        (CONSTANT,),
    )
