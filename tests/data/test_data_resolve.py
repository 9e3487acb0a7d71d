"""Where a dataset is looked for, in which order, and what is said about it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from misbehaving_server import Server, body, status
from toy_dataset import CONTENT, SHA256, toy_dataset

from data import prepare as preparing
from data.prepared import open_prepared
from data.problems import DataProblem
from data.registry import datasets, register
from data.settings import Settings
from data.sources.download import Patience
from data.sources.resolve import Reach, Search, resolve

QUICK = Reach(patience=Patience(connect=0.5, read=0.5, attempts=1, pause=0))


def mirror_of(folder: Path, content: bytes = CONTENT) -> str:
    path = folder / "toy" / "file.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return str(folder)


def search(settings: Settings, *urls: str, reach: Reach = QUICK) -> Search:
    return resolve(toy_dataset(*urls), settings, reach)


def test_a_configured_path_comes_before_everything(tmp_path: Path, cache: Path) -> None:
    own = tmp_path / "mine.bin"
    own.write_bytes(CONTENT)
    settings = Settings(cache=cache, mirrors=(mirror_of(tmp_path / "m"),), paths={"toy": own})
    found = search(settings).found
    assert found is not None
    assert (found.kind, found.source) == ("local", "your own copy: mine.bin")
    assert found.sha256 == {"mine.bin": SHA256}


def test_a_configured_path_that_is_absent_is_an_error(tmp_path: Path, cache: Path) -> None:
    settings = Settings(
        cache=cache, mirrors=(mirror_of(tmp_path / "m"),), paths={"toy": tmp_path / "absent"}
    )
    with pytest.raises(DataProblem, match=r"data.paths.toy: .*absent does not exist"):
        search(settings)


def test_a_configured_folder_without_the_files_is_an_error(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataProblem, match=r"is no form of toy; expected file.bin"):
        search(Settings(cache=cache, paths={"toy": tmp_path}))


def test_mirrors_are_tried_in_order_and_the_official_source_last(
    server: Server, tmp_path: Path, cache: Path
) -> None:
    empty, official = tmp_path / "empty", server.serve("/official", body(CONTENT))
    empty.mkdir()
    server.serve("/mirror/toy/file.bin", status(403))
    mirrors = (str(empty), f"{server.address}/mirror/", mirror_of(tmp_path / "good"))
    result = search(Settings(cache=cache, mirrors=mirrors), official)
    assert result.found is not None
    assert (result.found.kind, result.found.source) == ("mirror", "mirror folder: toy/file.bin")
    cache_words, empty_words, refused_words = map(str, result.attempts)
    assert cache_words == "cache: toy/file.bin is not there"
    assert str(empty) in empty_words
    assert "status 403" in refused_words
    assert [path for path, _ in server.requests] == ["/mirror/toy/file.bin"]


def test_offline_no_server_is_asked_and_folders_still_are(
    server: Server, tmp_path: Path, cache: Path
) -> None:
    official = server.serve("/official", body(CONTENT))
    server.serve("/mirror/toy/file.bin", body(CONTENT))
    asked = Settings(cache=cache, mirrors=(f"{server.address}/mirror/",), offline=True)
    result = search(asked, official)
    assert result.found is None
    assert [str(each).endswith("not asked, data.offline is true") for each in result.attempts] == [
        False,
        True,
        True,
    ]
    assert server.requests == []
    folder = Settings(cache=cache, mirrors=(mirror_of(tmp_path / "good"),), offline=True)
    found = search(folder, official).found
    assert found is not None
    assert found.kind == "mirror"


def test_the_official_source_is_used_when_no_mirror_has_it(server: Server, cache: Path) -> None:
    official = server.serve("/official", body(CONTENT))
    found = search(Settings(cache=cache), official).found
    assert found is not None
    assert (found.kind, found.source) == ("official", official)


def test_the_second_run_reads_the_cache_and_still_says_where_it_came_from(
    server: Server, cache: Path
) -> None:
    server.serve("/toy/file.bin", body(CONTENT))
    settings = Settings(cache=cache, mirrors=(server.address,))
    first, second = search(settings).found, search(settings).found
    assert first is not None
    assert second is not None
    assert (second.kind, second.source) == ("mirror", f"{server.address}/toy/file.bin")
    assert len(server.requests) == 1


def test_a_wrong_hash_is_never_used_and_the_next_source_is(tmp_path: Path, cache: Path) -> None:
    mirrors = (mirror_of(tmp_path / "bad", b"not it"), mirror_of(tmp_path / "good"))
    result = search(Settings(cache=cache, mirrors=mirrors))
    assert result.found is not None
    (wrong,) = result.wrong_hashes
    assert f"SHA-256 {hashlib.sha256(b'not it').hexdigest()}, expected {SHA256}: not used" in wrong


def test_a_wrong_hash_of_a_server_is_told_apart_from_its_absence(
    server: Server, cache: Path
) -> None:
    server.serve("/toy/file.bin", body(b"not it"))
    result = search(Settings(cache=cache, mirrors=(server.address,)))
    assert result.found is None
    assert len(result.wrong_hashes) == 1
    assert len(result.attempts) == 3


def test_a_file_of_a_mirror_folder_can_be_kept(tmp_path: Path, cache: Path) -> None:
    settings = Settings(cache=cache, mirrors=(mirror_of(tmp_path / "m"),))
    search(settings, reach=Reach(keep=True))
    assert (cache / "toy" / "file.bin").read_bytes() == CONTENT
    found = search(Settings(cache=cache)).found
    assert found is not None
    assert (found.kind, found.source) == ("mirror", "mirror folder: toy/file.bin")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, server: Server) -> str:
    """The toy dataset, registered for one test, its official source refusing."""
    from data import registry

    monkeypatch.setattr(registry, "_DATASETS", dict(datasets()))
    return register(toy_dataset(server.serve("/official", status(403)))).name


def test_prepare_says_everything_about_the_source(toy: str, tmp_path: Path, cache: Path) -> None:
    mirror = mirror_of(tmp_path / "mirror")
    settings = Settings(cache=cache, mirrors=(str(tmp_path / "none"), mirror))
    preparing.prepare(toy, settings, tmp_path / "out")
    provenance = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert provenance["kind"] == "mirror"
    assert provenance["sha256"] == {"toy/file.bin": SHA256}
    assert provenance["rows"]["train"] == 4
    assert provenance["nonzeros"]["test"] == 2
    assert provenance["features"] == 2
    assert len(provenance["attempts"]) == 2
    assert str(tmp_path) not in json.dumps(provenance)


def test_prepare_warns_of_a_wrong_hash_though_another_source_was_good(
    toy: str, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirrors = (mirror_of(tmp_path / "bad", b"not it"), mirror_of(tmp_path / "good"))
    assert preparing.prepare(toy, Settings(cache=cache, mirrors=mirrors), tmp_path / "out")
    assert "warning: toy/file.bin from the mirror folder" in capsys.readouterr().err


def test_without_any_source_a_stand_in_is_generated_and_said_plainly(
    toy: str, tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preparing.prepare(toy, Settings(cache=cache), tmp_path / "out")
    assert open_prepared(tmp_path / "out").provenance["kind"] == "stand-in"
    said = capsys.readouterr().err
    assert said.startswith("STAND-IN DATA: toy is generated, not real.")
    assert "status 403" in said
    assert "REGRAD_DATA_MIRROR" in said


def test_real_means_an_error_rather_than_a_stand_in(toy: str, tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataProblem, match=r"(?s)no real data within reach.*status 403.*set data"):
        preparing.prepare(toy, Settings(source="real", cache=cache), tmp_path / "out")
    assert not (tmp_path / "out" / "provenance.json").exists()


def test_stand_in_means_that_nothing_else_is_tried(
    toy: str, server: Server, tmp_path: Path, cache: Path
) -> None:
    settings = Settings(source="stand-in", cache=cache, mirrors=(mirror_of(tmp_path / "m"),))
    assert preparing.prepare(toy, settings, tmp_path / "out")["kind"] == "stand-in"
    assert server.requests == []


def test_an_unknown_dataset_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match=r"'iris' is unknown; .*airfoil, .*fashion-mnist, .*rcv1"):
        preparing.prepare("iris", Settings(), tmp_path)


def test_a_path_for_a_dataset_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    settings = Settings(source="stand-in", paths={"rcv2": tmp_path})
    with pytest.raises(DataProblem, match=r"data.paths.rcv2 names no dataset; expected airfoil"):
        preparing.prepare("airfoil", settings, tmp_path / "out")


@pytest.mark.slow
def test_processes_that_copy_from_one_mirror_at_once_all_succeed(tmp_path: Path) -> None:
    mirror = Path(mirror_of(tmp_path / "mirror")) / "toy" / "file.bin"
    code = (
        "from pathlib import Path; from data.registry import KnownFile;"
        "from data.sources.cache import Origin, keep;"
        f"keep(Path({str(mirror)!r}), KnownFile('toy/file.bin', {SHA256!r}, ()),"
        f" Origin('mirror', 'here'), Path({str(tmp_path / 'cache')!r}))"
    )
    root = Path(__file__).resolve().parents[2]
    started = [subprocess.Popen([sys.executable, "-c", code], cwd=root) for _ in range(6)]
    assert [process.wait() for process in started] == [0] * 6
    left = sorted(path.name for path in (tmp_path / "cache" / "toy").iterdir())
    assert left == ["file.bin", "file.bin.lock", "file.bin.origin.json"]
