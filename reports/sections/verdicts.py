"""A verdict with its evidence: what was measured and expected, how exactly, on which data."""

from __future__ import annotations

from typing import Any

from reports.blocks import (
    Code,
    Piece,
    Pieces,
    Ref,
    Statement,
    Text,
    read,
    say,
    text,
    told,
    translation,
)
from reports.exhibits import section_word
from reports.language import N_, _, joint, named
from reports.number import Numbers, slug
from reports.numbers import LONGEST_LIST, document_of, kind_of
from reports.run_numbers import is_number
from reports.sections.written import said_by

_EVIDENCE = {
    "exact": N_("exact: by symbols, fractions or reading"),
    "certified": N_("certified: enclosed in intervals"),
    "counterexample": N_("a counterexample: the simplest found, to check by hand"),
    "statistical": N_("statistical: an interval over seeds"),
    "searched": N_("searched: none found"),
    "none": N_("none"),
}
WORDS = (
    N_("exact"), N_("certified"), N_("counterexample"), N_("statistical"), N_("searched"),
)  # fmt: skip
"""Evidence in a word, as tables have it."""

_TOLD = ("value", "expected", "relation", "low", "high", "confidence", "seeds")
"""What a measured claim says in rows of its own; all else it measured stands below them."""


def place(verdict: dict[str, Any]) -> str:
    """Document and section."""
    where = verdict["place"] if isinstance(verdict["place"], dict) else {}
    words = translation(verdict).get("words") or {}
    document, section = (str(where.get(key, "?")) for key in ("document", "section"))
    document = words.get(document) or named(document)
    return f"{document}, {words.get(section) or section_word(section)}"


def said(verdict: dict[str, Any]) -> Pieces:
    """What is stated; of a written proof its title."""
    return verdict["said"] if "said" in verdict else (told(verdict, "statement"),)


