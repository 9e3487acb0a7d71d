"""Whether submissions run in a jail here or, where none can be and that is accepted, without."""

from __future__ import annotations

import tempfile
from pathlib import Path

from grading.bubblewrap import NoJail, bubblewrap
from grading.jail import Jail, Limits
from grading.submission import freeze


def is_isolated(accepts_none: bool) -> bool:
    """Whether submissions can be run in a jail; without one only where that is accepted.

    Raises:
        NoJail: bubblewrap is missing, and running without it is not accepted.
    """
    if not accepts_none:
        bubblewrap()  # whether it works is seen when the first jail starts
        return True
    try:
        try_jail()
    except NoJail:
        return False
    return True


def try_jail() -> None:
    """Build a jail around nothing.

    Raises:
        NoJail: it cannot be built; says why, and what to do.
    """
    bubblewrap()
    with tempfile.TemporaryDirectory(prefix="grading-") as workplace:
        nothing = Path(workplace) / "nothing.py"
        nothing.touch()
        frozen = freeze(nothing, Path(workplace) / "frozen").folder
        with Jail(frozen / "submission.py", Limits()):
            """It started."""
