"""Generated documents in RCV1's shape, for where the real ones cannot be had.

Each document belongs to one of a few dozen clusters, and is a log-normal number of draws from its
cluster's distribution of terms. All clusters share one Zipf-like base: the logarithm of a term's
weight is a cubic in the logarithm of its rank, and some terms are never used. A cluster multiplies
the base by log-normal factors of its own. Counts become unit vectors as RCV1's did:
(1 + log count) times log(documents / document frequency). A topic scores every cluster at random,
adds noise of each document, and takes the documents above the cut that meets the topic's share.

docs/data.md says how the parameters were fitted.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

_SEED = 2
_LENGTH_MEDIAN, _LENGTH_SPREAD = 72.0, 0.73  # draws a document; deviation of their logarithm
_SHORTEST, _LONGEST = 8, 700
_BEND = (-0.310, 0.0210, -0.0084)  # coefficients of log rank, its square and its cube
_USED_TERMS = 0.708  # share of the terms that may occur
_CLUSTERS = 30
_TILT = 1.25  # deviation of the logarithm of a cluster's factors
_NOISE = 0.07  # deviation of a document's own part in a topic's score; the clusters' part has 1
# RCV1-v2's 103 topic codes and, in ten-thousandths, the share of documents that have each: measured
# on 27,613 distinct documents, but for MCAT and M143, which are absent there and are estimates.
_TOPIC_SHARES = """
C11:267 C12:166 C13:474 C14:101 C15:1723 C151:962 C1511:171 C152:807 C16:25 C17:476 C171:213
C172:148 C173:38 C174:39 C18:679 C181:560 C182:61 C183:84 C21:313 C22:65 C23:29 C24:393 C31:470
C311:54 C312:67 C313:15 C32:31 C33:198 C331:14 C34:75 C41:129 C411:116 C42:136 CCAT:4517 E11:110
E12:349 E121:21 E13:71 E131:62 E132:10 E14:28 E141:5 E142:3 E143:14 E21:574 E211:245 E212:326
E31:31 E311:20 E312:2 E313:1 E41:205 E411:28 E51:253 E511:31 E512:136 E513:37 E61:5 E71:62
ECAT:1476 G15:257 G151:43 G152:26 G153:32 G154:110 G155:27 G156:3 G157:38 G158:50 G159:1
GCAT:2892 GCRIM:410 GDEF:107 GDIP:409 GDIS:136 GENT:43 GENV:97 GFAS:5 GHEA:85 GJOB:205 GMIL:1
GOBIT:13 GODD:36 GPOL:656 GPRO:58 GREL:30 GSCI:43 GSPO:421 GTOUR:8 GVIO:349 GVOTE:96 GWEA:73
GWELF:26 M11:703 M12:390 M13:725 M131:356 M132:389 M14:1201 M141:683 M142:170 M143:270 MCAT:2890
"""
_TOPICS = [entry.split(":") for entry in _TOPIC_SHARES.split()]
TOPIC_NAMES = tuple(name for name, _ in _TOPICS)
"""The 103 topics of RCV1-v2."""


def documents(rows: int, features: int) -> tuple[sparse.csr_matrix, np.ndarray, list[str]]:
    """Generate documents; always the same ones for the same shape.

    Returns unit float32 rows [rows, features], topic membership 0/1 [rows, 103] and the topics'
    names, RCV1's own; given a document's cluster its topics are independent.
    """
    generator = np.random.default_rng(_SEED)
    clusters = np.sort(generator.integers(_CLUSTERS, size=rows))
    counts = _term_counts(generator, clusters, features)
    order = generator.permutation(rows)
    vectors = _weighted(counts[order])
    shares = np.array([int(share) for _, share in _TOPICS]) / 10_000
    membership = _topics(generator, clusters[order], shares)
    return vectors, membership, list(TOPIC_NAMES)


def _term_counts(
    generator: np.random.Generator, clusters: np.ndarray, features: int
) -> sparse.csr_matrix:
    """How often each document uses each term; `clusters` [rows] in rising order."""
    lengths = _LENGTH_MEDIAN * np.exp(_LENGTH_SPREAD * generator.standard_normal(len(clusters)))
    lengths = np.clip(np.rint(lengths), _SHORTEST, _LONGEST).astype(np.int64)
    log_rank = np.log(np.arange(1, int(_USED_TERMS * features) + 1))
    base = np.exp(sum(c * log_rank**power for power, c in enumerate(_BEND, start=1)))
    draws = []
    for size in np.bincount(clusters, weights=lengths, minlength=_CLUSTERS).astype(np.int64):
        weights = base * np.exp(_TILT * generator.standard_normal(len(base)))
        cumulative = np.cumsum(weights)
        draws.append(np.searchsorted(cumulative, generator.random(size) * cumulative[-1]))
    ranks = np.minimum(np.concatenate(draws), len(base) - 1)
    terms = generator.permutation(features)[ranks].astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    counts = sparse.csr_matrix(
        (np.ones(len(terms), dtype=np.float32), terms, indptr), shape=(len(clusters), features)
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


def _topics(generator: np.random.Generator, clusters: np.ndarray, shares: np.ndarray) -> np.ndarray:
    scores = generator.standard_normal((_CLUSTERS, len(shares)))[clusters]
    scores += _NOISE * generator.standard_normal(scores.shape)
    cuts = [np.quantile(column, 1 - share) for column, share in zip(scores.T, shares, strict=True)]
    return (scores > np.array(cuts)).astype(np.uint8)
