"""Right, wrong and missing answers: each is scored and told what it is, in the real jail."""

from __future__ import annotations

import numpy as np
import pytest

from grading.assignment import load
from grading.check import Case
from grading.checks.adagrad_step import CHECK, MISTAKES
from grading.judge import seed_of

STEP = """
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    s = s + grad**2
    return {x}, {s}
"""
RIGHT = "x - lr * grad / (np.sqrt(s) + eps)"

IN_PYTHON = """
import math, numpy as np
def adagrad_step(x, grad, s, lr, eps):
    total = [a + g * g for a, g in zip(s, grad)]
    moved = [w - lr * g / (math.sqrt(a) + eps) for w, g, a in zip(x, grad, total)]
    return [np.array(moved), np.array(total)]
"""


def step(x: str = RIGHT, s: str = "s") -> str:
    return STEP.format(x=x, s=s)


@pytest.mark.parametrize(
    "code",
    [
        step(),
        step(x="x - (lr / (eps + np.sqrt(s))) * grad"),
        step().replace("s = s + grad**2", "s += grad * grad"),
        IN_PYTHON,
    ],
    ids=["as written", "other order of operations", "in place", "pure Python"],
)
@pytest.mark.slow
def test_every_right_way_to_write_it_earns_full_marks(judged, code):
    result = judged(code)
    assert (result.status, result.score, result.cause) == ("passed", 10, "")


def test_the_reference_agrees_with_arithmetic_by_hand():
    case = Case(
        {
            "x": np.array([3.0, 1.0]),
            "grad": np.array([4.0, -6.0]),
            "s": np.array([9.0, 28.0]),
            "lr": 0.5,
            "eps": 1.0,
        }
    )
    x, s = CHECK.expected(case)
    # s = 9 + 16 = 25 and 28 + 36 = 64; x = 3 - 0.5 * 4 / (5 + 1) and 1 + 0.5 * 6 / (8 + 1).
    # One unit in the last place: the hand's 1/3 is rounded once, the step three times.
    np.testing.assert_allclose(x, [3 - 1 / 3, 1 + 1 / 3], rtol=2.3e-16 * 4)
    np.testing.assert_array_equal(s, [25, 64])


