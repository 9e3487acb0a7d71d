"""The manifest: what every dataset of a run was, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data.problems import BadInput


def write_manifest(provenance_files: Iterable[Path], target: Path) -> dict[str, Any]:
    """Join provenance files into one JSON object by dataset name, written to `target`.

    Raises BadInput where a file is no provenance or two describe the same dataset.
    """
    manifest: dict[str, Any] = {}
    for path in provenance_files:
        try:
            provenance = json.loads(path.read_text(encoding="utf-8"))
            name = provenance["name"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(path, f"no provenance ({error})", "a prepared dataset's file") from error
        if name in manifest:
            raise BadInput(path, f"a second description of {name!r}", "each dataset once")
        manifest[name] = provenance
    text = json.dumps(dict(sorted(manifest.items())), ensure_ascii=False, indent=1)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.writing")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(target)
    return manifest
