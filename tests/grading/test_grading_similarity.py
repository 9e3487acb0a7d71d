"""Copies are found through renaming, starter code is nobody's, and hostile text costs little."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from grading import similarity
from grading.__main__ import main

STARTER = """
import numpy as np

def shared_by_everybody(rows, columns):
    table = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            table[row, column] = np.sqrt(row ** 2 + column ** 2) / (1 + row + column)
    return table - table.mean(axis=0), table.std(axis=0), table.sum(axis=1)
"""
OWN = """
def adagrad_step(x, grad, s, lr, eps):
    accumulated = s + grad * grad
    if not np.all(np.isfinite(accumulated)):
        raise ValueError("the gradient is not finite")
    scale = np.sqrt(accumulated) + eps
    moved = x - lr * grad / scale
    for place in range(len(moved)):
        if abs(moved[place]) > 1e6:
            moved[place] = np.sign(moved[place]) * 1e6
    return moved, accumulated
"""
OTHER = """
class Optimizer:
    def __init__(self, rate, small):
        self.rate, self.small, self.total = rate, small, None

    def step(self, weights, slopes):
        while self.total is None:
            self.total = [0.0 for _ in weights]
        self.total = [t + g ** 2 for t, g in zip(self.total, slopes)]
        return [w - self.rate * g / (t ** 0.5 + self.small)
                for w, g, t in zip(weights, slopes, self.total)]

def adagrad_step(x, grad, s, lr, eps):
    tool = Optimizer(lr, eps); tool.total = list(s)
    return np.array(tool.step(x, grad)), np.array(tool.total)
"""


@pytest.fixture
def handed_in(tmp_path: Path):
    """Write one submission a name, and compare them with the starter code as boilerplate."""

    def run(**codes: str) -> similarity.Similarity:
        starter = tmp_path / "starter.py"
        starter.write_text(STARTER)
        for name, code in codes.items():
            (tmp_path / f"{name}.py").write_text(code)
        return similarity.compare([tmp_path / f"{name}.py" for name in codes], [starter])

    return run


@pytest.mark.slow
def test_a_copy_with_other_names_and_comments_is_found_and_the_starter_is_nobodys(handed_in):
    renamed = re.sub(r"\b(accumulated|moved|scale|place)\b", r"my_\1", OWN)
    renamed = renamed.replace("    scale", "    # my own idea\n    scale")
    found = handed_in(an=STARTER + OWN, bo=STARTER + renamed, cu=STARTER + OTHER)
    assert [(pair.one, pair.other) for pair in found.pairs] == [("an", "bo")]
    assert found.pairs[0].share_of_one > 0.9
    assert found.compared == 3


@pytest.mark.slow
def test_a_copy_in_a_notebook_is_found_too_and_the_starter_is_nobodys(handed_in, tmp_path):
    handed_in(an=STARTER + OWN, cu=OTHER)
    cells = ["%matplotlib inline\n", STARTER, OWN]
    cells = [{"cell_type": "code", "source": cell} for cell in cells]
    (tmp_path / "bo.ipynb").write_text(json.dumps({"cells": cells}))
    files = [tmp_path / name for name in ("an.py", "bo.ipynb", "cu.py")]
    found = similarity.compared_here(files, [tmp_path / "starter.py"])
    assert [(pair.one, pair.other) for pair in found.pairs] == [("an", "bo")]
    assert found.left_out == {}


def test_shared_starter_code_counts_for_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(similarity, "SHOWN_SHARE", 0.2)
    for name, code in (("starter", STARTER), ("an", STARTER + OWN), ("cu", STARTER + OTHER)):
        (tmp_path / f"{name}.py").write_text(code)
    both = [tmp_path / "an.py", tmp_path / "cu.py"]
    assert similarity.compared_here(both, [tmp_path / "starter.py"]).pairs == ()
    assert len(similarity.compared_here(both, []).pairs) == 1  # without it, they share enough


@pytest.mark.slow
def test_no_student_code_is_run(handed_in, tmp_path):
    mark = tmp_path / "i was run"
    handed_in(an=f"open({str(mark)!r}, 'w')\n" + OWN, bo=OWN)
    assert not mark.exists()


@pytest.mark.slow
def test_what_cannot_be_compared_is_named_with_its_reason(handed_in, tmp_path):
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "submission.py").symlink_to("/etc/passwd")
    found = handed_in(an=OWN, bo="", cu=STARTER, du="x = 1\n" * 50_000)
    assert found.left_out["bo"] == found.left_out["cu"] == "too little code of its own"
    assert "300000 characters of code" in found.left_out["du"]
    assert found.compared == 1
    linked = similarity.compare([tmp_path / "link"], [])
    assert "is a link or a device" in linked.left_out["link"]


@pytest.mark.parametrize("code", ["(" * 99_000, "'" * 99_999, "\\\n" * 49_000, "f'{" * 33_000])
@pytest.mark.slow
def test_text_made_to_be_slow_to_read_does_not_keep_the_others_from_being_compared(code, handed_in):
    start = time.monotonic()
    found = handed_in(an=OWN, bo=OWN, slow=code)
    assert [(pair.one, pair.other) for pair in found.pairs] == [("an", "bo")]
    assert time.monotonic() - start < similarity.SUBMISSION_SECONDS + 20  # the child's start


def test_a_comparison_that_takes_too_long_as_a_whole_is_stopped_and_says_so(handed_in, monkeypatch):
    monkeypatch.setattr(similarity, "SECONDS", 0.01)
    with pytest.raises(similarity.NotCompared, match=r"took more than 0\.01 s"):
        handed_in(an=OWN, bo=OWN)


@pytest.mark.slow
def test_a_link_that_leads_nowhere_is_left_out_and_nobody_else(tmp_path):
    for name in ("an", "bo"):
        (tmp_path / f"{name}.py").write_text(OWN)
    (tmp_path / "chi").symlink_to(tmp_path / "nowhere")
    output = tmp_path / "similarity.json"
    submissions = [str(tmp_path / name) for name in ("an.py", "bo.py", "chi")]
    done = CliRunner().invoke(main, ["similarity", "--output", str(output), *submissions])
    assert done.exit_code == 0, done.output
    found = json.loads(output.read_text())
    assert found["compared"] == 2
    assert "is a link or a device" in found["left_out"]["chi"]
