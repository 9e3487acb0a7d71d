"""Finds the rules: every file of `optim/rules` (or of a folder of your own) that defines `RULE`."""

from __future__ import annotations

import importlib
import importlib.util
from functools import cache
from pathlib import Path

from optim.rule import Rule, nearest

FOLDER = Path(__file__).parent / "rules"


def load_rule(path: Path) -> Rule:
    """Load the rule that the file at `path` defines; TypeError where it defines none."""
    if path.parent == FOLDER:
        module = importlib.import_module(f"optim.rules.{path.stem}")
    else:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise TypeError(f"{path}: not a Python file, expected one that defines RULE")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    found = getattr(module, "RULE", None)
    if not isinstance(found, Rule):
        raise TypeError(f"{path}: defines no RULE; expected RULE = optim.rule.Rule(...)")
    return found


@cache
def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the optimizers at hand, from the file names, without importing them."""
    return tuple(sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__"))


@cache
def rule(name: str, folder: Path = FOLDER) -> Rule:
    """Return the rule called `name`; ValueError with the nearest name where there is none."""
    if name not in names(folder):
        raise ValueError(f"there is no optimizer {name!r}; {nearest(name, names(folder))}")
    return load_rule(folder / f"{name}.py")
