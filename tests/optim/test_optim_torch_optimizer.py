"""A rule as a torch optimizer: groups, state, schedulers, closures, and gradients it refuses."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from optim.references import TORCH
from optim.registry import names, rule
from optim.torch_optimizer import RuleOptimizer

COORDINATEWISE = [name for name in names() if rule(name).coordinatewise]


def linear(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Linear(4, 3).double(), torch.randn(8, 4).double(), torch.randn(8, 3).double()


def train(model, x, y, optimizer, steps, scheduler=None):
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("name", sorted(TORCH))
@pytest.mark.slow
def test_a_network_is_trained_as_by_torchs_own(name):
    model, x, y = linear()
    ours = train(model, x, y, RuleOptimizer(model.parameters(), rule(name)), 50)
    model, x, y = linear()
    theirs = train(model, x, y, TORCH[name](model.parameters()), 50)
    # NAdam's running product is in single precision in torch; the others differ by rounding
    torch.testing.assert_close(ours, theirs, rtol=1e-7 if name == "nadam" else 1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["adabound", "yogi", "lion", "adagrad_reset"])
def test_what_torch_has_not_is_trained_as_by_numpy(name):
    tested = rule(name)
    weights = torch.linspace(-1, 1, 5, dtype=torch.float64).requires_grad_()
    optimizer = RuleOptimizer([weights], tested)
    w = weights.detach().numpy().copy()
    chosen, state = tested.hyperparameters(), None
    state = tested.initial_state(w, chosen)
    for t in range(1, 30):
        g = np.cos(np.arange(5.0) * t)
        weights.grad = torch.tensor(g)
        optimizer.step()
        w, state = tested.step(w, g, state, t, chosen)
    np.testing.assert_allclose(weights.detach().numpy(), w, rtol=1e-13)  # rounding


def test_groups_have_settings_of_their_own():
    a, b = (torch.ones(1, requires_grad=True) for _ in range(2))
    optimizer = RuleOptimizer([{"params": [a]}, {"params": [b], "lr": 0.5}], rule("sgd"), lr=0.25)
    a.grad, b.grad = torch.ones(1), torch.ones(1)
    optimizer.step()
    assert (a.item(), b.item()) == (0.75, 0.5)


def test_betas_stand_for_beta1_and_beta2_as_in_torch():
    model, x, y = linear()
    ours = train(model, x, y, RuleOptimizer(model.parameters(), rule("adam"), betas=(0.5, 0.9)), 9)
    model, x, y = linear()
    theirs = train(model, x, y, torch.optim.Adam(model.parameters(), betas=(0.5, 0.9)), 9)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=0)
    assert RuleOptimizer([torch.ones(1)], rule("adam"), beta1=0.5).defaults["betas"] == (0.5, 0.999)


@pytest.mark.parametrize("name", COORDINATEWISE)
@pytest.mark.slow
def test_training_goes_on_from_a_saved_state(name, tmp_path):
    model, x, y = linear()
    whole = train(model, x, y, RuleOptimizer(model.parameters(), rule(name)), 12)
    model, x, y = linear()
    first = RuleOptimizer(model.parameters(), rule(name))
    train(model, x, y, first, 5)
    torch.save((model.state_dict(), first.state_dict()), tmp_path / "saved.pt")
    model, x, y = linear(seed=1)[0], x, y
    weights, state = torch.load(tmp_path / "saved.pt")
    model.load_state_dict(weights)
    second = RuleOptimizer(model.parameters(), rule(name))
    second.load_state_dict(state)
    assert torch.equal(train(model, x, y, second, 7), whole)


def pickled(whole):
    return pickle.loads(pickle.dumps(whole))


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("name", COORDINATEWISE)
@pytest.mark.slow
def test_a_copy_trains_on_alone_as_the_original_would(name, copied):
    model, x, y = linear()
    first = RuleOptimizer(model.parameters(), rule(name))
    train(model, x, y, first, 5)
    twin, second = copied((model, first))
    before = [p.detach().clone() for p in model.parameters()]
    ours = train(twin, x, y, second, 7)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert torch.equal(train(model, x, y, first, 7), ours)
    assert not torch.equal(torch.cat([p.flatten() for p in before]), ours)


@pytest.mark.parametrize(
    "make",
    [
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 20),
        lambda o: torch.optim.lr_scheduler.OneCycleLR(o, max_lr=0.01, total_steps=30),
        lambda o: torch.optim.lr_scheduler.LinearLR(o, start_factor=0.1, total_iters=5),
    ],
    ids=["cosine", "one cycle, which moves beta1 too", "warm-up"],
)
def test_torchs_schedulers_drive_a_rule(make):
    model, x, y = linear()
    optimizer = RuleOptimizer(model.parameters(), rule("adam"))
    ours = train(model, x, y, optimizer, 20, make(optimizer))
    model, x, y = linear()
    optimizer = torch.optim.Adam(model.parameters())
    theirs = train(model, x, y, optimizer, 20, make(optimizer))
    torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=0)


def test_nadams_product_takes_one_factor_a_step_however_many_came_before():
    weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = RuleOptimizer([weights], rule("nadam"))
    weights.grad = torch.ones_like(weights)
    for _ in range(200):
        optimizer.step()
    factors = 0.9 * (1 - 0.96 ** (np.arange(1, 201) * 4e-3) / 2)
    state = optimizer.state[weights]
    assert state["product"] == pytest.approx(factors.prod(), rel=1e-12)  # 200 roundings
    # What it is multiplied by next is the factor of the next step, whatever it was until then.
    state["product"] = 1.0
    optimizer.step()
    assert state["product"] == pytest.approx(0.9 * (1 - 0.96 ** (201 * 4e-3) / 2), rel=1e-12)


@pytest.mark.parametrize("name", ["nadam", "adam"])
def test_betas_that_a_schedule_moves_enter_at_their_own_steps_as_in_torch(name):
    paths = []
    for make in (lambda p: RuleOptimizer(p, rule(name)), TORCH[name]):
        weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
        optimizer = make([weights])
        for t in range(30):
            optimizer.param_groups[0]["betas"] = (0.9 - 0.02 * t, 0.999)
            weights.grad = torch.full_like(weights, float(np.cos(t)))
            optimizer.step()
        paths.append(weights.item())
    # NAdam's running product is in single precision in torch.
    assert paths[0] == pytest.approx(paths[1], rel=1e-6 if name == "nadam" else 1e-12)


def pinned(**given):
    """AdaBound with so large a gamma that its rate is its bounds', on one weight."""
    weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
    return weights, RuleOptimizer([weights], rule("adabound"), gamma=1e6, beta1=0.0, **given)


