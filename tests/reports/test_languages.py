"""The report in two languages: nothing is left untranslated, and numbers are written as each does.

Two nets. What Babel extracts is in the catalogue; and in a pseudo-language, which puts every text
that it has a translation for in brackets, no word of page or paper stands outside of brackets,
unless it is a string of the results.
"""

from __future__ import annotations

import base64
import gettext
import json
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import yaml
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from page import Page
from render_steps import make
from reporting import linear_runs, verdict, write_json, write_runs
from test_comparison import SUMMARY
from test_performance import MEASURED

import reports
from language.messages import read_messages, texts
from reports import figures
from reports.interactive import CHARTS, LIBRARY
from reports.language import (
    HOLE,
    LOCALE,
    Language,
    _,
    language,
    named,
    using,
)
from reports.number import read_numbers
from reports.page import render_html
from reports.references import references
from reports.render import render_tex
from reports.results import read_results
from workflow.configuration import check_schema

ROOT = Path(reports.__file__).parent
MARKUP = re.compile(r"%\(\w+\)s|</?\w[^>]*>")


def extracted() -> dict[str, str]:
    """Message -> plural form ("" for none) of everything that `babel.cfg` finds."""
    path = LOCALE / "babel.cfg"
    with path.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, str(path))
    own = parse_keywords(re.findall(r"-k (\S+)", path.read_text(encoding="utf-8")))
    keywords = DEFAULT_KEYWORDS | own
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    return {
        message if isinstance(message, str) else message[0]: ""
        if isinstance(message, str)
        else message[1]
        for _file, _line, message, _comments, _context in found
    }


def holes(text: str) -> Counter[str]:
    return Counter([*HOLE.findall(text), *MARKUP.findall(text)])


@pytest.fixture(scope="module")
def messages() -> dict[str, str]:
    return extracted()


def test_every_message_is_translated_and_no_other(messages: dict[str, str]) -> None:
    catalogue = read_messages(LOCALE / "vi.po")
    entries = {one.id[0] if isinstance(one.id, tuple) else one.id: one for one in catalogue}
    entries.pop("")
    assert len(messages) > 300
    assert set(messages) - set(entries) == set()
    assert set(entries) - set(messages) == set()
    assert not catalogue.obsolete
    for message, entry in entries.items():
        said = entry.string[0] if isinstance(entry.string, tuple) else entry.string
        assert said, message
        assert not entry.fuzzy, message
        assert holes(said) == holes(message), message


def test_names_keep_their_numbers() -> None:
    catalogue = read_messages(LOCALE / "vi.names.po")
    assert not catalogue.obsolete
    entries = [entry for entry in catalogue if entry.id]
    assert len(entries) > 500
    for entry in entries:
        assert entry.string, entry.id
        assert not entry.fuzzy, entry.id
        kept = Counter(hole.lstrip("#") for hole in HOLE.findall(entry.string))
        assert kept == Counter(HOLE.findall(entry.id)), entry.id


class InBrackets(gettext.NullTranslations):
    """Every message that is in the catalogue, in brackets."""

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__()
        self._known = known

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧" if message in self._known else message

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many) if one in self._known else many


@pytest.fixture(scope="module")
def pseudo(messages: dict[str, str]) -> Language:
    """A language that brackets what it has a translation for."""
    plurals = {many: "" for many in messages.values() if many}
    names = texts(read_messages(LOCALE / "vi.names.po"))
    return Language(
        "vi",
        InBrackets({**messages, **plurals}),
        {message: f"⟦{message}⟧" for message in messages},
        {name: f"⟦{name}⟧" for name in names},
    )


class Told(HTMLParser):
    """What a page says: its text in order, and the attributes that are read out."""

    SAID = ("aria-label", "title", "alt", "placeholder", "data-words", "data-label", "content")
    NOT_WORDS = ("script", "style", "math", "code", "data", "cite")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.attributes: list[str] = []
        self._within: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.NOT_WORDS:
            self._within.append(tag)
        if tag != "meta":
            self.attributes += [value or "" for name, value in attributes if name in self.SAID]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.text.append(data)


def outside(text: str) -> str:
    """What stands outside of all brackets."""
    depth, kept = 0, []
    for letter in text:
        if letter == "⟧":
            depth -= 1
            kept.append(" ")
        depth += letter == "⟦"
        assert depth >= 0, text
        if not depth and letter != "⟧":
            kept.append(letter)
    assert depth == 0, text
    return "".join(kept)


SHOWN_KEYS = ("measured", "provenance", "packages", "arguments", "sha256")
"""Objects of the results whose keys are shown too."""


