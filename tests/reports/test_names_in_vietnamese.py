"""What experiments call things has a Vietnamese name: variants, metrics, figures, optimizers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Message

from experiments.counterparts import read_counterparts
from language.messages import read_messages
from optim.registry import names, rule
from reports.language import HOLE, LOCALE, Language, language

ROOT = Path(__file__).parents[2]
SUMMARISED = "fair_"  # Of these the report shows a summary alone.
# Texts in the analyses that the report does not show: keys, columns, patterns.
KEYS = {
    "lr", "eps", "beta1", "beta2", "csr", "logistic", "nij,nj->ni", "max", "min", "runs", "group",
    "seed", "variant", "metric", "rate", "valid", "ignore", "times as long", "terms in ", "batch ",
    "*.parquet", "1.parquet", "1 epochs", "(\\S+) x suggested$", "look ahead",
    "cnn accumulators 1", "analyses.cnn accumulators.optimizers",
}  # fmt: skip
# Templates of the analyses whose holes take words: the words, and what comes out.
WORDS = {"first", "last", "signal", "maximum", "losses", "weight norms", "pure noise"}
FINISHED = {
    "1 by epoch": {"median of sqrt(s) by epoch", "median effective rate by epoch"},
    "distribution of sqrt(s) after the 1 epoch": {
        "distribution of sqrt(s) after the first epoch",
        "distribution of sqrt(s) after the last epoch",
    },
    "1 through layers": {"signal through layers", "gradient through layers"},
    "a local 1": {"a local minimum", "a local maximum"},
    "marked a 1 at 1": {
        "marked a global minimum at 0", "marked a local minimum at 1", "marked a saddle point at 0",
    },
    "1 (median)": {"train loss (median)", "test loss (median)", "weight norm (median)"},
    "1 by weight decay": {"losses by weight decay", "weight norms by weight decay"},
    "1 gradient": {"constant gradient", "pure noise gradient"},
    "step length with1 bias correction": {
        "step length with bias correction", "step length without bias correction",
    },
    "1 at the end": {
        "train loss at the end (median)", "test loss at the end (median)",
    },
}  # fmt: skip
# Names that the code puts together of words that do not stand side by side in it.
COMPOSED = re.compile(
    r"section .*|without eps .*|(balls|Numba|SymPy|torch) meaning|test (auc|f1)|whole test .*"
    r"|or more documents|marked a global minimum at|pure noise gradient"
    r"|(convert|open|read|train) \w+( \w+)?|(adagrad|sgd) runs( together)?|document (adagrad|sgd)"
    r"|one \w+ run( against .*)?"
)


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return [message for message in read_messages(LOCALE / "vi.names.po") if message.id]


@pytest.fixture
def vietnamese() -> Language:
    """A language of its own, which remembers what it was asked in vain."""
    return language.__wrapped__("vi")


def called() -> Iterator[str]:
    """Every name written down in the configuration and the counterparts, as it is looked up."""
    for path in sorted((ROOT / "config/experiments").glob("*.yaml")):
        ((experiment, protocol),) = yaml.safe_load(path.read_text("utf-8"))["experiments"].items()
        yield from protocol.get("left_out", {}).values()
        optimizers = protocol.get("optimizers")
        if not experiment.startswith(SUMMARISED) and isinstance(optimizers, dict):
            yield from (name for variants in optimizers.values() for name in variants)
    for entry in read_counterparts():
        yield from (entry.item, entry.section)
        if entry.section[0].isdigit():
            yield f"section {entry.section}"
        for wanted in entry.results:
            yield from (name.replace("_", " ") for _column, name in wanted.chosen)
    yield from (rule(name).title for name in names())


def test_every_name_that_is_written_down_has_vietnamese(vietnamese: Language) -> None:
    asked = set(called())
    assert len(asked) > 200
    for name in asked:
        vietnamese.name(name)
    assert vietnamese.unknown == set()


def in_analyses() -> Iterator[str]:
    """Every text in the analyses but docstrings, errors, declarations; 1 for what is filled in."""
    for path in sorted((ROOT / "experiments/analyses").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        left_out: set[int] = set()
        for node in ast.walk(tree):
            declares = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
                "PROTOCOL", "DATASET", "RUNS", "NAME",
            )  # fmt: skip
            says = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if declares or says or isinstance(node, ast.Raise):
                left_out |= set(map(id, ast.walk(node)))
            elif isinstance(node, ast.Subscript):
                left_out |= set(map(id, ast.walk(node.slice)))
            elif isinstance(node, ast.JoinedStr):
                left_out |= set(map(id, ast.walk(node))) - {id(node)}
        for node in ast.walk(tree):
            if id(node) in left_out:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(
                    getattr(part, "value", "1") if isinstance(part, ast.Constant) else "1"
                    for part in node.values
                )


def test_every_name_that_an_analysis_writes_has_vietnamese(vietnamese: Language) -> None:
    """Where this fails on a key that no reader sees: it belongs into KEYS."""
    for text in in_analyses():
        vietnamese.name(text.replace("_", " "))
    assert vietnamese.unknown - WORDS - KEYS - set(FINISHED) == set()
    vietnamese.unknown.clear()
    for finished in FINISHED.values():
        for name in finished:
            vietnamese.name(name)
    assert vietnamese.unknown == set()


def written() -> Iterator[str]:
    """Every text and name of the sources and of the configuration."""
    rooms = ("experiments", "optim", "proofs", "claims", "reports", "data", "workflow")
    for room in (*rooms, "benchmarks"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.stem
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield str(getattr(node, "value", "")) if isinstance(node, ast.Constant) else ""
                yield from (str(getattr(node, key, "") or "") for key in ("id", "arg"))
    for room in ("experiments", "config", "claims", "reports", "workflow"):
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".yaml", ".yml", ".j2"):
                yield path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_name_is_of_what_nothing_is_called_any_more(messages: list[Message]) -> None:
    source = " ".join(" ".join(written()).replace("_", " ").split())
    obsolete = [
        message.id
        for message in messages
        for piece in HOLE.split(message.id)[::2]
        for clause in re.split(r"[,:;()/]", piece.replace("_", " "))
        if clause.strip() not in source and not COMPOSED.fullmatch(clause.strip())
    ]
    assert obsolete == []


def test_a_new_variant_without_vietnamese_would_be_seen(vietnamese: Language) -> None:
    assert vietnamese.name("rate 0.1, sunspots 11") == "tốc độ học 0,1, sunspots 11"
    assert vietnamese.unknown == {"sunspots 11"}


def test_a_name_of_several_parts_is_put_together(vietnamese: Language) -> None:
    assert vietnamese.name("momentum 0.9, 0.5 of the limit") == "động lượng 0,9, 0,5 lần giới hạn"
    assert vietnamese.name("section 2.2") == "mục 2.2"
    assert vietnamese.unknown == set()


def test_every_translation_has_the_numbers_of_its_name(messages: list[Message]) -> None:
    assert len(messages) > 500
    for message in messages:
        holes = {hole.removeprefix("#") for hole in HOLE.findall(message.string)}
        assert message.string.strip(), message.id
        assert holes == set(HOLE.findall(message.id)), message.id
