"""A class graded by Snakemake: with names and worksheet as Moodle has them, and without a jail."""

from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path

import pytest
import yaml
from cloning import copy_sources, planned, snakemake

pytestmark = pytest.mark.slow

AN, DUNG = "Nguyễn Văn An_501_assignsubmission_file_", "Lê Thị Dũng_504_assignsubmission_file_"
RIGHT = """
import numpy as np
def gerschgorin_discs(matrix):
    return np.diag(matrix), np.abs(matrix).sum(axis=1) - np.abs(np.diag(matrix))
"""
# As Moodle's download of a grading worksheet has it, in UTF-8 with a byte order mark.
WORKSHEET = """\ufeffIdentifier,"Full name","ID number","Email address",Status,Grade,\
"Maximum Grade","Grade can be changed","Last modified (submission)","Last modified (grade)",\
"Feedback comments"
"Participant 501","Nguyễn Văn An",2012345,an@hcmut.edu.vn,"Submitted for grading - ",,100.00,Yes,\
"Monday, 1 December 2025, 8:12 PM",-,
"Participant 503","Phạm Chi",2012347,chi@hcmut.edu.vn,"No submission - ",,100.00,Yes,-,-,
"Participant 504","Lê Thị Dũng",2012348,dung@hcmut.edu.vn,"Submitted for grading - ",,100.00,Yes,\
"Monday, 1 December 2025, 9:30 PM",-,
"""
STAMPED = "Not isolated: this machine has no jail"


@pytest.fixture
def handed_in(tmp_path: Path) -> dict[str, object]:
    """Two submissions under the names of Moodle's download, one of them written on a Mac."""
    for name, code in ((AN, RIGHT), (unicodedata.normalize("NFD", DUNG), "import numpy\n")):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "matrices.py").write_text(code, encoding="utf-8")
    (tmp_path / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8")
    return {
        "assignment": "matrices",
        "submissions": str(tmp_path / "class"),
        "moodle": str(tmp_path / "worksheet.csv"),
    }


@pytest.fixture
def no_bubblewrap(tmp_path: Path) -> str:
    """A PATH with every program but bwrap."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name != "bwrap":
            (folder / program.name).symlink_to(program)
    return str(folder)


def test_a_class_graded_without_a_jail_is_stamped_and_graded_again_when_there_is_one(
    tmp_path, handed_in, no_bubblewrap
):
    clone = copy_sources(tmp_path / "clone")

    def run(*words: str, jail: bool = False, **settings: bool):
        path = tmp_path / "class.yaml"
        path.write_text(yaml.safe_dump({"grading": {**handed_in, **settings}}), encoding="utf-8")
        environment = {} if jail else {"PATH": no_bubblewrap}
        return snakemake(clone, *words, "--configfile", str(path), **environment)

    told = "results/grading/provenance.json"
    wanted = ("results/grading/moodle.csv", "results/grading/gradebook.csv", told)
    refused = run("--dry-run", *wanted)
    assert refused.returncode != 0
    assert "grading refuses: bubblewrap is not installed" in refused.stdout + refused.stderr
    done = run(*wanted, not_isolated=True)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((clone / wanted[0]).read_text("utf-8-sig").splitlines()))
    assert [row["Grade"] for row in rows] == ["60", "", "0"]
    assert [row["Feedback comments"][:1] for row in rows] == ["6", "", "0"]
    assert STAMPED in rows[0]["Feedback comments"]
    book = list(csv.DictReader((clone / wanted[1]).read_text("utf-8").splitlines()))
    assert [row["isolation"] for row in book] == ["not isolated"] * 2
    assert {row["id"] for row in book} == {AN.replace(" ", "_"), DUNG.replace(" ", "_")}
    provenance = json.loads((clone / told).read_text("utf-8"))
    assert provenance["config"] == {"assignment": "matrices", "language": "en"}
    assert {"commit", "python", "packages", "processor"} <= provenance.keys()
    assert all(provenance["code"].values())
    assert planned(run("--dry-run", *wanted, not_isolated=True).stdout) == set()
    again = planned(run("--dry-run", *wanted, not_isolated=True, jail=True).stdout)
    assert {f"results/grading/{row['id']}/results.json" for row in book} <= again
