"""A right answer: accumulate first, then divide by the root plus eps."""

import numpy as np


def adagrad_step(x, grad, s, lr=0.1, eps=1e-8):
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
