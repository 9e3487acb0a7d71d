"""Where the data are from, what ran, and how to run it again."""

from __future__ import annotations

from typing import Any

from reports.blocks import (
    Block,
    Code,
    Column,
    Paragraph,
    Pieces,
    Ref,
    Section,
    Table,
    Text,
    say,
    text,
)
from reports.number import Numbers, slug
from reports.results import Missing, Results
from reports.run_numbers import is_number
from reports.sections.origin import data_line, dataset_title
from reports.sections.tables import command, missing_section


def section(results: Results, numbers: Numbers) -> Section:
    """A table of datasets, a table of versions."""
    blocks: list[Block] = []
    if isinstance(results.manifest, Missing):
        blocks.append(missing_section(results.manifest, "The origin of the data"))
    else:
        blocks += [_dataset(results, entry, numbers) for entry in results.manifest]
    if isinstance(results.provenance, Missing):
        blocks.append(missing_section(results.provenance, "Versions, machine and date"))
    else:
        blocks.append(_versions(results.provenance, numbers))
    return Section("provenance", "Where this comes from", tuple(blocks))


_FIELDS = ("kind", "source", "label", "note", "licence", "citation")


def _dataset(results: Results, entry: dict[str, Any], numbers: Numbers) -> Table:
    """Everything the manifest says of one dataset."""
    rows: list[tuple[Pieces, ...]] = [
        (text(key), text(str(entry[key]))) for key in _FIELDS if entry.get(key)
    ]
    prefix = f"data.{slug(entry['name'])}"
    for key in ("rows", "nonzeros"):
        for split in sorted(entry.get(key) or {}):
            rows.append((text(f"{key}, {split}"), (Ref(f"{prefix}.{key}.{slug(split)}"),)))
    if f"{prefix}.features" in numbers:
        rows.append((text("features"), (Ref(f"{prefix}.features"),)))
    rows += [
        (text("SHA-256"), (Text(f"{file} "), Code(digest)))
        for file, digest in _hashes(entry.get("sha256"))
    ]
    rows += [(text("tried before"), text(str(tried))) for tried in entry.get("attempts") or []]
    return Table(
        f"data-{slug(entry['name'])}",
        text(f"The dataset {dataset_title(entry['name'])}."),
        data_line(results, entry["name"]),
        (Column("What", 0.6), Column("Value", 2.4)),
        tuple(rows),
        small=True,
    )


def _hashes(digests: Any) -> list[tuple[str, str]]:
    if isinstance(digests, dict):
        return [(str(file), str(digest)) for file, digest in sorted(digests.items())]
    return [("", str(digests))] if digests else []


def _versions(provenance: dict[str, Any], numbers: Numbers) -> Table:
    """Every entry of the provenance file; packages in one row."""
    rows: list[tuple[Pieces, ...]] = []
    for key, value in sorted(provenance.items()):
        name, title = f"provenance.{slug(key)}", key.replace("_", " ")
        if is_number(value) and name in numbers:
            rows.append((text(title), (Ref(name),)))
        elif isinstance(value, dict):
            listed = ", ".join(f"{part} {version}" for part, version in sorted(value.items()))
            rows.append((text(title), text(listed)))
        elif value is not None:
            rows.append((text(title), text(str(value))))
    return Table(
        "versions",
        text("The program, the machine and the packages."),
        "Data: results/provenance.json",
        (Column("What", 0.6), Column("Value", 2.4)),
        tuple(rows),
    )


def reproduce(results: Results, numbers: Numbers) -> Section:  # noqa: ARG001
    """The commands."""
    columns = (Column("To do what", 1.4), Column("Command", 1.6))
    rows = (
        (text("everything, with what it needs installed"), command("make report")),
        (text("everything, in an activated environment"), command("snakemake --cores all")),
        (text("this page from the results"), command("python -m reports html")),
        (text("this paper from the results"), command("python -m reports tex")),
        (
            text("with a folder or address of data files"),
            command("REGRAD_DATA_MIRROR=FOLDER make report"),
        ),
    )
    words = say(
        "Every number stands once in {file}, with its unit, the result file it is from and how it "
        "was computed. Seeds are fixed, so the same data give the same numbers, times excepted.",
        file=Code("results/report/numbers.json"),
    )
    table = Table(
        "commands", text("What to run in the project's folder."), "Data: none", columns, rows
    )
    return Section("reproduce", "Run it again", (Paragraph(words), table))
