"""Claims and exercises: a table to scan, then every verdict with its evidence."""

from __future__ import annotations

from typing import Any

from reports.blocks import Column, Piece, Pieces, Ref, Section, Statement, Table, Text, say, text
from reports.number import Numbers, slug
from reports.numbers import FINDINGS, LONGEST_LIST
from reports.results import Missing, Results
from reports.run_numbers import is_number
from reports.runs import groups_of
from reports.sections.invariances import is_invariance
from reports.sections.origin import data_line
from reports.sections.tables import missing_section
from reports.sections.written import folded

_EVIDENCE = {
    "exact": "exact: by symbols, fractions or reading",
    "certified": "certified: enclosed in intervals",
    "counterexample": "a counterexample: the simplest found, to check by hand",
    "statistical": "statistical: an interval over seeds",
    "searched": "searched: none found",
    "none": "none",
}


def proofs(results: Results, numbers: Numbers) -> Section:
    """The exercises' statements."""
    caption = text("Statements of the exercises, those that fail first.")
    read = results.proofs
    if not isinstance(read, Missing):
        read = [verdict for verdict in read if not is_invariance(verdict)]
    return _section("exercises", "Exercises", "proofs", caption, results, read, numbers)


def claims(results: Results, numbers: Numbers) -> Section:
    """The ledger of claims."""
    caption = text("Claims of the documents, those that fail first.")
    return _section("claims", "Claims", "claims", caption, results, results.claims, numbers)


def _section(
    name: str,
    title: str,
    prefix: str,
    caption: Pieces,
    results: Results,
    read: list[dict[str, Any]] | Missing,
    numbers: Numbers,
) -> Section:
    if isinstance(read, Missing):
        return Section(name, title, (missing_section(read, "The verdicts"),))
    verdicts = sorted(folded(read), key=_most_telling)
    columns = (Column("Statement", 2.4), Column("Where", 1.0), Column("Finding", 1.0),
               Column("Evidence", 1.0))  # fmt: skip
    rows = tuple(
        (
            text(verdict["statement"]),
            text(place(verdict)),
            text(verdict["finding"]),
            text(verdict["evidence"]),
        )
        for verdict in verdicts
    )
    table = Table(f"{name}-all", caption, _data(results, verdicts), columns, rows)
    told = tuple(_statement(prefix, verdict, numbers) for verdict in verdicts)
    return Section(name, title, (table, *told))


def _most_telling(verdict: dict[str, Any]) -> int:
    known = list(FINDINGS)
    return known.index(verdict["finding"]) if verdict["finding"] in known else len(known)


def place(verdict: dict[str, Any]) -> str:
    """Document and section."""
    where = verdict["place"] if isinstance(verdict["place"], dict) else {}
    return f"{where.get('document', '?')}, {where.get('section', '?')}"


def _data(results: Results, verdicts: list[dict[str, Any]]) -> str:
    """The data line of the verdicts' table: every dataset whose runs a verdict measured."""
    asked = [(verdict.get("provenance") or {}).get("arguments") or {} for verdict in verdicts]
    names = dict.fromkeys(
        group.dataset
        for experiment in dict.fromkeys(arguments.get("experiment") for arguments in asked)
        for group in groups_of(results, experiment or "")
    )
    lines = [data_line(results, name).removeprefix("Data: ") for name in names]
    return f"Data: {'; '.join(lines)}" if lines else "Data: none beyond the statements themselves"


def _statement(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> Statement:
    name = f"{prefix}.{slug(verdict['id'])}"
    told = verdict["explanation"]
    rows = [(step, _step(prefix, of_step, numbers)) for step, of_step in verdict.get("steps", ())]
    rows += _rows(f"{name}.measured", verdict["measured"], numbers, told)
    if verdict.get("tolerance"):
        reason = str(verdict.get("tolerance_reason", ""))
        rows.append(("tolerance", say("{t} ({why})", t=Ref(f"{name}.tolerance"), why=reason)))
    if verdict.get("trials"):
        rows.append(("trials", (Ref(f"{name}.trials"),)))
    rows += _rows(f"{name}.provenance", verdict.get("provenance") or {}, numbers, told)
    return Statement(
        id=f"{prefix}-{slug(verdict['id'])}",
        statement=verdict["statement"],
        place=place(verdict),
        finding=verdict["finding"],
        evidence=_EVIDENCE.get(verdict["evidence"], verdict["evidence"]),
        explanation=verdict["explanation"],
        measured=tuple(rows),
        hypotheses=tuple(map(str, verdict.get("hypotheses") or ())),
    )


def _step(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> Pieces:
    """A step of a written proof in a line: what it says, what was found, what was measured."""
    says = verdict["statement"].partition(": ")[2]
    name = f"{prefix}.{slug(verdict['id'])}.measured"
    told = text(f"{says} — {verdict['finding']}. {verdict['explanation']} ")
    return (*told, *_inline(name, verdict["measured"], numbers, nested=True))


def _rows(prefix: str, values: Any, numbers: Numbers, told: str) -> list[tuple[str, Pieces]]:
    """One row for each key of an object; what equals `told` already stands above."""
    if not isinstance(values, dict):
        return [("value", _inline(prefix, values, numbers))]
    return [
        (key.replace("_", " "), _inline(f"{prefix}.{slug(key)}", value, numbers))
        for key, value in values.items()
        if value != told
    ]


def _inline(name: str, value: Any, numbers: Numbers, nested: bool = False) -> Pieces:
    """A value in running text; of a list longer than `LONGEST_LIST` the head."""
    if isinstance(value, dict) and value:
        parts = [
            (Text(f"{key}: "), *_inline(f"{name}.{slug(key)}", item, numbers, nested=True))
            for key, item in value.items()
        ]
        inner = _joined(parts, "; ")
        return (Text("("), *inner, Text(")")) if nested else inner
    if isinstance(value, list):
        parts = [
            _inline(f"{name}.{at}", item, numbers, nested=True)
            for at, item in enumerate(value[:LONGEST_LIST])
        ]
        cut = [text("…")] if len(value) > LONGEST_LIST else []
        return (Text("["), *_joined(parts + cut, ", "), Text("]"))
    return (Ref(name),) if is_number(value) and name in numbers else text(_shown(value))


def _joined(parts: list[Pieces], joint: str) -> Pieces:
    pieces: list[Piece] = []
    for at, part in enumerate(parts):
        pieces += [Text(joint), *part] if at else part
    return tuple(pieces)


def _shown(leaf: Any) -> str:
    """A value that is no number; an empty one is "none"."""
    if isinstance(leaf, bool):
        return "yes" if leaf else "no"
    return str(leaf) if leaf else "none"
