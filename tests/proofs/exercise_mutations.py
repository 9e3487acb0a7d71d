"""What breaks each check of the exercises."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import sympy
from broken_rules import (
    adabound_closing,
    growing_average,
    helped_by_eps,
    never_reset,
    plain,
    summed_adadelta,
    summed_moments,
    undecayed,
    with_rules,
)
from flint import arb, arb_mat, fmpq
from mutation import Mutation

from proofs import discs
from proofs.counterexamples import positive_definite_integer_matrices
from proofs.exercises import (
    adagrad_rotated,
    best_scaling,
    diagonal_preconditioning,
    disc_components,
    gerschgorin,
    orthogonal_invariance,
    orthogonality_needed,
    preconditioned_discs,
    rotated_quadratic,
    slower_decay,
)
from proofs.exercises.diagonal_preconditioning import THREE_BY_THREE, TWO_BY_TWO
from proofs.instances import haar_orthogonal


def one_sided(matrix: sympy.Matrix) -> sympy.Matrix:
    return sympy.diag(*(1 / matrix[i, i] for i in range(matrix.rows))) * matrix


def squared_scaling(matrix: Any) -> arb_mat:
    n = len(matrix)
    d = [fmpq(1, matrix[i][i] ** 2) for i in range(n)]
    return arb_mat([[arb(matrix[i][j] * d[i] * d[j]) for j in range(n)] for i in range(n)])


def perfect_scaling(matrix: Any) -> arb_mat:
    n = len(matrix)
    return arb_mat([[int(i == j) for j in range(n)] for i in range(n)])


def few_matrices(order: int, largest: int) -> Any:
    return positive_definite_integer_matrices(order, min(largest, order + 2))


def with_reciprocals(matrix: Any) -> Any:
    pairs = TRUE_PAIRS(matrix)
    return pairs and [(value, [1 / x for x in vector]) for value, vector in pairs]


TRUE_PAIRS = discs.enclose_eigenpairs
ALIKE = THREE_BY_THREE._replace(matrix=((2, 1, 0), (1, 2, 0), (0, 0, 2)))
TRUE = SimpleNamespace(
    derivation=orthogonal_invariance.derivation_residue,
    product=orthogonal_invariance.product_residue,
    orthogonal=orthogonal_invariance.random_orthogonal,
    defect=orthogonal_invariance.orthogonality_defect,
    rotation=orthogonality_needed.complex_rotation,
    rational_discs=gerschgorin._rational_discs,
    row_discs=gerschgorin.row_discs,
    column_discs=gerschgorin.column_discs,
    shrunk=discs.shrunk,
    residue=diagonal_preconditioning.symbolic_order_residue,
)
SMALL = {"ORDERS": (2, 3), "REPEATS": 2}
FEW = {"FLOAT_ORDERS": (2, 5), "NEAR_ORDERS": (2, 5), "EXACT_ORDERS": (1, 2)}
ROTATED = [f"exercise-2-{name}" for name in ("same-spectrum", "is-a-rotation", "printed-gradient")]

EXERCISES = [
    # exercises 1 to 3
    Mutation(
        orthogonal_invariance,
        {
            "derivation_residue": lambda _given: TRUE.derivation(sympy.Q.invertible),
            "product_residue": lambda _given: TRUE.product(sympy.Q.invertible),
            "random_orthogonal": lambda rng, n: TRUE.orthogonal(rng, n) * fmpq(1001, 1000),
            "orthogonality_defect": lambda u: TRUE.defect(u) / 2,
            **FEW,
        },
        (
            "exercise-1-derivation",
            "exercise-1-angles",
            "exercise-1-exact-instances",
            "exercise-1-nearly-orthogonal",
        ),
    ),
    Mutation(
        orthogonal_invariance,
        {
            "ORTHOGONAL": {"stretched": lambda rng, n: haar_orthogonal(rng, n) * (1 + 1e-9)},
            "orthogonality_defect": lambda _u: arb(0),
            **FEW,
        },
        ("exercise-1-floating-point",),
    ),
    Mutation(
        orthogonality_needed,
        {"integer_matrices": lambda _order, largest: [((0, 1), (-1, 0))][:largest]},
        ("exercise-1-hypothesis-needed", "exercise-1-determinant-is-not-enough"),
    ),
    Mutation(
        orthogonality_needed,
        {"complex_rotation": lambda t: TRUE.rotation((t[0], 0 * t[1]))},
        ("exercise-1-transpose-of-a-complex-matrix",),
    ),
    Mutation(
        adagrad_rotated,
        {"F1_TURNED": adagrad_rotated.F1},
        ("exercise-2-adagrad-slower-when-turned", "exercise-2-adagrad-slower-from-every-start"),
    ),
    Mutation(
        adagrad_rotated,
        {"registry": with_rules(adagrad=plain)},
        ("exercise-2-missing-factor-and-adagrad",),
    ),
    Mutation(rotated_quadratic, {"F2_PRINTED": rotated_quadratic.F2_PRINTED / 2}, (*ROTATED,)),
    Mutation(
        rotated_quadratic,
        {"F1": rotated_quadratic.X1**2 / 10 + 3 * rotated_quadratic.X2**2},
        ("exercise-2-spectrum-of-f1", "exercise-2-same-condition-number"),
    ),
    Mutation(
        rotated_quadratic,
        {"ROTATION": sympy.Matrix([[1, 1], [0, 1]])},
        ("exercise-2-true-rotation",),
    ),
    Mutation(
        gerschgorin,
        {
            "row_discs": lambda balls: TRUE.row_discs(balls)[:1],
            "column_discs": lambda balls: TRUE.column_discs(balls)[:1],
            "_rational_discs": lambda m: [(c, r * fmpq(9, 10)) for c, r in TRUE.rational_discs(m)],
            "shrunk": lambda found, _factor: TRUE.shrunk(found, arb(2)),
            **SMALL,
        },
        ("exercise-3-row-discs", "exercise-3-column-discs", "exercise-3-boundary"),
    ),
    Mutation(
        gerschgorin,
        {"shrunk": lambda found, _factor: found, **SMALL},
        ("exercise-3-radius-is-sharp",),
    ),
    Mutation(
        discs,
        {"enclose_eigenpairs": with_reciprocals},
        ("exercise-3-largest-component",),
    ),
    Mutation(
        disc_components,
        {"components": lambda found: [{k} for k in range(len(found))]},
        ("exercise-3-component-count",),
    ),
    Mutation(
        disc_components,
        {"row_discs": lambda balls: TRUE.shrunk(TRUE.row_discs(balls), arb(100))},
        ("exercise-3-one-eigenvalue-a-disc",),
    ),
    # exercise 4
    Mutation(
        diagonal_preconditioning,
        {
            "symbolic_order_residue": lambda _product: TRUE.residue(lambda scale, m: scale * m),
            "scaled": one_sided,
            "positive_definite_integer_matrices": few_matrices,
        },
        (
            "exercise-4-entries",
            "exercise-4-two-by-two-entries",
            "exercise-4-three-by-three-entries",
        ),
    ),
    Mutation(
        diagonal_preconditioning,
        {
            "THREE_BY_THREE": ALIKE,
            "TWO_BY_TWO": TWO_BY_TWO._replace(matrix=((2, 1), (1, 2))),
            "positive_definite_integer_matrices": few_matrices,
        },
        (
            "exercise-4-three-by-three-off-diagonal",
            "exercise-4-three-by-three-eigenvalues",
            "exercise-4-three-by-three-conditioning",
            "exercise-4-two-by-two-conditioning",
        ),
    ),
    Mutation(
        diagonal_preconditioning,
        {
            "NEAR": sympy.Integer(10),
            "scaled_balls": perfect_scaling,
            "positive_definite_integer_matrices": few_matrices,
        },
        ("exercise-4-eigenvalues-near-one", "exercise-4-better-conditioned"),
    ),
    Mutation(
        diagonal_preconditioning,
        {"scaled": lambda matrix: matrix, "positive_definite_integer_matrices": few_matrices},
        ("exercise-4-never-worse-in-two-dimensions",),
    ),
    Mutation(
        preconditioned_discs,
        {
            "scaled": one_sided,
            "THREE_BY_THREE": ALIKE,
            "positive_definite_integer_matrices": few_matrices,
        },
        ("exercise-4-discs-about-one", "exercise-4-three-by-three-discs"),
    ),
    Mutation(
        preconditioned_discs,
        {
            "scaled": lambda matrix: matrix / 100,
            "positive_definite_integer_matrices": few_matrices,
        },
        ("exercise-4-discs-get-smaller", "exercise-4-discs-show-definiteness"),
    ),
    Mutation(
        best_scaling,
        {"scaled_balls": squared_scaling, "SIGNS": (1, 1), "ORDERS": (2, 3)},
        ("exercise-4-van-der-sluis", "exercise-4-best-in-two-dimensions"),
    ),
    # exercise 6
    Mutation(
        slower_decay,
        {
            "registry": with_rules(
                rmsprop=growing_average,
                adagrad_decay=undecayed,
                adadelta=summed_adadelta,
                adam=summed_moments,
                adagrad=helped_by_eps,
            )
        },
        (
            "exercise-6-rmsprop",
            "exercise-6-adagrad_decay",
            "exercise-6-adadelta",
            "exercise-6-adam",
            "exercise-6-larger-eps",
        ),
    ),
    Mutation(
        slower_decay,
        {"registry": SimpleNamespace(rule=adabound_closing)},
        ("exercise-6-adabound",),
    ),
    Mutation(slower_decay, {"registry": SimpleNamespace(rule=never_reset)}, ("exercise-6-reset",)),
    Mutation(slower_decay, {"SCHEDULE": slower_decay.T}, ("exercise-6-schedule",)),
]
