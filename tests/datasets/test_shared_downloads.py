"""Downloads that break off, are stopped, go on and are shared: from a small server, no network needed."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.datasets import download as downloading
from explorer.datasets.download import File, Progress, SharedDownload, SharedDownloads, download
from testing.file_server import FileServer, file_server
from testing.waiting import PATIENCE, until

CONTENT = bytes(range(256)) * 4096  # 1 MiB
HALF = len(CONTENT) // 2
KEY = "weights"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        running.files["it.bin"] = CONTENT
        yield running


@pytest.fixture
def file(server: FileServer, tmp_path: Path) -> File:
    digest = hashlib.sha256(CONTENT).hexdigest()[:8]
    return File(tmp_path / "folder" / "it.bin", digest, (f"{server.address}it.bin",), "sha256")


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> SharedDownloads:
    monkeypatch.setattr(downloading, "PIECE", 1 << 12)  # so that a small file comes in many
    return SharedDownloads()


def begin(shared: SharedDownloads, file: File) -> SharedDownload:
    def action(progress: Progress) -> None:
        download(file, lambda done: progress(done, len(CONTENT)))

    shared.begin(KEY, len(CONTENT), action)
    found = shared.find(KEY)
    assert found
    return found


def stopped_at_half(shared: SharedDownloads, file: File, server: FileServer) -> None:
    server.hold = HALF
    begun = begin(shared, file)
    until(lambda: begun.done == HALF)
    shared.stop(KEY)
    assert shared.find(KEY) is None
    server.go.set()
    until(lambda: begun.over)
    assert not begun.problem and not file.path.exists()
    assert HALF <= file.part.stat().st_size < len(CONTENT)


@pytest.mark.parametrize("ranges", [True, False])
def test_what_was_stopped_goes_on_where_it_was_or_from_the_start(
    shared: SharedDownloads, file: File, server: FileServer, ranges: bool
) -> None:
    stopped_at_half(shared, file, server)
    here, server.ranges = file.here(), ranges
    begun = begin(shared, file)
    until(lambda: begun.over)
    assert not begun.problem and file.path.read_bytes() == CONTENT
    assert server.asked == ["", f"bytes={here}-"]
    assert list(file.path.parent.iterdir()) == [file.path]


def test_two_who_ask_share_one_download(shared: SharedDownloads, file: File, server: FileServer) -> None:
    server.hold = HALF
    first, second = begin(shared, file), begin(shared, file)
    assert first is second
    until(lambda: first.done == HALF)
    server.go.set()
    until(lambda: first.over)
    assert server.asked == [""] and file.path.read_bytes() == CONTENT


def test_a_connection_that_breaks_off_leaves_a_part_to_go_on_from(file: File, server: FileServer) -> None:
    server.hold, server.breaks = HALF, True
    server.go.set()
    with pytest.raises(ValueError, match="the connection broke off"):
        download(file, lambda done: None)
    server.breaks = False
    download(file, lambda done: None)
    assert server.asked == ["", f"bytes={HALF}-"] and file.path.read_bytes() == CONTENT


@pytest.mark.parametrize("part", [CONTENT, CONTENT + b"more"])
def test_a_part_that_cannot_be_one_is_fetched_anew(file: File, server: FileServer, part: bytes) -> None:
    file.part.parent.mkdir()
    file.part.write_bytes(part)
    download(file, lambda done: None)
    assert file.path.read_bytes() == CONTENT and not file.part.exists()


def test_a_part_of_another_file_leaves_nothing(file: File, server: FileServer) -> None:
    file.part.parent.mkdir()
    file.part.write_bytes(b"?" * HALF)
    with pytest.raises(ValueError, match="sent other bytes than were published"):
        download(file, lambda done: None)
    assert not list(file.path.parent.iterdir())


def test_without_a_network_there_is_a_sentence_with_the_address_and_the_folder(
    shared: SharedDownloads, file: File, server: FileServer
) -> None:
    begun = begin(shared, File(file.path, file.digest, ("http://127.0.0.1:9/it.bin",), "sha256"))
    until(lambda: begun.over)
    for word in ("Connection refused", "http://127.0.0.1:9/it.bin", str(file.path.parent)):
        assert word in begun.problem


def test_where_nobody_answers_one_is_told_within_three_seconds_and_may_stop_and_ask_again(
    shared: SharedDownloads, file: File, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "LATE", 0.05)
    genuine, silence, asked = downloading.urlopen, threading.Event(), list[Any]()

    def unheard(*arguments: Any, **settings: Any) -> Any:
        asked.append(arguments)
        silence.wait(PATIENCE)
        return genuine(*arguments, **settings)

    monkeypatch.setattr(downloading, "urlopen", unheard)
    first = begin(shared, file)
    until(lambda: first.late)
    shared.stop(KEY)
    second = begin(shared, file)
    assert second is not first and not first.over
    until(lambda: second.late)
    assert len(asked) == 1  # while one may still write, the other waits
    silence.set()
    until(lambda: first.over and second.over)
    assert not first.problem and not second.problem and not second.late
    assert file.path.read_bytes() == CONTENT


def test_a_download_that_fails_as_nobody_thought_is_over_with_a_reason(shared: SharedDownloads) -> None:
    shared.begin(KEY, 1, lambda progress: progress(1 // 0, 1))
    found = shared.find(KEY)
    assert found
    until(lambda: found.over)
    assert found.problem
