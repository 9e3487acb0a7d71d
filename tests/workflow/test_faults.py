"""After any fault one command ends with the numbers of an undisturbed run."""

import fcntl
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
from cloning import command, copy_sources, snakemake

pytestmark = pytest.mark.slow

SGD = "results/runs/quadratics/sgd.parquet"
AIRFOIL = "results/runs/airfoil/sgd.parquet"
TARGETS = (SGD, "results/runs/quadratics/adagrad.parquet", AIRFOIL)
SEED = int(os.environ.get("REGRAD_CHAOS_SEED", "20"))
FAULTS = int(os.environ.get("REGRAD_CHAOS_FAULTS", "4"))
"""`make chaos` asks for fifty; the suite has time for a few."""


def numbers(folder: Path) -> dict[str, pd.DataFrame]:
    """What the targets say, but for how long it took."""
    return {name: pd.read_parquet(folder / name).drop(columns="seconds") for name in TARGETS}


def assert_undisturbed(folder: Path, expected: dict[str, pd.DataFrame]) -> None:
    for name, found in numbers(folder).items():
        pd.testing.assert_frame_equal(found, expected[name], check_exact=True, obj=name)


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    return copy_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def undisturbed(sources, tmp_path_factory) -> Path:
    """A folder in which the targets were made without any fault."""
    folder = tmp_path_factory.mktemp("undisturbed") / "folder"
    shutil.copytree(sources, folder)
    done = snakemake(folder, *TARGETS)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def expected(undisturbed) -> dict[str, pd.DataFrame]:
    return numbers(undisturbed)


@pytest.fixture
def fresh(sources, tmp_path) -> Path:
    """The sources, and no result."""
    return Path(shutil.copytree(sources, tmp_path / "fresh"))


@pytest.fixture
def finished(undisturbed, tmp_path) -> Path:
    """A finished run, with all that Snakemake remembers of it, to be damaged."""
    return Path(shutil.copytree(undisturbed, tmp_path / "finished"))


def started(folder: Path, *arguments: str) -> subprocess.Popen:
    """Snakemake at work in `folder`, in a process group of its own."""
    return subprocess.Popen(
        command(*(arguments or TARGETS)), cwd=folder, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "REGRAD_DATA_MIRROR": ""},
    )  # fmt: skip


def job_of(run: subprocess.Popen, words: str) -> psutil.Process:
    """The first process under `run` whose command line holds `words`."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        for process in psutil.Process(run.pid).children(recursive=True):
            try:
                if words in " ".join(process.cmdline()) and process.name() != "bash":
                    return process
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.03)
    raise AssertionError(f"no job {words!r} began")


def kill_all(run: subprocess.Popen) -> None:
    """Kill Snakemake and all its jobs at once, as a power cut would."""
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_a_killed_job_is_reported_with_its_log_and_made_by_the_next_run(fresh, expected):
    run = started(fresh)
    job_of(run, "experiments run airfoil").kill()
    told, _ = run.communicate()
    assert run.returncode != 0
    assert "logs/runs/airfoil/sgd.log" in told
    assert not (fresh / AIRFOIL).exists()
    assert snakemake(fresh, *TARGETS).returncode == 0
    assert_undisturbed(fresh, expected)


def test_a_power_cut_leaves_neither_a_lock_nor_half_an_output_that_stops_the_next_run(
    fresh, expected
):
    """As journals leave outputs: the name is there, the content is not."""
    run = started(fresh)
    job_of(run, "experiments run airfoil")
    kill_all(run)
    assert any((fresh / ".snakemake" / "locks").iterdir())
    with (fresh / ".snakemake" / "regrad.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # free, as its process is gone
    for name in TARGETS:
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh / name).write_bytes(b"PAR1")
    done = snakemake(fresh, *TARGETS)
    assert done.returncode == 0, done.stderr
    assert "its locks are removed" in done.stderr
    assert_undisturbed(fresh, expected)


def test_jobs_that_outlive_a_killed_snakemake_change_nothing(fresh, expected):
    run = started(fresh)
    job_of(run, "experiments run airfoil")
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert snakemake(fresh, *TARGETS).returncode == 0
    assert_undisturbed(fresh, expected)


def test_a_second_run_in_the_same_folder_is_refused_with_the_first_one_s_number(fresh, expected):
    run = started(fresh)
    job_of(run, "experiments run")
    os.killpg(run.pid, signal.SIGSTOP)  # for as long as the second one tries
    second = snakemake(fresh, *TARGETS)
    os.killpg(run.pid, signal.SIGCONT)
    told = run.communicate()[0]
    assert run.returncode == 0, told
    assert second.returncode != 0
    assert f"another run (process {run.pid}) is at work in this folder" in second.stderr
    assert_undisturbed(fresh, expected)


def damage_by_cutting(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def damage_by_emptying(path: Path) -> None:
    os.truncate(path, 0)


def damage_unseen(path: Path) -> None:
    """One bit of the content flips, and the file's time stays."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def damage_by_editing(path: Path) -> None:
    table = pd.read_parquet(path)
    table["value"] = table["value"] / 2
    table.to_parquet(path)


