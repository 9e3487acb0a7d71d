"""The ledger in Vietnamese: every text there is, filled in as the English one, and nothing over."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po
from click.testing import CliRunner

import claims
from claims.__main__ import main
from claims.claim import read_claims
from claims.completeness import faults
from claims.ledger import judge
from claims.translation import LOCALE, catalogues
from language.catalogue import PART
from proofs.verdict import FINDINGS, Place, Verdict, write_verdicts

ROOM = Path(claims.__file__).parent
DOCUMENTS = sorted(path.parent for path in ROOM.glob("*/claims.yaml"))
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

PAPER = """\
document: paper
sections: {"1": Introduction}
claims:
  - id: product
    section: "1"
    says: The product is 1,234.5.
    kind: number
    measure: arithmetic
    with: {formula: a * b, given: {a: 2469, b: 0.5}}
    expected: 1234.5
    holds: $a times $b is $calculated.
    fails: It is $calculated.
  - id: places
    section: "1"
    says: Both places agree.
    kind: consistency
    measure: places_agree
    with: {stated: {the prose: 0.5, the table: one half}}
    expected: true
    holds: They do ($places).
    fails: They do not ($places).
  - id: run
    section: "1"
    says: It was run.
    kind: number
    measure: final_value
    with: {experiment: x, optimizer: sgd, variant: v, metric: m}
    expected: 1
    holds: So it is.
    fails: So it is not.
