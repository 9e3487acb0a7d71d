"""What a verdict brings of its own translations is what a Vietnamese page shows of it."""

import gettext

from reports.blocks import Text
from reports.language import Language, using
from reports.number import Number
from reports.sections.verdicts import statement

VERDICT = {
    "id": "steps",
    "statement": "It takes many steps.",
    "place": {"document": "paper", "section": "1"},
    "finding": "reproduced",
    "evidence": "exact",
    "measured": {"largest_distance": 3, "kind_of_end": "a saddle", "left_alone": "as printed"},
    "explanation": "It took 3.",
    "tolerance": 0.0,
    "tolerance_reason": "exact",
    "provenance": {},
    "translations": {
        "vi": {
            "statement": "Cần nhiều bước.",
            "explanation": "Đã cần 3 bước.",
            "tolerance_reason": "chính xác",
            "words": {"largest_distance": "khoảng cách lớn nhất", "a saddle": "điểm yên ngựa"},
        }
    },
}
NUMBERS = {
    "claims.steps.measured.largest-distance": Number(3, "", "ledger.json", "measured"),
    "claims.steps.tolerance": Number(0.0, "", "ledger.json", "stated"),
}


def rows() -> dict[Text, tuple]:
    with using(Language("vi", gettext.NullTranslations(), {}, {})):
        shown = statement("claims", VERDICT, NUMBERS)
    assert shown.statement == (Text("Cần nhiều bước."),)
    assert shown.explanation == (Text("Đã cần 3 bước."),)
    return dict(shown.evidence)


def test_a_measured_key_is_found_by_its_name_with_underscores() -> None:
    assert Text("khoảng cách lớn nhất") in rows()


def test_a_measured_word_is_shown_in_the_verdict_s_own_translation() -> None:
    assert Text("điểm yên ngựa") in rows()[Text("kind of end", "en")]


def test_what_has_no_translation_is_marked_as_english() -> None:
    assert rows()[Text("left alone", "en")] == (Text("as printed", "en"),)
