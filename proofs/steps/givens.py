"""What a proof is given, and seeded instances of it: random, sparse, ill-scaled, degenerate.

A given is a name and a kind, such as `U: orthogonal(n)`. Each kind can be drawn in four flavours,
and says which weaker kind is left of it when its hypothesis is dropped (`WEAKER`), so that a step
can be asked whether it follows from what it cites alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from flint import acb, acb_mat, arb, fmpq, fmpq_mat

from proofs.exact import cayley
from proofs.steps.language import ProofError, check_name
from proofs.steps.values import Value

FLAVOURS = ("small integers", "sparse", "Gaussian", "ill-scaled")
LARGEST_DIMENSION = 5
MOST_GIVENS = 12
LONGEST_KIND = 100

WEAKER = {
    "positive": "real",
    "orthogonal": "matrix",
    "unitary": "complex_matrix",
    "symmetric": "matrix",
    "hermitian": "complex_matrix",
    "positive_definite": "matrix",
    "diagonal": "matrix",
    "skew": "matrix",
    "eigenpair": "scalar_and_vector",
    "largest": "some_index",
}
SCALARS = ("real", "complex", "positive")
VECTORS = ("vector", "complex_vector")
SQUARE = (
    "orthogonal",
    "unitary",
    "symmetric",
    "hermitian",
    "positive_definite",
    "diagonal",
    "skew",
)
MATRICES = ("matrix", "complex_matrix")
KINDS = ("order", "index", *SCALARS, *VECTORS, *MATRICES, *SQUARE, "eigenpair", "largest")


class NoInstanceError(Exception):
    """This draw gives no instance: an eigenvalue that cannot be isolated, say. Another may."""


@dataclass(frozen=True)
class Given:
    """Names that are given together, the kind of thing they are, its arguments, and the line."""

    names: tuple[str, ...]
    kind: str
    arguments: tuple[str | int, ...]
    line: int


def parse_given(name: str, text: str, line: int, known: Mapping[str, Given]) -> Given:
    """Parse one entry of `given`, such as `lam, x` and `eigenpair(M)`, or raise a ProofError."""
    names = tuple(part.strip() for part in name.split(","))
    for each in names:
        check_name(each, line)
        if each in known or names.count(each) > 1:
            raise ProofError(line, f"{each!r} is given twice")
    kind, arguments = _call(text, line)
    given = Given(names, kind, arguments, line)
    _check_arguments(given, known)
    return given


def _call(text: str, line: int) -> tuple[str, tuple[str | int, ...]]:
    known = f"one of: {', '.join(KINDS)}"
    if len(text) > LONGEST_KIND or "#" in text:
        raise ProofError(line, f"{text[:40]!r}... is no kind; expected {known}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ProofError(line, f"{text!r} is no kind; expected {known}") from error
    function, parts = (tree.func, tree.args) if isinstance(tree, ast.Call) else (tree, [])
    if not isinstance(function, ast.Name) or function.id not in KINDS:
        raise ProofError(line, f"{text!r} is no kind; expected {known}")
    arguments: list[str | int] = []
    for part in parts:
        match part:
            case ast.Name(id=name):
                arguments.append(name)
            case ast.Constant(value=int() as number) if 1 <= number <= LARGEST_DIMENSION:
                arguments.append(number)
            case _:
                raise ProofError(line, f"{text!r}: arguments are names or 1 to {LARGEST_DIMENSION}")
    return function.id, tuple(arguments)


def _check_arguments(given: Given, known: Mapping[str, Given]) -> None:
    def need(count: tuple[int, ...], wanted: tuple[str, ...]) -> None:
        if len(given.arguments) not in count:
            raise ProofError(given.line, f"{given.kind} takes {count[-1]} argument(s)")
        for argument in given.arguments:
            if isinstance(argument, str) and (
                argument not in known or known[argument].kind not in wanted
            ):
                raise ProofError(
                    given.line,
                    f"{given.kind}({argument}): {argument} must be given before, as "
                    f"one of: {', '.join(wanted)}",
                )

    expected = "two names" if given.kind == "eigenpair" else "one name"
    if len(given.names) != (2 if given.kind == "eigenpair" else 1):
        raise ProofError(given.line, f"{given.kind} gives {expected}")
    if given.kind == "order" or given.kind in SCALARS:
        need((0,), ())
    elif given.kind == "eigenpair":
        need((1,), (*MATRICES, *SQUARE))
    elif given.kind == "largest":
        need((1,), (*VECTORS, "eigenpair"))
        if isinstance(given.arguments[0], int):
            raise ProofError(given.line, "largest(x): x is a vector given before")
    else:
        need((1, 2) if given.kind in MATRICES else (1,), ("order",))


def relaxed(givens: tuple[Given, ...], kept: frozenset[str]) -> tuple[Given, ...]:
    """The givens with every hypothesis dropped that none of the kept names carries."""
    return tuple(
        given
        if kept.intersection(given.names) or given.kind not in WEAKER
        else replace(given, kind=WEAKER[given.kind])
        for given in givens
    )


def work_of(givens: tuple[Given, ...], order: int) -> int:
    """What one draw of the givens costs at an order, in scalar operations that take as long.

    Measured for matrices of order 5; an eigenpair grows with the cube, a rotation with the order.
    """
    total = 0
    for given in givens:
        sizes = [order if isinstance(a, str) else a for a in given.arguments] or [1]
        total += 3 + sizes[0] * sizes[-1]
        if given.kind == "eigenpair":  # its argument is the matrix, of any order up to the largest
            total += 50 + 2 * max(order, _fixed_order(givens)) ** 3
        elif given.kind in ("orthogonal", "unitary"):
            total += 8 * sizes[0]
    return total


def _fixed_order(givens: tuple[Given, ...]) -> int:
    """The largest order that is given as a number."""
    return max((a for given in givens for a in given.arguments if isinstance(a, int)), default=1)


def draw(givens: tuple[Given, ...], flavour: str, order: int, seed: int) -> dict[str, Value]:
    """One instance at working precision: the same numbers for the same seed at every precision."""
    return drawn_by(np.random.default_rng(seed), givens, flavour, order)


def drawn_by(
    rng: np.random.Generator, givens: tuple[Given, ...], flavour: str, order: int
) -> dict[str, Value]:
    """One instance from the choices of a generator, or of what answers for one."""
    names: dict[str, Value] = {}
    with_eigenpair = {g.arguments[0] for g in givens if g.kind == "eigenpair"}
    hidden: dict[str, tuple[acb, acb_mat]] = {}
    for given in givens:
        name = given.names[0]
        sizes = [names[a] if isinstance(a, str) else a for a in given.arguments]
        match given.kind:
            case "order":
                names[name] = order
            case "index":
                names[name] = int(rng.integers(_whole(sizes[0])))
            case "largest" | "some_index":
                names[name] = _index(given.kind, names[str(given.arguments[0])], rng)
            case "eigenpair":
                names[name], names[given.names[1]] = hidden.get(
                    str(given.arguments[0])
                ) or _isolated_eigenpair(names[str(given.arguments[0])], rng)
            case "scalar_and_vector":
                n = _matrix(names[str(given.arguments[0])]).nrows()
                names[name] = _numbers(flavour, (1, 1), rng, is_complex=True)[0, 0]
                names[given.names[1]] = _numbers(flavour, (n, 1), rng, is_complex=True)
            case kind if kind in MATRICES and name in with_eigenpair and len(set(sizes)) == 1:
                names[name], pair = _with_eigenpair(kind, flavour, _whole(sizes[0]), rng)
                if pair is not None:
                    hidden[name] = pair
            case kind:
                names[name] = _draw_kind(kind, flavour, [_whole(size) for size in sizes], rng)
    return names


def _whole(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _matrix(value: Value) -> acb_mat:
    assert isinstance(value, acb_mat)
    return value


def _entry(flavour: str, rng: np.random.Generator) -> float:
    match flavour:
        case "small integers":
            return float(rng.integers(-3, 4))
        case "sparse":
            return float(rng.choice([0, 0, 0, 1, -1]))
        case "Gaussian":
            return float(rng.standard_normal())
        case _:
            return float(rng.integers(-3, 4) * 2.0 ** rng.integers(-20, 21))


def _numbers(
    flavour: str, size: tuple[int, int], rng: np.random.Generator, *, is_complex: bool
) -> acb_mat:
    rows, columns = size
    return acb_mat(
        [
            [
                acb(_entry(flavour, rng), _entry(flavour, rng) if is_complex else 0)
                for _ in range(columns)
            ]
            for _ in range(rows)
        ]
    )


def _draw_kind(kind: str, flavour: str, sizes: list[int], rng: np.random.Generator) -> Value:
    if kind in SCALARS:
        number = _numbers(flavour, (1, 1), rng, is_complex=kind == "complex")[0, 0]
        if kind != "positive":
            return number
        # By its own word: a ball is true in Python even where it is zero.
        return acb(1) if number.is_zero() else acb(abs(number))
    rows, columns = sizes[0], sizes[-1]
    if kind in VECTORS:
        return _numbers(flavour, (rows, 1), rng, is_complex=kind == "complex_vector")
    if kind in MATRICES:
        return _numbers(flavour, (rows, columns), rng, is_complex=kind == "complex_matrix")
    return _STRUCTURED[kind](flavour, rows, rng)


def _index(kind: str, vector: Value, rng: np.random.Generator) -> int:
    entries = _matrix(vector).entries()
    if kind == "some_index":
        return int(rng.integers(len(entries)))
    sizes = [abs(entry) for entry in entries]
    for j, size in enumerate(sizes):
        if all(size >= other for i, other in enumerate(sizes) if i != j):
            return j
    raise NoInstanceError("the largest component is not decided")


def _symmetric(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    a = _numbers(flavour, (n, n), rng, is_complex=False)
    return a + a.transpose()


def _hermitian(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    a = _numbers(flavour, (n, n), rng, is_complex=True)
    return a + a.transpose().conjugate()


def _skew(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    a = _numbers(flavour, (n, n), rng, is_complex=False)
    return a - a.transpose()


def _positive_definite(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    a = _numbers(flavour, (n, n), rng, is_complex=False)
    return a * a.transpose() + acb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def _diagonal(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    entries = [_entry(flavour, rng) for _ in range(n)]
    return acb_mat([[entries[i] if i == j else 0 for j in range(n)] for i in range(n)])


def _signed_permutation(n: int, rng: np.random.Generator, units: list[acb]) -> acb_mat:
    columns = rng.permutation(n)
    signs = [units[int(rng.integers(len(units)))] for _ in range(n)]
    return acb_mat([[signs[i] if columns[i] == j else 0 for j in range(n)] for i in range(n)])


def _orthogonal(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    """Exact signed permutations, or rational rotations (tiny and huge angles when ill-scaled)."""
    if flavour in ("small integers", "sparse"):
        return _signed_permutation(n, rng, [acb(1), acb(-1)])
    upper = [
        [fmpq(*_entry(flavour, rng).as_integer_ratio()) if i < j else fmpq(0) for j in range(n)]
        for i in range(n)
    ]
    rotation = cayley(fmpq_mat(upper) - fmpq_mat(upper).transpose())
    rational = acb_mat([[acb(arb(x)) for x in row] for row in rotation.tolist()])
    return rational * _signed_permutation(n, rng, [acb(1), acb(-1)])


def _unitary(flavour: str, n: int, rng: np.random.Generator) -> acb_mat:
    phases = _signed_permutation(n, rng, [acb(1), acb(-1), acb(0, 1), acb(0, -1)])
    return phases if flavour == "sparse" else _orthogonal(flavour, n, rng) * phases


_STRUCTURED: dict[str, Callable[[str, int, np.random.Generator], acb_mat]] = {
    "orthogonal": _orthogonal,
    "unitary": _unitary,
    "symmetric": _symmetric,
    "hermitian": _hermitian,
    "positive_definite": _positive_definite,
    "diagonal": _diagonal,
    "skew": _skew,
}


def _with_eigenpair(
    kind: str, flavour: str, n: int, rng: np.random.Generator
) -> tuple[acb_mat, tuple[acb, acb_mat] | None]:
    """A matrix together with an exact eigenpair; a Gaussian one leaves it to be isolated.

    M = S T S^-1 with T upper triangular (defective ones among them), so that the first column of
    S is an eigenvector. S is the identity (sparse: an eigenvector with zeros), an integer matrix
    of determinant 1, or that between powers of two.
    """
    is_complex = kind == "complex_matrix"
    if flavour == "Gaussian":
        return _numbers(flavour, (n, n), rng, is_complex=is_complex), None
    drawn = _numbers("small integers", (n, n), rng, is_complex=is_complex)
    triangular = acb_mat([[drawn[i, j] if i <= j else 0 for j in range(n)] for i in range(n)])
    basis = np.eye(n)
    if flavour != "sparse":
        basis = np.tril(rng.integers(-1, 2, size=(n, n)), -1) + np.eye(n)
        basis = basis @ (np.triu(rng.integers(-1, 2, size=(n, n)), 1) + np.eye(n))
    inverse = np.rint(np.linalg.inv(basis))
    if flavour == "ill-scaled":
        scale = np.exp2(rng.integers(-20, 21, size=n))
        basis, inverse = scale[:, None] * basis, inverse / scale[None, :]
    to, back = acb_mat(basis.tolist()), acb_mat(inverse.tolist())
    vector = acb_mat([[to[i, 0]] for i in range(n)])
    return to * triangular * back, (triangular[0, 0], vector)


def _isolated_eigenpair(matrix: Value, rng: np.random.Generator) -> tuple[acb, acb_mat]:
    try:
        values, vectors = _matrix(matrix).eig(right=True)
    except ValueError as error:  # a multiple eigenvalue, or none isolated at this precision
        raise NoInstanceError("no eigenpair could be isolated") from error
    k = int(rng.integers(len(values)))
    return values[k], acb_mat([[vectors[i, k]] for i in range(len(values))])
