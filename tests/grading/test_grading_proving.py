"""What the child that checks a proof is asked, and what its answers are worth; it is made here."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path

import pytest
from doubling import GRADED

from grading import written
from grading.allowance import Allowance, NotRun
from grading.bubblewrap import GraderFault
from grading.check import WrittenCheck

PROOF = WrittenCheck("p.yaml", "prove: a = a", 3, {"h": ("a", "b")})
ASKED = dataclasses.replace(GRADED, id="proof", check=PROOF, seconds=7, memory_mb=300)
CHILD = """
import json, sys
asked = json.load(sys.stdin)
open({path!r}, "w").write(json.dumps(asked))
{does}
"""


@pytest.fixture
def proved(tmp_path: Path, monkeypatch):
    """Judge a proof with a child that does what it is told."""

    def run(does: str, content: bytes = b"p", allowance: Allowance | None = None):
        (tmp_path / "proofs").mkdir(exist_ok=True)
        (tmp_path / "proofs" / "p.yaml").write_bytes(content)
        child = CHILD.format(path=str(tmp_path / "asked.json"), does=does)
        monkeypatch.setattr(written, "COMMAND", ("-S", "-c", child))
        return written.judge_written(tmp_path, ASKED, allowance or Allowance(60))

    return run


def found(**answer: object) -> str:
    return f"print({json.dumps({'cause': '', 'steps': 4, 'seconds': 1.5, **answer})!r})"


def test_a_right_proof_earns_all_points_and_is_charged_for(proved):
    allowance = Allowance(60)
    result = proved(found(), allowance=allowance)
    assert (result.status, result.score, result.cause) == ("passed", 8, "")
    assert (result.cases, result.seed, allowance.left(ASKED)) == (4, 0, 5.5)


def test_a_wrong_line_earns_nothing_and_is_told(proved):
    result = proved(found(cause="line 3: no", steps=1))
    assert (result.status, result.score) == ("failed", 0)
    assert result.cause == "proofs/p.yaml: line 3: no"


def test_without_steps_a_proof_is_not_started(proved):
    result = proved(found(steps=0))
    assert (result.status, result.score, result.cases) == ("not started", 0, 0)
    assert proved(found(cause="line 1: no", steps=0)).status == "failed"


def test_the_child_is_told_the_statement_and_what_it_may_use(proved, tmp_path):
    allowance = Allowance(60)
    allowance.charge(ASKED, 2.5)
    proved(found(), b"x" * 100_001, allowance)
    assert json.loads((tmp_path / "asked.json").read_text()) == {
        "content": base64.b64encode(b"x" * 100_000).decode(),
        "statement": "prove: a = a",
        "fewest_steps": 3,
        "enters": {"h": ["a", "b"]},
        "seed": 0,
        "seconds": 5,  # 4.5 are left
        "memory_bytes": 300 * 1024 * 1024,
    }


def test_the_child_is_begun_where_the_checker_can_be_imported(proved, tmp_path):
    says = f"import os; open({str(tmp_path / 'where')!r}, 'w').write(os.getcwd()); "
    proved(says + found())
    assert (tmp_path / "where").read_text() == str(Path(__file__).parents[2])


@pytest.mark.parametrize("signal", ["SIGXCPU", "SIGABRT", "SIGSEGV"])
def test_a_child_that_its_limits_end_costs_the_points_and_the_time(proved, signal):
    allowance = Allowance(60)
    ends = f"import os, signal; os.kill(os.getpid(), signal.{signal})"
    result = proved(ends, allowance=allowance)
    assert (result.status, result.score, result.cases) == ("failed", 0, 1)
    assert "Checking it takes more than the 7 s or the memory it may take." in result.cause
    with pytest.raises(NotRun):
        allowance.left(ASKED)


@pytest.mark.parametrize(
    "ends", ["raise SystemExit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]
)
def test_any_other_end_is_the_graders_fault(proved, ends):
    with pytest.raises(GraderFault, match="proof: the proof checker failed"):
        proved(ends)


def test_of_what_a_failed_child_says_the_end_is_kept(proved):
    says = "sys.stderr.write('a' + 400 * 'b'); raise SystemExit(1)"
    with pytest.raises(GraderFault) as told:
        proved(says)
    assert str(told.value).endswith("failed: " + 400 * "b")


def test_a_child_that_does_not_end_is_the_graders_fault(proved, monkeypatch):
    monkeypatch.setattr(written, "START_SECONDS", 0.1)
    monkeypatch.setattr(written, "WALL_PER_SECOND", 0.05)
    with pytest.raises(GraderFault, match=r"still being checked; .* timed out after 0.45"):
        proved("import time; time.sleep(60)")


def test_a_busy_machine_has_twenty_seconds_for_one_and_a_minute_to_start():
    assert (written.WALL_PER_SECOND, written.START_SECONDS) == (20, 60)


def test_without_time_or_file_no_child_is_asked(proved, tmp_path):
    spent = Allowance(60)
    spent.charge(ASKED, 7)
    with pytest.raises(NotRun):
        proved(found(), allowance=spent)
    (tmp_path / "proofs" / "p.yaml").unlink()
    missing = written.judge_written(tmp_path, ASKED, Allowance(60))
    assert (missing.status, missing.score) == ("failed", 0)
    assert missing.cause == "The submission holds no proofs/p.yaml."
    assert not (tmp_path / "asked.json").exists()
