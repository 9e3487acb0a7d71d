"""docs/scaling.md: its plans follow from the constants that it shows; a command writes both."""

from __future__ import annotations

import dataclasses
import re

import pytest

from benchmarks import plans, scaling_page
from benchmarks.growth import FULL, QUICK, fits_of, held_out
from benchmarks.growth_stages import STAGES

NUMBER = re.compile(r"\d[\d,]*\.?\d*")


def numbers(text: str) -> list[float]:
    return [float(found.replace(",", "").rstrip(".")) for found in NUMBER.findall(text)]


@pytest.fixture(scope="module")
def page() -> str:
    return scaling_page.PAGE.read_text(encoding="utf-8")


def test_the_page_s_plans_follow_from_the_constants_that_it_shows(page: str) -> None:
    shown, (documents, clicks) = scaling_page.marked(page), scaling_page.costs_on(page)
    for name, again in (
        ("rcv1", scaling_page.rcv1(documents)),
        ("clicks", scaling_page.clicks(clicks)),
    ):
        # Constants are shown with four digits and results with three.
        assert numbers(again) == pytest.approx(numbers(shown[name]), rel=0.01)
        assert NUMBER.sub("", again) == NUMBER.sub("", shown[name])


def measured() -> dict:
    """A bench in which all takes a second and a MB for each of what grows, and a hundred more.

    The largest size, held out, takes twice as many seconds.
    """
    tables = {
        part.stage: [
            {"size": size, "held_out": size == 8_000, "nonzeros": 10 * size, "part_rows": 2_000,
             "seconds": (100.0 + size) * (2 if size == 8_000 else 1),
             "peak_mb": 100.0 + size, "data_mb": 1.0 * size}
            for size in (1_000, 2_000, 4_000, 8_000)
        ]
        for part in FULL
    }  # fmt: skip
    fits = fits_of(tables)
    found = {
        **tables,
        "process": {"seconds": 2.0, "peak_mb": 50.0},
        "one_topic": {"size": 1000, "trained": 500, "seconds": 1.0, "peak_mb": 1.0, "data_mb": 1.0},
        "fits": [
            {"what": stage.replace("_", " "), "quantity": quantity, **dataclasses.asdict(fit)}
            for (stage, quantity), fit in fits.items()
        ],
        "held_out": held_out(tables, fits),
        "machine": {"date": "2026-01-01", "cores": 2, "cpu": "A", "load": 0.25, "python": "3",
                    "numpy": "2", "numba": "0"},
        "quick": True,
    }  # fmt: skip
    return {**found, "plans": plans.checked(found)}


def test_constants_are_the_slopes_of_the_lines() -> None:
    costs = plans.document_costs(measured())
    # A second a row of ten non-zeros; least squares of exact lines lose some digits.
    assert costs.train_seconds == pytest.approx(0.1, rel=1e-6)
    assert costs.measure_seconds == pytest.approx(1, rel=1e-6)
    assert (costs.start_seconds, costs.process_bytes) == (2, 50e6)
    assert plans.click_costs(measured()).train_seconds == pytest.approx(1 / 39, rel=1e-6)


def test_a_plan_is_checked_at_the_size_that_was_run() -> None:
    topic, clicks = plans.checked(measured())
    assert topic["rows"] == 1500
    # An epoch over 500 rows of 77.7 non-zeros, and the test rows measured before and after.
    assert topic["predicted_seconds"] == pytest.approx(500 * 77.7 * 0.1 + 2 * 1000, rel=1e-6)
    assert clicks["predicted_seconds"] == pytest.approx(8_000, rel=1e-6)
    assert clicks["predicted_data_mb"] == pytest.approx(0.008 * (39 * 8 + 12))


def test_what_was_held_out_is_predicted_by_the_line_of_the_rest() -> None:
    rows = [row for row in measured()["held_out"] if row["quantity"] == "seconds"]
    assert len(rows) == len(FULL)
    for row in rows:
        assert row["predicted"] == pytest.approx(8_100, rel=1e-6)
        assert row["ratio"] == pytest.approx(2, rel=1e-6)


def test_every_mark_of_the_page_is_written_and_nothing_else(page: str) -> None:
    blocks = scaling_page.blocks_of(measured())
    assert set(scaling_page.marked(page)) == set(blocks)
    again = scaling_page.written(page, blocks)
    assert "A short run" in again
    assert scaling_page.written(again, blocks) == again
    outside = scaling_page.MARKED.sub("", page)
    assert scaling_page.MARKED.sub("", again) == outside


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.001234, "0.00123"), (4.5678, "4.57"), (1234.5, "1,230"), (0, "0"), (99.96, "100")],
)
def test_numbers_are_told_with_three_digits(value: float, told: str) -> None:
    assert scaling_page.digits(value) == told


def test_the_bench_measures_everything_over_a_factor_of_sixteen_and_holds_larger_sizes_out() -> (
    None
):
    assert {part.stage for part in FULL} == {part.stage for part in QUICK} <= set(STAGES)
    for part in FULL:
        assert min(part.held_out) > max(part.fitted)
        assert part.held_out
        # The smallest class is four students, for whom starting Snakemake is most of the time.
        assert max(part.held_out) / min(part.fitted) >= (8 if part.stage == "students" else 16)
