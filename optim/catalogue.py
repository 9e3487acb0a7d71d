"""The rules as data for who may not import them: formula, state, cost, defaults, checks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from optim.cost import cost
from optim.formula import formula
from optim.rule import Rule
from optim.table import by_rule, skipping


def catalogue(rules: Sequence[Rule], checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one JSON object a rule, with the `checks` that were run on it."""
    checked = by_rule(checks)
    return [_entry(rule, checked.get(rule.name, [])) for rule in rules]


def _entry(rule: Rule, checks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    typeset, spent = formula(rule), cost(rule)
    return {
        "name": rule.name,
        "title": rule.title,
        "paper": rule.paper,
        "latex": typeset.latex(),
        "mathml": typeset.mathml(),
        "state": list(rule.state),
        "cost": dataclasses.asdict(spent) if spent else None,
        "zero_gradient": skipping(rule),
        "hyperparameters": list(rule.defaults),
        "defaults": dict(rule.defaults),
        "checks": [{key: value for key, value in c.items() if key != "rule"} for c in checks],
    }
