"""A submission's time: its own and nobody else's, in each check and over all of them."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading import written
from grading.allowance import Allowance, NotRun
from grading.assignment import Assignment, GradedCheck, load
from grading.finding import CheckResult
from grading.jail import Jail
from grading.judge import judge
from grading.submission import freeze
from grading.translation import language
from grading.usage import FIRST_SECONDS, Look, OwnTime, look_at

ENDLESS = "\n    while True: pass"
RIGHT = """
import numpy as np
def grad_f1(x):{first}
    return np.array([0.2 * x[0], 4 * x[1]])
def grad_f2(x):{second}
    a, b = x[0] + x[1], x[0] - x[1]
    return np.array([0.2 * a + 4 * b, 0.2 * a - 4 * b])
def adagrad_step(x, grad, s, lr, eps):{step}
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
"""


def code(first: str = "", second: str = "", step: str = "") -> str:
    return RIGHT.format(first=first, second=second, step=step)


def checks(**seconds: int) -> tuple[GradedCheck, ...]:
    """Checks of the shipped assignment by name, in the order given, with these limits."""
    shipped = {check.id: check for check in load("adagrad").checks}
    return tuple(
        dataclasses.replace(shipped[name], seconds=limit, needs=())
        for name, limit in seconds.items()
    )


def judged(
    tmp_path: Path, text: str, asked: tuple[GradedCheck, ...], whole: int = 60, claims: str = ""
) -> list[CheckResult]:
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "submission.py").write_text(text)
    if claims:
        (folder / "claims.yaml").write_text(claims)
    assignment = dataclasses.replace(load("adagrad"), checks=asked, seconds=whole)
    return list(judge(freeze(folder, tmp_path / "frozen"), assignment))


class Machine:
    """A clock and a tree of processes that do as they are told."""

    def __init__(self) -> None:
        self.now, self.computed, self.wants_a_core = 0.0, 0.0, False

    def own_time(self) -> OwnTime:
        return OwnTime(1, look=lambda _: Look(self.computed, self.wants_a_core), clock=self.clock)

    def clock(self) -> float:
        return self.now

    def go_on(self, seconds: float, cores: float, wants_a_core: bool) -> None:
        self.now += seconds
        self.computed += seconds * cores
        self.wants_a_core = wants_a_core


@pytest.mark.parametrize(
    ("cores", "wants_a_core", "used"),
    [
        (1.0, True, 10.0),  # it computes
        (0.3, True, 3.0),  # it would, and others have the core for seven seconds of ten
        (0.0, False, 10.0),  # it sleeps
        (2.0, True, 20.0),  # two processes of it compute
        (0.5, False, 10.0),  # it computes and sleeps in turn
    ],
)
def test_own_time_is_what_is_computed_and_slept_and_not_what_others_take(cores, wants_a_core, used):
    machine = Machine()
    own_time = machine.own_time()
    machine.go_on(FIRST_SECONDS, cores, wants_a_core)
    own_time.update()
    for _ in range(100):
        machine.go_on(0.1, cores, wants_a_core)
        own_time.update()
    # The first look has nothing to compare with, so that time counts as it went by.
    assert own_time.stop() == pytest.approx(FIRST_SECONDS + used)


def test_without_sight_of_the_processes_all_time_is_its_own():
    machine = Machine()
    own_time = OwnTime(1, look=lambda _: None, clock=machine.clock)
    for _ in range(20):
        machine.go_on(0.5, 0, True)
        own_time.update()
    assert own_time.stop() == pytest.approx(10)


def test_what_is_over_at_once_is_never_looked_at():
    machine = Machine()
    own_time = OwnTime(1, look=lambda _: pytest.fail("looked"), clock=machine.clock)
    machine.go_on(0.9 * FIRST_SECONDS, 1, True)
    assert own_time.stop() == pytest.approx(0.9 * FIRST_SECONDS)


@contextlib.contextmanager
def running(program: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        process.stdout.readline()
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def test_a_look_sees_who_sleeps_and_who_computes_below_a_process():
    asleep = "import time; print(flush=True); time.sleep(60)"
    # The child computes in a thread while its first thread waits, as the parent does.
    busy = (
        "import os, threading\n"
        "def compute():\n"
        "    print(flush=True)\n"
        "    while True: pass\n"
        "if os.fork() == 0:\n"
        "    thread = threading.Thread(target=compute); thread.start(); thread.join()\n"
        "os.wait()"
    )
    with running(asleep) as sleeper:
        time.sleep(0.05)
        assert not look_at(sleeper.pid).wants_a_core
    with running(busy) as parent:
        before = look_at(parent.pid)
        time.sleep(0.2)
        after = look_at(parent.pid)
        assert before.wants_a_core
        assert after.wants_a_core
        assert 0 < after.processor_seconds - before.processor_seconds < 2


def test_time_of_children_that_have_ended_still_counts():
    program = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    while time.process_time() < 0.1: pass\n"
        "    os._exit(0)\n"
        "os.wait(); print(flush=True); time.sleep(60)"
    )
    with running(program) as parent:
        # Two ticks of a hundredth of a second may be lost in rounding.
        assert look_at(parent.pid).processor_seconds >= 0.08


def test_a_process_that_is_not_there_shows_nothing():
    assert look_at(0) is None


@pytest.fixture
def one_busy_core() -> Iterator[None]:
    """This process and all that it starts share one core with three others that never rest."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    hogs = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(3)]
    yield
    for hog in hogs:
        hog.kill()
        hog.wait()
    os.sched_setaffinity(0, before)


