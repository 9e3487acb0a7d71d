"""Splits: which rows tune, and that no vector stands on two sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from text_rows import as_dicts

from data.blocks import Block, dense_block, fingerprints, image_fingerprints, take
from data.prepared import Images, Prepared, Rows, open_prepared
from data.splits import RowSplits, is_validation, write_images
from data.writing import PreparedWriter


def random_block(seed: int, rows: int, features: int = 30) -> Block:
    matrix = sparse.random(rows, features, 0.3, "csr", random_state=seed, dtype=np.float32)
    return Block(matrix.indptr.astype(np.int64), matrix.indices, matrix.data)


def repeated(block: Block, times: int) -> Block:
    lengths = np.tile(np.diff(block.indptr), times)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    return Block(indptr, np.tile(block.indices, times), np.tile(block.values, times))


def written(folder: Path, train: Block, test: Block) -> tuple[Prepared, int]:
    with PreparedWriter(folder) as writer:
        splits = RowSplits(writer, 30)
        splits.train(train, np.arange(train.rows) % 2)
        splits.test(test, np.arange(test.rows) % 2)
        writer.complete({"name": "x", "kind": "local"})
        writer.publish()
    return open_prepared(folder), splits.left_out


def test_taking_rows_keeps_their_content_and_order() -> None:
    block = random_block(0, 50)
    chosen = np.arange(50) % 3 == 1
    assert as_dicts(take(block, chosen)) == [as_dicts(block)[i] for i in range(1, 50, 3)]


def test_a_dense_matrix_keeps_its_zeros() -> None:
    assert as_dicts(dense_block(np.array([[1.0, 0.0], [0.0, 2.0]]))) == [
        {0: 1.0, 1: 0.0},
        {0: 0.0, 1: 2.0},
    ]


def test_equal_rows_have_equal_fingerprints_and_others_do_not() -> None:
    block = random_block(1, 2000)
    prints = fingerprints(repeated(block, 2))
    assert (prints[:2000] == prints[2000:]).all()
    distinct = {tuple(row.items()) for row in as_dicts(block)}
    assert len(np.unique(prints)) == len(distinct)


def test_a_fingerprint_sees_every_bit_of_a_row() -> None:
    base = Block(np.array([0, 2]), np.array([1, 2], np.int32), np.array([0.5, 0.25], np.float32))
    others = [
        Block(base.indptr, np.array([1, 3], np.int32), base.values),
        Block(base.indptr, base.indices, base.values[::-1].copy()),
        Block(base.indptr, base.indices, np.nextafter(base.values, np.float32(1))),
        Block(np.array([0, 1]), base.indices[:1], base.values[:1]),
    ]
    assert len({int(fingerprints(block)[0]) for block in [base, *others]}) == 5


def test_a_fingerprint_depends_neither_on_the_block_nor_on_the_order_of_entries() -> None:
    block = random_block(2, 40)
    late = take(block, np.arange(40) >= 25)
    assert (fingerprints(late) == fingerprints(block)[25:]).all()
    row = Block(np.array([0, 2]), np.array([5, 3], np.int32), np.array([1, 2], np.float32))
    turned = Block(row.indptr, row.indices[::-1], row.values[::-1].copy())
    assert fingerprints(row) == fingerprints(turned)


def test_a_zero_that_is_spelled_out_is_no_other_vector() -> None:
    spelled = Block(np.array([0, 3]), np.array([1, 4, 7], np.int32), np.array([0.5, 0.1, 0], "f4"))
    silent = Block(np.array([0, 2]), np.array([1, 4], np.int32), np.array([0.5, 0.1], "f4"))
    assert fingerprints(spelled) == fingerprints(silent)


def test_validation_and_fitting_make_up_the_training_rows(tmp_path: Path) -> None:
    prepared, _ = written(tmp_path, random_block(3, 3000), random_block(4, 10))
    parts = {name: prepared.splits[name] for name in ("train", "fitting", "validation")}
    rows = {name: as_dicts(part) for name, part in parts.items() if isinstance(part, Rows)}
    chosen = is_validation(fingerprints(random_block(3, 3000)))
    assert rows["validation"] == [row for row, c in zip(rows["train"], chosen, strict=True) if c]
    assert rows["fitting"] == [row for row, c in zip(rows["train"], chosen, strict=True) if not c]
    # A tenth: the count is binomial with deviation sqrt(3000 * 0.09) = 16.4; four of these.
    assert abs(len(rows["validation"]) - 300) < 66


def test_repeated_vectors_never_straddle_a_split(tmp_path: Path) -> None:
    # 503 is prime: no pattern in the rows' positions can put repetitions on the same side.
    block = repeated(random_block(5, 503), 3)
    train, test = take(block, np.arange(1509) < 1006), take(block, np.arange(1509) >= 906)
    prepared, left_out = written(tmp_path, train, test)
    sides = {
        name: {tuple(row.items()) for row in as_dicts(part)}
        for name, part in prepared.splits.items()
        if isinstance(part, Rows)
    }
    assert not sides["fitting"] & sides["validation"]
    assert not sides["train"] & sides["test"]
    assert left_out == 603  # all of them: every vector is among the first 1006 rows


def test_equal_images_are_on_the_same_side(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (401, 5, 4), dtype=np.uint8)
    both = np.concatenate([images, images])
    prints = image_fingerprints(both)
    assert (prints[:401] == prints[401:]).all()
    assert len(np.unique(prints)) == 401
    with PreparedWriter(tmp_path) as writer:
        write_images(writer, (both, np.arange(802) % 10), (images[:5], np.arange(5)))
        writer.complete({"name": "x", "kind": "local"})
        writer.publish()
    splits = open_prepared(tmp_path).splits
    sizes = {}
    for name, part in splits.items():
        assert isinstance(part, Images)
        sizes[name] = len(part.labels)
    assert sizes["train"] == 802
    assert sizes["fitting"] + sizes["validation"] == 802
    images_of = {name: part.pixels for name, part in splits.items() if isinstance(part, Images)}
    sides = [{image.tobytes() for image in images_of[n]} for n in ("fitting", "validation")]
    assert not sides[0] & sides[1]
    # Forty images expected, deviation 6, each twice; four deviations.
    assert 2 * 16 < sizes["validation"] < 2 * 64


@pytest.mark.parametrize("position", range(20))
def test_an_image_fingerprint_sees_every_pixel(position: int) -> None:
    image = np.zeros((1, 4, 5), dtype=np.uint8)
    other = image.copy()
    other.reshape(-1)[position] = 1
    assert image_fingerprints(image) != image_fingerprints(other)
