"""The comparison in the report: its reason where it is missing, and infinity told in words."""

import dataclasses
from pathlib import Path

from reports.blocks import Notice, Ref, Table, Text
from reports.comparison import of_comparison
from reports.formatting import plain
from reports.results import read_results
from reports.sections.comparison import section

SPREAD = {"median": 0.5, "low": 0.4, "high": 0.6}
NEVER = dict.fromkeys(("median", "low", "high"), "infinity")
RETRAINED = {
    "hyperparameters": {"lr": 0.1}, "validation": 0.5, "diverged_seeds": 0,
    "final": {"test_loss": SPREAD}, "best": {"test_loss": SPREAD},
    "epochs_to_target": NEVER, "seconds_to_target": NEVER, "seeds_that_miss": 10,
}  # fmt: skip
CONTEST = {
    "leader": "sgd", "ranks": {"sgd": 1.0}, "against_leader": [], "pairs": [],
    "pairs_left_out": [["adam", "sgd"]],
}  # fmt: skip
SUMMARY = {
    "comparison": {"level": 0.95, "significance": 0.05, "near_best": 1.1},
    "problems": {
        "fair_rcv1": {
            "scale": "full", "rank_by": "test_loss",
            "protocol": {
                "trials": 14, "tuned_trials": 12, "seeds": 10, "epochs": 4, "batch": 1,
                "rates": {"points": 10}, "left_out": {"newton": "it is no such rule"},
            },
            "target": {"metric": "test_loss", "value": 0.1},
            "rules": {
                "sgd": {
                    "search": {"rates": [0.1], "scores": ["infinity"], "trials": 26, "diverged": 1,
                               "below_grid": 1, "above_grid": 0, "width_of_good_rates": 0.0},
                    "chosen rate": RETRAINED, "tuned": RETRAINED,
                }
            },
            "chosen rate": CONTEST, "tuned": CONTEST,
        }
    },
    "profiles": {"chosen rate": {key: {"sgd": ["infinity"] * 10} for key in ("epochs", "seconds")}},
}  # fmt: skip


def told(tmp_path: Path, summary) -> tuple:
    results = dataclasses.replace(read_results(tmp_path), comparison=summary)
    return section(results, of_comparison(results.comparison)).blocks


def test_a_comparison_that_is_missing_says_so(tmp_path):
    results = read_results(tmp_path)
    (notice,) = section(results, {}).blocks
    assert isinstance(notice, Notice)
    assert "results/comparison.json does not exist" in "".join(
        piece.text for piece in notice.pieces if isinstance(piece, Text)
    )


def test_a_target_that_was_missed_is_never_reached_and_marks_say_what_happened(tmp_path):
    blocks = told(tmp_path, SUMMARY)
    table = next(block for block in blocks if isinstance(block, Table))
    row = table.rows[0]
    assert row[0] == (Text("sgd (L, e, d)"),)
    assert row[1] == (Ref("comparison.fair-rcv1.sgd.chosen-rate.lr"),)
    assert (Text("never"),) in row


def test_whole_percents_are_written_as_such():
    numbers = of_comparison(SUMMARY)
    told = [plain(numbers[f"comparison.{key}"]) for key in ("level", "significance")]
    assert told == ["95 %", "5 %"]


def test_what_is_left_out_is_said_with_its_reason(tmp_path):
    words = [
        piece.text for block in told(tmp_path, SUMMARY) for piece in getattr(block, "pieces", ())
        if isinstance(piece, Text)
    ]  # fmt: skip
    assert any("newton (it is no such rule)" in text for text in words)
