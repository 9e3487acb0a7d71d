"""Load and kill tests of grading: a class with hostile submissions, through Snakemake.

Measures how many submissions a second are graded on two cores, that none is lost, how long the
slowest honest one takes among hostile ones, and that a run that is killed in the middle and
started again ends in the same gradebook. Works in a copy of the project, so that no results of
the user are touched. Ends in an error where something is lost or differs.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data_scaling import machine

ROOT = Path(__file__).parent.parent
NOT_COPIED = (".*", "results", "logs", "build", "__pycache__", "*.egg-info")
CORES = 2
HOSTILE_SHARE = 0.05
ASSIGNMENT = "adagrad"
LIMIT_SECONDS = 3600
POLL_SECONDS = 0.05

HONEST = """import numpy as np

RUN = {number}


def adagrad_step(x, grad, s, lr, eps):
    s = s + {square}
    return x - lr * grad / {root}, s


def grad_f1(x):
    return np.array([0.2 * x[0], 4 * x[1]])
"""
STYLES = (
    {"square": "grad**2", "root": "(np.sqrt(s) + eps)"},
    {"square": "grad * grad", "root": "(s**0.5 + eps)"},
    {"square": "grad**2", "root": "np.sqrt(s + eps)"},
    {"square": "grad", "root": "(np.sqrt(np.abs(s)) + eps)"},
)
HOSTILE = (
    "while True:\n    pass\n",
    "import os\nwhile True:\n    os.fork()\n",
    "held = []\nwhile True:\n    held.append(bytearray(2**26))\n",
    "while True:\n    print('x' * 4096)\n",
    "import os\nos._exit(0)\n",
    "import time\ntime.sleep(10**6)\n",
)


class Wrong(RuntimeError):
    """Grading lost a submission, or graded it differently."""


def write_class(folder: Path, count: int, hostile: int) -> None:
    """Write a class of single files: honest ones in some styles, hostile ones spread among them."""
    folder.mkdir(parents=True)
    for number in range(count):
        code = HONEST.format(number=number, **STYLES[number % len(STYLES)])
        (folder / f"student{number:04d}.py").write_text(code)
    for number in range(hostile):
        at = (number * count) // hostile
        code = HOSTILE[number % len(HOSTILE)]
        (folder / f"student{at:04d}.py").unlink()
        (folder / f"student{at:04d}_hostile.py").write_text(code)


@contextlib.contextmanager
def copy_of_the_project() -> Iterator[Path]:
    """A copy to grade in, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="grading-bench-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        yield copy


def start(project: Path, submissions: Path, cores: int) -> subprocess.Popen[bytes]:
    """Snakemake, on its way to the gradebook of these submissions."""
    grading = json.dumps({"assignment": ASSIGNMENT, "submissions": str(submissions)})
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--nolock", "--quiet"]
    command += ["all", "--rerun-incomplete", "results/grading/gradebook.csv"]
    log = (project / "bench.log").open("ab")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with log:
        return subprocess.Popen(
            [*command, "--config", f"grading={grading}"],
            cwd=project,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def graded(project: Path) -> list[Path]:
    """The results that are there."""
    return sorted(project.glob("results/grading/*/results.json"))


def finish(process: subprocess.Popen[bytes], project: Path) -> float:
    """Wait for a run; how many seconds it took from here.

    Raises:
        Wrong: it failed or never ended.
    """
    begun = time.monotonic()
    try:
        code = process.wait(LIMIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        raise Wrong(f"grading did not end within {LIMIT_SECONDS} s") from error
    if code:
        said = (project / "bench.log").read_text(errors="replace")[-3000:]
        raise Wrong(f"grading ended with code {code}: {said}")
    return time.monotonic() - begun


def kill_in_the_middle(process: subprocess.Popen[bytes], project: Path, after: int) -> int:
    """SIGKILL to Snakemake and all its jobs when so many are graded; how many then were."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while len(graded(project)) < after and process.poll() is None:
        if time.monotonic() > deadline:
            raise Wrong(f"not even {after} submissions were graded within {LIMIT_SECONDS} s")
        time.sleep(POLL_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return len(graded(project))


def rows_of(project: Path) -> list[dict[str, str]]:
    """The gradebook's rows."""
    text = (project / "results/grading/gradebook.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def execution_seconds(project: Path, hostile: bool) -> list[float]:
    """How long each submission took to grade, of one kind."""
    return [
        json.loads(path.read_text())["execution_time"]
        for path in graded(project)
        if path.parent.name.endswith("_hostile") is hostile
    ]


def load_and_kill(count: int, hostile: int, cores: int) -> dict[str, object]:
    """Grade a class undisturbed and once more killed in the middle; what was measured.

    Raises:
        Wrong: a submission was lost, a hostile one earned something, or the gradebooks differ.
    """
    with copy_of_the_project() as project:
        submissions = project.parent / "submissions"
        write_class(submissions, count, hostile)
        names = sorted(path.stem for path in submissions.iterdir())
        seconds = finish(start(project, submissions, cores), project)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        rows = rows_of(project)
        if [row["id"] for row in rows] != names or {row["status"] for row in rows} != {"graded"}:
            missing = sorted(set(names) - {row["id"] for row in rows if row["status"] == "graded"})
            raise Wrong(f"lost: {', '.join(missing)}")
        attackers = [row for row in rows if row["id"].endswith("_hostile")]
        earned = [row["id"] for row in attackers if row["score"] != "0"]
        if earned:
            raise Wrong(f"hostile submissions earned something: {', '.join(earned)}")
        honest, other = (execution_seconds(project, hostile=kind) for kind in (False, True))
        undisturbed = (project / "results/grading/gradebook.csv").read_bytes()
        shutil.rmtree(project / "results")
        killed_after = kill_in_the_middle(start(project, submissions, cores), project, count // 2)
        finish(start(project, submissions, cores), project)
        if (project / "results/grading/gradebook.csv").read_bytes() != undisturbed:
            raise Wrong("after a kill and a new start the gradebook is not the same")
    return {
        "submissions": count,
        "hostile": hostile,
        "cores": cores,
        "seconds": round(seconds, 1),
        "submissions_a_second": round(count / seconds, 2),
        "cpu_seconds_a_submission": round((used.ru_utime + used.ru_stime) / count, 2),
        "load_average_at_the_end": round(os.getloadavg()[0], 1),
        "seconds_of_the_slowest_honest": max(honest),
        "seconds_of_the_median_honest": sorted(honest)[len(honest) // 2],
        "seconds_of_the_slowest_hostile": max(other, default=0.0),
        "killed_after": killed_after,
        "gradebook_identical_after_the_kill": True,
    }


def main() -> None:
    """Measure and write results/benchmarks/grading.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a class of 20 instead of 300")
    parser.add_argument("--submissions", type=int, help="how many instead")
    parser.add_argument("--honest", action="store_true", help="no hostile submissions")
    arguments = parser.parse_args()
    count = arguments.submissions or (20 if arguments.quick else 300)
    hostile = 0 if arguments.honest else max(1, round(HOSTILE_SHARE * count))
    measured = load_and_kill(count, hostile, CORES)
    measured["machine"] = machine()
    output = ROOT / "results" / "benchmarks" / "grading.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(measured, indent=1) + "\n")
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
