"""The workflow on a real SLURM, with profiles/slurm: undisturbed, and through what clusters do."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
import pytest
import yaml
from one_node_slurm import WITHOUT, Cluster, missing, running_cluster, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.usefixtures("over_their_limits"),  # begins first, looked at last
]

ROOT = Path(__file__).resolve().parents[2]
KEPT = {"airfoil": ("sgd",), "quadratics": ("sgd", "adagrad")}
# Beside the profile: asked often, as these jobs are short, and of the controller alone.
OFTEN = (
    "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1",
    "--seconds-between-status-checks", "1", "--latency-wait", "10", "--slurm-no-account",
)  # fmt: skip
LONGEST = 900.0  # a tenth of it, where the machine has nothing else to do


started: list[subprocess.Popen] = []


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if missing():
        pytest.skip(WITHOUT)
    with running_cluster(tmp_path_factory.mktemp("slurm")) as running:
        yield running
        for run in started:  # what a failed test has left waiting for its jobs
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
    end_jobs_below(tmp_path_factory.getbasetemp())


def end_jobs_below(folder: Path) -> None:
    """End what jobs of a cluster that is gone have left at work in folders of these tests."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(str(folder) in word for word in process.cmdline()):
                process.kill()


def snakemake(folder: Path, cluster: Cluster, *arguments: str) -> subprocess.Popen:
    """Snakemake as its user starts it on a login node, its words going to submitted.log."""
    with (folder / "submitted.log").open("w") as log:
        run = subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--profile", str(ROOT / "profiles" / "slurm"),
             *OFTEN, *arguments],
            cwd=folder, env={**cluster.environment, "REGRAD_DATA_MIRROR": ""},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    started.append(run)
    return run


def ended(run: subprocess.Popen, folder: Path) -> tuple[int, str]:
    """Exit code and words of a run that has to end by itself."""
    try:
        run.wait(LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        pytest.fail(
            f"no end after {LONGEST:g} s:\n{(folder / 'submitted.log').read_text()[-3000:]}"
        )
    return run.returncode, (folder / "submitted.log").read_text()


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory):
    """A new folder in which the jobs of faults.smk can be run."""

    def folder(name: str) -> Path:
        made = tmp_path_factory.mktemp(name)
        shutil.copy(Path(__file__).with_name("faults.smk"), made / "Snakefile")
        return made

    return folder


def faults(folder: Path, cluster: Cluster, *targets: str, **config: object) -> subprocess.Popen:
    given = {"workflow": ROOT / "workflow", **config}
    words = [f"{key}={value}" for key, value in given.items()]
    as_by_default = ("--keep-going", "--show-failed-logs")
    return snakemake(folder, cluster, *as_by_default, "--config", *words, "--", *targets)


@dataclass
class Overrun:
    """A run whose jobs want more than they ask for, and the limits of those whose time ran out."""

    run: subprocess.Popen
    folder: Path
    hastened: Future[dict[str, str]]


@pytest.fixture(scope="module")
def over_their_limits(cluster: Cluster, troubled) -> Iterator[Overrun]:
    """Begun before everything else: a time limit is a whole minute, and looked at each half.

    All in one run, as Snakemake looks the later, the longer nothing has ended. Two of the attempts
    that have no end are not waited for.
    """
    folder = troubled("limits")
    run = faults(folder, cluster, "endless.txt", "slow.txt", "hungry.txt", "greedy.txt")
    with ThreadPoolExecutor(1) as beside:
        yield Overrun(run, folder, beside.submit(_hasten, cluster, run, folder))


def _hasten(cluster: Cluster, run: subprocess.Popen, folder: Path) -> dict[str, str]:
    """Let time run out in the first attempt of `slow` and in the second of `endless`."""
    limits = {}
    for rule, attempt in (("slow", 1), ("endless", 2)):
        begun = folder / f"{rule}.attempts"  # to which every attempt adds a line
        while not begun.exists() or begun.read_text().count("began") < attempt:
            if run.poll() is not None:
                raise AssertionError(f"the run has ended before attempt {attempt} of {rule} began")
            time.sleep(0.2)
        job = _jobs(cluster, rule)[-1][0]
        limits[rule] = cluster.limit(job)
        cluster.let_time_run_out(job)
    return limits


