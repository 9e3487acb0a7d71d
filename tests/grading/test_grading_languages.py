"""Feedback in Vietnamese: nothing is left untranslated, and a student's own text is left alone."""

from __future__ import annotations

import ast
import csv
import gettext
import re
from pathlib import Path

import jinja2
import pytest
import yaml
from click.testing import CliRunner

from grading.__main__ import main
from grading.assignment import load, names
from grading.check import Check
from grading.translation import PART, Language, language

ROOT = Path(__file__).parents[2]
GRADING = ROOT / "grading"
JUDGING = (
    *("grading/answers.py", "grading/judge.py", "grading/reported.py", "grading/written.py"),
    "grading/allowance.py",
    *("grading/proof_process.py", "grading/protocol.py", "grading/terminal.py"),
    "grading/unpack.py",
    *("proofs/steps/reading.py", "proofs/steps/givens.py", "proofs/steps/language.py"),
    *("proofs/steps/evaluate.py", "proofs/steps/values.py", "proofs/steps/checking.py"),
    *("proofs/steps/statements.py", "proofs/steps/__main__.py"),
)
OTHER_INPUTS = ", với các dữ liệu khác"  # behind a twin's title
# Words between the judge and the jail.
PROTOCOL = {
    *("time limit", "whole time limit", "printed too much", "ended early"),
    *("not loaded", "no such function"),
}
# For a person at the grader, or caught within the checker of proofs.
NOT_FOR_STUDENTS = {"GraderFault", "NoInstanceError"}
# How instances are drawn, which the grader does not print; and the code around a notebook's cells.
NOT_SAID = {"FLAVOURS", "RELAXED_FLAVOURS", "SHRUNK", "NOTEBOOK_MODULE"}
DRAWN_AS = {"small integers", "{}, hypotheses dropped"}


def catalogue() -> dict[str, str]:
    return language("vi")._known


def test_every_word_of_the_page_is_in_the_catalogue():
    translated = language("vi").translations
    reader = jinja2.Environment(extensions=["jinja2.ext.i18n"])
    found = []
    for template in (GRADING / "templates").glob("feedback*.j2"):
        found += list(reader.extract_translations(template.read_text(encoding="utf-8")))
    texts = [[message] if isinstance(message, str) else message for _, _, message in found]
    forms = [[form for form in text if isinstance(form, str)] for text in texts if text]
    assert len(forms) > 12
    for one in forms:
        told = translated.ngettext(*one, 1) if len(one) == 2 else translated.gettext(one[0])
        assert told != one[0]


def test_every_text_of_the_assignments_is_in_the_catalogue():
    missing = []
    for name in names():
        assignment, first = load(name), {}
        texts = [assignment.title]
        for graded in assignment.checks:
            if graded.twin_of:
                told = language("vi").sentences(graded.title)
                assert told == f"{language('vi').sentences(first[graded.twin_of])}{OTHER_INPUTS}"
                continue
            first[graded.id] = graded.title
            texts += [graded.title, graded.text, getattr(graded.check, "tolerance_reason", "")]
            if isinstance(graded.check, Check):
                texts += [mistake.explanation for mistake in graded.check.mistakes]
        missing += [text for text in texts if text and text not in catalogue()]
    assert missing == []


