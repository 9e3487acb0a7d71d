"""The measure over the fair comparison, on a summary written by hand."""

import json
from pathlib import Path

import pytest

from claims.measure import MissingResult
from claims.measures.fair import fair_pair

PAIR = ["adam", "adagrad"]


def comparison(results: Path, better: str | None) -> Path:
    test = {"first": "adam", "second": "adagrad", "better": better, "adjusted": 0.02}
    ends = {
        name: {"tuned": {"final": {"test_loss": {"median": median}}}}
        for name, median in (("adam", 0.16), ("adagrad", 0.17))
    }
    problem = {
        "rank_by": "test_loss", "protocol": {"seeds": 10, "epochs": 4}, "rules": ends,
        "tuned": {"pairs": [test]},
    }  # fmt: skip
    path = results / "comparison.json"
    path.write_text(json.dumps({"problems": {"fair_rcv1": problem}}), encoding="utf-8")
    return results


def test_the_better_rule_is_named_with_what_both_reached(tmp_path):
    found = fair_pair(comparison(tmp_path, "adam"), "fair_rcv1", PAIR, "tuned")
    assert found.value == "adam"
    assert found.decided
    assert (found.details["one"], found.details["other"]) == (0.16, 0.17)
    assert found.details["dataset"] == "rcv1"


def test_where_the_corrected_test_shows_neither_nothing_is_decided(tmp_path):
    assert not fair_pair(comparison(tmp_path, None), "fair_rcv1", PAIR, "tuned").decided


def test_a_pair_that_was_not_planned_and_an_unknown_problem_are_named(tmp_path):
    results = comparison(tmp_path, "adam")
    with pytest.raises(MissingResult, match="no planned pair; there are adam, adagrad"):
        fair_pair(results, "fair_rcv1", PAIR[::-1], "tuned")
    with pytest.raises(MissingResult, match="no problem 'fair'; it has fair_rcv1"):
        fair_pair(results, "fair", PAIR, "tuned")
