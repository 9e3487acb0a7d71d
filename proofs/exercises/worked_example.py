"""Section 3.4.1: the worked example of Adagrad, through the rule that trains, in rationals."""

from __future__ import annotations

import sympy

from optim import registry
from optim.rule import Rule
from optim.symbolic import symbolic
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.4.1")
R = sympy.Rational
RATE = R(1, 10)
GRADIENTS = ((R(4), R(1, 10)), (R(2), R(1, 10)))
HALF_UNIT = R(1, 2000)


def verify(_seed: int) -> list[Verdict]:
    """Both steps, the printed decimals, and what is said of the second weight's move."""
    return verdicts_of(registry.rule("adagrad"))


def steps(rule: Rule) -> tuple[list[list[sympy.Expr]], list[list[sympy.Expr]]]:
    """The weights and the accumulators after 0, 1 and 2 steps, exactly, with eps = 0."""
    update = symbolic(rule)
    weights, sums = [[R(1), R(1)]], [[R(0), R(0)]]
    for gradient in GRADIENTS:
        moved = [
            update(w, g, s, RATE, R(0))
            for w, g, s in zip(weights[-1], gradient, sums[-1], strict=True)
        ]
        weights.append([w for w, _ in moved])
        sums.append([s for _, s in moved])
    return weights, sums


def verdicts_of(rule: Rule) -> list[Verdict]:
    """The verdicts on a rule's two steps."""
    weights, sums = steps(rule)
    moves = [a - b for a, b in zip(weights[1], weights[2], strict=True)]
    rates = [move / g for move, g in zip(moves, GRADIENTS[1], strict=True)]
    return [_first(weights, sums), _second(sums, rates), _moves(moves), _beyond_gradient(moves)]


def _first(weights: list[list[sympy.Expr]], sums: list[list[sympy.Expr]]) -> Verdict:
    return settled(
        "worked-example-first-step",
        "After one step both weights are 0.9 and the accumulators 16 and 0.01",
        PLACE,
        weights[1] == [R(9, 10)] * 2 and sums[1] == [R(16), R(1, 100)],
        {"weights": [str(w) for w in weights[1]], "accumulators": [str(s) for s in sums[1]]},
        f"Weights {', '.join(map(str, weights[1]))}, accumulators {', '.join(map(str, sums[1]))}: "
        "Adagrad's first step is eta times the gradient's sign, so both move alike although one "
        f"gradient is {GRADIENTS[0][0] / GRADIENTS[0][1]} times the other.",
        ("eps = 0",),
    )


def _second(sums: list[list[sympy.Expr]], rates: list[sympy.Expr]) -> Verdict:
    printed = (R(22, 1000), R(707, 1000))
    close = all(abs(a - b) <= HALF_UNIT for a, b in zip(rates, printed, strict=True))
    return Verdict(
        id="worked-example-second-rates",
        statement="The accumulators are 20 and 0.02 then, the effective rates 0.022 and 0.707",
        place=PLACE,
        finding="reproduced" if close and sums[2] == [R(20), R(1, 50)] else "refuted",
        evidence="exact",
        measured={"rates": [str(r) for r in rates], "decimals": [float(r) for r in rates]},
        explanation=(
            f"The accumulators are {sums[2][0]} and {sums[2][1]}, the rates {rates[0]} and "
            f"{rates[1]}, that is {float(rates[0]):.5f} and {float(rates[1]):.5f}: "
            f"{'within' if close else 'not within'} the rounding of the printed decimals."
        ),
        tolerance=float(HALF_UNIT),
        tolerance_reason="half a unit of the last of the three decimals printed",
        hypotheses=("eps = 0",),
    )


def _moves(moves: list[sympy.Expr]) -> Verdict:
    close = [bool(abs(moves[0] - R(44, 1000)) <= HALF_UNIT),
             bool(abs(moves[1] - R(7, 100)) <= 10 * HALF_UNIT)]  # fmt: skip
    return Verdict(
        id="worked-example-second-moves",
        statement="The second moves are 0.044 and 0.07",
        place=PLACE,
        finding="reproduced" if all(close) else "refuted",
        evidence="exact",
        measured={"moves": [str(m) for m in moves], "decimals": [float(m) for m in moves]},
        explanation=(
            f"The first is {moves[0]} = {float(moves[0]):.5f}, which rounds to "
            f"{float(moves[0]):.3f}; printed is 0.044, twice the rounded rate 0.022. The second is "
            f"{moves[1]} = {float(moves[1]):.5f}, printed 0.07."
        ),
        tolerance=float(HALF_UNIT),
        tolerance_reason=(
            "half a unit of the last decimal printed: of three for the first move and, ten times "
            "as much, of two for the second"
        ),
        hypotheses=("eps = 0",),
    )


def _beyond_gradient(moves: list[sympy.Expr]) -> Verdict:
    return counterexample_to(
        "worked-example-move-beyond-gradient",
        "The second weight's second move is longer than its gradient",
        PLACE,
        bool(moves[1] < GRADIENTS[1][1]),
        {"move": str(moves[1]), "gradient": str(GRADIENTS[1][1])},
        f"{moves[1]} = {float(moves[1]):.4f} is less than {GRADIENTS[1][1]}. A move is longer than "
        "the gradient where the effective rate is above 1; here it is "
        f"{float(moves[1] / GRADIENTS[1][1]):.3f}.",
        ("eps = 0",),
    )
