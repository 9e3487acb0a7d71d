"""The documents' written proofs (`proofs/written/*.yaml`), checked line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from proofs.steps.checking import ORDERS, PRECISIONS, StepFinding, check_proof
from proofs.steps.reading import Proof, read_proof
from proofs.verdict import Evidence, Finding, Verdict

FOLDER = Path(__file__).parents[1] / "written"

FINDINGS: dict[str, Finding] = {
    "holds": "reproduced",
    "false": "refuted",
    "does not follow": "refuted",
    "undefined": "refuted",
    "undecided": "reproduced with a caveat",
    "not tested": "not checkable",
}
CLOSENESS = 2.0 ** -(PRECISIONS[0] // 2)


def verify(seed: int) -> list[Verdict]:
    """One verdict a step of every written proof, and one for what each proves."""
    return [
        verdict
        for path in sorted(FOLDER.glob("*.yaml"))
        for verdict in verdicts_of(path.stem, read_proof(path), seed)
    ]


def verdicts_of(name: str, proof: Proof, seed: int) -> list[Verdict]:
    """The findings of one proof as verdicts; `name` starts their ids."""
    return [_verdict(name, proof, found, seed) for found in check_proof(proof, seed)]


def _verdict(name: str, proof: Proof, found: StepFinding, seed: int) -> Verdict:
    finding = FINDINGS[found.outcome]
    evidence: Evidence = "searched"
    if finding == "refuted":
        evidence = "counterexample" if found.where else "exact"
    elif finding == "not checkable":
        evidence = "none"
    rounded = found.instances > found.certain and finding.startswith("reproduced")
    return Verdict(
        id=f"written-{name.replace('_', '-')}-{found.step.replace(' ', '-')}",
        statement=f"{proof.title}, {found.step}: {found.text}",
        place=proof.place,
        finding=finding,
        evidence=evidence,
        measured=_measured(found),
        explanation=_explanation(found),
        tolerance=CLOSENESS if rounded else 0.0,
        tolerance_reason=(
            f"both sides agree to half of the {PRECISIONS[0]} bits, relative to 1 plus their "
            "sizes, where rounding leaves them no closer; exactly on the certain instances"
            if rounded
            else "exact agreement is asked for"
        ),
        hypotheses=_hypotheses(proof),
        trials=found.instances + found.relaxed_instances,
        provenance={"seed": seed},
    )


def _measured(found: StepFinding) -> dict[str, Any]:
    measured: dict[str, Any] = {
        "outcome": found.outcome,
        "instances": found.instances,
        "certain_instances": found.certain,
        "instances_with_hypotheses_dropped": found.relaxed_instances,
    }
    if found.where is not None:
        measured["counterexample"] = found.where.names
        measured["drawn_as"] = found.where.drawn_as
        measured["left"], measured["right"] = found.where.left, found.where.right
    return measured


def _explanation(found: StepFinding) -> str:
    if found.outcome != "holds":
        return f"Line {found.line}: {found.reason}."
    dropped = (
        f", and on {found.relaxed_instances} that lack the hypotheses it does not cite"
        if found.relaxed_instances
        else ""
    )
    return (
        f"True on {found.instances} instances of orders {ORDERS[0]} to {ORDERS[-1]} that meet the "
        f"hypotheses, {found.certain} of them beyond doubt and the others within the tolerance"
        f"{dropped}."
    )


def _hypotheses(proof: Proof) -> tuple[str, ...]:
    given = [
        f"{', '.join(each.names)}: {each.kind}"
        + (f"({', '.join(map(str, each.arguments))})" if each.arguments else "")
        for each in proof.givens
    ]
    return (*given, *(expression.text for expression in proof.assumptions.values()))
