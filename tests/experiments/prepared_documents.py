"""Small matrices in the layout of a prepared dataset, for the tests of linear experiments."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from data.prepared import array_file


def write_prepared(folder: Path, splits: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Path:
    """Write dense matrices and their labels in the layout that `open_prepared` reads.

    Only what is not zero is stored of a row, but of an empty matrix all.
    """
    folder.mkdir()
    for split, (x, labels) in splits.items():
        kept = x != 0 if x.any() else np.ones(x.shape, bool)
        arrays = {
            "indptr": np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64),
            "indices": np.nonzero(kept)[1].astype(np.int32),
            "values": x[kept].astype(np.float32),
            "labels": labels.astype(np.float32),
        }
        for name, array in arrays.items():
            np.save(array_file(folder, split, name), array)
    provenance = {
        "name": "rcv1",
        "layout": "rows",
        "rows": {split: len(x) for split, (x, _) in splits.items()},
        "features": splits["train"][0].shape[1],
    }
    (folder / "provenance.json").write_text(json.dumps(provenance), encoding="utf-8")
    return folder
