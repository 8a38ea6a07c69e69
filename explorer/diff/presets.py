"""Comparisons that are worth a look, and what papers print of both networks of a pair in one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from explorer.glossary import read_glossary
from explorer.models.published_numbers import published_numbers
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec


@dataclass(frozen=True)
class Table:
    """Top-1 accuracies, in percent, of networks that were trained alike."""

    source: str
    note: str
    values: tuple[tuple[Spec, float], ...]


def lesson(family: str, preset: str, shortcut: str = "") -> ModelSelection:
    return ModelSelection("model_defs", family, preset, (("shortcut", shortcut),) if shortcut else ())


COMPARISONS = read_glossary("comparisons")
NETWORKS = {name: lesson(**told) for name, told in COMPARISONS["networks"].items()}
READY_MADE = {title: tuple(NETWORKS[name] for name in names) for title, names in COMPARISONS["ready_made"].items()}
NAMES = {NETWORKS[name].spec: name for name in ("plain-34", "plain-18")}


def network_title(place: ModelSelection) -> str:
    """What a network is called beside others: a preset with knobs turned is not the preset."""
    if place.spec in NAMES:
        return NAMES[place.spec]
    return f"{place.title}, changed" if place.changes else place.title


@lru_cache(maxsize=1)
def pair_tables() -> tuple[Table, ...]:
    return tuple(pair_table(**told) for told in COMPARISONS["tables"])


def pair_table(paper: str, where: str, note: str, networks: Sequence[str]) -> Table:
    printed = {
        number.name: number.figure.value
        for number in reversed(published_numbers())  # the first of a name stands
        if number.paper == paper and number.figure.quantity == "top-1"
    }
    return Table(f"{paper}, {where}", note, tuple((NETWORKS[name].spec, printed[name]) for name in networks))
