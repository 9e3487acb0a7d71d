"""Every shipped claim, measured on results made up for all of them: its texts, and planted errors.

The made-up results hold whatever a claim asks for; their values are of no meaning, so that what a
claim finds here says nothing. What is tested is that no finding stands whatever was measured.
"""

import dataclasses
import functools
import importlib
import pkgutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import claims.measures
from claims.claim import Claim, Question, read_claims
from claims.ledger import judge, matches
from claims.measure import Measured, MissingResult, measures
from claims.sentence import fill
from claims.translation import catalogues
from proofs.verdict import Place, Verdict, write_verdicts

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path.parent for path in (ROOT / "claims").glob("*/claims.yaml"))
LANGUAGES = {folder.name: catalogues(folder) for folder in DOCUMENTS}
CLAIMS = [c for folder in DOCUMENTS for c in read_claims(folder) if c.question is not None]
SEEDS = 8
"""Enough for an interval of 95 %."""
PROOF = Verdict(
    "cited", "s", Place("d", "1"), "reproduced", "exact", {}, "By the algebra.",
    translations={"vi": {"explanation": "Bằng đại số."}},
)  # fmt: skip
WITHOUT_CHANCE = {"bowl_paths", "instabilities", "quadratics", "quadratics_figure_7"}
"""Experiments of which every run is one path, without seeds."""


def words(value: Any, key: str) -> Iterator[Any]:
    """Everything that stands under `key` in nested arguments."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name == key:
                yield from part if isinstance(part, list) else [part]
            yield from words(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from words(part, key)


QUESTIONS = [c.question for c in CLAIMS if c.question]
QUESTIONS += [c.caveat.question for c in CLAIMS if c.caveat]


def asked_for(key: str) -> list[Any]:
    """Every value that any claim gives an argument called `key`, once."""
    return list(dict.fromkeys(w for q in QUESTIONS for w in words(dict(q.arguments), key)))


def level(*names: str) -> float:
    """A number between 0.1 and 1.1 for a name, the same at every run."""
    return 0.1 + zlib.crc32("/".join(names).encode()) / 2**32


def made_up_rows(_results: Path, *names: str, **named: str) -> pd.DataFrame:
    """A run's records: eight seeds, 101 steps, and those that claims ask for."""
    base = level(*names, *named.values())
    seeds = 1 if WITHOUT_CHANCE & {*names, *named.values()} else SEEDS
    steps = sorted({*range(101), *(s for s in asked_for("step") if isinstance(s, int))})
    rows = [
        {"dataset": "none", "variant": "v", "seed": seed, "step": step, "epoch": step // 5,
         "value": base * (1 + 0.01 * seed) * (2 - step / 100 + 0.1 * base * (step % 5)),
         "seconds": base * step}
        for seed in range(seeds)
        for step in steps
    ]  # fmt: skip
    return pd.DataFrame(rows)


def made_up_series(_results: Path, *names: str, **named: str) -> pd.DataFrame:
    """A series with a point for every label and place that claims ask for."""
    base = level(*names, *named.values())
    labels = [str(label) for label in asked_for("label")]
    places = [float(at) for at in asked_for("at")]
    return pd.DataFrame(
        {
            "label": labels + [""] * len(places),
            "x": [float("nan")] * len(labels) + places,
            "value": base + 0.01 * np.arange(len(labels) + len(places)),
            "unit": "",
        }
    )


def made_up_json(_results: Path, name: str) -> Any:
    """Statistics, rules and checks with what claims ask for."""
    if name == "optim/rules.json":
        defaults = dict.fromkeys(asked_for("hyperparameter"), 1.0)
        return [{"name": o, "state": ["s"], "defaults": defaults} for o in asked_for("optimizer")]
    if name == "optim/checks.json":
        return [
            {"rule": o, "check": c, "against": "it", "passed": True, "error": 0.0, "tolerance": 0.0}
            for o in asked_for("optimizer")
            for c in asked_for("check")
        ]
    if name == "comparison.json":
        return made_up_comparison()
    statistics: dict[str, Any] = {}
    for path in asked_for("path"):
        *folders, last = path.split("/")
        functools.reduce(lambda into, folder: into.setdefault(folder, {}), folders, statistics)[
            last
        ] = level(name, path)
    return statistics


