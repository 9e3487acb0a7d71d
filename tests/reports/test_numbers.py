"""numbers.json: what is collected, from where, and what happens where there is nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reporting import SEEDS, verdict

from reports.formatting import plain
from reports.intervals import medians_with_intervals
from reports.number import Number, merge, number, read_numbers, slug, write_numbers
from reports.numbers import collect, leaves
from reports.results import Missing, read_results
from reports.runs import contests, groups_of


@pytest.fixture
def collected(results: Path):
    return collect(read_results(results))


def test_a_final_loss_is_the_median_over_seeds_with_its_range(collected) -> None:
    # The finals are 0.300, 0.301, 0.304, 0.309 and 0.316; resampled medians reach both ends well
    # above 2.5 % of the time (0.0579 each), so the interval is the range.
    name = "rcv1.sgd.as-printed.train-loss"
    assert collected[f"{name}.median"].value == pytest.approx(0.304)
    assert collected[f"{name}.low"].value == pytest.approx(0.300)
    assert collected[f"{name}.high"].value == pytest.approx(0.316)
    assert collected[f"{name}.median"].source == "results/runs/rcv1/sgd.parquet"


def test_the_gap_is_taken_seed_by_seed(collected) -> None:
    # Every seed's SGD ends 0.25 above its Adagrad, so the paired interval is one point, although
    # the two losses spread over 0.016 each.
    for part in ("median", "low", "high"):
        assert collected[f"rcv1.contest.as-printed.gap.{part}"].value == pytest.approx(0.25)
    assert collected["rcv1.contest.as-printed.seeds"].value == SEEDS


def test_contests_are_as_printed_and_at_each_common_learning_rate(results: Path) -> None:
    found = contests(groups_of(read_results(results), "rcv1"))
    assert [contest.rate for contest in found] == [None, 0.01, 0.1]
    assert [c.adagrad.variant for c in found] == ["as printed", "common rate 0.01", "as printed"]


def test_batch_size_is_counted_from_updates_and_rows(collected) -> None:
    assert collected["rcv1.batch"].value == 1
    assert collected["rcv1.epochs"].value == 20
    assert collected["rcv1.updates"].value == 2400


def test_accuracy_is_in_percent(collected) -> None:
    entry = collected["rcv1.sgd.as-printed.test-accuracy.median"]
    assert (entry.value, entry.unit) == (pytest.approx(90.2), "%")


def test_verdicts_are_counted_and_a_repeated_one_once(results: Path) -> None:
    repeat = verdict("same", "reproduced", "exact")
    repeat["provenance"] = {"arguments": {"verdict": "exercise-1"}}
    path = results / "claims/ledger.json"
    path.write_text(json.dumps([*json.loads(path.read_text()), repeat]))
    numbers = collect(read_results(results))
    assert numbers["verdicts.all"].value == 3
    assert numbers["verdicts.reproduced"].value == 1


def test_a_diverged_run_is_missing_and_never_an_earlier_epoch(results: Path) -> None:
    path = results / "runs/rcv1/sgd.parquet"
    rows = pd.read_parquet(path)
    last = (rows["metric"] == "train_loss") & (rows["epoch"] == 20)
    rows.loc[last, "value"] = np.nan
    rows.to_parquet(path)
    entry = collect(read_results(results))["rcv1.sgd.as-printed.train-loss.median"]
    assert entry.value is None
    assert "not finite" in entry.missing


def test_one_seed_gives_a_median_and_no_interval() -> None:
    middle, low, high = medians_with_intervals(np.array([0.5]))
    assert middle == 0.5
    assert np.isnan([low, high]).all()


def test_intervals_of_curves_are_those_of_their_points() -> None:
    values = np.random.default_rng(3).normal(size=(7, 4))
    together = medians_with_intervals(values)
    apart = np.stack([medians_with_intervals(values[:, at]) for at in range(4)], axis=1)
    np.testing.assert_array_equal(together, apart)


def test_an_interval_covers_the_true_median_about_as_often_as_it_says() -> None:
    # 300 samples of 15 standard normals; a percentile interval of the median is known to be
    # somewhat off at this size, so coverage between 0.90 and 0.99 is asked for.
    draws = np.random.default_rng(0).normal(size=(15, 300))
    _, low, high = medians_with_intervals(draws)
    assert 0.90 < np.mean((low <= 0) & (high >= 0)) < 0.99


def test_every_number_has_a_source_and_says_how_it_came(collected) -> None:
    assert all(entry.source and entry.computed for entry in collected.values())


def test_numbers_survive_the_file(collected, tmp_path: Path) -> None:
    write_numbers(collected, tmp_path / "numbers.json")
    assert read_numbers(tmp_path / "numbers.json") == collected
    rows = json.loads((tmp_path / "numbers.json").read_text())
    assert set(rows["rcv1.epochs"]) == {"value", "unit", "source", "computed"}


def test_a_name_used_twice_is_refused_with_both_sources() -> None:
    one = {"a": Number(1, "", "x.json", "first")}
    with pytest.raises(ValueError, match=r"'a'.*x\.json.*second"):
        merge([one, {"a": Number(2, "", "y.json", "second")}])


def test_a_number_without_value_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="either a value or a reason"):
        Number(None, "", "x.json", "nothing")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (23149, "", "23,149"),
        (0.05, "loss", "0.0500"),
        (0.000004, "loss", "4.00 × 10^−6"),
        (-0.0631, "loss", "−0.0631"),
        (92.16, "%", "92.16 %"),
        (0.000753, "s", "0.753 ms"),
        (496.02, "s", "496 s"),
        (0.242, "", "0.242"),
        (1e-8, "", "1.00 × 10^−8"),
        (134.0058709, "", "134"),
        (12345.6, "", "12,346"),
        (0.0, "", "0"),
    ],
)
def test_numbers_are_written_by_their_unit(value: float, unit: str, expected: str) -> None:
    assert plain(number(value, unit, "x", "y")) == expected


def test_names_are_plain_whatever_the_text() -> None:
    assert slug("f2 as printed") == "f2-as-printed"
    assert slug("}\\input{/etc/passwd}") == "input-etc-passwd"
    assert slug("η") == "x"


def test_leaves_of_nested_values_keep_their_paths() -> None:
    found = leaves({"a": [1, {"b": "two"}], "c": None})
    assert found == [(("a", "0"), 1), (("a", "1", "b"), "two"), (("c",), None)]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(b"PAR1 no more"), "not readable as Parquet"),
        (lambda path: pd.DataFrame({"value": [1.0]}).to_parquet(path), "lacks the column"),
        (lambda path: pd.read_parquet(path).iloc[:0].to_parquet(path), "holds no row"),
        (
            lambda path: pd.concat([pd.read_parquet(path)] * 2).to_parquet(path),
            "twice",
        ),
        (
            lambda path: pd.read_parquet(path).assign(hyperparameters="lr").to_parquet(path),
            "no JSON object: 'lr'",
        ),
    ],
)
def test_a_damaged_run_table_is_missing_with_its_reason(results: Path, damage, reason) -> None:
    damage(results / "runs/rcv1/sgd.parquet")
    read = read_results(results)
    assert reason in read.unreadable[0].reason
    assert "results/runs/rcv1/sgd.parquet" in read.unreadable[0].reason
    assert not isinstance(read.runs["rcv1"], Missing)
