"""The notebook's sections 2.2 and 2.3: momentum, and the look-ahead."""

from __future__ import annotations

import sympy

from optim import registry
from optim.rule import Rule
from optim.symbolic import symbolic
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

MOMENTUM = Place("notebook", "2.2")
LOOKAHEAD = Place("notebook", "2.3")
W, G, LR, BETA, V = sympy.symbols("w g eta beta v", positive=True)
TENTH, NINE_TENTHS = sympy.Rational(1, 10), sympy.Rational(9, 10)
STEPS = 6
PAST = 10


def verify(_seed: int) -> list[Verdict]:
    """The sum and where it starts, the average, and the look-ahead as printed."""
    rule = registry.rule
    return [
        _momentum_is_a_sum(rule("momentum")),
        _momentum_is_an_average(rule("momentum")),
        _ten_gradients(rule("momentum")),
        _lookahead_without_rate(rule("nesterov_lookahead")),
        _lookahead_diverges(rule("nesterov_lookahead")),
        _plain_oscillation(rule("sgd")),
    ]


def velocities(rule: Rule, gradients: list[sympy.Expr]) -> list[sympy.Expr]:
    """The rule's velocity after each gradient, from 0."""
    update, v, found = symbolic(rule), sympy.Integer(0), []
    for g in gradients:
        _, v = update(W, g, v, LR, BETA)
        found.append(sympy.expand(v))
    return found


def _momentum_is_a_sum(rule: Rule) -> Verdict:
    g = list(sympy.symbols(f"g0:{STEPS}"))
    found = velocities(rule, g)
    residues = [
        sympy.expand(v - sum(BETA ** (t - i) * g[i] for i in range(t + 1)))
        for t, v in enumerate(found)
    ]
    _, after = symbolic(rule)(W, G, V, LR, BETA)
    step = sympy.expand(after - (BETA * V + G))
    # The program sets v to 0 before its first step; if that is v_0, no term belongs to i = 0.
    started = velocities(rule, g[1:])[-1]
    missing = sympy.expand(started - sum(BETA ** (STEPS - 1 - i) * x for i, x in enumerate(g)))
    return settled(
        "notebook-momentum-sum",
        "Momentum's velocity v_t is the sum of beta^(t - i) g_i over i from 0 to t",
        MOMENTUM,
        set(residues) == {0} and step == 0,
        {
            "residues": [str(r) for r in residues],
            "induction_residue": str(step),
            "residue_where_v_0_is_0": str(missing),
        },
        f"On the rule's first {STEPS} steps and by induction (v' = beta v + g multiplies each term "
        "by beta and adds g), with steps counted from 0: the first gradient is g_0, and the "
        "velocity before it is 0. Where v_0 itself is the 0 that the program starts from, the sum "
        f"runs from i = 1: v_{STEPS - 1} less the printed sum is {missing} then.",
        ("the velocity is 0 before the first gradient",),
        caveat=True,
    )


def _momentum_is_an_average(rule: Rule) -> Verdict:
    weight = sympy.diff(velocities(rule, [G, G])[-1], G)
    limit = sympy.Symbol("v")
    _, after = symbolic(rule)(W, sympy.Integer(1), limit, LR, BETA)
    fixed = [sympy.factor(f) for f in sympy.solve(after - limit, limit)]
    return counterexample_to(
        "notebook-momentum-average",
        "Momentum's velocity is an exponential moving average of the gradients",
        MOMENTUM,
        weight != 1 and fixed != [1],
        {
            "sum_of_weights_after_two_steps": str(weight),
            "velocity_tends_to_for_gradients_of_1": [str(f) for f in fixed],
            "for_beta_0.9": [str(f.subs(BETA, NINE_TENTHS)) for f in fixed],
        },
        f"The average of gradients that are all 1 is 1; the velocity is {weight} after two of them "
        f"and tends to {fixed[0] if fixed else None}, which is "
        f"{fixed[0].subs(BETA, NINE_TENTHS) if fixed else None} for beta = 0.9. It is that many "
        "times the moving average (up to its bias at the start), so the learning rate means "
        "something else.",
        ("the velocity is 0 before the first gradient",),
    )