def strings(value: object, keys: bool = False) -> Iterator[str]:
    """Every string of a JSON value, and its keys where these are shown."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from (key, key.replace("_", " ")) if keys else ()
            yield from strings(item, keys or key in SHOWN_KEYS)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, keys)
    elif isinstance(value, str):
        yield from (value, value.partition(":")[0])


def words_of_results(results: Path) -> set[str]:
    """All strings of the results, the names and sources of numbers, and of the references."""
    found: set[str] = {"RCV1", "SGD", "Adagrad", "Fashion-MNIST", "SHA-256", "UTC"}
    found |= {"CSV", "LaTeX", "SVG", "PDF"}
    for path in results.rglob("*.json"):
        if "report" not in path.parts:
            read = json.loads(path.read_text(encoding="utf-8"))
            found |= set(strings(read, keys=path.name == "provenance.json"))
    for name, entry in json.loads((results / "report/numbers.json").read_text()).items():
        found |= {name, entry["source"]}
    for path in results.rglob("*.parquet"):
        rows = pd.read_parquet(path)
        for column in rows.select_dtypes(include=["object", "category"]):
            names = {each for value in rows[column].unique() for each in strings(value)}
            found |= names | {name[:1].upper() + name[1:] for name in names}
    for entry in references():
        found |= {entry.authors, entry.place}
    return {each for each in found if re.search(r"[^\W\d_]{2}", each)}


def leftover(text: str, known: set[str]) -> list[str]:
    """Words outside of brackets that are no string of the results."""
    longest_first = sorted(known, key=len, reverse=True)
    data = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    return re.findall(r"[^\W\d_]{2,}", data.sub(" ", " ".join(outside(text).split())))


@pytest.fixture(scope="module")
def whole(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results in which every section of the report has something to tell."""
    root = tmp_path_factory.mktemp("whole") / "results"
    shutil.copytree(rendered.parent, root)
    for optimizer in ("sgd", "adagrad"):
        write_runs(root, "cnn", optimizer, [linear_runs("cnn", optimizer, "as printed", 0.1, 0.3)])
    write_json(root / "comparison.json", SUMMARY)
    write_json(root / "benchmarks/linear_engine.json", MEASURED)
    make(root, "numbers")
    return root


