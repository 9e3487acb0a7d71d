"""Effective learning rates on RCV1 by document frequency, of Adagrad and of exercise 6's remedies.

What multiplies a weight's gradient at an epoch's end, as the median over the terms of like document
frequency (the assignment's sections 2.5, 3.3, 3.5 and 3.8). A rate before any gradient is not
shown: it is the learning rate over eps. Adadelta's is not read off losses and is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.parquet import read_frame
from experiments.series import points

DATASET = None
RUNS = ("rcv1_less_aggressive",)
NAME = "rcv1_effective_rates"
PREFIX = "effective rate, terms in "
PRINTED = "as printed"


def analyse(_protocol: Mapping[str, Any], _data: None, results: Path) -> Iterator[pd.DataFrame]:
    """Yield Adagrad's rates over time, and every remedy's at the end and against its start.

    Raises ValueError where no remedy was run.
    """
    folder = results / "runs" / RUNS[0]
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise ValueError(
            f"{folder} holds no table, expected those of {RUNS[0]}; configure it, or set "
            f"analyses.{NAME} to null"
        )
    for path in paths:
        table = read_frame(path)
        rates = table[table.metric.str.startswith(PREFIX)].assign(
            group=lambda rows: rows.metric.str.removeprefix(PREFIX)
        )
        for variant, of_variant in rates.groupby("variant", sort=False):
            yield from _of_variant(path.stem, str(variant), of_variant)


def _of_variant(optimizer: str, variant: str, rates: pd.DataFrame) -> Iterator[pd.DataFrame]:
    by_group = rates.pivot_table(index="group", columns="epoch", values="value", sort=False)
    name, groups = f"{optimizer}, {variant}", list(by_group.index)
    if (optimizer, variant) == ("adagrad", PRINTED):
        for group, values in by_group.iterrows():
            yield points(
                NAME, "Adagrad's effective rates", str(group), "effective rate", values,
                x=by_group.columns, x_name="epoch",
            )  # fmt: skip
        yield from _squares(by_group, json.loads(rates.hyperparameters.iloc[0]))
    first, last = by_group.iloc[:, 0], by_group.iloc[:, -1]
    yield points(
        NAME, "effective rates after the last epoch", name, "effective rate", last, labels=groups
    )
    yield points(
        NAME, "effective rates after the last epoch over those after the first", name, "ratio",
        last / first, labels=groups,
    )  # fmt: skip


def _squares(by_group: pd.DataFrame, given: Mapping[str, float]) -> Iterator[pd.DataFrame]:
    """Adagrad's accumulated squared gradients after one epoch: its rate is lr / (sqrt(s) + eps)."""
    roots = given["lr"] / by_group.iloc[:, 0] - given["eps"]
    yield points(
        NAME, "squared gradients accumulated in the first epoch", "Adagrad, median term",
        "sum of squares", np.square(roots), labels=list(by_group.index),
    )  # fmt: skip
