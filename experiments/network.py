"""What the experiments on networks share: images as tensors, the network, one training run.

The network and its training are those of the assignment's exercise 5 (section 3.8); it is trained
by the project's own rules. The same seed gives all rules the same first weights, sample order and
augmentation.
"""

from __future__ import annotations

import dataclasses
import math
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from data.prepared import Images
from optim.rule import Rule
from optim.schedules import factors
from optim.torch_optimizer import RuleOptimizer

Network = Callable[[int, int, int], nn.Module]
"""Makes a network for images of a height and width, and a number of classes."""

Augmentation = Callable[[Tensor, Generator], Tensor]
"""Changes the images of a batch [n, 1, height, width] by draws from a generator."""

States = Mapping[str, Mapping[str, Tensor]]
"""An optimizer's state: by the parameter's name, then by the state's, flat tensors."""

Observer = Callable[[int, States], None]
"""Is shown the epochs done and the optimizer's state, after each epoch."""

MEASURED_TOGETHER = 125
"""Images of one forward pass when a split is measured: no influence beyond rounding."""


@dataclasses.dataclass(frozen=True)
class Pictures:
    """Grey images as a network reads them, all on one device.

    `pixels` [n, 1, height, width] real, whose type is what the network computes in; `labels` [n]
    int64, each below `classes`.
    """

    pixels: Tensor
    labels: Tensor
    classes: int


@dataclasses.dataclass(frozen=True)
class History:
    """What one run left behind.

    `measured[split]["loss" or "accuracy"]` [epochs + 1] over a whole split, first before training;
    `running_loss` [epochs] the mean over an epoch's samples, each before the update it is part of;
    `seconds` [epochs + 1] of training, without measuring; `diverged` the first step (from 1) whose
    loss was not finite, 0 for none: what comes after it was not computed, and is NaN.
    """

    measured: dict[str, dict[str, np.ndarray]]
    running_loss: np.ndarray
    seconds: np.ndarray
    diverged: int
    updates_per_epoch: int
    device: str


