"""A language is there as soon as its catalogues are, and nothing else has to be told of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grading.translation import LANGUAGES as OF_STUDENTS
from language.listing import languages
from reports.language import LANGUAGES as OF_REPORT
from reports.render import name_in_latex
from workflow import configuration

GIVEN = Path(configuration.__file__).parents[1] / "config" / "config.yaml"


def catalogues(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_a_language_is_listed_where_it_has_every_catalogue(tmp_path: Path) -> None:
    folder = catalogues(tmp_path / "locale", "vi.po", "vi.names.po", "de.po", "babel.cfg")
    assert languages(folder, ".po") == ("en", "de", "vi")
    assert languages(folder, ".po", ".names.po") == ("en", "vi")
    assert languages(tmp_path / "none", ".po") == ("en",)


def test_the_report_and_the_students_pages_are_in_the_languages_that_there_are() -> None:
    assert {"en", "vi"} <= set(OF_REPORT) & set(OF_STUDENTS)


def test_a_new_language_may_be_configured_and_one_without_catalogues_may_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogues(tmp_path / "reports/locale", "de.po", "de.names.po")
    catalogues(tmp_path / "grading/locale", "fr.po")
    monkeypatch.setattr(configuration, "ROOT", tmp_path)
    config = yaml.safe_load(GIVEN.read_text(encoding="utf-8"))
    config["report"]["language"], config["grading"]["language"] = "de", "fr"
    configuration.check_schema(config)
    config["report"]["language"] = "vi"
    with pytest.raises(ValueError, match=r"report\.language: there is no 'vi'; known are: de, en"):
        configuration.check_schema(config)


@pytest.mark.parametrize(
    ("code", "name"), [("en", "english"), ("vi", "vietnamese"), ("de", "german"), ("fr", "french")]
)
def test_latex_knows_a_language_by_its_english_name(code: str, name: str) -> None:
    assert name_in_latex(code) == name
