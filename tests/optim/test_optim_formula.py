"""Formulae are made from the rules, and read as the papers write them."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
import sympy

from optim.formula import STEP, formula
from optim.registry import names, rule

COORDINATEWISE = [name for name in names() if rule(name).coordinatewise]


def lines(name):
    text = formula(rule(name)).latex()
    return [line.removesuffix(r" \\") for line in text.splitlines()[1:-1]]


def test_adagrad_reads_as_in_its_paper():
    assert lines("adagrad") == [
        r"s_{t} &= s_{t-1} + g_{t}^{2}",
        r"\theta_{t} &= \theta_{t-1} - \frac{\eta g_{t}}{\sqrt{s_{t}} + \varepsilon}",
    ]


def test_eps_inside_the_root_is_written_inside_the_root():
    assert lines("adagrad_eps_inside")[1] == (
        r"\theta_{t} &= \theta_{t-1} - \frac{\eta g_{t}}{\sqrt{s_{t} + \varepsilon}}"
    )


def test_adam_reads_as_in_its_paper():
    correction = r"\left(1 - \beta_{1}^{t}\right)"
    root = r"\left(\sqrt{\frac{v_{t}}{1 - \beta_{2}^{t}}} + \varepsilon\right)"
    assert lines("adam") == [
        r"m_{t} &= \beta_{1} m_{t-1} + \left(1 - \beta_{1}\right) g_{t}",
        r"v_{t} &= \beta_{2} v_{t-1} + \left(1 - \beta_{2}\right) g_{t}^{2}",
        rf"\theta_{{t}} &= \theta_{{t-1}} - \frac{{\eta m_{{t}}}}{{{correction} {root}}}",
    ]


def test_newton_and_full_matrices_are_written_with_matrices():
    assert lines("newton") == [r"\theta_{t} &= \theta_{t-1} - \eta H_{t}^{-1} g_{t}"]
    inverse = r"\left(s_{t}^{\frac{1}{2}} + \varepsilon \mathbb{I}\right)^{-1}"
    assert lines("full_matrix_adagrad") == [
        r"s_{t} &= s_{t-1} + g_{t} g_{t}^{T}",
        rf"\theta_{{t}} &= \theta_{{t-1}} - \eta {inverse} g_{{t}}",
    ]


@pytest.mark.parametrize("name", names())
def test_the_weight_comes_last_and_every_left_side_once(name):
    made = formula(rule(name))
    left = [str(side) for side, _ in made.equations]
    assert len(set(left)) == len(left)
    assert lines(name)[-1].startswith(r"\theta_{t} &= ")


@pytest.mark.parametrize("name", COORDINATEWISE)
def test_the_equations_evaluate_to_the_step_that_is_taken(name):
    tested = rule(name)
    made, chosen = formula(tested), tested.hyperparameters()
    t, w, g = 9, 0.8, -0.3
    state = (0.4, 0.05, 0.07)[: len(tested.state)]
    known = {f"{0 if key == 'lr' else 1}{key}@": value for key, value in chosen.items()}
    known |= {"2w@t-1": w, "3g@t": g}
    known |= {f"2{key}@t-1": value for key, value in zip(tested.state, state, strict=True)}
    values = {sympy.Symbol(key): sympy.Float(value, 30) for key, value in known.items()}
    for left, right in made.equations:
        values[left] = sympy.sympify(right).subs(STEP, t).subs(values).doit().evalf(30)
    expected, _ = tested.step(
        np.float64(w), np.float64(g), tuple(map(np.float64, state)), t, chosen
    )
    # Thirty digits against sixteen; RAdam's length loses some to cancellation.
    assert float(values[made.equations[-1][0]]) == pytest.approx(float(expected), rel=1e-10)


@pytest.mark.parametrize("name", names())
def test_mathml_is_well_formed_and_needs_no_named_entities(name):
    text = formula(rule(name)).mathml()
    root = ET.fromstring(text)
    assert root.tag.endswith("math")
    assert len(root[0]) == len(formula(rule(name)).equations)
    assert "piecewise" not in text
    assert "@" not in text


@pytest.mark.parametrize("name", names())
def test_latex_has_balanced_braces_and_no_internal_names(name):
    text = formula(rule(name)).latex()
    assert text.count("{") == text.count("}")
    assert "@" not in text
