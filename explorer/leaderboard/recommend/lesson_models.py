"""The lesson's own networks as entries: each with what there is to understand in it, for those who want to learn."""

from functools import lru_cache

from explorer.analysis.complexity import simplicity
from explorer.analysis.model_summary import study
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.recommend.requirements import LAYERS, SIMPLICITY
from explorer.leaderboard.recommend.use_cases import SITUATIONS
from explorer.models.facts import COUNTED, Fact
from explorer.models.published_figures import published_figures
from explorer.models.selection import ModelSelection
from model_defs import CATALOG

EXERCISES = "Exercise nets"  # trained on small images, each to show one thing


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
    printed = next((figure for figure in figures if figure.quantity == "top-1"), None)
    accuracy = (Fact("top-1", printed.value, "published", printed.source, printed.note),) if printed else ()
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
