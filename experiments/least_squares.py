"""A small least-squares problem as the quadratic it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import scipy.linalg

from data.prepared import Rows, open_prepared


@dataclasses.dataclass(frozen=True)
class LeastSquares:
    """Half the mean squared error of x'w over rows x, in float64.

    inputs: [n, d + 1], the last column ones for the intercept. targets: [n]. hessian:
    [d + 1, d + 1]. minimiser: [d + 1]. smallest: the loss there.
    """

    inputs: np.ndarray
    targets: np.ndarray
    hessian: np.ndarray
    minimiser: np.ndarray
    smallest: float

    def loss(self, weights: np.ndarray) -> np.ndarray:
        """The loss at weights [..., d + 1], in the quadratic's exact form."""
        away = weights - self.minimiser
        return self.smallest + np.einsum("...i,ij,...j->...", away, self.hessian, away) / 2

    def gradient(self, weights: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """The gradient at weights [d + 1], over all rows or those of the given numbers."""
        if rows is None:
            return self.hessian @ (weights - self.minimiser)
        chosen = self.inputs[rows]
        return chosen.T @ (chosen @ weights - self.targets[rows]) / len(rows)


def least_squares(rows: Rows) -> LeastSquares:
    """The least-squares problem of CSR rows and their labels, with an intercept."""
    inputs = np.zeros((rows.labels.size, rows.features + 1))
    inputs[:, -1] = 1
    inputs[np.repeat(np.arange(len(inputs)), np.diff(rows.indptr)), rows.indices] = rows.values
    targets = rows.labels.astype(np.float64)
    minimiser = scipy.linalg.lstsq(inputs, targets)[0]
    smallest = float(np.mean((inputs @ minimiser - targets) ** 2) / 2)
    return LeastSquares(inputs, targets, inputs.T @ inputs / len(inputs), minimiser, smallest)


def prepared_problem(data: Path) -> LeastSquares:
    """The least-squares problem of the prepared dataset's training rows.

    Raises ValueError where the dataset holds images.
    """
    rows = open_prepared(data).splits["train"]
    if not isinstance(rows, Rows):
        raise ValueError(f"{data}: holds images, expected the rows of a regression")
    return least_squares(rows)
