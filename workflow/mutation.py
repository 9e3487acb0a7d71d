"""Plants one mistake at a time in the rules and in the judge, and sees whether a test notices.

`make mutation` works on a copy of the tracked files in build/mutation. The tests that should notice
are collected once; every mutant is a fork of that process, in which its code takes the place of the
right one, so that it costs its tests and no start. Nothing compiled or cached is kept between them.
What no test notices must be explained (`workflow.mutation_page`), or the exit status is 1.
"""

from __future__ import annotations

import dataclasses
import gc
import importlib
import inspect
import json
import linecache
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workflow import mutation_page

if TYPE_CHECKING:
    from workflow.mutants import Mutant

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "mutation"
COPY = BUILD / "copy"
OUTCOMES = BUILD / "outcomes.jsonl"
FAILED = BUILD / "failed.txt"
RULES = {path.stem for path in (ROOT / "optim" / "rules").glob("[a-z]*.py")}

RULE_TESTS = (
    "first_steps",
    "rule_settings",
    "verification",
    "traps",
    "zero_gradient",
    "zero_gradient_edges",
)
# What takes seconds and repeats other tests, with more steps or for all rules together.
LEFT_OUT = ("memory_of_ten_thousand", "any_gap", "page_in_docs", "commands_verify")
# In the order in which they are tried. Never those that attack the jail: a mutant may have none.
JUDGE_TESTS = {
    "judge": ("judging", "reading"),
    "answers": ("reading", "judging"),
    "reported": ("reporting",),
    "written": ("proving",),
    "allowance": ("allowance",),
    "results": ("scores",),
    "rules": ("roster", "scores"),
}
OPTIONS = ("-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0")


@dataclasses.dataclass(frozen=True)
class Target:
    """A file to plant mistakes in, and the test files that should notice."""

    file: str
    tests: tuple[str, ...]
    rule: str = ""

    @property
    def module(self) -> str:
        """Its name for an import."""
        return self.file.removesuffix(".py").replace("/", ".")

    def concerns(self, item: pytest.Function) -> bool:
        """Whether a collected test is among those that should notice."""
        file = item.path.relative_to(COPY).as_posix()
        if file not in self.tests or any(part in item.name for part in LEFT_OUT):
            return False
        if not self.rule:
            return True
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        named = RULES & {value for value in values if isinstance(value, str)}
        return self.rule in (named or inspect.getsource(item.function))


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one mutant, or of the tests without one."""

    outcome: str  # killed, survived or timeout
    by: str  # the first test that failed
    seconds: float  # of processor time
    wall: float


def targets() -> list[Target]:
    """Every rule, and the files of the judge."""
    of_rules = tuple(f"tests/optim/test_optim_{name}.py" for name in RULE_TESTS)
    of_judge = [
        Target(f"grading/{name}.py", tuple(f"tests/grading/test_grading_{one}.py" for one in tests))
        for name, tests in JUDGE_TESTS.items()
    ]
    return [
        *(Target(f"optim/rules/{name}.py", of_rules, name) for name in sorted(RULES)),
        *of_judge,
    ]


def copy_tracked_files() -> None:
    """The files that git tracks as they are now; never those of the checkout are changed."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


def plant(target: Target, source: str) -> None:
    """Put a mutant's code in the place of the right one, wherever that has been imported already.

    A rule is asked for by name, so a new module does. Of the judge, whose functions others hold,
    every function gets the code of its new namesake.
    """
    (COPY / target.file).write_text(source, encoding="utf-8")
    linecache.clearcache()
    old = sys.modules.get(target.module)
    fresh = types.ModuleType(target.module)
    fresh.__file__ = str(COPY / target.file)
    sys.modules[target.module] = fresh  # where dataclasses look their annotations up
    exec(compile(source, fresh.__file__, "exec"), fresh.__dict__)
    if old is None:
        return
    if target.rule:
        from optim import registry, rules

        setattr(rules, target.rule, fresh)
        registry.rule.cache_clear()
        return
    sys.modules[target.module] = old
    take_over(vars(old), vars(fresh))


def take_over(old: dict[str, Any], fresh: Mapping[str, Any]) -> None:
    """Give a module's (or class's) functions the code of their new namesakes, and its constants."""
    for name, value in fresh.items():
        before = old.get(name)
        if isinstance(value, types.FunctionType) and isinstance(before, types.FunctionType):
            if value.__code__.co_freevars == before.__code__.co_freevars:
                before.__code__ = value.__code__
                before.__defaults__ = value.__defaults__
                before.__kwdefaults__ = value.__kwdefaults__
        elif isinstance(value, type) and isinstance(before, type):
            if value is not before:
                take_over(dict(vars(before)), vars(value))
        elif not (isinstance(value, types.ModuleType | type) or name.startswith("__")):
            old[name] = value


