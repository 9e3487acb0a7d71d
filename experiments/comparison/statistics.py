"""Medians with bootstrap intervals, paired tests, Holm's correction, ranks; infinity is a value.

A run that diverged counts as infinitely bad: it is in every median, interval, test and rank.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence

import numpy as np
import scipy.stats

_SEED = 20260101


@dataclasses.dataclass(frozen=True)
class Summary:
    """A median and its bootstrap interval."""

    median: float
    low: float
    high: float


def summary(values: Sequence[float], level: float, resamples: int) -> Summary:
    """Median of `values` with its percentile bootstrap interval; values may be infinite.

    Ends are values of resampled medians, never between two of them: between a number and infinity
    there is nothing. Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13.
    """
    given = np.asarray(values, np.float64)
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        # Equal values give a degenerate interval, and infinite ones no standard error: both meant.
        warnings.simplefilter("ignore")
        found = scipy.stats.bootstrap(
            (given,), np.median, n_resamples=resamples, method="percentile",
            rng=np.random.default_rng(_SEED),
        ).bootstrap_distribution  # fmt: skip
    ends = ((1 - level) / 2, (1 + level) / 2)
    low, high = np.quantile(found, ends, method="inverted_cdf")
    return Summary(float(np.median(given)), float(low), float(high))


def paired_p(first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray) -> float:
    """Two-sided p of the Wilcoxon signed-rank test on pairs, exact by all changes of signs.

    A pair of infinities is a tie; one infinity is a difference larger than any finite one. Source:
    Wilcoxon, Biometrics Bulletin 1 (1945), 80-83; ties as Pratt, J. Am. Stat. Assoc. 54 (1959).
    """
    with np.errstate(invalid="ignore"):
        differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    differences[np.isnan(differences)] = 0.0
    finite = np.abs(differences[np.isfinite(differences)])
    beyond = 2 * finite.max(initial=0.5)
    differences = np.clip(differences, -beyond, beyond)
    if not differences.any():
        return 1.0
    sizes = np.abs(differences)
    if len(np.unique(sizes)) == len(sizes) and sizes.all():
        return float(scipy.stats.wilcoxon(differences, method="exact").pvalue)
    # The tabulated distribution knows no ties.
    every = scipy.stats.PermutationMethod(n_resamples=2 ** max(13, len(differences)))
    return float(scipy.stats.wilcoxon(differences, zero_method="pratt", method=every).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values of a family, in the order given.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    order = np.argsort(p_values, kind="stable")
    raised = np.asarray(p_values, np.float64)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raised))
    return adjusted.tolist()


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Mean rank [rules] over the seeds of `values` [rules, seeds], 1 for the smallest; ties share.

    Infinities tie for the last ranks.
    """
    return scipy.stats.rankdata(values, axis=0).mean(axis=1)
