"""What breaks each check: one change of the thing that is checked, and the verdicts it turns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import sympy
from flint import arb, arb_mat, fmpq
from hypothesis import strategies as st

from optim import registry
from optim.functions import abs as magnitude
from optim.functions import sqrt
from optim.rule import Rule
from proofs import discs
from proofs.counterexamples import positive_definite_integer_matrices
from proofs.exercises import (
    adagrad_decay,
    adagrad_rotated,
    best_scaling,
    change_of_variables,
    critical_points,
    decay_on_quadratics,
    diagonal_preconditioning,
    disc_components,
    gerschgorin,
    initialisation,
    notebook_formulas,
    notebook_landscape,
    notebook_momentum,
    orthogonal_invariance,
    orthogonality_needed,
    preconditioned_discs,
    root_of_the_sum,
    rotated_quadratic,
    slower_decay,
    sparse_features,
    worked_example,
)
from proofs.exercises.critical_points import X, Y, is_positive_definite
from proofs.exercises.diagonal_preconditioning import THREE_BY_THREE, TWO_BY_TWO
from proofs.instances import haar_orthogonal


class Mutation(NamedTuple):
    """Attributes put in place of a module's own, and the ids of the verdicts that have to turn."""

    module: ModuleType
    changes: dict[str, Any]
    turns: tuple[str, ...]


# ------------------------------------------------------------------ rules that are not the rule


def with_rules(**updates: Callable[..., Any]) -> SimpleNamespace:
    """The registry with other updates under the same names."""

    def rule(name: str) -> Rule:
        found = registry.rule(name)
        return dataclasses.replace(found, update=updates[name]) if name in updates else found

    return SimpleNamespace(rule=rule, names=registry.names)


def fading(w, g, s, lr, eps):
    s = 0.5 * s + g * g
    return w - lr * g / (sqrt(s) + eps), s


