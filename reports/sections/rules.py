"""The rules: a table to scan, then each with its formula, its cost and the checks it passed."""

from __future__ import annotations

import dataclasses
from typing import Any

from reports.blocks import (
    Block,
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
    read,
    say,
    say_plural,
    text,
    told,
    translation,
)
from reports.language import N_, _, joint
from reports.number import Numbers, slug
from reports.references import cited
from reports.results import Results
from reports.rule_numbers import prefix
from reports.sections.tables import missing_section
from reports.tidy import Missing

TITLE = N_("The rules")
_COUNTED = {"simple": "+ − × <", "divisions": "÷", "roots": "√"}


def section(results: Results, numbers: Numbers) -> Section:  # noqa: ARG001
    """Every rule; failed checks are said first."""
    if isinstance(results.rules, Missing):
        return Section("rules", _(TITLE), (missing_section(results.rules, _(TITLE)),))
    words = say_plural(
        "{rules.all} optimizers, each one short file. The formula is typeset from that file, "
        "which is also what trains and what was compared, in {rules.checks} checks, with "
        "independent references; {rules.failed} check failed. Operations are those on what "
        "differs from weight to weight; the state is in single precision.",
        "{rules.all} optimizers, each one short file. The formula is typeset from that file, "
        "which is also what trains and what was compared, in {rules.checks} checks, with "
        "independent references; {rules.failed} checks failed. Operations are those on what "
        "differs from weight to weight; the state is in single precision.",
        sum(not check["passed"] for rule in results.rules for check in rule["checks"]),
    )
    columns = (
        Column(_("Rule"), 1.7),
        Column(_("State a weight"), 1.0),
        Column(_("Cost a step and weight"), 1.4),
        Column(_("Paper"), 2.2),
        Column(_("Checks"), 0.9),
    )
    rows = tuple(
        ((told(rule, "title"),), _state(rule), _cost(rule), _paper(rule), _passed(rule))
        for rule in results.rules
    )
    data = _("Data: drawn problems, no dataset")
    caption = say("Every rule, and the checks it passed.")
    table = Table("rules-all", caption, data, columns, rows, small=True)
    cards = tuple(_card(rule) for rule in results.rules)
    begun: tuple[Block, ...] = (*_failed(results.rules), Paragraph(words), table)
    return Section("rules", _(TITLE), (*begun, *cards), (*begun, *map(_brief, cards)))


def _failed(rules: list[dict[str, Any]]) -> list[Notice]:
    failed = [
        f"{told(rule, 'title').text}: {_of_check(rule, check['check']).text}"
        for rule in rules
        for check in rule["checks"]
        if not check["passed"]
    ]
    return [Notice(_("Failed checks"), text("; ".join(failed) + "."))] if failed else []


def _paper(rule: dict[str, Any]) -> Pieces:
    """Where the rule is from, with the entries of the bibliography."""
    return (told(rule, "paper"), *cited(rule["paper"]))


NOT_IN_THE_TABLE = (N_("defaults"), N_("steps of zero gradient"))


def _brief(card: Formula) -> Formula:
    """The card as the paper has it: its formula, and what the table does not say."""
    wanted = [_(label) for label in NOT_IN_THE_TABLE]
    return dataclasses.replace(
        card, facts=tuple(fact for fact in card.facts if fact[0].text in wanted)
    )


def _card(rule: dict[str, Any]) -> Formula:
    facts = [
        (Text(_("paper")), _paper(rule)),
        (Text(_("file")), (Code(f"optim/rules/{rule['name']}.py"),)),
        (Text(_("state")), _state(rule)),
        (Text(_("cost a step and weight")), _cost(rule)),
        (Text(_("defaults")), _defaults(rule)),
        (Text(_("steps of zero gradient")), (told(rule, "zero_gradient"),)),
        (Text(_("checks")), _passed(rule)),
    ]
    return Formula(
        id=f"rule-{slug(rule['name'])}",
        title=told(rule, "title").text,
        latex=rule["latex"],
        mathml=rule["mathml"],
        facts=tuple(facts),
        checks=tuple(
            (_of_check(rule, check["check"]), _check(rule, check)) for check in rule["checks"]
        ),
    )


def _passed(rule: dict[str, Any]) -> Pieces:
    if not rule["checks"]:
        return say("none was run")
    passed, count = Ref(f"{prefix(rule)}.passed"), Ref(f"{prefix(rule)}.checks")
    checks = [check for check in rule["checks"] if not check["passed"]]
    failed = [_of_check(rule, check["check"]).text for check in checks]
    if not failed:
        return say("{passed} of {all} passed", passed=passed, all=count)
    return say(
        "{passed} of {all} passed; failed: {failed}",
        passed=passed, all=count, failed=", ".join(failed),
    )  # fmt: skip


def _check(rule: dict[str, Any], check: dict[str, Any]) -> Pieces:
    name = f"{prefix(rule)}.check.{slug(check['check'])}"
    return say(
        _PASSED if check["passed"] else _FAILED,
        against=_of_check(rule, check["against"]),
        error=Ref(f"{name}.error"),
        tolerance=Ref(f"{name}.tolerance"),
    )


def _of_check(rule: dict[str, Any], words: str) -> Text:
    return read(words, translation(rule).get("words"))


_PASSED = N_("passed, equal to {against}: differs by {error}, at most {tolerance} allowed")
_FAILED = N_("FAILED, not equal to {against}: differs by {error}, at most {tolerance} allowed")


def _state(rule: dict[str, Any]) -> Pieces:
    if not rule["state"]:
        return say("none")
    names = ", ".join(map(str, rule["state"]))
    if rule["cost"] is None:
        return say("{names}: a whole matrix", names=names)
    size = Ref(f"{prefix(rule)}.cost.state-bytes")
    return say("{names}: {size} bytes", names=names, size=size)


def _cost(rule: dict[str, Any]) -> Pieces:
    if rule["cost"] is None:
        return say("whole matrices")
    spent: list[Piece] = []
    for key, sign in _COUNTED.items():
        if rule["cost"].get(key):
            between = [Text(joint())] if spent else []
            spent += [
                *between,
                Ref(f"{prefix(rule)}.cost.{key}"),
                Text(f"\N{NO-BREAK SPACE}{sign}"),
            ]
    return tuple(spent)


def _defaults(rule: dict[str, Any]) -> Pieces:
    pieces: list[Piece] = []
    for name in rule["defaults"]:
        between = [Text(joint())] if pieces else []
        value = Ref(f"{prefix(rule)}.default.{slug(name)}")
        pieces += [*between, Code(str(name)), Text(" = "), value]
    return tuple(pieces)
