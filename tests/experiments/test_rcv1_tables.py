"""What is read off RCV1's runs: table 2, and effective rates by document frequency."""

import numpy as np
import pandas as pd
import pytest

from experiments.analyses import rcv1_effective_rates, rcv1_table_2
from experiments.parquet import write_frames
from experiments.table import SCHEMA, Run, measurements

PROTOCOL = {
    "variant": "as printed",
    "rows": [
        {"epoch": 1, "sample": 0, "adagrad": 0.7, "sgd": 0.6},
        {"epoch": 2, "sample": 4, "adagrad": 0.1, "sgd": 0.9},
        {"epoch": 2, "sample": 6, "adagrad": 0.1, "sgd": 0.9},
    ],
    "seconds": {"adagrad": 539, "sgd": 496},
}


def runs_of(optimizer: str, results) -> None:
    """Two seeds of two epochs of ten samples; a log of every fourth sample's loss."""
    frames = []
    for variant, more in (("as printed", 0.0), ("another", 100.0)):
        for seed in (0, 1):
            row = Run("rcv1", "rcv1", optimizer, variant, {"lr": 0.1}, seed, 1)
            logged = np.array([0, 4, 8, 10, 14, 18])
            losses = (0.01 * logged + 0.1 * seed) + more
            for metric in ("logged_loss", "step_loss"):
                frames.append(measurements(row, metric, losses, epoch=logged // 10, step=logged))
            ends = np.arange(3)
            frames.append(
                measurements(
                    row, "train_loss", 1 / (ends + 1 + seed) + more,
                    epoch=ends, step=10 * ends, seconds=ends * (1.0 + seed),
                )
            )  # fmt: skip
    write_frames(frames, SCHEMA, results / "runs" / "rcv1" / f"{optimizer}.parquet", {})


@pytest.fixture
def table_2(tmp_path) -> pd.DataFrame:
    for optimizer in ("adagrad", "sgd"):
        runs_of(optimizer, tmp_path)
    return pd.concat(rcv1_table_2.analyse(PROTOCOL, None, tmp_path), ignore_index=True)


def of(table: pd.DataFrame, figure: str, series: str) -> np.ndarray:
    return table[(table.figure == figure) & (table.series == series)].value.to_numpy()


def test_every_row_is_found_at_its_sample_of_its_epoch(table_2):
    """Sample 4 of epoch 2 comes after 14 updates; sample 6 is not in the log."""
    assert of(table_2, "table 2", "SGD: printed").tolist() == [0.6, 0.9, 0.9]
    lowest, middle, highest = (
        of(table_2, "table 2", f"SGD: that sample, {name} over seeds")
        for name in ("lowest", "median", "highest")
    )
    np.testing.assert_allclose(lowest, [0, 0.14, np.nan])
    np.testing.assert_allclose(middle, [0.05, 0.19, np.nan])
    np.testing.assert_allclose(highest, [0.1, 0.24, np.nan])


def test_the_loss_over_the_whole_set_is_the_one_at_that_epoch_s_end(table_2):
    found = of(table_2, "table 2", "Adagrad: whole training set at the epoch's end, median")
    # After one epoch 1/2 and 1/3, after two 1/3 and 1/4.
    np.testing.assert_allclose(found, [5 / 12, 7 / 24, 7 / 24])


def test_the_spread_is_over_all_samples_and_seeds_of_an_epoch(table_2):
    found = of(table_2, "losses of single samples within an epoch", "SGD: median")
    # 0, 0.04, 0.08 and the same plus 0.1; then 0.1, 0.14, 0.18 and the same plus 0.1.
    np.testing.assert_allclose(found, [0.09, 0.19])
    shares = of(table_2, "single samples whose loss is at most the printed one", "Adagrad")
    np.testing.assert_allclose(shares, [1, 1 / 6, 1 / 6])


def test_the_time_is_a_run_s_share_of_it(table_2):
    assert of(table_2, "training time", "Adagrad").tolist() == [539, 3]  # 2 s and 4 s


def test_a_run_that_is_missing_is_named(tmp_path):
    runs_of("adagrad", tmp_path)
    with pytest.raises(ValueError, match=r"sgd\.parquet is missing.*analyses\.rcv1_table_2"):
        list(rcv1_table_2.analyse(PROTOCOL, None, tmp_path))


def test_effective_rates_are_told_by_group_against_their_first_and_as_squares(tmp_path):
    row = Run("e", "rcv1", "adagrad", "as printed", {"lr": 0.1, "eps": 0.05}, 0, 1)
    frames = [
        measurements(row, f"effective rate, terms in {group}", np.array(rates),
                     epoch=np.array([1, 2]), step=np.array([10, 20]))
        for group, rates in (("1 to 3 documents", [0.4, 0.2]), ("4 to 9 documents", [0.1, 0.01]))
    ]  # fmt: skip
    folder = tmp_path / "runs" / "rcv1_less_aggressive"
    write_frames(frames, SCHEMA, folder / "adagrad.parquet", {})
    found = pd.concat(rcv1_effective_rates.analyse({}, None, tmp_path), ignore_index=True)
    last = found[found.figure == "effective rates after the last epoch"]
    assert dict(zip(last.label, last.value, strict=True)) == {
        "1 to 3 documents": 0.2, "4 to 9 documents": 0.01
    }  # fmt: skip
    ratio = found[found.metric == "ratio"]
    np.testing.assert_allclose(ratio.value, [0.5, 0.1])
    over_time = found[(found.figure == "Adagrad's effective rates")]
    assert over_time[over_time.series == "4 to 9 documents"].x.tolist() == [1, 2]
    # 0.1 / (sqrt(s) + 0.05) is 0.4 and 0.1.
    squares = found[found.metric == "sum of squares"]
    np.testing.assert_allclose(squares.value, [0.2**2, 0.95**2])


def test_without_a_table_of_remedies_it_is_said_what_to_do(tmp_path):
    with pytest.raises(ValueError, match="holds no table, expected those of rcv1_less_aggressive"):
        list(rcv1_effective_rates.analyse({}, None, tmp_path))
