"""RCV1-v2: Reuters news stories as unit vectors of term weights, with topic codes.

Lewis, Yang, Rose and Li (JMLR 5, 2004) give 804,414 documents over 47,236 terms with 103 topics,
the first 23,149 of them for training.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy import sparse

from data.generated_documents import documents
from data.problems import BadInput
from data.registry import Dataset, Described, Form, KnownFile, register
from data.settings import Settings
from data.topics import most_frequent, positive
from data.writing import PreparedWriter

FEATURES = 47_236
TRAINING_ROWS = 23_149
_STAND_IN_TEST_ROWS = 4_000

_SUBSETS = KnownFile(
    "rcv1/rcv1_subsets_30000.npz",
    "c1a35eb3d8b1e53e2b075712573043bf2d40befc8028e7713640fe07d5c98a4a",
)
_ARRAYS = ("indptr", "indices", "data", "shape", "topics", "topic_names", "first")


def _convert_subsets(
    files: Mapping[str, Path], writer: PreparedWriter, settings: Settings
) -> Described:
    """The distinct documents of a subset: the first 23,149 train, the others test."""
    arrays = _read_npz(files[_SUBSETS.name])
    matrix = sparse.csr_matrix(
        (arrays["data"], arrays["indices"].astype(np.int32), arrays["indptr"]),
        shape=tuple(arrays["shape"]),
    )[arrays["first"]]
    membership = arrays["topics"][arrays["first"]]
    names = [str(name) for name in arrays["topic_names"]]
    label = _write_split(matrix, membership, names, writer, settings)
    return Described(
        label,
        f"not the official split: {matrix.shape[0]:,} distinct documents of published subsets, "
        f"the first {TRAINING_ROWS:,} for training; topics MCAT and M143 are absent",
    )


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [name for name in _ARRAYS if name not in archive]
            if missing:
                raise BadInput(path, f"no array {', '.join(missing)}", f"{', '.join(_ARRAYS)}")
            return {name: archive[name] for name in _ARRAYS}
    except (OSError, ValueError) as error:
        raise BadInput(path, f"not readable ({error})", "an .npz file without pickles") from error


def _write_split(
    matrix: sparse.csr_matrix,
    membership: np.ndarray,
    names: list[str],
    writer: PreparedWriter,
    settings: Settings,
) -> str:
    """Write the first documents as train and the others as test; returns the label's expression."""
    matrix.sort_indices()
    expression = settings.label or most_frequent(membership[:TRAINING_ROWS], names)
    labels = positive(membership, expression, names)
    for split, chosen in (("train", slice(TRAINING_ROWS)), ("test", slice(TRAINING_ROWS, None))):
        part = matrix[chosen]
        writer.rows(split, matrix.shape[1]).append(
            part.indptr, part.indices, part.data, labels[chosen]
        )
    return expression


def _stand_in(writer: PreparedWriter, settings: Settings) -> Described:
    matrix, membership, names = documents(TRAINING_ROWS + _STAND_IN_TEST_ROWS, FEATURES)
    label = _write_split(matrix, membership, names, writer, settings)
    return Described(label, "generated documents in RCV1's shape stand in for it")


register(
    Dataset(
        name="rcv1",
        licence="documents are Reuters'; the vectors are published for research",
        citation="Lewis, Yang, Rose, Li: RCV1, JMLR 5 (2004) 361-397",
        forms=(Form((_SUBSETS,), _convert_subsets),),
        stand_in=_stand_in,
    )
)
