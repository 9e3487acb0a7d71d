"""The rules in Vietnamese: nothing is missing, obsolete or filled in wrongly."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from language.catalogue import PART
from optim.catalogue import LOCALE, catalogue
from optim.registry import names, rule
from optim.verification import __file__ as VERIFICATION

FIELDS = ("title", "paper", "zero_gradient")


@pytest.fixture(scope="module")
def rules():
    """The rules, as though every check that there is had been run on the first."""
    checks = [{"rule": names()[0], "check": check, "against": against} for check, against in said()]
    return catalogue([rule(name) for name in names()], checks)


def said() -> Iterator[tuple[str, str]]:
    """Name and reference of every check, read from the code that makes them."""
    tree = ast.parse(Path(VERIFICATION).read_text(encoding="utf-8"))
    against = {
        node.args[2].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Check"
    }
    checks = {"torch", "paper"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and str(node.value).startswith("zero gradients, "):
            checks.add(node.value)
        if isinstance(node, ast.FunctionDef) and node.name == "_meanings":
            keys = next(n.keys for n in ast.walk(node) if isinstance(n, ast.Dict))
            checks |= {f"{key.value} meaning" for key in keys}
    return ((check, one) for check in sorted(checks) for one in sorted(against))


def test_the_checks_that_were_read_are_those_that_are_made():
    assert {check for check, _ in said()} >= {"torch", "paper", "balls meaning", "Numba meaning"}
    assert len(list(said())) == 8 * 5  # eight checks, five things to be equal to


def test_every_text_of_a_rule_has_vietnamese(rules):
    for entry in rules:
        told = entry["translations"]["vi"]
        assert set(FIELDS) <= set(told), entry["name"]
        words = {word for check in entry["checks"] for word in (check["check"], check["against"])}
        assert words <= set(told["words"]), entry["name"]


def test_no_translation_is_of_what_is_said_no_more(rules):
    texts = {entry[field] for entry in rules for field in FIELDS}
    texts |= {part for text in texts for part in re.split("(?<=one by one): ", text)}
    texts |= {word for pair in said() for word in pair}
    with (LOCALE / "vi.po").open("rb") as file:
        messages = [message for message in read_po(file, abort_invalid=True) if message.id]
    assert {message.id for message in messages} - texts == {"taken one by one: {because}"}
    for message in messages:
        assert message.string.strip(), message.id
        assert PART.findall(message.string) == PART.findall(message.id), message.id


def test_a_rule_says_in_vietnamese_what_it_is(rules):
    told = next(entry for entry in rules if entry["name"] == "newton")["translations"]["vi"]
    assert told["title"] == "Phương pháp Newton"
    assert told["paper"] == "Boyd và Vandenberghe (2004), mục 9.5"
    assert told["zero_gradient"] == (
        "thực hiện từng bước: mọi tọa độ đều dịch chuyển mỗi khi một tọa độ dịch chuyển"
    )
