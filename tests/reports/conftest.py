"""A folder of results in the contracts' shapes, small, with known numbers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from render_steps import make
from reporting import (
    ROWS,
    counterpart,
    linear_runs,
    part_of_analysis,
    part_of_runs,
    quadratic_runs,
    rule,
    series_rows,
    verdict,
)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results, rendered once, for tests that only read: results/report/."""
    root = write_results(tmp_path_factory.mktemp("rendered") / "results")
    make(root, "numbers", "figures", "html", "tex")
    return root / "report"


@pytest.fixture
def results(rendered: Path, tmp_path: Path) -> Path:
    """A folder of results of its own, with figures drawn, to be changed by the test."""
    root = tmp_path / "results"
    shutil.copytree(rendered.parent, root)
    return root


def write_results(root: Path) -> Path:
    """Results of everything: RCV1, airfoil, quadratics, proofs, claims, provenance."""
    write_json(root / "data/manifest.json", manifest())
    optimizers = {
        "sgd": {"as printed": (0.01, 0.30), "common rate 0.1": (0.1, 0.10)},
        "adagrad": {"as printed": (0.1, 0.05), "common rate 0.01": (0.01, 0.35)},
    }
    for optimizer, variants in optimizers.items():
        frames = [
            linear_runs("rcv1", optimizer, variant, rate, end)
            for variant, (rate, end) in variants.items()
        ]
        write_runs(root, "rcv1", optimizer, frames)
    write_runs(
        root, "airfoil", "adagrad_eps_inside",
        [linear_runs("airfoil", "adagrad_eps_inside", "as printed", 0.1, 0.242)],
    )  # fmt: skip
    for optimizer in ("sgd", "adagrad"):
        write_runs(root, "quadratics", optimizer, [quadratic_runs(optimizer)])
    write_json(root / "proofs/verdicts.json", [verdict("exercise-1", "reproduced", "exact")])
    write_json(root / "claims/ledger.json", claims())
    (root / "analyses").mkdir(parents=True)
    pd.concat(limits()).to_parquet(root / "analyses/limits.parquet", index=False)
    write_json(root / "counterparts.json", counterparts())
    write_json(root / "optim/rules.json", [rule("sgd"), rule("adagrad")])
    write_json(
        root / "provenance.json",
        {
            "project_version": "0.1.0", "commit": "abc1234", "python": "3.11.7",
            "packages": {"numpy": "2.4.6"}, "machine": "x86_64", "cpu_count": 2,
            "started": "2026-01-02T03:04:05+00:00", "finished": "2026-01-02T03:08:05+00:00",
        },
    )  # fmt: skip
    return root


def limits() -> Iterator[pd.DataFrame]:
    """An analysis with lines, named points, and named points measured in two ways."""
    rates, grown = [0.1, 0.2, 0.3, 0.4], [0.8, 0.5, 0.9, 1.2]
    yield series_rows("growth", "SGD", "growth a step", grown, x=rates, x_name="rate")
    rules = ["SGD", *(f"rule {at}" for at in range(7)), "momentum"]
    yield series_rows("limits", "bowl", "rate", [0.1, *([0.15] * 7), 0.19], label=rules)
    for metric, values in (("marked at", [1.58]), ("truly at", [1.5811])):
        yield series_rows("marks", "curve", metric, values, label=["a minimum <b>"])


def counterparts() -> list[dict]:
    figures = [part_of_analysis(figure) for figure in ("growth", "limits", "marks")]
    gone = {"status": "missing", "reason": "this run made no results/runs/cnn", "files": []}
    return [
        counterpart("figure 9", part_of_runs("rcv1", "train_loss", optimizer="adagrad")),
        counterpart("table 2", part_of_runs("rcv1", "train_loss", variant="as printed")),
        counterpart("log", part_of_runs("rcv1", "train_loss", optimizer="adagrad")),
        counterpart("figure 7", *(part_of_runs("quadratics", metric) for metric in ("x1", "x2"))),
        counterpart("announced", *figures, document="notebook"),
        counterpart("code", part_of_runs("cnn", "test_loss", **gone), document="notebook"),
    ]


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def write_runs(root: Path, experiment: str, optimizer: str, frames: list[pd.DataFrame]) -> None:
    path = root / "runs" / experiment / f"{optimizer}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.concat(frames).to_parquet(path, index=False)


def manifest() -> dict:
    return {
        "rcv1": {
            "name": "rcv1", "kind": "mirror", "source": "mirror folder, rcv1/subsets.npz",
            "sha256": {"rcv1/subsets.npz": "c1a3" * 16}, "licence": "none stated",
            "citation": "Lewis et al. (2004)", "label": "CCAT",
            "note": "not the official split: five subsets", "attempts": ["cache: not there"],
            "layout": "rows", "rows": {"train": ROWS, "test": 40}, "features": 47236,
            "nonzeros": {"train": 9000, "test": 3000},
        },
        "airfoil": {
            "name": "airfoil", "kind": "stand-in", "source": "generated by this program",
            "sha256": {}, "licence": "none needed", "citation": "Brooks et al. (1989)",
            "label": "sound pressure", "note": "generated", "attempts": [], "layout": "rows",
            "rows": {"train": ROWS, "test": 3}, "features": 5, "nonzeros": {"train": 600},
        },
    }  # fmt: skip


def claims() -> list[dict]:
    on_airfoil = verdict("airfoil-loss", "reproduced with a caveat", "statistical")
    on_airfoil["measured"] = {"value": 0.2421, "expected": 0.242, "median": 0.2421}
    on_airfoil["provenance"] = {
        "arguments": {
            "experiment": "airfoil", "optimizer": "adagrad_eps_inside", "variant": "as printed",
            "metric": "train_loss",
        },
        "data": "airfoil: stand-in, generated by this program",
    }  # fmt: skip
    return [verdict("one-rate", "refuted", "exact"), on_airfoil]
