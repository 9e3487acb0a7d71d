"""Tables beside the page: full precision in CSV, nothing that a spreadsheet or LaTeX runs."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from render_steps import make
from reporting import verdict

from reports.blocks import Column, Interval, Ref, Section, Table, Text, text
from reports.number import Number
from reports.table_files import as_csv, plain_cell, tables_of

NUMBERS = {
    "a.median": Number(0.1 + 0.2, "loss", "results/a", "a"),
    "a.low": Number(0.25, "loss", "results/a", "a"),
    "a.high": Number(0.5, "loss", "results/a", "a"),
    "b.median": Number(None, "loss", "results/b", "b", "it is not finite"),
    "b.low": Number(None, "loss", "results/b", "b", "it is not finite"),
    "b.high": Number(None, "loss", "results/b", "b", "it is not finite"),
    "rate": Number(-1e-05, "", "results/a", "a"),
    "count": Number(12345678, "", "results/a", "a"),
    "share": Number(12.5, "%", "results/a", "a"),
}


def table(*columns: tuple[str, list[tuple]], name: str = "one") -> Table:
    titles = tuple(Column(title) for title, _ in columns)
    rows = tuple(zip(*(cells for _, cells in columns), strict=True))
    return Table(name, text("What it is."), "Data: none", titles, rows)


def rows_of(one: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(one, NUMBERS))))


def test_numbers_are_in_full_precision_with_their_unit_and_interval_in_the_headings() -> None:
    losses = [(Interval("a"),), (Interval("b"),), text("not measured")]
    runs = [text("one"), text("two"), text("three")]
    assert rows_of(table(("Run", runs), ("Loss", losses))) == [
        ["Run", "Loss [loss]", "Loss [loss], low", "Loss [loss], high"],
        ["one", "0.30000000000000004", "0.25", "0.5"],
        ["two", *["missing: it is not finite"] * 3],
        ["three", "not measured", "", ""],
    ]


def test_units_that_differ_from_row_to_row_have_a_column() -> None:
    cells = [(Ref("count"),), (Ref("share"),), text("no claim")]
    assert rows_of(table(("Value", cells))) == [
        ["Value", "Value, unit"],
        ["12345678", ""],
        ["12.5", "%"],
        ["no claim", ""],
    ]


def test_a_unit_is_no_formula_either() -> None:
    units = {"x": Number(1, "=1+1", "results/x", "x"), "y": Number(2, "", "results/x", "x")}
    one = table(("Value", [(Ref("x"),), (Ref("y"),)]))
    assert list(csv.reader(io.StringIO(as_csv(one, units))))[1] == ["1", "'=1+1"]


def test_a_cell_of_words_and_numbers_has_them_in_full_precision() -> None:
    cell = (Text("SGD, η = "), Ref("rate"), Text(", "), Ref("share"))
    assert rows_of(table(("Run", [cell])))[1] == ["SGD, η = -1e-05, 12.5 %"]


def test_headings_are_told_apart() -> None:
    one = table(("p", [(Ref("rate"),)]), ("p", [(Ref("count"),)]))
    assert rows_of(one)[0] == ["p", "p (2)"]


@pytest.mark.parametrize(
    "formula",
    [
        '=HYPERLINK("http://x")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        " =1",
        "＝1",
        "\n=1",
    ],
)
def test_no_cell_is_a_formula_and_a_negative_number_stays_one(formula: str) -> None:
    one = table((formula, [text(formula), text("a")]), ("rate", [(Ref("rate"),)] * 2))
    assert rows_of(one)[0][0] == rows_of(one)[1][0] == f"'{formula}"
    assert rows_of(one)[1][1] == "-1e-05"
    assert plain_cell("a=1") == "a=1"


def test_tables_of_the_page_come_first_and_those_of_the_paper_alone_after() -> None:
    page, narrow, own = (table(("p", []), name=name) for name in ("a", "a", "b"))
    sections = [Section("s", "S", (page,), (own, narrow))]
    assert [id(one) for one in tables_of(sections)] == [id(page), id(own)]


@pytest.fixture(scope="module")
def written(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the small results, among them a claim that is everything at once."""
    root = tmp_path_factory.mktemp("tables") / "results"
    shutil.copytree(rendered.parent, root)
    hostile = "=cmd|' /C calc'!A0 <b> \\input{/etc/passwd} $x_{$ %\n\""
    claim = verdict("hostile", "refuted", "exact", statement=hostile)
    (root / "claims/ledger.json").write_text(json.dumps([claim]))
    return make(root, "numbers", "tables")


def test_every_table_of_the_page_is_there_twice_and_in_the_index(written: Path) -> None:
    folder = written / "tables"
    index = json.loads((folder / "index.json").read_text())
    assert {"rcv1-results", "rcv1-contests", "claims-totals", "rules-all"} <= set(index)
    found = {path.name for path in folder.iterdir()}
    assert found == {f"{name}.{form}" for name in index for form in ("csv", "tex")} | {"index.json"}
    assert index["rcv1-contests"]["data"].startswith("Data: RCV1, mirror folder")


def test_a_table_holds_the_numbers_of_numbers_json(written: Path) -> None:
    numbers = json.loads((written / "numbers.json").read_text())
    rows = list(csv.DictReader((written / "tables/rcv1-contests.csv").open()))
    first = numbers["rcv1.sgd.as-printed.train-loss.median"]
    assert float(rows[0]["SGD [loss]"]) == first["value"]
    assert rows[0]["Protocol"] == "learning rates as printed"


def test_a_claim_that_is_a_formula_is_text_in_its_table(written: Path) -> None:
    rows = list(csv.DictReader((written / "tables/claims-refuted.csv").open(newline="")))
    assert rows[0]["Claim"].startswith("'=cmd|' /C calc'!A0 <b> \\input{/etc/passwd}")
    source = (written / "tables/claims-refuted.tex").read_text()
    assert r"\input{/etc" not in source.replace(r"\allowbreak{}", "")


@pytest.mark.skipif(shutil.which("lualatex") is None, reason="lualatex is not installed")
@pytest.mark.parametrize(("code", "missing"), [("en", "missing"), ("vi", "thiếu")])
@pytest.mark.slow
def test_every_table_may_be_input_into_a_document(
    written: Path, tmp_path: Path, code: str, missing: str
) -> None:
    shutil.copy(written / "numbers.json", tmp_path)
    folder = make(written.parent, "tables", out=tmp_path, language=code)
    files = sorted((folder / "tables").glob("*.tex"))
    assert len(files) > 10
    assert rf"\emph{{{missing}}}" in files[0].read_text()
    body = "\n".join(rf"\input{{{path}}}" for path in files)
    packages = r"\usepackage{array,booktabs,longtable,xcolor,fontspec}"
    document = rf"\documentclass{{article}}{packages}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "all.tex").write_text(document)
    command = ["lualatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
