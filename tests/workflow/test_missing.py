"""Why a result is missing: from the log of the job that was to make it, or of one before."""

from pathlib import Path

import pytest

from workflow.missing import why_missing

TABLE = "results/runs/rcv1/sgd.parquet"
SHARDS = [f"results/shards/rcv1/sgd/{number}-of-2.parquet" for number in (1, 2)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to be in; a file of it is written by its name and text."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> None:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


def test_a_failed_job_s_reason_is_the_last_line_of_its_log(folder):
    assert why_missing(TABLE) == "no job has made it"
    folder("logs/runs/rcv1/sgd.log", "at work\nMemoryError: too little\n\n")
    assert why_missing(TABLE) == "logs/runs/rcv1/sgd.log ends: MemoryError: too little"
    folder(TABLE, "")
    assert why_missing(TABLE) == ""


def test_what_it_is_made_from_comes_first(folder):
    folder("logs/data/rcv1.log", "no network")
    told = "it needs results/data/rcv1: logs/data/rcv1.log ends: no network"
    assert why_missing(TABLE, ["results/data/rcv1"]) == told


def test_of_a_table_in_shards_the_missing_shard_is_asked(folder):
    folder("logs/runs/rcv1/sgd.log", "joined well, the last time")
    folder(SHARDS[0], "")
    folder("logs/shards/rcv1/sgd/2-of-2.log", "MemoryError: too little")
    told = "logs/shards/rcv1/sgd/2-of-2.log ends: MemoryError: too little"
    assert why_missing(TABLE, [], SHARDS) == told


def test_shards_are_gone_once_their_table_is_there(folder):
    folder(TABLE, "")
    assert why_missing(TABLE, [], SHARDS) == ""
