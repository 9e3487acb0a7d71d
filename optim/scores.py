"""How well margins separate two classes: accuracy, F1 and the area under the ROC curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def accuracy(margins: Floats, labels: Floats) -> NDArray[np.float64]:
    """Share of rows whose margin is above zero exactly where the label is 1; [n, R] -> [R]."""
    shares: NDArray[np.float64] = ((margins > 0) == (labels > 0)[:, None]).mean(axis=0)
    return shares


def f1(margins: Floats, labels: Floats) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall, 0 where nothing is found; [n, R] -> [R]."""
    found, true = margins > 0, (labels > 0)[:, None]
    both = (found & true).sum(axis=0)
    means: NDArray[np.float64] = 2 * both / np.maximum(found.sum(axis=0) + true.sum(), 1)
    return means


def area_under_curve(margins: Floats, labels: Floats) -> NDArray[np.float64]:
    """Share of (positive, negative) pairs in the right order, ties half; [n, R] -> [R].

    The Mann-Whitney statistic; not-a-number where there is one class only or a margin is none.
    """
    positive, negative = margins[labels > 0], margins[labels <= 0]
    areas = np.full(margins.shape[1], np.nan)
    if not (len(positive) and len(negative)):
        return areas
    for run in np.flatnonzero(np.isfinite(margins).all(axis=0)):
        ranked, asked = np.sort(negative[:, run]), np.sort(positive[:, run])
        below = np.searchsorted(ranked, asked, "left") + np.searchsorted(ranked, asked, "right")
        areas[run] = below.mean() / 2 / len(ranked)
    return areas
