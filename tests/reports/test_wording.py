"""No number is typed: not in a template, not in the sentences of a section."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import reports
from reports.blocks import Ref, Text, say

ROOT = Path(reports.__file__).parent
NAMES = re.compile(r"RCV1|SHA-256|\bf[12]\b")


def digits_in_html(template: str) -> list[str]:
    """Lines of an HTML template with a digit outside of tags, expressions and entities."""
    rest = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", template, flags=re.DOTALL)
    rest = re.sub(r"<[^>]*>|&#?\w+;", "", rest, flags=re.DOTALL)
    return [line for line in rest.splitlines() if re.search(r"\d", NAMES.sub("", line))]


# What a digit may belong to in LaTeX's markup: a parameter, an optional argument, a length, a
# share of the line, a shade of grey, a font's file name.
LATEX_MARKUP = re.compile(
    r"#+\d|\[[^\]]*\]|-?\d+(\.\d+)?(pt|mm|em)\b|-?\d*\.?\d+\\(line|text)width"
    r"|-?\d\\tabcolsep|\{gray\}\{[\d.]+\}|[\w-]+\.(otf|ttf)"
)


def digits_in_latex(template: str) -> list[str]:
    """Lines of the LaTeX template with a digit outside of markup and expressions."""
    rest = re.sub(r"\(\([*#].*?[*#]\)\)|\\VAR\{[^}]*\}", "", template, flags=re.DOTALL)
    rest = LATEX_MARKUP.sub("", rest)
    return [line for line in rest.splitlines() if re.search(r"\d", NAMES.sub("", line))]


def digits_in_sentences(source: str) -> list[str]:
    """String constants with a space and a digit outside of holes; docstrings do not count."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    sentences = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docstrings and " " in node.value
    ]
    rests = {words: re.sub(r"\{.*?\}", "", words) for words in sentences}
    return [words for words, rest in rests.items() if re.search(r"\d", NAMES.sub("", rest))]


def test_no_number_is_typed_in_the_page() -> None:
    assert digits_in_html((ROOT / "templates/report.html.j2").read_text()) == []


def test_no_number_is_typed_in_the_paper() -> None:
    assert digits_in_latex((ROOT / "templates/report.tex.j2").read_text()) == []


@pytest.mark.parametrize("path", sorted((ROOT / "sections").glob("*.py")), ids=lambda p: p.name)
def test_no_number_is_typed_in_a_section(path: Path) -> None:
    assert digits_in_sentences(path.read_text()) == []


def test_a_typed_number_would_be_found() -> None:
    assert digits_in_html("<p>Adagrad ended at 0.05 after {{ n }} epochs</p>")
    assert digits_in_latex(r"\textbf{Adagrad} ended at 0.05 after \VAR{n} epochs")
    assert digits_in_sentences('x = say("ended at 0.05 after {rcv1.epochs} epochs")')


def test_a_hole_takes_a_number_or_the_piece_given_and_text_is_never_searched() -> None:
    assert say("after {rcv1.epochs}: {who}", who="{rcv1.batch}") == (
        Text("after "),
        Ref("rcv1.epochs"),
        Text(": "),
        Text("{rcv1.batch}"),
    )


def test_the_report_imports_nothing_that_computes_a_result() -> None:
    rooms = {"data", "optim", "experiments", "proofs", "claims", "grading"}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not rooms & {name.split(".")[0] for name in names}, path
