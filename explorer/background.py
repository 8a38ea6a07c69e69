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


class AllFail(Exception):
    """Raised where none of what waits can be made just now."""


class BackgroundCache(Generic[Key, Value]):
    """Safe to use from any thread. One of its own is enough: Python would only take turns with two.

    It begins after `pause` seconds, which leaves the processor to the page until that is painted, and calls `rest`
    when nothing waits any more. A daemon is cut off when the program ends, which is right for one that waits for a
    process, and would end the program with an error inside of torch.
    """

    def __init__(
        self,
        make: Callable[[Key], Value],
        pause: float = 0,
        rest: Callable[[], None] = lambda: None,
        kept: int = KEPT,
        daemon: bool = False,
    ) -> None:
        self.make, self.pause, self.rest, self.kept, self.daemon = make, pause, rest, kept, daemon
        self.done: dict[Key, Value] = {}
        self.failed: dict[Key, Failure] = {}
        self.waiting: dict[Key, None] = {}  # in the order they come
        self.news = threading.Condition()
        self.working = False

    def want(self, keys: Iterable[Key]) -> None:
        """Have them worked out, in this order, after what was asked for before; comes back at once."""
        with self.news:
            for key in keys:
                if key in self.failed and self.failed[key].until < time.monotonic():
                    del self.failed[key]
                if not self.settled((key,)):
                    self.waiting.setdefault(key)
            if self.waiting and not self.working:
                self.working = True
                threading.Thread(target=self.work, name="background", daemon=self.daemon).start()

    def first(self, keys: Iterable[Key]) -> None:
        """Have these worked out before all that waits: somebody looks at them now."""
        urgent = tuple(keys)
        self.want(urgent)
        with self.news:
            begun = tuple(self.waiting)[:1]
            self.waiting = dict.fromkeys((*begun, *filter(self.waiting.__contains__, urgent), *self.waiting))

    def work(self) -> None:
        time.sleep(self.pause)
        while self.goes_on():
            with self.news:
                key = next(iter(self.waiting))
            self.attempt(key)
            with self.news:
                self.waiting.pop(key, None)
                self.news.notify_all()

    def goes_on(self) -> bool:
        if not self.waiting:
            self.rest()
        with self.news:  # somebody may want more meanwhile
            self.working = bool(self.waiting) and threading.main_thread().is_alive()
            self.news.notify_all()
            return self.working

    def attempt(self, key: Key) -> None:
        try:
            made = self.make(key)
        except Exception as error:  # what cannot be built must not take the others with it, unless nothing can
            failure = Failure(str(error) or type(error).__name__, time.monotonic() + AGAIN)
            with self.news:
                if isinstance(error, AllFail):
                    self.failed |= dict.fromkeys(self.waiting, failure)
                    self.waiting.clear()
                self.failed[key] = failure
            return
        with self.news:
            self.done[key] = made
            while len(self.done) > self.kept:
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

    def wait_for_rest(self, seconds: float) -> bool:
        """Until nothing is being worked out, or the time is over."""
        with self.news:
            return self.news.wait_for(lambda: not self.working, seconds)
