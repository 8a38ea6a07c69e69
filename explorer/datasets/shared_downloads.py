"""Downloads under way: each on a thread of its own, one for all who ask for the same."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from explorer.datasets.download import Progress

LATE = 2.0  # seconds without an answer after which one is told: with what a page needs to say it, three


class Unwanted(Exception):
    """Raised inside a download that was stopped."""


class SharedDownload:
    """How far one is. Written by its own thread alone, but for `unwanted`."""

    def __init__(self, size: int) -> None:
        self.size, self.done = size, 0  # bytes
        self.begun = time.monotonic()
        self.answered = self.over = self.unwanted = False
        self.problem = ""  # a sentence, where it failed

    @property
    def late(self) -> bool:
        """Nobody has answered for so long that there may be no network: to look up a name may take half a minute, and
        so may each of a server's addresses, before the system gives up."""
        return not self.answered and time.monotonic() - self.begun > LATE

    def progress(self, done: int, size: int) -> None:
        if self.unwanted:
            raise Unwanted
        self.done, self.size, self.answered = done, size, True

    def run(self, action: Callable[[Progress], None]) -> None:
        try:
            action(self.progress)
        except Unwanted:
            pass
        except Exception as error:  # else it would seem to be under way for ever
            self.problem = str(error) or type(error).__name__
        finally:
            self.over = True


class SharedDownloads:
    """By what they are called. May be used from any thread."""

    def __init__(self) -> None:
        self.lock, self.known = Lock(), dict[str, SharedDownload]()

    def begin(self, key: str, size: int, action: Callable[[Progress], None]) -> None:
        """Unless it is under way."""
        with self.lock:
            if key in self.known and not self.known[key].over:
                return
            begun = self.known[key] = SharedDownload(size)
        Thread(target=begun.run, args=(action,), name="download", daemon=True).start()  # the program may end before it

    def find(self, key: str) -> SharedDownload | None:
        """The last of that name; None where it was stopped."""
        with self.lock:
            return self.known.get(key)

    def stop(self, key: str) -> None:
        """At once to all who look. Its thread may still wait for an answer: it ends when that comes."""
        with self.lock:
            if stopped := self.known.pop(key, None):
                stopped.unwanted = True
