"""Where in the network the weights, the work and the outputs lie: the costs of its top parts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from explorer.graph.graph import Graph, Node


@dataclass(frozen=True)
class Costs:
    """Of one image, like everything here; of a difference, what came less what went."""

    params: int = 0
    macs: int = 0
    activations: int = 0  # numbers written: outputs with memory of their own

    def __add__(self, other: "Costs") -> "Costs":
        return Costs(self.params + other.params, self.macs + other.macs, self.activations + other.activations)

    def __sub__(self, other: "Costs") -> "Costs":
        return Costs(self.params - other.params, self.macs - other.macs, self.activations - other.activations)


def node_costs(node: Node | None) -> Costs:
    if node is None:
        return Costs()
    return Costs(node.params, node.macs, 0 if node.shares else prod(node.shape))


def total_costs(nodes: Iterable[Node]) -> Costs:
    return sum(map(node_costs, nodes), Costs())


def by_stage(graph: Graph) -> dict[str, Costs]:
    """By the network's own top parts, in the order they first run; "" gathers what runs outside of every part.

    A part that does nearly everything is opened into its own parts.
    """
    paths = {node.name: node.path for node in graph.nodes[1:]}
    while (shell := lone_shell(graph, paths)) is not None:
        paths = {name: path[1:] if path[:1] == (shell,) else path for name, path in paths.items()}
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes[1:]:
        groups.setdefault(next(iter(paths[node.name]), ""), []).append(node)
    return {path: total_costs(nodes) for path, nodes in groups.items()}


def lone_shell(graph: Graph, paths: dict[str, tuple[str, ...]]) -> str | None:
    """The outermost module that does more than nine tenths of the work, if it has parts of its own."""
    work: Counter[str] = Counter()
    for name, path in paths.items():
        if len(path) > 1:
            work[path[0]] += graph.by_name[name].macs
    return next((path for path, macs in work.items() if macs > 0.9 * graph.macs), None)
