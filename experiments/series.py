"""The tidy table that every analysis writes, one point of a series a row.

`figure`: what a reader would draw or tabulate together. `series`: one line, bar group or column of
it. `x`: where on the axis named in `x_name`, empty where the points have names only. `label`: the
point's name, empty where `x` says it all. `metric` and `value`: what was measured there, `unit` in
what.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

TEXT = ("analysis", "figure", "series", "x_name", "label", "metric", "unit")
COLUMNS = ("analysis", "figure", "series", "x_name", "x", "label", "metric", "value", "unit")
SCHEMA = pa.schema(
    [(name, pa.string() if name in TEXT else pa.float64()) for name in COLUMNS],
)


def points(
    analysis: str,
    figure: str,
    series: str,
    metric: str,
    values: np.ndarray | Sequence[float],
    *,
    x: np.ndarray | Sequence[float] | None = None,
    x_name: str = "",
    labels: Sequence[str] | None = None,
    unit: str = "",
) -> pd.DataFrame:
    """Rows of one metric along one series; `values`, `x` and `labels` go along together."""
    values = np.asarray(values, np.float64)
    return pd.DataFrame(
        {
            "analysis": analysis,
            "figure": figure,
            "series": series,
            "x_name": x_name,
            "x": np.full(values.shape, np.nan) if x is None else np.asarray(x, np.float64),
            "label": [""] * values.size if labels is None else list(labels),
            "metric": metric,
            "value": values,
            "unit": unit,
        }
    )
