"""A plan's arithmetic, by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks.capacity import (
    Cluster,
    Costs,
    Work,
    compute_seconds,
    data_bytes,
    estimate,
    job_bytes,
)
from optim import memory
from optim.problem import Problem, Rows
from optim.registry import rule

COSTS = Costs(process_bytes=100e6, start_seconds=2, train_seconds=1e-8, measure_seconds=1e-5)
CLUSTER = Cluster(nodes=2, cores=4, memory=10e9, bandwidth=1e8)
WORK = Work(
    rows=1_000_000, nonzeros=10, features=1_000, topics=3, runs=100, shards=2, epochs=5,
    test_rows=200_000,
)  # fmt: skip


def test_rows_take_eight_bytes_a_non_zero_and_twelve_more() -> None:
    assert data_bytes(WORK) == 1_200_000 * (10 * 8 + 12)


def test_a_plan_is_what_the_hand_finds() -> None:
    found = estimate(WORK, COSTS, CLUSTER)
    # 50 runs a share: two blocks, each five epochs of 1e7 non-zeros, and six times the test rows.
    computed = 2 + 2 * (5 * 1e7 * 1e-8 + 6 * 200_000 * 1e-5)
    assert compute_seconds(WORK, COSTS) == pytest.approx(computed) == pytest.approx(27)
    assert found.jobs == 6
    assert found.moved_bytes == 6 * 110_400_000
    # Three of the six jobs are on either node: each has a third of its 1e8 bytes a second.
    assert found.job_seconds == pytest.approx(27 + 110_400_000 * 3 / 1e8)
    assert found.hours == pytest.approx(found.job_seconds / 3600)
    assert found.core_hours == pytest.approx(6 * 27 / 3600)


def test_jobs_that_do_not_fit_side_by_side_wait_for_another_round() -> None:
    memory_of_two = 2.5 * job_bytes(WORK, COSTS)
    narrow = dataclasses.replace(CLUSTER, nodes=1, memory=memory_of_two)
    found = estimate(WORK, COSTS, narrow)
    assert found.at_once == 2
    assert found.hours == pytest.approx(3 * (27 + 110_400_000 * 2 / 1e8) / 3600)
    with pytest.raises(ValueError, match="more shards, or stream"):
        estimate(WORK, COSTS, dataclasses.replace(CLUSTER, memory=1e8))


def test_streaming_holds_a_part_and_reads_all_of_it_every_epoch() -> None:
    streamed = dataclasses.replace(WORK, test_rows=0, part_rows=100_000, runs=64)
    part, weights = 100_000 * 92, 4 * 1_000 * 32 * 2
    order, checked = 12 * 100_000, 17 * 10 * 100_000
    assert job_bytes(streamed, COSTS) == 100e6 + part + weights + order + checked
    ten_times = dataclasses.replace(streamed, rows=10_000_000)
    assert job_bytes(ten_times, COSTS) == job_bytes(streamed, COSTS)
    assert estimate(ten_times, COSTS, CLUSTER).moved_bytes == 6 * 5 * 10_000_000 * 92


def test_a_job_s_memory_is_that_of_the_engine_s_own_count() -> None:
    """Of a block as `optim.memory` counts it before it trains."""
    rows = Rows(
        np.arange(3001, dtype=np.int64), np.zeros(3000, np.int32), np.ones(3000, np.float32),
        np.zeros(3000, np.float32),
    )  # fmt: skip
    problem = Problem(rows, {"test": rows}, 400_000, "logistic")
    block = memory.block_bytes(problem, rule("adagrad"), 32, 2 * 3000)
    kept = memory.kept_bytes(problem, 50, 2, 3000)
    work = Work(
        rows=3000, nonzeros=1, features=400_000, topics=1, runs=50, shards=1, epochs=2,
        test_rows=3000,
    )  # fmt: skip
    alone = job_bytes(work, dataclasses.replace(COSTS, process_bytes=0)) - data_bytes(work)
    # The plan leaves out the intercept, the tables' ends and the losses that are kept.
    assert alone == pytest.approx(block + kept, rel=2e-3)
