"""Table 2 of the assignment and what its numbers are: losses of single samples picked from a log.

Each of its rows is found in the logs of sections 2.3.1 and 3.6.3 as the loss of one sample. Beside
them: what the same sample position gives over seeds, the loss over the whole training set at the
end of that epoch, and how widely single samples' losses are spread within an epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.parquet import read_frame
from experiments.series import points

DATASET = None
RUNS = ("rcv1",)
PROTOCOL = {
    "variant": {"type": "string"},
    "rows": {
        "description": "as printed: epoch, the sample of it in the logs, and the losses",
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["epoch", "sample", "adagrad", "sgd"],
            "properties": {
                "epoch": {"$ref": "#/$defs/count"},
                "sample": {"type": "integer", "minimum": 0},
                "adagrad": {"$ref": "#/$defs/positive"},
                "sgd": {"$ref": "#/$defs/positive"},
            },
        },
    },
    "seconds": {
        "type": "object",
        "additionalProperties": False,
        "required": ["adagrad", "sgd"],
        "properties": {
            "adagrad": {"$ref": "#/$defs/positive"},
            "sgd": {"$ref": "#/$defs/positive"},
        },
    },
}
NAME = "rcv1_table_2"
OPTIMIZERS = {"adagrad": "Adagrad", "sgd": "SGD"}


def analyse(protocol: Mapping[str, Any], _data: None, results: Path) -> Iterator[pd.DataFrame]:
    """Yield table 2 beside what it should hold, for both optimizers.

    Raises ValueError where either was not run.
    """
    for optimizer, title in OPTIMIZERS.items():
        path = results / "runs" / "rcv1" / f"{optimizer}.parquet"
        if not path.exists():
            raise ValueError(
                f"{path} is missing, expected the run of rcv1 with {optimizer}; configure it, or "
                f"set analyses.{NAME} to null"
            )
        table = read_frame(path)
        table = table[table.variant == protocol["variant"]]
        yield from _table(optimizer, title, table, protocol)
        yield from _spread(optimizer, title, table, protocol)
        yield from _seconds(optimizer, title, table, protocol)


def _of(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    return table[table.metric == metric]


def _table(
    optimizer: str, title: str, table: pd.DataFrame, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    epochs = [row["epoch"] for row in protocol["rows"]]
    logged, whole = _of(table, "logged_loss"), _of(table, "train_loss")
    per_epoch = int(whole[whole.epoch == 1].step.iloc[0])
    at_place = [
        logged[logged.step == (row["epoch"] - 1) * per_epoch + row["sample"]].value.to_numpy()
        for row in protocol["rows"]
    ]
    at_end = [whole[whole.epoch == epoch].value.to_numpy() for epoch in epochs]
    for series, values in (
        ("printed", [row[optimizer] for row in protocol["rows"]]),
        ("that sample, lowest over seeds", [_least(losses) for losses in at_place]),
        ("that sample, median over seeds", [_middle(losses) for losses in at_place]),
        ("that sample, highest over seeds", [_most(losses) for losses in at_place]),
        ("whole training set at the epoch's end, median", [_middle(loss) for loss in at_end]),
    ):
        yield points(
            NAME, "table 2", f"{title}: {series}", "loss", values, x=epochs, x_name="epoch"
        )


def _least(values: np.ndarray) -> float:
    return float(values.min()) if values.size else np.nan


def _middle(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else np.nan


def _most(values: np.ndarray) -> float:
    return float(values.max()) if values.size else np.nan


def _spread(
    optimizer: str, title: str, table: pd.DataFrame, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Quantiles of single samples' losses within each epoch, all seeds together."""
    steps = _of(table, "step_loss")
    quantiles = steps.groupby("epoch").value.quantile([0.05, 0.5, 0.95]).unstack()
    for share, name in ((0.05, "quantile 0.05"), (0.5, "median"), (0.95, "quantile 0.95")):
        yield points(
            NAME, "losses of single samples within an epoch", f"{title}: {name}", "loss",
            quantiles[share], x=quantiles.index + 1.0, x_name="epoch",
        )  # fmt: skip
    labels, shares = [], []
    for row in protocol["rows"]:
        within = steps[steps.epoch == row["epoch"] - 1].value.to_numpy()
        labels.append(f"epoch {row['epoch']}: at most {row[optimizer]:g}")
        shares.append(float(np.mean(within <= row[optimizer])) if within.size else np.nan)
    yield points(
        NAME, "single samples whose loss is at most the printed one", title, "share of samples",
        shares, labels=labels,
    )  # fmt: skip


def _seconds(
    optimizer: str, title: str, table: pd.DataFrame, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Training time of twenty epochs, printed and a run's share of it here."""
    ends = _of(table, "train_loss").groupby("seed").seconds.max()
    yield points(
        NAME, "training time", title, "time", [protocol["seconds"][optimizer], ends.median()],
        labels=["printed", "here, median over seeds of a run's share"], unit="s",
    )  # fmt: skip
