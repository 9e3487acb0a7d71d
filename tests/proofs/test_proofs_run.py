"""The command writes every exercise's verdicts; exercises are found by listing their folder."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import strategies as st

import proofs.exercises
from proofs.__main__ import main
from proofs.counterexamples import (
    first_where,
    integer_matrices,
    integer_vectors,
    integers,
    positive_definite_integer_matrices,
    rationals,
    simplest,
)
from proofs.exercises import critical_points
from proofs.run import exercises
from proofs.translation import catalogues, translated
from proofs.verdict import Verdict, read_verdicts


def test_every_file_of_the_folder_is_an_exercise() -> None:
    folder = Path(proofs.exercises.__path__[0])
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert set(exercises()) == files
    assert {"orthogonal_invariance", "gerschgorin"} <= files


def test_an_exercise_is_added_by_adding_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one_more.py").write_text("def verify(seed):\n    return []\n")
    monkeypatch.setattr(proofs.exercises, "__path__", [str(tmp_path)])
    assert list(exercises()) == ["one_more"]


def test_a_file_that_verifies_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty_exercise.py").write_text("")
    monkeypatch.setattr(proofs.exercises, "__path__", [str(tmp_path)])
    with pytest.raises(TypeError, match=r"empty_exercise\.py: found no function `verify`"):
        exercises()


@dataclass(frozen=True)
class Run:
    """One run of the command: what it wrote, what it printed, and the processor time it took."""

    verdicts: list[Verdict]
    lines: list[str]
    seconds: float


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    output = tmp_path_factory.mktemp("proofs") / "results" / "verdicts.json"
    start = time.process_time()
    result = CliRunner().invoke(main, ["--output", str(output), "--seed", "3"])
    seconds = time.process_time() - start
    assert result.exit_code == 0, result.output
    return Run(read_verdicts(output), result.output.splitlines(), seconds)


@pytest.mark.slow
def test_the_command_writes_what_it_prints(run: Run) -> None:
    assert len(run.lines) == len(run.verdicts)
    for line, verdict in zip(run.lines, run.verdicts, strict=True):
        assert line.startswith(verdict.finding)
        assert verdict.id in line


@pytest.mark.slow
def test_the_command_takes_less_than_twenty_seconds_of_one_core(run: Run) -> None:
    assert run.seconds < 20  # asked of it; about 10 where this was written


@pytest.mark.parametrize("name", ["orthogonal_invariance", "written_proofs"])
@pytest.mark.slow
def test_one_seed_gives_one_result_which_the_file_holds_exactly(name: str, run: Run) -> None:
    written = {verdict.id: verdict for verdict in run.verdicts}
    for verdict in exercises()[name](3):
        assert written[verdict.id] == translated(verdict, catalogues())


@pytest.mark.slow
def test_no_verdict_lacks_what_it_rests_on(run: Run) -> None:
    for verdict in run.verdicts:
        name = verdict.id
        assert verdict.statement.strip(), name
        assert verdict.explanation.strip(), name
        assert verdict.measured, name
        assert verdict.place.document in ("assignment", "notebook"), name
        assert verdict.place.section[0].isdigit(), name
        assert all(hypothesis.strip() for hypothesis in verdict.hypotheses), name
        if verdict.evidence in ("searched", "statistical", "counterexample"):
            assert verdict.trials > 0, name
        if verdict.evidence in ("searched", "statistical") and verdict.finding == "reproduced":
            assert "seed" in verdict.provenance, name


@pytest.mark.slow
def test_no_tolerance_goes_without_its_own_reason(run: Run) -> None:
    nothing_enters = ("exact agreement is asked for", "no tolerance enters")
    for verdict in run.verdicts:
        said = any(words in verdict.tolerance_reason for words in nothing_enters)
        assert said == (verdict.tolerance == 0), verdict.id
        if verdict.evidence == "certified":
            assert "ball" in verdict.tolerance_reason, verdict.id
        if verdict.tolerance > 0:
            # Rounding of a printed number or of arithmetic, or a bound on chance: nothing else.
            grounds = ("half a unit", "roundings", "half of the 128 bits", "Azuma")
            assert any(ground in verdict.tolerance_reason for ground in grounds), verdict.id


@pytest.mark.slow
def test_what_is_counted_and_what_is_said_to_have_been_tried_agree(run: Run) -> None:
    for verdict in run.verdicts:
        instances = verdict.measured.get("instances_by_family")
        if instances:
            assert sum(instances.values()) == verdict.trials, verdict.id
        if "matrices_looked_at" in verdict.measured and verdict.evidence == "counterexample":
            assert verdict.measured["matrices_looked_at"] == verdict.trials, verdict.id


SPACES = {
    "symmetric matrices": (
        critical_points._symmetric(3),
        lambda h: (
            critical_points.kind_by_determinant(h) == "minimum"
            and not critical_points.is_positive_definite(h)
        ),
    ),
    "rationals": (rationals(9, 9), lambda x: 2 * x > 3),
    "pairs": (st.tuples(integers(-9, 9), integers(-9, 9)), lambda p: p[0] * p[1] > 5),
}


@pytest.mark.parametrize("name", SPACES)
def test_what_hypothesis_finds_is_the_same_every_time(name: str) -> None:
    space, does = SPACES[name]
    found = simplest(space, does)
    assert found.instance is not None
    assert does(found.instance)
    assert simplest(space, does) == found


@pytest.mark.parametrize("stream", range(4))
@pytest.mark.slow
def test_small_integers_shrink_to_one_answer_from_everywhere(stream: int) -> None:
    space, does = SPACES["symmetric matrices"]
    assert simplest(space, does, stream).instance == simplest(space, does).instance


def test_a_search_that_finds_nothing_says_how_many_it_looked_at() -> None:
    found = simplest(integers(0, 5), lambda x: x > 5)
    assert found.instance is None
    assert 0 < found.looked_at <= 6  # no instance is looked at twice


def test_integers_in_which_hypothesis_would_mix_others_are_refused() -> None:
    with pytest.raises(ValueError, match="bounds 0 and 100"):
        integers(0, 100)


@pytest.mark.slow
def test_the_command_needs_no_training_library() -> None:
    heavy = "import sys, proofs.run; proofs.run.exercises(); print('torch' in sys.modules)"
    root = Path(__file__).parents[2]
    printed = subprocess.run(
        [sys.executable, "-c", heavy], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "False"


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--output", str(tmp_path / "v.json"), "--seed", "-1"])
    assert result.exit_code == 2
    assert "--seed" in result.output


def test_integer_vectors_are_all_there_once_and_smallest_first() -> None:
    assert list(integer_vectors(2, 1)) == [(1, 0), (0, 1), (0, -1), (-1, 0)]
    # The L1 sphere of radius 3 in the plane has 12 integer points.
    assert len(set(integer_vectors(2, 3))) == 12 == len(list(integer_vectors(2, 3)))
    assert list(islice(integer_matrices(1, 2), 5)) == [
        ((0,),),
        ((1,),),
        ((-1,),),
        ((2,),),
        ((-2,),),
    ]


def test_positive_definite_matrices_are_just_those() -> None:
    found = list(positive_definite_integer_matrices(2, 4))
    assert found[0] == ((1, 0), (0, 1))
    assert ((2, 1), (1, 1)) in found
    assert ((1, 1), (1, 1)) not in found  # determinant 0
    assert all(a > 0 and a * c > b * b for (a, b), (_, c) in found)


def test_the_first_match_and_the_count_are_given() -> None:
    candidates = [((1,),), ((2,),), ((3,),)]
    assert first_where(candidates, lambda m: m[0][0] > 1) == (((2,),), 2)
    assert first_where(candidates, lambda m: m[0][0] > 3) == (None, 3)
