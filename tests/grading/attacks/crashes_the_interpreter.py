"""Read the address zero."""

import ctypes


def adagrad_step(x, grad, s, lr, eps):
    return ctypes.string_at(0)
