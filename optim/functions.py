"""The only functions a rule may call, in their NumPy meaning.

A rule imports them from here, so it runs as plain Python on floats and arrays; a backend gives
the same names another meaning (see `optim.meaning`).
"""

from numpy import absolute as abs
from numpy import maximum, minimum, sign, sqrt

NAMES = ("sqrt", "abs", "maximum", "minimum", "sign")

__all__ = ["NAMES", "abs", "maximum", "minimum", "sign", "sqrt"]
