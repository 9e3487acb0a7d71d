"""Proofs that are written out: the verdicts on their steps, as one verdict each."""

from __future__ import annotations

import re
from typing import Any

from reports.blocks import Text, say, told
from reports.language import named

_STEP = re.compile(r"(written-.+)-(step-\d+|conclusion)")
_WORST_FIRST = ("refuted", "not checkable", "reproduced with a caveat", "reproduced")
"""A proof is worth what its weakest step is: one that cannot be checked leaves it open."""


def folded(verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The verdicts, those on a written proof's steps as one, at the place of the first.

    The one has `steps`, (name of the step, its verdict) in order, and what it says and how that is
    explained in the reader's language: `said` and `explained`.
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
    verdicts = [verdict for _step, verdict in unit["steps"]]
    finding = min((verdict["finding"] for verdict in verdicts), key=_rank)
    weakest = [(step, verdict) for step, verdict in unit["steps"] if verdict["finding"] == finding]
    if len(weakest) == len(verdicts):
        explained = say(
            "Every step was checked by itself; each is {finding}.", finding=named(finding)
        )
    else:
        explained = say(
            "Every step was checked by itself; {finding}: {steps}. {explanation}",
            finding=named(finding), steps=", ".join(named(step) for step, _verdict in weakest),
            explanation=told(weakest[0][1], "explanation"),
        )  # fmt: skip
    return {
        "id": unit["id"],
        "statement": unit["statement"],
        "said": say("{title}: the written proof", title=_title(verdicts[0])),
        "place": unit["place"],
        "finding": finding,
        "evidence": ", ".join(dict.fromkeys(v["evidence"] for _step, v in weakest)),
        "explanation": verdicts[0]["explanation"],
        "explained": explained,
        "measured": {},
        "hypotheses": unit.get("hypotheses"),
        "translations": unit.get("translations"),
        "steps": unit["steps"],
    }


def said_by(step: dict[str, Any]) -> str:
    """What a step says, which is in no language: "title, step: what it says"."""
    return step["statement"].partition(": ")[2]


def _title(first: dict[str, Any]) -> Text:
    """The proof's title, from the statement of its first step."""
    said = told(first, "statement")
    return Text(said.text.removesuffix(said_by(first)).rpartition(", ")[0], said.language)


def _rank(finding: str) -> int:
    return _WORST_FIRST.index(finding) if finding in _WORST_FIRST else 0
