"""Makes result tables and verdicts for the report's tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

EPOCHS, SEEDS, ROWS = 20, 5, 120


def linear_runs(
    experiment: str, optimizer: str, variant: str, rate: float, end: float
) -> pd.DataFrame:
    """Losses that fall from log 2 to `end` + seed² / 1000, so that medians are known."""
    frames = []
    for seed in range(SEEDS):
        last = end + seed**2 / 1000
        epoch = np.arange(EPOCHS + 1)
        falling = last + (np.log(2) - last) * (1 - epoch / EPOCHS) ** 2
        named = {
            "experiment": experiment, "dataset": experiment, "optimizer": optimizer,
            "variant": variant, "hyperparameters": json.dumps({"lr": rate}), "seed": seed,
            "device": "cpu",
            "batch": 1,
        }  # fmt: skip
        ends = {"epoch": epoch, "step": epoch * ROWS, "seconds": epoch * 0.01}
        frames.append(pd.DataFrame({**named, **ends, "metric": "train_loss", "value": falling}))
        if experiment == "airfoil":
            continue
        frames.append(
            pd.DataFrame({**named, **ends, "metric": "test_loss", "value": falling + 0.1})
        )
        accuracy = 0.9 + seed / 1000 + 0 * falling
        frames.append(pd.DataFrame({**named, **ends, "metric": "test_accuracy", "value": accuracy}))
        step = np.arange(0, EPOCHS * ROWS, 10)
        single = {"epoch": step // ROWS, "step": step, "seconds": np.nan}
        average = last + 0.5 * (1 - step / step[-1]) ** 2
        name = "step_loss_moving_average"
        frames.append(pd.DataFrame({**named, **single, "metric": name, "value": average}))
        frames.append(pd.DataFrame({**named, **single, "metric": "step_loss", "value": average}))
    return pd.concat(frames, ignore_index=True)


def quadratic_runs(optimizer: str) -> pd.DataFrame:
    """A spiral towards the origin on each of the three functions."""
    frames = []
    for function in ("f1", "f2 as printed", "f2 true rotation"):
        step = np.arange(201)
        x1, x2 = 3 * 0.97**step, np.cos(step / 8) * 0.96**step
        for metric, value in (("x1", x1), ("x2", x2), ("objective", 0.1 * x1**2 + 2 * x2**2)):
            frames.append(
                pd.DataFrame(
                    {
                        "experiment": "quadratics", "dataset": "none", "optimizer": optimizer,
                        "variant": function, "hyperparameters": json.dumps({"lr": 0.2}),
                        "seed": 0, "epoch": 0, "step": step, "metric": metric, "value": value,
                        "seconds": np.nan, "device": "cpu", "batch": np.nan,
                    }
                )
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def series_rows(figure: str, series: str, metric: str, values: list[float], **along) -> dict:
    """Rows of an analysis, in columns; `along` has x with x_name, or label, and may have unit."""
    columns = {"x": np.nan, "x_name": "", "label": "", "unit": ""} | along
    named = {"analysis": "limits", "figure": figure, "series": series, "metric": metric}
    return pd.DataFrame({**named, **columns, "value": values})


def counterpart(item: str, *parts: dict, **changed: object) -> dict:
    """An entry of counterparts.json as `python -m experiments counterparts` writes it."""
    entry = {"document": "assignment", "section": "3.6", "item": item, "what": f"What {item} is."}
    missing = any(part["status"] == "missing" for part in parts)
    status = "missing" if missing else "there"
    return {**entry, "status": status, "results": list(parts), **changed}


def part_of_runs(name: str, metric: str, **changed: object) -> dict:
    """A result of an entry: a metric of an experiment's runs."""
    return {
        "kind": "runs", "name": name, "optimizer": None, "variant": None, "metric": metric,
        "figure": None, "datasets": [name], "files": [f"results/runs/{name}/sgd.parquet"],
        "rows": 1, "seeds": 5, "scale": "full", "status": "there", "reason": "", **changed,
    }  # fmt: skip


def part_of_analysis(figure: str, **changed: object) -> dict:
    """A result of an entry: a figure of the analysis "limits"."""
    file = "results/analyses/limits.parquet"
    none = {"optimizer": None, "variant": None, "metric": None, "seeds": None}
    return {
        "kind": "analyses",
        "name": "limits",
        **none,
        "figure": figure,
        "datasets": [],
        "files": [file],
        "rows": 1,
        "scale": "full",
        "status": "there",
        "reason": "",
        **changed,
    }


def verdict(name: str, finding: str, evidence: str, statement: str = "") -> dict:
    """A verdict as `proofs.verdict` writes it."""
    return {
        "id": name,
        "statement": statement or f"The statement {name}.",
        "place": {"document": "assignment", "section": "3.7"},
        "finding": finding,
        "evidence": evidence,
        "measured": {"value": 1.5, "pair": [0.01, 0.1], "same": False},
        "explanation": "Tiếng Việt: tốc độ học thích ứng; ‖x‖ ≤ √λ.",
        "tolerance": 0.0,
        "tolerance_reason": "exact agreement is asked for",
        "hypotheses": ["U is orthogonal"],
        "trials": 12,
        "provenance": {},
    }


def rule(name: str, passed: bool = True) -> dict:
    """A rule as `python -m optim rules` writes it."""
    return {
        "name": name,
        "title": "SGD" if name == "sgd" else name.replace("_", " ").capitalize(),
        "paper": "Robbins & Monro <1951>",
        "latex": "\\begin{aligned}\n\\theta_{t} &= \\theta_{t-1} - \\eta g_{t}\n\\end{aligned}",
        "mathml": '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>θ</mi></math>',
        "state": ["s_1"],
        "cost": {"simple": 2, "divisions": 0, "roots": 1, "state_bytes": 4},
        "zero_gradient": "change nothing",
        "hyperparameters": ["lr"],
        "defaults": {"lr": 0.01},
        "checks": [
            {"check": "torch", "against": "torch.optim", "error": 2e-16 if passed else None,
             "tolerance": 1e-10, "passed": passed}
        ],
    }  # fmt: skip


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def write_runs(root: Path, experiment: str, optimizer: str, frames: list[pd.DataFrame]) -> None:
    path = root / "runs" / experiment / f"{optimizer}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.concat(frames).to_parquet(path, index=False)
