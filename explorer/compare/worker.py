"""A process that does for the server what must not happen inside it: asked in lines, it answers in lines."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from explorer.own import OWN
from explorer.paths import ROOT
from explorer.specs import Spec

Handed = tuple[str, str, tuple[tuple[str, Any], ...], tuple[int, ...]]


class Ended(Exception):
    """The process has ended; the message says why, in one line."""


class Worker:
    """`python -m module`. It reads from a pipe that we hold open, so it ends with us, however we end."""

    def __init__(self, module: str, surroundings: Mapping[str, str] | None = None) -> None:
        paths = os.pathsep.join(dict.fromkeys((str(ROOT), *sys.path)))  # to find what the user's own network needs
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in end
        self.answers: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", module],
            env=os.environ | {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"} | dict(surroundings or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Control-C is for us alone
        )
        threading.Thread(target=self.listen, name="worker's answers", daemon=True).start()

    def listen(self) -> None:
        """Closes its end of the pipe once nobody is left to write into it."""
        assert self.process.stdout
        with self.process.stdout as pipe:
            for line in pipe:
                self.answers.put(line)
        self.answers.put("")

    def ask(self, question: object) -> None:
        """Raises `Ended`. The question is made of plain values."""
        assert self.process.stdin
        try:
            self.process.stdin.write(f"{question!r}\n")
            self.process.stdin.flush()
        except (OSError, ValueError) as error:
            raise Ended(self.last_words()) from error

    def answer(self, seconds: float) -> dict[str, Any]:
        """The next one. Raises `TimeoutError` where none comes in that time, `Ended` where none will."""
        try:
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            self.answers.put("")  # for whoever asks again
            raise Ended(self.last_words())
        return json.loads(line)

    def answered(self, question: object, seconds: float) -> dict[str, Any]:
        """Raises as `ask` and `answer` do."""
        self.ask(question)
        return self.answer(seconds)

    def last_words(self) -> str:
        if self.log.closed:
            return "it was ended"
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.log.seek(0)
        lines = self.log.read()[-4000:].strip().splitlines()
        code = self.process.returncode
        return "it was killed, perhaps for want of memory" if code == -9 else lines[-1] if lines else f"code {code}"

    def end(self) -> None:
        """With all that it has started itself, such as the loaders of somebody's own module."""
        self.process.kill()
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):  # macOS refuses where all have ended
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.log):
            with suppress(OSError):  # what was still to be written has nobody to read it
                if stream:
                    stream.close()


def handed(spec: Spec) -> Handed:
    """A network as a process is told of it. Raises `ValueError` for one that lives in another program."""
    shape = ()
    if spec.source == "own":
        if OWN[spec.name].graph is not None:
            raise ValueError(f"{spec.name} lives in the program that showed it: only its graph is here.")
        shape = OWN[spec.name].shape
    return spec.source, spec.name, spec.options, shape
