"""Every row of `grading/attacks.md` is graded for real, and every sample has its row."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grading import feedback
from grading.assignment import Assignment, load
from grading.judge import judge
from grading.submission import freeze

SAMPLES = Path(__file__).parent / "attacks"
TABLE = Path(__file__).parents[2] / "grading" / "attacks.md"
ROW = re.compile(
    r"^\|[^|]+\| `(\w+)`(?: on `(\w+)`)? \|[^|]+\| `([^`]+)` \|$",
    re.MULTILINE,
)
ROWS = ROW.findall(TABLE.read_text())


def sample(name: str) -> Path:
    folder = SAMPLES / name
    return folder if folder.is_dir() else SAMPLES / f"{name}.py"


@pytest.mark.parametrize(("name", "check", "told"), ROWS)
@pytest.mark.slow
def test_the_attack_earns_nothing_and_is_told_what_the_table_says(
    assignment: Assignment,
    tmp_path: Path,
    untranslated: Callable[[str], list[str]],
    name: str,
    check: str,
    told: str,
):
    # Only what never ends is ended by the clock, however busy the machine is.
    seconds = 1 if "time" in told else 20
    asked = [one for one in load("adagrad").checks if one.id == (check or "adagrad_step")]
    checks = tuple(dataclasses.replace(one, seconds=seconds, needs=()) for one in asked)
    frozen = freeze(sample(name), tmp_path / "frozen")
    (result,) = found = judge(frozen, dataclasses.replace(assignment, checks=checks))
    assert (result.status, result.score) == ("failed", 0)
    assert told in result.cause
    assert untranslated(result.cause) == []
    assert untranslated(result.explanation) == []
    page = feedback.page(frozen, assignment, found)
    assert "<script" not in page
    assert "<img" not in page


def test_every_sample_has_a_row_and_every_row_a_sample():
    entries = {path.stem for path in SAMPLES.iterdir() if path.stem not in ("ruff", "__pycache__")}
    assert entries == {name for name, _, _ in ROWS}
    table = TABLE.read_text().splitlines()
    assert len(ROWS) == sum(line.startswith("| ") for line in table) - 2  # heading and rule
