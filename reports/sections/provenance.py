"""Where the data are from, what ran, and how to run it again."""

from __future__ import annotations

from datetime import datetime
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
    read,
    say,
    text,
    told,
)
from reports.language import ENGLISH, N_, _, current, dated, named
from reports.number import Numbers, slug
from reports.references import cited, of_package
from reports.results import Results
from reports.sections.origin import data_line, dataset_title
from reports.sections.tables import command, missing_section
from reports.tidy import Missing


def section(results: Results, numbers: Numbers) -> Section:
    """A table of datasets, a table of versions."""
    blocks: list[Block] = []
    if isinstance(results.manifest, Missing):
        blocks.append(missing_section(results.manifest, _("The origin of the data")))
    else:
        blocks += [_dataset(results, entry, numbers) for entry in results.manifest]
    if isinstance(results.provenance, Missing):
        blocks.append(missing_section(results.provenance, _("Versions, machine and date")))
    else:
        blocks.append(_versions(results.provenance, numbers))
    return Section("provenance", _("Where this comes from"), tuple(blocks))


_FIELDS = {
    "kind": N_("kind"), "source": N_("source"), "label": N_("label"), "note": N_("note"),
    "licence": N_("licence"), "citation": N_("citation"),
}  # fmt: skip
_COUNTS = {"rows": N_("rows, {split}"), "nonzeros": N_("nonzeros, {split}")}


def _dataset(results: Results, entry: dict[str, Any], numbers: Numbers) -> Table:
    """Everything the manifest says of one dataset."""
    rows: list[tuple[Pieces, ...]] = [
        (text(_(title)), (told(entry, key), *cited(str(entry[key]))))
        for key, title in _FIELDS.items()
        if entry.get(key)
    ]
    prefix = f"data.{slug(entry['name'])}"
    for key, title in _COUNTS.items():
        for split in sorted(entry.get(key) or {}):
            count = Ref(f"{prefix}.{key}.{slug(split)}")
            rows.append((text(_(title, split=named(split))), (count,)))
    if f"{prefix}.features" in numbers:
        rows.append((say("features"), (Ref(f"{prefix}.features"),)))
    rows += [
        (text("SHA-256"), (Text(f"{file} "), Code(digest)))
        for file, digest in _hashes(entry.get("sha256"))
    ]
    rows += [(say("tried before"), (read(str(one)),)) for one in entry.get("attempts") or []]
    return Table(
        f"data-{slug(entry['name'])}",
        say("The dataset {name}.", name=dataset_title(entry["name"])),
        data_line(results, entry["name"]),
        (Column(_("What"), 0.6), Column(_("Value"), 2.4)),
        tuple(rows),
        small=True,
    )


def _hashes(digests: Any) -> list[tuple[str, str]]:
    if isinstance(digests, dict):
        return [(str(file), str(digest)) for file, digest in sorted(digests.items())]
    return [("", str(digests))] if digests else []


def _versions(provenance: dict[str, Any], numbers: Numbers) -> Table:
    """Every entry of the provenance file but those on single results; packages in one row."""
    rows: list[tuple[Pieces, ...]] = []
    for key, value in sorted(provenance.items()):
        if key in OF_RESULTS:
            continue
        name, title = f"provenance.{slug(key)}", (read(key.replace("_", " ")),)
        if name in numbers:
            rows.append((title, (Ref(name),)))
        elif isinstance(value, dict) and value:
            rows.append((title, _listed(value)))
        elif value is not None and value != {}:
            rows.append((title, text(moment(value) if key in MOMENTS else str(value))))
    return Table(
        "versions",
        say("The program, the machine and the packages."),
        _("Data: results/provenance.json"),
        (Column(_("What"), 0.6), Column(_("Value"), 2.4)),
        tuple(rows),
    )


def _listed(versions: dict[str, Any]) -> Pieces:
    """Packages with their versions, and what to cite for them."""
    pieces: Pieces = ()
    for name, version in sorted(versions.items()):
        joint = ", " if pieces else ""
        pieces += (Text(f"{joint}{name} {version}"), *of_package(name))
    return pieces


OF_RESULTS = ("code", "config")
"""What the file alone has: versions of the sources behind each result, and the configuration."""

MOMENTS = ("started", "finished")


def moment(value: object) -> str:
    """A moment to the minute in the reader's form; anything else as it stands."""
    try:
        return dated(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def reproduce(results: Results, numbers: Numbers) -> Section:  # noqa: ARG001
    """The commands."""
    chosen = "" if current().code == ENGLISH else f" --language {current().code}"
    columns = (Column(_("To do what"), 1.4), Column(_("Command"), 1.6))
    rows = (
        (say("everything, with what it needs installed"), command("make report")),
        (say("everything, in an activated environment"), command("snakemake --cores all")),
        (say("this page from the results"), command(f"python -m reports html{chosen}")),
        (say("this paper from the results"), command(f"python -m reports tex{chosen}")),
        (
            say("with a folder or address of data files"),
            command("REGRAD_DATA_MIRROR=FOLDER make report"),
        ),
    )
    words = say(
        "Every number stands once in {file}, with its unit, the result file it is from and how it "
        "was computed. Seeds are fixed, so the same data give the same numbers, times excepted.",
        file=Code("results/report/numbers.json"),
    )
    table = Table(
        "commands", say("What to run in the project's folder."), _("Data: none"), columns, rows
    )
    return Section("reproduce", _("Run it again"), (Paragraph(words), table))
