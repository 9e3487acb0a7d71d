"""Measures over the optimizers themselves: state, cost, defaults, as their rules have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claims.measure import Measured, MissingResult, measure
from claims.tables import json_file


@measure
def state_size(results: Path, optimizer: str) -> Measured:
    """How many numbers a rule keeps for each weight."""
    rule = _rule(results, optimizer)
    names = rule["state"]
    return Measured(
        len(names), "exact", {"size": len(names), "state": ", ".join(names) or "nothing"}
    )


@measure
def default_of(results: Path, optimizer: str, hyperparameter: str) -> Measured:
    """The default of a rule's hyper-parameter."""
    defaults = _rule(results, optimizer)["defaults"]
    if hyperparameter not in defaults:
        raise MissingResult(f"{optimizer} has no {hyperparameter!r}; it has {', '.join(defaults)}")
    return Measured(defaults[hyperparameter], "exact", {"default": defaults[hyperparameter]})


@measure
def rule_check(results: Path, optimizer: str, check: str) -> Measured:
    """Whether a rule passes its comparison with "torch" (torch.optim) or "paper" (the formula)."""
    for found in json_file(results, "optim/checks.json"):
        if found["rule"] == optimizer and found["check"] == check:
            return Measured(
                bool(found["passed"]), "searched",
                {"against": found["against"], "error": float(found["error"])},
                tolerance=float(found["tolerance"]),
                tolerance_reason="the tolerance of the rule's own check",
            )  # fmt: skip
    raise MissingResult(f"results/optim/checks.json has no check {check!r} of {optimizer!r}")


def _rule(results: Path, optimizer: str) -> dict[str, Any]:
    for rule in json_file(results, "optim/rules.json"):
        if rule["name"] == optimizer:
            return rule
    raise MissingResult(f"results/optim/rules.json has no rule {optimizer!r}")
