"""What differs between two networks: what became of each layer and of each box of a picture, and what that costs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from explorer.analysis.stage_costs import Costs, node_costs, total_costs
from explorer.diagram.side_by_side import Pane
from explorer.diff.alignment import Match, aligned, layer_facts
from explorer.graph.graph import Graph, Node
from explorer.graph.outline import Outline
from explorer.graph.segments import projections

Status = Literal["same", "added", "removed", "changed", "moved"]
WORDS: dict[Status, str] = {
    "added": "added",
    "removed": "taken out",
    "changed": "changed",
    "moved": "moved",
    "same": "the same",
}
Links = dict[str, list[str]]
MAY_MOVE = ("norm", "activation", "dropout")  # what is taken out in one place of a block and put in elsewhere


@dataclass(frozen=True)
class Pair:
    """A layer of the first network and what became of it in the second."""

    status: Status
    before: Node | None
    after: Node | None
    match: int  # which of `Differing.matches` it stands in

    @property
    def costs(self) -> Costs:
        return node_costs(self.after) - node_costs(self.before)

    @property
    def node(self) -> Node:
        """The layer as it is now, else as it was."""
        node = self.after or self.before
        assert node
        return node


@dataclass(frozen=True)
class Differing:
    first: Graph
    second: Graph
    matches: tuple[Match, ...]
    pairs: tuple[Pair, ...]  # in execution order

    @cached_property
    def status_before(self) -> dict[str, Status]:
        """Of each layer of the first network, by the node's name."""
        return {pair.before.name: pair.status for pair in self.pairs if pair.before}

    @cached_property
    def status_after(self) -> dict[str, Status]:
        return {pair.after.name: pair.status for pair in self.pairs if pair.after}

    @cached_property
    def became(self) -> dict[str, str]:
        """The node of the second network that each node of the first has become, where there is one."""
        return {pair.before.name: pair.after.name for pair in self.pairs if pair.before and pair.after}

    @cached_property
    def projections(self) -> tuple[frozenset[str], frozenset[str]]:
        return projections(self.first), projections(self.second)


def diff_outlines(first: Outline, second: Outline) -> Differing:
    """All of it sums up: what the pairs cost is what the second network costs more than the first."""
    matches = aligned(first, second)
    pairs = (pair for index, match in enumerate(matches) for pair in moved_pairs(list(paired(match, index))))
    return Differing(first.graph, second.graph, matches, tuple(pairs))


def paired(match: Match, index: int) -> Iterator[Pair]:
    for i, j in match.steps:
        before = match.before.nodes[i] if match.before and i is not None else None
        after = match.after.nodes[j] if match.after and j is not None else None
        yield Pair(pair_status(before, after), before, after, index)


def pair_status(before: Node | None, after: Node | None) -> Status:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    return "same" if layer_facts(before) == layer_facts(after) else "changed"


def moved_pairs(pairs: list[Pair]) -> list[Pair]:
    """What was taken out of a block and put in at another place of it counts as one layer that moved."""
    movable = [pair for pair in pairs if pair.node.kind in MAY_MOVE]
    gone = [pair for pair in movable if pair.status == "removed"]
    for pair in [pair for pair in movable if pair.status == "added"]:
        partner = next((each for each in gone if each.node.op == pair.node.op), None)
        if partner:
            gone.remove(partner)
            pairs[pairs.index(pair)] = Pair("moved", partner.before, pair.after, pair.match)
            pairs.remove(partner)
    return pairs


def costs_of(graph: Graph) -> Costs:
    """Of the whole network; the image itself costs nothing."""
    return total_costs(graph.operations)


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
