"""Which transformations of a problem a rule follows: a proof by kinds, or two trajectories.

A rule is equivariant where, started from the transformed point on the transformed problem, it
takes the transformed steps. Equivariance is proved from the rule's own code (`proofs.kinds`) and
then seen once more on a trajectory in balls; where there is no proof, the simplest problem is
looked for on which the two trajectories certainly differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq, fmpq_mat

from optim.rule import Rule
from proofs import algebras
from proofs.algebras import COVECTOR, EACH, FORM, FREE, MATRIX, POINT, VECTOR
from proofs.exact import identity
from proofs.kinds import Algebra, Kind, state_kinds
from proofs.trajectories import PRECISION, Change, Path, Quadratic, column, rational, trajectory

# Hyper-parameters that are known to break a symmetry, in the order in which they are set to zero.
BREAKERS = ("eps", "initial_accumulator_value", "weight_decay")
STEPS_SEEN = 4
STEPS_SEARCHED = 6  # RAdam divides by its second moment from the sixth step on
# The Hessian couples the coordinates; multiples of 5 keep the first gradient whole when turned.
SEEN_PROBLEM = Quadratic(fmpq_mat([[2, 1], [1, 3]]), column(5, -10))
SEEN_START = column(5, 15)


Kinds = dict[str, Kind]
"""A kind for each state, by its name."""


@dataclass(frozen=True)
class Transformation:
    """A family of changes: how it reads, its laws, and the members that are tried.

    `kinds` are those of the weight, the gradient and the Hessian; `whole` replaces the algebra and
    these for the rules that are not coordinate-wise. `example` acts on two coordinates.
    """

    name: str
    statement: str
    algebra: Algebra
    kinds: tuple[Kind, Kind, Kind]
    example: Change
    tried: tuple[Change, ...]
    whole: tuple[Algebra, tuple[Kind, Kind, Kind]] | None = None


def linear_change(*rows: tuple[Any, ...]) -> Change:
    """New weights A w, from the rows of A."""
    matrix = fmpq_mat([[rational(x) for x in row] for row in rows])
    return Change(matrix, column(*[0] * len(rows)), fmpq(1))


def loss_times(n: int, factor: Fraction | int) -> Change:
    """The same n weights, and the loss times a factor."""
    return Change(identity(n), column(*[0] * n), rational(factor))


ROTATION = linear_change((Fraction(3, 5), Fraction(-4, 5)), (Fraction(4, 5), Fraction(3, 5)))
ORTHOGONAL = (algebras.ORTHOGONAL, (VECTOR, VECTOR, MATRIX))
F = Fraction
TRANSFORMATIONS = (
    Transformation(
        "rotation",
        "turns its trajectory with the problem",
        *ORTHOGONAL,
        example=ROTATION,
        tried=(ROTATION,),
    ),
    Transformation(
        "permutation",
        "permutes its trajectory with the problem's coordinates",
        algebras.PERMUTATION,
        (EACH, EACH, EACH),
        example=linear_change((0, 1), (1, 0)),
        tried=(linear_change((0, 1), (1, 0)),),
        whole=ORTHOGONAL,
    ),
    Transformation(
        "sign-flips",
        "mirrors its trajectory with the problem's coordinates",
        algebras.PARITY,
        (1, 1, 0),
        example=linear_change((1, 0), (0, -1)),
        tried=(linear_change((-1,)),),
        whole=ORTHOGONAL,
    ),
    Transformation(
        "coordinate-scaling",
        "scales its trajectory with the problem's coordinates",
        algebras.DEGREES,
        (F(1), F(-1), F(-2)),
        example=linear_change((2, 0), (0, F(1, 3))),
        tried=(linear_change((2,)),),
        whole=(algebras.LINEAR, (VECTOR, COVECTOR, FORM)),
    ),
    Transformation(
        "loss-scaling",
        "keeps its trajectory when the loss is multiplied by a positive number",
        algebras.DEGREES,
        (F(0), F(1), F(1)),
        example=loss_times(2, 3),
        tried=tuple(loss_times(1, factor) for factor in (2, 1000, F(1, 1000))),
    ),
    Transformation(
        "translation",
        "moves its trajectory with the problem",
        algebras.TRANSLATION,
        (POINT, FREE, FREE),
        example=Change(identity(2), column(1, -2), fmpq(1)),
        tried=(Change(identity(1), column(1), fmpq(1)),),
    ),
)


@dataclass(frozen=True)
class Counterexample:
    """Two trajectories that certainly differ, on the loss g^T w.

    `expected` is the transformed end of the first trajectory, `found` the end of the second.
    """

    gradient: fmpq_mat
    start: fmpq_mat
    change: Change
    steps: int
    expected: list[arb]
    found: list[arb]


def proof(rule: Rule, transformation: Transformation, zero: tuple[str, ...]) -> Kinds | None:
    """The kinds of the states with which the rule is equivariant; None where kinds prove nothing.

    The hyper-parameters in `zero` are zero; all the others may have any value.
    """
    algebra, kinds = transformation.algebra, transformation.kinds
    if not rule.coordinatewise and transformation.whole:
        algebra, kinds = transformation.whole
    return state_kinds(rule, algebra, kinds[: len(rule.inputs)], zero)


def zero_by_default(rule: Rule) -> tuple[str, ...]:
    """The hyper-parameters that are zero unless one asks for them."""
    return tuple(name for name, value in rule.defaults.items() if value == 0)


def idealised(rule: Rule, transformation: Transformation) -> tuple[tuple[str, ...], Kinds] | None:
    """The fewest hyper-parameters that have to vanish for a proof, and the states' kinds."""
    present = [name for name in BREAKERS if rule.defaults.get(name)]
    for count in range(1, len(present) + 1):
        for chosen in itertools.combinations(present, count):
            kinds = proof(rule, transformation, (*zero_by_default(rule), *chosen))
            if kinds is not None:
                return chosen, kinds
    return None


