"""The notebook's formulas, against the rules that train; moments, and weight decay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from optim import registry
from optim.rule import Rule
from optim.symbolic import symbolic
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

W, G, LR, EPS, DECAY = sympy.symbols("w g eta epsilon lambda", positive=True)
BETA, BETA2, M, V = sympy.symbols("beta beta2 m v", positive=True)
TENTH, NINE_TENTHS = sympy.Rational(1, 10), sympy.Rational(9, 10)
STEPS = 6


def verify(_seed: int) -> list[Verdict]:
    """Section by section, in the notebook's order."""
    rule = registry.rule
    return [
        *_printed_updates(rule),
        _second_moment_is_variance(rule("adam")),
        _bias_correction(rule("adam")),
        _first_steps(rule("adam")),
        _decay_in_sgd(rule("sgd")),
        _decay_in_adam(rule("adam_l2"), rule("adamw")),
    ]


def _printed_updates(rule: Callable[[str], Rule]) -> list[Verdict]:
    root = sympy.sqrt
    m, v = BETA * M + (1 - BETA) * G, BETA2 * V + (1 - BETA2) * G**2
    c1, c2 = sympy.symbols("c1 c2", positive=True)
    adam = (m / c1) / (root(v / c2) + EPS)
    cases = {
        ("2.1", "sgd"): ((W, G, LR), W - LR * G),
        ("2.2", "momentum"): ((W, G, V, LR, BETA), W - LR * (BETA * V + G)),
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
    result = symbolic(rule)(*given)
    moved = result[0] if isinstance(result, tuple) else result
    residue = sympy.simplify(moved - printed)
    return settled(
        f"notebook-formula-{rule.name}",
        f"The notebook's formula is the update of {rule.title}",
        Place("notebook", section),
        residue == 0,
        {"rule_less_formula": str(residue)},
        f"The update of the rule that trains, on symbols, less the printed right-hand side is "
        f"{residue}. For Adam c1 and c2 stand for 1 - beta1^t and 1 - beta2^t.",
        ("hyper-parameters, states and gradients are any positive numbers",),
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
    t = sympy.Symbol("t", positive=True)
    before = (G * (1 - BETA**t), G**2 * (1 - BETA2**t))
    _, *after = symbolic(rule)(W, G, *before, 1, 1, LR, BETA, BETA2, EPS)
    steps = [
        sympy.simplify(value - expected * (1 - beta ** (t + 1)))
        for value, beta, expected in zip(after, (BETA, BETA2), (G, G**2), strict=True)
    ]
    return settled(
        "notebook-bias-correction",
        "Dividing by 1 - beta^t takes out the bias that the start from 0 gives the moments",
        Place("notebook", "3.4"),
        set(residues) | set(steps) == {0},
        {"residues": [str(r) for r in residues], "induction_residues": [str(r) for r in steps]},
        f"The moments are linear in the gradients (in their squares) with weights that sum to "
        f"1 - beta^t, on the rule's first {STEPS} steps and by induction (residues "
        f"{', '.join(map(str, steps))}): for a constant gradient the corrected moments are exactly "
        "it and its square, and in expectation for any stationary one.",
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
            f"The corrected first step is eta; without the correction it is {ratio} times that: "
            f"{usual} with 0.9 and 0.999, and {other} with 0.9 for both. It is too large where "
            "(1 - beta1)^2 > 1 - beta2, and too small otherwise."
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
        f"A constant gradient g has the variance 0, and v, corrected, is {corrected}: the second "
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
        f"w - eta (g + lambda w) less (1 - eta lambda) w - eta g is {residue}.",
        ("one learning rate for both",),
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
        f"By hand, from w = 1 with g = 1, eta = 1/10, lambda = 1, eps = 0: the first step of Adam "
        f"is eta times the sign of g + w, to {ends[0]}; AdamW shrinks by eta lambda w besides, to "
        f"{ends[1]}.",
    )
