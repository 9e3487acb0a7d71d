"""The shipped claims with an error planted in every expected value: each of them is caught.

Over small real results, which the project's own commands make: what needs no dataset and little
time. All claims, over results that are made up for them, are in test_shipped_claims.py.
"""

import dataclasses
import importlib
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from planted import planted

from claims import ledger
from claims.claim import Claim, read_claims
from claims.ledger import judge, matches
from experiments.__main__ import main as experiments
from experiments.protocol import given_protocol, optimizers_of
from optim.catalogue import catalogue
from optim.registry import names, rule
from proofs.verdict import write_verdicts

CLAIMS = Path(__file__).resolve().parents[2] / "claims"
DOCUMENTS = ("assignment", "notebook")
HOLDS = ("reproduced", "reproduced with a caveat")

RUNS = ("bowl_paths", "saddle_escape", "quadratics", "quadratics_figure_7")
ANALYSES = (
    "critical_points", "diagonal_preconditioning", "landscapes", "moving_averages",
    "stability_limits", "true_risk", "vanishing_gradient", "worked_example",
)  # fmt: skip
"""Experiments on functions: no dataset, and together some seconds."""

EXERCISES = (
    "decay_on_quadratics", "invariance_table", "notebook_landscape", "notebook_momentum",
    "root_of_the_sum", "rotated_quadratic", "slower_decay", "sparse_features", "worked_example",
)  # fmt: skip
"""Proofs that take about a second each."""

COVERED = 120
"""Claims that the small results must decide at least: far fewer, and the test has lost its food."""


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    """A results folder with what can be had in seconds, made by the project's own commands."""
    folder = tmp_path_factory.mktemp("results")
    (folder / "data").mkdir()
    (folder / "data" / "manifest.json").write_text("{}")
    (folder / "optim").mkdir()
    rules = catalogue([rule(name) for name in names()], [])
    (folder / "optim" / "rules.json").write_text(json.dumps(rules))
    verdicts = [
        verdict
        for exercise in EXERCISES
        for verdict in importlib.import_module(f"proofs.exercises.{exercise}").verify(0)
    ]
    write_verdicts(verdicts, folder / "proofs" / "verdicts.json")
    for experiment in RUNS:
        for optimizer in optimizers_of(given_protocol("runs", experiment, None)[0]):
            output = folder / "runs" / experiment / f"{optimizer}.parquet"
            run("run", experiment, optimizer, "--output", str(output))
    for analysis in ANALYSES:
        output = folder / "analyses" / f"{analysis}.parquet"
        run("analyse", analysis, "--results", str(folder), "--output", str(output))
    return folder


def run(*arguments: str) -> None:
    outcome = CliRunner().invoke(experiments, list(arguments), catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output


def shipped() -> list[Claim]:
    return [claim for name in DOCUMENTS for claim in read_claims(CLAIMS / name)]


def copy_with(expected: dict[str, object], target: Path) -> list[Claim]:
    """Read a copy of both documents' files in which these claims, by id, expect these values."""
    read = []
    for name in DOCUMENTS:
        (target / name).mkdir(parents=True)
        for file in sorted((CLAIMS / name).glob("*.yaml")):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            for entry in content["claims"]:
                if entry["id"] in expected:
                    entry["expected"] = expected[entry["id"]]
            (target / name / file.name).write_text(yaml.safe_dump(content), encoding="utf-8")
        read += read_claims(target / name)
    return read


@pytest.mark.slow
def test_every_error_planted_in_a_copy_of_the_claims_turns_its_finding(results, tmp_path):
    before, errors = {}, {}
    for claim in shipped():
        verdict = judge(claim, results, {})
        if verdict.finding == "not checkable":
            continue
        before[claim.id] = verdict
        value = ledger._measure(claim.question, results).value
        errors[claim.id] = planted(claim.question, value)
    assert len(before) >= COVERED
    after = {
        claim.id: judge(claim, results, {})
        for claim in copy_with(errors, tmp_path)
        if claim.id in errors
    }
    missed = [
        f"{name}: {before[name].finding} of {before[name].measured['value']!r}, also where "
        f"{errors[name]!r} is expected"
        for name in before
        if (before[name].finding in HOLDS) == (after[name].finding in HOLDS)
    ]
    assert missed == []


@pytest.mark.slow
def test_the_small_results_decide_claims_of_every_kind_and_shape(results):
    decided = [claim for claim in shipped() if judge(claim, results, {}).finding != "not checkable"]
    kinds = {claim.kind for claim in decided}
    assert kinds == {
        "number", "comparison", "formula", "classification", "causal", "complexity", "consistency",
    }  # fmt: skip
    assert {type(claim.question.expected) for claim in decided} >= {int, float, str, bool}
    relations = {claim.question.relation for claim in decided}
    assert relations >= {"equal", "less", "at most", "greater", "at least"}


@pytest.mark.slow
def test_a_planted_error_is_beyond_the_tolerance_and_no_further_than_it_must(results):
    """The helper itself: an expectation between the planted one and the true one is not caught."""
    claim = next(each for each in shipped() if each.id == "notebook-1.1-minima-places")
    value = ledger._measure(claim.question, results).value
    wrong = planted(claim.question, value)
    assert not matches(value, dataclasses.replace(claim.question, expected=wrong))
    assert abs(wrong - claim.question.expected) == pytest.approx(2 * claim.question.tolerance)
