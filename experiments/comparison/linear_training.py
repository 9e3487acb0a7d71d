"""Trains linear models for a comparison: a search is one call of the engine, so are all seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data.prepared import Prepared, Rows
from experiments.comparison.training import Asked, Stage, Trace, Trainer
from experiments.linear import sampled_rows, updates_per_epoch
from experiments.progress import told
from optim.linear import History, train
from optim.plan import Run as EngineRun
from optim.problem import Loss, Problem
from optim.problem import Rows as EngineRows
from optim.rule import Rule

ALONE = 1
"""Width of the blocks: the seconds are then those of a run alone, and one kernel is compiled."""


def linear_trainer(prepared: Prepared, loss: Loss, protocol: Mapping[str, Any]) -> Trainer:
    """A trainer on the splits of `prepared`; "test" is read for the final training only.

    Of "test" at most the protocol's `test_rows` are measured, all where it has none.
    """

    def trainer(stage: Stage, rule: Rule, asked: Sequence[Asked]) -> list[Trace]:
        problem = _problem(prepared, loss, stage, protocol.get("test_rows"))
        history = train(
            problem, rule, [EngineRun(each.hyperparameters, each.seed) for each in asked],
            epochs=protocol["epochs"], batch=protocol["batch"], thin=problem.train.labels.size,
            width=ALONE, cores=1, device="cpu", progress=told(f"{rule.name}, {stage}"),
        )  # fmt: skip
        return [_trace(history, lane) for lane in range(len(asked))]

    return trainer


def _problem(prepared: Prepared, loss: Loss, stage: Stage, test_rows: int | None) -> Problem:
    trained, others = ("fitting", ["validation"]) if stage == "search" else ("train", ["test"])
    splits = {name: _rows(prepared, name) for name in (trained, *others)}
    if test_rows is not None and "test" in splits:
        splits["test"] = sampled_rows(splits["test"], test_rows)
    measured = {name: splits[name] for name in others}
    if stage == "final":
        measured[trained] = splits[trained]
    found = prepared.splits[trained]
    assert isinstance(found, Rows)
    return Problem(splits[trained], measured, found.features, loss, measures=("loss", "accuracy"))


def _rows(prepared: Prepared, split: str) -> EngineRows:
    found = prepared.splits[split]
    assert isinstance(found, Rows)
    return EngineRows(found.indptr, found.indices, found.values, found.labels)


def _trace(history: History, lane: int) -> Trace:
    first = int(history.diverged[lane])
    return Trace(
        measured={
            f"{split}_{metric}": values[:, lane]
            for split, measured in history.measured.items()
            for metric, values in measured.items()
        },
        seconds=history.seconds[:, lane] / history.shared_by[lane],
        updates=first - 1 if first else None,
        per_epoch=updates_per_epoch(history),
        device=history.device,
    )
