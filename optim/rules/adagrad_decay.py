"""Adagrad with accumulator decay: the past is multiplied by a factor below one at every step (the
assignment's exercise 6, sixth remedy; section 3.8). RMSProp without the normalising 1 - decay."""

from optim.functions import sqrt
from optim.rule import Rule


def update(w, g, s, lr, eps, decay):
    s = decay * s + g * g
    return w - lr * g / (sqrt(s) + eps), s


def tables(t, decay):
    return {"fading": decay**t}


def skip(w, s, fading):
    return w, s * fading


RULE = Rule(
    name="adagrad_decay",
    title="Adagrad with accumulator decay",
    update=update,
    state=("s",),
    defaults={"lr": 1e-2, "eps": 1e-10, "decay": 0.999},
    paper="the assignment, section 3.8, exercise 6 (6)",
    skip=skip,
    tables=tables,
)
