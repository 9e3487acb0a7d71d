"""Hidden twins: answers read off a table earn what is visible, which is little, and no more."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from grading import feedback, results
from grading.allowance import Allowance
from grading.assignment import Assignment, load
from grading.bench import Bench
from grading.check import Case, Check, ReportedCheck
from grading.finding import CheckResult
from grading.judge import cases_asked, judge, seed_of
from grading.submission import Submission, freeze

ASSIGNMENT = load("adagrad")
BY_ID = {check.id: check for check in ASSIGNMENT.checks}
SALT = "a secret of the class, not short"

LOOK_UP = """
import json
import numpy as np

TABLE = json.loads({table!r})


def key(arguments):
    return " ".join(np.asarray(each, float).tobytes().hex() for each in arguments)


def looked_up(name):
    def answer(*arguments):
        found = TABLE[name][key(arguments)]
        if name == "adagrad_2d":
            return tuple(found)
        values = tuple(np.array(each, float) for each in found)
        return values if len(values) > 1 else values[0]

    return answer


"""


def key(arguments: tuple[object, ...]) -> str:
    return " ".join(np.asarray(each, float).tobytes().hex() for each in arguments)


def answers_of(check: Check, cases: tuple[Case, ...]) -> dict[str, list[object]]:
    """The right answers, by what the function is called with."""
    return {
        key(tuple(case.arguments.values())): [value.tolist() for value in check.expected(case)]
        for case in cases
    }


def descents(reported: ReportedCheck) -> dict[str, dict[str, list[object]]]:
    """What step and gradient answer on the way to the numbers that are to be reported."""
    table: dict[str, dict[str, list[object]]] = {}
    for number in reported.numbers:
        x, lr, eps, steps = number.case.arguments.values()
        slope = BY_ID[number.check.gradient].check
        step = BY_ID["adagrad_step"].check
        s = 0 * x
        for _ in range(steps):
            at = Case({"x": x})
            (grad,) = slope.expected(at)
            table.setdefault(slope.function, {}).update(answers_of(slope, (at,)))
            case = Case({"x": x, "grad": grad, "s": s, "lr": lr, "eps": eps})
            table.setdefault(step.function, {}).update(answers_of(step, (case,)))
            x, s = step.expected(case)
    return table


def table_of_answers(folder: Path) -> Path:
    """A submission that knows all that can be known of the visible checks, and no mathematics."""
    table = descents(BY_ID["reported_numbers"].check)
    for graded in ASSIGNMENT.visible().checks:
        if isinstance(graded.check, Check) and graded.check.kind != "tensor":
            simple, drawn = cases_asked(graded.check, seed_of(ASSIGNMENT, graded, ""))
            known = answers_of(graded.check, (*simple, *drawn))
            table.setdefault(graded.check.function, {}).update(known)
    functions = "".join(f"{name} = looked_up({name!r})\n" for name in table)
    folder.mkdir()
    (folder / "submission.py").write_text(LOOK_UP.format(table=json.dumps(table)) + functions)
    reported = BY_ID["reported_numbers"].check
    numbers = [
        (each.name, each.number(each.check.expected(each.case))) for each in reported.numbers
    ]
    claims = "".join(f"  - {{id: {name}, value: {value!r}}}\n" for name, value in numbers)
    (folder / "claims.yaml").write_text("claims:\n" + claims)
    return folder


def judged(source: Path, assignment: Assignment, salt: str = "") -> dict[str, CheckResult]:
    frozen = freeze(source, source.with_name(f"{source.name} frozen"))
    return {result.check.id: result for result in judge(frozen, assignment, salt)}


def without_tensors() -> Assignment:
    """The assignment but for what needs torch, whose import takes seconds."""
    kept = [c for c in ASSIGNMENT.checks if getattr(c.check, "kind", "") != "tensor"]
    return dataclasses.replace(ASSIGNMENT, checks=tuple(kept))


@pytest.mark.parametrize("salt", ["", SALT])
def test_a_table_of_all_visible_answers_earns_8_of_100_points_and_shows_nothing_hidden(
    tmp_path, salt
):
    assignment = without_tensors()
    found = judged(table_of_answers(tmp_path / "an"), assignment, salt)
    earned = {name: result.score for name, result in found.items() if result.score}
    assert earned == dict.fromkeys(
        (
            *("adagrad_step", "adagrad_2d", "grad_f1", "grad_f2", "grad_f1_rotated"),
            *("reported_numbers", "gerschgorin_discs", "rmsprop_step"),
        ),
        1,
    )
    hidden = [result for result in found.values() if result.check.twin_of]
    assert all("raised KeyError" in each.cause for each in hidden if each.status == "failed")
    assert sum(each.status == "failed" for each in hidden) == 7
    submission = Submission("an", tmp_path, sha256="")
    told = results.graded(submission, assignment, list(found.values()), salt)
    page = feedback.page(submission, assignment, list(found.values()))
    assert [test["output"] for test in told["tests"] if test["visibility"] == "hidden"] == [""] * 9
    assert "KeyError" not in page + json.dumps(told)


def test_the_sample_attack_knows_the_visible_inputs_of_its_function(tmp_path):
    """Else it would earn nothing for another reason: the seed changed, make the table anew."""
    sample = Path(__file__).parent / "attacks" / "table_of_answers.py"
    (tmp_path / "an.py").write_bytes(sample.read_bytes())
    both = tuple(check for check in ASSIGNMENT.checks if check.id.startswith("grad_f1"))[::2]
    found = judged(tmp_path / "an.py", dataclasses.replace(ASSIGNMENT, checks=both))
    assert {name: result.status for name, result in found.items()} == {
        "grad_f1": "passed",
        "grad_f1_hidden": "failed",
    }


def test_every_visible_question_about_a_function_has_a_hidden_twin_with_most_of_its_points():
    asked = [c for c in ASSIGNMENT.checks if isinstance(c.check, Check | ReportedCheck)]
    visible = [check for check in asked if check.visibility == "visible"]
    assert len(visible) == 10
    assert [check.points for check in visible] == [1] * 10
    for check in visible:
        (twin,) = [one for one in asked if one.twin_of == check.id]
        assert (twin.visibility, check.id in twin.needs) == ("hidden", True)
        assert twin.points == check.points_of_twins > check.points
        assert set(twin.credit.mistakes) == set(check.credit.mistakes)
        for mistake, points in check.credit.mistakes.items():
            assert points + twin.credit.mistakes[mistake] in (2, 4, 5, 6)  # of both together


def test_a_twin_asks_what_its_first_asks_within_the_same_limits_on_other_inputs():
    first, twin = BY_ID["grad_f1"], BY_ID["grad_f1_hidden"]
    assert (twin.check, twin.text) == (first.check, first.text)
    assert (twin.seconds, twin.memory_mb) == (first.seconds, first.memory_mb)
    assert twin.title == f"{first.title}, on other inputs"
    one, other = (
        {key(tuple(case.arguments.values())) for case in cases_asked(first.check, seed)[1]}
        for seed in (seed_of(ASSIGNMENT, first, "a"), seed_of(ASSIGNMENT, twin, "a"))
    )
    assert len(one) == len(other) == 16
    assert one & other == set()


def test_without_a_salt_what_is_handed_in_decides_the_hidden_inputs_and_no_visible_ones(tmp_path):
    code = "import numpy as np\ndef grad_f1(x):\n    return np.array([0.2 * x[0], 4 * x[1]])\n"
    both = tuple(BY_ID[name] for name in ("grad_f1", "grad_f1_hidden"))
    assignment = dataclasses.replace(ASSIGNMENT, checks=both)
    seeds = {}
    for name, text in (("an", code), ("bo", code), ("chi", code + "# a comment\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "submission.py").write_text(text)
        found = judged(tmp_path / name, assignment)
        assert {result.status for result in found.values()} == {"passed"}
        seeds[name] = [result.seed for result in found.values()]
    assert seeds["an"] == seeds["bo"]
    assert seeds["an"][0] == seeds["chi"][0]
    assert seeds["an"][1] != seeds["chi"][1]


def test_a_number_counts_only_where_its_gradient_holds_on_hidden_inputs_too(tmp_path):
    """A gradient read off a table, along which an honest step reaches the right numbers."""
    source = table_of_answers(tmp_path / "an")
    step = "\ndef adagrad_step(x, grad, s, lr, eps):\n    s = s + grad**2\n"
    with (source / "submission.py").open("a") as file:
        file.write(step + "    return x - lr * grad / (np.sqrt(s) + eps), s\n")
    found = judged(source, without_tensors())
    assert found["adagrad_step_hidden"].score == 9
    assert (found["reported_numbers"].score, found["reported_numbers_hidden"].score) == (1, 0)
    assert "counts only where grad_f1 earns points" in found["reported_numbers_hidden"].cause


def test_what_was_asked_before_is_not_run_again(frozen):
    graded = BY_ID["reported_numbers"]
    (number, other, _) = graded.check.numbers
    with Bench(frozen("import numpy as np\n"), Allowance(30)) as bench:
        first = bench.run_once(graded, number.check, (number.case,))
        assert bench.run_once(graded, number.check, (number.case,)) is first
        assert bench.run_once(graded, other.check, (other.case,)) is not first


@pytest.mark.parametrize("graded", [c for c in ASSIGNMENT.checks if isinstance(c.check, Check)])
@pytest.mark.slow
def test_no_known_mistake_is_right_by_luck_whatever_the_inputs(graded):
    """Inputs that differ from student to student must part right from wrong for each of them."""
    check = graded.check
    for seed in range(20):
        cases = [case for group in cases_asked(check, seed) for case in group]
        for mistake in check.mistakes:
            with np.errstate(all="ignore"):
                assert any(differ(check, mistake.computes(case), case) for case in cases)


def differ(check: Check, values: tuple[np.ndarray, ...], case: Case) -> bool:
    right = check.expected(case)
    if any(a.shape != b.shape for a, b in zip(values, right, strict=True)):
        return True
    allowed = check.allowed_error(case, right)
    return not all(
        np.all(np.abs(a - b) <= c) for a, b, c in zip(values, right, allowed, strict=True)
    )
