"""Where in the network the weights, the work and the outputs lie: costs by its parts and by the kind of work."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from explorer.graph.graph import Graph, Node

WORKS = {
    "attention": "attention",
    "linear": "linear layers",
    "norm": "norms",
    "activation": "activations",
    "pool": "pooling",
}
BETWEEN = "between the layers"  # additions, products, reshapes, and Python itself


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
    paths = {node.name: node.path for node in graph.operations}
    while (shell := lone_shell(graph, paths)) is not None:
        paths = {name: path[1:] if path[:1] == (shell,) else path for name, path in paths.items()}
    groups: dict[str, list[Node]] = {}
    for node in graph.operations:
        groups.setdefault(next(iter(paths[node.name]), ""), []).append(node)
    return {path: total_costs(nodes) for path, nodes in groups.items()}


def lone_shell(graph: Graph, paths: dict[str, tuple[str, ...]]) -> str | None:
    """The outermost module that does more than nine tenths of the work, if it has parts of its own."""
    work: Counter[str] = Counter()
    for name, path in paths.items():
        if len(path) > 1:
            work[path[0]] += graph.by_name[name].macs
    return next((path for path, macs in work.items() if macs > 0.9 * graph.macs), None)


def kind_of_work(node: Node) -> str:
    """As a processor sees it: convolutions differ by how much they reuse of what they read."""
    kind = node.kind
    if kind != "convolution" or not node.attribute("in_channels"):
        return WORKS.get(kind, BETWEEN)
    if node.attribute("groups", 1) > 1:
        return "depthwise convolutions" if node.depthwise else "grouped convolutions"
    return "1×1 convolutions" if prod(node.attribute("kernel_size", (1,))) == 1 else "full convolutions"


def macs_shares(graph: Graph) -> dict[str, float]:
    """Of all MACs, by the kind of work."""
    found: dict[str, float] = defaultdict(float)
    for node in graph.nodes:
        found[kind_of_work(node)] += node.macs / graph.macs if graph.macs else 0.0
    return dict(found)


def time_shares(graph: Graph, seconds: Mapping[str, float]) -> dict[str, float]:
    """Of the time of a pass, by the kind of work; `seconds` by the layer's path, "" being the whole pass."""
    whole = seconds.get("", 0.0)
    if not whole:
        return {}
    kinds = {node.path[-1]: kind_of_work(node) for node in graph.nodes if node.path}
    found: dict[str, float] = defaultdict(float)
    for path, spent in seconds.items():
        if path:
            found[kinds.get(path, BETWEEN)] += spent / whole
    found[BETWEEN] += max(0.0, 1 - sum(found.values()))
    return dict(found)


def touched_numbers(graph: Graph) -> int:
    """Every map is written once and read by each operation that takes it, as PyTorch runs a network: one operation
    after the other. Views move nothing; caches, which save some of the reading, and scratch memory are left out.
    """
    moved = ((node.name, *node.inputs) for node in graph.nodes if not idle(node))
    return sum(prod(graph.by_name[name].shape) for names in moved for name in names)


def idle(node: Node) -> bool:
    """The image is given; a view, and a dropout that drops nothing, only rename what is there."""
    return node.op == "Input" or (node.shares and node.kind in ("reshape", "dropout"))
