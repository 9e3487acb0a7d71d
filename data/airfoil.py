"""NASA's airfoil self-noise: 1,503 wind-tunnel measurements, five inputs, the noise in decibels.

Prepared as the assignment's section 3.6 does: z-scores over all rows (population deviation, the
target included), the first 1,500 rows for training. The three that are left are the test rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from data.blocks import dense_block
from data.problems import BadInput
from data.readers.textfiles import read_lines
from data.registry import Dataset, Described, Form, KnownFile, register
from data.settings import Settings
from data.splits import RowSplits
from data.writing import PreparedWriter

_COLUMNS = 6
_TRAINING_ROWS = 1500
_ROWS = 1503
_LABEL = "scaled sound pressure level, standardised"

# The bytes whose SHA-1 Dive into Deep Learning gives: 76e5be1548fd8222e5074cf0faae75edff8cf93f.
_TABLE = KnownFile(
    "airfoil_self_noise.dat",
    "74c75fd71783f1e6b71f8a622b993dc592897a97cd689c5090a07147a1b097b3",
    ("http://d2l-data.s3-accelerate.amazonaws.com/airfoil_self_noise.dat",),
)


def read_table(path: Path) -> np.ndarray:
    """Read six tab- or space-separated numbers a line; float64 [n, 6].

    Raises BadInput naming the line for a wrong number of columns and for a value that is no finite
    number.
    """
    rows = []
    for lines in read_lines(path):
        for number, line in enumerate(lines.text.split(b"\n"), start=lines.first):
            fields = line.split()
            if fields:
                rows.append(_numbers(path, number, fields))
    return np.array(rows, dtype=np.float64).reshape(len(rows), _COLUMNS)


def _numbers(path: Path, line: int, fields: list[bytes]) -> list[float]:
    if len(fields) != _COLUMNS:
        raise BadInput(path, f"{len(fields)} columns", f"{_COLUMNS}", line)
    shown = b" ".join(fields)[:80].decode("utf-8", "replace")
    try:
        row = [float(field) for field in fields]
    except ValueError:
        raise BadInput(path, repr(shown), f"{_COLUMNS} numbers", line) from None
    # A square of a larger one overflows in the standard deviation.
    if not all(abs(number) < 1e150 for number in row):
        raise BadInput(path, repr(shown), "finite numbers below 1e150", line)
    return row


def standardised(table: np.ndarray) -> np.ndarray:
    """Each column less its mean, over its population standard deviation."""
    return (table - table.mean(axis=0)) / table.std(axis=0)


def _write(table: np.ndarray, writer: PreparedWriter) -> None:
    scaled = standardised(table).astype(np.float32)
    splits = RowSplits(writer, _COLUMNS - 1)
    training, rest = scaled[:_TRAINING_ROWS], scaled[_TRAINING_ROWS:]
    splits.train(dense_block(training[:, :-1]), training[:, -1])
    splits.test(dense_block(rest[:, :-1]), rest[:, -1])


def _convert(files: Mapping[str, Path], writer: PreparedWriter, _: Settings) -> Described:
    path = files[_TABLE.name]
    table = read_table(path)
    if len(table) <= _TRAINING_ROWS:
        raise BadInput(path, f"{len(table)} rows", f"more than {_TRAINING_ROWS}")
    constant = np.flatnonzero(table.std(axis=0) == 0)
    if constant.size:
        raise BadInput(path, f"column {constant[0] + 1} never varies", "columns that vary")
    _write(table, writer)
    return Described(_LABEL)


def _stand_in(writer: PreparedWriter, _: Settings) -> Described:
    """A table of the same shape: correlated inputs, a linear target with as much left unexplained.

    The real table's best linear fit explains about 52 % of the target's variance; so does this.
    """
    generator = np.random.default_rng(1503)
    inputs = generator.standard_normal((_ROWS, _COLUMNS - 1))
    inputs[:, 1] += 0.75 * inputs[:, 4]  # angle of attack and displacement thickness go together
    signal = inputs @ np.array([-0.6, -0.4, -0.5, 0.2, -0.3])
    noise = generator.standard_normal(_ROWS) * signal.std() * np.sqrt(0.48 / 0.52)
    _write(np.column_stack([inputs, signal + noise]), writer)
    return Described(_LABEL, "a generated table with a planted linear target stands in for airfoil")


register(
    Dataset(
        name="airfoil",
        licence="none stated with the file; published by NASA through the UCI repository",
        citation="Brooks, Pope, Marcolini: Airfoil Self-Noise, UCI repository (1989)",
        forms=(Form((_TABLE,), _convert),),
        stand_in=_stand_in,
    )
)
