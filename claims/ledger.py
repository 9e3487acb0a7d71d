"""Judges claims: what a measure found against what the document expects, as verdicts."""

from __future__ import annotations

import difflib
import json
import math
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claims.claim import Claim, ClaimError, Question
from claims.measure import Measured, MissingResult, arguments_of, measures, require
from proofs.verdict import Place, Verdict

WHOLE = 1e9
"""Whole numbers below this are written out."""


def check_questions(claims: list[Claim]) -> None:
    """Raise ClaimError where a claim asks for an unknown measure or gives it wrong arguments."""
    known = measures()
    for claim in claims:
        for question in _questions(claim):
            if question.measure not in known:
                close = difflib.get_close_matches(question.measure, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
                raise ClaimError(
                    f"{claim.where}: claim {claim.id!r} asks for the measure "
                    f"{question.measure!r}, which there is not; {hint}"
                )
            takes = arguments_of(known[question.measure])
            given = set(question.arguments)
            missing = {name for name, required in takes.items() if required} - given
            if given - set(takes) or missing:
                raise ClaimError(
                    f"{claim.where}: claim {claim.id!r} gives {question.measure!r} the arguments "
                    f"{', '.join(sorted(given)) or 'none'}; it takes {', '.join(takes)}"
                )


def judge(claim: Claim, results: Path, manifest: Mapping[str, Any]) -> Verdict:
    """Measure one claim over the result files and say what was found.

    What is missing, was measured on a stand-in, or came out undecided is not checkable, with the
    reason; a proof's own "reproduced with a caveat" is passed on as it is.
    """
    if claim.question is None:
        return _undecided(claim, claim.not_checkable)
    try:
        measured = _measure(claim.question, results)
        caveat = _measure(claim.caveat.question, results) if claim.caveat else None
    except MissingResult as missing:
        return _undecided(claim, f"not measured: {missing}")
    data = manifest.get(measured.details.get("dataset", ""), {})
    if data.get("kind") == "stand-in":
        reason = "the real data was not within reach, and a generated stand-in cannot decide it"
        return _undecided(claim, reason, measured.details)
    if not measured.decided:
        return _undecided(
            claim, f"undecided: {fill(claim.fails, measured.details)}", measured.details
        )
    agrees = matches(measured.value, claim.question)
    holds_in_part = not agrees and measured.value == f"{claim.question.expected} with a caveat"
    limited = agrees and claim.caveat and caveat and matches(caveat.value, claim.caveat.question)
    details = dict(measured.details)
    if caveat is not None:
        details |= {f"caveat_{name}": value for name, value in caveat.details.items()}
    text = claim.holds if agrees or holds_in_part else claim.fails
    if limited and claim.caveat:
        text = f"{text} {claim.caveat.text}"
    finding = "reproduced" if agrees else "refuted"
    return Verdict(
        id=claim.id,
        statement=claim.says,
        place=Place(claim.document, claim.section),
        finding="reproduced with a caveat" if limited or holds_in_part else finding,
        evidence=measured.evidence,
        measured=_json_values(
            {
                "value": measured.value,
                "expected": claim.question.expected,
                "relation": claim.question.relation,
                **details,
            }
        ),
        explanation=fill(text, details),
        tolerance=claim.question.tolerance or measured.tolerance,
        tolerance_reason=(
            claim.question.tolerance_reason
            if claim.question.tolerance
            else measured.tolerance_reason or claim.question.tolerance_reason
        ),
        trials=measured.trials,
        provenance={
            "kind": claim.kind,
            "measure": claim.question.measure,
            "arguments": dict(claim.question.arguments),
            "data": _described(data),
        },
    )


def matches(value: Any, question: Question) -> bool:
    """Whether a measured value is as expected; numbers by the relation and its tolerance."""
    expected = question.expected
    if isinstance(expected, bool) or isinstance(value, bool):
        return isinstance(expected, bool) and isinstance(value, bool) and value == expected
    if isinstance(expected, int | float) and isinstance(value, int | float):
        return _stands(value, question)
    return bool(value == expected)


def _stands(value: float, question: Question) -> bool:
    """Whether a number stands to the expected one as is said, by up to the tolerance.

    Not-a-number stands to nothing; infinity is greater than any number.
    """
    expected, tolerance = question.expected, question.tolerance
    match question.relation:
        case "less":
            return value < expected + tolerance
        case "at most":
            return value <= expected + tolerance
        case "greater":
            return value > expected - tolerance
        case "at least":
            return value >= expected - tolerance
    return math.isfinite(value) and abs(value - expected) <= tolerance


def fill(text: str, details: Mapping[str, Any]) -> str:
    """Put measurements into a claim's text at $name; numbers with four significant digits.

    Whole numbers keep all their digits. A name that was not measured is a ClaimError: the text
    would show the name itself.
    """
    shown = {name: _shown(value) for name, value in details.items()}
    try:
        return string.Template(text).substitute(shown)
    except (KeyError, ValueError) as error:
        raise ClaimError(
            f"a claim's text names {error}, which was not measured; "
            f"measured were {', '.join(sorted(shown))}: {text!r}"
        ) from error


def _shown(value: Any) -> str:
    """A measurement as a reader sees it: 804,414, 0.2418, 9.333e-13."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    whole = float(value).is_integer() and abs(value) < WHOLE
    return f"{int(value):,}" if whole else f"{value:.4g}"


def read_manifest(path: Path) -> dict[str, Any]:
    """Provenance of every dataset by name, from `results/data/manifest.json`."""
    require(path, "snakemake results/data/manifest.json")
    return json.loads(path.read_text(encoding="utf-8"))


def _measure(question: Question, results: Path) -> Measured:
    return measures()[question.measure](results, **question.arguments)


def _undecided(claim: Claim, reason: str, measured: Mapping[str, Any] | None = None) -> Verdict:
    return Verdict(
        id=claim.id, statement=claim.says, place=Place(claim.document, claim.section),
        finding="not checkable", evidence="none", measured=_json_values(dict(measured or {})),
        explanation=reason, provenance={"kind": claim.kind},
    )  # fmt: skip


def _questions(claim: Claim) -> list[Question]:
    questions = [claim.question] if claim.question else []
    return questions + ([claim.caveat.question] if claim.caveat else [])


def _json_values(value: Any) -> Any:
    """The value with every number that JSON has no form for (of a diverged run) as its name."""
    if isinstance(value, dict):
        return {key: _json_values(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json_values(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _described(data: Mapping[str, Any]) -> str:
    """A dataset's provenance in a line; empty where the claim reads none."""
    if not data:
        return ""
    note = f" ({data['note']})" if data.get("note") else ""
    return f"{data['name']}: {data['kind']}, {data['source']}{note}"
