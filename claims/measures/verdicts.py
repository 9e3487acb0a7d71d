"""Measures over what the proofs found."""

from __future__ import annotations

from pathlib import Path

from claims.measure import Measured, MissingResult, measure, require
from proofs.verdict import read_verdicts


@measure
def proof_finding(results: Path, verdict: str) -> Measured:
    """Finding of one of the proofs' verdicts, by its id, with what was measured there."""
    path = require(results / "proofs" / "verdicts.json", "snakemake results/proofs/verdicts.json")
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
    )
