"""Why a network stands where it stands in a ranking, in sentences made of its figures and its neighbours'."""

from math import inf

from explorer.compare.entries import Entry
from explorer.compare.ranking import Ranked, Ranking, weighed_by, worth
from explorer.compare.wishes import BALANCE, LAYERS, MEASURES, SIMPLICITY, Requirements
from explorer.words import listed, rough

SHORT = {"top-1": "accuracy", "file size": "file"}
FIRST = {
    "top-1": "The highest accuracy",
    "parameters": "The fewest parameters",
    "MACs": "The fewest MACs",
    "latency": "The lowest latency on this machine",
    "file size": "The smallest file",
    SIMPLICITY: "The least to understand",
}
NOUNS = {"parameters": " parameters", "MACs": " MACs"}  # said after a number that does not say it itself


def reason(ranking: Ranking, place: int) -> str:
    """The figure that puts it there, the neighbour it is measured by, and what beats it outright, if anything does."""
    order, here = ranking.wishes.order, ranking.kept[place]
    if len(ranking.kept) == 1:
        told = "The only one left."
    else:
        told = balance(ranking, place) if order == BALANCE else (behind if place else leading)(ranking, place)
    more = made_of(here.entry) if order == SIMPLICITY else beaten(here, ranking.wishes)
    return " ".join(filter(None, (told, more)))


def made_of(entry: Entry) -> str:
    fact = entry.fact(SIMPLICITY)
    return f"It is made of {fact.note}." if fact and fact.note else ""


def leading(ranking: Ranking, place: int) -> str:
    """Against the one that stands just below."""
    order, first, second = ranking.wishes.order, ranking.kept[place].entry, ranking.kept[place + 1].entry
    least = f"{FIRST[order]} of the {len(ranking.kept)} left: {figure(first, order)}."
    if first.value(order) == second.value(order):
        return f"{least} {second.title} has the same, and {decided(second, first, order)}."
    return f"{least} Next is {second.title} with {figure(second, order)}."


def behind(ranking: Ranking, place: int) -> str:
    """Against the one that stands just above."""
    order, here, above = ranking.wishes.order, ranking.kept[place].entry, ranking.kept[place - 1].entry
    if here.value(order) == above.value(order):
        return f"{figure(here, order)}, the same as {above.title}, and {decided(here, above, order)}."
    told = f"{figure(here, order)}, {distance(here, above, order)} {above.title}"
    others = () if order == SIMPLICITY else tuple(each for each in weighed_by(ranking.wishes) if each != order)
    gain = most_gained(here, above, others)
    return f"{told}, but {better(here, above, gain)}." if gain else f"{told}."


def decided(lower: Entry, upper: Entry, order: str) -> str:
    """Why the one comes after the other, where both have the same of what orders them."""
    decider = LAYERS if order == SIMPLICITY else "top-1"
    if not known(lower, upper, decider) or lower.value(decider) == upper.value(decider):
        return "nothing else between them"
    return f"{figure(lower, decider)} against {figure(upper, decider)}"


def most_gained(one: Entry, other: Entry, quantities: tuple[str, ...]) -> str:
    """In which of these the first is furthest ahead of the second; empty where it is in none."""
    gains = [each for each in quantities if known(one, other, each) and advantage(one, other, each) > 1]
    return max(gains, key=lambda each: advantage(one, other, each), default="")


def known(one: Entry, other: Entry, quantity: str) -> bool:
    return one.value(quantity) is not None and other.value(quantity) is not None


def advantage(one: Entry, other: Entry, quantity: str) -> float:
    """How many times less of what should be low; accuracies compare by what they get wrong."""
    mine, theirs = cost(one, quantity), cost(other, quantity)
    return theirs / mine if mine else inf if theirs else 1.0


def cost(entry: Entry, quantity: str) -> float:
    value = entry.value(quantity) or 0.0
    return 100 - value if MEASURES[quantity].better == "high" else value


def better(one: Entry, other: Entry, quantity: str) -> str:
    """2.1 times fewer MACs; 0.55 points more accurate; no parameters"""
    if MEASURES[quantity].better == "high":
        return f"{points(one, other, quantity)} more accurate"
    name, saved = SHORT.get(quantity, quantity), advantage(one, other, quantity)
    if saved == inf:
        return f"no {name}"
    less = f"{rough(saved)} times" if saved >= 1.5 else f"{rough(100 * (1 - 1 / saved))} %"
    return f"{less} {'fewer' if quantity in NOUNS else 'less'} {name}"


def points(one: Entry, other: Entry, quantity: str) -> str:
    return f"{rough((one.value(quantity) or 0) - (other.value(quantity) or 0))} points"


def distance(one: Entry, other: Entry, quantity: str) -> str:
    """0.55 points below; 1.3 times that of; 2 more than"""
    if MEASURES[quantity].better == "high":
        return f"{points(other, one, quantity)} below"
    if quantity == SIMPLICITY:
        return f"{(one.value(quantity) or 0) - (other.value(quantity) or 0):.0f} more than"
    more = advantage(other, one, quantity)
    return "more than" if more == inf else f"{rough(more)} times that of"


def balance(ranking: Ranking, place: int) -> str:
    here = ranking.kept[place]
    parts = ", ".join(f"{SHORT.get(quantity, quantity)} {share:.2f}" for quantity, share in here.shares)
    told = f"Balance {here.score:.2f}, the mean of {parts} (0: the worst left, 1: the best)."
    if place + 1 == len(ranking.kept):
        return told
    below = ranking.kept[place + 1]
    why = "" if here.score >= below.score else ", but is beaten outright"
    return f"{told} Next is {below.entry.title} with {below.score:.2f}{why}."


def beaten(here: Ranked, wishes: Requirements) -> str:
    if here.beaten_by is None:
        return ""
    weighed = tuple(each for each in weighed_by(wishes) if here.entry.value(each) is not None)
    gain = most_gained(here.beaten_by, here.entry, weighed)
    has = "" if MEASURES[gain].better == "high" else "has "
    return f"{here.beaten_by.title} is nowhere worse, and {has}{better(here.beaten_by, here.entry, gain)}."


def unbeaten(ranking: Ranking, place: int) -> str:
    """What it means that nothing beats it; empty where something does, and where there is nothing to beat it by."""
    here = ranking.kept[place]
    weighed = [each for each in weighed_by(ranking.wishes) if here.entry.value(each) is not None]
    if here.beaten_by or ranking.wishes.order == SIMPLICITY or len(ranking.kept) == 1 or not weighed:
        return ""
    together = " together" if len(weighed) > 1 else ""
    return f"Nothing left is as good in {listed(SHORT.get(each, each) for each in weighed)}{together}."


def figure(entry: Entry, quantity: str) -> str:
    value = entry.value(quantity)
    return "no figure" if value is None else f"{MEASURES[quantity].spell(value)}{NOUNS.get(quantity, '')}"


def ahead_of(ranking: Ranking, pick: Entry) -> tuple[Ranked, ...]:
    """Those that are better than a network in what orders them; equals are not."""
    order = "top-1" if ranking.wishes.order == BALANCE else ranking.wishes.order
    return tuple(each for each in ranking.kept if worth(each.entry, order) < worth(pick, order))
