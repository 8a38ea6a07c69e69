"""What goes with a box of one picture in the other, and what became of what it holds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.diagram.side_by_side import Pane
from explorer.diff.layer_diff import Differing, Status

Links = dict[str, list[str]]
WORDS: dict[Status, str] = {
    "added": "added",
    "removed": "taken out",
    "changed": "changed",
    "moved": "moved",
    "same": "the same",
}


@dataclass(frozen=True)
class BoxMark:
    """What became of what a box holds."""

    status: Status
    note: str


def pane_marks(pane: Pane, statuses: Mapping[str, Status]) -> dict[str, BoxMark]:
    """For each box that does not hold the same as before: what became of it."""
    counted: dict[str, Counter[Status]] = {}
    for name, status in statuses.items():
        counted.setdefault(pane.holder[name], Counter())[status] += 1
    return {box: mark_of(counts) for box, counts in counted.items() if box and set(counts) != {"same"}}


def mark_of(counts: Counter[Status]) -> BoxMark:
    if len(counts) == 1:
        status = next(iter(counts))
        return BoxMark(status, WORDS[status])
    told = ", ".join(f"{counts[status]} {words}" for status, words in WORDS.items() if counts[status])
    return BoxMark("changed", f"inside {told}")


def box_links(one: Pane, other: Pane, found: Differing, forward: bool) -> Links:
    """For each box and frame of one picture, what goes with it in the other."""
    became = found.became if forward else {after: before for before, after in found.became.items()}
    boxes: dict[str, dict[str, None]] = {"input": {"input": None}, "output": {"output": None}}
    for name, there in became.items():
        boxes.setdefault(one.holder[name], {})[other.holder[there]] = None
    found_frames = {id: counterpart(names, other, became) for id, names in one.frames.items()}
    pairs = {id: list(there) for id, there in boxes.items() if id}
    return pairs | {id: [there] for id, there in found_frames.items() if there}


def counterpart(names: tuple[str, ...], other: Pane, became: Mapping[str, str]) -> str:
    """The frame of the other picture that holds most of what these nodes have become, and least besides."""
    there = {became[name] for name in names if name in became}
    shares = {id: len(there & set(held)) / len(there | set(held)) for id, held in other.frames.items() if there}
    best = max(shares, key=lambda id: shares[id], default="")
    return best if best and shares[best] > 0.3 else ""
