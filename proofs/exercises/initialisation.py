"""Section 3.4.2: initial weights that keep the variance."""

from __future__ import annotations

import sympy
from hypothesis import strategies as st
from sympy.stats import E, Normal, variance

from proofs.counterexamples import integers, simplest
from proofs.settled import counterexample_to, settled
from proofs.verdict import Place, Verdict

PLACE = Place("assignment", "3.4.2")
N_IN, N_OUT = sympy.symbols("n_in n_out", positive=True, integer=True)
HE = 2 / N_IN
LECUN = 1 / N_IN
GLOROT = 2 / (N_IN + N_OUT)
START = sympy.Integer(1)


def verify(_seed: int) -> list[Verdict]:
    """He's variance, the one called Xavier's, and what is Xavier's."""
    return [_symmetry(), _he(), _linear(), _called_glorot()]


def hidden_gradients(first: sympy.Expr, second: sympy.Expr) -> list[sympy.Expr]:
    """A loss's derivatives by the weights into two hidden units that start from these values.

    One input, any activation, equal weights out of the units, and any loss.
    """
    x, a, b, out = sympy.symbols("x a b v", real=True)
    activation, loss = sympy.Function("h"), sympy.Function("L")
    value = loss(out * activation(a * x) + out * activation(b * x))
    return [sympy.diff(value, w).doit().subs({a: first, b: second}).doit() for w in (a, b)]


def _symmetry() -> Verdict:
    equal = hidden_gradients(START, START)
    other = hidden_gradients(START, START + 1)
    residue = sympy.simplify(equal[0] - equal[1])
    apart = sympy.simplify(other[0] - other[1])
    return settled(
        "initialisation-symmetry",
        "Hidden units that all start from the same weights get the same gradient for ever",
        PLACE,
        residue == 0 and apart != 0,
        {"difference_of_the_gradients": str(residue), "from_unequal_weights": str(apart)},
        "Differentiated with the activation and the loss left open: from equal weights the two "
        f"units' gradients differ by {residue}, so any rule that treats coordinates alike keeps "
        "them equal, and the layer is one unit wide. From unequal weights they do differ.",
        ("the weights out of the units are equal too",),
    )


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
        f"Var(sum w_i h_i) = n_in Var(w) E[h^2], and E[max(z, 0)^2] = {second_moment_after_relu()} "
        "for a centred normal z of variance s^2 (half of it for any z symmetric about 0): the gain "
        f"is {found}, and {gain(LECUN, relu=True)} with 1 / n_in. What is kept is the second "
        "moment: the mean of a ReLU's output is not 0, so its variance is smaller (He et al., "
        "ICCV 2015).",
        ("weights independent, of mean 0, and independent of the inputs",),
    )


def _linear() -> Verdict:
    w, x = Normal("w", 0, sympy.Symbol("a", positive=True)), Normal("x", 0, 1)
    product = sympy.simplify(variance(w) * E(x**2))
    found = gain(LECUN, relu=False)
    z = sympy.Symbol("z", real=True)
    slopes = [sympy.diff(h, z).subs(z, 0) for h in (sympy.tanh(z), 1 / (1 + sympy.exp(-z)))]
    return settled(
        "initialisation-one-over-n-in",
        "Weights of variance 1 / n_in keep the variance through a layer that is linear near 0",
        PLACE,
        found == 1,
        {
            "variance_of_one_term": str(product),
            "gain": str(found),
            "slopes_of_tanh_and_sigmoid_at_0": [str(x) for x in slopes],
        },
        f"Exact for the identity. tanh has slope {slopes[0]} at 0 and contracts away from it; the "
        f"sigmoid has slope {slopes[1]} there, so for it the variance is multiplied by "
        f"{slopes[1] ** 2} near 0.",
        ("weights independent, of mean 0, and independent of the inputs", "inputs of mean 0"),
    )


def _called_glorot() -> Verdict:
    difference = sympy.simplify(GLOROT - LECUN)
    layers = st.tuples(integers(1, 9), integers(1, 9))
    found = simplest(layers, lambda n: difference.subs({N_IN: n[0], N_OUT: n[1]}) != 0)
    inputs, outputs = found.instance or (1, 1)
    at = {N_IN: inputs, N_OUT: outputs}
    variances = [v.subs(at) for v in (GLOROT, LECUN)]
    return counterexample_to(
        "initialisation-glorot",
        "The initialisation of Glorot and Bengio has the variance 1 / n_in",
        PLACE,
        found.instance is not None,
        {
            "glorot": str(GLOROT),
            "printed": str(LECUN),
            "inputs_and_outputs": [inputs, outputs],
            "variances": [str(v) for v in variances],
            "equal_where": str(sympy.solve(difference, N_OUT)),
        },
        f"Glorot and Bengio (AISTATS 2010, eq. 12) take {GLOROT}, between the forward condition "
        "1 / n_in and the backward one 1 / n_out; 1 / n_in alone is LeCun's (1998). With "
        f"{inputs} input(s) and {outputs} output(s) they are {variances[0]} and {variances[1]}; "
        f"they agree where n_out is {sympy.solve(difference, N_OUT)}.",
        (),
        found.looked_at,
    )
