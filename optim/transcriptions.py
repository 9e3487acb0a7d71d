"""Optimizers transcribed from their papers a second time, apart from the rules, to check them by.

In whole vectors, NumPy's float64 and the paper's own order of operations; each takes the gradient
as a function of the weights and the step (from 1), and returns the weights after every step.
Where torch.optim has the optimizer, `optim.references` compares with that instead.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import sqrtm

Array = NDArray[np.float64]
Gradient = Callable[[Array, int], Array]


def nesterov_lookahead(
    gradient: Gradient, w: Array, steps: int, lr: float, momentum: float
) -> list[Array]:
    """Sutskever et al. (2013), eqs. 3-4; the points looked ahead to, where gradients are taken."""
    theta, velocity, path = w.copy(), np.zeros_like(w), []
    for t in range(1, steps + 1):
        velocity = momentum * velocity - lr * gradient(theta + momentum * velocity, t)
        theta = theta + velocity
        path.append(theta + momentum * velocity)
    return path


def adagrad_eps_inside(
    gradient: Gradient, w: Array, steps: int, lr: float, eps: float
) -> list[Array]:
    """Dive into Deep Learning, eq. 12.7.5, from all past gradients."""
    past, path = [], []
    for t in range(1, steps + 1):
        past.append(gradient(w, t))
        w = w - lr / np.sqrt(np.sum(np.square(past), axis=0) + eps) * past[-1]
        path.append(w)
    return path


def adagrad_reset(
    gradient: Gradient, w: Array, steps: int, lr: float, eps: float, period: float
) -> list[Array]:
    """Adagrad over the gradients since the last multiple of the period."""
    past, path = [], []
    for t in range(1, steps + 1):
        past.append(gradient(w, t))
        since = past[int((t - 1) // period * period) :]
        w = w - lr * past[-1] / (np.sqrt(np.sum(np.square(since), axis=0)) + eps)
        path.append(w)
    return path


def adagrad_decay(
    gradient: Gradient, w: Array, steps: int, lr: float, eps: float, decay: float
) -> list[Array]:
    """Adagrad over gradients weighted by decay to the power of their age."""
    past, path = [], []
    for t in range(1, steps + 1):
        past.append(gradient(w, t))
        ages = np.arange(t - 1, -1, -1)[:, None]
        w = w - lr * past[-1] / (np.sqrt(np.sum(decay**ages * np.square(past), axis=0)) + eps)
        path.append(w)
    return path


def rmsprop_eps_inside(
    gradient: Gradient, w: Array, steps: int, lr: float, alpha: float, eps: float
) -> list[Array]:
    """Dive into Deep Learning, eq. 12.8.1, from all past gradients."""
    past, path = [], []
    for t in range(1, steps + 1):
        past.append(gradient(w, t))
        ages = np.arange(t - 1, -1, -1)[:, None]
        mean = (1 - alpha) * np.sum(alpha**ages * np.square(past), axis=0)
        w = w - lr / np.sqrt(mean + eps) * past[-1]
        path.append(w)
    return path


def adabound(
    gradient: Gradient, w: Array, steps: int, lr: float, beta1: float, beta2: float, eps: float,
    final_lr: float, gamma: float,
) -> list[Array]:  # fmt: skip
    """Luo et al. (2019), algorithm 2, as their code: bias-corrected."""
    m, v, path = np.zeros_like(w), np.zeros_like(w), []
    for t in range(1, steps + 1):
        g = gradient(w, t)
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        size = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        low, high = final_lr * (1 - 1 / (gamma * t + 1)), final_lr * (1 + 1 / (gamma * t))
        w = w - np.clip(size / (np.sqrt(v) + eps), low, high) * m
        path.append(w)
    return path


def yogi(
    gradient: Gradient, w: Array, steps: int, lr: float, beta1: float, beta2: float, eps: float,
    initial_accumulator_value: float,
) -> list[Array]:  # fmt: skip
    """Zaheer et al. (2018), algorithm 2; the sign by its three cases."""
    m, v, path = np.zeros_like(w), np.full_like(w, initial_accumulator_value), []
    for t in range(1, steps + 1):
        g = gradient(w, t)
        square = np.square(g)
        m = beta1 * m + (1 - beta1) * g
        grown, shrunk = v + (1 - beta2) * square, v - (1 - beta2) * square
        v = np.select([v < square, v > square], [grown, shrunk], v)
        w = w - lr * m / (np.sqrt(v) + eps)
        path.append(w)
    return path


def lion(
    gradient: Gradient, w: Array, steps: int, lr: float, beta1: float, beta2: float,
    weight_decay: float,
) -> list[Array]:  # fmt: skip
    """Chen et al. (2023), algorithm 2."""
    m, path = np.zeros_like(w), []
    for t in range(1, steps + 1):
        g = gradient(w, t)
        c = beta1 * m + (1 - beta1) * g
        w = w - lr * (np.where(c > 0, 1.0, np.where(c < 0, -1.0, 0.0)) + weight_decay * w)
        m = beta2 * m + (1 - beta2) * g
        path.append(w)
    return path


def full_matrix_adagrad(
    gradient: Gradient, w: Array, steps: int, lr: float, eps: float
) -> list[Array]:
    """Duchi, Hazan and Singer (2011), figure 1: the matrix root by Schur decomposition."""
    outer, path = np.zeros((w.size, w.size)), []
    for t in range(1, steps + 1):
        g = gradient(w, t)
        outer = outer + g[:, None] * g[None, :]
        # Until there are as many gradients as weights the root has no inverse; eps is far below
        # what the pseudo-inverse rounds away.
        root = np.real(sqrtm(outer)) if t >= w.size else _root_by_svd(outer)
        w = w - lr * np.linalg.pinv(root + eps * np.eye(w.size), rcond=1e-7) @ g
        path.append(w)
    return path


def _root_by_svd(matrix: Array) -> Array:
    left, values, right = np.linalg.svd(matrix)
    root: Array = (left * np.sqrt(values)) @ right
    return root
