"""Steps of zero gradient in closed form, against taking them one by one."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optim import jitted
from optim.drift import adaptive, geometric, split
from optim.registry import names, rule
from optim.schedules import factors, schedule, with_warmup
from optim.verification import zero_gradient_error
from optim.zero_gradient import arguments, skip, tables

SKIPPING = [name for name in names() if rule(name).skip]
MOVING = [
    name for name in SKIPPING
    if any(argument.name == "lr" for argument in arguments(rule(name)))
]  # fmt: skip
SINGLE, DOUBLE = 1e-5, 1e-12  # what the project asks of float32 and of float64


def rates(steps):
    """A warm-up into a cosine: small, growing and falling factors."""
    cosine = schedule("cosine", total_steps=steps, final=0.05)
    return factors(with_warmup(cosine, steps=20, start=0.01), steps)


@pytest.mark.parametrize("name", MOVING)
@pytest.mark.parametrize(("t", "k"), [(1, 2), (15, 30), (900, 4), (1000, 3000)])
@pytest.mark.slow
def test_a_schedule_scales_the_steps_that_are_skipped(name, t, k):
    rate = rates(t + k)
    assert zero_gradient_error(rule(name), t, k, np.float64, rate=rate) < DOUBLE
    assert zero_gradient_error(rule(name), t, k, np.float32, rate=rate) < SINGLE


@pytest.mark.parametrize("name", SKIPPING)
@pytest.mark.parametrize("scale", [1e-12, 1e-8, 1e-6, 1e-3, 1e3])
@pytest.mark.slow
def test_gradients_of_any_size_are_skipped_alike(name, scale):
    # Around 1e-8 and 1e-6 eps is as large as the roots it is added to.
    for t, k in ((2, 40), (700, 5), (3000, 700)):
        assert zero_gradient_error(rule(name), t, k, np.float64, scale=scale) < DOUBLE
        assert zero_gradient_error(rule(name), t, k, np.float32, scale=scale) < SINGLE


HARD = {
    "adam": [
        {"beta1": 0.0},
        {"beta1": 0.999, "beta2": 0.9999},
        {"beta1": 0.9, "beta2": 0.95},
        {"beta1": 0.95, "beta2": 0.9},
        {"beta1": 0.9, "beta2": 0.5},
        {"eps": 0.0},
        {"eps": 1.0},
        {"beta2": 0.99999999},
    ],
    "adamw": [
        {"weight_decay": 0.0},
        {"weight_decay": 10.0},
        {"lr": 0.5, "weight_decay": 0.1, "beta1": 0.5},
    ],
    "momentum": [{"momentum": 0.0}, {"momentum": 0.5}, {"momentum": 0.999}],
    "nesterov_lookahead": [{"momentum": 0.0}, {"momentum": 0.999}],
    "lion": [{"weight_decay": 0.1}, {"weight_decay": 100.0}, {"beta1": 0.0}],
    "adamax": [{"beta1": 0.0}, {"beta1": 0.3}, {"beta1": 0.99, "beta2": 0.991}, {"eps": 0.1}],
    "adabound": [{"gamma": 1.0}, {"gamma": 1e-6}, {"lr": 10.0}, {"lr": 1e-6}, {"beta1": 0.0}],
    "radam": [{"beta2": 0.6}, {"beta2": 0.5}, {"beta2": 0.99}],
    "nadam": [{"momentum_decay": 0.0}, {"momentum_decay": 1.0}, {"beta1": 0.99}],
    "adagrad_reset": [{"period": 1}, {"period": 7}],
    "amsgrad": [{"beta1": 0.99, "beta2": 0.5}],
    "yogi": [{"beta1": 0.99}],
}


@pytest.mark.parametrize(
    ("name", "chosen"),
    [(name, chosen) for name, several in HARD.items() for chosen in several],
    ids=str,
)
def test_unusual_hyperparameters_keep_the_accuracy(name, chosen):
    for t, k in ((3, 3), (40, 400), (500, 1)):
        assert zero_gradient_error(rule(name), t, k, np.float64, **chosen) < DOUBLE
        assert zero_gradient_error(rule(name), t, k, np.float32, **chosen) < SINGLE


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("adamw", {"lr": 1.0, "weight_decay": 0.5}),
        ("adamax", {"beta1": 0.99, "beta2": 0.9}),
        ("adamax", {"beta1": 0.9, "beta2": 0.9}),
        ("lion", {"lr": 1.0, "weight_decay": 1.0}),
    ],
)
def test_hyperparameters_without_a_closed_form_ask_to_run_dense(name, chosen):
    assert tables(rule(name), 10, rule(name).hyperparameters(**chosen)) is None


def decays(name):
    return [
        key for key in rule(name).defaults
        if key.startswith("beta") or key in ("rho", "alpha", "momentum", "decay")
    ]  # fmt: skip


LONG = [
    {"beta1": 0.999, "beta2": 0.99},
    {"beta1": 0.9999, "beta2": 0.99},
    {"beta1": 0.99999, "beta2": 0.99999},
]


def long_memory(name, long):
    """The rule's decays as in `long`; one decay for all where it has not two."""
    only = dict.fromkeys(decays(name), long["beta1"])
    return long if "beta2" in only else only


