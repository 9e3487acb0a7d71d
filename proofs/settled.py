"""Verdicts that algebra settles: reproduced or refuted, with no tolerance.

A text that argues for a finding is printed with that finding only; where the check comes out the
other way, the verdict tells what was found instead.
"""

from __future__ import annotations

from typing import Any

from proofs.verdict import Finding, Place, Verdict

ALGEBRA = "exact agreement is asked for: symbols, rationals and radicals, no floating point"


def told(measured: dict[str, Any]) -> str:
    """What was measured, in one line."""
    return "; ".join(f"{key.replace('_', ' ')}: {value}" for key, value in measured.items())


def settled(
    name: str,
    statement: str,
    place: Place,
    holds: bool,
    measured: dict[str, Any],
    because: str,
    hypotheses: tuple[str, ...] = (),
    *,
    caveat: bool = False,
) -> Verdict:
    """An exact verdict: `holds` was decided by SymPy or rational arithmetic.

    With a `caveat`, `because` says what limits the statement.
    """
    found: Finding = "reproduced with a caveat" if caveat else "reproduced"
    return Verdict(
        id=name,
        statement=statement,
        place=place,
        finding=found if holds else "refuted",
        evidence="exact",
        measured=measured,
        explanation=because if holds else f"It does not come out so. Found: {told(measured)}.",
        tolerance_reason=ALGEBRA,
        hypotheses=hypotheses,
    )


def counterexample_to(
    name: str,
    statement: str,
    place: Place,
    fails: bool,
    measured: dict[str, Any],
    because: str,
    hypotheses: tuple[str, ...] = (),
    tried: int = 1,
) -> Verdict:
    """A verdict on one instance by exact arithmetic; an instance that does not fail proves little.

    `fails` says whether the hypotheses hold on the instance and the statement does not; `tried`
    counts the instances looked at until it was found.
    """
    return Verdict(
        id=name,
        statement=statement,
        place=place,
        finding="refuted" if fails else "reproduced with a caveat",
        evidence="counterexample" if fails else "searched",
        measured=measured,
        explanation=(
            because
            if fails
            else f"Of {tried} instance(s) looked at, none fails. Found: {told(measured)}."
        ),
        tolerance_reason=ALGEBRA,
        hypotheses=hypotheses,
        trials=tried,
    )
