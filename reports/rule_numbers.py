"""The numbers of the rules: cost, state, defaults, and what each check found."""

from __future__ import annotations

from typing import Any

from reports.number import Number, Numbers, number, slug
from reports.results import RULES, Missing, Results

_SOURCE = f"results/{RULES}"


def of_rules(results: Results) -> Numbers:
    """Every number of `rules.json`, and how many rules and checks there are."""
    if isinstance(results.rules, Missing):
        return {}
    checks = [check for rule in results.rules for check in rule["checks"]]
    failed = sum(not check["passed"] for check in checks)
    numbers = {
        "rules.all": number(len(results.rules), "", _SOURCE, "rules counted"),
        "rules.checks": number(len(checks), "", _SOURCE, "checks of all rules, counted"),
        "rules.failed": number(failed, "", _SOURCE, "checks of all rules that failed, counted"),
    }
    for rule in results.rules:
        numbers |= _of_rule(rule)
    return numbers


def prefix(rule: dict[str, Any]) -> str:
    """First part of the names of a rule's numbers."""
    return f"rules.of.{slug(rule['name'])}"


def _of_rule(rule: dict[str, Any]) -> Numbers:
    name, title = prefix(rule), rule["title"]
    passed = sum(check["passed"] for check in rule["checks"])
    numbers = {
        f"{name}.passed": number(passed, "", _SOURCE, f"checks that {title} passed, counted"),
        f"{name}.checks": number(len(rule["checks"]), "", _SOURCE, f"checks of {title}, counted"),
    }
    for key, value in (rule["cost"] or {}).items():
        numbers[f"{name}.cost.{slug(key)}"] = number(value, "", _SOURCE, f"{key} of {title}")
    for key, value in rule["defaults"].items():
        numbers[f"{name}.default.{slug(key)}"] = number(
            value, "", _SOURCE, f"default {key} of {title}"
        )
    for check in rule["checks"]:
        inner, what = f"{name}.check.{slug(check['check'])}", f"{check['check']} of {title}"
        error = check.get("error")
        numbers[f"{inner}.error"] = (
            Number(None, "", _SOURCE, f"error: {what}", "the error is not finite")
            if error is None
            else number(error, "", _SOURCE, f"worst relative error: {what}")
        )
        numbers[f"{inner}.tolerance"] = number(
            check["tolerance"], "", _SOURCE, f"tolerance: {what}"
        )
    return numbers
