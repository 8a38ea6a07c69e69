"""What “Which one?” shows: networks as cards with reason and bars, what each limit took, and which to loosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from explorer.formatting import join_words
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.explanation import figure_words, rank_reason, unbeaten
from explorer.leaderboard.recommend.ranking import (
    Ranked,
    Ranking,
    Toll,
    figure_span,
    meets_limits,
    place_in,
    weighed_by,
    worth,
)
from explorer.leaderboard.recommend.requirements import (
    MEASURES,
    SIMPLICITY,
    WORDINGS,
    Limit,
    Requirements,
    handy,
    number,
)
from explorer.models.facts import Fact, disturbed

MOST = 12  # cards; the rest is a number
SLIVER = 0.04  # of a bar's rail
TITLES = {SIMPLICITY: "To understand", "latency": "Latency here", "memory": "Memory here"}  # of narrow bars

Payload = dict[str, Any]
OF = {"parameters": " parameters", "MACs": " MACs", "file size": " of file", "memory": " of memory"}
SUGGESTED = {  # in the sentence's unit, when a limit is added
    "top-1": "75",
    "parameters": "30",
    "MACs": "5",
    "latency": "50",
    "memory": "500",
    "file size": "100",
}

NO_ORDER = "No network states what should order them: choose something else to come first."


@dataclass(frozen=True)
class Loosening:
    """New bounds that let `entry` in; one, unless no single one would do."""

    limits: tuple[Limit, ...]
    entry: Entry


def choice_cards(ranking: Ranking, bench: Collection[str]) -> list[Payload]:
    quantities = sorted(weighed_by(ranking.wishes), key=lambda quantity: quantity != SIMPLICITY)
    spans = {quantity: figure_span(ranking.asked, quantity) for quantity in quantities}
    return [
        choice_card(ranking, place, spans) | {"benched": each.entry.key in bench}
        for place, each in enumerate(ranking.kept[:MOST])
    ]


def choice_card(ranking: Ranking, place: int, spans: Mapping[str, tuple[float, float]]) -> Payload:
    each = ranking.kept[place]
    return {
        "place": place + 1,
        "title": each.entry.title,
        "family": f"{each.entry.family}, {each.entry.year}",
        "reason": rank_reason(ranking, place),
        "unbeaten": unbeaten(ranking, place),
        "others": others(each),
        "bars": [requirement_bar(each.entry, quantity, spans[quantity], ranking.wishes) for quantity in spans],
    }


def others(each: Ranked) -> str:
    same = f"{each.entry.architecture} "
    listed = ", ".join(f"{other.title.removeprefix(same)} {figure_words(other, 'top-1')}" for other in each.others)
    return f"also {listed}" if listed else ""


def requirement_bar(entry: Entry, quantity: str, ends: tuple[float, float], wishes: Requirements) -> Payload:
    """How far between the least and the most of all networks, with a mark where the limit is."""
    fact, limit = entry.fact(quantity), wishes.limit(quantity)
    return {
        "title": TITLES.get(quantity, MEASURES[quantity].title),
        "value": MEASURES[quantity].spell(fact.value) if fact else "no figure",
        "kind": fact.kind if fact else "none",
        "disturbed": disturbed(fact),
        "source": fact_words(fact),
        "share": bar_fill(quantity, fact.value, ends) if fact else 0,
        "limit": bar_fill(quantity, limit.bound, ends) if limit else None,
    }


def fact_words(fact: Fact | None) -> str:
    if fact is None:
        return "nobody has stated it"
    return f"{fact.kind}: {fact.source}" + (f", {fact.note}" if fact.note else "")


def bar_fill(quantity: str, value: float, ends: tuple[float, float]) -> float:
    """How much of its rail a bar fills: a sliver for the least, all of it for the most."""
    return round(SLIVER + (1 - SLIVER) * place_in(quantity, value, ends), 4)


def funnel(ranking: Ranking) -> Payload:
    """How many there were, what each limit took, how many are left."""
    asked = f"{len(ranking.asked)} {'networks' if ranking.wishes.order == SIMPLICITY else 'sets of weights'}"
    tolls = [took(each, ranking) for each in ranking.tolls]
    unordered = [f"{ranking.unordered} without a figure to order them by"] if ranking.unordered else []
    left, sets = len(ranking.kept), sum(1 + len(each.others) for each in ranking.kept)
    words = f"{left} network{'s' * (left != 1)} left" + (f", {sets} sets of weights" if sets > left else "")
    return {"asked": asked, "tolls": tolls, "notes": unordered, "left": words}


def took(toll: Toll, ranking: Ranking) -> Payload:
    wording = WORDINGS[toll.limit.quantity]
    alone = f"{toll.alone} by this limit alone" if toll.alone and len(ranking.tolls) > 1 else ""
    unknown = f"{toll.unknown} without this figure" if toll.unknown else ""
    side = "below" if toll.limit.least else "above"
    words = f"{toll.broken} {side} {number(toll.limit)} {wording.unit}{OF.get(toll.limit.quantity, '')}"
    said = ", ".join(filter(None, (alone, unknown)))
    return {"words": words, "note": said, "share": (toll.broken + toll.unknown) / max(1, len(ranking.asked))}


def ways_out(ranking: Ranking) -> list[Payload]:
    """What helps where nothing is left: each a sentence, and new bounds, empty for a limit to be taken away."""
    if ranking.kept:
        return []
    limits, asked = ranking.wishes.limits, len(ranking.asked)
    mute = [each.limit for each in ranking.tolls if each.unknown == asked]
    silent = [{"words": nobody(each), "limits": {each.quantity: ""}} for each in mute]
    loosened = [
        {"words": advice(each, limits), "limits": {new.quantity: number(new) for new in each.limits}}
        for each in loosenings(ranking)[:3]
    ]
    unordered = [{"words": NO_ORDER, "limits": {}}] if ranking.unordered else []
    return [*silent, *loosened, *unordered]


def nobody(limit: Limit) -> str:
    measured = ", or measure it in “Speed here”" if limit.quantity in ("latency", "memory") else ""
    return f"Of no network the {WORDINGS[limit.quantity].name} is known yet: drop that limit{measured}."


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
