"""Section 3.4.2: initial weights that keep the variance."""

from __future__ import annotations

import sympy
from sympy.stats import E, Normal, variance

from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.4.2")
N_IN, N_OUT = sympy.symbols("n_in n_out", positive=True, integer=True)
HE = 2 / N_IN
LECUN = 1 / N_IN
GLOROT = 2 / (N_IN + N_OUT)


def verify(_seed: int) -> list[Verdict]:
    """He's variance, the one called Xavier's, and what is Xavier's."""
    return [_he(), _linear(), _called_glorot()]


def second_moment_after_relu() -> sympy.Expr:
    """E[max(z, 0)^2] of a centred normal z of variance s^2, integrated."""
    s, z = sympy.Symbol("s", positive=True), sympy.Symbol("z", real=True)
    density = sympy.exp(-(z**2) / (2 * s**2)) / (s * sympy.sqrt(2 * sympy.pi))
    return sympy.simplify(sympy.integrate(z**2 * density, (z, 0, sympy.oo)))


def gain(weight_variance: sympy.Expr, relu: bool) -> sympy.Expr:
    """E[h'^2] / E[h^2] from one layer's activations h to the next's, h' = sum w_i h_i.

    With ReLU, half of the variance of the sum is left (it is symmetric about 0).
    """
    left = second_moment_after_relu().subs(sympy.Symbol("s", positive=True), 1) if relu else 1
    return sympy.simplify(N_IN * weight_variance * left)


def _he() -> Verdict:
    found = gain(HE, relu=True)
    return settled(
        "initialisation-he",
        "Weights of variance 2 / n_in keep the second moment through a layer of ReLUs",
        PLACE,
        found == 1,
        {
            "second_moment_after_relu": str(second_moment_after_relu()),
            "gain": str(found),
            "gain_of_1_over_n_in": str(gain(LECUN, relu=True)),
        },
        "Var(sum w_i h_i) = n_in Var(w) E[h^2], and E[max(z, 0)^2] = Var(z) / 2 for z symmetric "
        "about 0, integrated here for the normal. What is kept is the second moment: the mean of "
        "a ReLU's output is not 0, so its variance is smaller (He et al., ICCV 2015).",
        ("weights independent, of mean 0, and independent of the inputs",),
    )


def _linear() -> Verdict:
    w, x = Normal("w", 0, sympy.Symbol("a", positive=True)), Normal("x", 0, 1)
    product = sympy.simplify(variance(w) * E(x**2))
    found = gain(LECUN, relu=False)
    return settled(
        "initialisation-one-over-n-in",
        "Weights of variance 1 / n_in keep the variance through a layer that is linear near 0",
        PLACE,
        found == 1,
        {"variance_of_one_term": str(product), "gain": str(found)},
        "Exact for the identity; tanh has slope 1 at 0 and contracts away from it, and the sigmoid "
        "has slope 1/4 there, so for it the variance falls by 16 near 0.",
        ("weights independent, of mean 0, and independent of the inputs", "inputs of mean 0"),
    )


def _called_glorot() -> Verdict:
    at = {N_IN: 1, N_OUT: 3}
    difference = sympy.simplify(GLOROT - LECUN)
    return counterexample_to(
        "initialisation-glorot",
        "The initialisation of Glorot and Bengio has the variance 1 / n_in",
        PLACE,
        difference.subs(at) != 0,
        {
            "glorot": str(GLOROT),
            "printed": str(LECUN),
            "with_1_input_and_3_outputs": [str(v.subs(at)) for v in (GLOROT, LECUN)],
            "equal_where": str(sympy.solve(difference, N_OUT)),
        },
        "Glorot and Bengio (AISTATS 2010, eq. 12) take 2 / (n_in + n_out), between the forward "
        "condition 1 / n_in and the backward one 1 / n_out; 1 / n_in alone is LeCun's (1998). "
        "Both agree where n_in = n_out.",
    )