@pytest.mark.usefixtures("one_busy_core")
@pytest.mark.slow
def test_a_busy_machine_costs_a_slow_right_answer_nothing(tmp_path):
    slow = "\n    import time\n    while time.process_time() < 0.5: pass"
    started = time.monotonic()
    (result,) = judged(tmp_path, code(first=slow), checks(grad_f1=1))
    assert time.monotonic() - started > 1  # longer than its seconds, by the clock on the wall
    assert (result.status, result.cause) == ("passed", "")


@pytest.mark.slow
def test_libraries_that_take_long_to_import_cost_an_honest_submission_nothing(tmp_path):
    """Together they take more than a second of a core, which is what the check has."""
    libraries = (
        "import pandas as pd\nimport scipy.stats\nfrom sklearn.linear_model import SGDClassifier\n"
    )
    (result,) = judged(tmp_path, libraries + code(), checks(grad_f1=1))
    assert result.status == "passed", result.cause


@pytest.mark.slow
def test_an_import_that_never_ends_is_waited_for_once(tmp_path):
    found = judged(tmp_path, "while True: pass", checks(grad_f1=1, grad_f2=1, adagrad_step=1))
    assert [result.status for result in found] == ["failed", "not run", "not run"]
    assert found[0].cause == "The file was still being imported at the time limit of 1 s."
    assert found[2].cause == (
        'Not run: the file was still being imported after the 1 s of "The gradient of f1 (section '
        '3.8, exercise 2)", and is not imported again.'
    )


def test_a_file_that_cannot_be_imported_is_imported_once_for_each_size_of_memory(
    tmp_path, monkeypatch
):
    runs = []
    run = Jail.run
    monkeypatch.setattr(Jail, "run", lambda *given: runs.append(given) or run(*given))
    asked = checks(grad_f1=20, grad_f2=20, init_adagrad_states=20, adagrad=20)
    assert [check.memory_mb for check in asked] == [1024, 1024, 2048, 2048]
    found = judged(tmp_path, "import os\nos._exit(0)", asked)
    assert len(runs) == 2
    assert {result.status for result in found} == {"failed"}
    assert all("the program ended before it answered" in result.cause for result in found)


@pytest.mark.slow
def test_a_function_that_ran_out_of_time_is_not_called_again_and_others_are(tmp_path):
    asked = checks(grad_f1=1, adagrad_step=1, grad_f2=1, reported_numbers=1)
    names = ("f1_after_20_steps", "f2_after_20_steps")
    claims = "claims:\n" + "".join(f"  - {{id: {name}, value: 1}}\n" for name in names)
    first, step, second, numbers = judged(tmp_path, code(first=ENDLESS), asked, claims=claims)
    assert "still running at the time limit of 1 s" in first.cause
    assert (step.score, second.score) == (1, 1)
    assert "it counts only where grad_f1 earns points" in numbers.cause
    # The other number is compared with what the student's own code gives.
    assert "You report f2_after_20_steps = 1; where your own code ends, it is" in numbers.cause


@pytest.mark.slow
def test_when_all_time_is_used_up_nothing_more_is_run(tmp_path):
    asked = checks(grad_f1=1, grad_f2=1, adagrad_step=1)
    found = judged(tmp_path, code(first=ENDLESS, second=ENDLESS), asked, whole=2)
    assert [result.status for result in found] == ["failed", "failed", "not run"]
    assert found[2].cause == (
        'Not run: your submission had used up its 2 s, most of it in "The gradient of f1 (section '
        '3.8, exercise 2)" and in "The gradient of f2 (section 3.8, exercise 2)".'
    )


@pytest.mark.slow
def test_what_ends_with_the_whole_time_is_told_so(tmp_path):
    asked = checks(grad_f1=5)
    (result,) = judged(tmp_path, code(first=ENDLESS), asked, whole=1)
    assert "when the time of your whole submission was used up" in result.cause


