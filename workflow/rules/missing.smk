# What the report is made from: every result, or, where `missing: show`, what is there of them.
import json

from last_words import last_words
from missing import why_missing

MISSING: dict[str, str] = {}


def there(path: str, needed: list[str], shards: list[str] = ()) -> bool:
    """Whether a result is wanted; where it is missing and shown as such, MISSING says why."""
    why = why_missing(path, needed, shards) if config["missing"] == "show" else ""
    if why:
        MISSING[path.removeprefix("results/")] = why
    return not why


DATASETS = [name for name in DATASETS if there(f"results/data/{name}", [])]


onerror:
    failed = Path("logs/failed")
    failed.parent.mkdir(exist_ok=True)
    failed.touch()
    said = "\n".join(Path(each).read_text(encoding="utf-8") for each in log)
    print(
        f"\n{last_words(said)}\n\n"
        "The report of what there is, with the reason where something is missing:\n"
        "snakemake --cores all report --config missing=show",
        file=sys.stderr,
    )
