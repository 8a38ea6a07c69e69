"""Comparisons that are worth a look, and what papers print of both networks of a pair in one table."""

from collections.abc import Sequence
from functools import lru_cache

from explorer.glossary import read_glossary
from explorer.models.facts import Fact
from explorer.models.published_numbers import published_numbers
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec


def lesson(family: str, preset: str, shortcut: str = "") -> ModelSelection:
    return ModelSelection("model_defs", family, preset, (("shortcut", shortcut),) if shortcut else ())


COMPARISONS = read_glossary("comparisons")
NETWORKS = {name: lesson(**told) for name, told in COMPARISONS["networks"].items()}
READY_MADE = {title: tuple(NETWORKS[name] for name in names) for title, names in COMPARISONS["ready_made"].items()}


@lru_cache(maxsize=1)
def pair_tables() -> tuple[dict[Spec, Fact], ...]:
    """Top-1 accuracies of networks that were trained alike."""
    return tuple(pair_table(**told) for told in COMPARISONS["tables"])


def pair_table(paper: str, where: str, note: str, networks: Sequence[str]) -> dict[Spec, Fact]:
    printed = {
        number.name: number.figure.value
        for number in reversed(published_numbers())  # the first of a name stands
        if number.paper == paper and number.figure.quantity == "top-1"
    }
    source = f"{paper}, {where}"
    return {NETWORKS[name].spec: Fact("top-1", printed[name], "published", source, note) for name in networks}
