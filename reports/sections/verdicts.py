"""Claims and exercises: a table to scan, then every verdict with its evidence."""

from __future__ import annotations

from typing import Any

from reports.blocks import Column, Pieces, Ref, Section, Statement, Table, Text, say, text
from reports.number import Numbers, slug
from reports.numbers import FINDINGS, is_number, leaves
from reports.results import Missing, Results
from reports.sections.tables import missing_section

_EVIDENCE = {
    "exact": "exact: by symbols or fractions",
    "certified": "certified: enclosed in intervals",
    "counterexample": "a counterexample, found and shrunk",
    "statistical": "statistical: an interval over seeds",
    "searched": "searched: none found",
    "none": "none",
}


def proofs(results: Results, numbers: Numbers) -> Section:
    """The exercises' statements."""
    caption = text("Statements of the exercises, those that fail first.")
    return _section("exercises", "Exercises", "proofs", caption, results.proofs, numbers)


def claims(results: Results, numbers: Numbers) -> Section:
    """The ledger of claims."""
    caption = text("Claims of the documents, those that fail first.")
    return _section("claims", "Claims", "claims", caption, results.claims, numbers)


def _section(
    name: str,
    title: str,
    prefix: str,
    caption: Pieces,
    read: list[dict[str, Any]] | Missing,
    numbers: Numbers,
) -> Section:
    if isinstance(read, Missing):
        return Section(name, title, (missing_section(read, "The verdicts"),))
    verdicts = sorted(read, key=_most_telling)
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
    table = Table(f"{name}-all", caption, _data(verdicts), columns, rows)
    told = tuple(_statement(prefix, verdict, numbers) for verdict in verdicts)
    return Section(name, title, (table, *told))


def _most_telling(verdict: dict[str, Any]) -> int:
    known = list(FINDINGS)
    return known.index(verdict["finding"]) if verdict["finding"] in known else len(known)


def place(verdict: dict[str, Any]) -> str:
    """Document and section."""
    where = verdict["place"] if isinstance(verdict["place"], dict) else {}
    return f"{where.get('document', '?')}, {where.get('section', '?')}"


def _data(verdicts: list[dict[str, Any]]) -> str:
    """The data line of the verdicts' table, from what each says of its own data."""
    told = [str((verdict.get("provenance") or {}).get("data") or "") for verdict in verdicts]
    lines = list(dict.fromkeys(line for line in told if line))
    return f"Data: {'; '.join(lines)}" if lines else "Data: none beyond the statements themselves"


def _statement(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> Statement:
    name = f"{prefix}.{slug(verdict['id'])}"
    rows = _grouped(f"{name}.measured", verdict["measured"], numbers)
    if verdict.get("tolerance"):
        reason = str(verdict.get("tolerance_reason", ""))
        rows.append(("tolerance", say("{t} ({why})", t=Ref(f"{name}.tolerance"), why=reason)))
    if verdict.get("trials"):
        rows.append(("trials", (Ref(f"{name}.trials"),)))
    rows += _grouped(f"{name}.provenance", verdict.get("provenance") or {}, numbers)
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


def _grouped(prefix: str, value: Any, numbers: Numbers) -> list[tuple[str, Pieces]]:
    """One row for each leaf; the entries of a list of plain values share one row."""
    rows: dict[str, Pieces] = {}
    for path, leaf in leaves(value):
        in_list = path and path[-1].isdigit()
        label = " / ".join(path[:-1] if in_list else path).replace("_", " ")
        name = ".".join([prefix, *map(slug, path)])
        piece = Ref(name) if is_number(leaf) and name in numbers else Text(_shown(leaf))
        rows[label] = (*rows[label], Text(", "), piece) if label in rows else (piece,)
    return list(rows.items())


def _shown(leaf: Any) -> str:
    return {True: "yes", False: "no", None: "none", "": "none"}.get(leaf, str(leaf))
