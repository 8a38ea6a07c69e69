"""Several networks in one table, as the lesson's fourth exercise asks: who counts what, and accuracy for its price."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.analysis.crosscheck.crosscheck import COUNTERS, Answer, Answers
from explorer.analysis.model_summary import study
from explorer.formatting import csv_text
from explorer.models.facts import Fact
from explorer.models.names import network_title
from explorer.models.published_figures import published_figures
from explorer.models.published_numbers import numbers_shown
from explorer.models.selection import ModelSelection, preset_of

EXERCISE = tuple(ModelSelection("torchvision", name, "") for name in ("vgg16", "resnet50", "efficientnet_b0"))
TOOLS = ("thop", "torchinfo")
NO_ANSWER: Answer = {}
HEADS = ("network", "input", "parameters", "MACs", "not counted in MACs")
COUNTED_BY = tuple(f"{quantity} by {tool}" for tool in TOOLS for quantity in ("parameters", "MACs"))
ACCURACY = ("top-1", "source", "note", "points for a million parameters", "points for a billion MACs")


@dataclass(frozen=True)
class NetworkEfficiency:
    """A network's counts for one image, ours and the tools', and its published top-1 accuracies in percent."""

    title: str
    shape: str
    params: int
    macs: int
    answers: Answers  # params and macs, or a problem; empty while they count
    accuracies: tuple[Fact, ...]
    problem: str = ""  # why it, or the tools, could not be asked
    uncounted: str = ""  # why `macs` are not all, in sentences

    def per_million(self, accuracy: Fact) -> float:
        return accuracy.value / (self.params / 1e6)

    def per_giga(self, accuracy: Fact) -> float:
        return accuracy.value / (self.macs / 1e9)


def network_efficiency(place: ModelSelection) -> NetworkEfficiency:
    """As far as the tools have answered. Raises `ValueError` where the network cannot be built."""
    graph = study(place.spec).graph
    spec = (place.spec,)
    answers = COUNTERS.answers.found(spec).get(place.spec, {})
    told = {name: answers[name] for name in TOOLS if name in answers}
    problem = COUNTERS.answers.problems(spec).get(place.spec, "")
    shape = graph.input_words()
    lacks = "; ".join(dict.fromkeys(why for _, why in graph.uncounted))
    counts = network_title(place), shape, graph.params, graph.macs
    return NetworkEfficiency(*counts, told, top1_sources(place), problem, lacks)


def top1_sources(place: ModelSelection) -> tuple[Fact, ...]:
    """The lesson's own first; of a network with its knobs turned none, for nobody trained it."""
    if place.changes:
        return ()
    lesson = [
        number.figure
        for number in numbers_shown("lesson")
        if number.figure.quantity == "top-1" and is_network(place, number.family, number.preset)
    ]
    said = published_figures(place.source, place.name, place.preset)
    return (*lesson, *(figure for figure in said if figure.quantity == "top-1"))


def is_network(place: ModelSelection, family: str, preset: str) -> bool:
    if place.source == "model_defs":
        return (place.name, place.preset) == (family, preset)
    known = preset_of("model_defs", family, preset)
    return place.source == "torchvision" and known is not None and known.torchvision == place.name


def best_for_price(rows: Sequence[NetworkEfficiency]) -> str:
    """By one source alone, the one that knows most of the networks; nothing where none knows two."""
    sources = Counter(figure.source for row in rows for figure in row.accuracies)
    source, known = max(sources.items(), key=lambda each: each[1], default=("", 0))
    if known < 2:
        return ""
    figures = [(row, next((each for each in row.accuracies if each.source == source), None)) for row in rows]
    pairs = [(row, figure) for row, figure in figures if figure]
    slim, slim_figure = max(pairs, key=lambda pair: pair[0].per_million(pair[1]))
    quick, quick_figure = max(pairs, key=lambda pair: pair[0].per_giga(pair[1]))
    return (
        f"By the accuracies of {source}: most for each parameter {slim.title}, {slim.per_million(slim_figure):.3g} "
        f"points a million; most for each multiply-add {quick.title}, {quick.per_giga(quick_figure):.3g} points a "
        "billion."
    )


def efficiency_csv(rows: Sequence[NetworkEfficiency]) -> str:
    """A line for each accuracy of each network; one without any for a network that nobody trained."""
    lines: list[tuple[object, ...]] = [HEADS + COUNTED_BY + ACCURACY]
    for row in rows:
        told = [row.answers.get(tool, NO_ANSWER).get(what, "") for tool in TOOLS for what in ("params", "macs")]
        head = (row.title, row.shape, row.params, row.macs, row.uncounted, *told)
        for figure in row.accuracies:
            for_price = f"{row.per_million(figure):.4g}", f"{row.per_giga(figure):.4g}"
            lines.append((*head, figure.value, figure.source, figure.note, *for_price))
        if not row.accuracies:
            lines.append((*head, *("" for _ in ACCURACY)))
    return csv_text(lines)


def unbuilt(place: ModelSelection, problem: str) -> NetworkEfficiency:
    return NetworkEfficiency(network_title(place), "", 0, 0, {}, (), problem)
