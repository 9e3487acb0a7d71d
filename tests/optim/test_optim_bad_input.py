"""What cannot be is refused before any step, in words that say what was found and expected."""

import numpy as np
import pytest

from optim.registry import load_rule, rule
from optim.rule import Rule
from optim.verification import verify


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("sgd", {"lr": -0.1}, "sgd: lr = -0.1 is negative, expected at least 0"),
        ("sgd", {"lr": float("nan")}, "sgd: lr = nan is not finite"),
        ("sgd", {"lr": float("inf")}, "sgd: lr = inf is not finite"),
        ("sgd", {"lr": "fast"}, "sgd: lr = 'fast' is not a number"),
        ("sgd", {"lr": True}, "sgd: lr = True is not a number"),
        ("adam", {"beta1": 1.0}, r"adam: beta1 = 1.0, expected a value in \[0, 1\)"),
        ("adam", {"beta2": 1.5}, r"adam: beta2 = 1.5, expected a value in \[0, 1\)"),
        ("adam", {"beta2": -0.5}, "adam: beta2 = -0.5 is negative"),
        ("rmsprop", {"alpha": 1.0}, r"alpha = 1.0, expected a value in \[0, 1\)"),
        ("adadelta", {"rho": 1.0}, r"rho = 1.0, expected a value in \[0, 1\)"),
        ("momentum", {"momentum": 1.0}, r"momentum = 1.0, expected a value in \[0, 1\)"),
        ("adagrad_decay", {"decay": 1.0}, r"decay = 1.0, expected a value in \[0, 1\)"),
        ("adagrad", {"eps": -1e-8}, "adagrad: eps = -1e-08 is negative"),
        ("adagrad_reset", {"period": 2.5}, "period = 2.5, expected a whole number of steps"),
        ("adagrad_reset", {"period": 0}, "period = 0, expected a whole number of steps, 1 or more"),
        ("adabound", {"gamma": 0.0}, "gamma = 0, expected a value above 0"),
        ("adam", {"beta_1": 0.9}, "adam has no hyper-parameter 'beta_1'; did you mean 'beta1'?"),
        ("sgd", {"eps": 1}, "sgd has no hyper-parameter 'eps'; known are: lr"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(name, given, message):
    with pytest.raises(ValueError, match=message):
        rule(name).hyperparameters(**given)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adagard", "there is no optimizer 'adagard'; did you mean 'adagrad'?"),
        ("quantum", "there is no optimizer 'quantum'; known are: adabound, adadelta"),
    ],
)
def test_an_unknown_optimizer_is_refused_with_the_nearest(name, message):
    with pytest.raises(ValueError, match=message):
        rule(name)


@pytest.mark.parametrize(
    ("g", "state", "message"),
    [
        (np.zeros(3), (np.zeros(2),), r"adagrad: s has shape \(2,\), expected \(3,\)"),
        (np.zeros(2), (np.zeros(3),), r"adagrad: g has shape \(2,\), expected \(3,\)"),
        (np.zeros(3), (), r"adagrad: 0 states, expected 1 \(s\)"),
        (np.zeros(3), (np.zeros(3),) * 2, r"adagrad: 2 states, expected 1 \(s\)"),
    ],
)
def test_a_state_of_the_wrong_shape_is_refused(g, state, message):
    with pytest.raises(ValueError, match=message):
        rule("adagrad").step(np.zeros(3), g, state, 1, rule("adagrad").hyperparameters())


def update(w, g, s, lr):
    return w - lr * g, s


def skip(w, fading):
    return w * fading


FIELDS = {"name": "mine", "title": "Mine", "update": update, "paper": "none"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"state": ("v",), "defaults": {"lr": 1}}, "'mine': update takes .* begin with .*'v'"),
        ({"state": ("s",), "defaults": {}}, "no default for lr"),
        (
            {"state": ("s",), "defaults": {"lr": 1}, "initial": {"v": "lr"}},
            "rule 'mine': no state called v",
        ),
        (
            {"state": ("s",), "defaults": {"lr": 1}, "skip": skip},
            r"'mine': skip takes \('w', 'fading'\), expected it to begin with \('w', 's'\)",
        ),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(fields, message):
    with pytest.raises(TypeError, match=message):
        Rule(**FIELDS, **fields)


@pytest.mark.parametrize(
    ("update", "state", "message"),
    [
        (lambda w, g, lr: (w - lr * g,), (), r"a tuple of 1, expected the weight alone \(w\)"),
        (
            lambda w, g, s, lr: w - lr * g + s,
            ("s",),
            r"weight alone, expected a tuple of 2 \(w, s\)",
        ),
    ],
)
def test_a_rule_that_returns_too_much_or_too_little_is_told_what_to_return(update, state, message):
    mine = Rule(**FIELDS | {"update": update, "state": state, "defaults": {"lr": 1}})
    with pytest.raises(TypeError, match=f"rule 'mine': update returns .*{message}"):
        next(verify(mine))


def test_a_file_without_a_rule_is_refused(tmp_path):
    path = tmp_path / "empty.py"
    path.write_text("RULE = 3\n", encoding="utf-8")
    with pytest.raises(TypeError, match=r"empty\.py: defines no RULE; expected RULE = "):
        load_rule(path)
    with pytest.raises(TypeError, match="not a Python file"):
        load_rule(tmp_path / "rule.txt")
