"""Why a network stands where it does, and how the lesson's advice holds against the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from explorer.formatting import join_words, rough
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.ranking import Ranked, Ranking, weighed_by, worth
from explorer.leaderboard.recommend.requirements import BALANCE, LAYERS, MEASURES, SIMPLICITY, Requirements
from explorer.leaderboard.recommend.use_cases import Situation, picked_entries

NAMED = 3  # how many are called by name before the rest is a number

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


@dataclass(frozen=True)
class Verdict:
    words: str
    stands: tuple[tuple[Entry, int | None], ...]  # the lesson's choices and their places; None: it broke a limit
    agrees: bool


def situation_verdict(situation: Situation, ranking: Ranking) -> Verdict:
    picks = picked_entries(ranking.asked, situation.picks)
    stands = tuple((pick, rank_of(pick, ranking)) for pick in picks)
    inside = [(place, pick) for pick, place in stands if place]
    lesson = f"The lesson says {situation.lesson}."
    if not inside:
        return Verdict(f"{lesson} None of these is among the networks ranked.", stands, False)
    _, best = min(inside, key=lambda each: each[0])
    ahead = ahead_of(ranking, best)
    compare = easier if ranking.wishes.order == SIMPLICITY else more_accurate
    said = compare(best, ahead, ranking) if ahead else agreed(best, ranking)
    return Verdict(f"{lesson} {said}", stands, not ahead)


def rank_of(pick: Entry, ranking: Ranking) -> int | None:
    places = (place for place, each in enumerate(ranking.kept, 1) if pick in (each.entry, *each.others))
    return next(places, None)


def agreed(best: Entry, ranking: Ranking) -> str:
    said = figure_words(best, ranking.wishes.order)
    limits = ranking.wishes.limits
    which = f"with {join_words(limit.words for limit in limits)}" if limits else "ranked here"
    return f"The figures agree: of the {len(ranking.kept)} networks {which}, {best.title} leads with {said}."


def more_accurate(best: Entry, ahead: Sequence[Ranked], ranking: Ranking) -> str:
    """Who reaches more; where only accuracy was asked for, also who does it at less cost."""
    costs = [limit for limit in ranking.wishes.limits if not limit.least]
    said = (
        f"{count_ahead(ahead, ranking)} {'reaches' if len(ahead) == 1 else 'reach'} more than its best, {best.title} "
        f"({figure_words(best, 'top-1')})"
    )
    if costs:
        return f"{said} with {join_words(limit.words for limit in costs)}: {names_ahead(ahead, 'top-1')}."
    cheaper = [each for each in ahead if lighter(each.entry, best)]
    if not cheaper:
        return f"{said}, each with more MACs or more parameters: {names_ahead(ahead, 'top-1')}."
    few = f"{len(cheaper)} of them with fewer MACs and fewer parameters too: {names_ahead(cheaper, 'top-1')}"
    return f"{said}: {names_ahead(ahead, 'top-1')}; {few}."


def count_ahead(ahead: Sequence[Ranked], ranking: Ranking) -> str:
    return f"{len(ahead)} of the {len(ranking.kept)} networks here"


def lighter(one: Entry, other: Entry) -> bool:
    pairs = [(one.value(name), other.value(name)) for name in ("MACs", "parameters")]
    return all(mine is not None and theirs is not None and mine < theirs for mine, theirs in pairs)


def names_ahead(ahead: Sequence[Ranked], quantity: str) -> str:
    said = ", ".join(f"{each.entry.title} ({figure_words(each.entry, quantity)})" for each in ahead[:NAMED])
    return f"{said} and {len(ahead) - NAMED} more" if len(ahead) > NAMED else said


def easier(best: Entry, ahead: Sequence[Ranked], ranking: Ranking) -> str:
    more = f"{count_ahead(ahead, ranking)} {'has' if len(ahead) == 1 else 'have'} less to understand"
    return f"{more} than {best.title} ({figure_words(best, SIMPLICITY)}): {names_ahead(ahead, SIMPLICITY)}."


def rank_reason(ranking: Ranking, place: int) -> str:
    """The figure that puts it there, the neighbour it is measured by, and what beats it outright, if anything does."""
    order, here = ranking.wishes.order, ranking.kept[place]
    if len(ranking.kept) == 1:
        said = "The only one left."
    else:
        said = tradeoff_sentence(ranking, place) if order == BALANCE else (behind if place else leading)(ranking, place)
    more = made_of(here.entry) if order == SIMPLICITY else beaten(here, ranking.wishes)
    return " ".join(filter(None, (said, more)))


def made_of(entry: Entry) -> str:
    fact = entry.fact(SIMPLICITY)
    return f"It is made of {fact.note}." if fact and fact.note else ""


def leading(ranking: Ranking, place: int) -> str:
    """Against the one that stands just below."""
    order, first, second = ranking.wishes.order, ranking.kept[place].entry, ranking.kept[place + 1].entry
    least = f"{FIRST[order]} of the {len(ranking.kept)} left: {figure_words(first, order)}."
    if first.value(order) == second.value(order):
        return f"{least} {second.title} has the same, and {decided(second, first, order)}."
    return f"{least} Next is {second.title} with {figure_words(second, order)}."


def behind(ranking: Ranking, place: int) -> str:
    """Against the one that stands just above."""
    order, here, above = ranking.wishes.order, ranking.kept[place].entry, ranking.kept[place - 1].entry
    if here.value(order) == above.value(order):
        return f"{figure_words(here, order)}, the same as {above.title}, and {decided(here, above, order)}."
    said = f"{figure_words(here, order)}, {distance(here, above, order)} {above.title}"
    others = () if order == SIMPLICITY else tuple(each for each in weighed_by(ranking.wishes) if each != order)
    gain = most_gained(here, above, others)
    return f"{said}, but {better(here, above, gain)}." if gain else f"{said}."


def decided(lower: Entry, upper: Entry, order: str) -> str:
    """Why the one comes after the other, where both have the same of what orders them."""
    decider = LAYERS if order == SIMPLICITY else "top-1"
    if not both_state(lower, upper, decider) or lower.value(decider) == upper.value(decider):
        return "nothing else between them"
    return f"{figure_words(lower, decider)} against {figure_words(upper, decider)}"


def most_gained(one: Entry, other: Entry, quantities: tuple[str, ...]) -> str:
    """In which of these the first is furthest ahead of the second; empty where it is in none."""
    gains = [each for each in quantities if both_state(one, other, each) and advantage(one, other, each) > 1]
    return max(gains, key=lambda each: advantage(one, other, each), default="")


def both_state(one: Entry, other: Entry, quantity: str) -> bool:
    return one.value(quantity) is not None and other.value(quantity) is not None


def advantage(one: Entry, other: Entry, quantity: str) -> float:
    """How many times less of what should be low; accuracies compare by what they get wrong."""
    mine, theirs = cost_of(one, quantity), cost_of(other, quantity)
    return theirs / mine if mine else inf if theirs else 1.0


def cost_of(entry: Entry, quantity: str) -> float:
    value = entry.value(quantity) or 0.0
    return 100 - value if MEASURES[quantity].better == "high" else value


def better(one: Entry, other: Entry, quantity: str) -> str:
    """2.1 times fewer MACs; 0.55 points more accurate; no parameters"""
    if MEASURES[quantity].better == "high":
        return f"{point_difference(one, other, quantity)} more accurate"
    name, saved = SHORT.get(quantity, quantity), advantage(one, other, quantity)
    if saved == inf:
        return f"no {name}"
    less = f"{rough(saved)} times" if saved >= 1.5 else f"{rough(100 * (1 - 1 / saved))} %"
    return f"{less} {'fewer' if quantity in NOUNS else 'less'} {name}"


def point_difference(one: Entry, other: Entry, quantity: str) -> str:
    return f"{rough((one.value(quantity) or 0) - (other.value(quantity) or 0))} points"


def distance(one: Entry, other: Entry, quantity: str) -> str:
    """0.55 points below; 1.3 times that of; 2 more than"""
    if MEASURES[quantity].better == "high":
        return f"{point_difference(other, one, quantity)} below"
    if quantity == SIMPLICITY:
        return f"{(one.value(quantity) or 0) - (other.value(quantity) or 0):.0f} more than"
    more = advantage(other, one, quantity)
    return "more than" if more == inf else f"{rough(more)} times that of"


def tradeoff_sentence(ranking: Ranking, place: int) -> str:
    here = ranking.kept[place]
    parts = ", ".join(f"{SHORT.get(quantity, quantity)} {share:.2f}" for quantity, share in here.shares)
    said = f"Balance {here.score:.2f}, the mean of {parts} (0: the worst left, 1: the best)."
    if place + 1 == len(ranking.kept):
        return said
    below = ranking.kept[place + 1]
    why = "" if here.score >= below.score else ", but is beaten outright"
    return f"{said} Next is {below.entry.title} with {below.score:.2f}{why}."


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
    return f"Nothing left is as good in {join_words(SHORT.get(each, each) for each in weighed)}{together}."


def figure_words(entry: Entry, quantity: str) -> str:
    value = entry.value(quantity)
    return "no figure" if value is None else f"{MEASURES[quantity].spell(value)}{NOUNS.get(quantity, '')}"


def ahead_of(ranking: Ranking, pick: Entry) -> tuple[Ranked, ...]:
    """Those that are better than a network in what orders them; equals are not."""
    order = "top-1" if ranking.wishes.order == BALANCE else ranking.wishes.order
    return tuple(each for each in ranking.kept if worth(each.entry, order) < worth(pick, order))
