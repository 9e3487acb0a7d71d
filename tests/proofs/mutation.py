"""One change of the thing that is checked, and the verdicts it has to turn."""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple


class Mutation(NamedTuple):
    """Attributes put in place of a module's own, and the ids of the verdicts that have to turn."""

    module: ModuleType
    changes: dict[str, Any]
    turns: tuple[str, ...]
