"""A process that does for the server what must not happen inside it: asked in lines, it answers in lines."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from explorer.paths import ROOT


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
