"""Judges claims: what a measure found against what the document expects, as verdicts."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claims.claim import Claim, ClaimError, Question
from claims.measure import Measured, MissingResult, arguments_of, measures, require
from claims.sentence import Sentence
from claims.translation import Translations, texts
from language.catalogue import Catalogue
from proofs.verdict import Finding, Place, Verdict


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


def judge(
    claim: Claim, results: Path, manifest: Mapping[str, Any],
    languages: Mapping[str, Catalogue] | None = None,
) -> Verdict:  # fmt: skip
    """Measure one claim over the result files and say what was found, in every language.

    What is missing, was measured on a stand-in, or came out undecided is not checkable, with the
    reason; a proof's own "reproduced with a caveat" is passed on as it is. ClaimError where a text
    names what is not measured.
    """
    try:
        found = _found(claim, results, manifest)
        translations = {
            code: texts(found.verdict, found.explanation, code, catalogue, found.translations)
            for code, catalogue in (languages or {}).items()
        }
    except ClaimError as error:
        raise ClaimError(f"{claim.where}: claim {claim.id!r}: {error}") from error
    return dataclasses.replace(found.verdict, translations=translations)


@dataclasses.dataclass(frozen=True)
class _Found:
    """A verdict in English, the sentences of its explanation, and words that proofs brought."""

    verdict: Verdict
    explanation: tuple[Sentence, ...]
    translations: Translations = dataclasses.field(default_factory=dict)


def _found(claim: Claim, results: Path, manifest: Mapping[str, Any]) -> _Found:
    if claim.question is None:
        return _undecided(claim, Sentence(claim.not_checkable))
    try:
        measured = _measure(claim.question, results)
        caveat = _measure(claim.caveat.question, results) if claim.caveat else None
    except MissingResult as missing:
        return _undecided(claim, Sentence("not measured:"), Sentence(str(missing)))
    data = manifest.get(measured.details.get("dataset", ""), {})
    if data.get("kind") == "stand-in":
        reason = "the real data was not within reach, and a generated stand-in cannot decide it"
        return _undecided(claim, Sentence(reason), measured=measured)
    if not measured.decided:
        why = Sentence(claim.fails, _details(measured))
        return _undecided(claim, Sentence("undecided:"), why, measured=measured)
    return _decided(claim, claim.question, measured, caveat, data)


def _decided(
    claim: Claim, question: Question, measured: Measured, caveat: Measured | None,
    data: Mapping[str, Any],
) -> _Found:  # fmt: skip
    agrees = matches(measured.value, question)
    holds_in_part = not agrees and measured.value == f"{question.expected} with a caveat"
    limited = agrees and claim.caveat and caveat and matches(caveat.value, claim.caveat.question)
    details = _details(measured)
    if caveat is not None:
        details |= {f"caveat_{name}": value for name, value in caveat.details.items()}
    explanation = [Sentence(claim.holds if agrees or holds_in_part else claim.fails, details)]
    if limited and claim.caveat:
        explanation.append(Sentence(claim.caveat.text, details))
    finding: Finding = "reproduced" if agrees else "refuted"
    if limited or holds_in_part:
        finding = "reproduced with a caveat"
    expected = {"expected": question.expected, "relation": question.relation}
    verdict = Verdict(
        id=claim.id,
        statement=claim.says,
        place=Place(claim.document, claim.section),
        finding=finding,
        evidence=measured.evidence,
        measured=_json_values({"value": details["value"], **expected, **details}),
        explanation=" ".join(map(str, explanation)),
        tolerance=question.tolerance or measured.tolerance,
        tolerance_reason=(
            question.tolerance_reason
            if question.tolerance
            else measured.tolerance_reason or question.tolerance_reason
        ),
        trials=measured.trials,
        provenance={
            "kind": claim.kind,
            "measure": question.measure,
            "arguments": dict(question.arguments),
            "data": _described(data),
        },
    )
    return _Found(verdict, tuple(explanation), measured.translations)


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


def read_manifest(path: Path) -> dict[str, Any]:
    """Provenance of every dataset by name, from `results/data/manifest.json`."""
    require(path, "snakemake --cores all results/data/manifest.json")
    return json.loads(path.read_text(encoding="utf-8"))


def _measure(question: Question, results: Path) -> Measured:
    return measures()[question.measure](results, **question.arguments)


def _details(measured: Measured) -> dict[str, Any]:
    """What a claim's texts may name: the value, and what the measure gives beside it."""
    return {"value": measured.value, **measured.details}


def _undecided(claim: Claim, *reason: Sentence, measured: Measured | None = None) -> _Found:
    verdict = Verdict(
        id=claim.id, statement=claim.says, place=Place(claim.document, claim.section),
        finding="not checkable", evidence="none",
        measured=_json_values(dict(measured.details)) if measured else {},
        explanation=" ".join(map(str, reason)), provenance={"kind": claim.kind},
    )  # fmt: skip
    return _Found(verdict, reason, measured.translations if measured else {})


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
