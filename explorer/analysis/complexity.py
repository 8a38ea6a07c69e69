"""How much there is to a network: layers with weights, its depth, and how many kinds of layers one has to know."""

from dataclasses import dataclass

from explorer.graph.graph import CONTAINER_CLASSES, Graph, Node
from explorer.graph.module_tree import does_nothing
from explorer.graph.outline import Outline, walk

WEIGHTED = ("convolution", "linear", "attention")  # norms and layer scales are not counted as layers, as in the papers

TRIVIAL = ("input", "reshape", "dropout")  # they move numbers or thin them out, and compute nothing new


def count_weighted_layers(graph: Graph) -> int:
    """Convolutions, linear layers and attention's projections, each set of weights once."""
    return len({name for node in graph.nodes for name in matrices(node)})


def network_depth(graph: Graph) -> int:
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


@dataclass(frozen=True)
class Simplicity:
    operations: tuple[str, ...]  # "Conv2d", "ReLU", "add", in the order they first run
    blocks: tuple[str, ...]  # "Bottleneck", "SqueezeExcitation"; plain sequences are none
    layers: int  # with weights, on all paths

    @property
    def things(self) -> int:
        return len(self.operations) + len(self.blocks)

    @property
    def words(self) -> str:
        blocks = kinds_of("block", self.blocks) if self.blocks else "no block"
        return f"{kinds_of('operation', self.operations)} and {blocks}"


def kinds_of(thing: str, names: tuple[str, ...]) -> str:
    return f"{len(names)} kind{'s' * (len(names) != 1)} of {thing} ({', '.join(names)})"


def simplicity(outline: Outline) -> Simplicity:
    blocks = (item.op for item in walk(outline.folded) if item.children and item.op not in CONTAINER_CLASSES)
    return Simplicity(operations(outline.graph), tuple(dict.fromkeys(blocks)), count_weighted_layers(outline.graph))


def operations(graph: Graph) -> tuple[str, ...]:
    ops = (node.op for node in graph.nodes if node.kind not in TRIVIAL and not does_nothing(node))
    return tuple(dict.fromkeys(op.rstrip("_") for op in ops))
