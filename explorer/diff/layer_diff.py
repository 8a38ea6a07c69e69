"""What differs between two networks: each layer the same, added, taken out, changed or moved, and what that costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from explorer.analysis.stage_costs import Costs, node_costs, total_costs
from explorer.diff.alignment import Match, aligned
from explorer.graph.graph import Graph, Node
from explorer.graph.outline import Outline
from explorer.graph.segments import projections

Status = Literal["same", "added", "removed", "changed", "moved"]
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


def layer_facts(node: Node) -> tuple[object, ...]:
    weights = tuple(shape for _, shape in node.weights)
    return node.op, node.shape, node.params, node.macs, node.shares, weights, node.attributes


def moved_pairs(pairs: list[Pair]) -> list[Pair]:
    """What was taken out of a block and put in at another place of it counts as one layer that moved."""
    gone = [pair for pair in pairs if pair.status == "removed" and may_move(pair.before)]
    for pair in [pair for pair in pairs if pair.status == "added" and may_move(pair.after)]:
        partner = next((each for each in gone if same_layer(each.before, pair.after)), None)
        if partner:
            gone.remove(partner)
            pairs[pairs.index(pair)] = Pair("moved", partner.before, pair.after, pair.match)
            pairs.remove(partner)
    return pairs


def may_move(node: Node | None) -> bool:
    return node is not None and node.kind in MAY_MOVE


def same_layer(one: Node | None, other: Node | None) -> bool:
    return one is not None and other is not None and one.op == other.op


def costs_of(graph: Graph) -> Costs:
    """Of the whole network; the image itself costs nothing."""
    return total_costs(graph.nodes[1:])
