"""Values worked out one after another on a thread of their own, each once for all visitors."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
KEPT = 4096  # values; the oldest go first
AGAIN = 30.0  # seconds after which what failed is tried once more, should somebody want it


class Failure(NamedTuple):
    why: str
    until: float  # by `time.monotonic`


class BackgroundCache(Generic[Key, Value]):
    """Safe to use from any thread. One of its own is enough: Python would only take turns with two.

    It begins after `pause` seconds, which leaves the processor to the page until that is painted.
    """

    def __init__(self, make: Callable[[Key], Value], pause: float = 0) -> None:
        self.make = make
        self.pause = pause
        self.done: dict[Key, Value] = {}
        self.failed: dict[Key, Failure] = {}
        self.waiting: list[Key] = []
        self.news = threading.Condition()
        self.working = False

    def want(self, keys: Iterable[Key]) -> None:
        """Have them worked out, in this order, after what was asked for before; comes back at once."""
        with self.news:
            for key in keys:
                if key in self.failed and self.failed[key].until < time.monotonic():
                    del self.failed[key]
                if key not in self.waiting and not self.settled((key,)):
                    self.waiting.append(key)
            if self.waiting and not self.working:
                self.working = True
                threading.Thread(target=self.work, name="background").start()

    def first(self, keys: Iterable[Key]) -> None:
        """Have these worked out before all that waits: somebody looks at them now."""
        urgent = tuple(keys)
        self.want(urgent)
        with self.news:
            begun, rest = self.waiting[:1], self.waiting[1:]
            self.waiting = begun + sorted(rest, key=lambda key: key not in urgent)

    def work(self) -> None:
        time.sleep(self.pause)
        while True:
            with self.news:
                # A daemon would be cut off inside of torch when the program ends, which ends it with an error.
                if not self.waiting or not threading.main_thread().is_alive():
                    self.working = False
                    return
                key = self.waiting[0]
            self.attempt(key)
            with self.news:
                self.waiting.remove(key)
                self.news.notify_all()

    def attempt(self, key: Key) -> None:
        try:
            made = self.make(key)
        except Exception as error:  # what cannot be built must not take the others with it
            with self.news:
                self.failed[key] = Failure(str(error) or type(error).__name__, time.monotonic() + AGAIN)
            return
        with self.news:
            self.done[key] = made
            while len(self.done) > KEPT:
                del self.done[next(iter(self.done))]

    def found(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """Those that are there."""
        with self.news:
            return {key: self.done[key] for key in keys if key in self.done}

    def problems(self, keys: Iterable[Key]) -> dict[Key, str]:
        """Of those that could not be worked out, why."""
        with self.news:
            return {key: self.failed[key].why for key in keys if key in self.failed}

    def settled(self, keys: Iterable[Key]) -> bool:
        return all(key in self.done or key in self.failed for key in keys)

    def wait(self, keys: Iterable[Key], seconds: float) -> bool:
        """Until all of them are settled, or the time is over."""
        wanted = tuple(keys)
        with self.news:
            return self.news.wait_for(lambda: self.settled(wanted), seconds)
