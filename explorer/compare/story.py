"""What the timeline tells of each milestone: words at once, pictures and counts as soon as its network is built."""

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.compare.evolution_charts import SCALES, bar, change
from explorer.compare.facts import Fact
from explorer.compare.milestones import MILESTONES, Drawn, Milestone, accuracies

Told = dict[str, Any]
DIGITS = "It read digits of 32×32 pixels, before there was ImageNet."


def story(done: Mapping[Milestone, Drawn], failed: Mapping[Milestone, str]) -> list[Told]:
    known = [facts(each, done.get(each)) for each in MILESTONES]
    return [
        words(each) | figures(found) | picture(done.get(each), failed.get(each, "")) | {"change": against(index, known)}
        for index, (each, found) in enumerate(zip(MILESTONES, known, strict=True))
    ]


def words(each: Milestone) -> Told:
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


def facts(each: Milestone, found: Drawn | None) -> Mapping[str, Sequence[Fact]]:
    counted = {"parameters": (found.parameters,), "MACs": (found.macs,)} if found else {}
    return counted | {quantity: accuracies(each, quantity) for quantity in ("top-1", "top-5")}


def figures(found: Mapping[str, Sequence[Fact]]) -> Told:
    return {"bars": {quantity: bar(told) for quantity, told in found.items()}}


def picture(found: Drawn | None, problem: str) -> Told:
    if found is None:
        return {"svg": "", "alt": "", "problem": f"It could not be drawn: {problem}" if problem else ""}
    return {"svg": found.picture.svg, "alt": found.words, "problem": ""}


def against(index: int, known: Sequence[Mapping[str, Sequence[Fact]]]) -> str:
    """The one before, and what changed since; nothing before both are built."""
    if not index:
        return ""
    old, new = ({name: told[0] for name, told in each.items() if told} for each in known[index - 1 : index + 1])
    return change(MILESTONES[index - 1].place.preset, old, new) if "MACs" in old and "MACs" in new else ""


def scales() -> list[Told]:
    titles = {"parameters": "Parameters", "MACs": "MACs", "top-1": "Top-1"}
    return [
        {"id": quantity, "title": titles[quantity], "words": scale.words, "rules": scale.rules}
        for quantity, scale in SCALES.items()
    ]
