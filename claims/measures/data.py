"""Measures over the statistics of the prepared datasets."""

from __future__ import annotations

from pathlib import Path

from claims.measure import Measured, MissingResult, measure
from claims.tables import json_file


@measure
def data_statistic(results: Path, dataset: str, path: str) -> Measured:
    """A number of `results/data/<dataset>/statistics.json`, by its keys joined with "/"."""
    found = json_file(results, f"data/{dataset}/statistics.json")
    for key in path.split("/"):
        if not isinstance(found, dict) or key not in found:
            known = ", ".join(found) if isinstance(found, dict) else "a number"
            raise MissingResult(f"{dataset}'s statistics have no {path!r}; there is {known}")
        found = found[key]
    return Measured(found, "exact", {"found": found, "dataset": dataset})
