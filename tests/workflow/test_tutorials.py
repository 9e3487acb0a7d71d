"""The tutorials are played: what a page has written is written, and gives what the page shows."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from documents import ROOT, blocks

import data
from claims.__main__ import main as claims_main
from data import registry as datasets
from data.__main__ import main as data_main
from experiments.__main__ import main as experiments_main
from grading import translation as grading_translation
from language.messages import read_messages, texts
from optim import registry as rules
from proofs import exercises
from proofs.__main__ import main as proofs_main


def page(name: str, language: str) -> list[str]:
    """The blocks of a tutorial in one language, in their order."""
    found = blocks(ROOT / "docs" / "tutorials" / f"{name}.md")
    return ["\n".join(block.lines) + "\n" for block in found if block.language == language]


def printed(main, *arguments: str) -> str:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def bundled(name: str) -> bytes:
    """A file that scikit-learn brings along."""
    package = importlib.util.find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).with_name("datasets").joinpath("data", name).read_bytes()


def test_a_claim_is_measured_as_the_page_shows(tmp_path, monkeypatch) -> None:
    claims, _documents = page("add-a-claim", "yaml")
    checked, listed, explained = page("add-a-claim", "text")
    for rule in ("adagrad", "sgd"):
        table = tmp_path / "results" / "runs" / "quadratics" / f"{rule}.parquet"
        table.parent.mkdir(parents=True, exist_ok=True)
        printed(experiments_main, "run", "quadratics", rule, "--output", table)
    monkeypatch.chdir(tmp_path)
    Path("my-note").mkdir()
    Path("my-note/claims.yaml").write_text(claims, encoding="utf-8")
    Path("results/data").mkdir()
    Path("results/data/manifest.json").write_text("{}", encoding="utf-8")
    assert printed(claims_main, "check", "my-note") == checked
    assert printed(claims_main, "ledger", "my-note", "--output", "ledger.json") == listed
    ledger = json.loads(Path("ledger.json").read_text(encoding="utf-8"))
    assert "\n".join(claim["explanation"] for claim in ledger) + "\n" == explained


@pytest.fixture
def coasting(tmp_path, monkeypatch):
    """The module of the page's exercise, found beside the others."""
    source, *_ = page("add-an-exercise", "python")
    (tmp_path / "coasting.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(exercises, "__path__", [*exercises.__path__, str(tmp_path)])
    return importlib.import_module("proofs.exercises.coasting")


def test_an_exercise_is_proved_and_broken_as_the_page_says(coasting, monkeypatch, tmp_path) -> None:
    _source, damped, mutation = page("add-an-exercise", "python")
    (shown,) = page("add-an-exercise", "text")
    only = proofs_main.params[2]
    monkeypatch.setattr(only.type, "choices", [*only.type.choices, "coasting"])
    told = printed(proofs_main, "--only", "coasting", "--output", tmp_path / "verdicts.json")
    assert told == shown
    names: dict = {}
    exec(damped, names)
    broken = SimpleNamespace(rule=lambda _: SimpleNamespace(update=names["damped"]))
    assert rules.rule("momentum").update is not names["damped"]
    monkeypatch.setattr(coasting, "registry", broken)
    (verdict,) = coasting.verify(0)
    assert verdict.finding == "refuted"
    assert f'("{verdict.id}",)' in mutation


def test_the_exercise_s_sentences_are_in_the_page_s_catalogue(coasting, tmp_path) -> None:
    (entries,) = page("add-an-exercise", "po")
    catalogue = tmp_path / "vi.po"
    catalogue.write_text(f'msgid ""\nmsgstr "Language: vi\\n"\n\n{entries}', encoding="utf-8")
    (verdict,) = coasting.verify(0)
    assert set(texts(read_messages(catalogue))) == {verdict.statement, verdict.explanation}


def test_a_dataset_is_converted_as_the_page_shows(tmp_path, monkeypatch) -> None:
    source, tried = page("add-a-dataset", "python")
    hashed, told, accuracies = page("add-a-dataset", "text")
    (tmp_path / "breast_cancer.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(data, "__path__", [*data.__path__, str(tmp_path)])
    monkeypatch.setattr(datasets, "_DATASETS", dict(datasets._DATASETS))
    monkeypatch.delitem(sys.modules, "data.breast_cancer", raising=False)
    content = bundled("breast_cancer.csv")
    assert hashed.split() == [hashlib.sha256(content).hexdigest(), "build/mirror/breast_cancer.csv"]
    config = ROOT / "config" / "config.yaml"
    monkeypatch.chdir(tmp_path)
    Path("build/mirror").mkdir(parents=True)
    Path("build/mirror/breast_cancer.csv").write_bytes(content)
    monkeypatch.setenv("REGRAD_DATA_MIRROR", "build/mirror")
    prepared = ("breast-cancer", "--output", "build/breast-cancer", "--config", config)
    with monkeypatch.context() as here:  # not while training, which finds compiled kernels there
        here.setenv("REGRAD_CACHE", "cache")
        assert printed(data_main, "prepare", *prepared) == told
    shown: list[str] = []
    exec(tried, {"print": lambda *values: shown.extend(values)})
    assert shown == accuracies.split()


def test_a_language_says_what_the_page_shows(tmp_path, monkeypatch) -> None:
    (entries,) = page("add-a-language", "po")
    (shown,) = page("add-a-language", "text")
    (tmp_path / "fr.po").write_text(entries, encoding="utf-8")
    monkeypatch.setattr(grading_translation, "LOCALE", tmp_path)
    monkeypatch.setattr(grading_translation, "LANGUAGES", ("en", "fr"))
    french = grading_translation.language("fr")
    grading_translation.language.cache_clear()
    english = (
        "For x = [1], grad = [1], s = [0], lr = 1, eps = 1 your adagrad_step returned x = "
        "[0.2928932188], s = [1]; expected x = [0.5], s = [1]."
    )
    first, *rest = shown.splitlines()
    assert french.sentences(english) == " ".join(line.strip() for line in rest)
    assert first.startswith(french.translations.gettext("partly").upper())
    for text, values in (
        ("of %(points)s", {"points": "1"}),
        ("%(points)s more on inputs that are not shown", {"points": "9"}),
    ):
        assert french.translations.gettext(text) % values in first
