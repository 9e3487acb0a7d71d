"""What a rule does where nobody says otherwise: its defaults, and how its coordinates are tied."""

from __future__ import annotations

import pytest

from optim.references import TORCH
from optim.registry import names, rule

# From the papers and their authors' code, where torch has no such optimizer.
BETAS = {"beta1": 0.9, "beta2": 0.999}
NOT_IN_TORCH = {
    # Luo et al. (2019), the authors' adabound.py
    "adabound": {"lr": 1e-3, **BETAS, "eps": 1e-8, "final_lr": 0.1, "gamma": 1e-3},
    # Adagrad's of torch; forgetting about a thousand steps
    "adagrad_decay": {"lr": 1e-2, "eps": 1e-10, "decay": 0.999},
    "adagrad_reset": {"lr": 1e-2, "eps": 1e-10, "period": 1000},
    "full_matrix_adagrad": {"lr": 1e-2, "eps": 1e-10},
    # eps under the root as in the book: 1e-6
    "adagrad_eps_inside": {"lr": 1e-2, "eps": 1e-6},
    "rmsprop_eps_inside": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-6},
    # Chen et al. (2023), algorithm 2
    "lion": {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0},
    # the whole step to the minimum of a quadratic
    "newton": {"lr": 1.0},
    # Zaheer et al. (2018), section 5
    "yogi": {"lr": 1e-2, **BETAS, "eps": 1e-3, "initial_accumulator_value": 1e-6},
}
IDLE = {"adagrad", "adagrad_eps_inside", "gradient_descent", "sgd"}


def test_what_torch_has_not_is_here_with_its_defaults():
    assert set(NOT_IN_TORCH) == set(names()) - set(TORCH)


@pytest.mark.parametrize("name", NOT_IN_TORCH)
def test_defaults_are_those_of_the_papers(name):
    assert rule(name).defaults == NOT_IN_TORCH[name]


@pytest.mark.parametrize("name", names())
def test_a_coordinate_without_gradient_rests_only_where_a_step_moves_by_the_gradient_alone(name):
    assert rule(name).zero_gradient_is_idle == (name in IDLE)


@pytest.mark.parametrize("name", names())
def test_only_matrices_tie_coordinates_together(name):
    assert rule(name).coordinatewise == (name not in {"full_matrix_adagrad", "newton"})


@pytest.mark.parametrize("name", ["rmsprop_centered", "rmsprop_centered_momentum"])
def test_the_mean_that_is_kept_is_of_the_gradients_and_not_of_their_opposites(name):
    # Its square alone enters the step: half of 4, then half of that and of -2, and so on.
    chosen = rule(name).hyperparameters(alpha=0.5)
    state = rule(name).initial_state(0.0, chosen)
    for t, (gradient, mean) in enumerate([(4.0, 2.0), (-2.0, 0.0), (1.0, 0.5)], 1):
        _, state = rule(name).step(0.0, gradient, state, t, chosen)
        assert state[rule(name).state.index("a")] == mean


def test_yogi_keeps_an_average_that_is_right_already():
    # v = 4 = g^2: no sign to follow. m = (1 - 1/2) 2, and the step 1 / (2 + 1).
    chosen = rule("yogi").hyperparameters(lr=1.0, beta1=0.5, eps=1.0)
    w, (m, v) = rule("yogi").step(1.0, 2.0, (0.0, 4.0), 1, chosen)
    assert (m, v) == (1, 4)
    assert w == 1 - 1 / 3
