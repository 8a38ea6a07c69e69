"""Values worked out one after the other on a thread of their own, each once for all visitors."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Gradually(Generic[Key, Value]):
    """`done` grows; what could not be worked out is named in `failed`, and the rest goes on.

    It begins after `pause` seconds, which leaves the processor to the page until that is painted.
    """

    def __init__(self, keys: Sequence[Key], make: Callable[[Key], Value], pause: float = 0) -> None:
        self.keys = tuple(keys)
        self.done: dict[Key, Value] = {}
        self.failed: dict[Key, str] = {}
        self.make = make
        self.pause = pause
        self.thread = threading.Thread(target=self.work, name="gradually")
        self.thread.start()

    def work(self) -> None:
        time.sleep(self.pause)
        again = [key for key in self.keys if self.trouble(key)]
        self.failed = {key: why for key in again if (why := self.trouble(key))}  # the machine may be less busy now

    def trouble(self, key: Key) -> str:
        """What came in the way; empty where it was worked out."""
        if not threading.main_thread().is_alive():
            return "The program ends."  # a daemon would be cut off inside of torch, which ends it with an error
        try:
            self.done[key] = self.make(key)
        except Exception as error:  # a network that cannot be built must not take the others with it
            return str(error) or type(error).__name__
        return ""

    @property
    def finished(self) -> bool:
        return len(self.done) + len(self.failed) == len(self.keys)

    def wait(self, seconds: float) -> bool:
        self.thread.join(seconds)
        return self.finished
