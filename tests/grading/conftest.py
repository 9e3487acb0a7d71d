"""The real jail for every test of this room: submissions are written, frozen, run and judged."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.assignment import Assignment, Credit, load
from grading.finding import CheckResult
from grading.judge import judge
from grading.submission import freeze
from grading.translation import Language, language

collect_ignore = ["attacks"]  # they are run in the jail, and nowhere else

Judged = Callable[..., CheckResult]


@pytest.fixture
def assignment() -> Assignment:
    """The shipped assignment's first check alone, for ten points, with time that suits a test."""
    shipped = load("adagrad")
    first = dataclasses.replace(shipped.checks[0], points=10, seconds=20, credit=Credit())
    return dataclasses.replace(shipped, checks=(first,))


@pytest.fixture(autouse=True)
def bubblewrap_is_here() -> None:
    """Nothing of this room runs without it; CI must have it."""
    if shutil.which("bwrap") is None and not os.environ.get("CI"):
        pytest.skip("bubblewrap is not installed, and nothing is run without it")


@pytest.fixture
def frozen(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Freeze a submission of one file; the path of the file in the frozen copy."""

    def run(code: str | bytes) -> Path:
        source = tmp_path / "submission.py"
        source.write_bytes(code if isinstance(code, bytes) else code.encode())
        return freeze(source, tmp_path / "frozen").folder / "submission.py"

    return run


@pytest.fixture
def judged(assignment: Assignment, tmp_path: Path) -> Judged:
    """Judge a submission of one file on the check `adagrad_step`, in the real jail."""

    def run(code: str | bytes, seconds: int = 20) -> CheckResult:
        source = tmp_path / "submission.py"
        source.write_bytes(code if isinstance(code, bytes) else code.encode())
        checks = tuple(dataclasses.replace(c, seconds=seconds) for c in assignment.checks)
        frozen = freeze(source, tmp_path / "frozen")
        (result,) = judge(frozen, dataclasses.replace(assignment, checks=checks))
        return result

    return run


@pytest.fixture
def judged_path(assignment: Assignment, tmp_path: Path) -> Callable[[Path], CheckResult]:
    """Judge a submission in whatever form it is."""

    def run(source: Path) -> CheckResult:
        (result,) = judge(freeze(source, tmp_path / "frozen"), assignment)
        return result

    return run


@pytest.fixture
def jailed_folder(assignment: Assignment, tmp_path: Path) -> Callable[..., CheckResult]:
    """Judge a submission of several files, given by name."""

    def run(files: dict[str, str]) -> CheckResult:
        source = tmp_path / "handed in"
        source.mkdir()
        for name, code in files.items():
            (source / name).write_text(code)
        (result,) = judge(freeze(source, tmp_path / "frozen"), assignment)
        return result

    return run


@pytest.fixture
def judged_check(tmp_path: Path) -> Callable[..., tuple[CheckResult, ...]]:
    """Judge code on checks of the shipped assignment, given by name, whatever they build on."""

    def run(code: str, *names: str) -> tuple[CheckResult, ...]:
        source = tmp_path / "submission.py"
        source.write_text(code)
        shipped = load("adagrad")
        asked = tuple(
            dataclasses.replace(each, needs=()) for each in shipped.checks if each.id in names
        )
        return judge(
            freeze(source, tmp_path / "frozen"), dataclasses.replace(shipped, checks=asked)
        )

    return run


@pytest.fixture
def untranslated(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """The judge's own sentences in a text for which there is no Vietnamese."""
    left: list[str] = []
    translate = Language._sentence

    def watched(self: Language, text: str) -> str:
        told = translate(self, text)
        if told == text and re.search(r"[a-z]{2,} [a-z]{2,}", text):
            left.append(text)
        return told

    def run(text: str) -> list[str]:
        left.clear()
        monkeypatch.setattr(Language, "_sentence", watched)
        language("vi").sentences(text)
        return list(left)

    return run
