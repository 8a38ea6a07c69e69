"""The pictures of the bench, which boxes of them go together, and the pair whose differences are shown."""

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

from explorer.diagram.side_by_side import Pane
from explorer.diff.changes import list_changes
from explorer.diff.comparison import LETTERS, Slot, diff_specs, draw_networks, slots, views
from explorer.diff.layer_diff import BoxMark, Links, box_links, pane_marks
from explorer.diff.presets import network_title
from explorer.diff.summary import difference_sentences
from explorer.ui.compare.page_state import current_bench, go_bench
from explorer.ui.components.network_viewer import Comparison
from explorer.ui.session import complain

COLOURS = ("differences", "kind", "params", "macs", "memory")


def pane_diagrams(found: tuple[Slot, ...]) -> dict[str, Pane]:
    """By letter. Where too much is open to be drawn, what one starts with."""
    try:
        return draw_slots(found)
    except ValueError as error:
        complain(str(error))
        if all(place.opened is None for place in current_bench().bench):
            return {}  # nothing to fold: too many are being drawn just now
        go_bench(replace(current_bench(), bench=tuple(replace(place, opened=None) for place in current_bench().bench)))
        with suppress(ValueError):
            return draw_slots(slots(current_bench().bench))
        return {}


def draw_slots(found: tuple[Slot, ...]) -> dict[str, Pane]:
    opened = views(found)
    built = [slot for slot in found if slot.letter in opened]
    made = draw_networks(tuple((slot.place.spec, opened[slot.letter]) for slot in built))
    return {slot.letter: pane for slot, pane in zip(built, made, strict=True)}


def compare_pair(found: tuple[Slot, ...], drawn: dict[str, Pane]) -> Comparison | None:
    """Of the pair chosen, else of the first two that can be drawn."""
    places = [place for place, slot in enumerate(found) if slot.letter in drawn]
    steps = tuple(pairwise(places))
    if not steps:
        return None
    pair = chosen_pair(steps)
    first, second = (found[place] for place in pair)
    difference = diff_specs(first.place.spec, second.place.spec)
    sentence = difference_sentences(difference, network_title(first.place), network_title(second.place))
    return Comparison(pair, sentence, list_changes(difference), steps, linked(found, drawn))


def chosen_pair(steps: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    word = current_bench().word("pair")
    named = next((step for step in steps if "".join(LETTERS[place] for place in step).lower() == word), None)
    if word and not named:
        complain(f"The link compares “{word[:20]}”: there is no such pair of neighbours here. Showing the first.")
        go_bench(current_bench().said({"pair": ""}))
    return named or steps[0]


def mark_boxes(
    found: tuple[Slot, ...], drawn: dict[str, Pane], comparison: Comparison | None
) -> dict[str, dict[str, BoxMark]]:
    if comparison is None:
        return {}
    first, second = (found[place] for place in comparison.pair)
    difference = diff_specs(first.place.spec, second.place.spec)
    return {
        first.letter: pane_marks(drawn[first.letter], difference.status_before),
        second.letter: pane_marks(drawn[second.letter], difference.status_after),
    }


def linked(found: tuple[Slot, ...], drawn: dict[str, Pane]) -> dict[int, dict[int, Links]]:
    """For each two panes, by their places: which boxes of the one go with which of the other."""
    links: dict[int, dict[int, Links]] = {}
    there = [(place, slot) for place, slot in enumerate(found) if slot.letter in drawn]
    for index, (i, one) in enumerate(there):
        for j, other in there[index + 1 :]:
            difference = diff_specs(one.place.spec, other.place.spec)
            here, beside = drawn[one.letter], drawn[other.letter]
            links.setdefault(i, {})[j] = box_links(here, beside, difference, forward=True)
            links.setdefault(j, {})[i] = box_links(beside, here, difference, forward=False)
    return links


def colour() -> str:
    word = current_bench().word("colour", COLOURS[0])
    if word in COLOURS:
        return word
    complain(f"The link colours by “{word[:40]}”: there are {', '.join(COLOURS)}. Showing {COLOURS[0]} instead.")
    go_bench(current_bench().said({"colour": ""}))
    return COLOURS[0]
