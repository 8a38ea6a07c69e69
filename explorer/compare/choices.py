"""What the board of “Which one?” shows of a ranking: plain values, every sentence written out."""

from collections.abc import Collection, Mapping, Sequence
from math import log
from typing import Any

from explorer.compare.advice import Stand, Verdict
from explorer.compare.entries import Entry
from explorer.compare.facts import Fact
from explorer.compare.loosening import advice, loosenings
from explorer.compare.ranking import Ranked, Ranking, Toll, weighed_by
from explorer.compare.standing import figure, reason, unbeaten
from explorer.compare.wishes import BALANCE, MEASURES, ORDERS, SIMPLICITY, WORDINGS, Limit, Wishes, number

Told = dict[str, Any]
MOST = 12  # cards; the rest is a number
OF = {"parameters": " parameters", "MACs": " MACs", "file size": " of file", "memory": " of memory"}
TITLES = {SIMPLICITY: "To understand", "latency": "Latency here", "memory": "Memory here"}  # of narrow bars
SUGGESTED = {  # in the sentence's unit, when a limit is added
    "top-1": "75",
    "parameters": "30",
    "MACs": "5",
    "latency": "50",
    "memory": "500",
    "file size": "100",
}


def sentence(wishes: Wishes, known: Collection[str]) -> Told:
    """The wish as a form; `known` are the quantities that at least one network states."""
    asked = [limit.quantity for limit in wishes.limits]
    return {
        "limits": [spoken(limit) for limit in wishes.limits],
        "more": [
            {"id": quantity, "words": WORDINGS[quantity].name, "value": SUGGESTED[quantity]}
            for quantity in WORDINGS
            if quantity not in asked and quantity in known
        ],
        "orders": [
            {"id": order, "words": words}
            for order, (_, words) in ORDERS.items()
            if order in (BALANCE, SIMPLICITY, wishes.order) or order in known
        ],
        "order": wishes.order,
    }


def spoken(limit: Limit) -> Told:
    wording = WORDINGS[limit.quantity]
    return {
        "id": limit.quantity,
        "before": "at least" if limit.least else "at most",
        "value": number(limit),
        "unit": wording.unit,
        "after": wording.name,
    }


def funnel(ranking: Ranking) -> Told:
    """How many there were, what each limit took, how many are left."""
    asked = f"{len(ranking.asked)} {'networks' if ranking.wishes.order == SIMPLICITY else 'sets of weights'}"
    tolls = [took(each, ranking) for each in ranking.tolls]
    unordered = [f"{ranking.unordered} without a figure to order them by"] if ranking.unordered else []
    left = len(ranking.kept)
    return {"asked": asked, "tolls": tolls, "notes": unordered, "left": f"{left} network{'s' * (left != 1)} left"}


def took(toll: Toll, ranking: Ranking) -> Told:
    wording = WORDINGS[toll.limit.quantity]
    alone = f"{toll.alone} by this limit alone" if toll.alone and len(ranking.tolls) > 1 else ""
    unknown = f"{toll.unknown} without this figure" if toll.unknown else ""
    side = "below" if toll.limit.least else "above"
    words = f"{toll.broken} {side} {number(toll.limit)} {wording.unit}{OF.get(toll.limit.quantity, '')}"
    said = ", ".join(filter(None, (alone, unknown)))
    return {"words": words, "note": said, "share": (toll.broken + toll.unknown) / max(1, len(ranking.asked))}


def cards(ranking: Ranking, bench: Collection[str]) -> list[Told]:
    quantities = shown(ranking)
    spans = {quantity: span(ranking.asked, quantity) for quantity in quantities}
    return [
        card(ranking, place, spans) | {"benched": each.entry.key in bench}
        for place, each in enumerate(ranking.kept[:MOST])
    ]


def shown(ranking: Ranking) -> tuple[str, ...]:
    weighed = weighed_by(ranking.wishes)
    return (SIMPLICITY, *(each for each in weighed if each != SIMPLICITY)) if SIMPLICITY in weighed else weighed


def card(ranking: Ranking, place: int, spans: Mapping[str, tuple[float, float]]) -> Told:
    each = ranking.kept[place]
    return {
        "id": each.entry.key,
        "place": place + 1,
        "title": each.entry.title,
        "family": f"{each.entry.family}, {each.entry.year}",
        "reason": reason(ranking, place),
        "unbeaten": unbeaten(ranking, place),
        "others": others(each),
        "bars": [bar(each.entry, quantity, spans[quantity], ranking.wishes) for quantity in spans],
    }


def others(each: Ranked) -> str:
    same = f"{each.entry.architecture} "
    told = ", ".join(f"{other.title.removeprefix(same)} {figure(other, 'top-1')}" for other in each.others)
    return f"also {told}" if told else ""


def bar(entry: Entry, quantity: str, ends: tuple[float, float], wishes: Wishes) -> Told:
    """How far between the least and the most of all networks, with a mark where the limit is."""
    fact, limit = entry.fact(quantity), wishes.limit(quantity)
    return {
        "title": TITLES.get(quantity, MEASURES[quantity].title),
        "value": MEASURES[quantity].spell(fact.value) if fact else "no figure",
        "kind": fact.kind if fact else "none",
        "source": said(fact),
        "share": share(quantity, fact.value, ends) if fact else 0,
        "limit": share(quantity, limit.bound, ends) if limit else None,
        "better": MEASURES[quantity].better,
    }


def said(fact: Fact | None) -> str:
    if fact is None:
        return "nobody has stated it"
    return f"{fact.kind}: {fact.source}" + (f", {fact.note}" if fact.note else "")


def span(entries: Sequence[Entry], quantity: str) -> tuple[float, float]:
    values = [value for entry in entries if (value := entry.value(quantity)) is not None]
    return min(values, default=0.0), max(values, default=0.0)


def share(quantity: str, value: float, ends: tuple[float, float]) -> float:
    """Between 0.04 for the least and 1 for the most, by the logarithm of what spans powers of ten."""
    low, high = ends
    if high <= low:
        return 1.0
    by = log if MEASURES[quantity].log and low > 0 and value > 0 else float
    place = (by(value) - by(low)) / (by(high) - by(low))
    return round(0.04 + 0.96 * min(1.0, max(0.0, place)), 4)


def judged(verdict: Verdict) -> Told:
    return {"words": verdict.words, "agrees": verdict.agrees, "stands": [stand(each) for each in verdict.stands]}


def stand(each: Stand) -> Told:
    return {
        "id": each.entry.key,
        "title": each.entry.title,
        "place": f"place {each.place}" if each.place else "left out",
    }


def ways_out(ranking: Ranking) -> list[Told]:
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


NO_ORDER = "No network states what should order them: choose something else to come first."


def nobody(limit: Limit) -> str:
    measured = ", or measure it in “Speed here”" if limit.quantity in ("latency", "memory") else ""
    return f"Of no network the {WORDINGS[limit.quantity].name} is known yet: drop that limit{measured}."
