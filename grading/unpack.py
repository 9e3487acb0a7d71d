"""What a student may hand in, read into memory: folders, archives, notebooks, single files.

Nothing is ever extracted by an archive library. Names are checked, contents are read up to a limit,
and the caller writes the files itself; so no path leaves its folder, no link is made or followed,
and a bomb costs no more than the limit.
"""

from __future__ import annotations

import ast
import bz2
import gzip
import io
import json
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

MAX_FILES = 200
MAX_ENTRIES = 2_000  # of an archive: its folders, and what is ignored in it, count too
MAX_BYTES = 20 * 2**20
MAX_DEPTH = 10
MAX_NAME_BYTES = 200
ACCEPTED = "a folder, or a .py, .ipynb, .zip, .tar, .tar.gz, .tgz or .tar.bz2 file"
# What operating systems and tools leave in folders and archives; nobody means to hand it in.
IGNORED_FOLDERS = frozenset({"__pycache__", "__MACOSX", ".git", ".ipynb_checkpoints"})
IGNORED_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})

PROOFS = "proofs"  # a folder that means something, also where it is all there is
# Magics of a whole cell that run it as it is; the names that it defines stay.
TRANSPARENT_MAGICS = ("%%time", "%%capture", "%%prun")

Files = dict[str, bytes]


class BadSubmission(ValueError):
    """What was handed in cannot be taken; says what is wrong with it and what to do."""


def read_files(source: Path) -> Files:
    """Contents by relative path, whatever the submission comes in.

    A single .py file and a notebook become `submission.py`, also a notebook that is the only code
    of a folder. A folder around everything else is taken off, and a folder that holds one file
    alone is read as that file, as learning platforms put what was uploaded into a folder.

    Raises:
        BadSubmission: nothing is there, it is none of `ACCEPTED`, damaged, too large, or holds
            links, devices, or names that would leave its folder.
    """
    if source.is_symlink():
        raise _not_plain(source.name)
    if not source.exists():
        raise BadSubmission(f"{source.name}: there is no such file or folder")
    if source.is_dir():
        files = _without_outer_folder(_checked(_read_folder(source)))
        if len(files) != 1 or _suffix(*files) is None:
            return _with_notebook(files)
        ((name, content),) = files.items()
        return _read_content(name, content)
    if _suffix(source.name) is None:
        raise BadSubmission(f"{source.name}: expected {ACCEPTED}")
    content = _read_regular(source, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_large()
    return _read_content(source.name, content)


def _suffix(name: str) -> str | None:
    """The ending by which a file is known to be a submission; None where it is none."""
    return next((suffix for suffix in READERS if name.lower().endswith(suffix)), None)


def _read_content(name: str, content: bytes) -> Files:
    """The files in one file that is a submission by its ending."""
    with io.BytesIO(content) as file:
        return _with_notebook(_checked(READERS[_suffix(name) or ""](file)))


def _with_notebook(files: Files) -> Files:
    """The files, and a notebook beside them as `submission.py` where there is no other code."""
    notebooks = [name for name in files if "/" not in name and name.lower().endswith(".ipynb")]
    if not notebooks or any("/" not in name and name.endswith(".py") for name in files):
        return files
    if len(notebooks) > 1:
        raise BadSubmission(f"{len(notebooks)} notebooks and no submission.py; hand in one of them")
    with io.BytesIO(files[notebooks[0]]) as file:
        return {**files, **_read_notebook(file)}


def _checked(files: Files) -> Files:
    """The files, once none stands where another needs a folder."""
    for name in files:
        for parent in PurePosixPath(name).parents:
            if str(parent) in files:
                raise BadSubmission(f"{str(parent)!r} is both a file and a folder")
    return files


def _too_large() -> BadSubmission:
    return BadSubmission(f"more than {MAX_BYTES // 2**20} MiB in all; hand in your own code only")


class _Gathering:
    """Files on their way in, counted against the limits before they are kept."""

    def __init__(self) -> None:
        self.files: Files = {}
        self._room = MAX_BYTES

    def add(self, name: str, read: Callable[[int], bytes]) -> None:
        """Keep one file; `read` gives at most so many bytes of it."""
        if len(self.files) >= MAX_FILES:
            raise BadSubmission(f"more than {MAX_FILES} files; hand in your own code only")
        if name in self.files:
            raise BadSubmission(f"{name!r} is there twice")
        content = read(self._room + 1)
        if len(content) > self._room:
            raise _too_large()
        self._room -= len(content)
        self.files[name] = content


def _plain_name(name: str) -> str | None:
    """A relative path that stays in its folder; None for what is ignored.

    Raises:
        BadSubmission: it is absolute, climbs, is too long or too deep, or is not printable.
    """
    path = PurePosixPath(name)
    if not name.isprintable() or "\\" in name or ":" in name:
        raise BadSubmission(f"{name[:100]!a}: a file name with characters that are not accepted")
    if path.is_absolute() or ".." in path.parts:
        raise BadSubmission(f"{name[:100]!a}: a file name that leaves the submission's folder")
    if len(path.parts) > MAX_DEPTH or any(len(p.encode()) > MAX_NAME_BYTES for p in path.parts):
        raise BadSubmission(f"{name[:100]!a}: a file name that is too long or too deep")
    if not path.parts or IGNORED_FOLDERS & set(path.parts[:-1]) or path.name in IGNORED_FILES:
        return None
    return str(path)


def _not_plain(name: str) -> BadSubmission:
    return BadSubmission(
        f"{name[:100]!a} is a link or a device; a submission is made of plain files"
    )


def _read_folder(folder: Path) -> Files:
    gathering = _Gathering()
    for place, folders, found in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in IGNORED_FOLDERS)
        for entry in (*folders, *sorted(found)):
            path = Path(place, entry)
            relative = path.relative_to(folder).as_posix()
            name, mode = _plain_name(relative), path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise _not_plain(relative)
            if name is not None and stat.S_ISREG(mode):
                gathering.add(name, partial(_read_regular, path))
    return gathering.files


