"""A document's claims as data: read from `claims/<document>.yaml`, refused with file and line."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

KINDS = (
    "number",
    "comparison",
    "formula",
    "classification",
    "causal",
    "complexity",
    "consistency",
)


class ClaimError(ValueError):
    """A claims file that cannot be used; the message names file, line and claim."""


@dataclasses.dataclass(frozen=True)
class Question:
    """What is measured and what the document expects: a measure's name, its arguments, a value.

    `tolerance` is absolute and applies to numbers only.
    """

    measure: str
    arguments: Mapping[str, Any]
    expected: Any
    tolerance: float
    tolerance_reason: str


@dataclasses.dataclass(frozen=True)
class Caveat:
    """Something that, where it is measured to be so, limits a claim that holds."""

    question: Question
    text: str


@dataclasses.dataclass(frozen=True)
class Claim:
    """One checkable statement; `holds` and `fails` explain either outcome ($name: a measurement).

    Exactly one of `question` and `not_checkable` (the reason) is set.
    """

    id: str
    document: str
    section: str
    says: str
    kind: str
    question: Question | None
    not_checkable: str
    holds: str
    fails: str
    caveat: Caveat | None
    where: str


class _LineLoader(yaml.SafeLoader):
    """SafeLoader whose mappings know the line they start on, under the key `__line__`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if key in seen:
                raise ClaimError(
                    f"{key_node.start_mark.name}, line {key_node.start_mark.line + 1}: "
                    f"the key {key!r} stands twice"
                )
            seen.add(key)
        return {**super().construct_mapping(node, deep), "__line__": node.start_mark.line + 1}


def read_claims(path: Path) -> list[Claim]:
    """Read a claims file; ClaimError where it is malformed, names file, line and claim."""
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.load(stream, _LineLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ClaimError(f"{path}: expected a mapping with document, sections and claims")
    _only(content, {"document", "title", "language", "sections", "claims"}, str(path), "the file")
    if not isinstance(content.get("sections"), dict):
        raise ClaimError(f"{path}: expected a table of sections, found {content.get('sections')!r}")
    sections = {str(name) for name in content["sections"] if name != "__line__"}
    claims: list[Claim] = []
    for entry in content.get("claims") or []:
        claim = _claim(entry, str(content.get("document", path.stem)), path)
        if claim.section not in sections:
            raise ClaimError(
                f"{claim.where}: claim {claim.id!r} stands in section {claim.section!r}, which is "
                f"not in this file's table of sections"
            )
        twin = next((other for other in claims if other.id == claim.id), None)
        if twin:
            raise ClaimError(f"{claim.where}: the id {claim.id!r} is taken ({twin.where})")
        claims.append(claim)
    if not claims:
        raise ClaimError(f"{path}: holds no claims")
    return claims


CLAIM_KEYS = {
    "id", "section", "says", "kind", "measure", "with", "expected", "tolerance",
    "tolerance_reason", "holds", "fails", "caveat", "not_checkable",
}  # fmt: skip
CAVEAT_KEYS = {"measure", "with", "expected", "tolerance", "tolerance_reason", "text"}


def _claim(entry: Any, document: str, path: Path) -> Claim:
    if not isinstance(entry, dict):
        raise ClaimError(f"{path}: each claim is a mapping, found {entry!r}")
    where = f"{path}, line {entry['__line__']}"
    name = f"claim {entry.get('id')!r}"
    _only(entry, CLAIM_KEYS, where, name)
    _needs(entry, ("id", "section", "says", "kind"), where, name)
    if entry["kind"] not in KINDS:
        raise ClaimError(f"{where}: {name} has kind {entry['kind']!r}, expected {', '.join(KINDS)}")
    if ("measure" in entry) == ("not_checkable" in entry):
        raise ClaimError(f"{where}: {name} needs either a measure or the reason not_checkable")
    caveat = entry.get("caveat")
    if caveat is not None:
        if not isinstance(caveat, dict):
            raise ClaimError(f"{where}: {name} has the caveat {caveat!r}, expected a mapping")
        _only(caveat, CAVEAT_KEYS, where, f"{name}, caveat")
        _needs(caveat, ("measure", "expected", "text"), where, f"{name}, caveat")
    if "measure" in entry:
        _needs(entry, ("expected", "holds", "fails"), where, name)
    return Claim(
        id=str(entry["id"]),
        document=document,
        section=str(entry["section"]),
        says=str(entry["says"]),
        kind=entry["kind"],
        question=_question(entry, where, name) if "measure" in entry else None,
        not_checkable=str(entry.get("not_checkable", "")),
        holds=str(entry.get("holds", "")),
        fails=str(entry.get("fails", "")),
        caveat=Caveat(_question(caveat, where, name), str(caveat["text"])) if caveat else None,
        where=where,
    )


def _question(entry: Mapping[str, Any], where: str, name: str) -> Question:
    tolerance = entry.get("tolerance", 0.0)
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float):
        raise ClaimError(f"{where}: {name} has the tolerance {tolerance!r}, expected a number")
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ClaimError(f"{where}: {name} has the tolerance {tolerance}, expected at least 0")
    if not isinstance(entry.get("with", {}), dict):
        raise ClaimError(f"{where}: {name} has 'with: {entry['with']!r}', expected a mapping")
    reason = str(entry.get("tolerance_reason", "" if tolerance else "exact agreement is asked for"))
    if not reason:
        raise ClaimError(f"{where}: {name} has a tolerance of {tolerance} without a reason")
    arguments = _plain(entry.get("with", {}))
    expected = _plain(entry["expected"])
    return Question(str(entry["measure"]), arguments, expected, float(tolerance), reason)


def _plain(value: Any) -> Any:
    """The value without the line numbers its mappings carry."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if key != "__line__"}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _only(entry: Mapping[str, Any], known: set[str], where: str, name: str) -> None:
    unknown = sorted(str(key) for key in set(entry) - known - {"__line__"})
    if unknown:
        raise ClaimError(
            f"{where}: {name} has the key {unknown[0]!r}; known are {', '.join(sorted(known))}"
        )


def _needs(entry: Mapping[str, Any], keys: tuple[str, ...], where: str, name: str) -> None:
    for key in keys:
        if key not in entry:
            raise ClaimError(f"{where}: {name} lacks the key {key!r}")
