"""Section 3.3: the reasons given for the root of the sum of squared gradients."""

from __future__ import annotations

import sympy
from hypothesis import strategies as st

from optim import registry
from optim.rule import Rule
from optim.symbolic import symbolic
from proofs.counterexamples import integers, simplest
from proofs.exercises.adagrad_decay import LR, S, rate_of
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.3")
EXAMPLE = Place("assignment", "3.4")
CURVATURE, POINT, W = sympy.symbols("q x w", positive=True)
EPS = sympy.Symbol("epsilon", positive=True)


def verify(_seed: int) -> list[Verdict]:
    """What the sum stands for, what dividing by its root gives, and what a zero gradient does."""
    adagrad = registry.rule("adagrad")
    return [
        _stands_for_the_curvature(adagrad),
        _preconditioned_step(),
        _unit_steps(adagrad),
        _absent_feature(adagrad),
    ]


def accumulated(rule: Rule, gradients: list[sympy.Expr]) -> sympy.Expr:
    """The rule's accumulator after the gradients, from 0."""
    update, s = symbolic(rule), sympy.Integer(0)
    for g in gradients:
        _, s = update(W, g, s, LR, EPS)
    return sympy.expand(s)


def _stands_for_the_curvature(rule: Rule) -> Verdict:
    def out_of_proportion(pair: tuple[int, int]) -> bool:
        sums = [accumulated(rule, [sympy.Integer(q)]) for q in pair]  # at distance 1: g = q
        return min(pair) > 0 and sums[0] * pair[1] != sums[1] * pair[0]

    found = simplest(st.tuples(integers(1, 9), integers(1, 9)), out_of_proportion)
    pair = found.instance or (1, 1)
    sums = [accumulated(rule, [sympy.Integer(q)]) for q in pair]
    roots = [sympy.sqrt(s) for s in sums]
    return counterexample_to(
        "section-3-sum-stands-for-the-curvature",
        "The sum s stands for the curvature Q_ii, so that its root performs the power -1/2",
        PLACE,
        found.instance is not None,
        {
            "curvatures": [str(q) for q in pair],
            "sums": [str(s) for s in sums],
            "roots": [str(r) for r in roots],
        },
        f"On q x^2 / 2 at distance 1 the gradient is q: curvatures {pair[0]} and {pair[1]} give "
        f"s = {sums[0]} and {sums[1]}, in another ratio, and roots {roots[0]} and {roots[1]}. "
        "By the section's own proxy, gradient for curvature, it is the root that stands for Q_ii.",
        ("equal distances from the minimum",),
        found.looked_at,
    )


def step_in_scaled_coordinates(power: sympy.Expr) -> sympy.Expr:
    """The move of x in one step of gradient descent on y = q^power x, for q x^2 / 2."""
    scale = CURVATURE**power
    y = sympy.Symbol("y", positive=True)
    loss = CURVATURE * (y / scale) ** 2 / 2
    moved = scale * POINT - LR * sympy.diff(loss, y).subs(y, scale * POINT)
    return sympy.simplify((POINT - moved / scale) / LR)


def _preconditioned_step() -> Verdict:
    move = step_in_scaled_coordinates(sympy.Rational(1, 2))
    gradient = CURVATURE * POINT
    divisor = sympy.simplify(gradient / move)
    return settled(
        "section-3-preconditioned-step",
        "Gradient descent after scaling by the root of the diagonal divides each gradient by Q_ii",
        PLACE,
        divisor == CURVATURE,
        {"move_over_eta": str(move), "gradient_over_move": str(divisor)},
        f"With y = sqrt(q) x the gradient is scaled once and the way back once more: x moves by "
        f"eta times {move}, its gradient {gradient} over {divisor}. So what Adagrad divides by, "
        "sqrt(s), has to stand for Q_ii itself, which as a size of gradients it does.",
        ("Q is diagonal",),
    )


def _unit_steps(rule: Rule) -> Verdict:
    a, t = sympy.symbols("a t", positive=True)
    update = symbolic(rule)
    move = sympy.simplify((W - update(W, a, a**2 * (t - 1), LR, 0)[0]) / LR)
    first, fourth = (sympy.simplify(move.subs(t, k)) for k in (1, 4))
    return counterexample_to(
        "section-3-rms-normalisation",
        "Dividing by sqrt(s) normalises the gradients by their root mean square",
        PLACE,
        first != fourth,
        {"move_over_eta": str(move), "at_steps_1_and_4": [str(first), str(fourth)]},
        f"Gradients of one size a have the root mean square a, so that normalised steps are all 1; "
        f"Adagrad's step t is eta times {move}: {first} at the first step, {fourth} at the fourth. "
        "The sum is t times the mean: the scale of a is taken out, and a decay put in.",
        ("the gradient is the same at every step", "eps = 0"),
    )


def _absent_feature(rule: Rule) -> Verdict:
    update = symbolic(rule)
    kept = update(W, sympy.Integer(0), S, LR, EPS)
    g = sympy.Symbol("g", positive=True)
    ratio = sympy.simplify(rate_of(rule, S + g**2) / rate_of(rule, S))
    falls = (-sympy.simplify(sympy.diff(rate_of(rule, S), S))).is_positive is True
    return settled(
        "section-3-absent-feature",
        "A rare feature's rate falls only at the steps at which the feature appears",
        EXAMPLE,
        kept == (W, S) and falls,
        {"weight_and_sum_for_a_zero_gradient": [str(x) for x in kept], "rate_ratio": str(ratio)},
        f"The rule's step with the gradient 0 returns {kept[0]} and {kept[1]} unchanged; with a "
        f"gradient g the rate is multiplied by {ratio}, which is below 1.",
        ("a feature that is absent has the gradient 0",),
    )
