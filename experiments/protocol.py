"""Protocols: what the configuration says of an experiment or analysis, checked and scaled.

`config/experiments/<experiment>.yaml` and `config/analyses/<analysis>.yaml` hold one each.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import jsonschema
import yaml

from experiments.comparison.protocol import DEFINITIONS as OF_COMPARISONS
from experiments.comparison.protocol import LEFT_OUT, check_search
from experiments.registry import Kind, declared, names
from optim.registry import names as optimizers
from optim.registry import rule
from optim.rule import nearest

KEYS: Mapping[Kind, str] = {"runs": "experiments", "analyses": "analyses"}
"""The key of the configuration under which the protocols of a kind stand."""

ALL = "all"
"""Given for an experiment's optimizers: every optimizer there is, in one variant, by default."""

DEFINITIONS: Mapping[str, Any] = {
    "count": {"type": "integer", "minimum": 1},
    "positive": {"type": "number", "exclusiveMinimum": 0},
    "point": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    "optimizers": {
        "description": "optimizer, then variant, then hyper-parameters",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "number"}},
        },
    },
    "schedules": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["shape"],
            "properties": {"shape": {"type": "string"}},
            "additionalProperties": {"type": "number"},
        },
    },
}
"""What a PROTOCOL may refer to as {"$ref": "#/$defs/..."}."""

Scale = Literal["auto", "full"]


def schema_of(kind: Kind, name: str) -> dict[str, Any]:
    """JSON Schema of the protocol of an experiment or analysis.

    Beside the properties it declares it may have `reduced`: the same properties, as they are where
    the full size is not affordable.
    """
    properties = declared(kind, name).protocol
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": {
            **properties,
            "reduced": {
                "type": "object",
                "additionalProperties": False,
                "properties": dict(properties),
            },
        },
        "$defs": {**DEFINITIONS, **OF_COMPARISONS},
    }


def check_protocols(kind: Kind, protocols: Mapping[str, Any]) -> None:
    """Raise ValueError naming the key where a protocol is wrong or asks for what there is not."""
    for name, protocol in protocols.items():
        check_name(f"config: {KEYS[kind]}", name, names(kind))
        check_protocol(kind, name, protocol)


def check_name(where: str, name: str, known: Iterable[str]) -> None:
    """Raise ValueError that offers the nearest name where `name` is not a known one."""
    known = tuple(known)
    if name not in known:
        raise ValueError(f"{where}: there is no {name!r}; {nearest(name, known)}")


def check_can_be_split(where: str, experiment: str) -> None:
    """Raise ValueError, naming those that can, where an experiment's runs stay in one job."""
    if not declared("runs", experiment).splits:
        able = ", ".join(name for name in names("runs") if declared("runs", name).splits)
        raise ValueError(
            f"{where}: the runs of {experiment} are not split: some are chosen by what others "
            f"found, or all take seconds together; those of {able} can be"
        )


def check_protocol(kind: Kind, name: str, protocol: Any) -> None:
    """Raise ValueError naming the key where the protocol of `name` is not as it declares."""
    key = f"config: {KEYS[kind]}.{name}"
    validator = jsonschema.Draft202012Validator(schema_of(kind, name))
    wrong = jsonschema.exceptions.best_match(validator.iter_errors(protocol))
    if wrong is not None:
        place = "".join(f".{part}" for part in wrong.absolute_path)
        told = wrong.message
        if wrong.validator == "additionalProperties":
            known = wrong.schema.get("properties", {})
            unknown = next(str(found) for found in wrong.instance if found not in known)
            told = f"there is no key {unknown!r}; {nearest(unknown, known)}"
        raise ValueError(f"{key}{place}: {told}")
    for part in (protocol, {**protocol, **protocol.get("reduced", {})}):
        check_search(key, part)
    for optimizer in protocol.get(LEFT_OUT, {}):
        check_name(f"{key}.{LEFT_OUT}", optimizer, optimizers())
    for optimizer, variants in _optimizers(protocol).items():
        check_name(f"{key}.optimizers", optimizer, optimizers())
        for variant, given in variants.items():
            try:
                rule(optimizer).hyperparameters(**given)
            except (TypeError, ValueError) as error:
                raise ValueError(f"{key}.optimizers.{optimizer}.{variant!r}: {error}") from error


def _optimizers(protocol: Mapping[str, Any]) -> Mapping[str, Any]:
    given = protocol.get("optimizers", {})
    return {} if given == ALL else given


def optimizers_of(protocol: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the optimizers that an experiment with this protocol runs."""
    given = protocol["optimizers"]
    left_out = protocol.get(LEFT_OUT, {})
    return tuple(name for name in (optimizers() if given == ALL else given) if name not in left_out)


def at_scale(protocol: Mapping[str, Any], scale: Scale) -> tuple[dict[str, Any], str]:
    """The protocol as it is to be run here, and "full" or "reduced".

    It is reduced where the protocol says how, the scale is "auto" and there is no GPU.
    """
    full = {key: value for key, value in protocol.items() if key != "reduced"}
    if "reduced" not in protocol or scale == "full" or _has_gpu():
        return full, "full"
    return {**full, **protocol["reduced"]}, "reduced"


def _has_gpu() -> bool:
    if not has_cuda_driver():
        return False
    import torch  # takes seconds to import, and could only say the same without a driver

    return torch.cuda.is_available()


def has_cuda_driver() -> bool:
    """Whether this machine has the library without which nothing uses a GPU of NVIDIA's."""
    try:
        ctypes.CDLL("libcuda.so.1" if os.name == "posix" else "nvcuda.dll")
    except OSError:
        return False
    return True


def read_protocol(kind: Kind, name: str, config: Path | None) -> tuple[dict[str, Any], str]:
    """The checked protocol of `name` as it is to be run here, and "full" or "reduced".

    Read as `given_protocol` does.
    """
    return at_scale(*given_protocol(kind, name, config))


def given_protocol(kind: Kind, name: str, config: Path | None) -> tuple[dict[str, Any], Scale]:
    """The checked protocol of `name` with its `reduced` part, and the scale that is asked for.

    Read from the file `config`, or where it is None from the project's configuration. Raises
    ValueError for a configuration that has no such protocol, or a wrong one.
    """
    files = [config] if config else [Path(f"config/{KEYS[kind]}/{name}.yaml")]
    given: dict[str, Any] = {}
    for path in files if config else [Path("config/config.yaml"), *files]:
        if not path.exists():
            raise ValueError(f"there is no {path}; give the protocol by --config")
        given |= read_mapping(path)
    protocol = (given.get(KEYS[kind]) or {}).get(name)
    if protocol is None:
        raise ValueError(f"{files[0]}: {KEYS[kind]}.{name} is missing")
    check_protocol(kind, name, protocol)
    scale = given.get("scale", "auto")
    check_name(f"{config or 'config/config.yaml'}: scale", str(scale), get_args(Scale))
    return protocol, scale


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds; ValueError naming the file where it holds none."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not YAML: {error}") from error
    if not isinstance(given, dict | None):
        raise ValueError(f"{path}: found {type(given).__name__}, expected keys with values")
    return given or {}
