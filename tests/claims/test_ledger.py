"""The judge of claims: measured against expected, with hand-made results."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from claims.claim import Claim, read_claims
from claims.ledger import judge
from claims.measures.runs import final_difference, median_interval
from proofs.verdict import Place, Verdict, write_verdicts

ROOT = Path(__file__).resolve().parents[2]


def table(path: Path, ends: dict[str, dict[str, list[float]]]) -> None:
    """A run table with one last value a seed, and an earlier value that must not be read."""
    rows = [
        {"variant": variant, "metric": metric, "seed": seed, "step": step, "value": value}
        for variant, metrics in ends.items()
        for metric, values in metrics.items()
        for seed, last in enumerate(values)
        for step, value in ((0, 0.7), (10, last))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).sample(frac=1, random_state=0).to_parquet(path)


@pytest.fixture
def results(tmp_path):
    """Results in which the documents' statements turn out as we know they do."""
    runs = tmp_path / "runs"
    table(runs / "rcv1" / "sgd.parquet", {"as printed": {"train_loss": [0.22, 0.23, 0.24]}})
    table(
        runs / "rcv1" / "adagrad.parquet",
        {
            "as printed": {"train_loss": [0.09, 0.10, 0.08]},
            "common rate 0.01": {"train_loss": [0.25, 0.26, 0.27]},
        },
    )
    optimum = {"least_squares_loss": [0.24169]}
    table(
        runs / "airfoil" / "adagrad_eps_inside.parquet",
        {"as printed": {"train_loss": [0.2420, 0.2419, 0.2424], **optimum}},
    )
    table(runs / "airfoil" / "sgd.parquet", {"small rate": {"train_loss": [0.2425]}})
    table(runs / "airfoil" / "adam.parquet", {"small rate": {"train_loss": [0.2423]}})
    write_verdicts(
        [
            Verdict(
                name,
                "s",
                Place("assignment", "3.8"),
                finding,
                "exact",
                {},
                "Because of the algebra.",
            )
            for name, finding in (
                ("exercise-2-same-spectrum", "refuted"),
                ("exercise-4-two-by-two-entries", "reproduced"),
            )
        ],
        tmp_path / "proofs" / "verdicts.json",
    )
    return tmp_path


def claim_of(name: str) -> Claim:
    """One claim of the assignment by its id."""
    return next(c for c in read_claims(ROOT / "claims" / "assignment.yaml") if c.id == name)


def findings(results: Path, changes: dict[str, object] | None = None) -> dict[str, str]:
    found = {}
    for claim in read_claims(ROOT / "claims" / "assignment.yaml"):
        if changes and claim.id in changes:
            question = dataclasses.replace(claim.question, expected=changes[claim.id])
            claim = dataclasses.replace(claim, question=question)
        found[claim.id] = judge(claim, results, {}).finding
    return found


def test_the_claims_come_out_as_their_results_say(results):
    assert findings(results) == {
        "rcv1-adagrad-ends-lower": "reproduced with a caveat",
        "rcv1-table-2-sgd-loss": "refuted",
        "rcv1-table-2-adagrad-loss": "refuted",
        "rcv1-one-learning-rate": "refuted",
        "airfoil-adagrad-loss": "reproduced with a caveat",
        "exercise-2-same-spectrum": "refuted",
        "preconditioned-example": "reproduced",
    }


def test_errors_planted_in_the_expected_values_are_all_caught(results):
    planted = {
        "rcv1-adagrad-ends-lower": "higher",
        "airfoil-adagrad-loss": 0.252,
        "preconditioned-example": "refuted",
    }
    found = findings(results, planted)
    assert {found[name] for name in planted} == {"refuted"}


def test_a_missing_result_is_not_checkable_and_says_what_makes_it(results):
    (results / "runs" / "rcv1" / "sgd.parquet").unlink()
    claim = claim_of("rcv1-adagrad-ends-lower")
    verdict = judge(claim, results, {})
    assert verdict.finding == "not checkable"
    assert verdict.evidence == "none"
    assert "snakemake results/runs/rcv1/sgd.parquet" in verdict.explanation


def test_a_stand_in_neither_confirms_nor_refutes_a_claim_about_real_data(results):
    stand_in = {"airfoil": {"name": "airfoil", "kind": "stand-in", "source": "generated"}}
    claim = claim_of("airfoil-adagrad-loss")
    verdict = judge(claim, results, stand_in)
    assert verdict.finding == "not checkable"
    assert "stand-in" in verdict.explanation
    assert verdict.measured["median"] == 0.242


def test_one_diverged_seed_is_not_left_out_of_a_median(results):
    table(
        results / "runs" / "airfoil" / "adagrad_eps_inside.parquet",
        {"as printed": {"train_loss": [0.242, 0.242, np.nan], "least_squares_loss": [0.24169]}},
    )
    claim = claim_of("airfoil-adagrad-loss")
    verdict = judge(claim, results, {})
    assert verdict.finding == "refuted"
    assert verdict.measured["value"] == "nan"


def test_a_difference_whose_interval_holds_zero_is_undecided(tmp_path):
    runs = tmp_path / "runs" / "rcv1"
    table(runs / "a.parquet", {"v": {"train_loss": [0.1, 0.3, 0.2, 0.4]}})
    table(runs / "b.parquet", {"v": {"train_loss": [0.2, 0.2, 0.3, 0.3]}})
    found = final_difference(
        tmp_path, "rcv1", "train_loss",
        {"optimizer": "a", "variant": "v"}, {"optimizer": "b", "variant": "v"},
    )  # fmt: skip
    assert found.value == "undecided"
    assert found.details["difference_low"] <= 0 <= found.details["difference_high"]


def test_differences_are_paired_by_seed_not_pooled(tmp_path):
    """Seeds differ by 1, the pairs by 0.1 only: unpaired intervals would overlap by far."""
    runs = tmp_path / "runs" / "rcv1"
    table(runs / "a.parquet", {"v": {"train_loss": [1.0, 2.0, 3.0, 4.0]}})
    table(runs / "b.parquet", {"v": {"train_loss": [1.1, 2.1, 3.1, 4.1]}})
    found = final_difference(
        tmp_path, "rcv1", "train_loss",
        {"optimizer": "a", "variant": "v"}, {"optimizer": "b", "variant": "v"},
    )  # fmt: skip
    assert found.value == "lower"
    assert found.details["difference"] == pytest.approx(-0.1, abs=1e-12)  # float64 subtraction


def test_the_interval_of_a_median_holds_the_median_and_stays_in_the_sample():
    values = np.array([3.0, 1.0, 2.0, 5.0, 4.0])
    low, high = median_interval(values)
    assert 1.0 <= low <= 3.0 <= high <= 5.0
    assert low < high


def test_the_ledger_is_json_with_the_place_and_the_expected_value(results, tmp_path):
    claim = claim_of("airfoil-adagrad-loss")
    path = tmp_path / "ledger.json"
    write_verdicts([judge(claim, results, {})], path)
    entry = json.loads(path.read_text(encoding="utf-8"))[0]
    assert entry["place"] == {"document": "assignment", "section": "3.6.2"}
    assert entry["measured"]["expected"] == 0.242
    assert entry["measured"]["value"] == 0.242
    assert "0.2417" in entry["explanation"]
