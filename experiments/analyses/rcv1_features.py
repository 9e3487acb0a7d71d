"""RCV1's statistics and what sparseness does to updates: table 1 and sections 2.4 and 2.5.

An update changes the weights of one document's terms only, whatever the rule: how often a weight
is updated is how often its term occurs. Counted over the first samples of random orders, and
compared with what the document states.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import Rows, open_prepared
from data.statistics import describe_rows
from experiments.effective_rates import document_frequencies, frequency_groups
from experiments.linear import sample_orders
from experiments.series import points
from optim.problem import Rows as EngineRows

DATASET = "rcv1"
PROTOCOL = {
    "iterations": {"$ref": "#/$defs/count"},
    "orders": {"$ref": "#/$defs/count"},
    "frequency_edges": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "terms_a_document": {"$ref": "#/$defs/point"},
    "printed": {
        "description": "the document's numbers: table, row, value",
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}
NAME = "rcv1_features"


def analyse(
    protocol: Mapping[str, Any], data: Path, _results: None = None
) -> Iterator[pd.DataFrame]:
    """Yield table 1, the terms of documents, and how often terms are updated."""
    prepared = open_prepared(data)
    for split in ("train", "test"):
        part = prepared.splits[split]
        assert isinstance(part, Rows)
        yield from _table_1(split, part, protocol["printed"])
    train = prepared.splits["train"]
    assert isinstance(train, Rows)
    rows = EngineRows(train.indptr, train.indices, train.values, train.labels)
    yield from _terms_of_documents(rows, train.features, protocol)
    yield from _updates(rows, train.features, protocol)


def _table_1(
    split: str, rows: Rows, printed: Mapping[str, Mapping[str, float]]
) -> Iterator[pd.DataFrame]:
    found = describe_rows(rows)
    measured = {
        "documents": found["rows"],
        "terms": found["features"],
        "non-zeros": found["nonzeros"],
        "sparsity": found["sparsity"],
    }
    for series, values in (("measured", measured), ("printed", printed[f"table 1, {split}"])):
        for metric, value in values.items():
            yield points(NAME, "table 1", series, metric, [value], labels=[split])


def terms_of_each(rows: EngineRows) -> np.ndarray:
    """Number of terms that are not zero in each row."""
    counts = np.concatenate([[0], np.cumsum(rows.values != 0)])
    terms: np.ndarray = counts[rows.indptr[1:]] - counts[rows.indptr[:-1]]
    return terms


def _terms_of_documents(
    rows: EngineRows, features: int, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """How many terms a document has, which is how many weights one sample's gradient changes."""
    terms, (low, high) = terms_of_each(rows), protocol["terms_a_document"]
    quantiles = (0.05, 0.25, 0.5, 0.75, 0.95)
    figure = "terms of a document"
    yield points(
        NAME, figure, "measured", "terms",
        [*np.quantile(terms, quantiles), terms.mean()],
        labels=[*(f"quantile {q:g}" for q in quantiles), "mean"],
    )  # fmt: skip
    printed = protocol["printed"]["terms of a document"]
    yield points(NAME, figure, "printed", "terms", list(printed.values()), labels=list(printed))
    within = float(np.mean((terms >= low) & (terms <= high)))
    yield points(
        NAME, "documents of as many terms as section 2.1.2 says", "measured",
        f"share with {low:g} to {high:g} terms", [within],
    )  # fmt: skip
    sparsity = 1 - np.quantile(terms, (0.95, 0.5, 0.05)) / features
    yield points(
        NAME, "zero components of one sample's gradient", "measured", "share", sparsity,
        labels=["long documents (quantile 0.95)", "median", "short documents (quantile 0.05)"],
    )  # fmt: skip
    stated = protocol["printed"]["zero components of one sample's gradient"]
    yield points(
        NAME, "zero components of one sample's gradient", "printed", "share",
        list(stated.values()), labels=list(stated),
    )  # fmt: skip


def update_counts(
    rows: EngineRows, features: int, iterations: int, order: np.ndarray
) -> np.ndarray:
    """Updates [features] of each weight in the first iterations of an order, one sample each."""
    counts = np.zeros(features, np.int64)
    for row in order[:iterations]:
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        counts[rows.indices[part][rows.values[part] != 0]] += 1
    return counts


def _updates(
    rows: EngineRows, features: int, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    """Updates by document frequency, counted and expected, and the ratios the document states."""
    samples, iterations = rows.labels.size, min(protocol["iterations"], rows.labels.size)
    counts = np.array(
        [
            update_counts(rows, features, iterations, next(sample_orders(seed, samples, 1)))
            for seed in range(protocol["orders"])
        ]
    )
    frequencies = document_frequencies(rows, features)
    groups = frequency_groups(frequencies, protocol["frequency_edges"])
    groups = {name: group for name, group in groups.items() if group.any()}
    labels = list(groups)
    yield points(
        NAME, "terms by document frequency", "training set", "terms",
        [group.sum() for group in groups.values()], labels=labels,
    )  # fmt: skip
    figure = f"updates in {iterations:,} iterations"
    for series, values in (
        ("counted, mean over orders", [counts[:, g].mean() for g in groups.values()]),
        ("expected", [iterations * frequencies[g].mean() / samples for g in groups.values()]),
    ):
        yield points(NAME, figure, series, "updates a term", values, labels=labels)
    yield points(
        NAME, f"never updated in {iterations:,} iterations", "counted, mean over orders",
        "share of terms", [(counts[:, g] == 0).mean() for g in groups.values()], labels=labels,
    )  # fmt: skip
    yield from _most_frequent(frequencies, samples, protocol)


def _most_frequent(
    frequencies: np.ndarray, samples: int, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    ordered = np.sort(frequencies)[::-1]
    ranks = [rank for rank in (1, 2, 3, 10, 30, 100) if rank <= ordered.size]
    yield points(
        NAME, "documents that hold a term", "measured", "share of documents",
        [ordered[rank - 1] / samples for rank in ranks], x=ranks, x_name="rank of the term",
    )  # fmt: skip
    stated = protocol["printed"]["documents that hold a term"]
    frequent, rare = stated["frequent"], stated["rare"]
    yield points(
        NAME, "ratio of update counts of a frequent and a rare term", "section 2.5.3", "ratio",
        [stated["ratio"], frequent / rare],
        labels=["as stated", "of the two document frequencies stated"],
    )  # fmt: skip
    seen = ordered[ordered > 0]
    yield points(
        NAME, "ratio of update counts of a frequent and a rare term", "measured", "ratio",
        [seen[0] / rare, seen[0] / seen[-1], seen[0] / np.median(seen)],
        labels=[
            f"most frequent term to one in {rare:g} documents",
            "most frequent to rarest term",
            "most frequent to median term",
        ],
    )  # fmt: skip
