"""RCV1 as someone may already have it: own files in any known format, scikit-learn's copy."""

from __future__ import annotations

import os
import pickle
import zlib
from functools import partial
from pathlib import Path

import numpy as np

from data.problems import DataProblem
from data.rcv1_forms import (
    TRAINING_ROWS,
    convert_labelled,
    convert_lyrl2004,
    convert_npz,
    with_left_out,
    write_in_order,
)
from data.readers.svmlight import from_vowpal_wabbit
from data.readers.textfiles import read_lines
from data.readers.topics import most_frequent, positive
from data.registry import Described, Own
from data.settings import Settings
from data.splits import RowSplits
from data.writing import PreparedWriter

# What reading a damaged pickle, or one of another version, may raise.
_BROKEN_PICKLE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    AttributeError,
    ImportError,
    TypeError,
    pickle.UnpicklingError,
    zlib.error,
)


def recognise(path: Path) -> Own | None:
    """What the user's own file or folder is, by names in a folder and by content in a file.

    A folder: the original files (training vectors, at least one part of the test vectors, topics),
    or one file with "train" and one with "test" in its name. A file: the .npz layout, or
    svmlight, libsvm or Vowpal Wabbit text. None where it is nothing of these.
    """
    if path.is_dir():
        return _original_files(path) or _train_and_test(path)
    if path.suffix == ".npz":
        return Own((path,), partial(convert_npz, path))
    return _labelled(path, None)


def _original_files(folder: Path) -> Own | None:
    train = _once_each(folder, "lyrl2004_vectors_train.dat*")
    tests = _once_each(folder, "lyrl2004_vectors_test_pt*.dat*")
    # scikit-learn stores the topics under a name without the dash.
    topics = _once_each(folder, "rcv1*v2.topics.qrels*")[:1]
    if not (train and tests and topics):
        return None
    convert = partial(convert_lyrl2004, train[0], tests, topics[0])
    return Own((*train, *tests, *topics), convert)


def _once_each(folder: Path, pattern: str) -> list[Path]:
    """The files of that pattern in order; of one that lies there packed and unpacked, either."""
    return list(
        {path.name.removesuffix(".gz"): path for path in sorted(folder.glob(pattern))}.values()
    )


def _train_and_test(folder: Path) -> Own | None:
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    train = [path for path in files if "train" in path.name and "test" not in path.name]
    test = [path for path in files if "test" in path.name]
    if len(train) != 1 or len(test) != 1:
        return None
    return _labelled(train[0], test[0])


def _labelled(train: Path, test: Path | None) -> Own:
    first = next(iter(read_lines(train))).text.lstrip().partition(b"\n")[0]
    translate = from_vowpal_wabbit if b"|" in first.split(b"#")[0] else None
    convert = partial(convert_labelled, train, test, translate)
    return Own((train,) if test is None else (train, test), convert)


def scikit_learn_copy() -> Own | None:
    """The copy scikit-learn keeps in its own data folder, where there is one.

    Its format is a pickle; it is read only from the folder that scikit-learn itself would read, and
    in whole (about 1 GB), unlike every other form.
    """
    folder = _scikit_learn_folder() / "RCV1"
    if not (folder / "samples_py3.pkl").is_file():
        return None
    return Own(
        (folder / "samples_py3.pkl", folder / "sample_topics_py3.pkl"), _convert_scikit_learn
    )


def _scikit_learn_folder() -> Path:
    """Where scikit-learn keeps its data; its own function would create the folder."""
    return Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser()


def _convert_scikit_learn(writer: PreparedWriter, settings: Settings) -> Described:
    from sklearn.datasets import fetch_rcv1

    try:
        bunch = fetch_rcv1(data_home=_scikit_learn_folder(), download_if_missing=False)
    except _BROKEN_PICKLE as error:
        raise DataProblem(
            f"scikit-learn's copy of RCV1 cannot be read ({error}); delete its RCV1 folder"
        ) from error
    names = [str(name) for name in bunch.target_names]
    counts = np.asarray(bunch.target[:TRAINING_ROWS].sum(axis=0)).ravel()
    expression = settings.label or most_frequent(counts, names)
    splits = RowSplits(writer, bunch.data.shape[1])
    write_in_order(splits, bunch.data, positive(bunch.target, expression, names))
    return Described(expression, with_left_out("the official split", splits))
