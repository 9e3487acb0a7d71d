"""Load and kill tests of grading: a class with hostile submissions, through Snakemake.

Measures how many submissions a second are graded on two cores, that none is lost, how long honest
ones take beside hostile ones and among themselves, and that a run that is killed in the middle and
started again ends in the same gradebook. Works in a copy of the project, so that no results of the
user are touched. Ends in an error where something is lost or differs. Takes four minutes on two
cores that do nothing else.
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
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from benchmarks.machine import machine

ROOT = Path(__file__).parent.parent
NOT_COPIED = (".*", "results", "logs", "build", "__pycache__", "*.egg-info")
# Python keeps the modules it has compiled, unless somebody's shell says not to.
NOT_PASSED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
CORES = 2
ALONE = 60
HOSTILE_SHARE = 0.05
ASSIGNMENT = "adagrad"
LIMIT_SECONDS = 3600
POLL_SECONDS = 0.05

HONEST = """import numpy as np

RUN = {number}


def adagrad_step(x, grad, s, lr, eps):
    s = s + {square}
    return x - lr * grad / {root}, s


def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1, s2 = s1 + g1**2, s2 + g2**2
    return x1 - 0.4 / (s1 + 1e-6) ** 0.5 * g1, x2 - 0.4 / (s2 + 1e-6) ** 0.5 * g2, s1, s2


def grad_f1(x):
    return np.array([0.2 * x[0], 4 * x[1]])


def grad_f2(x):
    a, b = x[0] + x[1], x[0] - x[1]
    return np.array([0.2 * a + 4 * b, 0.2 * a - 4 * b])


def grad_f1_rotated(x):
    return grad_f2(x) / 2


def gerschgorin_discs(matrix):
    centres = np.diag(matrix)
    return centres, np.abs(matrix).sum(axis=1) - np.abs(centres)


def precondition(matrix):
    scale = np.diag(1 / np.sqrt(np.diag(matrix)))
    return scale @ matrix @ scale


def rmsprop_step(x, grad, s, lr, rho, eps):
    s = rho * s + (1 - rho) * {square}
    return x - lr * grad / {root}, s
