"""Trains networks on images for a comparison, one run after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from data.prepared import Prepared
from experiments.comparison.training import Asked, Stage, Trace, Trainer
from experiments.network import History, convolutional_network, train_network
from experiments.network_runs import scaled, split_of
from optim.rule import Rule


def network_trainer(prepared: Prepared, protocol: Mapping[str, Any]) -> Trainer:
    """A trainer on images of `prepared`; "test" is read for the final training only.

    The protocol's `images` says how many of each split, its `width` is a factor on the numbers of
    channels and hidden units of exercise 5's network.
    """
    width = protocol["width"]
    network = partial(
        convolutional_network,
        channels=(scaled(32, width), scaled(64, width)),
        hidden=scaled(128, width),
    )

    def trainer(stage: Stage, rule: Rule, asked: Sequence[Asked]) -> list[Trace]:
        trained, other = ("fitting", "validation") if stage == "search" else ("train", "test")
        splits = {
            name: split_of(prepared, name, protocol["images"][name], protocol["side"])
            for name in (trained, other)
        }
        measured = {other: splits[other]} if stage == "search" else splits
        return [
            _trace(
                train_network(
                    splits[trained], measured, rule, each.hyperparameters, each.seed,
                    epochs=protocol["epochs"], batch=protocol["batch"], network=network,
                )
            )
            for each in asked
        ]  # fmt: skip

    return trainer


def _trace(history: History) -> Trace:
    return Trace(
        measured={
            f"{split}_{metric}": values
            for split, measured in history.measured.items()
            for metric, values in measured.items()
        },
        seconds=history.seconds,
        updates=history.diverged - 1 if history.diverged else None,
        per_epoch=history.updates_per_epoch,
        device=history.device,
    )
