"""One rule, many meanings: exact symbols, enclosing balls, CUDA device functions."""

import numpy as np
import pytest
import sympy
from cuda_simulator import simulated
from flint import arb

from optim import balls, symbolic
from optim.meaning import with_meaning
from optim.registry import names, rule

COORDINATEWISE = [name for name in names() if rule(name).coordinatewise]

SIMULATED = """
import numpy as np
from numba import cuda
from optim.jitted import device_function
from optim.registry import names, rule
from optim.zero_gradient import arguments, skip, tables

for name in names():
    tested = rule(name)
    if not tested.coordinatewise:
        continue
    update, states = device_function(tested.update), len(tested.state)

    @cuda.jit
    def step(values, arguments):
        lane = cuda.grid(1)
        if lane < values.shape[0]:
            result = update(*arguments[lane])
            if states:
                for k in range(states + 1):
                    values[lane, k] = result[k]
            else:
                values[lane, 0] = result

    random = np.random.default_rng(0)
    chosen = tested.hyperparameters()
    w, g = random.normal(size=4), np.append(random.normal(size=3), 0.0)
    state = tuple(np.abs(random.normal(size=4)) for _ in tested.state)
    scalars = np.broadcast_to(np.array(tested.scalars(3, chosen), float)[:, None].T,
                              (4, len(tested.per_step_names) if tested.per_step else 0))
    rest = np.tile([chosen[key] for key in tested.update_hyperparameters], (4, 1))
    arguments_ = np.column_stack([w, g, *state, scalars, rest])
    values = np.zeros((4, states + 1))
    step[1, 4](values, arguments_)
    expected = tested.step(w, g, state, 3, chosen)
    np.testing.assert_allclose(values.T, [expected[0], *expected[1]], rtol=1e-14, err_msg=name)

    if tested.skip:
        tabled = tables(tested, 300, chosen)
        function = device_function(tested.skip)
        here = [None]

        @cuda.jit
        def run():
            here[0] = skip(tested, 1.0, (0.3, 0.01, 0.02)[:states], 100, 150, tabled, chosen,
                           function)

        run[1, 1]()
        there = skip(tested, 1.0, (0.3, 0.01, 0.02)[:states], 100, 150, tabled, chosen)
        np.testing.assert_allclose([here[0][0], *here[0][1]], [there[0], *there[1]],
                                   rtol=1e-13, err_msg=name)
    print(name)
"""


@pytest.mark.slow
def test_every_rule_is_a_cuda_device_function_in_the_simulator():
    assert simulated(SIMULATED).split() == COORDINATEWISE


@pytest.mark.parametrize("name", COORDINATEWISE)
def test_a_ball_encloses_the_exact_step(name):
    tested = rule(name)
    chosen = tested.hyperparameters()
    update = with_meaning(tested.update, balls.FUNCTIONS)
    exact = with_meaning(tested.update, symbolic.FUNCTIONS)
    # Halves, quarters and eighths are the same in every meaning.
    given = [1.5, -0.75, *(0.625, 0.25, 0.375)[: len(tested.state)]]
    given += [0.5, 0.25, 2.0][: len(tested.per_step_names) if tested.per_step else 0]
    given += [chosen[key] for key in tested.update_hyperparameters]
    found = update(*(balls.ball(value) for value in given))
    expected = exact(*(sympy.Rational(value) for value in given))
    if not tested.state:
        found, expected = (found,), (expected,)
    for ball, value in zip(found, expected, strict=True):
        digits = sympy.N(value, 40)
        assert abs(float(arb(ball).rad())) < 1e-14
        assert abs(arb(str(digits)) - ball).contains(0) or arb(ball).contains(arb(str(digits)))


@pytest.mark.parametrize("name", [name for name in COORDINATEWISE if rule(name).per_step])
@pytest.mark.slow
def test_scalars_of_the_step_mean_the_same_everywhere(name):
    tested = rule(name)
    chosen = tested.hyperparameters()
    steps = np.arange(1.0, 30)
    columns = [np.broadcast_to(c, steps.shape) for c in tested.scalars(steps, chosen)]
    in_balls = with_meaning(tested.per_step, balls.FUNCTIONS)
    in_symbols = with_meaning(tested.per_step, symbolic.FUNCTIONS)
    exact = {key: sympy.Rational(value) for key, value in chosen.items()}
    enclosed = {key: balls.ball(value) for key, value in chosen.items()}
    for t in (1, 2, 5, 6, 7, 29):
        here = [column[t - 1] for column in columns]
        ball = tested.scalars(arb(t), enclosed, in_balls)
        symbol = tested.scalars(sympy.Integer(t), exact, in_symbols)
        for a, b, c in zip(here, ball, symbol, strict=True):
            # RAdam takes 1994 from 1999 at t = 5: digits go in floats, and not in the others
            assert a == pytest.approx(float(sympy.N(sympy.sympify(c).doit())), rel=1e-8)
            assert a == pytest.approx(float(arb(b).mid()), rel=1e-8)


def test_a_step_in_an_array_is_that_step_alone():
    for name in COORDINATEWISE:
        tested = rule(name)
        chosen = tested.hyperparameters()
        columns = tested.scalars(np.arange(1.0, 20), chosen)
        for t in (1, 7, 19):
            alone = tested.scalars(t, chosen)
            for column, value in zip(columns, alone, strict=True):
                # The power of an array rounds apart from that of a number; RAdam subtracts after.
                assert column[t - 1] == pytest.approx(value, rel=1e-8)


def test_a_meaning_without_a_function_that_the_rule_calls_is_refused():
    with pytest.raises(ValueError, match="this meaning has no sqrt"):
        with_meaning(rule("adagrad").update, {"abs": abs})
