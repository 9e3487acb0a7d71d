"""What prepare leaves on disk: whole or nothing, opened by map, described."""

from __future__ import annotations

import errno
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from data.blocks import Block, dense_block
from data.manifest import write_manifest
from data.prepare import prepare
from data.prepared import Images, Rows, open_prepared
from data.problems import BadInput, DataProblem
from data.settings import Settings
from data.splits import RowSplits
from data.statistics import describe_images, describe_rows
from data.writing import GrowingArray, PreparedWriter

STAND_IN = Settings(source="stand-in")


def write_rows(folder: Path, matrix: np.ndarray) -> None:
    with PreparedWriter(folder) as writer:
        splits = RowSplits(writer, matrix.shape[1])
        splits.train(dense_block(matrix), np.zeros(len(matrix)))
        writer.complete({"name": "x", "kind": "local"})
        writer.publish()


def test_a_growing_array_is_a_plain_npy_file(tmp_path: Path) -> None:
    array = GrowingArray(tmp_path / "a.npy", np.int32, (2,))
    blocks = [np.arange(10).reshape(5, 2), np.empty((0, 2)), np.arange(4).reshape(2, 2)]
    for block in blocks:
        array.append(block)
    array.close()
    loaded = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert loaded.dtype == np.int32
    assert loaded.tolist() == np.concatenate(blocks).tolist()


def test_a_block_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot extend"):
        GrowingArray(tmp_path / "a.npy", np.int32, (2,)).append(np.zeros((3, 1)))


def test_opened_arrays_are_mapped_typed_and_read_only(tmp_path: Path) -> None:
    prepare("airfoil", STAND_IN, tmp_path)
    train = open_prepared(tmp_path).splits["train"]
    assert isinstance(train, Rows)
    arrays = (train.indptr, train.indices, train.values, train.labels)
    assert [array.dtype for array in arrays] == [np.int64, np.int32, np.float32, np.float32]
    assert all(isinstance(array.base, np.memmap) for array in arrays)
    with pytest.raises(ValueError, match="read-only"):
        train.values[0] = 1


def test_a_split_without_rows_can_be_opened(tmp_path: Path) -> None:
    write_rows(tmp_path, np.ones((3, 2)))
    test = open_prepared(tmp_path).splits["test"]
    assert isinstance(test, Rows)
    assert (len(test.labels), test.indptr.tolist()) == (0, [0])


