"""Measures of printed numbers, of two runs' ends, of rules' checks and of several proofs."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from claims.claim import ClaimError
from claims.measure import MissingResult
from claims.measures.ends import ends_ratio, times_sooner
from claims.measures.optimizers import rule_check
from claims.measures.stated import stated_numbers, stated_ratio
from claims.measures.verdicts import proof_findings
from claims.sentence import fill
from proofs.verdict import Place, Verdict, write_verdicts

A = {"optimizer": "a", "variant": "v"}
B = {"optimizer": "b", "variant": "v"}


def runs(
    results: Path, experiment: str, optimizer: str, values: list[list[float]], dataset: str = "d"
):
    """A run table with the losses of each seed, one step apart, in mixed order."""
    rows = [
        {"dataset": dataset, "variant": "v", "metric": "loss", "seed": seed, "step": step,
         "value": value}
        for seed, losses in enumerate(values)
        for step, value in enumerate(losses)
    ]  # fmt: skip
    path = results / "runs" / experiment / f"{optimizer}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).sample(frac=1, random_state=1).to_parquet(path)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("count", 4), ("lowest", 1), ("highest", 9), ("range", 8), ("mean", 4), ("median", 3)],
)
def test_statistics_of_printed_numbers_are_those_by_hand(tmp_path, statistic, value):
    assert stated_numbers(tmp_path, [2, 9, 1, 4], statistic).value == value


def test_the_deviation_of_printed_numbers_has_one_degree_of_freedom_less(tmp_path):
    assert stated_numbers(tmp_path, [1, 3], "deviation").value == pytest.approx(math.sqrt(2))
    with pytest.raises(ClaimError, match="2 or more"):
        stated_numbers(tmp_path, [1], "deviation")
    with pytest.raises(ClaimError, match="no statistic 'modus'"):
        stated_numbers(tmp_path, [1], "modus")


def test_a_statistic_over_another_list_s_is_undecided_over_zero(tmp_path):
    assert stated_ratio(tmp_path, [1, 5], [1, 2, 3], "mean").value == 1.5
    assert not stated_ratio(tmp_path, [1, 5], [-1, 1], "mean").decided


def ratio(results: Path):
    return ends_ratio(results, "loss", {"experiment": "e", **A}, {"experiment": "f", **B})


def test_ends_of_two_experiments_are_compared_where_enough_seeds_are_apart(tmp_path):
    """Three and six seeds all apart: by chance in 2 of C(9, 3) = 84 orders, 2.4 %."""
    runs(tmp_path, "e", "a", [[9, 2], [9, 3], [9, 4]])
    runs(tmp_path, "f", "b", [[9, 1 - 0.1 * seed] for seed in range(6)])
    found = ratio(tmp_path)
    assert found.value == pytest.approx(3 / 0.75)
    assert found.details["confidence"] == pytest.approx(1 - 2 / 84)
    assert found.decided
    runs(tmp_path, "f", "b", [[9, 1 - 0.1 * seed] for seed in range(5)] + [[9, 2.5]])
    assert not ratio(tmp_path).decided, "one seed among the other run's"


def test_three_seeds_against_three_decide_nothing_however_far_apart(tmp_path):
    runs(tmp_path, "e", "a", [[100.0]] * 3)
    runs(tmp_path, "f", "b", [[1.0]] * 3)
    assert not ratio(tmp_path).decided


def test_one_run_against_one_decides_only_where_there_is_no_data_to_draw(tmp_path):
    runs(tmp_path, "e", "a", [[2.0]])
    runs(tmp_path, "f", "b", [[1.0]])
    assert not ratio(tmp_path).decided
    runs(tmp_path, "e", "a", [[2.0]], dataset="none")
    assert ratio(tmp_path).decided
    assert ratio(tmp_path).evidence == "exact"


def test_how_many_times_sooner_is_counted_seed_by_seed_to_the_other_s_last_value(tmp_path):
    runs(tmp_path, "e", "a", [[9, 8, 1, 0, 0, 0, 0, 0, 0]] * 6)
    runs(tmp_path, "e", "b", [[9, 8, 7, 6, 5, 4, 3, 2, 1]] * 6)
    assert times_sooner(tmp_path, "e", "loss", A, B).value == 4
    assert times_sooner(tmp_path, "e", "loss", B, A).value == 0, "b never gets to 0"
    runs(tmp_path, "e", "b", [[9, 8, 7, 6, 5, 4, 3, 2, 1]] * 5)
    assert not times_sooner(tmp_path, "e", "loss", A, B).decided, "five seeds"


def test_a_rule_s_check_is_read_by_rule_and_check(tmp_path):
    check = {"rule": "adam", "check": "torch", "against": "torch.optim", "error": 0.5}
    (tmp_path / "optim").mkdir()
    path = tmp_path / "optim" / "checks.json"
    path.write_text(json.dumps([{**check, "tolerance": 0.1, "passed": False}]), "utf-8")
    found = rule_check(tmp_path, "adam", "torch")
    assert found.value is False
    assert found.tolerance == 0.1
    with pytest.raises(MissingResult, match="no check 'paper' of 'adam'"):
        rule_check(tmp_path, "adam", "paper")


@pytest.mark.parametrize(
    ("findings", "weakest"),
    [
        (["reproduced", "refuted", "reproduced with a caveat"], "refuted"),
        (["reproduced", "reproduced with a caveat"], "reproduced with a caveat"),
        (["reproduced", "not checkable"], "not checkable"),
    ],
)
def test_a_derivation_is_as_strong_as_its_weakest_step(tmp_path, findings, weakest):
    names = [f"step-{number}" for number in range(len(findings))]
    write_verdicts(
        [
            Verdict(
                name, "s", Place("d", "1"), finding, "none" if "not" in finding else "exact", {},
                f"It is {finding}.",
            )
            for name, finding in zip(names, findings, strict=True)
        ],
        tmp_path / "proofs" / "verdicts.json",
    )  # fmt: skip
    found = proof_findings(tmp_path, names)
    assert found.value == weakest
    assert found.details["explanation"] == f"It is {weakest}."
    assert found.decided == (weakest != "not checkable")


def test_whole_numbers_are_written_out_and_others_to_four_digits():
    values = {"a": 804414, "b": 462980.0, "c": 0.241771, "d": 9.3327e-13, "e": float("nan")}
    shown = fill("$a, $b, $c, $d, $e", values)
    assert shown == "804,414, 462,980, 0.2418, 9.333e-13, nan"
