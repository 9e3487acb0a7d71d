"""Which rows train, tune and test.

"train" and "test" are the documents' own. A tenth of the training rows is also "validation", for
tuning, and the other nine tenths "fitting". Which tenth depends on a row's content only: it is the
same on every machine, and repeated rows are always on the same side.
"""

from __future__ import annotations

import numpy as np

from data.blocks import Block, fingerprints, image_fingerprints, take
from data.writing import PreparedWriter

_TENTH = np.uint64(10)


def is_validation(prints: np.ndarray) -> np.ndarray:
    """True for the tenth of the contents that tunes; boolean [n]."""
    return prints % _TENTH == 0


class RowSplits:
    """Writes rows into splits; first all training rows, then all test rows.

    A test row whose vector is also a training row's is left out, and counted in `left_out`.
    """

    def __init__(self, writer: PreparedWriter, features: int) -> None:
        self._writers = {
            split: writer.rows(split, features)
            for split in ("train", "fitting", "validation", "test")
        }
        self._seen: list[np.ndarray] = []
        self._training: np.ndarray | None = None
        self.left_out = 0

    @property
    def training_rows(self) -> int:
        """How many rows were appended to the training split so far."""
        return self._writers["train"].rows

    def train(self, block: Block, labels: np.ndarray) -> None:
        """Append training rows and their labels [n]."""
        prints = fingerprints(block)
        tuning = is_validation(prints)
        self._seen.append(prints)
        self._training = None
        self._writers["train"].append(block, labels)
        self._writers["fitting"].append(take(block, ~tuning), labels[~tuning])
        self._writers["validation"].append(take(block, tuning), labels[tuning])

    def test(self, block: Block, labels: np.ndarray) -> None:
        """Append test rows and their labels [n], without those that trained."""
        if self._training is None:
            self._training = np.unique(np.concatenate(self._seen))
        fresh = ~np.isin(fingerprints(block), self._training)
        self.left_out += int(np.count_nonzero(~fresh))
        self._writers["test"].append(take(block, fresh), labels[fresh])


def write_images(
    writer: PreparedWriter,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
) -> None:
    """Write (pixels [n, height, width], labels [n]) pairs into the four splits."""
    pixels, labels = train
    tuning = is_validation(image_fingerprints(pixels))
    parts = {
        "train": train,
        "fitting": (pixels[~tuning], labels[~tuning]),
        "validation": (pixels[tuning], labels[tuning]),
        "test": test,
    }
    for split, (images, classes) in parts.items():
        writer.images(split, *images.shape[1:]).append(images, classes)