def pieces(source: str) -> list[str]:
    """Texts of at least two words in a module, with {} for what is filled in; no docstrings."""
    tree = ast.parse(source)
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = getattr(node.exc.func, "id", "")
            skipped |= set(ast.walk(node)) if name in NOT_FOR_STUDENTS else set()
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in NOT_SAID:
            skipped |= set(ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and node not in skipped:
            skipped |= set(ast.walk(node)) - {node}
            parts = [getattr(part, "value", None) for part in node.values]
            found.append("".join(part if isinstance(part, str) else "{}" for part in parts))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            found.append(PART.sub("{}", re.sub(r"\{[^}]*\}", "{}", node.value)))
    said = [text for text in found if text not in PROTOCOL | DRAWN_AS]
    return [text for text in said if re.search(r"[a-z]{2,} [a-z]{2,}", text)]


def is_known(piece: str) -> bool:
    pattern = ".+".join(re.escape(part) for part in piece.strip().split("{}"))
    return any(re.search(pattern, known, re.IGNORECASE) for known in catalogue())


@pytest.mark.parametrize("name", JUDGING)
def test_every_sentence_of_the_judge_is_in_the_catalogue(name):
    found = pieces((ROOT / name).read_text(encoding="utf-8"))
    assert found or name.endswith("__main__.py")  # its words are findings, put together
    assert [piece for piece in found if not is_known(piece)] == []


def test_everything_that_the_reader_of_yaml_says_is_in_the_catalogue():
    said = set()
    for name in ("scanner", "parser", "composer"):
        tree = ast.parse(Path(yaml.__file__).with_name(f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                problem = node.exc.args[2]
                text = problem.left if isinstance(problem, ast.BinOp) else problem
                if isinstance(text, ast.Constant):  # else it is a decoder's, of an escaped URI
                    said.add(re.sub(r"%[rds]", "{}", str(text.value)))
    assert len(said) > 25
    assert [text for text in said if not is_known(text)] == []


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        (
            "proofs/a.yaml: Line 17, step 3: false: = U.T @ v\n  the two sides differ\n  left  1",
            "proofs/a.yaml: Dòng 17, bước 3: sai: = U.T @ v\n  hai vế khác nhau\n  vế trái   1",
        ),
        (
            "  with n = 2, v = (1, 0)\n  right no value: a division by zero",
            "  với n = 2, v = (1, 0)\n  vế phải  không có giá trị: chia cho không",
        ),
        (
            "proofs/a.yaml: Line 5: `given` is A: b, c; this check asks to keep it as A: d.",
            "proofs/a.yaml: Dòng 5: `given` là A: b, c; câu này yêu cầu giữ nguyên là A: d.",
        ),
        (
            "proofs/a.yaml: Line 3: 'foo' is no kind; expected one of: order, index.",
            "proofs/a.yaml: Dòng 3: 'foo' không phải là một loại; các loại là: order, index.",
        ),
        (
            "proofs/a.yaml: Line 9: 'v @ v': a 2x1 times a 2x1 matrix.",
            "proofs/a.yaml: Dòng 9: 'v @ v': một ma trận 2x1 nhân một ma trận 2x1.",
        ),
        (
            "claims.yaml: line 2: not YAML: could not find expected ':'.",
            "claims.yaml: dòng 2: không phải YAML: không tìm thấy dấu ':' cần có.",
        ),
        (
            "The submission was not accepted: 'a' is both a file and a folder.",
            "Bài nộp không được nhận: 'a' vừa là tệp vừa là thư mục.",
        ),
    ],
)
def test_what_the_checker_of_proofs_and_the_readers_say_is_translated(english, vietnamese):
    assert language("vi").sentences(english) == vietnamese


def test_a_sentence_that_nobody_translated_would_be_found():
    (piece,) = pieces('cause = f"The file is {size} bytes too long."')
    assert not is_known(piece)


def test_translations_fill_in_the_parts_that_the_english_has():
    for english, translated in catalogue().items():
        parts = re.compile(r"\{\w+\}|%\(\w+\)s")
        assert sorted(parts.findall(english)) == sorted(parts.findall(translated)), english


def test_a_cause_is_translated_through_all_its_parts():
    told = language("vi").sentences(
        "For x = [1, 0]: it returned one value, expected 2 values (x, s)."
    )
    assert told == "Với x = [1, 0]: nó trả về một giá trị, cần 2 giá trị (x, s)."
    told = language("vi").sentences("For x = [1] your f returned x = [nan]; expected x = [1].")
    assert told == "Với x = [1], hàm f của bạn trả về x = [nan]; kết quả đúng là x = [1]."


def test_what_a_student_wrote_is_not_translated():
    raised = "For x = [1]: it raised ValueError: its answer could not be read (line 2 of a.py)."
    assert (
        language("vi")
        .sentences(raised)
        .endswith("gây ra lỗi ValueError: its answer could not be read (line 2 of a.py).")
    )


def test_two_sentences_about_two_numbers_are_two():
    told = language("vi").sentences(
        "You report a = 1; where your own code ends, it is 2. claims.yaml reports no b: the sum."
    )
    assert told == (
        "Bạn báo cáo a = 1; còn chương trình của chính bạn cho kết quả 2. "
        "claims.yaml không báo cáo b: the sum."
    )


def test_a_page_in_vietnamese(tmp_path):
    source = tmp_path / "an.py"
    source.write_text(
        "def adagrad_step(x, grad, s, lr, eps):\n    print('<b>passed')\n    return x\n"
    )
    done = CliRunner().invoke(
        main, ["grade", str(source), "--output", str(tmp_path / "out"), "--language", "vi"]
    )
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "feedback.html").read_text(encoding="utf-8")
    assert '<html lang="vi">' in page
    assert "nó trả về một giá trị, cần 2 giá trị (x, s)." in page
    assert "&lt;b&gt;passed" in page
    for english in (
        "What was asked",
        "of 10",
        "expected",
        "Not run",
        "The submission",
        "not shown",
    ):
        assert english not in page
    results = (tmp_path / "out" / "results.json").read_text(encoding="utf-8")
    assert "it returned one value" in results


