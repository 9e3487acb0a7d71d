"""What may stand in the protocol of a comparison, and what its schema alone cannot refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEFT_OUT = "left_out"
"""Key under which a protocol says which rules it leaves out of "all", and why."""

DEFINITIONS: Mapping[str, Any] = {
    "rates": {
        "description": "a logarithmic grid of learning rates",
        "type": "object",
        "additionalProperties": False,
        "required": ["from", "to", "points"],
        "properties": {
            "from": {"type": "number", "exclusiveMinimum": 0},
            "to": {"type": "number", "exclusiveMinimum": 0},
            "points": {"type": "integer", "minimum": 3},
        },
    },
    "space": {
        "description": "hyper-parameter, then where it is searched",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "required": ["from", "to", "scale"],
            "properties": {
                "from": {"type": "number", "minimum": 0},
                "to": {"type": "number", "minimum": 0},
                "scale": {"enum": ["linear", "log", "complement"]},
                "whole": {"type": "boolean"},
            },
        },
    },
    "left out": {
        "description": "optimizer, then why it is not compared",
        "type": "object",
        "additionalProperties": {"type": "string", "minLength": 1},
    },
}


def check_search(key: str, protocol: Mapping[str, Any]) -> None:
    """Raise ValueError naming the key where a search contradicts itself; nothing without one."""
    if "tuned_trials" not in protocol:
        return
    rates = protocol["rates"]
    if not rates["from"] < rates["to"]:
        raise ValueError(
            f"{key}.rates: from {rates['from']} to {rates['to']}, expected `from` below `to`"
        )
    if protocol["trials"] < rates["points"]:
        raise ValueError(
            f"{key}.trials: {protocol['trials']} trials do not cover the grid of "
            f"{rates['points']} points; expected at least as many"
        )
    if protocol["search_seed"] < protocol["seeds"]:
        raise ValueError(
            f"{key}.search_seed: {protocol['search_seed']} is one of the {protocol['seeds']} seeds "
            f"from 0 that are retrained; expected {protocol['seeds']} or above"
        )
    for name, axis in protocol["space"].items():
        _check_axis(f"{key}.space.{name}", axis)


def _check_axis(key: str, axis: Mapping[str, Any]) -> None:
    """Raise ValueError naming the key where an axis leads nowhere."""
    start, stop = axis["from"], axis["to"]
    if not start < stop:
        raise ValueError(f"{key}: from {start} to {stop}, expected `from` below `to`")
    if axis["scale"] == "complement" and not (start >= 0 and stop < 1):
        raise ValueError(f"{key}: from {start} to {stop}, expected both from 0 to below 1")
    if axis["scale"] == "log" and not start > 0:
        raise ValueError(f"{key}: a logarithmic axis from {start}, expected above 0")