ADAGRAD = TARGETS[1]
DATASET = "results/data/airfoil"


def test_changed_results_and_files_of_a_dataset_are_noticed_and_made_anew(finished, expected):
    damage_by_cutting(finished / SGD)
    damage_by_emptying(finished / ADAGRAD)
    files = sorted(path for path in (finished / DATASET).iterdir() if path.suffix == ".npy")
    damage_unseen(files[0])
    done = snakemake(finished, DATASET, *TARGETS)
    assert done.returncode == 0, done.stderr
    for name in (SGD, ADAGRAD):
        assert f"{name} was changed since the run that made it: {name} is removed" in done.stderr
    assert f"{DATASET} is removed" in done.stderr
    assert_undisturbed(finished, expected)


def test_edited_results_and_missing_files_of_a_dataset_are_noticed_and_made_anew(
    finished, expected
):
    damage_unseen(finished / SGD)
    damage_by_editing(finished / ADAGRAD)
    files = sorted(path for path in (finished / DATASET).iterdir() if path.suffix == ".npy")
    files[-1].unlink()
    done = snakemake(finished, DATASET, *TARGETS)
    assert done.returncode == 0, done.stderr
    for name in (SGD, ADAGRAD):
        assert f"{name} was changed since the run that made it: {name} is removed" in done.stderr
    assert f"is gone: {DATASET} is removed" in done.stderr
    assert_undisturbed(finished, expected)


def test_what_a_later_bench_measured_is_kept(finished):
    """No job makes it, so that nothing could make it anew."""
    measured = finished / "results" / "benchmarks" / "grading.json"
    measured.parent.mkdir()
    for content in ('{"submissions": 1}', '{"submissions": 2}'):
        measured.write_text(content, encoding="utf-8")
        assert snakemake(finished, *TARGETS).returncode == 0
        assert measured.read_text(encoding="utf-8") == content


def test_a_dry_run_damages_and_mends_nothing(finished):
    damage_by_cutting(finished / SGD)
    size = (finished / SGD).stat().st_size
    done = snakemake(finished, "--dry-run", *TARGETS)
    assert f"{SGD} would be removed" in done.stdout + done.stderr
    assert (finished / SGD).stat().st_size == size


def test_a_shard_that_a_power_cut_left_half_written_is_made_anew(finished, expected):
    """And that the runs of a table are split over jobs changes no number."""
    (finished / "split.yaml").write_text("shards: {airfoil: 2}", encoding="utf-8")
    cut = finished / "results/shards/airfoil/sgd/1-of-2.parquet"
    cut.parent.mkdir(parents=True)
    cut.write_bytes(b"PAR1")
    (finished / AIRFOIL).unlink()
    done = snakemake(finished, "--configfile", "split.yaml", "--", *TARGETS)
    assert done.returncode == 0, done.stderr
    assert "1-of-2.parquet was cut short" in done.stderr
    assert done.stderr.count("rule shard:") == 2
    assert_undisturbed(finished, expected)
    assert not cut.exists()


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_clock_that_jumped_changes_no_number(finished, expected, hours):
    """All results are from two days ago or hence, as a wrong clock dates them."""
    moment = time.time() + 3600 * hours
    for name in (*TARGETS, "results/data/airfoil"):
        os.utime(finished / name, (moment, moment))
    assert snakemake(finished, *TARGETS).returncode == 0
    assert_undisturbed(finished, expected)


