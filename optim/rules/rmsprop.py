"""RMSProp (Tieleman and Hinton, Coursera lecture 6.5, 2012; torch's form, eps outside the root)."""

from optim.functions import sqrt
from optim.rule import Rule


def update(w, g, v, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * g * g
    return w - lr * g / (sqrt(v) + eps), v


def tables(t, alpha):
    return {"fading": alpha**t}


def skip(w, v, fading):
    return w, v * fading


RULE = Rule(
    name="rmsprop",
    title="RMSProp",
    update=update,
    state=("v",),
    defaults={"lr": 1e-2, "alpha": 0.99, "eps": 1e-8},
    paper="Tieleman and Hinton (2012), lecture 6.5",
    skip=skip,
    tables=tables,
)
