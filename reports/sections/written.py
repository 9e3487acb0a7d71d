"""Proofs that are written out: the verdicts on their steps, as one verdict each."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"(written-.+)-(step-\d+|conclusion)")
_WORST_FIRST = ("refuted", "not checkable", "reproduced with a caveat", "reproduced")
"""A proof is worth what its weakest step is: one that cannot be checked leaves it open."""


def folded(verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The verdicts, those on a written proof's steps as one, at the place of the first.

    The one has `steps`: (name of the step, its verdict) in order.
    """
    units: dict[str, dict[str, Any]] = {}
    for verdict in verdicts:
        match = _STEP.fullmatch(verdict["id"])
        if match is None:
            units[verdict["id"]] = verdict
            continue
        proof, step = match[1], match[2].replace("-", " ")
        unit = units.setdefault(proof, {**verdict, "id": proof, "steps": []})
        unit["steps"].append((step, verdict))
    return [_summed(unit) if "steps" in unit else unit for unit in units.values()]


def _summed(unit: dict[str, Any]) -> dict[str, Any]:
    verdicts = [verdict for _, verdict in unit["steps"]]
    finding = min((verdict["finding"] for verdict in verdicts), key=_rank)
    weakest = [(step, verdict) for step, verdict in unit["steps"] if verdict["finding"] == finding]
    first, verdict = unit["steps"][0]
    title = verdict["statement"].partition(f", {first}:")[0]
    if len(weakest) == len(verdicts):
        told = f"Every step was checked by itself; each is {finding}."
    else:
        told = f"Every step was checked by itself; {finding}: " + ", ".join(s for s, _ in weakest)
        told += f". {weakest[0][1]['explanation']}"
    return {
        "id": unit["id"],
        "statement": f"{title}: the written proof",
        "place": unit["place"],
        "finding": finding,
        "evidence": ", ".join(dict.fromkeys(v["evidence"] for _, v in weakest)),
        "explanation": told,
        "measured": {},
        "hypotheses": unit.get("hypotheses"),
        "steps": unit["steps"],
    }


def _rank(finding: str) -> int:
    return _WORST_FIRST.index(finding) if finding in _WORST_FIRST else 0