def skips(name, chosen):
    return tables(rule(name), 1, rule(name).hyperparameters(**chosen)) is not None


def test_of_the_long_memories_only_these_have_no_closed_form():
    dense = {
        name for name in SKIPPING for long in LONG
        if decays(name) and not skips(name, long_memory(name, long))
    }  # fmt: skip
    assert dense == {"adamax", "adamw"}


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        (name, long_memory(name, long)) for name in SKIPPING for long in LONG
        if decays(name) and skips(name, long_memory(name, long))
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.slow
def test_a_memory_of_ten_thousand_steps_keeps_the_accuracy(name, chosen):
    """A decay rounded to single precision and raised to the power k would be off by k / 2e7."""
    for t, k in ((3, 60), (1000, 5000), (2000, 10_000)):
        assert zero_gradient_error(rule(name), t, k, np.float64, **chosen) < DOUBLE
        assert zero_gradient_error(rule(name), t, k, np.float32, **chosen) < SINGLE


# A decay of 1e-16 moves a weight by less than its rounding, in the explicit steps that is.
MEMORY = st.one_of(st.just(0.0), st.floats(0.0005, 5))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(SKIPPING),
    memory=st.tuples(MEMORY, MEMORY),
    t=st.integers(1, 3000),
    k=st.one_of(st.integers(1, 400), st.integers(1, 10_000)),
    scale=st.floats(-10, 3).map(lambda e: 10.0**e),
    seed=st.integers(0, 99),
)
@pytest.mark.slow
def test_any_gap_after_any_step_is_skipped_alike(name, memory, t, k, scale, seed):
    chosen = {key: 1 - 10.0**-x for key, x in zip(decays(name), memory, strict=False)}
    assume(tables(rule(name), 1, rule(name).hyperparameters(**chosen)) is not None)
    # Explicit steps lose Lion's direction where its momentum leaves double precision.
    assume(name != "lion" or chosen["beta2"] ** k > 1e-280)
    assert zero_gradient_error(rule(name), t, k, np.float64, seed, scale=scale, **chosen) < DOUBLE
    assert zero_gradient_error(rule(name), t, k, np.float32, seed, scale=scale, **chosen) < SINGLE


@pytest.mark.parametrize("share", [0.9, 0.98, 0.999, 1.001, 1.005, 1.02, 1.06, 1.2])
@pytest.mark.parametrize("bound", ["lower", "upper"])
def test_adabound_may_cross_its_bounds_while_its_gradient_is_zero(share, bound):
    # The root fades by a few hundredths over the steps that matter: from a `share` a little above
    # one the rate starts at the lower bound and leaves it, from below one it meets the upper one.
    tested, t, k = rule("adabound"), 5000, 300
    chosen = tested.hyperparameters()
    free, *bounds = tested.scalars(np.arange(1.0, t + k + 1), chosen)
    lower, upper = bounds
    edge = chosen["lr"] * free[t] / (lower if bound == "lower" else upper)[t]
    w, m, s = 0.0, 1.0, edge * share
    state = (m, s * s)
    for i in range(t, t + k):
        m, s = m * chosen["beta1"], s * chosen["beta2"] ** 0.5
        w -= np.clip(chosen["lr"] * free[i] / (s + chosen["eps"]), lower[i], upper[i]) * m
    tabled = tables(tested, t + k + 500, chosen)
    found, _ = skip(tested, 0.0, state, t, k, tabled, chosen)
    assert found == pytest.approx(w, rel=DOUBLE)