def _read_regular(path: Path, limit: int) -> bytes:
    """At most `limit` bytes of a file, opened without following a link put there meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _not_plain(path.name)
        return file.read(limit)


def _read_zip(file: io.BufferedIOBase) -> Files:
    gathering = _Gathering()
    try:
        with zipfile.ZipFile(file) as archive:
            for number, entry in enumerate(archive.infolist()):
                _check_count(number)
                _add_zipped(archive, entry, gathering)
    except BadSubmission:
        raise
    except Exception as error:  # zipfile raises nearly anything on bytes that were tampered with
        raise BadSubmission(f"a zip file that cannot be read ({error})") from error
    return _without_outer_folder(gathering.files)


def _add_zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, gathering: _Gathering) -> None:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _not_plain(entry.filename)
    name = _plain_name(entry.filename)
    if name is None or entry.is_dir():
        return
    if entry.flag_bits & 1:
        raise BadSubmission("a zip file with a password; pack it without one")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadSubmission("a zip file with unusual compression; pack it with the ordinary one")
    with archive.open(entry) as content:
        gathering.add(name, content.read)


def _read_tar(file: io.BufferedIOBase) -> Files:
    gathering = _Gathering()
    try:
        with tarfile.open(fileobj=_Capped(file), mode="r|") as archive:
            for number, entry in enumerate(archive):
                _check_count(number)
                _add_from_tar(archive, entry, gathering)
    except BadSubmission:
        raise
    except Exception as error:  # and so does tarfile, on the numbers of sparse files for one
        raise BadSubmission(f"a tar file that cannot be read ({error})") from error
    return _without_outer_folder(gathering.files)


def _add_from_tar(archive: tarfile.TarFile, entry: tarfile.TarInfo, gathering: _Gathering) -> None:
    name = _plain_name(entry.name)
    if entry.isdir():
        return
    if not entry.isreg() or entry.issparse():
        raise _not_plain(entry.name)
    content = archive.extractfile(entry)
    if name is not None and content is not None:
        gathering.add(name, content.read)


def _check_count(number: int) -> None:
    if number >= MAX_ENTRIES:
        raise BadSubmission(f"more than {MAX_ENTRIES} entries; hand in your own code only")


class _Capped(io.RawIOBase):
    """A stream that ends in a refusal: headers and padding of an archive count, too."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file
        self._room = 2 * MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, and never more than the room that is left."""
        chunk = self._file.read(min(size, self._room + 1) if size >= 0 else self._room + 1)
        self._room -= len(chunk)
        if self._room < 0:
            raise BadSubmission("a tar file that unpacks without end")
        return chunk


def _without_outer_folder(files: Files) -> Files:
    """The files as they are inside the one folder that holds them all, where there is one."""
    outer = {name.partition("/")[0] for name in files}
    if len(outer) != 1 or outer == {PROOFS} or not all("/" in name for name in files):
        return files
    return {name.partition("/")[2]: content for name, content in files.items()}


def _read_python(file: io.BufferedIOBase) -> Files:
    return {"submission.py": file.read()}


def _read_notebook(file: io.BufferedIOBase) -> Files:
    """A notebook as a module that runs its code cells in order, and goes on where one fails."""
    try:
        cells = json.loads(file.read())["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        module = NOTEBOOK_MODULE.format(cells=[(text, _without_magic(text)) for text in sources])
        return {"submission.py": module.encode()}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadSubmission(
            "a notebook that cannot be read; save it as .ipynb (version 4) again"
        ) from error


# A cell that plots or reads data may fail in the jail; the functions of the others are still there.
NOTEBOOK_MODULE = """\
for number, (source, without_magic) in enumerate({cells!r}, 1):
    try:
        try:
            code = compile(source, f"cell {{number}}", "exec")
        except SyntaxError:
            code = compile(without_magic, f"cell {{number}}", "exec")
        exec(code, globals())
    except Exception as error:
        print(f"Cell {{number}} of the notebook failed: {{type(error).__name__}}: {{error}}")
"""


def notebook_cells(module: str) -> tuple[str, ...] | None:
    """The code cells of a module that was made from a notebook; None where it was not."""
    before, after = NOTEBOOK_MODULE.format(cells=()).split("()", 1)
    if not (module.startswith(before) and module.endswith(after)):
        return None
    try:
        pairs = ast.literal_eval(module[len(before) : len(module) - len(after)])
        return tuple(str(source) for source, _ in pairs)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


# A command, `name = !command` or `name = %magic`, and a question such as `name?`.
MAGIC_LINE = re.compile(r"\s*(?:[%!?]|[\w, ]+=\s*[%!]|[\w.]+\?{1,2}\s*$)")


def _without_magic(source: str) -> str:
    """A cell without the lines that only a notebook understands, for when it is not Python."""
    first = source.split(maxsplit=1)[:1]
    if source.lstrip().startswith("%%") and first[0] not in TRANSPARENT_MAGICS:
        return ""
    return "\n".join("" if MAGIC_LINE.match(line) else line for line in source.splitlines())


READERS: dict[str, Callable[[io.BufferedIOBase], Files]] = {
    ".py": _read_python,
    ".ipynb": _read_notebook,
    ".zip": _read_zip,
    ".tar": _read_tar,
    ".tar.gz": lambda file: _read_tar(gzip.GzipFile(fileobj=file)),
    ".tgz": lambda file: _read_tar(gzip.GzipFile(fileobj=file)),
    ".tar.bz2": lambda file: _read_tar(bz2.BZ2File(file)),
}
