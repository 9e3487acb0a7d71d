"""The linear engine's CUDA kernels in numba-cuda's simulator, and what asks for a GPU or splits.

The simulator runs the kernels as Python, one thread of the GPU after another: what it shows is that
the mathematics and the indexing are right, not that a GPU runs them, nor how fast.
"""

from pathlib import Path

import numpy as np
import pytest
from cuda_simulator import simulated
from dense_reference import FEATURES, sparse_rows

from optim import gpu
from optim.gpu_sweep import stacked
from optim.linear import MANY, train
from optim.plan import Run
from optim.problem import Problem
from optim.registry import rule

PREAMBLE = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import numpy as np
from dense_reference import sparse_rows
from optim import gpu, gpu_sweep
from optim.linear import train
from optim.plan import Run
from optim.problem import Problem
from optim.registry import rule

rows, features = sparse_rows(0, 16, 16), 16
problem = Problem(rows, {{"train": rows, "test": sparse_rows(1, 8, 16)}}, features, "logistic")
# The simulator starts a thread of Python for each of the GPU's: warps of 4 are 8 times faster.
gpu.LANES = gpu_sweep.LANES = int(sys.argv[1])
gpu_sweep.GRID, gpu.WARPS, gpu.LAZY_WARPS = 2, 8, 4