def made_up_comparison() -> dict[str, Any]:
    """A comparison in which the first rule of every pair is the better one."""
    pairs = {tuple(q.arguments["pair"]) for q in QUESTIONS if "pair" in q.arguments}
    tests = [{"first": a, "second": b, "better": a, "adjusted": 0.01} for a, b in pairs]
    variants = asked_for("searched")
    ends = {v: {"final": {"loss": {"median": 0.1}}} for v in variants}
    problem = {
        "rank_by": "loss",
        "protocol": {"seeds": SEEDS, "epochs": 1},
        "rules": {rule: ends for pair in pairs for rule in pair},
        **{v: {"pairs": tests} for v in variants},
    }
    return {"problems": dict.fromkeys(asked_for("problem"), problem)}


@pytest.fixture
def results(tmp_path, monkeypatch) -> Path:
    made_up = {
        "run_rows": made_up_rows, "run_table": made_up_rows,
        "series_rows": made_up_series, "json_file": made_up_json,
    }  # fmt: skip
    for module in pkgutil.iter_modules(claims.measures.__path__):
        loaded = importlib.import_module(f"claims.measures.{module.name}")
        for name, function in made_up.items():
            if hasattr(loaded, name):
                monkeypatch.setattr(loaded, name, function)
    cited = dict.fromkeys([*asked_for("verdict"), *asked_for("verdicts")])
    write_verdicts(
        [dataclasses.replace(PROOF, id=name) for name in cited],
        tmp_path / "proofs" / "verdicts.json",
    )
    return tmp_path


def measured(question: Question, results: Path) -> Measured:
    return measures()[question.measure](results, **question.arguments)


def planted(value: Any, question: Question) -> Any:
    """An expected value with which the question's answer is the opposite of what it is."""
    agrees = matches(value, question)
    match question.expected:
        case bool():
            return not question.expected
        case int() | float():
            # Away from the measured value, or to it, by more than the tolerance allows.
            far = 2 * question.tolerance + 1 + abs(value)
            up = {"less": not agrees, "at most": not agrees}.get(question.relation, agrees)
            to = value if question.relation == "equal" and not agrees else None
            return to if to is not None else value + far if up else value - far
    return value if not agrees else "something else"


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.document}-{claim.id}")
@pytest.mark.slow
def test_an_error_planted_in_a_claim_s_expected_value_turns_its_finding_over(results, claim: Claim):
    claim = dataclasses.replace(claim, caveat=None)
    assert claim.question is not None
    value = measured(claim.question, results).value
    wrong = dataclasses.replace(claim.question, expected=planted(value, claim.question))
    found = [
        judge(each, results, {}, LANGUAGES[claim.document])
        for each in (claim, dataclasses.replace(claim, question=wrong))
    ]
    if not measured(claim.question, results).decided:
        assert [each.finding for each in found] == ["not checkable"] * 2
    else:
        assert {each.finding for each in found} == {"reproduced", "refuted"}
    for each in found:
        assert_told_in_vietnamese(each)


def assert_told_in_vietnamese(verdict: Verdict) -> None:
    told = verdict.translations["vi"]
    for name in ("statement", "explanation", "tolerance_reason"):
        assert told.get(name), f"{verdict.id}: no Vietnamese for {getattr(verdict, name)!r}"
        assert "$" not in told[name]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.document}-{claim.id}")
@pytest.mark.slow
def test_both_texts_of_a_claim_name_only_what_its_measure_gives(results, claim: Claim):
    assert claim.question is not None
    details = dict(measured(claim.question, results).details)
    if claim.caveat:
        limits = measured(claim.caveat.question, results).details
        details |= {f"caveat_{name}": value for name, value in limits.items()}
        fill(claim.caveat.text, details)
    for text in (claim.holds, claim.fails):
        assert "$" not in fill(text, details)


@pytest.mark.slow
def test_the_made_up_results_hold_what_every_claim_asks_for(results):
    missing = {}
    for claim in CLAIMS:
        assert claim.question is not None
        try:
            measured(claim.question, results)
        except MissingResult as error:
            missing[claim.id] = str(error)
    assert missing == {}


ON_DATA = {
    "rcv1_features": "rcv1", "rcv1_effective_rates": "rcv1", "rcv1_table_2": "rcv1",
    "rcv1_weights": "rcv1", "gradient_noise": "rcv1", "cnn_accumulators": "fashion-mnist",
}  # fmt: skip
"""Analyses of which every figure is of data."""


def test_a_claim_on_an_analysis_of_data_says_which_data():
    """By it a claim that was measured on a stand-in is known, and not decided."""
    silent = [
        claim.id
        for claim in CLAIMS
        for question in (claim.question, claim.caveat.question if claim.caveat else None)
        if question and question.measure.startswith("series_")
        if (data := ON_DATA.get(question.arguments["analysis"]))
        if question.arguments.get("dataset") != data
    ]
    assert silent == []
