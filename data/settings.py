"""What the user asked of the data room: the `data:` part of the config and the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import platformdirs
import yaml

from data.problems import DataProblem

Source = Literal["auto", "real", "stand-in"]
SOURCES: tuple[str, ...] = get_args(Source)

MIRROR_VARIABLE = "REGRAD_DATA_MIRROR"
CACHE_VARIABLE = "REGRAD_CACHE"

_KEYS = ("source", "mirrors", "paths", "rcv1", "offline")


@dataclass(frozen=True)
class Settings:
    """Where to look for data, and what to take as RCV1's label.

    source: "auto" generates a stand-in only where nothing is reachable, "real" never does,
        "stand-in" always does.
    cache: the folder downloads are kept in.
    mirrors: folders or http(s) URLs laid out like the registry's file names, tried in order.
    paths: the user's own file or folder for a dataset, by the dataset's name.
    label: the RCV1 topic, or topics joined by `|`, that counts as the positive class.
    offline: ask no server, neither an official source nor a mirror that is an address.
    """

    source: Source = "auto"
    cache: Path = field(default_factory=lambda: platformdirs.user_cache_path("regrad"))
    mirrors: tuple[str, ...] = ()
    paths: Mapping[str, Path] = field(default_factory=dict)
    label: str | None = None
    offline: bool = False


def settings_from(
    mapping: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> Settings:
    """Build the settings from the config's `data:` mapping and the environment.

    `REGRAD_DATA_MIRROR` holds mirrors separated by commas; they come before the config's.
    `REGRAD_CACHE` names the cache folder. Raises DataProblem naming a key that is unknown or
    holds the wrong kind of value.
    """
    environment = os.environ if environment is None else environment
    _refuse_unknown(mapping, _KEYS, "data")
    source = mapping.get("source", "auto")
    if source not in SOURCES:
        raise DataProblem(f"config key data.source: found {source!r}, expected {_either(SOURCES)}")
    rcv1 = _mapping(mapping.get("rcv1"), "data.rcv1")
    _refuse_unknown(rcv1, ("label",), "data.rcv1")
    label = rcv1.get("label")
    if label is not None and not isinstance(label, str):
        raise DataProblem(f"config key data.rcv1.label: found {label!r}, expected a topic or null")
    offline = mapping.get("offline", False)
    if not isinstance(offline, bool):
        raise DataProblem(f"config key data.offline: found {offline!r}, expected true or false")
    mirrors = mapping.get("mirrors") or []
    if not isinstance(mirrors, list) or not all(isinstance(one, str) for one in mirrors):
        raise DataProblem(
            f"config key data.mirrors: found {mirrors!r}, expected a list of folders or URLs"
        )
    mirrors = _listed(environment.get(MIRROR_VARIABLE, "")) + mirrors
    for mirror in mirrors:
        _check_mirror(mirror)
    paths = _mapping(mapping.get("paths"), "data.paths")
    for name, path in paths.items():
        if not isinstance(path, str):
            raise DataProblem(f"config key data.paths.{name}: found {path!r}, expected a path")
    return Settings(
        source=source,
        cache=_cache_folder(environment),
        mirrors=tuple(dict.fromkeys(mirrors)),
        paths={name: Path(path).expanduser() for name, path in paths.items()},
        label=label,
        offline=offline,
    )


def read_settings(config: Path) -> Settings:
    """Build the settings from a YAML config file; only its `data:` key is looked at.

    Raises DataProblem where there is no such file, it is no YAML, or a key of it cannot be.
    """
    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataProblem(f"{config}: no such config file; give one with --config") from None
    except yaml.YAMLError as error:
        raise DataProblem(f"{config}: not valid YAML: {error}") from error
    return settings_from(_mapping(_mapping(content, str(config)).get("data"), "data"))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _check_mirror(mirror: str) -> None:
    """Refuse an address that no download could use; a folder need not exist yet."""
    if "://" not in mirror:
        return
    try:
        parts = urlsplit(mirror)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise DataProblem(
            f"mirror {mirror!r} (from {MIRROR_VARIABLE} or data.mirrors): "
            "expected a folder or an address that begins with http:// or https://"
        )


def _cache_folder(environment: Mapping[str, str]) -> Path:
    chosen = environment.get(CACHE_VARIABLE, "").strip()
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("regrad")


def _mapping(value: Any, key: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DataProblem(f"config key {key}: found {value!r}, expected a mapping of keys")
    return dict(value)


def _refuse_unknown(mapping: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
    for key in mapping:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {prefix}.{close[0]}?" if close else f"expected {_either(known)}"
            raise DataProblem(f"config key {prefix}.{key} is unknown; {hint}")


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