def same(simulated, expected):
    # Two orders of summation in single precision, over some tens of steps.
    near = dict(rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(simulated.weights, expected.weights, **near)
    np.testing.assert_allclose(simulated.sampled_losses, expected.sampled_losses, **near)
    np.testing.assert_allclose(simulated.mean_losses, expected.mean_losses, **near)
    assert np.array_equal(simulated.diverged, expected.diverged)
    assert np.array_equal(simulated.sampled_steps, expected.sampled_steps)
    assert simulated.device == "cuda (simulated)" and expected.device == "cpu"
    for split, names in expected.measured.items():
        assert set(names) == set(simulated.measured[split])
        for name, values in names.items():
            np.testing.assert_allclose(simulated.measured[split][name], values, **near)
"""

EQUAL = """
for name in sys.argv[2:]:
    # Seed 0 fills a warp and a part of the next; the order of blocks is not that of the runs.
    runs = [Run({"lr": 0.05}, 1)]
    runs += [Run({"lr": float(lr)}, 0) for lr in np.geomspace(0.001, 0.3, gpu.LANES + 2)]
    budget = dict(epochs=2, thin=6)
    same(*(train(problem, rule(name), runs, device=d, **budget) for d in ("cuda", "cpu")))
    print(name)
"""

SPLIT = """
from optim.linear import MANY

def inverse(t):
    return 1 / np.sqrt(t)

runs = [Run({"lr": 0.05}, s, schedule) for s in (0, 1) for schedule in (None, inverse)]
expected = train(problem, rule("adam"), runs, epochs=2, thin=6, device="cpu")
gpu_sweep.STEPS_PER_LAUNCH = 7
same(train(problem, rule("adam"), runs, epochs=2, thin=6, device="cuda"), expected)

taken, really = [], gpu.rounds
def rounds(blocks, size, free):
    taken.extend([(0, 1), (1, blocks)])
    return taken
gpu.rounds = rounds
same(train(problem, rule("adam"), runs, epochs=2, thin=6, device="cuda"), expected)
assert taken == [(0, 1), (1, 4)]

huge = (*rows[:2], rows[2] * np.float32(1e18), rows[3])
problem = Problem(huge, {"train": huge}, features, "squared", intercept=False)
runs = [Run({"lr": 1.0}), Run({"lr": 0.0})]
gpu.rounds = really
simulated, expected = (
    train(problem, rule("sgd"), runs, epochs=1, device=device) for device in ("cuda", "cpu")
)
assert 1 < simulated.diverged[0] == expected.diverged[0] and simulated.diverged[1] == 0
assert np.array_equal(simulated.weights[:, 1], expected.weights[:, 1])
assert train(problem, rule("sgd"), runs * MANY, epochs=1).device == "cpu"
print("split")
"""


@pytest.mark.slow
def test_simulated_kernels_agree_with_the_cpu_at_every_epoch():
    names = ["sgd", "adagrad", "momentum", "adam", "adamw", "rmsprop"]
    assert simulated(PREAMBLE + EQUAL, "4", *names).split() == names
    assert simulated(PREAMBLE + EQUAL, "32", "adagrad").split() == ["adagrad"]


@pytest.mark.slow
def test_launches_rounds_schedules_and_divergence_change_nothing_in_the_simulator():
    """Nor does "auto" ever take the simulator."""
    assert simulated(PREAMBLE + SPLIT, "4").split() == ["split"]


@pytest.fixture(scope="module")
def problem():
    return Problem(sparse_rows(0), {}, FEATURES, "logistic")


without_gpu = pytest.mark.skipif(bool(gpu.present()), reason="this machine has a GPU")


@without_gpu
def test_a_gpu_that_is_demanded_and_not_there_is_an_error_that_says_what_to_do(problem):
    with pytest.raises(RuntimeError, match=r"no GPU was found: looked for .*nvidia-smi.*'cpu'"):
        train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, device="cuda")


@without_gpu
def test_auto_takes_the_cpu_where_there_is_no_gpu(problem):
    runs = [Run({"lr": 0.1})] * MANY
    assert train(problem, rule("sgd"), runs, epochs=1, cores=1).device == "cpu"


def test_a_device_that_is_none_is_refused(problem):
    with pytest.raises(ValueError, match="found 'gpu'"):
        train(problem, rule("sgd"), [Run({"lr": 0.1})], epochs=1, device="gpu")


def test_what_the_gpu_cannot_train_is_named_with_its_reason():
    assert gpu.obstacle(rule("adagrad"), 1, dense=False) is None
    assert "batches of 7" in gpu.obstacle(rule("adagrad"), 7, dense=False)
    assert rule("adam_l2").dense_because in gpu.obstacle(rule("adam_l2"), 1, dense=True)
    assert "penalty" in gpu.obstacle(rule("adagrad"), 1, dense=True)


def test_a_sweep_that_fits_is_one_round_and_a_larger_one_is_split_evenly():
    size = 100
    assert gpu.rounds(9, size, 1000) == [(0, 9)]  # nine tenths of the free memory are used
    assert gpu.rounds(10, size, 1000) == [(0, 5), (5, 10)]
    assert gpu.rounds(19, size, 1000) == [(0, 6), (6, 12), (12, 19)]
    assert gpu.rounds(3, size, 112) == [(0, 1), (1, 2), (2, 3)]
    assert gpu.rounds(5, size, float("inf")) == [(0, 5)]


def test_no_round_is_larger_than_the_memory():
    for blocks in range(1, 60):
        for free in range(112, 3000, 97):
            split = gpu.rounds(blocks, 100, free)
            assert [first for first, _ in split[1:]] == [stop for _, stop in split[:-1]]
            assert (split[0][0], split[-1][1]) == (0, blocks)
            assert max(stop - first for first, stop in split) * 100 <= 0.9 * free


def test_a_block_that_does_not_fit_at_all_is_an_error_with_both_sizes():
    with pytest.raises(MemoryError, match=r"32 runs need 2 GiB .* 90% of its 1 GiB free"):
        gpu.rounds(4, 2 << 30, 1 << 30)


def test_a_block_s_bytes_are_mostly_its_weights_and_states(problem):
    from optim.step_tables import step_tables

    steps = 3 * problem.train.labels.size
    plain, adam = (
        gpu.block_bytes(problem, r, [step_tables(r, r.hyperparameters(), steps, None, False)], 100)
        for r in (rule("sgd"), rule("adam"))
    )
    lanes = 4 * 32 * (FEATURES + 1)
    assert lanes < plain < 2.5 * lanes
    assert adam - plain > 2 * lanes  # two states, and the tables of the steps


def test_few_blocks_get_large_teams_and_many_get_small_ones():
    """An H200 has 132 multiprocessors."""
    counts = (1, 128, 132, 133, 1024, 9000)
    assert [gpu.team_size(blocks, 132, 32) for blocks in counts] == [32, 32, 32, 16, 4, 1]
    assert [gpu.team_size(blocks, 132, 16) for blocks in counts] == [16, 16, 16, 8, 2, 1]


def test_shorter_tables_go_on_with_their_last_row():
    together = stacked([np.array([1, 2, 3]), np.array([4])])
    assert together.tolist() == [[1, 2, 3], [4, 4, 4]]
