"""Nesterov's momentum, look-ahead form (Bengio, Boulanger-Lewandowski and Pascanu, arXiv:1212.0901,
section 3.5): w is the point looked ahead to, x + momentum v; v, the last move of x, includes the
learning rate. Equal to torch's form while the learning rate stays the same."""

from optim.rule import Rule


def update(w, g, v, lr, momentum):
    back = w - momentum * v
    v = momentum * v - lr * g
    return back + (1 + momentum) * v, v


def tables(t, momentum):
    decay = momentum**t
    return {"decay": decay, "travel": momentum * momentum * (1 - decay) / (1 - momentum)}


def skip(w, v, travel, decay):
    return w + v * travel, v * decay


RULE = Rule(
    name="nesterov_lookahead",
    title="Nesterov momentum (look-ahead form)",
    update=update,
    state=("v",),
    defaults={"lr": 1e-3, "momentum": 0.9},
    paper="Bengio et al. (2013), section 3.5; Sutskever et al. (2013), eqs. 3-4",
    skip=skip,
    tables=tables,
)
