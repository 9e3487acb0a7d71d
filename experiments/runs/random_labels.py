"""The notebook's batch sizes (section 1.3): its linear network on labels that mean nothing.

Normal inputs and labels by coin, so there is nothing to learn: a label's chance loss is ln 2, and
what a loss curve shows is the first weights being unlearned. The notebook draws first weights for
every batch size anew, so that its curves start at different losses; the variants from a common
start leave that out. Beside the losses it draws, the loss over the whole training set, over as many
fresh samples, and the smallest training loss that any weights have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import scipy.optimize
import torch
from torch import Tensor, nn

from experiments.table import Run, measurements
from optim.full_batch import logistic
from optim.registry import rule
from optim.torch_optimizer import RuleOptimizer

DATASET = None
PROTOCOL = {
    "samples": {"$ref": "#/$defs/count"},
    "features": {"$ref": "#/$defs/count"},
    "batches": {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 1},
    "epochs": {"$ref": "#/$defs/count"},
    "moving_average": {"$ref": "#/$defs/count"},
    "seeds": {"$ref": "#/$defs/count"},
    "optimizers": {"$ref": "#/$defs/optimizers"},
}

STARTS = ("", ", common start")
"""What a variant is called where each batch size has first weights of its own, and where not."""

Samples = tuple[Tensor, Tensor]


def run(optimizer: str, protocol: Mapping[str, Any], _data: None = None) -> Iterator[pd.DataFrame]:
    """Train every variant of `optimizer` with each batch size on each seed; yield tidy tables."""
    torch.set_num_threads(1)
    chosen = rule(optimizer)
    for variant, given in protocol["optimizers"][optimizer].items():
        hyperparameters = chosen.hyperparameters(**given)
        for seed in range(protocol["seeds"]):
            generator = torch.Generator().manual_seed(seed)
            train, fresh = (samples(protocol, generator) for _ in range(2))
            smallest = smallest_loss(*train)
            common = network(protocol["features"], generator)
            for start in STARTS:
                for batch in protocol["batches"]:
                    model = network(protocol["features"], generator)
                    if start:
                        model.load_state_dict(common.state_dict())
                    name = f"{variant}, batch {batch}{start}"
                    row = Run(
                        "random_labels", "none", optimizer, name, hyperparameters, seed, batch
                    )
                    trained = RuleOptimizer(model.parameters(), chosen, **given)
                    yield from _trained(row, model, trained, (train, fresh), protocol, generator)
                    yield from _at_the_end(row, "smallest_train_loss", smallest, protocol)


def samples(protocol: Mapping[str, Any], generator: torch.Generator) -> Samples:
    """Normal inputs [n, features], and classes [n] by coin."""
    count = protocol["samples"]
    inputs = torch.randn(count, protocol["features"], generator=generator)
    return inputs, torch.randint(0, 2, (count,), generator=generator)


def network(features: int, generator: torch.Generator) -> nn.Linear:
    """The notebook's network, one linear layer, its weights drawn as torch draws them."""
    model = nn.Linear(features, 2)
    bound = features**-0.5
    for parameter in model.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return model


def smallest_loss(inputs: Tensor, labels: Tensor) -> float:
    """The smallest mean cross-entropy that any weights reach on the samples, in float64."""
    x = np.hstack([inputs.double().numpy(), np.ones((len(inputs), 1))])
    y = labels.double().numpy()

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        losses, slopes = logistic(x @ weights, y)
        return float(losses.mean()), x.T @ slopes / len(y)

    found = scipy.optimize.minimize(loss, np.zeros(x.shape[1]), jac=True, method="BFGS")
    return float(found.fun)


def _trained(
    row: Run,
    model: nn.Linear,
    optimizer: RuleOptimizer,
    splits: tuple[Samples, Samples],
    protocol: Mapping[str, Any],
    generator: torch.Generator,
) -> Iterator[pd.DataFrame]:
    (inputs, labels), epochs = splits[0], protocol["epochs"]
    measured = [_measure(model, splits)]
    losses: list[float] = []
    for _ in range(epochs):
        order = torch.randperm(len(labels), generator=generator)
        for chosen in order.split(row.batch or len(labels)):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        measured.append(_measure(model, splits))
    step, per_epoch = np.arange(len(losses)), len(losses) // epochs
    yield measurements(row, "batch_loss", np.array(losses), epoch=step // per_epoch, step=step)
    window = protocol["moving_average"]
    if window <= len(losses):
        ends = step[window - 1 :] + 1
        averages = np.convolve(losses, np.ones(window) / window, mode="valid")
        yield measurements(
            row, "batch_loss_moving_average", averages, epoch=ends // per_epoch, step=ends
        )
    epoch = np.arange(epochs + 1)
    for name in measured[0]:
        values = np.array([each[name] for each in measured])
        yield measurements(row, name, values, epoch=epoch, step=epoch * per_epoch)


@torch.no_grad()
def _measure(model: nn.Linear, splits: tuple[Samples, Samples]) -> dict[str, float]:
    """Loss and accuracy on the training set, on fresh samples, and how far their losses differ."""
    found = {}
    for name, (inputs, labels) in zip(("train", "test"), splits, strict=True):
        outputs = model(inputs)
        found[f"{name}_loss"] = nn.functional.cross_entropy(outputs, labels).item()
        found[f"{name}_accuracy"] = (outputs.argmax(dim=1) == labels).float().mean().item()
    found["generalization_gap"] = found["test_loss"] - found["train_loss"]
    return found


def _at_the_end(
    row: Run, metric: str, value: float, protocol: Mapping[str, Any]
) -> Iterator[pd.DataFrame]:
    epochs = protocol["epochs"]
    step = epochs * -(-protocol["samples"] // (row.batch or protocol["samples"]))
    yield measurements(
        row, metric, np.array([value]), epoch=np.array([epochs]), step=np.array([step])
    )
