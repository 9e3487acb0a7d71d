"""The verdict: what was found about one checkable statement, and how.

The one type shared by proofs, claims and grading; `results/proofs/verdicts.json` and
`results/claims/ledger.json` are lists of it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Literal, get_args

Finding = Literal["reproduced", "refuted", "reproduced with a caveat", "not checkable"]
Evidence = Literal["exact", "certified", "counterexample", "statistical", "searched", "none"]

FINDINGS: tuple[str, ...] = get_args(Finding)
EVIDENCE: tuple[str, ...] = get_args(Evidence)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a statement stands: the document's short name and its section or exercise."""

    document: str
    section: str


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One finding about one statement; `measured` holds plain JSON values only.

    `evidence` is "none" exactly where the finding is "not checkable"; a tolerance of zero means
    exact agreement was asked for, and `tolerance_reason` says where any other one comes from.
    `translations` holds, by language, fields' texts by the field's name (what is not there stays
    English), and under "words" a table of the words and phrases within `place`, `hypotheses`,
    `measured` and `provenance`.
    """

    id: str
    statement: str
    place: Place
    finding: Finding
    evidence: Evidence
    measured: dict[str, Any]
    explanation: str
    tolerance: float = 0.0
    tolerance_reason: str = "exact agreement is asked for"
    hypotheses: tuple[str, ...] = ()
    trials: int = 0
    provenance: dict[str, Any] = dataclasses.field(default_factory=dict)
    translations: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.finding not in FINDINGS:
            raise ValueError(
                f"{self.id}: finding {self.finding!r} is none of {', '.join(FINDINGS)}"
            )
        if self.evidence not in EVIDENCE:
            raise ValueError(
                f"{self.id}: evidence {self.evidence!r} is none of {', '.join(EVIDENCE)}"
            )
        if (self.evidence == "none") != (self.finding == "not checkable"):
            raise ValueError(
                f"{self.id}: {self.finding!r} cannot rest on evidence {self.evidence!r}; "
                "only what is not checkable has none"
            )
        if self.tolerance < 0 or not self.tolerance_reason:
            raise ValueError(f"{self.id}: a tolerance is at least zero and carries its reason")


def write_verdicts(verdicts: list[Verdict], path: Path) -> None:
    """Write verdicts as a JSON list; refuses duplicate ids and values JSON cannot hold exactly."""
    ids = [verdict.id for verdict in verdicts]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise ValueError(f"{path}: ids must be unique, found twice: {', '.join(repeated)}")
    rows = [dataclasses.asdict(verdict) for verdict in verdicts]
    text = json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")


def read_verdicts(path: Path) -> list[Verdict]:
    """Read what `write_verdicts` wrote."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        Verdict(**{**row, "place": Place(**row["place"]), "hypotheses": tuple(row["hypotheses"])})
        for row in rows
    ]