@pytest.fixture(scope="module")
def drawn(whole: Path, pseudo: Language, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Figures in the pseudo-language: every third, which are of every kind."""
    folder = tmp_path_factory.mktemp("pseudo")
    for name in (CHARTS, LIBRARY):
        shutil.copy(whole / "report/figures" / name, folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "language", lambda _code: pseudo)
        names = figures._draw_share(whole, folder, "vi", 0, 3)
    (folder / "index.json").write_text(json.dumps(names[::3]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def page(whole: Path, drawn: Path, pseudo: Language) -> str:
    with using(pseudo):
        return render_html(read_results(whole), read_numbers(whole / "report/numbers.json"), drawn)


@pytest.mark.slow
def test_no_word_of_the_page_passes_by_the_translations(whole: Path, page: str) -> None:
    told, known = Told(page), words_of_results(whole)
    assert len(told.text) > 1000
    assert leftover(" ".join(told.text), known) == []
    for said in told.attributes:
        assert leftover(said, known) == [], said


@pytest.mark.slow
def test_what_a_number_is_said_to_be_is_translated_too(whole: Path, page: str) -> None:
    packed = re.search(r'id="number-table">([^<]*)<', page)
    assert packed
    table = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    known = words_of_results(whole)
    assert len(table["numbers"]) > 100
    for computed, _unit, _source in table["numbers"].values():
        assert leftover(computed, known) == []


CHARACTERS = {
    "-{}": "-", "{[}": "[", r"\textbackslash{}": "\\", r"\textless{}": "<", "~": " ",
    r"\textgreater{}": ">", r"\textquotedbl{}": '"', r"\textasciicircum{}": "^", r"\{": "{",
    r"\}": "}", r"\_": "_", r"\&": "&", r"\%": "%", r"\#": "#", r"\$": "$",
}  # fmt: skip
NOT_SAID = re.compile(
    r"\\fitted\{\\begin\{aligned\}.*?\\end\{aligned\}\}|\{\\ttfamily [^\n]*?\}(?=[^{}\w]|$)"
    r"|\\(?:includegraphics|begin|end|cite|thenumber|color|parbox|foreignlanguage|captionof"
    r"|bibliography\w*)(?:\[[^]]*\])?\{[^}]*\}|\\addlinespace\[[\w.]+\]|\\roomfor\{\w+\}"
    r"|\\[a-zA-Z]+\*?",
    re.DOTALL | re.MULTILINE,
)


def words_of_paper(tex: str) -> str:
    """What the paper's body says outside of brackets, without commands, formulae and paths."""
    body = outside(tex.split(r"\begin{document}")[1].replace(r"\allowbreak{}", ""))
    body = "\n".join(line for line in body.splitlines() if not line.startswith((">{", "@{}")))
    for written, character in CHARACTERS.items():
        body = body.replace(written, character)
    return NOT_SAID.sub(" ", body)


def test_no_word_of_the_paper_passes_by_the_translations(whole: Path, pseudo: Language) -> None:
    report = whole / "report"
    with using(pseudo):
        tex = render_tex(
            read_results(whole), read_numbers(report / "numbers.json"), report / "figures",
            report / "report.tex",
        )  # fmt: skip
    told = words_of_paper(tex)
    assert len(told) > 4000
    assert leftover(told, words_of_results(whole)) == []


def vietnamese(rendered: Path, folder: Path, *commands: str) -> Path:
    """The same results in Vietnamese, with the figures as they were drawn."""
    folder.mkdir()
    shutil.copy(rendered / "numbers.json", folder)
    shutil.copytree(rendered / "figures", folder / "figures")
    return make(rendered.parent, *commands, out=folder, language="vi")


def test_numbers_and_dates_are_written_as_vietnamese_does(rendered: Path, tmp_path: Path) -> None:
    folder = vietnamese(rendered, tmp_path / "vi", "html", "tex")
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert ("html", {"lang": "vi"}) in page.elements
    shown = {name: (value, text) for name, value, text in page.shown}
    value, text = shown["rcv1.adagrad.as-printed.train-loss.median"]
    assert (float(value), text) == (pytest.approx(0.054), "0,0540")
    assert shown["data.rcv1.features"] == ("47236", "47.236")
    assert "Thời điểm đo: 3:08 UTC, 2 tháng 1, 2026." in page.text
    assert "Adagrad thắng SGD trên RCV1" in page.text
    macros = (folder / "numbers.tex").read_text(encoding="utf-8")
    assert r"\setnumber{rcv1.adagrad.as-printed.train-loss.median}{0,0540}" in macros
    assert r"\setnumber{data.rcv1.features}{47.236}" in macros
    paper = (folder / "report.tex").read_text(encoding="utf-8")
    assert r"\babelprovide[import, main]{vietnamese}" in paper


@pytest.mark.slow
def test_a_text_is_marked_as_english_exactly_where_a_result_brings_no_translation(
    results: Path,
) -> None:
    plain, translated = verdict("plain", "refuted", "exact"), verdict("told", "refuted", "exact")
    translated["translations"] = {"vi": {"statement": "Mệnh đề được nói."}}
    (results / "claims/ledger.json").write_text(json.dumps([plain, translated]), encoding="utf-8")
    make(results, "numbers")
    html = (make(results, "html", language="vi") / "report.html").read_text(encoding="utf-8")
    assert '<span class="said"><span lang="en">The statement plain.</span></span>' in html
    assert '<span class="said">Mệnh đề được nói.</span>' in html
    assert "The statement told." not in html
    english = (make(results, "html") / "report.html").read_text(encoding="utf-8")
    assert '<span lang="en">' not in english


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("as printed, batch 16", "như in trong tài liệu, lô 16"),
        ("rate 0.05", "tốc độ học 0,05"),
        ("section 3.6, table 2", "mục 3.6, bảng 2"),
        ("23,149", "23.149"),
        ("median over 5 seeds of train_loss after epoch 3, adam, as printed", None),
        ("no word of this is known", "no word of this is known"),
        ("{0}", "{0}"),
        ("batch {0}", "batch {0}"),
    ],
)
def test_names_of_results_are_told_by_their_parts(english: str, said: str | None) -> None:
    with using(language("vi")):
        found = named(english)
    if said is None:
        assert found.startswith("trung vị qua 5 hạt giống của ")
        assert "after epoch" not in found
    else:
        assert found == said
    assert named(english) == english


def test_a_part_in_another_language_is_never_searched_for_holes() -> None:
    with using(language("vi")):
        assert _("Paths on {function}", function="{rcv1.epochs}") == "Đường đi trên {rcv1.epochs}"


def test_a_language_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="no language 'fr'; there are: en, vi"):
        language("fr")


def test_the_configuration_refuses_another_language_and_says_which_there_are() -> None:
    config = yaml.safe_load((ROOT.parent / "config/config.yaml").read_text(encoding="utf-8"))
    check_schema(config)
    config["report"]["language"] = "vn"
    with pytest.raises(ValueError, match=r"report\.language: there is no 'vn'; known are: en, vi"):
        check_schema(config)
