"""What the pages say can be done: commands that are understood, links that lead somewhere."""

from __future__ import annotations

import functools
import importlib
import itertools
import re
import shlex
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import click
import pytest
import yaml
from cloning import copy_sources, snakemake
from documents import PAGES, ROOT, Command, anchors, blocks, commands, links, prose

from experiments import series, table
from experiments.protocol import schema_of
from experiments.registry import names
from proofs.steps.givens import KINDS
from proofs.steps.language import FUNCTIONS, OVER_A_RANGE
from workflow import configuration_page
from workflow.interface_pages import ROOMS

ASSIGNED = re.compile(r"[A-Z_]+=")
IN_THE_CLONE = ("cp", "mkdir", "mv", "rm")
ELSEWHERE = ("source", "touch", "pip", "conda", "docker", "sha256sum")
"""Programs whose files are looked at, and which are not run."""

FILES = re.compile(
    r"`((?:benchmarks|claims|config|containers|data|docs|examples|experiments|grading|language|optim|"
    r"profiles|proofs|reports|tests|workflow)/[\w./-]+\.(?:cfg|lock|md|po|py|sh|smk|txt|yaml|yml))`"
)
WRITTEN = re.compile(r"NAME|CODE|means|sign_sgd|coasting|breast_cancer|fr\.|^config/other")
"""Parts of the paths that a reader is to write."""


def words(command: Command) -> list[str]:
    """A command's words, without what it sets for the environment, and the environment's folder."""
    found = shlex.split(command.text, comments=True)
    while ASSIGNED.match(found[0]):
        del found[0]
    return [found[0].removeprefix(".venv/bin/"), *found[1:]]


def of(program: str) -> list[Command]:
    """The commands that call `program`."""
    return [command for command in commands() if words(command)[0] == program]


def test_every_command_is_of_a_kind_that_is_checked_here():
    checked = {"make", "snakemake", "python", "python3", *IN_THE_CLONE, *ELSEWHERE}
    assert [str(c) for c in commands() if words(c)[0] not in checked] == []
    assert len(list(commands())) > 100, "the pages are read"


MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
VARIABLES = set(re.findall(r"\$\(([A-Z_]+)\)|\$\(if \$\(([A-Z_]+)|\$\$\{([A-Z_]+)", MAKEFILE))
VARIABLES = {name for found in VARIABLES for name in found if name}


@pytest.mark.parametrize("command", of("make"), ids=str)
def test_make_has_the_target_and_takes_what_is_set(command):
    for word in words(command)[1:]:
        name, is_set, value = word.partition("=")
        assert name in (VARIABLES if is_set else TARGETS), f"{name!r} is not in the Makefile"
        if name == "PROFILE" and value != "name":
            assert (ROOT / "profiles" / value).is_dir()


def parse(command: click.Command, arguments: list[str], whole: bool) -> None:
    """Raise click.UsageError where a command has no such sub-command, option or argument."""
    context = click.Context(command)
    if isinstance(command, click.Group):
        if arguments:
            _, chosen, rest = command.resolve_command(context, arguments)
            parse(chosen, rest, whole)
        return
    given, rest, _ = command.make_parser(context).parse_args(list(arguments))
    if rest:
        raise click.UsageError(f"{rest} are too many")
    for parameter in command.params:
        found = given.get(parameter.name)
        if whole and parameter.required and not isinstance(found, str | list | tuple):
            raise click.MissingParameter(param=parameter)


def check_python(arguments: list[str], whole: bool) -> None:
    """Raise where Python would find no such module, option, file or syntax."""
    match arguments:
        case ["-c", program]:
            compile(program, "<page>", "exec")
        case ["-m", "pytest", *rest]:
            for path in rest:
                assert "/" not in path or (ROOT / path).exists(), path
        case ["-m", "venv", _]:
            pass
        case ["-m", module, "--help"]:
            importlib.import_module(f"{module}.__main__")
        case ["-m", module, *rest]:
            file = (ROOT / module.replace(".", "/")).with_suffix(".py")
            if file.is_file():  # a program of its own, which need not be click's
                options = [word for word in rest if word.startswith("-")]
                assert all(f'"{option}"' in file.read_text(encoding="utf-8") for option in options)
            else:
                parse(importlib.import_module(f"{module}.__main__").main, rest, whole)
        case [file, *_]:
            assert file == "build/try.py" or (ROOT / file).is_file(), file


@pytest.mark.parametrize("command", [*of("python"), *of("python3")], ids=str)
def test_python_has_the_module_and_it_takes_the_options(command):
    check_python(words(command)[1:], command.whole)


