"""What all tests share: no skip that nobody expects, the longest first, and a fast subset."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

EXPECTED_SKIPS = (
    "REGRAD_DATA_MIRROR",  # CI has the real data only where the machine does
    "no GPU",
)

FAST = "not slow"
"""What `make test-fast` asks for with -m."""
LONGEST = 10.0
"""Seconds of one core that a fast test may take: ten times what it should, for busy machines."""

# The longest modules begin first, so that no core waits at the end for one of them.
FIRST = (
    "profiles/test_profile_slurm.py",
    "workflow/test_faults.py",
    "workflow/test_workflow.py",
    "grading/test_grading_results.py",
    "workflow/test_failed_experiment.py",
    "reports/test_documents.py",
    "reports/test_page.py",
    "optim/test_engine_against_torch.py",
    "proofs/test_proofs_mutations.py",
    "grading/test_grading_functions.py",
    "benchmarks/test_grading_load.py",
    "optim/test_optim_cuda_engine.py",
)

began = pytest.StashKey[float]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; the rest keep their order."""
    order = {name: place for place, name in enumerate(FIRST)}

    def place(item: pytest.Item) -> int:
        return order.get("/".join(item.path.parts[-2:]), len(FIRST))

    items.sort(key=place)


def core_seconds() -> float:
    """What this process and its ended children have had of any core, however busy the machine."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[began] = core_seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(expected in reason for expected in EXPECTED_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"skipped in CI, where nothing may be missing: {reason}"
    if call.when == "call" and report.passed and item.config.option.markexpr == FAST:
        taken = core_seconds() - item.stash[began]
        if taken > LONGEST:
            report.outcome = "failed"
            report.longrepr = (
                f"took {taken:.1f} s of a core, with what it set up: no test of the fast subset "
                f"may take {LONGEST:g} s; make it shorter, or mark it with @pytest.mark.slow"
            )
    return report
