"""Newton's method (Boyd and Vandenberghe, Convex Optimization (2004), section 9.5): the reference
that the preconditioning rules approximate. Takes the Hessian `h` beside the gradient."""

from optim.functions import solve
from optim.rule import Rule


def update(w, g, h, lr):
    return w - lr * solve(h, g)


RULE = Rule(
    name="newton",
    title="Newton's method",
    update=update,
    state=(),
    inputs=("w", "g", "h"),
    defaults={"lr": 1.0},
    paper="Boyd and Vandenberghe (2004), section 9.5",
    coordinatewise=False,
    dense_because="every coordinate moves whenever one does",
)
