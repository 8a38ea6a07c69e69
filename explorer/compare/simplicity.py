"""How much there is to understand in a network: the kinds of operation and of block it is made of, counted.

An opinion would say that VGG is easy; this counts why: a network is easier to understand the fewer different things it
is made of. Sizes and repetitions do not count: a tenth convolution is nothing new.
"""

from dataclasses import dataclass

from explorer.depth import weighted_layers
from explorer.graph import Graph
from explorer.labels import PLAIN
from explorer.nesting import does_nothing
from explorer.outline import Outline, walk

TRIVIAL = ("input", "reshape", "dropout")  # they move numbers or thin them out, and compute nothing new


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
        blocks = (
            f"{plural(len(self.blocks), 'kind')} of block ({', '.join(self.blocks)})" if self.blocks else "no block"
        )
        return f"{plural(len(self.operations), 'kind')} of operation ({', '.join(self.operations)}) and {blocks}"


def plural(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def simplicity(outline: Outline) -> Simplicity:
    blocks = (item.op for item in walk(outline.folded) if item.children and item.op not in PLAIN)
    return Simplicity(operations(outline.graph), tuple(dict.fromkeys(blocks)), weighted_layers(outline.graph))


def operations(graph: Graph) -> tuple[str, ...]:
    told = (node.op for node in graph.nodes if node.kind not in TRIVIAL and not does_nothing(node))
    return tuple(dict.fromkeys(op.rstrip("_") for op in told))
