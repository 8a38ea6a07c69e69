"""The strip of differences: what each network costs and scores, and how that differs from the first."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from explorer.catalogue import published
from explorer.compare.bench import Slot
from explorer.compare.differing import Costs, costs_of
from explorer.compare.ready_made import pair_tables, title_of
from explorer.places import ModelSelection
from explorer.published_numbers import Figure


@dataclass(frozen=True)
class Score:
    """A published top-1 accuracy, and how far it lies from the first network's of the same source."""

    figure: Figure
    change: float | None = None  # in points; None where the two were not trained and tested alike


@dataclass(frozen=True)
class Row:
    slot: Slot
    name: str
    costs: Costs | None = None  # None where the network cannot be built
    change: Costs | None = None  # from the first; None for the first itself
    depth: int = 0
    depth_change: int = 0
    score: Score | None = None


def rows(found: tuple[Slot, ...]) -> tuple[Row, ...]:
    scores = dict(zip((slot.letter for slot in found), scored([figures(slot.place) for slot in found]), strict=True))
    reference = next((slot.study for slot in found if slot.study), None)
    made: list[Row] = []
    for slot in found:
        name, score = title_of(slot.place), scores[slot.letter]
        if slot.study is None or reference is None:
            made.append(Row(slot, name, score=score))
            continue
        costs = costs_of(slot.study.graph)
        change = None if slot.study is reference else costs - costs_of(reference.graph)
        depth = slot.study.depth
        made.append(Row(slot, name, costs, change, depth, depth - reference.depth, score))
    return tuple(made)


def figures(place: ModelSelection) -> tuple[Figure, ...]:
    """The top-1 accuracies printed of a network; of one with knobs turned, those of the tables that hold it."""
    printed = tuple(from_tables(place))
    papers = {paper(figure) for figure in printed}
    return (*printed, *(figure for figure in from_catalogue(place) if paper(figure) not in papers))


def from_tables(place: ModelSelection) -> Iterator[Figure]:
    for table in pair_tables():
        for spec, value in table.values:
            if spec == place.spec:
                yield Figure("top-1", value, table.source, table.note)


def from_catalogue(place: ModelSelection) -> Iterator[Figure]:
    if not place.changes:
        found = published(place.source, place.name, place.preset)
        yield from (figure for figure in found if figure.quantity == "top-1")


def paper(figure: Figure) -> str:
    return figure.source.partition(", Table")[0]


def scored(figures: list[tuple[Figure, ...]]) -> list[Score | None]:
    """Of each network the figure of the source that knows most of them, so that they compare; else its own first."""
    if not figures:
        return []
    common = common_source(figures)
    base = next((figure.value for figure in figures[0] if figure.source == common), None)
    found: list[Score | None] = []
    for index, each in enumerate(figures):
        same = next((figure for figure in each if figure.source == common), None)
        if same:
            found.append(Score(same, same.value - base if index and base is not None else None))
        else:
            found.append(Score(each[0]) if each else None)
    return found


def common_source(figures: list[tuple[Figure, ...]]) -> str:
    """The source that knows the first network and most others; of several, the one named first."""
    known = Counter(source for each in figures[1:] for source in {figure.source for figure in each})
    return max((figure.source for figure in figures[0]), key=lambda source: known[source], default="")
