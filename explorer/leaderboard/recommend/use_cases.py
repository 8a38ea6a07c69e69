"""The lesson's selection guide: four situations, what it recommends in each, the wishes that stand for them, and its
own networks, for those who want to learn.

The limits are taken from the lesson's own choices: as light as the heaviest of them, or as accurate as the least.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from explorer.analysis.complexity import simplicity
from explorer.analysis.model_summary import study
from explorer.glossary import read_glossary
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.ranking import worth
from explorer.leaderboard.recommend.requirements import LAYERS, MEASURES, SIMPLICITY, Limit, Requirements, handy
from explorer.models.facts import COUNTED, Fact, disturbed
from explorer.models.published_figures import published_figures
from explorer.models.selection import ModelSelection
from model_defs import CATALOG

EXERCISES = "Exercise nets"  # trained on small images, each to show one thing


@dataclass(frozen=True)
class Situation:
    use: str
    title: str  # as the lesson's table has it
    lesson: str  # what the lesson recommends
    picks: tuple[str, ...]  # the architectures it means; for learning, names of the lesson's own networks
    limited: str = ""  # the quantity that a limit is set on; empty where the easiest is sought


def picked_entries(entries: Sequence[Entry], picks: tuple[str, ...]) -> tuple[Entry, ...]:
    """The lesson's choices among the entries, each with its most accurate weights."""
    best: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: worth(entry, "top-1"), reverse=True):
        if named := next((name for name in (entry.architecture, entry.title) if name in picks), ""):
            best[named] = entry
    return tuple(best[name] for name in picks if name in best)


SITUATIONS = {
    use: Situation(use, **told | {"picks": tuple(told["picks"])}) for use, told in read_glossary("use_cases").items()
}


def wishes_of(situation: Situation, entries: Sequence[Entry]) -> Requirements:
    """As good as the worst of the lesson's choices, and then the most accurate; or simply what is easiest."""
    picks, limited = picked_entries(entries, situation.picks), situation.limited
    if not limited:
        return Requirements((), SIMPLICITY)
    latencies = [entry.fact("latency") for entry in picks]
    if limited == "latency" and (not all(latencies) or not picks or any(map(disturbed, latencies))):
        limited = "MACs"  # not all were measured on this machine, or while it was busy with something else
    worst = min if MEASURES[limited].better == "high" else max
    bound = worst((value for entry in picks if (value := entry.value(limited))), default=None)
    return Requirements((Limit(limited, handy(limited, bound)),) if bound else (), "top-1")


def situation_of(wishes: Requirements, entries: Sequence[Entry]) -> Situation | None:
    """The situation that these wishes stand for, if they do."""
    return next((each for each in SITUATIONS.values() if wishes_of(each, entries) == wishes), None)


@lru_cache(maxsize=1)
def readable() -> tuple[ModelSelection, ...]:
    """The face of every family, and what the lesson's guide names besides."""
    named = SITUATIONS["learning"].picks
    return tuple(
        ModelSelection("model_defs", name, preset.name)
        for name, architecture in CATALOG.items()
        if name != EXERCISES
        for preset in architecture.presets
        if preset is architecture.presets[0] or preset.name in named
    )


def readable_entry(place: ModelSelection) -> Entry:
    """Raises `ValueError` where the network cannot be built."""
    known = study(place.spec)
    learned = simplicity(known.outline)
    values = {"parameters": known.graph.params, "MACs": known.graph.macs, LAYERS: learned.layers}
    counted = tuple(Fact(quantity, value, "computed", COUNTED) for quantity, value in values.items())
    things = Fact(SIMPLICITY, learned.things, "computed", COUNTED, learned.words)
    figures = published_figures(place.source, place.name, place.preset)
    accuracy = [figure for figure in figures if figure.quantity == "top-1"][:1]
    architecture = CATALOG[place.name]
    return Entry(
        key=f"lesson/{place.preset}",
        title=place.preset,
        architecture=place.preset,
        family=place.name,
        year=architecture.year,
        origin="lesson",
        recipe=architecture.url,
        side=known.graph.nodes[0].shape[-1],
        facts=(things, *counted, *accuracy),
        place=place,
    )
