"""The viewer of one to four drawn networks: shows them in the browser, and says what was clicked."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from streamlit.components.v2 import component

from explorer.colors import COLOURS
from explorer.diagram.render import Diagram
from explorer.diagram.side_by_side import Pane
from explorer.diff.changes import Change
from explorer.diff.layer_diff import BoxMark, Links
from explorer.ui.components.component import Event, link_modules, read_files, receiver

FOLDER = "network_viewer"


@dataclass(frozen=True)
class NetworkPane:
    """One network, as its pane shows it."""

    name: str  # "ResNet-50": what the picture is of, and the name of saved files
    drawing: Diagram | Pane | None  # None where it cannot be shown
    letter: str = ""  # none where it stands alone
    source: str = ""  # where it comes from
    problem: str = ""
    marks: dict[str, BoxMark] = field(default_factory=dict)
    maps: dict[str, str] = field(default_factory=dict)  # of boxes what they computed, as `data:` addresses of PNGs


@dataclass(frozen=True)
class Comparison:
    """What differs between two of the panes."""

    pair: tuple[int, int]
    told: str  # in sentences
    changes: tuple[Change, ...]
    steps: tuple[tuple[int, int], ...]  # the pairs there are to choose from
    links: dict[int, dict[int, Links]]  # for each two panes which boxes go together


@dataclass(frozen=True)
class Display:
    """How the pictures are shown."""

    height: str  # a length in CSS
    colour: str = "kind"  # or params, macs, memory, field, differences
    direction: str = "TB"  # as it was drawn
    repeats: bool = True  # as it was drawn
    alt: str = ""  # the picture in words, one line for each thing in it
    selected: str = ""  # obeyed when `revision` changes, so that clicks need no way back from Python: "b:stage1.0"
    revision: int = 0
    opened: bool = False  # somebody has chosen what is open: to be seen whole, or at least what is inside
    settled: bool = False  # the page is whole: no need to say when the pictures are drawn


def show_networks(
    panes: tuple[NetworkPane, ...],
    display: Display,
    comparison: Comparison | None = None,
    *,
    key: str,
    on_event: Callable[[Event], None],
) -> None:
    """Mount the viewer; `on_event` is called before the rerun, once for each thing done."""
    data = {"panes": [describe_pane(pane) for pane in panes], "several": all(pane.letter for pane in panes)}
    COMPONENT(
        key=key,
        data=data | asdict(display) | describe_comparison(panes, comparison),
        on_event_change=receiver(key, on_event),
    )


def describe_pane(pane: NetworkPane) -> dict[str, Any]:
    words = {"letter": pane.letter, "name": pane.name, "source": pane.source, "problem": pane.problem}
    if pane.drawing is None:
        return words
    boxes = {name: vars(box) for name, box in pane.drawing.boxes.items()}
    marks = {name: vars(mark) for name, mark in pane.marks.items()}
    maps = {"maps": pane.maps} if pane.maps else {}
    return words | {"problem": "", "svg": pane.drawing.svg, "boxes": boxes, "marks": marks} | maps


def describe_comparison(panes: tuple[NetworkPane, ...], comparison: Comparison | None) -> dict[str, Any]:
    if comparison is None:
        return {"told": "", "pair": [], "changes": [], "steps": [], "links": {}}
    first, second = (panes[place].drawing for place in comparison.pair)
    assert isinstance(first, Pane) and isinstance(second, Pane)
    rows = [describe_change(change, first, second) for change in comparison.changes]
    return vars(comparison) | {"changes": rows}


def describe_change(change: Change, first: Pane, second: Pane) -> dict[str, Any]:
    def boxes(names: tuple[str, ...], pane: Pane) -> list[str]:
        return list(dict.fromkeys(filter(None, (pane.holder[name] for name in names))))

    words = {"status": change.status, "what": change.what, "where": change.where, "times": change.times}
    places = {"before": boxes(change.before, first), "after": boxes(change.after, second)}
    return words | places | asdict(change.costs)


def kind_colours() -> str:
    return "\n".join(f".viewer .kind-{kind} {{ --pure: {colour}; }}" for kind, colour in COLOURS.items())


COMPONENT = component(
    "network_viewer",
    html=read_files(f"{FOLDER}/viewer.html"),
    css=f"{kind_colours()}\n{read_files(f'{FOLDER}/viewer.css', f'{FOLDER}/diff_list.css')}",
    js=link_modules(f"{FOLDER}/viewer.js"),
)
