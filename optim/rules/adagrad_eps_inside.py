"""Adagrad with eps under the root, as Dive into Deep Learning, section 12.7, equation 12.7.5."""

from optim.functions import sqrt
from optim.rule import Rule


def update(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / sqrt(s + eps), s


RULE = Rule(
    name="adagrad_eps_inside",
    title="Adagrad (eps inside the root)",
    update=update,
    state=("s",),
    defaults={"lr": 1e-2, "eps": 1e-6},
    paper="Zhang et al., Dive into Deep Learning, eq. 12.7.5",
    zero_gradient_is_idle=True,
)
