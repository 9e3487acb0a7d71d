"""Summaries over seeds: the median and a bootstrap interval that is the same at every render."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import bdtrc

LEVEL = 0.95
"""Confidence level of every interval of the report."""

RESAMPLES = 2000
_SEED = 20040401


def medians_with_intervals(values: np.ndarray) -> np.ndarray:
    """Median, lower and upper end of the percentile bootstrap interval over the first axis.

    `values` is [seeds] or [seeds, points]; the result is [3] or [3, points]. The interval is NaN
    where there are fewer than two seeds, and at points where a value is not finite. Resampling is
    by seed, so all points share resamples.
    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    import scipy.stats  # Here alone: it takes most commands longer to load than what they do.

    values = np.asarray(values, dtype=np.float64)
    middle = np.median(values, axis=0)
    if len(values) < 2:
        return np.stack([middle, np.full_like(middle, np.nan), np.full_like(middle, np.nan)])
    finite = np.isfinite(values).all(axis=0)
    with warnings.catch_warnings():
        # Seeds that agree to the last bit make a degenerate interval, which is the right one.
        warnings.simplefilter("ignore", scipy.stats.DegenerateDataWarning)
        found = scipy.stats.bootstrap(
            (np.where(finite, values, 0.0),),
            np.median,
            axis=0,
            confidence_level=LEVEL,
            n_resamples=RESAMPLES,
            batch=100,
            method="percentile",
            rng=np.random.default_rng(_SEED),
        ).confidence_interval
    return np.stack([middle, *np.where(finite, [found.low, found.high], np.nan)])


def is_range(seeds: int) -> bool:
    """Whether the interval of a median over so few seeds is their range.

    A resample's median is the greatest value where more than half of its draws are; the interval
    ends there where that happens more often than the level leaves out above. Likewise below.
    """
    return seeds > 1 and bool(bdtrc(seeds // 2, seeds, 1 / seeds) > (1 - LEVEL) / 2)
