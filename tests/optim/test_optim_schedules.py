"""Schedules against torch's schedulers, and against arithmetic by hand."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from optim.schedules import (
    NAMES,
    factors,
    range_test,
    schedule,
    suggested_rate,
    with_warmup,
)

STEPS = 40
AS_TORCH = {
    "constant": ({}, lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    "step": ({"step_size": 7, "gamma": 0.3}, lambda o: lr_scheduler.StepLR(o, 7, 0.3)),
    "exponential": ({"gamma": 0.9}, lambda o: lr_scheduler.ExponentialLR(o, 0.9)),
    "polynomial": (
        {"total_steps": 30, "power": 2.5},
        lambda o: lr_scheduler.PolynomialLR(o, 30, 2.5),
    ),
    "cosine": (
        {"total_steps": STEPS, "final": 0.25},
        lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.5 * 0.25),
    ),
    "cosine_with_restarts": (
        {"period": 5, "growth": 2, "final": 0.25},
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 2, eta_min=0.5 * 0.25),
    ),
    "one_cycle": (
        {"total_steps": STEPS},
        lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.5, total_steps=STEPS, cycle_momentum=False),
    ),
}


def torch_rates(make):
    weights = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=0.5)
    scheduler, rates = make(optimizer), []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(rates)


@pytest.mark.parametrize("name", AS_TORCH)
def test_a_schedule_is_torchs(name):
    chosen, make = AS_TORCH[name]
    ours = 0.5 * factors(schedule(name, **chosen), STEPS)[1:]
    # torch multiplies step by step, ours is closed: some forty roundings
    np.testing.assert_allclose(ours, torch_rates(make), rtol=1e-13, atol=1e-16)


def test_restarts_of_equal_length_are_torchs():
    ours = 0.5 * factors(schedule("cosine_with_restarts", period=6), STEPS)[1:]
    theirs = torch_rates(lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 6))
    np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-16)


def test_warm_up_before_a_schedule_is_torchs_sequence():
    def make(o):
        warm = lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=8)
        return lr_scheduler.SequentialLR(o, [warm, lr_scheduler.ExponentialLR(o, 0.9)], [8])

    warmed = with_warmup(schedule("exponential", gamma=0.9), steps=8, start=0.1)
    np.testing.assert_allclose(0.5 * factors(warmed, STEPS)[1:], torch_rates(make), rtol=1e-13)


def test_adagrads_lr_decay_is_a_schedule():
    weights, ours = torch.ones(1, dtype=torch.float64), np.ones(1)
    weights.requires_grad_()
    theirs = torch.optim.Adagrad([weights], lr=0.1, lr_decay=0.05)
    from optim.registry import rule

    tested, state = rule("adagrad"), (np.zeros(1),)
    rate = factors(schedule("inverse_time", lr_decay=0.05), 20)
    for t in range(1, 21):
        weights.grad = torch.tensor([np.cos(t)])
        theirs.step()
        chosen = tested.hyperparameters(lr=0.1 * rate[t])
        ours, state = tested.step(ours, np.array([np.cos(t)]), state, t, chosen)
    np.testing.assert_allclose(ours, weights.detach().numpy(), rtol=1e-14)


def test_the_inverse_square_root_is_one_over_the_root_of_the_step():
    chosen = schedule("inverse_square_root")
    assert [chosen(t) for t in (1, 4, 9)] == [1, 1 / 2, 1 / 3]
    assert schedule("inverse_square_root", timescale=3.0)(10) == 0.5  # sqrt(3 / 12)


@pytest.mark.parametrize("name", NAMES)
def test_a_schedule_of_one_step_is_that_of_all_steps(name):
    needed = {**{key: value[0] for key, value in AS_TORCH.items()}, "inverse_time": {"lr_decay": 1}}
    chosen = schedule(name, **needed.get(name, {}))
    # NumPy takes the powers of an array and of a number by different code: the last digit
    each = [chosen(t) for t in range(1, 30)]
    np.testing.assert_allclose(chosen(np.arange(1, 30)), each, rtol=1e-15)


def test_a_schedule_that_is_over_stays_where_it_ended():
    assert schedule("cosine", total_steps=5, final=0.1)(1000) == pytest.approx(0.1)
    assert schedule("polynomial", total_steps=5)(1000) == 0
    cycle = schedule("one_cycle", total_steps=5)
    assert cycle(1000) == cycle(5) == pytest.approx(1 / 25e4)


@pytest.mark.parametrize(
    ("name", "chosen", "message"),
    [
        ("cosin", {}, "there is no schedule 'cosin'; did you mean 'cosine'?"),
        ("step", {"stepsize": 3}, "step has no setting 'stepsize'; did you mean 'step_size'?"),
        ("step", {}, "step: .*missing.*step_size"),
        ("step", {"step_size": 0}, "step: step_size = 0, expected a whole number, 1 or more"),
        ("step", {"step_size": 2.5}, "step_size = 2.5, expected a whole number"),
        ("exponential", {"gamma": 1.5}, "exponential: gamma = 1.5, expected a number from 0 to 1"),
        ("exponential", {"gamma": float("nan")}, "gamma = nan, expected"),
        ("inverse_square_root", {"timescale": -1.0}, "timescale = -1.0, expected a finite number"),
        ("cosine", {"total_steps": float("inf")}, "total_steps = inf, expected a whole number"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(name, chosen, message):
    with pytest.raises(ValueError, match=message):
        schedule(name, **chosen)


def test_a_range_test_grows_by_equal_ratios():
    rates = range_test(lowest=1e-4, highest=1e0, steps=5)
    np.testing.assert_allclose(rates, [1e-4, 1e-3, 1e-2, 1e-1, 1], rtol=1e-14)


def test_the_suggested_rate_is_where_the_loss_falls_fastest():
    rates = range_test(lowest=1e-5, highest=10, steps=121)
    place = np.log10(rates)
    # Flat, a fall steepest at 1e-2, then a rise beyond all bounds.
    losses = 1 - 0.8 / (1 + np.exp(-4 * (place + 2))) + np.where(place > -0.3, 1e3, 0)
    assert suggested_rate(rates, losses, smoothing=0.0) == pytest.approx(1e-2, rel=0.2)
    losses[place > -0.3] = np.nan
    assert suggested_rate(rates, losses, smoothing=0.0) == pytest.approx(1e-2, rel=0.2)


def test_a_range_test_on_a_quadratic_suggests_a_rate_that_converges():
    # w <- (1 - rate * c) w diverges above 2 / c, c = 4.
    rates, w, losses = range_test(lowest=1e-4, highest=10, steps=200), 1.0, []
    for rate in rates:
        losses.append(2 * w * w)
        w -= rate * 4 * w
    assert 1e-3 < suggested_rate(rates, np.array(losses), smoothing=0.9) < 2 / 4


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        (np.full(10, np.nan), "diverged at once"),
        (np.arange(10.0) + 100, "never fell"),
        (np.zeros(9), "9 losses for 10 rates"),
    ],
)
def test_losses_that_suggest_nothing_are_refused(losses, message):
    with pytest.raises(ValueError, match=message):
        suggested_rate(range_test(lowest=1e-3, highest=1, steps=10), losses)


def test_a_range_test_must_rise():
    with pytest.raises(ValueError, match="the highest above the lowest"):
        range_test(lowest=1.0, highest=0.1, steps=5)
