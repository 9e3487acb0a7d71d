"""Training over rows that never are in memory together: a generated click log, part after part.

`optim.linear.train` holds all rows and shuffles them whole. Here the engine's own compiled kernel
is called for one part after another, on weights and state that go on; rows are shuffled within
their part. With a single part this is `train`, bit by bit. It is a simulation of a plan and no
experiment of the project: for rules only that a step without gradient leaves alone and whose
update does not depend on the number of the step (SGD, Adagrad).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from data.blocks import Block
from data.prepared import ROW_ARRAYS, array_file
from data.writing import RowsWriter
from optim.block import INITIAL_SCALE
from optim.compiled import kernels
from optim.plan import WIDTHS
from optim.problem import Rows, check_rows
from optim.rule import Rule

FIELDS = 39
"""Of a click: 13 counts put into buckets and 26 categories, as in the public logs of clicks."""

BUCKETS = 1 << 15
"""Features of a field: a value is hashed within its field, so that no row names one twice."""

FEATURES = FIELDS * BUCKETS
LABEL_SHARE = -1.1
"""The hidden model's intercept: about a quarter of the rows are clicks."""

_SCATTER = 20_261
"""An odd number: multiplied by it modulo BUCKETS, frequent values stand apart, and all differ."""


def write_part(folder: Path, number: int, rows: int, seed: int = 0) -> int:
    """Write part `number` of a click log of that seed, `rows` rows; return its bytes.

    Within a field the r-th value is drawn with probability about 1/r. Any part can be made alone.
    """
    generator = np.random.default_rng([seed, number])
    ranks = np.exp(generator.random((rows, FIELDS), np.float32) * np.float32(np.log(BUCKETS)))
    values = (ranks.astype(np.int32) - 1) * _SCATTER % BUCKETS
    indices = (values + BUCKETS * np.arange(FIELDS, dtype=np.int32)).astype(np.int32).ravel()
    hidden = np.random.default_rng([seed, 0, 1]).normal(0, 1, FEATURES).astype(np.float32)
    margins = hidden[indices].reshape(rows, FIELDS).sum(axis=1) / np.sqrt(FIELDS) + LABEL_SHARE
    labels = generator.random(rows) < 1 / (1 + np.exp(-margins))
    writer = RowsWriter(folder, _split(number), FEATURES)
    unit = np.full(indices.size, 1 / np.sqrt(FIELDS), np.float32)
    indptr = np.arange(rows + 1, dtype=np.int64) * FIELDS
    writer.append(Block(indptr, indices, unit), labels.astype(np.float32))
    writer.close()
    return sum(array_file(folder, _split(number), name).stat().st_size for name in ROW_ARRAYS)


def read_part(folder: Path, number: int) -> Rows:
    """Read a part whole, and not by mapping it: what is read is what is in memory."""
    arrays = (np.load(array_file(folder, _split(number), name)) for name in ROW_ARRAYS)
    return Rows(*arrays)


def forget_cached(folder: Path) -> None:
    """Let the system drop what it has in memory of the folder's files, so that disks are read."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _split(number: int) -> str:
    return f"part{number:05d}"


@dataclasses.dataclass(frozen=True)
class Streamed:
    """What R runs left behind: mean losses of each part's rows, seen before they were trained on.

    `losses` is [parts, R] float64, `weights` [features + 1, R] float32, the intercept last.
    """

    losses: np.ndarray
    weights: np.ndarray


def train_streamed(
    read: Callable[[int], Rows],
    parts: int,
    features: int,
    rule: Rule,
    given: Sequence[Mapping[str, float]],
    seed: int = 0,
    after_part: Callable[[int], None] = lambda _number: None,
) -> Streamed:
    """Train a run for each of `given` for one epoch over `read(0)`, ..., one row a step.

    The runs start alike and see the rows in one order, as in `optim.linear.train`. `after_part` is
    called when a part is done. Raises ValueError for a rule that counts steps, for more runs than
    a block takes, and for rows that the kernel must not see.
    """
    if not rule.zero_gradient_is_idle or rule.per_step:
        raise ValueError(f"{rule.name} depends on the step: its tables are made for whole epochs")
    block = _Block.start(features, rule, given, seed)
    orders = np.random.default_rng([seed, 1])
    losses = []
    for number in range(parts):
        losses.append(block.train(read(number), orders))
        after_part(number)
    return Streamed(np.array(losses), block.weights())


@dataclasses.dataclass(frozen=True)
class _Block:
    """Weights, state and hyper-parameters as the kernels lay them out; they go on in place."""

    rule: Rule
    features: int
    runs: int
    lanes: int
    coordinates: np.ndarray
    hyper: np.ndarray

    @classmethod
    def start(
        cls, features: int, rule: Rule, given: Sequence[Mapping[str, float]], seed: int
    ) -> _Block:
        lanes = next((width for width in WIDTHS if width >= len(given)), None)
        if lanes is None or not given:
            raise ValueError(f"{len(given)} runs, expected 1 to {WIDTHS[-1]}: one block of them")
        whole = [rule.hyperparameters(**each) for each in given]
        coordinates = np.zeros((features + 1, 1 + len(rule.state), lanes), np.float32)
        draw = np.random.default_rng([seed, 0]).normal(0, INITIAL_SCALE, (features, 1))
        coordinates[:-1, 0] = draw
        hyper = np.zeros((max(1, len(rule.defaults)), lanes), np.float32)
        for lane, each in enumerate(whole):
            hyper[: len(each), lane] = [each[name] for name in rule.defaults]
            for k, state in enumerate(rule.initial_state(coordinates[:, 0, lane], each), start=1):
                coordinates[:, k, lane] = state
        return cls(rule, features, len(given), lanes, coordinates.reshape(-1), hyper.reshape(-1))

    def train(self, rows: Rows, orders: np.random.Generator) -> np.ndarray:
        """One pass over a part's rows in a random order; their mean losses [R]."""
        check_rows("the part", rows, self.features, "logistic")
        samples = rows.labels.size
        order = orders.permutation(samples).astype(np.int32)
        summed, diverged = np.zeros((1, self.runs)), np.zeros(self.runs, np.int64)
        module = kernels(self.rule, "logistic", self.lanes)
        module.train_singly(
            rows, order, self.coordinates, np.zeros(self.features + 1, np.int32), (),
            np.ones(samples + 1, np.float32), np.zeros((samples + 1, 0), np.float32), self.hyper,
            np.zeros((1, self.runs), np.float32), summed, diverged, 1, samples, True,
        )  # fmt: skip
        return np.asarray(summed[0] / samples)

    def weights(self) -> np.ndarray:
        """The weights [features + 1, R]."""
        shape = (self.features + 1, 1 + len(self.rule.state), self.lanes)
        return self.coordinates.reshape(shape)[:, 0, : self.runs].copy()
