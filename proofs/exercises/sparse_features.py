"""Section 2.5: the gradient where a feature is zero, and how often features are updated."""

from __future__ import annotations

import sympy

from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

LOGISTIC = Place("assignment", "2.5.1")
FREQUENCY = Place("assignment", "2.5.3")
W, REST, FEATURE, LABEL = sympy.symbols("w v x y", real=True)
SCORE = W * FEATURE + REST  # one feature of interest, and the rest of the sum in one symbol
DOCUMENTS = 23_149
FREQUENT, RARE, PRINTED_RATIO = 15_000, 5, 30_000


def verify(_seed: int) -> list[Verdict]:
    """The logistic gradient, any other loss, and the ratio of update counts."""
    return [_logistic_gradient(), _any_loss(), _update_counts()]


def cross_entropy() -> sympy.Expr:
    """The binary cross-entropy of a sigmoid of the score."""
    s = 1 / (1 + sympy.exp(-SCORE))
    return -(LABEL * sympy.log(s) + (1 - LABEL) * sympy.log(1 - s))


def _logistic_gradient() -> Verdict:
    prediction = 1 / (1 + sympy.exp(-SCORE))
    slope = sympy.diff(cross_entropy(), W)
    residue = sympy.simplify(slope - (prediction - LABEL) * FEATURE)
    at_zero = sympy.simplify(slope.subs(FEATURE, 0))
    return settled(
        "section-2-logistic-gradient",
        "The cross-entropy's derivative by w_j is (prediction - label) x_j; it is 0 where x_j is",
        LOGISTIC,
        residue == 0 and at_zero == 0,
        {"derivative_less_formula": str(residue), "derivative_where_x_j_is_0": str(at_zero)},
        "Differentiated with one feature of interest and the rest of the sum in one symbol; less "
        f"the formula it is {residue}.",
        ("the model is linear in w under the sigmoid",),
    )


def loss_of_the_prediction(penalty: sympy.Expr) -> sympy.Expr:
    """Any smooth loss of any smooth function of the score and the label, and a penalty."""
    loss, link = sympy.Function("L"), sympy.Function("f")
    return loss(link(SCORE), LABEL) + penalty


def _any_loss() -> Verdict:
    strength = sympy.Symbol("lambda", positive=True)
    plain, penalised = (
        sympy.simplify(sympy.diff(loss_of_the_prediction(penalty), W).subs(FEATURE, 0).doit())
        for penalty in (sympy.Integer(0), strength * W**2 / 2)
    )
    return settled(
        "section-2-gradient-of-any-loss",
        "Whatever the loss of a linear model is, its derivative by w_j is 0 where x_j is",
        LOGISTIC,
        plain == 0 and penalised != 0,
        {"derivative_where_x_j_is_0": str(plain), "with_a_penalty_on_w": str(penalised)},
        "By the chain rule, with functions left open for the loss and the link: the derivative has "
        f"the factor x_j. It has to be a loss of the prediction alone: with the penalty "
        f"lambda w^2 / 2 it is {penalised} there, and every weight moves at every step.",
        ("the loss and the link are differentiable",),
        caveat=True,
    )


def _update_counts() -> Verdict:
    ratio = sympy.Rational(FREQUENT, RARE)
    shares = [sympy.Rational(100 * count, DOCUMENTS).evalf(3) for count in (FREQUENT, RARE)]
    return counterexample_to(
        "section-2-update-counts",
        "A word in 15,000 documents is updated 30,000 times as often as one in 5",
        FREQUENCY,
        ratio != PRINTED_RATIO,
        {"ratio": str(ratio), "shares_in_percent": [str(x) for x in shares]},
        f"{FREQUENT} / {RARE} is {ratio}, and {shares[0]}% over {shares[1]}% is the same: the "
        f"factor is {PRINTED_RATIO / ratio} times too large.",
        ("every document is drawn equally often",),
    )
