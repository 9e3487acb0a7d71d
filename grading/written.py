"""Judges a written proof of a submission, in a child process with limits of its own."""

from __future__ import annotations

import base64
import json
import math
import signal
import subprocess
import sys
from pathlib import Path

from grading.allowance import Allowance
from grading.assignment import GradedCheck
from grading.bubblewrap import GraderFault
from grading.check import WrittenCheck
from grading.finding import CheckResult, Status, without_answer

ROOT = Path(__file__).parents[1]
COMMAND = ("-m", "grading.proof_process")
SEED = 0
# Wall time for a second of the child's own: it may share its core with others.
WALL_PER_SECOND, START_SECONDS = 20, 60
MOST_BYTES = 100_000
ENDED = (signal.SIGXCPU, signal.SIGABRT, signal.SIGSEGV)


def judge_written(folder: Path, graded: GradedCheck, allowance: Allowance) -> CheckResult:
    """Check the proof that the check asks for; a missing file and a wrong line earn nothing.

    Raises:
        NotRun: the submission has no time left for it.
        GraderFault: the child ended in a way that no limit explains.
    """
    check = graded.check
    assert isinstance(check, WrittenCheck)
    path = folder / "proofs" / check.file
    if not path.is_file():
        return without_answer(graded, f"The submission holds no proofs/{check.file}.")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES)
    seconds = math.ceil(allowance.left(graded))
    cause, steps, used = _cause(content, check, graded, seconds)
    allowance.charge(graded, used)
    if not cause and not steps:
        told = f"Not started yet: proofs/{check.file} has no steps."
        return without_answer(graded, told, "not started")
    status: Status = "failed" if cause else "passed"
    score = 0.0 if cause else graded.points
    told = f"proofs/{check.file}: {cause}" if cause else ""
    return CheckResult(graded, status, score, told, "", "", seed=SEED, cases=steps)


def _cause(
    content: bytes, check: WrittenCheck, graded: GradedCheck, seconds: int
) -> tuple[str, int, float]:
    """What is wrong with the proof, "" for nothing; how many steps it has; the seconds it took."""
    asked = {
        "content": base64.b64encode(content).decode(),
        "statement": check.statement,
        "fewest_steps": check.fewest_steps,
        "enters": check.enters,
        "seed": SEED,
        "seconds": seconds,
        "memory_bytes": graded.memory_mb * 2**20,
    }
    try:
        done = subprocess.run(
            [sys.executable, *COMMAND],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=START_SECONDS + WALL_PER_SECOND * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise GraderFault(f"{graded.id}: a proof was still being checked; {error}") from error
    if -done.returncode in ENDED:
        told = f"Checking it takes more than the {seconds} s or the memory it may take."
        return told, 1, seconds
    if done.returncode != 0:
        raise GraderFault(f"{graded.id}: the proof checker failed: {done.stderr[-400:]}")
    found = json.loads(done.stdout)
    return str(found["cause"]), int(found["steps"]), float(found["seconds"])
