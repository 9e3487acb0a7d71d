"""RMSProp divided by an estimate of the standard deviation (Graves, arXiv:1308.0850, eqs. 38-45,
without its momentum; torch's `centered`, eps outside the root)."""

from optim.functions import maximum, sqrt
from optim.rule import Rule


def update(w, g, v, a, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * g * g
    a = alpha * a + (1 - alpha) * g
    # The variance is never negative but for rounding.
    return w - lr * g / (sqrt(maximum(v - a * a, 0)) + eps), v, a


def tables(t, alpha):
    return {"fading": alpha**t}


def skip(w, v, a, fading):
    return w, v * fading, a * fading


RULE = Rule(
    name="rmsprop_centered",
    title="RMSProp (centred)",
    update=update,
    state=("v", "a"),
    defaults={"lr": 1e-2, "alpha": 0.99, "eps": 1e-8},
    paper="Graves (2013), eqs. 38-45",
    skip=skip,
    tables=tables,
)
