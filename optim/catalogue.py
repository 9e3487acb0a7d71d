"""The rules as data for who may not import them: formula, state, cost, defaults, checks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from language.catalogue import Catalogue
from optim.cost import cost
from optim.formula import formula
from optim.rule import Rule
from optim.table import by_rule, skipping

LOCALE = Path(__file__).parent / "locale"


def catalogue(rules: Sequence[Rule], checks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one JSON object a rule, with the `checks` that were run on it, and its translations.

    `translations` holds by language the texts of title, paper and zero_gradient, and under "words"
    a table of the checks' names and what they are against.
    """
    checked = by_rule(checks)
    entries = [_entry(rule, checked.get(rule.name, [])) for rule in rules]
    languages = {path.stem: Catalogue.read(path) for path in sorted(LOCALE.glob("*.po"))}
    for entry in entries:
        entry["translations"] = {
            code: _translated(entry, language) for code, language in languages.items()
        }
    return entries


def _translated(entry: Mapping[str, Any], language: Catalogue) -> dict[str, Any]:
    texts = {name: language.text(entry[name]) for name in ("title", "paper", "zero_gradient")}
    words = {
        word: language.text(word)
        for check in entry["checks"]
        for word in (check["check"], check["against"])
    }
    return {**_known(texts), "words": _known(words)}


def _known(texts: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text is not None}


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
