"""What becomes of the measurements of runs that diverged: none of them looks like a result."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Measured = Mapping[str, Mapping[str, NDArray[np.float64]]]


def first_steps(
    measured: Measured,
    diverged: NDArray[np.int64],
    weights: NDArray[np.float32],
    epochs: int,
    steps: int,
) -> NDArray[np.int64]:
    """The first step of each run that was not finite, 0 for none; [R].

    `diverged` [R] names the first training loss that was none. The last update of an epoch may
    overflow with no loss after it: then it is the loss measured at that end, [epochs + 1, R],
    which tells, and the step is the epoch's last; or, where none is measured, the `weights`
    [features + 1, R] that are left, and the step is the last of all.
    """
    first, an_epoch = diverged.copy(), steps // epochs
    for values in measured.values():
        if "loss" in values:
            wrong = ~np.isfinite(values["loss"][1:])
            late = (first == 0) & wrong.any(axis=0)
            first[late] = (1 + wrong.argmax(axis=0)[late]) * an_epoch
    first[(first == 0) & ~np.isfinite(weights).all(axis=0)] = steps
    return first


def without_results(
    measured: Measured, diverged: NDArray[np.int64], steps_an_epoch: int
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """The measurements [epochs + 1, R], not-a-number from the end of the epoch of a run's first
    step that was not finite; a loss that is infinite stays so."""
    epochs = np.arange(max((len(v) for s in measured.values() for v in s.values()), default=0))
    lost = (diverged > 0) & (epochs[:, None] >= -(-diverged // steps_an_epoch))
    return {
        split: {name: np.where(lost & np.isfinite(v), np.nan, v) for name, v in values.items()}
        for split, values in measured.items()
    }
