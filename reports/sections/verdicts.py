"""A verdict with its evidence: what was measured and expected, how exactly, on which data."""

from __future__ import annotations

from typing import Any

from reports.blocks import Code, Piece, Pieces, Ref, Statement, Text, say, text
from reports.number import Numbers, slug
from reports.numbers import LONGEST_LIST, document_of, kind_of
from reports.run_numbers import is_number

_EVIDENCE = {
    "exact": "exact: by symbols, fractions or reading",
    "certified": "certified: enclosed in intervals",
    "counterexample": "a counterexample: the simplest found, to check by hand",
    "statistical": "statistical: an interval over seeds",
    "searched": "searched: none found",
    "none": "none",
}
_TOLD = ("value", "expected", "relation", "low", "high", "confidence", "seeds")
"""What a measured claim says in rows of its own; all else it measured stands below them."""


def place(verdict: dict[str, Any]) -> str:
    """Document and section."""
    where = verdict["place"] if isinstance(verdict["place"], dict) else {}
    return f"{where.get('document', '?')}, {where.get('section', '?')}"


def statement(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> Statement:
    """The verdict as an entry of its ledger."""
    return Statement(
        id=f"{prefix}-{slug(verdict['id'])}",
        statement=verdict["statement"],
        document=document_of(verdict),
        place=place(verdict),
        sort=kind_of(verdict),
        finding=verdict["finding"],
        explanation=verdict["explanation"],
        evidence=tuple(_evidence(prefix, verdict, numbers)),
    )


def _evidence(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> list[tuple[str, Pieces]]:
    name, measured = f"{prefix}.{slug(verdict['id'])}", verdict["measured"]
    rows = [("Under", text(str(under))) for under in verdict.get("hypotheses") or ()]
    rows += [(step, _step(prefix, of_step, numbers)) for step, of_step in verdict.get("steps", ())]
    if "relation" in measured:
        rows += _measured(name, measured, numbers)
        measured = {key: value for key, value in measured.items() if key not in _TOLD}
    if verdict.get("tolerance_reason"):
        how = say("{t}: {why}", t=Ref(f"{name}.tolerance"), why=str(verdict["tolerance_reason"]))
        rows.append(("Tolerance", how))
    rows.append(("Evidence", text(_EVIDENCE.get(verdict["evidence"], verdict["evidence"]))))
    if verdict.get("trials"):
        rows.append(("Trials", (Ref(f"{name}.trials"),)))
    rows += _rows(f"{name}.measured", measured, numbers, verdict["explanation"])
    return rows + _origin(name, verdict, numbers)


def _measured(name: str, measured: dict[str, Any], numbers: Numbers) -> list[tuple[str, Pieces]]:
    """Measured value, what was expected of it, and its interval where it has one."""
    name = f"{name}.measured"
    rows = [
        (title, (*text(before), *_inline(f"{name}.{key}", measured.get(key), numbers)))
        for title, key, before in (
            ("Measured", "value", ""),
            ("Expected", "expected", f"{measured['relation']} "),
        )
    ]
    ends = [measured.get("low"), measured.get("high")]
    if all(map(is_number, ends)):
        told = say("from {low} to {high}", low=Ref(f"{name}.low"), high=Ref(f"{name}.high"))
        for key, words in (("confidence", ", confidence "), ("seeds", ", seeds: ")):
            if is_number(measured.get(key)):
                told += (Text(words), Ref(f"{name}.{key}"))
        rows.append(("Interval", told))
    elif is_number(measured.get("seeds")):
        rows.append(("Seeds", (Ref(f"{name}.seeds"),)))
    return rows


def _origin(name: str, verdict: dict[str, Any], numbers: Numbers) -> list[tuple[str, Pieces]]:
    """The measure with its arguments, the data, and the files that were read."""
    given = verdict.get("provenance") or {}
    rows: list[tuple[str, Pieces]] = []
    if given.get("measure"):
        rows.append(("Measure", (Code(str(given["measure"])),)))
    arguments = given.get("arguments")
    if arguments:
        rows.append(("Arguments", _inline(f"{name}.provenance.arguments", arguments, numbers)))
        files = result_files(arguments)
        pieces: list[Piece] = []
        for at, file in enumerate(files):
            pieces += [Text(", "), Code(file)] if at else [Code(file)]
        rows.append(("Result file", tuple(pieces) or text("none: from the documents alone")))
    if given.get("data"):
        rows.append(("Data", text(str(given["data"]))))
    other = {
        key: given[key] for key in given if key not in ("kind", "measure", "arguments", "data")
    }
    return rows + _rows(f"{name}.provenance", other, numbers, verdict["explanation"])


def result_files(arguments: Any, experiment: str = "") -> list[str]:
    """The result files that a measure with these arguments reads, each once."""
    if isinstance(arguments, list):
        found = [file for each in arguments for file in result_files(each, experiment)]
    elif isinstance(arguments, dict):
        experiment = str(arguments.get("experiment", experiment))
        optimizer, found = arguments.get("optimizer"), []
        if "analysis" in arguments:
            found.append(f"results/analyses/{arguments['analysis']}.parquet")
        elif experiment and optimizer:
            found.append(f"results/runs/{experiment}/{optimizer}.parquet")
        elif optimizer:
            found.append("results/optim/rules.json")
        elif "dataset" in arguments:
            found.append("results/data/manifest.json")
        if "verdict" in arguments or "verdicts" in arguments:
            found.append("results/proofs/verdicts.json")
        inner = [value for value in arguments.values() if isinstance(value, dict | list)]
        found += result_files(inner, experiment)
    else:
        return []
    return list(dict.fromkeys(found))


def _step(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> Pieces:
    """A step of a written proof in a line: what it says, what was found, what was measured."""
    says = verdict["statement"].partition(": ")[2]
    name = f"{prefix}.{slug(verdict['id'])}.measured"
    told = text(f"{says} — {verdict['finding']}. {verdict['explanation']} ")
    return (*told, *_inline(name, verdict["measured"], numbers, nested=True))


def _rows(prefix: str, values: Any, numbers: Numbers, told: str) -> list[tuple[str, Pieces]]:
    """One row for each key of an object; what equals `told` already stands above."""
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
    return (Ref(name),) if is_number(value) and name in numbers else text(shown(value))


def _joined(parts: list[Pieces], joint: str) -> Pieces:
    pieces: list[Piece] = []
    for at, part in enumerate(parts):
        pieces += [Text(joint), *part] if at else part
    return tuple(pieces)


def shown(leaf: Any) -> str:
    """A value that is no number; an empty one is "none"."""
    if isinstance(leaf, bool):
        return "yes" if leaf else "no"
    return str(leaf) if leaf else "none"
