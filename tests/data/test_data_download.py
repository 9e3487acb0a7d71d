"""Every way a download can fail, against a real local server."""

from __future__ import annotations

import multiprocessing
import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from misbehaving_server import Server, body, in_chunks, redirect, silence, status, trickle
from toy_dataset import CONTENT, SHA256

from data.problems import DataProblem, SourceProblem, WrongHash
from data.registry import KnownFile
from data.sources.cache import Origin, cached, fetch
from data.sources.download import Patience, public_address

QUICK = Patience(connect=0.5, read=0.3, attempts=3, pause=0.01)
FILE = KnownFile("toy/file.bin", SHA256)


def fetch_from(cache: Path, *urls: str, patience: Patience = QUICK) -> tuple[Path, Origin]:
    return fetch(FILE, urls, "mirror", cache, patience)


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_good_file_arrives_whole_and_remembers_its_address(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT))
    path, origin = fetch_from(cache, url)
    assert path.read_bytes() == CONTENT
    assert origin == Origin("mirror", url)
    assert cached(FILE, cache) == (path, origin)
    assert files_in(cache) == {"file.bin", "file.bin.origin.json"}


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_final_and_leaves_nothing(server: Server, cache: Path, code: int) -> None:
    url = server.serve("/file", status(code))
    with pytest.raises(SourceProblem, match=f"status {code}.*name another mirror"):
        fetch_from(cache, url)
    assert len(server.requests) == 1
    assert files_in(cache) == set()


@pytest.mark.parametrize("code", [500, 503, 429])
def test_a_server_in_trouble_is_asked_again(server: Server, cache: Path, code: int) -> None:
    url = server.serve("/file", status(code), status(code), body(CONTENT))
    path, _ = fetch_from(cache, url)
    assert path.read_bytes() == CONTENT
    assert len(server.requests) == 3


def test_a_server_always_in_trouble_is_given_up(server: Server, cache: Path) -> None:
    url = server.serve("/file", status(500))
    with pytest.raises(SourceProblem, match=r"status 500.*3 times; try again later"):
        fetch_from(cache, url)
    assert len(server.requests) == 3
    assert files_in(cache) == set()


def test_attempts_are_spaced_by_doubling_pauses(server: Server, cache: Path) -> None:
    url = server.serve("/file", status(500))
    start = time.monotonic()
    with pytest.raises(SourceProblem):
        fetch_from(cache, url, patience=Patience(0.5, 0.3, attempts=4, pause=0.05))
    # Pauses of 0.05, 0.1 and 0.2 s; the requests themselves only add to it.
    assert time.monotonic() - start >= 0.35


def test_a_silent_server_times_out(server: Server, cache: Path) -> None:
    url = server.serve("/file", silence(2))
    with pytest.raises(SourceProblem, match=r"no answer within 0.3 s, 3 times"):
        fetch_from(cache, url)
    assert files_in(cache) == set()


def test_a_server_that_only_trickles_times_out(server: Server, cache: Path) -> None:
    url = server.serve("/file", trickle(0.01))
    start = time.monotonic()
    with pytest.raises(SourceProblem, match=r"only \d+ bytes came in 0.\d s, 3 times"):
        fetch_from(cache, url)
    assert time.monotonic() - start < 3


def test_chunks_are_put_together(server: Server, cache: Path) -> None:
    url = server.serve("/file", in_chunks(CONTENT))
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT


def test_chunks_that_break_off_are_never_used(server: Server, cache: Path) -> None:
    url = server.serve("/file", in_chunks(CONTENT, upto=0.6))
    with pytest.raises(SourceProblem, match=r"connection ended at \d+ of None bytes, 3 times"):
        fetch_from(cache, url)
    assert not (cache / FILE.name).exists()


def test_a_terminal_is_shown_a_progress_bar(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT))
    script = (
        "import sys; from pathlib import Path; from data.sources.download import *\n"
        "download(sys.argv[1], Path(sys.argv[2]), Patience())"
    )
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 80))
    command = [sys.executable, "-c", script, url, str(cache)]
    subprocess.run(command, cwd=Path(__file__).parents[2], stderr=end, check=True)
    os.close(end)
    shown = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert "cache: 100%" in shown
    assert "307k/307k" in shown


def test_an_unreachable_server_is_not_asked_again(cache: Path) -> None:
    start = time.monotonic()
    with pytest.raises(SourceProblem, match=r"not reachable.*check the network"):
        fetch_from(cache, "http://127.0.0.1:9/file")  # the discard port: nobody listens
    assert time.monotonic() - start < 1  # refused at once; 0.5 s is the time-out to connect


def test_a_name_that_does_not_resolve_is_said_so(cache: Path) -> None:
    with pytest.raises(SourceProblem, match=r"not reachable \(its name cannot be resolved\)"):
        fetch_from(cache, "http://nowhere.invalid/file")


def test_redirects_without_end_are_given_up(server: Server, cache: Path) -> None:
    url = server.serve("/file", redirect("/file"))
    with pytest.raises(SourceProblem, match="redirects without end"):
        fetch_from(cache, url)
    assert files_in(cache) == set()


