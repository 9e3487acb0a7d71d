"""Generated documents in RCV1's shape, for where the real ones cannot be had.

A document is a log-normal number of draws from one Zipf-like distribution of terms, whose
logarithm is quadratic in the logarithm of the rank (real vocabularies bend downwards). Counts
become unit vectors as RCV1's did: (1 + log count) times log(documents / document frequency).
Every topic is a planted linear model of the vectors, plus noise, cut where its share is met.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

_SEED = 804_414
_LENGTH_MEDIAN, _LENGTH_SPREAD = 66.0, 0.68  # draws a document; spread of their logarithm
_SHORTEST, _LONGEST = 8, 700
_BEND = (0.386, -0.1244)  # coefficients of log rank and its square
_TOPICS = 103
_FREQUENT_SHARE = 0.4508  # of CCAT in 23,149 real documents
_OTHER_SHARES = (0.29, 0.85)  # share of the second topic, power of its decline
_NOISE = 0.5  # of a topic's score, in units of the score's own deviation


def documents(rows: int, features: int) -> tuple[sparse.csr_matrix, np.ndarray, list[str]]:
    """Generate documents; always the same ones for the same shape.

    Returns unit float32 rows [rows, features], topic membership 0/1 [rows, 103] and the topics'
    names, of which "CCAT" is the frequent one.
    """
    generator = np.random.default_rng(_SEED)
    counts = _term_counts(generator, rows, features)
    vectors = _weighted(counts)
    membership = _topics(generator, vectors)
    names = ["CCAT"] + [f"GENERATED{number:03d}" for number in range(1, _TOPICS)]
    return vectors, membership, names


def _term_counts(generator: np.random.Generator, rows: int, features: int) -> sparse.csr_matrix:
    lengths = _LENGTH_MEDIAN * np.exp(_LENGTH_SPREAD * generator.standard_normal(rows))
    lengths = np.clip(np.rint(lengths), _SHORTEST, _LONGEST).astype(np.int64)
    log_rank = np.log(np.arange(1, features + 1))
    weights = np.exp(_BEND[0] * log_rank + _BEND[1] * log_rank**2)
    ranks = np.searchsorted(np.cumsum(weights / weights.sum()), generator.random(lengths.sum()))
    terms = generator.permutation(features)[np.minimum(ranks, features - 1)].astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    counts = sparse.csr_matrix(
        (np.ones(len(terms), dtype=np.float32), terms, indptr), shape=(rows, features)
    )
    counts.sum_duplicates()
    return counts


def _weighted(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log(counts.shape[0] / np.maximum(frequency, 1))
    values = (1 + np.log(counts.data)) * rarity[counts.indices]
    norms = np.sqrt(np.add.reduceat(values**2, counts.indptr[:-1]))
    values /= np.repeat(norms, np.diff(counts.indptr))
    return sparse.csr_matrix(
        (values.astype(np.float32), counts.indices, counts.indptr), shape=counts.shape
    )


def _topics(generator: np.random.Generator, vectors: sparse.csr_matrix) -> np.ndarray:
    share, decline = _OTHER_SHARES
    shares = np.append(_FREQUENT_SHARE, share * np.arange(1, _TOPICS) ** -decline)
    planted = generator.standard_normal((vectors.shape[1], _TOPICS)).astype(np.float32)
    scores = vectors @ planted
    noise = generator.standard_normal(scores.shape).astype(np.float32)
    scores += _NOISE * scores.std(axis=0) * noise
    cuts = [np.quantile(scores[:, topic], 1 - shares[topic]) for topic in range(_TOPICS)]
    return (scores > np.array(cuts, dtype=np.float32)).astype(np.uint8)
