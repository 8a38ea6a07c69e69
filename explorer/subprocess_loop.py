"""What a process of ours does: answer in lines what `subprocess_client` asks in lines, and end where its parent has."""

import json
import os
import queue
import runpy
import shutil
import sys
import threading
from ast import literal_eval
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO

LONGEST = 240  # letters of a reason


@lru_cache(maxsize=1)
def answers() -> BinaryIO:
    """Ours alone, whatever others print. Not taken where this is only imported: a server has no answers to give."""
    return os.fdopen(os.dup(1), "wb")


def read_questions(idle: float | None = None) -> Iterator[Any]:
    """Each as it comes. The process ends when nobody is there to ask any more, or asks for that many seconds.

    Without `idle` it notices only between two questions, for answers that hold the interpreter's lock anyway.
    """
    answers()
    os.dup2(2, 1)
    if idle is None:
        yield from (literal_eval(line.decode()) for line in sys.stdin.buffer)
        return
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=queue_questions, args=(asked,), daemon=True).start()
    while True:
        try:
            yield literal_eval(asked.get(timeout=idle).decode())
        except queue.Empty:
            return


def queue_questions(asked: "queue.SimpleQueue[bytes]") -> None:
    for line in sys.stdin.buffer:
        asked.put(line)
    os._exit(0)  # in the middle of whatever it is doing


def send_answer(content: bytes = b"", /, **answer: Any) -> None:
    """What is too large for JSON follows its line."""
    answers().write(json.dumps(answer | {"bytes": len(content)}).encode() + b"\n" + content)
    answers().flush()


def first_line(error: BaseException) -> str:
    """What it says, in one line; some list all that they had done."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def watched_command(folder: str, module: str, *arguments: str) -> list[str]:
    """What starts it. It lives while we hold its standard input open."""
    return [sys.executable, "-m", __name__, folder, module, *arguments]


def main() -> None:
    folder, module = sys.argv[1:3]
    del sys.argv[:2]
    threading.Thread(target=end_with_parent, args=(folder,), daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def end_with_parent(folder: str) -> None:
    """However the parent ends, killed too, the system closes the pipe that it holds. A visitor is not waited for."""
    while os.read(0, 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
