"""Stochastic gradient descent (Robbins and Monro, Ann. Math. Stat. 22 (1951), 400-407, eq. 6)."""

from optim.rule import Rule


def update(w, g, lr):
    return w - lr * g


RULE = Rule(
    name="sgd",
    title="SGD",
    update=update,
    state=(),
    defaults={"lr": 1e-3},
    paper="Robbins and Monro (1951), eq. 6",
    zero_gradient_is_idle=True,
)
