"""A right answer, to see that the check accepts one."""


def mean_square(x):
    return sum(float(entry) ** 2 for entry in x) / len(x)
