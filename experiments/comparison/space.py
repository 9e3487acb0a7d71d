"""Which other hyper-parameters a search tries: a Latin hypercube over a space given as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.rule import Rule

Axis = Mapping[str, Any]
"""`from`, `to` and `scale`: "linear", "log", or "complement" (logarithmic in 1 - x, for decays)."""


def at_share(axis: Axis, share: float) -> float:
    """The value that part of the way along an axis, from 0 to 1; a whole number where asked for."""
    start, stop = float(axis["from"]), float(axis["to"])
    if axis["scale"] == "linear":
        value = start + share * (stop - start)
    elif axis["scale"] == "log":
        value = start * (stop / start) ** share
    else:
        value = 1 - (1 - start) * ((1 - stop) / (1 - start)) ** share
    return float(round(value)) if axis.get("whole") else value


def axes_of(rule: Rule, space: Mapping[str, Axis]) -> dict[str, Axis]:
    """The axes of a space that the rule has, in the rule's order; its learning rate has none."""
    return {name: space[name] for name in rule.defaults if name in space and name != "lr"}


def candidates(
    axes: Mapping[str, Axis], rate: float, factor: float, trials: int, seed: int
) -> list[dict[str, float]]:
    """Hyper-parameters to try: a Latin hypercube over the axes and the learning rate.

    Each of `trials` equal parts of every axis is tried once, at a place drawn in it. The rate lies
    within `factor` of `rate` on both sides, logarithmically.
    Source: McKay, Beckman and Conover, Technometrics 21 (1979), 239-245.
    """
    lr = {"from": rate / factor, "to": rate * factor, "scale": "log"}
    rng = np.random.default_rng(seed)
    shape = (trials, 1 + len(axes))
    # scipy.stats.qmc draws the same, but its import takes longer than many of these searches.
    points = (rng.permuted(np.indices(shape)[0], axis=0) + rng.random(shape)) / trials
    named = {"lr": lr, **axes}
    return [
        {
            name: at_share(axis, share)
            for (name, axis), share in zip(named.items(), row, strict=True)
        }
        for row in points.tolist()
    ]
