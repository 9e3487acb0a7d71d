"""Checks of the configuration, by its schema and beyond, all before any job starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from data.generated_documents import TOPIC_NAMES
from data.problems import DataProblem
from data.readers.topics import parse_label
from data.registry import datasets
from data.settings import settings_from
from experiments.comparison.settings import check_comparison, compared
from experiments.protocol import (
    check_can_be_split,
    check_name,
    check_protocols,
    optimizers_of,
)
from experiments.registry import names
from language.listing import languages
from optim.rule import nearest

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
CATALOGUES = {"report": ("reports", ".po", ".names.po"), "grading": ("grading", ".po")}
"""By part of the configuration, the room whose catalogues its `language` may be chosen from."""


def schema() -> dict[str, Any]:
    """The configuration's schema, with the languages that there are."""
    read: dict[str, Any] = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    for part, (room, *endings) in CATALOGUES.items():
        found = languages(ROOT / room / "locale", *endings)
        read["properties"][part]["properties"]["language"] = {"enum": list(found)}
    return read


def check_schema(config: Mapping[str, Any]) -> None:
    """Raise ValueError that names the key, what was found and what its schema expects."""
    validator = jsonschema.Draft202012Validator(schema())
    wrong = jsonschema.exceptions.best_match(validator.iter_errors(config))
    if wrong is None:
        return
    key = ".".join(("config", *map(str, wrong.absolute_path)))
    found = wrong.instance
    if wrong.validator == "enum":
        known = tuple(str(value) for value in wrong.validator_value)
        told = f"there is no {found!r}; {nearest(str(found), known)}"
    elif wrong.validator == "additionalProperties":
        known = tuple(wrong.schema.get("properties", ()))
        unknown = next(str(name) for name in found if name not in known)
        told = f"there is no key {unknown!r}; {nearest(unknown, known)}"
    elif wrong.validator == "type":
        kinds = wrong.validator_value
        kinds = " or ".join([kinds] if isinstance(kinds, str) else kinds)
        told = f"found {found!r}, expected {_KINDS.get(kinds, kinds)}"
    elif wrong.validator == "required":
        absent = next(name for name in wrong.validator_value if name not in found)
        told = f"the key {absent!r} is missing"
    else:
        told = wrong.message
    raise ValueError(f"{key.replace('config.', 'config: ', 1)}: {told}; see config/README.md")


_KINDS = {"object": "keys with values", "array": "a list", "boolean": "true or false"}


def check_configuration(config: Mapping[str, Any]) -> None:
    """Raise ValueError that names the key where the configuration asks for what there is not."""
    _check_data(config["data"])
    check_protocols("runs", config["experiments"])
    check_protocols("analyses", config["analyses"])
    for experiment in config["shards"]:
        check_name("config: shards", experiment, names("runs"))
        check_can_be_split(f"config: shards.{experiment}", experiment)
    if compared(config["experiments"]):
        rules = {name: optimizers_of(part) for name, part in config["experiments"].items()}
        check_comparison(config.get("comparison"), config["experiments"], rules)
    for folder in config["documents"]:
        if not (Path(folder) / "claims.yaml").is_file():
            raise ValueError(f"config: documents: there is no claims.yaml in the folder {folder!r}")


def _check_data(settings: Mapping[str, Any]) -> None:
    try:
        parsed = settings_from(settings)
        # A file of the user's own may have topics of its own.
        if parsed.label is not None and "rcv1" not in parsed.paths:
            parse_label(parsed.label, TOPIC_NAMES)
    except (DataProblem, ValueError) as error:
        raise ValueError(f"config: data: {error}") from error
    for name, path in parsed.paths.items():
        if name not in datasets():
            hint = nearest(name, datasets())
            raise ValueError(f"config: data.paths: there is no dataset {name!r}; {hint}")
        if not Path(path).exists():
            raise ValueError(f"config: data.paths.{name}: there is no file or folder {path}")
