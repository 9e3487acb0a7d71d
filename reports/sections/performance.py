"""How fast it is: what the benches measured, on which machine; what was not measured says so."""

from __future__ import annotations

from typing import Any

from reports.benchmarks import BENCHMARKS, Part, name_of, rows_of
from reports.blocks import (
    Block,
    Code,
    Column,
    Heading,
    Notice,
    Paragraph,
    Pieces,
    Ref,
    Section,
    Table,
    read,
    say,
    text,
)
from reports.formatting import rough
from reports.language import N_, _, how, named
from reports.number import slug
from reports.results import Results
from reports.run_numbers import is_number
from reports.tidy import Missing

TITLE = N_("Performance")
IN_PAPER = "benchmark-linear-engine-targets"
"""The table that the paper has room for; the page has all."""


def section(results: Results, _numbers: object) -> Section:
    """A table a part of each bench; where a bench was not run, the command that runs it."""
    blocks: list[Block] = [
        Paragraph(
            say(
                "Times are of the machine named under each table and carry over to no other; the "
                "time of every run stands in the table of its experiment."
            )
        )
    ]
    for bench, (title, parts) in BENCHMARKS.items():
        blocks.append(Heading(f"benchmark-{slug(bench)}", text(_(title))))
        unread = Missing(how("nothing was read of the bench {bench}", bench=bench))
        found = results.benchmarks.get(bench, unread)
        if isinstance(found, Missing):
            blocks.append(
                Notice(
                    _("Missing"),
                    say(
                        "{reason}; {command} measures it.",
                        reason=read(found.reason), command=Code("make bench"),
                    ),
                )
            )  # fmt: skip
            continue
        blocks += [_table(bench, part, found) for part in parts if rows_of(found, part)]
    paper = tuple(b for b in blocks if not isinstance(b, Table) or b.id == IN_PAPER)
    return Section("performance", _(TITLE), tuple(blocks), paper)


def _table(bench: str, part: Part, found: dict[str, Any]) -> Table:
    rows = rows_of(found, part)
    heads = list(dict.fromkeys(key for row in rows for key in row))
    columns = tuple(
        Column(named(head.replace("_", " ")), 2.0 if at == 0 else 1.0, numeric=at > 0)
        for at, head in enumerate(heads)
    )
    cells = tuple(
        tuple(_cell(name_of(bench, part, at, head), row.get(head)) for head in heads)
        for at, row in enumerate(rows)
    )
    machine = "; ".join(f"{named(key)} {_written(v)}" for key, v in _machine(found).items())
    name = f"benchmark-{slug(bench)}-{slug(part.key or 'all')}"
    data = _("Measured on: {machine}", machine=machine or _("a machine that is not named"))
    return Table(name, text(_(part.caption)), data, columns, cells, small=True)


def _machine(found: dict[str, Any]) -> dict[str, Any]:
    told = found.get("machine")
    if not isinstance(told, dict):
        return {}
    return {key: value for key, value in told.items() if not isinstance(value, dict)}


def _written(value: Any) -> str:
    """A value of the machine in a line, of a number as many digits as say anything."""
    return rough(value) if isinstance(value, float) else str(value)


def _cell(name: str, value: Any) -> Pieces:
    if is_number(value):
        return (Ref(name),)
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return say("none") if value is None else text(named(str(value)))
