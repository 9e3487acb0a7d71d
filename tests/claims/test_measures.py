"""The measures, on tables made by hand whose answers are known beforehand."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims.claim import ClaimError, Question
from claims.ledger import matches
from claims.measure import MissingResult
from claims.measures.analyses import series_direction, series_extent, series_ratio, series_value
from claims.measures.arithmetic import arithmetic
from claims.measures.data import data_statistic
from claims.measures.optimizers import default_of, state_size
from claims.measures.trajectories import (
    first_to_reach,
    never_rises,
    restlessness,
    seconds_ratio,
    share_of_first,
    steadier,
    value_at,
)

RUN = {"experiment": "e", "metric": "loss"}
A, B = ({"optimizer": name, "variant": "v"} for name in "ab")


def trajectories(results: Path, optimizer: str, values: list[list[float]], seconds: float = 1.0):
    """A run table with the losses of each seed, two records an epoch, one step apart."""
    rows = [
        {"dataset": "d", "variant": "v", "metric": "loss", "seed": seed, "step": step,
         "epoch": step // 2, "value": value, "seconds": seconds * step}
        for seed, losses in enumerate(values)
        for step, value in enumerate(losses)
    ]  # fmt: skip
    path = results / "runs" / "e" / f"{optimizer}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).sample(frac=1, random_state=1).to_parquet(path)


def test_a_value_is_read_at_an_epoch_s_end_or_at_a_step(tmp_path):
    trajectories(tmp_path, "a", [[4, 3, 2, 1], [8, 6, 4, 2], [4, 3, 2, 1]])
    assert value_at(tmp_path, **RUN, **A, epoch=1).value == 2
    assert value_at(tmp_path, **RUN, **A, step=3).value == 1
    with pytest.raises(MissingResult, match="no record of loss at step 9"):
        value_at(tmp_path, **RUN, **A, step=9)


def test_a_share_of_the_first_value_is_taken_seed_by_seed(tmp_path):
    trajectories(tmp_path, "a", [[4, 1], [8, 4], [10, 9]])
    assert share_of_first(tmp_path, **RUN, **A).value == 0.5


def test_restlessness_is_the_standard_deviation_within_the_epoch(tmp_path):
    trajectories(tmp_path, "a", [[9, 9, 1, 3]])
    assert restlessness(tmp_path, **RUN, **A, epoch=1).value == pytest.approx(math.sqrt(2))


def test_the_steadier_of_two_runs_is_told_by_six_seeds_and_not_by_five(tmp_path):
    calm, wild = [[1, 1.1, 1, 1.1]] * 6, [[1, 3, 1, 4]] * 6
    trajectories(tmp_path, "a", calm)
    trajectories(tmp_path, "b", wild)
    assert steadier(tmp_path, **RUN, epoch=1, one=A, other=B).value == "steadier"
    assert steadier(tmp_path, **RUN, epoch=1, one=B, other=A).value == "restless"
    trajectories(tmp_path, "b", wild[:5])
    assert not steadier(tmp_path, **RUN, epoch=1, one=A, other=B).decided


def test_a_run_that_never_reaches_the_target_is_later_than_any(tmp_path):
    trajectories(tmp_path, "a", [[4, 3, 2, 1]] * 6)
    trajectories(tmp_path, "b", [[4, 4, 4, 4]] * 6)
    found = first_to_reach(tmp_path, **RUN, target=2, one=A, other=B)
    assert found.value == "one"
    assert found.details["one"] == 2
    assert found.details["other"] == math.inf
    trajectories(tmp_path, "a", [[4, 4, 4, 4]] * 6)
    assert not first_to_reach(tmp_path, **RUN, target=2, one=A, other=B).decided


def test_one_rise_on_one_seed_is_seen(tmp_path):
    trajectories(tmp_path, "a", [[4, 3, 2, 1], [4, 3, 2, 2]])
    assert never_rises(tmp_path, **RUN, **A).value is True
    trajectories(tmp_path, "a", [[4, 3, 2, 1], [4, 3, 3.5, 2]])
    found = never_rises(tmp_path, **RUN, **A)
    assert found.value is False
    assert found.details["rises"] == 1
    assert found.details["largest_rise"] == 0.5


def test_a_diverged_run_does_not_count_as_falling(tmp_path):
    trajectories(tmp_path, "a", [[4, np.inf, np.inf, np.inf]])
    assert never_rises(tmp_path, **RUN, **A).value is False


def test_times_are_compared_as_a_ratio(tmp_path):
    trajectories(tmp_path, "a", [[2, 1]] * 3, seconds=6.0)
    trajectories(tmp_path, "b", [[2, 1]] * 3, seconds=2.0)
    assert seconds_ratio(tmp_path, **RUN, one=A, other=B).value == 3


def test_rows_that_are_not_there_are_named_with_those_that_are(tmp_path):
    trajectories(tmp_path, "a", [[1, 2]])
    with pytest.raises(MissingResult, match=r"no 'loss' of the variant 'w'; it has .*'v'"):
        value_at(tmp_path, **RUN, optimizer="a", variant="w", step=0)
    with pytest.raises(MissingResult, match=r"snakemake --cores all results/runs/e/b\.parquet"):
        value_at(tmp_path, **RUN, **B, step=0)


@pytest.fixture
def series(tmp_path) -> Path:
    rows = [
        {"figure": "f", "series": "s", "metric": "m", "x": x, "label": f"at {x}",
         "value": value, "unit": "nats"}
        for x, value in ((0.0, 3.0), (1.0, 1.0), (2.0, 2.0))
    ]  # fmt: skip
    (tmp_path / "analyses").mkdir()
    pd.DataFrame(rows).to_parquet(tmp_path / "analyses" / "a.parquet")
    return tmp_path


NAMES = {"analysis": "a", "figure": "f", "series": "s", "metric": "m"}


def test_a_series_is_read_at_a_place_a_name_or_its_end(series):
    assert series_value(series, **NAMES, at=0.4).value == 3
    assert series_value(series, **NAMES, label="at 1.0").value == 1
    assert series_value(series, **NAMES).value == 2
    with pytest.raises(MissingResult, match="no point 'nowhere'"):
        series_value(series, **NAMES, label="nowhere")
    with pytest.raises(MissingResult, match=r"no series 't'.*it has 's'"):
        series_value(series, **{**NAMES, "series": "t"})


def test_a_series_extremes_and_where_they_are(series):
    found = {
        word: series_extent(series, **NAMES, extent=word).value
        for word in ("lowest", "highest", "where lowest", "where highest")
    }
    assert found == {"lowest": 1, "highest": 3, "where lowest": 1, "where highest": 0}


def test_the_farthest_value_is_that_of_the_largest_size_whatever_its_sign(tmp_path):
    (tmp_path / "analyses").mkdir()
    frame = pd.DataFrame({"value": [1.0, -2.0, 1.5], "x": [0, 1, 2]})
    frame = frame.assign(figure="f", series="s", metric="m", label="", unit="")
    frame.to_parquet(tmp_path / "analyses" / "a.parquet")
    assert series_extent(tmp_path, **NAMES, extent="farthest").value == -2.0


def test_an_unknown_extent_is_refused_and_the_known_ones_are_listed(series):
    with pytest.raises(ClaimError, match="no extent 'lowst'; there are lowest, highest, farthest"):
        series_extent(series, **NAMES, extent="lowst")


@pytest.mark.parametrize(
    ("values", "direction"),
    [([1, 2, 2], "rising"), ([3, 2, 2], "falling"), ([1, 1], "constant"), ([1, 2, 1], "mixed")],
)
def test_a_series_direction_is_that_of_all_its_steps(tmp_path, values, direction):
    (tmp_path / "analyses").mkdir()
    frame = pd.DataFrame({"value": values, "x": np.arange(len(values))})
    frame = frame.assign(figure="f", series="s", metric="m", label="", unit="")
    frame.to_parquet(tmp_path / "analyses" / "a.parquet")
    assert series_direction(tmp_path, **NAMES).value == direction


def test_two_points_of_a_figure_are_compared_as_a_ratio(series):
    points = {"one": {"series": "s", "at": 0}, "other": {"series": "s", "at": 2}}
    assert series_ratio(series, "a", "f", "m", **points).value == 1.5


@pytest.mark.parametrize(
    ("formula", "value"),
    [("1 - a / b", 0.75), ("100 * (b - a) / b", 75), ("sqrt(b) ** 3", 8), ("-log(exp(a))", -1)],
)
def test_formulas_are_calculated_with_what_is_given(tmp_path, formula, value):
    assert arithmetic(tmp_path, formula, {"a": 1, "b": 4}).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("__import__('os')", "may not hold"),
        ("a.real", "may not hold"),
        ("c + 1", r"may not hold 'c'; it may name a, b"),
        ("1 / (a - a)", "has no value"),
        ("10.0 ** 10 ** 10", "has no value"),
        ("log(-a)", "has no value"),
        ("1 +", "cannot be read"),
        ("1" + "+1" * 200, "characters"),
        ("True", "may not hold"),
    ],
)
def test_a_formula_outside_the_language_or_without_a_value_is_refused(tmp_path, formula, told):
    with pytest.raises(ClaimError, match=told):
        arithmetic(tmp_path, formula, {"a": 1, "b": 4})


def test_statistics_of_data_and_facts_of_rules_are_read_by_name(tmp_path):
    (tmp_path / "data" / "d").mkdir(parents=True)
    statistics = {"splits": {"train": {"rows": 5}}}
    (tmp_path / "data" / "d" / "statistics.json").write_text(json.dumps(statistics), "utf-8")
    assert data_statistic(tmp_path, "d", "splits/train/rows").value == 5
    with pytest.raises(MissingResult, match="there is rows"):
        data_statistic(tmp_path, "d", "splits/train/row")
    (tmp_path / "optim").mkdir()
    rules = [{"name": "adam", "state": ["m", "v"], "defaults": {"lr": 0.001}}]
    (tmp_path / "optim" / "rules.json").write_text(json.dumps(rules), "utf-8")
    assert state_size(tmp_path, "adam").value == 2
    assert default_of(tmp_path, "adam", "lr").value == 0.001
    with pytest.raises(MissingResult, match="no rule 'sgd'"):
        state_size(tmp_path, "sgd")


QUESTION = Question("m", {}, 2.0, "equal", 0.5, "for the test")


@pytest.mark.parametrize(
    ("relation", "stands"),
    [
        ("equal", [False, True, True, True, False, False, False]),
        ("less", [True, True, True, False, False, False, False]),
        ("at most", [True, True, True, True, False, False, False]),
        ("greater", [False, False, True, True, True, True, False]),
        ("at least", [False, True, True, True, True, True, False]),
    ],
)
def test_a_number_stands_to_the_expected_one_by_the_relation_up_to_the_tolerance(relation, stands):
    question = dataclasses.replace(QUESTION, relation=relation)
    values = [1.0, 1.5, 2.0, 2.5, 3.0, math.inf, math.nan]
    assert [matches(value, question) for value in values] == stands
