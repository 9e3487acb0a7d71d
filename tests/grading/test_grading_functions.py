"""The assignment's other functions: right in several styles, and every known mistake recognised."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from grading.assignment import Credit, load
from grading.check import Case, Check
from grading.checks import (
    adagrad,
    adagrad_2d,
    adagrad_step_shapes,
    grad_f1,
    grad_f1_rotated,
    grad_f2,
    init_adagrad_states,
    rmsprop_step,
)
from grading.finding import CheckResult
from grading.judge import judge
from grading.submission import freeze

CHECKS = {
    "adagrad": adagrad,
    "adagrad_2d": adagrad_2d,
    "grad_f1": grad_f1,
    "grad_f2": grad_f2,
    "grad_f1_rotated": grad_f1_rotated,
    "init_adagrad_states": init_adagrad_states,
    "rmsprop_step": rmsprop_step,
}

PLANE = """
import math
def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1, s2 = s1 + g1 ** 2, s2 + g2 ** 2
    x1 = x1 - 0.4 / math.sqrt(s1 + 1e-6) * g1
    x2 = x2 - 0.4 / math.sqrt(s2 + 1e-6) * g2
    return x1, x2, s1, s2
"""
PLANE_IN_NUMPY = """
import numpy as np
def adagrad_2d(x1, x2, s1, s2):
    x, s, h = np.array([x1, x2]), np.array([s1, s2]), np.array([0.2, 4])
    s += (h * x) * (h * x)
    x -= 0.4 * (h * x) / np.sqrt(s + 1e-6)
    return [x[0], x[1], s[0], s[1]]
"""
GRADIENT = "import numpy as np\ndef {name}(x):\n    return np.array({value})\n"
F1 = "[0.2 * x[0], 4 * x[1]]"
F2 = "[0.2 * (x[0] + x[1]) + 4 * (x[0] - x[1]), 0.2 * (x[0] + x[1]) - 4 * (x[0] - x[1])]"
ROTATED = "[2.1 * x[0] - 1.9 * x[1], -1.9 * x[0] + 2.1 * x[1]]"
TURNED = """
import numpy as np
Q = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
def grad_f1_rotated(x):
    return Q.T @ (np.array([0.2, 4]) * (Q @ x))
"""
BOOK = """
import torch
def adagrad(params, states, hyperparams):
    eps = 1e-6
    for p, s in zip(params, states):
        with torch.no_grad():
            s[:] += torch.square(p.grad)
            p[:] -= hyperparams['lr'] * p.grad / torch.sqrt(s + eps)
        p.grad.data.zero_()
"""
BY_METHODS = """
def adagrad(params, states, hyperparams):
    for p, s in zip(params, states):
        s.add_(p.grad.detach() ** 2)
        p.data.sub_(hyperparams['lr'] * p.grad * (s + 1e-6).rsqrt())
        p.grad = None
"""
STATES = """
import torch
def init_adagrad_states(feature_dim):
    return torch.zeros((feature_dim, 1)), torch.zeros(1)
"""
RMSPROP = """
import numpy as np
def rmsprop_step(x, grad, s, lr, rho, eps):
    s = rho * s + (1 - rho) * (grad**2)
    return x - lr * grad / (np.sqrt(s) + eps), s
