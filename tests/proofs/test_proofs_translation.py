"""Every verdict in Vietnamese: a text that is missing, obsolete or filled in wrongly fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from vietnamese import is_mathematics, untranslated

import proofs
from language.catalogue import PART, Catalogue
from proofs.translation import LOCALE, SENTENCES, catalogues, translated, translation, words
from proofs.verdict import Place, Verdict

FOLDER = Path(proofs.__file__).parent


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    with (LOCALE / "vi.po").open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


@pytest.mark.slow
def test_no_verdict_has_a_text_without_vietnamese(sound: dict[str, Verdict]) -> None:
    missing = {name: texts for name, verdict in sound.items() if (texts := untranslated(verdict))}
    assert len(sound) > 300
    assert missing == {}


def verdict(statement: str, **changed: object) -> Verdict:
    given: dict = {
        "id": "exercise-9",
        "statement": statement,
        "place": Place("assignment", "3.8 exercise 9"),
        "finding": "reproduced",
        "evidence": "exact",
        "measured": {"x**2": "sqrt(2)", "sun_spots": 4},
        "explanation": "The gradient there is [0, 0].",
    }
    return Verdict(**{**given, **changed})


def test_an_exercise_without_vietnamese_would_be_seen() -> None:
    assert untranslated(verdict("Sunspots come every eleven years")) == [
        "Sunspots come every eleven years",
        "The gradient there is [0, 0].",
        "sun_spots",
    ]


@pytest.mark.parametrize("text", ["x**2 + sqrt(2)", "[0.25 +/- 3e-9]", "weight_decay = 0", "-1"])
def test_a_formula_needs_no_translation(text: str) -> None:
    assert is_mathematics(text)


class Recorded(dict):
    """Messages that remember which of them were used."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__({message.id: message.string for message in messages})
        self.used: set[str] = set()

    def __getitem__(self, message: str) -> str:
        self.used.add(message)
        return super().__getitem__(message)


@pytest.mark.slow
def test_no_translation_is_of_what_is_said_no_more(
    sound: dict[str, Verdict], messages: list[Message]
) -> None:
    recorded = Recorded(messages)
    catalogue = Catalogue(recorded, "vi")
    for each in sound.values():
        for text in (getattr(each, name) for name in SENTENCES):
            catalogue.text(text)
        for word in words(each):
            translation(word, catalogue)
    # What is said of a finding that did not come out this time stands in the source.
    source = " ".join(written())
    obsolete = [message for message in set(recorded) - recorded.used if not all_in(message, source)]
    assert obsolete == []


def written() -> Iterator[str]:
    """Every text in the room's modules, an f-string with {} for what is filled in."""
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value.replace("_", " ")
    for path in FOLDER.rglob("*.yaml"):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))["title"]


def all_in(message: str, source: str) -> bool:
    """Whether every clause between the parts of a message is a text of the source."""
    clauses = (
        clause for piece in PART.split(message)[::2] for clause in re.split(r"[.:;,]", piece)
    )
    return all(clause.strip().replace("_", " ") in source for clause in clauses)


def test_every_translation_fills_in_the_same_parts(messages: list[Message]) -> None:
    for message in messages:
        assert message.string.strip(), message.id
        assert set(PART.findall(message.string)) == set(PART.findall(message.id)), message.id


@pytest.mark.slow
def test_a_verdict_says_in_vietnamese_what_it_says_in_english(sound: dict[str, Verdict]) -> None:
    """By hand: 20 = 16 + 4 and 0.02 = 0.01 + 0.01; 0.1 / sqrt(20) and 0.1 / sqrt(0.02)."""
    told = translated(sound["worked-example-second-rates"], catalogues()).translations["vi"]
    assert told["statement"] == (
        "Khi đó các tổng tích lũy là 20 và 0,02, các tốc độ học hiệu dụng là 0,022 và 0,707"
    )
    assert told["explanation"] == (
        "Các tổng tích lũy là 20 và 1/50, các tốc độ học là sqrt(5)/100 và sqrt(2)/2, "
        "tức 0,02236 và 0,70711: trong sai số làm tròn của các chữ số in ra."
    )
    assert told["words"]["rates"] == "các tốc độ học"
    assert told["words"]["assignment"] == "đề bài"


@pytest.mark.slow
def test_a_rule_s_title_within_a_statement_is_translated(sound: dict[str, Verdict]) -> None:
    told = translated(sound["invariance-rmsprop_eps_inside-rotation"], catalogues())
    assert told.translations["vi"]["statement"] == (
        "RMSProp (eps trong dấu căn) xoay quỹ đạo theo bài toán"
    )
    assert told.statement == "RMSProp (eps inside the root) turns its trajectory with the problem"


@pytest.mark.slow
def test_hypotheses_are_among_the_words(sound: dict[str, Verdict]) -> None:
    told = translated(sound["section-1-determinant-test-in-two-dimensions"], catalogues())
    assert told.hypotheses == ("H is symmetric", "n = 2", "the gradient vanishes")
    words_ = told.translations["vi"]["words"]
    assert [words_.get(each, each) for each in told.hypotheses] == [
        "H đối xứng", "n = 2", "gradient triệt tiêu",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_section_s_number_is_no_decimal(sound: dict[str, Verdict]) -> None:
    told = translated(sound["exercise-1-angles"], catalogues())
    assert told.translations["vi"]["words"]["3.8 exercise 1"] == "3.8 bài tập 1"


def test_what_the_catalogue_does_not_have_stays_english() -> None:
    told = translated(verdict("Sunspots come every eleven years"), catalogues())
    assert told.translations["vi"] == {
        "tolerance_reason": "đòi hỏi bằng nhau chính xác",
        "words": {"assignment": "đề bài", "3.8 exercise 9": "3.8 bài tập 9"},
    }
