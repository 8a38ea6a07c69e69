"""The cards of “Which one?”: each network with its place, the reason for it, and its figures as bars."""

from collections.abc import Collection, Mapping
from typing import Any

from explorer.compare.entries import Entry
from explorer.compare.facts import Fact
from explorer.compare.ranking import Ranked, Ranking, place_in, span, weighed_by
from explorer.compare.standing import figure, reason, unbeaten
from explorer.compare.wishes import MEASURES, SIMPLICITY, Requirements

Told = dict[str, Any]
MOST = 12  # cards; the rest is a number
SLIVER = 0.04  # of a bar's rail
TITLES = {SIMPLICITY: "To understand", "latency": "Latency here", "memory": "Memory here"}  # of narrow bars


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


def bar(entry: Entry, quantity: str, ends: tuple[float, float], wishes: Requirements) -> Told:
    """How far between the least and the most of all networks, with a mark where the limit is."""
    fact, limit = entry.fact(quantity), wishes.limit(quantity)
    return {
        "title": TITLES.get(quantity, MEASURES[quantity].title),
        "value": MEASURES[quantity].spell(fact.value) if fact else "no figure",
        "kind": fact.kind if fact else "none",
        "source": said(fact),
        "share": filled(quantity, fact.value, ends) if fact else 0,
        "limit": filled(quantity, limit.bound, ends) if limit else None,
        "better": MEASURES[quantity].better,
    }


def said(fact: Fact | None) -> str:
    if fact is None:
        return "nobody has stated it"
    return f"{fact.kind}: {fact.source}" + (f", {fact.note}" if fact.note else "")


def filled(quantity: str, value: float, ends: tuple[float, float]) -> float:
    """How much of its rail a bar fills: a sliver for the least, all of it for the most."""
    return round(SLIVER + (1 - SLIVER) * place_in(quantity, value, ends), 4)
