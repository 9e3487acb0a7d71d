"""Written proofs: right ones earn their points, wrong lines and leaps are named with their line."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grading import written
from grading.assignment import load
from grading.bubblewrap import GraderFault
from grading.finding import CheckResult
from grading.judge import judge
from grading.submission import freeze

SAMPLES = Path(__file__).parents[2] / "examples" / "submissions"
LENGTHS = SAMPLES / "good" / "proofs" / "orthogonal_invariance.yaml"
DISCS = SAMPLES / "good" / "proofs" / "gerschgorin.yaml"

PROVED = "norm(c - d) = norm(U @ c - U @ d)"

Prove = Callable[..., CheckResult]


@pytest.fixture
def proved(tmp_path: Path) -> Prove:
    """Judge one proof of exercise 1 or 3."""

    def run(text: str, check: str = "proof_of_orthogonal_invariance", **limits: int) -> CheckResult:
        assignment = load("adagrad")
        (graded,) = [one for one in assignment.checks if one.id == check]
        folder = tmp_path / "handed in" / "proofs"
        folder.mkdir(parents=True)
        (folder / graded.check.file).write_text(text)
        submission = freeze(folder.parent, tmp_path / "frozen")
        alone = dataclasses.replace(graded, **limits)
        (result,) = judge(submission, dataclasses.replace(assignment, checks=(alone,)))
        return result

    return run


def test_right_proofs_earn_their_points_without_any_code(proved):
    result = proved(LENGTHS.read_text())
    assert (result.status, result.score, result.cause) == ("passed", 8, "")
    assert result.cases == 7  # steps, for the instructor to see how short it is


def test_another_right_proof_earns_them_too(proved):
    # Without abbreviations, the factor one left out at once, and in the other direction.
    result = proved("""
title: From the right to the left
place: {document: assignment, section: 3.8 exercise 1}
given: {n: order, d: vector(n), c: vector(n), U: orthogonal(n)}
prove: norm(c - d) = norm(U @ c - U @ d)
steps:
  - have: norm(U @ c - U @ d)**2
  - =: norm(U @ (c - d))**2
    using: []
  - =: (U @ (c - d)).T @ (U @ (c - d))
    using: []
  - =: (c - d).T @ U.T @ U @ (c - d)
    using: []
  - =: (c - d).T @ (c - d)
    using: [U]
  - =: norm(c - d)**2
    using: []
  - =>: norm(c - d) = norm(U @ c - U @ d)
    using: []
""")
    assert (result.status, result.cause) == ("passed", "")


@pytest.mark.slow
def test_the_proof_of_the_discs_earns_its_points(proved):
    assert proved(DISCS.read_text(), "proof_of_gerschgorin").status == "passed"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("v.T @ U.T @ U @ v", "v.T @ U @ U @ v", "Line 17, step 3: false"),
        ("orthogonal(n)", "matrix(n)", "`given` is .* this check asks to keep it as .*orthogonal"),
        ("prove: norm(c - d) =", "prove: norm(c - d) <=", "`prove` is .*<=.* keep it as"),
        ("    using: [U]\n", "", "say what this step uses"),
        ("using: [U]", "using: []", "not from what it cites"),
        ("  - =: v.T @ eye(n) @ v\n", "  - =: norm(v)**2\n", r"may only put eye\(n\) for U\.T @ U"),
        ("steps:", "stages:", "unknown key 'stages'"),
    ],
)
@pytest.mark.slow
def test_what_is_wrong_with_a_proof_is_named(proved, old, new, told):
    text = LENGTHS.read_text()
    assert old in text
    result = proved(text.replace(old, new, 1))
    assert (result.status, result.score) == ("failed", 0)
    assert re.search(told, result.cause), result.cause


@pytest.mark.parametrize(
    "start",
    [
        "  - have: U.T @ U\n  - =: eye(n)\n",
        "  - have: U.T @ U = U.T @ U\n    using: []\n  - =>: U.T @ U = eye(n)\n",
    ],
)
@pytest.mark.slow
def test_the_definition_stated_alone_is_no_proof(proved, start):
    head = LENGTHS.read_text().split("steps:")[0]
    steps = f"{start}    using: [U]\n"
    for line in ("norm(U @ v) = norm(v)", "norm(U @ v) = norm(v)", PROVED):
        steps += f"  - =>: {line}\n    using: []\n"
    assert "may only put eye(n) for U.T @ U" in proved(f"{head}steps:\n{steps}").cause


def test_too_few_steps_are_a_leap(proved):
    head = DISCS.read_text().split("steps:")[0]
    leap = "  - have: M @ x = lam * x\n    using: [x]\n"
    leap += f"  - =>: {head.split('prove: ')[1].strip()}\n    using: [x, j]\n"
    cause = proved(f"{head}steps:\n{leap}", "proof_of_gerschgorin").cause
    assert "needs at least 5" in cause


LEAP = """\
  - have: abs(lam - M[j, j]) * abs(x[j])
  - <=: sum(abs(M[j, k]) for k in range(n) if k != j) * abs(x[j])
    using: [x, j]
  - =: abs(x[j]) * sum(abs(M[j, k]) for k in range(n) if k != j)
    using: []
  - =: sum(abs(M[j, k]) for k in range(n) if k != j) * abs(x[j])
    using: []
  - =>: abs(lam - M[j, j]) * abs(x[j]) <= sum(abs(M[j, k]) for k in range(n) if k != j) * abs(x[j])
    using: []
  - =>: abs(lam - M[j, j]) <= sum(abs(M[j, k]) for k in range(n) if k != j)
    using: [x, j]
"""


def test_a_true_leap_with_padding_is_accepted_and_its_few_steps_are_told(proved):
    """What docs/grading.md says is not resisted; the class page has a person read such proofs."""
    head = DISCS.read_text().split("let:")[0]
    prove = DISCS.read_text().split("prove: ")[1].splitlines()[0]
    result = proved(f"{head}prove: {prove}\nsteps:\n{LEAP}", "proof_of_gerschgorin")
    assert (result.status, result.cases) == ("passed", 5)


@pytest.mark.slow
def test_a_proof_that_needs_more_than_its_time_earns_nothing_and_ends(proved, monkeypatch):
    monkeypatch.setattr(written, "WALL_PER_SECOND", 60)
    slow = "import sys\nwhile True: pass\n"
    monkeypatch.setattr(written, "COMMAND", ("-c", LIMITED + slow))
    assert "takes more than the 1 s" in proved(LENGTHS.read_text(), seconds=1).cause


def test_a_checker_that_fails_is_a_grader_fault_and_no_zero(proved, monkeypatch):
    monkeypatch.setattr(written, "COMMAND", ("-c", "raise RuntimeError('broken')"))
    with pytest.raises(GraderFault, match="broken"):
        proved(LENGTHS.read_text())


def test_a_missing_proof_is_named(tmp_path):
    (tmp_path / "submission.py").write_text("x = 1")
    assignment = load("adagrad")
    (graded,) = [one for one in assignment.checks if one.id == "proof_of_gerschgorin"]
    submission = freeze(tmp_path / "submission.py", tmp_path / "frozen")
    (result,) = judge(submission, dataclasses.replace(assignment, checks=(graded,)))
    assert result.cause == "The submission holds no proofs/gerschgorin.yaml."


LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 6))\n"
