"""Data that a person wrote, held against a schema: what is wrong first, and the nearest right name.

The schemas are JSON Schema (draft 2020-12), and of it what `_KEYWORDS` lists. Not by jsonschema,
whose import takes an eighth of what grading a submission takes, and which knows no nearest names;
the tests hold the one against the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from optim.rule import nearest

Schema = Mapping[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
}


def first_wrong(found: object, schema: Schema, place: str = "$") -> str:
    """The first thing that breaks the schema, with its place; "" where nothing does.

    Raises:
        ValueError: the schema has a keyword that is not read here, or no type beside its keywords.
    """
    return next(_wrong(found, schema, place), "")


def _wrong(found: object, schema: Schema, place: str) -> Iterator[str]:
    """What breaks the schema, the type first: nothing else is asked of another type."""
    asked = [keyword for keyword in schema if keyword != "type"]
    unread = [keyword for keyword in asked if keyword not in _KEYWORDS]
    if unread or ("type" not in schema and set(asked) - {"enum"}):
        raise ValueError(f"{place}: the schema has {unread or 'no type'}, which is not read here")
    if "type" in schema and not _is_of_type(found, schema["type"]):
        yield f"{place}: {found!r} is not of type {schema['type']!r}"
        return
    for keyword in asked:
        yield from _KEYWORDS[keyword](found, schema[keyword], place, schema)


def _is_of_type(found: object, wanted: str) -> bool:
    """As JSON has types: no truth value is a number, nor is what is not finite; 1.0 is whole."""
    if isinstance(found, float):
        return math.isfinite(found) and (
            wanted == "number" or (wanted, found % 1) == ("integer", 0)
        )
    return isinstance(found, _TYPES[wanted]) and not isinstance(found, bool)


def _enum(found: object, known: list[object], place: str, _: Schema) -> Iterator[str]:
    if found not in known:
        yield f"{place}: {found!r} is not one of {known}; {nearest(str(found), map(str, known))}"


def _required(found: dict[str, object], keys: list[str], place: str, _: Schema) -> Iterator[str]:
    yield from (f"{place}: {key!r} is a required property" for key in keys if key not in found)


def _properties(
    found: dict[str, object], schemas: Mapping[str, Schema], place: str, _: Schema
) -> Iterator[str]:
    for key, schema in schemas.items():
        if key in found:
            yield from _wrong(found[key], schema, f"{place}.{key}")


def _others(
    found: dict[str, object], schema: Schema | bool, place: str, whole: Schema
) -> Iterator[str]:
    """Keys that `properties` does not name: refused, or held against a schema of their own."""
    known = whole.get("properties", {})
    for key in found:
        if key not in known and isinstance(schema, bool):
            yield f"{place}: {key!r} was unexpected; {nearest(str(key), known)}"
        elif key not in known and not isinstance(schema, bool):
            yield from _wrong(found[key], schema, f"{place}.{key}")


def _names(found: dict[str, object], schema: Schema, place: str, _: Schema) -> Iterator[str]:
    for key in found:
        yield from _wrong(key, schema, place)


def _items(found: list[object], schema: Schema, place: str, _: Schema) -> Iterator[str]:
    for number, each in enumerate(found):
        yield from _wrong(each, schema, f"{place}[{number}]")


def _unique(found: list[object], _: bool, place: str, __: Schema) -> Iterator[str]:
    yield from (
        f"{place}: {each!r} is there twice" for n, each in enumerate(found) if each in found[:n]
    )


def _pattern(found: str, pattern: str, place: str, _: Schema) -> Iterator[str]:
    if not re.search(pattern, found):
        yield f"{place}: {found!r} does not match {pattern!r}"


def _shortest(found: str | list[object], least: int, place: str, _: Schema) -> Iterator[str]:
    if len(found) < least:
        yield f"{place}: {found!r} is too short, expected {least} or more"


def _minimum(found: float, least: float, place: str, _: Schema) -> Iterator[str]:
    if found < least:
        yield f"{place}: {found!r} is less than {least}"


def _maximum(found: float, most: float, place: str, _: Schema) -> Iterator[str]:
    if found > most:
        yield f"{place}: {found!r} is greater than {most}"


def _above(found: float, bound: float, place: str, _: Schema) -> Iterator[str]:
    if found <= bound:
        yield f"{place}: {found!r} is not greater than {bound}"


_KEYWORDS: dict[str, Callable[[Any, Any, str, Schema], Iterator[str]]] = {
    "enum": _enum,
    "additionalProperties": _others,
    "required": _required,
    "properties": _properties,
    "propertyNames": _names,
    "items": _items,
    "minItems": _shortest,
    "uniqueItems": _unique,
    "minLength": _shortest,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _above,
}