def pictures(
    images: Images, *, at_most: int | None = None, side: int | None = None, device: str = "cpu"
) -> Pictures:
    """Take the first `at_most` images, divided by 255, as float32 on `device`.

    Images larger than `side` pixels are averaged over squares down to that size. ValueError where
    it does not divide theirs.
    """
    part = slice(at_most)
    pixels = torch.tensor(images.pixels[part]).to(torch.float32)[:, None].div_(255)
    height = pixels.shape[2]
    if side is not None and height > side:
        if height % side or pixels.shape[3] % (height // side):
            raise ValueError(f"images of {tuple(pixels.shape[2:])} do not average to {side} a side")
        pixels = nn.functional.avg_pool2d(pixels, height // side)
    labels = torch.tensor(images.labels[part], dtype=torch.int64)
    return Pictures(pixels.to(device), labels.to(device), int(images.labels.max()) + 1)


def convolutional_network(
    height: int,
    width: int,
    classes: int,
    *,
    channels: tuple[int, int] = (32, 64),
    hidden: int = 128,
) -> nn.Module:
    """Exercise 5's network: two convolutions of 3x3, each pooled by 2x2, and two dense layers.

    It returns the logits [n, classes] of images [n, 1, height, width]. ValueError for images of
    which two poolings leave nothing.
    """
    if min(height, width) < 4:
        raise ValueError(f"images of {height} by {width} pixels, expected at least 4 by 4")
    first, second = channels
    layers = {
        "first_convolution": nn.Conv2d(1, first, 3, padding=1),
        "first_relu": nn.ReLU(),
        "first_pooling": nn.MaxPool2d(2),
        "second_convolution": nn.Conv2d(first, second, 3, padding=1),
        "second_relu": nn.ReLU(),
        "second_pooling": nn.MaxPool2d(2),
        "flattened": nn.Flatten(),
        "hidden": nn.Linear(second * (height // 4) * (width // 4), hidden),
        "hidden_relu": nn.ReLU(),
        "output": nn.Linear(hidden, classes),
    }
    return nn.Sequential(OrderedDict(layers))


def shifted_and_mirrored(pixels: Tensor, generator: Generator) -> Tensor:
    """Move each image by up to a fourteenth of its height, and mirror every second one, at random.

    The pixels that a move uncovers are zero. `generator` is a CPU generator, so that all devices
    draw the same.
    """
    n, _, height, width = pixels.shape
    reach = max(1, height // 14)
    down, right = torch.randint(-reach, reach + 1, (2, n, 1), generator=generator).to(pixels.device)
    mirrored = torch.randint(0, 2, (n, 1), generator=generator).to(pixels.device)
    rows = torch.arange(height, device=pixels.device) + reach + down
    columns = torch.arange(width, device=pixels.device)
    columns = torch.where(mirrored == 1, columns.flip(0), columns) + reach + right
    padded = nn.functional.pad(pixels[:, 0], (reach, reach, reach, reach))
    image = torch.arange(n, device=pixels.device)[:, None, None]
    return padded[image, rows[:, :, None], columns[:, None, :]][:, None]


def available_device() -> str:
    """The device to train on: "cuda" where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def generators(seed: int) -> tuple[int, Generator, Generator]:
    """The seed of the first weights, and the CPU generators of sample orders and augmentation."""
    weights, order, changes = np.random.SeedSequence(seed).generate_state(3)
    orders, augmentation = (torch.Generator().manual_seed(int(s)) for s in (order, changes))
    return int(weights), orders, augmentation


def fresh_network(network: Network, like: Pictures, seed: int) -> nn.Module:
    """A network for such images, its first weights drawn on the CPU by `seed` alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        height, width = like.pixels.shape[2:]
        made = network(height, width, like.classes)
    made.to(like.pixels.device, like.pixels.dtype)
    # The layout that convolutions are fastest in; it changes no result but rounding.
    # torch's type of `to` leaves this argument out.
    return made.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def as_one_vector(network: nn.Module) -> nn.Parameter:
    """Make all parameters of the network, and their gradients, views of one vector; return it.

    The rules go coordinate by coordinate, so that one step of the vector is a step of each
    parameter, at an eighth of the calls. Gradients must then be zeroed in place.
    """
    parameters = list(network.parameters())
    first = parameters[0]
    size = sum(parameter.numel() for parameter in parameters)
    vector = nn.Parameter(torch.empty(size, dtype=first.dtype, device=first.device))
    vector.grad = torch.zeros_like(vector)
    at = 0
    for parameter in parameters:
        shape, stride, end = parameter.shape, parameter.stride(), at + parameter.numel()
        view = vector.data[at:end].as_strided(shape, stride)
        view.copy_(parameter.data)
        parameter.data = view
        parameter.grad = vector.grad[at:end].as_strided(shape, stride)
        at = end
    return vector


def states_of(network: nn.Module, optimizer: RuleOptimizer) -> States:
    """The state by parameter, where the network's parameters are one vector to the optimizer."""
    vector = optimizer.param_groups[0]["params"][0]
    names, sizes = zip(*((name, p.numel()) for name, p in network.named_parameters()), strict=True)
    parts = {state: optimizer.state[vector][state].split(sizes) for state in optimizer.rule.state}
    return {
        name: {state: tensors[number] for state, tensors in parts.items()}
        for number, name in enumerate(names)
    }


def train_network(
    train: Pictures,
    measured: Mapping[str, Pictures],
    rule: Rule,
    hyperparameters: Mapping[str, float],
    seed: int,
    *,
    epochs: int,
    batch: int,
    network: Network = convolutional_network,
    schedule: Callable[[Any], Any] | None = None,
    augmentation: Augmentation | None = None,
    observe: Observer = lambda _epoch, _states: None,
) -> History:
    """Train a network by `rule` on the device of `train`; measure all splits of `measured`.

    Each epoch goes once through `train` in a fresh order, `batch` images an update, the last of
    them on what is left. `schedule` gives the learning rate's factor at a step, from 1. A run whose
    loss is no longer finite ends with that epoch. One thread, and deterministic where torch can be.
    """
    with repeatable():
        weights, order, changes = generators(seed)
        made = fresh_network(network, train, weights)
        optimizer = RuleOptimizer([as_one_vector(made)], rule, **hyperparameters)
        steps = -(-len(train.labels) // batch)
        rates = _rates(optimizer, schedule, epochs * steps)
        found = _Measurements(measured, epochs)
        found.take(0, made)
        running, seconds, diverged = np.full(epochs, math.nan), np.full(epochs + 1, math.nan), 0
        seconds[0] = 0.0
        for epoch in range(1, epochs + 1):
            began = time.perf_counter()
            now = rates[(epoch - 1) * steps : epoch * steps]
            means, sizes = _epoch(made, optimizer, train, batch, now, order, augmentation, changes)
            seconds[epoch] = seconds[epoch - 1] + time.perf_counter() - began
            running[epoch - 1] = np.average(means, weights=sizes)
            finite = found.take(epoch, made)
            observe(epoch, states_of(made, optimizer))
            if not (finite and np.isfinite(means).all()):
                wrong = np.append(~np.isfinite(means), True)
                diverged = (epoch - 1) * steps + int(np.argmax(wrong)) + 1
                break
        return History(found.values, running, seconds, diverged, steps, _name(train.pixels.device))


class _Measurements:
    """Losses and accuracies of whole splits by epoch; NaN where not taken."""

    def __init__(self, splits: Mapping[str, Pictures], epochs: int) -> None:
        self._splits = splits
        self.values = {
            split: {metric: np.full(epochs + 1, math.nan) for metric in ("loss", "accuracy")}
            for split in splits
        }

    def take(self, epoch: int, network: nn.Module) -> bool:
        """Measure all splits; False where a loss is not finite, and then without accuracies."""
        finite = True
        for split, given in self._splits.items():
            loss, accuracy = measure(network, given)
            self.values[split]["loss"][epoch] = loss
            if math.isfinite(loss):
                self.values[split]["accuracy"][epoch] = accuracy
            finite &= math.isfinite(loss)
        return finite


def measure(network: nn.Module, given: Pictures) -> tuple[float, float]:
    """Mean cross-entropy and the part of the images whose largest logit is their label's."""
    network.eval()
    loss, right = 0.0, 0
    with torch.inference_mode():
        both = (part.split(MEASURED_TOGETHER) for part in (given.pixels, given.labels))
        for pixels, labels in zip(*both, strict=True):
            logits = network(pixels)
            loss += float(cross_entropy(logits, labels, reduction="sum"))
            right += int((logits.argmax(dim=1) == labels).sum())
    return loss / len(given.labels), right / len(given.labels)


def _epoch(
    network: nn.Module,
    optimizer: RuleOptimizer,
    train: Pictures,
    batch: int,
    rates: np.ndarray,
    order: Generator,
    augmentation: Augmentation | None,
    changes: Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Train one epoch; return the batches' mean losses before their updates, and their sizes."""
    network.train()
    group = optimizer.param_groups[0]
    losses, sizes = [], []
    shuffled = torch.randperm(len(train.labels), generator=order).to(train.labels.device)
    for rate, chosen in zip(rates, shuffled.split(batch), strict=True):
        pixels = train.pixels[chosen]
        if augmentation is not None:
            pixels = augmentation(pixels, changes)
        group["lr"] = float(rate)
        optimizer.zero_grad(set_to_none=False)
        loss = cross_entropy(network(pixels), train.labels[chosen])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        sizes.append(len(chosen))
    # Fetched together: on a GPU each fetch of its own would wait for the step to end.
    return torch.stack(losses).cpu().double().numpy(), np.array(sizes)


def _rates(
    optimizer: RuleOptimizer, schedule: Callable[[Any], Any] | None, steps: int
) -> np.ndarray:
    """Learning rates [steps]; hyper-parameters scheduled with it follow by `initial_lr`."""
    group = optimizer.param_groups[0]
    group["initial_lr"] = group["lr"]
    factor = np.ones(steps) if schedule is None else factors(schedule, steps)[1:]
    return group["lr"] * factor


@contextmanager
def repeatable() -> Iterator[None]:
    """Within it torch takes one thread, and deterministic algorithms wherever there are any."""
    threads = torch.get_num_threads()
    debug_mode = torch.get_deterministic_debug_mode()
    # cuBLAS reads it when it is first used, and is only then deterministic.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(1)
    # As use_deterministic_algorithms, which imports the whole compiler (two seconds a process).
    torch.set_deterministic_debug_mode("warn")
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(debug_mode)


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
