"""Adam (Kingma and Ba, ICLR 2015, algorithm 1)."""

from optim.functions import sqrt
from optim.rule import Rule


def per_step(t, beta1, beta2):
    return 1 - beta1**t, 1 - beta2**t


def update(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


RULE = Rule(
    name="adam",
    title="Adam",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults={"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    paper="Kingma and Ba (2015), algorithm 1",
)