def _ten_gradients(rule: Rule) -> Verdict:
    g = sympy.symbols(f"g0:{PAST + 1}")
    last = velocities(rule, list(g))[-1]
    weights = [sympy.diff(last, x).subs(BETA, NINE_TENTHS) for x in reversed(g)]
    total = 1 / (1 - NINE_TENTHS)
    share = sum(weights[:PAST]) / total
    geometric = all(w == NINE_TENTHS**k for k, w in enumerate(weights))
    return settled(
        "notebook-ten-past-gradients",
        "With beta = 0.9 about ten past gradients influence momentum's step",
        MOMENTUM,
        geometric and total == PAST,
        {
            "sum_of_all_weights": str(total),
            "share_of_the_last_ten": float(share),
            "weight_of_the_eleventh_last": float(weights[PAST]),
        },
        f"The weights 1, 0.9, 0.81, ... sum to {total}, as ten full gradients would. Every past "
        f"gradient counts, though: the last ten carry {float(share):.1%} of the weight, and the "
        f"one before them still {float(weights[PAST]):.3f} of the newest.",
        ("the velocity is 0 before the first gradient",),
        caveat=True,
    )


def lookahead_paths(
    rule: Rule, curvature: sympy.Expr, rate: sympy.Expr
) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    """The points where the gradient is taken: by the rule, and by the notebook's formula.

    On the loss curvature w^2 / 2 from 1, with beta = 9/10, three steps.
    """
    update = symbolic(rule)
    ahead, v, ours = sympy.Integer(1), sympy.Integer(0), []
    theta, u, theirs = sympy.Integer(1), sympy.Integer(0), []
    for _ in range(3):
        ours.append(ahead)
        ahead, v = update(ahead, curvature * ahead, v, rate, NINE_TENTHS)
        theirs.append(theta - NINE_TENTHS * u)
        u = NINE_TENTHS * u + curvature * theirs[-1]
        theta = theta - rate * u
    return ours, theirs


def _lookahead_without_rate(rule: Rule) -> Verdict:
    ours, theirs = lookahead_paths(rule, sympy.Integer(1), TENTH)
    same = lookahead_paths(rule, sympy.Integer(1), sympy.Integer(1))
    return counterexample_to(
        "notebook-lookahead",
        "Nesterov's momentum takes the gradient at theta - beta v while theta moves by -eta v",
        LOOKAHEAD,
        ours[1] != theirs[1],
        {
            "loss": "w^2 / 2 from 1, beta = 9/10, eta = 1/10",
            "gradient_taken_at": [str(p) for p in ours],
            "by_the_formula": [str(p) for p in theirs],
            "equal_for_eta_1": same[0] == same[1],
        },
        "The look-ahead point is where the momentum alone would carry theta: theta - eta beta v. "
        f"On w^2 / 2 from 1 with beta = 9/10 and eta = 1/10 the second gradient is taken at "
        f"{ours[1]}, by the formula at {theirs[1]} (v = 1 and theta = 9/10 then); the two "
        f"{'agree' if same[0] == same[1] else 'differ even'} for eta = 1.",
        ("eta is not 1",),
    )


def _lookahead_diverges(rule: Rule) -> Verdict:
    curvature, rate = sympy.Integer(20), sympy.Rational(1, 100)
    keep = NINE_TENTHS * (1 - curvature)
    printed = sympy.Matrix([[1 - rate * curvature, -rate * keep], [curvature, keep]])
    w, v = sympy.symbols("w v")
    update = symbolic(rule)(w, curvature * w, v, rate, NINE_TENTHS)
    true = sympy.Matrix([[sympy.diff(u, z) for z in (w, v)] for u in update])
    radii = [max(abs(z) for z in m.eigenvals()) for m in (true, printed)]
    decimals = [str(r.evalf(10)) for r in radii]
    return counterexample_to(
        "notebook-lookahead-converges",
        "With the look-ahead as printed the method is more stable than momentum",
        LOOKAHEAD,
        bool(radii[0].evalf(30) < 1) and bool(abs(printed.det()) > 1),
        {
            "loss": "10 w^2, beta = 9/10, eta = 1/100",
            "determinant_as_printed": str(printed.det()),
            "spectral_radius_of_nesterov_and_as_printed": decimals,
        },
        f"One step on 10 w^2 (the notebook's steep direction) is a linear map of (theta, v). As "
        f"printed its determinant is {printed.det()}, so it blows up (spectral radius "
        f"{decimals[1]}); Nesterov's map has the spectral radius {decimals[0]} and contracts.",
        ("beta = 9/10, eta = 1/100",),
    )


def _plain_oscillation(rule: Rule) -> Verdict:
    update, w, path = symbolic(rule), sympy.Integer(4), []
    for _ in range(4):
        path.append(w)
        w = update(w, 20 * w, TENTH)
    return counterexample_to(
        "notebook-plain-sgd-converges",
        "Plain gradient descent converges, slowly, on x^2 + 10y^2 with the rate 0.1",
        LOOKAHEAD,
        w == path[0] != 0 and path[1] != path[0],
        {"y": [str(y) for y in path]},
        f"y is multiplied by {path[1] / path[0]} at every step: {', '.join(map(str, path))}, and "
        "so on for ever. The picture compares momentum with a rate on the edge of divergence.",
    )
