"""A claims file is refused, with file, line and claim, where it could mislead a reader."""

from pathlib import Path

import pytest

from claims.claim import ClaimError, read_claims
from claims.ledger import check_questions

ROOT = Path(__file__).resolve().parents[2]

GOOD = """\
document: paper
sections:
  "1": Introduction
claims:
  - id: sum
    section: "1"
    says: Two numbers agree.
    kind: consistency
    measure: places_agree
    with: {stated: {here: 1, there: 1}}
    expected: true
    holds: They do ($places).
    fails: They do not ($places).
"""


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "paper.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClaimError) as caught:
        check_questions(read_claims(path))
    return str(caught.value)


def test_every_claims_file_of_the_project_is_well_formed():
    documents = list((ROOT / "claims").glob("*/claims.yaml"))
    assert documents
    for path in documents:
        check_questions(read_claims(path.parent))


def test_an_unknown_measure_is_named_with_the_nearest_one(tmp_path):
    message = refusal(tmp_path, GOOD.replace("places_agree", "places_agre"))
    assert "paper.yaml, line 5" in message
    assert "'sum'" in message
    assert "did you mean 'places_agree'?" in message


def test_an_unknown_argument_of_a_measure_is_refused(tmp_path):
    message = refusal(tmp_path, GOOD.replace("stated:", "said:"))
    assert "it takes stated" in message


def test_a_tolerance_without_a_reason_is_refused(tmp_path):
    message = refusal(tmp_path, GOOD.replace("expected: true", "expected: 1\n    tolerance: 0.1"))
    assert "tolerance of 0.1 without a reason" in message
    assert "line 5" in message


def test_a_repeated_id_names_both_places(tmp_path):
    body = GOOD.split("claims:\n")[1]
    message = refusal(tmp_path, GOOD + body)
    assert "line 14" in message
    assert "line 5" in message


def test_a_section_that_is_not_in_the_table_of_sections_is_refused(tmp_path):
    assert "section '2'" in refusal(tmp_path, GOOD.replace('section: "1"', 'section: "2"'))


def test_a_mistyped_key_is_named(tmp_path):
    assert "'expcted'" in refusal(tmp_path, GOOD.replace("expected", "expcted"))


def test_a_key_given_twice_is_refused(tmp_path):
    message = refusal(tmp_path, GOOD.replace("    kind:", "    says: Another.\n    kind:"))
    assert "'says' stands twice" in message


def test_a_claim_needs_a_measure_or_the_reason_why_there_is_none(tmp_path):
    without = GOOD.replace("    measure: places_agree\n", "")
    assert "either a measure or the reason" in refusal(tmp_path, without)


@pytest.mark.parametrize("tolerance", ["abc", "null", "-1", ".nan", "true"])
def test_a_tolerance_that_is_no_number_of_at_least_zero_is_refused(tmp_path, tolerance):
    given = f"expected: true\n    tolerance: {tolerance}\n    tolerance_reason: none"
    assert "tolerance" in refusal(tmp_path, GOOD.replace("expected: true", given))


def test_arguments_or_a_caveat_that_are_no_mapping_are_refused(tmp_path):
    assert "'with: 3'" in refusal(tmp_path, GOOD.replace("{stated: {here: 1, there: 1}}", "3"))
    assert "caveat 'so'" in refusal(tmp_path, GOOD + "    caveat: so\n")
    assert "table of sections" in refusal(tmp_path, GOOD.replace('  "1": Introduction\n', ""))


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "\x00", "document: x\nsections: {}\n"])
def test_what_is_no_claims_file_is_refused_in_one_message(tmp_path, text):
    assert "paper.yaml" in refusal(tmp_path, text)


def test_yaml_tags_that_would_run_code_are_refused(tmp_path):
    refusal(tmp_path, GOOD + "extra: !!python/object/apply:os.system [true]\n")


def test_a_document_s_further_files_hold_more_of_its_claims(tmp_path):
    (tmp_path / "claims.yaml").write_text(GOOD, encoding="utf-8")
    further = GOOD[GOOD.index("claims:") :].replace("id: sum", "id: product")
    (tmp_path / "chapter2.yaml").write_text(further, encoding="utf-8")
    assert [claim.id for claim in read_claims(tmp_path)] == ["sum", "product"]
    (tmp_path / "chapter2.yaml").write_text(further.replace("product", "sum"), encoding="utf-8")
    with pytest.raises(ClaimError, match=r"chapter2\.yaml, line 2: the id 'sum' is taken"):
        read_claims(tmp_path)
    (tmp_path / "chapter2.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ClaimError, match=r"chapter2\.yaml: the file has the key 'document'"):
        read_claims(tmp_path)


def test_a_folder_without_claims_is_refused(tmp_path):
    with pytest.raises(ClaimError, match=r"no claims\.yaml"):
        read_claims(tmp_path)


def test_a_relation_that_is_none_and_one_on_no_number_are_refused(tmp_path):
    number = GOOD.replace("expected: true", "expected: 1\n    relation: below")
    assert "has the relation 'below', expected equal, less" in refusal(tmp_path, number)
    word = GOOD.replace("expected: true", "expected: true\n    relation: less")
    assert "not a number" in refusal(tmp_path, word)


def test_a_yaml_bomb_is_refused_before_it_grows(tmp_path):
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "line 15: an alias" in refusal(tmp_path, GOOD + "\n".join(levels))
    assert "expected 1048576 at most" in refusal(tmp_path, GOOD + "#" * (1 << 20))
    assert "nested over 20 deep" in refusal(tmp_path, "[" * 100_000)
