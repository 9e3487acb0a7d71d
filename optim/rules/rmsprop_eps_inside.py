"""RMSProp with eps under the root (Zhang et al., Dive into Deep Learning, eq. 12.8.1)."""

from optim.functions import sqrt
from optim.rule import Rule
from optim.rules.rmsprop import skip, tables


def update(w, g, v, lr, alpha, eps):
    v = alpha * v + (1 - alpha) * g * g
    return w - lr * g / sqrt(v + eps), v


RULE = Rule(
    name="rmsprop_eps_inside",
    title="RMSProp (eps inside the root)",
    update=update,
    state=("v",),
    defaults={"lr": 1e-2, "alpha": 0.99, "eps": 1e-6},
    paper="Zhang et al., Dive into Deep Learning, eq. 12.8.1",
    skip=skip,
    tables=tables,
)
