"""Times two pieces of work in turn, so that a busy moment of the machine meets both."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """Seconds of ours and theirs, pair by pair."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Theirs over ours: the median of the pairs."""
        return statistics.median(b / a for a, b in zip(self.ours, self.theirs, strict=True))


def compare(ours: Work, theirs: Work, rounds: int) -> Comparison:
    """Both once to warm up, then in turn, each going first every other time."""
    pairs: list[tuple[float, float]] = []
    for round_number in range(-1, rounds):
        if round_number % 2:
            second = seconds(theirs)
            first = seconds(ours)
        else:
            first = seconds(ours)
            second = seconds(theirs)
        pairs.append((first, second))
    mine, yours = zip(*pairs[1:], strict=True)
    return Comparison(mine, yours)


def seconds(work: Work) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentile(values: list[float] | tuple[float, ...], percent: int) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
