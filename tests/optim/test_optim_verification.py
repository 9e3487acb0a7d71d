"""Every rule against torch.optim or its paper, its meanings against each other, and the page."""

import dataclasses
import inspect
import json
import re
from functools import cache, partial
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from optim import transcriptions
from optim.__main__ import main
from optim.cost import Cost, cost
from optim.functions import sqrt
from optim.references import TORCH
from optim.registry import FOLDER, names, rule
from optim.table import page
from optim.verification import NoisyQuadratic, difference, torch_trajectory, trajectory, verify

PAGE = Path(__file__).parents[2] / "docs" / "optimizers.md"


@cache
def found(name):
    return tuple(verify(rule(name)))


@pytest.mark.parametrize("name", names())
@pytest.mark.slow
def test_a_rule_equals_everything_it_should(name):
    assert found(name)
    for check in found(name):
        assert check.passed, check


@pytest.mark.parametrize("name", names())
@pytest.mark.slow
def test_a_rule_is_compared_with_torch_or_with_its_paper(name):
    assert {"torch", "paper"} & {check.check for check in found(name)}


@pytest.mark.parametrize("name", sorted(TORCH))
def test_defaults_are_those_of_torch(name):
    theirs = TORCH[name]([torch.zeros(1)]).defaults
    if "betas" in theirs:
        theirs["beta1"], theirs["beta2"] = theirs["betas"]
    for key, value in rule(name).defaults.items():
        assert value == theirs[key], key


@pytest.mark.parametrize(
    ("name", "ours", "make"),
    [
        (
            "adagrad",
            {"initial_accumulator_value": 0.1, "eps": 1e-3},
            partial(torch.optim.Adagrad, initial_accumulator_value=0.1, eps=1e-3),
        ),
        ("momentum", {"momentum": 0.5}, partial(torch.optim.SGD, momentum=0.5)),
        ("nesterov", {"momentum": 0.99}, partial(torch.optim.SGD, momentum=0.99, nesterov=True)),
        ("rmsprop", {"alpha": 0.5, "eps": 0.1}, partial(torch.optim.RMSprop, alpha=0.5, eps=0.1)),
        (
            "rmsprop_centered_momentum",
            {"alpha": 0.9, "eps": 0.1, "momentum": 0.5},
            partial(torch.optim.RMSprop, alpha=0.9, eps=0.1, momentum=0.5, centered=True),
        ),
        ("adadelta", {"rho": 0.5, "lr": 0.3}, partial(torch.optim.Adadelta, rho=0.5, lr=0.3)),
        ("adam", {"beta1": 0.0, "beta2": 0.0}, partial(torch.optim.Adam, betas=(0.0, 0.0))),
        (
            "adamw",
            {"beta2": 0.95, "weight_decay": 0.5},
            partial(torch.optim.AdamW, betas=(0.9, 0.95), weight_decay=0.5),
        ),
        ("radam", {"beta2": 0.6}, partial(torch.optim.RAdam, betas=(0.9, 0.6))),
        ("radam", {"beta2": 0.9}, partial(torch.optim.RAdam, betas=(0.9, 0.9))),
        ("adamax", {"beta2": 0.5}, partial(torch.optim.Adamax, betas=(0.9, 0.5))),
        ("amsgrad", {"beta2": 0.5}, partial(torch.optim.Adam, betas=(0.9, 0.5), amsgrad=True)),
    ],
)  # fmt: skip
def test_other_settings_are_torchs_too(name, ours, make):
    problem = NoisyQuadratic.drawn(1)
    theirs = torch_trajectory(make, problem)
    assert difference(trajectory(rule(name), problem, **ours), theirs) < 1e-10


def test_names_of_references_are_names_of_rules():
    transcribed = {
        key for key, value in vars(transcriptions).items()
        if inspect.isfunction(value) and "steps" in inspect.signature(value).parameters
    }  # fmt: skip
    assert set(TORCH) | transcribed <= set(names())


def wrong_adagrad(w, g, s, lr, eps):
    s = s + g * g
    return w - lr * g / sqrt(s + eps), s  # eps on the wrong side of the root


def test_eps_on_the_wrong_side_of_the_root_is_found():
    wrong = dataclasses.replace(rule("adagrad"), update=wrong_adagrad)
    failed = [check.check for check in verify(wrong) if not check.passed]
    assert failed == ["torch"]


def wrong_skip(w, v, fading):
    return w, v * fading * fading


def test_a_wrong_closed_form_is_found():
    wrong = dataclasses.replace(rule("rmsprop"), skip=wrong_skip)
    failed = [check.check for check in verify(wrong) if not check.passed]
    assert failed == ["zero gradients, double", "zero gradients, single"]


@pytest.mark.slow
def test_the_page_in_docs_is_what_the_rules_and_their_checks_make():
    checks = [
        {**dataclasses.asdict(check), "passed": check.passed}
        for name in names()
        for check in found(name)
    ]
    assert page([rule(name) for name in names()], checks) == PAGE.read_text(encoding="utf-8")


def test_a_failed_check_is_told_apart_on_the_page():
    checks = [
        {"rule": "sgd", "check": "torch", "against": "x", "tolerance": 1, "passed": False},
        {"rule": "sgd", "check": "paper", "against": "y", "tolerance": 1, "passed": True},
    ]
    text = page([rule("sgd")], checks)
    assert "1 of 2" in text
    assert "torch: **not** equal to x" in text


def test_the_commands_verify_and_make_the_page(tmp_path):
    checks, output = tmp_path / "checks.json", tmp_path / "page.md"
    run = CliRunner().invoke(main, ["verify", "--only", "sgd", "--output", str(checks)])
    assert run.exit_code == 0, run.output
    assert {check["rule"] for check in json.loads(checks.read_text())} == {"sgd"}
    run = CliRunner().invoke(main, ["table", "--checks", str(checks), "--output", str(output)])
    assert run.exit_code == 0, run.output
    assert "5 of 5" in output.read_text()


def test_a_page_without_checks_says_how_to_make_them(tmp_path):
    run = CliRunner().invoke(main, ["table", "--checks", str(tmp_path / "none.json")])
    assert run.exit_code == 1
    assert "run python -m optim verify" in run.output


def test_operations_are_counted_as_by_hand():
    # adagrad: s + g * g; lr * g, sqrt, + eps, /, w - : 5 simple, a division, a root
    assert cost(rule("adagrad")) == Cost(simple=5, divisions=1, roots=1, state_bytes=4)
    # 1 - beta1 and its like are the same for all weights; 3 + 4 in the states, 3 in the weight
    assert cost(rule("adam")) == Cost(simple=10, divisions=3, roots=1, state_bytes=8)
    assert cost(rule("newton")) is None


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_rule_is_one_file_of_under_sixty_lines_that_cites_its_source(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    if path.stem != "__init__":
        assert re.search(r"\d{4}|Dive into Deep Learning|the assignment", rule(path.stem).paper)
        assert text.startswith('"""')


@pytest.mark.parametrize("name", names())
def test_a_rule_says_what_becomes_of_zero_gradients(name):
    tested = rule(name)
    said = [tested.zero_gradient_is_idle, tested.skip is not None, bool(tested.dense_because)]
    assert sum(said) == 1
