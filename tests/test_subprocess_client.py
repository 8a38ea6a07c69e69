"""A process that works for the server ends with all that it started, and leaves nothing open."""

import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.subprocess_client import STOPPED, ProcessEnded, StreamedAnswers, SubprocessClient
from explorer.subprocess_loop import LONGEST, first_line
from testing.waiting import until

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


STREAM = """
import os, time
from explorer.subprocess_loop import read_questions, send_answer
for count, how in read_questions(60):
    for number in range(count):
        send_answer(number=number)
    if how == "die" and not os.path.exists("died"):
        open("died", "w").close()
        os._exit(3)
    if how == "wait":
        time.sleep(60)
    send_answer(**({"problem": "It is too hot."} if how == "fail" else {"end": True}))
"""


@pytest.fixture
def stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StreamedAnswers[tuple[int, str]]]:
    (tmp_path / "counts_up.py").write_text(STREAM)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    answers: StreamedAnswers[tuple[int, str]] = StreamedAnswers(SubprocessClient("counts_up"), lambda asked: asked)
    yield answers
    answers.client.end()


def test_an_answer_comes_in_pieces_and_is_kept(stream: StreamedAnswers[tuple[int, str]]) -> None:
    stream.want((3, "end"))
    until(lambda: stream.settled((3, "end")))
    assert stream.found((3, "end")) == ({"number": 0}, {"number": 1}, {"number": 2}, {"end": True})
    assert not stream.trouble((3, "end")) and stream.found((4, "end")) == ()


def test_a_process_that_was_lost_is_asked_once_more(stream: StreamedAnswers[tuple[int, str]]) -> None:
    stream.want((2, "die"))
    until(lambda: stream.settled((2, "die")))
    assert stream.found((2, "die"))[-1] == {"end": True}


def test_where_one_try_is_enough_a_lost_process_is_said(stream: StreamedAnswers[tuple[int, str]]) -> None:
    stream.tries = 1
    stream.want((2, "die"))
    until(lambda: stream.settled((2, "die")))
    assert stream.trouble((2, "die")) == "It ended without an answer: code 3."


def test_a_problem_is_said_and_what_is_stopped_stays_so_until_asked_again(
    stream: StreamedAnswers[tuple[int, str]],
) -> None:
    stream.want((1, "fail"))
    until(lambda: stream.settled((1, "fail")))
    assert stream.trouble((1, "fail")) == "It is too hot."
    stream.want((2, "wait"))
    until(lambda: len(stream.found((2, "wait"))) == 2)
    stream.stop((2, "wait"))
    until(lambda: stream.settled((2, "wait")))
    assert stream.trouble((2, "wait")) == STOPPED and len(stream.found((2, "wait"))) == 2
    stream.want((2, "wait"))
    assert stream.settled((2, "wait"))
    stream.again((2, "wait"))
    assert not stream.settled((2, "wait"))
    stream.stop((2, "wait"))
    until(lambda: stream.settled((2, "wait")))


def test_a_reason_is_one_line_that_a_page_can_bear() -> None:
    assert first_line(ValueError("\n one \n two")) == "one "
    assert first_line(ValueError()) == "ValueError"
    assert first_line(RuntimeError("x" * 1000)) == "x" * LONGEST + "…"
