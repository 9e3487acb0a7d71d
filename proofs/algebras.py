"""The laws of each transformation: which kind an operation gives (see `proofs.kinds`).

Every law here is a line of algebra; together they are all that a proof by kinds assumes.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from proofs.kinds import ZERO, Algebra, Kind, NoLaw

SCALAR, VECTOR, COVECTOR, MATRIX, FORM = "scalar", "vector", "covector", "matrix", "form"
POINT, FREE = "point", "free"
EACH, SHARED = "each", "shared"


def _equal(a: Kind, b: Kind) -> Kind:
    if a != b:
        raise NoLaw(f"{a} with {b}")
    return a


def _only(kind: Kind, result: Kind) -> Callable[..., Kind]:
    """A function with a law for arguments of one kind only."""

    def law(*kinds: Kind) -> Kind:
        if set(kinds) != {kind}:
            raise NoLaw(f"{kinds}, expected {kind}")
        return result

    return law


def _table(**laws: dict[tuple[Kind, ...], Kind]) -> dict[str, Callable[..., Kind]]:
    def law(table: dict[tuple[Kind, ...], Kind]) -> Callable[..., Kind]:
        def apply(*kinds: Kind) -> Kind:
            if kinds not in table:
                raise NoLaw(str(kinds))
            return table[kinds]

        return apply

    return {name: law(table) for name, table in laws.items()}


def _root_of_degree(matrix: Fraction, eps: Kind) -> Fraction:
    return -matrix / 2 if eps == ZERO else -_equal(matrix / 2, eps)


# c > 0, and a value of degree k becomes c^k times itself: (c^2)^(1/2) = c, |cx| = c|x|.
DEGREES = Algebra(
    constant=Fraction(0),
    filled=Fraction(0),
    candidates=tuple(Fraction(k) for k in (0, 1, 2, -1, -2)),
    add=_equal,
    subtract=_equal,
    multiply=lambda a, b: a + b,
    divide=lambda a, b: a - b,
    named={
        "sqrt": lambda k: k / 2,
        "abs": lambda k: k,
        "sign": lambda _k: Fraction(0),
        "maximum": _equal,
        "minimum": _equal,
        "outer": lambda a, b: a + b,
        "matmul": lambda a, b: a + b,
        "inverse_root": _root_of_degree,
        "solve": lambda matrix, vector: vector - matrix,
    },
)

# One coordinate changes its sign: a value is even (0) or odd (1).
PARITY = Algebra(
    constant=0,
    filled=0,
    candidates=(0, 1),
    add=_equal,
    subtract=_equal,
    multiply=lambda a, b: a ^ b,
    divide=lambda a, b: a ^ b,
    named={
        "sqrt": _only(0, 0),
        "abs": lambda _k: 0,
        "sign": lambda k: k,
        "maximum": _only(0, 0),
        "minimum": _only(0, 0),
    },
)


def _scaled(a: Kind, b: Kind) -> Kind:
    """A number times anything keeps its kind; entrywise products of vectors have no law."""
    if SCALAR not in (a, b):
        raise NoLaw(f"{a} times {b}, entry by entry")
    return b if a == SCALAR else a


def _shrunk(a: Kind, b: Kind) -> Kind:
    return _scaled(a, _only(SCALAR, SCALAR)(b))


_NUMBERS = {name: _only(SCALAR, SCALAR) for name in ("sqrt", "abs", "sign", "maximum", "minimum")}

# An orthogonal U: vectors become Ux and matrices UMU^T, in any number of dimensions. A function
# of a symmetric matrix follows its eigenvectors: (USU^T)^(1/2) = U S^(1/2) U^T, as the positive
# semi-definite root is unique, and likewise for the inverse on the range.
ORTHOGONAL = Algebra(
    constant=SCALAR,
    filled=SCALAR,
    candidates=(VECTOR, MATRIX),
    add=_equal,
    subtract=_equal,
    multiply=_scaled,
    divide=_shrunk,
    named=_NUMBERS
    | _table(
        outer={(VECTOR, VECTOR): MATRIX},
        matmul={(MATRIX, VECTOR): VECTOR},
        inverse_root={(MATRIX, SCALAR): MATRIX, (MATRIX, ZERO): MATRIX},
        solve={(MATRIX, VECTOR): VECTOR},
    ),
)

# An invertible A: a weight becomes Ax, a gradient A^-T g, a Hessian A^-T H A^-1.
LINEAR = Algebra(
    constant=SCALAR,
    filled=SCALAR,
    candidates=(VECTOR, COVECTOR, FORM),
    add=_equal,
    subtract=_equal,
    multiply=_scaled,
    divide=_shrunk,
    named=_NUMBERS
    | _table(
        outer={(COVECTOR, COVECTOR): FORM},
        solve={(FORM, COVECTOR): VECTOR},
    ),
)

_FREE = _only(FREE, FREE)

# A translation: points move by it, all else stays.
TRANSLATION = Algebra(
    constant=FREE,
    filled=FREE,
    candidates=(FREE, POINT),
    add=lambda a, b: _FREE(a, b) if POINT not in (a, b) else _moved(a, b),
    subtract=lambda a, b: _less(a, b),
    multiply=_FREE,
    divide=_FREE,
    named=dict.fromkeys(
        ("sqrt", "abs", "sign", "maximum", "minimum", "outer", "matmul", "solve"), _FREE
    )
    | _table(inverse_root={(FREE, FREE): FREE, (FREE, ZERO): FREE}),
)


def _moved(a: Kind, b: Kind) -> Kind:
    if a == b:
        raise NoLaw("the sum of two points moves twice")
    return POINT


def _less(a: Kind, b: Kind) -> Kind:
    if (a, b) == (FREE, POINT):
        raise NoLaw("a number less a point moves the other way")
    return FREE if a == b else POINT


def _each(*kinds: Kind) -> Kind:
    return EACH if EACH in kinds else SHARED


# A permutation: each coordinate has values of its own, some numbers are shared by all.
PERMUTATION = Algebra(
    constant=SHARED,
    filled=EACH,
    candidates=(EACH,),
    add=_each,
    subtract=_each,
    multiply=_each,
    divide=_each,
    named=dict.fromkeys(("sqrt", "abs", "sign", "maximum", "minimum"), _each),
)
