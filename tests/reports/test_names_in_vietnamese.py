"""What experiments call things has a Vietnamese name: variants, metrics, figures, optimizers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Message

from experiments.counterparts import read_counterparts
from optim.registry import names, rule
from reports.language import HOLE, Language, language, read_catalogue

ROOT = Path(__file__).parents[2]
SUMMARISED = "fair_"  # Of these the report shows a summary alone.


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return [message for message in read_catalogue("vi.names.po") if message.id]


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
