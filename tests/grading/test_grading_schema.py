"""The reader of schemas says yes and no as jsonschema does, and knows the nearest right name."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from grading import assignment, roster
from grading.schema import first_wrong

CLASS = """
due: 2025-12-01
students: [an, binh, chi]
groups: {pair: [binh, chi]}
extensions: {an: {until: 2025-12-03, reason: ill}}
submissions: {an: {by: an, at: 2025-12-02}}
"""
ADJUSTED = {"student": "binh", "check": "adagrad_2d", "score": 8, "reason": "right"}
DOCUMENTS = {
    "adagrad": (
        assignment._SCHEMA,
        yaml.safe_load((assignment.FOLDER / "adagrad.yaml").read_text(encoding="utf-8")),
    ),
    "class": (roster._CLASS, yaml.safe_load(CLASS)),
    "adjustment": (roster._OF_A_CHECK, ADJUSTED),
}
PUT = (None, True, -1, 0, 0.5, 1.0, 10**6, "", "Ab c", "an", [], ["an", "an"], {}, {"x": 1})


def containers(document: Any) -> Iterator[dict[Any, Any] | list[Any]]:
    """The document's own objects and arrays, at any depth."""
    if isinstance(document, dict | list):
        yield document
        for each in document.values() if isinstance(document, dict) else document:
            yield from containers(each)


def changed(document: Any, rng: random.Random) -> Any:
    """A copy in which one thing is removed, added or another."""
    other = copy.deepcopy(document)
    at = rng.choice([each for each in containers(other) if each])
    place = rng.choice(list(at) if isinstance(at, dict) else range(len(at)))
    if rng.random() < 0.2:
        del at[place]
    elif rng.random() < 0.2 and isinstance(at, dict):
        at["another"] = rng.choice(PUT)
    else:
        at[place] = rng.choice(PUT)
    return other


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_accepts_and_refuses_what_jsonschema_does(name):
    schema, document = DOCUMENTS[name]
    reference, rng = Draft202012Validator(schema), random.Random(1)
    assert first_wrong(document, schema) == ""
    refused = 0
    for _ in range(100):
        other = changed(document, rng)
        wrong = first_wrong(other, schema)
        assert (wrong == "") == reference.is_valid(other), (wrong, other)
        refused += wrong != ""
    assert 20 < refused < 100  # both answers were asked for


NESTED = {
    "type": "object",
    "properties": {"b": {"type": "array", "items": {"type": "integer"}}},
}


@pytest.mark.parametrize(
    ("found", "schema", "told"),
    [
        ({"b": [1, "x"]}, NESTED, "$.b[1]: 'x' is not of type 'integer'"),
        ({"student": "an"}, roster._OF_A_CHECK, "$: 'check' is a required property"),
        (
            {**ADJUSTED, "reasn": ""},
            roster._OF_A_CHECK,
            "$: 'reasn' was unexpected; did you mean 'reason'?",
        ),
        (
            {**ADJUSTED, "score": float("nan")},
            roster._OF_A_CHECK,
            "$.score: nan is not of type 'number'",
        ),
    ],
)
def test_it_says_where_and_what_was_expected(found, schema, told):
    assert first_wrong(found, schema) == told


def test_a_word_that_is_nearly_one_of_the_allowed_is_told_the_nearest():
    told = first_wrong("after deadline", {"enum": list(assignment.VISIBILITIES)})
    assert told.endswith("did you mean 'after the deadline'?")


@pytest.mark.parametrize("schema", [{"type": "string", "format": "date"}, {"minimum": 1}])
def test_a_schema_that_would_not_be_read_whole_is_refused(schema):
    with pytest.raises(ValueError, match="which is not read here"):
        first_wrong("2025-12-01", schema)
