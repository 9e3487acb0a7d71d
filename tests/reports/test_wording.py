"""No number is typed: not in a template, not in the sentences of a section."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import reports
from reports.blocks import Ref, Text, say

ROOT = Path(reports.__file__).parent
NAMES = re.compile(r"RCV1|rcv1|SHA-256|sha256|\bf[12]\b")


def typed_in_expressions(expressions: list[str]) -> list[str]:
    """String literals with a digit among the expressions and tags of a template."""
    literals = [text for part in expressions for text in re.findall(r"\"[^\"]*\"", part)]
    return [text for text in literals if re.search(r"\d", NAMES.sub("", text))]


def digits_in_html(template: str) -> list[str]:
    """What of an HTML template has a digit and is neither tag, computed nor entity."""
    computed = r"\{%.*?%\}|\{\{.*?\}\}"
    rest = re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)
    typed = typed_in_expressions(re.findall(computed, rest, flags=re.DOTALL))
    rest = re.sub(computed, "", rest, flags=re.DOTALL)
    rest = re.sub(r"<[^>]*>|&#?\w+;", "", rest, flags=re.DOTALL)
    return typed + [line for line in rest.splitlines() if re.search(r"\d", NAMES.sub("", line))]


# What a digit may belong to in LaTeX's markup: a parameter, an optional argument, a length, a
# share of the line, a size of type, a shade of grey, a font's file name.
LATEX_MARKUP = re.compile(
    r"#+\d|\[[^\]]*\]|-?\d+(\.\d+)?(pt|mm|em)\b|-?\d*\.?\d+\\(line|text)width"
    r"|\\fontsize\{[\d.]+\}\{[\d.]+\}|-?\d\\tabcolsep|\{gray\}\{[\d.]+\}|[\w.-]+\.(otf|ttf|j2)"
)


def digits_in_latex(template: str) -> list[str]:
    """What of a LaTeX template has a digit and is neither markup nor computed."""
    computed = r"\(\(\*.*?\*\)\)|\\VAR\{[^}]*\}"
    rest = re.sub(r"\(\(#.*?#\)\)", "", template, flags=re.DOTALL)
    typed = typed_in_expressions(re.findall(computed, rest, flags=re.DOTALL))
    rest = LATEX_MARKUP.sub("", re.sub(computed, "", rest, flags=re.DOTALL))
    lines = [line for line in rest.splitlines() if re.search(r"\d", NAMES.sub("", line))]
    return [text for text in typed if re.search(r"\d", LATEX_MARKUP.sub("", text))] + lines


def digits_in_literals(source: str) -> list[str]:
    """String literals with a digit outside of holes, but for docstrings and keys of citations."""
    tree = ast.parse(source)
    allowed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            allowed |= {id(part.value) for part in node.body if isinstance(part, ast.Expr)}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cite":
            allowed |= {id(argument) for argument in node.args}
    literals = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in allowed
    ]
    rests = {words: re.sub(r"\{.*?\}", "", words) for words in literals}
    return [words for words, rest in rests.items() if re.search(r"\d", NAMES.sub("", rest))]


LATEX = sorted((ROOT / "templates").glob("*.tex.j2"))


def test_no_number_is_typed_in_the_page() -> None:
    assert digits_in_html((ROOT / "templates/report.html.j2").read_text()) == []


@pytest.mark.parametrize("path", LATEX, ids=lambda p: p.name)
def test_no_number_is_typed_in_the_paper(path: Path) -> None:
    assert digits_in_latex(path.read_text()) == []


@pytest.mark.parametrize("path", sorted((ROOT / "sections").glob("*.py")), ids=lambda p: p.name)
def test_no_number_is_typed_in_a_section(path: Path) -> None:
    assert digits_in_literals(path.read_text()) == []


def test_a_typed_number_would_be_found() -> None:
    assert digits_in_html("<p>Adagrad ended at 0.05 after {{ n }} epochs</p>")
    assert digits_in_html('<p>{{ _("after 20 epochs") }}</p>')
    assert digits_in_html('<p class="of-2">{{ 2 * n }}&#39;</p>') == []
    assert digits_in_latex(r"\textbf{Adagrad} ended at 0.05 after \VAR{n} epochs")
    assert digits_in_latex(r'\VAR{_("after 20 epochs")}')
    assert digits_in_latex(r'\vspace{\VAR{"3pt"}}') == []
    assert digits_in_literals('x = say("ended at 0.05 after {rcv1.epochs} epochs")')
    assert digits_in_literals('x = text("0.05")')
    assert digits_in_literals('x = Cite("duchi2011"), "RCV1", "{seeds.5}"') == []


def test_no_translation_has_a_number_that_its_original_has_not() -> None:
    for path in sorted((ROOT / "locale").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                texts = [(message.id, message.string)]
                if not isinstance(message.id, str):
                    texts = [(message.id[1], one) for one in message.string]
                for original, translated in texts if message.id else []:
                    known = re.findall(r"\d+", re.sub(r"\{.*?\}", "", original))
                    typed = re.findall(r"\d+", re.sub(r"\{.*?\}", "", translated))
                    assert set(typed) <= set(known), (path.name, original)


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
