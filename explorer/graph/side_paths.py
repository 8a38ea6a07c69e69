"""Ways around: the shortcuts that end in an addition, and the gates that end in a multiplication."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from explorer.graph.graph import Graph, Node
from explorer.graph.module_tree import does_nothing, effective

Reads = Mapping[str, tuple[str, ...]]
Ends = tuple[str, str]

GATES = ("Sigmoid", "Hardsigmoid", "Softmax", "sigmoid", "hardsigmoid", "softmax")  # between 0 and 1: how much passes
PRODUCTS = ("mul", "imul", "rmul", "multiply")


@dataclass(frozen=True)
class SidePath:
    role: str  # "shortcut" or "gate"
    nodes: tuple[str, ...]  # from where it leaves the trunk, through what stands on it, to where it comes back

    @property
    def edges(self) -> tuple[Ends, ...]:
        return tuple(pairwise(self.nodes))

    @property
    def inside(self) -> tuple[str, ...]:
        return self.nodes[1:-1]


class Reach:
    """What leads to what: for each name a number with one bit for each of those above it."""

    def __init__(self, order: Sequence[str], reads: Mapping[str, Sequence[str]]) -> None:
        """`order` has each name after what it reads."""
        self.place = {name: 1 << index for index, name in enumerate(order)}
        self.above: dict[str, int] = {}
        for name in order:
            self.above[name] = 0
            for source in reads.get(name, ()):
                self.above[name] |= self.above[source] | self.place[source]

    def leads_to(self, source: str, target: str) -> bool:
        return bool(self.above[target] & self.place[source])


def side_paths(graph: Graph) -> tuple[SidePath, ...]:
    """All of them, in execution order.

    A shortcut leaves where the longer way begins that it is added to, and has fewer layers with weights: none, or one
    projection. A gate is what a map is multiplied by: numbers from a sigmoid, or
    fewer than the map has.
    """
    nodes = [node for node in graph.nodes if not does_nothing(node)]
    reads = {node.name: tuple(dict.fromkeys(effective(graph, name) for name in node.inputs)) for node in graph.nodes}
    readers = Counter(name for node in nodes for name in reads[node.name])
    reach = Reach(tuple(reads), reads)
    found: list[SidePath] = []
    for node in nodes:
        ways = [way_back(reads, readers, name, node.name) for name in reads[node.name]]
        if len(ways) < 2:
            continue
        if node.kind == "addition":
            found += (SidePath("shortcut", way) for way in shortcuts(graph, ways, reach))
        elif node.op in PRODUCTS:
            found += (SidePath("gate", way) for way in ways if is_gate(graph.by_name[way[-2]], node) and len(way) > 2)
    return tuple(found)


def shortcuts(graph: Graph, ways: list[tuple[str, ...]], reach: Reach) -> Iterator[tuple[str, ...]]:
    for way in ways:
        others = [other[-2] for other in ways if other is not way and reach.leads_to(way[0], other[-2])]
        weights = sum(graph.by_name[name].macs > 0 for name in way[1:-1])
        projection = weights <= 1 and any(weights_between(graph, reach, way[0], other) > weights for other in others)
        if others and (len(way) == 2 or projection):
            yield way


def weights_between(graph: Graph, reach: Reach, source: str, target: str) -> int:
    """Layers with multiply-adds on the ways from the one to the other, the latter included."""
    onward = (node.name for node in graph.nodes if node.macs and reach.leads_to(source, node.name))
    return sum(name == target or reach.leads_to(name, target) for name in onward)


def way_back(reads: Reads, readers: Mapping[str, int], name: str, end: str) -> tuple[str, ...]:
    """From an input of `end` back to the first node that others read too, that joins, or that reads nothing."""
    way = [end, name]
    while readers[name] == 1 and len(reads[name]) == 1:
        name = reads[name][0]
        way.append(name)
    return tuple(reversed(way))


def is_gate(source: Node, product: Node) -> bool:
    return source.op in GATES or prod(source.shape) < prod(product.shape)
