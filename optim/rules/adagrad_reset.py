"""Adagrad that forgets: its accumulator restarts from zero every `period` steps (the assignment's
exercise 6, sixth remedy; section 3.8)."""

from optim.functions import remainder, sqrt, where
from optim.rule import Rule


def per_step(t, period):
    return (where(remainder(t - 1, period) > 0, 1, 0),)


def update(w, g, s, kept, lr, eps):
    s = where(kept > 0, s + g * g, g * g)
    return w - lr * g / (sqrt(s) + eps), s


def tables(t, period):
    return {"restarts": (t - 1) // period}


def skip(w, s, restarts_before, restarts_after):
    if restarts_after > restarts_before:
        s = 0.0 * s
    return w, s


RULE = Rule(
    name="adagrad_reset",
    title="Adagrad with accumulator reset",
    update=update,
    per_step=per_step,
    state=("s",),
    defaults={"lr": 1e-2, "eps": 1e-10, "period": 1000},
    paper="the assignment, section 3.8, exercise 6 (6)",
    skip=skip,
    tables=tables,
)