"""

RIGHT = {
    "adagrad_2d": [PLANE, PLANE_IN_NUMPY],
    "grad_f1": [
        GRADIENT.format(name="grad_f1", value=F1),
        "import numpy as np\ngrad_f1 = lambda x: 2 * np.array([0.1, 2]) * x",
    ],
    "grad_f2": [GRADIENT.format(name="grad_f2", value=F2)],
    "grad_f1_rotated": [GRADIENT.format(name="grad_f1_rotated", value=ROTATED), TURNED],
    "adagrad": [BOOK, BY_METHODS],
    "init_adagrad_states": [STATES, STATES.replace("torch.zeros(1)", "torch.tensor([0.0])")],
    "rmsprop_step": [RMSPROP, RMSPROP.replace("(grad**2)", "grad * grad")],
}


def gradient(check: str, value: str) -> str:
    return GRADIENT.format(name=check, value=value)


WRONG = {
    ("adagrad_2d", "eps outside the root"): PLANE.replace("(s1 + 1e-6)", "(s1) + 1e-6)")
    .replace("(s2 + 1e-6)", "(s2) + 1e-6)")
    .replace("0.4 / math", "0.4 / (math"),
    ("adagrad_2d", "accumulator not squared"): PLANE_IN_NUMPY.replace("(h * x) * (h * x)", "h * x"),
    ("adagrad_2d", "update before accumulate"): PLANE.replace("s1, s2 = s1", "t1, t2 = s1").replace(
        "return x1, x2, s1, s2", "return x1, x2, t1, t2"
    ),
    ("adagrad_2d", "step uphill"): PLANE.replace("- 0.4", "+ 0.4"),
    ("adagrad_2d", "rate of another try"): PLANE.replace("0.4", "2"),
    ("adagrad_2d", "factor two missing"): PLANE.replace("0.2 * x1, 4", "0.1 * x1, 2"),
    ("adagrad_2d", "order of the values"): PLANE.replace("return x1, x2, s1", "return x1, s1, x2"),
    ("adagrad_2d", "sums not returned"): PLANE.replace(
        "    g1, g2", "    old = s1, s2; g1, g2"
    ).replace("return x1, x2, s1, s2", "return x1, x2, *old"),
    ("grad_f1", "factor two missing"): gradient("grad_f1", "[0.1 * x[0], 2 * x[1]]"),
    ("grad_f1", "sign"): gradient("grad_f1", "[-0.2 * x[0], -4 * x[1]]"),
    ("grad_f1", "coordinates swapped"): gradient("grad_f1", "[4 * x[1], 0.2 * x[0]]"),
    ("grad_f1", "gradient of f2"): gradient("grad_f1", F2),
    ("grad_f2", "half of it"): gradient("grad_f2", ROTATED),
    ("grad_f2", "inner derivative missing"): gradient("grad_f2", "[4.2 * x[0] - 3.8 * x[1]] * 2"),
    ("grad_f2", "sign"): gradient("grad_f2", F2 + ") * (-1"),
    ("grad_f2", "gradient of f1"): gradient("grad_f2", F1),
    ("grad_f1_rotated", "rotation without 1/sqrt(2)"): TURNED.replace(" / np.sqrt(2)", ""),
    ("grad_f1_rotated", "factor two missing"): TURNED.replace("[0.2, 4]", "[0.1, 2]"),
    ("grad_f1_rotated", "not rotated back"): TURNED.replace("Q.T @ ", ""),
    ("grad_f1_rotated", "rotated the other way"): TURNED.replace(
        "[[1, 1], [1, -1]]", "[[1, -1], [1, 1]]"
    ),
    ("grad_f1_rotated", "not rotated"): gradient("grad_f1_rotated", F1),
    ("init_adagrad_states", "ones"): STATES.replace("zeros", "ones"),
    ("init_adagrad_states", "flat weights"): STATES.replace("(feature_dim, 1)", "feature_dim"),
    ("adagrad", "missing reset"): BOOK.replace("p.grad.data.zero_()", "pass"),
    ("adagrad", "reset of the last only"): BOOK.replace("        p.grad.data", "    p.grad.data"),
    ("adagrad", "eps outside the root"): BOOK.replace(
        "torch.sqrt(s + eps)", "(torch.sqrt(s) + eps)"
    ),
    ("adagrad", "accumulator not squared"): BOOK.replace("torch.square(p.grad)", "p.grad"),
    ("adagrad", "update before accumulate"): BOOK.replace(
        "            s[:] += torch.square(p.grad)\n", ""
    ).replace("        p.grad.data", "        s += p.grad ** 2\n        p.grad.data"),
    ("adagrad", "state not kept"): BOOK.replace("s[:] += torch", "s = s + torch"),
    ("adagrad", "step uphill"): BOOK.replace("p[:] -=", "p[:] +="),
    ("rmsprop_step", "eps inside the root"): RMSPROP.replace(
        "(np.sqrt(s) + eps)", "np.sqrt(s + eps)"
    ),
    ("rmsprop_step", "weights swapped"): RMSPROP.replace(
        "rho * s + (1 - rho)", "(1 - rho) * s + rho"
    ),
    ("rmsprop_step", "still a sum"): RMSPROP.replace("rho * s + (1 - rho) *", "s +"),
    ("rmsprop_step", "new square not weighted"): RMSPROP.replace("(1 - rho) *", ""),
    ("rmsprop_step", "average not squared"): RMSPROP.replace(
        "(grad**2)", "abs(grad) * np.sign(grad)"
    ),
    ("rmsprop_step", "update before average"): RMSPROP.replace(
        "    s = ", "    old, s = s, "
    ).replace("np.sqrt(s)", "np.sqrt(old)"),
    ("rmsprop_step", "step uphill"): RMSPROP.replace("x - lr", "x + lr"),
    ("rmsprop_step", "average not returned"): RMSPROP.replace(
        "    s = ", "    old, s = s, "
    ).replace("eps), s", "eps), old"),
}


@pytest.fixture
def found(tmp_path: Path) -> Callable[[str, str], CheckResult]:
    """Judge one check on code, in the real jail, without partial credit."""

    def run(check: str, code: str) -> CheckResult:
        (tmp_path / "submission.py").write_text(code)
        assignment = load("adagrad")
        (graded,) = [one for one in assignment.checks if one.id == check]
        alone = dataclasses.replace(graded, needs=(), credit=Credit(), seconds=30)
        submission = freeze(tmp_path / "submission.py", tmp_path / "frozen")
        (result,) = judge(submission, dataclasses.replace(assignment, checks=(alone,)))
        return result

    return run


@pytest.mark.parametrize(
    ("check", "code"), [(name, code) for name, codes in RIGHT.items() for code in codes]
)
@pytest.mark.slow
def test_every_right_way_to_write_it_earns_full_marks(found, check, code):
    result = found(check, code)
    assert (result.cause, result.status, result.score) == ("", "passed", result.check.points)


@pytest.mark.parametrize(("check", "name"), WRONG)
@pytest.mark.slow
def test_each_known_mistake_earns_nothing_and_gets_its_own_explanation(found, check, name):
    result = found(check, WRONG[check, name])
    (mistake,) = [m for m in CHECKS[check].CHECK.mistakes if m.name == name]
    assert (result.score, result.explanation) == (0, mistake.explanation), result.cause


def test_every_mistake_that_can_be_explained_is_tested():
    named = {(name, m.name) for name, module in CHECKS.items() for m in module.CHECK.mistakes}
    assert named == set(WRONG)


@pytest.mark.parametrize(
    ("check", "code", "cause"),
    [
        (
            "adagrad_2d",
            PLANE.replace("x1, x2, s1, s2\n", "[x1], x2, s1, s2\n"),
            "its x1 is a list, expected a number",
        ),
        ("adagrad_2d", PLANE.replace(" + 1e-6", ""), "ZeroDivisionError"),
        ("adagrad_2d", "def adagrad_2d(*a): return 10**400, 0, 0, 0", "OverflowError"),
        ("adagrad_2d", "def adagrad_2d(*a): return float('nan'), 0, 0, 0", "returned x1 = nan"),
        ("adagrad_2d", "def adagrad_2d(*a): return 1j, 0, 0, 0", "its x1 is a complex"),
        (
            "init_adagrad_states",
            STATES.replace("1))", "1)).double()"),
            "dtype float64, expected float32",
        ),
        (
            "init_adagrad_states",
            STATES.replace("1))", "1)).numpy()"),
            "its s_w is a ndarray, expected a torch tensor",
        ),
        ("init_adagrad_states", STATES.replace("1))", "1)).to_sparse()"), "raised"),
        ("adagrad", "def other(): pass", "defines no function adagrad"),
        ("adagrad", BOOK.replace("with torch.no_grad():", "if True:"), "RuntimeError"),
        ("grad_f1", gradient("grad_f1", "[0, 4]"), "has dtype int64, expected float64"),
        (
            "grad_f1",
            gradient("grad_f1", "0.1 * x[0] ** 2 + 2 * x[1] ** 2"),
            "has shape (), expected (2,)",
        ),
    ],
)
@pytest.mark.slow
def test_each_answer_of_another_kind_names_its_cause(found, check, code, cause):
    result = found(check, code)
    assert result.score == 0
    assert cause in result.cause


def test_a_step_that_only_knows_vectors_fails_on_other_shapes(found):
    loop = """
