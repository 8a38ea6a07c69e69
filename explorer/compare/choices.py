"""Around the cards of “Which one?”: what the limits took, what helps where nothing is left."""

from typing import Any

from explorer.compare.advice import Stand, Verdict
from explorer.compare.loosening import advice, loosenings
from explorer.compare.ranking import Ranking, Toll
from explorer.compare.wishes import SIMPLICITY, WORDINGS, Limit, number

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
