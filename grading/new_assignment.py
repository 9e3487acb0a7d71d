"""A new assignment to start from: its data, one check, and a right and a wrong submission."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from grading.assignment import FOLDER

TEMPLATES = Path(__file__).parent / "templates" / "new_assignment"
NAME = re.compile(r"[a-z][a-z0-9_]*")
# Where each template goes, from the project's folder.
DESTINATIONS = {
    "assignment.yaml": "grading/assignments/{name}.yaml",
    "check.py": "grading/checks/{name}_mean_square.py",
    "right.py": "examples/{name}/right/submission.py",
    "wrong.py": "examples/{name}/wrong/submission.py",
}


def create(name: str) -> tuple[Path, ...]:
    """Write the files of an assignment called `name`, and return where they are.

    Raises:
        ValueError: the name is none of an assignment, or one of the files is there already.
    """
    if NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r}: expected a name of a-z, 0-9 and _, with a letter first")
    root = FOLDER.parents[1]
    paths = {file: root / place.format(name=name) for file, place in DESTINATIONS.items()}
    for path in paths.values():
        if path.exists():
            raise ValueError(f"{path.relative_to(root)} is there already; choose another name")
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    for file, path in paths.items():
        text = (TEMPLATES / file).read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("NAME", name).replace("SEED", str(seed)), encoding="utf-8")
    return tuple(path.relative_to(root) for path in paths.values())
