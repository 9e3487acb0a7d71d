"""Verdicts that algebra settles: reproduced or refuted, with no tolerance."""

from __future__ import annotations

from typing import Any

from proofs.verdict import Place, Verdict


def settled(
    name: str,
    statement: str,
    place: Place,
    holds: bool,
    measured: dict[str, Any],
    explanation: str,
    hypotheses: tuple[str, ...] = (),
) -> Verdict:
    """An exact verdict: `holds` was decided by SymPy or rational arithmetic."""
    return Verdict(
        id=name,
        statement=statement,
        place=place,
        finding="reproduced" if holds else "refuted",
        evidence="exact",
        measured=measured,
        explanation=explanation,
        hypotheses=hypotheses,
    )


def counterexample_to(
    name: str,
    statement: str,
    place: Place,
    fails: bool,
    measured: dict[str, Any],
    explanation: str,
    hypotheses: tuple[str, ...] = (),
) -> Verdict:
    """A verdict on one instance by exact arithmetic; an instance that does not fail proves little.

    `fails` says whether the hypotheses hold on the instance and the statement does not.
    """
    return Verdict(
        id=name,
        statement=statement,
        place=place,
        finding="refuted" if fails else "reproduced with a caveat",
        evidence="counterexample" if fails else "searched",
        measured=measured,
        explanation=explanation,
        hypotheses=hypotheses,
        trials=1,
    )
