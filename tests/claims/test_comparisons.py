"""Measures that hold two runs against each other, on tables made by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims.measure import MissingResult
from claims.measures.comparisons import (
    alike_at_the_start,
    best_difference,
    difference_at,
    path_order,
    sign_changes,
)

APART = np.array([0.03, 0.04, 0.05, 0.06, 0.07, 0.08])
"""Differences on six seeds, the fewest with which a median's interval can reach 95 %."""


def table(results: Path, optimizer: str, values: dict[str, dict[int, np.ndarray]]) -> None:
    """A run table of the metric "loss": by variant and step, one value a seed."""
    rows = [
        {"dataset": "none", "variant": variant, "metric": "loss", "seed": seed, "epoch": step // 10,
         "step": step, "value": value}
        for variant, steps in values.items()
        for step, by_seed in steps.items()
        for seed, value in enumerate(by_seed)
    ]  # fmt: skip
    path = results / "runs" / "made" / f"{optimizer}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).sample(frac=1, random_state=0).to_parquet(path)


def run(variant: str, **place: int) -> dict:
    return {"optimizer": "sgd", "variant": variant, **place}


ONES = np.ones(6)


def test_two_runs_are_compared_each_at_its_own_place(tmp_path):
    table(
        tmp_path,
        "sgd",
        {
            "a": {0: ONES, 10: 0.5 * ONES, 20: 0.1 * ONES},
            "b": {0: ONES, 40: 0.5 * ONES + APART, 80: 0.01 * ONES},
        },
    )
    at = (tmp_path, "made", "loss", run("a", step=10), run("b", epoch=4))
    found = difference_at(*at)
    assert found.value == "lower"
    assert (found.details["low"], found.details["high"]) == pytest.approx((-0.08, -0.03))
    assert difference_at(tmp_path, "made", "loss", run("a", step=20), run("b", step=80)).value == (
        "higher"
    )
    with pytest.raises(MissingResult, match="no 'loss' at step 15; its first steps: 0, 10, 20"):
        difference_at(tmp_path, "made", "loss", run("a", step=15), run("b", step=40))


def test_an_interval_within_what_counts_as_none_makes_two_runs_alike(tmp_path):
    signs = np.array([1, -1, 1, -1, 1, -1])
    table(tmp_path, "sgd", {"a": {5: ONES}, "b": {5: ONES + 0.001 * signs}, "c": {5: ONES + APART}})
    a, b, c = (run(name, step=5) for name in "abc")
    assert difference_at(tmp_path, "made", "loss", a, b).value == "undecided"
    assert not difference_at(tmp_path, "made", "loss", a, b).decided
    alike = difference_at(tmp_path, "made", "loss", a, b, alike_within=0.002)
    assert (alike.value, alike.decided) == ("alike", True)
    # 0.08, the largest difference, is not within 0.07, and the direction is plain.
    assert difference_at(tmp_path, "made", "loss", a, c, alike_within=0.07).value == "lower"


def test_five_seeds_decide_nothing_even_where_two_runs_are_alike(tmp_path):
    table(tmp_path, "sgd", {"a": {5: np.ones(5)}, "b": {5: 2 * np.ones(5)}})
    a, b = run("a", step=5), run("b", step=5)
    assert difference_at(tmp_path, "made", "loss", a, b).value == "undecided"
    assert difference_at(tmp_path, "made", "loss", a, a, alike_within=1.0).value == "undecided"


def test_a_seed_that_diverged_is_higher_than_any_number(tmp_path):
    table(tmp_path, "sgd", {"a": {5: ONES}, "b": {5: np.full(6, np.nan)}})
    assert (
        difference_at(tmp_path, "made", "loss", run("a", step=5), run("b", step=5)).value == "lower"
    )


def test_each_optimizer_is_compared_at_the_variant_with_its_lowest_median_end(tmp_path):
    table(tmp_path, "sgd", {"x": {0: ONES, 9: 0.3 * ONES}, "y": {0: ONES, 9: np.full(6, np.nan)}})
    table(tmp_path, "adam", {"u": {0: ONES, 9: 0.9 * ONES}, "v": {0: ONES, 9: 0.2 * ONES}})
    found = best_difference(
        tmp_path,
        "made",
        "loss",
        {"optimizer": "sgd", "variants": ["x", "y"]},
        {"optimizer": "adam", "variants": ["u", "v"]},
    )
    assert found.value == "higher"
    assert (found.details["one_variant"], found.details["other_variant"]) == ("x", "v")
    assert (found.details["one"], found.details["other"]) == (0.3, 0.2)


def test_paths_without_chance_are_ordered_by_their_value_and_infinity_is_the_highest(tmp_path):
    one = np.ones(1)
    table(tmp_path, "sgd", {"a": {3: one}, "b": {3: 2 * one}, "c": {3: np.nan * one}})
    a, b, c = run("a"), run("b"), run("c")
    assert path_order(tmp_path, "made", "loss", 3, a, b).value == "lower"
    assert path_order(tmp_path, "made", "loss", 3, c, b).value == "higher"
    assert path_order(tmp_path, "made", "loss", 3, a, a).value == "equal"
    table(tmp_path, "sgd", {"a": {3: np.ones(2)}})
    with pytest.raises(MissingResult, match="2 seeds, expected a single path"):
        path_order(tmp_path, "made", "loss", 3, a, a)


def test_changes_of_sign_are_counted_up_to_the_step_that_is_asked_for(tmp_path):
    values = [4.0, -4.0, -1.0, 2.0, -2.0]
    table(tmp_path, "sgd", {"a": {step: np.array([v]) for step, v in enumerate(values)}})
    changes = [sign_changes(tmp_path, "made", "sgd", "a", "loss", n).value for n in range(5)]
    assert changes == [0, 1, 1, 2, 3]


def test_two_runs_start_alike_only_where_every_seed_does(tmp_path):
    other = ONES.copy()
    other[3] = 1.5
    table(
        tmp_path,
        "sgd",
        {"a": {0: ONES, 5: ONES}, "b": {0: ONES, 5: 2 * ONES}, "c": {0: other, 5: ONES}},
    )
    assert alike_at_the_start(tmp_path, "made", "loss", run("a"), run("b")).value
    found = alike_at_the_start(tmp_path, "made", "loss", run("a"), run("c"))
    assert not found.value
    assert found.details["largest_distance"] == 0.5
