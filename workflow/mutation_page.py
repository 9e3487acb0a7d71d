"""Compares what `make mutation` found with what is explained, and writes the page about it.

tests/mutation_survivors.yaml holds the mistakes that no test can notice, each with the reason. One
that is found and not explained there, and one that is explained and noticed, are both faults.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
SURVIVORS = ROOT / "tests" / "mutation_survivors.yaml"
PAGE = ROOT / "docs" / "explanation" / "mutation.md"


@dataclasses.dataclass(frozen=True, order=True)
class Planted:
    """A mistake by what does not change as lines are added above it."""

    file: str
    function: str
    was: str
    becomes: str


def explained() -> dict[Planted, str]:
    """The reason of every explained mistake."""
    given = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []
    return {
        Planted(entry["file"], one["in"], one["was"], one["becomes"]): entry["why"].strip()
        for entry in given
        for one in entry["mistakes"]
    }


def planted(record: Mapping[str, Any]) -> Planted:
    """The mistake that a record of a measurement is about."""
    return Planted(*(record[field.name] for field in dataclasses.fields(Planted)))


def faults(records: Sequence[Mapping[str, Any]], reasons: Mapping[Planted, str]) -> list[str]:
    """What is not noticed and not explained, and what is explained and was noticed or is gone."""
    survived = {planted(one) for one in records if one["outcome"] == "survived"}
    measured = {one["file"] for one in records}
    idle = {one for one in reasons if one.file in measured} - survived
    return [
        *(f"not noticed: {_told(one)}" for one in sorted(survived - reasons.keys())),
        *(f"explained, but noticed or gone: {_told(one)}" for one in sorted(idle)),
    ]


def _told(one: Planted) -> str:
    return f"{one.file}, {one.function or 'top'}: {one.was}  =>  {one.becomes}"


def counts_table(records: Iterable[Mapping[str, Any]]) -> str:
    """A row for each file, and one for all of them."""
    found = Counter((one["file"], one["outcome"]) for one in records)
    files = sorted({file for file, _ in found})
    columns = ("killed", "timeout", "survived")
    rows = {f"`{file}`": [found[file, one] for one in columns] for file in files}
    rows["all"] = [sum(found[file, one] for file in files) for one in columns]
    lines = ["| file | mistakes | noticed | by running on | not noticed |", "|---|--:|--:|--:|--:|"]
    for name, counts in rows.items():
        lines.append(f"| {name} | {sum(counts)} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines)


def reasons_table(reasons: Mapping[Planted, str]) -> str:
    """What cannot be noticed, file by file, and why."""
    lines = ["| where | line | with the mistake | why it cannot matter |", "|---|---|---|---|"]
    before = ("", "")
    for one, why in reasons.items():
        where = f"{Path(one.file).stem}, {one.function or 'top of the file'}"
        told = why if (one.file, why) != before else "likewise"
        before = (one.file, why)
        cells = (where, f"`{one.was}`", f"`{one.becomes}`", told)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def with_part(page: str, name: str, text: str) -> str:
    """The page with what stands between the two marks of that name replaced."""
    marks = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = f"(?s)({marks[0]}\n).*?(\n{marks[1]})"
    if not re.search(pattern, page):
        raise ValueError(f"{PAGE.name} has no part between {marks[0]} and {marks[1]}")
    return re.sub(pattern, lambda found: f"{found[1]}\n{text}\n{found[2]}", page)


def write(records: Sequence[Mapping[str, Any]], commit: str) -> None:
    """Put a measurement of all files, and the reasons, into the page."""
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    seconds = sum(one["seconds"] for one in records)
    head = f"Measured on {day}, of commit {commit}; {seconds / 60:.0f} minutes of processor time."
    page = PAGE.read_text(encoding="utf-8")
    page = with_part(page, "counts", f"{head}\n\n{counts_table(records)}")
    PAGE.write_text(with_part(page, "reasons", reasons_table(explained())), encoding="utf-8")


def main() -> None:
    """Write the page's table of reasons anew, after the file of them has been edited."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_part(page, "reasons", reasons_table(explained())), encoding="utf-8")


if __name__ == "__main__":
    main()
