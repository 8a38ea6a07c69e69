"""What “Which one?” shows: each network as a card with its reason and bars, how many each limit took, the ways out."""

from collections.abc import Collection, Mapping
from typing import Any

from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.explanation import Verdict, figure_words, rank_reason, unbeaten
from explorer.leaderboard.recommend.ranking import Ranked, Ranking, Toll, figure_span, place_in, weighed_by
from explorer.leaderboard.recommend.relaxation import advice, loosenings
from explorer.leaderboard.recommend.requirements import MEASURES, SIMPLICITY, WORDINGS, Limit, Requirements, number
from explorer.models.facts import Fact

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
        "id": each.entry.key,
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
        "source": fact_words(fact),
        "share": bar_fill(quantity, fact.value, ends) if fact else 0,
        "limit": bar_fill(quantity, limit.bound, ends) if limit else None,
        "better": MEASURES[quantity].better,
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


def judged_verdict(verdict: Verdict) -> Payload:
    stands = [
        {"id": entry.key, "title": entry.title, "place": f"place {place}" if place else "left out"}
        for entry, place in verdict.stands
    ]
    return {"words": verdict.words, "agrees": verdict.agrees, "stands": stands}


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
