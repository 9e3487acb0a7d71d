"""The paper: what is put in is escaped, LuaLaTeX takes it, no line sticks out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from render_steps import make
from reporting import verdict

from reports.__main__ import NO_LATEX, main
from reports.escape import latex
from reports.typeset import complaints

HOSTILE = r"\input{/etc/passwd} $x_{$ 100 % \VAR{title} ((* x *)) <script> ^^5c ~ # & _ {}} `` -- "
needs_latex = pytest.mark.skipif(
    shutil.which("latexmk") is None or shutil.which("lualatex") is None,
    reason="latexmk or lualatex is not installed, so no paper can be typeset",
)


def typeset(results: Path, folder: Path):
    arguments = ["pdf", "--results", str(results), "--tex", str(folder / "report.tex")]
    arguments += ["--out", str(folder / "report.pdf")]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\input{/etc}", r"\textbackslash{}input\{/etc\}"),
        ("$x$ & 5%", r"\$x\$ \& 5\%"),
        ("a_b#c", r"a\_b\#c"),
        ("^^5c~", r"\textasciicircum{}\textasciicircum{}5c\textasciitilde{}"),
        ("a\n\n  b\u00a0c", "a b~c"),
        ("x\u202ey\x00", "x{[}?]y{[}?]"),
        ("``--", r"\textasciigrave{}\textasciigrave{}-{}-{}"),
        ("Tiếng Việt", "Tiếng Việt"),
    ],
)
def test_text_is_escaped_for_latex(text: str, expected: str) -> None:
    assert latex(text) == expected


def test_a_long_word_may_be_broken_and_keeps_its_letters() -> None:
    digest = "c1a3" * 16
    assert latex(digest).replace(r"\allowbreak{}", "") == digest
    assert max(map(len, latex(digest).split(r"\allowbreak{}"))) <= 20


def test_every_number_of_the_paper_is_a_macro_of_numbers_tex(rendered: Path) -> None:
    folder = rendered
    defined = set(re.findall(r"\\setnumber\{([^}]*)\}", (folder / "numbers.tex").read_text()))
    body = (folder / "report.tex").read_text().split(r"\begin{document}")[1]
    used = set(re.findall(r"\\thenumber\{([^}]*)\}", body))
    assert len(used) > 60
    assert used <= defined
    assert defined == set(json.loads((folder / "numbers.json").read_text()))


def test_two_formulae_stand_side_by_side(rendered: Path) -> None:
    rules = (rendered / "report.tex").read_text().split(r"\section{The rules}")[1]
    between = rules.split(r"\textbf{Adagrad}\par")[0].rpartition(r"\end{minipage}")[2]
    # An empty line would be a paragraph's end, and the second would stand below the first.
    assert between == "\n\\hfill\n\\begin{minipage}[t]{\\panelwidth}\n"


def test_hostile_strings_stay_text_in_the_source(results: Path) -> None:
    hostile_results(results)
    body = (make(results, "numbers", "tex") / "report.tex").read_text()
    assert r"\input{/etc" not in body
    plain = body.replace(r"\allowbreak{}", "")
    assert plain.count(r"\textbackslash{}input\{/etc/passwd\}") >= 4
    assert r"\textbackslash{}VAR\{title\}" in plain


def hostile_results(results: Path) -> None:
    claim = verdict("hostile", "refuted", "exact", statement=HOSTILE)
    claim["explanation"] = claim["place"]["section"] = HOSTILE
    claim["measured"] = {HOSTILE: [HOSTILE, 1]}
    claim["hypotheses"] = [HOSTILE]
    (results / "claims/ledger.json").write_text(json.dumps([claim]))
    path = results / "data/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["rcv1"] |= {"source": HOSTILE, "citation": HOSTILE, "sha256": {HOSTILE: HOSTILE}}
    path.write_text(json.dumps(manifest))


@pytest.fixture(scope="module")
def twice(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The paper of hostile results, typeset in two folders without a complaint."""
    tmp_path = tmp_path_factory.mktemp("twice")
    results = tmp_path / "results"
    shutil.copytree(rendered.parent, results)
    hostile_results(results)
    pdfs = []
    for name in ("one", "two"):
        shutil.copytree(results / "report/figures", tmp_path / name / "figures")
        folder = make(results, "numbers", "tex", out=tmp_path / name)
        outcome = typeset(results, folder)
        assert outcome.exit_code == 0, outcome.output
        assert outcome.output == ""
        assert "passwd" not in (folder / "build/report.fls").read_text()
        pdfs.append(folder / "report.pdf")
    return pdfs


@needs_latex
@pytest.mark.slow
def test_the_paper_is_typeset_twice_to_the_same_bytes_without_complaint(twice: list[Path]) -> None:
    one, two = (path.read_bytes() for path in twice)
    assert one.startswith(b"%PDF")
    assert one == two
    assert re.search(rb"/ID \[ ?<[0-9a-f]{32}> ?<[0-9a-f]{32}> ?\]", one)


needs_poppler = pytest.mark.skipif(
    shutil.which("pdffonts") is None, reason="pdffonts (poppler-utils) is not installed"
)


def told_by(program: str, pdf: Path) -> str:
    return subprocess.run([program, pdf], check=True, capture_output=True, text=True).stdout


@needs_latex
@needs_poppler
@pytest.mark.slow
def test_every_font_of_the_paper_is_embedded(twice: list[Path]) -> None:
    head, rule, *fonts = told_by("pdffonts", twice[0]).splitlines()
    assert len(fonts) > 5
    begin = head.index("emb")
    assert {font[begin : begin + 3] for font in fonts} == {"yes"}
    assert set(rule) == {"-", " "}


@needs_latex
@needs_poppler
@pytest.mark.slow
def test_the_paper_says_what_it_is_and_bears_the_date_of_its_results(twice: list[Path]) -> None:
    told = dict(
        line.split(":", 1) for line in told_by("pdfinfo", twice[0]).splitlines() if ":" in line
    )
    assert told["Title"].strip() == "Adagrad against SGD: what holds"
    assert told["Subject"].strip()
    assert "Jan  2 03:08:05 2026" in told["CreationDate"]


@needs_latex
@pytest.mark.slow
def test_the_paper_cites_by_bibtex(twice: list[Path]) -> None:
    listed = (twice[0].parent / "build/report.bbl").read_text()
    assert r"\bibitem[Duchi" in listed or r"\bibitem[Robbins" in listed
    assert "I couldn't" not in (twice[0].parent / "build/report.blg").read_text()


@needs_latex
@pytest.mark.slow
def test_nothing_at_all_still_makes_a_paper(tmp_path: Path) -> None:
    root = tmp_path / "results"
    root.mkdir()
    outcome = typeset(root, make(root, "numbers", "figures", "tex"))
    assert (outcome.exit_code, outcome.output) == (0, "")


def test_without_latex_one_line_says_what_is_missing_and_what_it_costs(
    rendered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    outcome = typeset(rendered.parent, rendered)
    assert outcome.exit_code == NO_LATEX
    assert outcome.output == (
        "pdf: latexmk and lualatex not found, so there is no report.pdf; "
        "the page report.html has the same content\n"
    )


def test_complaints_are_wide_lines_lost_glyphs_and_lost_numbers() -> None:
    log = "\n".join(
        [
            r"Overfull \hbox (1.9pt too wide) in paragraph at lines 1--2",
            r"Overfull \hbox (2.1pt too wide) in paragraph at lines 3--4",
            "Missing character: There is no x in font y!",
        ]
    )
    assert len(complaints(log)) == 2
