"""A linear model to fit: CSR rows to train on, rows to measure on, and a loss."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optim.rule import nearest

Loss = Literal["logistic", "squared"]

MEASURES = ("loss", "accuracy", "f1", "auc")
"""What can be measured on a split, all but the loss of classes only."""


class Rows(NamedTuple):
    """CSR rows with labels: row i has `values[indptr[i]:indptr[i + 1]]` at those `indices`."""

    indptr: NDArray[np.int64]  # [n + 1]
    indices: NDArray[np.int32]  # [non-zeros]
    values: NDArray[np.float32]  # [non-zeros]
    labels: NDArray[np.float32]  # [n]; 0 or 1 for the logistic loss


@dataclasses.dataclass(frozen=True)
class Problem:
    """Rows to train on, splits to measure on by name, the number of features, and the loss.

    Of `measures` those are taken that the loss has and a split allows (`measured_on`): a search
    that only compares losses saves the ranking of margins. Raises ValueError on rows that the
    compiled kernels, which check no bounds, must not see.
    """

    train: Rows
    evaluation: Mapping[str, Rows]
    features: int
    loss: Loss
    intercept: bool = True
    measures: tuple[str, ...] = MEASURES

    def __post_init__(self) -> None:
        object.__setattr__(self, "train", Rows(*self.train))
        object.__setattr__(self, "evaluation", {k: Rows(*v) for k, v in self.evaluation.items()})
        for name in self.measures:
            if name not in MEASURES:
                raise ValueError(f"nothing is measured as {name!r}; {nearest(name, MEASURES)}")
        checked: list[Rows] = []
        for name, rows in {"training rows": self.train, **self.evaluation}.items():
            if not any(rows.values is other.values for other in checked):
                check_rows(name, rows, self.features, self.loss)
                checked.append(rows)

    def measured_on(self, split: str) -> tuple[str, ...]:
        """Names of what is measured on a split: sorting the training set's margins, for F1 and AUC,
        would cost more than training on it."""
        allowed: tuple[str, ...] = MEASURES
        if self.loss != "logistic":
            allowed = MEASURES[:1]
        elif split == "train":
            allowed = MEASURES[:2]
        return tuple(name for name in allowed if name in self.measures)


def check_rows(name: str, rows: Rows, features: int, loss: str) -> None:
    """Raise ValueError where rows are not well-formed, or a label is not what the loss takes."""
    indptr, indices, values, labels = rows
    kinds = (np.int64, np.int32, np.float32, np.float32)
    arrays: tuple[NDArray[Any], ...] = rows
    for array, kind, called in zip(arrays, kinds, Rows._fields, strict=True):
        if array.dtype != kind or array.ndim != 1:
            found = f"{array.dtype} with {array.ndim} dimensions"
            raise ValueError(f"{name}: {called} is {found}, expected one of {np.dtype(kind)}")
    if labels.size == 0:
        raise ValueError(f"{name}: no rows")
    if indptr.size != labels.size + 1 or indptr[0] != 0 or indptr[-1] != indices.size:
        raise ValueError(f"{name}: indptr does not describe {labels.size} rows")
    if indices.size != values.size or np.any(np.diff(indptr) < 0):
        raise ValueError(f"{name}: rows are not well-formed CSR")
    if indices.size and not (indices.min() >= 0 and indices.max() < features):
        raise ValueError(
            f"{name}: feature ids run from {indices.min()} to {indices.max()}, "
            f"expected 0 to {features - 1}"
        )
    if not np.isfinite(values).all():
        row = int(np.searchsorted(indptr, np.flatnonzero(~np.isfinite(values))[0], "right")) - 1
        raise ValueError(f"{name}: a value in row {row} is not finite")
    if not np.isfinite(labels).all():
        row = int(np.flatnonzero(~np.isfinite(labels))[0])
        raise ValueError(f"{name}: the label of row {row} is not finite")
    rising = np.diff(indices.astype(np.int64)) > 0
    starts = indptr[1:-1]
    rising[starts[(starts > 0) & (starts < indices.size)] - 1] = True
    if not rising.all():
        _refuse_repeats(name, indptr, indices, features)
    if loss == "logistic" and not np.all((labels == 0) | (labels == 1)):
        wrong = int(np.flatnonzero((labels != 0) & (labels != 1))[0])
        raise ValueError(f"{name}: label {labels[wrong]} in row {wrong}, expected 0 or 1")


def _refuse_repeats(
    name: str, indptr: NDArray[np.int64], indices: NDArray[np.int32], features: int
) -> None:
    """Raise ValueError where a row names a feature twice: it would be updated twice a step."""
    row_of = np.repeat(np.arange(indptr.size - 1), np.diff(indptr))
    places = np.sort(row_of * features + indices)
    twice = np.flatnonzero(np.diff(places) == 0)
    if twice.size:
        row, feature = divmod(int(places[twice[0]]), features)
        raise ValueError(f"{name}: row {row} names the feature {feature} twice; add the two up")
