"""The learning-rate range test (Smith, WACV 2017, arXiv:1506.01186, section 3.3).

Smith raises the rate linearly and reads the range off a plot. Rates by equal ratios, the smoothing
of the losses and the end at four times the lowest are Gugger's ("How do you find a good learning
rate", 2018; fastai's `lr_find`), and so is a rate on the slope rather than at the minimum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optim.schedules.settings import positive, whole


def range_test(*, lowest: float, highest: float, steps: int) -> NDArray[np.float64]:
    """Return `steps` learning rates that grow from `lowest` to `highest` by equal ratios.

    One for each mini-batch of a short training, whose losses `suggested_rate` then takes.
    ValueError unless both are above 0, the highest above the lowest, and steps 2 or more.
    """
    positive("range test", lowest=lowest, highest=highest)
    whole("range test", steps=steps)
    if highest <= lowest or steps < 2:
        raise ValueError(
            f"range test: {steps} steps from {lowest} to {highest}, "
            "expected 2 steps or more and the highest above the lowest"
        )
    return np.geomspace(lowest, highest, steps)


def suggested_rate(
    rates: NDArray[np.float64], losses: NDArray[np.float64], *, smoothing: float = 0.98
) -> float:
    """Return the rate at which the smoothed loss falls fastest, before it first diverges.

    `losses` [n] are those seen at each of the `rates` [n]. Smoothed by an exponential average with
    bias correction; diverged is not finite, or above four times the lowest smoothed loss so far.
    Fastest is the steepest slope against the logarithm of the rate. ValueError where the loss never
    falls.
    """
    if rates.shape != losses.shape or rates.size < 3:
        raise ValueError(
            f"range test: {losses.size} losses for {rates.size} rates, expected 3 or more of each"
        )
    smoothed: list[float] = []
    average = 0.0
    for number, loss in enumerate(losses, start=1):
        average = smoothing * average + (1 - smoothing) * loss
        value = average / (1 - smoothing**number)
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    if len(smoothed) < 3:
        raise ValueError("range test: the loss diverged at once; start from a lower rate")
    slopes = np.gradient(smoothed, np.log(rates[: len(smoothed)]))
    if slopes.min() >= 0:
        raise ValueError("range test: the loss never fell; widen the range of rates")
    return float(rates[int(np.argmin(slopes))])
