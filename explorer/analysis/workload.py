"""What kinds of work a network is made of, and how many numbers it moves."""

from collections import defaultdict
from collections.abc import Mapping
from math import prod

from explorer.graph.graph import Graph, Node

KINDS = {
    "attention": "attention",
    "linear": "linear layers",
    "norm": "norms",
    "activation": "activations",
    "pool": "pooling",
}
BETWEEN = "between the layers"  # additions, products, reshapes, and Python itself


def kind_of_work(node: Node) -> str:
    """As a processor sees it: convolutions differ by how much they reuse of what they read."""
    kind = node.kind
    if kind != "convolution" or not node.attribute("in_channels"):
        return KINDS.get(kind, BETWEEN)
    groups, window = node.attribute("groups", 1), prod(node.attribute("kernel_size", (1,)))
    if groups > 1:
        return "depthwise convolutions" if groups == node.attribute("in_channels") else "grouped convolutions"
    return "1×1 convolutions" if window == 1 else "full convolutions"


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
    return sum(touched(node, graph) for node in graph.nodes if not idle(node))


def touched(node: Node, graph: Graph) -> int:
    return prod(node.shape) + sum(prod(graph.by_name[name].shape) for name in node.inputs)


def idle(node: Node) -> bool:
    """The image is given; a view, and a dropout that drops nothing, only rename what is there."""
    return node.op == "Input" or (node.shares and node.kind in ("reshape", "dropout"))