def test_preparing_twice_gives_the_same_bytes_and_no_leftovers(tmp_path: Path) -> None:
    prepare("airfoil", STAND_IN, tmp_path / "a")
    (tmp_path / "a" / "old_split_values.npy").write_bytes(b"of an earlier version")
    before = {path.name: path.read_bytes() for path in (tmp_path / "a").glob("train*")}
    prepare("airfoil", STAND_IN, tmp_path / "a")
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "a").glob("train*")}
    names = {path.name for path in (tmp_path / "a").iterdir()}
    splits = ("train", "fitting", "validation", "test")
    arrays = ("indptr", "indices", "values", "labels")
    assert names == {f"{split}_{array}.npy" for split in splits for array in arrays} | {
        "provenance.json",
        "statistics.json",
    }


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    prepare("airfoil", STAND_IN, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_a_failure_leaves_the_earlier_result_whole(tmp_path: Path) -> None:
    write_rows(tmp_path, np.ones((3, 2)))

    def fail_half_way() -> None:
        with PreparedWriter(tmp_path) as writer:
            RowSplits(writer, 2).train(dense_block(np.ones((9, 2))), np.zeros(9))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert open_prepared(tmp_path).provenance["rows"]["train"] == 3
    assert not (tmp_path / ".writing").exists()


def test_a_killed_run_leaves_nothing_that_opens(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; import numpy as np\n"
        "from data.writing import PreparedWriter; from data.blocks import dense_block\n"
        "from data.splits import RowSplits\n"
        "with PreparedWriter(Path(sys.argv[1])) as writer:\n"
        "    RowSplits(writer, 2).train(dense_block(np.ones((9, 2))), np.zeros(9))\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert done.returncode == 9
    with pytest.raises(DataProblem, match="holds no prepared dataset"):
        open_prepared(tmp_path)
    write_rows(tmp_path, np.ones((3, 2)))
    assert open_prepared(tmp_path).provenance["rows"]["train"] == 3


def test_a_failure_while_moving_into_place_leaves_nothing_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path, np.ones((3, 2)))
    moved: list[str] = []
    replace = Path.replace

    def failing(path: Path, target: Path) -> Path:
        moved.append(path.name)
        if len(moved) == 5:
            raise OSError(errno.EIO, "the disk is gone")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(DataProblem, match="the disk is gone"):
        write_rows(tmp_path, np.ones((9, 2)))
    with pytest.raises(DataProblem, match="holds no prepared dataset"):
        open_prepared(tmp_path)


def test_a_full_disk_is_one_message_and_no_dataset(small_disk: Path) -> None:
    with pytest.raises(DataProblem, match="the disk is full; free some space, or choose another"):
        prepare("rcv1", STAND_IN, small_disk / "out")  # 30 MB on a disk of 256 kB
    assert list((small_disk / "out").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataProblem, match=r"cannot be written.*choose another output folder"):
        prepare("airfoil", STAND_IN, tmp_path / "file" / "out")


def test_a_damaged_array_is_named(tmp_path: Path) -> None:
    prepare("airfoil", STAND_IN, tmp_path)
    np.save(tmp_path / "train_values.npy", np.zeros(3, np.float32))
    with pytest.raises(BadInput, match=r"train_values.npy: 3 entries; expected 7500; prepare"):
        open_prepared(tmp_path)
    np.save(tmp_path / "train_values.npy", np.zeros(7500))
    with pytest.raises(BadInput, match="values of type float64"):
        open_prepared(tmp_path)
    (tmp_path / "train_values.npy").write_bytes(b"")
    with pytest.raises(BadInput, match="prepare the dataset again"):
        open_prepared(tmp_path)


def test_opening_takes_no_longer_for_more_rows(tmp_path: Path) -> None:
    with PreparedWriter(tmp_path) as writer:
        rows = writer.rows("train", 100)
        block = Block(
            np.arange(100_001) * 20,
            np.tile(np.arange(20, dtype=np.int32), 100_000),
            np.ones(2_000_000, np.float32),
        )
        for _ in range(3):
            rows.append(block, np.zeros(100_000))
        writer.complete({"name": "x", "kind": "local"})
        writer.publish()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    prepared = open_prepared(tmp_path)
    assert time.perf_counter() - start < 0.1  # the limit that was set; it takes about 1 ms
    # 48 MB of values and indices stay on disk: 8 MB would already be a part of them read.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000
    assert prepared.provenance["nonzeros"] == {"train": 6_000_000}


# --- statistics and manifest --------------------------------------------------------------------


def test_statistics_of_rows_agree_with_hand_counts() -> None:
    # Rows {0, 1}, {1}, {} and {1: 0, 3} of five features; the stored zero does not count.
    rows = Rows(
        np.array([0, 2, 3, 3, 5]),
        np.array([0, 1, 1, 1, 3], np.int32),
        np.array([1, 2, 3, 0, 4], np.float32),
        np.array([1, 0, 0, 0], np.float32),
        5,
    )
    found = describe_rows(rows)
    assert (found["rows"], found["features"], found["nonzeros"]) == (4, 5, 4)
    assert found["sparsity"] == pytest.approx(1 - 4 / 20)
    per_row = found["per_row"]
    assert (per_row["min"], per_row["median"], per_row["max"], per_row["mean"]) == (0, 1, 2, 1.0)
    assert per_row["deviation"] == pytest.approx(np.std([2, 1, 0, 1]))
    frequencies = found["document_frequency"]
    assert frequencies["never_seen"] == pytest.approx(2 / 5)
    assert frequencies["seen_once"] == pytest.approx(2 / 5)
    assert frequencies["highest_share_of_rows"] == pytest.approx(2 / 4)
    assert frequencies["by_rank"] == {"1": 2, "2": 1, "3": 1}
    assert frequencies["by_doubling"] == {"1": 2, "2": 1}
    assert found["labels"] == {"positive": 1, "positive_share": 0.25}


def test_statistics_in_blocks_equal_those_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from data import statistics

    generator = np.random.default_rng(5)
    matrix = np.where(generator.random((300, 17)) < 0.3, generator.random((300, 17)), 0)
    block = dense_block(matrix)
    rows = Rows(block.indptr, block.indices, block.values, generator.random(300), 17)
    whole = describe_rows(rows)
    assert whole["nonzeros"] == np.count_nonzero(matrix)
    assert whole["per_row"]["max"] == np.count_nonzero(matrix, axis=1).max()
    monkeypatch.setattr(statistics, "_ENTRIES_AT_ONCE", 7)
    monkeypatch.setattr(statistics, "_ROWS_AT_ONCE", 11)
    assert describe_rows(rows) == whole


def test_statistics_of_images_agree_with_hand_counts() -> None:
    images = Images(
        np.array([[[0, 255]], [[0, 0]], [[1, 4]]], np.uint8), np.array([3, 3, 9], np.uint8)
    )
    assert describe_images(images) == {
        "rows": 3,
        "height": 1,
        "width": 2,
        "black": pytest.approx(3 / 6),
        "mean_grey": pytest.approx(260 / 6),
        "labels": {"classes": {"3": 2, "9": 1}},
    }


def test_statistics_lie_beside_the_arrays(tmp_path: Path) -> None:
    prepare("airfoil", STAND_IN, tmp_path)
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics["kind"] == "stand-in"
    assert statistics["splits"]["train"]["rows"] == 1500
    assert statistics["splits"]["train"]["labels"]["deviation"] == pytest.approx(1, abs=0.1)


def test_the_manifest_joins_provenances_by_name(tmp_path: Path) -> None:
    for name in ("fashion-mnist", "airfoil"):
        prepare(name, STAND_IN, tmp_path / name)
    files = [tmp_path / name / "provenance.json" for name in ("fashion-mnist", "airfoil")]
    target = tmp_path / "results" / "manifest.json"
    write_manifest(files, target)
    manifest = json.loads(target.read_text())
    assert list(manifest) == ["airfoil", "fashion-mnist"]
    for entry in manifest.values():
        assert {"kind", "source", "sha256", "rows", "features", "licence"} <= set(entry)
    with pytest.raises(BadInput, match="a second description of 'airfoil'"):
        write_manifest([files[1], files[1]], target)
    with pytest.raises(BadInput, match="no provenance"):
        write_manifest([tmp_path / "absent.json"], target)
