"""The tidy table that every experiment writes, one measurement a row."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TEXT = ("experiment", "dataset", "optimizer", "variant", "hyperparameters", "metric", "device")
WHOLE = ("seed", "epoch", "step")
COLUMNS = (
    "experiment", "dataset", "optimizer", "variant", "hyperparameters", "seed",
    "epoch", "step", "metric", "value", "seconds", "device",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        (name, pa.string() if name in TEXT else pa.int64() if name in WHOLE else pa.float64())
        for name in COLUMNS
    ]
)


@dataclasses.dataclass(frozen=True)
class Run:
    """What names a run: everything a row of the table says beside the measurement."""

    experiment: str
    dataset: str
    optimizer: str
    variant: str
    hyperparameters: Mapping[str, float]
    seed: int
    device: str = "cpu"


def measurements(
    run: Run,
    metric: str,
    values: np.ndarray,
    *,
    epoch: np.ndarray,
    step: np.ndarray,
    seconds: np.ndarray | float = np.nan,
) -> pd.DataFrame:
    """Rows of one metric of one run; `values`, `epoch`, `step` and `seconds` go along together."""
    return pd.DataFrame(
        {
            "experiment": run.experiment,
            "dataset": run.dataset,
            "optimizer": run.optimizer,
            "variant": run.variant,
            "hyperparameters": json.dumps(dict(run.hyperparameters), sort_keys=True),
            "seed": run.seed,
            "epoch": epoch,
            "step": step,
            "metric": metric,
            "value": values,
            "seconds": seconds,
            "device": run.device,
        }
    )


def write_table(frames: Iterable[pd.DataFrame], path: Path) -> None:
    """Write the frames as one Parquet file, whole or not at all."""
    table = pa.concat_tables(pa.Table.from_pandas(frame, SCHEMA, False) for frame in frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    pq.write_table(table, part)
    part.replace(path)
