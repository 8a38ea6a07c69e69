"""What keeps the limits, in the order asked for; and how many each limit took out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, log

from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.requirements import BALANCE, LAYERS, MEASURES, SIMPLICITY, Limit, Requirements

ALWAYS = ("top-1", "parameters", "MACs")  # what every network is weighed by, besides what is limited


@dataclass(frozen=True)
class Ranked:
    """A network with the best weights it has for these wishes."""

    entry: Entry
    others: tuple[Entry, ...] = ()  # the same network with other weights, which keep the limits too
    beaten_by: Entry | None = None  # at least as good in everything weighed, better in something
    shares: tuple[tuple[str, float], ...] = ()  # of each thing weighed: 0 for the worst of those left, 1 for the best

    @property
    def score(self) -> float:
        return sum(share for _, share in self.shares) / len(self.shares) if self.shares else 0.0


@dataclass(frozen=True)
class Toll:
    """What one limit costs."""

    limit: Limit
    broken: int  # so many break it
    alone: int  # and so many of them break no other
    unknown: int  # so many say nothing about it, and are left out


@dataclass(frozen=True)
class Ranking:
    wishes: Requirements
    asked: tuple[Entry, ...]
    kept: tuple[Ranked, ...]
    tolls: tuple[Toll, ...]
    unordered: int  # keep every limit, but say nothing about what orders them


def rank(entries: Sequence[Entry], wishes: Requirements) -> Ranking:
    left = [entry for entry in entries if meets_limits(entry, wishes.limits)]
    ordered = [entry for entry in left if wishes.order == BALANCE or entry.value(wishes.order) is not None]
    weighed = weighed_by(wishes)
    spans = {quantity: figure_span(ordered, quantity) for quantity in weighed}
    beaten = beaters(ordered, weighed)
    found = [Ranked(entry, (), beaten.get(entry.key), shares(entry, spans)) for entry in ordered]
    if wishes.order == BALANCE:
        found.sort(key=lambda each: (each.beaten_by is not None, -each.score, each.entry.title))
    else:
        found.sort(key=lambda each: (worth(each.entry, wishes.order), *ties(each.entry, wishes.order)))
    tolls = tuple(toll(limit, entries, wishes.limits) for limit in wishes.limits)
    return Ranking(wishes, tuple(entries), once_each(found), tolls, len(left) - len(ordered))


def meets_limits(entry: Entry, limits: Sequence[Limit]) -> bool:
    """A figure that nobody has stated keeps no limit."""
    return all((value := entry.value(limit.quantity)) is not None and limit.kept(value) for limit in limits)


def toll(limit: Limit, entries: Sequence[Entry], limits: Sequence[Limit]) -> Toll:
    others = [other for other in limits if other is not limit]
    known = [entry for entry in entries if entry.value(limit.quantity) is not None]
    broken = [entry for entry in known if not limit.kept(entry.value(limit.quantity) or 0)]
    alone = sum(meets_limits(entry, others) for entry in broken)
    return Toll(limit, len(broken), alone, len(entries) - len(known))


def weighed_by(wishes: Requirements) -> tuple[str, ...]:
    limited = (limit.quantity for limit in wishes.limits)
    ordered = () if wishes.order == BALANCE else (wishes.order,)
    return tuple(dict.fromkeys((*ALWAYS, *limited, *ordered)))


def worth(entry: Entry, quantity: str) -> float:
    """The less, the better; what is unknown comes last."""
    value = entry.value(quantity)
    if value is None:
        return inf
    return -value if MEASURES[quantity].better == "high" else value


def ties(entry: Entry, order: str) -> tuple[float | str, ...]:
    """Fewer layers where both are as easy; then the more accurate, then the smaller, then by name."""
    first = worth(entry, LAYERS) if order == SIMPLICITY else 0
    return first, worth(entry, "top-1"), worth(entry, "parameters"), entry.title


def beaters(entries: Sequence[Entry], weighed: Sequence[str]) -> dict[str, Entry]:
    """For each that is beaten, by its key: the most accurate of those nowhere worse and somewhere better."""
    strongest = sorted(entries, key=lambda entry: (worth(entry, "top-1"), entry.title))
    table = [(entry, [worth(entry, quantity) for quantity in weighed]) for entry in strongest]
    found: dict[str, Entry] = {}
    for entry, worths in table:
        beater = next((other for other, theirs in table if beats(theirs, worths)), None)
        if beater:
            found[entry.key] = beater
    return found


def beats(one: Sequence[float], other: Sequence[float]) -> bool:
    """What either does not state is not held against the other."""
    pairs = [(mine, theirs) for mine, theirs in zip(one, other, strict=True) if mine != inf != theirs]
    return all(mine <= theirs for mine, theirs in pairs) and any(mine < theirs for mine, theirs in pairs)


def figure_span(entries: Sequence[Entry], quantity: str) -> tuple[float, float]:
    """The least and the most; 0 and 0 where nobody states it."""
    values = [value for entry in entries if (value := entry.value(quantity)) is not None]
    return min(values, default=0.0), max(values, default=0.0)


def place_in(quantity: str, value: float, ends: tuple[float, float]) -> float:
    """Between the least, 0, and the most, 1: by the logarithm of what spans powers of ten, unless something is 0."""
    low, high = ends
    if low == high:
        return 1.0
    by = log if MEASURES[quantity].log and low > 0 else float
    return (by(min(high, max(low, value))) - by(low)) / (by(high) - by(low))


def shares(entry: Entry, spans: dict[str, tuple[float, float]]) -> tuple[tuple[str, float], ...]:
    """What is unknown weighs as the worst."""
    return tuple((quantity, share_of_span(quantity, entry.value(quantity), ends)) for quantity, ends in spans.items())


def share_of_span(quantity: str, value: float | None, ends: tuple[float, float]) -> float:
    if value is None:
        return 0.0
    place = place_in(quantity, value, ends)
    return place if MEASURES[quantity].better == "high" or ends[0] == ends[1] else 1 - place


def once_each(found: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Each architecture where its best weights stand; its other weights go with them."""
    groups: dict[str, list[Ranked]] = {}
    for each in found:
        groups.setdefault(each.entry.architecture, []).append(each)
    return tuple(replace(first, others=tuple(other.entry for other in rest)) for first, *rest in groups.values())