def test_a_redirect_is_followed(server: Server, cache: Path) -> None:
    server.serve("/elsewhere", body(CONTENT))
    url = server.serve("/file", redirect("/elsewhere"))
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT


def test_a_connection_cut_at_60_percent_is_resumed(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT, upto=0.6), body(CONTENT))
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT
    resumed_at = int(server.requests[1][1].removeprefix("bytes=").removesuffix("-"))
    assert 0 < resumed_at <= 0.6 * len(CONTENT)


def test_a_later_call_resumes_what_an_earlier_one_kept(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT, upto=0.6))
    with pytest.raises(SourceProblem, match=r"bytes are kept in file.bin.part-.* continued"):
        fetch_from(cache, url)
    assert not (cache / FILE.name).exists()
    server.serve("/file", body(CONTENT))
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT
    assert server.requests[-1][1] is not None
    assert files_in(cache) == {"file.bin", "file.bin.origin.json"}


def test_a_server_without_ranges_is_read_from_the_start(server: Server, cache: Path) -> None:
    def whole(request):  # type: ignore[no-untyped-def]
        del request.headers["Range"]
        body(CONTENT)(request)

    url = server.serve("/file", body(CONTENT, upto=0.6), whole)
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT


def test_a_bad_kept_part_is_thrown_away_once(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT))
    part = cache / f"{FILE.name}.part-{SHA256[:8]}"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"something else")
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT
    assert [asked for _, asked in server.requests] == ["bytes=14-", None]


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, cache: Path) -> None:
    url = server.serve("/file", status(416), body(CONTENT))
    part = cache / f"{FILE.name}.part-{SHA256[:8]}"
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT + b"more")
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT


def test_a_truncated_body_without_a_length_is_never_used(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT, upto=0.6, announced=False))
    with pytest.raises(SourceProblem, match="SHA-256"):
        fetch_from(cache, url)
    assert files_in(cache) == set()


def test_a_wrong_hash_is_never_used_and_named_with_both(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT[::-1]))
    with pytest.raises(SourceProblem, match=f"SHA-256 [0-9a-f]{{64}}, expected {SHA256}: not used"):
        fetch_from(cache, url)
    assert files_in(cache) == set()


def test_a_web_page_served_as_data_is_called_one(server: Server, cache: Path) -> None:
    page = b"\n <!DOCTYPE html><html><body>Please log in</body></html>"
    url = server.serve("/file", body(page, kind="text/html"))
    with pytest.raises(SourceProblem, match=r"a web page instead of toy/file.bin"):
        fetch_from(cache, url)
    assert files_in(cache) == set()


def test_the_next_address_is_tried(server: Server, cache: Path) -> None:
    bad = server.serve("/bad", body(b"bad"))
    good = server.serve("/good", body(CONTENT))
    _, origin = fetch_from(cache, bad, good)
    assert origin.source == good


def test_two_processes_share_one_download(server: Server, cache: Path) -> None:
    def slow(request):  # type: ignore[no-untyped-def]
        time.sleep(0.4)
        body(CONTENT)(request)

    url = server.serve("/file", slow)
    context = multiprocessing.get_context("fork")
    patience = Patience(connect=1, read=5, attempts=1)
    workers = [
        context.Process(target=fetch, args=(FILE, (url,), "mirror", cache, patience))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(server.requests) == 1
    assert files_in(cache) == {"file.bin", "file.bin.origin.json"}


def test_a_full_disk_is_said_and_leaves_nothing(server: Server, small_disk: Path) -> None:
    url = server.serve("/file", body(CONTENT))
    with pytest.raises(DataProblem, match="the disk is full; free some space, or set REGRAD_CACHE"):
        fetch_from(small_disk, url)
    assert files_in(small_disk) == set()


def test_a_read_only_cache_still_serves_what_it_has(server: Server, small_disk: Path) -> None:
    (small_disk / "toy").mkdir()
    small = KnownFile(
        "toy/small", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    )
    (small_disk / "toy" / "small").write_bytes(b"hello")  # whose SHA-256 is the one above
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    path, origin = cached(small, small_disk)
    assert path.read_bytes() == b"hello"
    assert origin.kind == "local"  # nothing says where it came from
    url = server.serve("/file", body(CONTENT))
    with pytest.raises(DataProblem, match=r"cannot be written.*set REGRAD_CACHE to a folder"):
        fetch_from(small_disk, url)


def test_a_spoilt_cached_file_is_replaced(server: Server, cache: Path) -> None:
    url = server.serve("/file", body(CONTENT))
    path, _ = fetch_from(cache, url)
    path.write_bytes(b"spoilt")
    with pytest.raises(WrongHash):
        cached(FILE, cache)
    assert fetch_from(cache, url)[0].read_bytes() == CONTENT


def test_an_address_is_shown_without_its_secrets() -> None:
    shown = public_address("https://me:secret@host:8443/a/b?token=1#c")
    assert shown == "https://host:8443/a/b"
