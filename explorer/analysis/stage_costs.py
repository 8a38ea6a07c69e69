"""Where in the network the weights, the work and the outputs lie: the costs of its top parts."""

from collections import Counter
from dataclasses import dataclass
from math import prod

from explorer.graph.graph import Graph, Node


@dataclass(frozen=True)
class StageCost:
    """One of the network's own top parts and its share of the costs, for one image."""

    path: str  # "" gathers what runs outside of every part
    params: int
    macs: int
    activations: int  # numbers written: outputs with memory of their own


def by_stage(graph: Graph) -> tuple[StageCost, ...]:
    """The parts in the order they first run. A part that does nearly everything is opened into its own parts."""
    paths = {node.name: node.path for node in graph.nodes[1:]}
    while (shell := lone_shell(graph, paths)) is not None:
        paths = {name: path[1:] if path[:1] == (shell,) else path for name, path in paths.items()}
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes[1:]:
        groups.setdefault(next(iter(paths[node.name]), ""), []).append(node)
    return tuple(stage_cost(path, nodes) for path, nodes in groups.items())


def stage_cost(path: str, nodes: list[Node]) -> StageCost:
    written = sum(prod(node.shape) for node in nodes if not node.shares)
    return StageCost(path, sum(node.params for node in nodes), sum(node.macs for node in nodes), written)


def lone_shell(graph: Graph, paths: dict[str, tuple[str, ...]]) -> str | None:
    """The outermost module that does more than nine tenths of the work, if it has parts of its own."""
    work: Counter[str] = Counter()
    for name, path in paths.items():
        if len(path) > 1:
            work[path[0]] += graph.by_name[name].macs
    return next((path for path, macs in work.items() if macs > 0.9 * graph.macs), None)
