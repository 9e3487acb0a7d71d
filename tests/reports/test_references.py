"""What is cited: found in the words that name it, the same in page and paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from page import Page

from reports.blocks import Cite
from reports.references import bibtex, cited, of_package, references, used


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("Duchi, Hazan and Singer (2011), section 1.1", ["duchi2011"]),
        ("Nesterov (1983); Sutskever et al. (2013), eqs. 3-4", ["nesterov1983", "sutskever2013"]),
        ("Zhang et al., Dive into Deep Learning, eq. 12.7.5", ["zhang2023"]),
        ("Luo, Xiong, Liu and Sun (2019), algorithm 2", ["luo2019"]),
        ("Lewis, Yang, Rose, Li: RCV1, JMLR 5 (2004) 361-397", ["lewis2004"]),
        ("the assignment, section 3.8", []),
        ("Nesterov; somebody else (1983)", []),
        ("Duchi (20110)", []),
    ],
)
def test_a_text_cites_what_it_names_by_first_author_and_year(words: str, keys: list[str]) -> None:
    assert [piece.key for piece in cited(words)] == keys


def test_a_package_cites_its_paper() -> None:
    assert of_package("sympy") == (Cite("meurer2017"),)
    assert of_package("left-pad") == ()


def test_what_is_used_is_found_however_deep_and_once() -> None:
    found = used([((Cite("wilcoxon1945"),), {}), Cite("duchi2011"), Cite("duchi2011"), "efron1979"])
    assert [entry.key for entry in found] == ["duchi2011", "wilcoxon1945"]


def test_every_entry_says_who_what_where_and_when() -> None:
    for entry in references():
        assert entry.author
        assert entry.title
        assert entry.place
        assert str(entry.year) in entry.key


def test_bibtex_has_an_entry_each_with_its_fields() -> None:
    (entry,) = [entry for entry in references() if entry.key == "dolan2002"]
    assert bibtex([entry]) == (
        "@article{dolan2002,\n"
        "  author = {Dolan, E. D. and Moré, J. J.},\n"
        "  title = {{Benchmarking optimization software with performance profiles}},\n"
        "  journal = {Mathematical Programming},\n"
        "  volume = {91},\n"
        "  pages = {201--213},\n"
        "  year = {2002},\n"
        "}\n"
    )


def test_every_optimizer_s_paper_is_cited() -> None:
    folder = Path(__file__).resolve().parents[2] / "optim/rules"
    papers = [
        match
        for path in folder.glob("*.py")
        for match in re.findall(r'^    paper="([^"]*)"', path.read_text(), re.MULTILINE)
    ]
    assert len(papers) > 20
    for paper in papers:
        assert cited(paper) or paper.startswith("the assignment"), paper


def test_page_and_paper_cite_the_same(rendered: Path) -> None:
    html = (rendered / "report.html").read_text()
    on_page = set(re.findall(r'href="#reference-(\w+)"', html))
    in_paper = set(re.findall(r"\\cite\{(\w+)\}", (rendered / "report.tex").read_text()))
    listed = re.findall(r'<li id="reference-(\w+)">', html)
    entries = re.findall(r"^@\w+\{(\w+),", (rendered / "references.bib").read_text(), re.M)
    assert on_page == in_paper == set(listed)
    assert {"efron1979", "lewis2004", "meurer2017"} - on_page == {"meurer2017"}
    assert set(listed) <= set(entries)
    numbers = re.findall(r'href="#reference-(\w+)">\[(\d+)\]', html)
    assert all(listed[int(number) - 1] == key for key, number in numbers)
    assert Page(html).text.count("Bootstrap methods: another look at the jackknife") == 1
