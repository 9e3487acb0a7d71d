"""Figure 7 of the assignment: the path of an optimizer on f1, 0.1 x1^2 + 2 x2^2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.runs.quadratics import F1, descend, path_measurements
from experiments.table import Run
from optim.registry import rule

DATASET = None
PROTOCOL = {
    "start": {"$ref": "#/$defs/point"},
    "steps": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}


def run(optimizer: str, protocol: Mapping[str, Any], _data: None = None) -> Iterator[pd.DataFrame]:
    """Follow every variant of `optimizer` from the start on f1; yield tidy tables."""
    chosen = rule(optimizer)
    for variant, given in protocol["optimizers"][optimizer].items():
        hyperparameters = chosen.hyperparameters(**given)
        row = Run("quadratics_figure_7", "none", optimizer, variant, hyperparameters, 0)
        start = np.array(protocol["start"])
        path = descend(optimizer, F1, start, protocol["steps"], hyperparameters)
        yield from path_measurements(row, F1, path)
