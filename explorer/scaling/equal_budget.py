"""The same MACs spent in four ways: on depth, on width, on resolution, or on all three by the paper's law."""

from collections.abc import Callable
from functools import lru_cache, partial
from math import log, sqrt
from typing import NamedTuple

from explorer.analysis.model_summary import GraphCounts, count_spec
from explorer.models.selection import ModelSelection
from explorer.scaling.base_models import BASES, MOST_SIDE, SIDE, Base
from explorer.scaling.compound_law import PAPER, PHI_STEP

WAYS = ("depth", "width", "resolution", "compound")
MOST_TRIES = 14


class Spent(NamedTuple):
    """One of the four, and the dial's value: a factor, or φ."""

    way: str
    value: float
    place: ModelSelection
    counted: GraphCounts
    reason: str = ""  # why it is not nearer to the budget


class Dial(NamedTuple):
    """How one way is turned: what makes the network, the values there are, and what they promise."""

    make: Callable[[float], ModelSelection]
    values: tuple[float, ...]
    grows: Callable[[float], float]  # MACs, times the base's, that a value promises
    back: Callable[[float], float]  # the value that promises so many


def dials(base: Base) -> dict[str, Dial]:
    factors = tuple(round(1 + step * 0.05, 2) for step in range(301))
    sides = tuple(side / SIDE for side in range(SIDE, MOST_SIDE + 1, 4))
    phis = tuple(round(step * PHI_STEP, 2) for step in range(141))
    return {
        "depth": Dial(lambda factor: base.place((factor, 1, 1)), factors, float, float),
        "width": Dial(lambda factor: base.place((1, factor, 1)), factors, lambda factor: factor**2, sqrt),
        "resolution": Dial(lambda factor: base.place((1, 1, factor)), sides, lambda factor: factor**2, sqrt),
        "compound": Dial(
            lambda phi: base.at(PAPER, phi),
            phis,
            partial(pow, PAPER.product),
            lambda times: log(times) / log(PAPER.product),
        ),
    }


@lru_cache(maxsize=64)
def equal(title: str, budget: float) -> tuple[Spent, ...]:
    """The four networks whose MACs are nearest to `budget` times those of the base; each is built and counted."""
    base = BASES[title]
    whole = count_spec(base.spec((1, 1, 1))).macs
    return tuple(nearest_budget(way, dial, budget * whole, whole) for way, dial in dials(base).items())


def nearest_budget(way: str, dial: Dial, target: float, whole: int) -> Spent:
    """From what the law promises step by step towards the target; a handful of networks is built on the way."""
    tried: dict[int, Spent | str] = {}
    at = dial_place(dial, target / whole)
    while at not in tried and len(tried) < MOST_TRIES:
        found = tried[at] = attempt(way, dial, at)
        if isinstance(found, str):
            at = max(0, at - max(1, at // 12))  # further than the knobs go
            continue
        miss = target / found.counted.macs
        aimed = dial_place(dial, dial.grows(dial.values[at]) * miss)
        at = aimed if aimed != at else at + (1 if miss > 1 else -1)
        at = min(len(dial.values) - 1, max(0, at))
    built = [found for found in tried.values() if isinstance(found, Spent)]
    best = min(built, key=lambda spent: abs(spent.counted.macs - target))
    reasons = [found for found in tried.values() if isinstance(found, str)]
    return best._replace(reason=reasons[-1] if reasons and best.counted.macs < 0.93 * target else "")


def dial_place(dial: Dial, times: float) -> int:
    value = dial.back(max(1.0, times))
    return min(range(len(dial.values)), key=lambda at: abs(dial.values[at] - value))


def attempt(way: str, dial: Dial, at: int) -> Spent | str:
    try:
        place = dial.make(dial.values[at])
        return Spent(way, dial.values[at], place, count_spec(place.spec))
    except ValueError as error:
        return str(error)