def test_vietnamese_letters_and_spaces_in_a_path_change_no_number_even_without_utf_8(
    sources, tmp_path, expected
):
    """In the C locale, which cannot write the folder's name."""
    folder = Path(shutil.copytree(sources, tmp_path / "bài tập số 5"))
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = snakemake(folder, *TARGETS, **plain)
    assert done.returncode == 0, done.stderr
    assert_undisturbed(folder, expected)


def jailed(*options: str) -> list[str]:
    """A command under bubblewrap, which can make folders read-only or small even for root."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is missing: apt-get install bubblewrap")
    return ["bwrap", "--dev-bind", "/", "/", *options]


def test_sources_may_be_read_only(fresh, expected):
    writable = []
    for name in ("results", "logs", ".snakemake"):
        (fresh / name).mkdir(exist_ok=True)
        writable += ["--bind", str(fresh / name), str(fresh / name)]
    done = subprocess.run(
        [*jailed("--ro-bind", str(fresh), str(fresh), *writable), *command(*TARGETS)],
        cwd=fresh, capture_output=True, text=True, env={**os.environ, "REGRAD_DATA_MIRROR": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert_undisturbed(fresh, expected)


def test_a_full_disk_is_named_and_the_next_run_with_room_ends_well(fresh, expected):
    """The results lie on a disk of 16 kB, which no table fits on."""
    (fresh / "results").mkdir()
    small = jailed("--size", "16384", "--tmpfs", str(fresh / "results"))
    done = subprocess.run(
        [*small, *command(*TARGETS)],
        cwd=fresh, capture_output=True, text=True, env={**os.environ, "REGRAD_DATA_MIRROR": ""},
    )  # fmt: skip
    assert done.returncode != 0
    assert "No space left on device" in done.stdout + done.stderr
    assert snakemake(fresh, *TARGETS).returncode == 0
    assert_undisturbed(fresh, expected)


def test_a_job_killed_in_the_middle_of_a_write_leaves_no_table(fresh, expected):
    """The system kills it at the first byte past eight thousand, as it writes its table."""
    limit = f"ulimit -f 8; exec {' '.join(command(AIRFOIL))}"
    done = subprocess.run(
        ["bash", "-c", limit], cwd=fresh, capture_output=True, text=True,
        # Python would leave half of a module's compiled form, and fall over it from then on.
        env={**os.environ, "REGRAD_DATA_MIRROR": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode != 0
    assert not (fresh / AIRFOIL).exists()
    assert snakemake(fresh, *TARGETS).returncode == 0
    assert_undisturbed(fresh, expected)


def test_any_faults_in_a_row_end_with_the_same_numbers(fresh, expected):
    """Chaos: runs killed at random moments, results damaged between them; then one run."""
    draw = random.Random(SEED)
    damages = (damage_by_cutting, damage_by_emptying, damage_unseen, damage_by_editing)
    done = []
    for _ in range(FAULTS):
        run = started(fresh)
        time.sleep(draw.uniform(0.5, 8.0))
        if draw.random() < 0.5:
            kill_all(run)
            done.append("all killed")
        else:
            os.kill(run.pid, signal.SIGKILL)
            run.wait()
            done.append("snakemake killed")
        there = [fresh / name for name in TARGETS if (fresh / name).exists()]
        if there and draw.random() < 0.5:
            damage, path = draw.choice(damages), draw.choice(there)
            try:
                damage(path)
            except Exception as error:  # it is damaged already: no table to edit
                done.append(type(error).__name__)
            done.append(f"{damage.__name__} {path.name}")
    last = snakemake(fresh, *TARGETS)
    assert last.returncode == 0, f"seed {SEED}: {done}\n{last.stderr}"
    assert_undisturbed(fresh, expected)
