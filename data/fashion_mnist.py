"""Fashion-MNIST: 70,000 grey images of 28 by 28 pixels, ten classes (Xiao, Rasul, Vollgraf)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from data.problems import BadInput
from data.readers.idx import read_idx
from data.registry import Dataset, Described, Form, KnownFile, register
from data.settings import Settings
from data.splits import write_images
from data.writing import PreparedWriter

_HOSTS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
)
_CLASSES = 10
_LABEL = "class of the garment, 0 to 9"


def _file(name: str, sha256: str) -> KnownFile:
    return KnownFile(f"fashion-mnist/{name}", sha256, tuple(host + name for host in _HOSTS))


_FILES = (
    _file(
        "train-images-idx3-ubyte.gz",
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    _file(
        "train-labels-idx1-ubyte.gz",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    _file(
        "t10k-images-idx3-ubyte.gz",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    _file(
        "t10k-labels-idx1-ubyte.gz",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
)


def _convert(files: Mapping[str, Path], writer: PreparedWriter, _: Settings) -> Described:
    images_train, labels_train, images_test, labels_test = (files[file.name] for file in _FILES)
    train = _read_pair(images_train, labels_train)
    write_images(writer, train, _read_pair(images_test, labels_test))
    return Described(_LABEL)


def _read_pair(image_file: Path, label_file: Path) -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = read_idx(image_file, 3), read_idx(label_file, 1)
    if len(pixels) != len(labels):
        raise BadInput(label_file, f"{len(labels)} labels", f"{len(pixels)}, one an image")
    if labels.max() >= _CLASSES:
        raise BadInput(label_file, f"class {labels.max()}", f"0 to {_CLASSES - 1}")
    return pixels, labels


def _stand_in(writer: PreparedWriter, _: Settings) -> Described:
    """scikit-learn's bundled digits (1,797 images of 8 by 8): every sixth is for testing."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    # Its grey values run from 0 to 16; here, as in the real images, from 0 to 255.
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    test = np.arange(len(labels)) % 6 == 5
    write_images(writer, (pixels[~test], labels[~test]), (pixels[test], labels[test]))
    return Described(
        "digit, 0 to 9", "scikit-learn's bundled handwritten digits stand in for Fashion-MNIST"
    )


register(
    Dataset(
        name="fashion-mnist",
        licence="MIT (Zalando SE)",
        citation="Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747 (2017)",
        forms=(Form(_FILES, _convert),),
        stand_in=_stand_in,
    )
)