@pytest.mark.parametrize(
    "arguments",
    [
        ["-m", "optim", "verifi"],
        ["-m", "optim", "verify", "--onlly", "sgd"],
        ["-m", "proofs"],
        ["-m", "grading", "audit", "one", "two"],
        ["-m", "pytest", "tests/none"],
        ["-c", "print("],
        ["benchmarks/none.py"],
    ],
)
def test_a_call_that_is_mistaken_would_be_seen(arguments):
    with pytest.raises((click.UsageError, AssertionError, SyntaxError)):
        check_python(arguments, True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of the sources, in which the tutorial's optimizer was added as it says."""
    folder = copy_sources(tmp_path_factory.mktemp("documented") / "regrad")
    tutorial = ROOT / "docs/tutorials/add-an-optimizer.md"
    rule, configured = (
        "\n".join(block.lines) + "\n" for block in blocks(tutorial) if block.language not in ("sh",)
    )
    (folder / "optim/rules/sign_sgd.py").write_text(rule, encoding="utf-8")
    with (folder / "config/experiments/quadratics.yaml").open("a", encoding="utf-8") as file:
        file.write(configured)
    return folder


ONE_VALUE = ("--cores", "--report", "--quiet", "--container-image", "--default-storage-prefix")


@pytest.mark.slow
def test_snakemake_knows_every_target_and_option(clone):
    """In one dry run, since each takes seconds: targets of all, and the files that options name."""
    wanted, configured = [], configuration_page.shipped()
    for command in of("snakemake"):
        given = iter(words(command)[1:])
        for word in given:
            if word in ("--profile", "--configfile"):
                file = next(given)
                assert file in ("other.yaml", "profiles/name") or (ROOT / file).exists(), command
            elif word == "--config":
                assert next(given).partition("=")[0] in configured, command
            elif word in ONE_VALUE:
                next(given)
            elif word != "--dry-run":
                assert not word.startswith("-"), f"{command}: {word} is an option unknown here"
                wanted.append(word)
    assert len(wanted) > 4
    done = snakemake(clone, "--dry-run", "--quiet", "--", *sorted(set(wanted)))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_on_files_do_what_they_say(clone):
    """The starter kit is copied and made into a notebook, page by page as each begins."""
    for page in {command.page for command in commands()}:
        made = []
        for command in commands():
            if command.page == page and words(command)[0] in IN_THE_CLONE:
                done = subprocess.run(words(command), cwd=clone, capture_output=True, text=True)
                assert done.returncode == 0, f"{command}: {done.stderr}"
                made.append(words(command)[-1])
        assert all((clone / path).exists() for path in made if path.endswith("answers"))
        subprocess.run(["rm", "-rf", *(path for path in made if "/" not in path)], cwd=clone)


def test_files_given_to_other_programs_are_there():
    for command in (c for program in ELSEWHERE for c in of(program)):
        given = words(command)
        for option, file in itertools.pairwise(given):
            if option in ("-r", "-f", "--file", "--requirement"):
                assert (ROOT / file).is_file(), command


@functools.cache
def anchors_of(page: Path) -> set[str]:
    return anchors(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_pages_and_headings_that_are_there(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_are_named_are_there(page):
    named = set(FILES.findall(prose(page)))
    assert [name for name in named if not WRITTEN.search(name) and not (ROOT / name).exists()] == []


def test_every_page_is_in_the_site_s_navigation_and_the_other_way_round():
    def pages(part: object) -> Iterator[str]:
        if isinstance(part, str):
            yield part
        else:
            for inner in part.values() if isinstance(part, dict) else part:
                yield from pages(inner)

    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    made = {f"reference/{name}.md" for name in ("configuration", "dependencies")}
    made |= {f"reference/rooms/{room}.md" for room in ROOMS}
    assert set(pages(site["nav"])) == there | made


def test_the_page_on_results_has_every_column():
    named = set(re.findall(r"`(\w+)`", prose(ROOT / "docs/reference/results.md")))
    assert {*table.COLUMNS, *series.COLUMNS} <= named


def test_the_page_on_proofs_has_every_kind_and_function():
    page = prose(ROOT / "docs/reference/proof-language.md")
    assert [word for word in (*KINDS, *FUNCTIONS, *OVER_A_RANGE) if word not in page] == []


@pytest.fixture(scope="module")
def configuration() -> str:
    return configuration_page.page()


def test_the_page_on_the_configuration_comes_from_the_schemas(configuration):
    assert "| `report.language` | `en` or `vi` | `en` |" in configuration
    assert "| `grading.not_isolated` | `true` or `false` |  |" in configuration
    for name in (*names("runs"), *names("analyses")):
        assert f"### {name}\n" in configuration


def described(text: str) -> Iterator[tuple[set[str], set[str]]]:
    """For each row of a table of keys: the keys, and patterns of the protocols they are in."""
    for row in text.splitlines():
        if row.startswith("| `"):
            spans = re.findall(r"`([^`]+)`", row.split(" | ")[0])
            parts = [re.sub(r"<\w+>", "*", span).split(".") for span in spans]
            owners = {name for part in parts for name in part}
            braces = {name for owner in owners for name in owner.strip("{}").split(",")}
            yield {part[-1] for part in parts}, owners | braces


@pytest.mark.parametrize("kind", ["runs", "analyses"])
def test_every_key_of_a_protocol_is_described(kind):
    rows = list(described((ROOT / "config/README.md").read_text(encoding="utf-8")))
    missing = [
        f"{name}.{key}"
        for name in names(kind)
        for key in schema_of(kind, name)["properties"]
        if not any(key in keys and any(fnmatch(name, o) for o in owners) for keys, owners in rows)
    ]
    assert missing == []


def test_a_word_of_a_schema_that_the_page_cannot_tell_is_an_error():
    with pytest.raises(ValueError, match="patternProperties"):
        configuration_page.expected({"type": "object", "patternProperties": {}}, {})


def test_limits_and_counts_are_told():
    told = configuration_page.expected(
        {"type": "array", "items": {"$ref": "#/$defs/count"}, "minItems": 2, "maxItems": 2},
        {"count": {"type": "integer", "minimum": 1}},
    )
    assert told == "a list, each: a whole number, at least 1 (2 of them)"