def moved(weights, optimizer):
    before = weights.item()
    weights.grad = torch.ones_like(weights)
    optimizer.step()
    return before - weights.item()


@pytest.mark.parametrize(
    "lower",
    [
        lambda o: o.param_groups[0].update(lr=2.5e-4),
        lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, factor=0.25, patience=0).step(
            float("inf")
        ),
        # Begins at max_lr / div_factor.
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, max_lr=1e-3, div_factor=4, total_steps=10, cycle_momentum=False
        ),
    ],
    ids=["by hand", "on a plateau", "one cycle"],
)
def test_adabounds_bounds_follow_the_rate_that_it_was_made_with_whoever_sets_it(lower):
    weights, optimizer = pinned(lr=1e-3, final_lr=0.1)
    assert moved(weights, optimizer) == pytest.approx(0.1, rel=1e-5)  # 1 / gamma
    lower(optimizer)
    assert moved(weights, optimizer) == pytest.approx(0.025, rel=1e-5)
    _, other = pinned(lr=5.0, final_lr=1.0)
    other.load_state_dict(optimizer.state_dict())
    assert other.param_groups[0]["base_lr"] == 1e-3


def test_adabounds_bounds_of_a_group_follow_that_groups_rate():
    weights, optimizer = pinned(lr=1e-3, final_lr=0.1)
    more = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer.add_param_group({"params": [more], "lr": 1e-2})
    more.grad = torch.ones_like(more)
    moved(weights, optimizer)
    assert 1 - more.item() == pytest.approx(0.1, rel=1e-5)


def test_a_schedule_scales_adabounds_bounds_with_its_learning_rate():
    weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = RuleOptimizer([weights], rule("adabound"), lr=1e-3, final_lr=0.1, gamma=1e6)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    moves = []
    for _ in range(2):
        before = weights.item()
        weights.grad = torch.ones_like(weights)
        optimizer.step()
        scheduler.step()
        moves.append(before - weights.item())
    # With so large a gamma the rate is pinned to final_lr: 0.1 m, then 0.05 m; m = 0.1, 0.19.
    np.testing.assert_allclose(moves, [0.1 * 0.1, 0.05 * 0.19], rtol=1e-5)


