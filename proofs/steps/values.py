"""What expressions mean: balls, matrices of balls, whole numbers, and four shades of truth.

Everything is ball arithmetic at the working precision. Small integers and dyadic fractions stay
exact (balls of radius zero), and on those an equality is decided exactly; elsewhere two sides are
told apart for certain where their balls are disjoint, and agree only within a stated bound. Every
function here raises the error of those below that fits: of a shape, of a value that is not there,
or of one that is not known to be there at this precision.
"""

from __future__ import annotations

import enum
import math

from flint import acb, acb_mat, arb, ctx

Value = acb | acb_mat | int


class Truth(enum.IntEnum):
    """From false to true, so that `and` is min and `or` is max."""

    FALSE = 0
    UNDECIDED = 1
    CLOSE = 2  # both sides agree to half the working precision; which is larger is not known
    TRUE = 3


class UndefinedError(Exception):
    """An expression without a value on this instance: a division by zero, a root of -1."""


class UndecidedError(Exception):
    """Whether there is a value is not decided at this precision (a ball round zero)."""


class MeaninglessError(Exception):
    """An expression that has no meaning on any instance: shapes that do not fit."""


def closeness() -> arb:
    """Half the working precision, as a relative bound: 2^-64 at 128 bits."""
    return arb(2) ** (-(ctx.prec // 2))


def scalar(value: Value) -> acb:
    """A scalar; a 1x1 matrix counts as one."""
    if isinstance(value, acb_mat):
        if (value.nrows(), value.ncols()) != (1, 1):
            raise MeaninglessError(f"a scalar is needed, found a {shape(value)} matrix")
        return value[0, 0]
    return acb(value)


def matrix(value: Value) -> acb_mat:
    """A matrix; a scalar is not taken for one."""
    if not isinstance(value, acb_mat):
        raise MeaninglessError("a matrix or a vector is needed, found a scalar")
    return value


def shape(value: acb_mat) -> str:
    """Rows x columns, as text."""
    return f"{value.nrows()}x{value.ncols()}"


def real(value: Value) -> arb:
    """A real number; what is certainly not real has no order."""
    found = scalar(value)
    if not found.imag.contains(0):
        raise UndefinedError("an order between numbers that are not real")
    return found.real


def divide(left: Value, right: Value) -> Value:
    """left / right by a scalar that is not zero."""
    divisor = scalar(right)
    if divisor.is_zero():
        raise UndefinedError("a division by zero")
    if divisor.contains(0):
        raise UndecidedError
    if isinstance(left, acb_mat):
        return left * (1 / divisor)
    return acb(left) / divisor


def square_root(value: Value) -> acb:
    """The root of a real number that is not negative."""
    found = real(value)
    if found < 0:
        raise UndefinedError("a square root of a negative number")
    # A ball round zero holds a number that is not negative only in part: the root is of that part.
    return acb(found.nonnegative_part().sqrt() if found.contains(0) else found.sqrt())


def norm(value: Value) -> acb:
    """The Euclidean length of a vector."""
    vector = matrix(value)
    if 1 not in (vector.nrows(), vector.ncols()):
        raise MeaninglessError(f"norm is that of a vector, found a {shape(vector)} matrix")
    # Products, since Arb's power of a ball round zero is not a number.
    squares = sum((x.real * x.real + x.imag * x.imag for x in vector.entries()), start=arb(0))
    return acb(squares.sqrt())


def conjugate(value: Value) -> Value:
    """The complex conjugate, entry by entry."""
    return value.conjugate() if isinstance(value, acb_mat) else scalar(value).conjugate()


def inverse(value: Value) -> acb_mat:
    """The inverse of a square matrix that is certainly invertible."""
    found = square(value)
    determinant = found.det()
    if determinant.is_zero():
        raise UndefinedError("the inverse of a singular matrix")
    if determinant.contains(0):
        raise UndecidedError
    return found.inv()


def square(value: Value) -> acb_mat:
    """A square matrix."""
    found = matrix(value)
    if found.nrows() != found.ncols():
        raise MeaninglessError(f"a square matrix is needed, found {shape(found)}")
    return found


def diagonal(value: Value) -> acb_mat:
    """The diagonal matrix of a vector; of a square matrix, its diagonal part."""
    found = matrix(value)
    if found.ncols() == 1:
        n = found.nrows()
        return acb_mat([[found[i, 0] if i == j else 0 for j in range(n)] for i in range(n)])
    n = square(found).nrows()
    return acb_mat([[found[i, j] if i == j else 0 for j in range(n)] for i in range(n)])


def equal(left: Value, right: Value) -> Truth:
    """Equality, entry by entry for matrices."""
    if isinstance(left, acb_mat) and isinstance(right, acb_mat):
        if (left.nrows(), left.ncols()) != (right.nrows(), right.ncols()):
            raise MeaninglessError(f"a {shape(left)} and a {shape(right)} matrix compared")
        pairs = zip(left.entries(), right.entries(), strict=True)
        return min(_equal_scalars(a, b) for a, b in pairs)
    return _equal_scalars(scalar(left), scalar(right))


def at_most(left: Value, right: Value, *, strictly: bool = False) -> Truth:
    """left <= right (or left < right, strictly) between real numbers."""
    a, b = real(left), real(right)
    if a < b:
        return Truth.TRUE
    if a > b:
        return Truth.FALSE
    if a.is_exact() and b.is_exact():
        return Truth.FALSE if strictly else Truth.TRUE
    if strictly:
        return Truth.UNDECIDED
    return Truth.CLOSE if _near(acb(a), acb(b)) else Truth.UNDECIDED


def opposite(truth: Truth) -> Truth:
    """not: what agrees only within a bound is not known to differ."""
    return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(truth, Truth.UNDECIDED)


def shown(value: Value | Truth) -> str:
    """A value as a person reads it: a number, (a, b) for a column, rows for a matrix."""
    if isinstance(value, Truth):
        return value.name.lower()
    if not isinstance(value, acb_mat):
        return _number(acb(value))
    if value.ncols() == 1:
        entries = [_number(entry) for entry in value.entries()]
        return entries[0] if len(entries) == 1 else f"({', '.join(entries)})"
    rows = [", ".join(_number(entry) for entry in row) for row in value.tolist()]
    return "[" + ", ".join(f"[{row}]" for row in rows) + "]"


def _equal_scalars(a: acb, b: acb) -> Truth:
    if not a.overlaps(b):
        return Truth.FALSE
    if a.is_exact() and b.is_exact():
        return Truth.TRUE
    return Truth.CLOSE if _near(a, b) else Truth.UNDECIDED


def _near(a: acb, b: acb) -> bool:
    return bool(abs(a - b).upper() <= (closeness() * (1 + abs(a) + abs(b))).lower())


def _number(value: acb) -> str:
    real_part, imaginary_part = _digits(value.real.mid()), _digits(value.imag.mid())
    if value.imag.contains(0):
        return real_part
    return f"{real_part}{'' if imaginary_part.startswith('-') else '+'}{imaginary_part}i"


def _digits(middle: arb) -> str:
    number = float(middle)
    if math.isfinite(number) and (number != 0 or middle.is_zero()):
        return f"{number:.10g}"
    return str(middle.str(10, radius=False))  # beyond the range of doubles
