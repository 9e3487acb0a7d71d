"""A text is translated as it stands, or by the template it was made from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from language import catalogue as module
from language.catalogue import Catalogue

MESSAGES = {
    "the end": "hết",
    "a saddle": "điểm yên ngựa",
    "It is {what} at {place}.": "Tại {place} nó là {what}.",
    "It is {what} at the origin.": "Nó là {what} ở gốc.",
    "{one} and {one} again": "lại {one}",
    "see {section}": "xem {section}",
    "to {empty}": "đến {empty}",
}


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(MESSAGES, "vi")


def test_a_text_is_found_as_it_stands(catalogue: Catalogue) -> None:
    assert catalogue.text("the end") == "hết"


def test_a_text_that_no_message_fits_has_no_translation(catalogue: Catalogue) -> None:
    assert catalogue.text("the start") is None
    assert catalogue.text("to ") is None
    assert catalogue.text("It is red at home. It is late.") == "Tại home. It is late nó là red."


def test_parts_are_put_where_the_language_wants_them(catalogue: Catalogue) -> None:
    assert catalogue.text("It is x^2 at (1, 1).") == "Tại (1, 1) nó là x^2."


def test_a_part_that_the_catalogue_has_is_translated(catalogue: Catalogue) -> None:
    assert catalogue.text("It is a saddle at 0.") == "Tại 0 nó là điểm yên ngựa."


def test_of_two_templates_that_fit_the_one_with_more_words_counts(catalogue: Catalogue) -> None:
    assert catalogue.text("It is a saddle at the origin.") == "Nó là điểm yên ngựa ở gốc."


def test_a_part_that_comes_twice_is_the_same_twice(catalogue: Catalogue) -> None:
    assert catalogue.text("up and up again") == "lại up"
    assert catalogue.text("up and down again") is None


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("It is 0.25 at 3.", "Tại 3 nó là 0,25."),
        ("It is 9.1e-10 at (0, 1.8).", "Tại (0; 1,8) nó là 9,1e-10."),
        ("It is 23,149.5 at 1,234.", "Tại 1.234 nó là 23.149,5."),
        ("see 3.8", "xem 3.8"),  # a section is no number
    ],
)
def test_decimals_are_written_as_the_language_writes_them(
    catalogue: Catalogue, english: str, vietnamese: str
) -> None:
    assert catalogue.text(english) == vietnamese


def test_english_keeps_its_points() -> None:
    assert Catalogue({"at {x}": "at {x}"}, "en").text("at (0, 1.8)") == "at (0, 1.8)"


def written(path: Path, text: str) -> Path:
    header = (
        'msgid ""\nmsgstr ""\n"Language: vi\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    )
    path.write_text(f"{header}\n{text}", encoding="utf-8")
    return path


def test_of_several_files_the_first_that_has_a_message_counts(tmp_path: Path) -> None:
    one = written(tmp_path / "one.po", 'msgid "rate"\nmsgstr "tốc độ học"\n')
    other = written(
        tmp_path / "other.po",
        'msgid "rate"\nmsgstr "tỉ lệ"\n\nmsgid "at {x}"\nmsgstr "tại {x}"\n\n'
        'msgid "no"\nmsgstr ""\n',
    )
    read = Catalogue.read(one, other)
    assert read.text("rate") == "tốc độ học"
    assert read.text("at 0.5") == "tại 0,5"
    assert read.text("no") is None


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PoFileError):
        Catalogue.read(written(tmp_path / "broken.po", 'msgid "a"\nmsgstr "b\nmsg'))


def test_the_room_imports_no_other() -> None:
    root = Path(module.__file__).parents[1]
    rooms = {path.parent.name for path in root.glob("*/__init__.py")} - {"language"}
    assert {"optim", "proofs", "reports"} <= rooms
    for path in (root / "language").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not rooms & {name.split(".")[0] for name in names}, path
