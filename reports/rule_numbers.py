"""The numbers of the rules: cost, state, defaults, and what each check found."""

from __future__ import annotations

from typing import Any

from reports.language import how
from reports.number import Number, Numbers, number, slug
from reports.results import RULES, Results
from reports.tidy import Missing

_SOURCE = f"results/{RULES}"


def of_rules(results: Results) -> Numbers:
    """Every number of `rules.json`, and how many rules and checks there are."""
    if isinstance(results.rules, Missing):
        return {}
    checks = [check for rule in results.rules for check in rule["checks"]]
    failed = sum(not check["passed"] for check in checks)
    numbers = {
        "rules.all": number(len(results.rules), "", _SOURCE, how("rules counted")),
        "rules.checks": number(len(checks), "", _SOURCE, how("checks of all rules, counted")),
        "rules.failed": number(
            failed, "", _SOURCE, how("checks of all rules that failed, counted")
        ),
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
        f"{name}.passed": number(
            passed, "", _SOURCE, how("checks that {rule} passed, counted", rule=title)
        ),
        f"{name}.checks": number(
            len(rule["checks"]), "", _SOURCE, how("checks of {rule}, counted", rule=title)
        ),
    }
    for key, value in (rule["cost"] or {}).items():
        told = how("cost of {rule}: {key}", rule=title, key=key)
        numbers[f"{name}.cost.{slug(key)}"] = number(value, "", _SOURCE, told)
    for key, value in rule["defaults"].items():
        told = how("default {key} of {rule}", key=key, rule=title)
        numbers[f"{name}.default.{slug(key)}"] = number(value, "", _SOURCE, told)
    for check in rule["checks"]:
        inner, named = f"{name}.check.{slug(check['check'])}", check["check"]
        error = check.get("error")
        told = how("worst relative error of {rule}, {check}", rule=title, check=named)
        numbers[f"{inner}.error"] = (
            Number(None, "", _SOURCE, told, how("the error is not finite"))
            if error is None
            else number(error, "", _SOURCE, told)
        )
        told = how("tolerance for {rule}, {check}", rule=title, check=named)
        numbers[f"{inner}.tolerance"] = number(check["tolerance"], "", _SOURCE, told)
    return numbers
