"""A failed job's last lines are shown at the end, with the log to open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow"))

from last_words import LINES, LOGS, last_words  # noqa: E402


def failure(*logs: str) -> str:
    """How Snakemake names a failed job's logs."""
    return f"Error in rule x:\n    log: {', '.join(logs)} (check log file(s) for error details)\n"


def test_the_end_of_each_log_is_shown_once_and_what_is_empty_or_absent_is_left_out(tmp_path):
    (tmp_path / "long.log").write_text("\n".join(f"line {n}." for n in range(40)))
    (tmp_path / "short.log").write_text("no such file\n\n")
    (tmp_path / "empty.log").write_text("")
    said = failure("empty.log", "absent.log", "long.log") + failure("short.log") * 2
    words = last_words(f"    log: fine.log\n{said}", tmp_path)
    assert words.startswith(
        "short.log, its last lines:\n  no such file\n\nlong.log, its last lines:"
    )
    assert f"({40 - LINES} lines before)" in words
    assert "line 25." in words
    assert "line 24." not in words
    assert words.endswith("line 39.")


def test_of_many_failures_the_rest_is_named(tmp_path):
    names = [f"{n}.log" for n in range(LOGS + 2)]
    for name in names:
        (tmp_path / name).write_text("broken")
    words = last_words("".join(map(failure, names)), tmp_path)
    assert words.count("its last lines") == LOGS
    assert words.endswith("and 2 more: 1.log, 0.log")


@pytest.mark.slow
def test_offline_a_run_without_data_stops_and_ends_with_the_reason(tmp_path):
    """With profiles/offline, in a folder of its own: neither a stand-in nor a download."""
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in ("results", "logs", "build"):
            (tmp_path / path.name).symlink_to(path)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"),
         "--profile", str(ROOT / "profiles" / "offline"), "results/data/airfoil"],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "REGRAD_DATA_MIRROR": "http://127.0.0.1:9/", "REGRAD_CACHE": "cache"},
    )  # fmt: skip
    assert done.returncode != 0
    said = done.stdout + done.stderr
    end = said[said.index("logs/data/airfoil.log, its last lines:") :]
    assert "airfoil: no real data within reach" in end
    assert "http://127.0.0.1:9/airfoil_self_noise.dat: not asked, data.offline is true" in end
    assert "official source: not asked, data.offline is true" in end
    assert not (tmp_path / "results/data/airfoil").exists()
