"""RCV1's statistics and update counts, on documents that can be counted by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from prepared_documents import write_prepared

from experiments.analyses.rcv1_features import analyse, update_counts
from optim.problem import Rows

CONFIG = Path(__file__).resolve().parents[2] / "config" / "analyses" / "rcv1_features.yaml"
PRINTED = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["analyses"]["rcv1_features"]["printed"]
DOCUMENTS = np.array(
    [[1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 1, 0]], np.float64
)
"""Term 0 is in four documents, terms 1 and 2 in two, term 3 in one, term 4 in none."""


@pytest.fixture
def table(tmp_path) -> pd.DataFrame:
    labels = np.array([0, 1, 0, 1])
    splits = {"train": (DOCUMENTS, labels), "test": (DOCUMENTS[:2], labels[:2])}
    protocol = {
        "iterations": 3, "orders": 400, "frequency_edges": [1, 2, 4],
        "terms_a_document": [2, 3], "printed": PRINTED,
    }  # fmt: skip
    data = write_prepared(tmp_path / "d", splits)
    return pd.concat(analyse(protocol, data), ignore_index=True)


def values(table: pd.DataFrame, figure: str, series: str) -> dict[str, float]:
    rows = table[(table.figure == figure) & (table.series == series)]
    return dict(zip(rows.label, rows.value, strict=True))


def test_table_1_counts_rows_terms_and_non_zeros_beside_the_printed_ones(table):
    rows = table[(table.figure == "table 1") & (table.label == "train")]
    measured = rows[rows.series == "measured"].set_index("metric").value
    assert measured.to_dict() == pytest.approx(
        {"documents": 4, "terms": 5, "non-zeros": 9, "sparsity": 11 / 20}
    )
    printed = rows[rows.series == "printed"].set_index("metric").value
    assert printed["documents"] == 23149
    test = table[(table.figure == "table 1") & (table.label == "test")]
    assert test[test.series == "measured"].value.tolist() == pytest.approx([2, 5, 4, 0.6])


def test_terms_of_documents_are_counted(table):
    found = values(table, "terms of a document", "measured")
    assert found["mean"] == 9 / 4
    assert found["quantile 0.5"] == 2  # of 1, 2, 2 and 4
    share = table[table.figure == "documents of as many terms as section 2.1.2 says"]
    assert share.value.tolist() == [0.5]
    zeros = values(table, "zero components of one sample's gradient", "measured")
    assert zeros["median"] == 1 - 2 / 5


def test_updates_are_counted_along_an_order():
    kept = DOCUMENTS != 0
    rows = Rows(
        np.concatenate([[0], np.cumsum(kept.sum(axis=1))]),
        np.nonzero(kept)[1].astype(np.int32),
        np.ones(int(kept.sum()), np.float32),
        np.zeros(4, np.float32),
    )
    assert update_counts(rows, 5, 2, np.array([3, 0, 1, 2])).tolist() == [2, 2, 1, 1, 0]
    assert update_counts(rows, 5, 4, np.array([3, 0, 1, 2])).tolist() == [4, 2, 2, 1, 0]


def test_the_mean_count_is_the_share_of_documents_times_the_iterations(table):
    counted = values(table, "updates in 3 iterations", "counted, mean over orders")
    expected = values(table, "updates in 3 iterations", "expected")
    groups = ["1 to 1 documents", "2 to 3 documents", "4 documents or more"]
    assert list(counted) == groups
    assert [expected[group] for group in groups] == [3 / 4, 3 / 2, 3]
    # One document of four is left out of each order: deviations 0.43 and 0.5 over 400 orders.
    assert counted == pytest.approx(expected, abs=0.1)
    never = values(table, "never updated in 3 iterations", "counted, mean over orders")
    assert never["1 to 1 documents"] == pytest.approx(1 / 4, abs=0.1)
    assert never["2 to 3 documents"] == never["4 documents or more"] == 0


def test_the_document_s_own_frequencies_have_a_tenth_of_the_ratio_it_states(table):
    figure = "ratio of update counts of a frequent and a rare term"
    stated = values(table, figure, "section 2.5.3")
    assert stated["as stated"] == 10 * stated["of the two document frequencies stated"] == 30_000
    measured = values(table, figure, "measured")
    assert measured["most frequent to rarest term"] == 4
    assert measured["most frequent to median term"] == 2
