"""What experiments with schedules, penalties and batch sizes on linear models share.

Every run of a sweep has a lane of its own in the engine's arrays; runs with the same seed see the
samples in the same order.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from data.prepared import open_prepared
from experiments.linear import epoch_ends, every_epoch_end, linear_problem, updates_per_epoch
from experiments.progress import told
from experiments.table import Run, measurements
from optim.linear import History, train
from optim.plan import Run as EngineRun
from optim.plan import Schedule
from optim.problem import Problem
from optim.registry import rule


def documents(data: Path, test_rows: int) -> Problem:
    """RCV1's linear problem, of which loss and accuracy are measured, on so many test rows."""
    problem = linear_problem(open_prepared(data), "logistic", test_rows)
    return dataclasses.replace(problem, measures=("loss", "accuracy"))


@dataclasses.dataclass(frozen=True)
class Lane:
    """One run of a sweep: what its variant is called, and what it is trained with.

    Lanes that share a schedule share the function itself, or the engine takes them apart.
    """

    variant: str
    hyperparameters: Mapping[str, float]
    seed: int
    schedule: Schedule | None = None


def sweep(
    experiment: str,
    dataset: str,
    optimizer: str,
    problem: Problem,
    lanes: Sequence[Lane],
    *,
    epochs: int,
    batch: int,
    thin: int,
    width: int | None = None,
    only: range | None = None,
) -> Iterator[tuple[Run, int, History]]:
    """Train the lanes together; yield what names each run, its lane and the sweep's history.

    `width` is the engine's: given where kernels would be compiled for two of them otherwise. Of the
    lanes only those at `only` are trained, all where it is None; none where it is empty.
    """
    only = range(len(lanes)) if only is None else only
    if not only:
        return
    chosen = rule(optimizer)
    runs = [EngineRun(lane.hyperparameters, lane.seed, lane.schedule) for lane in lanes]
    history = train(
        problem, chosen, runs, epochs=epochs, batch=batch, thin=thin, width=width, cores=1,
        only=only, progress=told(f"{experiment} {optimizer}"),
    )  # fmt: skip
    print(
        f"{experiment} {optimizer}: {len(only)} runs x {history.updates} updates of {batch}; "
        f"{history.compile_seconds:.2f} s to compile",
        file=sys.stderr,
    )
    for number, lane in enumerate(lanes[only.start : only.stop]):
        given = chosen.hyperparameters(**lane.hyperparameters)
        named = Run(experiment, dataset, optimizer, lane.variant, given, lane.seed, batch)
        yield dataclasses.replace(named, device=history.device), number, history


def curves(run: Run, lane: int, history: History, samples: int) -> Iterator[pd.DataFrame]:
    """All that was measured of one run: at epochs' ends, in between, and where it diverged.

    `generalization_gap` is the test loss less the training loss; `mean_batch_loss` the mean over
    the samples since the last one, at losses seen before each update.
    """
    yield from every_epoch_end(run, lane, history)
    if "test" in history.measured:
        gap = epoch_ends(run, lane, history, "test", "loss")
        train_loss = epoch_ends(run, lane, history, "train", "loss").value
        yield gap.assign(metric="generalization_gap", value=gap.value - train_loss)
    yield mean_losses(run, lane, history, samples)


def mean_losses(run: Run, lane: int, history: History, samples: int) -> pd.DataFrame:
    """Mean losses between one sampled step and the next, at the update that the next is before."""
    assert run.batch is not None
    epochs, per_epoch = len(history.seconds) - 1, updates_per_epoch(history)
    ends = np.append(history.sampled_steps[1:], epochs * samples)
    epoch = ends // samples
    step = epoch * per_epoch + -(-(ends % samples) // run.batch)
    return measurements(
        run, "mean_batch_loss", history.mean_losses[:, lane], epoch=epoch, step=step
    )
