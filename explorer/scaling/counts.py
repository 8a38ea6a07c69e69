"""Networks counted one after another on a thread of their own, so that a page can show those there are."""

import threading
from collections.abc import Iterable
from time import monotonic

from explorer.scaling.counting import Counted, count
from explorer.specs import Spec


class Counts:
    """What has been counted stays. One thread is enough: counting is Python, and two would take turns anyway."""

    def __init__(self) -> None:
        self.known: dict[Spec, Counted | str] = {}  # or, in a sentence, why it cannot be built
        self.waiting: list[Spec] = []
        self.news = threading.Condition()
        self.working = False

    def want(self, specs: Iterable[Spec]) -> None:
        """Have them counted, in this order, after what was asked for before."""
        with self.news:
            fresh = [spec for spec in specs if spec not in self.known and spec not in self.waiting]
            self.waiting += fresh
            if self.waiting and not self.working:
                self.working = True
                threading.Thread(target=self.work, name="counting").start()

    def first(self, specs: Iterable[Spec]) -> None:
        """Have these counted before all that waits: somebody looks at them now."""
        self.want(specs)
        with self.news:
            urgent = [spec for spec in specs if spec in self.waiting[1:]]
            for spec in reversed(urgent):
                self.waiting.remove(spec)
                self.waiting.insert(1 if self.waiting else 0, spec)

    def work(self) -> None:
        while True:
            with self.news:
                # A daemon would be cut off inside of torch when the program ends, which ends it with an error.
                if not self.waiting or not threading.main_thread().is_alive():
                    self.working = False
                    return
                spec = self.waiting[0]
            found = attempt(spec)
            with self.news:
                self.known[spec] = found
                self.waiting.remove(spec)
                self.news.notify_all()

    def found(self, specs: Iterable[Spec]) -> dict[Spec, Counted]:
        """Those that are there and could be built."""
        there = {spec: self.known.get(spec) for spec in specs}
        return {spec: each for spec, each in there.items() if isinstance(each, Counted)}

    def problem(self, spec: Spec) -> str:
        """Why it cannot be built, in a sentence; empty where it can, or has not been tried."""
        found = self.known.get(spec)
        return found if isinstance(found, str) else ""

    def settled(self, specs: Iterable[Spec]) -> bool:
        return all(spec in self.known for spec in specs)

    def wait(self, specs: Iterable[Spec], timeout: float) -> bool:
        """Until all of them are counted, or the time is over."""
        wanted, end = tuple(specs), monotonic() + timeout
        with self.news:
            while not self.settled(wanted) and (left := end - monotonic()) > 0:
                self.news.wait(left)
            return self.settled(wanted)


def attempt(spec: Spec) -> Counted | str:
    try:
        return count(spec)
    except ValueError as error:
        return str(error)
    except Exception as error:  # a thread that ends in silence would leave the page waiting
        return f"{spec.name} could not be counted: {error}"