import math, numpy as np
def adagrad_step(x, grad, s, lr, eps):
    s = np.array([a + g * g for a, g in zip(s, grad)], dtype=float)
    return np.array([w - lr * g / (math.sqrt(a) + eps) for w, g, a in zip(x, grad, s)]), s
"""
    assert found("adagrad_step", loop).score == 1
    assert found("adagrad_step_shapes", loop).score == 0


def test_the_references_agree_with_arithmetic_by_hand():
    plane = adagrad_2d.CHECK.expected(Case({"x1": 5.0, "x2": -1.0, "s1": 3.0, "s2": 9.0}))
    # Gradients 1 and -4, sums 4 and 25. The hand's numbers are rounded as often as the step's.
    by_hand = [5 - 0.4 / math.sqrt(4.000001), -1 + 1.6 / math.sqrt(25.000001), 4, 25]
    np.testing.assert_allclose(plane, by_hand, rtol=8 * 2.3e-16)
    names = ("w", "grad_w", "s_w", "b", "grad_b", "s_b")
    values = ([[1.0]], [[2.0]], [[5.0]], [3.0], [-3.0], [7.0])
    arrays = {n: np.array(v, np.float32) for n, v in zip(names, values, strict=True)}
    left = adagrad.CHECK.expected(Case({**arrays, "lr": 0.5}))
    # Sums 9 and 16: 1 - 0.5 * 2 / 3 and 3 + 0.5 * 3 / 4; eps moves them by less than 1e-7.
    flat = [float(value.ravel()[0]) for value in left]
    np.testing.assert_allclose(flat, [2 / 3, 9, 0, 3.375, 16, 0], atol=3e-7)


@pytest.mark.slow
def test_the_rmsprop_reference_agrees_with_torch():
    check, rng = rmsprop_step.CHECK, np.random.default_rng(1)
    for case in check.draw_cases(rng):
        x, grad, s, lr, rho, eps = case.arguments.values()
        weight = torch.tensor(x, requires_grad=True)
        optimizer = torch.optim.RMSprop([weight], lr=lr, alpha=rho, eps=eps)
        weight.grad = torch.tensor(grad)
        zeros = torch.zeros_like(weight)
        optimizer.state[weight] = {"step": torch.tensor(0.0), "square_avg": zeros + torch.tensor(s)}
        optimizer.step()
        right = check.expected(case)
        within = check.allowed_error(case, right)
        assert np.all(np.abs(weight.detach().numpy() - right[0]) <= within[0])


@pytest.mark.parametrize(
    ("check", "function"),
    [
        (grad_f1.CHECK, lambda a, b: 0.1 * a**2 + 2 * b**2),
        (grad_f2.CHECK, lambda a, b: 0.1 * (a + b) ** 2 + 2 * (a - b) ** 2),
        (
            grad_f1_rotated.CHECK,
            lambda a, b: 0.1 * ((a + b) / 2**0.5) ** 2 + 2 * ((a - b) / 2**0.5) ** 2,
        ),
    ],
)
def test_the_gradients_are_slopes_of_the_functions(check: Check, function):
    for a, b in [(3.0, 1.0), (-2.0, 0.5)]:
        (gradient_there,) = check.expected(Case({"x": np.array([a, b])}))
        slopes = [
            (function(a + 1, b) - function(a - 1, b)) / 2,
            (function(a, b + 1) - function(a, b - 1)) / 2,
        ]
        # Symmetric differences of a quadratic are exact but for some ten roundings.
        np.testing.assert_allclose(gradient_there, slopes, rtol=1e-13)


@pytest.mark.parametrize(
    "check", [*(module.CHECK for module in CHECKS.values()), adagrad_step_shapes.CHECK]
)
def test_every_case_that_can_be_asked_has_a_finite_answer(check: Check):
    drawn = [case for seed in range(10) for case in check.draw_cases(np.random.default_rng(seed))]
    smaller = [small for case in drawn for small in check.smaller_cases(case)]
    for case in (*check.simple_cases, *drawn, *smaller):
        assert all(np.all(np.isfinite(value)) for value in check.expected(case))
