"""The pictures of the bench, which boxes of them go together, and the pair whose differences are shown."""

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from explorer.compare import bench as benches
from explorer.compare import counterparts
from explorer.compare.abreast import Pane
from explorer.compare.bench import LETTERS, Slot
from explorer.compare.changes import changes
from explorer.compare.counterparts import Links, Mark
from explorer.compare.ready_made import title_of
from explorer.compare.telling import told
from explorer.ui.compare.state import current, go
from explorer.ui.components.network_viewer import Comparison
from explorer.ui.session import complain

COLOURS = ("differences", "kind", "params", "macs", "memory")


def pictures(found: tuple[Slot, ...]) -> dict[str, Pane]:
    """By letter. Where too much is open to be drawn, what one starts with."""
    try:
        return drawn(found)
    except ValueError as error:
        complain(str(error))
        if all(place.opened is None for place in current().bench):
            return {}  # nothing to fold: too many are being drawn just now
        go(replace(current(), bench=tuple(replace(place, opened=None) for place in current().bench)))
        with suppress(ValueError):
            return drawn(benches.slots(current().bench))
        return {}


def drawn(found: tuple[Slot, ...]) -> dict[str, Pane]:
    opened = benches.views(found)
    built = [slot for slot in found if slot.letter in opened]
    made = benches.drawn(tuple((slot.place.spec, opened[slot.letter]) for slot in built))
    return {slot.letter: pane for slot, pane in zip(built, made, strict=True)}


def compared(found: tuple[Slot, ...], drawn: dict[str, Pane]) -> Comparison | None:
    """Of the pair chosen, else of the first two that can be drawn."""
    places = [place for place, slot in enumerate(found) if slot.letter in drawn]
    steps = tuple(pairwise(places))
    if not steps:
        return None
    pair = chosen(steps)
    first, second = (found[place] for place in pair)
    difference = benches.difference(first.place.spec, second.place.spec)
    sentence = told(difference, title_of(first.place), title_of(second.place))
    return Comparison(pair, sentence, changes(difference), steps, linked(found, drawn))


def chosen(steps: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    word = current().word("pair")
    named = next((step for step in steps if "".join(LETTERS[place] for place in step).lower() == word), None)
    if word and not named:
        complain(f"The link compares “{word[:20]}”: there is no such pair of neighbours here. Showing the first.")
        go(current().said({"pair": ""}))
    return named or steps[0]


def marked(
    found: tuple[Slot, ...], drawn: dict[str, Pane], comparison: Comparison | None
) -> dict[str, dict[str, Mark]]:
    if comparison is None:
        return {}
    first, second = (found[place] for place in comparison.pair)
    difference = benches.difference(first.place.spec, second.place.spec)
    return {
        first.letter: counterparts.marks(drawn[first.letter], difference.status_before),
        second.letter: counterparts.marks(drawn[second.letter], difference.status_after),
    }


def linked(found: tuple[Slot, ...], drawn: dict[str, Pane]) -> dict[int, dict[int, Links]]:
    """For each two panes, by their places: which boxes of the one go with which of the other."""
    links: dict[int, dict[int, Links]] = {}
    there = [(place, slot) for place, slot in enumerate(found) if slot.letter in drawn]
    for index, (i, one) in enumerate(there):
        for j, other in there[index + 1 :]:
            difference = benches.difference(one.place.spec, other.place.spec)
            here, beside = drawn[one.letter], drawn[other.letter]
            links.setdefault(i, {})[j] = counterparts.links(here, beside, difference, forward=True)
            links.setdefault(j, {})[i] = counterparts.links(beside, here, difference, forward=False)
    return links


def colour() -> str:
    word = current().word("colour", COLOURS[0])
    if word in COLOURS:
        return word
    complain(f"The link colours by “{word[:40]}”: there are {', '.join(COLOURS)}. Showing {COLOURS[0]} instead.")
    go(current().said({"colour": ""}))
    return COLOURS[0]