def both_paths(
    rule: Rule,
    problem: Quadratic,
    start: fmpq_mat,
    change: Change,
    steps: int,
    hyperparameters: Mapping[str, float],
) -> tuple[Path, Path]:
    """The transformed trajectory, and the trajectory on the transformed problem."""
    path, _ = trajectory(rule, problem, start, steps, hyperparameters)
    other, _ = trajectory(rule, change.of(problem), change.start(start), steps, hyperparameters)
    with ctx.workprec(PRECISION):
        return [change.point(w) for w in path], other


def certainly_differ(a: list[arb], b: list[arb]) -> bool:
    """Whether two enclosed points have a coordinate in which they do not meet."""
    return any(not x.overlaps(y) for x, y in zip(a, b, strict=True))


def seen_distance(
    rule: Rule, transformation: Transformation, hyperparameters: Mapping[str, float]
) -> tuple[bool, arb]:
    """Whether both paths of a coupled problem meet for a few steps, and how far apart they can be.

    The distance is an upper bound; where the balls of a step do not meet, the paths do not.
    """
    paths = both_paths(
        rule, SEEN_PROBLEM, SEEN_START, transformation.example, STEPS_SEEN, hyperparameters
    )
    with ctx.workprec(PRECISION):
        distances = [
            abs(x - y).upper()
            for a, b in zip(*paths, strict=True)
            for x, y in zip(a, b, strict=True)
        ]
        meet = not any(certainly_differ(a, b) for a, b in zip(*paths, strict=True))
        return meet, arb(max(distances, key=float))


def counterexample(
    rule: Rule, transformation: Transformation, hyperparameters: Mapping[str, float]
) -> tuple[Counterexample | None, int]:
    """The simplest problem on which the trajectories certainly differ, and how many were tried."""
    looked_at = 0
    for change, problem, start in _candidates(rule, transformation):
        looked_at += 1
        paths = both_paths(rule, problem, start, change, STEPS_SEARCHED, hyperparameters)
        for steps, (expected, found) in enumerate(zip(*paths, strict=True)):
            if certainly_differ(expected, found):
                gradient = problem.linear
                return Counterexample(gradient, start, change, steps, expected, found), looked_at
    return None, looked_at


def _candidates(
    rule: Rule, transformation: Transformation
) -> Iterator[tuple[Change, Quadratic, fmpq_mat]]:
    """Losses linear in the weights with small integer gradients, from small integer starts.

    A rule that takes the Hessian gets the identity for it, which a linear loss has not.
    """
    for change in transformation.tried:
        n = change.matrix.nrows()
        hessian = identity(n) if "h" in rule.inputs else 0 * identity(n)
        for gradient in itertools.product((1, 0, 2), repeat=n):
            for start in ((0,) * n, (1,) * n):
                if any(gradient):
                    yield change, Quadratic(hessian, column(*gradient)), column(*start)


def change_of_first_move(
    rule: Rule, gradient: fmpq, factor: int, hyperparameters: Mapping[str, float]
) -> arb:
    """How much the first move changes, relatively, when the loss is multiplied by `factor`."""
    problem = Quadratic(fmpq_mat([[0]]), column(gradient))
    expected, found = both_paths(
        rule, problem, column(0), loss_times(1, factor), 1, hyperparameters
    )
    with ctx.workprec(PRECISION):
        return abs(found[1][0] / expected[1][0] - 1)
