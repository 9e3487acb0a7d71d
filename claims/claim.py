"""A document's claims as data, read from its `claims.yaml`; refused with file and line."""

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


RELATIONS = ("equal", "less", "at most", "greater", "at least")

MAIN = "claims.yaml"
"""The file of a document's folder that names the document and its sections."""

LARGEST = 1 << 20
"""Bytes of a claims file at most: a student's is read by the same code."""


DEEPEST = 20
"""Mappings and lists within one another at most."""

_FAST_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where it is built: the other takes minutes for some thousand brackets."""


class ClaimError(ValueError):
    """A claims file that cannot be used; the message names file, line and claim."""


@dataclasses.dataclass(frozen=True)
class Question:
    """What is measured and what the document expects: a measure's name, its arguments, a value.

    `relation` is how the measured value is to stand to the expected one. `tolerance` is absolute
    and applies to numbers only.
    """

    measure: str
    arguments: Mapping[str, Any]
    expected: Any
    relation: str
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


class _LineLoader(_FAST_LOADER):  # type: ignore[misc]  # C or Python, as PyYAML was built
    """SafeLoader whose mappings know the line they start on, under the key `__line__`."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping with its line; ClaimError where a key stands twice."""
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
    """Read a document's claims: a claims file, or the folder that holds one as `claims.yaml`.

    Further YAML files of the folder hold more of the document's claims, under the key `claims`
    alone. ClaimError where something is malformed names file, line and claim.
    """
    first = path / MAIN if path.is_dir() else path
    if not first.is_file():
        raise ClaimError(f"{path}: there is no {MAIN} in this folder")
    content = _content(first)
    _only(content, {"document", "title", "language", "sections", "claims"}, str(first), "the file")
    if not isinstance(content.get("sections"), dict):
        found = content.get("sections")
        raise ClaimError(f"{first}: expected a table of sections, found {found!r}")
    document = str(content.get("document", path.stem))
    sections = {str(name) for name in content["sections"] if name != "__line__"}
    claims = [_claim(entry, document, first) for entry in _entries(content, first)]
    for further in sorted(set(path.glob("*.yaml")) - {first}) if path.is_dir() else []:
        content = _content(further)
        _only(content, {"claims"}, str(further), "the file")
        claims += [_claim(entry, document, further) for entry in _entries(content, further)]
    if not claims:
        raise ClaimError(f"{first}: holds no claims")
    _check_places(claims, sections, first)
    return claims


def _content(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST:
        raise ClaimError(f"{path}: {path.stat().st_size} bytes, expected {LARGEST} at most")
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_bombs(text, path)
        loader = _LineLoader(text)
        loader.name = str(path)
        content = loader.get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, ClaimError):
            raise
        raise ClaimError(f"{path}: not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ClaimError(f"{path}: expected a mapping with document, sections and claims")
    return content


def _refuse_bombs(text: str, path: Path) -> None:
    """Raise ClaimError for what would grow or take long in reading: aliases, deep nesting."""
    depth = 0
    for event in yaml.parse(text, _FAST_LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise ClaimError(f"{path}, line {line}: an alias (*name), expected values written out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ClaimError(f"{path}, line {line}: nested over {DEEPEST} deep")


def _entries(content: Mapping[str, Any], path: Path) -> list[Any]:
    entries = content.get("claims") or []
    if not isinstance(entries, list):
        raise ClaimError(f"{path}: expected a list of claims, found {type(entries).__name__}")
    return entries


def _check_places(claims: list[Claim], sections: set[str], main: Path) -> None:
    """Raise ClaimError for a claim in a section that is not listed, or of another one's id."""
    first: dict[str, Claim] = {}
    for claim in claims:
        if claim.section not in sections:
            raise ClaimError(
                f"{claim.where}: claim {claim.id!r} stands in section {claim.section!r}, which is "
                f"not in the table of sections in {main}"
            )
        twin = first.setdefault(claim.id, claim)
        if twin is not claim:
            raise ClaimError(f"{claim.where}: the id {claim.id!r} is taken ({twin.where})")


CLAIM_KEYS = {
    "id", "section", "says", "kind", "measure", "with", "expected", "relation",
    "tolerance", "tolerance_reason", "holds", "fails", "caveat", "not_checkable",
}  # fmt: skip
CAVEAT_KEYS = {
    "measure", "with", "expected", "relation", "tolerance", "tolerance_reason", "text",
}  # fmt: skip


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
    expected = _plain(entry["expected"])
    relation = entry.get("relation", "equal")
    if relation not in RELATIONS:
        known = ", ".join(RELATIONS)
        raise ClaimError(f"{where}: {name} has the relation {relation!r}, expected {known}")
    number = isinstance(expected, int | float) and not isinstance(expected, bool)
    if relation != "equal" and not number:
        raise ClaimError(f"{where}: {name} expects {expected!r} to be {relation}: not a number")
    return Question(
        str(entry["measure"]), _plain(entry.get("with", {})), expected, relation,
        float(tolerance), reason,
    )  # fmt: skip


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
