"""The notebook's formulas, against the rules that train and in exact arithmetic."""

from __future__ import annotations

from typing import Any

import sympy

from optim import registry
from optim.meaning import with_meaning
from optim.rule import Rule
from optim.symbolic import FUNCTIONS
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

W, G, LR, EPS, DECAY = sympy.symbols("w g eta epsilon lambda", positive=True)
BETA, BETA2, M, V = sympy.symbols("beta beta2 m v", positive=True)
X = sympy.Symbol("x", real=True)
LANDSCAPE = X**4 - 5 * X**2 + 4
TENTH, NINE_TENTHS = sympy.Rational(1, 10), sympy.Rational(9, 10)
STEPS = 6


def verify(_seed: int) -> list[Verdict]:
    """Section by section, in the notebook's order."""
    rule = registry.rule
    return [
        _unique_minimum(),
        _saddle_point(),
        _minima(),
        _momentum_is_a_sum(rule("momentum")),
        _momentum_is_an_average(rule("momentum")),
        _lookahead_without_rate(rule("nesterov_lookahead")),
        _lookahead_diverges(rule("nesterov_lookahead")),
        _plain_oscillation(rule("sgd")),
        *_printed_updates(rule),
        _second_moment_is_variance(rule("adam")),
        _bias_correction(rule("adam")),
        _first_steps(rule("adam")),
        _decay_in_sgd(rule("sgd")),
        _decay_in_adam(rule("adam_l2"), rule("adamw")),
    ]


def symbolic(rule: Rule) -> Any:
    """The rule's update on symbols."""
    return with_meaning(rule.update, FUNCTIONS)


def _unique_minimum() -> Verdict:
    a, b = sympy.symbols("a b", real=True)
    valley = (a + b) ** 2
    hessian = sympy.hessian(valley, (a, b))
    flat = [valley.subs({a: t, b: -t}) for t in (0, 1)]
    return counterexample_to(
        "notebook-convex-unique-minimum",
        "A convex loss has exactly one global minimum",
        Place("notebook", "1.1"),
        hessian.is_positive_semidefinite is True and flat == [0, 0],
        {"loss": str(valley), "values_at_(0,0)_and_(1,-1)": [str(f) for f in flat]},
        "(a + b)^2 is convex and least on a whole line, as squared losses with a repeated feature "
        "are; e^x has no minimum at all. Strict convexity gives at most one.",
    )


def _saddle_point() -> Verdict:
    slope, curve = (sympy.diff(LANDSCAPE, X, k).subs(X, 0) for k in (1, 2))
    return counterexample_to(
        "notebook-saddle-point",
        "x^4 - 5x^2 + 4 has a saddle point at 0",
        Place("notebook", "1.1"),
        slope == 0 and curve < 0,
        {"slope_at_0": str(slope), "second_derivative_at_0": str(curve)},
        "The second derivative there is -10: a local maximum. A function of one variable has no "
        "direction left to go up in.",
    )


def _minima() -> Verdict:
    roots = [r for r in sympy.real_roots(sympy.diff(LANDSCAPE, X))
             if sympy.diff(LANDSCAPE, X, 2).subs(X, r) > 0]  # fmt: skip
    half_unit = sympy.Rational(1, 200)
    printed = [-sympy.Rational(158, 100), sympy.Rational(158, 100)]
    close = len(roots) == 2 and all(
        abs(r - p) <= half_unit for r, p in zip(roots, printed, strict=True)
    )
    return Verdict(
        id="notebook-minima",
        statement="x^4 - 5x^2 + 4 has its minima at -1.58 and 1.58",
        place=Place("notebook", "1.1"),
        finding="reproduced" if close else "refuted",
        evidence="exact",
        measured={"minima": [str(r) for r in roots]},
        explanation="Roots of the derivative; both minima have the value -9/4, so both are global.",
        tolerance=float(half_unit),
        tolerance_reason="half a unit of the last of the two decimals printed",
    )


def velocities(rule: Rule, gradients: list[sympy.Expr]) -> list[sympy.Expr]:
    """The rule's velocity after each gradient, from 0."""
    update, v, found = symbolic(rule), sympy.Integer(0), []
    for g in gradients:
        _, v = update(W, g, v, LR, BETA)
        found.append(sympy.expand(v))
    return found


def _momentum_is_a_sum(rule: Rule) -> Verdict:
    g = list(sympy.symbols(f"g1:{STEPS + 1}"))
    residues = [
        sympy.expand(v - sum(BETA ** (t - i) * g[i] for i in range(t + 1)))
        for t, v in enumerate(velocities(rule, g))
    ]
    _, after = symbolic(rule)(W, G, V, LR, BETA)
    step = sympy.expand(after - (BETA * V + G))
    return settled(
        "notebook-momentum-sum",
        "Momentum's velocity is the sum of beta^(t - i) g_i",
        Place("notebook", "2.2"),
        set(residues) == {0} and step == 0,
        {"residues": [str(r) for r in residues], "induction_residue": str(step)},
        "Compared for the first steps of the rule, and by induction: v' = beta v + g multiplies "
        "each term by beta and adds g.",
        ("the velocity starts from 0",),
    )


