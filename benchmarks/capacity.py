"""What a plan costs: memory a job, bytes moved, jobs and hours, from measured constants.

Arithmetic only. The unit is a block: 32 runs that the linear engine trains together, reading every
row once for all of them. docs/scaling.md goes through it step by step.
"""

from __future__ import annotations

import dataclasses

from optim.plan import WIDTHS

BLOCK = WIDTHS[-1]
"""Runs of the widest block (`optim.plan`)."""

ENTRY_BYTES = 4 + 4
"""Of a non-zero in memory and on disk: its feature's number and its value."""

ROW_BYTES = 8 + 4
"""Of a row beside its non-zeros: where it begins, and its label."""

CHECK_BYTES = 8 + 8 + 1
"""A non-zero while `optim.problem.check_rows` looks whether features rise: for a moment."""

MARGIN_BYTES = 12
"""A test row and run while an epoch's end is measured: as `optim.memory` counts them."""

STEP_BYTES = 32
"""A step while its tables are made, of a rule without scalars of its own: as `optim.memory`."""

ORDER_BYTES = 12
"""A training row in the random order: as it is drawn, and as the kernel reads it."""


@dataclasses.dataclass(frozen=True)
class Work:
    """What is to be trained.

    rows, nonzeros, features: training rows, non-zeros of each, features.
    test_rows: rows measured before the first epoch and after each, of as many non-zeros.
    topics: data sets of the same rows with other labels, each with a sweep of its own.
    runs: of a topic's sweep; shards: the jobs it is divided into.
    states: numbers that the rule keeps beside a weight.
    part_rows: rows that are in memory at a time where they are streamed; None: all of them.
    """

    rows: int
    nonzeros: float
    features: int
    topics: int
    runs: int
    shards: int
    epochs: int
    states: int = 1
    test_rows: int = 0
    part_rows: int | None = None


@dataclasses.dataclass(frozen=True)
class Costs:
    """Constants measured on a machine (`python -m benchmarks.growth`).

    process_bytes: of a process that has trained two rows.
    start_seconds: of a core, until a process has trained them; train_seconds: a non-zero and block,
    its check included; measure_seconds: a test row and block.
    """

    process_bytes: float
    start_seconds: float
    train_seconds: float
    measure_seconds: float = 0.0


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Nodes, the cores and bytes of memory of each, and the bytes a second that one can read."""

    nodes: int
    cores: int
    memory: float
    bandwidth: float


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a plan costs.

    jobs: of training; job_bytes: the peak of one; at_once: jobs side by side on a node, as its
    cores and memory allow. data_bytes: of one topic's rows, moved_bytes: what all jobs read.
    job_seconds: of the longest job, bandwidth shared by those beside it; rounds: of jobs one after
    another; hours: until the last. core_hours: of computing alone.
    """

    jobs: int
    job_bytes: float
    at_once: int
    data_bytes: float
    moved_bytes: float
    job_seconds: float
    rounds: int
    core_hours: float
    hours: float


def estimate(work: Work, costs: Costs, cluster: Cluster) -> Estimate:
    """What `work` costs on `cluster`; ValueError where a node's memory holds no job."""
    jobs = work.topics * work.shards
    memory = job_bytes(work, costs)
    at_once = min(cluster.cores, int(cluster.memory // memory))
    if at_once < 1:
        raise ValueError(
            f"a job takes {memory / 1e9:.3g} GB, a node has {cluster.memory / 1e9:.3g}: "
            "divide the sweep into more shards, or stream smaller parts"
        )
    read = data_bytes(work) * (work.epochs if work.part_rows else 1)
    computing = compute_seconds(work, costs)
    beside = min(at_once, -(-jobs // cluster.nodes))
    job_seconds = computing + read * beside / cluster.bandwidth
    rounds = -(-jobs // (cluster.nodes * at_once))
    return Estimate(
        jobs=jobs,
        job_bytes=memory,
        at_once=at_once,
        data_bytes=data_bytes(work),
        moved_bytes=jobs * read,
        job_seconds=job_seconds,
        rounds=rounds,
        core_hours=jobs * computing / 3600,
        hours=rounds * job_seconds / 3600,
    )


def runs_a_job(work: Work) -> int:
    """Runs of the largest share of a sweep."""
    return -(-work.runs // work.shards)


def blocks_a_job(work: Work) -> int:
    """Blocks of the largest share; one more where shares do not end where blocks do."""
    return -(-runs_a_job(work) // BLOCK)


def row_bytes(work: Work) -> float:
    """Bytes of a row, prepared."""
    return work.nonzeros * ENTRY_BYTES + ROW_BYTES


def data_bytes(work: Work) -> float:
    """Bytes of a topic's rows, training and test, prepared."""
    return (work.rows + work.test_rows) * row_bytes(work)


def held_bytes(work: Work) -> float:
    """Bytes of the rows that are in memory together."""
    return (_held(work) + work.test_rows) * row_bytes(work)


def checking_bytes(work: Work) -> float:
    """Bytes that checking the larger of the splits takes for a moment, before it is trained on."""
    return CHECK_BYTES * work.nonzeros * max(_held(work), work.test_rows)


def training_bytes(work: Work) -> float:
    """Bytes of a block in training, one at a time, and of the weights that are kept of all runs.

    As `optim.memory` counts them; streamed, weights and states alone, and the order of a part.
    """
    lanes = next((width for width in WIDTHS if width >= runs_a_job(work)), BLOCK)
    if work.part_rows:
        return 4.0 * work.features * lanes * (1 + work.states) + ORDER_BYTES * _held(work)
    block = work.features * (4.0 * lanes * (3 + work.states) + 20)
    block += MARGIN_BYTES * work.test_rows * lanes + ORDER_BYTES * work.rows
    return block + STEP_BYTES * work.epochs * work.rows + 4.0 * work.features * runs_a_job(work)


def job_bytes(work: Work, costs: Costs) -> float:
    """Peak memory of a job: process and rows, and what is larger, checking these or training.

    Streamed, both: weights and states go on while the next part is checked.
    """
    checking, training = checking_bytes(work), training_bytes(work)
    more = checking + training if work.part_rows else max(checking, training)
    return costs.process_bytes + held_bytes(work) + more


def compute_seconds(work: Work, costs: Costs) -> float:
    """Seconds of one core that the longest job computes, reading from storage left out."""
    trained = work.epochs * work.rows * work.nonzeros * costs.train_seconds
    measured = (work.epochs + 1) * work.test_rows * costs.measure_seconds
    return costs.start_seconds + blocks_a_job(work) * (trained + measured)


def _held(work: Work) -> int:
    return min(work.rows, work.part_rows or work.rows)
