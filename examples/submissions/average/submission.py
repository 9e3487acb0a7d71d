"""A typical mistake: eps under the root, as another section writes it."""

import numpy as np


def adagrad_step(x, grad, s, lr=0.1, eps=1e-8):
    s = s + grad**2
    return x - lr * grad / np.sqrt(s + eps), s