def _momentum_is_an_average(rule: Rule) -> Verdict:
    weight = sympy.diff(velocities(rule, [G, G])[-1], G)
    limit = sympy.Symbol("v")
    _, after = symbolic(rule)(W, sympy.Integer(1), limit, LR, NINE_TENTHS)
    fixed = sympy.solve(after - limit, limit)
    return counterexample_to(
        "notebook-momentum-average",
        "Momentum's velocity is an exponential moving average of the gradients",
        Place("notebook", "2.2"),
        weight != 1 and fixed == [10],
        {
            "sum_of_weights_after_two_steps": str(weight),
            "velocity_for_gradients_of_1_and_beta_0.9": [str(f) for f in fixed],
        },
        "The average of gradients that are all 1 is 1; the velocity tends to 1 / (1 - beta) = 10. "
        "It is that many times the moving average (up to its bias at the start), so the learning "
        "rate means something else.",
    )


def lookahead_paths(rule: Rule, curvature: sympy.Expr, rate: sympy.Expr) -> tuple[list, list]:
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
        Place("notebook", "2.3"),
        ours[1] != theirs[1],
        {
            "loss": "w^2 / 2 from 1, beta = 9/10, eta = 1/10",
            "gradient_taken_at": [str(p) for p in ours],
            "by_the_formula": [str(p) for p in theirs],
            "equal_for_eta_1": same[0] == same[1],
        },
        "The look-ahead point is where the momentum alone would carry theta: theta - eta beta v. "
        "By hand at the second step: v = 1, theta = 0.9, so 0.81, and not 0.",
    )


def _lookahead_diverges(rule: Rule) -> Verdict:
    curvature, rate = sympy.Integer(20), sympy.Rational(1, 100)
    keep = NINE_TENTHS * (1 - curvature)
    printed = sympy.Matrix([[1 - rate * curvature, -rate * keep], [curvature, keep]])
    w, v = sympy.symbols("w v")
    update = symbolic(rule)(w, curvature * w, v, rate, NINE_TENTHS)
    true = sympy.Matrix([[sympy.diff(u, z) for z in (w, v)] for u in update])
    radii = [max(abs(z) for z in m.eigenvals()) for m in (true, printed)]
    return counterexample_to(
        "notebook-lookahead-converges",
        "With the look-ahead as printed the method is more stable than momentum",
        Place("notebook", "2.3"),
        bool(radii[0].evalf(30) < 1) and bool(abs(printed.det()) > 1),
        {
            "loss": "10 w^2, beta = 9/10, eta = 1/100",
            "determinant_as_printed": str(printed.det()),
            "spectral_radius_of_nesterov_and_as_printed": [str(r.evalf(10)) for r in radii],
        },
        "One step is a linear map of (theta, v). As printed its determinant is "
        "beta (1 - curvature) = -17.1, so it blows up; Nesterov's map on the notebook's own steep "
        "direction contracts.",
    )


def _plain_oscillation(rule: Rule) -> Verdict:
    update, w, path = symbolic(rule), sympy.Integer(4), []
    for _ in range(4):
        path.append(w)
        w = update(w, 20 * w, TENTH)
    return counterexample_to(
        "notebook-plain-sgd-converges",
        "Plain gradient descent converges, slowly, on x^2 + 10y^2 with the rate 0.1",
        Place("notebook", "2.3"),
        path == [4, -4, 4, -4],
        {"y": [str(y) for y in path]},
        "y is multiplied by 1 - 0.1 * 20 = -1 at every step: it jumps between 4 and -4 for ever. "
        "The picture compares momentum with a rate on the edge of divergence.",
    )


def _printed_updates(rule: Any) -> list[Verdict]:
    root = sympy.sqrt
    m, v = BETA * M + (1 - BETA) * G, BETA2 * V + (1 - BETA2) * G**2
    c1, c2 = sympy.symbols("c1 c2", positive=True)
    adam = (m / c1) / (root(v / c2) + EPS)
    cases = {
        ("3.2", "adagrad_eps_inside"): ((W, G, V, LR, EPS), W - LR / root(V + G**2 + EPS) * G),
        ("3.3", "rmsprop_eps_inside"): (
            (W, G, V, LR, BETA2, EPS),
            W - LR / root(v + EPS) * G,
        ),
        ("3.4", "adam"): ((W, G, M, V, c1, c2, LR, BETA, BETA2, EPS), W - LR * adam),
        ("3.5", "adamw"): (
            (W, G, M, V, c1, c2, LR, BETA, BETA2, EPS, DECAY),
            W - LR * (adam + DECAY * W),
        ),
    }
    return [
        _printed_update(section, rule(name), given, printed)
        for (section, name), (given, printed) in cases.items()
    ]