WRONG = {
    "eps inside the root": step(x="x - lr * grad / np.sqrt(s + eps)"),
    "eps missing": step(x="x - lr * grad / np.sqrt(s)"),
    "accumulator not squared": step().replace("grad**2", "grad"),
    "accumulator of absolute values": step().replace("grad**2", "abs(grad)"),
    "update before accumulate": "import numpy as np\n"
    "def adagrad_step(x, grad, s, lr, eps):\n"
    "    return x - lr * grad / (np.sqrt(s) + eps), s + grad**2\n",
    "root missing": step(x="x - lr * grad / (s + eps)"),
    "step uphill": step(x="x + lr * grad / (np.sqrt(s) + eps)"),
    "accumulator not returned": step(s="old").replace("s = s +", "old, s = s, s +"),
    "accumulator replaced": step().replace("s = s + grad**2", "s = grad**2"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.slow
def test_each_known_mistake_earns_nothing_and_gets_its_own_explanation(judged, name):
    result = judged(WRONG[name])
    (mistake,) = [mistake for mistake in MISTAKES if mistake.name == name]
    assert (result.score, result.explanation) == (0, mistake.explanation)


def test_every_mistake_that_can_be_explained_is_tested():
    assert {mistake.name for mistake in MISTAKES} == set(WRONG)


def test_a_mistake_shows_in_a_case_that_can_be_checked_by_hand(judged):
    assert judged(WRONG["eps inside the root"]).cause == (
        "For x = [1], grad = [1], s = [0], lr = 1, eps = 1 your adagrad_step returned "
        "x = [0.2928932188], s = [1]; expected x = [0.5], s = [1]."
    )


def test_a_missing_eps_is_shown_as_the_nan_it_gives_at_a_zero_gradient(judged):
    cause = judged(WRONG["eps missing"]).cause
    assert "x = [0], grad = [0], s = [0]" in cause
    assert "returned x = [nan]" in cause


def test_an_unknown_mistake_in_drawn_inputs_is_shrunk_to_one_coordinate(judged):
    result = judged(step(x=f"np.where(x < -1, 7.0, {RIGHT})"))
    assert result.explanation == ""
    assert result.cause.startswith("For x = [-")
    # The smallest candidate: one coordinate, whole numbers, lr = eps = 1.
    shown = result.cause.split(" your ")[0]
    assert "," not in shown.split("]")[0]
    assert shown.endswith("lr = 1, eps = 1")
    assert "returned x = [7]" in result.cause


def test_an_error_in_drawn_inputs_is_shrunk_too(judged):
    cause = judged(step(x=f"{RIGHT} if abs(x[0]) < 5 else [][1]")).cause
    shown, told = cause.split(": it raised ")
    assert "IndexError" in told
    assert "," not in shown.split("]")[0]
    assert shown.endswith("lr = 1, eps = 1")


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("def adagrad_step(x, grad, s, lr, eps)\n  pass", "SyntaxError"),
        ("raise RuntimeError('at import')", "RuntimeError: at import (line 1"),
        ("import sys\nsys.exit(0)", "SystemExit"),
        ("def adagrad(x): return x", "defines no function adagrad_step"),
        ("adagrad_step = 3", "defines no function adagrad_step"),
        (step().replace("grad**2", "1 / int(0 * lr)"), "ZeroDivisionError"),
        (step().replace("s = s +", "s = s[99] +"), "IndexError"),
        ("def adagrad_step(x, grad): return x", "TypeError"),
        (
            "def adagrad_step(*a): pass",
            "it returned None, as without a return, expected 2 values (x, s)",
        ),
        ("def adagrad_step(*a): return 1", "it returned one value, expected 2 values (x, s)"),
        (step().replace("return ", "return lr, "), "it returned 3 values"),
        (step(x="list(x)"), "its x is a list, expected a NumPy array of float64"),
        (step(x="x.astype(object)"), "its x is an array of dtype object"),
        (step(x="x.astype(complex)"), "its x is an array of dtype complex128"),
        (step(x="x.astype('f4')"), "x has dtype float32, expected float64"),
        (step(x="x[None]"), "x has shape (1, 1), expected (1,)"),
        (step(s="s[:0]"), "s has shape (0,), expected (1,)"),
        (step(x="x * np.nan"), "returned x = [nan]"),
        (step(s="s + np.inf"), "s = [inf]"),
        (b"\xff\xfe\x00def", "could not be imported"),
        (b"x = '\x00'", "could not be imported"),
    ],
)
@pytest.mark.slow
def test_each_answer_that_is_none_earns_nothing_and_names_its_cause(judged, code, cause):
    result = judged(code)
    assert result.score == 0
    assert cause in result.cause


def test_a_raised_error_names_the_students_own_line(judged):
    assert "line 4 of submission.py" in judged("\n\ndef adagrad_step(*a):\n    return a[9]").cause


def test_a_function_that_remembers_earlier_calls_is_told_so(judged):
    code = (
        step()
        + "\nright, calls = adagrad_step, []\n"
        + (
            "def adagrad_step(*a):\n"
            "    calls.append(a)\n"
            "    x, s = right(*a)\n"
            "    return (x, s) if len(calls) < 57 else (x + 1, s)\n"
        )
    )
    assert "keeps something between calls" in judged(code).explanation


@pytest.mark.slow
def test_a_submission_that_also_trains_with_torch_is_graded_within_the_limits(judged):
    training = """
import torch
w = torch.zeros(5, 1, requires_grad=True)
((torch.ones(9, 5) @ w - 1) ** 2).mean().backward()
"""
    result = judged(training + step())
    assert (result.score, result.printed) == (10, "")


def test_an_array_subclass_with_the_right_values_is_just_its_values(judged):
    code = (
        "import numpy as np\n"
        "class Liar(np.ndarray):\n"
        "    def __eq__(self, other): return np.ones(self.shape, bool)\n"
        "    def tobytes(self): raise RuntimeError\n" + step().replace("import numpy as np", "")
    )
    assert judged(code.replace("return x - ", "return x.view(Liar) - ")).score == 10
    assert judged(code.replace("return x - ", "return 9 + x.view(Liar) - ")).score == 0


def test_drawn_inputs_cover_fresh_coordinates_and_large_eps():
    assignment = load("adagrad")
    seed = seed_of(assignment, assignment.checks[0], "")
    drawn = [case.arguments for case in CHECK.draw_cases(np.random.default_rng(seed))]
    assert any(np.any((case["grad"] == 0) & (case["s"] == 0)) for case in drawn)
    assert any(np.any(case["grad"] < 0) for case in drawn)
    assert {len(case["x"]) for case in drawn} >= {1, 2, 3}
    assert max(case["eps"] for case in drawn) == 0.1
