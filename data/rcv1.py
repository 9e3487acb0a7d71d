"""RCV1-v2: Reuters news stories as unit vectors of term weights, with topic codes.

Lewis, Yang, Rose and Li (JMLR 5, 2004) give 804,414 documents over 47,236 terms with 103 topics,
the first 23,149 of them for training. The official files are those that scikit-learn's
`fetch_rcv1` pins; they are fetched here because that one has no time-out and cannot resume.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from data.generated_documents import documents
from data.rcv1_forms import (
    FEATURES,
    TRAINING_ROWS,
    convert_lyrl2004,
    convert_npz,
    with_left_out,
    write_in_order,
)
from data.rcv1_own import recognise, scikit_learn_copy
from data.readers.topics import most_frequent, positive
from data.registry import Dataset, Described, Form, KnownFile, register
from data.settings import Settings
from data.splits import RowSplits
from data.writing import PreparedWriter

_STAND_IN_TEST_ROWS = 4_000
_FIGSHARE = "https://ndownloader.figshare.com/files/"
_JMLR = "http://jmlr.csail.mit.edu/papers/volume5/lewis04a/"


def _vectors(part: str, figshare: int, sha256: str) -> KnownFile:
    name = f"lyrl2004_vectors_{part}.dat.gz"
    urls = (f"{_FIGSHARE}{figshare}", f"{_JMLR}a13-vector-files/{name}")
    return KnownFile(f"rcv1/{name}", sha256, urls)


_TRAIN = _vectors(
    "train", 5976057, "5468f656d0ba7a83afc7ad44841cf9a53048a5c083eedc005dcdb5cc768924ae"
)
_TESTS = (
    _vectors(
        "test_pt0", 5976069, "ed40f7e418d10484091b059703eeb95ae3199fe042891dcec4be6696b9968374"
    ),
    _vectors(
        "test_pt1", 5976066, "87700668ae45d45d5ca1ef6ae9bd81ab0f5ec88cc95dcef9ae7838f727a13aa6"
    ),
    _vectors(
        "test_pt2", 5976063, "48143ac703cbe33299f7ae9f4995db49a258690f60e5debbff8995c34841c7f5"
    ),
    _vectors(
        "test_pt3", 5976060, "dfcb0d658311481523c6e6ca0c3f5a3e1d3d12cde5d7a8ce629a9006ec7dbb39"
    ),
)
_TOPICS = KnownFile(
    "rcv1/rcv1-v2.topics.qrels.gz",
    "2a98e5e5d8b770bded93afc8930d88299474317fe14181aee1466cc754d0d1c1",
    (f"{_FIGSHARE}5976048", f"{_JMLR}a08-topic-qrels/rcv1-v2.topics.qrels.gz"),
)
_SUBSETS = KnownFile(
    "rcv1/rcv1_subsets_30000.npz",
    "c1a35eb3d8b1e53e2b075712573043bf2d40befc8028e7713640fe07d5c98a4a",
)


def _convert_official(
    files: Mapping[str, Path], writer: PreparedWriter, settings: Settings
) -> Described:
    tests = [files[test.name] for test in _TESTS]
    return convert_lyrl2004(files[_TRAIN.name], tests, files[_TOPICS.name], writer, settings)


def _convert_subsets(
    files: Mapping[str, Path], writer: PreparedWriter, settings: Settings
) -> Described:
    return convert_npz(files[_SUBSETS.name], writer, settings)


def _stand_in(writer: PreparedWriter, settings: Settings) -> Described:
    vectors, membership, names = documents(TRAINING_ROWS + _STAND_IN_TEST_ROWS, FEATURES)
    expression = settings.label or most_frequent(membership[:TRAINING_ROWS].sum(axis=0), names)
    splits = RowSplits(writer, FEATURES)
    write_in_order(splits, vectors, positive(membership, expression, names))
    note = "generated documents in RCV1's shape stand in for it"
    return Described(expression, with_left_out(note, splits))


register(
    Dataset(
        name="rcv1",
        licence="documents are Reuters'; the vectors are published for research",
        citation="Lewis, Yang, Rose, Li: RCV1, JMLR 5 (2004) 361-397",
        forms=(
            Form((_TRAIN, *_TESTS, _TOPICS), _convert_official),
            Form((_SUBSETS,), _convert_subsets),
        ),
        stand_in=_stand_in,
        recognise=recognise,
        other_cache=scikit_learn_copy,
    )
)
