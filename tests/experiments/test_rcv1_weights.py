"""RCV1's values taken apart, on documents whose counts are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from prepared_documents import write_prepared

from experiments.analyses.rcv1_weights import analyse, document_lengths

CONFIG = Path(__file__).resolve().parents[2] / "config" / "analyses" / "rcv1_weights.yaml"


def test_a_document_s_length_is_the_root_of_its_squares():
    lengths = document_lengths(np.array([0, 2, 2, 3]), np.array([3.0, 4.0, 2.0]))
    assert lengths.tolist() == [5, 0, 2]


def documents(of_count, *, seed: int = 0) -> np.ndarray:
    """400 documents, 40 terms: absent, once or twice; values by a weight of counts, length 1."""
    generator = np.random.default_rng(seed)
    counts = generator.choice(3, size=(400, 40), p=[0.6, 0.3, 0.1])
    inverse = np.log(len(counts) / (counts > 0).sum(axis=0))
    values = np.where(counts > 0, of_count(np.maximum(counts, 1)), 0.0) * inverse
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("of_count", "ratio"), [(lambda c: c, 2.0), (lambda c: 1 + np.log(c), 1.693)]
)
def test_frequencies_and_their_logarithms_are_told_apart(tmp_path, of_count, ratio):
    splits = {"train": (documents(of_count), np.zeros(400)), "test": (np.eye(40), np.zeros(40))}
    protocol = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["analyses"]["rcv1_weights"]
    protocol |= {"least_documents": 50, "least_terms": 5}
    data = write_prepared(tmp_path / "d", splits)
    table = pd.concat(analyse(protocol, data), ignore_index=True)
    peak = table[table.figure.str.startswith("value of a term")].set_index("series").value
    # Half of the histogram's width of 0.04.
    assert peak["measured"] == pytest.approx(ratio, abs=0.0201)
    assert peak["frequency"] == 2
    assert peak["logarithm of it"] == pytest.approx(1.6931, abs=1e-4)
    lengths = table[table.figure == "lengths of documents"].set_index("label").value
    # The prepared values are in single precision.
    assert lengths["shortest"] == pytest.approx(1, abs=1e-6)
    assert lengths["longest"] == pytest.approx(1, abs=1e-6)
