"""Claims and exercises: totals, then every verdict to be opened, filtered and searched."""

from __future__ import annotations

from typing import Any

from reports.blocks import (
    Block,
    Choice,
    Column,
    Ledger,
    Paragraph,
    Pieces,
    Ref,
    Section,
    Table,
    say,
    text,
)
from reports.language import N_, _, named
from reports.number import Numbers, slug
from reports.numbers import FINDINGS, kind_of, parts_of_ledger
from reports.results import Results
from reports.run_numbers import is_number
from reports.runs import groups_of
from reports.sections.invariances import is_invariance
from reports.sections.origin import joined_data, origin
from reports.sections.tables import missing_section
from reports.sections.verdicts import place, said, shown, statement
from reports.sections.written import folded
from reports.tidy import Missing

_MOST_TELLING = (
    "comparison", "causal", "classification", "number", "formula", "complexity", "consistency",
)  # fmt: skip
_FAILING = FINDINGS[:2]
_LONGEST_CELL = 40


def claims(results: Results, numbers: Numbers) -> Section:
    """The ledger of the documents' claims."""
    title = _("Claims")
    if isinstance(results.claims, Missing):
        return Section("claims", title, (missing_section(results.claims, _("The verdicts")),))
    read = sorted(results.claims, key=most_telling)
    data = _data(results, read)
    opened = say(
        "Each claim opens to its evidence. Those that fail stand first, and of these the "
        "comparisons and the causes."
    )
    totals = _totals(read, data)
    listed = _ledger("ledger", _("Find a claim"), "claims", read, numbers)
    words = say(
        "The paper lists what does not hold as it stands. What holds, what cannot be checked, and "
        "the evidence of every claim are in report.html and results/claims/ledger.json."
    )
    failing = [_claims_table(finding, read, data) for finding in _FAILING]
    paper: list[Block] = [Paragraph(words), totals, *filter(None, failing)]
    return Section("claims", title, (totals, Paragraph(opened), listed), tuple(paper))


def proofs(results: Results, numbers: Numbers) -> Section:
    """The exercises' statements, the steps of a written proof together."""
    title = _("Exercises")
    if isinstance(results.proofs, Missing):
        return Section("exercises", title, (missing_section(results.proofs, _("The verdicts")),))
    read = [verdict for verdict in results.proofs if not is_invariance(verdict)]
    read = sorted(folded(read), key=most_telling)
    listed = _ledger("exercises-all", _("Find a statement"), "proofs", read, numbers)
    words = say("Each statement opens to its evidence, and a written proof to its steps.")
    told = say(
        "The paper lists the statements that fail or need a caveat. The evidence of all of them "
        "is in report.html and results/proofs/verdicts.json."
    )
    paper: list[Block] = [Paragraph(told)]
    failing = [verdict for verdict in read if verdict["finding"] in _FAILING]
    if failing:
        paper.append(_proofs_table(failing))
    return Section("exercises", title, (Paragraph(words), listed), tuple(paper))


def most_telling(verdict: dict[str, Any]) -> tuple[int, int]:
    """What fails first; of one finding comparisons first and consistency last."""
    return _rank(verdict["finding"], FINDINGS), _rank(kind_of(verdict), _MOST_TELLING)


def _rank(value: str, order: tuple[str, ...]) -> int:
    return order.index(value) if value in order else len(order)


def _ledger(
    name: str, title: str, prefix: str, verdicts: list[dict[str, Any]], numbers: Numbers
) -> Ledger:
    statements = tuple(statement(prefix, verdict, numbers) for verdict in verdicts)
    choices = (
        Choice(_("Document"), "document", tuple(sorted({s.document for s in statements}))),
        Choice(_("Kind"), "sort", tuple(sorted({s.sort for s in statements}))),
        Choice(_("Verdict"), "finding", tuple(dict.fromkeys(s.finding for s in statements))),
    )
    offered = tuple(choice for choice in choices if len(choice.values) > 1)
    return Ledger(name, title, offered, statements)


ALL = N_("all")


def _totals(read: list[dict[str, Any]], data: str) -> Table:
    columns = (
        Column(_("Claims"), 1.5),
        *(Column(named(title), 1.0, numeric=True) for title in (ALL, *FINDINGS)),
    )
    found = sorted(parts_of_ledger(read).items())
    parts = {"verdicts": ALL} | {name: part[0] for name, part in found}
    rows = tuple(
        (
            text(named(f"the {title}" if ".document." in name else title)),
            *((Ref(f"{name}.{slug(finding)}"),) for finding in (ALL, *FINDINGS)),
        )
        for name, title in parts.items()
    )
    caption = say("How many claims of each document and of each kind hold, and how many do not.")
    return Table("claims-totals", caption, data, columns, rows)


def _claims_table(finding: str, read: list[dict[str, Any]], data: str) -> Table | None:
    """The claims of one finding, one line each."""
    some = [verdict for verdict in read if verdict["finding"] == finding]
    if not some:
        return None
    columns = (
        Column(_("Where"), 1.2), Column(_("Claim"), 4.1), Column(_("Expected"), 1.0),
        Column(_("Measured"), 1.0), Column(_("Evidence"), 1.25),
    )  # fmt: skip
    rows = tuple(
        (
            text(place(verdict)),
            said(verdict),
            _expected(verdict),
            _cell(verdict, "value"),
            text(named(verdict["evidence"])),
        )
        for verdict in some
    )
    caption = say("Claims: {finding}.", finding=named(finding))
    return Table(f"claims-{slug(finding)}", caption, data, columns, rows, small=True)


def _expected(verdict: dict[str, Any]) -> Pieces:
    """What was expected, with its relation where that is not equality."""
    relation = str(verdict["measured"].get("relation", "equal"))
    if relation == "equal":
        return _cell(verdict, "expected")
    return (*text(f"{named(relation)} "), *_cell(verdict, "expected"))


def _cell(verdict: dict[str, Any], key: str) -> Pieces:
    """A measured value where it is short enough for a cell."""
    value = verdict["measured"].get(key)
    if is_number(value):
        return (Ref(f"claims.{slug(verdict['id'])}.measured.{key}"),)
    words = shown(value, verdict)
    return (words,) if len(words.text) <= _LONGEST_CELL else say("in report.html")


def _proofs_table(failing: list[dict[str, Any]]) -> Table:
    columns = (
        Column(_("Where"), 1.0), Column(_("Statement"), 3.2),
        Column(_("Finding"), 1.0), Column(_("Evidence"), 1.0),
    )  # fmt: skip
    rows = tuple(
        (
            text(place(verdict)),
            said(verdict),
            text(named(verdict["finding"])),
            text(named(verdict["evidence"])),
        )
        for verdict in failing
    )
    data = _(NO_DATA)
    caption = say("Statements of the exercises that fail or need a caveat.")
    return Table("exercises-failing", caption, data, columns, rows, small=True)


def _data(results: Results, verdicts: list[dict[str, Any]]) -> str:
    """The data line of the verdicts' table: every dataset whose runs a verdict measured."""
    asked = [(verdict.get("provenance") or {}).get("arguments") or {} for verdict in verdicts]
    names = dict.fromkeys(
        group.dataset
        for experiment in dict.fromkeys(arguments.get("experiment") for arguments in asked)
        for group in groups_of(results, experiment or "")
    )
    return joined_data([origin(results, name) for name in names]) if names else _(NO_DATA)


NO_DATA = N_("Data: none beyond the statements themselves")
