"""A sweep trained in stretches, as jobs on several machines would, against the whole of it."""

import numpy as np
import pytest

from optim import gpu
from optim.linear import History, train
from optim.plan import Run
from optim.registry import rule

# Two blocks of a seed, of 32 and of 13 runs, and one of a run alone.
RUNS = [Run({"lr": rate}) for rate in np.geomspace(0.001, 0.1, 45)] + [Run({"lr": 0.1}, seed=1)]


def joined(parts: list[History]) -> tuple[np.ndarray, ...]:
    """All that shards measured, runs side by side."""
    return (
        np.hstack([part.weights for part in parts]),
        np.hstack([part.sampled_losses for part in parts]),
        np.hstack([part.mean_losses for part in parts]),
        np.hstack([part.measured["test"]["loss"] for part in parts]),
        np.hstack([part.measured["test"]["auc"] for part in parts]),
        np.hstack([part.diverged for part in parts]),
    )


# Adadelta divides by a root, which the compiler may do otherwise in vectors than outside them.
@pytest.mark.parametrize("name", ["sgd", "adagrad", "adadelta"])
@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.slow
def test_shares_of_a_sweep_are_the_whole_to_the_bit_wherever_it_is_cut(problem, name, batch):
    given = {"epochs": 2, "batch": batch, "thin": 32, "device": "cpu"}
    whole = train(problem, rule(name), RUNS, **given)
    for cut in (1, 7, 16, 31, 32, 33, 44, 45):
        stretches = (range(cut), range(cut, len(RUNS)))
        shards = [train(problem, rule(name), RUNS, **given, only=only) for only in stretches]
        for together, alone in zip(joined(shards), joined([whole]), strict=True):
            assert np.array_equal(together, alone)


def test_a_run_that_shares_no_block_rounds_otherwise_so_that_the_cuts_above_can_fail(problem):
    among = train(problem, rule("adagrad"), RUNS, epochs=2, only=range(1))
    alone = train(problem, rule("adagrad"), RUNS[:1], epochs=2)
    assert not np.array_equal(among.weights, alone.weights)
    np.testing.assert_allclose(among.weights, alone.weights, rtol=1e-5, atol=1e-5)  # float32


def test_lanes_are_those_of_the_share_and_say_how_many_shared_its_time(problem):
    shard = train(problem, rule("sgd"), RUNS, epochs=1, only=range(31, 46))
    assert shard.weights.shape[1] == 15
    assert shard.shared_by.tolist() == [32, *[13] * 13, 1]


@pytest.mark.parametrize("only", [range(0), range(5, 47), range(-1, 3), range(0, 6, 2)])
def test_what_is_no_stretch_of_the_runs_is_refused(problem, only):
    with pytest.raises(ValueError, match="expected a stretch of the 46 runs"):
        train(problem, rule("sgd"), RUNS, epochs=1, only=only)


def test_teams_on_a_gpu_are_those_of_the_whole_sweep(problem, monkeypatch):
    asked = []

    def instead(*_problem_rule_blocks, among, **_given):
        asked.append(among)
        raise InterruptedError

    monkeypatch.setattr(gpu, "demanded", lambda: [gpu.Gpu(0, "none", 1)])
    monkeypatch.setattr(gpu, "train_on_gpus", instead)
    for only in (None, range(1), range(3, 46)):
        with pytest.raises(InterruptedError):
            train(problem, rule("sgd"), RUNS, epochs=1, only=only, device="cuda")
    assert asked == [3, 3, 3]
