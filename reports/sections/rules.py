"""The rules: a table to scan, then each with its formula, its cost and the checks it passed."""

from __future__ import annotations

from typing import Any

from reports.blocks import (
    Code,
    Column,
    Formula,
    Notice,
    Paragraph,
    Piece,
    Pieces,
    Ref,
    Section,
    Table,
    Text,
    say,
    text,
)
from reports.number import Numbers, slug
from reports.results import Missing, Results
from reports.rule_numbers import prefix
from reports.sections.tables import missing_section

TITLE = "The rules"
_COUNTED = {"simple": "+ − × <", "divisions": "÷", "roots": "√"}


def section(results: Results, numbers: Numbers) -> Section:  # noqa: ARG001
    """Every rule; failed checks are said first."""
    if isinstance(results.rules, Missing):
        return Section("rules", TITLE, (missing_section(results.rules, "The rules"),))
    words = (
        "{rules.all} optimizers, each one short file. The formula is typeset from that file, "
        "which is also what trains and what was compared, in {rules.checks} checks, with "
        "independent references; {rules.failed} checks failed. Operations are those on what "
        "differs from weight to weight; the state is in single precision."
    )
    columns = (
        Column("Rule", 1.7),
        Column("State a weight", 1.0),
        Column("Cost a step and weight", 1.4),
        Column("Paper", 2.2),
        Column("Checks", 0.9),
    )
    rows = tuple(
        (text(rule["title"]), _state(rule), _cost(rule), text(rule["paper"]), _passed(rule))
        for rule in results.rules
    )
    data = "Data: drawn problems, no dataset"
    caption = text("Every rule, and the checks it passed.")
    table = Table("rules-all", caption, data, columns, rows, small=True)
    cards = tuple(_card(rule) for rule in results.rules)
    return Section("rules", TITLE, (*_failed(results.rules), Paragraph(say(words)), table, *cards))


def _failed(rules: list[dict[str, Any]]) -> list[Notice]:
    failed = [f"{rule['title']}: {check['check']}" for rule in rules for check in rule["checks"]
              if not check["passed"]]  # fmt: skip
    return [Notice("Failed checks", text("; ".join(failed) + "."))] if failed else []


def _card(rule: dict[str, Any]) -> Formula:
    facts = [
        ("paper", text(rule["paper"])),
        ("file", (Code(f"optim/rules/{rule['name']}.py"),)),
        ("state", _state(rule)),
        ("cost a step and weight", _cost(rule)),
        ("defaults", _defaults(rule)),
        ("steps of zero gradient", text(rule["zero_gradient"])),
        ("checks", _passed(rule)),
    ]
    return Formula(
        id=f"rule-{slug(rule['name'])}",
        title=rule["title"],
        latex=rule["latex"],
        mathml=rule["mathml"],
        facts=tuple(facts),
        checks=tuple((check["check"], _check(rule, check)) for check in rule["checks"]),
    )


def _passed(rule: dict[str, Any]) -> Pieces:
    if not rule["checks"]:
        return text("none was run")
    name = prefix(rule)
    words = "{passed} of {all} passed"
    if any(not check["passed"] for check in rule["checks"]):
        words += "; failed: {failed}"
    failed = ", ".join(check["check"] for check in rule["checks"] if not check["passed"])
    return say(words, passed=Ref(f"{name}.passed"), all=Ref(f"{name}.checks"), failed=failed)


def _check(rule: dict[str, Any], check: dict[str, Any]) -> Pieces:
    name = f"{prefix(rule)}.check.{slug(check['check'])}"
    return say(
        "{verdict} {against}: differs by {error}, at most {tolerance} allowed",
        verdict="passed, equal to" if check["passed"] else "FAILED, not equal to",
        against=check["against"],
        error=Ref(f"{name}.error"),
        tolerance=Ref(f"{name}.tolerance"),
    )


def _state(rule: dict[str, Any]) -> Pieces:
    if not rule["state"]:
        return text("none")
    names = ", ".join(map(str, rule["state"]))
    if rule["cost"] is None:
        return text(f"{names}: a whole matrix")
    size = Ref(f"{prefix(rule)}.cost.state-bytes")
    return say("{names}: {size} bytes", names=names, size=size)


def _cost(rule: dict[str, Any]) -> Pieces:
    if rule["cost"] is None:
        return text("whole matrices")
    spent: list[Piece] = []
    for key, sign in _COUNTED.items():
        if rule["cost"].get(key):
            joint = [Text(", ")] if spent else []
            spent += [*joint, Ref(f"{prefix(rule)}.cost.{key}"), Text(f"\N{NO-BREAK SPACE}{sign}")]
    return tuple(spent)


def _defaults(rule: dict[str, Any]) -> Pieces:
    pieces: list[Piece] = []
    for name in rule["defaults"]:
        joint = [Text(", ")] if pieces else []
        value = Ref(f"{prefix(rule)}.default.{slug(name)}")
        pieces += [*joint, Code(str(name)), Text(" = "), value]
    return tuple(pieces)
