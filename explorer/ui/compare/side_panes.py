"""The pictures side by side, with the list of what differs: one component, one zoom."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from streamlit.components.v2 import component

from explorer.compare.abreast import Pane
from explorer.compare.changes import Change
from explorer.compare.counterparts import Links, Mark
from explorer.ui.components.component import Event, link_modules, read_files, receiver
from explorer.ui.components.network_viewer import kind_colours


@dataclass(frozen=True)
class Shown:
    """One network, as its pane shows it."""

    letter: str
    name: str
    source: str  # where it comes from
    pane: Pane | None  # None where it cannot be shown
    problem: str = ""
    marks: dict[str, Mark] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """What differs between two of the panes."""

    pair: tuple[int, int]
    told: str  # in sentences
    changes: tuple[Change, ...]
    steps: tuple[tuple[int, int], ...]  # the pairs there are to choose from


@dataclass(frozen=True)
class Look:
    colour: str
    selected: str  # "b:stage1.0"
    revision: int  # the selection is obeyed when this changes
    settled: bool  # the page is whole: no need to say when the pictures are drawn
    height: str


def show(
    panes: tuple[Shown, ...],
    links: dict[int, dict[int, Links]],
    comparison: Comparison | None,
    look: Look,
    on_event: Callable[[Event], None],
) -> None:
    """`links` say for each two panes which boxes go together."""
    key = "side/panes"
    data = {"panes": [of_pane(pane) for pane in panes], "links": links} | asdict(look)
    COMPONENT(key=key, data=data | of_comparison(panes, comparison), on_event_change=receiver(key, on_event))


def of_pane(shown: Shown) -> dict[str, Any]:
    pane = shown.pane
    words = {"letter": shown.letter, "name": shown.name, "source": shown.source, "problem": shown.problem}
    if pane is None:
        return words
    boxes = {name: vars(box) for name, box in pane.boxes.items()}
    marks = {name: vars(mark) for name, mark in shown.marks.items()}
    return words | {"problem": "", "svg": pane.svg, "boxes": boxes, "marks": marks, "height": pane.height}


def of_comparison(panes: tuple[Shown, ...], comparison: Comparison | None) -> dict[str, Any]:
    if comparison is None:
        return {"told": "", "pair": [], "changes": [], "steps": []}
    first, second = (panes[place].pane for place in comparison.pair)
    assert first and second
    rows = [of_change(change, first, second) for change in comparison.changes]
    return {"told": comparison.told, "pair": comparison.pair, "changes": rows, "steps": comparison.steps}


def of_change(change: Change, first: Pane, second: Pane) -> dict[str, Any]:
    def boxes(names: tuple[str, ...], pane: Pane) -> list[str]:
        return list(dict.fromkeys(filter(None, (pane.holder[name] for name in names))))

    words = {"status": change.status, "what": change.what, "where": change.where, "times": change.times}
    places = {"before": boxes(change.before, first), "after": boxes(change.after, second)}
    return words | places | asdict(change.costs)


COMPONENT = component(
    "side_by_side",
    html=read_files("network_viewer/side.html"),
    css=f"{kind_colours()}\n{read_files('network_viewer/viewer.css', 'network_viewer/side.css')}",
    js=link_modules("network_viewer/side.js"),
)
