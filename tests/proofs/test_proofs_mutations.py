"""Every check fails when the thing it checks is broken, and its text follows the finding."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml
from chapter_mutations import CHAPTERS
from exercise_mutations import EXERCISES
from mutation import Mutation
from notebook_mutations import NOTEBOOK
from vietnamese import untranslated

from optim import registry
from optim.functions import sign
from optim.rule import Rule
from proofs import discs
from proofs.exercises import gerschgorin, invariance_table, written_proofs
from proofs.exercises.invariance_table import cell, name_of
from proofs.exercises.written_proofs import verdicts_of
from proofs.invariance import TRANSFORMATIONS
from proofs.steps.reading import parse_proof
from proofs.verdict import Verdict

pytestmark = pytest.mark.slow  # every verdict is verified once before

MUTATIONS = CHAPTERS + EXERCISES + NOTEBOOK
BY_NAME = {transformation.name: transformation for transformation in TRANSFORMATIONS}
# Checked by a mutation of their own kind below.
IN_KIND = ("invariance-", "written-")


def test_no_check_lacks_a_mutation(sound: dict[str, Verdict]) -> None:
    turned = {name for mutation in MUTATIONS for name in mutation.turns}
    assert turned == {name for name in sound if not name.startswith(IN_KIND)}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: ", ".join(m.turns))
def test_a_check_turns_when_what_it_checks_is_broken(
    mutation: Mutation, sound: dict[str, Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = mutation.module
    for name, value in mutation.changes.items():
        monkeypatch.setattr(module, name, value)
    if module is discs:  # what an exercise imports from elsewhere
        monkeypatch.setattr(gerschgorin, "ORDERS", (2, 3, 5))
        module = gerschgorin
    broken = {verdict.id: verdict for verdict in module.verify(0)}
    for name in mutation.turns:
        assert broken[name].finding != sound[name].finding, name
        assert broken[name].explanation != sound[name].explanation, name
        assert untranslated(broken[name]) == [], name


# --------------------------------------------------------------- the invariance table, cell by cell


def straight(w, g, lr):
    return w - lr * g


def by_signs(w, g, lr):
    return w - lr * sign(g)


def only_upwards(w, g, lr):
    return w - lr * (g + 1)


def pulled(w, g, lr):
    return w - lr * (g + w * w)


class Uneven:
    """An update that moves every second coordinate it is given twice as far."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, w: Any, g: Any, lr: Any) -> Any:
        self.calls += 1
        return w - lr * g * (1 + self.calls % 2)


UNEVEN = Uneven()


def uneven(w, g, lr):
    return UNEVEN(w, g, lr)


FOLLOWS = {
    "rotation": straight,
    "permutation": straight,
    "sign-flips": straight,
    "loss-scaling": by_signs,
    "translation": straight,
}
BREAKS = {
    "rotation": by_signs,
    "permutation": uneven,
    "sign-flips": only_upwards,
    "coordinate-scaling": straight,
    "loss-scaling": straight,
    "translation": pulled,
}


def replaced(name: str, update: Any) -> Rule:
    """A rule of the same name, without state, with another update."""
    return Rule(name, registry.rule(name).title, update, (), {"lr": 0.1}, "none")


@pytest.mark.parametrize("name", registry.names())
@pytest.mark.parametrize("transformation", sorted(BY_NAME))
def test_every_cell_of_the_invariance_table_turns_with_its_rule(
    name: str, transformation: str, sound: dict[str, Verdict]
) -> None:
    of = BY_NAME[transformation]
    before = sound[name_of(registry.rule(name), of)]
    if before.finding == "refuted":
        if transformation == "coordinate-scaling":
            other = dataclasses.replace(registry.rule("newton"), name=name)
        else:
            other = replaced(name, FOLLOWS[transformation])
    else:
        other = replaced(name, BREAKS[transformation])
    # `uneven` looks elsewhere: the laws of the kinds say nothing of it, a trajectory does.
    after = cell(other, of)[0]
    assert after.id == before.id
    assert {before.finding, after.finding} == {"reproduced", "refuted"}
    assert after.explanation != before.explanation
    assert untranslated(after) == []


def test_a_cell_mended_by_a_zero_is_not_mended_for_a_broken_rule(
    sound: dict[str, Verdict],
) -> None:
    mended = [name for name in sound if name.startswith("invariance-") and "-without-" in name]
    assert mended
    for name in mended:
        rule, _, rest = name.removeprefix("invariance-").partition("-")
        transformation = BY_NAME[rest.partition("-without-")[0]]
        other = replaced(rule, BREAKS[transformation.name])
        assert name not in {verdict.id for verdict in cell(other, transformation)}


def test_the_table_is_that_of_the_rules_that_train() -> None:
    assert {v.id for v in invariance_table.verify(0)} >= {
        name_of(registry.rule(name), of) for name in registry.names() for of in BY_NAME.values()
    }


# --------------------------------------------------------------- the written proofs, line by line


def broken_at(path: Path, number: int) -> bytes:
    """The proof with its step of that number (0: the conclusion) said wrongly."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if number == 0:
        content["prove"] = f"not ({content['prove']})"
    else:
        step = content["steps"][number - 1]
        (link,) = set(step) - {"because", "using"}
        if link == "=>" or "=" in step[link].replace("!=", "").replace("==", ""):
            step[link] = f"not ({step[link]})"
        elif link == "have":
            step[link] = f"({step[link]}) / 0"
        else:
            step[link] = f"({step[link]}) - 1" if link == "<=" else f"({step[link]}) + 1"
    return yaml.safe_dump(content, sort_keys=False).encode()


def steps_of_written_proofs() -> list[tuple[Path, int]]:
    found = []
    for path in sorted(written_proofs.FOLDER.glob("*.yaml")):
        count = len(yaml.safe_load(path.read_text(encoding="utf-8"))["steps"])
        found += [(path, number) for number in range(count + 1)]
    return found


@pytest.mark.parametrize(
    ("path", "number"), steps_of_written_proofs(), ids=lambda x: getattr(x, "stem", str(x))
)
def test_every_line_of_a_written_proof_turns_when_it_is_said_wrongly(
    path: Path, number: int, sound: dict[str, Verdict]
) -> None:
    name = f"written-{path.stem.replace('_', '-')}-" + (
        f"step-{number}" if number else "conclusion"
    )
    broken = {v.id: v for v in verdicts_of(path.stem, parse_proof(broken_at(path, number)), 0)}
    assert sound[name].finding == "reproduced"
    assert broken[name].finding == "refuted"
    assert broken[name].explanation != sound[name].explanation
    assert untranslated(broken[name]) == []


def test_every_written_verdict_is_a_step_that_was_broken(sound: dict[str, Verdict]) -> None:
    written = {name for name in sound if name.startswith("written-")}
    assert len(written) == len(steps_of_written_proofs())
