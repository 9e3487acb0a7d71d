"""A right answer, to see that the check accepts one."""

import numpy as np


def mean_square(x: np.ndarray) -> float:
    return sum(float(entry) ** 2 for entry in x) / len(x)
