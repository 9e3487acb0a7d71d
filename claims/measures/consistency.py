"""Measures that hold two places of one document against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claims.measure import Measured, measure


@measure
def places_agree(results: Path, stated: dict[str, Any]) -> Measured:  # noqa: ARG001
    """Whether the values that the document states at several places are one and the same."""
    values = list(stated.values())
    return Measured(
        all(value == values[0] for value in values),
        "exact",
        {
            "stated": {str(place): value for place, value in stated.items()},
            "places": "; ".join(f"{value} in {place}" for place, value in stated.items()),
        },
    )
