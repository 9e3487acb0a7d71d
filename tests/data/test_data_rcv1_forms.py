"""RCV1 as text, the original files and labelled ones, each against the same small documents."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from rcv1_documents import MEMBERSHIP, TOPICS, assert_same_documents, convert, rows_of, to_matrix
from text_rows import Row, as_dicts, random_rows, svmlight

from data import rcv1_forms
from data.prepare import prepare
from data.prepared import open_prepared
from data.problems import BadInput, DataProblem
from data.registry import find
from data.settings import Settings
from data.writing import PreparedWriter

# --- the original files -------------------------------------------------------------------------


def write_original(folder: Path, documents: list[Row], test_parts: int = 2) -> Path:
    folder.mkdir()
    numbers = [int(number) for number, _ in documents]
    (folder / "lyrl2004_vectors_train.dat.gz").write_bytes(gzip.compress(svmlight(documents[:40])))
    for part, chosen in enumerate(np.array_split(np.arange(40, 60), test_parts)):
        text = svmlight([documents[i] for i in chosen])
        (folder / f"lyrl2004_vectors_test_pt{part}.dat.gz").write_bytes(gzip.compress(text))
    lines = [
        f"{TOPICS[topic]} {numbers[i]} 1\n"
        for i in range(60)
        for topic in range(3)
        if MEMBERSHIP[i, topic]
    ]
    (folder / "rcv1-v2.topics.qrels.gz").write_bytes(gzip.compress("".join(lines).encode()))
    return folder


def test_the_original_files_are_joined_with_their_topics(
    tmp_path: Path, documents: list[Row]
) -> None:
    prepared = convert(write_original(tmp_path / "lyrl", documents), tmp_path, "ECAT|M11")
    assert_same_documents(prepared, documents, [0, 2])
    assert prepared.provenance["label"] == "ECAT|M11"


def test_the_default_label_is_the_training_sets_most_frequent_topic(
    tmp_path: Path, documents: list[Row]
) -> None:
    assert MEMBERSHIP[:40].sum(axis=0).argmax() == 1  # by hand: 26 of 40 have CCAT
    prepared = convert(write_original(tmp_path / "lyrl", documents), tmp_path)
    assert prepared.provenance["label"] == "CCAT"
    assert_same_documents(prepared, documents, [1])


def test_an_unknown_topic_is_an_error_that_lists_the_known_ones(
    tmp_path: Path, documents: list[Row]
) -> None:
    folder = write_original(tmp_path / "lyrl", documents)
    with pytest.raises(DataProblem, match=r"found 'XCAT'.*ECAT, CCAT, M11|found 'XCAT'.*"):
        convert(folder, tmp_path, "XCAT")
    assert not (tmp_path / "out" / "provenance.json").exists()


def test_a_document_without_topics_is_an_error(tmp_path: Path, documents: list[Row]) -> None:
    folder = write_original(tmp_path / "lyrl", documents)
    (folder / "rcv1-v2.topics.qrels.gz").write_bytes(gzip.compress(b"CCAT 2286 1\n"))
    with pytest.raises(BadInput, match="document 2293 has no topic"):
        convert(folder, tmp_path)


def test_a_test_document_that_repeats_a_training_vector_is_left_out_and_counted(
    tmp_path: Path, documents: list[Row]
) -> None:
    repeated = [*documents[:50], *[(documents[i][0], documents[0][1]) for i in range(50, 60)]]
    prepared = convert(write_original(tmp_path / "lyrl", repeated), tmp_path)
    assert as_dicts(rows_of(prepared, "test")) == [row for _, row in documents[40:50]]
    assert "10 test rows left out" in prepared.provenance["note"]


def test_a_file_both_packed_and_unpacked_counts_once(tmp_path: Path, documents: list[Row]) -> None:
    folder = write_original(tmp_path / "lyrl", documents)
    packed = folder / "lyrl2004_vectors_test_pt0.dat.gz"
    packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    assert_same_documents(convert(folder, tmp_path), documents, [1])


def test_the_official_form_reads_its_files_by_their_registered_names(
    tmp_path: Path, documents: list[Row]
) -> None:
    folder = write_original(tmp_path / "rcv1", documents, test_parts=4)
    official = find("rcv1").forms[0]
    assert len(official.files) == 6
    with PreparedWriter(tmp_path / "out") as writer:
        files = {file.name: tmp_path / file.name for file in official.files}
        described = official.convert(files, writer, Settings())
        writer.complete({"name": "rcv1", "kind": "official", "label": described.label})
        writer.publish()
    assert_same_documents(open_prepared(tmp_path / "out"), documents, [1])
    assert {path.name for path in folder.iterdir()} == {path.name for path in files.values()}


# --- files with labels of their own -------------------------------------------------------------


def labelled(documents: list[Row]) -> list[Row]:
    return [(1 if MEMBERSHIP[i, 1] else -1, row) for i, (_, row) in enumerate(documents)]


@pytest.mark.parametrize(
    ("name", "compress"),
    [("rcv1.svm", bytes), ("rcv1.gz", gzip.compress), ("rcv1.binary.bz2", bz2.compress)],
)
def test_one_libsvm_file_is_divided_by_order(
    tmp_path: Path, documents: list[Row], name: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / name
    path.write_bytes(compress(svmlight(labelled(documents))))
    prepared = convert(path, tmp_path)
    assert_same_documents(prepared, documents, [1])
    assert prepared.provenance["label"] == "1 against -1"
    assert prepared.provenance["source"] == f"your own copy: {name}"


def test_ids_from_zero_are_noticed(tmp_path: Path, documents: list[Row]) -> None:
    number, row = documents[0]
    with_zero = [(number, {0: 0.5, **row}), *documents[1:]]
    path = tmp_path / "zero.svm"
    path.write_bytes(svmlight(labelled(with_zero), first_id=0))
    assert as_dicts(rows_of(convert(path, tmp_path), "train"))[0] == {0: 0.5, **row}


def test_scikit_learns_own_files_are_read(tmp_path: Path, documents: list[Row]) -> None:
    path = tmp_path / "dumped.svm"
    matrix = to_matrix(documents)
    labels = np.where(MEMBERSHIP[:, 1], 1, 0)
    sklearn.datasets.dump_svmlight_file(matrix, labels, str(path), zero_based=False)
    assert_same_documents(convert(path, tmp_path), documents, [1])


def test_a_train_and_a_test_file_in_a_folder_keep_their_split(
    tmp_path: Path, documents: list[Row]
) -> None:
    folder = tmp_path / "libsvm"
    folder.mkdir()
    rows = labelled(documents)
    (folder / "rcv1_train.binary.bz2").write_bytes(bz2.compress(svmlight(rows[:40])))
    (folder / "rcv1_test.binary").write_bytes(svmlight(rows[40:]))
    (folder / "README").write_text("not data")
    prepared = convert(folder, tmp_path)
    assert_same_documents(prepared, documents, [1])
    assert prepared.provenance["note"] == "the split of the files"


def test_a_vowpal_wabbit_file_is_told_by_its_bars(tmp_path: Path, documents: list[Row]) -> None:
    path = tmp_path / "vw.txt"
    text = b"\n".join(
        line.replace(b" ", b" |f ", 1) for line in svmlight(labelled(documents)).splitlines()
    )
    path.write_bytes(text)
    assert_same_documents(convert(path, tmp_path), documents, [1])


def test_a_small_file_is_divided_by_content(
    tmp_path: Path, documents: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rcv1_forms, "TRAINING_ROWS", 100)
    path = tmp_path / "small.svm"
    rows = labelled(documents)[:30]
    path.write_bytes(svmlight([*rows, *rows]))  # thirty documents, each twice: no room for 40
    prepared = convert(path, tmp_path)
    train, test = (as_dicts(rows_of(prepared, split)) for split in ("train", "test"))
    assert len(train) + len(test) == 60
    assert 0 < len(test) < 30
    assert all(row not in train for row in test)
    assert "a fifth, chosen by content" in prepared.provenance["note"]


def test_a_label_asked_for_is_said_not_to_apply(tmp_path: Path, documents: list[Row]) -> None:
    path = tmp_path / "rcv1.svm"
    path.write_bytes(svmlight(labelled(documents)))
    note = convert(path, tmp_path, "CCAT").provenance["note"]
    assert "the topic CCAT asked for does not apply" in note


@pytest.mark.parametrize(
    ("labels", "message"),
    [((1,), "only the label 1"), ((1, 2, 3), "labels 1, 2, 3; expected two kinds of label")],
)
def test_labels_of_other_than_two_kinds_are_refused(
    tmp_path: Path, labels: tuple[int, ...], message: str
) -> None:
    path = tmp_path / "rcv1.svm"
    path.write_bytes(svmlight(random_rows(1, 9, 50, labels)))
    with pytest.raises(BadInput, match=message):
        convert(path, tmp_path)


def test_a_feature_beyond_rcv1s_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rcv1.svm"
    path.write_bytes(b"1 1:1\n-1 47236:1\n1 47237:1\n")
    with pytest.raises(BadInput, match="line 3: feature id 47237"):
        convert(path, tmp_path)


def test_a_test_file_of_training_rows_alone_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("train.svm", "test.svm"):
        (folder / name).write_text("1 3:0.5\n-1 4:0.5\n", encoding="utf-8")
    settings = Settings("real", tmp_path / "cache", paths={"rcv1": folder})
    with pytest.raises(DataProblem, match="no rows are left to test on"):
        prepare("rcv1", settings, tmp_path / "out")


# --- real files, where there are any ------------------------------------------------------------


def test_the_real_subsets_become_23149_and_4464_documents(
    tmp_path: Path, mirror_folder: Path
) -> None:
    settings = Settings("real", tmp_path / "cache", (str(mirror_folder),), label="CCAT")
    prepare("rcv1", settings, tmp_path / "out")
    prepared = open_prepared(tmp_path / "out")
    train, test = rows_of(prepared, "train"), rows_of(prepared, "test")
    assert (len(train.labels), len(test.labels)) == (23_149, 4_464)
    # Counts of the distinct documents as published with the file: non-zeros and CCAT.
    assert len(train.values) + len(test.values) == 2_144_845
    assert train.labels.sum() + test.labels.sum() == 12_473
    norms = np.sqrt(np.add.reduceat(train.values.astype(float) ** 2, train.indptr[:-1]))
    assert np.abs(norms - 1).max() < 3e-6  # the source prints six decimals
    with np.load(mirror_folder / "rcv1" / "rcv1_subsets_30000.npz") as archive:
        first = np.flatnonzero(archive["first"])[12_345]
        entries = slice(*archive["indptr"][first : first + 2])
        expected = dict(zip(archive["indices"][entries], archive["data"][entries], strict=True))
    low, high = train.indptr[12_345:12_347]
    assert dict(zip(train.indices[low:high], train.values[low:high], strict=True)) == expected


def test_the_real_vowpal_wabbit_files_are_read(tmp_path: Path, mirror_folder: Path) -> None:
    folder = tmp_path / "vw"
    folder.mkdir()
    for name, source in (("train", "vw_rcv1_small.dat"), ("test", "vw_rcv1_small_test.data")):
        (folder / name).symlink_to(mirror_folder / "rcv1" / source)
    prepared = convert(folder, tmp_path)
    train, test = rows_of(prepared, "train"), rows_of(prepared, "test")
    # Published with the files: 459 positive of 1,000 rows with 77,739 non-zeros, and 500 test rows,
    # two of which repeat a training row.
    assert (len(train.labels), train.labels.sum(), len(train.values)) == (1000, 459, 77_739)
    assert len(test.labels) == 498
