"""What breaks each check of the chapters and of the decay of the rates."""

from __future__ import annotations

from types import SimpleNamespace

import sympy
from broken_rules import (
    fading,
    floored,
    normalised,
    still,
    summed_sizes,
    with_rules,
    without_root,
    zigzagging,
)
from flint import fmpq
from hypothesis import strategies as st
from mutation import Mutation

from proofs.exercises import (
    adagrad_decay,
    change_of_variables,
    critical_points,
    decay_on_quadratics,
    initialisation,
    root_of_the_sum,
    sparse_features,
    worked_example,
)
from proofs.exercises.critical_points import X, Y, is_positive_definite


def corrected_test(hessian: sympy.Matrix) -> str:
    if is_positive_definite(hessian):
        return "minimum"
    return "maximum" if is_positive_definite(-hessian) else "undecided"


TRUE = SimpleNamespace(
    hidden=initialisation.hidden_gradients,
    loss=sparse_features.loss_of_the_prediction,
    step=root_of_the_sum.step_in_scaled_coordinates,
    columns=change_of_variables.unit_columns,
)

CHAPTERS = [
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
        {"registry": with_rules(adagrad=fading)},
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
]
