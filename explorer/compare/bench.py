"""The networks on the bench, built, laid against each other and drawn, each thing once."""

from dataclasses import dataclass, replace
from functools import lru_cache

from explorer.compare.abreast import Pane, abreast
from explorer.compare.differing import Differing, differing
from explorer.compare.laid import Laid, holder, laid
from explorer.nesting import Item
from explorer.places import ModelSelection
from explorer.scene import visible
from explorer.specs import Spec
from explorer.studies import Study, study
from explorer.views import View, check

LETTERS = "ABCD"
FEW = 34  # boxes: as many may be open where nobody has opened anything


@dataclass(frozen=True)
class Slot:
    letter: str
    place: ModelSelection
    study: Study | None  # None where it cannot be built
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
def difference(first: Spec, second: Spec) -> Differing:
    return differing(study(first).outline, study(second).outline)


@lru_cache(maxsize=64)
def layout(spec: Spec, view: View) -> Laid:
    return laid(study(spec).outline, view)


@lru_cache(maxsize=32)
def drawn(shown: tuple[tuple[Spec, View], ...]) -> tuple[Pane, ...]:
    """The pictures, to stand side by side. Raises `ValueError` where there is too much to draw."""
    return abreast(layout(spec, view) for spec, view in shown)


def views(found: tuple[Slot, ...]) -> dict[str, View]:
    """What is open in each, by letter: what the visitor opened, else the stages and the first block that differs."""
    built = [slot for slot in found if slot.study]
    telling = first_differing(built)
    return {slot.letter: view_of(slot, telling.get(slot.letter, "")) for slot in built}


def view_of(slot: Slot, telling: str) -> View:
    known = slot.study
    assert known
    place = slot.place
    if place.opened is not None:
        return View(frozenset(place.opened), place.repeats)
    usual = replace(known.view, direction="TB", repeats=place.repeats)
    wider = replace(usual, opened=usual.opened | {telling})
    fits = telling and boxes(known, wider) <= FEW
    return wider if fits else usual


def boxes(known: Study, view: View) -> int:
    try:
        return len(visible(known.outline, check(known.outline, view)).boxes)
    except ValueError:
        return FEW + 1


def first_differing(built: list[Slot]) -> dict[str, str]:
    """The boxes of the first block that is not the same in two networks; where there are more, the panes are narrow."""
    if len(built) != 2:
        return {}
    first, second = built
    found = difference(first.place.spec, second.place.spec)
    for pair in found.pairs:
        match = found.matches[pair.match]
        if pair.status != "same" and match.before and match.after and match.before.block:
            before, after = match.before.nodes[0].name, match.after.nodes[0].name
            return {first.letter: box_of(first, before), second.letter: box_of(second, after)}
    return {}


def box_of(slot: Slot, name: str) -> str:
    """The box that a node is drawn in when nothing has been opened, if it can be opened."""
    known = slot.study
    assert known
    view = replace(known.view, repeats=slot.place.repeats)
    box = holder(visible(known.outline, view), known.outline)[name]
    item: Item | None = known.outline.find(box, view.repeats)
    return box if item and item.children else ""
