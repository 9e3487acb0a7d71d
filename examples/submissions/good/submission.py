"""A right answer to every exercise that asks for code (sections 3.6 and 3.8)."""

import math

import numpy as np
import torch

eta = 0.4


def adagrad_step(x, grad, s, lr=0.1, eps=1e-8):
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s


def adagrad_2d(x1, x2, s1, s2):
    eps = 1e-6
    g1, g2 = 0.2 * x1, 4 * x2
    s1, s2 = s1 + g1**2, s2 + g2**2
    return x1 - eta / math.sqrt(s1 + eps) * g1, x2 - eta / math.sqrt(s2 + eps) * g2, s1, s2


def init_adagrad_states(feature_dim):
    return torch.zeros((feature_dim, 1)), torch.zeros(1)


def adagrad(params, states, hyperparams):
    for p, s in zip(params, states, strict=True):
        with torch.no_grad():
            s[:] += torch.square(p.grad)
            p[:] -= hyperparams["lr"] * p.grad / torch.sqrt(s + 1e-6)
        p.grad.zero_()


def grad_f1(x):
    return np.array([0.2 * x[0], 4 * x[1]])


def grad_f2(x):
    along, across = 0.2 * (x[0] + x[1]), 4 * (x[0] - x[1])
    return np.array([along + across, along - across])


def grad_f1_rotated(x):
    turn = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    return turn.T @ grad_f1(turn @ x)


def gerschgorin_discs(matrix):
    centres = np.diag(matrix)
    return centres, np.abs(matrix).sum(axis=1) - np.abs(centres)


def precondition(matrix):
    scale = 1 / np.sqrt(np.diag(matrix))
    return scale[:, None] * matrix * scale


def rmsprop_step(x, grad, s, lr=0.01, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
