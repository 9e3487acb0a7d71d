"""How RCV1's values are made of counts: the lengths of documents, and frequency or its logarithm.

Section 2.1.2 of the assignment has a value as a term's frequency times its inverse document
frequency. Dividing a document's values by the latter, and by what most of its terms have left
then, leaves what a term's frequency makes of it: 2 for a term that stands there twice, by the
section; 1 + log 2 where the logarithm is taken, as Lewis et al. (JMLR 5, 2004, section 5) have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import Rows, open_prepared
from experiments.series import points

DATASET = "rcv1"
PROTOCOL = {
    "least_documents": {"$ref": "#/$defs/count"},
    "least_terms": {"$ref": "#/$defs/count"},
    "once": {"$ref": "#/$defs/positive"},
    "from": {"$ref": "#/$defs/positive"},
    "to": {"$ref": "#/$defs/positive"},
    "width": {"$ref": "#/$defs/positive"},
}
NAME = "rcv1_weights"


def analyse(
    protocol: Mapping[str, Any], data: Path, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield lengths of the training documents, and what frequencies make of values."""
    train = open_prepared(data).splits["train"]
    assert isinstance(train, Rows)
    lengths = document_lengths(train.indptr, train.values)
    yield points(
        NAME, "lengths of documents", "measured", "length",
        [lengths.min(), float(np.median(lengths)), lengths.max()],
        labels=["shortest", "median", "longest"],
    )  # fmt: skip
    ratios = frequency_ratios(train, protocol["least_documents"], protocol["least_terms"])
    edges = np.arange(protocol["from"], protocol["to"], protocol["width"])
    counts, _ = np.histogram(ratios, edges)
    centres = edges[:-1] + protocol["width"] / 2
    yield points(
        NAME, "values over those of the document's other terms", "measured", "share of values",
        counts / max(ratios.size, 1), x=centres, x_name="ratio, document frequencies divided out",
    )  # fmt: skip
    more = centres > protocol["once"]
    yield points(
        NAME, "value of a term that stands twice over one that stands once",
        "measured", "ratio", [centres[more][np.argmax(counts[more])]],
    )  # fmt: skip
    for series, ratio in (("frequency", 2.0), ("logarithm of it", 1 + float(np.log(2)))):
        yield points(
            NAME, "value of a term that stands twice over one that stands once",
            series, "ratio", [ratio],
        )  # fmt: skip


def document_lengths(indptr: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Euclidean length of each row's values; 0 for a row without any."""
    squares = np.concatenate([[0.0], np.cumsum(values.astype(np.float64) ** 2)])
    lengths: np.ndarray = np.sqrt(squares[indptr[1:]] - squares[indptr[:-1]])
    return lengths


def frequency_ratios(rows: Rows, least_documents: int, least_terms: int) -> np.ndarray:
    """Values by their inverse document frequency, over the document's lower quartile of these.

    The lower quartile is what a term makes that stands there once, as most do. Of terms of
    `least_documents` rows or more, whose frequency is known well; documents of `least_terms` such
    terms or more.
    """
    count = len(rows.indptr) - 1
    frequencies = np.bincount(rows.indices, minlength=rows.features)
    inverse = np.log(count / np.maximum(frequencies, 1))
    known = (frequencies >= least_documents) & (inverse > 0)
    found = []
    for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        terms = rows.indices[start:end]
        chosen = known[terms]
        if chosen.sum() >= least_terms:
            parts = rows.values[start:end][chosen] / inverse[terms[chosen]]
            found.append(parts / np.quantile(parts, 0.25))
    return np.concatenate(found) if found else np.zeros(0)
