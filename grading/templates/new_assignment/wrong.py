"""A typical mistake, to see what a student is told about it."""

import numpy as np


def mean_square(x: np.ndarray) -> float:
    return float(np.linalg.norm(x) / np.sqrt(len(x)))
