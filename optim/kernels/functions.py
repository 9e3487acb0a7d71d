"""Names that a kernel's source may use before `optim.compiled` gives them their meaning.

`step` is the rule's update of one coordinate of one run, in place: it reads and writes
`coordinate[k, r]` (row 0 the weight, the other rows the state), and takes the gradient, the
per-step scalars `scalars[:, r]` and the hyper-parameters `hyper[:, r]`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LANES = 1


def step(coordinate: Any, r: int, g: Any, scalars: Any, hyper: Any) -> None:  # noqa: ARG001
    """Hold the place of the rule's update: a kernel runs only after it was joined with a rule."""
    raise TypeError("this kernel has no rule yet: use optim.compiled.kernels(rule, loss, lanes)")


def logistic(z: Any, y: Any) -> tuple[Any, Any]:
    """Return the logistic loss of margin `z` for a label `y` in {0, 1}, and its derivative in z.

    log(1 + exp(z)) - y z, by the branch that cannot overflow.
    """
    if z >= 0:
        e = math.exp(-z)
        return math.log1p(e) + z - y * z, np.float32(1) / (np.float32(1) + e) - y
    e = math.exp(z)
    return math.log1p(e) - y * z, e / (np.float32(1) + e) - y


def squared(z: Any, y: Any) -> tuple[Any, Any]:
    """Return half the squared error of prediction `z` for the target `y`, and its derivative."""
    return np.float32(0.5) * (z - y) * (z - y), z - y