def without_root(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / (s + eps), s


def floored(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / (sqrt(s) + eps) - lr * g, s


def still(w, g, s, lr, eps):
    return w - 0 * lr * eps, s + g * g


def plain(w, g, s, lr, eps):
    return w - lr * g / (1 + eps), s


def zigzagging(w, g, s, lr, eps):
    return w - lr * g - 0 * eps, s + g * g


def summed_sizes(w, g, s, lr, eps):
    s = s + magnitude(g)
    return w - lr * g / (sqrt(s) + eps), s


def normalised(w, g, s, lr, eps):
    return w - lr * g / (sqrt(g * g) + eps), s + g * g


def decreasing(w, g, s, lr, eps):
    s = 0.5 * s + g * g
    return w - lr * g / (sqrt(s) + eps), s


def growing_average(w, g, v, lr, alpha, eps):
    v = v * (2 - alpha) + (1 - alpha) * g * g
    return w - lr * g / (sqrt(v) + eps), v


def undecayed(w, g, s, lr, eps, decay):
    s = s + g * g + 0 * decay
    return w - lr * g / (sqrt(s) + eps), s


def summed_adadelta(w, g, v, u, lr, rho, eps):
    v = v + g * g
    delta = sqrt(u + eps) / sqrt(v + eps) * g
    return w - lr * delta, v, rho * u + (1 - rho) * delta * delta


def summed_moments(w, g, m, v, correction1, correction2, lr, beta1, beta2, eps):
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * (m / correction1) / (sqrt(v / correction2) + eps), m, v


def helped_by_eps(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / sqrt(s) - lr * eps * g, s


def closing(t, beta1, beta2, final_lr, gamma):
    return beta1 + beta2, final_lr / t, final_lr * (1 + 1 / (gamma * t))


def averaged(w, g, v, lr, momentum):
    v = momentum * v + (1 - momentum) * g
    return w - lr * v, v


def printed_lookahead(w, g, v, lr, momentum):
    back = w + momentum * v
    v = momentum * v + g
    return back - lr * v - momentum * v, v


def half_a_step(w, g, lr):
    return w - lr * g / 2


def squared_gradient(w, g, lr):
    return w - lr * g * g


def adabound_closing(name: str) -> Rule:
    found = registry.rule(name)
    return dataclasses.replace(found, per_step=closing) if name == "adabound" else found


def never_reset(name: str) -> Rule:
    found = registry.rule(name)
    if name != "adagrad_reset":
        return found
    return dataclasses.replace(found, per_step=lambda t, period: ((t + period) / (t + period),))


def adamw_for_both(name: str) -> Rule:
    return registry.rule("adamw" if name == "adam_l2" else name)


def doubled(rule: Rule) -> Callable[..., Any]:
    """The rule's update on symbols, and one number twice what it should be: the new weight."""
    update = TRUE_SYMBOLIC(rule)

    def twice(*given: Any) -> Any:
        result = update(*given)
        return (2 * result[0], *result[1:]) if isinstance(result, tuple) else 2 * result

    return twice


def with_another_moment(rule: Rule) -> Callable[..., Any]:
    """The update on symbols, its last state doubled."""
    update = TRUE_SYMBOLIC(rule)

    def moved(*given: Any) -> Any:
        result = update(*given)
        if not isinstance(result, tuple) or len(result) < 3:
            return result
        return (*result[:-1], 2 * result[-1])

    return moved


TRUE_SYMBOLIC = notebook_formulas.symbolic

# ------------------------------------------------------------------ other things that are broken


def corrected_test(hessian: sympy.Matrix) -> str:
    if is_positive_definite(hessian):
        return "minimum"
    return "maximum" if is_positive_definite(-hessian) else "undecided"


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
    hidden=initialisation.hidden_gradients,
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
    loss=sparse_features.loss_of_the_prediction,
    step=root_of_the_sum.step_in_scaled_coordinates,
    columns=change_of_variables.unit_columns,
)
SMALL = {"ORDERS": (2, 3), "REPEATS": 2}
FEW = {"FLOAT_ORDERS": (2, 5), "NEAR_ORDERS": (2, 5), "EXACT_ORDERS": (1, 2)}
ROTATED = [f"exercise-2-{name}" for name in ("same-spectrum", "is-a-rotation", "printed-gradient")]
NOTEBOOK = ("sgd", "momentum", "adagrad_eps_inside", "rmsprop_eps_inside", "adam", "adamw")

MUTATIONS = [
    # chapters 1 and 2
    Mutation(critical_points, {"BOWL": X**2 + 2 * Y**2}, ("section-1-gradient-of-the-bowl",)),
    Mutation(
        critical_points,
        {
            "product": lambda a, b: sum(
                (k + 1) * x * y for k, (x, y) in enumerate(zip(a, b, strict=True))
            )
        },
        ("section-1-steepest-ascent",),
    ),
    Mutation(
        critical_points, {"EXAMPLE": X**3 + Y**3 - 4 * X * Y}, ("section-1-worked-classification",)
    ),
    Mutation(
        critical_points,
        {"kind_by_determinant": corrected_test},
        (
            "section-1-negative-definite-determinant",
            "section-1-determinant-test-in-three-dimensions",
        ),
    ),
    Mutation(
        critical_points,
        {"completed_square": lambda h: h[0, 0] * X**2 + h.det() / h[0, 0] * Y**2},
        ("section-1-determinant-test-in-two-dimensions",),
    ),
    Mutation(
        critical_points,
        {"FLAT": {"x^4": X**4, "-x^4": -(X**4), "x^2": X**2}},
        ("section-1-singular-hessian",),
    ),
    Mutation(critical_points, {"HYPERBOLIC": X**2 + Y**2}, ("section-1-saddle",)),
    Mutation(critical_points, {"QUARTIC": X**4 + 3 * X**2 + X}, ("section-1-two-minima",)),
    Mutation(
        critical_points,
        {"sigmoid": lambda: 8 / (1 + sympy.exp(-X))},
        ("section-1-sigmoid-slope", "section-1-vanishing-gradient"),
    ),
    Mutation(critical_points, {"EDGE": 2}, ("section-1-saturation",)),
    Mutation(
        sparse_features,
        {"cross_entropy": lambda: (sparse_features.SCORE - sparse_features.LABEL) ** 2 / 2},
        ("section-2-logistic-gradient",),
    ),
    Mutation(
        sparse_features,
        {"loss_of_the_prediction": lambda penalty: TRUE.loss(penalty + sparse_features.W)},
        ("section-2-gradient-of-any-loss",),
    ),
    Mutation(sparse_features, {"FREQUENT": 150_000}, ("section-2-update-counts",)),
    # sections 3.2 to 3.4
    Mutation(change_of_variables, {"FLAT": X**2}, ("section-3-every-minimum-looks-quadratic",)),
    Mutation(change_of_variables, {"HYPOTHESIS": sympy.Q.invertible}, ("section-3-steps-a-b-c",)),
    Mutation(
        change_of_variables,
        {"FACTORISATIONS": dict.fromkeys(("U^T L U", "U L U^T"), lambda u, lam: u.T * lam * u)},
        ("section-3-two-factorisations", "section-3-eigenvectors-are-columns"),
    ),
    Mutation(
        change_of_variables,
        {"unit_columns": lambda turn: (sympy.eye(2), TRUE.columns(turn)[1])},
        ("section-3-unit-eigenvectors-are-orthogonal",),
    ),
    Mutation(change_of_variables, {"PEANO": X**2 * Y}, ("section-3-symmetry-of-the-hessian",)),
    Mutation(
        change_of_variables,
        {"integers": lambda _low, _high: st.just(1)},
        ("section-3-gradient-as-proxy",),
    ),
    Mutation(
        root_of_the_sum,
        {"registry": with_rules(adagrad=summed_sizes)},
        ("section-3-sum-stands-for-the-curvature",),
    ),
    Mutation(
        root_of_the_sum,
        {"step_in_scaled_coordinates": lambda _power: TRUE.step(1)},
        ("section-3-preconditioned-step",),
    ),
    Mutation(
        root_of_the_sum,
        {"registry": with_rules(adagrad=normalised)},
        ("section-3-rms-normalisation",),
    ),
    Mutation(
        root_of_the_sum,
        {"registry": with_rules(adagrad=decreasing)},
        ("section-3-absent-feature",),
    ),
    Mutation(
        worked_example,
        {"registry": with_rules(adagrad=without_root)},
        ("worked-example-first-step", "worked-example-second-rates"),
    ),
    Mutation(
        worked_example,
        {
            "GRADIENTS": (
                (4, sympy.Rational(1, 10)),
                (sympy.Rational(1968, 1000), sympy.Rational(1, 10)),
            )
        },
        ("worked-example-second-moves",),
    ),
    Mutation(worked_example, {"RATE": sympy.Integer(1)}, ("worked-example-move-beyond-gradient",)),
    Mutation(
        initialisation,
        {"hidden_gradients": lambda a, b: TRUE.hidden(a, b + 1)},
        ("initialisation-symmetry",),
    ),
    Mutation(initialisation, {"HE": 1 / initialisation.N_IN}, ("initialisation-he",)),
    Mutation(initialisation, {"LECUN": 2 / initialisation.N_IN}, ("initialisation-one-over-n-in",)),
    Mutation(initialisation, {"GLOROT": 1 / initialisation.N_IN}, ("initialisation-glorot",)),
    # decay
    Mutation(
        adagrad_decay,
        {"registry": with_rules(adagrad=fading)},
        ("decay-accumulator-never-decreases", "decay-like-the-inverse-root"),
    ),
    Mutation(
        adagrad_decay,
        {"registry": with_rules(adagrad=floored)},
        (
            "decay-vanishes-exactly-when-the-sum-diverges",
            "decay-inverse-root-without-upper-bound",
            "decay-without-the-root",
        ),
    ),
    Mutation(
        adagrad_decay,
        {"registry": with_rules(adagrad=still)},
        (
            "decay-always-vanishes-assignment",
            "decay-always-vanishes-notebook",
            "decay-inverse-root-without-lower-bound",
            "decay-inverse-root-where-the-sum-diverges",
        ),
    ),
    Mutation(
        decay_on_quadratics,
        {
            "RUNS": {
                name: run._replace(largest=fmpq(1000))
                for name, run in decay_on_quadratics.RUNS.items()
            },
            "NOISE": 0.0,
            "NOISY_STEPS": 500,
        },
        ("decay-bounded-on-the-quadratics", "decay-like-the-inverse-root-with-noise"),
    ),
    Mutation(
        decay_on_quadratics,
        {"registry": with_rules(adagrad_eps_inside=zigzagging), "STEPS": 20, "NOISY_STEPS": 100},
        ("decay-trace-does-not-zigzag",),
    ),
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
    # the notebook
    Mutation(
        notebook_landscape,
        {
            "losses": lambda: dict.fromkeys("ab", -(sympy.Symbol("z", real=True) ** 2)),
            "VALLEY": notebook_landscape.A**2 + notebook_landscape.B**2,
            "LANDSCAPE": X**4 + 5 * X**2 + 4,
        },
        (
            "notebook-regressions-are-convex",
            "notebook-convex-unique-minimum",
            "notebook-saddle-point",
            "notebook-minima",
        ),
    ),
    Mutation(
        notebook_momentum,
        {
            "registry": with_rules(
                momentum=averaged, nesterov_lookahead=printed_lookahead, sgd=half_a_step
            )
        },
        (
            "notebook-momentum-sum",
            "notebook-momentum-average",
            "notebook-ten-past-gradients",
            "notebook-lookahead",
            "notebook-lookahead-converges",
            "notebook-plain-sgd-converges",
        ),
    ),
    Mutation(
        notebook_formulas,
        {"symbolic": doubled},
        tuple(f"notebook-formula-{name}" for name in NOTEBOOK),
    ),
    Mutation(notebook_formulas, {"symbolic": with_another_moment}, ("notebook-second-moment",)),
    Mutation(
        notebook_formulas,
        {"registry": with_rules(adam=summed_moments, sgd=squared_gradient)},
        (
            "notebook-bias-correction",
            "notebook-bias-correction-first-steps",
            "notebook-decay-in-sgd",
        ),
    ),
    Mutation(
        notebook_formulas,
        {"registry": SimpleNamespace(rule=adamw_for_both)},
        ("notebook-decay-in-adam",),
    ),
]
