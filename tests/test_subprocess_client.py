"""A process that works for the server ends with all that it started, and leaves nothing open."""

import os
import time
import warnings
from pathlib import Path

import pytest

from explorer.subprocess_client import ProcessEnded, SubprocessClient

PARENT = """
import json, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(json.dumps({"child": child.pid}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SubprocessClient:
    """One that starts another process and says its number."""
    (tmp_path / "parent_of_one.py").write_text(PARENT)
    monkeypatch.syspath_prepend(tmp_path)
    client = SubprocessClient("parent_of_one")
    client.start()
    return client


def running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux which processes there are")
def test_with_a_worker_all_that_it_started_ends(client: SubprocessClient) -> None:
    child = client.answer(20)["child"]
    assert running(child)
    client.end()
    deadline = time.monotonic() + 5
    while running(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not running(child)


def test_a_worker_leaves_no_pipe_open(client: SubprocessClient) -> None:
    client.answer(20)
    process = client.process
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        client.end()
        with pytest.raises(ProcessEnded):
            client.answer(5)
    assert process and process.stdin and process.stdin.closed and client.log.closed
    assert process.stdout and process.stdout.closed


def test_ending_twice_does_no_harm(client: SubprocessClient) -> None:
    process = client.process
    client.end()
    client.end()
    assert process and (process.returncode == -9 if os.name == "posix" else process.returncode)


def test_who_does_not_answer_in_time_is_ended_and_the_next_question_has_a_new_process(client: SubprocessClient) -> None:
    child = client.answer(20)["child"]
    silent = client.process
    with pytest.raises(TimeoutError):
        client.request("anything", 0.2)
    assert silent and silent.poll() is not None and not client.running
    assert client.request("anything", 20)["child"] != child
    client.end()


def test_who_ends_by_itself_says_why_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "unlucky.py").write_text("import sys\nsys.stdin.readline()\nraise MemoryError('too large')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ProcessEnded, match=r"^MemoryError: too large$"):
        SubprocessClient("unlucky").request("anything", 20)