def test_a_hidden_check_takes_no_time_of_those_that_are_shown(tmp_path):
    first, second = checks(grad_f1=1, grad_f2=1)
    hidden = dataclasses.replace(first, visibility="hidden")
    found = judged(tmp_path, code(first=ENDLESS), (hidden, second), whole=1)
    assert [result.check.id for result in found] == ["grad_f1", "grad_f2"]
    assert [result.score for result in found] == [0, 1]


@pytest.mark.slow
def test_time_is_counted_behind_a_forged_end_too(tmp_path):
    forging = """
    import os, struct
    text = b'{"outcome": "ended", "arrays": []}'
    for descriptor in range(3, 32):
        try: os.write(descriptor, struct.pack(">I", len(text)) + text)
        except OSError: pass
    while True: pass"""
    asked = checks(grad_f1=1, grad_f2=1, adagrad_step=1)
    first, second, third = judged(tmp_path, code(first=forging), asked)
    assert (first.score, second.status, third.score) == (0, "not run", 1)
    assert "the 1 s of this check were used up by the calls before" in second.cause


def test_the_checking_of_proofs_counts_too(tmp_path, monkeypatch):
    answer = """print('{"cause": "", "steps": 9, "seconds": 30}')"""
    monkeypatch.setattr(written, "COMMAND", ("-c", answer))
    folder = tmp_path / "handed in" / "proofs"
    folder.mkdir(parents=True)
    asked = checks(proof_of_orthogonal_invariance=20, proof_of_gerschgorin=20)
    for check in asked:
        (folder / check.check.file).write_text("anything")
    assignment: Assignment = dataclasses.replace(load("adagrad"), checks=asked, seconds=30)
    first, second = judge(freeze(folder.parent, tmp_path / "frozen"), assignment)
    assert first.status == "passed"
    assert second.cause.startswith("Not run: your submission had used up its 30 s, most of it in")


def test_a_check_has_its_time_for_all_that_it_runs():
    (asked,) = checks(grad_f1=10)
    allowance = Allowance(60)
    allowance.charge(asked, 4)
    assert allowance.left(asked) == 6
    allowance.charge(asked, 6)
    with pytest.raises(NotRun, match="the 10 s of this check were used up"):
        allowance.left(asked)


def test_functions_that_ran_out_together_are_not_called_together():
    step, first, both = checks(adagrad_step=10, grad_f1=10, reported_numbers=10)
    allowance = Allowance(60)
    together = ("adagrad_step", "grad_f1")
    allowance.ran_out(both, together, 10)
    assert allowance.left(step, ("adagrad_step",)) == 10
    assert allowance.left(first, ("grad_f1",)) == 10
    again = dataclasses.replace(both, id="again")
    with pytest.raises(NotRun, match="a call of adagrad_step with grad_f1 had not ended after"):
        allowance.left(again, together)


def test_a_check_that_allows_longer_calls_the_function_again():
    short, long = checks(adagrad_step=10, adagrad_step_shapes=11)
    allowance = Allowance(60)
    allowance.ran_out(short, ("adagrad_step",), 10)
    assert allowance.left(long, ("adagrad_step",)) == 11


def test_nothing_is_concluded_from_a_call_that_had_only_a_part_of_the_time():
    one, other = checks(adagrad_step=10, adagrad_step_shapes=10)
    allowance = Allowance(60)
    allowance.charge(one, 6)
    allowance.ran_out(one, ("adagrad_step",), 4)
    assert allowance.left(other, ("adagrad_step",)) == 10


def test_the_student_reads_it_in_vietnamese():
    one, other, third = checks(grad_f1=10, grad_f2=10, adagrad_step=10)
    allowance = Allowance(20)
    allowance.ran_out(one, ("grad_f1",), 10)
    allowance.ran_out(other, (), 10)
    reasons = []
    for functions in (("grad_f1",), ("adagrad_step",)):
        with pytest.raises(NotRun) as raised:
            allowance.left(third, functions)
        reasons.append(str(raised.value))
    allowance._unended.clear()
    with pytest.raises(NotRun) as raised:
        allowance.left(third)
    told = [language("vi").sentences(f"Not run: {text}.") for text in (*reasons, raised.value)]
    assert told[0] == (
        "Không chạy: lời gọi grad_f1 chưa kết thúc khi hết 10 giây của câu "
        '"Gradient của f1 (mục 3.8, bài tập 2)", và không được gọi lại.'
    )
    assert told[1] == (
        'Không chạy: tệp vẫn còn đang được nạp khi hết 10 giây của câu "Gradient của f2 '
        '(mục 3.8, bài tập 2)", và không được nạp lại.'
    )
    assert told[2] == (
        "Không chạy: bài nộp của bạn đã dùng hết 20 giây của nó, phần lớn ở câu "
        '"Gradient của f1 (mục 3.8, bài tập 2)" và câu "Gradient của f2 (mục 3.8, bài tập 2)".'
    )
