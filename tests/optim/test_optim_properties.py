"""What holds for every rule at any setting and any gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optim.registry import names, rule

COORDINATEWISE = [name for name in names() if rule(name).coordinatewise]
RANGES = {
    "lr": st.floats(0, 10),
    "eps": st.floats(1e-12, 1),
    "period": st.integers(1, 5),
    "gamma": st.floats(1e-6, 1),
    "weight_decay": st.floats(0, 1),
    "momentum_decay": st.floats(0, 1),
    "final_lr": st.floats(0, 1),
    "initial_accumulator_value": st.floats(0, 1),
}
# 0.6 makes the longest average of RAdam 4, where its rectification divides by zero.
DECAY = st.one_of(st.floats(0, 0.9999), st.sampled_from([0.0, 0.5, 0.6, 0.9, 0.999]))
# Squares of more than this are beyond the precision: infinite, and no rule's doing.
LARGEST = {np.float64: 1e150, np.float32: 1e17}


def gradients(dtype):
    tiny = float(np.finfo(dtype).smallest_subnormal)
    largest = LARGEST[dtype]
    sizes = st.sampled_from([0.0, tiny, 3 * tiny, 1e-30, 1e-12, 1e-3, 1.0, 1e6, largest])
    return st.lists(
        st.tuples(sizes, st.sampled_from([-1, 1])).map(lambda pair: pair[0] * pair[1]),
        min_size=1,
        max_size=12,
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("name", COORDINATEWISE)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
@pytest.mark.slow
def test_finite_gradients_never_make_a_weight_or_state_that_is_not_finite(name, dtype, data):
    tested = rule(name)
    chosen = {
        key: data.draw(RANGES.get(key, DECAY), label=key) for key in tested.defaults
    }  # fmt: skip
    chosen = tested.hyperparameters(**chosen)
    w = np.array([1.0], dtype)
    state = tested.initial_state(w, chosen)
    with np.errstate(over="ignore", under="ignore"):
        for t, g in enumerate(data.draw(gradients(dtype), label="gradients"), start=1):
            scalars = [dtype(value) for value in tested.scalars(t, chosen)]
            rest = [dtype(chosen[key]) for key in tested.update_hyperparameters]
            result = tested.update(w, np.array([g], dtype), *state, *scalars, *rest)
            w, *state = result if tested.state else (result,)
            assert w.dtype == dtype
            assert np.isfinite(w).all()
            assert all(np.isfinite(value).all() for value in state)


# These take one square from another, and so do their papers: infinity less infinity.
SUBTRACTS = ("yogi", "rmsprop_centered", "rmsprop_centered_momentum")
HUGE = {np.float64: 1e300, np.float32: 1e30}


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["double", "single"])
@pytest.mark.parametrize("name", [name for name in COORDINATEWISE if name not in SUBTRACTS])
@settings(max_examples=30, deadline=None)
@given(
    signs=st.lists(st.sampled_from([-1, 0, 1]), min_size=12, max_size=12),
    sizes=st.lists(st.integers(0, 4), min_size=12, max_size=12),
    decay=st.floats(0.01, 0.9999),
)
@pytest.mark.slow
def test_a_square_that_overflows_stops_a_weight_and_makes_nothing_not_a_number(
    name, dtype, signs, sizes, decay
):
    tested = rule(name)
    decays = {
        key: decay for key in tested.defaults
        if key.startswith("beta") or key in ("rho", "alpha", "momentum", "decay")
    }  # fmt: skip
    given = {**decays, **({"period": 3} if "period" in tested.defaults else {})}
    chosen = tested.hyperparameters(**given)
    tiny = float(np.finfo(dtype).smallest_subnormal)
    w, state = np.array([1.0], dtype), None
    state = tested.initial_state(w, chosen)
    with np.errstate(over="ignore", under="ignore"):
        for t, (sign, size) in enumerate(zip(signs, sizes, strict=True), start=1):
            g = np.array([sign * (tiny, 1e-20, 1.0, LARGEST[dtype], HUGE[dtype])[size]], dtype)
            scalars = [dtype(value) for value in tested.scalars(t, chosen)]
            rest = [dtype(chosen[key]) for key in tested.update_hyperparameters]
            result = tested.update(w, g, *state, *scalars, *rest)
            w, *state = result if tested.state else (result,)
            assert np.isfinite(w).all()
            assert not any(np.isnan(value).any() for value in state)


def test_radam_steps_by_its_momentum_where_its_first_squares_overflow():
    tested, chosen = rule("radam"), rule("radam").hyperparameters(lr=1e-32)
    w, g = np.zeros(1, np.float32), np.full(1, 1e30, np.float32)
    state = tested.initial_state(w, chosen)
    for t in range(1, 8):
        before = w
        w, state = tested.step(w, g, state, t, chosen)
        # The average of a constant gradient is that gradient; divided by infinity, nothing.
        expected = 0.01 if t <= 5 else 0.0
        np.testing.assert_allclose(before - w, expected, rtol=1e-4)  # a few roundings of w


@pytest.mark.parametrize("name", [n for n in COORDINATEWISE if rule(n).zero_gradient_is_idle])
@given(seed=st.integers(0, 999))
@settings(max_examples=20, deadline=None)
@pytest.mark.slow
def test_an_idle_rule_does_nothing_at_zero_gradient(name, seed):
    tested = rule(name)
    random = np.random.default_rng(seed)
    w, state = random.normal(size=3), tuple(np.abs(random.normal(size=3)) for _ in tested.state)
    after, states = tested.step(w, np.zeros(3), state, 5, tested.hyperparameters())
    np.testing.assert_array_equal(after, w)
    np.testing.assert_array_equal(states, state)


@pytest.mark.parametrize("name", COORDINATEWISE)
def test_a_learning_rate_of_zero_moves_nothing(name):
    tested = rule(name)
    given = {"lr": 0.0} | ({"final_lr": 0.0} if "final_lr" in tested.defaults else {})
    chosen = tested.hyperparameters(**given)
    w = np.array([1.0, -2.0])
    state = tested.initial_state(w, chosen)
    for t in range(1, 5):
        after, state = tested.step(w, np.array([0.5, -3.0]) * t, state, t, chosen)
        # Look-ahead Nesterov takes its velocity off and puts it on again: one rounding.
        np.testing.assert_allclose(after, w, rtol=1e-15)


@pytest.mark.parametrize("name", COORDINATEWISE)
def test_a_rule_treats_the_two_signs_alike(name):
    tested, chosen = rule(name), rule(name).hyperparameters()
    w, mirrored = np.array([0.7]), np.array([-0.7])
    state = tested.initial_state(w, chosen)
    other = tested.initial_state(w, chosen)
    for t, g in enumerate((0.5, -2.0, 0.0, 1e-5), start=1):
        w, state = tested.step(w, np.array([g]), state, t, chosen)
        mirrored, other = tested.step(mirrored, np.array([-g]), other, t, chosen)
        np.testing.assert_array_equal(mirrored, -w)
