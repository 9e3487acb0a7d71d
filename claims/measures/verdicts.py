"""Measures over what the proofs found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claims.measure import Measured, MissingResult, measure, require
from proofs.verdict import Verdict, read_verdicts

WEAKEST = ("refuted", "not checkable", "reproduced with a caveat", "reproduced")


@measure
def proof_finding(results: Path, verdict: str) -> Measured:
    """Finding of one of the proofs' verdicts, by its id, with what was measured there."""
    path = require(
        results / "proofs" / "verdicts.json", "snakemake --cores all results/proofs/verdicts.json"
    )
    found = {entry.id: entry for entry in read_verdicts(path)}
    if verdict not in found:
        raise MissingResult(f"{path} has no verdict {verdict!r}; it has {', '.join(sorted(found))}")
    entry = found[verdict]
    return Measured(
        entry.finding,
        entry.evidence,
        {**entry.measured, "explanation": entry.explanation},
        decided=entry.finding != "not checkable",
        tolerance=entry.tolerance,
        tolerance_reason=entry.tolerance_reason,
        trials=entry.trials,
        translations={code: _brought(entry, code) for code in entry.translations},
    )


@measure
def proof_findings(results: Path, verdicts: list[str]) -> Measured:
    """The weakest finding among several of the proofs' verdicts: a derivation's steps, say.

    From weakest: refuted, not checkable, reproduced with a caveat, reproduced.
    """
    found = [proof_finding(results, verdict) for verdict in verdicts]
    by_strength = sorted(
        zip(found, verdicts, strict=True), key=lambda each: WEAKEST.index(each[0].value)
    )
    weakest, name = by_strength[0]
    evidence = {each.evidence for each in found}
    return Measured(
        weakest.value,
        weakest.evidence if len(evidence) > 1 else evidence.pop(),
        {"count": len(found), "weakest": name, "explanation": weakest.details["explanation"]},
        decided=weakest.decided,
        trials=sum(each.trials for each in found),
        translations=weakest.translations,
    )


def _brought(entry: Verdict, code: str) -> dict[str, Any]:
    """What a proof's verdict says in a language: why its tolerance, words, and the explanation."""
    texts = entry.translations[code]
    words = dict(texts.get("words", {}))
    if "explanation" in texts:
        words[entry.explanation] = texts["explanation"]
    return {"tolerance_reason": texts.get("tolerance_reason", ""), "words": words}
