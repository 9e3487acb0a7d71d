"""Names that a kernel's source may use before `optim.compiled` gives them their meaning.

A kernel trains up to LANES runs at once. `coordinates` is flat: feature j's weight and state stand
at j * STRIDE + k * LANES + run, k = 0 the weight. Hyper-parameters stand at k * LANES + run, on
the stack; per-step scalars are the same for all runs of a block.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LANES = 1
STRIDE = 1
HYPERPARAMETERS = 1
SCALARS = 1
LAZY = False
"""True where a coordinate catches up on its steps of zero gradient when it is touched next."""

UNJOINED = "this kernel has no rule yet: use optim.compiled.kernels(rule, loss, lanes)"


def step(coordinates: Any, base: Any, r: Any, g: Any, scalars: Any, hyper: Any) -> None:  # noqa: ARG001
    """Hold the place of the rule's update of one coordinate of run `r`, in place."""
    raise TypeError(UNJOINED)


def catch_up(coordinates: Any, base: Any, r: Any, t: int, k: int, tables: Any, hyper: Any) -> None:  # noqa: ARG001
    """Hold the place of the rule's `skip`: the k steps of zero gradient after step t, in place."""
    raise TypeError(UNJOINED)


def borrow_all(tables: Any) -> Any:  # noqa: ARG001
    """Hold the place of what returns each of the tables without its owner."""
    raise TypeError(UNJOINED)


def schedule(now: Any, hyper: Any, factor: Any, lanes: int) -> None:  # noqa: ARG001
    """Hold the place of what multiplies the scheduled hyper-parameters by a step's factor."""
    raise TypeError(UNJOINED)


def logistic(z: Any, y: Any) -> tuple[Any, Any]:
    """Return the logistic loss of margin `z` for a label `y` in {0, 1}, and its derivative in z.

    log(1 + exp(z)) - y z, written over exp(-|z|), which cannot overflow, without a branch to guess;
    and p (1 - y) - (1 - p) y for p - y, which would lose all digits of a p that is nearly 1.
    """
    e = math.exp(-abs(z))
    larger = np.float32(1) / (np.float32(1) + e)
    smaller = e * larger
    slope = (np.float32(1) - y) * (larger if z >= 0 else smaller)
    slope -= y * (smaller if z >= 0 else larger)
    return math.log1p(e) + (max(z, np.float32(0)) - y * z), slope


def squared(z: Any, y: Any) -> tuple[Any, Any]:
    """Return half the squared error of prediction `z` for the target `y`, and its derivative."""
    return np.float32(0.5) * (z - y) * (z - y), z - y
