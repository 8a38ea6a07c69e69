"""The milestones from LeNet to ViT: their networks and figures, as bars on one scale, and what changed in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Any, NamedTuple

from explorer.analysis.model_summary import study
from explorer.diagram.render import Diagram, draw_diagram
from explorer.glossary import read_glossary
from explorer.graph.expansion import View
from explorer.graph.outline import Outline, outline, text_alternative, walk
from explorer.models.facts import COUNTED, QUANTITIES, Fact
from explorer.models.published_figures import published_figures
from explorer.models.selection import ModelSelection
from explorer.models.spec import build
from explorer.tracing.tracer import trace
from model_defs import CATALOG
from model_defs.architecture import Architecture

Payload = dict[str, Any]
DIGITS = "It read digits of 32×32 pixels, before there was ImageNet."


class Scale(NamedTuple):
    """From one end of the bars to the other."""

    low: float
    high: float
    log: bool
    words: str

    def share(self, value: float) -> float:
        if self.log:
            value, low, high = log10(max(value, self.low)), log10(self.low), log10(self.high)
            return round((value - low) / (high - low), 4)
        return round((value - self.low) / (self.high - self.low), 4)

    @property
    def rules(self) -> tuple[float, ...]:
        """Where a line is drawn: at every power of ten, or at every quarter."""
        if self.log:
            decades = round(log10(self.high / self.low))
            return tuple(round(step / decades, 4) for step in range(1, decades))
        return 0.25, 0.5, 0.75


SCALES = {
    "parameters": Scale(1e4, 1e9, True, "each line stands for ten times the one before"),
    "MACs": Scale(1e5, 1e11, True, "each line stands for ten times the one before"),
    "top-1": Scale(0, 100, False, "0 to 100 %"),
}


def fact_bar(facts: Sequence[Fact]) -> dict[str, object] | None:
    """The first fact as a bar, a second one as how far it went since; None where there is no figure."""
    if not facts:
        return None
    fact, scale = facts[0], SCALES.get(facts[0].quantity)
    said: dict[str, object] = {
        "value": QUANTITIES[fact.quantity].spell(fact.value),
        "kind": fact.kind,
        "source": fact.source,
        "note": fact.note,
        "share": scale.share(fact.value) if scale else 0,
    }
    if len(facts) > 1 and scale:
        later = facts[1]
        said |= {"later": scale.share(later.value), "since": f"{QUANTITIES[later.quantity].spell(later.value)}"}
        said |= {"sinceSource": later.source}
    return said


def change_sentence(before: str, old: Mapping[str, Fact], new: Mapping[str, Fact]) -> str:
    """Against GoogLeNet: 3.7 times as many parameters, 2.6 times as many MACs, 6.4 points more top-1."""
    told = [
        ratio_words(new[quantity].value / old[quantity].value, quantity)
        for quantity in ("parameters", "MACs")
        if quantity in old and quantity in new
    ]
    apart = ""
    if "top-1" in old and "top-1" in new:
        if old["top-1"].source == new["top-1"].source:
            gain = new["top-1"].value - old["top-1"].value
            told.append(f"{abs(gain):.1f} points {'more' if gain >= 0 else 'less'} top-1")
        else:
            apart = " Their top-1 was published in two places and does not compare."
    return f"Against {before}: {', '.join(told)}.{apart}" if told else ""


def ratio_words(times: float, quantity: str) -> str:
    if 0.95 < times < 1.05:
        return f"about as many {quantity}"
    if times < 1:
        return f"{1 / times:.2g} times fewer {quantity}"
    return f"{times:,.0f} times as many {quantity}" if times >= 9.5 else f"{times:.2g} times as many {quantity}"


@dataclass(frozen=True)
class Milestone:
    place: ModelSelection
    block: str  # the module that shows the idea, as the network calls it
    shows: str  # what one sees in it
    closed: tuple[str, ...] = ()  # parts of the block that stay shut in the picture
    stand_in: str = ""  # the preset whose published accuracy is shown where this form has none
    ancestor: str = ""  # the milestone it came from, where that is not the one before

    @property
    def key(self) -> str:
        return self.place.name

    @property
    def architecture(self) -> Architecture:
        return CATALOG[self.place.name]


def milestone(family: str, preset: str, closed: Sequence[str] = (), **told: str) -> Milestone:
    return Milestone(ModelSelection("model_defs", family, preset), closed=tuple(closed), **told)


MILESTONES = tuple(milestone(family, **told) for family, told in read_glossary("milestones").items())


@dataclass(frozen=True)
class DrawnMilestone:
    """What only the built network tells."""

    parameters: Fact
    macs: Fact
    picture: Diagram
    words: str  # the picture as a list


def draw_milestone(each: Milestone) -> DrawnMilestone:
    """Raises `ValueError` with a reason where the network cannot be built or its block not drawn."""
    graph = study(each.place.spec).graph
    side = graph.nodes[0].shape[-1]
    inside = block_outline(each)
    view = View(frozenset(item.id for item in walk(inside.written) if item.children and item.id not in each.closed))
    return DrawnMilestone(
        Fact("parameters", graph.params, "computed", COUNTED),
        Fact("MACs", graph.macs, "computed", COUNTED, f"on {side}×{side} pixels"),
        draw_diagram(inside, view, wrapped=False),
        text_alternative(inside),
    )


def block_outline(each: Milestone) -> Outline:
    """Of the live module in the network, run on the shape that it is given there."""
    graph = study(each.place.spec).graph
    first = next(node for node in graph.nodes if each.block in node.path)
    module = build(each.place.spec, "meta").get_submodule(each.block)
    return outline(trace(module, graph.by_name[first.inputs[0]].shape))


def accuracies(each: Milestone, quantity: str) -> tuple[Fact, ...]:
    """As first published, then the most that it reached since, by other recipes or with more pictures to learn from."""
    found = milestone_figures(each.place.preset, each, quantity)
    note = ""
    if not found and each.stand_in:
        found, note = milestone_figures(each.stand_in, each, quantity), each.stand_in
    if not found:
        return ()
    alike = [figure for figure in found if "pixels" not in figure.note]  # on images as large
    best = max(alike or found, key=lambda figure: figure.value)
    kept = found[:1] if best.value - found[0].value < 0.5 else [found[0], best]
    return tuple(replace(figure, note=", ".join(filter(None, (note, figure.note)))) for figure in kept)


def milestone_figures(preset: str, each: Milestone, quantity: str) -> list[Fact]:
    return [found for found in published_figures("model_defs", each.place.name, preset) if found.quantity == quantity]


def story(done: Mapping[Milestone, DrawnMilestone], failed: Mapping[Milestone, str]) -> list[Payload]:
    known = [milestone_facts(each, done.get(each)) for each in MILESTONES]
    return [
        milestone_words(each)
        | {"bars": {quantity: fact_bar(facts) for quantity, facts in found.items()}}
        | milestone_diagram(done.get(each), failed.get(each, ""))
        | {"change": against(index, known)}
        for index, (each, found) in enumerate(zip(MILESTONES, known, strict=True))
    ]


def milestone_words(each: Milestone) -> Payload:
    architecture = each.architecture
    return {
        "id": each.key,
        "year": architecture.year,
        "title": architecture.name,
        "network": each.place.preset,
        "idea": architecture.idea,
        "paper": architecture.paper,
        "url": architecture.url,
        "caption": each.shows,
        "note": remark(each),
    }


def remark(each: Milestone) -> str:
    """What to know about its accuracy."""
    if not accuracies(each, "top-1"):
        return DIGITS
    return f"Its top-1 is of torchvision’s form: {each.stand_in.partition(', ')[2]}." if each.stand_in else ""


def milestone_facts(each: Milestone, found: DrawnMilestone | None) -> Mapping[str, Sequence[Fact]]:
    counted = {"parameters": (found.parameters,), "MACs": (found.macs,)} if found else {}
    return counted | {quantity: accuracies(each, quantity) for quantity in ("top-1", "top-5")}


def milestone_diagram(found: DrawnMilestone | None, problem: str) -> Payload:
    if found is None:
        return {"svg": "", "alt": "", "problem": f"It could not be drawn: {problem}" if problem else ""}
    return {"svg": found.picture.svg, "alt": found.words, "problem": ""}


def against(index: int, known: Sequence[Mapping[str, Sequence[Fact]]]) -> str:
    """What it came from, and what changed since; nothing before both are built."""
    if not index:
        return ""
    ancestor = MILESTONES[index].ancestor
    before = next((place for place, each in enumerate(MILESTONES) if each.key == ancestor), index - 1)
    old, new = ({name: told[0] for name, told in known[place].items() if told} for place in (before, index))
    return change_sentence(MILESTONES[before].place.preset, old, new) if "MACs" in old and "MACs" in new else ""


def scales() -> list[Payload]:
    titles = {"parameters": "Parameters", "MACs": "MACs", "top-1": "Top-1"}
    return [
        {"id": quantity, "title": titles[quantity], "words": scale.words, "rules": scale.rules}
        for quantity, scale in SCALES.items()
    ]