"""
STYLES = (
    {"square": "grad**2", "root": "(np.sqrt(s) + eps)"},
    {"square": "grad * grad", "root": "(s**0.5 + eps)"},
    {"square": "grad**2", "root": "np.sqrt(s + eps)"},
    {"square": "grad", "root": "(np.sqrt(np.abs(s)) + eps)"},
)
FUNCTIONS = (
    "adagrad_step = adagrad_2d = init_adagrad_states = adagrad = grad_f1 = grad_f2 = "
    "grad_f1_rotated = gerschgorin_discs = precondition = rmsprop_step = endless\n"
)
ENDLESS = "def {name}(*_):\n    while True:\n        pass\n\n\n"
HOSTILE = {
    "endless import": "while True:\n    pass\n",
    "fork bomb": "import os\nwhile True:\n    os.fork()\n",
    "memory bomb": "held = []\nwhile True:\n    held.append(bytearray(2**26))\n",
    "output flood": "while True:\n    print('x' * 4096)\n",
    "exit": "import os\nos._exit(0)\n",
    "sleep": "import time\ntime.sleep(10**6)\n",
    "endless function": ENDLESS.format(name="adagrad_step"),
    "all functions endless": ENDLESS.format(name="endless") + FUNCTIONS,
}


class Wrong(RuntimeError):
    """Grading lost a submission, or graded it differently."""


def write_class(folder: Path, count: int, hostile: int) -> dict[str, str]:
    """Write a class of single files: honest ones in some styles, hostile ones spread among them.

    Returns what kind each hostile one is, by its name.
    """
    folder.mkdir(parents=True)
    for number in range(count):
        code = HONEST.format(number=number, **STYLES[number % len(STYLES)])
        (folder / f"student{number:04d}.py").write_text(code)
    kinds = list(HOSTILE)
    attackers = {}
    for number in range(hostile):
        at, kind = (number * count) // hostile, kinds[number % len(kinds)]
        (folder / f"student{at:04d}.py").unlink()
        (folder / f"student{at:04d}_hostile.py").write_text(HOSTILE[kind])
        attackers[f"student{at:04d}_hostile"] = kind
    return attackers


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
    command += ["all", "--rerun-incomplete", "--profile", "profiles/class", "--"]
    command += ["results/grading/gradebook.csv"]
    log = (project / "bench.log").open("ab")
    environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED}
    with log:
        return subprocess.Popen(
            [*command[:-2], "--config", f"grading={grading}", *command[-2:]],
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


def execution_seconds(project: Path) -> dict[str, float]:
    """How long each submission took to grade, by its name."""
    return {
        path.parent.name: json.loads(path.read_text())["execution_time"] for path in graded(project)
    }


def processor_seconds() -> tuple[float, float]:
    """What all processors of the machine have worked so far, and of that the benchmark's children.

    Nobody waits for the processes of a jail, so that what the children have worked lacks theirs;
    what the machine has worked (proc_stat(5)) is right where nothing else runs on it.
    """
    user, nice, system, _idle, _waiting, *rest = Path("/proc/stat").read_text().split()[1:8]
    ticks = sum(int(count) for count in (user, nice, system, *rest))
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ticks / os.sysconf("SC_CLK_TCK"), children.ru_utime + children.ru_stime


def worked(before: tuple[float, float], count: int) -> dict[str, float]:
    """Processor seconds a submission since `before`, of the machine and without the jails."""
    machine_wide, children = processor_seconds()
    return {
        "processor_seconds_each": round((machine_wide - before[0]) / count, 2),
        "processor_seconds_each_without_the_jails": round((children - before[1]) / count, 2),
    }


def undisturbed(project: Path, submissions: Path, attackers: Collection[str], cores: int) -> float:
    """Grade a class once; how many seconds that took.

    Raises:
        Wrong: a submission was lost, or a hostile one earned something.
    """
    names = sorted(path.stem for path in submissions.iterdir())
    seconds = finish(start(project, submissions, cores), project)
    rows = rows_of(project)
    if [row["id"] for row in rows] != names or {row["status"] for row in rows} != {"graded"}:
        missing = sorted(set(names) - {row["id"] for row in rows if row["status"] == "graded"})
        raise Wrong(f"lost: {', '.join(missing)}")
    earned = [row["id"] for row in rows if row["id"] in attackers and row["score"] != "0"]
    if earned:
        raise Wrong(f"hostile submissions earned something: {', '.join(earned)}")
    return seconds


def load(project: Path, count: int, hostile: int, cores: int) -> dict[str, object]:
    """Grade a class with hostile submissions, then some honest ones alone; what was measured.

    Raises:
        Wrong: a submission was lost, or a hostile one earned something.
    """
    submissions = project.parent / "submissions"
    attackers = write_class(submissions, count, hostile)
    before = processor_seconds()
    seconds = undisturbed(project, submissions, attackers, cores)
    processors = worked(before, count)
    taken = execution_seconds(project)
    honest = sorted(each for name, each in taken.items() if name not in attackers)
    by_kind: dict[str, float] = {}
    for name, kind in attackers.items():
        by_kind[kind] = max(by_kind.get(kind, 0.0), taken[name])
    return {
        "submissions": count,
        "hostile": hostile,
        "cores": cores,
        "seconds": round(seconds, 1),
        "submissions_a_second": round(count / seconds, 2),
        **processors,
        "load_average_at_the_end": round(os.getloadavg()[0], 1),
        "seconds_of_the_median_honest": statistics.median(honest),
        "seconds_of_the_slowest_honest": honest[-1],
        "seconds_of_the_slowest_hostile_by_kind": by_kind,
    }


def honest_alone(project: Path, count: int, cores: int) -> dict[str, object]:
    """Grade honest submissions without any hostile one; what was measured.

    Raises:
        Wrong: a submission was lost.
    """
    submissions = project.parent / "honest"
    write_class(submissions, count, hostile=0)
    before = processor_seconds()
    seconds = undisturbed(project, submissions, (), cores)
    processors = worked(before, count)
    taken = sorted(execution_seconds(project).values())
    return {
        "honest_alone": count,
        "honest_alone_seconds": round(seconds, 1),
        **{f"honest_alone_{name}": value for name, value in processors.items()},
        "seconds_of_the_median_honest_alone": statistics.median(taken),
        "seconds_of_the_slowest_honest_alone": taken[-1],
    }


def kill(project: Path, count: int, book: str, cores: int) -> dict[str, object]:
    """Grade the first of the class once more, killed in the middle and started again.

    Raises:
        Wrong: they have other rows than in `book`, the gradebook of the undisturbed run.
    """
    everybody = sorted((project.parent / "submissions").iterdir())
    some = project.parent / "some"
    some.mkdir()
    for path in everybody[:count]:
        shutil.copy2(path, some / path.name)
    after = kill_in_the_middle(start(project, some, cores), project, count // 2)
    finish(start(project, some, cores), project)
    found = (project / "results/grading/gradebook.csv").read_text(encoding="utf-8").splitlines()
    if found != book.splitlines()[: count + 1]:
        raise Wrong("after a kill and a new start the gradebook is not the same")
    return {
        "killed_of": count,
        "killed_after": after,
        "gradebook_identical_after_the_kill": True,
    }


def load_and_kill(
    count: int, hostile: int, cores: int, alone: int, killed: int
) -> dict[str, object]:
    """All of it: the class, so many honest ones alone, and so many of the class killed.

    Raises:
        Wrong: a submission was lost, a hostile one earned something, or the gradebooks differ.
    """
    with copy_of_the_project() as project:
        measured = load(project, count, hostile, cores)
        book = (project / "results/grading/gradebook.csv").read_text(encoding="utf-8")
        for step in (
            lambda: honest_alone(project, alone, cores),
            lambda: kill(project, killed, book, cores),
        ):
            shutil.rmtree(project / "results")
            measured |= step()
    return measured


def main() -> None:
    """Measure and write results/benchmarks/grading.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a class of 20 instead of 300")
    parser.add_argument("--submissions", type=int, help="how many instead")
    arguments = parser.parse_args()
    count = arguments.submissions or (20 if arguments.quick else 300)
    hostile = max(1, round(HOSTILE_SHARE * count))
    started = time.monotonic()
    measured = load_and_kill(
        count, hostile, CORES, alone=min(count, ALONE), killed=max(2, count // 2)
    )
    measured["seconds_of_all_of_it"] = round(time.monotonic() - started, 1)
    measured["machine"] = machine()
    output = ROOT / "results" / "benchmarks" / "grading.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(measured, indent=1) + "\n")
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
