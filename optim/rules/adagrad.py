"""Adagrad with diagonal matrices (Duchi, Hazan and Singer, JMLR 12 (2011), section 1.1).

The assignment's exercise 6 also asks for a larger eps and a global schedule: settings of this rule.
"""

from optim.functions import sqrt
from optim.rule import Rule


def update(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / (sqrt(s) + eps), s


RULE = Rule(
    name="adagrad",
    title="Adagrad",
    update=update,
    state=("s",),
    defaults={"lr": 1e-2, "eps": 1e-10, "initial_accumulator_value": 0.0},
    initial={"s": "initial_accumulator_value"},
    paper="Duchi, Hazan and Singer (2011), section 1.1",
    zero_gradient_is_idle=True,
)
