"""What the lesson recommends in a situation, held against the figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.compare.entries import Entry
from explorer.compare.ranking import Ranked, Ranking
from explorer.compare.situations import Situation, picked
from explorer.compare.standing import ahead_of, figure
from explorer.compare.wishes import SIMPLICITY, Limit
from explorer.words import listed

NAMED = 3  # how many are called by name before the rest is a number


@dataclass(frozen=True)
class Stand:
    """Where one of the lesson's choices stands."""

    entry: Entry
    place: int | None  # counted from 1; None where it broke a limit


@dataclass(frozen=True)
class Verdict:
    words: str
    stands: tuple[Stand, ...]
    agrees: bool


def verdict(situation: Situation, ranking: Ranking) -> Verdict:
    stands = tuple(Stand(pick, place_of(pick, ranking)) for pick in picked(ranking.asked, situation.picks))
    inside = [stand for stand in stands if stand.place]
    if not inside:
        return Verdict(
            f"The lesson says {situation.lesson}. None of these is among the networks ranked.", stands, False
        )
    best = min(inside, key=lambda stand: stand.place or 0)
    ahead = ahead_of(ranking, best.entry)
    told = easier if ranking.wishes.order == SIMPLICITY else more_accurate
    said = told(best.entry, ahead, ranking) if ahead else agreed(best.entry, ranking)
    return Verdict(f"The lesson says {situation.lesson}. {said}", stands, not ahead)


def place_of(pick: Entry, ranking: Ranking) -> int | None:
    places = (place for place, each in enumerate(ranking.kept, 1) if pick in (each.entry, *each.others))
    return next(places, None)


def agreed(best: Entry, ranking: Ranking) -> str:
    said = figure(best, ranking.wishes.order)
    return f"The figures agree: of the {len(ranking.kept)} networks {within(ranking)}, {best.title} leads with {said}."


def within(ranking: Ranking) -> str:
    limits = ranking.wishes.limits
    return f"with {listed(limit.words for limit in limits)}" if limits else "ranked here"


def more_accurate(best: Entry, ahead: Sequence[Ranked], ranking: Ranking) -> str:
    """Who reaches more; where only accuracy was asked for, also who does it at less cost."""
    costs = [limit for limit in ranking.wishes.limits if not limit.least]
    said = (
        f"{counted(ahead, ranking)} {'reaches' if len(ahead) == 1 else 'reach'} more than its best, {best.title} "
        f"({figure(best, 'top-1')})"
    )
    if costs:
        return f"{said} {kept_to(costs)}: {names(ahead, 'top-1')}."
    cheaper = [each for each in ahead if lighter(each.entry, best)]
    if not cheaper:
        return f"{said}, each with more MACs or more parameters: {names(ahead, 'top-1')}."
    few = f"{len(cheaper)} of them with fewer MACs and fewer parameters too: {names(cheaper, 'top-1')}"
    return f"{said}: {names(ahead, 'top-1')}; {few}."


def kept_to(costs: Sequence[Limit]) -> str:
    return f"with {listed(limit.words for limit in costs)}"


def counted(ahead: Sequence[Ranked], ranking: Ranking) -> str:
    return f"{len(ahead)} of the {len(ranking.kept)} networks here"


def lighter(one: Entry, other: Entry) -> bool:
    pairs = [(one.value(name), other.value(name)) for name in ("MACs", "parameters")]
    return all(mine is not None and theirs is not None and mine < theirs for mine, theirs in pairs)


def names(ahead: Sequence[Ranked], quantity: str) -> str:
    told = ", ".join(f"{each.entry.title} ({figure(each.entry, quantity)})" for each in ahead[:NAMED])
    return f"{told} and {len(ahead) - NAMED} more" if len(ahead) > NAMED else told


def easier(best: Entry, ahead: Sequence[Ranked], ranking: Ranking) -> str:
    verb = "has" if len(ahead) == 1 else "have"
    return (
        f"{counted(ahead, ranking)} {verb} less to understand than {best.title} ({figure(best, SIMPLICITY)}): "
        f"{names(ahead, SIMPLICITY)}."
    )
