"""A process that works for the server ends with all that it started, and leaves nothing open."""

import os
import time
import warnings
from pathlib import Path

import pytest

from explorer.compare.worker import Ended, Worker

PARENT = """
import json, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(json.dumps({"child": child.pid}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """One that starts another process and says its number."""
    (tmp_path / "parent_of_one.py").write_text(PARENT)
    monkeypatch.syspath_prepend(tmp_path)
    return Worker("parent_of_one")


def running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux which processes there are")
def test_with_a_worker_all_that_it_started_ends(worker: Worker) -> None:
    child = worker.answer(20)["child"]
    assert running(child)
    worker.end()
    deadline = time.monotonic() + 5
    while running(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not running(child)


def test_a_worker_leaves_no_pipe_open(worker: Worker) -> None:
    worker.answer(20)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        worker.end()
        with pytest.raises(Ended):
            worker.answer(5)
    assert worker.process.stdin and worker.process.stdin.closed and worker.log.closed
    assert worker.process.stdout and worker.process.stdout.closed


def test_ending_twice_does_no_harm(worker: Worker) -> None:
    worker.end()
    worker.end()
    assert worker.process.returncode == -9 if os.name == "posix" else worker.process.returncode
