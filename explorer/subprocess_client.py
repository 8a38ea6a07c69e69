"""A process that does for the server what must not happen inside it: asked in lines, it answers in lines."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeVar

from explorer.background import BackgroundCache
from explorer.paths import ROOT

Asked = TypeVar("Asked", bound=Hashable)
STOPPED = "It was stopped."
SILENT = 900.0  # seconds without an answer, after which a question is given up
ONE_THREAD = {"OMP_NUM_THREADS": "1"}


class ProcessEnded(Exception):
    """There will be no answer; the message says why, in one line."""


class SubprocessClient:
    """`python -m module`, started when first asked, and again should it have ended since.

    It reads from a pipe that we hold open, so it ends with us, however we end. One thread may ask; any may kill.
    """

    def __init__(self, module: str, environment: Mapping[str, str] | None = None) -> None:
        self.module, self.environment = module, dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Raises `OSError` where the system cannot."""
        self.end()
        paths = os.pathsep.join(dict.fromkeys((str(ROOT), *sys.path)))  # to find what the user's own network needs
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in end
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", self.module],
            env=os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"} | self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            process_group=0,  # Control-C is for us alone; a session of its own would wait for its turn on a busy Linux
        )

    def ask(self, question: object) -> None:
        """The question is made of plain values. Raises `ProcessEnded`, or `OSError` where none can be started."""
        if not self.running:
            self.start()
        assert self.process and self.process.stdin
        try:
            self.process.stdin.write(f"{question!r}\n".encode())
            self.process.stdin.flush()
        except (OSError, ValueError) as error:
            raise ProcessEnded(self.last_words()) from error

    def answer(self, seconds: float | None = None) -> dict[str, Any]:
        """The next one. Raises `ProcessEnded` where none will come, `TimeoutError` where none came in that time."""
        if not self.process or not self.process.stdout:
            raise ProcessEnded("it was ended")
        began, limit = time.monotonic(), seconds or threading.TIMEOUT_MAX
        timer = threading.Timer(limit, self.kill)
        timer.daemon = True
        if seconds:
            timer.start()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line.endswith(b"\n") else None
        if answer and (size := answer.pop("bytes", 0)):
            answer["content"] = self.process.stdout.read(size)
        timer.cancel()
        if answer is not None:
            return answer
        raise TimeoutError if time.monotonic() - began >= limit else ProcessEnded(self.last_words())

    def request(self, question: object, seconds: float | None = None) -> dict[str, Any]:
        """The answer to it. Raises as `ask` and `answer` do, and then leaves no process behind."""
        try:
            self.ask(question)
            return self.answer(seconds)
        except (ProcessEnded, TimeoutError):
            self.end()
            raise

    def last_words(self) -> str:
        if not self.process:
            return "it was ended"
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.log.seek(0)
        lines = self.log.read()[-4000:].strip().splitlines()
        code = self.process.returncode
        return "it was killed, perhaps for want of memory" if code == -9 else lines[-1] if lines else f"code {code}"

    def kill(self) -> None:
        """With all that it has started itself, such as the loaders of somebody's own module."""
        if process := self.process:
            process.kill()
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError, PermissionError):  # macOS refuses where all have ended
                    os.killpg(process.pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        process, self.process = self.process, None  # its number may soon be another's
        if process:
            process.wait()
            for stream in (process.stdin, process.stdout, self.log):
                with suppress(OSError):  # what was still to be written has nobody to read it
                    if stream:
                        stream.close()


class StreamedAnswers(Generic[Asked]):
    """What a process answers piece by piece, for the whole server, one question after the other.

    An answer is several lines, the last of which says `end`, or a `problem`. Safe to use from any thread. Where a
    process was lost, another is asked, up to so many in all.
    """

    def __init__(
        self, client: SubprocessClient, question: Callable[[Asked], object], kept: int = 64, tries: int = 2
    ) -> None:
        self.client, self.question, self.tries = client, question, tries
        self.pieces: dict[Asked, tuple[dict[str, Any], ...]] = {}
        self.running: Asked | None = None
        self.stopped: set[Asked] = set()
        self.background = BackgroundCache(self.collect, kept=kept, daemon=True)

    def want(self, asked: Asked) -> None:
        """Before all that waits: somebody looks at it now. What was stopped, or failed, stays so."""
        if asked not in self.background.failed:
            self.background.first((asked,))

    def again(self, asked: Asked) -> None:
        """Though it was stopped, or failed."""
        self.stopped.discard(asked)
        self.background.failed.pop(asked, None)
        self.background.first((asked,))

    def stop(self, asked: Asked) -> None:
        """What has come of it stays."""
        self.stopped.add(asked)
        if self.running == asked:
            self.client.kill()

    def settled(self, asked: Asked) -> bool:
        return self.background.settled((asked,))

    def found(self, asked: Asked) -> tuple[dict[str, Any], ...]:
        """As much as has come."""
        return self.background.found((asked,)).get(asked) or self.pieces.get(asked, ())

    def trouble(self, asked: Asked) -> str:
        """Why there will be no more, in a sentence; empty where there will, or all is there."""
        return self.background.problems((asked,)).get(asked, "")

    def collect(self, asked: Asked) -> tuple[dict[str, Any], ...]:
        """Raises `ValueError` with a sentence."""
        self.running = asked
        try:
            for _ in range(self.tries - 1):
                with suppress(ProcessEnded):
                    return self.stream(asked)
            return self.stream(asked)
        except (ProcessEnded, TimeoutError, OSError) as error:
            said = "it did not come back" if isinstance(error, TimeoutError) else str(error)
            raise ValueError(f"It ended without an answer: {said}.") from error
        finally:
            self.running = None
            while len(self.pieces) > self.background.kept:
                del self.pieces[next(iter(self.pieces))]

    def stream(self, asked: Asked) -> tuple[dict[str, Any], ...]:
        came: list[dict[str, Any]] = []
        try:
            if asked in self.stopped:
                raise ValueError(STOPPED)
            self.client.ask(self.question(asked))
            while not came or "end" not in came[-1]:
                if asked in self.stopped:  # before there was a process to kill
                    self.client.kill()
                came.append(self.client.answer(SILENT))
                if problem := came[-1].get("problem"):
                    raise ValueError(str(problem))
                self.pieces[asked] = tuple(came)
        except (ProcessEnded, TimeoutError, OSError) as error:
            self.client.end()
            if asked in self.stopped:
                raise ValueError(STOPPED) from error
            raise
        self.pieces.pop(asked, None)
        return tuple(came)
