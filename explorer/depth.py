"""How many layers hold weights, and how many of them the longest way through the network passes."""

from explorer.graph import Graph, Node

WEIGHTED = ("convolution", "linear", "attention")  # norms and layer scales are not counted as layers, as in the papers


def weighted_layers(graph: Graph) -> int:
    """Convolutions, linear layers and attention's projections, each set of weights once."""
    return len({name for node in graph.nodes for name in matrices(node)})


def depth(graph: Graph) -> int:
    """The most weighted layers on any way from the input to the output: 50 in ResNet-50, which holds 54.

    A gate that a map is multiplied by is no part of the way, as its authors count: SE-ResNet-50 is 50 layers deep.
    """
    passed: dict[str, int] = {}
    for node in graph.nodes:
        joined = min if node.kind == "multiplication" else max
        before = joined((passed[name] for name in node.inputs), default=0)
        passed[node.name] = before + len(matrices(node))
    return passed[graph.nodes[-1].name]


def matrices(node: Node) -> list[str]:
    """The names of the weight matrices and filters that an operation multiplies by."""
    if node.kind not in WEIGHTED or not (node.macs or node.params):
        return []
    return [name for name, shape in node.weights if len(shape) > 1 and "bias" not in name.rsplit(".", 1)[-1]]