"""
HEADER = 'msgid ""\nmsgstr "Language: vi\\nContent-Type: text/plain; charset=utf-8\\n"\n'
VIETNAMESE = {
    "The product is 1,234.5.": "Tích là 1.234,5.",
    "$a times $b is $calculated.": "$calculated là $a nhân $b.",
    "It is $calculated.": "Nó là $calculated.",
    "Both places agree.": "Hai chỗ khớp nhau.",
    "They do ($places).": "Đúng vậy ($places).",
    "They do not ($places).": "Không phải vậy ($places).",
    "the prose": "lời văn",
    "the table": "bảng",
    "one half": "một nửa",
    "It was run.": "Nó đã được chạy.",
    "So it is.": "Đúng vậy.",
    "So it is not.": "Không phải vậy.",
}


def paper(folder: Path, translated: dict[str, str]) -> Path:
    """A document with its catalogue."""
    (folder / "locale").mkdir(parents=True)
    (folder / "claims.yaml").write_text(PAPER, encoding="utf-8")
    entries = (f'msgid "{text}"\nmsgstr "{vi}"\n' for text, vi in translated.items())
    (folder / "locale" / "vi.po").write_text("\n".join([HEADER, *entries]), encoding="utf-8")
    return folder


def vietnamese(folder: Path, name: str) -> dict:
    claim = next(claim for claim in read_claims(folder) if claim.id == name)
    return dict(judge(claim, folder, {}, catalogues(folder)).translations["vi"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
@pytest.mark.slow
def test_every_text_of_a_document_s_claims_has_its_translation(document: Path):
    assert faults(document, read_claims(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_translation_holds_the_numbers_of_its_text(document: Path):
    """804,414 and 0.24 are 804.414 and 0,24: the same digits in the same groups."""
    with (document / "locale" / "vi.po").open("rb") as file:
        messages = [message for message in read_po(file, abort_invalid=True) if message.id]
    differing = {m.id: m.string for m in messages if digits(m.id) != digits(m.string)}
    assert differing == {}


def digits(text: str) -> set[str]:
    return {re.sub("[.,]", "", number) for number in NUMBER.findall(text)}


def test_numbers_stand_in_a_vietnamese_sentence_as_vietnamese_writes_them(tmp_path: Path):
    """By hand: 2,469 times 0.5 is 1,234.5, which four significant digits make 1,234 (to even)."""
    told = vietnamese(paper(tmp_path, VIETNAMESE), "product")
    assert told["statement"] == "Tích là 1.234,5."
    assert told["explanation"] == "1234 là 2.469 nhân 0,5."
    assert told["tolerance_reason"] == "đòi hỏi bằng nhau chính xác"
    assert told["words"]["calculated"] == "tính được"


def test_what_a_document_states_at_its_places_is_translated_within_the_sentence(tmp_path: Path):
    told = vietnamese(paper(tmp_path, VIETNAMESE), "places")
    places = "lời văn: 0,5; bảng: một nửa"
    assert told["explanation"] == f"Không phải vậy ({places})."
    assert told["words"]["0.5 in the prose; one half in the table"] == places


def test_a_result_that_is_not_there_is_told_in_vietnamese(tmp_path: Path):
    told = vietnamese(paper(tmp_path, VIETNAMESE), "run")
    missing = tmp_path / "runs/x/sgd.parquet"
    assert told["explanation"] == (
        f"không đo được: thiếu {missing}; "
        "tạo nó bằng 'snakemake --cores all results/runs/x/sgd.parquet'"
    )


def test_a_sentence_without_translation_stays_english_alone(tmp_path: Path):
    lacking = {text: vi for text, vi in VIETNAMESE.items() if not text.startswith("$a times")}
    told = vietnamese(paper(tmp_path, lacking), "product")
    assert told["statement"] == "Tích là 1.234,5."
    assert "explanation" not in told


def test_a_document_without_a_catalogue_is_judged_as_before(tmp_path: Path):
    folder = paper(tmp_path, {})
    shutil.rmtree(folder / "locale")
    claim = read_claims(folder)[0]
    found = judge(claim, folder, {}, catalogues(folder))
    assert found.finding == "reproduced"
    assert set(found.translations["vi"]) == {"tolerance_reason", "words"}


def test_a_proof_s_explanation_comes_in_the_proof_s_own_translation(tmp_path: Path):
    texts = {"explanation": "Bằng đại số.", "tolerance_reason": "chính xác", "words": {"q": "t"}}
    proof = Verdict(
        "section-1-gradient-of-the-bowl", "s", Place("d", "1"), "reproduced", "exact", {"q": "q"},
        "By the algebra.", tolerance_reason="exact", translations={"vi": texts},
    )  # fmt: skip
    write_verdicts([proof], tmp_path / "proofs" / "verdicts.json")
    cited = {c.id: c for folder in DOCUMENTS for c in read_claims(folder)}
    claim = cited["gradient-of-the-paraboloid"]
    assert claim.holds == "$explanation"
    told = judge(claim, tmp_path, {}, catalogues(DOCUMENTS[0])).translations["vi"]
    assert told["explanation"] == "Bằng đại số."
    assert told["tolerance_reason"] == "chính xác"
    assert told["words"]["q"] == "t"
    assert told["words"]["By the algebra."] == "Bằng đại số."


def test_what_is_missing_obsolete_or_filled_in_otherwise_is_named(tmp_path: Path):
    wrong = VIETNAMESE | {"It is $calculated.": "Nó là $found.", "Once said.": "Từng nói."}
    del wrong["one half"]
    folder = paper(tmp_path, wrong)
    po = folder / "locale" / "vi.po"
    assert faults(folder, read_claims(folder)) == [
        f"{po}: missing, places: one half",
        f"{po}: obsolete, no claim says it: Once said.",
        f"{po}: other names, product: It is $calculated. has $calculated, its translation $found",
    ]
    listed = CliRunner().invoke(main, ["translations", str(folder)])
    assert listed.exit_code == 1
    assert "missing, places: one half" in listed.output
    assert "3 faults in translations" in listed.output


def test_a_document_all_translated_is_said_to_be(tmp_path: Path):
    folder = paper(tmp_path, VIETNAMESE)
    listed = CliRunner().invoke(main, ["translations", str(folder)])
    assert listed.exit_code == 0
    assert "every text has its translations" in listed.output


def test_a_file_that_is_no_catalogue_is_refused_by_its_name(tmp_path: Path):
    folder = paper(tmp_path, VIETNAMESE)
    (folder / "locale" / "vi.po").write_text("no catalogue\n", encoding="utf-8")
    listed = CliRunner().invoke(main, ["translations", str(folder)])
    assert listed.exit_code == 1
    assert "vi.po: not a catalogue of translations" in listed.output


STATISTIC = """\
document: paper
sections: {"1": Introduction}
claims:
  - id: statistic
    section: "1"
    says: There are three.
    kind: number
    measure: data_statistic
    with: {dataset: rcv1, path: rows}
    expected: 3
    holds: There are $found.
    fails: There are $found.
