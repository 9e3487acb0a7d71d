"""The numbers of somebody else, and code that gives others."""

import numpy as np


def adagrad_step(x, grad, s, lr, eps):
    return x - lr * grad, s


def grad_f1(x):
    return np.ones(2)


grad_f2 = grad_f1_rotated = grad_f1
