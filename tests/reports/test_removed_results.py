"""Without any one result file no number becomes another one: it is missing, with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from page import Page

from reports.number import read_numbers
from reports.numbers import collect
from reports.page import render_html
from reports.render import render_numbers_tex, render_tex
from reports.results import read_results

FILES = (
    "analyses/limits.parquet", "claims/ledger.json", "counterparts.json", "data/manifest.json",
    "optim/rules.json", "proofs/verdicts.json", "provenance.json",
    "runs/airfoil/adagrad_eps_inside.parquet", "runs/quadratics/adagrad.parquet",
    "runs/quadratics/sgd.parquet", "runs/rcv1/adagrad.parquet", "runs/rcv1/sgd.parquet",
)  # fmt: skip


@pytest.fixture(params=FILES)
def without(rendered: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """The report of all results, whose folder is now without one of them; that file's name."""
    path = rendered.parent / request.param
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    yield rendered, request.param
    hidden.rename(path)


def test_every_file_is_removed_once(rendered: Path) -> None:
    found = (path for path in rendered.parent.rglob("*") if path.is_file())
    names = {path.relative_to(rendered.parent).as_posix() for path in found}
    assert {name for name in names if not name.startswith("report/")} == set(FILES)


@pytest.mark.slow
def test_its_numbers_are_missing_and_no_other_changes(without: tuple[Path, str]) -> None:
    report, lost = without
    before, results = read_numbers(report / "numbers.json"), read_results(report.parent)
    numbers = collect(results)
    for name, number in numbers.items():
        if number.value is None:
            assert number.missing, name
            continue
        assert f"results/{lost}" not in number.source, name
        if name in before:
            assert number.value == before[name].value, name
    gone = {name for name in before if name not in numbers or numbers[name].value is None}
    assert gone or lost == "counterparts.json", "its numbers, but for a list of where they stand"
    html = render_html(results, numbers, report / "figures")
    assert not {name for name, _, _ in Page(html).shown} & gone
    paper = render_tex(results, numbers, report / "figures", report / "report.tex")
    printed = dict(re.findall(r"\\setnumber\{([^}]*)\}\{(.*)\}", render_numbers_tex(numbers)))
    for name in set(re.findall(r"\\thenumber\{([^}]*)\}", paper)) & gone:
        assert printed.get(name, r"\missing").startswith(r"\missing"), name
