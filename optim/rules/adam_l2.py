"""Adam with L2: weight decay added to the gradient (torch's `Adam(weight_decay=)`; the form that
Loshchilov and Hutter, ICLR 2019, algorithm 2, argue against)."""

from optim.functions import sqrt
from optim.rule import Rule
from optim.rules.adam import per_step


def update(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps, weight_decay):
    g = g + weight_decay * w
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


RULE = Rule(
    name="adam_l2",
    title="Adam with L2",
    update=update,
    per_step=per_step,
    state=("m", "v"),
    defaults={"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 1e-2},
    paper="Loshchilov and Hutter (2019), algorithm 2, without its decoupling",
    dense_because="the weight enters its own gradient and is divided by a root of its own history",
)