def statement(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> Statement:
    """The verdict as an entry of its ledger."""
    return Statement(
        id=f"{prefix}-{slug(verdict['id'])}",
        statement=said(verdict),
        document=document_of(verdict),
        place=place(verdict),
        sort=kind_of(verdict),
        finding=verdict["finding"],
        explanation=verdict.get("explained") or (told(verdict, "explanation"),),
        evidence=tuple(_evidence(prefix, verdict, numbers)),
    )


Row = tuple[Text, Pieces]


def _evidence(prefix: str, verdict: dict[str, Any], numbers: Numbers) -> list[Row]:
    name, measured = f"{prefix}.{slug(verdict['id'])}", verdict["measured"]
    rows: list[Row] = [
        (Text(_("Under")), (_word(under, verdict),)) for under in verdict.get("hypotheses") or ()
    ]
    rows += [
        (read(step), _step(prefix, of_step, numbers)) for step, of_step in verdict.get("steps", ())
    ]
    if "relation" in measured:
        rows += _measured(name, verdict, numbers)
        measured = {key: value for key, value in measured.items() if key not in _TOLD}
    if verdict.get("tolerance_reason"):
        why = told(verdict, "tolerance_reason")
        tolerance: Pieces = (Ref(f"{name}.tolerance"), Text(": "), why)
        rows.append((Text(_("Tolerance")), tolerance))
    kind = verdict["evidence"]
    found = text(_(_EVIDENCE[kind])) if kind in _EVIDENCE else (read(kind),)
    rows.append((Text(_("Evidence")), found))
    if verdict.get("trials"):
        rows.append((Text(_("Trials")), (Ref(f"{name}.trials"),)))
    rows += _rows(f"{name}.measured", measured, numbers, verdict)
    return rows + _origin(name, verdict, numbers)


def _measured(name: str, verdict: dict[str, Any], numbers: Numbers) -> list[Row]:
    """Measured value, what was expected of it, and its interval where it has one."""
    name, measured = f"{name}.measured", verdict["measured"]
    found = _inline(f"{name}.value", measured.get("value"), numbers, verdict)
    expected = _inline(f"{name}.expected", measured.get("expected"), numbers, verdict)
    rows: list[Row] = [
        (Text(_("Measured")), found),
        (Text(_("Expected")), (_word(measured["relation"], verdict), Text(" "), *expected)),
    ]
    ends = [measured.get("low"), measured.get("high")]
    if all(map(is_number, ends)):
        holes = {key: Ref(f"{name}.{key}") for key in ("low", "high", "confidence", "seeds")}
        rows.append((Text(_("Interval")), say(_interval(measured), **holes)))
    elif is_number(measured.get("seeds")):
        rows.append((Text(_("Seeds")), (Ref(f"{name}.seeds"),)))
    return rows


def _interval(measured: dict[str, Any]) -> str:
    """The sentence that has a place for all that is known of the interval."""
    confident, seeded = (is_number(measured.get(key)) for key in ("confidence", "seeds"))
    if confident and seeded:
        return N_("from {low} to {high}, confidence {confidence}, seeds: {seeds}")
    if confident:
        return N_("from {low} to {high}, confidence {confidence}")
    return N_("from {low} to {high}, seeds: {seeds}") if seeded else N_("from {low} to {high}")


def _origin(name: str, verdict: dict[str, Any], numbers: Numbers) -> list[Row]:
    """The measure with its arguments, the data, and the files that were read."""
    given = verdict.get("provenance") or {}
    rows: list[Row] = []
    if given.get("measure"):
        rows.append((Text(_("Measure")), (Code(str(given["measure"])),)))
    arguments = given.get("arguments")
    if arguments:
        inner = _inline(f"{name}.provenance.arguments", arguments, numbers, verdict)
        rows.append((Text(_("Arguments")), inner))
        files = result_files(arguments)
        pieces: list[Piece] = []
        for at, file in enumerate(files):
            pieces += [Text(", "), Code(file)] if at else [Code(file)]
        nothing = say("none: from the documents alone")
        rows.append((Text(_("Result file")), tuple(pieces) or nothing))
    if given.get("data"):
        rows.append((Text(_("Data")), (_word(given["data"], verdict),)))
    other = {
        key: given[key] for key in given if key not in ("kind", "measure", "arguments", "data")
    }
    return rows + _rows(f"{name}.provenance", other, numbers, verdict)


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
    name = f"{prefix}.{slug(verdict['id'])}.measured"
    line = say(
        "{step} — {finding}. {explanation}",
        step=said_by(verdict), finding=named(verdict["finding"]),
        explanation=told(verdict, "explanation"),
    )  # fmt: skip
    measured = _inline(name, verdict["measured"], numbers, verdict, nested=True)
    return (*line, Text(" "), *measured)


def _rows(prefix: str, values: Any, numbers: Numbers, verdict: dict[str, Any]) -> list[Row]:
    """One row for each key of an object; what equals the explanation already stands above."""
    return [
        (
            _title(key, verdict),
            _inline(f"{prefix}.{slug(key)}", value, numbers, verdict),
        )
        for key, value in values.items()
        if value != verdict["explanation"]
    ]


def _inline(
    name: str, value: Any, numbers: Numbers, verdict: dict[str, Any], nested: bool = False
) -> Pieces:
    """A value in running text; of a list longer than `LONGEST_LIST` the head."""
    if isinstance(value, dict) and value:
        parts = [
            (
                _word(key, verdict),
                Text(": "),
                *_inline(f"{name}.{slug(key)}", item, numbers, verdict, nested=True),
            )
            for key, item in value.items()
        ]
        inner = _joined(parts, "; ")
        return (Text("("), *inner, Text(")")) if nested else inner
    if isinstance(value, list):
        parts = [
            _inline(f"{name}.{at}", item, numbers, verdict, nested=True)
            for at, item in enumerate(value[:LONGEST_LIST])
        ]
        cut = [text("…")] if len(value) > LONGEST_LIST else []
        return (Text("["), *_joined(parts + cut, joint()), Text("]"))
    if is_number(value) and name in numbers:
        return (Ref(name),)
    return (shown(value, verdict),)


def _joined(parts: list[Pieces], between: str) -> Pieces:
    pieces: list[Piece] = []
    for at, part in enumerate(parts):
        pieces += [Text(between), *part] if at else part
    return tuple(pieces)


def shown(leaf: Any, verdict: dict[str, Any]) -> Text:
    """A value that is no number; an empty one is "none"."""
    if isinstance(leaf, bool):
        return Text(_("yes") if leaf else _("no"))
    return _word(leaf, verdict) if leaf else Text(_("none"))


def _title(key: str, verdict: dict[str, Any]) -> Text:
    """A key of what was measured, spaces for its underscores; its translation is by the key."""
    shown = key.replace("_", " ")
    return read(shown, {shown: (translation(verdict).get("words") or {}).get(key, "")})


def _word(leaf: Any, verdict: dict[str, Any]) -> Text:
    """A word or phrase of what was measured, by the verdict's own translations first."""
    return read(str(leaf), translation(verdict).get("words"))