def test_the_terminal_speaks_vietnamese(tmp_path):
    (tmp_path / "an.py").write_text(
        "import numpy as np\nprint('hello')\n"
        "def gerschgorin_discs(matrix):\n    return np.diag(matrix), abs(matrix).sum(axis=1)\n"
    )
    asked = ["check", "--assignment", "matrices", "--language", "vi", str(tmp_path / "an.py")]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[0] == "CHƯA ĐẠT  Các đĩa chứa trị riêng  (0 trên 6)"
    assert "kết quả đúng là" in " ".join(done.output.split())
    assert lines[-3:] == [
        "        Chương trình của bạn đã in ra:",
        "        | hello",
        "Trên các câu được hiển thị: 0 trên 6 (1 chưa đạt)",
    ]


def test_the_comments_in_moodles_worksheet_are_in_the_same_language(tmp_path):
    (tmp_path / "an.py").write_text("def gerschgorin_discs(matrix):\n    return matrix\n")
    run = ["--assignment", "matrices", "--output"]
    steps = (
        ["grade", *run, str(tmp_path / "an"), str(tmp_path / "an.py")],
        ["gradebook", *run, str(tmp_path / "book.csv"), str(tmp_path / "an" / "results.json")],
    )
    for step in steps:
        assert CliRunner().invoke(main, step).exit_code == 0
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "Identifier,Full name,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
        "Participant 1,an,,10.00,-,\n"
    )
    filled = ["moodle", *run, str(tmp_path / "moodle.csv"), str(tmp_path / "an" / "results.json")]
    filled += ["--worksheet", str(sheet), "--gradebook", str(tmp_path / "book.csv")]
    done = CliRunner().invoke(main, [*filled, "--language", "vi"])
    assert done.exit_code == 0, done.output
    (row,) = csv.DictReader((tmp_path / "moodle.csv").read_text("utf-8-sig").splitlines())
    assert row["Feedback comments"] == "0 trên 10<br>Các đĩa chứa trị riêng: 0 trên 6"


def test_the_catalogue_is_found_and_an_unknown_language_is_named():
    assert language("vi").code == "vi"
    with pytest.raises(ValueError, match=r"no language 'xx'; there are: en, .*vi"):
        language("xx")


def test_a_translation_that_cannot_be_filled_in_leaves_the_text_english():
    known = {"For {case} it is {found}.": "Với {case} là {fuond}."}
    vietnamese = Language("vi", gettext.NullTranslations(), known)
    assert vietnamese.sentences("For x = 1 it is 2.") == "For x = 1 it is 2."


def test_the_templates_parse():
    for path in (GRADING / "templates").glob("*.j2"):
        jinja2.Environment(extensions=["jinja2.ext.i18n"]).parse(path.read_text(encoding="utf-8"))