def test_a_closure_is_evaluated_with_gradients_and_its_loss_returned():
    w = torch.tensor([2.0], requires_grad=True)
    optimizer = RuleOptimizer([w], rule("sgd"), lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (w**2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4.0
    assert w.item() == 1.0


def refused(*parameters, name="adam"):
    before = [p.detach().clone().to_dense() for p in parameters]
    with pytest.raises(ValueError, match=r"parameter \d of group \d") as caught:
        RuleOptimizer(parameters, rule(name)).step()
    for parameter, value in zip(parameters, before, strict=True):
        assert torch.equal(parameter.detach(), value)
    return str(caught.value)


def test_a_parameter_without_gradient_is_refused_before_any_step():
    moved, forgotten = (torch.ones(2, requires_grad=True) for _ in range(2))
    moved.grad = torch.ones(2)
    message = refused(moved, forgotten)
    assert message == (
        "adam: parameter 1 of group 0 has no gradient; call backward() first, or leave it out"
    )


def test_a_sparse_gradient_is_refused():
    weights = torch.nn.Embedding(5, 2, sparse=True).weight
    torch.nn.functional.embedding(torch.tensor([1]), weights, sparse=True).sum().backward()
    assert "parameter 0 of group 0 has a sparse gradient; pass grad.to_dense()" in refused(weights)


def test_a_complex_parameter_is_refused():
    weights = torch.ones(2, dtype=torch.complex64, requires_grad=True)
    weights.grad = torch.ones_like(weights)
    assert "is complex; pass torch.view_as_real of it" in refused(weights)


@pytest.mark.parametrize(
    ("name", "chosen", "message"),
    [
        ("adam", {"lr": -1.0}, "adam: lr = -1.0 is negative, expected at least 0"),
        ("adam", {"betas": (0.9, 1.0)}, r"beta2 = 1.0, expected a value in \[0, 1\)"),
        ("adam", {"betas": (0.9,)}, r"betas = \(0.9,\), expected two numbers"),
        ("sgd", {"betas": (0.9, 0.99)}, "sgd has no hyper-parameter 'betas'"),
        ("adam", {"learning_rate": 1.0}, "adam has no hyper-parameter 'learning_rate'"),
        ("newton", {}, "newton is not coordinate-wise: torch cannot train by it"),
    ],
)
def test_settings_that_cannot_be_are_refused(name, chosen, message):
    with pytest.raises(ValueError, match=message):
        RuleOptimizer([torch.ones(1)], rule(name), **chosen)


def test_settings_of_a_group_are_checked_too():
    with pytest.raises(ValueError, match="sgd: lr = nan is not finite"):
        RuleOptimizer([{"params": [torch.ones(1)], "lr": float("nan")}], rule("sgd"))


def test_a_saved_state_of_another_shape_is_refused():
    small, large = torch.ones(2, requires_grad=True), torch.ones(3, requires_grad=True)
    small.grad = torch.ones(2)
    saved = RuleOptimizer([small], rule("adagrad"))
    saved.step()
    with pytest.raises(ValueError, match=r"adagrad: state 's' has shape \(2,\), expected \(3,\)"):
        RuleOptimizer([large], rule("adagrad")).load_state_dict(saved.state_dict())


@pytest.mark.parametrize("name", ["sgd", "amsgrad", "nesterov"])
def test_the_state_of_another_rule_is_refused_before_anything_is_loaded(name):
    weights = torch.ones(2, requires_grad=True)
    weights.grad = torch.ones(2)
    saved = RuleOptimizer([weights], rule(name), lr=0.5)
    saved.step()
    ours = RuleOptimizer([weights], rule("momentum"), lr=0.25)
    message = f"momentum: the state is of rule '{name}', expected one of rule 'momentum'"
    with pytest.raises(ValueError, match=message):
        ours.load_state_dict(saved.state_dict())
    assert ours.param_groups[0]["lr"] == 0.25
    assert not ours.state


def test_the_state_of_torchs_own_optimizer_is_refused():
    theirs = torch.optim.Adam([torch.ones(2)])
    with pytest.raises(ValueError, match="adam: the state is not one that a RuleOptimizer saved"):
        RuleOptimizer([torch.ones(2)], rule("adam")).load_state_dict(theirs.state_dict())


@pytest.mark.slow
def test_a_step_does_not_wait_for_torch_s_compiler_to_be_imported():
    """It takes as long as torch itself, in every job that trains a network."""
    script = (
        "import sys, torch\n"
        "from optim.registry import rule\n"
        "from optim.torch_optimizer import RuleOptimizer\n"
        "w = torch.ones(2, requires_grad=True)\n"
        "optimizer = RuleOptimizer([w], rule('adam'))\n"
        "(w * w).sum().backward()\n"
        "optimizer.step()\n"
        "optimizer.zero_grad()\n"
        "assert w.grad is None\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)
