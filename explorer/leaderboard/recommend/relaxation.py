"""Where nothing keeps all limits: which one to loosen, by how much, and what that lets in."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from explorer.formatting import join_words
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.ranking import Ranking, meets_limits, worth
from explorer.leaderboard.recommend.requirements import WORDINGS, Limit, handy, number


@dataclass(frozen=True)
class Loosening:
    """New bounds that let `entry` in; one, unless no single one would do."""

    limits: tuple[Limit, ...]
    entry: Entry


def loosenings(ranking: Ranking) -> tuple[Loosening, ...]:
    """The smallest step first. Empty where something keeps the limits, or where nothing has the figures asked for."""
    limits = ranking.wishes.limits
    if ranking.kept or ranking.unordered or not limits:
        return ()
    found = [loosened for limit in limits if (loosened := relax_one(limit, limits, ranking.asked))]
    if not found and (nearest := relax_together(limits, ranking.asked)):
        found = [nearest]
    return tuple(sorted(found, key=lambda each: sum(limit_step(old_of(new, limits), new) for new in each.limits)))


def relax_one(limit: Limit, limits: Sequence[Limit], entries: Sequence[Entry]) -> Loosening | None:
    """What comes nearest to this limit of all that keep the others; not what has 0 of it, for no limit can be 0."""
    others = [other for other in limits if other is not limit]
    near = [entry for entry in entries if entry.value(limit.quantity) and meets_limits(entry, others)]
    best = min(near, key=lambda entry: worth(entry, limit.quantity), default=None)
    return Loosening((moved_limit(limit, best),), best) if best else None


def relax_together(limits: Sequence[Limit], entries: Sequence[Entry]) -> Loosening | None:
    """What breaks the limits least, all taken together, each as a ratio."""
    known = [entry for entry in entries if all(may_keep(limit, entry) for limit in limits)]
    best = min(known, key=lambda entry: sum(excess(limit, entry) for limit in limits), default=None)
    if best is None:
        return None
    return Loosening(tuple(moved_limit(limit, best) for limit in limits if excess(limit, best)), best)


def may_keep(limit: Limit, entry: Entry) -> bool:
    """Whether some limit in its place would let the network in."""
    value = entry.value(limit.quantity)
    return value is not None and (value > 0 or limit.kept(value))


def excess(limit: Limit, entry: Entry) -> float:
    value = entry.value(limit.quantity) or 0.0
    return 0.0 if limit.kept(value) else abs(log(value / limit.bound))


def moved_limit(limit: Limit, entry: Entry) -> Limit:
    return Limit(limit.quantity, handy(limit.quantity, entry.value(limit.quantity) or 0.0))


def old_of(new: Limit, limits: Sequence[Limit]) -> Limit:
    return next(limit for limit in limits if limit.quantity == new.quantity)


def limit_step(old: Limit, new: Limit) -> float:
    return abs(log(new.bound / old.bound))


def advice(loosened: Loosening, limits: Sequence[Limit]) -> str:
    """Ask for at least 77.7 % instead of 85 % top-1 accuracy: efficientnet_b0 V1 is let in."""
    parts = [
        f"{'at least' if new.least else 'at most'} {number(new)} {(wording := WORDINGS[new.quantity]).unit} instead of "
        f"{number(old_of(new, limits))} {wording.unit} {wording.name}"
        for new in loosened.limits
    ]
    return f"Ask for {join_words(parts)}: that lets {loosened.entry.title} in."
