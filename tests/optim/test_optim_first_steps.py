"""The first three steps of every rule against arithmetic done by hand, in exact fractions.

Settings and gradients are chosen so that every root is of a perfect square.
"""

import numpy as np
import pytest
import sympy

from optim.meaning import with_meaning
from optim.registry import names, rule
from optim.symbolic import FUNCTIONS

TENTH = "1/10"
ADAM = {"lr": TENTH, "beta1": "1/2", "beta2": "3/4", "eps": "1"}

# rule: settings, three gradients, and what is taken from the weight, which starts from 1.
BY_HAND = {
    "gradient_descent": ({"lr": TENTH}, (2, 1, -1), ("2/10", "1/10", "-1/10")),
    "sgd": ({"lr": TENTH}, (2, 1, -1), ("2/10", "1/10", "-1/10")),
    # v = 2, 1 + 1, 1 - 1
    "momentum": ({"lr": TENTH, "momentum": "1/2"}, (2, 1, -1), ("2/10", "2/10", "0")),
    # v as above; g + v / 2 = 2 + 1, 1 + 1, -1 + 0
    "nesterov": ({"lr": TENTH, "momentum": "1/2"}, (2, 1, -1), ("3/10", "2/10", "-1/10")),
    # v = -2/10, -2/10, 0; back by v before, on by 3/2 of v after
    "nesterov_lookahead": (
        {"lr": TENTH, "momentum": "1/2"},
        (2, 1, -1),
        ("3/2 * 2/10", "-1/2 * 2/10 + 3/2 * 2/10", "-1/2 * 2/10"),
    ),
    # s = 9, 25, 169; eps is added to 3, 5, 13
    "adagrad": (
        {"lr": TENTH, "eps": "1", "initial_accumulator_value": "0"},
        (3, 4, 12),
        ("3/40", "4/60", "12/140"),
    ),
    # s + 7 = 16, 25, 169
    "adagrad_eps_inside": ({"lr": TENTH, "eps": "7"}, (3, 3, 12), ("3/40", "3/50", "12/130")),
    # s = 9, 25, and 25 again after the reset
    "adagrad_reset": (
        {"lr": TENTH, "eps": "0", "period": "2"},
        (3, 4, 5),
        ("1/10", "4/50", "1/10"),
    ),
    # s = 16, 8 + 1 = 9, 9/2 + 49/16 = 121/16
    "adagrad_decay": (
        {"lr": TENTH, "eps": "0", "decay": "1/2"},
        (4, 1, "7/4"),
        ("1/10", "1/30", "7/110"),
    ),
    # v = 4/4, 3/4 + 1/4, 3/4 + 1/4
    "rmsprop": (
        {"lr": TENTH, "alpha": "3/4", "eps": "1"},
        (2, 1, -1),
        ("2/20", "1/20", "-1/20"),
    ),
    # v + 3 = 4
    "rmsprop_eps_inside": (
        {"lr": TENTH, "alpha": "3/4", "eps": "3"},
        (2, 1, -1),
        ("2/20", "1/20", "-1/20"),
    ),
    # m = 1, 1/2 + 1/2, 1/2 - 1/2
    "rmsprop_momentum": (
        {"lr": TENTH, "alpha": "3/4", "eps": "1", "momentum": "1/2"},
        (2, 1, -1),
        ("1/10", "1/10", "0"),
    ),
    # v - a^2 = 2 - 1, 17/8 - 25/16 = 9/16, 425/128 - 729/256 = 121/256
    "rmsprop_centered": (
        {"lr": TENTH, "alpha": "1/2", "eps": "0"},
        (2, "3/2", "17/8"),
        ("2/10", "2/10", "34/110"),
    ),
    # the roots as above, 1, 3/4 and 11/16; m = 2, 1 + 2, 3/2 + 34/11 = 101/22
    "rmsprop_centered_momentum": (
        {"lr": TENTH, "alpha": "1/2", "eps": "0", "momentum": "1/2"},
        (2, "3/2", "17/8"),
        ("2/10", "3/10", "101/220"),
    ),
    # v + 1 = 25, u + 1 = 49/25; nothing moves at no gradient; then v = 50/3 + 36/6, u = 2/3
    "adadelta": (
        {"lr": TENTH, "rho": "5/6", "eps": "1"},
        (12, 0, 6),
        ("12/50", "0", "6/10 * sqrt((4/5 + 1) / (20 * 5/6 + 6 + 1))"),
    ),
    # m / (1 - 2^-t) = 2, -2/3, 6/7 over 2 + 1
    "adam": (ADAM, (2, -2, 2), ("2/30", "-2/90", "6/210")),
    # the decay of w adds 1, 14/15 and 43/45 to these gradients, which gives Adam's above
    "adam_l2": (
        {**ADAM, "weight_decay": "1"},
        (1, "-2 - 14/15", "2 - 43/45"),
        ("2/30", "-2/90", "6/210"),
    ),
    # a tenth of 1, 5/6 and 139/180 before Adam's
    "adamw": (
        {**ADAM, "weight_decay": "1"},
        (2, -2, 2),
        ("1/10 + 2/30", "5/60 - 2/90", "139/1800 + 6/210"),
    ),
    # roots of the largest squares so far: 3, 3, 4
    "amsgrad": (
        {"lr": TENTH, "beta1": "0", "beta2": "0", "eps": "1"},
        (3, 2, 4),
        ("3/40", "2/40", "4/50"),
    ),
    # mu = 1/4, its products 1/4, 1/16, 1/64; m = 1, -1/2, 3/4; over 2 + 1
    "nadam": (
        {**ADAM, "momentum_decay": "0"},
        (2, -2, 2),
        (
            "(2 + 1/4 * 16/15) / 30",
            "(-2 * 3/4 * 16/15 - 1/2 * 1/4 * 64/63) / 30",
            "(2 * 3/4 * 64/63 + 3/4 * 1/4 * 256/255) / 30",
        ),
    ),
    # 7 - 6, 7 - 36/7 and 7 - 162/37 are below 5: plain momentum, bias-corrected
    "radam": (ADAM, (2, -2, 2), ("2/10", "-2/30", "6/70")),
    # u = 3 + 1, 4/2, 7 + 1; m / (1 - 2^-t) = 3, 5/3, -23/7
    "adamax": (
        {"lr": TENTH, "beta1": "1/2", "beta2": "1/2", "eps": "1"},
        (3, 1, -7),
        ("3/40", "5/60", "-23/560"),
    ),
    # v = 1, 25/16 (up), 36/25 (down); m = 1, 5/4, 11/40
    "yogi": (
        {**ADAM, "initial_accumulator_value": "0"},
        (2, "3/2", "-7/10"),
        ("1/20", "5/90", "1/80"),
    ),
    # directions +, -, +; decay of 1, 8/10, 82/100
    "lion": (
        {"lr": TENTH, "beta1": "1/2", "beta2": "3/4", "weight_decay": "1"},
        (2, -1, 0),
        ("2/10", "-1/10 + 8/100", "1/10 + 82/1000"),
    ),
    # 1/2 over 3/2 is above 1/5; sqrt(7)/4 over 897/128 is free; then far below 3/40
    "adabound": (
        {"lr": "1", "beta1": "0", "beta2": "3/4", "eps": "1", "final_lr": TENTH, "gamma": "1"},
        (1, "767/64", 1000),
        ("1/5", "sqrt(7)/4 * 128/897 * 767/64", "3/40 * 1000"),
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_first_three_steps_are_those_done_by_hand(name):
    tested = rule(name)
    settings, gradients, moves = BY_HAND[name]
    assert set(settings) == set(tested.defaults)
    chosen = {key: sympy.Rational(value) for key, value in settings.items()}
    update = with_meaning(tested.update, FUNCTIONS)
    per_step = tested.per_step and with_meaning(tested.per_step, FUNCTIONS)
    w = expected = sympy.Integer(1)
    state = tuple(chosen.get(tested.initial.get(s, ""), sympy.Integer(0)) for s in tested.state)
    for t, (gradient, move) in enumerate(zip(gradients, moves, strict=True), start=1):
        scalars = tested.scalars(sympy.Integer(t), chosen, per_step)
        rest = (chosen[key] for key in tested.update_hyperparameters)
        result = update(w, sympy.sympify(gradient), *state, *scalars, *rest)
        w, *state = result if tested.state else (result,)
        expected -= sympy.sympify(move, rational=True)
        assert sympy.simplify(sympy.sympify(w).doit() - expected) == 0, f"step {t}"


def test_every_coordinatewise_rule_is_done_by_hand():
    assert set(BY_HAND) == {name for name in names() if rule(name).coordinatewise}


def test_full_matrices_divide_the_first_gradient_by_its_length():
    # s = g g^T, whose root is g g^T / 5: the step is lr g / (5 + eps)
    tested = rule("full_matrix_adagrad")
    w, s = tested.update(np.ones(2), np.array([3.0, 4.0]), np.zeros((2, 2)), 0.1, 1.0)
    # Eigenvectors are found to a few roundings.
    np.testing.assert_allclose(w, [1 - 3 / 60, 1 - 4 / 60], rtol=1e-14)
    np.testing.assert_allclose(s, [[9, 12], [12, 16]])


def test_full_matrices_on_independent_coordinates_are_the_diagonal_rule():
    full, diagonal = rule("full_matrix_adagrad"), rule("adagrad")
    w, s = np.ones(3), np.zeros((3, 3))
    v, r = np.ones(3), np.zeros(3)
    for t, size in enumerate((3.0, -2.0, 0.5, 1.0, -4.0, 2.0)):
        g = size * np.eye(3)[t % 3]
        w, s = full.update(w, g, s, 0.1, 1e-10)
        v, r = diagonal.update(v, g, r, 0.1, 1e-10)
    np.testing.assert_allclose(w, v, rtol=1e-14)  # a few roundings


def test_newton_reaches_the_minimum_of_a_quadratic_in_one_step():
    h, minimum = np.array([[100.0, 5.0], [5.0, 1.0]]), np.array([2.0, -3.0])
    w = rule("newton").update(np.zeros(2), h @ -minimum, h, 1.0)
    np.testing.assert_allclose(w, minimum, rtol=1e-12)  # condition 133, a few roundings each
