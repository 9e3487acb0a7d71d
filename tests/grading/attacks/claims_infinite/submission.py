def adagrad_step(x, grad, s, lr, eps):
    return x, s