def _printed_update(section: str, rule: Rule, given: Any, printed: sympy.Expr) -> Verdict:
    residue = sympy.simplify(symbolic(rule)(*given)[0] - printed)
    return settled(
        f"notebook-formula-{rule.name}",
        f"The notebook's formula is the update of {rule.title}",
        Place("notebook", section),
        residue == 0,
        {"rule_less_formula": str(residue)},
        "The rule that trains, on symbols, less the printed right-hand side. For Adam c1 and c2 "
        "stand for 1 - beta1^t and 1 - beta2^t.",
    )


def constant_moments(rule: Rule, steps: int) -> list[tuple[sympy.Expr, sympy.Expr]]:
    """Adam's two moments after each step with the same gradient g."""
    m, v, found = sympy.Integer(0), sympy.Integer(0), []
    for _ in range(steps):
        _, m, v = symbolic(rule)(W, G, m, v, 1, 1, LR, BETA, BETA2, EPS)
        found.append((m, v))
    return found


def _bias_correction(rule: Rule) -> Verdict:
    residues = [
        sympy.simplify(value / (1 - beta**t) - expected)
        for t, moments in enumerate(constant_moments(rule, STEPS), start=1)
        for value, beta, expected in zip(moments, (BETA, BETA2), (G, G**2), strict=True)
    ]
    return settled(
        "notebook-bias-correction",
        "Dividing by 1 - beta^t takes out the bias that the start from 0 gives the moments",
        Place("notebook", "3.4"),
        set(residues) == {0},
        {"residues": [str(r) for r in residues]},
        "The moments are linear in the gradients (in their squares) with weights that sum to "
        "1 - beta^t: for a constant gradient the corrected moments are exactly it and its square, "
        "and in expectation for any stationary one.",
        ("the gradients' distribution does not change",),
    )


def _first_steps(rule: Rule) -> Verdict:
    m, v = constant_moments(rule, 1)[0]
    ratio = sympy.simplify(m / sympy.sqrt(v))
    usual = ratio.subs({BETA: NINE_TENTHS, BETA2: sympy.Rational(999, 1000)})
    other = ratio.subs({BETA: NINE_TENTHS, BETA2: NINE_TENTHS})
    return Verdict(
        id="notebook-bias-correction-first-steps",
        statement="Without the bias correction the first steps would be too large",
        place=Place("notebook", "3.4"),
        finding="reproduced with a caveat" if bool(usual > 1) and bool(other < 1) else "refuted",
        evidence="exact",
        measured={
            "first_step_over_eta": str(ratio),
            "with_0.9_and_0.999": str(usual),
            "with_0.9_and_0.9": str(other),
        },
        explanation=(
            "The corrected first step is eta; without the correction it is "
            "(1 - beta1) / sqrt(1 - beta2) times that: sqrt(10) at the usual settings, but less "
            "than 1 where 1 - beta2 > (1 - beta1)^2."
        ),
        hypotheses=("eps = 0",),
    )


def _second_moment_is_variance(rule: Rule) -> Verdict:
    (_, v) = constant_moments(rule, 1)[0]
    corrected = sympy.simplify(v / (1 - BETA2))
    return counterexample_to(
        "notebook-second-moment",
        "Adam's v estimates the variance of the gradient",
        Place("notebook", "3.4"),
        corrected == G**2,
        {"gradient": "g at every step", "corrected_v": str(corrected), "variance": "0"},
        "A constant gradient has the variance 0 and v is its square: v estimates the second "
        "moment about 0.",
    )


def _decay_in_sgd(rule: Rule) -> Verdict:
    update = symbolic(rule)
    coupled, decoupled = update(W, G + DECAY * W, LR), update(W - LR * DECAY * W, G, LR)
    residue = sympy.expand(coupled - decoupled)
    return settled(
        "notebook-decay-in-sgd",
        "For plain SGD, L2 in the gradient and decoupled decay are the same",
        Place("notebook", "3.5"),
        residue == 0,
        {"difference": str(residue)},
        "w - eta (g + lambda w) = (1 - eta lambda) w - eta g.",
    )


def _decay_in_adam(coupled: Rule, decoupled: Rule) -> Verdict:
    zero, one = sympy.Integer(0), sympy.Integer(1)
    ends = []
    for rule in (coupled, decoupled):
        c1, c2 = 1 - NINE_TENTHS, 1 - NINE_TENTHS
        given = (one, one, zero, zero, c1, c2, TENTH, NINE_TENTHS, NINE_TENTHS, zero, one)
        ends.append(symbolic(rule)(*given)[0])
    return settled(
        "notebook-decay-in-adam",
        "For Adam, L2 in the gradient and decoupled decay differ",
        Place("notebook", "3.5"),
        ends[0] != ends[1],
        {"adam_with_l2": str(ends[0]), "adamw": str(ends[1])},
        "By hand, from w = 1 with g = 1, eta = 1/10, lambda = 1, eps = 0: the first step of Adam "
        "is eta times the sign of g + w, to 0.9; AdamW shrinks by eta lambda w besides, to 0.8.",
    )
