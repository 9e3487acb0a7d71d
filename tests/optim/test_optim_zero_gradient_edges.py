"""Where a closed form of steps without gradient changes over to adding term by term, and back."""

from __future__ import annotations

import numpy as np
import pytest

from optim.registry import names, rule
from optim.verification import zero_gradient_error
from optim.zero_gradient import skip, tables

SINGLE, DOUBLE = 1e-5, 1e-12  # what the project asks of float32 and of float64
TABLED = [name for name in names() if rule(name).tables]


@pytest.mark.parametrize("name", TABLED)
def test_no_table_leaves_the_numbers(name):
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        for given in ({}, dict.fromkeys({"beta1", "momentum"} & rule(name).defaults.keys(), 0.0)):
            found = tables(rule(name), 30, rule(name).hyperparameters(**given))
            assert all(np.isfinite(table).all() for table in found.values())


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.99, 0.991)])
@pytest.mark.parametrize("share", [0.5, 0.999, 1.0, 1.001, 1.05, 1.2, 1.42, 2.0])
def test_adamax_may_reach_its_eps_while_its_gradient_is_zero(share, beta1, beta2):
    # u fades by 2 / 1000 in two steps; at 0.999^355 = 0.7 of its start the momentum is lost.
    tested, t, k = rule("adamax"), 5, 400
    chosen = tested.hyperparameters(eps=0.01, beta1=beta1, beta2=beta2)
    w, m, u = 0.0, 1.0, 0.01 * share
    for i in range(t + 1, t + k + 1):
        m, u = m * beta1, max(u * beta2, 0.01)
        w -= 0.002 / (1 - beta1**i) * m / u
    tabled = tables(tested, t + k + 50, chosen)
    found, (momentum, norm) = skip(tested, 0.0, (1.0, 0.01 * share), t, k, tabled, chosen)
    assert found == pytest.approx(w, rel=DOUBLE)
    assert (momentum, norm) == pytest.approx((m, u), rel=DOUBLE)


@pytest.mark.parametrize("crossing", [150, 200, 236, 245, 260, 300])
def test_adabound_may_leave_its_lower_bound_after_many_lifetimes_of_its_momentum(crossing):
    # A short memory of squares lets the rate grow by a half in eight steps, the momentum fall so.
    tested, t, k = rule("adabound"), 5000, 400
    chosen = tested.hyperparameters(beta2=0.9)
    free, lower, upper = tested.scalars(np.arange(1.0, t + k + 1), chosen)
    start = 1e-3 / lower[t] * 0.9 ** (-crossing / 2)
    w, m, s = 0.0, 1.0, start
    for i in range(t, t + k):
        m, s = m * 0.9, s * 0.9**0.5
        w -= np.clip(1e-3 * free[i] / (s + 1e-8), lower[i], upper[i]) * m
    found, _ = skip(
        tested, 0.0, (1.0, start * start), t, k, tables(tested, t + k + 50, chosen), chosen
    )
    assert found == pytest.approx(w, rel=DOUBLE)


def test_adabounds_sum_is_not_broken_off_where_its_first_bounds_are_far_above_one():
    chosen = {"lr": 100.0, "final_lr": 100.0, "beta1": 0.3, "beta2": 0.5}
    assert zero_gradient_error(rule("adabound"), 1, 60, np.float64, **chosen) < DOUBLE


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        # Rates between bounds that are far apart, so that every step has its own.
        ("adabound", {"gamma": 1e-6}),
        # From the lower bound to the upper, where the most is left.
        ("adabound", {"beta2": 0.9}),
        # A norm below eps, which alone is left.
        ("adamax", {"eps": 10.0}),
    ],
)
def test_a_sum_is_broken_off_only_where_its_rest_is_lost(name, chosen):
    # After a step of 1 what follows is worth 1 / (1 - 0.998) = 500 of it.
    error = zero_gradient_error(rule(name), 5000, 18_000, np.float64, beta1=0.998, **chosen)
    assert error < DOUBLE


def test_a_long_memory_fades_to_eps_in_single_precision_as_in_double():
    # The norm reaches eps after some thousand steps, and its decay is rounded in each.
    chosen = {"beta1": 0.9995, "beta2": 0.9999, "eps": 0.2}
    assert zero_gradient_error(rule("adamax"), 100, 8000, np.float32, **chosen) < SINGLE


@pytest.mark.parametrize("t", [1, 6])
@pytest.mark.parametrize("name", [name for name in names() if rule(name).skip])
def test_a_coordinate_without_any_gradient_is_skipped_as_it_would_be_stepped(name, t):
    given = {key: 2 if key == "period" else 0 for key in ("period", "weight_decay")}
    given = {key: value for key, value in given.items() if key in rule(name).defaults}
    chosen = rule(name).hyperparameters(**given)
    start = tuple(map(np.float64, rule(name).initial_state(np.float64(1), chosen)))
    w, stepped = np.float64(1), start
    for i in range(t + 1, t + 4):
        w, stepped = rule(name).step(w, np.float64(0), stepped, i, chosen)
    tabled = tables(rule(name), t + 3, chosen)
    found, skipped = skip(rule(name), np.float64(1), start, t, 3, tabled, chosen)
    assert found == w == 1
    assert [*map(float, skipped)] == pytest.approx([*map(float, stepped)], rel=DOUBLE, abs=0)


def test_adamw_is_asked_for_its_decay_at_the_steps_that_are_taken_alone():
    # Half of the weight would be lost in a step at the full rate; at a hundredth, 1 / 200.
    chosen = rule("adamw").hyperparameters(lr=1.0, weight_decay=0.5)
    assert tables(rule("adamw"), 9, chosen) is None
    assert tables(rule("adamw"), 9, chosen, np.full(10, 0.01)) is not None


@pytest.mark.parametrize("scheduled", [False, True])
@pytest.mark.parametrize(
    ("name", "state"), [("adamw", (0.5, 0.04)), ("lion", (0.5,)), ("lion", (-0.5,)), ("lion", (0,))]
)
def test_a_weight_decays_while_its_gradient_is_zero(name, state, scheduled):
    # Elsewhere weights start from zero, so that their whole move is compared.
    t, k = 20, 30
    chosen = rule(name).hyperparameters(lr=0.01, weight_decay=2.0)
    rate = np.linspace(0.2, 1.0, t + k + 1) if scheduled else np.ones(t + k + 1)
    start = tuple(map(np.float64, state))
    w, later = np.float64(3), start
    for i in range(t + 1, t + k + 1):
        now = {**chosen, "lr": 0.01 * rate[i]}
        w, later = rule(name).step(w, np.float64(0), later, i, now)
    tabled = tables(rule(name), t + k, chosen, rate)
    found, after = skip(rule(name), np.float64(3), start, t, k, tabled, chosen)
    assert found == pytest.approx(w, rel=DOUBLE)
    assert after == pytest.approx(later, rel=DOUBLE)


def test_lion_is_asked_for_its_decay_at_the_steps_that_are_taken_alone():
    def has_tables(weight_decay: float, rate: float, **given: float) -> bool:
        chosen = rule("lion").hyperparameters(lr=1.0, weight_decay=weight_decay, **given)
        return tables(rule("lion"), 9, chosen, np.full(10, rate)) is not None

    # A step that takes as much of the weight as there is, or all of the direction, has no sum.
    assert has_tables(0.5, 0.1)
    assert has_tables(1.0, 0.1)
    assert not has_tables(0.5, 2.0)
    assert not has_tables(0.5, 0.1, beta2=0.0)