def test_two_skips_are_one_long_skip():
    tested = rule("adam")
    chosen = tested.hyperparameters()
    tabled = tables(tested, 500, chosen)
    state = (0.3, 0.01)
    once = skip(tested, 1.0, state, 100, 400, tabled, chosen)
    half = skip(tested, 1.0, state, 100, 150, tabled, chosen)
    twice = skip(tested, *half, 250, 250, tabled, chosen)
    np.testing.assert_allclose([once[0], *once[1]], [twice[0], *twice[1]], rtol=DOUBLE)


@pytest.mark.parametrize("name", ["adam", "adabound", "momentum", "lion"])
@pytest.mark.slow
def test_numba_skips_as_numpy_does(name):
    tested = rule(name)
    chosen = tested.hyperparameters()
    tabled = tables(tested, 300, chosen)
    state = (0.3, 0.01)[: len(tested.state)]
    function = jitted.compiled(tested.skip)
    for k in (1, 2, 150):
        here = skip(tested, 1.0, state, 100, k, tabled, chosen)
        there = skip(tested, 1.0, state, 100, k, tabled, chosen, function)
        np.testing.assert_allclose([here[0], *here[1]], [there[0], *there[1]], rtol=DOUBLE)


def test_lion_keeps_its_direction_when_its_momentum_has_left_single_precision():
    tested = rule("lion")
    chosen = {key: np.float32(value) for key, value in tested.hyperparameters().items()}
    tabled = tables(tested, 20_000, tested.hyperparameters())
    tabled = {key: table.astype(np.float32) for key, table in tabled.items()}
    w, (m,) = skip(tested, np.float32(0), (np.float32(-1),), 1, 15_000, tabled, chosen)
    assert m < 0
    w, _ = skip(tested, w, (m,), 15_001, 4_000, tabled, chosen)
    assert w == pytest.approx(1e-4 * 19_000, rel=SINGLE)


def test_a_geometric_table_is_the_sum_written_out():
    terms, ratio = np.array([9.0, 1.0, 2.0, 3.0]), np.array([9.0, 0.5, 0.25, 0.1])
    # S(2) = 0.1 * 3; S(1) = 0.25 * (2 + S(2)); S(0) = 0.5 * (1 + S(1)); nothing after the end
    np.testing.assert_allclose(geometric(terms, ratio), [0.7875, 0.575, 0.3, 0.0], rtol=1e-15)


def test_the_bound_of_a_gauss_rule_holds_at_any_eps():
    t = np.arange(2001.0)
    correction = 1 - 0.999 ** np.maximum(t, 1)
    factor, scale = 1 / (1 - 0.9 ** np.maximum(t, 1)), 1 / np.sqrt(correction)
    rows = adaptive(factor, scale, 0.9, 0.999**0.5)
    for start in (1, 10, 100, 1000):
        i = np.arange(1, 2001 - start)
        n0, n1, d1, d2, bound, _ = rows[start]
        for e in (0.0, 1e-3, 0.1, 1.0, 10.0, 1e3):
            terms = 0.9**i * factor[start + i] / (0.999 ** (i / 2) * scale[start + i] + e)
            rule_sum = (n0 + n1 * e) / (1 + d1 * e + d2 * e * e)
            share = (e / (1 + e)) ** 4
            # 1e-14: rounding of a sum of a thousand terms
            assert abs(rule_sum / terms.sum() - 1) <= bound * share + 1e-14


def test_parts_of_a_split_sum_keep_small_differences_in_single_precision():
    total = np.cumsum(np.full(500_000, 0.1))
    parts = split(total).astype(np.float32)
    a, b = parts[400_001], parts[400_000]
    # float32 alone is off by 1e-3 at 40,000; the parts by their fine part's rounding, 2^-8 * 6e-8
    assert (a[0] - b[0]) + (a[1] - b[1]) == pytest.approx(0.1, rel=1e-8)


def test_skip_of_a_dense_rule_is_refused_with_its_reason():
    with pytest.raises(ValueError, match="adam_l2 has no skip: the weight enters its own gradient"):
        arguments(rule("adam_l2"))
    assert tables(rule("adam_l2"), 10, {}) is None


def test_rates_of_another_length_are_refused():
    with pytest.raises(ValueError, match="10 rates, expected 11"):
        tables(rule("momentum"), 10, rule("momentum").hyperparameters(), np.ones(10))
