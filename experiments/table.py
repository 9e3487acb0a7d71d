"""The tidy table that every experiment writes, one measurement a row.

`variant`: the variant of the configuration, after the function's name where a function is
minimised. `batch`: samples an update, empty where the gradient is of no samples. `step`: updates
done when the value was taken, so that 0 is before training; a moving average at a step is of what
came before it. `epoch`: whole passes over the training set done by then, the same for all metrics.
`seconds`: the run's share of the training time up to that step, which is the time of the runs
trained together over their number; empty for values that belong to no epoch's end. A run's own
share is below what it would take alone.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

TEXT = ("experiment", "dataset", "optimizer", "variant", "hyperparameters", "metric", "device")
WHOLE = ("batch", "seed", "epoch", "step")
COLUMNS = (
    "experiment", "dataset", "optimizer", "variant", "hyperparameters", "batch",
    "seed", "epoch", "step", "metric", "value", "seconds", "device",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        (name, pa.string() if name in TEXT else pa.int64() if name in WHOLE else pa.float64())
        for name in COLUMNS
    ]
)


@dataclasses.dataclass(frozen=True)
class Run:
    """What names a run: everything a row of the table says beside the measurement.

    `batch` is the number of samples an update, None where the gradient is of no samples.
    """

    experiment: str
    dataset: str
    optimizer: str
    variant: str
    hyperparameters: Mapping[str, float]
    seed: int
    batch: int | None = None
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
            "batch": run.batch,
            "seed": run.seed,
            "epoch": epoch,
            "step": step,
            "metric": metric,
            "value": values,
            "seconds": seconds,
            "device": run.device,
        }
    )
