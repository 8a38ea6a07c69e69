"""Networks side by side: built, laid against each other and drawn, each thing once; their figures and what changed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from explorer.analysis.model_summary import ModelSummary, study
from explorer.analysis.stage_costs import Costs
from explorer.diagram.render import Layout, lay_out
from explorer.diagram.scene import visible
from explorer.diagram.side_by_side import Pane, abreast
from explorer.diff.layer_diff import Differing, costs_of, diff_outlines
from explorer.glossary import read_glossary
from explorer.graph.expansion import View, count_items, open_parents
from explorer.graph.module_tree import effective
from explorer.graph.segments import Unit
from explorer.models.facts import Fact
from explorer.models.names import network_title
from explorer.models.published_figures import published_figures
from explorer.models.published_numbers import published_numbers
from explorer.models.selection import ModelSelection, as_preset
from explorer.models.spec import Spec

LETTERS = "ABCD"
FEW = 34  # boxes: as many may be open where nobody has opened anything


@dataclass(frozen=True)
class Slot:
    letter: str
    place: ModelSelection
    study: ModelSummary | None  # None where it cannot be built
    problem: str = ""


def slots(bench: tuple[ModelSelection, ...]) -> tuple[Slot, ...]:
    return tuple(slot(letter, place) for letter, place in zip(LETTERS, bench, strict=False))


def slot(letter: str, place: ModelSelection) -> Slot:
    try:
        known = study(place.spec)
    except ValueError as error:
        return Slot(letter, place, None, f"{place.title} cannot be shown. {error}")
    return Slot(letter, place, known, known.graph.broken)


@lru_cache(maxsize=64)
def diff_specs(first: Spec, second: Spec) -> Differing:
    return diff_outlines(study(first).outline, study(second).outline)


@lru_cache(maxsize=64)
def layout(spec: Spec, view: View) -> Layout:
    return lay_out(study(spec).outline, replace(view, direction="TB"))


@lru_cache(maxsize=32)
def draw_networks(shown: tuple[tuple[Spec, View], ...]) -> tuple[Pane, ...]:
    """The pictures, to stand side by side. Raises `ValueError` where there is too much to draw."""
    return abreast([layout(spec, view) for spec, view in shown])


def views(found: tuple[Slot, ...]) -> dict[str, View]:
    """What is open in each, by letter: what the visitor opened, else the stages and a block that differs as most do."""
    built = [slot for slot in found if slot.study]
    telling = typical_difference(built)
    return {slot.letter: slot_view(slot, telling.get(slot.letter, "")) for slot in built}


def slot_view(slot: Slot, telling: str) -> View:
    known = slot.study
    assert known
    place = slot.place
    if place.opened is not None:
        return open_parents(known.outline, View(frozenset(place.opened), place.repeats))
    usual = replace(known.view, direction="TB", repeats=place.repeats)
    wider = replace(usual, opened=usual.opened | {telling})
    fits = telling and count_items(known.outline.items(wider.repeats), wider.opened) <= FEW
    return wider if fits else usual


def typical_difference(built: list[Slot]) -> dict[str, str]:
    """The boxes of the first block with the difference that most blocks have, the first blocks of stages being special;
    with more than two networks none, for the panes are narrow."""
    if len(built) != 2:
        return {}
    first, second = built
    found = diff_specs(first.place.spec, second.place.spec)
    changes: dict[int, list[tuple[str, str]]] = {}
    for pair in found.pairs:
        match = found.matches[pair.match]
        if pair.status != "same" and match.before and match.after and match.before.block:
            changes.setdefault(pair.match, []).append((pair.status, pair.node.op))
    if not changes:
        return {}
    kinds = {
        index: (*changed, *sums(first, found.matches[index].before), *sums(second, found.matches[index].after))
        for index, changed in changes.items()
    }
    often = Counter(kinds.values())
    match = found.matches[max(kinds, key=lambda index: often[kinds[index]])]  # of equals the first
    assert match.before and match.after
    before, after = match.before.nodes[0].name, match.after.nodes[0].name
    return {first.letter: enclosing_box(first, before), second.letter: enclosing_box(second, after)}


def sums(slot: Slot, block: Unit | None) -> Iterator[tuple[str, ...]]:
    """What a block's additions add: the same layers may be wired differently."""
    assert slot.study
    graph = slot.study.graph
    for node in block.nodes if block else ():
        if node.kind == "addition":
            yield tuple(graph.by_name[effective(graph, name)].op for name in node.inputs)


def enclosing_box(slot: Slot, name: str) -> str:
    """The box that a node is drawn in when nothing has been opened, if it can be opened."""
    known = slot.study
    assert known
    view = replace(known.view, repeats=slot.place.repeats)
    box = visible(known.outline, view).holder[name]
    item = known.outline.find(box, view.repeats)
    return box if item and item.children else ""


@dataclass(frozen=True)
class Score:
    """A published top-1 accuracy, and how far it lies from the first network's of the same source."""

    figure: Fact
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


def metric_rows(found: tuple[Slot, ...]) -> tuple[Row, ...]:
    scores = scored([top1_figures(slot.place) for slot in found])
    reference = next((slot.study for slot in found if slot.study), None)
    made: list[Row] = []
    for slot, score in zip(found, scores, strict=True):
        name = network_title(slot.place)
        if slot.study is None or reference is None:
            made.append(Row(slot, name, score=score))
            continue
        costs = costs_of(slot.study.graph)
        change = None if slot.study is reference else costs - costs_of(reference.graph)
        depth = slot.study.depth
        made.append(Row(slot, name, costs, change, depth, depth - reference.depth, score))
    return tuple(made)


def top1_figures(place: ModelSelection) -> tuple[Fact, ...]:
    """The top-1 accuracies printed of a network; of one with knobs turned, those of the tables that hold it."""
    printed = [table[place.spec] for table in pair_tables() if place.spec in table]
    papers = {paper(figure) for figure in printed}
    place = as_preset(place)
    usual = () if place.changes else published_figures(place.source, place.name, place.preset)
    return (*printed, *(each for each in usual if each.quantity == "top-1" and paper(each) not in papers))


def paper(figure: Fact) -> str:
    return figure.source.partition(", Table")[0]


def scored(figures: list[tuple[Fact, ...]]) -> list[Score | None]:
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


def common_source(figures: list[tuple[Fact, ...]]) -> str:
    """The source that knows the first network and most others; of several, the one named first."""
    known = Counter(source for each in figures[1:] for source in {figure.source for figure in each})
    return max((figure.source for figure in figures[0]), key=lambda source: known[source], default="")


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
