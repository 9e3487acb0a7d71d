"""What students hand in: every form of it reads alike, and nothing in it leaves its folder."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import struct
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from grading.submission import freeze
from grading.unpack import BadSubmission, read_files

STEP = """
import numpy as np
def adagrad_step(x, grad, s, lr, eps):
    s = s + grad**2
    return x - lr * grad / (np.sqrt(s) + eps), s
"""


def zipped(path: Path, entries: dict[str, str | bytes], mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return path


def tarred(path: Path, *entries: tarfile.TarInfo, content: bytes = b"", mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for entry in entries:
            entry.size = len(content) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(content))
    return path


def notebook(path: Path, *cells: str) -> Path:
    rows = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "#"}, *rows]}))
    return path


def test_one_submission_is_the_same_in_a_folder_and_in_every_archive(tmp_path):
    folder = tmp_path / "mine"
    (folder / "parts").mkdir(parents=True)
    (folder / "submission.py").write_text(STEP)
    (folder / "parts" / "note.txt").write_text("a note")
    zipped(tmp_path / "flat.zip", {"submission.py": STEP, "parts/note.txt": "a note"})
    wrapped = {"mine/submission.py": STEP, "mine/parts/note.txt": "a note"}
    zipped(tmp_path / "wrapped.zip", wrapped | {"__MACOSX/mine/._x": "", "mine/.DS_Store": ""})
    for suffix, mode in (
        (".tar", "w"),
        (".tar.gz", "w:gz"),
        (".tgz", "w:gz"),
        (".tar.bz2", "w:bz2"),
    ):
        with tarfile.open(tmp_path / f"packed{suffix}", mode) as archive:
            archive.add(folder, arcname="./mine")
    forms = [folder, *tmp_path.glob("*.zip"), *tmp_path.glob("packed*")]
    assert len(forms) == 7
    expected = {"submission.py": STEP.encode(), "parts/note.txt": b"a note"}
    assert [read_files(form) for form in forms] == [expected] * 7
    assert len({freeze(form, tmp_path / f"out{n}").sha256 for n, form in enumerate(forms)}) == 1


@pytest.mark.parametrize(
    "name",
    ["../out.py", "a/../../out.py", "/etc/out.py", "..\\out.py", "C:out.py", "a/../submission.py"],
)
def test_no_name_in_an_archive_leaves_its_folder(tmp_path, name):
    with pytest.raises(BadSubmission, match=r"leaves the submission's folder|not accepted"):
        read_files(zipped(tmp_path / "slip.zip", {name: "x"}))
    with pytest.raises(BadSubmission, match=r"leaves the submission's folder|not accepted"):
        read_files(tarred(tmp_path / "slip.tar", tarfile.TarInfo(name)))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("new\nline.py", "characters that are not accepted"),
        ("right\u202eto-left.py", "characters that are not accepted"),
        ("a" * 201, "too long or too deep"),
        ("/".join("abcdefghijk"), "too long or too deep"),
    ],
)
def test_names_that_mislead_or_break_things_are_refused(tmp_path, name, told):
    with pytest.raises(BadSubmission, match=told):
        read_files(zipped(tmp_path / "odd.zip", {name: "x"}))


def test_links_and_devices_in_a_folder_are_refused(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "submission.py").symlink_to("/etc/passwd")
    with pytest.raises(BadSubmission, match="link or a device"):
        read_files(source)
    (source / "submission.py").unlink()
    os.mkfifo(source / "submission.py")
    with pytest.raises(BadSubmission, match="link or a device"):
        read_files(source)
    (source / "submission.py").unlink()
    (source / "folder").symlink_to("/etc")
    with pytest.raises(BadSubmission, match="link or a device"):
        read_files(source)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
    ids=["symbolic link", "hard link", "character device", "block device", "pipe"],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    entry = tarfile.TarInfo("submission.py")
    entry.type, entry.linkname = kind, "/etc/passwd"
    with pytest.raises(BadSubmission, match="link or a device"):
        read_files(tarred(tmp_path / "x.tar", entry))


def test_links_in_a_zip_are_refused(tmp_path):
    linked = zipped(tmp_path / "x.zip", {"submission.py": "/etc/passwd"}, stat.S_IFLNK | 0o777)
    with pytest.raises(BadSubmission, match="link or a device"):
        read_files(linked)


@pytest.mark.slow
def test_a_bomb_is_refused_before_it_has_unpacked(tmp_path):
    zeros = bytes(60 * 2**20)
    zip_bomb = zipped(tmp_path / "bomb.zip", {"submission.py": zeros})
    tar_bomb = tarred(tmp_path / "b.tar.bz2", tarfile.TarInfo("a.py"), content=zeros, mode="w:bz2")
    assert zip_bomb.stat().st_size < 2**20
    assert tar_bomb.stat().st_size < 2**20
    with pytest.raises(BadSubmission, match="more than 20 MiB"):
        read_files(zip_bomb)
    with pytest.raises(BadSubmission, match="more than 20 MiB"):
        read_files(tar_bomb)


def test_an_archive_that_is_all_folders_ends_in_a_refusal(tmp_path):
    folder = tarfile.TarInfo("folder")
    folder.type = tarfile.DIRTYPE
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(folder.tobuf() * 2_001))
    zipped(tmp_path / "x.zip", {f"folder{number}/": "" for number in range(2_001)})
    for name in ("x.tar.gz", "x.zip"):
        with pytest.raises(BadSubmission, match="more than 2000 entries"):
            read_files(tmp_path / name)


def test_what_is_ignored_in_an_archive_cannot_unpack_without_end_either(tmp_path):
    ignored = tarfile.TarInfo("__MACOSX/submission.py")
    bomb = tarred(tmp_path / "x.tar.gz", ignored, content=bytes(60 * 2**20), mode="w:gz")
    with pytest.raises(BadSubmission, match="unpacks without end"):
        read_files(bomb)


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
@pytest.mark.slow
def test_ten_thousand_files_are_too_many(tmp_path, suffix):
    names = [f"{number}.py" for number in range(10_000)]
    many = tmp_path / f"many{suffix}"
    if suffix == ".zip":
        zipped(many, dict.fromkeys(names, ""))
    else:
        tarred(many, *map(tarfile.TarInfo, names), mode="w:gz")
    start = time.monotonic()
    with pytest.raises(BadSubmission, match="more than 200 files"):
        read_files(many)
    assert time.monotonic() - start < 5


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    for name in ("large.py", "large.ipynb", "large.zip"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**40)  # a terabyte with nothing in it, which takes no room
        with pytest.raises(BadSubmission, match="more than 20 MiB"):
            read_files(tmp_path / name)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_not_a_choice(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("submission.py", "good")
        archive.writestr("submission.py", "bad")
    with pytest.raises(BadSubmission, match=r"'submission\.py' is there twice"):
        read_files(tmp_path / "x.zip")
    with pytest.raises(BadSubmission, match="both a file and a folder"):
        read_files(zipped(tmp_path / "y.zip", {"a": "", "a/b": "", "c": ""}))


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tar.bz2", "x.ipynb"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"[" * 10**5])
def test_a_damaged_file_is_refused_by_its_kind(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    kind = "a notebook" if name.endswith("ipynb") else f"a {name[2:5]} file"
    with pytest.raises(BadSubmission, match=f"{kind} that cannot be read"):
        read_files(tmp_path / name)


@pytest.mark.parametrize(
    ("offset", "value"),
    [(6, 99), (8, 0x20), (8, 0x40)],
    ids=["of a later version", "patched", "strongly encrypted"],
)
def test_a_zip_that_claims_to_be_of_another_kind_is_refused_and_no_fault(tmp_path, offset, value):
    path = zipped(tmp_path / "x.zip", {"submission.py": STEP})
    content = bytearray(path.read_bytes())
    struct.pack_into("<H", content, content.index(b"PK\x01\x02") + offset, value)
    path.write_bytes(content)
    with pytest.raises(BadSubmission, match="a zip file that cannot be read"):
        read_files(path)


@pytest.mark.parametrize(
    "headers",
    [
        {"GNU.sparse.map": "none,1"},
        {"GNU.sparse.realsize": "none"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
    ],
)
def test_a_tar_whose_numbers_are_none_is_refused_and_no_fault(tmp_path, headers):
    entry = tarfile.TarInfo("submission.py")
    entry.pax_headers = headers
    path = tarred(tmp_path / "x.tar", entry, content=b"none\n" * 200)
    with pytest.raises(BadSubmission, match="a tar file that cannot be read"):
        read_files(path)


def test_a_folder_around_one_upload_is_read_as_the_upload(tmp_path):
    wrapped = zipped(tmp_path / "hw.zip", {"mine/submission.py": STEP, "mine/claims.yaml": "x"})
    expected = {"submission.py": STEP.encode(), "claims.yaml": b"x"}
    for name, content in (("a", wrapped.read_bytes()), ("b", STEP.encode())):
        folder = tmp_path / f"an_{name}_assignsubmission_file_"
        folder.mkdir()
        (folder / {"a": "hw.zip", "b": "exercise 2.py"}[name]).write_bytes(content)
    assert read_files(tmp_path / "an_a_assignsubmission_file_") == expected
    only_code = {"submission.py": STEP.encode()}
    assert read_files(tmp_path / "an_b_assignsubmission_file_") == only_code
    nested = tmp_path / "nested" / "homework"
    nested.mkdir(parents=True)
    for name, content in expected.items():
        (nested / name).write_bytes(content)
    assert read_files(tmp_path / "nested") == expected


def test_proofs_alone_stay_where_they_are_looked_for(tmp_path):
    packed = zipped(tmp_path / "x.zip", {"proofs/gerschgorin.yaml": "title: x"})
    assert list(read_files(packed)) == ["proofs/gerschgorin.yaml"]


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\n{code}",
        "files = !ls\n{code}",
        "{code}\nadagrad_step?",
        "{code}\n%timeit 1 + 1",
        "%%time\n{code}",
        "%%capture output\n{code}",
    ],
)
def test_what_only_a_notebook_understands_costs_no_function_of_its_cell(tmp_path, cell):
    found: dict[str, object] = {}
    path = notebook(tmp_path / "work.ipynb", cell.format(code=STEP.strip()))
    exec(read_files(path)["submission.py"], found)
    assert callable(found.get("adagrad_step"))


def test_what_a_cell_gives_to_another_program_is_not_run_as_python(tmp_path):
    found: dict[str, object] = {}
    path = notebook(tmp_path / "work.ipynb", "%%writefile other.py\n" + STEP)
    exec(read_files(path)["submission.py"], found)
    assert "adagrad_step" not in found


def test_a_kind_of_file_that_is_not_accepted_is_told_what_is(tmp_path):
    (tmp_path / "essay.docx").write_text("x")
    with pytest.raises(BadSubmission, match=r"essay\.docx: expected a folder, or a \.py"):
        read_files(tmp_path / "essay.docx")


def test_a_notebook_is_graded_by_the_functions_of_its_cells(judged_path, tmp_path):
    good = notebook(
        tmp_path / "good.ipynb",
        "%matplotlib inline\n!pip install everything\nimport numpy as np",
        "%%bash\nrm -rf /",
        "np.loadtxt('data I do not have.csv')",
        STEP.replace("import numpy as np\n", "share = (7\n  % 4)\nassert share == 3\n"),
        "print(adagrad_step(np.ones(1), np.ones(1), np.zeros(1), 1, 1))",
    )
    result = judged_path(good)
    assert result.score == 10
    assert "Cell 3 of the notebook failed: FileNotFoundError" in result.printed
    assert "[0.5]" in result.printed


def test_a_mistake_in_a_notebook_is_found_in_its_cell(judged_path, tmp_path):
    cause = judged_path(
        notebook(tmp_path / "n.ipynb", "x = 1", "def adagrad_step(*a):\n  a[9]")
    ).cause
    assert "line 2 of cell 2" in cause


def test_a_zip_is_graded_like_the_folder_in_it(judged_path, tmp_path):
    assert judged_path(zipped(tmp_path / "x.zip", {"my work/adagrad.py": STEP})).score == 10
