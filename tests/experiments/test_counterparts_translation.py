"""The list of figures and tables in Vietnamese: nothing missing, obsolete or filled in wrongly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from experiments.counterparts import look_up, read_counterparts
from experiments.translation import FIELDS, LOCALE, catalogues, translated
from language.catalogue import PART

NUMBER = r"[\d.]+"
SHIPPED = read_counterparts()
SAID_WHERE_MISSING = (
    "this run made no {name}",
    "{name} was not made: {code}",
    "{name}: there is no {column} {code}; {known}",
    "{name}: no row has all of {code}",
    "did you mean {code}?",
    "known are: {code}",
    "variant",
    "metric",
    "figure",
)


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    with (LOCALE / "vi.po").open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def own_texts() -> set[str]:
    """What the entries say, with {} for numbers where there is nothing else to translate."""
    found = {text for entry in SHIPPED for text in (entry.section, entry.item, entry.what)}
    return {text for text in found if not re.fullmatch(NUMBER, text)}


def test_every_text_of_the_list_has_vietnamese() -> None:
    catalogue = catalogues()["vi"]
    missing = []
    for text in own_texts():
        message = catalogue.message_of(text)
        # Only numbers may go through a template: a word would stay English in it.
        pieces = map(re.escape, PART.split(message or "")[::2])
        if message is None or not re.fullmatch(NUMBER.join(pieces), text):
            missing.append(text)
    assert missing == []


def test_no_translation_is_of_what_the_list_says_no_more(messages: list[Message]) -> None:
    catalogue = catalogues()["vi"]
    used = {catalogue.message_of(text) for text in own_texts()}
    assert {message.id for message in messages} - used == set(SAID_WHERE_MISSING)


def test_every_translation_fills_in_the_same_parts(messages: list[Message]) -> None:
    for message in messages:
        assert message.string.strip(), message.id
        assert set(PART.findall(message.string)) == set(PART.findall(message.id)), message.id


def test_an_entry_says_in_vietnamese_what_and_where_it_is() -> None:
    entry = {"section": "contents, 2.4", "item": "table of exercise 6", "what": "step decay"}
    (told,) = translated([{**entry, "results": []}], catalogues())
    assert told["translations"]["vi"] == {
        "section": "mục lục, 2.4",
        "item": "bảng của bài tập 6",
        "what": "suy giảm theo bậc",
        "words": {},
    }
    assert {name: told[name] for name in FIELDS} == entry


def test_why_a_result_is_missing_is_said_in_vietnamese(tmp_path: Path) -> None:
    found = look_up(SHIPPED, tmp_path)
    assert all(entry["status"] == "missing" for entry in found)
    for entry in translated(found, catalogues()):
        for part in entry["results"]:
            told = entry["translations"]["vi"]["words"][part["reason"]]
            assert told == part["reason"].replace("this run made no", "lần chạy này không tạo ra")
