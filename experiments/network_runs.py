"""From protocols on networks to tidy tables: every variant and seed of one optimizer, trained."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from data.prepared import Images, Prepared
from experiments.network import (
    History,
    Pictures,
    available_device,
    convolutional_network,
    pictures,
    shifted_and_mirrored,
    train_network,
)
from experiments.schedule_choice import described
from experiments.shards import WHOLE, Shard
from experiments.table import Run, measurements
from optim.registry import rule
from optim.rule import Rule


@dataclasses.dataclass(frozen=True)
class Treatment:
    """How a training differs from exercise 5's.

    augmented: images moved and mirrored at random. standardised: pixels less their mean over the
    training images, by their deviation. share: the part of the training images that is used, each
    1 / share times an epoch, so that the number of updates stays. width: factor on the numbers of
    channels and hidden units. schedule: as `experiments.schedule_choice` describes one.
    """

    augmented: bool = False
    standardised: bool = False
    share: float = 1.0
    width: float = 1.0
    schedule: Mapping[str, Any] | None = None


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to train by an optimizer: its name in the table, what is given, and a treatment."""

    name: str
    hyperparameters: Mapping[str, float]
    treatment: Treatment = Treatment()


def split_of(prepared: Prepared, split: str, at_most: int, side: int) -> Pictures:
    """The first `at_most` images of a split on the device there is, averaged down to `side`."""
    images = prepared.splits[split]
    assert isinstance(images, Images)
    return pictures(images, at_most=at_most, side=side, device=available_device())


def train_variants(
    experiment: str,
    prepared: Prepared,
    optimizer: str,
    protocol: Mapping[str, Any],
    variants: Sequence[Variant],
    shard: Shard = WHOLE,
) -> Iterator[pd.DataFrame]:
    """Train `optimizer` in each variant on every seed of the protocol, or a shard; tidy tables."""
    runs = [(variant, seed) for variant in variants for seed in range(protocol["seeds"])]
    only = shard.stretch(len(runs))
    chosen = rule(optimizer)
    train, test = (
        split_of(prepared, split, protocol[count], protocol["side"])
        for split, count in (("train", "train_images"), ("test", "test_images"))
    )
    splits = {"train": train, "test": test}
    for variant, seed in runs[only.start : only.stop]:
        given = _in_steps(chosen, variant.hyperparameters, protocol, len(train.labels))
        history = train_treated(splits, chosen, given, seed, variant.treatment, protocol)
        run = Run(
            experiment, prepared.name, optimizer, variant.name, given, seed,
            protocol["batch"], history.device,
        )  # fmt: skip
        print(progress(run, history), file=sys.stderr)
        yield from rows(run, history)


def _in_steps(
    chosen: Rule, given: Mapping[str, float], protocol: Mapping[str, Any], images: int
) -> dict[str, float]:
    """The hyper-parameters, a `period` that is not given being `reset_epochs` in updates."""
    if "period" in chosen.defaults and "period" not in given and "reset_epochs" in protocol:
        period = protocol["reset_epochs"] * -(-images // protocol["batch"])
        return chosen.hyperparameters(**given, period=period)
    return chosen.hyperparameters(**given)


def train_treated(
    splits: Mapping[str, Pictures],
    chosen: Rule,
    hyperparameters: Mapping[str, float],
    seed: int,
    treatment: Treatment,
    protocol: Mapping[str, Any],
) -> History:
    """One run on the split "train" under a treatment, in the protocol's epochs and batch.

    What is measured as "train" are the images that are trained on, before augmentation.
    """
    whole, epochs, batch = splits["train"], protocol["epochs"], protocol["batch"]
    used = first_share(whole, treatment.share)
    splits = {**splits, "train": used}
    if treatment.standardised:
        splits = standardised(splits, used)
    train = repeated(splits["train"], round(len(whole.labels) / len(used.labels)))
    updates = epochs * -(-len(train.labels) // batch)
    channels = (scaled(32, treatment.width), scaled(64, treatment.width))
    hidden = scaled(128, treatment.width)
    return train_network(
        train, splits, chosen, hyperparameters, seed, epochs=epochs, batch=batch,
        network=partial(convolutional_network, channels=channels, hidden=hidden),
        schedule=None if treatment.schedule is None else described(treatment.schedule, updates),
        augmentation=shifted_and_mirrored if treatment.augmented else None,
    )  # fmt: skip


def scaled(units: int, width: float) -> int:
    """Units of a layer at a width; at least one."""
    return max(1, round(units * width))


def first_share(given: Pictures, share: float) -> Pictures:
    """The first images, as many as that part of all; at least one."""
    count = max(1, round(len(given.labels) * share))
    return Pictures(given.pixels[:count], given.labels[:count], given.classes)


def repeated(given: Pictures, times: int) -> Pictures:
    """All images, `times` times."""
    if times == 1:
        return given
    pixels = given.pixels.repeat(times, 1, 1, 1)
    return Pictures(pixels, given.labels.repeat(times), given.classes)


def standardised(splits: Mapping[str, Pictures], by: Pictures) -> dict[str, Pictures]:
    """Pixels less the mean of all pixels of `by`, divided by their standard deviation (ddof 0)."""
    mean, deviation = by.pixels.mean(), by.pixels.std(correction=0)
    return {
        name: Pictures((given.pixels - mean) / deviation, given.labels, given.classes)
        for name, given in splits.items()
    }


def rows(run: Run, history: History) -> Iterator[pd.DataFrame]:
    """The tidy rows of one run: measured splits, running loss, gaps, and where it diverged."""
    epoch = np.arange(len(history.seconds))
    step = epoch * history.updates_per_epoch
    at = {"epoch": epoch, "step": step, "seconds": history.seconds}
    for split, measured in history.measured.items():
        for metric, values in measured.items():
            yield measurements(run, f"{split}_{metric}", values, **at)
    later = {name: values[1:] for name, values in at.items()}
    yield measurements(run, "running_train_loss", history.running_loss, **later)
    train, test = history.measured["train"], history.measured["test"]
    yield measurements(run, "loss_gap", test["loss"] - train["loss"], **at)
    yield measurements(run, "accuracy_gap", train["accuracy"] - test["accuracy"], **at)
    if history.diverged:
        first = np.array([history.diverged])
        in_epoch = (first - 1) // history.updates_per_epoch
        yield measurements(run, "diverged_at", first, epoch=in_epoch, step=first)


def progress(run: Run, history: History) -> str:
    """One line on a finished run."""
    test = history.measured["test"]
    how = (
        f"diverged at step {history.diverged}" if history.diverged
        else f"test loss {test['loss'][-1]:.3f}, accuracy {test['accuracy'][-1]:.3f}"
    )  # fmt: skip
    seconds = np.nanmax(history.seconds)
    return (
        f"{run.experiment} {run.optimizer} ({run.variant}), seed {run.seed}: {how}; "
        f"{seconds:.1f} s of training on {history.device}"
    )
