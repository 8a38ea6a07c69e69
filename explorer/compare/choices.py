"""Around the cards of “Which one?”: the wish as a form, what the limits took, what helps where nothing is left."""

from collections.abc import Collection
from typing import Any

from explorer.compare.advice import Stand, Verdict
from explorer.compare.loosening import advice, loosenings
from explorer.compare.ranking import Ranking, Toll
from explorer.compare.wishes import BALANCE, ORDERS, SIMPLICITY, WORDINGS, Limit, Requirements, number

Told = dict[str, Any]
OF = {"parameters": " parameters", "MACs": " MACs", "file size": " of file", "memory": " of memory"}
SUGGESTED = {  # in the sentence's unit, when a limit is added
    "top-1": "75",
    "parameters": "30",
    "MACs": "5",
    "latency": "50",
    "memory": "500",
    "file size": "100",
}


def sentence(wishes: Requirements, known: Collection[str]) -> Told:
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
    left, sets = len(ranking.kept), sum(1 + len(each.others) for each in ranking.kept)
    words = f"{left} network{'s' * (left != 1)} left" + (f", {sets} sets of weights" if sets > left else "")
    return {"asked": asked, "tolls": tolls, "notes": unordered, "left": words}


def took(toll: Toll, ranking: Ranking) -> Told:
    wording = WORDINGS[toll.limit.quantity]
    alone = f"{toll.alone} by this limit alone" if toll.alone and len(ranking.tolls) > 1 else ""
    unknown = f"{toll.unknown} without this figure" if toll.unknown else ""
    side = "below" if toll.limit.least else "above"
    words = f"{toll.broken} {side} {number(toll.limit)} {wording.unit}{OF.get(toll.limit.quantity, '')}"
    said = ", ".join(filter(None, (alone, unknown)))
    return {"words": words, "note": said, "share": (toll.broken + toll.unknown) / max(1, len(ranking.asked))}


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
