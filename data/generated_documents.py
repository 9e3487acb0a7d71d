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
_NOISE = 0.5  # of a topic's score, in units of the score's own deviation


def documents(rows: int, features: int) -> tuple[sparse.csr_matrix, np.ndarray, list[str]]:
    """Generate documents; always the same ones for the same shape.

    Returns unit float32 rows [rows, features], topic membership 0/1 [rows, 103] and the topics'
    names, RCV1's own; topics are independent of each other given the vectors.
    """
    generator = np.random.default_rng(_SEED)
    counts = _term_counts(generator, rows, features)
    vectors = _weighted(counts)
    pairs = [entry.split(":") for entry in _TOPIC_SHARES.split()]
    shares = np.array([int(share) for _, share in pairs]) / 10_000
    return vectors, _topics(generator, vectors, shares), [name for name, _ in pairs]


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


def _topics(
    generator: np.random.Generator, vectors: sparse.csr_matrix, shares: np.ndarray
) -> np.ndarray:
    planted = generator.standard_normal((vectors.shape[1], len(shares)), dtype=np.float32)
    scores = vectors @ planted
    noise = generator.standard_normal(scores.shape, dtype=np.float32)
    scores += _NOISE * scores.std(axis=0) * noise
    cuts = [np.quantile(column, 1 - share) for column, share in zip(scores.T, shares, strict=True)]
    return (scores > np.array(cuts, dtype=np.float32)).astype(np.uint8)
