"""Mistakes that well-known implementations make, each by name."""

import numpy as np
import pytest
import torch

from optim.registry import rule
from optim.torch_optimizer import RuleOptimizer


def one_step(name, g, **given):
    tested = rule(name)
    chosen = tested.hyperparameters(**given)
    w = np.zeros_like(g)
    return tested.step(w, g, tested.initial_state(w, chosen), 1, chosen)[0]


def test_adagrads_eps_is_torchs_and_not_a_larger_one():
    g = np.array([1e-8])
    weights = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    weights.grad = torch.tensor(g)
    torch.optim.Adagrad([weights]).step()
    ours = one_step("adagrad", g)
    np.testing.assert_allclose(ours, weights.detach().numpy(), rtol=1e-15)  # the same operations
    # At this gradient 1e-8 would halve the step and 1e-6 all but stop it.
    np.testing.assert_allclose(one_step("adagrad", g, eps=1e-8), -0.01 / 2, rtol=1e-14)
    assert abs(one_step("adagrad", g, eps=1e-6)[0]) < abs(ours[0]) / 90


@pytest.mark.parametrize("name", ["adam", "adamw", "amsgrad", "adamax", "nadam"])
def test_bias_is_corrected_once_and_not_twice(name):
    # Corrected once, the first step is the learning rate whatever the gradient; twice, it would
    # be ten times that in m (1 / (1 - 0.9)).
    for size in (1e-3, 1.0, 1e3):
        move = one_step(name, np.array([size, -size]), lr=0.01)
        # NAdam looks ahead: its first step is 1 + mu (1 - beta1) / (1 - mu mu') of the others'.
        np.testing.assert_allclose(np.abs(move), 0.01, rtol=0.2 if name == "nadam" else 1e-4)
        np.testing.assert_array_equal(np.sign(move), [-1, 1])


def test_adams_average_is_the_mean_of_a_constant_gradient_at_every_step():
    tested, chosen = rule("adam"), rule("adam").hyperparameters(eps=0.0, lr=1.0)
    w, state = np.zeros(1), (np.zeros(1), np.zeros(1))
    for t in range(1, 200):
        w, state = tested.step(w, np.array([0.3]), state, t, chosen)
        assert w[0] == pytest.approx(-t, rel=1e-12)  # each step is exactly lr, up to rounding


def nesterov(lr, steps, ahead):
    """Look ahead by `ahead` times the momentum on f(w) = w^2 / 2; the points looked at."""
    theta, v, path = 1.0, 0.0, []
    for _ in range(steps):
        v = 0.9 * v + (theta - ahead * 0.9 * v)
        theta -= lr * v
        path.append(theta - ahead * 0.9 * v)
    return path


def trained(name, lr, steps):
    tested, chosen = rule(name), rule(name).hyperparameters(lr=lr)
    w, state, path = np.array([1.0]), (np.zeros(1),), []
    for t in range(1, steps + 1):
        w, state = tested.step(w, w.copy(), state, t, chosen)
        path.append(w[0])
    return path


@pytest.mark.parametrize("name", ["nesterov", "nesterov_lookahead"])
def test_nesterov_looks_ahead_by_the_learning_rate_too(name):
    path = trained(name, 0.01, 50)
    np.testing.assert_allclose(path, nesterov(0.01, 50, ahead=0.01), rtol=1e-12)  # rounding
    # Without the learning rate in the look-ahead (the notebook's section 2.3) it is another path.
    assert abs(nesterov(0.01, 50, ahead=1.0)[-1] - path[-1]) > 0.1


def test_the_two_forms_of_nesterov_part_where_the_learning_rate_changes():
    paths = {}
    for name in ("nesterov", "nesterov_lookahead"):
        weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer = RuleOptimizer([weights], rule(name), lr=0.01)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.1)
        path = []
        for _ in range(20):
            weights.grad = weights.detach().clone()
            optimizer.step()
            scheduler.step()
            path.append(weights.item())
        paths[name] = np.array(path)
    apart = np.abs(paths["nesterov"] - paths["nesterov_lookahead"])
    assert apart[:10].max() < 1e-14  # rounding
    assert apart[11:].min() > 1e-3


def test_nesterov_needs_momentum_to_be_nesterov():
    # torch refuses nesterov=True without momentum; as a rule it is then plain SGD.
    np.testing.assert_array_equal(
        one_step("nesterov", np.array([2.0]), momentum=0.0), one_step("sgd", np.array([2.0]))
    )


def test_momentum_starts_from_the_first_gradient_undamped():
    np.testing.assert_array_equal(
        one_step("momentum", np.array([2.0])), one_step("sgd", np.array([2.0]))
    )


def test_rmsprop_starts_with_a_step_of_one_over_the_root_of_its_decay():
    # No bias correction: the first step is lr / sqrt(1 - alpha), ten times lr.
    move = one_step("rmsprop", np.array([4.0]), lr=0.01)
    np.testing.assert_allclose(move, -0.1, rtol=1e-6)  # eps is 2.5e-8 of the root


def test_decoupled_weight_decay_is_not_l2():
    w, g, state = np.array([10.0]), np.array([0.0]), (np.zeros(1), np.zeros(1))
    decoupled = rule("adamw").hyperparameters(lr=0.1, weight_decay=0.01)
    coupled = rule("adam_l2").hyperparameters(lr=0.1, weight_decay=0.01)
    # AdamW takes lr * decay of the weight; L2's gradient is normalised away, to a step of lr.
    assert rule("adamw").step(w, g, state, 1, decoupled)[0][0] == pytest.approx(10 - 0.01)
    assert rule("adam_l2").step(w, g, state, 1, coupled)[0][0] == pytest.approx(10 - 0.1)


def test_radam_is_not_rectified_in_its_first_five_steps():
    _, rectifier = rule("radam").scalars(np.arange(1.0, 9), rule("radam").hyperparameters())
    assert (rectifier == 0).tolist() == [True] * 5 + [False] * 3


def test_amsgrad_never_raises_its_rate_when_gradients_shrink():
    tested, chosen = rule("amsgrad"), rule("amsgrad").hyperparameters()
    state = (np.zeros(1),) * 3
    tops = []
    for t, g in enumerate([1.0, 1e-3, 1e-3, 5.0, 0.0, 0.0], start=1):
        _, state = tested.step(np.zeros(1), np.array([g]), state, t, chosen)
        tops.append(state[2][0])
    assert tops == sorted(tops)
    assert state[1][0] < state[2][0]


@pytest.mark.parametrize("name", ["rmsprop_centered", "rmsprop_centered_momentum"])
def test_the_variance_of_a_constant_gradient_is_not_negative_by_rounding(name):
    tested = rule(name)
    for dtype in (np.float64, np.float32):
        chosen = {key: dtype(value) for key, value in tested.hyperparameters(alpha=0.7).items()}
        g = np.linspace(0.1, 7, 500).astype(dtype)
        w, state = g.copy(), tuple(np.zeros((len(tested.state), g.size), dtype))
        for t in range(1, 300):
            w, state = tested.step(w, g, state, t, chosen)
        assert (state[0] - state[1] ** 2).min() < 0
        assert np.isfinite(w).all()
