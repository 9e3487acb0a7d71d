"""Checks of the configuration that its schema cannot make, all before any job starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.generated_documents import TOPIC_NAMES
from data.problems import DataProblem
from data.readers.topics import parse_label
from data.registry import datasets
from data.settings import settings_from
from experiments.comparison.settings import check_comparison, compared
from experiments.protocol import check_protocols, optimizers_of
from optim.rule import nearest


def check_configuration(config: Mapping[str, Any]) -> None:
    """Raise ValueError that names the key where the configuration asks for what there is not."""
    _check_data(config["data"])
    check_protocols("runs", config["experiments"])
    check_protocols("analyses", config["analyses"])
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