class Measurement:
    """In place of pytest's own loop: the tests of each target on each of its mutants, in forks."""

    def __init__(self, chosen: Sequence[Target]) -> None:
        self._chosen = chosen

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure every target, and tell pytest that nothing is left to run."""
        gc.collect()
        gc.freeze()
        done = [record for record in read_outcomes() if record["file"] not in self._files()]
        OUTCOMES.write_text("".join(f"{json.dumps(one)}\n" for one in done), encoding="utf-8")
        with OUTCOMES.open("a", encoding="utf-8") as file:
            for record in self._measured(session):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                file.flush()
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say in a fork's own file which test failed."""
        if report.failed:
            FAILED.write_text(report.nodeid, encoding="utf-8")

    def _files(self) -> set[str]:
        return {target.file for target in self._chosen}

    def _measured(self, session: pytest.Session) -> Iterator[dict[str, Any]]:
        from workflow.mutants import mutants  # with cosmic-ray, which `make mutation` installs

        for target in self._chosen:
            order = {file: place for place, file in enumerate(target.tests)}
            tests = [item for item in session.items if isinstance(item, pytest.Function)]
            items = [item for item in tests if target.concerns(item)]
            items.sort(key=lambda item: order[item.path.relative_to(COPY).as_posix()])
            path = COPY / target.file
            source = path.read_text(encoding="utf-8")
            right = tried(target, items, source, None)
            if right.outcome != "survived" or not items:
                raise SystemExit(f"{target.file}: fails without a mistake: {right.by or 'no test'}")
            print(f"{target.file}: {len(items)} tests, {right.seconds:.1f} s", flush=True)
            for mutant in mutants(target.file, source):
                found = tried(target, items, mutant.source, right)
                yield {**described(mutant), **dataclasses.asdict(found)}
            path.write_text(source, encoding="utf-8")


def described(mutant: Mutant) -> dict[str, str | int]:
    """What a record and an explanation call a mutant by."""
    told = dataclasses.asdict(mutant)
    del told["source"]
    return told


def read_outcomes() -> list[dict[str, Any]]:
    """The records of the last measurement, one a mutant."""
    if not OUTCOMES.exists():
        return []
    return [json.loads(line) for line in OUTCOMES.read_text(encoding="utf-8").splitlines()]


def tried(
    target: Target, items: Sequence[pytest.Item], source: str, right: Outcome | None
) -> Outcome:
    """Run the tests in a fork, with the limits that follow from what the right code takes."""
    FAILED.write_text("", encoding="utf-8")
    start, before = time.monotonic(), _children_seconds()
    child = os.fork()
    if child == 0:
        _try_in_child(target, items, source, right)
    status = _wait(child, 60 + 10 * right.wall if right else 600)
    outcome = {0: "survived", None: "timeout", -signal.SIGXCPU: "timeout"}.get(status, "killed")
    seconds = (_children_seconds() - before, time.monotonic() - start)
    return Outcome(outcome, FAILED.read_text("utf-8"), *(round(each, 2) for each in seconds))


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _try_in_child(
    target: Target, items: Sequence[pytest.Item], source: str, right: Outcome | None
) -> None:
    code = 70
    try:
        os.setsid()
        if right is not None:
            most = int(3 * right.seconds) + 10
            resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
        with (BUILD / "log.txt").open("wb") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        plant(target, source)
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if FAILED.stat().st_size:
                os._exit(1)
        code = 0
    except Exception as error:
        FAILED.write_text(f"as it is imported: {error!r}", encoding="utf-8")
    finally:
        os._exit(code)


def _wait(child: int, seconds: float) -> int | None:
    """Exit status of the child, negative for a signal; None where it was ended here."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def main(names: Sequence[str]) -> int:
    """Measure the targets whose file has one of the names in it, or all."""
    # No bytecode: that of a mutant could be taken for another's.
    sys.dont_write_bytecode = True
    os.environ.update(PYTHONDONTWRITEBYTECODE="1", CI="true")
    BUILD.mkdir(parents=True, exist_ok=True)
    copy_tracked_files()
    os.chdir(COPY)
    for name in [name for name in sys.modules if name.split(".")[0] == "workflow"]:
        del sys.modules[name]
    sys.path[:] = [str(COPY), *(path for path in sys.path if Path(path or ".").resolve() != ROOT)]
    importlib.invalidate_caches()
    chosen = [one for one in targets() if not names or any(name in one.file for name in names)]
    tests = sorted({file for target in chosen for file in target.tests})
    options = [*OPTIONS, f"--basetemp={BUILD / 'tmp'}", f"--rootdir={COPY}"]
    if failed := int(pytest.main([*options, *tests], [Measurement(chosen)])):
        return failed
    return judged(read_outcomes(), complete=not names)


def judged(records: Sequence[dict[str, Any]], complete: bool) -> int:
    """Say what is not explained, 1 if there is any; write the page where all is measured."""
    found = mutation_page.faults(records, mutation_page.explained())
    print("\n".join([*found, mutation_page.counts_table(records)]))
    if complete and not found:
        asked = ["git", "describe", "--always", "--dirty"]
        told = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
        mutation_page.write(records, told.stdout.strip())
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