@pytest.fixture(scope="module")
def finished(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small pipeline of stand-ins, and a class of three, run by SLURM; and what was said."""
    folder = tmp_path_factory.mktemp("project")
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in ("results", "logs", "build"):
            (folder / path.name).symlink_to(path)
    small = folder / "small.yaml"
    small.write_text(yaml.safe_dump(_small()), encoding="utf-8")
    run = snakemake(
        folder, cluster, "--configfile", str(small), "--snakefile", str(ROOT / "Snakefile"), "--",
        "results/report/numbers.json", "results/grading/gradebook.csv",
    )  # fmt: skip
    code, said = ended(run, folder)
    assert code == 0, said[-3000:]
    return folder, said


def _small() -> dict:
    """Two small experiments, one of them in two shards, and one analysis."""
    given: dict = {"data": {"source": "stand-in"}, "experiments": {}, "analyses": {}}
    for path in sorted((ROOT / "config").glob("*/*.yaml")):
        for key, part in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if key in ("experiments", "analyses"):
                given[key] |= dict.fromkeys(part)
    del given["analyses"]["worked_example"]
    for name, optimizers in KEPT.items():
        path = ROOT / "config" / "experiments" / f"{name}.yaml"
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))["experiments"][name]
        left_out = dict.fromkeys(set(declared["optimizers"]) - set(optimizers))
        given["experiments"][name] = {"optimizers": left_out}
    given["experiments"]["airfoil"] |= {"epochs": 2, "seeds": 2}
    return {**given, "shards": {"airfoil": 2}}


def test_every_job_but_the_local_ones_went_through_the_cluster(finished, cluster: Cluster):
    _, said = finished
    comments = [comment for _, _, comment in cluster.jobs("COMPLETED")]
    assert said.count("has been submitted with SLURM jobid") <= len(comments)
    for rule in ("prepare_dataset", "checks", "proofs", "ledger", "numbers"):
        assert any(rule in comment for comment in comments), comments


def test_short_jobs_share_one_of_the_cluster_s(finished):
    _, said = finished
    assert said.count("rule run:") == 2
    assert said.count("rule grade:") == 3
    submitted = [line for line in said.splitlines() if "has been submitted" in line]
    assert sum("group_runs" in line for line in submitted) <= 2  # one waits for its data
    assert sum("group_submissions" in line for line in submitted) == 1


def test_shards_of_a_table_are_jobs_of_their_own(finished, cluster: Cluster):
    """What they make together is compared with a run in one job below."""
    _, said = finished
    assert said.count("rule shard:") == 2
    comments = [comment for _, _, comment in cluster.jobs("COMPLETED")]
    assert sum("rule_shard" in comment for comment in comments) == 2, comments


@pytest.mark.parametrize(
    ("experiment", "optimizer"), [(name, each) for name in KEPT for each in KEPT[name]]
)
def test_a_run_on_the_cluster_gives_the_numbers_of_a_run_without_it(
    finished, tmp_path, experiment, optimizer
):
    folder, _ = finished
    config = tmp_path / "config.yaml"
    declared = yaml.safe_load((ROOT / f"config/experiments/{experiment}.yaml").read_text())
    if experiment == "airfoil":
        declared["experiments"]["airfoil"] |= {"epochs": 2, "seeds": 2}
    config.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    data = ["--data", str(folder / "results/data/airfoil")] if experiment == "airfoil" else []
    subprocess.run(
        [sys.executable, "-m", "experiments", "run", experiment, optimizer, *data,
         "--config", str(config), "--output", str(tmp_path / "alone.parquet")],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    alone, clustered = (
        pd.read_parquet(path).drop(columns="seconds")
        for path in (
            tmp_path / "alone.parquet",
            folder / "results" / "runs" / experiment / f"{optimizer}.parquet",
        )
    )
    pd.testing.assert_frame_equal(alone, clustered, check_exact=True)


def test_the_numbers_of_the_report_are_of_stand_ins_and_say_so(finished):
    folder, _ = finished
    manifest = json.loads((folder / "results/data/manifest.json").read_text(encoding="utf-8"))
    assert {part["kind"] for part in manifest.values()} == {"stand-in"}
    assert json.loads((folder / "results/report/numbers.json").read_text(encoding="utf-8"))


def test_the_jail_works_within_a_job(finished):
    """The class's marks are those of the same submissions graded on this machine."""
    folder, _ = finished
    with (folder / "results/grading/gradebook.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    marks = {row[0]: float(row[2]) for row in rows[1:]}
    assert marks["good"] == 100
    assert marks["hostile"] == 0
    assert 0 < marks["average"] < 100
    for student in marks:
        results = (folder / f"results/grading/{student}/results.json").read_text(encoding="utf-8")
        assert "not isolated" not in results.lower()


def test_a_cancelled_job_is_reported_and_one_command_goes_on(cluster: Cluster, troubled):
    folder = troubled("cancelled")
    run = faults(folder, cluster, "waited-for.txt", seconds=60)
    until(lambda: _running(cluster, "waited_for"), 60, "the job runs")
    cluster.said_by("scancel", _running(cluster, "waited_for")[0])
    code, said = ended(run, folder)
    assert code != 0
    assert "CANCELLED" in said
    assert not (folder / "waited-for.txt").exists()
    code, said = ended(faults(folder, cluster, "waited-for.txt"), folder)
    assert code == 0, said
    assert (folder / "waited-for.txt").read_text() == "done\n"


def _jobs(cluster: Cluster, rule: str, *states: str) -> list[tuple[str, str]]:
    """Id and state of a rule's jobs, one an attempt, the first one first."""
    found = [(job, state) for job, state, comment in cluster.jobs(*states) if rule in comment]
    return sorted(found, key=lambda job: int(job[0]))


def _running(cluster: Cluster, rule: str) -> list[str]:
    return [job for job, _ in _jobs(cluster, rule, "RUNNING")]


def test_jobs_wait_for_a_drained_node_and_a_lost_controller(cluster: Cluster, troubled):
    folder = troubled("drained")
    run = faults(folder, cluster, "patient-0.txt", "patient-1.txt")
    until(lambda: _running(cluster, "patient"), 60, "a job runs")
    cluster.said_by(
        "scontrol", "update", f"nodename={cluster.node}", "state=drain", "reason=a test"
    )
    waiting = faults(other := troubled("waiting"), cluster, "waited-for.txt")
    until(lambda: any("waited_for" in job[2] for job in cluster.jobs("PENDING")), 60, "a job waits")
    code, said = ended(run, folder)
    assert code == 0, said  # what ran went on to its end
    assert cluster.state_of_node().startswith("drain")  # another test's job may still run
    cluster.stop("slurmctld")
    assert waiting.poll() is None
    cluster.start_controller()
    until(lambda: cluster.state_of_node().startswith("drain"), 30, "the controller is back")
    until(cluster.resume, 60, "the node is back")
    code, said = ended(waiting, other)
    assert code == 0, said
    assert (other / "waited-for.txt").read_text() == "done\n"
    assert (folder / "patient-0.txt").read_text() == "0 0\n"  # the cluster's first GPU
    assert (folder / "patient-1.txt").read_text() == "1 none\n"


def test_a_job_over_its_memory_gets_more_and_one_without_end_is_reported(over_their_limits):
    folder = over_their_limits.folder
    code, said = ended(over_their_limits.run, folder)
    assert (folder / "hungry.txt").read_text() == "900\n"  # twice the 450 MB of the first attempt
    assert code != 0
    assert not (folder / "greedy.txt").exists()
    assert said.count("Error in rule greedy") == 2  # its own retry
    assert "exceeded memory limit" in said


def test_a_job_over_its_time_gets_twice_as_much_and_ends(over_their_limits, cluster: Cluster):
    """It takes longer than the minute that its first attempt had."""
    ended(over_their_limits.run, over_their_limits.folder)
    (_, first), (second, last) = _jobs(cluster, "slow")
    assert (first, last) == ("TIMEOUT", "COMPLETED")
    assert over_their_limits.hastened.result()["slow"] == "1:00"
    assert cluster.limit(second) == "2:00"
    assert (over_their_limits.folder / "slow.txt").read_text() == "2\n"


def test_a_job_over_its_time_at_its_last_attempt_is_reported(over_their_limits, cluster: Cluster):
    folder = over_their_limits.folder
    code, said = ended(over_their_limits.run, folder)
    (first, before), (_, after) = _jobs(cluster, "endless")
    assert (before, after) == ("TIMEOUT", "TIMEOUT")
    assert cluster.limit(first) == "1:00"  # which passed by itself
    assert over_their_limits.hastened.result()["endless"] == "2:00"
    assert code != 0
    assert not (folder / "endless.txt").exists()
    assert said.count("failed, SLURM status is: 'TIMEOUT'") == 3  # and the first attempt of `slow`
    assert "began" in said  # the job's own last words
