"""Gradient descent (Cauchy, Comptes rendus 25 (1847), 536-538): SGD's update on the full batch."""

from optim.rule import Rule
from optim.rules.sgd import update

RULE = Rule(
    name="gradient_descent",
    title="Gradient descent (full batch)",
    update=update,
    state=(),
    defaults={"lr": 1e-3},
    paper="Cauchy (1847); Dive into Deep Learning, section 12.3",
    zero_gradient_is_idle=True,
)
