"""The documentation's page on the configuration, from the schemas that check it.

`python -m workflow.configuration_page` prints it: what config/README.md says, then every key with
what may stand there and what does. `make docs` puts it into the site; it is kept nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from experiments.comparison.settings import SCHEMA as COMPARISON
from experiments.protocol import KEYS, schema_of
from experiments.registry import Kind, declared, names
from workflow import configuration

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "config"
LONGEST = 60
"""Characters of a value that a table shows; a longer one stands in its file."""

Schema = Mapping[str, Any]

TOLD = frozenset(
    {
        *("type", "enum", "const", "anyOf", "items", "additionalProperties", "properties"),
        *("required", "description", "title", "$ref", "$schema", "$defs", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minItems", "maxItems", "minLength", "minProperties"),
    }
)
"""The words of JSON Schema that `expected` can tell; another one is an error and never left out."""

_TYPES = {
    "integer": "a whole number", "number": "a number", "boolean": "`true` or `false`",
    "string": "text", "null": "`null`", "object": "keys with values", "array": "a list",
}  # fmt: skip
_LIMITS = {
    "minimum": "at least {}", "exclusiveMinimum": "above {}",
    "maximum": "at most {}", "exclusiveMaximum": "below {}",
}  # fmt: skip


def page() -> str:
    """The page, as Markdown."""
    meaning = (CONFIG / "README.md").read_text(encoding="utf-8").partition("\n")[2].strip()
    schema = configuration.schema()
    schema["properties"]["comparison"] = COMPARISON
    lines = ["# Configuration", "", meaning, "", "## What may stand where", ""]
    lines += table(schema, {}, {"shipped": shipped()})
    for kind, key in KEYS.items():
        lines += ["", f"## Protocols of {key}"]
        for name in names(kind):
            lines += ["", f"### {name}", "", *_protocol(kind, name)]
    return "\n".join(lines) + "\n"


def shipped() -> dict[str, Any]:
    """The configuration as it comes, without protocols."""
    return _read(CONFIG / "config.yaml", *CONFIG.glob("comparison/*.yaml"))


def _protocol(kind: Kind, name: str) -> list[str]:
    declaration = declared(kind, name)
    path = f"config/{KEYS[kind]}/{name}.yaml"
    reads = [f"the dataset `{declaration.dataset}`"] if declaration.dataset else []
    reads += [f"the runs of `{run}`" for run in declaration.runs]
    told = f"`experiments/{kind}/{name}.py`, which reads {' and '.join(reads) or 'no data'}. "
    if not (ROOT / path).is_file():
        return [told + "It is not configured."]
    protocol = _read(ROOT / path)[KEYS[kind]][name]
    schema = schema_of(kind, name)
    sizes = {"shipped": protocol, "reduced": protocol.get("reduced", {})}
    if not sizes["reduced"]:
        del sizes["reduced"]
    own = {"properties": {k: v for k, v in schema["properties"].items() if k != "reduced"}}
    if not own["properties"]:
        return [told + "Its protocol is empty."]
    return [f"{told}Set in `{path}`.", "", *table(own, schema["$defs"], sizes)]


def table(schema: Schema, definitions: Schema, columns: Mapping[str, Any]) -> list[str]:
    """A table of every key of an object's schema: what is expected, and its value in each column.

    columns: heading, then the object whose values stand there.
    """
    headings = ["key", "expected", *columns]
    lines = [f"| {' | '.join(headings)} |", "| --- " * len(headings) + "|"]
    for key, part in _leaves(schema):
        values = [_shown(_at(key, column)) for column in columns.values()]
        lines.append(f"| `{key}` | {expected(part, definitions)} | {' | '.join(values)} |")
    return lines


def _leaves(schema: Schema, prefix: str = "") -> Iterator[tuple[str, Schema]]:
    """Every key that holds no further named keys, in dotted form."""
    for name, part in schema["properties"].items():
        if "properties" in part:
            yield from _leaves(part, f"{prefix}{name}.")
        else:
            yield prefix + name, part


def expected(schema: Schema, definitions: Schema) -> str:
    """What a schema asks for, in words.

    Raises ValueError on a word of JSON Schema that this cannot tell.
    """
    if unknown := set(schema) - TOLD:
        raise ValueError(f"{', '.join(sorted(unknown))}: no way to tell this in {schema}; add one")
    if "$ref" in schema:
        schema = {**definitions[schema["$ref"].removeprefix("#/$defs/")], **_without_ref(schema)}
    told = _kind(schema, definitions)
    told += "".join(f", {_LIMITS[word].format(schema[word])}" for word in _LIMITS if word in schema)
    told += _counted(schema)
    return f"{schema['description']}: {told}" if "description" in schema else told


def _kind(schema: Schema, definitions: Schema) -> str:
    if "const" in schema:
        return _shown(schema["const"])
    if "enum" in schema:
        return _either([_shown(value) for value in schema["enum"]])
    if "anyOf" in schema:
        return _either([expected(part, definitions) for part in schema["anyOf"]])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"] and "items" in schema:
        return f"a list, each: {expected(schema['items'], definitions)}"
    if kinds == ["object"]:
        return _keys(schema, definitions)
    return _either([_TYPES[kind] for kind in kinds])


def _keys(schema: Schema, definitions: Schema) -> str:
    """What an object holds: names of its own with values of one kind, or keys that are known."""
    rest = schema.get("additionalProperties")
    if isinstance(rest, Mapping):
        return f"names, each with {expected(rest, definitions)}"
    if "properties" in schema:
        needed = schema.get("required", ())
        parts = [
            f"`{name}`{'' if name in needed else ' (optional)'}: {expected(part, definitions)}"
            for name, part in schema["properties"].items()
        ]
        return f"({'; '.join(parts)})"
    return _TYPES["object"]


def _counted(schema: Schema) -> str:
    fewest, most = schema.get("minItems"), schema.get("maxItems")
    if fewest is None and most is None:
        return ""
    if fewest == most:
        return f" ({most} of them)"
    return f" (at least {fewest})" if most is None else f" (at most {most})"


def _either(told: list[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def _without_ref(schema: Schema) -> Schema:
    return {word: value for word, value in schema.items() if word != "$ref"}


def _at(key: str, values: Any) -> Any:
    """The value below a dotted key; an empty text where there is none."""
    for name in key.split("."):
        if not isinstance(values, Mapping) or name not in values:
            return ""
        values = values[name]
    return values


def _shown(value: Any) -> str:
    if value == "" or value is None:
        return "" if value == "" else "`null`"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "in the file" if len(text) > LONGEST else f"`{text}`".replace("|", r"\|")


def _read(*paths: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in paths:
        found.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    return found


if __name__ == "__main__":
    print(page(), end="")
