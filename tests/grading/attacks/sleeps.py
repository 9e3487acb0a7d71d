"""Use no processor time at all, for an hour."""

import time


def adagrad_step(x, grad, s, lr, eps):
    time.sleep(3600)
