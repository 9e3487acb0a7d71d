"""Never return."""


def adagrad_step(x, grad, s, lr, eps):
    while True:
        pass