"""


def test_where_the_data_are_from_is_told_in_vietnamese(tmp_path: Path):
    (tmp_path / "claims.yaml").write_text(STATISTIC, encoding="utf-8")
    statistics = tmp_path / "data/rcv1/statistics.json"
    statistics.parent.mkdir(parents=True)
    statistics.write_text('{"rows": 3}', encoding="utf-8")
    note = (
        "not the official split: 27,613 distinct documents, the first 23,149 for training; "
        "without the topics MCAT and M143"
    )
    source = {"name": "rcv1", "kind": "mirror", "source": "mirror folder: rcv1/a.npz", "note": note}
    claim = read_claims(tmp_path)[0]
    found = judge(claim, tmp_path, {"rcv1": source}, catalogues(tmp_path))
    assert found.translations["vi"]["words"][found.provenance["data"]] == (
        "rcv1: bản sao, thư mục bản sao: rcv1/a.npz (không phải phép chia chính thức: 27.613 văn "
        "bản khác nhau, 23.149 hàng đầu để huấn luyện; không có các chủ đề MCAT và M143)"
    )


OWN = catalogues(DOCUMENTS[0])["vi"]


def raised() -> Iterator[str]:
    """Every message of a missing result that the room can raise, with "x" for what varies."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "MissingResult":
                yield literal(node.args[0])


def literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), ast.unparse(node)
    return "".join(literal(v) if isinstance(v, ast.Constant) else "x" for v in node.values)


def test_every_reason_for_a_missing_result_can_be_told_in_vietnamese():
    messages = list(raised())
    assert len(messages) >= 14
    assert [message for message in messages if OWN.text(message) is None] == []


def named_in(key: str, value: object) -> Iterator[str]:
    """Every text that stands under a key of a claims file."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == key:
                yield from (str(p) for p in (part if isinstance(part, list) else [part]))
            yield from named_in(key, part)
    elif isinstance(value, list):
        for part in value:
            yield from named_in(key, part)


FILES = [
    yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    for folder in DOCUMENTS
    for path in sorted(folder.glob("*.yaml"))
]
ELSEWHERE = [
    ROOM.parent / "optim" / "verification.py",
    *(ROOM.parent / "data").rglob("*.py"),
]
"""What says with what a rule was compared, and where data are from."""
RULES = {"adagrad", "adam", "rmsprop", "adagrad_decay", "adagrad_reset"}


def is_word(text: str) -> bool:
    return re.search("[^\\W\\d_]{2}", text) is not None and text not in ("True", "False")


@pytest.mark.parametrize("key", ["expected", "relation", "variants", "statistic"])
def test_words_that_claims_compare_with_are_known_in_vietnamese(key: str):
    words = {text for file in FILES for text in named_in(key, file)} - RULES - set(FINDINGS)
    assert words
    assert [word for word in words if is_word(word) and OWN.text(word) is None] == []


def test_names_of_given_numbers_are_known_in_vietnamese():
    given = [part for file in FILES for part in mappings("given", file)]
    words = {name for numbers in given for name in numbers if is_word(name)}
    assert "rate" in words
    assert [word for word in words if OWN.text(word) is None] == []


def mappings(key: str, value: object) -> Iterator[dict]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from [part] if name == key else mappings(key, part)
    elif isinstance(value, list):
        for part in value:
            yield from mappings(key, part)


def test_no_translation_of_our_own_is_of_what_nothing_says():
    source = " ".join(
        path.read_text(encoding="utf-8").replace("_", " ")
        for path in [*ROOM.rglob("*.py"), *ROOM.rglob("*.yaml"), *ELSEWHERE]
    )
    source = re.sub(r'"\s*\n\s*f?"', "", source)
    with (LOCALE / "vi.po").open("rb") as file:
        messages = [str(message.id) for message in read_po(file, abort_invalid=True) if message.id]
    pieces = {message: PART.split(message)[::2] for message in messages}
    unsaid = [
        message
        for message in messages
        for piece in pieces[message]
        if not all(clause.strip() in source for clause in re.split("[,:;()]", piece))
    ]
    assert unsaid == []
